"""Quantiles by selection are those of np.quantile, to the bit."""

import numpy as np
import pytest

from simulator import simulate
from simulator.statistics import selection
from simulator.statistics.selection import FEW, quantiles

SHARES = (0.0, 1e-4, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0)
RNG = np.random.default_rng(2)
NUMBERS = {
    "heavy tails": RNG.standard_cauchy(200_001),
    "few values": RNG.choice([1.0, 2.0, 5.0], 100_000, p=[0.05, 0.9, 0.05]),
    "half of them 0": np.where(RNG.random(100_000) < 0.5, 0.0, RNG.lognormal(size=100_000)),
    "ascending": np.arange(FEW, dtype=float),
    "a constant": np.ones(FEW),
    "few": RNG.random(7),
    "one": np.array([3.0]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_they_are_those_of_numpy(name):
    x = NUMBERS[name]
    before = x.copy()
    np.testing.assert_array_equal(quantiles(x, SHARES), np.quantile(x, SHARES))
    np.testing.assert_array_equal(x, before)


def test_numbers_that_follow_the_places_of_the_few_are_found_all_the_same(monkeypatch):
    """Each of the few is 0 here, and nearly all others are not: what is asked for does not lie among them."""
    x = RNG.random(1 << 16)
    x[:: len(x) // selection.SOME | 1] = 0.0
    np.testing.assert_array_equal(quantiles(x, SHARES), np.quantile(x, SHARES))
    sought = []
    monkeypatch.setattr(selection.np, "quantile", lambda x, p: sought.append(len(x)) or 0.0)
    quantiles(x, (0.5,))
    assert sought == [len(x)]


@pytest.mark.parametrize("name", ["heavy tails", "draws"])
def test_most_numbers_are_only_compared(name, monkeypatch):
    """Those of Sobol points as well, of which every other one lies in the same half of its prior."""
    x = NUMBERS[name] if name in NUMBERS else simulate(draws=1 << 17).draws_of("inference_h100s").ravel()
    sorted_ones, known = [], np.partition
    monkeypatch.setattr(selection.np, "partition", lambda x, k: sorted_ones.append(len(x)) or known(x, k))
    quantiles(x, (0.5, 0.999))
    assert len(sorted_ones) == 2
    assert max(sorted_ones) < 0.1 * len(x)
