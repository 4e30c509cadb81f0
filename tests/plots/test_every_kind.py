"""Every kind of figure over shipped and difficult sets, checked from its artists: ticks, text, and areas.

The whole matrix is `make figures`; a fixed twelfth of it runs with the other tests.
"""

import functools
import itertools

import pytest
from matplotlib.text import Text

from simulator import InputError, condition, load_priors, simulate
from simulator.plots import density as densities
from simulator.plots.axes import Labels
from simulator.plots.figure import KINDS, plot
from simulator.plots.layout import NoRoom, unfit

from .areas import heights_of, probabilities_of
from .labels import said, ticks_of, written
from .sets import OVER, QUANTITIES, SETS, over_years, run_of

PLACES = (("160mm", "light"), ("80mm", "print"))
OF_TWO = [f"{name} of two" for name in KINDS if KINDS[name].several]
DRAWN = [name for name in KINDS if name not in ("backtest", "predicted", "pit")] + OF_TWO  # those have no density
YEARLY = [name for name in KINDS if KINDS[name].by_year]
DENSE = ("density", "density of two", "ridge", "pair", "priors", "prior-posterior")


def matrix():
    """All combinations; those of the fixed twelfth carry no mark."""
    alone = itertools.product([k for k in DRAWN if k not in YEARLY], SETS, PLACES)
    for i, (kind, name, place) in enumerate(alone):
        yield each(kind, name, place, daily=(i + i // 12) % 12 == 0)  # another column of sets in each row of kinds
    for i, (kind, name, place) in enumerate(itertools.product(YEARLY, OVER, PLACES)):
        yield each(kind, name, place, daily=(i - i // 6 % 2) % 6 == 0)  # each set once, in one place or the other


def each(kind, name, place, daily):
    """A combination; marked unless it is of those that run with the other tests."""
    return pytest.param(kind, name, *place, marks=() if daily else pytest.mark.figures, id=f"{kind}-{name}-{place[1]}")


@functools.cache
def conditioned(name):
    """A run that moved: its training takes more GPUs than its median says."""
    base, edits = SETS[name]
    (s,) = run_of(name).summary(["training_h100s"])
    fact = f"lognormal(p5={s.median.value!r}, p95={s.high.value!r})"
    return condition(load_priors(base, set=edits), {"training_h100s": fact}, draws=16_000).run


def drawn(kind, name, size, style):
    """The figure; None where the kind says that this set has nothing to draw of it."""
    if kind in YEARLY:
        return of_years(kind, name, size, style)
    run, options, of_two = run_of(name), {}, kind in OF_TWO
    kind = kind.removesuffix(" of two")
    wants = KINDS[kind].of(1 + of_two, 1).wants
    uncertain = [n for n in run.priors.model.reads(["inference_h100s"]) if run.priors.priors[n].uncertain]
    if "over" in wants:
        options["over"] = uncertain[0] if uncertain else "parameters"
    if "thresholds" in wants:
        options["exceeds"] = [float(f"{run.summary(['inference_h100s'])[0].median.value:.4g}")]
    if "short" in wants:
        options |= {"short": 3, "idle": 2}
    if "plans" in wants:
        options["plans"] = [float(f"{run.summary(['inference_h100s'])[0].low.value:.3g}")]
    if "runs" in wants:
        options["labels"] = [name, "the same, with GPUs at a peak of one and a half"]
        other = simulate(load_priors(SETS[name][0], set={"peak_factor": 1.5}), draws=1600, quantities=QUANTITIES)
        run = (run, other)
    if kind == "pair":
        options["of"] = ["training_h100s", "inference_h100s"]
    elif of_two or "quantity" in wants:
        options["of"] = "inference_h100s"
    try:
        run = conditioned(name) if kind == "prior-posterior" else run
        return plot(run, kind, size=size, style=style, **options)
    except InputError as error:
        if len(error.lines) != 1 or isinstance(error, NoRoom):
            raise
        return None


def of_years(kind, name, size, style):
    """A figure over years; None where this set has no variance to share out."""
    options = {} if kind == "crossing" else {"of": "inference_h100s"}
    if kind == "shares-by-year" and name in ("all known", "zeros", "heavy growth"):
        with pytest.raises(InputError, match=r"constant in every year|cannot be shared out") as refused:
            plot(over_years(name), kind, size=size, style=style, **options)
        assert len(refused.value.lines) == 1
        return None
    return plot(over_years(name), kind, size=size, style=style, **options)


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


@pytest.fixture
def curves(monkeypatch):
    """All densities that are made while a figure is drawn."""
    made = []
    for name in ("density", "exact_density"):
        known = getattr(densities, name)

        def noted(*given, known=known, **named):
            made.append(known(*given, **named))
            return made[-1]

        monkeypatch.setattr(densities, name, noted)
    return made


@pytest.mark.parametrize(("kind", "name", "size", "style"), list(matrix()))
def test_a_kind_over_a_set(kind, name, size, style, curves):
    made = drawn(kind, name, size, style)
    if made is None:
        return
    figure = made.figure
    assert unfit(figure) is None
    assert overlapping(figure) is None
    for ax in figure.axes:
        numbers = [
            ticks_of(axis)
            for axis in ((ax.xaxis, ax.yaxis) if ax.axison else ())
            if isinstance(axis.get_major_formatter(), Labels)
        ]
        for ticks in [*numbers, written(ax)]:
            assert len({text for _, text in ticks}) == len(ticks)
            for tick, text in ticks:
                value, half = said(text)
                assert abs(value - tick) <= half * (1.0 + 1e-6) + 1e-12 * abs(tick), text
    held = [found for ax in figure.axes for found in probabilities_of(ax)]
    assert bool(held) == bool(curves)  # no kind draws a density that is not held
    assert not held or len(curves) % len(held) == 0  # a figure may have been laid out several times
    for gid, probability in held:
        assert probability == pytest.approx(1.0, abs=0.01), gid
    for ax in figure.axes:
        heights = heights_of(ax)
        assert heights == pytest.approx(heights[:1] * len(heights))


@pytest.mark.parametrize("kind", DENSE)
def test_a_density_that_is_three_percent_too_high_is_found(kind, monkeypatch):
    for name in ("density", "exact_density"):
        known = getattr(densities, name)

        def higher(*given, known=known, **named):
            x, y = known(*given, **named)
            return x, 1.03 * y

        monkeypatch.setattr(densities, name, higher)
    figure = drawn(kind, "plappert-2024", "160mm", "light").figure
    held = [probability for ax in figure.axes for _, probability in probabilities_of(ax)]
    assert held
    assert all(abs(probability - 1.0) > 0.01 for probability in held)


def test_the_twelfth_has_every_kind_and_set():
    daily = [p.values for p in matrix() if not p.marks]
    assert abs(len(daily) - len(OVER) - (len(list(matrix())) - 2 * len(OVER) * len(YEARLY)) / 12) < 2
    assert {kind for kind, *_ in daily} == set(DRAWN)
    assert {name for _, name, *_ in daily} == {*SETS, *OVER}
