"""Samples: the draws of one quantity by replicate, kept and sorted, or counted into cells."""

from __future__ import annotations

import math
from itertools import pairwise
from threading import Lock
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
        k = min(int(place), max(self.rows.size - 2, 0))
        low, high = self._order_statistics(k)
        return low + (place - k) * (high - low), each

    def _order_statistics(self, k: int) -> tuple[float, float]:
        """The k-th and the next smallest of all draws, from a window of each sorted row."""
        n = self.per_replicate
        if self.rows.size == 1:
            return float(self.rows[0, 0]), float(self.rows[0, 0])
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


class _Octave:
    """Counts by replicate of the cells of one octave, and the smallest and largest draw of each."""

    def __init__(self, replicates: int, cells: int):
        self.counts = np.zeros((replicates, cells), dtype=np.int64)
        self.low, self.high = np.full(cells, np.inf), np.full(cells, -np.inf)


class Counted:
    """A sample counted into cells of the float itself: 2048 to each octave, integers, order-free.

    Each cell keeps its smallest and largest draw, between which the others are spread evenly: a value
    that many draws share is exact, and any other at most one cell, 1 / 2048 of its octave, off (about a
    fiftieth of that in the body of a smooth distribution). Octaves without draws take no memory.
    """

    SHIFT, OCTAVE = 41, 2048

    def __init__(self, replicates: int, per_replicate: int):
        self.replicates, self.per_replicate = replicates, per_replicate
        self._octaves: dict[int, _Octave] = {}
        self._lock = Lock()
        self.sums = np.zeros((replicates, 0))  # over segments, set when all blocks are in

    @classmethod
    def _cell(cls, x: np.ndarray) -> np.ndarray:
        """The number of the cell of each value: the upper bits of the float, in the floats' order."""
        bits = np.ascontiguousarray(x, dtype=float).view(np.int64)
        return (bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))) >> cls.SHIFT

    def add(self, replicate: int, x: np.ndarray) -> None:
        """Count a block of draws; blocks may come in any order, and from several threads."""
        x = np.sort(x)
        x += 0.0  # a negative zero is a zero
        cells = self._cell(x)
        starts = np.concatenate([[0], np.flatnonzero(cells[1:] != cells[:-1]) + 1])
        ends = np.append(starts[1:], len(x))
        low, high, counts, cells = x[starts], x[ends - 1], ends - starts, cells[starts]
        octaves = cells // self.OCTAVE
        cuts = np.concatenate([[0], np.flatnonzero(octaves[1:] != octaves[:-1]) + 1, [len(octaves)]]).tolist()
        with self._lock:
            for i, j in pairwise(cuts):
                octave = int(octaves[i])
                place = cells[i:j] - octave * self.OCTAVE
                if octave not in self._octaves:
                    self._octaves[octave] = _Octave(self.replicates, self.OCTAVE)
                into = self._octaves[octave]
                into.counts[replicate, place] += counts[i:j]
                into.low[place] = np.minimum(into.low[place], low[i:j])
                into.high[place] = np.maximum(into.high[place], high[i:j])

    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The smallest and largest draw of each cell, ascending, and the counts by replicate."""
        octaves = [self._octaves[o] for o in sorted(self._octaves)]
        low, high = (np.concatenate([getattr(o, end) for o in octaves]) for end in ("low", "high"))
        counts = np.concatenate([o.counts for o in octaves], axis=1)
        held = low <= high
        return low[held], high[held], counts[:, held]

    @staticmethod
    def _values(low: np.ndarray, high: np.ndarray, counts: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """The order statistics of whole ranks (0 is the smallest), spread evenly in their cells."""
        total = np.cumsum(counts)
        i = np.minimum(np.searchsorted(total, ranks, "right"), len(total) - 1)
        share = (ranks - (total[i] - counts[i])) / np.maximum(counts[i] - 1, 1)
        return low[i] + np.clip(share, 0.0, 1.0) * (high[i] - low[i])

    def _quantiles(self, low: np.ndarray, high: np.ndarray, counts: np.ndarray, p: np.ndarray) -> np.ndarray:
        place = (int(counts.sum()) - 1) * np.asarray(p)
        whole = np.floor(place)
        first, second = (self._values(low, high, counts, whole + k) for k in (0, 1))
        return first + (place - whole) * (second - first)

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        low, high, counts = self._cells()
        each = [self._quantiles(low, high, row, np.array(p)) for row in counts]
        return float(self._quantiles(low, high, counts.sum(axis=0), np.array(p))), np.array(each)

    def above(self, threshold: float) -> np.ndarray:
        low, high, counts = self._cells()
        partly = (low <= threshold) & (high > threshold)
        part = (high[partly] - threshold) / (high[partly] - low[partly])
        here = np.rint((counts[:, partly] * part).sum(axis=1)).astype(np.int64)
        return counts[:, low > threshold].sum(axis=1) + here

    def means(self) -> np.ndarray:
        return self.sums.sum(axis=1) / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        low, high, counts = self._cells()
        size = self.replicates * self.per_replicate
        beyond = np.arange(min(count + 1, size))
        ranks = size - 1 - beyond if sign > 0 else beyond
        return np.sort(sign * self._values(low, high, counts.sum(axis=0), ranks))

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        low, high, counts = self._cells()
        grid = np.linspace(0.0, 1.0 - prob, 1025)

        def narrowest(row: np.ndarray) -> np.ndarray:
            first, last = (self._quantiles(low, high, row, grid + shift) for shift in (0.0, prob))
            i = int(np.argmin(last - first))
            return np.array([first[i], last[i]])

        return narrowest(counts.sum(axis=0)), np.array([narrowest(row) for row in counts])
