"""What a page over years is given: of each prior that moves, the formula of each year, and the priors of its trend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from ...base.errors import InputError
from ...base.wording import unit_words
from ...compute.columns import column
from ...compute.years import NOISE, Crossing, Trended, YearModel, at, is_share, years_text
from ...priors.prior_set import PriorSet


def over(chosen: PriorSet, years: Sequence[int]) -> PriorSet:
    """The set over these years; as it is where it has no trends, or they begin later than the years do."""
    if not years or chosen.years or not chosen.trends:
        return chosen
    with suppress(InputError):
        return chosen.through(years)
    return chosen


def dated(years: Sequence[int], models: Iterable[YearModel]) -> dict[str, Any]:
    """Plain data for a page over years: the years, and what moves in each model."""
    return {"list": list(years), "text": years_text(years), "models": [_model(m) for m in dict.fromkeys(models)]}


def columns(models: Iterable[YearModel]) -> Iterator[tuple[str, int]]:
    """The priors of trends, growths and steps of random walks, with their Sobol columns."""
    return ((n, column(n, m.own)) for m in models for n in m.inputs if n not in m.base.inputs)


def begins_with(when: Sequence[Crossing]) -> dict[str, Any]:
    """The quantity and the threshold that the page begins with: of the last crossing, where it is of one number."""
    if not when or isinstance(when[-1].threshold, str) or when[-1].sign == "<" or "(" in when[-1].quantity:
        return {}
    return {"of": when[-1].quantity, "above": when[-1].threshold}


def _model(m: YearModel) -> dict[str, Any]:
    brought = [i for i in m.inputs.values() if i.name not in m.base.inputs]
    return {
        "model": m.key,
        "trended": [[t.name, t.start, t.noise] for t in m.trended.values()],
        "growths": [[i.name, i.unit, i.text] for i in brought if not i.name.startswith(NOISE)],
        "steps": [[i.name, i.unit, i.text] for i in brought if i.name.startswith(NOISE)],
        "moving": sorted(m.moving),
        "moved": {str(year): [_moved(m, t, year) for t in m.trended.values()] for year in m.years},
    }


def _moved(m: YearModel, t: Trended, year: int) -> dict[str, Any]:
    """What a prior has become by a year, as a quantity: it reads the prior, its growth and the steps of its walk."""
    q = m.quantities[at(t.name, year)]
    return {
        "name": q.name,
        "of": t.name,
        "unit": q.unit,
        "unitWords": unit_words(q.unit),
        "text": q.text,
        "formula": q.formula,
        "reads": list(q.inputs),
        "never": False,
        "passed": year - t.start,
        "noise": t.noise,
        "share": is_share(m.base.inputs[t.name]),
    }
