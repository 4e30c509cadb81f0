"""Plots of several runs or quantities: forest, ridge, pairs, and a quantity over a swept prior."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.transforms import Affine2D

from ...base.errors import InputError, nearest
from ...base.wording import folded, percent, resolving, short, spoken, told
from ...distributions.families import Distribution
from ...runs.run import Run
from ...statistics.sample import ranks
from ...statistics.summary import Summary
from ..axes import characters, label, limits, rows, scale
from ..density import Draws, Shape, draws_of, joint_density, levels, scale_of, shape
from ..marks import all_ends, bands_key, beside, block, ends_of, half_of, hollow, interval_row, rows_key, span, stems
from ..registry import HEADS, Drawn, Request, Row, finding, kind, summary_of
from ..scales import log_if
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEAST = 4096  # draws of a fan
HILL = 0.85  # of the distance of two rows: the highest density, and what is certain
GROUPS = 24  # of equal probability, into which a swept prior is cut


def _height(request: Request) -> float:
    """Rows need their room, whatever the width."""
    each = len(request.runs) * len(request.quantities)
    return min(max((26.0 + 11.0 * each + 12.0 * len(request.quantities)) / request.theme.width_mm, 0.35), 2.4)


def _panels(figure: Figure, count: int) -> list[Axes]:
    return list(np.atleast_1d(figure.subplots(count, 1)))


def _found(by: dict[str, list[Summary]], labels: tuple[str, ...]) -> str:
    """The finding of all panels: medians of one run, the last of several against the first."""
    if len(by) == 1:
        (only,) = by.values()
        return finding(only[0]) if len(labels) == 1 else _against(only, labels)
    if len(labels) == 1:
        each = [f"{spoken(q)} {told(*s.median, s.unit)}" for q, (s,) in by.items()]
        return f"Medians of {labels[0]}: {', '.join(each)}"
    each = [f"{spoken(q)} {_times(s)}" for q, s in by.items()]
    return f"Medians of {labels[-1]} against {labels[0]}: {', '.join(each)}"


def _times(summaries: list[Summary]) -> str:
    """The last median over the first; where that says nothing, both."""
    first, last = summaries[0].median.value, summaries[-1].median.value
    return f"×{short(last / first, 3)}" if first > 0.0 and last > 0.0 else f"{short(last)} after {short(first)}"


def _against(summaries: list[Summary], labels: tuple[str, ...]) -> str:
    """The finding of one panel of several runs."""
    first, last = summaries[0], summaries[-1]
    most = resolving(first.median.value, last.median.value)
    return (
        f"{spoken(last.name)}: {told(*last.median, last.unit, most)} for {labels[-1]} against "
        f"{short(first.median.value, most)} for {labels[0]} ({_times(summaries)})"
    )


@kind(shape=_height, reads=HEADS)
def forest(
    figure: Figure,
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """Medians with 50 % and credible intervals of several runs side by side."""
    data: list[Row] = []
    found: dict[str, list[Summary]] = {}
    for quantity, ax in zip(quantities, _panels(figure, len(quantities)), strict=True):
        found[quantity] = summaries = [summary_of(r, quantity, ci) for r in runs]
        ends = np.array(all_ends(summaries))
        scale(ax, "x", log_if(ends.min() > 0.0))
        ax.set_xlim(*limits([ends], log_if(ends.min() > 0.0), 0.08))
        for i, (s, name) in enumerate(zip(summaries, labels, strict=True)):
            _whiskers(ax, s, i, theme)
            data.append({"quantity": quantity, "run": name, **_quartiles_row(s)})
        rows(ax, labels)
        ax.xaxis.grid(True)
        label(ax, "x", summaries[0].text.rstrip("."), summaries[0].unit, _key(ax, rows_key(ci[0])))
    return Drawn(_found(found, labels), data)


def _key(ax: Axes, words: str) -> str:
    """The key of the rows, under the last panel alone."""
    return words if ax is ax.get_figure().axes[-1] else ""


def _whiskers(ax: Axes, s: Summary, row: int, theme: Theme) -> None:
    """Median, half and credible interval in a row."""
    color = theme.color(row)
    span(ax, ends_of(s), row, color, 1.3, gid="interval")
    block(ax, half_of(s), row, color, 4, gid="half")
    hollow(ax, (s.median.value, row), theme.mark(row), theme, color, gid="median")


def _quartiles_row(s: Summary) -> Row:
    """Median, quartiles and credible interval as data, in the order of their values."""
    p25, p75 = half_of(s)
    ordered = {"low": s.low.value, "p25": p25, "p75": p75, "high": s.high.value}
    return {"median": s.median.value, "mcse": s.median.mcse, **ordered, "prob": s.prob}


@kind(shape=_height, reads=HEADS)
def ridge(
    figure: Figure,
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """Densities of several runs, one above the other."""
    data: list[Row] = []
    found: dict[str, list[Summary]] = {}
    for quantity, ax in zip(quantities, _panels(figure, len(quantities)), strict=True):
        found[quantity] = summaries = [summary_of(r, quantity, ci) for r in runs]
        shapes = _shapes(ax, [draws_of(r, quantity) for r in runs])
        top = max((drawn.top for drawn in shapes if drawn.curve), default=1.0)
        for i, (s, name, drawn) in enumerate(zip(summaries, labels, shapes, strict=True)):
            said = {"quantity": quantity, "run": name}
            _hill(ax, drawn, top, i, theme)
            data += [{**said, "x": row["x"], row["series"]: row["y"]} for row in drawn.rows()]
            block(ax, ends_of(s), i, theme.color(i), 2.4, gid="interval")
            at = (s.median.value, i)
            hollow(ax, at, theme.mark(i), theme, theme.color(i), 5, mew=1.2, zorder=20, gid="median")
            data.append({**said, **interval_row(s), "prob": s.prob})
        rows(ax, labels)
        ax.set_ylim(len(labels) - 0.7, -0.98)
        key = _key(ax, f"bar: {percent(ci[0])} interval")
        label(ax, "x", summaries[0].text.rstrip("."), summaries[0].unit, key)
    return Drawn(_found(found, labels), data)


def _shapes(ax: Axes, drawn: list[Draws]) -> list[Shape]:
    """The distributions of several runs on one axis, which is made to show them."""
    common = scale_of(np.concatenate([d.x for d in drawn]))
    scale(ax, "x", common)
    ax.set_xlim(*limits([np.array(d.view()) for d in drawn], common))
    return [shape(replace(d, scale=common)) for d in drawn]


def _hill(ax: Axes, drawn: Shape, top: float, row: int, theme: Theme) -> None:
    """A distribution that stands on its row, and before those above: its density, and stems of its point masses.

    The curves are densities, and a transform makes `top` the height of a hill: they say what area is drawn.
    """
    color, order = theme.color(row), 2 + row
    if drawn.curve:
        standing = Affine2D().scale(1.0, -HILL / top).translate(0.0, row) + ax.transData
        look = {"lw": 0, "hatch": theme.hatch(row), "zorder": order, "transform": standing}
        ax.fill_between(*drawn.curve, facecolor=color, alpha=0.3, gid="hill", **look)
        look = {"lw": 1.3, "ls": theme.dash(row), "zorder": order, "transform": standing}
        ax.plot(*drawn.curve, color=color, gid="ridge", **look)
    values, shares = drawn.atoms
    if len(values) > 1 or drawn.curve:  # a constant is its median's mark
        ax.vlines(values, row, row - HILL * shares, color=color, lw=2.2, gid="values", zorder=order)


def _ranked(x: np.ndarray, y: np.ndarray) -> float:
    """The rank correlation (Spearman's) of the first draws."""
    return float(np.corrcoef(ranks(x[: 1 << 17]), ranks(y[: 1 << 17]))[0, 1])


@kind(shape=1.0, reads=HEADS)
def pair(figure: Figure, run: Run, quantities: tuple[str, ...], theme: Theme) -> Drawn:
    """Chosen quantities against one another: where half, and nine in ten, of the worlds lie."""
    count = len(quantities)
    if not 2 <= count <= 5:
        raise InputError(f"pair is drawn of 2 to 5 quantities, and not of {count}: --of A --of B")
    drawn = {q: draws_of(run, q) for q in quantities}
    if fixed := [q for q, d in drawn.items() if d.constant]:
        raise InputError(f"{fixed[0]} is a constant here: it has no pairs; leave it out of --of")
    grid = figure.subplots(count, count, squeeze=False, sharex="col")
    data: list[Row] = []
    strongest = (0.0, "", "")
    for i, b in enumerate(quantities):
        for j, a in enumerate(quantities):
            ax, x, y = grid[i, j], drawn[a], drawn[b]
            scale(ax, "x", x.scale)
            ax.set_xlim(*limits([np.array(x.view())], x.scale))
            if i == j:
                _marginal(ax, x, theme)
            elif i > j:
                data += _contours(ax, a, b, x, y, theme)
            else:
                rho = _ranked(x.x, y.x)
                strongest = max(strongest, (rho, a, b), key=lambda t: abs(t[0]))
                _number_alone(ax, f"{rho:+.2f}", theme)
                data.append({"x": a, "y": b, "rank_correlation": rho})
            _outer(ax, i, j, count, a, b)
    rho, a, b = strongest
    return Drawn(f"{spoken(a)} and {spoken(b)} have a rank correlation of {rho:+.2f}", data)


def _number_alone(ax: Axes, text: str, theme: Theme) -> None:
    """A number in place of axes."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", gid="correlation", size=1.5 * theme.size)
    ax.set_axis_off()


def _marginal(ax: Axes, x: Draws, theme: Theme) -> None:
    drawn = shape(x)
    if drawn.curve:
        ax.fill_between(*drawn.curve, color=theme.color(0), alpha=0.35, lw=0, gid="marginal")
    ax.set_ylim(0.0, 1.05 * drawn.top)
    stems(ax, drawn, theme, width=2.0, named=False)
    ax.set_yticks([])


def _contours(ax: Axes, a: str, b: str, x: Draws, y: Draws, theme: Theme) -> list[Row]:
    scale(ax, "y", y.scale)
    ax.set_ylim(*limits([np.array(y.view())], y.scale))
    gx, gy, height = joint_density(x, y)
    heights = levels(height, (0.9, 0.5))
    ax.contourf(gx, gy, height, [*heights, height.max() * 1.001], colors=[theme.color(0)] * 2, alpha=0.3)
    ax.contour(gx, gy, height, heights, colors=[theme.color(0)], linewidths=0.9)
    return [{"x": a, "y": b, "probability": p, "density_level": h} for p, h in zip((0.9, 0.5), heights, strict=True)]


def _outer(ax: Axes, i: int, j: int, count: int, a: str, b: str) -> None:
    """Names and tick labels stand at the outer edges of the grid alone."""
    wide = max(int(0.9 * characters(ax)), 6)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set_fontsize(0.9 * axis.label.get_fontsize())
    if i == count - 1:
        ax.set_xlabel(folded(spoken(a), wide))
    if j == 0:
        ax.set_ylabel(folded(spoken(b), wide))
    ax.tick_params(labelbottom=i == count - 1, labelleft=j == 0 and i > 0)


@kind()
def fan(ax: Axes, run: Run, quantity: str, over: str | None, ci: tuple[float, str], theme: Theme) -> Drawn:
    """A quantity over a swept prior (--over NAME): median, half and credible interval at each value."""
    prior = _swept(run, over, quantity)
    y = draws_of(run, quantity)
    x = run.draws_of(prior).ravel()
    if len(x) < LEAST:
        raise InputError(f"a fan of {len(x):,} kept draws would say little: take {LEAST:,} or more")
    values = _values(x)
    data = _bands(x, y.x, ci[0], values)
    at, low, high = (np.array([row[k] for row in data]) for k in ("x", "low", "high"))
    across = log_if(at.min() > 0.0 and at[-1] / at[0] > 8.0)
    scale(ax, "x", across)
    scale(ax, "y", y.scale)
    ax.set_xlim(*limits([at], across, 0.12 if len(values) else 0.0))
    ax.set_ylim(*limits([low, high], y.scale))
    (_columns if len(values) else _fanned)(ax, data, theme)
    swept = run.priors.prior(prior).distribution
    _points_above(ax, swept, theme)
    source, q = run.priors.model.inputs[prior], run.priors.model.quantity(quantity)
    label(ax, "x", f"{spoken(prior)}: {source.text}", source.unit)
    key = "thick: 50 %, thin: " + percent(ci[0]) + " interval" if len(values) else bands_key(ci[0])
    label(ax, "y", spoken(quantity), q.unit, key)
    median = [row["median"] for row in data]
    first, last = (float(np.interp(swept.quantile(p), at, median)) for p in (0.05, 0.95))
    most = resolving(first, last)
    return Drawn(
        f"From the 5 % to the 95 % point of {spoken(prior)}, the median of {spoken(quantity)} goes from "
        f"{short(first, most)} to {told(last, unit=q.unit, most=most)}",
        data,
    )


def _fanned(ax: Axes, data: list[Row], theme: Theme) -> None:
    """Median and bands over a prior whose values lie close together."""
    at, low, q25, median, q75, high = (np.array([row[k] for row in data]) for k in data[0])
    ax.fill_between(at, low, high, color=theme.color(0), alpha=0.18, lw=0, gid="interval")
    ax.fill_between(at, q25, q75, color=theme.color(0), alpha=0.28, lw=0, gid="half")
    ax.plot(at, median, color=theme.color(0), lw=1.6, gid="median")


def _columns(ax: Axes, data: list[Row], theme: Theme) -> None:
    """Median and intervals at each of a few values, between which there is nothing."""
    for row in data:
        at, color = [row["x"]] * 2, theme.color(0)
        ax.plot(at, [row["low"], row["high"]], color=color, lw=1.3, gid="interval")
        ax.plot(at, [row["p25"], row["p75"]], color=color, lw=4, solid_capstyle="butt", gid="half")
        hollow(ax, (row["x"], row["median"]), theme.mark(0), theme, color, gid="median")


def _points_above(ax: Axes, swept: Distribution, theme: Theme) -> None:
    """The swept prior's 5 %, 50 % and 95 % points, named above the axes."""
    text = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "bottom", "color": theme.muted}
    places: dict[float, list[str]] = {}
    for p, word in ((0.05, "5 %"), (0.5, "median"), (0.95, "95 %")):
        places.setdefault(swept.quantile(p), []).append(word)
    for place, words in places.items():
        if ax.get_xlim()[0] <= place <= ax.get_xlim()[1]:
            ax.axvline(place, color=theme.muted, lw=0.8, ls=theme.dash(2), gid="prior")
            beside(ax, ", ".join(words), (place, 1.0), (0, 2), size=0.85 * theme.size, **text)


def _swept(run: Run, over: str | None, quantity: str) -> str:
    known, reads = run.priors.priors, run.priors.read_by(quantity)
    if over is None:
        raise InputError(f"fan sweeps a prior: --over NAME; {quantity} reads {', '.join(reads) or 'no uncertain one'}")
    if over not in known:
        raise InputError(f"--over {over}: there is no prior of this name in {run.priors.name}; {nearest(over, known)}")
    if not known[over].uncertain:
        raise InputError(
            f"--over {over}: it is a known value in {run.priors.name}; give it a spread first: "
            f"--set '{over}=uniform(low=.., high=..)'"
        )
    if over not in reads:
        raise InputError(f"--over {over}: {quantity} does not depend on it; {nearest(over, reads)}")
    return over


def _values(x: np.ndarray) -> np.ndarray:
    """The values of a choice, ascending; none for a prior that has more of them than a fan has groups."""
    values = np.unique(x) if len(np.unique(x[:4096])) <= GROUPS else np.array([])
    return values if len(values) <= GROUPS else values[:0]


def _bands(x: np.ndarray, y: np.ndarray, prob: float, values: np.ndarray) -> list[Row]:
    """Quantiles of y within groups of x of equal probability, or at each of its `values`."""
    if len(values):
        groups = [(float(v), y[x == v]) for v in values]
    else:
        order = np.argsort(x, kind="stable")
        parts = np.array_split(order, min(GROUPS, max(len(x) // 64, 1)))
        groups = [(float(np.median(x[part])), y[part]) for part in parts]
    share = (0.5 - prob / 2.0, 0.25, 0.5, 0.75, 0.5 + prob / 2.0)
    names = ("low", "p25", "median", "p75", "high")
    return [{"x": at, **dict(zip(names, np.quantile(part, share).tolist(), strict=True))} for at, part in groups]
