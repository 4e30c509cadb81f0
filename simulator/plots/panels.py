"""Small panels, many in a figure: axes whose numbers are plain texts, since ticks take longer than all else there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import NullLocator
from matplotlib.transforms import offset_copy

from ..base.wording import folded
from .axes import bare_y, characters, columns_of, fitting, inches, inches_of, labels_of, titled
from .scales import Scale
from .theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.text import Text

EDGE, BETWEEN = 0.025, 0.06  # of the figure's width, and of a panel's: about what is left free beside panels
MARK, PAD = 2.5, 6.0  # points: how long a mark of a number is, and how far below the axes the number stands
LEADING = 1.25  # of lines of text
NUMBER = "number"  # the name of a text that is one


def numbers_of(ax: Axes) -> list[Text]:
    """The numbers along the axis of a panel; of other axes there are none."""
    return [text for text in ax.texts if text.get_gid() == NUMBER]


def panels(figure: Figure | SubFigure, count: int) -> list[Axes]:
    """Axes for so many panels, side by side as the width of the figure allows."""
    columns = min(columns_of(25.4 * inches_of(figure)[0]), count)
    free = {} if figure.get_layout_engine() else {"left": EDGE, "right": 1.0 - EDGE, "wspace": BETWEEN}
    grid = figure.add_gridspec(-(-count // columns), columns, **free)  # a figure of the user's own lays out itself
    return [figure.add_subplot(grid[divmod(i, columns)]) for i in range(count)]


def told_around(ax: Axes, title: str, below: str, along: Scale, theme: Theme) -> None:
    """The title of a panel, the numbers along its axis, whose limits are set, and a text below them."""
    bare_y(ax)
    ax.xaxis.set_major_locator(NullLocator())
    ax.xaxis.set_visible(False)
    titled(ax, folded(title, max(round(0.88 * characters(ax)), 10)), size=0.92 * theme.size)
    size, (low, high) = 0.8 * theme.size, ax.get_xlim()
    ticks = fitting(along, low, high, 72.0 * inches(ax)[0], size)
    look = {"color": theme.muted, "mew": 0.6, "ms": MARK, "clip_on": False, "transform": ax.get_xaxis_transform()}
    ax.plot(ticks, [0.0] * len(ticks), marker=3, ls="", gid="ticks", **look)
    place, va, ha = ax.get_xaxis_text1_transform(PAD)
    for x, text in zip(ticks, labels_of(ticks, high), strict=True):
        ax.text(x, 0.0, text, size=size, color=theme.ink, transform=place, va=va, ha=ha, gid=NUMBER)
    place = offset_copy(ax.transAxes, ax.get_figure(root=True), y=-(PAD + LEADING * size + 2.0), units="points")
    text = folded(below, characters(ax))
    ax.text(0.5, 0.0, text, size=0.82 * theme.size, transform=place, va="top", ha="center", gid="below")
