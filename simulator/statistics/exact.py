"""A sample whose draws are all at hand: order statistics are exact."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from .sample import between, ordered_bits, segment_sums

FEW = 1 << 14  # draws that are sorted as fast as they are counted, also where sorting is slow


class ExactSample:
    """A sample whose draws are all in memory: rows are replicates.

    Order statistics are exact. The draws are counted once into cells of the floats' own bits; what is
    asked for is then picked out of the few cells that hold it, which is several times less work than to
    sort them all; few draws are sorted.
    """

    smooth = False

    def __init__(self, rows: np.ndarray, totals: np.ndarray | None = None):
        self.replicates, self.per_replicate = rows.shape
        self.cells = 1 << min(max(self.per_replicate.bit_length() - 2, 4), 13)
        self.totals = np.array([np.cumsum(segment_sums(row))[-1] for row in rows]) if totals is None else totals
        self.rows = rows
        self._found: dict[float, tuple[float, np.ndarray]] = {}
        self._tops: dict[tuple[int, float], np.ndarray] = {}

    @cached_property
    def ordered(self) -> np.ndarray:
        """The rows, each sorted."""
        return np.sort(self.rows, axis=1)

    @cached_property
    def _together(self) -> np.ndarray:
        """All draws, sorted."""
        return np.sort(self.rows, axis=None)

    @cached_property
    def _grid(self) -> tuple[int, int]:
        """The smallest value's bits, and by how many they are shifted so that there are not too many cells."""
        ends = np.array([self.rows.min(), self.rows.max()]) + 0.0
        first, last = ordered_bits(ends).tolist()
        return first, max((last - first).bit_length() - self.cells.bit_length() + 1, 0)

    def _cells(self, row: np.ndarray) -> np.ndarray:
        first, shift = self._grid
        bits = row.view(np.int64) if first > 0 else ordered_bits(row + 0.0)
        cells = bits.view(np.uint64) - np.uint64(first % 2**64)  # a difference of bits may need all 64
        cells >>= np.uint64(shift)
        return cells.view(np.int64)

    @cached_property
    def _below(self) -> np.ndarray:
        """How many draws of each row, and of all in the last row, lie in lower cells: (replicate + 1, cell + 1)."""
        below = np.zeros((self.replicates + 1, self.cells + 1), dtype=np.int64)
        for row, counts in zip(self.rows, below, strict=False):
            counts[1:] = np.bincount(self._cells(row), minlength=self.cells).cumsum()
        below[-1] = below[:-1].sum(axis=0)
        return below

    def _pick(self, wanted: np.ndarray) -> list[np.ndarray]:
        """The draws of each row in the wanted cells (a mask), each sorted."""
        return [np.sort(row[wanted[self._cells(row)]]) for row in self.rows]

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Find quantiles, and the outermost draws, in one pass; `quantile` and `top` have them at hand then."""
        new = [p for p in dict.fromkeys(probabilities) if p not in self._found]
        beyond = 0 if (beyond, 1.0) in self._tops else beyond
        if not new and not beyond:
            return
        ranks, all_ranks = self._ranks(self.per_replicate, new), self._ranks(self.rows.size, new)
        size = min(beyond + 1, self.rows.size) if beyond else 0
        if self.rows.size <= FEW:
            each, every = self.ordered[:, ranks], self._together[all_ranks]
            low_end, high_end = self._together[:size], self._together[self.rows.size - size :]
        else:
            each, every, low_end, high_end = self._searched(ranks, all_ranks, size)
        if beyond:
            self._tops |= {(beyond, 1.0): high_end, (beyond, -1.0): -low_end[::-1]}
        for i, p in enumerate(new):
            low, high = each[:, 2 * i : 2 * i + 2].T
            first, second = every[2 * i : 2 * i + 2]
            share, all_share = (
                (n - 1) * p - r[2 * i] for n, r in ((self.per_replicate, ranks), (self.rows.size, all_ranks))
            )
            self._found[p] = float(between(first, second, all_share)), between(low, high, share)

    def _searched(self, ranks: np.ndarray, all_ranks: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
        """The draws of some ranks, of each replicate and of all, and the `size` outermost of both ends, in one pass."""
        below, all_below = self._below[:-1], self._below[-1]
        cells = [np.searchsorted(row, ranks, "right") - 1 for row in below]
        all_cells = np.searchsorted(all_below, all_ranks, "right") - 1
        wanted = np.zeros(self.cells, dtype=bool)
        wanted[np.concatenate([*cells, all_cells])] = True
        if size:
            wanted |= (all_below[1:] > self.rows.size - size) | (all_below[:-1] < size)
        skipped = np.cumsum(np.where(wanted, 0, np.diff(self._below)), axis=1)  # draws in lower cells, not picked
        picked = self._pick(wanted)
        each = np.array([x[ranks - row[c]] for x, row, c in zip(picked, skipped, cells, strict=False)])
        together = np.sort(np.concatenate(picked), kind="stable")  # of what is sorted already in parts, the fastest
        every = together[all_ranks - skipped[-1, all_cells]]
        return each, every, together[:size], together[len(together) - size :]

    @staticmethod
    def _ranks(size: int, probabilities: Sequence[float]) -> np.ndarray:
        """For each probability the rank below its place, and the next one."""
        first = np.minimum(((size - 1) * np.array(probabilities)).astype(np.int64), max(size - 2, 0))
        return np.stack([first, np.minimum(first + 1, size - 1)], axis=1).ravel()

    def ranked(self, ranks: np.ndarray) -> np.ndarray:
        """The draws of each replicate at some ranks, ascending: (replicate, rank)."""
        if self.rows.size <= FEW:
            return self.ordered[:, ranks]
        found = np.empty((self.replicates, len(ranks)))
        for i, below in enumerate(self._below[:-1]):
            cells = np.searchsorted(below, ranks, "right") - 1
            picked, skipped = self._held(i, cells)
            found[i] = picked[ranks - skipped[cells]]
        return found

    def under(self, values: np.ndarray) -> np.ndarray:
        """How many draws of each replicate lie below each of its values (replicate, value)."""
        if self.rows.size <= FEW:
            return np.array([np.searchsorted(x, v, "left") for x, v in zip(self.ordered, values, strict=True)])
        ends, found = (self.rows.min(), self.rows.max()), np.empty(values.shape, dtype=np.int64)
        for i, each in enumerate(values):
            cells = self._cells(np.clip(each, *ends))
            picked, skipped = self._held(i, cells)
            found[i] = np.searchsorted(picked, each, "left") + skipped[cells]
        return found

    def _held(self, i: int, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The draws of a replicate in some cells, sorted, and how many others lie in lower cells than each."""
        wanted, row = np.zeros(self.cells, dtype=bool), self.rows[i]
        wanted[cells] = True
        skipped = np.cumsum(np.where(wanted, 0, np.diff(self._below[i])))
        return np.sort(row[wanted[self._cells(row)]]), skipped

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        self.prepare([p])
        return self._found[p]

    def above(self, threshold: float) -> np.ndarray:
        return np.count_nonzero(self.rows > threshold, axis=1)

    def means(self) -> np.ndarray:
        return self.totals / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        self.prepare([], count)
        return self._tops[count, sign]

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        if rows is None:
            return _narrowest(self._together if self.rows.size <= FEW else np.sort(self.rows, axis=None), prob)
        return _narrowest(np.sort(self.ordered[rows], axis=None, kind="stable"), prob)  # merges what is in order

    def release(self) -> None:
        self.__dict__.pop("ordered", None)


def _narrowest(x: np.ndarray, prob: float) -> np.ndarray:
    inside = min(math.floor(prob * len(x)), len(x) - 1)
    with np.errstate(invalid="ignore"):  # between two that are infinite
        i = int(np.argmin(np.nan_to_num(x[inside:] - x[: len(x) - inside], nan=np.inf)))
    return np.array([x[i], x[i + inside]])
