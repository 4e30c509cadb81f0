"""Samples: the draws of one quantity by replicate, kept and sorted, or counted into cells."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

SEGMENT = 4096  # draws that are summed together, whatever the block size


class Sample(Protocol):
    """The draws of one quantity, by replicate."""

    per_replicate: int
    replicates: int

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        """The quantile of all draws, and those of each replicate."""

    def above(self, threshold: float) -> np.ndarray:
        """How many draws of each replicate exceed the threshold."""

    def means(self) -> np.ndarray:
        """The mean of each replicate."""

    def top(self, count: int, sign: float) -> np.ndarray:
        """The largest `count` + 1 values of `sign` times the draws, sorted."""

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        """(low, high) of the narrowest interval, of all draws and of each replicate."""


def segment_sums(x: np.ndarray) -> np.ndarray:
    """Sums over whole segments of SEGMENT draws, then over what is left: the same for any blocks."""
    whole = len(x) // SEGMENT * SEGMENT
    sums = x[:whole].reshape(-1, SEGMENT).sum(axis=1)
    return np.append(sums, x[whole:].sum()) if whole < len(x) else sums


class Kept:
    """A sample whose draws are all in memory: rows are replicates, sorted in place."""

    def __init__(self, rows: np.ndarray, sums: np.ndarray | None = None):
        self.replicates, self.per_replicate = rows.shape
        self.sums = np.array([segment_sums(row) for row in rows]) if sums is None else sums
        self.rows = rows
        for row in rows:
            row.sort()

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        place = (self.per_replicate - 1) * p
        i = min(int(place), self.per_replicate - 2) if self.per_replicate > 1 else 0
        step = self.rows[:, min(i + 1, self.per_replicate - 1)] - self.rows[:, i]
        each = self.rows[:, i] + (place - i) * step
        place = (self.rows.size - 1) * p
        k = min(int(place), self.rows.size - 2)
        low, high = self._order_statistics(k)
        return low + (place - k) * (high - low), each

    def _order_statistics(self, k: int) -> tuple[float, float]:
        """The k-th and the next smallest of all draws, from a window of each sorted row."""
        n = self.per_replicate
        width = 64 + 4 * math.isqrt(n)
        middle = k // self.replicates
        while True:
            first, last = max(middle - width, 0), min(middle + width, n - 1)
            low = -np.inf if first == 0 else self.rows[:, first].max()
            high = np.inf if last == n - 1 else self.rows[:, last].min()
            ends = [(np.searchsorted(row, low, "left"), np.searchsorted(row, high, "right")) for row in self.rows]
            below = sum(int(a) for a, _ in ends)
            upto = sum(int(b) for _, b in ends)
            if below <= k and k + 1 < upto:
                inside = np.concatenate([row[a:b] for row, (a, b) in zip(self.rows, ends, strict=True)])
                inside.sort()
                return float(inside[k - below]), float(inside[k + 1 - below])
            width *= 4

    def above(self, threshold: float) -> np.ndarray:
        return np.array([self.per_replicate - np.searchsorted(row, threshold, "right") for row in self.rows])

    def means(self) -> np.ndarray:
        return self.sums.sum(axis=1) / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        each = min(count + 1, self.per_replicate)
        ends = self.rows[:, -each:] if sign > 0 else -self.rows[:, :each]
        return np.sort(ends, axis=None)[-count - 1 :]

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        everything = _narrowest(np.sort(self.rows, axis=None), prob)
        return np.array(everything), np.array([_narrowest(row, prob) for row in self.rows])


def _narrowest(x: np.ndarray, prob: float) -> tuple[float, float]:
    inside = min(math.floor(prob * len(x)), len(x) - 1)
    i = int(np.argmin(x[inside:] - x[: len(x) - inside]))
    return float(x[i]), float(x[i + inside])


class Counted:
    """A sample counted into cells of the float itself: 2048 to each octave, integers, order-free.

    An order statistic is at most one cell, 1 / 2048 of its octave, off the exact one, and about a
    fiftieth of that in the body of a smooth distribution. Octaves without draws take no memory.
    """

    SHIFT, OCTAVE = 41, 2048

    def __init__(self, replicates: int, per_replicate: int):
        self.replicates, self.per_replicate = replicates, per_replicate
        self._octaves: dict[int, np.ndarray] = {}
        self.sums = np.zeros((replicates, 0))  # over segments, set when all blocks are in

    @staticmethod
    def _ordered(bits: np.ndarray) -> np.ndarray:
        """Bits of a float as an integer in the order of the floats; its own inverse."""
        return bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))

    def add(self, replicate: int, x: np.ndarray) -> None:
        """Count a block of draws; blocks may come in any order."""
        cells = self._ordered(x.view(np.int64)) >> self.SHIFT
        first = int(cells.min()) // self.OCTAVE
        count = int(cells.max()) // self.OCTAVE + 1 - first
        counts = np.bincount(cells - first * self.OCTAVE, minlength=count * self.OCTAVE).reshape(count, -1)
        for i in np.flatnonzero(counts.any(axis=1)).tolist():
            if first + i not in self._octaves:
                self._octaves[first + i] = np.zeros((self.replicates, self.OCTAVE), dtype=np.int64)
            self._octaves[first + i][replicate] += counts[i]

    def _counts(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of the cells, ascending, and their counts by replicate."""
        octaves = sorted(self._octaves)
        cells = (np.array(octaves)[:, None] * self.OCTAVE + np.arange(self.OCTAVE)).ravel()
        return cells, np.concatenate([self._octaves[o] for o in octaves], axis=1)

    def _edge(self, cell: np.ndarray) -> np.ndarray:
        return self._ordered(np.asarray(cell, dtype=np.int64) << self.SHIFT).view(np.float64)

    def _values(self, cells: np.ndarray, counts: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """The order statistics of whole ranks (0 is the smallest), spread evenly in their cells."""
        total = np.cumsum(counts)
        i = np.minimum(np.searchsorted(total, ranks, "right"), len(total) - 1)
        share = (ranks - (total[i] - counts[i]) + 0.5) / np.maximum(counts[i], 1)
        low, high = self._edge(cells[i]), self._edge(cells[i] + 1)
        return low + np.minimum(share, 1.0) * (high - low)

    def _quantiles(self, cells: np.ndarray, counts: np.ndarray, p: np.ndarray) -> np.ndarray:
        place = (int(counts.sum()) - 1) * np.asarray(p)
        whole = np.floor(place)
        low, high = (self._values(cells, counts, whole + k) for k in (0, 1))
        return low + (place - whole) * (high - low)

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        cells, counts = self._counts()
        each = [self._quantiles(cells, row, np.array(p)) for row in counts]
        return float(self._quantiles(cells, counts.sum(axis=0), np.array(p))), np.array(each)

    def above(self, threshold: float) -> np.ndarray:
        cells, counts = self._counts()
        cell = int(self._ordered(np.array([threshold], dtype=float).view(np.int64))[0] >> self.SHIFT)
        low, high = self._edge(np.array([cell, cell + 1]))
        here = np.rint(counts[:, cells == cell].sum(axis=1) * (high - threshold) / (high - low))
        return counts[:, cells > cell].sum(axis=1) + here.astype(np.int64)

    def means(self) -> np.ndarray:
        return self.sums.sum(axis=1) / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        cells, counts = self._counts()
        size = self.replicates * self.per_replicate
        beyond = np.arange(min(count + 1, size))
        ranks = size - 1 - beyond if sign > 0 else beyond
        return np.sort(sign * self._values(cells, counts.sum(axis=0), ranks))

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        cells, counts = self._counts()
        grid = np.linspace(0.0, 1.0 - prob, 1025)

        def narrowest(row: np.ndarray) -> np.ndarray:
            low, high = (self._quantiles(cells, row, grid + shift) for shift in (0.0, prob))
            i = int(np.argmin(high - low))
            return np.array([low[i], high[i]])

        return narrowest(counts.sum(axis=0)), np.array([narrowest(row) for row in counts])
