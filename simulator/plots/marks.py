"""Marks that several kinds share: spans, hollow points, bars, texts beside a point, and what they are as data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from ..base.wording import percent
from ..statistics.estimators import Estimate
from ..statistics.summary import Summary
from .axes import inches
from .density import Shape
from .registry import Row
from .theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.container import BarContainer
    from matplotlib.text import Annotation

STEM = 0.86  # of the height of the axes: a stem that is certain
NAMED = 4  # stems whose probabilities are written above them


def span(ax: Axes, ends: tuple[float, float], y: float, color: str, width: float, **style: Any) -> None:
    """A line along a row, from one end to the other."""
    ax.plot(list(ends), [y, y], color=color, lw=width, **style)


def block(ax: Axes, ends: tuple[float, float], y: float, color: str, width: float, **style: Any) -> None:
    """A thick line along a row, whose ends are where they are: no caps reach beyond them."""
    span(ax, ends, y, color, width, solid_capstyle="butt", **style)


def hollow(
    ax: Axes, at: tuple[float, float], mark: str, theme: Theme, color: str, size: float = 6, **style: Any
) -> None:
    """A point whose inside is left free, so that what lies beneath its edge is seen to go on."""
    ax.plot([at[0]], [at[1]], mark, color=theme.background, mec=color, **{"mew": 1.3, "ms": size} | style)


def beside(ax: Axes, text: str, at: tuple[float, float], points: tuple[float, float], **style: Any) -> Annotation:
    """A text beside a place, moved by some points; halfway up unless told otherwise."""
    return ax.annotate(text, at, points, textcoords="offset points", **{"va": "center"} | style)


def stems(
    ax: Axes,
    shape: Shape,
    theme: Theme,
    i: int = 0,
    width: float = 2.5,
    named: bool = True,
    foot: float = 0.0,
    most: float = 0.0,
) -> None:
    """Point masses as stems, as high as their probability: all of the axes is certain, or, alone, the likeliest one.

    Beside those of others they stand on a `foot`, in parts of the axes, and `most` is the highest probability of all.
    """
    values, shares = shape.atoms
    if not len(values):
        return
    inside, height = ax.get_xaxis_transform(), STEM * shares / (most or (1.0 if shape.curve else shares.max()))
    height = foot + (1.0 - foot) * height
    ax.vlines(values, foot, height, color=theme.color(i), lw=width, transform=inside, gid="values")
    for x, y, p in zip(values, height, shares, strict=True) if named and len(values) <= NAMED else ():
        text = {"ha": "center", "va": "bottom", "size": 0.85 * theme.size, "bbox": theme.behind, "zorder": 6}
        beside(ax, f"{100 * p:.2g} %", (x, y), (0, 2), xycoords=inside, **text)


def bars(
    ax: Axes, rows: ArrayLike, widths: ArrayLike, i: int, theme: Theme, height: float, **style: Any
) -> BarContainer:
    """Horizontal bars in the colour and hatch of the i-th series, parted by a thin line."""
    look = {"color": theme.color(i), "hatch": theme.hatch(i), "edgecolor": theme.background}
    return ax.barh(rows, widths, height, **look | style)


def legend_above(ax: Axes, columns: int, **style: Any) -> None:
    """The key of the axes, in a line above them."""
    place = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderpad": 0.1}
    ax.legend(frameon=False, ncols=columns, **place | style)


def rows_key(prob: float) -> str:
    """What the lines of a row are, in words for its axis."""
    return f"thick: 50 %, thin: {percent(prob)} interval"


def bands_key(prob: float) -> str:
    """What the bands are, in words for their axis."""
    return f"bands: 50 % and {percent(prob)} interval"


def number(name: str, e: Estimate) -> Row:
    """An estimate as data, with its Monte Carlo error beside it."""
    return {name: e.value, f"{name}_mcse": e.mcse}


def ends_of(s: Summary) -> tuple[float, float]:
    """The credible interval of a summary."""
    return s.low.value, s.high.value


def half_of(s: Summary) -> tuple[float, float]:
    """The interval that holds the middle half."""
    return s.quantiles[0.25].value, s.quantiles[0.75].value


def interval_row(s: Summary) -> Row:
    """Median and credible interval as data."""
    return {"median": s.median.value, "mcse": s.median.mcse, "low": s.low.value, "high": s.high.value}


def all_ends(summaries: Sequence[Summary]) -> list[float]:
    """Medians and interval ends of several summaries: what an axis has to show."""
    return [e.value for s in summaries for e in (s.low, s.high, s.median)]


def share(e: Estimate) -> str:
    """A probability in percent, with the digits that its MCSE supports."""
    percent = 100.0 * e.value
    if not 0.0 < percent < 100.0:
        return f"{percent:.0f} %"
    digits = 1 if e.mcse and math.isfinite(e.mcse) and 100 * e.mcse < 0.1 and not 10 < percent < 90 else 0
    shown = f"{percent:.{digits}f}"
    return f"{shown} %" if float(shown) not in (0.0, 100.0) else f"{percent:.1g} %"


def part_of_worlds(e: Estimate) -> str:
    """A share of the worlds; of one that the drawn worlds cannot tell from none or all, no number."""
    return {0.0: "no drawn world", 1.0: "all drawn worlds"}.get(e.value, share(e))


def mark_threshold(ax: Axes, x: float, text: str, theme: Theme, height: float) -> None:
    """A dashed line at a threshold, with its text at a height of the axes, on the side with more room."""
    if ax.get_xscale() == "log" and x <= 0.0:  # it lies beyond the axis
        return
    ax.axvline(x, color=theme.ink, lw=0.9, ls=theme.dash(1), gid="threshold", zorder=3)
    left = place_of(ax, x) > 0.55
    side = {"ha": "right" if left else "left", "va": "top", "xycoords": ("data", "axes fraction")}
    beside(ax, text, (x, height), (-4 if left else 4, 0), color=theme.ink, bbox=theme.behind, zorder=6, **side)


def place_of(ax: Axes, x: float) -> float:
    """Where a value lies along the horizontal axis, from 0 to 1."""
    seen = ax.transData + ax.transAxes.inverted()
    return float(seen.transform((x, 0.0))[0])


def named_at_the_end(ax: Axes, ends: Sequence[tuple[float, str, str]], theme: Theme) -> None:
    """Texts to the right of the axes, each beside a place on the vertical one, in a colour, and clear of another."""
    size, height = 0.92 * theme.size, 72.0 * 0.62 * inches(ax)[1]  # title, footer and labels take their share
    seen = ax.transData + ax.transAxes.inverted()
    wanted = [height * float(seen.transform((0.0, y))[1]) for y, _, _ in ends]
    half = [0.65 * size * (1 + text.count("\n")) for _, text, _ in ends]
    order, place, least, most = (
        sorted(range(len(ends)), key=wanted.__getitem__),
        wanted.copy(),
        -math.inf,
        1.05 * height,
    )
    for i in order:
        place[i] = max(place[i], least + half[i])
        least = place[i] + half[i]
    for i in reversed(order):  # and back, where they reach above the axes
        place[i] = min(place[i], most - half[i])
        most = place[i] - half[i]
    for (y, text, color), to, at in zip(ends, place, wanted, strict=True):
        look = {"xycoords": ("axes fraction", "data"), "ha": "left", "gid": "end", "annotation_clip": False}
        beside(ax, text, (1.0, y), (5, to - at), color=color, size=size, **look)
