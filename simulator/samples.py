"""Samples: the draws of one quantity by replicate, kept and sorted, or counted into cells."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from .errors import InputError

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

    A quantile lies in the cell of the exact order statistic, so at most 1 / 2048 of it away, and
    about a fiftieth of that in the body of a smooth distribution.
    """

    SHIFT = 41
    WIDEST, PAD = 1 << 22, 4096

    def __init__(self, replicates: int, per_replicate: int):
        self.replicates, self.per_replicate = replicates, per_replicate
        self._first = 0
        self._counts = np.zeros((replicates, 0), dtype=np.int64)
        self.sums = np.zeros((replicates, 0))  # over segments, set when all blocks are in

    @staticmethod
    def _ordered(bits: np.ndarray) -> np.ndarray:
        return bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))

    def add(self, replicate: int, x: np.ndarray) -> None:
        """Count a block of draws; blocks may come in any order."""
        cells = self._ordered(x.view(np.int64)) >> self.SHIFT
        low, high = int(cells.min()), int(cells.max()) + 1
        self._cover(low, high)
        counts = np.bincount(cells - low, minlength=high - low)
        self._counts[replicate, low - self._first : high - self._first] += counts

    def _cover(self, low: int, high: int) -> None:
        if self._counts.shape[1] == 0:
            self._first, width = low - self.PAD, high - low + 2 * self.PAD
        else:
            first = min(self._first, low - self.PAD if low < self._first else low)
            last = self._first + self._counts.shape[1]
            width = max(last, high + self.PAD if high > last else high) - first
            if first == self._first and width == self._counts.shape[1]:
                return
            if width > self.WIDEST:
                raise InputError("draws of one quantity span zero and too many powers of two to be counted; "
                                 "take fewer draws")  # fmt: skip
            old, offset = self._counts, self._first - first
            self._first = first
            self._counts = np.zeros((self.replicates, width), dtype=np.int64)
            self._counts[:, offset : offset + old.shape[1]] = old
            return
        self._counts = np.zeros((self.replicates, width), dtype=np.int64)

    def _edge(self, cell: np.ndarray | int) -> Any:
        bits = np.asarray(np.asarray(cell, dtype=np.int64) + self._first) << self.SHIFT
        return self._ordered(bits).view(np.float64)

    def _place(self, cumulative: np.ndarray, rank: float) -> float:
        """The value at a fractional rank (0 is the smallest draw)."""
        i = min(int(np.searchsorted(cumulative, rank, "right")), len(cumulative) - 1)
        before = int(cumulative[i - 1]) if i else 0
        share = (rank - before + 0.5) / max(int(cumulative[i]) - before, 1)
        low, high = float(self._edge(i)), float(self._edge(i + 1))
        return low + min(share, 1.0) * (high - low)

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        total = np.cumsum(self._counts.sum(axis=0))
        each = [self._place(np.cumsum(row), (self.per_replicate - 1) * p) for row in self._counts]
        return self._place(total, (self.replicates * self.per_replicate - 1) * p), np.array(each)

    def above(self, threshold: float) -> np.ndarray:
        cell = int(self._ordered(np.array([threshold], dtype=float).view(np.int64))[0] >> self.SHIFT) - self._first
        cell = min(max(cell, -1), self._counts.shape[1])
        beyond = self._counts[:, cell + 1 :].sum(axis=1)
        if 0 <= cell < self._counts.shape[1]:
            low, high = float(self._edge(cell)), float(self._edge(cell + 1))
            part = (high - threshold) / (high - low)
            beyond = beyond + np.rint(self._counts[:, cell] * part).astype(np.int64)
        return beyond

    def means(self) -> np.ndarray:
        return self.sums.sum(axis=1) / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        counts = self._counts.sum(axis=0)[:: -1 if sign > 0 else 1]
        last = int(np.searchsorted(np.cumsum(counts), count + 1)) + 1
        cells = np.arange(len(counts))[:: -1 if sign > 0 else 1][:last]
        low, high = self._edge(cells), self._edge(cells + 1)
        parts = [a + (np.arange(n) + 0.5) / n * (b - a)
                 for a, b, n in zip(low, high, counts[:last], strict=True) if n]  # fmt: skip
        return np.sort(sign * np.concatenate(parts))[-count - 1 :]

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        grid = np.linspace(0.0, 1.0 - prob, 257)

        def narrowest(counts: np.ndarray, size: int) -> tuple[float, float]:
            total = np.cumsum(counts)
            ends = [(self._place(total, (size - 1) * g), self._place(total, (size - 1) * (g + prob))) for g in grid]
            return min(ends, key=lambda end: end[1] - end[0])

        everything = narrowest(self._counts.sum(axis=0), self.replicates * self.per_replicate)
        return np.array(everything), np.array([narrowest(row, self.per_replicate) for row in self._counts])
