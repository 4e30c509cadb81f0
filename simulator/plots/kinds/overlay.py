"""Several runs, or several quantities of one unit, in one density or distribution function."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.transforms import blended_transform_factory

from ...base.errors import InputError
from ...base.wording import folded, percent, resolving, short, spoken, supported, told
from ...runs.run import Run
from ...statistics.summary import Summary
from ..axes import bare_y, characters, label, limits, scale
from ..density import Draws, Shape, draws_of, scale_of, shape
from ..marks import block, hollow, legend_above, mark_threshold, place_of, share, stems
from ..registry import Drawn, Row, summary_of
from ..scales import LINEAR, LOG, Scale
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4  # lines that are told apart in grey, by their dashes
FOOT = 0.045  # of the height of the axes, between the intervals of two lines
TALL = 6.0  # times the lowest of several densities: one that is higher goes on above the axes
EVENLY = (np.arange(2000) + 0.5) / 2000  # worlds of a line, by which a scale is chosen


class Line(NamedTuple):
    """A run and a quantity of it: how it is called, its draws and what is known of it."""

    name: str
    draws: Draws
    known: Summary

    def end(self, i: int) -> float:
        """The lower end (0) or the upper end (1) of its interval."""
        return (self.known.low, self.known.high)[i].value


def lines_of(
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    thresholds: tuple[float, ...],
    ci: tuple[float, str],
) -> list[Line]:
    """A line for each run and quantity; raises InputError for too many, and for quantities of different units."""
    count = len(runs) * len(quantities)
    if count > MOST:
        raise InputError(f"{count} lines are too many for one figure: at most {MOST} runs or quantities")
    units = {q: runs[0].priors.model.quantity(q).unit for q in quantities}
    other = next((q for q in quantities if units[q] != units[quantities[0]]), None)
    if other is not None:
        raise InputError(
            f"{quantities[0]} is in {units[quantities[0]]} and {other} in {units[other]}: one axis has one unit; "
            "draw each alone, or both with --kind forest"
        )
    found = []
    for run, name in zip(runs, labels, strict=True):
        for q in quantities:
            parts = [name] if len(runs) > 1 else []
            parts += [spoken(q)] if len(quantities) > 1 else []
            found.append(Line(", ".join(parts), draws_of(run, q), summary_of(run, q, ci, thresholds)))
    return found


def _called(ax: Axes, line: Line) -> str:
    """The name of a line in the key, folded to the axes."""
    return folded(line.name, int(0.8 * characters(ax)), 3)


def _along(lines: list[Line]) -> Scale:
    """The scale that suits all of them: logarithmic where all are, else that of all their worlds, each line's alike."""
    if all(line.draws.scale.log for line in lines):
        return LOG
    return scale_of(np.concatenate([np.quantile(line.draws.x, EVENLY) for line in lines]))


def _seen(lines: list[Line], along: Scale) -> tuple[float, float]:
    parts = [np.array(line.draws.view()) for line in lines]
    parts += [np.array([line.end(0), line.end(1), *line.known.exceeds]) for line in lines]
    return limits(parts, along)


def _foot(ax: Axes, lines: list[Line], theme: Theme) -> list[Row]:
    """The median and the interval of each line along the foot of the axes, one above another."""
    data: list[Row] = []
    for i, line in enumerate(lines):
        s, at, color = line.known, FOOT * (len(lines) - i), theme.color(i)
        inside = {"transform": blended_transform_factory(ax.transData, ax.transAxes)}
        if s.low.value != s.high.value:
            block(ax, (s.low.value, min(s.high.value, ax.get_xlim()[1])), at, color, 2.6, gid="interval", **inside)
        hollow(ax, (s.median.value, at), theme.mark(i), theme, color, 4.6, gid="median", zorder=6, **inside)
        named = (("median", s.median), ("interval low", s.low), ("interval high", s.high))
        data += [{"line": line.name, "series": name, "x": e.value, "mcse": e.mcse} for name, e in named]
    return data


def _marked(ax: Axes, lines: list[Line], theme: Theme, above: bool | None = None) -> list[Row]:
    """The thresholds, and how much of each line lies beyond them: in the order of the key.

    Of distribution functions (`above` or not) with a mark on each curve, and the text where they leave room.
    """
    data: list[Row] = []
    for n, limit in enumerate(lines[0].known.exceeds):
        beyond = [line.known.exceeds[limit] for line in lines]
        high = above is None or above == (place_of(ax, limit) <= 0.55)
        text = f"P(> {short(limit)}): {', '.join(map(share, beyond))}"
        mark_threshold(ax, limit, text, theme, (0.97 if high else 0.42) - 0.09 * (n % 4))
        for i, (line, e) in enumerate(zip(lines, beyond, strict=True)):
            data.append({"line": line.name, "series": "P(> x)", "x": limit, "y": e.value, "mcse": e.mcse})
            if above is not None and (limit > 0.0 or ax.get_xscale() != "log"):
                look = {"color": theme.color(i), "ms": 4.5, "zorder": 6, "gid": "hit"}
                ax.plot([limit], [e.value if above else 1.0 - e.value], theme.mark(i), **look)
    return data


def _finding(lines: list[Line]) -> str:
    """Medians and intervals of all lines, and beyond a threshold how much of each lies."""
    parts: list[str] = []
    for line in lines:
        s = line.known
        most = resolving(s.low.value, s.median.value, s.high.value)
        low, high = (short(e.value, supported(*e, most)) for e in (s.low, s.high))
        lead = "" if any("interval" in part for part in parts) else f"{percent(s.prob)} interval "
        within = f"({lead}{low} to {high})" if s.low.value != s.high.value else "exactly"
        parts.append(f"{line.name} {told(*s.median, s.unit, most)} {within}")
    same = len({line.known.name for line in lines}) == 1
    return f"{spoken(lines[0].known.name)}: {'; '.join(parts)}" if same else "; ".join(parts)


def densities(
    ax: Axes,
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    thresholds: tuple[float, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """The densities of several runs or quantities over one axis."""
    lines = lines_of(runs, labels, quantities, thresholds, ci)
    along = _along(lines)
    shapes = [shape(replace(line.draws, scale=along)) for line in lines]
    scale(ax, "x", along)
    ax.set_xlim(*_seen(lines, along))
    foot = FOOT * (len(lines) + 0.8)  # room for the intervals
    top, cut = _top(shapes)
    high = (1.08 + 0.11 * len(thresholds)) * top
    ax.set_ylim(-foot / (1.0 - foot) * high, high)
    data = _hills(ax, lines, shapes, foot, theme) + _foot(ax, lines, theme) + _marked(ax, lines, theme)
    bare_y(ax)
    legend_above(ax, 1 if max(len(line.name) for line in lines) > 0.4 * characters(ax) else 2)
    first = lines[0].known
    label(ax, "x", first.text.rstrip(".") if len(quantities) == 1 else "value", first.unit)
    label(ax, "y", _height_of(shapes, along, cut), key=f"at the foot: {percent(ci[0])} intervals")
    return Drawn(_finding(lines), data)


def _top(shapes: list[Shape]) -> tuple[float, bool]:
    """What the axes are high for, and whether a narrow density goes on above: else wide ones would be flat lines."""
    tops = [drawn.top for drawn in shapes if drawn.curve] or [1.0]
    return min(max(tops), TALL * min(tops)), max(tops) > TALL * min(tops)


def _height_of(shapes: list[Shape], along: Scale, cut: bool) -> str:
    """What the height of densities and stems is."""
    if not any(drawn.curve for drawn in shapes):
        return "probability"
    words = f"density{'' if along.name == 'linear' else f' on the {along.name} scale'}"
    words += "; stems: probability" if any(len(drawn.atoms[0]) for drawn in shapes) else ""
    return words + ("; narrow ones go on above" if cut else "")


def _hills(ax: Axes, lines: list[Line], shapes: list[Shape], foot: float, theme: Theme) -> list[Row]:
    """Densities and stems of point masses, all on one scale; of stems at one value, those beneath are wider."""
    data: list[Row] = []
    dense = any(drawn.curve for drawn in shapes)
    most = 1.0 if dense else max(float(drawn.atoms[1].max()) for drawn in shapes)
    for i, (line, drawn) in enumerate(zip(lines, shapes, strict=True)):
        look = {"color": theme.color(i), "ls": theme.dash(i), "lw": 1.4, "label": _called(ax, line)}
        ax.plot(*(drawn.curve or ([], [])), gid="density", **look)
        if drawn.curve:
            ax.fill_between(*drawn.curve, color=theme.color(i), alpha=0.12, lw=0)
        before = sum(bool(np.isin(drawn.atoms[0], after.atoms[0]).any()) for after in shapes[i + 1 :])
        stems(ax, drawn, theme, i, 2.5 + 2.4 * before, named=False, foot=foot, most=most)
        data += drawn.rows(line=line.name)
    return data


def _functions(
    ax: Axes, lines: list[Line], quantities: tuple[str, ...], ci: tuple[float, str], theme: Theme, above: bool
) -> Drawn:
    """Distribution functions, or their complements, over one axis."""
    along = _along(lines)
    scale(ax, "x", along)
    scale(ax, "y", LINEAR)
    ax.set_xlim(*_seen(lines, along))
    p = np.concatenate([[1e-3], np.linspace(0.005, 0.995, 397), [1.0 - 1e-3]])
    data: list[Row] = []
    for i, line in enumerate(lines):
        x, y = np.quantile(line.draws.x, p), line.draws.share * p
        y = 1.0 - y if above else y
        look = {"color": theme.color(i), "ls": theme.dash(i), "lw": 1.5, "label": _called(ax, line)}
        ax.plot(x, y, gid="curve", drawstyle="steps-post" if line.draws.few else "default", **look)
        named = {"line": line.name, "series": "P(> x)" if above else "P(<= x)"}
        data += [{**named, "x": a, "y": b} for a, b in zip(x, y, strict=True)]
    ax.set_ylim(-FOOT * (len(lines) + 1.2), 1.02)
    ax.set_yticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.yaxis.grid(True)
    data += _foot(ax, lines, theme) + _marked(ax, lines, theme, above)
    legend_above(ax, 1 if max(len(line.name) for line in lines) > 0.4 * characters(ax) else 2)
    first = lines[0].known
    label(ax, "x", first.text.rstrip(".") if len(quantities) == 1 else "value", first.unit)
    label(ax, "y", "probability of more than this" if above else "probability of at most this")
    return Drawn(_finding(lines), data)


def ecdfs(
    ax: Axes,
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    thresholds: tuple[float, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """The distribution functions of several runs or quantities over one axis."""
    return _functions(ax, lines_of(runs, labels, quantities, thresholds, ci), quantities, ci, theme, above=False)


def exceedances(
    ax: Axes,
    runs: tuple[Run, ...],
    labels: tuple[str, ...],
    quantities: tuple[str, ...],
    thresholds: tuple[float, ...],
    ci: tuple[float, str],
    theme: Theme,
) -> Drawn:
    """The probabilities of exceeding each value, of several runs or quantities over one axis."""
    return _functions(ax, lines_of(runs, labels, quantities, thresholds, ci), quantities, ci, theme, above=True)
