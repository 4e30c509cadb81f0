"""A sample that is counted from another origin than 0: a histogram over floats is fine near its origin alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .sample import Sample


class ShiftedSample:
    """A sample of which `counted` holds how far the draws lie beyond an origin; their totals are of the draws."""

    def __init__(self, counted: Sample, origin: float):
        self.counted, self.origin = counted, origin

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        return self.counted.replicates

    @property
    def per_replicate(self) -> int:
        """How many draws a replicate has."""
        return self.counted.per_replicate

    @property
    def smooth(self) -> bool:
        """Whether quantiles move smoothly with the draws."""
        return self.counted.smooth

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Find quantiles, and the outermost draws, at once."""
        self.counted.prepare(probabilities, beyond)

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        """The quantile of all draws, and those of each replicate."""
        value, each = self.counted.quantile(p)
        return value + self.origin, each + self.origin

    def above(self, threshold: float) -> np.ndarray:
        """How many draws of each replicate exceed the threshold."""
        return self.counted.above(threshold - self.origin)

    def means(self) -> np.ndarray:
        """The mean of each replicate."""
        return self.counted.means()

    def top(self, count: int, sign: float) -> np.ndarray:
        """The largest `count` + 1 values of `sign` times the draws, sorted."""
        return self.counted.top(count, sign) + sign * self.origin

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        """(low, high) of the narrowest interval of all draws, or of those of some replicates together."""
        return self.counted.shortest_interval(prob, rows) + self.origin

    def release(self) -> None:
        """Let go of what takes much memory and is soon made again."""
        self.counted.release()
