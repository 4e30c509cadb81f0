"""Where the axes of a figure stand: in a grid, as large as what is written around them leaves room for.

It is what matplotlib's constrained layout does, of a grid in which no axes span others: but what is around axes is
measured once for each place that they are given, and where their labels keep their size that is twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib import rcParams

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

PAD = 0.03  # inches around axes and all that is written beside them
MOVED = 0.5  # pixels by which margins may change without another place for the axes
PLACES = 2  # that axes are given at most: what changes with their place changes little the second time


class Room(NamedTuple):
    """A part of a figure, in pixels."""

    left: float
    bottom: float
    width: float
    height: float


class _Margins(NamedTuple):
    """What is left free on both sides of the axes, in pixels: (left, right) by column, (top, bottom) by row."""

    across: np.ndarray
    down: np.ndarray

    def near(self, other: _Margins) -> bool:
        """Whether axes may stay where these others have put them."""
        return all(np.allclose(a, b, 0.0, MOVED) for a, b in zip(self, other, strict=True))


def arrange(figure: Figure, room: Room) -> bool:
    """Give the axes of a figure their places in a room; False where there is none for them."""
    if not figure.axes:
        return True
    renderer = figure.canvas.get_renderer()
    margins = _margins(figure.axes, renderer)
    for _ in range(PLACES):
        if not _placed(figure.axes, room, margins):
            return False
        before, margins = margins, _margins(figure.axes, renderer)
        if margins.near(before):
            break
    return True


def _margins(axes: Sequence[Axes], renderer: RendererBase) -> _Margins:
    """The margins that a grid of axes needs; its labels are put beside them as they are measured."""
    rows, columns = axes[0].get_subplotspec().get_gridspec().get_geometry()
    across, down = np.zeros((columns, 2)), np.zeros((rows, 2))
    for ax in axes:
        spec, inner, outer = ax.get_subplotspec(), ax.bbox, _around(ax, renderer)
        column, row = across[spec.colspan.start], down[spec.rowspan.start]
        left, bottom = (_marks(ax, side) for side in ("left", "bottom"))
        np.maximum(column, (max(inner.x0 - outer.x0, left), outer.x1 - inner.x1), out=column)
        np.maximum(row, (outer.y1 - inner.y1, max(inner.y0 - outer.y0, bottom)), out=row)
    pad = PAD * axes[0].get_figure().dpi
    return _Margins(across + pad, down + pad)


def _marks(ax: Axes, side: str) -> float:
    """How far the marks along a side reach beyond it, in pixels."""
    size = rcParams[f"{'x' if side == 'bottom' else 'y'}tick.major.size"]
    return float(size * ax.get_figure().dpi / 72.0) if ax.axison and ax.spines[side].get_visible() else 0.0


def _around(ax: Axes, renderer: RendererBase) -> Bbox:
    """The box of axes with all that is written beside them and reaches beyond them."""
    lines = set(ax.spines.values())
    beyond = [a for a in ax.get_default_bbox_extra_artists() if a not in lines]
    return ax.get_tightbbox(renderer, bbox_extra_artists=beyond, for_layout_only=True)


def _placed(axes: Sequence[Axes], room: Room, margins: _Margins) -> bool:
    """Put axes into a room, in the shares of their grid; False where labels leave nothing of it."""
    grid, whole = axes[0].get_subplotspec().get_gridspec(), axes[0].get_figure().bbox.size
    widths = _shared(room.width, grid.get_width_ratios(), margins.across)
    heights = _shared(room.height, grid.get_height_ratios(), margins.down)
    if not (widths.min() > 0.0 and heights.min() > 0.0):
        return False
    lefts = room.left + _starts(widths, margins.across)
    tops = room.bottom + room.height - _starts(heights, margins.down)
    for ax in axes:
        spec = ax.get_subplotspec()
        i, j = spec.rowspan.start, spec.colspan.start
        corner, size = np.array((lefts[j], tops[i] - heights[i])), np.array((widths[j], heights[i]))
        ax.set_position((*(corner / whole), *(size / whole)))
        ax.set_in_layout(True)  # of one who lays the figure out anew
    return True


def _shared(length: float, ratios: Sequence[float], margins: np.ndarray) -> np.ndarray:
    """The lengths of axes in a line, of what their margins leave."""
    shares = np.asarray(ratios, dtype=float)
    return shares / shares.sum() * (length - margins.sum())


def _starts(lengths: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Where axes in a line begin."""
    ends = np.cumsum(lengths + margins.sum(axis=1))
    return ends - lengths - margins[:, 1]
