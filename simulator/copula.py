"""Rank correlation by a Gaussian copula, on the random words themselves.

A word keeps its place in the normal order, so a correlated prior is drawn like every other: with
Sobol points, choices, mixtures and all. Spearman's rho becomes 2 sin(pi rho / 6) between normals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .draws import tails
from .errors import InputError

Pairs = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Group:
    """Priors that are correlated with one another, in column order, and their Cholesky factor."""

    names: tuple[str, ...]
    cholesky: Any


def groups(pairs: Pairs, order: Sequence[str]) -> tuple[Group, ...]:
    """The connected groups of correlated priors; raises InputError naming the pair at fault."""
    if not pairs:
        return ()
    linked = {name: {name} for pair in pairs for name in pair}
    for a, b in pairs:
        joined = linked[a] | linked[b]
        for name in joined:
            linked[name] = joined
    unique = {tuple(sorted(names, key=list(order).index)) for names in linked.values()}
    return tuple(_group(names, pairs) for names in sorted(unique, key=lambda n: list(order).index(n[0])))


def _group(names: tuple[str, ...], pairs: Pairs) -> Group:
    import numpy as np

    matrix = np.eye(len(names))
    for (a, b), rho in pairs.items():
        if a in names:
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi * rho / 6.0)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < 1e-10:
        worst = np.outer(vectors[:, 0], vectors[:, 0]) * matrix
        np.fill_diagonal(worst, 0.0)
        i, j = sorted(divmod(int(np.argmin(worst)), len(names)))
        raise InputError(
            "the rank correlations cannot all hold (their matrix is not positive definite; pairs not given "
            f"count as 0): weaken '{names[i]}, {names[j]}'"
        )
    return Group(names, np.linalg.cholesky(matrix))


def correlate(group: Group, words: Mapping[str, Any]) -> dict[str, Any]:
    """Correlated words (int32, any shape) from independent ones, by name; the first is unchanged."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    normal = []
    for name in group.names:
        word = words[name]
        z = ndtri(tails(word))  # <= 0
        normal.append(np.where(word < 0, z, -z))
    result = {group.names[0]: words[group.names[0]]}
    for i, name in enumerate(group.names[1:], 1):
        z = sum(group.cholesky[i, j] * normal[j] for j in range(i + 1))
        size = np.minimum(ndtr(-np.abs(z)) * 2.0**32, 2.0**31 - 1).astype(np.int32)
        result[name] = np.where(z < 0, ~size, size)
    return result
