"""Priors, and beside them the posteriors of a conditioned run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...analyses.conditioning import FIRST, MOVED
from ...base.errors import InputError
from ...base.wording import resolving, short, spoken, unit_words
from ...priors.prior import Prior
from ...runs.derivation import Conditioned
from ...runs.run import Run
from ...statistics.selection import quantiles
from ..axes import columns_of, limits, scale
from ..density import Draws, Shape, exact_shape, is_positive, shape
from ..marks import STEM, stems
from ..panels import panels, told_around
from ..registry import Drawn, Request, Row, kind
from ..scales import PLACES, Scale, log_if, with_both_signs
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def shifts(run: Run) -> list[tuple[str, float]]:
    """The priors of a conditioned run that moved, and how far: the gap between distribution functions."""
    if not isinstance(run.derivation, Conditioned):
        raise InputError(
            f"prior-posterior is drawn of a conditioned run, and {run.name} is none: make one with 'simulate condition'"
        )
    found = []
    for name in run.priors.uncertain:
        rv, x = run.priors.prior(name).distribution.as_rv(), np.sort(run.draws_of(name)[:, :FIRST].ravel())
        below = (np.arange(len(x)) + 1.0) / len(x)
        last = np.append(np.diff(x) > 0.0, True)
        expected = np.array([float(rv.cdf_sf(v)[0]) for v in x[last][:: max(len(x) // 512, 1)]])
        gap = float(np.abs(below[last][:: max(len(x) // 512, 1)] - expected).max())
        if gap > MOVED:
            found.append((name, gap))
    return sorted(found, key=lambda pair: -pair[1])


def _shift_sheet(request: Request) -> float:
    count = max(len(shifts(request.run)), 1)
    return (22.0 + 29.0 * -(-count // columns_of(request.theme.width_mm))) / request.theme.width_mm


@kind(shape=_shift_sheet)
def prior_posterior(figure: Figure, run: Run, theme: Theme) -> Drawn:
    """The priors that a conditioned run moved: density before (dashed) and after (filled)."""
    moved = shifts(run)
    if not moved:
        raise InputError(f"no prior moved in {run.name}: the evidence says what was believed already")
    axes = panels(figure, len(moved))
    data = [row for ax, (name, _) in zip(axes, moved, strict=True) for row in _both(ax, run, name, theme)]
    top, facts = moved[0][0], ", ".join(map(spoken, run.conditioned.on))
    before = run.priors.prior(top).distribution.quantile(0.5)
    after = float(np.median(run.draws_of(top)))
    most = resolving(before, after)
    change = f"from {short(before, most)} to {short(after, most)}"
    return Drawn(f"Given {facts}, the median of {spoken(top)} goes {change}", data)


def _both(ax: Axes, run: Run, name: str, theme: Theme) -> list[Row]:
    p = run.priors.prior(name)
    x = run.draws_of(name).ravel()
    along = _scale_of(p)
    scale(ax, "x", along)
    before, after = exact_shape(p.distribution.as_rv(), along), shape(Draws(x, along))
    ends = [drawn.atoms[0] for drawn in (before, after)] + [drawn.curve[0] for drawn in (before, after) if drawn.curve]
    ax.set_xlim(*limits(ends, along, 0.02))
    if before.curve:
        ax.plot(*before.curve, color=theme.muted, lw=1.0, ls=theme.dash(1), gid="prior")
    if after.curve:
        ax.fill_between(*after.curve, color=theme.color(0), alpha=0.4, lw=0, gid="posterior")
    ax.set_ylim(0.0, 1.12 * max([drawn.top for drawn in (before, after) if drawn.curve], default=1.0))
    _masses(ax, before, after, theme)
    data = [{"prior": name, "series": "prior", **_unnamed(row)} for row in before.rows()]
    data += [{"prior": name, "series": "posterior", **_unnamed(row)} for row in after.rows()]
    q = quantiles(x, (0.05, 0.5, 0.95))
    low, middle, high = (short(float(v), resolving(*q)) for v in q)
    was = short(p.distribution.quantile(0.5), resolving(*q))
    told_around(ax, spoken(name), f"{was} → {middle} ({low}–{high}) {unit_words(p.unit)}".strip(), along, theme)
    return data


def _masses(ax: Axes, before: Shape, after: Shape, theme: Theme) -> None:
    """Point masses: stems after, and a mark at the probability that each had before."""
    tallest = 1.0 if after.curve else after.atoms[1].max()
    stems(ax, after, theme, named=False)
    marks = STEM * before.atoms[1] / tallest
    ax.plot(before.atoms[0], marks, "_", color=theme.muted, ms=9, gid="prior mass", transform=ax.get_xaxis_transform())


def _unnamed(row: Row) -> Row:
    """A row of a shape: its height is a density or a probability."""
    return {"x": row["x"], row["series"]: row["y"]}


def _scale_of(p: Prior) -> Scale:
    """Logarithmic for what is positive and spans a factor of more than 4; asinh for heavy tails of both signs."""
    known = p.distribution
    if not is_positive(known.as_rv()):
        return with_both_signs(*(known.quantile(q) for q in PLACES))
    return log_if(known.quantile(0.95) / known.quantile(0.05) > 4.0)


def _sheet(request: Request) -> float:
    count = max(len(request.run.priors.uncertain), 1)
    lines = -(-count // columns_of(request.theme.width_mm))
    return (16.0 + 27.0 * lines) / request.theme.width_mm


@kind(shape=_sheet)
def priors(figure: Figure, run: Run, theme: Theme) -> Drawn:
    """Every uncertain prior: its density, its 5 %, 50 % and 95 % points, and its grade."""
    chosen = [p for p in run.priors.priors.values() if p.uncertain]
    if not chosen:
        why = "has no priors of its own" if run.member is not None else "has known values alone"
        raise InputError(f"{run.priors.name} {why}: there is no density to draw")
    axes = panels(figure, len(chosen))
    data = [row for ax, p in zip(axes, chosen, strict=True) for row in _prior(ax, p, theme)]
    known = len(run.priors.priors) - len(chosen)
    judged = sum(p.grade == "D" for p in chosen)
    many = f"{len(chosen)} uncertain prior{'s' if len(chosen) > 1 else ''}"
    return Drawn(f"{run.priors.headed}: {many}, {judged} of them a judgement (grade D); {known} known values", data)


def _prior(ax: Axes, p: Prior, theme: Theme) -> list[Row]:
    rv, q = p.distribution.as_rv(), [p.distribution.quantile(x) for x in (0.05, 0.5, 0.95)]
    along = _scale_of(p)
    scale(ax, "x", along)
    drawn = exact_shape(rv, along)
    shown = [drawn.atoms[0]]
    if drawn.curve:
        x, y = drawn.curve
        shown.append(x)
        inside = (x >= q[0]) & (x <= q[2])
        ax.fill_between(x, y, color=theme.color(0), alpha=0.18, lw=0)
        ax.fill_between(x[inside], y[inside], color=theme.color(0), alpha=0.32, lw=0)
        ax.plot(x, y, color=theme.color(0), lw=1.0, gid="density")
        ax.plot([q[1]] * 2, [0.0, float(np.interp(q[1], x, y))], color=theme.ink, lw=0.9, gid="median")
    stems(ax, drawn, theme, width=2.0, named=drawn.curve is not None)
    ax.set_ylim(0.0, 1.15 * drawn.top)
    ax.set_xlim(*limits(shown, along, 0.03))
    low, middle, high = (short(x, resolving(*q)) for x in q)
    below = f"{middle} ({low}–{high}) {unit_words(p.unit)}".strip()
    told_around(ax, f"{spoken(p.name)} ({p.grade})", below, along, theme)
    marks = [{"prior": p.name, "series": f"p{n}", "x": v} for n, v in zip((5, 50, 95), q, strict=True)]
    return marks + drawn.rows(prior=p.name)
