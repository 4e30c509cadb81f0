"""Figures of what drives a quantity: tornado, sensitivity, attribution, correlations, grades."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...analyses.attribution import Attribution
from ...analyses.attribution import attributed as attribute
from ...analyses.players import differing
from ...analyses.sensitivity import Driver, Sensitivity
from ...analyses.sensitivity import sensitivity as drivers_of
from ...analyses.sobol_indices import Index, NoVarianceError, by_grade, stress, total_indices
from ...base.errors import InputError
from ...base.wording import resolving, short, spoken, told
from ...priors.prior import GRADES
from ...runs.run import Run
from ...statistics.estimators import COVER, Estimate, mcse
from ...statistics.statistic import statistic as measure
from ..axes import inches, label, limits, rows, scale
from ..marks import bars, beside, legend_above, number
from ..registry import HEADS, Drawn, Request, Row, kind
from ..scales import LINEAR, log_if
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STRESSED = 1 << 17  # draws for each rank correlation
MOST = 12  # priors that a figure shows
STRENGTH = {"A": 0.25, "B": 0.5, "C": 0.75, "D": 1.0}  # of a grade's colour: the weaker the evidence, the darker


def _bars(request: Request, least: float = 0.45) -> float:
    """Room for a bar for each prior that is shown."""
    count = min(len(request.run.priors.read_by(*(request.quantities or request.run.priors.model.told.headline))), MOST)
    return min(max((34.0 + 6.5 * count) / request.theme.width_mm, least), 2.2)


def _moved(found: Sensitivity) -> list[Driver]:
    position = math.log if found.log else float
    ordered = sorted(found.drivers, key=lambda d: -abs(position(d.high.value) - position(d.low.value)))
    return ordered[:MOST]


@kind(shape=_bars)
def tornado(ax: Axes, run: Run, quantity: str, theme: Theme) -> Drawn:
    """The median of a quantity with each prior alone at its 5 % and at its 95 % point."""
    found = drivers_of(run, quantity)
    drivers, middle = _moved(found), found.median.value
    scale(ax, "x", log_if(found.log))
    ends = np.array([e.value for d in drivers for e in (d.low, d.high)] + [middle])
    ax.set_xlim(*limits([ends], log_if(found.log), 0.1))
    for i, d in enumerate(drivers):
        for end, j, word in ((d.low, 0, "5 %"), (d.high, 1, "95 %")):  # as on the page
            key = f"the prior at its {word} point" if not i else None
            bar = bars(ax, i, end.value - middle, j, theme, 0.62, left=middle, lw=0.4, label=key)[0]
            bar.set_gid(f"bar {word}")
    ax.axvline(middle, color=theme.ink, lw=0.9)
    rows(ax, [spoken(d.name) for d in drivers])
    legend_above(ax, 2 if inches(ax)[0] > 4.0 else 1, handlelength=1.2, columnspacing=1.2)
    label(ax, "x", f"median of {spoken(quantity)}", found.unit)
    data = [{"prior": d.name, **number("at_p5", d.low), **number("at_p95", d.high)} for d in drivers]
    top = drivers[0]
    most = resolving(top.low.value, top.high.value)
    return Drawn(
        f"{spoken(top.name)} moves the median of {spoken(quantity)} most: from {short(top.low.value, most)} to "
        f"{told(top.high.value, unit=found.unit, most=most)}",
        data,
    )


@kind(shape=_bars)
def sensitivity(ax: Axes, run: Run, quantity: str, theme: Theme) -> Drawn:
    """Shares of the variance of a quantity by prior: first and total order, with error bars."""
    run.plain("a sensitivity")
    s = run.settings
    found = total_indices(run.priors, quantity, s.seed, s.sampler)
    shown = sorted(found, key=lambda i: -i.total.value)[:MOST]
    _orders(ax, shown, theme)
    scale(ax, "x", LINEAR)
    ax.set_xlim(left=0.0)
    rows(ax, [" + ".join(map(spoken, i.names)) for i in shown])
    ax.legend(frameon=False, loc="lower right", handlelength=1.2)
    ax.xaxis.grid(True)
    label(ax, "x", f"share of the variance of {spoken(quantity)}, % (bars: 90 % interval)")
    data = [{"prior": " + ".join(i.names), **number("first", i.first), **number("total", i.total)} for i in shown]
    top = shown[0]
    return Drawn(
        f"{100 * top.first.value:.0f} % of the variance of {spoken(quantity)} comes from "
        f"{' + '.join(map(spoken, top.names))}",
        data,
    )


def _orders(ax: Axes, shown: Sequence[Index], theme: Theme) -> None:
    """First- and total-order shares as pairs of bars, each with the interval of its estimate."""
    places = np.arange(len(shown))
    words = {"first": "alone (first order)", "total": "with interactions (total order)"}
    for shift, j, order in ((-0.19, 0, "first"), (0.19, 1, "total")):
        e: list[Estimate] = [getattr(i, order) for i in shown]
        widths = [100 * max(x.value, 0.0) for x in e]
        bars(ax, places + shift, widths, j, theme, 0.36, lw=0.3, gid=order, label=words[order])
        error = {"fmt": "none", "ecolor": theme.ink, "elinewidth": 0.9, "capsize": 1.6}
        ax.errorbar([100 * x.value for x in e], places + shift, xerr=[100 * COVER * x.mcse for x in e], **error)


def _two(request: Request) -> float:
    """A row for A, for B and for each prior that differs."""
    if len(request.runs) != 2:
        return 0.5
    count = min(len(differing(*(r.priors for r in request.runs))) + 1, MOST)
    return (44.0 + 9.5 * (count + 2)) / request.theme.width_mm


@kind(shape=_two)
def attribution(
    ax: Axes, runs: tuple[Run, ...], labels: tuple[str, ...], quantity: str, statistic: str, theme: Theme
) -> Drawn:
    """What makes the difference between A and B, prior by prior: a waterfall."""
    if len(runs) != 2:
        raise InputError(f"attribution is drawn of two runs or prior sets, A and B, and not of {len(runs)}")
    for run in runs:
        run.plain("an attribution")
    s = runs[0].settings
    found = attribute(runs[0].priors, runs[1].priors, quantity, measure(statistic), s.seed, s.sampler)
    parts = list(found.contributions)
    if len(parts) > MOST:
        raise InputError(f"{len(parts)} priors differ between {labels[0]} and {labels[1]}; a figure shows {MOST}")
    a, b = (_whole(run, found) for run in runs)
    sums = np.cumsum([0.0, *(c.value for c in parts)])
    level = a.value * np.exp(sums) if found.log else a.value + sums
    scale(ax, "x", log_if(found.log))
    ax.set_xlim(*limits([level, np.array([b.value])], log_if(found.log), 0.16))
    _waterfall(ax, found, np.array([*level, b.value]), theme)
    rows(ax, [f"A: {labels[0]}", *(spoken(c.name) for c in parts), f"B: {labels[1]}"], 0.4)
    unit, told = runs[0].priors.model.quantity(quantity).unit, f"steps: Shapley values on {found.draws:,} draws"
    label(ax, "x", f"{found.statistic.name} of {spoken(quantity)}", unit, key=told)
    data: list[Row] = [{"series": "A", "level": a.value, "mcse": a.mcse}]
    for c, x in zip(parts, level[1:], strict=True):
        errors = {"mcse": c.mcse, "permutation_se": c.permutation_se}
        data.append({"series": c.name, "contribution": c.value, **errors, "level": float(x)})
    data.append({"series": "B", "level": b.value, "mcse": b.mcse})
    return Drawn(_difference(found, quantity), data)


def _whole(run: Run, found: Attribution) -> Estimate:
    """The statistic of a run's own draws, as its table has it: the steps are of fewer."""
    value, each = found.statistic.of_sample(run.sample(found.quantity))
    return Estimate(value, mcse(each))


def _waterfall(ax: Axes, found: Attribution, level: np.ndarray, theme: Theme) -> None:
    """A step for each contribution, from A's level in the first row to B's, the last of all levels, in the last."""
    parts = found.contributions
    for i, c in enumerate(parts, 1):
        step = level[i] - level[i - 1]
        bar = bars(ax, i, step, int(step < 0.0), theme, 0.6, left=level[i - 1], lw=0.3)[0]
        bar.set_gid(f"step: {c.name}")
        beside(ax, _effect(c.value, found.log), (max(level[i], level[i - 1]), i), (4, 0))
    for i in range(len(parts) + 1):
        ax.plot([level[i]] * 2, [i, i + 1], color=theme.muted, lw=0.8, ls=theme.dash(2))
    for row, j, name in ((0, 0, "A"), (len(parts) + 1, -1, "B")):
        ax.plot([level[j]], [row], theme.mark(int(name == "B")), color=theme.ink, ms=6, gid=name)
        beside(ax, short(float(level[j]), resolving(level[0], level[-1])), (level[j], row), (6, 0), weight="bold")


def _effect(value: float, log: bool) -> str:
    """A contribution in words: a factor where it is one of a logarithm, else a signed number."""
    return f"×{short(math.exp(value))}" if log else f"{'+' if value > 0 else ''}{short(value)}"


def _difference(found: Attribution, quantity: str) -> str:
    if not found.contributions:
        return f"Nothing that {spoken(quantity)} reads differs between A and B"
    whole = f"{short(math.exp(found.change.value))} times A's" if found.log else f"{short(found.change.value)} from A's"
    top = found.contributions[0]
    if abs(found.change.value) < 1e-12 and abs(top.value) < 1e-12:
        return f"B's {found.statistic.name} of {spoken(quantity)} is A's"
    how = _effect(top.value, found.log)
    return (
        f"B's {found.statistic.name} of {spoken(quantity)} is {whole}; the largest part is {spoken(top.name)} ({how})"
    )


@kind()
def correlation_stress(ax: Axes, run: Run, quantity: str, pairs: tuple[tuple[str, str], ...], theme: Theme) -> Drawn:
    """How the interval of a quantity moves with the rank correlation of two priors (--pair)."""
    run.plain("a stressed correlation")
    pairs = pairs or (_strongest(run, quantity),)
    s = run.settings
    found, impossible = stress(run.priors, pairs, quantity, s.seed, STRESSED, s.sampler)
    if not found:
        raise InputError(f"no rank correlation of {' and '.join(pairs[0])} is possible beside those of the set")
    rho, low, high = np.array([(r.rho, r.low.value, r.high.value) for r in found]).T
    log = bool(low.min() > 0.0)
    scale(ax, "y", log_if(log))
    ax.set_ylim(*limits([low, high], log_if(log), 0.12))
    ax.fill_between(rho, low, high, color=theme.color(0), alpha=0.22, lw=0, gid="interval")
    for y, i, name in ((high, 0, "95 %"), (low, 1, "5 %")):
        ax.plot(rho, y, theme.mark(i), ls=theme.dash(i), color=theme.color(0), ms=4, gid=name)
        beside(ax, name, (rho[-1], y[-1]), (5, 0))
    ax.set_xlim(-1.0, 1.0)
    scale(ax, "x", LINEAR)
    ax.axvline(0.0, color=theme.muted, lw=0.8, ls=theme.dash(2))
    between = "; ".join(" and ".join(map(spoken, p)) for p in pairs)
    label(ax, "x", f"rank correlation of {between}")
    label(ax, "y", f"90 % interval of {spoken(quantity)}", run.priors.model.quantity(quantity).unit)
    data = [{"rho": r.rho, **number("low", r.low), **number("high", r.high), "width": r.width.value} for r in found]
    first, last = found[0].width.value, found[-1].width.value
    how = "the interval spans a factor" if log else "the interval's width is"
    return Drawn(
        f"{spoken(quantity)}: {how} {short(first, 2)} at a rank correlation of {found[0].rho:+.1f}, and "
        f"{short(last, 2)} at {found[-1].rho:+.1f}",
        data + [{"rho": r} for r in impossible],
    )


def _strongest(run: Run, quantity: str) -> tuple[str, str]:
    """The two priors that the quantity rests on most: the pair to stress where none is named."""
    drivers = drivers_of(run, quantity).drivers
    if len(drivers) < 2:
        raise InputError(f"{quantity} rests on {drivers[0].name} alone: there is no pair to correlate")
    return drivers[0].name, drivers[1].name


@kind(shape=lambda r: min(max((38.0 + 11.0 * len(r.quantities)) / r.theme.width_mm, 0.35), 1.6), reads=HEADS[:2])
def grade(ax: Axes, run: Run, quantities: tuple[str, ...], theme: Theme) -> Drawn:
    """How much of the uncertainty rests on priors of each evidence grade, A to D."""
    shares = {q: _graded(run, q) for q in quantities}
    whole = _stacked(ax, list(shares.values()), theme)
    scale(ax, "x", LINEAR)
    ax.set_xlim(0.0, max(100.0, whole))
    rows(ax, [spoken(q) for q in quantities])
    together = any(g not in GRADES for by in shares.values() for g in by)  # of several grades, which takes room
    columns = (1 if together else 2) if inches(ax)[0] < 4.0 else 2 if together else 4
    legend_above(ax, columns, bbox_to_anchor=(-0.02, 1.0), handlelength=1.0, columnspacing=1.0)
    label(ax, "x", "share of the variance, % (the rest: interactions)")
    data = [
        {"quantity": q, "grade": g, "share": e.value, "mcse": e.mcse} for q, by in shares.items() for g, e in by.items()
    ]
    worst = max(shares[quantities[0]].items(), key=lambda item: item[1].value)
    meaning = GRADES.get(worst[0], "several grades")
    return Drawn(
        f"{100 * worst[1].value:.0f} % of the uncertainty of {spoken(quantities[0])} rests on grade "
        f"{worst[0]}: {meaning}",
        data,
    )


def _stacked(ax: Axes, shares: list[dict[str, Estimate]], theme: Theme) -> float:
    """A row of parts for each quantity, a part for each grade; where the longest row ends, in percent."""
    shown = [g for g in GRADES if any(g in by for by in shares)]
    others = sorted({g for by in shares for g in by} - set(shown))
    ends = np.zeros(len(shares))
    for i, g in enumerate([*shown, *others]):
        part = np.array([100 * max(by.get(g, Estimate(0.0, 0.0)).value, 0.0) for by in shares])
        look = {"color": theme.color(0 if g in GRADES else 2), "alpha": STRENGTH.get(g, 0.6), "hatch": theme.hatch(i)}
        ax.barh(range(len(shares)), part, 0.6, left=ends, label=_key(g), gid=f"grade {g}", lw=0, **look)
        middle = {"ha": "center", "va": "center", "size": 0.9 * theme.size, "bbox": theme.behind}
        for y, (start, width) in enumerate(zip(ends, part, strict=True)):
            if width > 9.0:
                ax.text(start + width / 2.0, y, f"{g} {width:.0f} %", **middle)
        ends += part
    return float(ends.max())


def _key(g: str) -> str:
    """A grade and what it means; several, of priors that are correlated, have no meaning of their own."""
    return f"{g} {GRADES[g]}" if g in GRADES else g.replace("+", " and ") + " together"


def _graded(run: Run, quantity: str) -> dict[str, Estimate]:
    found = drivers_of(run, quantity)
    if any(d.correlated for d in found.drivers):
        s = run.settings
        return by_grade(run.priors, total_indices(run.priors, quantity, s.seed, s.sampler))
    if found.withheld:
        raise NoVarianceError(quantity, found.withheld)
    return found.by_grade
