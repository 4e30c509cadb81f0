"""Counts in cells: of few bits while these suffice, and of more from there on."""

import numpy as np
import pytest

from simulator import simulate
from simulator.statistics.histogram import FEW, HistogramSample
from simulator.statistics.summary import summarize


@pytest.mark.parametrize("ties", [False, True])
def test_no_count_is_lost_where_a_cell_outgrows_its_bits(ties):
    """A value that 100,000 draws of a replicate share, one that 5,000 do, and others; in blocks, and merged."""
    rng = np.random.default_rng(7)
    body = [np.full(100_000, 5.0), np.full(5_000, 1e5)]
    draws = [np.concatenate([*body, 1e9 * rng.lognormal(size=45_000)]) for _ in range(3)]
    sample = HistogramSample(3, 150_000, ties)
    for replicate, x in enumerate(draws):
        for block in np.array_split(rng.permutation(x), 7):
            sample.add(replicate, block)
    kinds = {counts.dtype for counts in sample._counts.values()}
    assert kinds == {*map(np.dtype, FEW), np.dtype(np.int32)}
    twice = HistogramSample(3, 300_000, ties)
    twice.merge(sample.state())
    twice.merge(sample.state())
    assert sample.above(6.0).tolist() == [50_000] * 3
    assert twice.above(6.0).tolist() == [100_000] * 3
    assert sample.above(4.0).tolist() == [150_000] * 3
    whole, each = sample.quantile(0.9)
    assert whole == pytest.approx(np.quantile(np.concatenate(draws), 0.9), rel=1e-3)
    assert each == pytest.approx([np.quantile(x, 0.9) for x in draws], rel=1e-3)


def test_what_a_histogram_holds_beside_its_counts_goes_once_it_is_summarized(monkeypatch):
    """Edges and sums of cells are as large as the counts of many quantities; the answers stay, and others come anew."""
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 16_000)
    run = simulate(draws=64_000, keep=0)
    first = run.summary()
    held = list(run.samples.values())
    assert {type(sample) for sample in held} == {HistogramSample}
    assert all(sample._held is None for sample in held)
    again = summarize("x", "1", "", held[0], 64_000)
    assert (again.median, again.low) == (first[0].median, first[0].low)
    assert held[0]._held is None
    assert held[0].above(first[0].median.value).sum() == pytest.approx(32_000, abs=200)


def test_what_is_counted_after_an_answer_changes_it():
    sample = HistogramSample(1, 3_000, ties=False)
    sample.add(0, np.linspace(1.0, 2.0, 1_000))
    assert sample.quantile(0.5)[0] == pytest.approx(1.5, rel=1e-3)
    sample.add(0, np.linspace(10.0, 20.0, 2_000))
    assert sample.quantile(0.5)[0] == pytest.approx(12.5, rel=1e-2)


@pytest.mark.parametrize("ties", [False, True])
def test_what_is_infinite_is_counted_as_that(ties):
    sample = HistogramSample(2, 1000, ties)
    for replicate in range(2):
        sample.add(replicate, np.append(np.linspace(1.0, 2.0, 700), np.full(300, np.inf)))
    sample.totals = np.full(2, np.inf)
    assert sample.above(np.finfo(float).max).tolist() == [300, 300]
    assert sample.quantile(0.9)[0] == np.inf
    assert sample.quantile(0.5)[0] == pytest.approx(1.0 + 0.5 / 0.7, rel=1e-3)
