"""What a case of growth begins with: the observation of an earlier date, from which trends predict the later one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import InputError, quote
from ..compute.graph import Input
from ..compute.years import Trended, YearModel, year_model
from ..distributions.distribution import Distribution, constant
from ..distributions.families import parse
from .prior import Prior, entry_of
from .prior_set import PriorSet

GROWS = "growth"  # what a case of it is about
SPAN = 16.0  # years that a case may lead through


@dataclass(frozen=True)
class Before:
    """The earlier observation, a prior in the quantity's unit; the years that pass; the later one's own error."""

    date: str
    value: Prior
    years: float
    error: Distribution

    @property
    def middle(self) -> float:
        """The median of the earlier observation."""
        return self.value.distribution.quantile(0.5)

    def range_of(self, later: float, prob: float = 0.9) -> tuple[float, float]:
        """The interval of the growth that was seen, at the ends of both errors: no narrower than it is."""
        ends = (0.5 - prob / 2.0, 0.5 + prob / 2.0)
        first, last = (self.value.distribution.quantile(p) for p in ends)
        low, high = (self.error.quantile(p) for p in ends)
        return later * low / last, later * high / first


def observable(priors: PriorSet, name: str, grows: bool) -> Input:
    """What a case may observe: a quantity, and one of growth also a prior; raises InputError for others."""
    model = priors.model
    if grows and name in model.inputs:
        return model.inputs[name]
    q = model.quantity(name)
    return Input(q.name, q.unit, q.text)


def unmoved(priors: PriorSet, name: str) -> str:
    """Why a set predicts no growth of a quantity; empty where it does."""
    if not priors.trends:
        return "the set has no trends, and predicts no growth; projected-2030 has some"
    trended = tuple(t.trended for t in priors.trends.values())
    moving = _over(priors, trended).moving
    return "" if name in moving else f"no trend of the set moves {name}"


def _over(priors: PriorSet, trended: tuple[Trended, ...]) -> YearModel:
    return year_model(priors.model, trended, (max(t.start for t in trended),))


def before_of(path: Path, data: Mapping[str, Any], target: Input) -> Before:
    """The table [before] of a case of `target`; raises InputError with a line for each mistake."""
    table, seen, mistakes = data["before"], data["observed"], list[str]()
    rest = {key: value for key, value in table.items() if key != "date"} | {"unit": seen["unit"]}
    value = entry_of(target, rest, str(path), path.parent, mistakes, "before")
    mistakes = [line.replace(f"before.{target.name}", "before") for line in mistakes]
    if value is not None and value.distribution.support[0] < 0.0:
        mistakes.append(f"{path}: before.prior: {value.distribution.text} may be negative, and growth is a factor")
    first, last = _year(path, "before.date", table.get("date"), mistakes), _year(path, "date", data["date"], mistakes)
    if not mistakes and not 0.0 < last - first <= SPAN:
        mistakes.append(f"{path}: before.date: {quote(table['date'])} does not lie up to {SPAN:g} years before")
    error = _error(path, seen.get("error", "1"), mistakes)
    if mistakes or value is None:
        raise InputError(*mistakes)
    return Before(table["date"], value, last - first, error)


def _year(path: Path, where: str, date: object, mistakes: list[str]) -> float:
    """A date as `2025-06` in years."""
    match = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", date) if isinstance(date, str) else None
    if match is None:
        mistakes.append(f"{path}: {where}: {quote(date)} is not a year and a month, as in 2025-06")
        return 0.0
    return int(match[1]) + (int(match[2]) - 1) / 12.0


def _error(path: Path, text: object, mistakes: list[str]) -> Distribution:
    """The factor by which an observation may be off."""
    try:
        found = parse(text)
        if found.support[0] < 0.0 or found.quantile(0.5) == 0.0:
            raise InputError(f"{quote(text)} is not a factor above 0, as in lognormal(median=1, sigma=0.2)")
    except InputError as error:
        mistakes += [f"{path}: observed.error: {line}" for line in error.lines]
        return constant(1.0)
    return found
