"""Axes stand where matplotlib's constrained layout puts them, and are measured no more often than they move."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simulator.plots.arrangement import PAD, Room, arrange


def figure_of(rows, columns, **ratios):
    """A grid of axes, each with labels of its own length."""
    figure = Figure(figsize=(6.0, 5.0))
    FigureCanvasAgg(figure)
    for i, ax in enumerate(np.ravel(figure.subplots(rows, columns, squeeze=False, **ratios))):
        ax.set_xlabel("\n".join(["below"] * (1 + i % 2)))
        ax.set_yticks([0.0, 1.0], ["0", "label " * (1 + i)])
        ax.set_title("above" if i < columns else "")
        ax.annotate("beside", (1.0, 0.5), xycoords="axes fraction")
    return figure


def whole(figure):
    return Room(0.0, 0.0, *figure.bbox.size)


GRIDS = ((1, 1, {}), (2, 1, {"height_ratios": [3, 1]}), (1, 2, {"width_ratios": [1, 2]}), (3, 2, {}))


def hold_against_constrained_layout(ours, theirs):
    """The axes of one figure, arranged, stand where constrained layout has those of its like."""
    assert arrange(ours, whole(ours))
    theirs.set_layout_engine("constrained", h_pad=PAD, w_pad=PAD, hspace=0.0, wspace=0.0)
    theirs.draw_without_rendering()
    for a, b in zip(ours.axes, theirs.axes, strict=True):
        np.testing.assert_allclose(a.bbox.extents, b.bbox.extents, atol=1.0)


@pytest.mark.parametrize(("rows", "columns", "ratios"), GRIDS)
def test_axes_stand_as_in_constrained_layout(rows, columns, ratios):
    ours, theirs = figure_of(rows, columns, **ratios), figure_of(rows, columns, **ratios)
    hold_against_constrained_layout(ours, theirs)


def test_marks_without_numbers_have_room_too():
    """Those of axes above others that share their numbers."""
    ours, theirs = Figure(figsize=(6.0, 5.0)), Figure(figsize=(6.0, 5.0))
    for figure in (ours, theirs):
        FigureCanvasAgg(figure)
        for ax in figure.subplots(2, 2, sharex="col", sharey="row").ravel():
            ax.set_xticks([0.5])
            ax.set_yticks([0.5])
    hold_against_constrained_layout(ours, theirs)


def test_all_that_is_written_stands_in_the_room():
    figure = figure_of(2, 2)
    room = Room(40.0, 60.0, 500.0, 400.0)
    assert arrange(figure, room)
    for ax in figure.axes:
        box = ax.get_tightbbox(figure.canvas.get_renderer(), for_layout_only=True)
        assert box.x0 >= room.left
        assert box.y0 >= room.bottom
        assert box.x1 <= room.left + room.width
        assert box.y1 <= room.bottom + room.height


def test_labels_that_leave_no_room_are_told():
    figure = figure_of(3, 2)
    assert not arrange(figure, Room(0.0, 0.0, 300.0, 60.0))
    assert not arrange(figure, Room(0.0, 0.0, 60.0, 300.0))


@pytest.mark.parametrize(("growing", "most"), [(False, 2), (True, 3)])
def test_axes_are_measured_anew_only_where_labels_change_with_their_place(growing, most, monkeypatch):
    figure, measured = figure_of(1, 1), []
    (ax,) = figure.axes
    known = ax.get_tightbbox

    def noted(*given, **named):
        measured.append(ax.get_position().width)
        if growing:
            ax.set_ylabel("\n".join("label" for _ in measured))
        return known(*given, **named)

    monkeypatch.setattr(ax, "get_tightbbox", noted)
    assert arrange(figure, whole(figure))
    assert len(measured) == most
