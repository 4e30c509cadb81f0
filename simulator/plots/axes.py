"""Axes: logarithmic and linear scales with ticks as people read them, and labels that fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedFormatter, FixedLocator, Formatter, Locator, MaxNLocator, NullFormatter, NullLocator

from ..base.errors import InputError
from ..base.wording import folded, short, unit_words, width_of
from .scales import Scale

_STEPS = ((1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
HUGE = 1e15  # an axis that reaches it is written in powers of ten


class Ticks(Locator):  # type: ignore[misc]
    """Ticks at round numbers of an axis: as many as their labels leave room for."""

    def __init__(self, scale: Scale):
        self.scale = scale
        self.known: tuple[tuple[float, ...], np.ndarray] | None = None  # those that were asked for last

    def __call__(self) -> np.ndarray:
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        low, high = sorted((float(vmin), float(vmax)))
        if not (0.0 if self.scale.log else -math.inf) < low < high < math.inf:
            return np.array([])
        room = (low, high, *self._room())
        if self.known is None or self.known[0] != room:
            self.known = room, np.array(fitting(self.scale, *room, self.axis.axis_name == "x"))
        return self.known[1].copy()

    def _room(self) -> tuple[float, float]:
        """The length of the axis and the size of its labels, in points."""
        ax, across = self.axis.axes, self.axis.axis_name == "x"
        length = (ax.bbox.width if across else ax.bbox.height) * 72.0 / ax.figure.dpi
        return length, float(self.axis.get_tick_params(which="major").get("labelsize", ax.xaxis.label.get_fontsize()))


def fitting(scale: Scale, low: float, high: float, length: float, size: float, across: bool = True) -> list[float]:
    """As many round numbers as an axis has room for: its length and the size of their labels are in points."""
    tried = [t for t in _candidates(low, high, scale) if t]
    ends = scale.to(np.array((low, high)))
    for ticks in tried:
        gaps = np.diff(scale.to(np.array(ticks))) / (ends[1] - ends[0]) * length
        wide = np.array([len(text) for text in labels_of(ticks, high)]) * 0.62 * size
        need = (wide[1:] + wide[:-1]) / 2.0 + 0.9 * size if across else 1.7 * size
        if 2 <= len(ticks) <= 9 and np.all(gaps >= need):
            return ticks
    return min(tried, key=len, default=[])


def _candidates(low: float, high: float, scale: Scale) -> Iterable[list[float]]:
    """Rows of ticks, from many to few."""
    if scale.log:
        return _by_decades(low, high)
    return _evenly(low, high) if scale.name == "linear" else _both_ways(low, high, scale)


def _both_ways(low: float, high: float, scale: Scale) -> Iterable[list[float]]:
    """The centre of an asinh scale, and round numbers on either side of it, further and further away."""
    first = math.ceil(math.log10(scale.width))
    last = max(math.floor(math.log10(max(high - scale.centre, scale.centre - low))), first)
    for steps, stride in (*((s, 1) for s in _STEPS[1:]), *(((1.0,), n) for n in range(2, last - first + 2))):
        away = [s * 10.0**k for k in range(last, first - 1, -stride) for s in steps]
        both = sorted({scale.centre, *(scale.centre + a for a in away), *(scale.centre - a for a in away)})
        yield [t for t in both if low <= t <= high]


def _by_decades(low: float, high: float) -> Iterable[list[float]]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    decades = [10.0**k for k in range(first, last + 1) if low <= 10.0**k <= high]
    if high >= HUGE and len(decades) >= 4:
        yield decades
    for steps in _STEPS:
        yield [s * 10.0**k for k in range(first, last + 1) for s in steps if low <= s * 10.0**k <= high]
    for stride in range(2, last - first + 1):
        yield [10.0**k for k in range(first, last + 1) if k % stride == 0 and low <= 10.0**k <= high]
    yield from _evenly(low, high)


def _evenly(low: float, high: float) -> Iterable[list[float]]:
    for count in (8, 6, 5, 4, 3, 2, 1):
        ticks = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        slack = 1e-9 * (high - low)
        yield [float(t) for t in ticks if low - slack <= t <= high + slack]


def labels_of(ticks: Sequence[float], largest: float) -> list[str]:
    """The labels of the ticks of an axis that reaches `largest`: with the digits that their steps take."""
    known = [t for t in ticks if math.isfinite(t)]
    step = min((b - a for a, b in pairwise(sorted(known)) if b > a), default=0.0)
    powers = 1e6 if largest >= HUGE else HUGE
    for figures in range(3, 17):
        off = max((abs(float(f"{t:.{figures}g}") - t) for t in known), default=0.0)
        if off <= 1e-6 * step or not step:
            break
    return [short(t, figures, powers) for t in ticks]


class Labels(Formatter):  # type: ignore[misc]
    """The labels of an axis' ticks, like `720k`."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return labels_of(values, max(self.axis.get_view_interval()))


def scale(ax: Axes, which: str, scale: Scale) -> None:
    """Lay values along an axis (`x` or `y`) on a scale, its ticks like `720k`."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    name = {"asinh": "function"}.get(scale.name, scale.name)
    given = {"functions": (scale.to, scale.back)} if name == "function" else {}
    (ax.set_xscale if which == "x" else ax.set_yscale)(name, **given)
    axis.set_major_locator(Ticks(scale))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(Labels())


def limits(parts: Iterable[np.ndarray], scale: Scale, pad: float = 0.04) -> tuple[float, float]:
    """The limits that show all of `parts`, with a margin on the axis' own scale."""
    x = np.concatenate([np.ravel(p) for p in parts])
    x = x[np.isfinite(x) & (x > 0.0)] if scale.log else x[np.isfinite(x)]
    ends = np.array([x.min(), x.max()] if len(x) else [0.5, 2.0], dtype=float)
    low, high = scale.to(ends).tolist()
    margin = pad * (high - low) if high > low else (0.35 if scale.log else 0.1 * abs(low) or 1.0)
    reached = low - margin, high + margin
    if not (reached[0] > -690.0 and reached[1] < 690.0 if scale.log else math.isfinite(reached[1] - reached[0])):
        raise InputError(f"values from {ends[0]:.3g} to {ends[1]:.3g} do not fit onto an axis")
    return float(scale.back(np.array(reached[0]))), float(scale.back(np.array(reached[1])))


def inches(ax: Axes) -> tuple[float, float]:
    """About how wide and high the axes are on paper, before the layout is made."""
    figure = ax.get_figure()
    place = ax.get_position()
    size = figure.bbox.size / figure.dpi if figure is not None else np.array([6.0, 4.0])
    return float(place.width * size[0]), float(place.height * size[1])


def characters(ax: Axes, width: float | None = None) -> int:
    """How many characters of normal text fit into a width in inches (that of the axes)."""
    size = float(ax.xaxis.label.get_fontsize())
    return max(int((inches(ax)[0] if width is None else width) * 72.0 / (0.56 * size)), 8)


def label(ax: Axes, which: str, text: str, unit: str = "", key: str = "") -> None:
    """Label an axis: a text, its unit in words, and what marks mean; folded to the length of the axis."""
    words = unit_words(unit)
    whole = f"{text} ({words})" if words and words.lower() not in text.lower() else text
    whole = f"{whole}; {key}" if key else whole
    length = inches(ax)[0] - _named(ax) if which == "x" else 0.7 * inches(ax)[1]  # title and footer take their share
    lines = folded(whole, characters(ax, length))
    (ax.set_xlabel if which == "x" else ax.set_ylabel)(lines)


def _named(ax: Axes) -> float:
    """About the width, in inches, that the labels of the vertical axis take from the axes."""
    lines = [line for text in ax.get_yticklabels() for line in text.get_text().split("\n")]
    taken = max(map(width_of, lines), default=0) * 0.56 * float(ax.xaxis.label.get_fontsize()) / 72.0
    return max(taken - 0.1 * inches(ax)[0], 0.0)


def rows(ax: Axes, names: Iterable[str], share: float = 0.36) -> None:
    """Name the rows of horizontal marks, from the top down; long names are folded, and cut after three lines."""
    names = list(names)
    wide = characters(ax, share * inches(ax)[0])
    ax.set_yticks(range(len(names)), [folded(n, wide, 3) for n in names])
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def year_axis(ax: Axes, years: Sequence[int], beside: float = 0.0) -> None:
    """Lay years along the horizontal axis, with ticks at as many of them as there is room for; the last has one.

    `beside` is how far the axis reaches beyond the first and the last.
    """
    ends = years[0] - beside, years[-1] + beside
    size = 0.93 * float(ax.xaxis.label.get_fontsize())
    least = 3.6 * size / (72.0 * inches(ax)[0]) * (ends[1] - ends[0])
    shown = [years[-1]]
    for year in reversed(years[:-1]):
        if shown[-1] - year >= least:
            shown.append(year)
    ax.set_xlim(*ends)
    ax.xaxis.set_major_locator(FixedLocator(shown))
    ax.xaxis.set_major_formatter(FixedFormatter([str(y) for y in shown]))
    ax.xaxis.set_minor_locator(NullLocator())


def titled(ax: Axes, text: str, **style: Any) -> None:
    """A title at the left of the axes, right above them: where it stands need not be searched for."""
    ax.set_title(text, loc="left", y=1.0, **style)


def bare_y(ax: Axes) -> None:
    """Hide an axis whose numbers say nothing: a density's height."""
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def inches_of(figure: Figure | SubFigure) -> tuple[float, float]:
    """The size of a figure, or of a part of one, in inches."""
    whole = figure.bbox.size / figure.dpi
    return float(whole[0]), float(whole[1])


def columns_of(width: float) -> int:
    """How many small panels stand side by side on a width in mm."""
    return max(2, round(width / 44.0))
