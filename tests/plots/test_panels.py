"""Small panels: their numbers stand where they belong, clear of one another and of what is written around them."""

import itertools

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simulator import simulate
from simulator.plots.figure import plot
from simulator.plots.layout import unfit
from simulator.plots.panels import EDGE, numbers_of, panels

from .labels import said, written


@pytest.fixture(scope="module")
def run():
    return simulate("plappert-2024", draws=1600)


@pytest.mark.parametrize(("width", "count", "across"), [(96.0, 19, 2), (170.0, 19, 4), (170.0, 3, 3), (96.0, 1, 1)])
def test_as_many_stand_side_by_side_as_there_is_room_for(width, count, across):
    figure = Figure(figsize=(width / 25.4, 6.0))
    axes = panels(figure, count)
    assert len(axes) == len(figure.axes) == count
    assert len({round(ax.get_position().x0, 6) for ax in axes}) == across


@pytest.mark.parametrize("size", ["96mm", "170mm"])
def test_numbers_have_marks_under_their_values_and_keep_clear(size, run):
    figure = plot(run, "priors", size=size).figure
    renderer = figure.canvas.get_renderer()
    for ax in figure.axes:
        numbers = written(ax)
        assert 2 <= len(numbers) <= 9
        (marks,) = (line for line in ax.lines if line.get_gid() == "ticks")
        assert list(marks.get_xdata()) == [x for x, _ in numbers]
        low, high = ax.get_xlim()
        assert all(low <= x <= high for x, _ in numbers)
        assert all(said(text)[0] == pytest.approx(x, rel=1e-6) for x, text in numbers)
        boxes = {text: text.get_window_extent(renderer) for text in ax.texts}
        for a, b in itertools.combinations(boxes.values(), 2):
            assert not (min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.y1, b.y1) > max(a.y0, b.y0))
        for text, box in boxes.items():
            at = ax.transData.transform((text.get_position()[0], 0.0))[0]
            if text.get_gid() == "number":
                assert 0.5 * (box.x0 + box.x1) == pytest.approx(at, abs=1.0)
                assert box.y1 < ax.bbox.y0


def test_numbers_that_run_into_one_another_are_found(run):
    figure = plot(run, "priors").figure
    assert unfit(figure) is None
    first, second, *_ = numbers_of(figure.axes[3])
    second.set_x(first.get_position()[0])
    assert unfit(figure) == first.get_text()


def test_panels_fill_a_part_of_ones_own_figure(run):
    figure = Figure(figsize=(8.0, 6.0))
    FigureCanvasAgg(figure)
    left, right = figure.subfigures(1, 2)
    plot(run, "priors", ax=right)
    assert not left.axes
    first, second = sorted({round(ax.get_position().x0, 6) for ax in right.axes})
    assert first == EDGE
    assert second > 0.5


def test_a_figure_of_the_users_own_is_laid_out_as_it_wants_to_be(run):
    figure = Figure(figsize=(8.0, 9.0), layout="tight")
    plot(run, "priors", ax=figure)
    FigureCanvasAgg(figure).draw()  # a warning is an error here
    rows = sorted({round(ax.get_position().y0, 3) for ax in figure.axes}, reverse=True)
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    assert len(rows) > 3
    assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
