"""What a sample answers, and the fixed segments and bits that make its sums the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

SEGMENT = 4096  # draws that are summed together, whatever the block size


class Sample(Protocol):
    """The draws of one quantity, by replicate."""

    @property
    def replicates(self) -> int:
        """How many replicates there are."""

    @property
    def per_replicate(self) -> int:
        """How many draws a replicate has."""

    @property
    def smooth(self) -> bool:
        """Whether quantiles move smoothly with the draws, and not from one draw to the next."""

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

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        """(low, high) of the narrowest interval of all draws, or of those of some replicates together."""

    def release(self) -> None:
        """Let go of what takes much memory and is soon made again, once what was asked for is answered."""


class ConstantSample:
    """The sample of a quantity that nothing uncertain enters: every draw is one value, and every MCSE is 0."""

    smooth = True

    def __init__(self, value: float, replicates: int, per_replicate: int):
        self.value, self.replicates, self.per_replicate = value, replicates, per_replicate

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Nothing is to be found."""

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        return self.value, self.means()

    def above(self, threshold: float) -> np.ndarray:
        return np.full(self.replicates, self.per_replicate if self.value > threshold else 0)

    def means(self) -> np.ndarray:
        return np.full(self.replicates, self.value)

    def top(self, count: int, sign: float) -> np.ndarray:
        return np.full(min(count + 1, self.replicates * self.per_replicate), sign * self.value)

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        return np.full(2, self.value)

    def release(self) -> None:
        """Nothing is held."""


def between(low: np.ndarray, high: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    """What lies a share of the way between two values, the higher of which may be infinite."""
    with np.errstate(invalid="ignore"):
        found = low + share * (high - low)
    never = np.isinf(high)
    return np.where(never, np.where((share == 0.0) & ~np.isinf(low), low, high), found) if np.any(never) else found


def segment_sums(x: np.ndarray) -> np.ndarray:
    """Sums of draws (..., draw) over whole segments of SEGMENT, then over what is left: the same for any blocks."""
    size = x.shape[-1]
    whole = size // SEGMENT * SEGMENT
    sums = x[..., :whole].reshape(*x.shape[:-1], whole // SEGMENT, SEGMENT).sum(axis=-1)
    if whole == size:
        return sums
    left = x[..., whole:].sum(axis=-1, keepdims=True)
    return np.concatenate([sums, left], axis=-1) if whole else left


def ordered_bits(x: np.ndarray) -> np.ndarray:
    """The bits of floats (no -0.0 among them) as whole numbers in the floats' order."""
    bits = x.view(np.int64)
    return bits ^ ((bits >> 63) & np.int64(0x7FFFFFFFFFFFFFFF))


def ranks(x: np.ndarray) -> np.ndarray:
    """Ranks from 0 on, the mean rank for ties."""
    _, where, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2.0)[where]
