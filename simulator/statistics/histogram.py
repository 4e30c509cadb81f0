"""A sample whose draws are counted: a mergeable histogram over the bits of float32."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from threading import Lock
from typing import NamedTuple

import numpy as np

from .sample import SEGMENT, between, ordered_bits

FEW = (np.uint8, np.uint16)  # in which cells are counted, until one of a band holds more: few of many draws ever do


class Cells(NamedTuple):
    """Where the draws of each cell begin and end, ascending, and how many there are."""

    low: np.ndarray  # (cell,)
    high: np.ndarray  # (cell,)
    held: np.ndarray  # which of the bands' cells these are
    upto: np.ndarray  # (cell,): how many draws lie up to here


class HistogramSample:
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
        self._kind = np.int32 if per_replicate < 2**31 else np.int64  # that holds the draws of a replicate
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
        self._held, self._found = None, {}
        if band not in self._counts:
            self._counts[band] = np.zeros((self.replicates, self.BAND), dtype=FEW[0])
        held = self._counts[band]
        if held.dtype != self._kind:
            most = int(held[replicates].max()) + int(counts.max())
            if most > np.iinfo(held.dtype).max:
                kind = next((k for k in FEW if most <= np.iinfo(k).max), self._kind)
                held = self._counts[band] = held.astype(kind)
        np.add(held[replicates], counts, out=held[replicates], casting="unsafe")
        if ends is not None:
            if band not in self._ends:
                self._ends[band] = self._no_ends((self.BAND,))
            self._widen(self._ends[band], ends)

    def state(self) -> dict[str, np.ndarray]:
        """The counts as plain arrays, for `merge`."""
        bands = sorted(self._counts)
        shape = (-1, self.replicates, self.BAND)
        held = {
            "bands": np.array(bands, dtype=np.int64),
            "range": self._range,
            "counts": np.array([self._counts[o] for o in bands], dtype=self._kind).reshape(shape),
        }
        if self.ties:
            held["ends"] = np.array([self._ends[o] for o in bands], dtype=float).reshape(-1, 2, self.BAND)
        return held

    def merge(self, state: Mapping[str, np.ndarray], replicates: slice = slice(None)) -> None:
        """Add what was counted elsewhere, of these replicates."""
        self._widen(self._range, state["range"])
        for i, band in enumerate(state["bands"].tolist()):
            self._merge(band, replicates, state["counts"][i], state["ends"][i] if self.ties else None)

    def _cells(self) -> Cells:
        found = self._held
        if found is None:
            bands = sorted(self._counts)
            held = np.concatenate([self._counts[o].any(axis=0) for o in bands])
            if self.ties:
                low, high = np.concatenate([self._ends[o] for o in bands], axis=1)[:, held]
            else:
                cells = (np.array(bands)[:, None] * self.BAND + np.arange(self.BAND)).ravel()[held]
                edges = ordered_bits((np.stack([cells, cells + 1]) << self.SHIFT).view(float)).view(float)
                low, high = np.clip(np.where(np.isnan(edges), np.inf, edges), *self._range)
            every = np.concatenate([self._counts[o].sum(axis=0, dtype=np.int64) for o in bands])[held]
            found = self._held = Cells(low, high, held, np.cumsum(every))
        return found

    def release(self) -> None:
        self._held = None

    def _rows(self) -> Iterator[np.ndarray]:
        """How many draws of each replicate lie up to each cell; one at a time, for all together take much memory."""
        for replicate in range(self.replicates):
            yield self._upto([replicate])

    def _upto(self, rows: Sequence[int]) -> np.ndarray:
        """How many draws of some replicates together lie up to each cell."""
        held = self._cells().held
        counts = [self._counts[o][rows].sum(axis=0, dtype=np.int64) for o in sorted(self._counts)]
        return np.cumsum(np.concatenate(counts)[held])

    def _values(self, upto: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """The order statistics of whole ranks (0 is the smallest), spread evenly in their cells."""
        low, high = self._cells()[:2]
        i = np.minimum(np.searchsorted(upto, ranks, "right"), len(upto) - 1)
        first = np.where(i > 0, upto[i - 1], 0)
        margin = 0.0 if self.ties else 0.5  # the ends of a cell are draws only if they were kept
        share = (ranks - first + margin) / np.maximum(upto[i] - first - 1 + 2.0 * margin, 1)
        return between(low[i], high[i], np.clip(share, 0.0, 1.0))

    def _quantiles(self, upto: np.ndarray, p: np.ndarray) -> np.ndarray:
        place = (int(upto[-1]) - 1) * p
        whole = np.floor(place)
        first, second = self._values(upto, np.stack([whole, whole + 1]))
        return between(first, second, place - whole)

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Find quantiles at once; `quantile` has them at hand then."""
        every = self._cells().upto
        new = [p for p in dict.fromkeys(probabilities) if p not in self._found]
        if new:
            whole, *each = (self._quantiles(upto, np.array(new)) for upto in chain([every], self._rows()))
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

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        grid = np.linspace(0.0, 1.0 - prob, 1025)
        upto = self._cells().upto if rows is None else self._upto(rows)
        first, last = (self._quantiles(upto, grid + shift) for shift in (0.0, prob))
        with np.errstate(invalid="ignore"):  # between two that are infinite
            i = int(np.argmin(np.nan_to_num(last - first, nan=np.inf)))
        return np.array([first[i], last[i]])
