"""Units as people write them."""

import pytest

from simulator.base.errors import InputError
from simulator.compute.units import factor


@pytest.mark.parametrize(
    ("unit", "target", "value"),
    [
        ("week", "day", 7),
        ("month", "day", 30),
        ("year", "day", 365),
        ("months", "day", 30),
        ("ZFLOP", "FLOP", 1e21),
        ("YFLOP", "FLOP", 1e24),
        ("petaflop/s-day", "FLOP", 8.64e19),
        ("petaflop/s-days", "FLOP", 8.64e19),
        ("PFLOP/s day", "FLOP", 8.64e19),
        ("million petaflop/s-day", "FLOP", 8.64e25),
        ("exaflop/s", "FLOP/s", 1e18),
        ("percent", "1", 0.01),
        ("%", "1", 0.01),
        ("video_minute/month", "video_minute/day", 1 / 30),
        ("kW-hour", "MWh", 1e-3),
    ],
)
def test_a_unit_and_its_factor(unit, target, value):
    assert factor(unit, target) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("unit", ["petaflop/s", "fortnight", "s-", "-day", "day-2", "decade"])
def test_what_is_no_amount_of_operations_is_refused(unit):
    with pytest.raises(InputError, match=r"another dimension|is not known"):
        factor(unit, "FLOP")
