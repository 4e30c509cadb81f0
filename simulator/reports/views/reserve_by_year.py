"""What to reserve in each year, what that costs beside the median, and what is worth learning before the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...analyses.reserve import BEST, MEDIAN
from ...analyses.reserve_by_year import ReserveByYear
from ...base.numbers import readable
from ...base.wording import unit_text
from ...statistics.estimators import Estimate
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from ..plausibility import Beyond, remarked
from .reserve import learned, place, share, studies, why, within, worth


@dataclass(frozen=True)
class ReservedByYear:
    """Reserves by year; `whence` says of which set and draws, `trust` how far its intervals can be trusted.

    `remarks` are on reserves that are beyond what is plausible.
    """

    found: ReserveByYear
    whence: str = ""
    trust: str = ""
    notes: tuple[str, ...] = ()
    remarks: Sequence[Beyond] = ()


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
    yield from remarked(told.remarks)
    yield from (GAP, Paragraph(told.trust)) if told.trust else ()


def _table(found: ReserveByYear) -> Iterator[Block]:
    """The reserve of each year, and what it and the median cost, or what is missing and idle.

    Each number has the scale in which it is read: from the first year to the last a need grows by a factor of many.
    """
    best, median = found.named(BEST), found.named(MEDIAN)
    amounts = f"Reserves{within(unit_text(found.unit))}"
    if found.last.evpi is None:
        yield Heading(f"{amounts}, with what is missing and what is idle in the mean over the worlds:")
        rows = [[_read(b.units), share(b.covered), *map(_read, (b.missing, b.idle))] for b in best]
        heads = ["reserved", "enough in", "missing", "idle"]
    else:
        yield Heading(f"{amounts}, with expected costs in USD an hour:")
        rows = [list(map(_read, (b.units, b.cost, m.units, m.extra))) for b, m in zip(best, median, strict=True)]
        heads = ["reserved", "costs (EVPI)", "median", "costs more by"]
    yield Table(["year", *heads], [[str(y), *row] for y, row in zip(found.years, rows, strict=True)], stack=True)


def _read(e: Estimate | None) -> str:
    return "none*" if e is None else readable(*e, most=4)


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
    said = {"whence": told.whence, "trust": told.trust, "notes": list(told.notes)}
    return told.found.to_json() | said | {"beyond_plausible": [remark.to_json() for remark in told.remarks]}
