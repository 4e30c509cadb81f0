"""Which quantiles lie beyond what is thought possible, by year: one remark for each quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.numbers import rounded
from ..base.wording import unit_words
from ..compute.years import parted, years_text
from ..priors.plausible import Plausible
from ..priors.prior_set import PriorSet
from ..statistics.estimators import Estimate
from ..statistics.summary import Summary
from .document import GAP, Block, Paragraph
from .phrases import interval_names

if TYPE_CHECKING:  # the main job needs none of what reserves are made with
    from ..analyses.reserve import Reserve
    from ..runs.run import Run


class Beyond(NamedTuple):
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
    found = list[Beyond]()
    for name, line in priors.plausible.items():
        here = {y: s for s in summaries for plain, y in [parted(s.name)] if plain == name and y is not None}
        told = 0
        for statistic in ("low", "median", "high"):
            remark = _remark(line, statistic, {y: getattr(s, statistic) for y, s in here.items()})
            if remark is not None and len(remark.years) > told:
                words = _words(statistic, here[remark.years[-1]])
                found.append(Beyond(remark.line, words, remark.years, remark.value, remark.bound))
                told = len(remark.years)
    return found


def beyond_reserved(priors: PriorSet, reserves: Sequence[Reserve]) -> list[Beyond]:
    """The best reserves that lie beyond the lines of plausibility of a set."""
    places = [(*parted(r.quantity), r.best.units) for r in reserves]
    found = [
        _remark(line, "best reserve", {y: units for plain, y, units in places if plain == name and y is not None})
        for name, line in priors.plausible.items()
    ]
    return [remark for remark in found if remark is not None]


def beyond_of(run: Run, names: Sequence[str]) -> list[Beyond]:
    """What of some quantities of a run lies beyond what is plausible, at the 90 % interval of each."""
    bounded = [n for n in names if parted(n)[0] in run.priors.plausible]
    return beyond(run.priors, run.summary(bounded)) if bounded else []


def remarked(remarks: Sequence[Beyond]) -> Iterator[Block]:
    """A line for each remark, apart from what stands above."""
    for remark in remarks:
        yield from (GAP, Paragraph(remark.sentence))


def _remark(line: Plausible, statistic: str, here: Mapping[int, Estimate]) -> Beyond | None:
    """The years in which a statistic lies beyond its line, and what it is in the last of them; None where in none."""
    years = tuple(y for y, e in sorted(here.items()) if _exceeds(line, y, e))
    bound = line.at(years[-1]) if years else None
    return None if bound is None else Beyond(line, statistic, years, here[years[-1]], bound)


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
