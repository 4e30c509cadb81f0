"""Counts in cells: of few bits while these suffice, and of more from there on."""

import numpy as np
import pytest

from simulator.statistics.histogram import FIRST, HistogramSample


@pytest.mark.parametrize("ties", [False, True])
def test_no_count_is_lost_where_a_cell_outgrows_its_bits(ties):
    """A value that 100,000 draws of a replicate share, beside others that none shares; in blocks, and merged."""
    rng = np.random.default_rng(7)
    draws = [np.concatenate([np.full(100_000, 5.0), 1e9 * rng.lognormal(size=50_000)]) for _ in range(3)]
    sample = HistogramSample(3, 150_000, ties)
    for replicate, x in enumerate(draws):
        for block in np.array_split(rng.permutation(x), 7):
            sample.add(replicate, block)
    kinds = {counts.dtype for counts in sample._counts.values()}
    assert kinds == {np.dtype(FIRST), np.dtype(np.int32)}
    twice = HistogramSample(3, 300_000, ties)
    twice.merge(sample.state())
    twice.merge(sample.state())
    assert sample.above(6.0).tolist() == [50_000] * 3
    assert twice.above(6.0).tolist() == [100_000] * 3
    assert sample.above(4.0).tolist() == [150_000] * 3
    whole, each = sample.quantile(0.9)
    assert whole == pytest.approx(np.quantile(np.concatenate(draws), 0.9), rel=1e-3)
    assert each == pytest.approx([np.quantile(x, 0.9) for x in draws], rel=1e-3)
