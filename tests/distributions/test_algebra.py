"""Sums and products with distributions, where they are exact in closed form."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.base.errors import InputError
from simulator.distributions.families import parse

P = np.concatenate([np.logspace(-6, -1, 30), np.linspace(0.11, 0.5, 20)])
SHIFTED = stats.lognorm(0.5, scale=3)
# text, what it is written as, and its quantile at a lower tail probability p (u is 1 - p, exactly)
EXACT = {
    "0.5 + lognormal(median=3, sigma=0.5)": (None, lambda p: 0.5 + SHIFTED.ppf(p)),
    "lognormal(median=3, sigma=0.5) / 4 + 1": (
        "1 + 0.25 * lognormal(median=3, sigma=0.5)",
        lambda p: 1 + SHIFTED.ppf(p) / 4,
    ),
    "1 - beta(a=2, b=3)": (None, lambda p: 1 - stats.beta(2, 3).isf(p)),
    "1 / uniform(low=1, high=2)": (None, lambda p: 1 / (2 - p)),
    "-1 / uniform(low=1, high=2)": (None, lambda p: -1 / (1 + p)),
    "3 / (0.5 + gamma(shape=2, scale=1))": (None, lambda p: 3 / (0.5 + stats.gamma(2).isf(p))),
    "1 / (2 * uniform(low=1, high=2))": ("0.5 / uniform(low=1, high=2)", lambda p: 0.5 / (2 - p)),
    "2 * lognormal(mu=0, sigma=3) / lognormal(mu=1, sigma=4)": (
        f"lognormal(mu={math.log(2) - 1!r}, sigma=5)",
        lambda p: stats.lognorm(5, scale=2 / math.e).ppf(p),
    ),
    "1 + normal(mean=1, sd=3) - 2 * normal(mean=2, sd=2)": (
        "normal(mean=-2, sd=5)",
        lambda p: stats.norm(-2, 5).ppf(p),
    ),
    "1 / lognormal(median=4, sigma=0.5)": (None, lambda p: stats.lognorm(0.5, scale=0.25).ppf(p)),
}


@pytest.mark.parametrize("text", EXACT)
def test_what_is_reckoned_is_exact_and_reads_back(text):
    written, quantile = EXACT[text]
    made = parse(text)
    assert made.text == (written or text)
    again = parse(made.text)
    assert (again.text, again.quantile(0.123)) == (made.text, made.quantile(0.123))
    for rv in (made.rv.ppf, made.rv.ppf_exact):
        np.testing.assert_allclose(rv(P, False), quantile(P), rtol=1e-9)
    x = quantile(P)
    np.testing.assert_allclose(made.rv.cdf_sf(x)[0], P, rtol=1e-7)
    np.testing.assert_allclose(made.rv.cdf_sf(x)[1], 1 - P, rtol=1e-7)
    np.testing.assert_allclose(made.rv.ppf(made.rv.tail(x, True), True), x, rtol=1e-7)


@pytest.mark.parametrize("text", ["1 / choice(values=[1, 2, 4], weights=[0.2, 0.3, 0.5])", "1 / {}", "0.1 + 0.3 * {}"])
def test_what_has_a_probability_of_its_own_keeps_it(text):
    mixed = "mixture(a=choice(values=[1, 2, 4], weights=[0.2, 0.3, 0.5]), b=uniform(low=5, high=6), weights=[0.5, 0.5])"
    made = parse(text.format(mixed))
    share = 0.5 if "{}" in text else 1.0
    values = 0.1 + 0.3 * np.array([1, 2, 4]) if "+" in text else 1 / np.array([1, 2, 4])
    for value, weight in zip(values, [0.2, 0.3, 0.5], strict=True):
        assert float(made.rv.atom(value)) == pytest.approx(share * weight)
    below, above = made.rv.cdf_sf(values[1])
    assert float(below) == pytest.approx(1 - share + share * 0.8 if "/" in text else share * 0.5)
    assert float(below + above) == pytest.approx(1.0)
    assert set(values) <= set(made.rv.atoms())


def test_the_mirror_image_of_a_mixture_has_its_atoms_on_the_right_side():
    mixed = "mixture(a=choice(values=[1, 2], weights=[0.5, 0.5]), b=uniform(low=5, high=6), weights=[0.5, 0.5])"
    for text, values in {
        f"1 - {mixed}": [-1, 0],
        f"-1 / {mixed}": [-1, -0.5],
        f"1 / (-1 * {mixed})": [-1, -0.5],
    }.items():
        below, above = parse(text).rv.cdf_sf(np.array(values, dtype=float))
        lowest = 0.5 if text.startswith("1 -") else 0.0
        np.testing.assert_allclose(below, [lowest + 0.25, lowest + 0.5])
        np.testing.assert_allclose(below + above, 1.0)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("uniform(low=1, high=2) * uniform(low=1, high=2)", "has no closed form"),
        ("-1 * lognormal(p5=1, p95=2) * lognormal(p5=1, p95=2)", "has no closed form"),
        ("lognormal(p5=1, p95=2) + 1 + lognormal(p5=1, p95=2)", "has no closed form"),
        ("1 / uniform(low=-1, high=1)", "must lie above 0, or all below 0"),
        ("1 / choice(values=[0, 1], weights=[0.5, 0.5])", "must lie above 0"),
        ("uniform(low=1/3, high=2)", "reckons with numbers alone"),
        ("lognormal(p5=1, p95=2) / 0", "divides by 0"),
        ("0 * lognormal(p5=1, p95=2)", "is not finite"),
        ("'a' * lognormal(p5=1, p95=2)", "only numbers and distributions"),
        ("1 + lognormal(p5=1, p95=2) +", "cannot be read to its end"),
    ],
)
def test_what_has_no_closed_form_is_refused_in_one_line(text, part):
    with pytest.raises(InputError, match=part) as caught:
        parse(text)
    assert len(caught.value.lines) == 1


def test_thousands_of_factors_and_terms_cost_what_one_does():
    assert parse("2 * " * 900 + "1e-250 * lognormal(p5=1, p95=2)").base is not None
    assert parse("1 + " * 9000 + "lognormal(p5=1, p95=2)").text == "9e3 + lognormal(p5=1, p95=2)"
