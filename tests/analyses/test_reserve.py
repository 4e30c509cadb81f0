"""What to reserve: the rules in closed form, the table, and what is refused in one line."""

import json
import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from simulator import InputError, condition, load_priors, pool, reserve, simulate
from simulator.analyses.newsvendor import prices_of
from simulator.analyses.reserve import upper_mean

from ..helpers import lognormal_set

MEDIAN, SD = 2 * 1e21 * 20e9 / 675e6 * 6 * 180 * 0.4, math.hypot(0.5, 0.3, 0.2)
MEAN = MEDIAN * math.exp(SD**2 / 2)
PRICES = {"short": 3, "idle": 2}


@pytest.fixture(scope="module")
def run():
    return simulate(lognormal_set(), draws=256_000, quantities=["training_flop", "inference_h100s"])


@pytest.fixture(scope="module")
def essay():
    return simulate(draws=64_000, quantities=["inference_h100s"])


def near(estimate, value, least=0.0):
    assert abs(estimate.value - value) <= 4.0 * estimate.mcse + least, (estimate, value)


def cost(reserved, short, idle):
    """The expected cost of a reserve of lognormal demand."""
    z = (math.log(reserved / MEDIAN)) / SD
    below = MEAN * ndtr(z - SD)  # E[d; d < q]
    return short * (MEAN - below - reserved * (1 - ndtr(z))) + idle * (reserved * ndtr(z) - below)


@pytest.mark.parametrize(("short", "idle"), [(3, 2), (1, 9), (50, 1)])
def test_every_plan_has_its_expected_cost(run, short, idle):
    found = reserve(run, "training_flop", short=short, idle=idle, plans=[0.3 * MEDIAN, 3 * MEDIAN])
    z = ndtri(short / (short + idle))
    assert found.level == (short / (short + idle), 0.0)
    near(found.best.units, MEDIAN * math.exp(SD * z))
    near(found.best.covered, found.level.value)
    best = cost(MEDIAN * math.exp(SD * z), short, idle)
    for plan, units in zip(found.plans[1:], (MEDIAN, 0.3 * MEDIAN, 3 * MEDIAN), strict=True):
        near(plan.cost, cost(units, short, idle))
        near(plan.extra, cost(units, short, idle) - best)
        near(plan.covered, ndtr(math.log(units / MEDIAN) / SD))
        assert plan.extra.value >= 0.0
        assert plan.cost.value == pytest.approx(short * plan.missing.value + idle * plan.idle.value)
    near(found.evpi, best)
    assert found.evpi == found.best.cost


def test_no_other_reserve_costs_less(run):
    found = reserve(run, "training_flop", **PRICES)
    others = [found.best.units.value * f for f in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0)]
    plans = reserve(run, "training_flop", **PRICES, plans=others).plans
    assert all(p.cost.value > found.evpi.value for p in plans[1:])


def test_the_service_level_and_the_mean_of_the_worst_worlds(run):
    for p in (0.5, 0.9, 0.99):
        found = reserve(run, "training_flop", service=p)
        near(found.best.units, MEDIAN * math.exp(SD * ndtri(p)))
        near(found.best.covered, p, 1e-4)
        worst = reserve(run, "training_flop", cvar=p)
        near(worst.best.units, MEAN * ndtr(SD - ndtri(p)) / (1 - p))
        assert found.evpi is worst.evpi is found.best.cost is None
        assert worst.best.units.value > found.best.units.value


def test_the_mean_of_the_worst_is_a_share_of_the_draws():
    assert upper_mean(np.arange(10.0), 0.8) == pytest.approx(8.5)
    assert upper_mean(np.arange(10.0), 0.75) == pytest.approx((9 + 8 + 0.5 * 7) / 2.5)
    assert upper_mean(np.arange(10.0), 0.99) == 9.0


def test_uncertain_prices_have_points_of_their_own(run):
    """Only their means count for the best reserve: they are independent of the demand."""
    found = reserve(run, "training_flop", short="lognormal(median=3, sigma=0.5)", idle="uniform(low=1, high=3)")
    short = 3 * math.exp(0.125)
    near(found.level, short / (short + 2))
    assert 0.0 < found.level.mcse < 1e-3
    near(found.best.units, MEDIAN * math.exp(SD * ndtri(short / (short + 2))))
    near(found.evpi, cost(MEDIAN * math.exp(SD * ndtri(short / (short + 2))), short, 2))
    again = simulate(lognormal_set(), draws=256_000, quantities=["training_flop"])
    assert reserve(again, short="lognormal(median=3, sigma=0.5)", idle="uniform(low=1, high=3)").plans == found.plans


def test_prices_are_independent_of_each_other_and_of_every_prior(run):
    """Each has a spare Sobol column and a scramble of its own, whatever the prior set."""
    prices = prices_of("uniform(low=1, high=3)", "uniform(low=1, high=3)").drawn(run.settings)
    draws = [*prices, *(run.draws_of(n) for n in run.priors.uncertain)]
    ranks = np.argsort(np.argsort(np.reshape(draws, (len(draws), -1)), axis=1), axis=1)
    apart = np.corrcoef(ranks) - np.eye(len(draws))
    assert np.abs(apart[:2]).max() < 0.005
    other = simulate("calibrated-2026", draws=256_000, quantities=["training_flop"])
    for a, b in zip(
        prices, prices_of("uniform(low=1, high=3)", "uniform(low=1, high=3)").drawn(other.settings), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_numbers_are_those_of_the_stored_run(run, here):
    stored = run.stored_in()
    one, two = (reserve(x, "inference_h100s", **PRICES, learn="parameters") for x in (run, stored))
    assert one.evpi.value == pytest.approx(two.evpi.value, rel=1e-6)
    assert one.learned[0].saving.value == pytest.approx(two.learned[0].saving.value, rel=1e-5)
    assert reserve(run, "inference_h100s", **PRICES, learn="parameters") is one  # is remembered


def test_random_draws_give_the_same(run):
    other = simulate(lognormal_set(), draws=256_000, sampler="random", quantities=["training_flop"])
    found, twin = (reserve(r, "training_flop", **PRICES, learn="parameters") for r in (run, other))
    for a, b in ((found.evpi, twin.evpi), (found.learned[0].saving, twin.learned[0].saving)):
        assert abs(a.value - b.value) <= 4 * math.hypot(a.mcse, b.mcse)
        assert b.mcse > a.mcse


def test_worlds_without_demand(here):
    edits = {
        "tiktok_ai_penetration": "mixture(a=0, b=beta(p5=0.3, p95=0.7), weights=[0.3, 0.7])",
        "youtube_ai_penetration": "choice(values=[0, 0.1], weights=[0.9, 0.1])",
    }
    chosen = load_priors(set=edits)
    made = simulate(chosen, draws=64_000, quantities=["inference_h100s"])
    found = reserve(made, **PRICES, learn="all")
    values = {x.names[0]: x.saving.value for x in found.learned}
    assert values["tiktok_ai_penetration"] > 0.1 * found.evpi.value
    assert max(values.values()) < found.evpi.value
    assert reserve(made, short=1, idle=9).best.units.value == 0.0


def test_a_conditioned_run_and_a_pool_have_a_reserve_and_no_priors_to_learn():
    fact = {"training_h100s": "lognormal(p5=8400, p95=21000)"}
    given = condition("plappert-2024", fact, draws=16_000, quantities=["inference_h100s"]).run
    both = pool([("plappert-2024", 0.5), ("evidence-2026", 0.5)], draws=16_000)
    for made in (given, getattr(both, "run", both)):
        assert reserve(made, "inference_h100s", **PRICES).evpi.value > 0.0
        with pytest.raises(InputError, match="the value of information draws a prior set anew"):
            reserve(made, "inference_h100s", **PRICES, learn="all")


def test_the_essays_peak_stands_beside_its_sets(essay):
    def names(*given, **options):
        return [p.name for p in reserve(*given, **options).plans]

    assert names(essay, **PRICES) == ["best", "median", "essay's 720,000"]
    assert names(essay, **PRICES, plans=[720e3, 5e5]) == ["best", "median", "720,000", "500,000"]
    assert names("plappert-2024", "training_h100s", draws=16_000, **PRICES) == ["best", "median"]
    assert names("evidence-2026", "inference_h100s", draws=64_000, **PRICES) == ["best", "median"]


def test_what_a_reserve_covers_is_said(essay):
    assert reserve(essay, **PRICES).covers == (
        "It covers what is not known of inference_h100s, which is the mean demand times its peak factor; it does not "
        "follow the load curve of a day."
    )
    on_average = reserve(essay, "inference_gpus_average", **PRICES).covers
    assert on_average.endswith("neither its peak nor the load curve of a day.")
    assert "from hour to hour" in reserve(essay, "training_h100s", **PRICES).covers


def test_the_interface_in_python_is_xarray_and_a_table(essay):
    found = reserve(essay, **PRICES, learn=["parameters", "peak_factor"], study="peak_factor: 10 %")
    data = found.to_dataset()
    assert data["cost"].attrs["units"] == data["evppi"].attrs["units"] == "USD/hour"
    assert list(data["prior"].values) == ["parameters", "peak_factor"]
    assert list(data["study"].values) == ["peak_factor: 10 %"]
    assert float(data["evppi"].max()) < data.attrs["evpi"]
    assert list(found.to_pandas().index) == ["best", "median", "essay's 720,000"]
    assert math.isnan(reserve(essay, service=0.9).to_dataset()["cost"][0])


# --------------------------------------------------------------------------- the command


def test_the_command_prints_it_all_within_80_columns(cli):
    ask = ["reserve", "plappert-2024", "-n", "64000", "--of", "inference_h100s", "--short", "3", "--idle", "2"]
    out = cli(*ask, "--plan", "1M", "--learn", "all", "--study", "inference_mfu: 10%").out
    assert max(map(len, out.splitlines())) <= 80
    text = " ".join(out.split())
    for part in (
        "Reserve 2.174 million of inference_h100s: the 60 % quantile, at which the cost is least where a missing unit "
        "costs 3 USD an hour and an idle one 2.",
        "plan reserved enough in cost an hour a year above the best best 2.1",
        "essay's 720,000 0.72",
        "Who knew inference_h100s before reserving would save all of the best plan's cost (EVPI): 3.80",
        "(EVPPI), in thousand USD an hour and in billion USD a year: prior saves an hour a year of EVPI parameters 9",
        "inference_mfu: 10%",
        "it does not follow the load curve of a day. A year is 8,760 hours of the same.",
        "Trust: no published model",
    ):
        assert part in text, part
    data = json.loads(cli(*ask, "--learn", "parameters,peak_factor", "--json").out)
    assert [x["priors"] for x in data["evppi"]] == [["parameters"], ["peak_factor"]]
    hour, year = (data[f"evpi_per_{x}"] for x in ("hour", "year"))
    assert year["value"] == pytest.approx(8760 * hour["value"])
    assert year["mcse"] == pytest.approx(8760 * hour["mcse"])
    assert data["plans"]["best"]["cost_per_hour"] == hour
    assert data["level"] == {"value": 0.6, "mcse": 0.0}
    assert data["trust"]


def test_the_command_without_prices(cli):
    ask = ["reserve", "plappert-2024", "-n", "64000", "--of", "inference_power"]
    text = " ".join(cli(*ask, "--service", "99%", "--plan", "720").out.split())
    assert "MW of inference_power: enough in 99 % of the worlds." in text
    assert "plan reserved enough in missing idle best 1" in text
    assert "USD" not in text
    text = " ".join(cli(*ask, "--cvar", "0.95").out.split())
    assert "the mean of what is needed in the worst 5 % of the worlds." in text
    data = json.loads(cli(*ask, "--cvar", "0.95", "--json").out)
    assert data["rule"] == "cvar"
    assert data["evpi_per_hour"] is None


def test_a_learned_price_is_named_as_one(cli):
    ask = ["reserve", "plappert-2024", "-n", "16000", "--of", "inference_power", "--short", "3"]
    out = cli(*ask, "--idle", "uniform(low=1, high=3)", "--learn", "all").out
    assert "idle (price)" in out
    assert "costs 3 USD an hour and an idle one uniform(low=1, high=3)." in " ".join(out.split())


SET = ["plappert-2024"]
TIMES = ["--short", "3", "--idle", "2"]
HEAVY = ["--set", "inference_mfu=lognormal(median=0.4, sigma=3)"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (SET, "give the prices --short and --idle, or --service, or --cvar"),
        ([*SET, *TIMES, "--service", "0.9"], "one of the three"),
        ([*SET, "--short", "3"], "--idle is missing"),
        ([*SET, "--idle", "3"], "--short is missing"),
        ([*SET, "--short", "0", "--idle", "2"], "--short '0' makes no newsvendor: a missing unit must cost something"),
        ([*SET, "--short", "3", "--idle", "-2"], "no end to what is worth reserving"),
        ([*SET, "--short", "normal(mean=1, sd=1)", "--idle", "2"], "may lie below 0"),
        ([*SET, "--short", "lots", "--idle", "2"], "--short: 'lots' is neither a number nor a distribution"),
        (
            [*SET, "--short", "lognormal(median=1, sigma=9)", "--idle", "2"],
            "has no expected cost: the tail is too heavy",
        ),
        ([*SET, "--service", "1"], "a probability lies between 0 and 1"),
        ([*SET, "--cvar", "95"], "a probability lies between 0 and 1"),
        ([*SET, "--service", "0.9", "--learn", "all"], "what knowledge is worth is told in USD"),
        ([*SET, *TIMES, "--plan", "many"], "'many' is not a reserve for --plan"),
        ([*SET, *TIMES, "--plan", "-1"], "--plan -1: what is reserved is a number from 0 on"),
        ([*SET, *TIMES, "--of", "colour"], "no quantity 'colour'"),
        ([*SET, *TIMES, "--learn", "paramters"], "did you mean 'parameters'?"),
        ([*SET, *TIMES, "--learn", "all,frames_per_second"], "it is known to be 24 in plappert-2024"),
        ([*SET, *TIMES, "--learn", "short"], "--learn short: the price is known"),
        ([*SET, *TIMES, "--learn", ","], "a name is missing"),
        ([*SET, *TIMES, "--study", "inference_mfu"], "write NAME: ERROR, as in 'inference_mfu: 10%'"),
        ([*SET, *TIMES, "--study", "inference_mfu: some"], "'some' is not an error for --study"),
        ([*SET, *TIMES, "--study", "inference_mfu: 0%"], "an error lies above 0; without one it is --learn"),
        ([*SET, *TIMES, "--study", "colour: 10%"], "has no prior of this name"),
        ([*SET, *TIMES, "--study", "short: 10%"], "a price is known or not"),
        ([*SET, *TIMES, "--study", "frames_per_second: 10%"], "nothing is to be learned"),
        ([*SET, *TIMES, "--study", "training_mfu: 10%"], "inference_h100s does not read training_mfu"),
        (
            [*SET, *TIMES, "--set", "peak_factor=normal(mean=2, sd=0.3)", "--study", "peak_factor: 10%"],
            "give it in its unit, as in 'peak_factor: 0.1'",
        ),
        (["plappert-2024-point", *TIMES], "is a constant here"),
        ([*SET, *TIMES, "--set", "inference_saving=student_t(df=1, loc=1, scale=0.5)"], "is below 0 in some worlds"),
        (
            [
                *SET,
                *TIMES,
                "--of",
                "breakeven_days",
                "--set",
                "candidates_per_upload=choice(values=[0, 2], weights=[0.5, 0.5])",
            ],
            "breakeven_days is infinite in some worlds",
        ),
        ([*SET, *TIMES, *HEAVY], "has no expected cost, nor a mean of its worst worlds: the tail is too heavy"),
        ([*SET, "--cvar", "0.9", *HEAVY], "--service needs none"),
        (["nowhere", *TIMES], "neither a prior set"),
    ],
)
def test_bad_input_gets_one_line(cli, arguments, part):
    outcome = cli("reserve", *arguments, "--draws", "16000")
    assert outcome.code == 2, outcome.out
    assert len(outcome.errors) == 1, outcome.err
    assert part in outcome.errors[0]


def test_a_heavy_tail_has_a_service_level(cli):
    out = cli("reserve", *SET, "--service", "0.9", *HEAVY, "--draws", "16000").out
    assert "none*" in out
    assert "* The tail is too heavy for a mean." in out


def test_too_few_draws_are_refused(cli):
    assert "too small for this" in cli("reserve", *SET, *TIMES, "--draws", "320").err
    with pytest.raises(InputError, match="a run with 0 kept draws is too small for this"):
        reserve("plappert-2024", "inference_h100s", **PRICES, draws=16_000, keep=0)
