"""Rank correlations between priors: read, checked, and the groups that they tie together."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import InputError, clean, nearest, quote
from ..compute.graph import Model
from .prior import wrong_grade

_KEYS = {"rho", "source", "grade", "note"}
Pair = tuple[str, str]


class Ties:
    """The correlations of the layers read so far, later ones winning: pair to (file, as written)."""

    def __init__(self) -> None:
        self.pairs: dict[Pair, tuple[str, object]] = {}

    def add(self, path: Path, table: Mapping[str, Any]) -> list[str]:
        """Lay a file's correlations over those before it; what is wrong with them."""
        mistakes = []
        for key, written in table.items():
            pair = tuple(sorted(part.strip() for part in key.split(",")))
            if len(pair) != 2 or pair[0] == pair[1]:
                mistakes.append(
                    f"{path}: correlations: {quote(key)} must name two different priors, "
                    'as in "parameters, dataset_multiplier" = 0.4'
                )
            elif self.pairs.get(pair, ("", 0))[0] == str(path):
                mistakes.append(f"{path}: correlations: {quote(key)} stands twice; give the pair once")
            else:
                self.pairs[pair] = (str(path), written)
        return mistakes

    def keep(self, known: Callable[[str], bool]) -> None:
        """Leave out the correlations of priors that are `known` otherwise: their uncertainty is another."""
        self.pairs = {pair: tie for pair, tie in self.pairs.items() if not any(map(known, pair))}

    def resolved(
        self, model: Model, mistakes: list[str], growths: Collection[str] = ()
    ) -> tuple[dict[Pair, float], dict[Pair, dict[str, str]]]:
        """Correlations of the model's priors and of `growths`, with sources and grades; mistakes go to the list."""
        pairs, grounds = dict[Pair, float](), dict[Pair, dict[str, str]]()
        for pair, (origin, written) in self.pairs.items():
            where = f"{origin}: correlations: '{', '.join(pair)}'"
            wrong, rho, ground = _read(where, written)
            unknown = [name for name in pair if name not in model.inputs and name not in growths]
            if unknown:
                wrong = [f"{where}: {unknown[0]!r} is no prior; {nearest(unknown[0], model.inputs)}"]
            mistakes += wrong
            if not wrong and rho != 0.0:
                pairs[pair] = rho
                if ground:
                    grounds[pair] = ground
        return pairs, grounds


def _read(where: str, written: object) -> tuple[list[str], float, dict[str, str]]:
    """What is wrong with a correlation as written, its value, and its source, grade and note."""
    wrong, ground, rho = list[str](), dict[str, str](), written
    if isinstance(written, dict):
        wrong += [
            f"{where}: {quote(key)} is not a key of a correlation; {nearest(key, _KEYS)}"
            for key in written
            if key not in _KEYS
        ]
        wrong += [f"{where}.{key}: is missing" for key in ("rho", "source", "grade") if key not in written]
        ground = {key: written[key] for key in ("source", "grade", "note") if key in written}
        wrong += [
            f"{where}.{key}: {quote(text)} is not a text"
            for key, text in ground.items()
            if not isinstance(text, str) or not text.strip()
        ]
        if grade := wrong_grade(ground.get("grade")):
            wrong.append(f"{where}.grade: {grade}")
        rho = written.get("rho", 0.0)
    if isinstance(rho, bool) or not isinstance(rho, int | float) or not -1.0 < rho < 1.0:
        wrong.append(f"{where}: {quote(rho)} is not a rank correlation: a number between -1 and 1")
        rho = 0.0
    return wrong, float(rho), {key: clean(text) for key, text in ground.items() if isinstance(text, str)}


Pairs = Mapping[tuple[str, str], float]


class Group(NamedTuple):
    """Priors that are correlated with one another, in column order, and their Cholesky factor."""

    names: tuple[str, ...]
    cholesky: np.ndarray


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
    own = {names: tuple((pair, rho) for pair, rho in pairs.items() if pair[0] in names) for names in unique}
    return tuple(_group(names, own[names]) for names in sorted(unique, key=lambda n: list(order).index(n[0])))


@lru_cache(maxsize=256)
def _group(names: tuple[str, ...], pairs: tuple[tuple[Pair, float], ...]) -> Group:
    asked, matrix = np.eye(len(names)), np.eye(len(names))
    for (a, b), rho in pairs:
        if a in names:
            i, j = names.index(a), names.index(b)
            asked[i, j] = asked[j, i] = rho
            matrix[i, j] = matrix[j, i] = 2.0 * math.sin(math.pi * rho / 6.0)  # between the normals (Kruskal 1958)
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < 1e-10:
        worst = np.outer(vectors[:, 0], vectors[:, 0]) * matrix
        np.fill_diagonal(worst, 0.0)
        i, j = sorted(divmod(int(np.argmin(worst)), len(names)))
        possible = float(np.linalg.eigvalsh(asked)[0]) > 1e-10
        why = (
            "no Gaussian copula has these rank correlations (their matrix is positive definite, but that of "
            "2 sin(pi rho / 6) is not"
            if possible
            else "the rank correlations cannot all hold (their matrix is not positive definite"
        )
        raise InputError(f"{why}; pairs not given count as 0): weaken '{names[i]}, {names[j]}'")
    return Group(names, np.linalg.cholesky(matrix))
