"""Order statistics of draws that are all at hand, counted or sorted, against those of sorted draws."""

import numpy as np
import pytest

from simulator.statistics.exact import FEW, ExactSample

RNG = np.random.default_rng(5)
KINDS = {
    "smooth": lambda shape: RNG.lognormal(0.0, 1.0, shape),
    "of both signs": lambda shape: RNG.normal(0.0, 1.0, shape),
    "of four values": lambda shape: RNG.choice([0.0, 1.0, 2.5, -3.0], shape),
    "infinite in half": lambda shape: np.where(RNG.random(shape) < 0.5, np.inf, RNG.random(shape)),
}


@pytest.mark.parametrize("size", [FEW // 32, FEW // 4])
@pytest.mark.parametrize("kind", KINDS)
def test_ranks_and_what_lies_under_values_are_those_of_sorted_draws(kind, size):
    rows = KINDS[kind]((16, size))
    sample, ordered, ranks = ExactSample(rows), np.sort(rows, axis=1), np.arange(7, size, 61)
    np.testing.assert_array_equal(sample.ranked(ranks), ordered[:, ranks])
    beyond = np.full((16, 1), 1e9)
    values = np.sort(np.hstack([KINDS[kind]((16, 300)), ordered[:, ::97], -beyond, beyond]), axis=1)
    expected = [np.searchsorted(row, v, "left") for row, v in zip(ordered, values, strict=True)]
    np.testing.assert_array_equal(sample.under(values), expected)
