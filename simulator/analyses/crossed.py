"""Crossings of two runs: the probability of having crossed, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..runs.run import Run
from ..statistics.estimators import Estimate, mcse
from .result import plain


@dataclass(frozen=True)
class Crossed:
    """The probability that a crossing is reached by each year, in A and in B, and their difference B - A."""

    quantity: str
    years: tuple[int, ...]
    a: tuple[Estimate, ...]
    b: tuple[Estimate, ...]
    difference: tuple[Estimate, ...]

    def to_json(self, letters: tuple[str, str] = ("A", "B")) -> dict[str, Any]:
        """Plain data, by year, under the letters of the two sides."""
        rows = zip(self.years, self.a, self.b, self.difference, strict=True)
        return {str(y): {letters[0]: plain(a), letters[1]: plain(b), "difference": plain(d)} for y, a, b, d in rows}


def crossed(a: Run, b: Run, name: str, paired: bool) -> Crossed:
    """A crossing of two runs over the same years; errors of differences are paired where the runs are."""
    years = a.priors.years
    one, two = (np.array([_reached(run, name, year) for year in years]) for run in (a, b))
    apart = [Estimate(float(x.mean()), mcse(x)) for x in two - one] if paired else None
    first, second = (tuple(Estimate(float(x.mean()), mcse(x)) for x in side) for side in (one, two))
    unpaired = [Estimate(y[0] - x[0], float(np.hypot(x[1], y[1]))) for x, y in zip(first, second, strict=True)]
    return Crossed(name, years, first, second, tuple(apart or unpaired))


def _reached(run: Run, name: str, year: int) -> np.ndarray:
    """The share of each replicate's worlds in which a crossing is reached by a year."""
    sample = run.sample(name)
    return 1.0 - sample.above(float(year)) / sample.per_replicate
