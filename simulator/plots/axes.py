"""Axes: logarithmic and linear scales with ticks as people read them, and labels that fit."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullFormatter, NullLocator

from ..base.errors import InputError
from ..base.wording import folded, short, unit_words

_STEPS = ((1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
HUGE = 1e15  # an axis that reaches it is written in powers of ten


class Ticks(Locator):  # type: ignore[misc]
    """Ticks at round numbers of a logarithmic or linear axis: as many as their labels leave room for."""

    def __init__(self, log: bool):
        self.log = log

    def __call__(self) -> np.ndarray:
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> np.ndarray:
        low, high = sorted((float(vmin), float(vmax)))
        if not (0.0 if self.log else -math.inf) < low < high < math.inf:
            return np.array([])
        tried = [t for t in (_candidates if self.log else _evenly)(low, high) if t]
        fitting = (t for t in tried if len(t) >= 2 and self._fit(t, low, high))
        return np.array(next(fitting, min(tried, key=len, default=[])))

    def _fit(self, ticks: list[float], low: float, high: float) -> bool:
        """Whether the labels of these ticks keep clear of one another."""
        ax, across = self.axis.axes, self.axis.axis_name == "x"
        length = (ax.bbox.width if across else ax.bbox.height) * 72.0 / ax.figure.dpi
        size = float(self.axis.get_tick_params(which="major").get("labelsize", ax.xaxis.label.get_fontsize()))
        place = np.log(ticks) if self.log else np.array(ticks)
        ends = np.log((low, high)) if self.log else np.array((low, high))
        gaps = np.diff(place) / (ends[1] - ends[0]) * length
        wide = np.array([len(shown(t, high)) for t in ticks]) * 0.62 * size
        need = (wide[1:] + wide[:-1]) / 2.0 + 0.9 * size if across else 1.7 * size
        return bool(np.all(gaps >= need)) and len(ticks) <= 9


def _candidates(low: float, high: float) -> Iterable[list[float]]:
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


def shown(x: float, largest: float) -> str:
    """The label of a tick on an axis that reaches `largest`."""
    return short(x, powers_from=1e6 if largest >= HUGE else HUGE)


def scale(ax: Axes, which: str, log: bool) -> None:
    """Make an axis (`x` or `y`) logarithmic or linear, its ticks like `720k`."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    (ax.set_xscale if which == "x" else ax.set_yscale)("log" if log else "linear")
    axis.set_major_locator(Ticks(log))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda x, _: shown(x, max(axis.get_view_interval()))))


def limits(parts: Iterable[np.ndarray], log: bool, pad: float = 0.04) -> tuple[float, float]:
    """The limits that show all of `parts`, with a margin on the axis' own scale."""
    x = np.concatenate([np.ravel(p) for p in parts])
    x = x[np.isfinite(x) & (x > 0.0)] if log else x[np.isfinite(x)]
    low, high = (float(x.min()), float(x.max())) if len(x) else (0.5, 2.0)
    if log:
        low, high = math.log10(low), math.log10(high)
    margin = pad * (high - low) if high > low else (0.15 if log else 0.1 * abs(low) or 1.0)
    ends = low - margin, high + margin
    if not (ends[0] > -300.0 and ends[1] < 300.0 if log else math.isfinite(ends[1] - ends[0])):
        raise InputError(
            f"values from {low:.3g} to {high:.3g}{' (powers of ten)' if log else ''} do not fit onto an axis"
        )
    return (10.0 ** ends[0], 10.0 ** ends[1]) if log else ends


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


def label(ax: Axes, which: str, text: str, unit: str = "") -> None:
    """Label an axis: a text, its unit in words, folded to the length of the axis."""
    words = unit_words(unit)
    whole = f"{text} ({words})" if words and words.lower() not in text.lower() else text
    length = inches(ax)[0] - _named(ax) if which == "x" else 0.8 * inches(ax)[1]  # title and footer take their share
    lines = folded(whole, characters(ax, length))
    (ax.set_xlabel if which == "x" else ax.set_ylabel)(lines)


def _named(ax: Axes) -> float:
    """About the width, in inches, that the labels of the vertical axis take from the axes."""
    lines = [line for text in ax.get_yticklabels() for line in text.get_text().split("\n")]
    taken = max(map(len, lines), default=0) * 0.56 * float(ax.xaxis.label.get_fontsize()) / 72.0
    return max(taken - 0.1 * inches(ax)[0], 0.0)


def rows(ax: Axes, names: Iterable[str], share: float = 0.36) -> None:
    """Name the rows of horizontal marks, from the top down; long names are folded, and cut after three lines."""
    names = list(names)
    wide = characters(ax, share * inches(ax)[0])
    ax.set_yticks(range(len(names)), [folded(n, wide, 3) for n in names])
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


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
