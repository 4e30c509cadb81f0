"""Figures of decisions: the curve of costs has its minimum at the best reserve, and bars are what knowing saves."""

import numpy as np
import pytest

from simulator import InputError, condition, load_priors, own, reserve, simulate
from simulator.analyses.newsvendor import Newsvendor
from simulator.plots.figure import plot
from simulator.statistics.estimators import COVER

from .sets import trended

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


FALLING = {"gpu_price": ("lognormal(p5=0.6, p95=0.9)", 0.2)}


def test_the_curve_of_owning_is_the_share_of_the_worlds_that_have_paid_by_a_month(run):
    made = plot(run, "own")
    (answer,) = own(run).bought
    years = run.draws_of("payback_years").ravel()
    (line,), (life,), (end,), (never,) = (marked(made.figure, g) for g in ("paid", "life", "end of life", "end"))
    months, chance = line.get_data()
    assert months[0] == chance[0] == 0.0
    assert np.all(np.diff(chance) >= 0.0)
    for month in (12, 24, 40):
        assert np.interp(month, months, chance) == pytest.approx(np.mean(12.0 * years <= month), abs=1e-3)
    assert chance[-1] + answer.never.value == pytest.approx(1.0, abs=1e-3)  # of lives beyond the axis few are left
    assert never.get_text() == f"never:\n{100.0 * answer.never.value:.1f} %"
    distribution = run.priors.prior("gpu_life").distribution
    low, median, high = (12.0 * distribution.quantile(p) for p in (0.05, 0.5, 0.95))
    assert (life.get_x(), life.get_x() + life.get_width()) == pytest.approx((low, high))
    assert end.get_xdata()[0] == pytest.approx(median)
    (at,) = marked(made.figure, "median")
    assert at.get_data() == ([12.0 * answer.payback.median.value], [0.5])
    assert made.title.startswith(
        f"Buying a GPU (h100-sxm) has paid after {12 * answer.payback.median.value:.0f} months"
    )
    (band,) = marked(made.figure, "error")
    edges = [y for x, y in band.get_paths()[0].vertices if x == 24.0]
    each = (12.0 * run.draws_of("payback_years") <= 24.0).mean(axis=1)
    assert max(edges) - min(edges) == pytest.approx(2.0 * COVER * each.std(ddof=1) / 4.0, rel=1e-2)
    assert [row["by month"] for row in made.data][-1] == "never within its life"


@pytest.mark.parametrize(
    ("over", "shown"),
    [
        ((2026, 2028), (2026, 2028)),
        (range(2026, 2031), (2026, 2028, 2030)),
        (range(2026, 2032), (2026, 2028, 2029, 2031)),
    ],
)
def test_of_many_years_of_purchase_some_have_a_curve(over, shown):
    chosen = trended(load_priors("plappert-2024"), FALLING).through(tuple(over))
    made = plot(chosen, "own", size="80mm")
    assert len(marked(made.figure, "paid")) == len(shown)
    assert tuple(dict.fromkeys(row["bought"] for row in made.data)) == shown
    ends = [line.get_ydata()[-1] for line in marked(made.figure, "paid")]
    assert ends == sorted(ends, reverse=True)  # the lower the rent, the fewer have paid
    assert made.title.startswith("Buying a GPU (h100-sxm) in 2026 never pays within its life in")
    label = " ".join(made.figure.axes[0].get_xlabel().split())
    assert "at the rent of that year throughout" in label


def test_the_year_of_a_rent_that_moves_is_said_where_no_year_is_asked_for():
    chosen = trended(load_priors("plappert-2024"), FALLING)
    made = plot(chosen, "own")
    assert made.title.startswith("At the rent of 2026 buying a GPU (h100-sxm) has paid after")
    assert "at the rent of 2026 throughout" in " ".join(made.figure.axes[0].get_xlabel().split())
    assert "at one rent throughout" in " ".join(plot(load_priors(), "own").figure.axes[0].get_xlabel().split())


def test_a_gpu_that_never_pays_and_one_that_cannot_be_bought():
    made = plot(load_priors(set={"gpu_price": 0.2}), "own")
    assert made.title == "Buying a GPU (h100-sxm) does not pay in the median: never within its life in all drawn worlds"
    assert marked(made.figure, "median") == []
    with pytest.raises(InputError, match="payback_years is not known"):
        plot(load_priors(gpu="tpu-v7"), "own")
    with pytest.raises(InputError, match="--of payback_years: own is drawn of payback_years"):
        plot(load_priors(), "own", of="payback_years")
