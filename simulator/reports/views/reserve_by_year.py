"""What to reserve in each year, what that costs beside the median, and what is worth learning before the last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...analyses.reserve import BEST, MEDIAN
from ...analyses.reserve_by_year import ReserveByYear
from ...base.wording import unit_text
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from ..phrases import as_tabled, number
from .reserve import learned, place, scales, share, studies, usd, why, within, worth


@dataclass(frozen=True)
class ReservedByYear:
    """Reserves by year; `whence` says of which set and draws, `trust` how far its intervals can be trusted."""

    found: ReserveByYear
    whence: str = ""
    trust: str = ""
    notes: tuple[str, ...] = ()


def view(told: ReservedByYear) -> View:
    """A row for each year; then what knowing a prior before reserving for the last one would save."""
    return View(tuple(_blocks(told)), lambda: data(told))


def _blocks(told: ReservedByYear) -> Iterator[Block]:
    found, last = told.found, told.found.last
    yield from (Paragraph(told.whence), GAP)
    level = f"the {place(last.level)} quantile of each, " if found.rule.prices is not None else ""
    yield Paragraph(f"Reserve by year of {found.quantity}: {level}{why(found.rule, found.unit)}.")
    yield from (*_table(found), GAP)
    yield from map(Paragraph, _notes(found))
    if last.learned and last.evpi:
        yield Paragraph(f"Of {last.quantity}, the last year:")
        yield from learned(last, last.evpi)
    if last.studies:
        yield from studies(last)
    if last.learned or last.studies:
        yield from (GAP, Paragraph(worth(last)))
    covers = last.covers.replace(last.quantity, f"{found.quantity} of each year", 1)
    yield from (GAP, Paragraph(f"{covers} Each year is reserved for itself."))
    yield from (GAP, Paragraph(told.trust)) if told.trust else ()


def _table(found: ReserveByYear) -> Iterator[Block]:
    """The reserve of each year, and what it and the median cost, or what is missing and idle."""
    best, median = found.named(BEST), found.named(MEDIAN)
    power, word = phrases.shared_scale(*(p.units.value for p in reversed(best)))
    first = [[str(y), as_tabled(b.units, power), share(b.covered)] for y, b in zip(found.years, best, strict=True)]
    amounts = f"Reserves{within(unit_text(found.unit, word))}"
    heads: tuple[str, ...] = ("year", "reserved", "enough in", "missing", "idle")
    if found.last.evpi is None:
        yield Heading(f"{amounts}, with what is missing and what is idle in the mean over the worlds:")
        rest = [[as_tabled(e, power) if e else "none*" for e in (b.missing, b.idle)] for b in best]
    else:
        hour = scales(found.last.evpi)[0]
        yield Heading(f"{amounts}, with expected costs{within(usd(hour))} an hour:")
        rest = [
            [as_tabled(b.cost, hour[0]), as_tabled(m.units, power), number(m.extra, hour[0])]
            for b, m in zip(best, median, strict=True)
            if b.cost and m.extra
        ]
        heads = ("year", "reserved", "enough in", "costs (EVPI)", "median", "costs more by")
    yield Table(heads, [[*a, *b] for a, b in zip(first, rest, strict=True)], stack=True)


def _notes(found: ReserveByYear) -> Iterator[str]:
    if found.last.evpi is not None:
        yield (
            f"Who knew {found.quantity} of a year before reserving would save all that the best reserve of that year "
            "costs (EVPI)."
        )
    if any(b.missing is None for b in found.named(BEST)):
        yield "* The tail is too heavy for a mean."
    yield phrases.ERRORS


def data(told: ReservedByYear) -> dict[str, Any]:
    """The reserves, by year."""
    return told.found.to_json() | {"whence": told.whence, "trust": told.trust, "notes": list(told.notes)}
