"""Figures of decisions: what a reserve costs, and what knowing a prior before would save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...analyses.newsvendor import prices_of
from ...analyses.reserve import Plan, Reserve, cost_curve
from ...analyses.reserve import reserve as reserved
from ...analyses.value_of_information import ALL, Learned
from ...base.errors import InputError
from ...base.wording import resolving, short, spoken, supported, told
from ...runs.run import Run
from ...statistics.estimators import COVER
from ..axes import inches, label, limits, rows, scale
from ..marks import bars, beside, legend_above, number
from ..registry import Drawn, Request, Row, kind
from ..scales import LINEAR, log_if
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 161  # of the curve
ENDS = (0.05, 0.95)  # the quantiles between which it is drawn, unless a plan lies beyond
MOST = 12  # priors that a figure shows


def _check_prices(kind: str, short: object, idle: object) -> None:
    if short is None or idle is None:
        raise InputError(f"{kind} is drawn for prices: give both --short and --idle, in USD an hour")


def _tall(request: Request) -> float:
    """Room for the key above the axes, a line for each plan where it is narrow."""
    return (0.6 if request.theme.width_mm >= 120.0 else 0.95) + 0.03 * len(request.plans)


@kind(shape=_tall)
def reserve(
    ax: Axes, run: Run, quantity: str, short: object, idle: object, plans: tuple[float, ...], theme: Theme
) -> Drawn:
    """Expected cost of a reserve against its size: the best, the median and --plan, for --short and --idle."""
    _check_prices("reserve", short, idle)
    found = reserved(run, quantity, short=short, idle=idle, plans=plans)
    draws = run.draws_of(quantity)
    along = log_if(draws.min() > 0.0 and min(p.units.value for p in found.plans) > 0.0)
    ends = np.quantile(draws, ENDS)
    low, high = limits([ends, np.array([p.units.value for p in found.plans])], along, 0.03)
    first, last = along.to(np.array([low if along.log else max(low, 0.0), high])).tolist()
    x = along.back(np.linspace(first, last, POINTS))
    curve = cost_curve(run, quantity, prices_of(short, idle), x)
    y = np.array([e.value for e in curve])
    scale(ax, "x", along)
    scale(ax, "y", LINEAR)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(0.0, 1.06 * y.max())
    ax.plot(x, y, color=theme.color(0), lw=1.5, gid="curve")
    ax.yaxis.grid(True)
    most = resolving(*(p.cost.value for p in found.plans if p.cost))
    for i, plan in enumerate(found.plans):
        _marked(ax, plan, i, most, theme)
    legend_above(ax, 2 if inches(ax)[0] > 4.0 else 1, handlelength=1.0, columnspacing=1.4)
    label(ax, "x", f"reserve of {spoken(quantity)}", found.unit, _key(found))
    label(ax, "y", "expected cost", "USD/hour")
    data: list[Row] = [{"series": "cost", "x": a, **number("y", e)} for a, e in zip(x, curve, strict=True)]
    data += [{"series": p.name, "x": p.units.value, **number("y", p.cost)} for p in found.plans if p.cost]
    return Drawn(_least(found, quantity), data)


def _marked(ax: Axes, plan: Plan, i: int, most: int, theme: Theme) -> None:
    """A plan on the curve, with its size and cost in the key."""
    if plan.cost is None:
        return
    at, cost = plan.units.value, plan.cost.value
    name = plan.name if plan.units.mcse == 0.0 else f"{plan.name} {short(at, supported(*plan.units))}"
    text = f"{name}: {short(cost, supported(*plan.cost, most))} USD an hour"
    look = {"color": theme.color(i), "ms": 6.5, "mec": theme.ink, "mew": 0.6, "ls": "none", "zorder": 5}
    ax.plot([at], [cost], theme.mark(i), label=text, gid=plan.name if i < 2 else "plan", **look)
    ax.plot([at, at], [0.0, cost], color=theme.muted, lw=0.8, ls=theme.dash(2), zorder=1)


def _least(found: Reserve, quantity: str) -> str:
    """The finding: the best reserve and its cost, and how much more the last of the others costs."""
    best, last = found.best, found.plans[-1]
    assert best.cost is not None
    assert last.extra is not None
    units = told(best.units.value, best.units.mcse, found.unit)
    cost = short(best.cost.value, supported(*best.cost))
    lead = f"a reserve of {units} costs least for {spoken(quantity)}: {cost} USD an hour expected"
    what = last.name if last.units.mcse == 0.0 and last.name[0].isdigit() else f"the {last.name}"
    return f"{lead}; {what} costs {short(last.extra.value, supported(*last.extra))} more"


def _key(found: Reserve) -> str:
    """The prices, in words."""
    prices = found.rule.prices
    assert prices is not None
    return f"USD an hour of a missing one {prices.short.text}, of an idle one {prices.idle.text}"


def _bars(request: Request) -> float:
    """Room for a bar for each prior that is shown."""
    count = min(len(request.run.priors.read_by(*(request.quantities or request.run.priors.model.told.headline))), MOST)
    return min(max((34.0 + 7.5 * count) / request.theme.width_mm, 0.45), 2.2)


@kind(shape=_bars)
def value_of_information(ax: Axes, run: Run, quantity: str, short: object, idle: object, theme: Theme) -> Drawn:
    """What knowing each prior before reserving would save, in USD an hour, for --short and --idle."""
    run.plain("the value of information")
    _check_prices("value-of-information", short, idle)
    found = reserved(run, quantity, short=short, idle=idle, learn=ALL)
    shown = found.learned[:MOST]
    widths = [max(x.saving.value, 0.0) for x in shown]
    scale(ax, "x", LINEAR)
    bars(ax, range(len(shown)), widths, 0, theme, 0.6, lw=0.3, gid="saving")
    error = {"fmt": "none", "ecolor": theme.ink, "elinewidth": 0.9, "capsize": 1.6}
    ax.errorbar(widths, range(len(shown)), xerr=[COVER * x.saving.mcse for x in shown], **error)
    ax.set_xlim(0.0, 1.12 * max(*widths, max(COVER * x.saving.mcse for x in shown), 1e-300))
    for i, x in enumerate(shown):
        if not x.distinguishable:
            beside(ax, "not above 0", (widths[i], i), (8, 0), size=0.85 * theme.size)
    rows(ax, [_called(x) for x in shown], 0.42)
    ax.xaxis.grid(True)
    label(ax, "x", f"saving for {spoken(quantity)}, USD an hour (lines: 90 % interval)", key=_key(found))
    data: list[Row] = [{"prior": " + ".join(x.names), **number("saving", x.saving)} for x in shown]
    return Drawn(_most(found, shown[0], quantity), data)


def _called(x: Learned) -> str:
    """A prior in words, or a price; a group of many correlated ones by its first."""
    if len(x.names) > 2:
        return f"{spoken(x.names[0])} and {len(x.names) - 1} correlated with it"
    prices = {"short": "price of a missing one", "idle": "price of an idle one"}
    return " + ".join(prices.get(n, spoken(n)) for n in x.names)


def _most(found: Reserve, top: Learned, quantity: str) -> str:
    if not top.distinguishable or found.evpi is None:
        return f"No prior alone is worth knowing before reserving {spoken(quantity)}"
    share = 100.0 * top.saving.value / found.evpi.value
    saving = short(top.saving.value, supported(*top.saving))
    return (
        f"knowing {_called(top)} before reserving would save {saving} USD an hour: "
        f"{share:.2g} % of what knowing {spoken(quantity)} itself would"
    )
