"""Figures over years: the fan of a quantity, the probability of having crossed, and what the spread rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...base.errors import InputError
from ...base.wording import folded, percent, resolving, short, spoken, supported, told
from ...compute.years import Crossing
from ...runs.run import Run
from ...statistics.estimators import COVER, Estimate, probability_above
from ...statistics.summary import Summary
from ..axes import characters, label, limits, scale, year_axis
from ..density import draws_of, scale_of
from ..marks import bands_key, hollow, legend_above, named_at_the_end, number, part_of_worlds, share
from ..registry import WIDE, Drawn, Request, Row, kind
from ..scales import LINEAR, LOG, Scale
from ..theme import Theme
from .shares import MOST, names_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECADES = 4.0  # a factor from the lowest to the highest end from which on an axis is logarithmic
EVENLY = (np.arange(500) + 0.5) / 500  # worlds of a year, by which the scale of what is not positive is chosen
STEPS = 12  # places from one year to the next at which a crossing is counted
EDGE = 0.02  # of the axis, on either side of the years


class Fan(NamedTuple):
    """A quantity in each year: its name without one, the years, and what is known of it in each."""

    quantity: str
    years: tuple[int, ...]
    known: tuple[Summary, ...]

    @property
    def ends(self) -> np.ndarray:
        """Low, quarter, median, three quarters and high, dims (end, year)."""
        found = [(s.low, s.quantiles[0.25], s.median, s.quantiles[0.75], s.high) for s in self.known]
        return np.array([[e.value for e in each] for each in found]).T


@kind(by_year=True)
def years(
    ax: Axes,
    run: Run,
    quantity: str,
    thresholds: tuple[float, ...],
    when: tuple[Crossing, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """A quantity by year: median, half and credible interval (--years), with thresholds and what is plausible."""
    asked = [c.threshold for c in when if c.quantity == quantity and isinstance(c.threshold, float)]
    fan = _fan_of(run, quantity, tuple(dict.fromkeys((*thresholds, *asked))), ci)
    exceeds = fan.known[-1].exceeds
    along = _scale_of(run, fan)
    scale(ax, "y", along)
    bound = _bound(run, fan)
    near = [y for _, y in bound if along.log or y <= 1.5 * fan.ends[np.isfinite(fan.ends)].max()]
    ax.set_ylim(*limits([fan.ends, np.array([*exceeds, *near])], along, 0.06))
    year_axis(ax, fan.years, EDGE * (fan.years[-1] - fan.years[0]))
    _bands(ax, fan, theme)
    _line(ax, run, fan, bound, theme)
    ends = []
    for limit, e in exceeds.items():
        if along.log and limit <= 0.0:
            continue
        ax.axhline(limit, color=theme.ink, lw=0.9, ls=theme.dash(1), gid="threshold", zorder=3)
        ends.append((limit, f"{part_of_worlds(e)} above\n{short(limit)} in {fan.years[-1]}", theme.ink))
    named_at_the_end(ax, ends, theme)
    ax.yaxis.grid(True)
    open_above = any(s.high.value == math.inf for s in fan.known)
    label(ax, "x", "year", key="triangle: the interval has no upper end" if open_above else "")
    shape = f"; {along.name} scale" if along.name == "asinh" else ""
    label(ax, "y", spoken(quantity), fan.known[0].unit, f"{bands_key(ci[0])}{shape}")
    return Drawn(_growth(fan) + _beyond(run, fan), _rows(run, fan))


def _fan_of(run: Run, quantity: str, thresholds: Sequence[float], ci: tuple[float, str]) -> Fan:
    names = names_of("years", run, quantity)
    known = run.summary(names, ci=ci[0], kind=ci[1], exceeds={names[-1]: list(thresholds)})
    if all(s.median.value == math.inf for s in known):
        raise InputError(f"{quantity} is infinite in most worlds of every year, and there is nothing to draw")
    return Fan(quantity, run.priors.years, tuple(known))


def _scale_of(run: Run, fan: Fan) -> Scale:
    """Logarithmic over decades; of what is not positive, asinh where its tails are heavy; else linear."""
    ends = fan.ends[np.isfinite(fan.ends)]
    if ends.min() > 0.0:
        return LOG if ends.max() >= DECADES * ends.min() else LINEAR
    worlds = [np.quantile(draws_of(run, s.name).x, EVENLY) for s in fan.known if np.isfinite(s.median.value)]
    return scale_of(np.concatenate([*worlds, np.zeros(1)]))


def _bound(run: Run, fan: Fan) -> list[tuple[float, float]]:
    """The line of plausibility as places, where the set has one in these years."""
    line = run.priors.plausible.get(fan.quantity)
    places = [(float(x), line.at(float(x))) for x in _between(fan.years)] if line else []
    return [(x, y) for x, y in places if y is not None]


def _line(ax: Axes, run: Run, fan: Fan, bound: Sequence[tuple[float, float]], theme: Theme) -> None:
    """The line of plausibility, and in the key what it is; where it lies above the axes, that it does."""
    if not bound:
        return
    x, y = np.array(bound).T
    hidden = "" if y.min() < ax.get_ylim()[1] else ", above the axes"
    text = folded(f"most that is plausible: {run.priors.plausible[fan.quantity].label}{hidden}", characters(ax) - 6, 3)
    ax.plot(x, y, color=theme.color(1), ls=theme.dash(3), lw=1.9, gid="plausible", label=text, zorder=4)
    legend_above(ax, 1, handlelength=2.4)


def _beyond(run: Run, fan: Fan) -> str:
    """What of the interval lies beyond the line of plausibility, in the last year in which some of it does."""
    line = run.priors.plausible.get(fan.quantity)
    words = ("all of the interval", "three quarters of the worlds", "the median", "a quarter of the worlds", "its end")
    for year, ends in zip(reversed(fan.years), fan.ends.T[::-1], strict=True):
        most = line.at(float(year)) if line else None
        if most is not None and ends[-1] > most:
            what = next(word for word, end in zip(words, ends, strict=True) if end > most)
            held = "lie" if "worlds" in what else "lies"
            return f"; {what} {held} beyond {line.label} in {year} ({short(most)})" if line else ""
    return ""


def _between(years: Sequence[int]) -> np.ndarray:
    """Places along the years, so many from each to the next, and the last year."""
    parts = [np.linspace(a, b, STEPS * (b - a), endpoint=False) for a, b in pairwise(years)]
    return np.concatenate([*parts, [float(years[-1])]])


def _bands(ax: Axes, fan: Fan, theme: Theme) -> None:
    """The median as a line with a point at each year, and both bands; what is infinite goes on above the axes."""
    x, color, top = np.array(fan.years), theme.color(0), ax.get_ylim()[1]
    low, q25, median, q75, high = fan.ends
    for first, last, strength, gid in ((low, high, 0.18, "interval"), (q25, q75, 0.28, "half")):
        drawn = {"color": color, "alpha": strength, "lw": 0, "gid": gid}
        ax.fill_between(x, np.minimum(first, top), np.minimum(last, top), **drawn)
    shown = np.where(np.isfinite(median), median, np.nan)
    ax.plot(x, shown, color=color, lw=1.6, gid="median")
    for year, y in zip(x, shown, strict=True):
        if math.isfinite(y):
            hollow(ax, (year, y), theme.mark(0), theme, color, 4.6, gid="year", zorder=5)
    above = {"transform": ax.get_xaxis_transform(), "clip_on": False, "ls": "none", "gid": "infinite", "zorder": 6}
    for year in x[np.isinf(high)]:
        ax.plot([year], [1.0], "^", color=color, ms=5, **above)


def _growth(fan: Fan) -> str:
    """The finding: from where to where the median goes, and the interval at the end."""
    first, last = fan.known[0], fan.known[-1]
    most = resolving(first.median.value, last.median.value)
    lead = f"{spoken(fan.quantity)}: {short(first.median.value, supported(*first.median, most))} in {fan.years[0]}"
    text = f"{lead}, {told(*last.median, last.unit, most)} in {fan.years[-1]}"
    if last.low.value != last.high.value:
        most = resolving(last.low.value, last.high.value)
        low, high = (short(e.value, supported(*e, most)) for e in (last.low, last.high))
        text += f" ({percent(last.prob)} credible interval {low} to {high})"
    return f"{text}; infinite in {share(last.infinite)} of the worlds then" if last.infinite else text


def _rows(run: Run, fan: Fan) -> list[Row]:
    """Each year's numbers as data, with what is plausible then."""
    found, line = [], run.priors.plausible.get(fan.quantity)
    for year, s in zip(fan.years, fan.known, strict=True):
        quarters = {"p25": s.quantiles[0.25].value, "p75": s.quantiles[0.75].value}
        named = number("low", s.low) | number("median", s.median) | number("high", s.high)
        more = number("infinite", s.infinite) if s.infinite else {}
        beyond = {f"above_{x:.10g}": e.value for x, e in s.exceeds.items()}
        most = line.at(float(year)) if line else None
        bound = {"plausible": most} if most is not None else {}
        found.append({"quantity": fan.quantity, "year": year} | named | quarters | more | beyond | bound)
    return found


class Crossed(NamedTuple):
    """A crossing: what crosses, in words, and the probability of having crossed by each of many times."""

    of: str
    words: str
    at: np.ndarray
    chance: tuple[Estimate, ...]

    @property
    def last(self) -> Estimate:
        """The probability of having crossed by the last year."""
        return self.chance[-1]

    @property
    def never(self) -> Estimate:
        """The probability of not having crossed by the last year."""
        return Estimate(1.0 - self.last.value, self.last.mcse)


def _tall(request: Request) -> float:
    """Room for a line of the key, and a text at the end, for each crossing."""
    return (0.6 if request.theme.width_mm >= WIDE else 0.86) + 0.05 * len(request.when[:MOST])


@kind(shape=_tall, by_year=True)
def crossing(ax: Axes, run: Run, when: tuple[Crossing, ...], theme: Theme) -> Drawn:
    """The probability of having crossed a threshold (--when) by each year, and of not crossing by the last."""
    if len(when) > MOST:
        raise InputError(f"{len(when)} crossings are too many for one figure: at most {MOST}; name them with --when")
    found = [_crossed(run, c) for c in when]
    over = run.priors.years
    scale(ax, "y", LINEAR)
    year_axis(ax, over, EDGE * (over[-1] - over[0]))
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.yaxis.grid(True)
    for i, c in enumerate(found):
        y, error = (np.array([e[k] for e in c.chance]) for k in (0, 1))
        low, high = np.clip(y - COVER * error, 0.0, 1.0), np.clip(y + COVER * error, 0.0, 1.0)
        ax.fill_between(c.at, low, high, color=theme.color(i), alpha=0.25, lw=0, gid="error")
        ax.plot(c.at, y, color=theme.color(i), ls=theme.dash(i), lw=1.5, gid="crossed", label=c.words)
        for year in over:
            chance = float(y[np.searchsorted(c.at, year)])
            hollow(ax, (year, chance), theme.mark(i), theme, theme.color(i), 4.6, gid="year", zorder=5)
    named_at_the_end(ax, [(c.last.value, f"never:\n{part_of_worlds(c.never)}", theme.ink) for c in found], theme)
    legend_above(ax, 1)
    label(ax, "x", "year", key=f"never: not by {over[-1]}; bands: Monte Carlo error, 90 % interval")
    label(ax, "y", "probability of having crossed")
    return Drawn(_by_the_last(found, over[-1]), [r for c in found for r in _series(c, over[-1])])


def _crossed(run: Run, c: Crossing) -> Crossed:
    """The share of the worlds whose first year is no later than each time, with its Monte Carlo error."""
    at, sample = _between(run.priors.years), run.sample(c.name)
    later = [probability_above(sample, float(x)) for x in at]
    words = spoken(c.name).removeprefix("first year of ")
    return Crossed(spoken(c.quantity), words, at, tuple(Estimate(1.0 - e.value, e.mcse) for e in later))


def _by_the_last(found: Sequence[Crossed], last: int) -> str:
    """The finding: how likely each has crossed by the last year; what crosses several times is named once."""
    parts, before = list[str](), ""
    for c in found:
        shown = c.words if c.of != before else c.words.removeprefix(c.of).strip()
        within = part_of_worlds(c.last) if c.last.value in (0.0, 1.0) else f"{share(c.last)} of the worlds"
        parts.append(f"{shown} in {within}")
        before = c.of
    return f"by {last} {'; '.join(parts)}"


def _series(c: Crossed, last: int) -> list[Row]:
    rows: list[Row] = [
        {"crossing": c.words, "by": float(x), **number("probability", e)} for x, e in zip(c.at, c.chance, strict=True)
    ]
    return [*rows, {"crossing": c.words, "by": f"not by {last}", **number("probability", c.never)}]
