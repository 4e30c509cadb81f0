"""The metalog: the random variable, and its family."""

import math

import numpy as np

from ..base.numbers import shortest
from .derived import Transformed
from .fitting import Quantiles, need
from .random_variable import Array, RandomVariable
from .register import also, family


class Metalog(RandomVariable):
    """Three-term metalog a1 + a2 logit(u) + a3 (u - 1/2) logit(u) (Keelin 2016, eq. 6)."""

    def __init__(self, a1: float, a2: float, a3: float):
        self.a = (a1, a2, a3)

    @staticmethod
    def terms(p: Array, upper: bool) -> tuple[Array, Array, Array]:
        """The three basis functions at tail probability p."""
        p = np.asarray(p, dtype=float)
        sign = -1.0 if upper else 1.0
        logit = sign * (np.log(p) - np.log1p(-p))
        return np.ones_like(p), logit, sign * (p - 0.5) * logit

    def ppf(self, p: Array, upper: bool) -> Array:
        return sum(a * t for a, t in zip(self.a, self.terms(p, upper), strict=True))

    def monotone(self) -> bool:
        """Whether the quantile function increases everywhere: its slope times u(1-u) is positive."""
        _, a2, a3 = self.a
        u = 1.0 / (1.0 + np.exp(-np.linspace(-40.0, 40.0, 8001)))
        slope = a2 + a3 * ((u - 0.5) + u * (1.0 - u) * np.log(u / (1.0 - u).clip(1e-300)))
        return bool(np.all(slope > 0.0) and a2 > abs(a3) / 2.0)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        """By Newton steps in the logit, from a table: the quantile function is nearly linear in it."""
        a1, a2, a3 = self.a
        x = np.asarray(x, dtype=float)
        grid = np.linspace(-60.0, 60.0, 2401)

        def value(logit: Array) -> Array:
            return a1 + logit * (a2 + 0.5 * a3 * np.tanh(logit / 2.0))

        logit = np.interp(x, value(grid), grid)
        for _ in range(4):
            half = np.tanh(logit / 2.0)
            slope = a2 + 0.5 * a3 * (half + 0.5 * logit * (1.0 - half * half))
            logit = np.clip(logit - (value(logit) - x) / slope, -700.0, 700.0)
        return 1.0 / (1.0 + np.exp(-logit)), 1.0 / (1.0 + np.exp(logit))


@family
def metalog(a1: float, a2: float, a3: float) -> RandomVariable:
    """Metalog: the continuous curve through three quantiles, with bounds if given."""
    rv = Metalog(a1, a2, a3)
    need(
        rv.monotone(),
        f"metalog: a1={shortest(a1)}, a2={shortest(a2)}, a3={shortest(a3)} "
        "is not monotone: a2 must exceed about 0.6 |a3|",
    )
    return rv


@also(metalog, example=("p10", "p50", "p90"))
def _through_quantiles(quantiles: Quantiles, low: float | None = None, high: float | None = None) -> RandomVariable:
    floor = -math.inf if low is None else low
    ceiling = math.inf if high is None else high
    for p, x in quantiles.items():
        need(floor < x < ceiling, f"metalog: p{p * 100:.0f}={shortest(x)} must lie between low and high")
    if low is None and high is not None:
        flipped = {1.0 - p: -x for p, x in reversed(quantiles.items())}
        return Transformed(_through_quantiles(flipped, low=-high), 0.0, -1.0)
    link = None if low is None else "log" if high is None else "logit"
    outer = Transformed(Metalog(0.0, 1.0, 0.0), link=link, low=low or 0.0, high=1.0 if high is None else high)
    y = [float(outer.inner(x)) for x in quantiles.values()]
    rows = [[float(t) for t in Metalog.terms(p, False)] for p in quantiles]
    rv = Metalog(*np.linalg.solve(np.array(rows), np.array(y)).tolist())
    need(
        rv.monotone(),
        "metalog: these three quantiles give a curve that is not monotone; "
        "move the middle one towards the centre of the others, or give bounds",
    )
    return rv if link is None else Transformed(rv, 0.0, 1.0, link, outer.low, outer.high)
