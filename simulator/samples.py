"""Samples: the draws of one quantity by replicate, kept and sorted, or counted into cells."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

SEGMENT = 4096  # draws that are summed together, whatever the block size


class Sample(Protocol):
    """The draws of one quantity, by replicate."""

    per_replicate: int
    replicates: int
    smooth: bool  # whether quantiles move smoothly with the draws, and not from one draw to the next

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Find quantiles, and the outermost draws, at once; `quantile` and `top` have them at hand then."""

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


def cores() -> int:
    """How many threads can run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def segment_sums(x: np.ndarray) -> np.ndarray:
    """Sums over whole segments of SEGMENT draws, then over what is left: the same for any blocks."""
    whole = len(x) // SEGMENT * SEGMENT
    sums = x[:whole].reshape(-1, SEGMENT).sum(axis=1)
    return np.append(sums, x[whole:].sum()) if whole < len(x) else sums


def ordered_bits(x: np.ndarray) -> np.ndarray:
    """The bits of floats (no -0.0 among them) as whole numbers in the floats' order."""
    bits = x.view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))


class Kept:
    """A sample whose draws are all in memory: rows are replicates.

    Order statistics are exact. The draws are counted once into cells of the floats' own bits; what is
    asked for is then picked out of the few cells that hold it, which is several times less work than to
    sort them all.
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
        below, all_below = self._below[:-1], self._below[-1]
        ranks, all_ranks = self._ranks(self.per_replicate, new), self._ranks(self.rows.size, new)
        cells = [np.searchsorted(row, ranks, "right") - 1 for row in below]
        all_cells = np.searchsorted(all_below, all_ranks, "right") - 1
        wanted = np.zeros(self.cells, dtype=bool)
        wanted[np.concatenate([*cells, all_cells])] = True
        size = min(beyond + 1, self.rows.size)
        if beyond:
            wanted |= (all_below[1:] > self.rows.size - size) | (all_below[:-1] < size)
        skipped = np.cumsum(np.where(wanted, 0, np.diff(self._below)), axis=1)  # draws in lower cells, not picked
        picked = self._pick(wanted)
        each = np.array([x[ranks - row[c]] for x, row, c in zip(picked, skipped, cells, strict=False)])
        together = np.sort(np.concatenate(picked), kind="stable")  # of what is sorted already in parts, the fastest
        if beyond:
            self._tops |= {(beyond, 1.0): together[-size:], (beyond, -1.0): -together[:size][::-1]}
        every = together[all_ranks - skipped[-1, all_cells]]
        for i, p in enumerate(new):
            low, high = each[:, 2 * i : 2 * i + 2].T
            first, second = every[2 * i : 2 * i + 2]
            share, all_share = ((n - 1) * p - r[2 * i] for n, r in ((self.per_replicate, ranks),
                                                                   (self.rows.size, all_ranks)))  # fmt: skip
            self._found[p] = float(first + all_share * (second - first)), low + share * (high - low)

    @staticmethod
    def _ranks(size: int, probabilities: Sequence[float]) -> np.ndarray:
        """For each probability the rank below its place, and the next one."""
        first = np.minimum(((size - 1) * np.array(probabilities)).astype(np.int64), max(size - 2, 0))
        return np.stack([first, np.minimum(first + 1, size - 1)], axis=1).ravel()

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

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        everything = _narrowest(np.sort(self.rows, axis=None), prob)
        return np.array(everything), np.array([_narrowest(row, prob) for row in self.ordered])


def _narrowest(x: np.ndarray, prob: float) -> tuple[float, float]:
    inside = min(math.floor(prob * len(x)), len(x) - 1)
    i = int(np.argmin(x[inside:] - x[: len(x) - inside]))
    return float(x[i]), float(x[i + inside])


class Cells(NamedTuple):
    """Where the draws of each cell begin and end, ascending, and how many there are."""

    low: np.ndarray  # (cell,)
    high: np.ndarray  # (cell,)
    held: np.ndarray  # which of the bands' cells these are
    upto: np.ndarray  # (cell,): how many draws lie up to here


class Counted:
    """A sample counted into cells of the float itself: 2048 to each octave, integers, order-free.

    The draws of a cell are spread evenly in it, so a value is at most one cell, 1 / 2048 of its octave,
    off (about a fiftieth of that in the body of a smooth distribution). With `ties`, each cell keeps its
    smallest and largest draw, and a value that many draws share is exact. Bands without draws take no
    memory.
    """

    smooth = False
    SHIFT, BAND = 41, 1 << 13  # cells of 2^41 steps between floats, in bands of four octaves
    WIDE = 10  # bands of a block that are counted in one array

    def __init__(self, replicates: int, per_replicate: int, ties: bool = True):
        self.replicates, self.per_replicate, self.ties = replicates, per_replicate, ties
        self._counts: dict[int, np.ndarray] = {}  # by band: (replicate, cell)
        self._ends: dict[int, np.ndarray] = {}  # by band: the smallest and the largest draw, (2, cell)
        self._range = np.array([np.inf, -np.inf])
        self._lock = Lock()
        self._held: Cells | None = None
        self._found: dict[float, tuple[float, np.ndarray]] = {}
        self.totals = np.zeros(replicates)  # set when all blocks are in

    def add(self, replicate: int, x: np.ndarray) -> None:
        """Count a block of draws; blocks may come in any order, and from several threads."""
        ends = np.array([x.min(), x.max()])
        if ends[0] > 0.0:  # the bits are in the floats' order as they are
            cells = x.view(np.int64) >> self.SHIFT
        else:
            x, ends = x + 0.0, ends + 0.0  # a negative zero is a zero
            cells = ordered_bits(x)
            cells >>= self.SHIFT
        first, last = (ordered_bits(ends) >> (self.SHIFT + 13)).tolist()
        if last - first < self.WIDE:
            self._tally(replicate, first, last, x, cells)
        else:
            bands = cells // self.BAND
            for band in np.unique(bands).tolist():
                here = bands == band
                self._tally(replicate, band, band, x[here], cells[here])
        with self._lock:
            self._widen(self._range, ends)

    def _tally(self, replicate: int, first: int, last: int, x: np.ndarray, cells: np.ndarray) -> None:
        """Count draws whose cells lie in the bands `first` to `last`."""
        shape = (last - first + 1, self.BAND)
        cells -= first * self.BAND
        counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
        if self.ties:
            ends = self._no_ends(shape)
            np.minimum.at(ends[0].ravel(), cells, x)
            np.maximum.at(ends[1].ravel(), cells, x)
        with self._lock:
            for i in np.flatnonzero(counts.any(axis=1)).tolist():
                self._merge(first + i, replicate, counts[i], ends[:, i] if self.ties else None)

    @staticmethod
    def _no_ends(shape: tuple[int, ...]) -> np.ndarray:
        return np.stack([np.full(shape, np.inf), np.full(shape, -np.inf)])

    @staticmethod
    def _widen(ends: np.ndarray, new: np.ndarray) -> None:
        np.minimum(ends[0], new[0], out=ends[:1] if ends.ndim == 1 else ends[0])
        np.maximum(ends[1], new[1], out=ends[1:] if ends.ndim == 1 else ends[1])

    def _merge(self, band: int, replicates: int | slice, counts: np.ndarray, ends: np.ndarray | None) -> None:
        self._held = None
        if band not in self._counts:
            self._counts[band] = np.zeros((self.replicates, self.BAND), dtype=np.int64)
        self._counts[band][replicates] += counts
        if ends is not None:
            self._widen(self._ends.setdefault(band, self._no_ends((self.BAND,))), ends)

    def state(self) -> dict[str, np.ndarray]:
        """The counts as plain arrays, for `merge`."""
        bands = sorted(self._counts)
        shape = (-1, self.replicates, self.BAND)
        held = {"bands": np.array(bands, dtype=np.int64), "range": self._range,
                "counts": np.array([self._counts[o] for o in bands], dtype=np.int64).reshape(shape)}  # fmt: skip
        if self.ties:
            held["ends"] = np.array([self._ends[o] for o in bands], dtype=float).reshape(-1, 2, self.BAND)
        return held

    def merge(self, state: Mapping[str, np.ndarray], replicates: slice = slice(None)) -> None:
        """Add what was counted elsewhere, of these replicates."""
        self._widen(self._range, state["range"])
        for i, band in enumerate(state["bands"].tolist()):
            self._merge(band, replicates, state["counts"][i], state["ends"][i] if self.ties else None)

    def _cells(self) -> Cells:
        if self._held is None:
            bands = sorted(self._counts)
            held = np.concatenate([self._counts[o].any(axis=0) for o in bands])
            if self.ties:
                low, high = np.concatenate([self._ends[o] for o in bands], axis=1)[:, held]
            else:
                cells = (np.array(bands)[:, None] * self.BAND + np.arange(self.BAND)).ravel()[held]
                edges = ordered_bits((np.stack([cells, cells + 1]) << self.SHIFT).view(float)).view(float)
                low, high = np.clip(edges, *self._range)
            every = np.concatenate([self._counts[o].sum(axis=0) for o in bands])[held]
            self._held = Cells(low, high, held, np.cumsum(every))
            self._found = {}
        return self._held

    def _rows(self) -> Iterator[np.ndarray]:
        """How many draws of each replicate lie up to each cell; one at a time, for all together take much memory."""
        held, bands = self._cells().held, sorted(self._counts)
        for replicate in range(self.replicates):
            yield np.cumsum(np.concatenate([self._counts[o][replicate] for o in bands])[held])

    def _values(self, upto: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """The order statistics of whole ranks (0 is the smallest), spread evenly in their cells."""
        low, high = self._cells()[:2]
        i = np.minimum(np.searchsorted(upto, ranks, "right"), len(upto) - 1)
        first = np.where(i > 0, upto[i - 1], 0)
        margin = 0.0 if self.ties else 0.5  # the ends of a cell are draws only if they were kept
        share = (ranks - first + margin) / np.maximum(upto[i] - first - 1 + 2.0 * margin, 1)
        return low[i] + np.clip(share, 0.0, 1.0) * (high[i] - low[i])

    def _quantiles(self, upto: np.ndarray, p: np.ndarray) -> np.ndarray:
        place = (int(upto[-1]) - 1) * p
        whole = np.floor(place)
        first, second = self._values(upto, np.stack([whole, whole + 1]))
        return first + (place - whole) * (second - first)

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Find quantiles at once; `quantile` has them at hand then."""
        every = self._cells().upto
        new = [p for p in dict.fromkeys(probabilities) if p not in self._found]
        if new:
            whole, *each = (self._quantiles(upto, np.array(new)) for upto in (every, *self._rows()))
            self._found |= {p: (float(x), e) for p, x, e in zip(new, whole, np.transpose(each), strict=True)}

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        self.prepare([p])
        return self._found[p]

    def above(self, threshold: float) -> np.ndarray:
        low, high = self._cells()[:2]
        share, partly = (low > threshold).astype(float), (low <= threshold) & (high > threshold)
        share[partly] = (high[partly] - threshold) / (high[partly] - low[partly])
        return np.array([np.rint((np.diff(upto, prepend=0) * share).sum()) for upto in self._rows()]).astype(np.int64)

    def means(self) -> np.ndarray:
        return self.totals / self.per_replicate

    def top(self, count: int, sign: float) -> np.ndarray:
        size = self.replicates * self.per_replicate
        beyond = np.arange(min(count + 1, size))
        ranks = size - 1 - beyond if sign > 0 else beyond
        parts = np.array_split(ranks, 1 + len(ranks) // SEGMENT)  # all at once would take more memory
        return np.sort(sign * np.concatenate([self._values(self._cells().upto, part) for part in parts]))

    def shortest_interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        grid = np.linspace(0.0, 1.0 - prob, 1025)

        def narrowest(upto: np.ndarray) -> np.ndarray:
            first, last = (self._quantiles(upto, grid + shift) for shift in (0.0, prob))
            i = int(np.argmin(last - first))
            return np.array([first[i], last[i]])

        return narrowest(self._cells().upto), np.array([narrowest(upto) for upto in self._rows()])
