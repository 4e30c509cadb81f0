"""Draws cut into bins of a prior: shares of variance, and the widths that are left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .estimators import Estimate, mcse, mean_of_pairs


class Ordered:
    """Values (replicate, draw), with the order of each row and of all: sorted once, cut many times."""

    def __init__(self, y: np.ndarray):
        self.y = y
        self.rows = np.argsort(y, axis=1)
        self.sorted_rows = np.take_along_axis(y, self.rows, axis=1)
        self.all = np.argsort(y, axis=None)
        self.sorted_all = y.ravel()[self.all]

    def ranks(self) -> np.ndarray:
        """The rank of each value in its replicate, from 0 on."""
        ranks = np.empty(self.y.shape)
        np.put_along_axis(ranks, self.rows, np.arange(self.y.shape[1], dtype=float)[None, :], axis=1)
        return ranks

    def width(self) -> Estimate:
        """The distance between the 5 % and 95 % quantiles of all."""
        return Estimate(_ends(self.sorted_all), mcse(np.array([_ends(row) for row in self.sorted_rows])))


@dataclass(frozen=True)
class Bins:
    """A prior cut into bins: the bin of each draw (replicate, draw), and what the prior is in them.

    `centres` and `within` are the mean and the variance of the prior (of its logarithm on the log
    scale) in each bin of equal probability, and None where a bin is a single value.
    """

    places: np.ndarray
    count: int
    centres: np.ndarray | None = None
    within: np.ndarray | None = None

    def share_and_width(self, y: Ordered) -> tuple[Estimate, Estimate]:
        """The share of the variance of y that the prior explains, and the mean width within its bins.

        The width is between the 5 % and 95 % quantiles.
        """
        widths = np.empty(len(y.y))
        for i, (row, order, place) in enumerate(zip(y.sorted_rows, y.rows, self.places, strict=True)):
            widths[i] = self._mean_width(row, *self._cut(place[order]))
        width = self._mean_width(y.sorted_all, *self._cut(self.places.ravel()[y.all]))
        return self._share(y.y), Estimate(width, mcse(widths))

    def _share(self, y: np.ndarray) -> Estimate:
        """The variance of the means of y over the bins, as a share, from pairs of replicates.

        Noise in the means is squared where a replicate meets itself, and makes a share too large; by how much is
        not known on Sobol points, whose noise is less than that of independent draws. The means of two replicates
        have independent noise on any points: their products have no such bias, and nothing but spread is left
        for the error to tell. Each replicate is measured in its own standard deviation, so that one draw far out in
        a heavy tail moves one replicate alone; what a ratio is biased by at few draws stays. Within the bins, the
        variance of the line between the means of the neighbours is added: 64 bins alone would lose half a percent
        of a lognormal's share.
        """
        counts = np.array([np.bincount(place, minlength=self.count) for place in self.places])
        scaled = np.array([_standardized(row) for row in y])
        sums = np.array([np.bincount(p, row, self.count) for p, row in zip(self.places, scaled, strict=True)])
        common = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)  # of a bin that is empty in one replicate
        means = np.where(counts > 0, sums / np.maximum(counts, 1), common)
        products = sums @ means.T
        if self.centres is not None and self.within is not None:
            with np.errstate(all="ignore"):  # no slope where the prior is one value over several bins
                slopes = np.where(self.within > 0.0, np.gradient(means, self.centres, axis=1), 0.0)
            products += (slopes * (counts * self.within)) @ slopes.T
        products = (products + products.T) / (2.0 * y.shape[1])  # of the weights of either replicate
        return mean_of_pairs(products)

    def _cut(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Counts of the bins, and a stable order by bin: sorted values stay sorted within each."""
        return np.bincount(places, minlength=self.count), np.argsort(places, kind="stable")

    def _mean_width(self, values: np.ndarray, counts: np.ndarray, order: np.ndarray) -> float:
        starts = np.cumsum(counts) - counts
        at = [starts + np.maximum(counts - 1, 0) * p for p in (0.05, 0.95)]
        low, high = (self._between(values, order, place) for place in at)
        return float(counts @ (high - low) / len(values))

    @staticmethod
    def _between(values: np.ndarray, order: np.ndarray, place: np.ndarray) -> np.ndarray:
        last = len(values) - 1
        i = np.minimum(place.astype(np.int64), last)
        low, high = values[order[i]], values[order[np.minimum(i + 1, last)]]
        return np.where(place > i, low + (place - i) * (high - low), low)


@dataclass(frozen=True)
class Centred:
    """Values (replicate, draw) less each replicate's mean, and their sums of squares: of many correlations one side."""

    values: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> Centred:
        """The values, centred."""
        centred = x - x.mean(axis=1, keepdims=True)
        return cls(centred, np.einsum("ij,ij->i", centred, centred))

    def correlation(self, x: np.ndarray) -> Estimate:
        """The correlation with x (replicate, draw); 0 where either is one value."""
        other = Centred.of(x)
        size = np.sqrt(self.squares * other.squares)
        products = np.einsum("ij,ij->i", self.values, other.values)
        each = np.divide(products, size, out=np.zeros(len(x)), where=size > 0.0)
        return Estimate(float(each.mean()), mcse(each))


def _standardized(x: np.ndarray) -> np.ndarray:
    """Values less their mean, over their standard deviation; 0 where all are one value."""
    centred = x - x.mean()
    size = math.sqrt(float((centred * centred).mean()))
    return centred / size if size > 0.0 else np.zeros(len(x))


def _ends(x: np.ndarray) -> float:
    """The width between the 5 % and 95 % quantiles of sorted values."""
    return _between(x, (len(x) - 1) * 0.95) - _between(x, (len(x) - 1) * 0.05) if len(x) else 0.0


def _between(x: np.ndarray, place: float) -> float:
    i = min(int(place), len(x) - 1)
    return float(x[i] + (place - i) * (x[min(i + 1, len(x) - 1)] - x[i]))
