"""Quantile functions as tables over random points: every family at one price.

Cells shrink into both tails: CELLS to each octave of the tail probability. In a cell the value is
linear in the point, at most 5e-6 off the quantile, relative to max(|x|, interquartile range).
Cells in which it would be more, and those that hold a jump, are resolved exactly.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from ...distributions.families import Distribution
from ...distributions.random_variable import RandomVariable, fixed
from .points import tails

CELLS, OCTAVES = 256, 32
TOLERANCE = 4.9e-6
_SHIFT = 44  # 52 bits of mantissa, of which the upper 8 number the cells of an octave
_FIRST = 1022 * CELLS  # the cell of |s + 1/2| = 1/2
_COUNT = CELLS * OCTAVES
Draw = Callable[[np.ndarray], np.ndarray]


def exactly(distribution: Distribution, points: np.ndarray, special: bool = True) -> np.ndarray:
    """The quantile function itself at each point; `special` asks for scipy.special."""
    rv = distribution.as_rv()
    quantile = rv.ppf_exact if special else rv.ppf
    upper, p = points >= 0, tails(points)
    values = np.empty(points.shape)
    values[upper] = quantile(p[upper], True)
    values[~upper] = quantile(p[~upper], False)
    return values


def _edges() -> np.ndarray:
    octave = 2.0 ** np.arange(-1, OCTAVES - 1)[:, None]
    inner = (octave * (1.0 + np.arange(CELLS) / CELLS)).ravel()
    return np.append(inner, 2.0 ** (OCTAVES - 1))


EDGES = _edges()


@cache
def _places(share: float) -> np.ndarray:
    """The tail probabilities of the points at a share of the way through each cell; 0 has the last edge as well."""
    return fixed((EDGES if share == 0.0 else EDGES[:-1] + share * np.diff(EDGES)) / 2.0**32)


class QuantileTable:
    """Values from points of one distribution: `table(points)` has the shape of `points`, in float64."""

    def __init__(self, distribution: Distribution):
        self.distribution = distribution
        rv = distribution.as_rv()
        spread = float(rv.ppf(0.25, True) - rv.ppf(0.25, False))
        with np.errstate(all="ignore"):
            at, by, rough = zip(*(self._side(rv, upper, spread) for upper in (True, False)), strict=True)
        self._at, self._by = self._spread(*at), self._spread(*by)
        self._rough = self._spread(*rough) if any(side.any() for side in rough) else None

    @staticmethod
    def _spread(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """An array that the upper bits of a float index as they are, negative ones from its end.

        Almost all of it is never touched, and so takes no memory: only the two tails' cells do.
        """
        length = _FIRST + _COUNT + (1 << 19) - _FIRST
        spread = np.frombuffer(mmap.mmap(-1, length * upper.itemsize), dtype=upper.dtype)
        spread[_FIRST : _FIRST + _COUNT] = upper
        spread[_FIRST - (1 << 19) :][:_COUNT] = lower
        return spread

    @staticmethod
    def _side(rv: RandomVariable, upper: bool, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value at s = 0, slope and roughness of the cells of one tail."""
        x = rv.ppf_fast(_places(0.0), upper)
        rough = QuantileTable._rough_cells(rv, upper, x, spread)
        slope = np.diff(x) / np.diff(EDGES)
        start = x[:-1] - slope * EDGES[:-1]
        flat = np.diff(x) == 0.0
        start, slope = np.where(flat, x[:-1], start), np.where(flat, 0.0, slope)
        start, slope = np.where(rough, 0.0, start), np.where(rough, 0.0, slope)
        return start, slope if upper else -slope, rough

    @staticmethod
    def _rough_cells(rv: RandomVariable, upper: bool, x: np.ndarray, spread: float) -> np.ndarray:
        """Cells in which a line would be too far off, or would pass through values that are not held."""
        least = np.where(np.sign(x[1:]) == np.sign(x[:-1]), np.minimum(np.abs(x[1:]), np.abs(x[:-1])), 0.0)
        allowed = TOLERANCE * np.maximum(least, spread)
        rough = ~np.isfinite(x[1:] - x[:-1])
        for share in (0.5,) if rv.continuous else (0.25, 0.5, 0.75):
            between = rv.ppf_fast(_places(share), upper)
            rough |= ~(np.abs(between - ((1.0 - share) * x[:-1] + share * x[1:])) <= allowed)
        atoms = rv.atoms()
        if len(atoms):
            low, high = np.minimum(x[1:], x[:-1]), np.maximum(x[1:], x[:-1])
            holds = np.searchsorted(atoms, low, "left") < np.searchsorted(atoms, high, "right")
            rough |= holds & (high > low)
        return rough

    def __call__(self, points: np.ndarray) -> np.ndarray:
        place = points.astype(np.float64)
        place += 0.5
        cell = place.view(np.int64) >> _SHIFT
        place *= self._by.take(cell)
        place += self._at.take(cell)
        if self._rough is not None:
            rough = self._rough[cell]
            if rough.any():
                place[rough] = exactly(self.distribution, points[rough], special=False)
        return place


def drawer(distribution: Distribution, exact: bool) -> Draw:
    """A function from points to values: the table, or the exact quantile function."""
    if exact:
        return lambda points: exactly(distribution, points)
    return _table(distribution)


@lru_cache(maxsize=64)
def _table(distribution: Distribution) -> QuantileTable:
    return QuantileTable(distribution)
