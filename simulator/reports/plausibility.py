"""Which quantiles lie beyond what is thought possible, by year: one remark for each quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..base.numbers import rounded
from ..base.wording import unit_words
from ..compute.years import parted, years_text
from ..priors.plausible import Plausible
from ..priors.prior_set import PriorSet
from ..statistics.estimators import Estimate
from ..statistics.summary import Summary
from .phrases import interval_names


@dataclass(frozen=True)
class Beyond:
    """A quantity with a statistic of its summary that lies beyond its bound, in some years."""

    line: Plausible
    statistic: str
    years: tuple[int, ...]
    value: Estimate
    bound: float

    @property
    def sentence(self) -> str:
        """The years, and what it is in the last of them."""
        unit = f" {unit_words(self.line.unit)}" if self.line.unit != "1" else ""
        when = years_text(self.years).replace(":", " to ").replace(",", ", ")
        return (
            f"Not plausible: the {self.statistic} of {self.line.quantity} lies beyond {self.line.label} in {when}: "
            f"{rounded(*self.value)}{unit} in {self.years[-1]}, where {rounded(self.bound)} is thought possible "
            f"({self.line.source})."
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.line.quantity,
            "statistic": self.statistic,
            "years": list(self.years),
            "value": self.value.value,
            "bound": self.bound,
            "label": self.line.label,
            "source": self.line.source,
            "grade": self.line.grade,
        }


def beyond(priors: PriorSet, summaries: Sequence[Summary]) -> list[Beyond]:
    """What lies beyond the lines of plausibility of a set: of each quantity its lowest statistic that does.

    A lower one that lies beyond in fewer years is told of as well, and a quantity without a year has no bound.
    """
    found = []
    for name, line in priors.plausible.items():
        here = {y: s for s in summaries for plain, y in [parted(s.name)] if plain == name and y is not None}
        told = 0
        for statistic in ("low", "median", "high"):
            years = tuple(y for y, s in sorted(here.items()) if _exceeds(line, y, getattr(s, statistic)))
            if len(years) > told and (bound := line.at(years[-1])) is not None:
                last = here[years[-1]]
                words = _words(statistic, last)
                found.append(Beyond(line, words, years, getattr(last, statistic), bound))
                told = len(years)
    return found


LATER = "Of later years that says nothing: `simulate backtest` holds trends against published growth."


def trust(priors: PriorSet) -> str:
    """How far the intervals can be trusted, and that what tested them was no trend, where one leads through years."""
    start = min((t.start for t in priors.trends.values()), default=0)
    return f"{priors.trust} {LATER}" if any(year > start for year in priors.years) else priors.trust


def _exceeds(line: Plausible, year: int, estimate: Estimate) -> bool:
    bound = line.at(year)
    return bound is not None and estimate.value > bound


def _words(statistic: str, s: Summary) -> str:
    """`95 % quantile`, `median`, `upper end of the 90 % HDI`."""
    if statistic == "median":
        return statistic
    if s.kind == "hdi":
        return f"{'upper' if statistic == 'high' else 'lower'} end of the {interval_names(s.kind, s.prob)[0]}"
    return f"{interval_names(s.kind, s.prob)[statistic == 'high']} quantile"
