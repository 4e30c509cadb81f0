"""Tables of quantiles whose deep cells are filled when a point first lies in them."""

import threading

import numpy as np
import pytest

from simulator.distributions.families import parse
from simulator.engine.sampling.quantile_table import QuantileTable

TEXTS = (
    "lognormal(p5=8e9, p95=60e9)",
    "beta(a=0.6, b=0.7)",
    "gamma(shape=0.05, scale=2)",
    "choice(values=[1, 2, 5], weights=[0.2, 0.3, 0.5])",
    "clip(prior=normal(mean=0.4, sd=0.2), low=0, high=0.7)",
    "3 - student_t(df=3, p5=1, p95=2)",
)
DEEPEST = np.array([0, -1], dtype=np.int32)  # the points of the two ends
BLOCKS = [np.int32(1) << np.arange(low, low + 4, dtype=np.int32) for low in range(27, -1, -4)]  # ever deeper


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_filled_when_it_is_asked_for_is_what_is_filled_at_once(text):
    bit_by_bit, whole = QuantileTable(parse(text)), QuantileTable(parse(text))
    whole(DEEPEST)
    for block in BLOCKS:
        for points in (block, ~block, np.stack([block, ~block])):
            np.testing.assert_array_equal(bit_by_bit(points), whole(points))
    assert bit_by_bit(DEEPEST[:0]).shape == (0,)


def test_deep_cells_are_filled_for_deep_points_alone(monkeypatch):
    asked = list[float]()
    distribution = parse("gamma(shape=2, scale=1)")
    kind, fast = type(distribution.rv), type(distribution.rv).ppf_fast
    monkeypatch.setattr(kind, "ppf_fast", lambda rv, p, upper: asked.append(float(np.min(p))) or fast(rv, p, upper))
    table = QuantileTable(distribution)
    table(np.array([1 << 20, ~(1 << 20)], dtype=np.int32))
    assert min(asked) >= 2.0**-18
    table(DEEPEST)
    assert min(asked) <= 2.0**-32


def test_threads_that_meet_at_a_cell_that_is_being_filled_have_its_value():
    distribution, points = parse("lognormal(p5=8e9, p95=60e9)"), np.arange(-(1 << 14), 1 << 14, dtype=np.int32)
    whole = QuantileTable(distribution)
    expected = whole(points)
    for _ in range(150):
        table, ready, found = QuantileTable(distribution), threading.Barrier(4), list[np.ndarray]()

        def ask(table=table, ready=ready, found=found):
            ready.wait()
            for part in np.split(points, 16):
                found.append((part, table(part)))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for part, values in found:
            np.testing.assert_array_equal(values, expected[part + (1 << 14)])
