"""Figures of decisions: the curve of costs has its minimum at the best reserve, and bars are what knowing saves."""

import numpy as np
import pytest

from simulator import InputError, condition, load_priors, reserve, simulate
from simulator.analyses.newsvendor import Newsvendor
from simulator.plots.figure import plot

PRICES = {"short": 3, "idle": 2}


@pytest.fixture(scope="module")
def run():
    return simulate(draws=64_000, quantities=["inference_h100s"])


def marked(figure, gid):
    return figure.findobj(lambda artist: artist.get_gid() == gid)


def test_costs_along_a_curve_are_those_of_each_reserve():
    rng = np.random.default_rng(1)
    demand = rng.lognormal(size=(16, 500))
    reserves = np.array([0.0, *demand[3, :2], 1.7, 100.0])
    for short, idle in ((3.0, 2.0), (rng.uniform(1, 9, demand.shape), 2.0), (1.0, rng.uniform(1, 9, demand.shape))):
        problem = Newsvendor(demand, short, idle)
        expected = np.stack([problem.cost(q) for q in reserves], axis=1)
        np.testing.assert_allclose(problem.costs_along(reserves), expected, rtol=1e-12)


def test_the_curve_is_least_at_the_best_reserve(run):
    made = plot(run, "reserve", of="inference_h100s", **PRICES, plans=[1e6])
    found = reserve(run, **PRICES, plans=[1e6])
    (curve,) = marked(made.figure, "curve")
    x, y = curve.get_data()
    assert x[np.argmin(y)] == pytest.approx(found.best.units.value, rel=0.02)
    assert y.min() == pytest.approx(found.evpi.value, rel=1e-3)
    points = [marked(made.figure, gid)[0].get_data() for gid in ("best", "median", "plan")]
    for (at, cost), plan in zip(points, found.plans, strict=False):
        assert (at[0], cost[0]) == (plan.units.value, plan.cost.value)
        assert cost[0] == pytest.approx(np.interp(at[0], x, y), rel=1e-3)
    assert made.title == (
        "A reserve of 2.17M costs least for inference H100s: 3.8M USD an hour expected; "
        "the essay's 720,000 costs 1.54M more"
    )
    assert {row["series"] for row in made.data} == {"cost", "best", "median", "1 million", "essay's 720,000"}
    label = " ".join(made.figure.axes[0].get_xlabel().split())
    assert label == "reserve of inference H100s; USD an hour of a missing one 3, of an idle one 2"


def test_bars_are_what_knowing_saves(run):
    made = plot(run, "value-of-information", of="inference_h100s", short=3, idle="uniform(low=1, high=3)")
    found = reserve(run, short=3, idle="uniform(low=1, high=3)", learn="all")
    widths = [bar.get_width() for bar in made.figure.axes[0].patches]
    assert widths == [max(x.saving.value, 0.0) for x in found.learned][:12]
    assert widths == sorted(widths, reverse=True)
    assert made.title.startswith("Knowing parameters before reserving would save 9")
    assert "price of an idle one" in {
        text.get_text().replace("\n", " ") for text in made.figure.axes[0].get_yticklabels()
    }


def test_what_saves_nothing_is_said(run):
    chosen = load_priors(
        "plappert-2024-point",
        set={"parameters": "lognormal(p5=1e10, p95=5e10)", "peak_factor": "normal(mean=2, sd=1e-7)"},
    )
    made = plot(simulate(chosen, draws=64_000), "value-of-information", of="inference_h100s", **PRICES)
    assert "not above 0" in {text.get_text() for text in made.figure.axes[0].texts}
    assert made.data[-1]["prior"] == "peak_factor"


def test_a_group_is_named_by_its_first():
    run = simulate("calibrated-2026", draws=64_000, quantities=["inference_h100s"])
    made = plot(run, "value-of-information", of="inference_h100s", **PRICES)
    assert made.title.startswith("Knowing diffusion steps and 5 correlated with it before reserving would save")
    assert made.data[0]["prior"].count(" + ") == 5


def test_a_conditioned_run_has_a_reserve_and_no_bars():
    given = condition("plappert-2024", {"training_h100s": "lognormal(p5=8400, p95=21000)"}, draws=16_000).run
    assert plot(given, "reserve", of="inference_h100s", **PRICES).title
    with pytest.raises(InputError, match="draws a prior set anew"):
        plot(given, "value-of-information", of="inference_h100s", **PRICES)
