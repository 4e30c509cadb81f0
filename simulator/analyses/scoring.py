"""Scores of predictions against what was observed: coverage, CRPS, width, factor, bias."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..statistics.estimators import Estimate, mcse
from ..statistics.exact import ExactSample
from .result import finite

if TYPE_CHECKING:
    from .backtest import Outcome

LEVELS = (0.5, 0.8, 0.9)
RANGE = 0.9  # probability of the range in which the count of a calibrated prediction lies


@dataclass(frozen=True)
class Score:
    """Scores of some outcomes, on the logarithm.

    `count` observed values, of which the intervals of each level hold `covered`; `bounded` others are upper or lower
    values, which enter `crps` alone. `width` is the mean logarithm of the 90 % interval's ends' ratio, `off` the
    median of how far predictions are off as a factor, `bias` the geometric mean of observed over predicted (above 1
    where predictions are too low) and `spread` its geometric standard deviation.
    """

    count: int
    covered: dict[float, int]
    crps: float
    width: float = math.nan
    off: float = math.nan
    bias: float = math.nan
    spread: float = math.nan
    bounded: int = field(default=0, kw_only=True)

    def expected(self, level: float) -> tuple[int, int]:
        """The counts between which a calibrated prediction's lies with a probability of 90 %."""
        return binomial_range(self.count, level)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "count": self.count,
            "bounded": self.bounded,
            "covered": {f"{k:g}": v for k, v in self.covered.items()},
            "expected": {f"{k:g}": list(self.expected(k)) for k in self.covered},
            "crps": self.crps,
            "log_width": finite(self.width),
            "median_factor": finite(self.off),
            "bias": finite(self.bias),
            "spread": finite(self.spread),
        }


def score_of(outcomes: Sequence[Outcome]) -> Score | None:
    """The scores of outcomes; None where there are none."""
    if not outcomes:
        return None
    seen = [o for o in outcomes if not o.case.bound]
    crps = float(np.mean([o.crps.value for o in outcomes]))
    covered = {level: sum(o.inside(level) for o in seen) for level in LEVELS}
    if not seen:
        return Score(0, covered, crps, bounded=len(outcomes))
    logs = np.log([o.factor for o in seen])
    return Score(
        len(seen),
        covered,
        crps,
        float(np.mean([math.log(o.high.value / o.low.value) for o in seen])),
        float(np.exp(np.median(np.abs(logs)))),
        float(np.exp(logs.mean())),
        float(np.exp(logs.std(ddof=1))) if len(seen) > 1 else math.nan,
        bounded=len(outcomes) - len(seen),
    )


def binomial_range(count: int, share: float, prob: float = RANGE) -> tuple[int, int]:
    """The central range of a binomial count: its quantiles at (1 - prob) / 2 and (1 + prob) / 2."""
    below = np.cumsum([math.comb(count, k) * share**k * (1.0 - share) ** (count - k) for k in range(count + 1)])
    low, high = (int(np.searchsorted(below, p, "left")) for p in ((1.0 - prob) / 2.0, (1.0 + prob) / 2.0))
    return low, min(high, count)


def log_crps(sample: ExactSample, observed: float, bound: int = 0) -> Estimate:
    """The continuous ranked probability score of the logarithm of a sample in memory.

    E|x - y| - E|x - x'| / 2 of the logarithms: Gneiting and Raftery 2007 (doi.org/10.1198/016214506000001437). Of a
    lower value (`bound` 1), draws above it are taken to be it, and of an upper value (-1) those below: what lies on
    the side that is possible costs nothing (Gneiting and Ranjan 2011, doi.org/10.1198/jbes.2010.08110).
    """
    y = math.log(observed)

    def score(x: np.ndarray) -> float:
        z, n = np.sort(np.log(x)), len(x)
        z = np.minimum(z, y) if bound > 0 else np.maximum(z, y) if bound < 0 else z
        within = 2.0 * float((2.0 * np.arange(1, n + 1) - n - 1.0) @ z) / n**2
        return float(np.abs(z - y).mean()) - within / 2.0

    return Estimate(score(sample.rows.ravel()), mcse(np.array([score(row) for row in sample.rows])))
