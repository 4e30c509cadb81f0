"""Figures of what drives a quantity: tornado, sensitivity, attribution, correlations, grades."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...analyses.attribution import attribution as attribute
from ...analyses.attribution import differing
from ...analyses.sensitivity import Sensitivity, drivers_of
from ...analyses.sobol_indices import stress, total_indices
from ...base.errors import InputError
from ...base.wording import short, spoken, told
from ...compute.headline import HEADLINE
from ...priors.prior import GRADES
from ...runs.run import Run
from ...statistics.estimators import Estimate
from ...statistics.statistic import statistic as measure
from ..axes import inches, label, limits, rows, scale
from ..registry import HEADS, Drawn, Request, kind
from ..theme import Theme
from .distribution import COVER

STRESSED = 1 << 17  # draws for each rank correlation
MOST = 12  # priors that a figure shows


def _bars(request: Request, least: float = 0.45) -> float:
    """Room for a bar for each prior that is shown."""
    reads = request.run.priors.model.reads(request.quantities or HEADLINE)
    count = min(sum(request.run.priors.prior(n).uncertain for n in reads), MOST)
    return min(max((34.0 + 6.5 * count) / request.theme.width_mm, least), 2.2)


def _moved(found: Sensitivity) -> list[Any]:
    position = math.log if found.log else float
    ordered = sorted(found.drivers, key=lambda d: -abs(position(d.high.value) - position(d.low.value)))
    return ordered[:MOST]


@kind(shape=_bars)
def tornado(ax: Any, run: Run, quantity: str, theme: Theme) -> Drawn:
    """The median of a quantity with each prior alone at its 5 % and at its 95 % point."""
    found = drivers_of(run, quantity)
    drivers, middle = _moved(found), found.median.value
    scale(ax, "x", found.log)
    ends = np.array([e.value for d in drivers for e in (d.low, d.high)] + [middle])
    ax.set_xlim(*limits([ends], found.log, 0.1))
    for i, d in enumerate(drivers):
        for end, j, word in ((d.low, 1, "5 %"), (d.high, 0, "95 %")):
            bar = ax.barh(
                i,
                end.value - middle,
                0.62,
                left=middle,
                color=theme.color(j),
                hatch=theme.hatch(j),
                edgecolor=theme.background,
                lw=0.4,
                label=f"the prior at its {word} point" if not i else None,
            )[0]
            bar.set_gid(f"bar {word}")
    ax.axvline(middle, color=theme.ink, lw=0.9)
    rows(ax, [spoken(d.name) for d in drivers])
    ax.legend(
        frameon=False,
        ncols=2 if inches(ax)[0] > 3.0 else 1,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        borderpad=0.1,
        handlelength=1.2,
        columnspacing=1.2,
    )
    label(ax, "x", f"median of {spoken(quantity)}", found.unit)
    data = [
        {
            "prior": d.name,
            "at_p5": d.low.value,
            "at_p5_mcse": d.low.mcse,
            "at_p95": d.high.value,
            "at_p95_mcse": d.high.mcse,
        }
        for d in drivers
    ]
    top = drivers[0]
    return Drawn(
        f"{spoken(top.name)} moves the median of {spoken(quantity)} most: from {short(top.low.value)} to "
        f"{told(top.high.value, unit=found.unit)}",
        data,
    )


@kind(shape=_bars)
def sensitivity(ax: Any, run: Run, quantity: str, theme: Theme) -> Drawn:
    """Shares of the variance of a quantity by prior: first and total order, with error bars."""
    run.plain("a sensitivity")
    s = run.settings
    found = total_indices(run.priors, quantity, s.seed, s.sampler)
    shown = sorted(found, key=lambda i: -i.total.value)[:MOST]
    for shift, j, order in ((-0.19, 0, "first"), (0.19, 1, "total")):
        e = [getattr(i, order) for i in shown]
        ax.barh(
            np.arange(len(shown)) + shift,
            [100 * max(x.value, 0.0) for x in e],
            0.36,
            color=theme.color(j),
            hatch=theme.hatch(j),
            edgecolor=theme.background,
            lw=0.3,
            gid=order,
            label={"first": "alone (first order)", "total": "with interactions (total order)"}[order],
        )
        ax.errorbar(
            [100 * x.value for x in e],
            np.arange(len(shown)) + shift,
            fmt="none",
            ecolor=theme.ink,
            elinewidth=0.9,
            xerr=[100 * COVER * x.mcse for x in e],
            capsize=1.6,
        )
    scale(ax, "x", False)
    ax.set_xlim(left=0.0)
    rows(ax, [" + ".join(map(spoken, i.names)) for i in shown])
    ax.legend(frameon=False, loc="lower right", handlelength=1.2)
    ax.xaxis.grid(True)
    label(ax, "x", f"share of the variance of {spoken(quantity)}, % (bars: 90 % interval)")
    data = [
        {
            "prior": " + ".join(i.names),
            "first": i.first.value,
            "first_mcse": i.first.mcse,
            "total": i.total.value,
            "total_mcse": i.total.mcse,
        }
        for i in shown
    ]
    top = shown[0]
    return Drawn(
        f"{' + '.join(map(spoken, top.names))} carries {100 * top.first.value:.0f} % of the variance of "
        f"{spoken(quantity)}",
        data,
    )


def _two(request: Request) -> float:
    """A row for A, for B and for each prior that differs."""
    if len(request.runs) != 2:
        return 0.5
    count = min(len(differing(*(r.priors for r in request.runs))) + 1, MOST)
    return (44.0 + 9.5 * (count + 2)) / request.theme.width_mm


@kind(shape=_two)
def attribution(
    ax: Any, runs: tuple[Run, ...], labels: tuple[str, ...], quantity: str, statistic: str, theme: Theme
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
    sums = np.cumsum([0.0, *(c.value for c in parts)])
    level = found.a.value * np.exp(sums) if found.log else found.a.value + sums
    scale(ax, "x", found.log)
    ax.set_xlim(*limits([level], found.log, 0.16))
    for i, c in enumerate(parts, 1):
        up = int(level[i] < level[i - 1])
        bar = ax.barh(
            i,
            level[i] - level[i - 1],
            0.6,
            left=level[i - 1],
            color=theme.color(up),
            hatch=theme.hatch(up),
            edgecolor=theme.background,
            lw=0.3,
        )[0]
        bar.set_gid(f"step: {c.name}")
        text = f"×{short(math.exp(c.value))}" if found.log else f"{'+' if c.value > 0 else ''}{short(c.value)}"
        ax.annotate(text, (max(level[i], level[i - 1]), i), (4, 0), textcoords="offset points", va="center")
    for i in range(len(parts) + 1):
        ax.plot([level[i]] * 2, [i, i + 1], color=theme.muted, lw=0.8, ls=theme.dash(2))
    for i, j in ((0, 0), (len(parts) + 1, len(parts))):
        ax.plot([level[j]], [i], theme.mark(i and 1), color=theme.ink, ms=6, gid="A" if not i else "B")
        ax.annotate(
            short(float(level[j])), (level[j], i), (6, 0), textcoords="offset points", va="center", weight="bold"
        )
    rows(ax, [f"A: {labels[0]}", *(spoken(c.name) for c in parts), f"B: {labels[1]}"], 0.4)
    label(ax, "x", f"{found.statistic.name} of {spoken(quantity)}", runs[0].priors.model.quantities[quantity].unit)
    data = [
        {"series": "A", "level": found.a.value, "mcse": found.a.mcse},
        *(
            {
                "series": c.name,
                "contribution": c.value,
                "mcse": c.mcse,
                "permutation_se": c.permutation_se,
                "level": float(x),
            }
            for c, x in zip(parts, level[1:], strict=True)
        ),
        {"series": "B", "level": found.b.value, "mcse": found.b.mcse},
    ]
    return Drawn(_difference(found, quantity), data)


def _difference(found: Any, quantity: str) -> str:
    if not found.contributions:
        return f"Nothing that {spoken(quantity)} reads differs between A and B"
    whole = f"{short(math.exp(found.change.value))} times A's" if found.log else f"{short(found.change.value)} from A's"
    top = found.contributions[0]
    if abs(found.change.value) < 1e-12 and abs(top.value) < 1e-12:
        return f"B's {found.statistic.name} of {spoken(quantity)} is A's"
    how = f"×{short(math.exp(top.value))}" if found.log else f"{'+' if top.value > 0 else ''}{short(top.value)}"
    return (
        f"B's {found.statistic.name} of {spoken(quantity)} is {whole}; the largest part is {spoken(top.name)} ({how})"
    )


@kind()
def correlation_stress(ax: Any, run: Run, quantity: str, pairs: tuple[tuple[str, str], ...], theme: Theme) -> Drawn:
    """How the interval of a quantity moves with the rank correlation of two priors (--pair)."""
    run.plain("a stressed correlation")
    pairs = pairs or (_strongest(run, quantity),)
    s = run.settings
    found, impossible = stress(run.priors, pairs, quantity, s.seed, STRESSED, s.sampler)
    if not found:
        raise InputError(f"no rank correlation of {' and '.join(pairs[0])} is possible beside those of the set")
    rho, low, high = np.array([(r.rho, r.low.value, r.high.value) for r in found]).T
    log = bool(low.min() > 0.0)
    scale(ax, "y", log)
    ax.set_ylim(*limits([low, high], log, 0.12))
    ax.fill_between(rho, low, high, color=theme.color(0), alpha=0.22, lw=0, gid="interval")
    for y, i, name in ((high, 0, "95 %"), (low, 1, "5 %")):
        ax.plot(rho, y, theme.mark(i), ls=theme.dash(i), color=theme.color(0), ms=4, gid=name)
        ax.annotate(name, (rho[-1], y[-1]), (5, 0), textcoords="offset points", va="center")
    ax.set_xlim(-1.0, 1.0)
    scale(ax, "x", False)
    ax.axvline(0.0, color=theme.muted, lw=0.8, ls=theme.dash(2))
    between = "; ".join(" and ".join(map(spoken, p)) for p in pairs)
    label(ax, "x", f"rank correlation of {between}")
    label(ax, "y", f"90 % interval of {spoken(quantity)}", run.priors.model.quantities[quantity].unit)
    data = [
        {
            "rho": r.rho,
            "low": r.low.value,
            "low_mcse": r.low.mcse,
            "high": r.high.value,
            "high_mcse": r.high.mcse,
            "width": r.width.value,
        }
        for r in found
    ]
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
def grade(ax: Any, run: Run, quantities: tuple[str, ...], theme: Theme) -> Drawn:
    """How much of the uncertainty rests on priors of each evidence grade, A to D."""
    shares = {q: _graded(run, q) for q in quantities}
    shown = [g for g in GRADES if any(g in by for by in shares.values())]
    others = sorted({g for by in shares.values() for g in by} - set(shown))
    ends = np.zeros(len(quantities))
    strength = {"A": 0.25, "B": 0.5, "C": 0.75, "D": 1.0}
    for i, g in enumerate([*shown, *others]):
        part = np.array([100 * max(shares[q].get(g, Estimate(0.0, 0.0)).value, 0.0) for q in quantities])
        named = f"{g} {GRADES[g]}" if g in GRADES else g.replace("+", " and ") + " together"
        ax.barh(
            range(len(quantities)),
            part,
            0.6,
            left=ends,
            color=theme.color(0) if g in GRADES else theme.color(2),
            alpha=strength.get(g, 0.6),
            label=named,
            gid=f"grade {g}",
            hatch=theme.hatch(i),
            lw=0,
        )
        for y, (start, width) in enumerate(zip(ends, part, strict=True)):
            if width > 9.0:
                ax.text(
                    start + width / 2.0,
                    y,
                    f"{g} {width:.0f} %",
                    ha="center",
                    va="center",
                    size=0.9 * theme.size,
                    bbox=theme.behind,
                )
        ends += part
    scale(ax, "x", False)
    ax.set_xlim(0.0, max(100.0, float(ends.max())))
    rows(ax, [spoken(q) for q in quantities])
    columns = 2 if inches(ax)[0] < 4.0 else 4
    ax.legend(
        frameon=False,
        ncols=columns,
        loc="lower left",
        bbox_to_anchor=(-0.02, 1.0),
        handlelength=1.0,
        columnspacing=1.0,
        borderpad=0.1,
    )
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


def _graded(run: Run, quantity: str) -> dict[str, Estimate]:
    from ...analyses.sobol_indices import by_grade

    found = drivers_of(run, quantity)
    if any(d.correlated for d in found.drivers):
        s = run.settings
        return by_grade(run.priors, total_indices(run.priors, quantity, s.seed, s.sampler))
    return found.by_grade
