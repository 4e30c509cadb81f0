"""Metalogs through many quantiles, against the definition written out; percentiles with decimals."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.base.errors import InputError
from simulator.distributions.families import build, parse


def keelin(y, count):
    """Keelin (2016), equation 6 and the terms that follow it, written out one by one."""
    u, v = y, 1 - y
    logit, c = np.log(u / v), u - 0.5
    every = [y * 0 + 1, logit, c * logit, c, c**2, c**2 * logit, c**3, c**3 * logit, c**4, c**4 * logit]
    return np.array(every[:count]).T


TEN = [0.01, 0.05, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95, 0.99]
SHAPES = {
    3: ([0.1, 0.5, 0.9], stats.gumbel_r(3, 2)),
    4: ([0.05, 0.25, 0.75, 0.95], stats.gumbel_r(3, 2)),
    5: ([0.025, 0.25, 0.5, 0.75, 0.975], stats.norm(3, 2)),
    6: ([0.005, 0.1, 0.4, 0.6, 0.9, 0.995], stats.gumbel_r(3, 2)),
    7: ([0.01, 0.05, 0.2, 0.4, 0.7, 0.9, 0.99], stats.norm(3, 2)),
    8: ([0.01, 0.05, 0.25, 0.4, 0.6, 0.75, 0.95, 0.99], stats.logistic(3, 2)),
    9: (TEN[:9], stats.norm(3, 2)),
    10: (TEN, stats.gumbel_r(3, 2)),
}
Y = np.concatenate([np.logspace(-4, -1, 20), np.linspace(0.1, 0.9, 41), 1 - np.logspace(-1, -4, 20)])


def through(probabilities, values, **more):
    return build("metalog", {f"p{100 * p:.6g}": float(x) for p, x in zip(probabilities, values, strict=True)} | more)


@pytest.mark.parametrize("count", SHAPES)
@pytest.mark.parametrize("bounds", [{}, {"low": -40.0}, {"high": 60.0}, {"low": -40.0, "high": 60.0}], ids=str)
def test_a_metalog_is_the_ordinary_one_through_its_quantiles(count, bounds):
    y, twin = np.array(SHAPES[count][0]), SHAPES[count][1]
    x = twin.ppf(y)
    made = through(y, x, **bounds)
    low, high = bounds.get("low"), bounds.get("high")
    if low is not None and high is not None:
        link, back = lambda x: np.log((x - low) / (high - x)), lambda z: low + (high - low) / (1 + np.exp(-z))
    elif low is not None:
        link, back = lambda x: np.log(x - low), lambda z: low + np.exp(z)
    elif high is not None:
        link, back = lambda x: -np.log(high - x), lambda z: high - np.exp(-z)
    else:
        link = back = lambda x: x
    a = np.linalg.solve(keelin(y, count), link(x))
    expected = back(keelin(Y, count) @ a)
    np.testing.assert_allclose([made.quantile(p) for p in Y], expected, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(made.rv.cdf_sf(expected)[0], Y, rtol=1e-6)
    np.testing.assert_allclose(made.rv.cdf_sf(expected)[1], 1 - Y, rtol=1e-6)
    assert parse(made.text).text == made.text


@pytest.mark.parametrize("twin", [stats.norm(3, 2), stats.gumbel_r(3, 2), stats.t(5, 3, 2)])
def test_seven_symmetric_quantiles_determine_a_curve(twin):
    """With seven terms of the ordinary order the equations are singular: of four odd terms, for three pairs."""
    y = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    assert np.linalg.cond(keelin(y, 7)) > 1e14
    made = through(y, twin.ppf(y))
    assert [made.quantile(p) for p in y] == pytest.approx(twin.ppf(y), rel=1e-9)
    between = np.linspace(0.005, 0.995, 100)
    error = np.array([made.quantile(p) for p in between]) - twin.ppf(between)
    assert np.abs(error).max() < 0.02 * (twin.ppf(0.99) - twin.ppf(0.01))


def test_the_terms_find_what_they_hold():
    """Through the quantiles of a logistic and of a uniform a metalog is one: no wiggle is added."""
    for twin in (stats.logistic(3, 2), stats.uniform(1, 4)):
        made = through(TEN[:5], twin.ppf(TEN[:5]))
        np.testing.assert_allclose(made.rv.ppf(Y, False), twin.ppf(Y), rtol=1e-7)


@pytest.mark.parametrize(
    "text",
    [
        "metalog(p5=1, p25=2, p50=2.01, p75=5, p95=9)",
        "metalog(p1=0, p10=1, p25=1.1, p50=4, p75=4.1, p85=6, p99=7)",
        "metalog(p10=1, p45=4.9, p50=5, p55=10, p90=11)",
    ],
)
def test_a_curve_that_falls_is_refused(text):
    """Seen from outside: the slope of Keelin's curve is below 0 somewhere."""
    pairs = [part.split("=") for part in text[8:-1].split(", ")]
    y, x = (np.array([float(p[i].lstrip("p")) for p in pairs]) for i in (0, 1))
    fine = np.linspace(0.001, 0.999, 9999)
    curve = keelin(fine, len(y)) @ np.linalg.solve(keelin(y / 100, len(y)), x)
    assert np.diff(curve).min() < 0
    with pytest.raises(InputError, match="not monotone") as caught:
        parse(text)
    near = float(caught.value.lines[0].split("near its ")[1].split(" %")[0]) / 100
    assert np.diff(curve)[np.searchsorted(fine, near)] < 0


@pytest.mark.parametrize("shift", [-1e-3, 1e-3, 1e-9])
def test_the_check_of_the_slope_is_sharp(shift):
    """a4 = -1 - shift turns the slope at the middle, 4 a2 + a4 there for a2 = 1/4, to the one side or the other."""
    y = np.array([0.1, 0.4, 0.6, 0.9])
    x = keelin(y, 4) @ np.array([0.0, 0.25, 0.0, -1.0 + shift])
    if shift < 0:
        with pytest.raises(InputError, match=r"not monotone|is not below"):
            through(y, x)
    else:
        made = through(y, x)
        assert made.quantile(0.5) == pytest.approx(0.0, abs=1e-12)
        at = made.rv.ppf(
            np.concatenate([Y, np.linspace(0.49, 0.51, 41)]), False
        )  # nearly flat at the middle, where Newton's steps go astray
        np.testing.assert_allclose(made.rv.ppf(made.rv.cdf_sf(at)[0], False), at, atol=1e-12)


def test_eleven_quantiles_are_too_many():
    with pytest.raises(InputError, match=r"metalog\(p10=.., p50=.., p90=.., ..."):
        through([*TEN, 0.995], stats.norm.ppf([*TEN, 0.995]))


Z = stats.norm.ppf(0.975)


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("lognormal(p2.5=8e9, p97.5=60e9)", stats.lognorm(math.log(7.5) / 2 / Z, scale=math.sqrt(8e9 * 60e9))),
        ("normal(p0.5=-1, p99.5=3)", stats.norm(1, 2 / stats.norm.ppf(0.995))),
        ("uniform(p0.1=0.1, p99.9=99.9)", stats.uniform(0, 100)),
    ],
)
def test_percentiles_may_have_decimals(text, twin):
    made = parse(text)
    p = np.array([0.005, 0.025, 0.3, 0.9, 0.995])
    np.testing.assert_allclose([made.quantile(x) for x in p], twin.ppf(p), rtol=1e-9)
    assert parse(made.text).text == made.text == text.replace("60e9", "6e10")


@pytest.mark.parametrize(
    ("name", "given"),
    [("beta", (0.3, 0.6)), ("gamma", (1.0, 4.0)), ("logitnormal", (0.1, 0.2)), ("loguniform", (1.0, 2.0))],
)
def test_every_family_takes_them(name, given):
    made = build(name, {"p2.5": given[0], "p97.5": given[1]})
    assert [made.quantile(0.025), made.quantile(0.975)] == pytest.approx(given, rel=1e-7)


def test_one_percentile_has_one_name():
    assert parse("lognormal(p2.50=1, p97.500=2)").text == "lognormal(p2.5=1, p97.5=2)"
    assert parse("lognormal(p5.0=1, p95=2)").text == "lognormal(p5=1, p95=2)"
    for text, part in {
        "lognormal(p5=1, p5.0=2)": "p5 stands twice",
        "lognormal(p2.5=9, p97.5=2)": "p2.5=9 is not below p97.5=2",
        "lognormal(p0=1, p95=2)": "p0.001 to p99.999",
        "lognormal(p0.0=1, p95=2)": "p0.001 to p99.999",
        "lognormal(p2.5555=1, p95=2)": "p0.001 to p99.999",
        "beta(p2.5=0.3, p97.5=1.6)": "p97.5=1.6 must lie between 0 and 1",
    }.items():
        with pytest.raises(InputError, match=part):
            parse(text)


def test_its_density_is_one():
    made = through(TEN, stats.gumbel_r(3, 2).ppf(TEN))
    x = np.array([made.quantile(0.001), made.quantile(0.999)])
    slope = lambda at: (made.rv.cdf_sf(at + 1e-5)[0] - made.rv.cdf_sf(at - 1e-5)[0]) / 2e-5  # noqa: E731
    assert integrate.quad(slope, *x, limit=200)[0] == pytest.approx(0.998, abs=1e-4)
