"""The plot of a backtest: published models against what was predicted of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...analyses.backtest import Backtest, Outcome
from ..axes import label, limits, rows, scale
from ..marks import beside, block
from ..registry import Drawn, Request, Row, kind
from ..scales import LOG
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _tall(request: Request) -> float:
    return (34.0 + 5.4 * len(request.backtest.outcomes)) / request.theme.width_mm


@kind(shape=_tall)
def backtest(ax: Axes, cases: Backtest, theme: Theme) -> Drawn:
    """Published models against their predicted intervals (drawn by: simulate backtest --plot FILE)."""
    shown = sorted(cases.outcomes, key=lambda o: (o.case.about != "training", -o.factor))
    scale(ax, "x", LOG)
    ax.set_xlim(*limits([np.array([[*_interval(o), o.factor] for o in shown])], LOG, 0.06))
    for i, o in enumerate(shown):
        block(ax, _interval(o), i, theme.color(3 if o.case.in_sample else 0), 3.2, alpha=0.55, gid="interval")
        _observed(ax, o, i, theme)
    ax.axvline(1.0, color=theme.muted, lw=0.8, ls=theme.dash(2))
    _groups(ax, shown, theme)
    rows(ax, [o.case.name for o in shown], 0.44)
    ax.tick_params(axis="y", labelsize=0.82 * theme.size)
    label(ax, "x", "observed over predicted median; bars: 90 % interval, grey where in sample; x: formula alone")
    return Drawn(_score(cases, len(shown)), [_row(o) for o in shown])


def _interval(o: Outcome) -> tuple[float, float]:
    """The predicted interval over the predicted median."""
    return o.low.value / o.median.value, o.high.value / o.median.value


def _observed(ax: Axes, o: Outcome, row: int, theme: Theme) -> None:
    """What was observed over the predicted median: hollow where the interval holds it."""
    if o.exact:  # it checks the formula, and predicts nothing
        ax.plot([o.factor], [row], "x", color=theme.muted, mew=1.2, ms=4.6, gid="exact")
        return
    hit = o.inside(0.9)
    edge = theme.ink if hit else theme.color(1)
    look = {"color": theme.background if hit else edge, "mec": edge, "mew": 1.1, "ms": 4.6}
    ax.plot([o.factor], [row], theme.mark(0 if hit else 2), gid="inside" if hit else "missed", **look)


def _groups(ax: Axes, shown: Sequence[Outcome], theme: Theme) -> None:
    """The names of the two groups of cases beside the axes, and a line between them."""
    split = sum(o.case.about == "training" for o in shown)
    if 0 < split < len(shown):
        ax.axhline(split - 0.5, color=theme.muted, lw=0.6)
    for word, y in (("training", 0), ("inference", split)):
        if y < len(shown) and (split or word == "inference"):
            last = split - 1 if word == "training" else len(shown) - 1
            place = {"xycoords": ("axes fraction", "data"), "ha": "left", "rotation": -90}
            beside(ax, word, (1.0, 0.5 * (y + last)), (4, 0), color=theme.muted, **place)


def _row(o: Outcome) -> Row:
    low, high = _interval(o)
    return {
        "case": o.case.name,
        "about": o.case.about,
        "in_sample": str(o.case.in_sample),
        "factor": o.factor,
        "low": low,
        "high": high,
        "median": o.median.value,
        "observed": o.case.observed.value,
    }


def _score(cases: Backtest, count: int) -> str:
    """How many published values the intervals hold, out of sample where there are such."""
    outside = cases.score(in_sample=False)
    score = outside or cases.score()
    if score is None:
        return f"{count} published cases, each known in every prior"
    return (
        f"The 90 % intervals hold {score.covered[0.9]} of {score.count} published values "
        f"{'out of sample ' if outside else ''}(bias ×{score.bias:.2f})"
    )
