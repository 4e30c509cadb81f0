"""The plot of a backtest: published models against what was predicted of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analyses.backtest import Backtest
from ..axes import label, limits, rows, scale
from ..registry import Drawn, Request, kind
from ..theme import Theme


def _tall(request: Request) -> float:
    return (34.0 + 5.4 * len(request.cases.outcomes)) / request.theme.width_mm


@kind(shape=_tall)
def backtest(ax: Any, cases: Backtest, theme: Theme) -> Drawn:
    """Published models against their predicted intervals (drawn by: simulate backtest --plot FILE)."""
    shown = sorted(cases.outcomes, key=lambda o: (o.case.about != "training", -o.factor))
    scale(ax, "x", True)
    ends = [[o.low.value / o.median.value, o.high.value / o.median.value, o.factor] for o in shown]
    ax.set_xlim(*limits([np.array(ends)], True, 0.06))
    for i, o in enumerate(shown):
        middle = o.median.value
        color = theme.color(3 if o.case.in_sample else 0)
        ax.plot(
            [o.low.value / middle, o.high.value / middle],
            [i, i],
            color=color,
            lw=3.2,
            alpha=0.55,
            gid="interval",
            solid_capstyle="butt",
        )
        hit = not o.exact and o.inside(0.9)
        edge = theme.ink if hit else theme.color(1)
        fill = theme.background if hit else edge
        if o.exact:  # it checks the formula, and predicts nothing
            ax.plot([o.factor], [i], "x", color=theme.muted, mew=1.2, ms=4.6, gid="exact")
            continue
        ax.plot(
            [o.factor],
            [i],
            theme.mark(0 if hit else 2),
            color=fill,
            mec=edge,
            mew=1.1,
            ms=4.6,
            gid="inside" if hit else "missed",
        )
    ax.axvline(1.0, color=theme.muted, lw=0.8, ls=theme.dash(2))
    split = sum(o.case.about == "training" for o in shown)
    if 0 < split < len(shown):
        ax.axhline(split - 0.5, color=theme.muted, lw=0.6)
    for word, y in (("training", 0), ("inference", split)):
        if y < len(shown) and (split or word == "inference"):
            ax.annotate(
                word,
                (0.0, y),
                (4, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                va="center",
                color=theme.muted,
            )
    rows(ax, [o.case.name.replace("-", " ") for o in shown], 0.44)
    ax.tick_params(axis="y", labelsize=0.82 * theme.size)
    label(ax, "x", "observed over predicted median; bars: 90 % interval, grey where in sample; x: formula alone")
    data = [
        {
            "case": o.case.name,
            "about": o.case.about,
            "in_sample": str(o.case.in_sample),
            "factor": o.factor,
            "low": o.low.value / o.median.value,
            "high": o.high.value / o.median.value,
            "median": o.median.value,
            "observed": o.case.observed.value,
        }
        for o in shown
    ]
    score = cases.score(in_sample=False) or cases.score()
    if score is None:
        return Drawn(f"{len(shown)} published cases, each known in every prior", data)
    where = "out of sample " if cases.score(in_sample=False) else ""
    return Drawn(
        f"The 90 % intervals hold {score.covered[0.9]} of {score.count} published values {where}"
        f"(bias ×{score.bias:.2f})",
        data,
    )
