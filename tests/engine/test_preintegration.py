"""Pre-integration: exact where all is lognormal, the draws' own answer elsewhere, with honest errors."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from simulator import InputError, load_priors, simulate
from simulator.engine.preintegration import Smoothed, integrable, lognormal, phi, preintegrated, smoothed, until
from simulator.runs.settings import Sampling
from simulator.statistics.exact import ExactSample
from simulator.statistics.summary import worst

from ..helpers import SET, lognormal_set

QUANTITIES = ("training_flop", "minutes_per_gpu_hour", "breakeven_minutes", "inference_h100s")


def test_phi_is_the_normals_distribution_function():
    z = np.linspace(-12, 12, 100_001)
    np.testing.assert_allclose(phi(z), ndtr(z), atol=2e-12)


def test_the_factors_are_those_whose_logarithm_adds_up():
    assert integrable(SET, "training_flop") == {"parameters": 1.0, "dataset_multiplier": 1.0}
    assert integrable(SET, "minutes_per_gpu_hour") == {"parameters": -1.0}
    assert integrable(SET, "ai_minutes_per_day") == {}  # a sum: its three lognormal priors are no factors


def test_a_law_is_lognormal_where_it_is_one():
    def law(text, unit="1"):
        return load_priors(set={"parameters": text}).priors["parameters"].distribution.rv

    assert lognormal(law("lognormal(mu=2, sigma=0.5)")) == (2.0, 0.5)
    for other in (
        "uniform(low=1, high=2)",
        "truncate(prior=lognormal(mu=2, sigma=0.5), low=1)",
        "mixture(a=lognormal(mu=2, sigma=0.5), b=lognormal(mu=3, sigma=0.5), weights=[0.5, 0.5])",
    ):
        assert lognormal(law(other)) is None
    scaled = SET.priors["parameters"].distribution.scaled(1e-9).rv
    mu, sigma = lognormal(SET.priors["parameters"].distribution.rv)
    assert lognormal(scaled) == pytest.approx((mu + math.log(1e-9), sigma))


def test_a_correlated_prior_is_no_factor(tmp_path):
    (tmp_path / "tied.toml").write_text(
        'extends = ["plappert-2024"]\n[correlations]\n"parameters, video_share" = 0.6\n'
    )
    tied = load_priors(str(tmp_path / "tied.toml"))
    assert integrable(tied, "training_flop") == {"dataset_multiplier": 1.0}
    run = simulate(tied, draws=1 << 18)
    for plain, made in zip(run.summary(["training_flop"]), preintegrated(run, ["training_flop"]), strict=True):
        assert agree(plain, made)


def agree(a, b, times=5.0):
    pairs = [(a.mean, b.mean), *((a.quantiles[p], b.quantiles[p]) for p in a.quantiles)]
    return all(abs(x.value - y.value) <= times * math.hypot(x.mcse, y.mcse) for x, y in pairs)


def test_where_all_is_lognormal_it_is_the_closed_form():
    run = simulate(lognormal_set(), draws=1600, quantities=["training_flop"])
    (made,) = preintegrated(run, quantiles=(0.01, 0.5, 0.99), exceeds={"training_flop": [1e25]}, ci=0.5)
    rv = stats.lognorm(math.hypot(0.5, 0.3, 0.2), scale=2e21 * 20e9 / 675e6 * 6 * 180 * 0.4)
    for p, e in made.quantiles.items():
        assert e.value == pytest.approx(rv.ppf(p), rel=1e-8)
        assert e.mcse < 1e-9 * e.value
    assert made.mean.value == pytest.approx(rv.mean(), rel=1e-8)
    assert made.exceeds[1e25].value == pytest.approx(rv.sf(1e25), rel=1e-8)
    assert (made.low.value, made.high.value) == pytest.approx((rv.ppf(0.25), rv.ppf(0.75)), rel=1e-8)


@pytest.mark.parametrize(("sampler", "gain"), [("sobol", 10), ("random", 2)])
def test_it_says_what_the_draws_say_with_smaller_errors(sampler, gain):
    run = simulate(SET, draws=1 << 20, sampler=sampler, quantities=QUANTITIES)
    made = preintegrated(run, exceeds={"inference_h100s": [720e3]})
    for plain, better in zip(run.summary(exceeds={"inference_h100s": [720e3]}), made, strict=True):
        assert better.integrated
        assert agree(plain, better)
        for x, e in plain.exceeds.items():
            assert abs(e.value - better.exceeds[x].value) < 5 * math.hypot(e.mcse, better.exceeds[x].mcse)
    same_size = run.summary()[0].median.mcse * math.sqrt((1 << 20) / (1 << 16))
    assert made[0].median.mcse < same_size / gain


def test_the_shortest_interval_is_that_of_the_draws():
    factors = integrable(SET, "training_h100s")
    sample = smoothed(SET, "training_h100s", 1 << 14, 5, "sobol", False, factors)
    z = np.random.default_rng(1).standard_normal((16, 1 << 14))
    draws = ExactSample(np.exp(np.repeat(sample.rest, 16, axis=1) + sample.scale * z))
    ends, close = sample.shortest_interval(0.8), draws.shortest_interval(0.8)
    np.testing.assert_allclose(ends, close, rtol=0.05)
    assert close[1] - close[0] == pytest.approx(ends[1] - ends[0], rel=0.01)
    np.testing.assert_allclose(sample.shortest_interval(0.8, range(16)), ends)
    inside = sample.above(ends[0]).sum() - sample.above(ends[1]).sum()
    assert inside / (1 << 14) == pytest.approx(0.8, abs=1e-6)


def test_quantiles_are_found_where_the_factor_is_narrow_and_far_in_the_tails():
    rest = np.random.default_rng(2).standard_normal((16, 400))
    for scale in (1e-4, 0.3, 20.0):
        sample = Smoothed(rest, scale)
        for p in (1e-9, 0.05, 0.5, 0.95, 1.0 - 1e-9):
            value, each = sample.quantile(p)
            np.testing.assert_allclose(phi((math.log(value) - rest) / scale).mean(), p, atol=1e-9)
            assert each.min() <= value <= each.max()


def test_drawing_until_a_target_error_is_reached():
    run, made = until(SET, 0.01, quantities=QUANTITIES, keep=0)
    assert worst(made)[0] <= 0.01
    plain, told = until(SET, 0.01, quantities=QUANTITIES, keep=0, estimator="draws")
    assert worst(told)[0] <= 0.01
    assert run.settings.draws < plain.settings.draws
    capped, short = until(SET, 1e-5, ["breakeven_days"], sampling=Sampling(5000), keep=0)
    assert capped.settings.draws == 5008
    assert worst(short)[0] > 1e-5
    with pytest.raises(InputError, match="cannot be met"):
        until(SET, 0.0, quantities=QUANTITIES)
    with pytest.raises(InputError, match="did you mean 'draws'"):
        until(SET, 0.1, quantities=QUANTITIES, estimator="drawn")


def test_an_error_where_a_number_lies_at_0_is_held_against_the_width_of_the_interval():
    """demand_growth lies around 0, so that the median does: no number of draws makes an error small beside it."""
    run, (made,) = until(load_priors(set={"demand_growth": "normal(mean=0, sd=1)"}), 0.01, ["inference_h100s"], keep=0)
    width = made.high.value - made.low.value
    assert made.low.value < 0.0 < made.high.value
    assert max(e.mcse for e in (made.median, made.mean, made.low, made.high)) == pytest.approx(worst([made])[0] * width)
    assert worst([made])[0] <= 0.01
    assert run.settings.draws < 1 << 20


@pytest.mark.parametrize("weight", [0.05, 0.5])
def test_drawing_ends_where_more_draws_do_not_help(weight, cli):
    """The 5 % point, or the median, stands at the edge of a point mass: it converges to nothing."""
    text = f"mixture(a=0, b=lognormal(p5=1, p95=3), weights=[{weight}, {1 - weight}])"
    said = cli("--set", f"peak_factor={text}", "-q", "inference_h100s", "--target-error", "1%", "--no-save")
    assert said.code == 0
    assert "stopped: more draws hardly lower the error of inference_h100s" in said.err
    assert "Target error 1 %: not reached with" in said.out
    assert "inf %" not in said.out


def test_the_table_and_the_json_say_how_it_was_estimated(cli):
    shown = cli("--target-error", "1%", "--no-save", "-q", "training_flop", "-q", "ai_minutes_per_day")
    assert "sobol, pre-integrated" in " ".join(shown.out.split())
    assert "Target error 1 %: reached with" in shown.out
    assert "no lognormal prior is a factor of it: ai_minutes_per_day." in " ".join(shown.out.split())
    data = json.loads(cli("--estimator", "preintegrated", "--draws", "16000", "--json", "--no-save").out)
    assert data["estimator"] == "preintegrated"
    assert data["quantities"]["training_flop"]["integrated"] == ["parameters", "dataset_multiplier"]
    assert data["quantities"]["training_flop"]["worlds"] == 16_000
    data = json.loads(cli("--target-error", "1e-5", "--draws", "32000", "--json", "--no-save").out)
    assert data["draws"] == 32_000
    assert not data["target_error"]["reached"]


def test_what_is_kept_is_what_the_draws_give(cli, here):
    """The run is the same with and without pre-integration, so that who computes from the file finds its table."""
    plain = json.loads(cli("--draws", "32000", "--json").out)
    better = json.loads(cli("--draws", "32000", "--estimator", "preintegrated", "--json").out)
    assert plain["estimator"] == "draws"
    assert plain["run"] == better["run"]
    assert plain["quantities"] != better["quantities"]
    stored = json.loads(cli("runs", "show", "latest", "--json").out)
    for name, told in plain["quantities"].items():
        assert stored["quantities"][name]["median"]["value"] == pytest.approx(told["median"]["value"], rel=1e-6)
    assert cli("rerun", "latest").code == 0
