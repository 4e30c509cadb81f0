"""Distributions of scipy.stats and arrays of numbers in the place of a text."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from simulator import InputError, load_priors, simulate
from simulator.distributions.families import parse
from simulator.distributions.foreign import FROZEN

P = np.concatenate([np.logspace(-6, -1, 20), np.linspace(0.11, 0.99, 20)])
TAKEN = {
    "normal(mean=3, sd=2)": stats.norm(3, 2),
    "lognormal(median=20, sigma=0.8)": stats.lognorm(0.8, scale=20),
    "1 + lognormal(median=20, sigma=0.8)": stats.lognorm(s=0.8, loc=1, scale=20),
    "beta(a=2, b=3)": stats.beta(2, 3),
    "1 + 8 * beta(a=2, b=3)": stats.beta(2, 3, 1, 8),
    "gamma(shape=3, scale=0.1)": stats.gamma(a=3, scale=0.1),
    "gamma(shape=3, scale=2)": stats.erlang(3, scale=2),
    "gamma(shape=1.5, scale=2)": stats.chi2(3),
    "-1 + gamma(shape=1, scale=2)": stats.expon(-1, 2),
    "3 / gamma(shape=2, scale=1)": stats.invgamma(2, scale=3),
    "uniform(low=-1, high=4)": stats.uniform(-1, 5),
    "student_t(df=4, loc=1, scale=2)": stats.t(4, 1, 2),
    "student_t(df=1, loc=0, scale=1)": stats.cauchy(),
    "triangular(low=0, mode=1, high=5)": stats.triang(0.2, 0, 5),
    "loguniform(low=2, high=50)": stats.loguniform(2, 50),
    "3 * loguniform(low=2, high=50)": stats.reciprocal(2, 50, scale=3),
    "truncate(prior=normal(mean=1, sd=2), low=0, high=5)": stats.truncnorm(-0.5, 2, 1, 2),
    "truncate(prior=normal(mean=1, sd=2), low=0)": stats.truncnorm(-0.5, np.inf, loc=1, scale=2),
    "truncate(prior=normal(mean=0, sd=2), low=0)": stats.halfnorm(scale=2),
    "metalog(a1=1, a2=2, a3=0)": stats.logistic(1, 2),
}


@pytest.mark.parametrize("text", TAKEN)
def test_a_frozen_distribution_is_taken_exactly(text):
    made = parse(TAKEN[text])
    assert made.text == text
    np.testing.assert_allclose(made.rv.ppf(P, False), TAKEN[text].ppf(P), rtol=1e-8, atol=1e-12)


def test_each_distribution_that_is_taken_is_tested():
    assert {twin.dist.name for twin in TAKEN.values()} == set(FROZEN)


@pytest.mark.skipif(not hasattr(stats, "Normal"), reason="an older scipy")
def test_the_new_distributions_of_scipy_are_taken():
    assert parse(stats.Normal(mu=1, sigma=2)).text == "normal(mean=1, sd=2)"
    assert parse(stats.Uniform(a=1, b=2)).text == "uniform(low=1, high=2)"
    with pytest.raises(InputError, match="has no words in the notation"):
        parse(stats.exp(stats.Normal(mu=1, sigma=2)))


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (stats.weibull_min(1.5), "scipy.stats.weibull_min has no words in the notation; taken are beta, cauchy"),
        (stats.poisson(3), "scipy.stats.poisson has no words"),
        (stats.norm([1, 2], 3), "is not one number"),
        (stats.lognorm(0.8, scale=-1), "must be above 0"),
        (np.array([[1.0, 2.0]]), r"shape \(1, 2\)"),
        (np.array([1.0, np.nan]), "not finite"),
        (np.array([]), "0 values"),
        (np.array(["a"]), "give numbers"),
        (np.array([True]), "give numbers"),
        ([1.0, 2.0], "is not a distribution"),
        (stats.norm, "is not a distribution|has no words"),
    ],
    ids=lambda x: x if isinstance(x, str) else type(x).__name__,
)
def test_what_has_no_words_is_refused_in_one_line(value, part):
    with pytest.raises(InputError, match=part) as caught:
        load_priors(set={"peak_factor": value})
    assert len(caught.value.lines) == 1


def test_numbers_of_numpy_are_numbers():
    for one in (np.float32(0.5), np.int64(3), np.array(0.25), np.float64(1.5)):
        assert parse(one).value == float(one)


def test_a_run_of_them_is_made_again_to_the_bit(here):
    measured = np.random.default_rng(5).lognormal(1.0, 0.3, 50)
    given = {"peak_factor": measured, "candidates_per_upload": stats.lognorm(0.1 + 0.2, scale=1 / 3)}
    run = simulate(load_priors(set=given), draws=1600)
    texts = {name: run.priors.priors[name].distribution.text for name in given}
    again = simulate(load_priors().edited(texts), draws=1600)
    assert again.digest == run.digest
    for name in run.quantities:
        np.testing.assert_array_equal(run.draws_of(name), again.draws_of(name))
    held = parse(texts["peak_factor"]).rv.values
    np.testing.assert_array_equal(held, np.sort(measured))


def test_scipy_stats_is_not_imported_for_it():
    code = (
        "import sys; from simulator import load_priors; load_priors(set={'peak_factor': '1 + lognormal(p5=1, p95=2)'})"
    )
    code += "; sys.exit(any(name in sys.modules for name in ('scipy', 'scipy.stats')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
