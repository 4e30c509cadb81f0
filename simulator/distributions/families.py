"""The families of distributions: marked functions from named parameters to a random variable.

To add one, write it here, or in `metalog` or `compound` beside; the notation, prior files and `--set`
know it from then on.
"""

import math
from functools import lru_cache

import numpy as np

from ..base.numbers import shortest
from . import compound, metalog
from .by_density import Beta, Gamma, StudentT
from .derived import Transformed, Triangular
from .distribution import Distribution
from .fitting import Quantiles, above, beta_search, fitted, inside, near, need, ordered, solve, through
from .notation import build, parse
from .random_variable import Normal, RandomVariable, Uniform
from .register import FAMILIES, also, describe, family

COARSE = 48  # intervals of a density while a fit is sought
__all__ = ["FAMILIES", "Distribution", "build", "compound", "describe", "metalog", "parse"]


@family
def normal(mean: float, sd: float) -> RandomVariable:
    """Normal: symmetric about its mean, and reaches below zero."""
    above("normal", sd=sd)
    return Transformed(Normal(), mean, sd)


@also(normal)
def _normal_quantiles(quantiles: Quantiles) -> RandomVariable:
    return through(Normal(), quantiles)


@family
def lognormal(mu: float, sigma: float) -> RandomVariable:
    """Lognormal: its logarithm is normal; positive, for what is uncertain by a factor."""
    above("lognormal", sigma=sigma)
    return Transformed(Normal(), mu, sigma, "log")


@also(lognormal)
def _lognormal_median(median: float, sigma: float) -> RandomVariable:
    above("lognormal", median=median, sigma=sigma)
    return Transformed(Normal(), math.log(median), sigma, "log")


@also(lognormal)
def _lognormal_moments(mean: float, sd: float) -> RandomVariable:
    above("lognormal", mean=mean, sd=sd)
    variance = math.log1p((sd / mean) ** 2)
    return Transformed(Normal(), math.log(mean) - variance / 2.0, math.sqrt(variance), "log")


@also(lognormal)
def _lognormal_quantiles(quantiles: Quantiles) -> RandomVariable:
    inside("lognormal", quantiles, 0.0)
    return through(Normal(), quantiles, "log")


@family
def logitnormal(mu: float, sigma: float, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    """Logit-normal: its logit is normal; between low and high (0 and 1)."""
    above("logitnormal", sigma=sigma)
    ordered("logitnormal", low=low, high=high)
    return Transformed(Normal(), mu, sigma, "logit", low, high)


@also(logitnormal)
def _logitnormal_median(median: float, sigma: float, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    ordered("logitnormal", low=low, median=median, high=high)
    return logitnormal(math.log((median - low) / (high - median)), sigma, low, high)


@also(logitnormal)
def _logitnormal_quantiles(quantiles: Quantiles, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    ordered("logitnormal", low=low, high=high)
    inside("logitnormal", quantiles, low, high)
    return through(Normal(), quantiles, "logit", low, high)


@also(logitnormal)
def _logitnormal_moments(mean: float, sd: float) -> Transformed:
    need(0.0 < mean < 1.0, f"logitnormal: mean={shortest(mean)} must lie between 0 and 1")
    most = math.sqrt(mean * (1.0 - mean))
    need(0.0 < sd < most, f"logitnormal: sd={shortest(sd)} must be above 0 and below {near(most, 4)} at this mean")
    if mean > 0.5:  # the mirror image, in which nothing is lost near 1
        mirrored = _logitnormal_moments(1.0 - mean, sd)
        return Transformed(Normal(), -mirrored.loc, mirrored.scale, "logit")
    z = np.linspace(-9.0, 9.0, 1441)
    weight = np.exp(-z * z / 2.0) / np.exp(-z * z / 2.0).sum()

    def residual(theta: np.ndarray) -> np.ndarray:
        x = 1.0 / (1.0 + np.exp(-(theta[0] + np.exp(theta[1]) * z)))
        m = float(weight @ x)
        return np.array([m / mean - 1.0, 0.5 * math.log(float(weight @ (x - m) ** 2)) - math.log(sd)])

    start = [math.log(mean / (1.0 - mean)), math.log(sd / mean / (1.0 - mean))]
    mu, log_sigma = fitted("logitnormal", solve(residual, start))
    return Transformed(Normal(), float(mu), float(np.exp(log_sigma)), "logit")


@family
def uniform(low: float, high: float) -> RandomVariable:
    """Uniform: every value between low and high equally likely."""
    ordered("uniform", low=low, high=high)
    return Transformed(Uniform(), low, high - low)


@also(uniform)
def _uniform_moments(mean: float, sd: float) -> RandomVariable:
    above("uniform", sd=sd)
    return uniform(mean - sd * math.sqrt(3.0), mean + sd * math.sqrt(3.0))


@also(uniform)
def _uniform_quantiles(quantiles: Quantiles) -> RandomVariable:
    return through(Uniform(), quantiles)


@family
def loguniform(low: float, high: float) -> RandomVariable:
    """Log-uniform: every factor between low and high equally likely."""
    above("loguniform", low=low)
    ordered("loguniform", low=low, high=high)
    return Transformed(Uniform(), math.log(low), math.log(high) - math.log(low), "log")


@also(loguniform)
def _loguniform_quantiles(quantiles: Quantiles) -> RandomVariable:
    inside("loguniform", quantiles, 0.0)
    return through(Uniform(), quantiles, "log")


@also(loguniform)
def _loguniform_moments(mean: float, sd: float) -> RandomVariable:
    above("loguniform", mean=mean, sd=sd)

    def residual(theta: np.ndarray) -> np.ndarray:  # theta: log of the logarithmic width w
        w = np.exp(theta)
        return np.log(w / 2.0 / np.tanh(w / 2.0)) / math.log1p((sd / mean) ** 2) - 1.0

    start = [0.5 * math.log(12.0 * math.log1p((sd / mean) ** 2))]
    w = float(np.exp(fitted("loguniform", solve(residual, start))[0]))
    low = math.log(mean * w) - w - math.log1p(-math.exp(-w))
    return Transformed(Uniform(), low, w, "log")


@family
def triangular(low: float, mode: float, high: float) -> RandomVariable:
    """Triangular: density rises from low to mode and falls to high."""
    ordered("triangular", low=low, high=high)
    need(low <= mode <= high, f"triangular: mode={shortest(mode)} must lie between low and high")
    return Triangular(low, mode, high)


@family
def pert(low: float, mode: float, high: float) -> RandomVariable:
    """PERT: a continuous triangular, the beta with mean (low + 4 mode + high) / 6."""
    ordered("pert", low=low, high=high)
    need(low <= mode <= high, f"pert: mode={shortest(mode)} must lie between low and high")
    share = (mode - low) / (high - low)
    return Transformed(Beta(1.0 + 4.0 * share, 5.0 - 4.0 * share), low, high - low)


@family
def beta(a: float, b: float, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    """Beta: shares and utilizations; between low and high (0 and 1)."""
    above("beta", a=a, b=b)
    ordered("beta", low=low, high=high)
    shape = f"beta: a={near(a)}, b={near(b)} must lie between 0.01 and 1e8"
    mean, sd = low + (high - low) * a / (a + b), (high - low) * math.sqrt(a * b / (a + b + 1.0)) / (a + b)
    need(max(a, b) <= 1e8, f"{shape}; beyond, normal(mean={near(mean, 10)}, sd={near(sd)}) is the same")
    weights = f"[{near(b / (a + b), 4)}, {near(a / (a + b), 4)}]"
    ends = f"choice(values=[{shortest(low)}, {shortest(high)}], weights={weights})"
    need(min(a, b) >= 1e-2, f"{shape}; below, almost all of it lies at its ends: {ends}")
    rv = Beta(a, b)
    return rv if (low, high) == (0.0, 1.0) else Transformed(rv, low, high - low)


@also(beta)
def _beta_moments(mean: float, sd: float, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    ordered("beta", low=low, mean=mean, high=high)
    m, s = (mean - low) / (high - low), sd / (high - low)
    most = math.sqrt(m * (1.0 - m))
    told = near(most * (high - low), 4)
    need(0.0 < s < most, f"beta: sd={shortest(sd)} must be above 0 and below {told} at this mean")
    size = m * (1.0 - m) / s**2 - 1.0
    return beta(m * size, (1.0 - m) * size, low, high)


@also(beta)
def _beta_quantiles(quantiles: Quantiles, low: float = 0.0, high: float = 1.0) -> RandomVariable:
    ordered("beta", low=low, high=high)
    inside("beta", quantiles, low, high)
    a, b = _beta_shape(tuple((p, (v - low) / (high - low)) for p, v in quantiles.items()))
    return beta(a, b, low, high)


@lru_cache(maxsize=64)
def _beta_shape(quantiles: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """The shape of the beta on [0, 1] through two quantiles."""
    z = [Normal().quantile(p) for p, _ in quantiles]
    y = [math.log(v / (1.0 - v)) for _, v in quantiles]
    wanted = [math.log(p / (1.0 - p)) for p, _ in quantiles]

    def residual(theta: np.ndarray) -> np.ndarray:
        if np.max(np.abs(theta)) > 20.0:
            return np.array([np.inf, np.inf])
        rv = Beta(float(np.exp(theta[0])), float(np.exp(theta[1])), COARSE)
        return np.array(
            [math.log(rv.mass_beyond(v, False) / rv.mass_beyond(v, True)) - w for v, w in zip(y, wanted, strict=True)]
        )

    slope = (y[1] - y[0]) / (z[1] - z[0])  # sd of logit(x), about
    centre = 1.0 / (1.0 + math.exp(-(y[0] - slope * z[0])))
    size = max(1.0 / (slope * slope * centre * (1.0 - centre)), 0.2)
    start = [math.log(max(size * centre, 0.05)), math.log(max(size * (1.0 - centre), 0.05))]
    found = solve(residual, start)
    if found is None and (searched := beta_search(quantiles)) is not None:
        found = solve(residual, searched.tolist())
        found = searched if found is None else found
    a, b = np.exp(fitted("beta", found)).tolist()
    return a, b


@family
def gamma(shape: float, scale: float) -> RandomVariable:
    """Gamma: positive and right-skewed, with a lighter tail than the lognormal."""
    above("gamma", shape=shape, scale=scale)
    mean, sd = shape * scale, math.sqrt(shape) * scale
    told, moments = f"gamma: shape={near(shape)} must lie between 0.01 and 1e6", f"mean={near(mean, 10)}, sd={near(sd)}"
    need(shape <= 1e6, f"{told}; beyond, normal({moments}) is the same")
    need(shape >= 1e-2, f"{told}; below, almost all of it lies at 0: lognormal({moments}) spreads so far")
    return Transformed(Gamma(shape), 0.0, scale)


@also(gamma)
def _gamma_moments(mean: float, sd: float) -> RandomVariable:
    above("gamma", mean=mean, sd=sd)
    return gamma((mean / sd) ** 2, sd * sd / mean)


@also(gamma)
def _gamma_quantiles(quantiles: Quantiles) -> RandomVariable:
    inside("gamma", quantiles, 0.0)
    (p, x), (q, y) = quantiles.items()
    z = [Normal().quantile(v) for v in (p, q)]

    def residual(theta: np.ndarray) -> np.ndarray:
        if not -4.7 < theta[0] < 13.9:
            return np.array([np.inf])
        rv = Gamma(float(np.exp(theta[0])), intervals=COARSE)
        return np.array([math.log(rv.quantile(q) / max(rv.quantile(p), 1e-300)) / math.log(y / x) - 1.0])

    start = [2.0 * math.log((z[1] - z[0]) / math.log(y / x))]
    shape = float(np.exp(fitted("gamma", solve(residual, [min(max(start[0], -1.0), 13.0)]))[0]))
    return gamma(shape, y / Gamma(shape).quantile(q))


@family
def student_t(df: float, loc: float, scale: float) -> RandomVariable:
    """Student's t: a normal with heavy tails; its mean needs df above 1."""
    above("student_t", df=df, scale=scale)
    need(0.1 <= df <= 1e8, f"student_t: df={shortest(df)} must lie between 0.1 and 1e8")
    return Transformed(StudentT(df), loc, scale)


@also(student_t)
def _student_t_quantiles(df: float, quantiles: Quantiles) -> RandomVariable:
    student_t(df, 0.0, 1.0)
    return through(StudentT(df), quantiles)


@also(student_t)
def _student_t_moments(df: float, mean: float, sd: float) -> RandomVariable:
    need(df > 2.0, f"student_t: df={shortest(df)} has no sd; it needs df above 2")
    return student_t(df, mean, sd * math.sqrt((df - 2.0) / df))
