"""Plots of a backtest: published models against what was predicted of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...analyses.backtest import GROUPS, Backtest, Outcome
from ...base.errors import InputError
from ...base.wording import folded, percent, spoken
from ...priors.cases import ABOUT
from ..axes import inches_of, label, limits, rows, scale, titled
from ..marks import beside, block
from ..registry import WIDE, Drawn, Request, Row, kind
from ..scales import LINEAR, LOG
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


KEY = "bars: 90 % interval, grey where in sample; hollow: held, filled: missed"
TRIANGLE = "triangle: a bound, the value lies where it points"
BAND = 0.9  # probability that a calibrated prediction's places lie in the band
PANELS = 4  # quantities that have a panel


def _tall(request: Request) -> float:
    return (34.0 + 5.4 * len(request.backtest.outcomes)) / request.theme.width_mm


@kind(shape=_tall)
def backtest(ax: Axes, cases: Backtest, theme: Theme) -> Drawn:
    """Published models against their predicted intervals (drawn by: simulate backtest --plot FILE)."""
    shown = sorted(cases.outcomes, key=lambda o: (ABOUT.index(o.case.about), -o.factor))
    scale(ax, "x", LOG)
    ax.set_xlim(*limits([np.array([[*_interval(o), o.factor] for o in shown])], LOG, 0.06))
    for i, o in enumerate(shown):
        block(ax, _interval(o), i, theme.color(3 if o.case.in_sample else 0), 3.2, alpha=0.55, gid="interval")
        _observed(ax, o, i, theme)
    ax.axvline(1.0, color=theme.muted, lw=0.8, ls=theme.dash(2))
    _groups(ax, shown, theme)
    rows(ax, [o.case.name for o in shown], 0.44)
    ax.tick_params(axis="y", labelsize=0.82 * theme.size)
    label(ax, "x", "observed over predicted median", key=_key(shown))
    return Drawn(_score(cases, len(shown)), [_row(o) for o in shown])


def _key(shown: Sequence[Outcome]) -> str:
    """What the marks mean, of those that are shown."""
    bounds = any(o.scored and o.case.bound for o in shown)
    others = any(not o.scored for o in shown)
    return "; ".join([KEY, *[TRIANGLE] * bounds, *["x, +: not scored"] * others])


def _interval(o: Outcome) -> tuple[float, float]:
    """The predicted interval over the predicted median."""
    return o.low.value / o.median.value, o.high.value / o.median.value


def _observed(ax: Axes, o: Outcome, row: int, theme: Theme) -> None:
    """What was observed over the predicted median."""
    if o.exact:  # it checks the formula, and predicts nothing
        ax.plot([o.factor], [row], "x", color=theme.muted, mew=1.2, ms=4.6, gid="exact")
        return
    if not o.scored:
        ax.plot([o.factor], [row], "+", color=theme.muted, mew=1.2, ms=5.2, gid="unscored")
        return
    _mark(ax, o, (o.factor, row), theme.ink if o.inside(0.9) else theme.color(1), theme)


def _mark(ax: Axes, o: Outcome, at: tuple[float, float], color: str, theme: Theme) -> None:
    """A scored value: hollow where the interval holds it; a bound is a triangle that points to where the value lies."""
    hit = o.inside(0.9)
    shape = {1: ">", -1: "<"}.get(o.case.bound, theme.mark(0 if hit else 2))
    look = {"color": theme.background if hit else color, "mec": color, "mew": 1.1, "ms": 4.6}
    ax.plot([at[0]], [at[1]], shape, gid="inside" if hit else "missed", **look)


def _groups(ax: Axes, shown: Sequence[Outcome], theme: Theme) -> None:
    """The names of the groups of cases beside the axes, and lines between them."""
    kinds = [o.case.about for o in shown]
    groups = [(word, kinds.index(word), kinds.count(word)) for word in dict.fromkeys(kinds)]
    for word, first, count in groups if len(groups) > 1 else []:
        if first:
            ax.axhline(first - 0.5, color=theme.muted, lw=0.6)
        place = {"xycoords": ("axes fraction", "data"), "ha": "left", "rotation": -90}
        beside(ax, word, (1.0, first + 0.5 * (count - 1)), (4, 0), color=theme.muted, **place)


def _row(o: Outcome) -> Row:
    low, high = _interval(o)
    return {
        "case": o.case.name,
        "about": o.case.about,
        "family": o.case.family,
        "measures": o.case.measures,
        "in_sample": str(o.case.in_sample),
        "factor": o.factor,
        "low": low,
        "high": high,
        "median": o.median.value,
        "observed": o.case.observed.value,
    }


def _score(cases: Backtest, count: int) -> str:
    """How many published values the intervals hold, out of sample where there are such."""
    if cases.held_out:
        score = cases.score(GROUPS["GPU time"]) or cases.score()
        assert score is not None
        return (
            f"The 90 % intervals hold {score.covered[0.9]} of {score.count} published values of GPU time, each "
            f"predicted without its family (bias ×{score.bias:.2f})"
        )
    outside = cases.score(in_sample=False)
    score = outside or cases.score()
    if score is None:
        return f"{count} published cases, each known in every prior"
    return (
        f"The 90 % intervals hold {score.covered[0.9]} of {score.count} published values "
        f"{'out of sample ' if outside else ''}(bias ×{score.bias:.2f})"
    )


def _by_quantity(cases: Backtest) -> dict[str, list[Outcome]]:
    """The scored outcomes of the quantities that most are of."""
    found: dict[str, list[Outcome]] = {}
    for o in cases.outcomes:
        if o.scored:
            found.setdefault(o.case.observed.quantity, []).append(o)
    if not found:
        raise InputError("none of these cases is scored: there is no prediction to draw")
    return dict(sorted(found.items(), key=lambda item: -len(item[1]))[:PANELS])


def _many(request: Request) -> float:
    if request.theme.width_mm < WIDE:  # the key above takes a third line, and the names of the axes more
        return 1.45
    return 1.02 if len(_by_quantity(request.backtest)) > 2 else 0.65


@kind(shape=_many)
def predicted(figure: Figure, cases: Backtest, theme: Theme) -> Drawn:
    """Predicted against observed values, with 90 % intervals (drawn by: simulate backtest --plot FILE)."""
    panels = _by_quantity(cases)
    across = 1 if len(panels) == 1 or (theme.width_mm < WIDE and len(panels) == 2) else 2
    grid = figure.subplots(-(-len(panels) // across), across, squeeze=False).ravel()
    for i, (ax, (quantity, outcomes)) in enumerate(zip(grid, panels.items(), strict=False)):
        ends = limits([np.array([[o.low.value, o.high.value, o.case.observed.value] for o in outcomes])], LOG)
        for which in "xy":
            scale(ax, which, LOG)
        ax.set(xlim=ends, ylim=ends)
        ax.plot(ends, ends, color=theme.muted, lw=0.9, ls=theme.dash(2), gid="equal")
        for o in outcomes:
            _prediction(ax, o, theme)
        unit = outcomes[0].case.observed.unit
        label(ax, "x", f"{spoken(quantity)}, observed", unit)
        if i % across == 0:
            label(ax, "y", "predicted")
    for ax in grid[len(panels) :]:
        ax.remove()
    fitting = int(0.86 * inches_of(figure)[0] * 72.0 / (0.56 * theme.size))  # from the first axes to the edge
    key = _key([o for each in panels.values() for o in each])
    titled(grid[0], folded(key, fitting), size=theme.size)
    return Drawn(_score(cases, len(cases.outcomes)), [_row(o) for outcomes in panels.values() for o in outcomes])


def _prediction(ax: Axes, o: Outcome, theme: Theme) -> None:
    """The predicted median with its interval, over the observed value."""
    x, hit = o.case.observed.value, o.inside(0.9)
    color = theme.color(3 if o.case.in_sample else 0) if hit else theme.color(1)
    ax.plot([x, x], [o.low.value, o.high.value], color=color, lw=1.6, solid_capstyle="butt", gid="interval")
    _mark(ax, o, (x, o.median.value), color, theme)


@kind("pit")
def places(ax: Axes, cases: Backtest, theme: Theme) -> Drawn:
    """The places of the observed values in what was predicted, against a band (drawn by: simulate backtest)."""
    from arviz_stats.ecdf_utils import ecdf_pit

    pit = np.array([o.pit.value for o in cases.outcomes if o.scored and not o.case.bound])
    if len(pit) < 2:
        raise InputError(f"pit is drawn of two scored cases and more, and not of {len(pit)}")
    ecdf_band: Callable[..., tuple[np.ndarray, ...]] = ecdf_pit
    points, ecdf, low, high = ecdf_band(np.sort(pit), BAND, n_simulations=4000, rng=np.random.default_rng(0))
    scale(ax, "x", LINEAR)
    scale(ax, "y", LINEAR)
    ends = np.array([points, low, high])
    ends = np.concatenate([[[0.0], [0.0], high[:1]], ends], axis=1)
    ax.fill_between(*ends, color=theme.color(3), alpha=0.35, lw=0, step="post", gid="band")
    ax.plot([0.0, 1.0], [0.0, 1.0], color=theme.muted, lw=0.9, ls=theme.dash(2), gid="equal")
    ax.step([0.0, *np.sort(pit), 1.0], [*np.arange(len(pit) + 1) / len(pit), 1.0], where="post", color=theme.color(0))
    ax.set(xlim=(0.0, 1.0), ylim=(-0.01, 1.01))
    label(ax, "x", "place of the observed value in its prediction (PIT)")
    label(ax, "y", "share of the cases at most there", key=f"band: where {percent(BAND)} of calibrated ones lie")
    outside = bool(np.any((ecdf < low) | (ecdf > high)))
    told = "leave the band of a calibrated prediction" if outside else "stay within the band of a calibrated prediction"
    rows: list[Row] = [
        {"series": "band", "x": x, "low": a, "high": b} for x, a, b in zip(points, low, high, strict=True)
    ]
    return Drawn(
        f"The places of {len(pit)} published values {told}", [*rows, *({"series": "pit", "x": x} for x in pit)]
    )
