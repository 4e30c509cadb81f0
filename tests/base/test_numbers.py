"""Numbers as people read them: no exponent as a computer prints it."""

import math

import pytest

from simulator.base.numbers import figures, readable, rough


@pytest.mark.parametrize(
    ("value", "mcse", "shown"),
    [
        (1600, math.nan, "~1,600"),
        (123456, math.nan, "~120,000"),
        (0.0163, math.nan, "~0.016"),
        (3.2e25, math.nan, "~3.2e25"),
        (12.34e6, math.nan, "~12 million"),
        (200, 1000, "200 ± 1,000"),
        (-200, 1000, "-200 ± 1,000"),
        (99.6, 300, "100 ± 300"),
        (0.5, 7, "0.5 ± 7"),
        (1e-7, 1e-6, "(1 ± 10)e-7"),
        (2.4e25, 1e26, "(2 ± 10)e25"),
        (1.5e6, 33e6, "2 ± 30 million"),
    ],
)
def test_few_digits_are_written_as_people_write_them(value, mcse, shown):
    assert readable(value, mcse) == shown


ROUGH = [
    (0, 2, "0"),
    (1.3e-5, 2, "1.3e-5"),
    (1e-9, 2, "1e-9"),
    (0.0996, 1, "0.1"),
    (0.023, 3, "0.023"),
    (9.99e4, 2, "100,000"),
    (1e20, 1, "1e20"),
]


@pytest.mark.parametrize(("value", "digits", "shown"), ROUGH)
def test_a_rough_number(value, digits, shown):
    assert rough(value, digits) == shown


@pytest.mark.parametrize("value", [10.0**k * f for k in range(-12, 20) for f in (1.0, 2.55, -9.96)])
@pytest.mark.parametrize("mcse", [math.nan, 0.0, 0.3, 2.0, 40.0])
def test_no_exponent_is_written_with_a_sign_and_zeros(value, mcse):
    for text in (readable(value, mcse * abs(value)), figures(value, mcse * abs(value))):
        assert "e+" not in text
        assert "e0" not in text
        assert "e-0" not in text
