"""What a quantity's spread rests on, year by year; and what the figures over years share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...analyses.sobol_indices import Parts, parts_in_each
from ...base.errors import InputError
from ...base.wording import folded, percent, short, spoken
from ...compute.years import YearModel, at, parted
from ...runs.run import Run
from ..axes import characters, inches, label, scale, year_axis
from ..marks import beside, legend_above, number
from ..registry import WIDE, Drawn, Request, Row, kind
from ..scales import LINEAR
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4  # lines or priors that are told apart in grey
BAR = 0.72  # of the shortest step from one year to the next
OTHERS, INTERACTIONS = "all other priors", "interactions"


def names_of(kind: str, run: Run, quantity: str) -> list[str]:
    """The names of a quantity in all years of a run; raises InputError where one is named, or no trend reaches it."""
    model, (plain, year) = run.priors.model, parted(quantity)
    assert isinstance(model, YearModel)
    if year is not None:
        raise InputError(f"--of {quantity}: {kind} draws all years: name it without one, as {plain}")
    if plain not in model.moving:
        known = plain if plain in model.base.inputs else model.base.quantity(plain).name
        raise InputError(f"--of {known}: no trend of {run.priors.name} reaches it, and it is the same in all years")
    return [at(plain, y) for y in run.priors.years]


def _tall(request: Request) -> float:
    """Room for the key above the axes."""
    return 0.66 if request.theme.width_mm >= WIDE else 1.25


@kind(shape=_tall, by_year=True)
def shares_by_year(ax: Axes, run: Run, quantity: str, ci: tuple[float, str], theme: Theme) -> Drawn:
    """Shares of the variance of a quantity by prior, year by year, with how wide the whole is."""
    run.plain("a sensitivity")
    names, over = names_of("shares-by-year", run, quantity), run.priors.years
    found = parts_in_each(run, names)
    if not any(found):
        raise InputError(f"{quantity} is a constant in every year here: no prior that it reads is uncertain")
    shown = _largest(found)
    rows = [_stack(parts, shown) for parts in found]
    scale(ax, "y", LINEAR)
    _bars(ax, over, rows, theme)
    wide = _widths(ax, run, names, over, ci, theme)
    ax.set_yticks([0.0, 25.0, 50.0, 75.0, 100.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    _legend(ax, theme)
    label(ax, "x", "year", key=f"above the bars: high over low end of the {percent(ci[0])} interval" if wide else "")
    label(ax, "y", f"share of the variance of {spoken(quantity)}")
    return Drawn(_told(quantity, over, rows), _data(over, found))


def _largest(found: Sequence[Parts]) -> list[tuple[str, ...]]:
    """The priors, or groups, that carry most of any year."""
    most: dict[tuple[str, ...], float] = {}
    for parts in found:
        for names, e in parts.items():
            most[names] = max(most.get(names, 0.0), e.value)
    return sorted(most, key=lambda names: -most[names])[:MOST]


def _stack(parts: Parts, shown: Sequence[tuple[str, ...]]) -> dict[str, float]:
    """A year's shares in percent from the foot of the bar up; nothing of a year in which the quantity is known."""
    if not parts:
        return {}
    named = {_called(names): 100.0 * max(parts[names].value, 0.0) if names in parts else 0.0 for names in shown}
    rest = sum(100.0 * max(e.value, 0.0) for names, e in parts.items() if names not in shown)
    left = max(100.0 - sum(named.values()) - rest, 0.0)
    return named | ({OTHERS: rest} if rest else {}) | {INTERACTIONS: left}


def _called(names: tuple[str, ...]) -> str:
    """A prior in words; of many correlated ones the first."""
    if len(names) > 2:
        return f"{spoken(names[0])} and {len(names) - 1} correlated with it"
    return " + ".join(map(spoken, names))


def _bars(ax: Axes, over: Sequence[int], rows: Sequence[dict[str, float]], theme: Theme) -> None:
    """A bar for each year, in which each prior has its colour and hatch; written in it, where there is room."""
    step = min(min(b - a for a, b in pairwise(over)), 0.4 * (over[-1] - over[0]))
    year_axis(ax, over, 0.6 * step)
    ends = np.zeros(len(over))
    words = list(dict.fromkeys(word for row in rows for word in row))
    words.sort(key=lambda word: (word == INTERACTIONS, word == OTHERS))
    points = 72.0 * inches(ax)[0] * BAR * step / (over[-1] - over[0] + 1.2 * step)
    roomy = points > 4.2 * 0.62 * theme.size
    for i, word in enumerate(words):
        part = np.array([row.get(word, 0.0) for row in rows])
        ax.bar(over, part, BAR * step, bottom=ends, label=word, gid=word, **_look(word, i, theme))
        for year, foot, high in zip(over, ends, part, strict=True):
            if high >= 9.0 and roomy:
                text = {"ha": "center", "va": "center", "size": 0.85 * theme.size, "bbox": theme.behind}
                ax.text(year, foot + high / 2.0, f"{high:.0f} %", **text)
        ends += part
    ax.set_ylim(0.0, max(100.0, ends.max()))


def _look(word: str, i: int, theme: Theme) -> Row:
    """Colour and hatch of a part: grey for the other priors, empty for interactions."""
    edge = {"edgecolor": theme.background, "lw": 0.4}
    if word == INTERACTIONS:
        return {"color": theme.background, "edgecolor": theme.muted, "lw": 0.4}
    return edge | ({"color": theme.grid} if word == OTHERS else {"color": theme.color(i), "hatch": theme.hatch(i)})


def _widths(ax: Axes, run: Run, names: Sequence[str], over: Sequence[int], ci: tuple[float, str], theme: Theme) -> bool:
    """How wide the interval is, above the bar of each year: its high over its low end; whether all have one."""
    known = run.summary(list(names), ci=ci[0], kind=ci[1])
    if not all(s.low.value > 0.0 and np.isfinite(s.high.value) for s in known):
        return False
    shown = ax.get_xaxis().get_major_locator()()
    for year, s in zip(over, known, strict=True):
        if year in shown:
            text = {"ha": "center", "va": "bottom", "xycoords": ("data", "axes fraction"), "gid": "width"}
            beside(ax, f"×{short(s.high.value / s.low.value, 2)}", (year, 1.0), (0, 2), size=0.85 * theme.size, **text)
    return True


def _legend(ax: Axes, theme: Theme) -> None:
    """The key, in the order of the bars, above what is written over them."""
    handles, words = ax.get_legend_handles_labels()
    wide = int(0.9 * characters(ax))
    named = [folded(word, wide, 2) for word in reversed(words)]
    columns = 2 if 2 * max(map(len, words)) < 0.8 * wide else 1
    place = {"bbox_to_anchor": (-0.02, 1.0 + 1.5 * theme.size / 72.0 / (0.6 * inches(ax)[1]))}
    legend_above(ax, columns, handles=handles[::-1], labels=named, handlelength=1.2, columnspacing=1.2, **place)


def _told(quantity: str, over: Sequence[int], rows: Sequence[dict[str, float]]) -> str:
    """The finding: what carries most in the last year in which there is something to share, and in the first."""
    years = [(year, row) for year, row in zip(over, rows, strict=True) if row]
    (first, before), (last, after) = years[0], years[-1]
    top = max((word for word in after if word not in (OTHERS, INTERACTIONS)), key=lambda word: after[word])
    then = before.get(top, 0.0)
    lead = f"{after[top]:.0f} % of the variance of {spoken(quantity)} comes from {top}"
    if abs(then - after[top]) < 1.0:
        return f"{lead}, {first} to {last}"
    return f"{lead} in {last}, and {then:.0f} % in {first}"


def _data(over: Sequence[int], found: Sequence[Parts]) -> list[Row]:
    return [
        {"year": year, "prior": " + ".join(names), **number("share", e)}
        for year, parts in zip(over, found, strict=True)
        for names, e in parts.items()
    ]
