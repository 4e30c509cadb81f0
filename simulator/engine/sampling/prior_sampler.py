"""PriorSampler: the draws of a prior set, from its named points to values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ...base.threads import keep_memory
from ...compute.columns import column
from ...priors.prior_set import PriorSet
from . import points
from .copula import correlate
from .points import ALL, Rows
from .quantile_table import Draw, drawer

SECOND = "'64"  # behind the names of priors in a second set of worlds


class PriorSampler:
    """The uncertain priors of a set under one seed: points and values of any replicate and block.

    `names` are the priors that will be drawn (default: all uncertain ones); those that are correlated
    with them come along. `second` moves every prior to another Sobol column with a scramble of its
    own: an independent second set of worlds.
    """

    def __init__(
        self,
        priors: PriorSet,
        seed: int,
        sampler: str,
        exact: bool = False,
        names: Iterable[str] | None = None,
        second: bool = False,
    ):
        self.priors = priors
        asked = set(priors.uncertain if names is None else names)
        self.groups = tuple(g for g in priors.groups if asked & set(g.names))
        needed = asked.union(*(g.names for g in self.groups))
        self.names = [n for n in priors.uncertain if n in needed]
        self._tied = {n: g.names for g in self.groups for n in g.names}
        self._tag = SECOND if second else ""
        own = priors.model.own
        columns = {n + self._tag: column(n, own, second) for n in self.names}
        self._points = points.points(sampler, seed, columns)
        self._draw: dict[str, Draw] = {n: drawer(priors.prior(n).distribution, exact) for n in self.names}

    def points(self, names: Sequence[str], replicate: Rows, start: int, count: int) -> dict[str, np.ndarray]:
        """The (correlated) points of the named priors, int32."""
        found = {n: self._points.block(n + self._tag, replicate, start, count) for n in names}
        for group in self.groups:
            if not set(group.names).isdisjoint(names):
                missing = [n for n in group.names if n not in found]
                found |= {n: self._points.block(n + self._tag, replicate, start, count) for n in missing}
                found |= correlate(group, found)
        return {n: found[n] for n in names}

    def block(self, replicate: Rows, start: int, count: int) -> Callable[[str], np.ndarray]:
        """A function from a prior's name to its values, float64, in a block: each is drawn when it is asked for.

        They are of shape (draw), and of all replicates (replicate, draw).
        """
        correlated: dict[str, np.ndarray] = {}

        def value(name: str) -> np.ndarray:
            if name not in self._tied:
                return self._draw[name](self._points.block(name + self._tag, replicate, start, count))
            if name not in correlated:
                correlated.update(self.points(self._tied[name], replicate, start, count))
            return self._draw[name](correlated[name])

        return value

    def values(self, points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The values that points stand for, float64."""
        return {n: self._draw[n](w) for n, w in points.items()}

    def first(self, count: int, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        """Points (replicate, draw) of the first `count` draws of each replicate."""
        keep_memory()  # what is computed from these points is as large
        chosen = self.names if names is None else list(names)
        return self.points(chosen, ALL, 0, count)


def known(priors: PriorSet) -> dict[str, Any]:
    """The values of the priors that are not drawn."""
    return {n: p.distribution.value for n, p in priors.priors.items() if not p.uncertain}
