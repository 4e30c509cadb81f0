"""What to reserve, what that costs beside other reserves, and what is worth learning before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...analyses.newsvendor import PRICES
from ...analyses.reserve import BEST, Reserve, Rule
from ...analyses.value_of_information import Learned, Studied, a_year
from ...base.numbers import readable, rounded
from ...base.wording import percent, unit_text
from ...statistics.estimators import Estimate
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from ..phrases import as_tabled, number
from ..plausibility import Beyond, remarked


@dataclass(frozen=True)
class Reserved:
    """A reserve; `whence` says of which set and draws, `trust` how far its intervals can be trusted.

    `remarks` are on reserves that are beyond what is plausible.
    """

    found: Reserve
    whence: str = ""
    trust: str = ""
    notes: Sequence[str] = ()
    remarks: Sequence[Beyond] = ()


def view(told: Reserved) -> View:
    """The reserve that is best, the plans beside it, and the value of information where it was asked for."""
    return View(tuple(_blocks(told)), lambda: data(told))


def _blocks(told: Reserved) -> Iterator[Block]:
    found = told.found
    yield from (Paragraph(told.whence), GAP)
    yield Paragraph(headline(found))
    yield from (*_plans(found), GAP)
    yield from map(Paragraph, _notes(found))
    if found.learned and found.evpi:
        yield from learned(found, found.evpi)
    if found.studies:
        yield from studies(found)
    if found.learned or found.studies:
        yield from (GAP, Paragraph(worth(found)))
    year = " A year is 8,760 hours of the same." if found.evpi else ""
    yield from (GAP, Paragraph(found.covers + year))
    yield from remarked(told.remarks)
    yield from (GAP, Paragraph(told.trust)) if told.trust else ()


def headline(found: Reserve) -> str:
    """The first line: what to reserve, and why that."""
    unit = unit_text(found.unit)
    what = f"Reserve {rounded(*found.best.units, most=4)}{f' {unit}' if unit else ''} of {found.quantity}"
    level = f"the {place(found.level)} quantile, " if found.rule.prices is not None else ""
    return f"{what}: {level}{why(found.rule, found.unit)}."


def why(rule: Rule, unit: str) -> str:
    """What makes a reserve the best."""
    if rule.prices is not None:
        one = "unit" if unit == "1" else unit_text(unit)
        short, idle = rule.prices.short.text, rule.prices.idle.text
        expected = "expected " if rule.prices.uncertain else ""
        return (
            f"at which the {expected}cost is least where a missing {one} costs {short} USD an hour and an idle one "
            f"{idle}"
        )
    if rule.service is not None:
        return f"enough in {percent(rule.service)} of the worlds"
    assert rule.cvar is not None
    return f"the mean of what is needed in the worst {percent(round(1.0 - rule.cvar, 9))} of the worlds"


def place(level: Estimate) -> str:
    """A level in percent."""
    return f"{rounded(100.0 * level.value, 100.0 * level.mcse)} %"


def _plans(found: Reserve) -> Iterator[Block]:
    """A row for each reserve: in how many of the worlds it is enough, and its cost, or what is missing and idle."""
    power, word = phrases.shared_scale(*(p.units.value for p in found.plans))
    first = [[p.name, as_tabled(p.units, power), share(p.covered)] for p in found.plans]
    amounts = f"Reserves{within(unit_text(found.unit, word))}"
    if found.evpi is None:
        yield Heading(f"{amounts}, with what is missing and what is idle in the mean over the worlds:")
        told = [[as_tabled(e, power) if e else "none*" for e in (p.missing, p.idle)] for p in found.plans]
        yield Table(("plan", "reserved", "enough in", "missing", "idle"), _joined(first, told), stack=True)
        return
    hour, year = scales(found.evpi)
    yield Heading(f"{amounts}, with expected costs{within(usd(hour))} an hour and{within(usd(year))} a year:")
    told = [
        [*_costs(p.cost, hour, year), "" if p.name == BEST else number(p.extra, hour[0])]
        for p in found.plans
        if p.cost and p.extra
    ]
    heads = ("plan", "reserved", "enough in", "cost an hour", "a year", "above the best")
    yield Table(heads, _joined(first, told), stack=True)


def _joined(first: Sequence[Sequence[str]], rest: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[*a, *b] for a, b in zip(first, rest, strict=True)]


def within(what: str) -> str:
    """`in` something, where it is some."""
    return f" in {what}" if what else ""


def usd(scale: tuple[int, str]) -> str:
    """`million USD`."""
    return f"{scale[1]} USD".strip()


def scales(hourly: Estimate) -> tuple[tuple[int, str], tuple[int, str]]:
    """The scales of a column an hour and of one a year."""
    return phrases.shared_scale(hourly.value), phrases.shared_scale(a_year(hourly).value)


def share(e: Estimate) -> str:
    """A share in percent."""
    return f"{number(Estimate(100.0 * e.value, 100.0 * e.mcse))} %"


def _notes(found: Reserve) -> Iterator[str]:
    if found.evpi is not None:
        yield (
            f"Who knew {found.quantity} before reserving would save all of the best plan's cost (EVPI): "
            f"{readable(*found.evpi)} USD an hour, {readable(*a_year(found.evpi))} a year."
        )
    if found.best.missing is None:
        yield "* The tail is too heavy for a mean."
    yield phrases.ERRORS


def learned(found: Reserve, evpi: Estimate) -> Iterator[Block]:
    """A row for each prior, or group of correlated ones, the most worth first."""
    hour, year = scales(found.learned[0].saving)
    how = f"{within(usd(hour))} an hour and{within(usd(year))} a year"
    yield Heading(f"What knowing a prior exactly before reserving would save (EVPPI),{how}:")
    rows = [
        ["\n  + ".join(_called(x)), *_saving(x, hour, year), _part(x, evpi) if x.distinguishable else ""]
        for x in found.learned
    ]
    yield Table(("prior", "saves an hour", "a year", "of EVPI"), rows, stack=True)


def _called(x: Learned) -> tuple[str, ...]:
    return tuple(f"{n} (price)" if n in PRICES else n for n in x.names)


def studies(found: Reserve) -> Iterator[Block]:
    """A row for each study."""
    hour, year = scales(max(found.studies, key=lambda x: x.exactly.value).exactly)
    how = f"{within(usd(hour))} an hour and{within(usd(year))} a year"
    yield Heading(f"What a study would save (EVSI), beside knowing exactly,{how}:")
    rows = [[f"{x.name}: {x.error}", *_saving(x, hour, year), as_tabled(x.exactly, hour[0])] for x in found.studies]
    yield Table(("study", "saves an hour", "a year", "exactly, an hour"), rows, stack=True)


def _saving(x: Learned | Studied, hour: tuple[int, str], year: tuple[int, str]) -> list[str]:
    if not x.distinguishable:
        return ["not above 0", ""]
    return _costs(x.saving, hour, year)


def _costs(e: Estimate, hour: tuple[int, str], year: tuple[int, str]) -> list[str]:
    return [as_tabled(e, hour[0]), as_tabled(a_year(e), year[0])]


def _part(x: Learned, evpi: Estimate) -> str:
    return f"{number(Estimate(100.0 * x.saving.value / evpi.value, 100.0 * x.saving.mcse / evpi.value), most=3)} %"


def worth(found: Reserve) -> str:
    """What the savings are, and are not."""
    told = "Each saving is of that knowledge alone: several do not add up."
    if any(len(x.names) > 1 for x in found.learned):
        told += " Priors that are correlated (+) are learned together."
    if found.studies:
        told += (
            " A study's error is the standard deviation of its result, a share of the value (%) or in the prior's unit."
        )
    return f"{told} What is done with it is fitted on some draws and valued on others: savings are lower bounds."


def data(told: Reserved) -> dict[str, Any]:
    """The reserve, its plans, and the value of information."""
    said = {"whence": told.whence, "trust": told.trust, "notes": list(told.notes)}
    return told.found.to_json() | said | {"beyond_plausible": [remark.to_json() for remark in told.remarks]}
