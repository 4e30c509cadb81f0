"""The figure of rent or buy: the probability that buying a GPU has paid by each month, beside the end of its life."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...analyses.owning import MONTHS, OWNED, PAYBACK, RENTED, Bought, Owning
from ...analyses.owning import own as owning
from ...compute.years import at
from ...runs.run import Run
from ...statistics.estimators import COVER, Estimate, probability_above
from ..axes import inches, label, scale
from ..marks import hollow, legend_above, named_at_the_end, number, part_of_worlds
from ..registry import WIDE, Drawn, Request, Row, kind
from ..scales import LINEAR
from ..theme import Theme
from .shares import MOST

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALVES = 2  # places in a month at which it is counted
ERRORS = "bands: Monte Carlo error, 90 % interval"
EVERY = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 120.0)  # months between ticks


class Paid(NamedTuple):
    """A purchase, and the probability that it has paid by each of many months."""

    bought: Bought
    months: np.ndarray
    chance: tuple[Estimate, ...]

    @property
    def words(self) -> str:
        """What its line is: when it was bought, where there are years, and the month of the median."""
        median = self.bought.months[1].value
        when = f"bought in {self.bought.year}: " if self.bought.year else ""
        return f"{when}median {'never' if math.isinf(median) else f'month {median:.0f}'}"


def _tall(request: Request) -> float:
    """Room for a line of the key for each purchase, and for the life."""
    lines = min(len(request.run.priors.years) or 1, MOST) + 1
    return (0.55 if request.theme.width_mm >= WIDE else 0.8) + 0.05 * lines


@kind(shape=_tall, reads=(PAYBACK, OWNED, RENTED), every_year=True)
def own(ax: Axes, run: Run, theme: Theme) -> Drawn:
    """The probability that buying a GPU has paid by each month, and of never within its life; by year of purchase."""
    answer = owning(run)
    low, middle, high = (MONTHS * x for x in answer.life)
    last = float(np.ceil(1.04 * high))
    found = [_paid(run, b, last) for b in _some(answer.bought)]
    scale(ax, "y", LINEAR)
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.yaxis.grid(True)
    _months(ax, last)
    for i, p in enumerate(found):
        y, error = (np.array([e[k] for e in p.chance]) for k in (0, 1))
        beyond, above = np.clip(y - COVER * error, 0.0, 1.0), np.clip(y + COVER * error, 0.0, 1.0)
        ax.fill_between(p.months, beyond, above, color=theme.color(i), alpha=0.25, lw=0, gid="error")
        ax.plot(p.months, y, color=theme.color(i), ls=theme.dash(i), lw=1.5, gid="paid", label=p.words)
        if math.isfinite(median := p.bought.months[1].value):
            hollow(ax, (median, 0.5), theme.mark(i), theme, theme.color(i), 5.0, gid="median", zorder=5)
    life = f"{middle:.0f}" if low == high else f"{middle:.0f} (90 %: {low:.0f} to {high:.0f})"
    if low < high:
        ax.axvspan(low, high, color=theme.muted, alpha=0.16, lw=0, gid="life", zorder=0)
    ends = {"color": theme.muted, "ls": theme.dash(3), "lw": 1.2, "zorder": 1}
    ax.axvline(middle, gid="end of life", label=f"end of its life: month {life}", **ends)
    named_at_the_end(
        ax, [(p.chance[-1].value, f"never:\n{part_of_worlds(p.bought.never)}", theme.ink) for p in found], theme
    )
    legend_above(ax, 1)
    label(ax, "x", "months after buying", key=f"never: not within its life, {_rent(answer)}; {ERRORS}")
    label(ax, "y", "probability that buying has paid")
    return Drawn(_finding(answer), [row for p in found for row in _series(p)])


def _some(bought: Sequence[Bought]) -> list[Bought]:
    """All purchases; of many the first, the last, and one or two between, evenly where that can be."""
    last = len(bought) - 1
    parts = next((parts for parts in (MOST - 1, MOST - 2) if last % parts == 0), MOST - 1)
    return list(bought) if last < MOST else [bought[round(i * last / parts)] for i in range(parts + 1)]


def _paid(run: Run, b: Bought, last: float) -> Paid:
    """The share of the worlds that have paid by each month, with its Monte Carlo error."""
    months = np.linspace(0.0, last, HALVES * int(last) + 1)
    sample = run.sample(at(PAYBACK, b.year) if b.year else PAYBACK)
    later = [probability_above(sample, float(x) / MONTHS) for x in months]
    return Paid(b, months, tuple(Estimate(1.0 - e.value, e.mcse) for e in later))


def _months(ax: Axes, last: float) -> None:
    """Lay months along the horizontal axis, with ticks that have room."""
    most = inches(ax)[0] * 72.0 / (3.2 * float(ax.xaxis.label.get_fontsize()))
    step = next((e for e in EVERY if last / e <= most), last)
    scale(ax, "x", LINEAR)
    ax.set_xlim(0.0, last)
    ax.set_xticks(np.arange(0.0, last + 1e-9, step))


def _rent(answer: Owning) -> str:
    """Which rent is taken, in words for the axis."""
    first = answer.bought[0]
    if first.rent_of is None:
        return "at one rent throughout"
    return f"at the rent of {first.rent_of if first.year is None else 'that year'} throughout"


def _finding(answer: Owning) -> str:
    """When buying has paid in the median, and how likely it never does; of several years the first and the last."""
    first, last = answer.bought[0], answer.bought[-1]
    bought = f"buying a GPU ({answer.gpu})"
    if last is not first:
        early, late = _in(first.never), _in(last.never)
        return f"{bought} in {first.year} never pays within its life in {early}, and in {last.year} in {late}"
    median, rent = first.months[1].value, f"at the rent of {first.rent_of} " if first.rent_of else ""
    if math.isinf(median):
        return f"{rent}{bought} does not pay in the median: never within its life in {_in(first.never)}"
    after = f"has paid after {median:.0f} months in the median"
    return f"{rent}{bought} {after}, and never pays within its life in {_in(first.never)}"


def _in(e: Estimate) -> str:
    told = part_of_worlds(e)
    return told if e.value in (0.0, 1.0) else f"{told} of the worlds"


def _series(p: Paid) -> list[Row]:
    bought = {"bought": p.bought.year} if p.bought.year else {}
    rows: list[Row] = [
        {**bought, "by month": float(x), **number("probability", e)} for x, e in zip(p.months, p.chance, strict=True)
    ]
    return [*rows, {**bought, "by month": "never within its life", **number("probability", p.bought.never)}]
