"""Rent or buy a GPU: the answer in a sentence, and what an hour costs both ways, by year where there are some."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...analyses.owning import Bought, Owning
from ...base.numbers import readable, rounded
from ...base.wording import percent
from ...statistics.estimators import Estimate
from ...statistics.summary import Summary
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from ..plausibility import Beyond, remarked


@dataclass(frozen=True)
class Owned:
    """Renting against buying; `whence` says of which set and draws, `remarks` what of it is not plausible."""

    found: Owning
    whence: str = ""
    notes: Sequence[str] = ()
    remarks: Sequence[Beyond] = ()


def view(told: Owned) -> View:
    """When buying has paid, and what an hour costs, owned and rented."""
    return View(tuple(_blocks(told)), lambda: data(told))


def _blocks(told: Owned) -> Iterator[Block]:
    found = told.found
    yield from (Paragraph(told.whence), GAP)
    yield from (Paragraph(sentence(found)), GAP)
    yield from _hours(found.bought[0]) if len(found.bought) == 1 else _years(found)
    yield from (GAP, Paragraph(phrases.ERRORS))
    yield from map(Paragraph, _assumed(found))
    yield from remarked(told.remarks)


def sentence(found: Owning) -> str:
    """`Buying a GPU (h200) has paid after 26 (13 to never) months ..`; of several years the first and the last.

    Where trends move rents it begins with the year whose rent is taken for all of the life.
    """
    life = f"{_years_text(found.life[1])} ({_years_text(found.life[0])} to {_years_text(found.life[2])}) years"
    told = []
    for b in found.bought[:1] + found.bought[1:][-1:]:
        told.append(f"{_when(b)} a GPU ({found.gpu}) {_paid(b, found.draws)}.")
    return f"{' '.join(told)} Its life is {life}."


def _when(b: Bought) -> str:
    """`At the rent of 2026 for all of its life, buying`; `In 2028, at the rent of that year .., buying`."""
    if b.rent_of is None:
        return f"In {b.year} buying" if b.year else "Buying"
    if b.year is None:
        return f"At the rent of {b.rent_of} for all of its life, buying"
    return f"In {b.year}, at the rent of that year for all of its life, buying"


def _paid(b: Bought, draws: int) -> str:
    never = f"in {_in_percent(b.never, draws)} of the worlds never within its life"
    low, median, high = b.months
    if math.isinf(median.value):
        soonest = "" if math.isinf(low.value) else f"; in the best 5 % it has after {_month(low)} months or less"
        return f"does not pay against renting it, {never}{soonest if b.payback.prob == 0.9 else ''}"
    return f"has paid after {_month(median)} ({_month(low)} to {_month(high)}) months against renting it; {never}"


def _years_text(x: float) -> str:
    return f"{x:.1f}"


def _month(e: Estimate) -> str:
    return "never" if math.isinf(e.value) else f"{e.value:.0f}"


def _in_percent(e: Estimate, draws: int) -> str:
    if e.value in (0.0, 1.0):
        least = rounded(300.0 / draws, most=1)
        return f"fewer than {least} %" if not e.value else f"more than 100 - {least} %"
    return f"{readable(100.0 * e.value, 100.0 * e.mcse, 3)} %"


def _hours(b: Bought) -> Iterator[Block]:
    """What an hour costs both ways, and the years to the payback."""
    low, high = phrases.interval_names(b.payback.kind, b.payback.prob)
    rows = [_row("rented, USD an hour", b.rented), _row("owned, USD an hour", b.owned)]
    yield Table(("", "median", low, high), [*rows, _row("paid back after, years", b.payback)])


def _row(name: str, s: Summary) -> list[str]:
    return [name, *("never" if math.isinf(e.value) else phrases.number(e) for e in (s.median, s.low, s.high))]


def _years(found: Owning) -> Iterator[Block]:
    """A row for each year in which the GPU may be bought."""
    yield Heading("Bought in a year, at the rent of that year for all of its life:")
    rows = [
        [
            str(b.year),
            phrases.number(b.rented.median),
            phrases.number(b.owned.median),
            _month(b.months[1]),
            f"{_month(b.months[0])} to {_month(b.months[2])}",
            _in_percent(b.never, found.draws),
        ]
        for b in found.bought
    ]
    inside = f"{percent(found.bought[0].payback.prob)} interval"
    yield Table(("year", "rented", "owned", "paid back, months", inside, "never"), rows, stack=True)


def _assumed(found: Owning) -> Iterator[str]:
    """What the answer stands on."""
    if found.hours == 1.0:
        yield (
            "Both are held around the clock: a GPU that is rented is paid for in all hours. Where it is given back "
            "when idle, say for which share of the hours it is paid: --used 60%."
        )
    else:
        yield (
            f"The one that is owned is held around the clock; the rent is paid in {percent(found.hours)} of the hours, "
            "and is told for each hour of the year."
        )
    moved = rounded(100.0 * abs(found.growth - 1.0), most=2)
    falls = f" The set's trends let rents {'fall' if found.growth < 1.0 else 'rise'} by {moved} % a year in the median."
    yield (
        "Rent and running costs stay as they are for its whole life, after which it is worth nothing. Where the saving "
        f"falls by 20 % a year, set discount_rate 0.22 higher.{falls if found.growth != 1.0 else ''}"
    )


def data(told: Owned) -> dict[str, Any]:
    """What an hour costs both ways, and when buying has paid."""
    said = {"sentence": sentence(told.found), "whence": told.whence, "notes": list(told.notes)}
    return told.found.to_json() | said | {"beyond_plausible": [remark.to_json() for remark in told.remarks]}
