"""Axes: ticks and their labels, and how many digits numbers have that lie close together."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simulator import load_priors, simulate
from simulator.base.wording import resolving, told
from simulator.plots.axes import labels_of, scale
from simulator.plots.figure import plot
from simulator.plots.scales import LINEAR, LOG, Scale

from .labels import below, said, ticks_of

NARROW = {"training_mfu": "normal(mean=0.4, sd=0.0001)"}


def axes(wide=6.0):
    figure = Figure(figsize=(wide, 2.0))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


@pytest.mark.parametrize(
    ("ends", "along"),
    [
        ((13_400.0, 15_100.0), LINEAR),  # 13,750 was 13.8k
        ((4161.0, 4162.0), LINEAR),  # all were 4.16k
        ((4161.0, 4162.0), LOG),
        ((0.39984, 0.40016), LINEAR),
        ((1e24, 1.002e24), LOG),
        ((-3e-7, 5e-7), LINEAR),
        ((99_990.0, 100_010.0), LINEAR),
        ((3.0, 4e9), LOG),
        ((-2e6, 3e7), Scale("asinh", 0.0, 400.0)),
        ((0.0, 3e7), Scale("asinh", 0.0, 4e5)),
        ((-4e4, 6e4), Scale("asinh", 1000.0, 2.0)),
    ],
)
@pytest.mark.parametrize("wide", [2.5, 6.0])
def test_labels_are_their_ticks(ends, along, wide):
    ax = axes(wide)
    scale(ax, "x", along)
    ax.set_xlim(*ends)
    ax.figure.canvas.draw()
    ticks = ticks_of(ax.xaxis)
    assert len(ticks) >= 2
    assert len({text for _, text in ticks}) == len(ticks)
    step = min(b - a for (a, _), (b, _) in pairwise(ticks))
    for tick, text in ticks:
        assert said(text)[0] == pytest.approx(tick, abs=1e-6 * step, rel=1e-12), text


def test_round_ticks_have_no_more_digits_than_before():
    assert labels_of([500_000.0, 1e6, 1.5e6], 2e6) == ["500k", "1M", "1.5M"]
    assert labels_of([0.0, 0.25, 0.5], 1.0) == ["0", "0.25", "0.5"]
    assert labels_of([720_000.0], 1e6) == ["720k"]
    assert labels_of([1e24, 2e24], 1e25) == ["10²⁴", "2×10²⁴"]


@pytest.mark.parametrize(
    ("values", "digits"),
    [((4160.0, 4161.0), 5), ((1.0, 2.0), 3), ((0.4, 0.4002), 5), ((5.0, 5.0), 3), ((-1.0, 1.0), 3), ((0.0, 0.0), 3)],
)
def test_digits_that_tell_numbers_apart(values, digits):
    assert resolving(*values) == digits


def test_a_title_tells_the_ends_of_a_narrow_interval_apart():
    made = simulate(load_priors("plappert-2024-point", set=NARROW), draws=16_000)
    title = plot(made, "density", "training_h100s").title
    s = made.summary(["training_h100s"])[0]
    low, high = (said(text) for text in title.rsplit("interval ", 1)[1].rstrip(")").split(" to "))
    assert low[0] < high[0]
    for (shown, half), e in zip((low, high), (s.low, s.high), strict=True):
        assert shown == pytest.approx(e.value, abs=max(2.0 * half, 0.06 * (s.high.value - s.low.value)))
    assert told(*s.median, most=6) in title
    swept = plot(made, "fan", "training_h100s", over="training_mfu").title
    assert len(set(swept.rsplit(" from ", 1)[1].split(" to "))) == 2
    (panel,) = [ax for ax in plot(made, "priors").figure.axes if "training MFU" in ax.get_title(loc="left")]
    assert len(set(below(panel).replace("(", "–").rstrip(")").replace(" ", "").split("–"))) == 3


def test_the_error_of_a_convergence_is_labelled_as_it_is():
    made = simulate(draws=65_536, quantities=["training_h100s"])
    figure = plot(made, "convergence", "training_h100s").figure
    for tick, text in ticks_of(figure.axes[0].yaxis):
        assert said(text)[0] == pytest.approx(tick, rel=1e-9)


def test_an_asinh_scale_is_its_own_inverse():
    along = Scale("asinh", 30.0, 5.0)
    x = np.array([-1e6, 0.0, 29.0, 30.0, 1e9])
    np.testing.assert_allclose(along.back(along.to(x)), x, rtol=1e-9, atol=1e-6)
