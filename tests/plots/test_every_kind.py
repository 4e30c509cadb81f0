"""Every kind of figure over shipped and difficult sets, checked from its artists: ticks, text, and areas.

The whole matrix is `make figures`; a fixed twelfth of it runs with the other tests.
"""

import itertools
import math

import numpy as np
import pytest
from matplotlib.text import Text

from simulator import InputError, load_priors, simulate
from simulator.plots.axes import Labels
from simulator.plots.figure import KINDS, plot
from simulator.plots.layout import NoRoom, unfit
from simulator.plots.marks import STEM

from .labels import said, ticks_of
from .sets import QUANTITIES, SETS, run_of

PLACES = (("160mm", "light"), ("80mm", "print"))
DRAWN = [name for name in KINDS if name not in ("backtest", "predicted", "pit", "prior-posterior")]


def matrix():
    """All combinations; those of the fixed twelfth carry no mark."""
    for i, (kind, name, place) in enumerate(itertools.product(DRAWN, SETS, PLACES)):
        daily = (i + i // 12) % 12 == 0  # another column of sets in each row of kinds
        marks = () if daily else pytest.mark.figures
        yield pytest.param(kind, name, *place, marks=marks, id=f"{kind}-{name}-{place[1]}")


def drawn(kind, name, size, style):
    """The figure; None where the kind says that this set has nothing to draw of it."""
    run, options = run_of(name), {}
    wants = KINDS[kind].wants
    uncertain = [n for n in run.priors.model.reads(["inference_h100s"]) if run.priors.priors[n].uncertain]
    if "over" in wants:
        options["over"] = uncertain[0] if uncertain else "parameters"
    if "thresholds" in wants:
        options["exceeds"] = [float(f"{run.summary(['inference_h100s'])[0].median.value:.4g}")]
    if "runs" in wants:
        options["labels"] = [name, "the same, with GPUs at a peak of one and a half"]
        other = simulate(load_priors(SETS[name][0], set={"peak_factor": 1.5}), draws=1600, quantities=QUANTITIES)
        run = (run, other)
    if kind == "pair":
        options["of"] = ["training_h100s", "inference_h100s"]
    elif {"quantity"} & set(wants):
        options["of"] = "inference_h100s"
    try:
        return plot(run, kind, size=size, style=style, **options)
    except InputError as error:
        if len(error.lines) != 1 or isinstance(error, NoRoom):
            raise
        return None


def shown_texts(figure):
    """Every text that is drawn, with its box."""
    renderer = figure.canvas.get_renderer()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            if axis.get_visible():
                yield from (
                    (t.get_text(), t.get_window_extent(renderer)) for t in axis.get_ticklabels() if t.get_text()
                )
                yield axis.label.get_text(), axis.label.get_window_extent(renderer)
        titles = [ax.title, ax._left_title, ax._right_title]
        legend = ax.get_legend().get_texts() if ax.get_legend() else []
        for text in [*ax.texts, *titles, *legend]:
            yield text.get_text(), text.get_window_extent(renderer)
    yield from ((t.get_text(), t.get_window_extent(renderer)) for t in figure.texts if isinstance(t, Text))


def overlapping(figure):
    """The first two texts of which one lies on the other."""
    texts = [(text, box) for text, box in shown_texts(figure) if text.strip() and box.width]
    for (a, one), (b, two) in itertools.combinations(texts, 2):
        if min(one.x1, two.x1) - max(one.x0, two.x0) > 1.5 and min(one.y1, two.y1) - max(one.y0, two.y0) > 1.5:
            return a, b
    return None


def along(ax, x):
    """Places along a horizontal axis, a step being a factor of e where it is logarithmic."""
    z = ax.xaxis.get_transform().transform(np.asarray(x, dtype=float))
    return z * math.log(10.0) if ax.get_xscale() == "log" else z


def probability_of(ax):
    """What a drawn density and its stems hold; None where there is no density."""
    lines = [line for line in ax.lines if line.get_gid() == "density"]
    if not lines:
        return None
    (line,) = lines
    stems = [s for c in ax.collections if c.get_gid() == "values" for s in c.get_segments()]
    return np.trapezoid(line.get_ydata(), along(ax, line.get_xdata())) + sum(s[-1][1] for s in stems) / STEM


@pytest.mark.parametrize(("kind", "name", "size", "style"), list(matrix()))
def test_a_kind_over_a_set(kind, name, size, style):
    made = drawn(kind, name, size, style)
    if made is None:
        return
    figure = made.figure
    assert unfit(figure) is None
    assert overlapping(figure) is None
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
            if not isinstance(axis.get_major_formatter(), Labels):
                continue
            ticks = ticks_of(axis)
            assert len({text for _, text in ticks}) == len(ticks)
            for tick, text in ticks:
                value, half = said(text)
                assert abs(value - tick) <= half * (1.0 + 1e-6) + 1e-12 * abs(tick), text
        held = probability_of(ax)
        assert held is None or held == pytest.approx(1.0, abs=0.01)


def test_the_twelfth_has_every_kind_and_set():
    daily = [p.values for p in matrix() if not p.marks]
    assert abs(len(daily) - len(list(matrix())) / 12) < 2
    assert {kind for kind, *_ in daily} == set(DRAWN)
    assert len({name for _, name, *_ in daily}) == len(SETS)
