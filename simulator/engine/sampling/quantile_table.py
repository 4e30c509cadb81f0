"""Quantile functions as tables over random points: every family at one price.

Cells shrink into both tails: CELLS to each octave of the tail probability. In a cell the value is
linear in the point, at most 5e-6 off the quantile, relative to max(|x|, interquartile range).
Cells in which it would be more, and those that hold a jump, are resolved exactly.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock

import numpy as np

from ...distributions.families import Distribution
from ...distributions.random_variable import fixed
from .points import tails

CELLS, OCTAVES = 256, 32
TOLERANCE = 4.9e-6
_SHIFT = np.uint64(44)  # 52 bits of mantissa, of which the upper 8 number the cells of an octave
_FIRST = 1022 * CELLS  # the cell of |s + 1/2| = 1/2
_BELOW = 1 << 19  # how far the cells of negative numbers lie from those of positive ones: their sign is the first bit
PARTS = [slice(CELLS * a, CELLS * b) for a, b in ((0, 8), (8, 16), (16, OCTAVES))]  # filled from the last on
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
def _places(share: float, part: slice) -> np.ndarray:
    """The tail probabilities of the points at a share of the way through cells; 0 has the last edge as well."""
    edges = EDGES[part.start : part.stop + 1]
    return fixed((edges if share == 0.0 else edges[:-1] + share * np.diff(edges)) / 2.0**32)


class QuantileTable:
    """Values from points of one distribution: `table(points)` has the shape of `points`, in float64.

    The cells of a part of the octaves are filled when a point first lies in it: few runs reach the deepest.
    """

    def __init__(self, distribution: Distribution):
        self.distribution = distribution
        self._rv = distribution.as_rv()
        self._spread = float(self._rv.ppf(0.25, True) - self._rv.ppf(0.25, False))
        self._at, self._by = _indexed(float), _indexed(float)
        for side in self._sides(slice(0, PARTS[-1].start)):
            self._at[side] = np.nan  # of cells that are not filled
        self._rough: np.ndarray | None = None
        self._lock, self._parts = Lock(), list(PARTS)
        self._fill()

    @staticmethod
    def _sides(cells: slice) -> tuple[slice, slice]:
        """Where cells of the upper and of the lower tail are held."""
        upper, lower = (slice(at + cells.start, at + cells.stop) for at in (_FIRST, _FIRST + _BELOW))
        return upper, lower

    def _fill(self) -> None:
        """Fill the cells of one part more."""
        part = self._parts[-1]
        with np.errstate(all="ignore"):
            for upper, held in zip((True, False), self._sides(part), strict=True):
                start, slope, rough = self._side(part, upper)
                if rough.any():
                    if self._rough is None:
                        self._rough = _indexed(bool)
                    self._rough[held] = rough
                self._by[held] = slope
                self._at[held] = start  # last: another thread reads it first
        self._parts.pop()

    def _side(self, part: slice, upper: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Value at s = 0, slope and roughness of cells of one tail."""
        edges = EDGES[part.start : part.stop + 1]
        x = self._rv.ppf_fast(_places(0.0, part), upper)
        rough = self._rough_cells(part, upper, x)
        slope = np.diff(x) / np.diff(edges)
        start = x[:-1] - slope * edges[:-1]
        flat = np.diff(x) == 0.0
        start, slope = np.where(flat, x[:-1], start), np.where(flat, 0.0, slope)
        start, slope = np.where(rough, 0.0, start), np.where(rough, 0.0, slope)
        return start, slope if upper else -slope, rough

    def _rough_cells(self, part: slice, upper: bool, x: np.ndarray) -> np.ndarray:
        """Cells in which a line would be too far off, or would pass through values that are not held."""
        rv = self._rv
        least = np.where(np.sign(x[1:]) == np.sign(x[:-1]), np.minimum(np.abs(x[1:]), np.abs(x[:-1])), 0.0)
        allowed = TOLERANCE * np.maximum(least, self._spread)
        rough = ~np.isfinite(x[1:] - x[:-1])
        for share in (0.5,) if rv.continuous else (0.25, 0.5, 0.75):
            between = rv.ppf_fast(_places(share, part), upper)
            rough |= ~(np.abs(between - ((1.0 - share) * x[:-1] + share * x[1:])) <= allowed)
        atoms = rv.atoms()
        if len(atoms):
            low, high = np.minimum(x[1:], x[:-1]), np.maximum(x[1:], x[:-1])
            holds = np.searchsorted(atoms, low, "left") < np.searchsorted(atoms, high, "right")
            rough |= holds & (high > low)
        return rough

    def __call__(self, points: np.ndarray) -> np.ndarray:
        whole = not self._parts  # before the cells are read: another thread may fill the last of them meanwhile
        place = points.astype(np.float64)
        place += 0.5
        cell = (place.view(np.uint64) >> _SHIFT).view(np.int64)  # of random signs: negative indices take much longer
        start = self._at.take(cell, mode="clip")  # first: what is filled meanwhile is not a number in it
        place *= self._by.take(cell, mode="clip")
        place += start
        if not whole and place.size and np.isnan(place.min()):
            with self._lock:
                while self._parts and np.isnan(self._at.take(cell).min()):
                    self._fill()
            return self(points)
        if self._rough is not None:
            rough = self._rough.take(cell, mode="clip")
            if rough.any():
                place[rough] = exactly(self.distribution, points[rough], special=False)
        return place


def _indexed(kind: type) -> np.ndarray:
    """An array of zeros that the upper bits of a float index as they are.

    Almost all of it is never touched, and so takes no memory: only the two tails' cells do.
    """
    return np.frombuffer(mmap.mmap(-1, 2 * _BELOW * np.dtype(kind).itemsize), dtype=kind)


def drawer(distribution: Distribution, exact: bool) -> Draw:
    """A function from points to values: the table, or the exact quantile function."""
    if exact:
        return lambda points: exactly(distribution, points)
    return _table(distribution)


@lru_cache(maxsize=64)
def _table(distribution: Distribution) -> QuantileTable:
    return QuantileTable(distribution)
