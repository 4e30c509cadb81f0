"""Plots of one quantity of one run: density, distribution functions, quantile dots, convergence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from ...base.wording import percent, short, spoken, told
from ...runs.run import Run
from ...statistics.estimators import COVER, mcse
from ...statistics.sample import ConstantSample
from ...statistics.summary import Summary
from ..axes import bare_y, inches, label, limits, scale
from ..density import Curve, Draws, Shape, draws_of, shape
from ..marks import beside, block, hollow, mark_threshold, place_of, share, stems
from ..registry import Drawn, Row, finding, kind, summary_of
from ..scales import LINEAR, LOG, Scale, log_if
from ..theme import Theme
from .overlay import densities, ecdfs, exceedances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DOTS = 100


def _beyond(s: Summary, quantity: str) -> str:
    """What share of the worlds lies beyond the first threshold."""
    limit, e = next(iter(s.exceeds.items()))
    where = {0.0: "no drawn world", 1.0: "every drawn world"}.get(e.value, f"{share(e)} of the worlds")
    return f"{spoken(quantity)} above {told(limit, unit=s.unit)} in {where}"


def mark_interval(ax: Axes, s: Summary, theme: Theme, color: str) -> None:
    """Mark the median and the credible interval along the foot of the axes."""
    foot = {"transform": blended_transform_factory(ax.transData, ax.transAxes), "clip_on": False}
    if s.low.value != s.high.value:
        ends = s.low.value, min(s.high.value, ax.get_xlim()[1])  # one that has no end goes to the axes'
        block(ax, ends, 0.0, color, 3.2, gid="interval", zorder=4, **foot)
    hollow(ax, (s.median.value, 0.0), theme.mark(0), theme, color, 5.5, mew=1.4, gid="median", zorder=5, **foot)


def _seen(draws: Draws, s: Summary) -> tuple[float, float]:
    """The limits of the axis: what is shown of the draws, the interval and the thresholds."""
    return limits([np.array(draws.view()), np.array([s.low.value, s.high.value, *s.exceeds])], draws.scale)


def _thresholds(ax: Axes, s: Summary, theme: Theme) -> list[Row]:
    rows: list[Row] = []
    for i, (limit, e) in enumerate(s.exceeds.items()):
        mark_threshold(ax, limit, f"P(> {short(limit)}) = {share(e)}", theme, 0.97 - 0.12 * (i % 4))
        rows.append({"series": "P(> x)", "x": limit, "y": e.value, "mcse": e.mcse})
    return rows


def _marks(s: Summary) -> list[Row]:
    """The marked numbers as data."""
    named = (("median", s.median), ("interval low", s.low), ("interval high", s.high))
    return [{"series": name, "x": e.value, "mcse": e.mcse} for name, e in named]


@kind("density", several=densities)
def density_of(
    ax: Axes, run: Run, quantity: str, thresholds: tuple[float, ...], ci: tuple[float, str], theme: Theme
) -> Drawn:
    """The density of a quantity, in log space if positive, with median and credible interval."""
    draws, s = draws_of(run, quantity), summary_of(run, quantity, ci, thresholds)
    color, data = theme.color(0), _marks(s)
    scale(ax, "x", draws.scale)
    ax.set_xlim(*_seen(draws, s))
    drawn = shape(draws)
    if drawn.curve:
        _hill(ax, drawn.curve, s, color)
    ax.set_ylim(0.0, (1.08 + 0.15 * len(s.exceeds)) * drawn.top)
    stems(ax, drawn, theme)
    data += drawn.rows()
    data += _thresholds(ax, s, theme)
    mark_interval(ax, s, theme, color)
    bare_y(ax)
    label(ax, "x", s.text.rstrip("."), s.unit)
    label(ax, "y", _height_of(drawn, draws.scale, ci[0]))
    return Drawn(finding(s), data)


def _hill(ax: Axes, curve: Curve, s: Summary, color: str) -> None:
    """A density, darker inside the credible interval, with a line at the median."""
    x, y = curve
    ax.plot(x, y, color=color, lw=1.3, gid="density")
    ax.fill_between(x, y, color=color, alpha=0.14, lw=0)
    inside = (x >= s.low.value) & (x <= s.high.value)
    ax.fill_between(x[inside], y[inside], color=color, alpha=0.30, lw=0, gid="inside")
    ax.plot([s.median.value] * 2, [0.0, np.interp(s.median.value, x, y)], color=color, lw=1.0)


def _height_of(drawn: Shape, along: Scale, prob: float) -> str:
    """What the height of a density, or of stems, or of both, is; and which part is dark."""
    if not drawn.curve:
        return "probability"
    density = f"density{'' if along.name == 'linear' else f' on the {along.name} scale'}"
    return f"{density}{'; stems: probability' if len(drawn.atoms[0]) else ''} (dark: {percent(prob)} interval)"


def _curve(
    ax: Axes, run: Run, quantity: str, thresholds: tuple[float, ...], ci: tuple[float, str], theme: Theme, above: bool
) -> Drawn:
    """A distribution function, or its complement, with its thresholds."""
    draws, s = draws_of(run, quantity), summary_of(run, quantity, ci, thresholds)
    scale(ax, "x", draws.scale)
    scale(ax, "y", LINEAR)
    ax.set_xlim(*_seen(draws, s))
    p = np.concatenate(
        [np.geomspace(1e-4, 0.01, 60)[:-1], np.linspace(0.01, 0.99, 400), 1.0 - np.geomspace(1e-4, 0.01, 60)[::-1][1:]]
    )
    x = np.quantile(draws.x, p)
    y = 1.0 - draws.share * p if above else draws.share * p
    ax.plot(x, y, color=theme.color(0), lw=1.5, gid="curve", drawstyle="steps-post" if draws.few else "default")
    data = [{"series": "P(> x)" if above else "P(<= x)", "x": a, "y": b} for a, b in zip(x, y, strict=True)]
    for limit, e in s.exceeds.items():
        if draws.scale.log and limit <= 0.0:
            continue
        height = e.value if above else 1.0 - e.value
        ax.plot([limit], [height], theme.mark(0), color=theme.color(1), ms=5, zorder=6, gid="hit")
        ax.plot([ax.get_xlim()[0], limit], [height, height], color=theme.muted, lw=0.8, ls=theme.dash(2))
        _beside(ax, limit, height, f"P(> {short(limit)}) = {share(e)}", theme, above)
        data.append({"series": "P(> x)", "x": limit, "y": e.value, "mcse": e.mcse})
    data += _marks(s)
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.yaxis.grid(True)
    mark_interval(ax, s, theme, theme.color(0))
    label(ax, "x", s.text.rstrip("."), s.unit)
    label(ax, "y", "probability of more than this" if above else "probability of at most this")
    return Drawn(_beyond(s, quantity) if s.exceeds else finding(s), data)


def _beside(ax: Axes, x: float, y: float, text: str, theme: Theme, above: bool) -> None:
    """A text beside a point of a distribution function, on the side that the curve leaves free."""
    ax.axvline(x, color=theme.ink, lw=0.9, ls=theme.dash(1), gid="threshold", zorder=3)
    right = place_of(ax, x) < 0.6
    over = above == right or y < 0.15  # not over the axis
    side = {"ha": "left" if right else "right", "va": "bottom" if over else "top"}
    beside(ax, text, (x, y), (6 if right else -6, 4 if over else -4), zorder=6, bbox=theme.behind, **side)


@kind(several=ecdfs)
def ecdf(
    ax: Axes, run: Run, quantity: str, thresholds: tuple[float, ...], ci: tuple[float, str], theme: Theme
) -> Drawn:
    """The distribution function of a quantity, with thresholds and P(> x) marked."""
    return _curve(ax, run, quantity, thresholds, ci, theme, above=False)


@kind(several=exceedances)
def exceedance(
    ax: Axes, run: Run, quantity: str, thresholds: tuple[float, ...], ci: tuple[float, str], theme: Theme
) -> Drawn:
    """The probability that a quantity exceeds each value, with thresholds and P(> x) marked."""
    return _curve(ax, run, quantity, thresholds, ci, theme, above=True)


@kind()
def quantile_dots(
    ax: Axes, run: Run, quantity: str, thresholds: tuple[float, ...], ci: tuple[float, str], theme: Theme
) -> Drawn:
    """A hundred equally likely worlds as dots, those beyond a threshold filled."""
    draws, s = draws_of(run, quantity), summary_of(run, quantity, ci, thresholds)
    p = (np.arange(DOTS) + 0.5) / DOTS
    x = np.quantile(draws.x, p)
    scale(ax, "x", draws.scale)
    ax.set_xlim(*limits([x, np.array([*s.exceeds])], draws.scale))
    place, height, size = _stacked(ax, x, draws.scale, 0.9 - 0.14 * len(s.exceeds), sorted(s.exceeds))
    beyond = x > min(s.exceeds, default=-math.inf)
    up = ax.figure.dpi_scale_trans + ScaledTranslation(0.0, 0.0, ax.transAxes)
    inside = [theme.color(0) if b else theme.background for b in beyond]
    lines = np.minimum(0.8, 14.4 * size)  # points: they are part of a dot, and a small one is not all line
    look = {"facecolors": inside, "edgecolors": theme.color(0), "linewidths": lines, "gid": "dots"}
    area = (np.minimum(0.93 * 72.0 * size, 72.0 * size - lines)) ** 2
    ax.scatter(place, height, area, transform=blended_transform_factory(ax.transData, up), **look)
    data = [{"series": "dot", "x": a, "p": q} for a, q in zip(x, p, strict=True)] + _thresholds(ax, s, theme)
    mark_interval(ax, s, theme, theme.color(1))
    bare_y(ax)
    label(ax, "x", s.text.rstrip("."), s.unit)
    narrow = size.min() < 0.999 * size.max()
    label(ax, "y", f"{DOTS} equally likely worlds", key="smaller dots: thresholds lie close" if narrow else "")
    told_dots = (
        f"{spoken(quantity)} above {told(min(s.exceeds), unit=s.unit)} in {int(beyond.sum())} of {DOTS} "
        "equally likely worlds"
        if s.exceeds
        else finding(s)
    )
    return Drawn(told_dots, data)


def _stacked(
    ax: Axes, x: np.ndarray, scale: Scale, part: float, bounds: list[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dots in columns, none across a bound: places on the axis, heights and diameters in inches, so that all fit."""
    wide, high = 0.92 * inches(ax)[0], max(part, 0.4) * 0.74 * inches(ax)[1]
    z, ends = scale.to(x), scale.to(np.array(ax.get_xlim()))
    walls = scale.to(np.array([b for b in bounds if b > 0.0 or not scale.log]))
    for columns in range(8, 200):
        place, fitting = _columns(z, walls, (ends[1] - ends[0]) / columns)
        _, column, counts = np.unique(place, return_inverse=True, return_counts=True)
        size = fitting * wide / columns
        if (counts[column] * size).max() <= high:
            break
    level = np.arange(len(z)) - np.concatenate([[0], np.cumsum(counts)])[column]
    return scale.back(place), level * size + 0.9 * wide / columns - 0.5 * (1.0 - fitting) * wide / columns, size


def _columns(z: np.ndarray, walls: np.ndarray, edge: float) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the column of each of the ascending `z`, and how large its dots are, at most 1.

    Columns end at the first wall, and begin at the last; between two, as many as fit share the room evenly, and where
    there is room for none, the dots of the only one are as small as the room.
    """
    if not len(walls):
        walls = z[:1]
    room = np.searchsorted(walls, z, side="left")  # a value at a wall is not beyond it
    start, stop = walls[np.maximum(room - 1, 0)], np.append(walls, np.inf)[room]
    within = (room > 0) & (room < len(walls))
    width = np.where(within, stop - start, edge)
    many = np.maximum(np.floor(width / edge * (1.0 + 1e-9)), 1.0)
    pitch = width / many
    last = np.where(within, many - 1.0, np.inf)
    middle = start + (np.minimum(np.floor((z - start) / pitch), last) + 0.5) * pitch
    middle = np.where(room == 0, walls[0] - (np.floor((walls[0] - z) / edge) + 0.5) * edge, middle)
    return middle, np.minimum(pitch / edge, 1.0)


@kind(shape=0.8)
def convergence(figure: Figure, run: Run, quantity: str, theme: Theme) -> Drawn:
    """The median of a quantity, and its Monte Carlo error, over the number of draws."""
    sample = run.sample(quantity)
    s = run.summary([quantity])[0]
    rows: list[Row] = []
    if not isinstance(sample, ConstantSample):
        draws, final = run.draws_of(quantity), s.median
        for size in (16 << i for i in range(64) if 16 << i < draws.shape[1]):
            each = np.median(draws[:, :size], axis=1)
            rows.append({"draws": size * len(each), "median": float(np.median(draws[:, :size])), "mcse": mcse(each)})
        whole = run.settings.draws if run.whole else draws.size
        rows.append({"draws": whole, "median": final.value, "mcse": final.mcse})
    else:
        rows = [{"draws": n, "median": sample.value, "mcse": 0.0} for n in (1, run.settings.draws)]
    n, y, e = (np.array([row[k] for row in rows]) for k in ("draws", "median", "mcse"))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    scale(upper, "y", LINEAR)
    upper.fill_between(n, y - COVER * e, y + COVER * e, color=theme.color(0), alpha=0.25, lw=0, gid="error")
    upper.plot(n, y, theme.mark(0), ls="-", color=theme.color(0), ms=3, lw=1.2, gid="median")
    label(upper, "y", f"median of {spoken(quantity)}", key="band: 90 % interval")
    relative = 100.0 * e / np.abs(y[-1]) if y[-1] else e
    shown = relative > 0.0
    lower.plot(n[shown], relative[shown], theme.mark(1), ls="-", color=theme.color(1), ms=3, lw=1.2, gid="mcse")
    scale(lower, "x", LOG)
    scale(lower, "y", log_if(shown.any()))
    label(lower, "x", "draws")
    label(lower, "y", "error (MCSE), %")
    for ax in (upper, lower):
        ax.yaxis.grid(True)
    known = f"known to {short(float(relative[-1]), 1)} %" if relative[-1] else "exact"
    return Drawn(
        f"After {n[-1]:,.0f} draws the median of {spoken(quantity)}, {told(*s.median, s.unit)}, is {known}", rows
    )
