"""Summaries against NumPy and ArviZ, and the numbers that people read."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.base import numbers
from simulator.base.errors import InputError
from simulator.reports.phrases import probability
from simulator.statistics.estimators import Estimate, mcse, mean, pareto_k, quantile, tail_shape
from simulator.statistics.exact import ExactSample
from simulator.statistics.histogram import HistogramSample
from simulator.statistics.summary import summarize

RNG = np.random.default_rng(1)
SHAPES = {
    "lognormal": RNG.lognormal(0, 1, (16, 6250)),
    "normal": RNG.standard_normal((16, 6250)),
    "heavy": 1 / RNG.random((16, 6250)) ** 0.9,
    "two values": RNG.integers(0, 2, (16, 625)).astype(float),
    "tiny": RNG.random((16, 1)),
    "few": RNG.random((16, 3)),
    "huge": RNG.lognormal(60, 2, (16, 625)),
}
PROBABILITIES = (0.0, 0.001, 0.05, 0.31, 0.5, 0.95, 0.999, 1.0)


def counted(x, ties=True):
    made = HistogramSample(*x.shape, ties=ties)
    for i, row in enumerate(x):
        for start in range(0, len(row), 1000):
            made.add(i, row[start : start + 1000].copy())
    made.totals = x.sum(axis=1)
    return made


@pytest.mark.parametrize("name", SHAPES)
def test_quantiles_are_numpys(name):
    x = SHAPES[name]
    sample = ExactSample(x.copy())
    for p in PROBABILITIES:
        value, each = sample.quantile(p)
        assert value == pytest.approx(np.quantile(x, p), rel=1e-12)
        np.testing.assert_allclose(each, np.quantile(x, p, axis=1), rtol=1e-12)


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("name", ["lognormal", "heavy", "huge"])
def test_counted_quantiles_lie_in_the_cell_of_the_exact_one(name, ties):
    x = SHAPES[name]
    kept, cells = ExactSample(x.copy()), counted(x, ties)
    for p in PROBABILITIES:
        assert cells.quantile(p)[0] == pytest.approx(kept.quantile(p)[0], rel=1 / 2048)
    for threshold in np.quantile(x, [0.01, 0.5, 0.99]):
        np.testing.assert_allclose(cells.above(threshold), kept.above(threshold), atol=0.001 * x.shape[1] + 1)
    np.testing.assert_allclose(cells.means(), kept.means(), rtol=1e-12)
    assert tail_shape(cells) == pytest.approx(tail_shape(kept), abs=0.02)


def test_counts_that_were_read_are_read_anew_when_draws_come_in():
    x = RNG.lognormal(size=(16, 100))
    sample = HistogramSample(16, 200)
    for rows in (x, 1000 * x):
        for i, row in enumerate(rows):
            sample.add(i, row)
        assert sample.quantile(1.0)[0] == rows.max()


def test_the_draws_of_a_cell_are_spread_evenly_in_it():
    x = np.tile(np.linspace(1.0, 1.0004, 101), (16, 1))  # the first cell of its octave, the only one
    sample = counted(x)
    for p in (0.0, 0.25, 0.5, 1.0):
        assert sample.quantile(p)[0] == pytest.approx(1.0 + 0.0004 * p, abs=1e-6)


@pytest.mark.parametrize("ties", [True, False])
def test_counts_merge_in_any_order_and_hold_negative_numbers(ties):
    x = SHAPES["normal"]
    forth, back = counted(x, ties), HistogramSample(*x.shape, ties=ties)
    for i in reversed(range(len(x))):
        back.add(i, x[i][::-1].copy())
    for p in PROBABILITIES:
        assert forth.quantile(p)[0] == back.quantile(p)[0]
        assert forth.quantile(p)[0] == pytest.approx(np.quantile(x, p), abs=3e-3)


@pytest.mark.parametrize("ties", [True, False])
def test_counts_hold_draws_of_any_size_and_sign(ties):
    x = np.concatenate(
        [-(10.0 ** RNG.uniform(-200, 200, (16, 500))), np.zeros((16, 9)), 10.0 ** RNG.uniform(-200, 200, (16, 500))],
        axis=1,
    )
    kept, cells = ExactSample(x), counted(x, ties)
    for p in PROBABILITIES:
        assert cells.quantile(p)[0] == pytest.approx(kept.quantile(p)[0], rel=1 / 1024, abs=1e-300)
    if ties:
        np.testing.assert_array_equal(cells.above(0.0), kept.above(0.0))


def test_the_error_of_counting_is_far_below_the_monte_carlo_error():
    x = np.exp(0.8 * RNG.standard_normal((16, 1 << 18)))
    kept, cells = ExactSample(x), counted(x, ties=False)
    for p in (0.05, 0.25, 0.5, 0.75, 0.95):
        assert cells.quantile(p)[0] == pytest.approx(kept.quantile(p)[0], rel=2e-5)
        assert abs(cells.quantile(p)[0] - kept.quantile(p)[0]) < quantile(kept, p).mcse / 20


@pytest.mark.parametrize("name", ["lognormal", "normal", "heavy"])
def test_arviz_agrees_on_tails_and_highest_density(name):
    import arviz as az
    from arviz_stats.base import array_stats

    x = SHAPES[name]
    sample = ExactSample(x.copy())
    assert tail_shape(sample) == pytest.approx(float(array_stats.pareto_khat(x, r_eff=1, tail="both")), abs=1e-9)
    np.testing.assert_allclose(sample.shortest_interval(0.8), az.hdi(x.ravel(), prob=0.8))
    np.testing.assert_allclose(sample.shortest_interval(0.8, [3]), az.hdi(x[3], prob=0.8))
    np.testing.assert_allclose(sample.shortest_interval(0.8, [3, 5]), az.hdi(x[[3, 5]].ravel(), prob=0.8))


def test_a_mean_whose_tail_is_too_heavy_is_explained_not_given():
    assert mean(ExactSample(SHAPES["lognormal"].copy()))[0] is not None
    average, reason = mean(ExactSample(SHAPES["heavy"].copy()))
    assert average is None
    assert "Pareto k = 0.8" in reason
    data = summarize("x", "1", "", ExactSample(SHAPES["heavy"].copy()), 100_000).to_json()
    assert data["mean"]["value"] is None
    assert "heavy" in data["mean"]["reason"]


def test_a_tail_without_spread_is_not_heavy():
    assert pareto_k(np.ones(100)) == -math.inf
    assert tail_shape(ExactSample(SHAPES["two values"].copy())) < 0.7


def test_the_error_of_a_quantile_with_few_draws_beyond_it():
    x = np.random.default_rng(2).standard_normal((400, 16, 20))
    found = [quantile(ExactSample(y.copy()), 0.02) for y in x]
    z = (np.array([e.value for e in found]) - np.mean([e.value for e in found])) / [e.mcse for e in found]
    assert 0.7 < np.sqrt((z**2).mean()) < 1.6


def test_the_spread_between_replicates():
    assert mcse(np.array([1.0, 3.0])) == pytest.approx(1.0)
    assert mcse(np.full(16, 2.0)) == 0.0


@pytest.mark.parametrize(
    ("value", "mcse", "shown"),
    [
        (14572.8, 4.17, "14,573(5)"),
        (4211.28, 0.0, "4,211.3"),
        (26546263, 2084, "26.546(3) million"),
        (1.641e25, 1.3e22, "1.641(2)e25"),
        (0.902, 4e-4, "0.9020(4)"),
        (887454.66, 493, "887,500(500)"),
        (0.001, 0.01, "0.001 ± 0.01"),
        (0.0, 0.0, "0"),
        (20.25e9, 0.0, "20.25 billion"),
        (42, 17, "40(20)"),
        (1e-7, 1e-9, "1.00(1)e-7"),
        (-5.25, 0.1, "-5.2(1)"),
        (99.97, 0.04, "99.97(4)"),
        (1000, 3, "1,000(3)"),
    ],
)
def test_numbers_show_no_digit_that_their_error_does_not_support(value, mcse, shown):
    assert numbers.readable(value, mcse) == shown


@given(st.floats(1e-12, 1e30), st.floats(1e-6, 0.5))
@settings(max_examples=300, deadline=None)
def test_what_is_shown_is_within_the_error_that_is_shown(value, relative):
    mcse = value * relative
    power, _ = numbers.scale_of(value)
    text = numbers.figures(value, mcse, power)
    if "±" in text:
        return
    digits, error = text.rstrip(")").split("(")
    shown = float(digits.replace(",", "")) * 10.0**power
    places = len(digits.split(".")[1]) if "." in digits else 0
    unit = float(error.replace(",", "")) * 10.0 ** (power - places)
    assert abs(shown - value) <= 0.51 * unit
    assert unit >= mcse * (1 - 1e-6)
    assert unit <= max(2.01 * mcse, abs(value) * 2e-4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000000", 1e6),
        ("1_000_000", 1e6),
        ("1,000,000", 1e6),
        ("1e6", 1e6),
        ("1M", 1e6),
        ("15 million", 15e6),
        ("720k", 720e3),
        ("15%", 0.15),
        ("43.2 million", 43.2e6),
        ("-3", -3.0),
        ("2 trillion", 2e12),
        (".5", 0.5),
    ],
)
def test_numbers_are_read_as_people_write_them(text, value):
    assert numbers.parse_number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "1e999", "1 2", "nan", "inf", "1,00", "5 to 9", "0x10", "1e", "--1"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError):
        numbers.parse_number(text)


def test_probabilities_without_a_hit_are_bounds():
    assert probability("q", 1e6, "1", Estimate(0.0, 0.0), 1_000_000) == "P(q > 1 million) < 3e-6"
    assert probability("q", 1e6, "day", Estimate(1.0, 0.0), 1_000_000) == "P(q > 1 million day) > 1 - 3e-6"
    assert probability("q", 1e6, "1", Estimate(0.25, 0.002), 1000) == "P(q > 1 million) = 0.250(2)"


def test_counts_keep_values_that_many_draws_share():
    x = np.where(np.random.default_rng(0).random((16, 4000)) < 0.9, 0.0, 1.0)
    cells = counted(x)
    assert cells.quantile(0.5)[0] == 0.0
    assert cells.quantile(0.95)[0] == 1.0
    np.testing.assert_array_equal(cells.above(0.0), (x > 0).sum(axis=1))
    np.testing.assert_array_equal(cells.above(1.0), np.zeros(16))
    same = counted(np.full((16, 100), 1.08e25))
    assert quantile(same, 0.5) == Estimate(1.08e25, 0.0)


def test_ties_at_the_cutoff_do_not_hide_a_heavy_tail():
    rng = np.random.default_rng(5)
    x = np.where(rng.random((16, 62_500)) < 0.001, rng.standard_t(0.9, (16, 62_500)), 0.0)
    assert mean(ExactSample(x))[0] is None


def test_a_single_draw_is_its_own_quantile():
    assert ExactSample(np.array([[3.0]])).quantile(0.5)[0] == 3.0
