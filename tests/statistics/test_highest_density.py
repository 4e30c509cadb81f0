"""The errors of the ends of a highest-density interval: the rate at which they converge is estimated."""

from itertools import combinations

import numpy as np
import pytest

from simulator.statistics.estimators import mcse
from simulator.statistics.exact import ExactSample
from simulator.statistics.highest_density import fours, mcse_of_ends, shortest
from simulator.statistics.sample import ConstantSample

RNG = np.random.default_rng(20261126)


def test_any_two_replicates_are_once_in_one_four():
    ways = fours(16)
    assert [sorted(r for line in way for r in line) for way in ways] == [list(range(16))] * 5
    pairs = [pair for way in ways for line in way for pair in combinations(sorted(line), 2)]
    assert sorted(pairs) == list(combinations(range(16), 2))
    assert fours(8) == []


def test_of_a_mean_the_rate_is_one_half_exactly():
    """What fours do to the spread of a mean is known without noise, since any two replicates meet once."""
    each = RNG.standard_normal(16)
    together = np.array([[each[line].mean() for line in way] for way in fours(16)])
    assert mcse_of_ends(each, together) == pytest.approx(mcse(each))


def test_what_does_not_converge_keeps_the_error_of_one_replicate():
    each = RNG.standard_normal(16)
    together = RNG.standard_normal((5, 4)) * 10.0
    assert mcse_of_ends(each, together) == pytest.approx(each.std(ddof=1))
    assert mcse_of_ends(each) == pytest.approx(each.std(ddof=1) * 16 ** (-1 / 3))
    assert mcse_of_ends(each, np.zeros((5, 4))) == pytest.approx(mcse(each))  # an atom holds all fours


def test_an_end_that_never_moves_is_exact_and_one_that_may_be_infinite_unknown():
    for end in shortest(ConstantSample(3.0, 16, 100), 0.9):
        assert end == (3.0, 0.0)
    x = RNG.exponential(size=(16, 1000))
    x[RNG.random(x.shape) < 0.3] = 0.0
    low, high = shortest(ExactSample(x), 0.9)
    assert low == (0.0, 0.0)
    assert 0.0 < high.mcse < 0.2
    assert np.isnan(mcse_of_ends(np.array([1.0, np.inf] * 8)))


@pytest.mark.parametrize(
    ("draw", "limits"),
    [
        (lambda rng: rng.exponential(size=(16, 1024)), (0.8, 1.3)),  # a steep edge at 0: the end above is a quantile
        (lambda rng: rng.standard_normal((16, 1024)), (0.8, 1.3)),  # n^(-1/3)
    ],
    ids=["edge", "smooth"],
)
def test_the_errors_are_right_beside_an_edge_and_within_a_smooth_density(draw, limits):
    rng = np.random.default_rng(3)
    found = np.array([shortest(ExactSample(draw(rng)), 0.8)[1] for _ in range(150)])
    z = (found[:, 0] - found[:, 0].mean()) / found[:, 1]
    assert limits[0] < np.sqrt((z**2).mean()) < limits[1]
