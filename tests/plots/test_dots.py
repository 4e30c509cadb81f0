"""Quantile dots: no dot lies on another, none across a threshold, as they are drawn."""

import itertools

import numpy as np
import pytest

from simulator.plots.figure import plot

from .sets import run_of

CLOSE = [
    ("plappert-2024", [720e3, 800e3, 900e3]),
    ("plappert-2024", [1.7e6, 1.75e6]),
    ("evidence-2026", [700e3, 720e3, 3e6]),
    ("atoms", [0.0, 100e3]),
    ("heavy tails", [1e6, 1.2e6]),
    ("two modes", [24e3, 26e3, 70e3]),
    ("plappert-2024", []),
]


def circles(made):
    """The middles and radii of the dots, with their lines, in pixels."""
    (dots,) = made.figure.findobj(lambda a: a.get_gid() == "dots")
    middles = dots.get_offset_transform().transform(dots.get_offsets())
    widths = np.broadcast_to(np.sqrt(dots.get_sizes()) + dots.get_linewidths(), len(middles))
    return middles, 0.5 * widths * made.figure.dpi / 72.0


@pytest.mark.parametrize(("size", "style"), [("160mm", "light"), ("80mm", "print")])
@pytest.mark.parametrize(("name", "exceeds"), CLOSE)
def test_dots_keep_clear_of_one_another_and_of_thresholds(name, exceeds, size, style):
    made = plot(run_of(name), "quantile-dots", of="inference_h100s", size=size, style=style, exceeds=exceeds)
    middles, radii = circles(made)
    assert len(middles) == 100
    for (a, r), (b, q) in itertools.combinations(zip(middles, radii, strict=True), 2):
        assert np.hypot(*(a - b)) > r + q - 0.5
    (ax,) = made.figure.axes
    x = np.array([row["x"] for row in made.data if row["series"] == "dot"])
    for limit in exceeds:
        wall = ax.transData.transform((limit, 0.0))[0] if limit > 0.0 or ax.get_xscale() != "log" else -np.inf
        assert np.all(middles[x > limit, 0] - radii[x > limit] > wall - 0.5)
        assert np.all(middles[x <= limit, 0] + radii[x <= limit] < wall + 0.5)


def test_dots_are_smaller_where_a_segment_is_narrower_than_one_and_it_is_said():
    made = plot(run_of("plappert-2024"), "quantile-dots", of="inference_h100s", exceeds=[1.7e6, 1.75e6])
    _, radii = circles(made)
    x = np.array([row["x"] for row in made.data if row["series"] == "dot"])
    narrow = (x > 1.7e6) & (x <= 1.75e6)
    assert narrow.any()
    assert radii[narrow].max() < radii[~narrow].min()
    assert "smaller dots: thresholds" in made.figure.axes[0].get_ylabel().replace("\n", " ")
