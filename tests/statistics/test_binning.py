"""Shares from pairs of replicates: without bias, and with the variance of a U-statistic."""

import math

import numpy as np
import pytest

from simulator.statistics.binning import Bins, Ordered
from simulator.statistics.estimators import mean_of_pairs


def spread(kernel, seeds=400):
    """RMS of standardized errors of the mean over pairs, and its mean."""
    rng = np.random.default_rng(11)
    found = np.array([mean_of_pairs(kernel(rng)) for _ in range(seeds)])
    return math.sqrt(np.mean((found[:, 0] - found[:, 0].mean()) ** 2 / found[:, 1] ** 2)), found[:, 0].mean()


def products(centre):
    def draw(rng):
        x = centre + rng.standard_normal((16, 20))
        return x @ x.T / 20

    return draw


@pytest.mark.parametrize("centre", [0.0, 0.1, 1.0])
def test_what_a_replicate_shares_with_itself_stays_out(centre):
    """With a centre of 0 there is nothing but pairs, where the jackknife's error is 1.4 times too large."""
    ratio, value = spread(products(centre))
    assert value == pytest.approx(centre**2, abs=0.01)
    assert 0.8 < ratio < 1.25


def test_three_replicates_are_too_few_for_an_error():
    assert math.isnan(mean_of_pairs(np.ones((3, 3))).mcse)
    assert mean_of_pairs(np.ones((16, 16))) == (1.0, 0.0)


def test_shares_of_independent_draws_are_right_at_few_draws():
    """A share of 0.2 and none, of 64 bins with four draws each; bins are empty here and there."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(150):
        u, noise = rng.random((16, 256)), rng.standard_normal((16, 256))
        y = Ordered(math.sqrt(0.2 * 12) * (u - 0.5) + math.sqrt(0.8) * noise)
        cuts = (u, rng.random((16, 256)))
        found.append([Bins((cut * 64).astype(np.uint8), 64).share_and_width(y)[0] for cut in cuts])
    value, error = np.moveaxis(np.array(found), 2, 0)
    for i, share in enumerate((0.2, 0.0)):
        assert value[:, i].mean() == pytest.approx(share, abs=3.5 * value[:, i].std() / math.sqrt(150) + 2e-3)
        assert 0.85 < math.sqrt(np.mean((value[:, i] - value[:, i].mean()) ** 2 / error[:, i] ** 2)) < 1.3
