"""The value of information: closed forms of products of lognormals, and a twin by nested simulation."""

import functools
import math

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from simulator import load_priors, reserve, simulate
from simulator.analyses.decision_rule import splines

from ..helpers import SET, lognormal_set

SIGMAS = {"parameters": 0.5, "dataset_multiplier": 0.3, "video_share": 0.2}
MEDIAN = 2 * 1e21 * 20e9 / 675e6 * 6 * 180 * 0.4  # of training_flop: DiT's, counted as FLOP, times all that scales it
SHORT, IDLE = 3.0, 2.0
WHOLE = math.hypot(*SIGMAS.values())
STUDIES = {"parameters": 0.4, "dataset_multiplier": 0.1, "video_share": 0.2}


def mean(whole=WHOLE):
    return MEDIAN * math.exp(whole**2 / 2)


def least(left, whole=WHOLE, short=SHORT, idle=IDLE):
    """The least expected cost of who reserves when `left` is the sd of log demand that is not known."""
    z = ndtri(short / (short + idle))
    return mean(whole) * (short - (short + idle) * ndtr(z - left))


def saved(left, whole=WHOLE):
    """What it saves that only `left` is not known."""
    return least(whole, whole) - least(left, whole)


def left_by(sigma, error=0.0):
    """What is left of the whole when a factor is measured."""
    return math.sqrt(WHOLE**2 - sigma**4 / (sigma**2 + error**2))


@functools.cache
def demand(seed, draws=64_000):
    return simulate(lognormal_set(), draws=draws, seed=seed, quantities=["training_flop"])


def found(seed, draws=64_000):
    studies = [f"{name}: {100 * error:.0f}%" for name, error in STUDIES.items()]
    asked = [*SIGMAS, "peak_factor"]
    return reserve(demand(seed, draws), "training_flop", short=SHORT, idle=IDLE, learn=asked, study=studies)


def known():
    """The numbers of `found` in closed form."""
    every = {"best": MEDIAN * math.exp(WHOLE * ndtri(SHORT / (SHORT + IDLE))), "EVPI": least(WHOLE)}
    every |= {name: saved(left_by(sigma)) for name, sigma in SIGMAS.items()}
    return every | {f"study of {name}": saved(left_by(SIGMAS[name], error)) for name, error in STUDIES.items()}


def told(result):
    every = {"best": result.best.units, "EVPI": result.evpi}
    every |= {" + ".join(x.names): x.saving for x in result.learned}
    return every | {f"study of {x.name}": x.saving for x in result.studies}


def test_the_closed_form_itself():
    """Against integration by hand: the cost of the best reserve of one lognormal."""
    z = (np.arange(1_000_000) + 0.5) / 1_000_000
    d = MEDIAN * np.exp(WHOLE * ndtri(z))
    q = known()["best"]
    assert np.where(d > q, SHORT * (d - q), IDLE * (q - d)).mean() == pytest.approx(known()["EVPI"], rel=1e-4)
    assert saved(0.0) == pytest.approx(least(WHOLE), rel=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_evpi_evppi_and_evsi_are_those_of_the_closed_forms(seed):
    result = found(seed)
    numbers = told(result)
    for name, value in known().items():
        assert abs(numbers[name].value - value) <= 4.0 * numbers[name].mcse, name
    exactly = {x.names[0]: x for x in result.learned}
    assert not exactly["peak_factor"].distinguishable  # nothing reads it here
    for study in result.studies:
        assert study.saving.value <= study.exactly.value <= result.evpi.value
        assert study.exactly == exactly[study.name].saving


def test_the_errors_are_no_larger_than_they_must_be():
    """A part in a thousand of what the strongest priors are worth, at 64,000 draws."""
    numbers = told(found(3))
    for name in ("EVPI", "parameters"):
        assert numbers[name].mcse < 3e-3 * numbers[name].value


@pytest.mark.calibration
def test_a_million_draws_meet_the_closed_forms_to_four_digits():
    numbers = told(found(1, 1 << 20))
    for name, value in known().items():
        assert abs(numbers[name].value - value) <= 4.0 * numbers[name].mcse, name
    for name in ("EVPI", "parameters", "dataset_multiplier"):
        assert numbers[name].value == pytest.approx(known()[name], rel=5e-4)


def test_a_prior_that_is_read_and_does_nothing_is_not_above_0():
    """The rule is fitted to noise; the error holds what that can save by chance."""
    edits = {n: lognormal_set().priors[n].distribution.text for n in SIGMAS}
    flat = load_priors(set=edits | {"temporal_compression": "lognormal(median=8, sigma=1e-12)"})
    for seed in range(10):
        for draws in (16_000, 64_000):
            run = simulate(flat, draws=draws, seed=seed, quantities=["training_flop"])
            (learned,) = reserve(run, short=SHORT, idle=IDLE, learn="temporal_compression").learned
            assert learned.saving.mcse > 0.0
            assert not learned.distinguishable, (seed, draws, learned)


@pytest.mark.parametrize("error", ["0.001%", "30%", "5000%"])
def test_a_study_saves_no_more_than_knowing(error):
    for seed in range(5):
        result = reserve(
            demand(seed), "training_flop", short=9, idle=1, learn="video_share", study=f"video_share: {error}"
        )
        (study,), (exactly,) = result.studies, result.learned
        assert study.saving.value <= study.exactly.value == exactly.saving.value <= result.evpi.value
    assert study.distinguishable == (error != "5000%")


def test_an_absolute_error_is_in_the_unit_of_the_prior():
    """A normal prior, which may lie below 0."""
    chosen = load_priors(set={"peak_factor": "normal(mean=2, sd=0.3)"})
    run = simulate(chosen, draws=64_000, quantities=["inference_h100s"])
    rough = reserve(run, short=3, idle=2, study="peak_factor: 1.5").studies[0]
    fine = reserve(run, short=3, idle=2, study="peak_factor: 0.003").studies[0]
    assert 0.0 < rough.saving.value < 0.1 * fine.saving.value
    assert fine.saving.value == pytest.approx(fine.exactly.value, rel=0.01)


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    path = tmp_path_factory.mktemp("tied") / "tied.toml"
    head = 'extends = ["plappert-2024"]\n[correlations]\n"parameters, dataset_multiplier" = 0.4\n'
    path.write_text(head + '"dataset_multiplier, peak_factor" = 0.3\n')
    edits = {n: lognormal_set().priors[n].distribution.text for n in SIGMAS}
    return load_priors(str(path), set=edits)


def test_correlated_priors_are_learned_together(tied):
    a, b, c = SIGMAS.values()
    covariance = 2 * math.sin(math.pi * 0.4 / 6) * a * b
    whole = math.sqrt(WHOLE**2 + 2 * covariance)
    measured = math.sqrt(whole**2 - (a**2 + covariance) ** 2 / (a**2 + 0.4**2))
    for seed in range(5):
        run = simulate(tied, draws=64_000, seed=seed, quantities=["training_flop"])
        result = reserve(run, short=SHORT, idle=IDLE, learn="all", study="parameters: 40%")
        numbers = told(result)
        assert set(numbers) - {"best", "EVPI"} == {
            "parameters + dataset_multiplier",  # and not peak_factor, which is not read
            "video_share",
            "study of parameters",
        }
        assert abs(numbers["EVPI"].value - least(whole, whole)) <= 4 * numbers["EVPI"].mcse
        group, alone = numbers["parameters + dataset_multiplier"], numbers["video_share"]
        assert abs(group.value - saved(c, whole)) <= 4 * group.mcse
        assert abs(alone.value - saved(math.sqrt(whole**2 - c**2), whole)) <= 4 * alone.mcse
        study = result.studies[0]
        assert abs(study.saving.value - saved(measured, whole)) <= 4 * study.saving.mcse
        assert study.exactly == group


def test_what_is_not_read_but_correlated_with_what_is_can_be_studied(tied):
    run = simulate(tied, draws=64_000, quantities=["training_flop"])
    result = reserve(run, short=SHORT, idle=IDLE, learn="peak_factor", study="peak_factor: 1%")
    assert result.learned[0].names == ("parameters", "dataset_multiplier", "peak_factor")
    assert result.studies[0].distinguishable
    assert 0.0 < result.studies[0].saving.value < 0.2 * result.studies[0].exactly.value


def test_the_value_of_knowing_a_price():
    """Who knows the price of a missing unit reserves another quantile: an integral over that price."""
    run = demand(5, 256_000)
    result = reserve(run, short="uniform(low=1, high=9)", idle=2, learn=["short"])
    price = 1.0 + 8.0 * (np.arange(4000) + 0.5) / 4000
    expected = least(WHOLE, short=5.0) - least(WHOLE, short=price).mean()
    assert abs(result.best.units.value / (MEDIAN * math.exp(WHOLE * ndtri(5 / 7))) - 1.0) < 2e-3
    assert abs(result.evpi.value - least(WHOLE, short=5.0)) <= 4 * result.evpi.mcse
    assert abs(result.learned[0].saving.value - expected) <= 4 * result.learned[0].saving.mcse


def test_a_choice_has_a_mean_for_each_value():
    edits = {"temporal_compression": "choice(values=[4, 8, 16], weights=[0.2, 0.5, 0.3])"}
    run = simulate(load_priors(set=edits), draws=64_000, quantities=["inference_h100s"])
    result = reserve(run, short=SHORT, idle=IDLE, learn="temporal_compression")
    d, t = run.draws_of("inference_h100s"), run.draws_of("temporal_compression")
    by_value = sum(
        (t == x).mean() * _least_of(d[t == x]) for x in (4.0, 8.0, 16.0)
    )  # in the same draws: what knowing the value leaves
    assert result.learned[0].saving.value == pytest.approx(_least_of(d.ravel()) - by_value, rel=0.01)


def _least_of(d):
    q = np.quantile(d, SHORT / (SHORT + IDLE))
    return np.where(d > q, SHORT * (d - q), IDLE * (q - d)).mean()


def test_splines_sum_to_one_and_are_smooth():
    u = (np.arange(9000) + 0.5) / 9000
    columns = splines(u)
    np.testing.assert_allclose(columns.sum(axis=1), 1.0)
    assert columns.min() >= 0.0
    assert np.abs(np.diff(columns, axis=0)).max() < 1e-3


# -------------------------------------------------------------- a twin by nested simulation

FIXED = {n: p.distribution.value for n, p in SET.priors.items() if not p.uncertain}


def values(name, places):
    """A prior of the default set at places in (0, 1), by its quantile function itself."""
    rv, upper = SET.priors[name].distribution.as_rv(), places >= 0.5
    x = np.empty_like(places)
    x[upper], x[~upper] = rv.ppf_exact(1.0 - places[upper], True), rv.ppf_exact(places[~upper], False)
    return x


def nested(name, rng, outer, inner):
    """EVPPI of a prior by two loops of plain random numbers: decided on one inner sample, valued on another."""
    of = "inference_h100s"
    others = [n for n in SET.read_by(of) if n != name]
    decided, valued = ({n: values(n, rng.random(inner)) for n in others} for _ in range(2))

    def demanded(given, x):
        return SET.model.evaluate({**FIXED, **given, name: x}, [of])[of]

    blind = np.quantile(demanded(decided, values(name, rng.random(inner))), SHORT / (SHORT + IDLE))
    savings = []
    for x in values(name, (np.arange(outer) + rng.random(outer)) / outer):
        told = np.quantile(demanded(decided, x), SHORT / (SHORT + IDLE))
        d = demanded(valued, x)
        cost = [np.where(d > q, SHORT * (d - q), IDLE * (q - d)).mean() for q in (blind, told)]
        savings.append(cost[0] - cost[1])
    return float(np.mean(savings))


def agree(name, run, outer, inner, repeats):
    (learned,) = reserve(run, "inference_h100s", short=SHORT, idle=IDLE, learn=name).learned
    rng = np.random.default_rng([2024, len(name)])
    twins = np.array([nested(name, rng, outer, inner) for _ in range(repeats)])
    error = math.hypot(twins.std(ddof=1) / math.sqrt(repeats), learned.saving.mcse)
    assert error < 0.1 * learned.saving.value
    assert abs(twins.mean() - learned.saving.value) <= 4.0 * error, (twins.mean(), learned.saving, error)


def test_nested_simulation_agrees_in_short():
    agree("parameters", simulate(draws=64_000, quantities=["inference_h100s"]), 100, 10_000, 8)


@pytest.mark.calibration
@pytest.mark.parametrize("name", ["parameters", "inference_mfu", "youtube_ai_penetration"])
def test_nested_simulation_agrees(name):
    agree(name, simulate(draws=1_000_000, quantities=["inference_h100s"]), 500, 50_000, 16)
