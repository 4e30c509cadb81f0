"""The metalog: the random variable, and its family (Keelin 2016, The Metalog Distributions)."""

import math

import numpy as np

from ..base.numbers import shortest
from .derived import Transformed
from .fitting import Quantiles, need, percentile
from .random_variable import Array, RandomVariable
from .register import also, family

MOST_TERMS = 10  # Keelin goes on; beyond, the curve says more of the rounding than of the quantiles
SINGULAR = 1e9
REACH, STEP = 40.0, 0.01  # of the logits at which the slope is looked at


class Metalog(RandomVariable):
    """A metalog of three to ten terms: a1 + a2 logit(u) + a3 c logit(u) + a4 c + a5 c^2 + a6 c^2 logit(u) + ...

    c is u - 1/2 (Keelin 2016, eq. 6). In the logit it is A(c) + logit B(c), with polynomials A and B.
    """

    def __init__(self, *a: float):
        self.a = a
        self._plain = [a[i] for i in (0, 3, 4, 6, 8) if i < len(a)][::-1]  # A, highest power first
        self._logit = [a[i] for i in (1, 2, 5, 7, 9) if i < len(a)][::-1]  # B

    @staticmethod
    def terms(p: Array, upper: bool, count: int) -> list[Array]:
        """The first `count` basis functions at tail probability p."""
        p = np.asarray(p, dtype=float)
        sign = -1.0 if upper else 1.0
        logit, centred = sign * (np.log(p) - np.log1p(-p)), sign * (p - 0.5)
        found = [np.ones_like(p), logit, centred * logit, centred]
        for k in range(5, count + 1):
            power = centred ** ((k - 1) // 2)
            found.append(power if k % 2 else power * logit)
        return found[:count]

    def ppf(self, p: Array, upper: bool) -> Array:
        return sum(a * t for a, t in zip(self.a, self.terms(p, upper, len(self.a)), strict=True))

    def _value(self, logit: Array) -> Array:
        c = 0.5 * np.tanh(logit / 2.0)
        return np.polyval(self._plain, c) + logit * np.polyval(self._logit, c)

    def _slope(self, logit: Array) -> Array:
        """The derivative of the quantile function by the logit: its sign is that of the density."""
        c, spread = 0.5 * np.tanh(logit / 2.0), 0.25 / np.cosh(logit / 2.0) ** 2  # u - 1/2, and u (1 - u)
        inner = np.polyval(np.polyder(self._plain), c) + logit * np.polyval(np.polyder(self._logit), c)
        return inner * spread + np.polyval(self._logit, c)

    def falls_at(self) -> float | None:
        """A probability at which the quantile function does not increase; None where it increases everywhere."""
        logit = np.arange(-REACH, REACH + STEP / 2.0, STEP)
        slope = self._slope(logit)
        lowest = np.flatnonzero((slope[1:-1] <= slope[:-2]) & (slope[1:-1] <= slope[2:])) + 1
        finer = (
            logit[lowest][:, None] + np.linspace(-STEP, STEP, 41)
        ).ravel()  # between the points that were looked at
        logit, slope = np.concatenate([logit, finer]), np.concatenate([slope, self._slope(finer)])
        if not np.all(slope > 0.0):
            return float(1.0 / (1.0 + np.exp(-min(logit[slope <= 0.0], key=abs))))
        ends = [float(np.polyval(self._logit, c)) for c in (-0.5, 0.5)]
        return None if min(ends) >= 0.0 else float(np.argmin(ends))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        """By Newton steps in the logit, from a table; halved between its points where those do not arrive."""
        x = np.asarray(x, dtype=float)
        grid = np.linspace(-60.0, 60.0, 2401)
        at = self._value(grid)
        logit: Array = np.interp(x, at, grid)
        for _ in range(4):
            logit = np.clip(logit - (self._value(logit) - x) / self._slope(logit), -700.0, 700.0)
        if len(self.a) > 3:
            i = np.clip(np.searchsorted(at, x), 1, len(grid) - 1)
            low: Array = grid[i - 1]
            high: Array = grid[i]
            near = 1e-13 * (np.abs(x) + float(self._value(np.array(1.0)) - self._value(np.array(-1.0))))
            astray = (x > at[0]) & (x < at[-1]) & ~(np.abs(self._value(logit) - x) <= near)
            for _ in range(60 if np.any(astray) else 0):
                middle = 0.5 * (low + high)
                up = self._value(middle) < x
                low, high = np.where(up, middle, low), np.where(up, high, middle)
            logit = np.where(astray, high, logit)
        return 1.0 / (1.0 + np.exp(-logit)), 1.0 / (1.0 + np.exp(logit))


@family
def metalog(a1: float, a2: float, a3: float) -> RandomVariable:
    """Metalog: the continuous curve through three to ten quantiles, with bounds if given."""
    rv = Metalog(a1, a2, a3)
    need(
        rv.falls_at() is None,
        f"metalog: a1={shortest(a1)}, a2={shortest(a2)}, a3={shortest(a3)} "
        "is not monotone: a2 must exceed about 0.6 |a3|",
    )
    return rv


@also(metalog, example=("p10", "p50", "p90"), most=MOST_TERMS)
def _through_quantiles(quantiles: Quantiles, low: float | None = None, high: float | None = None) -> RandomVariable:
    floor = -math.inf if low is None else low
    ceiling = math.inf if high is None else high
    for p, x in quantiles.items():
        need(floor < x < ceiling, f"metalog: {percentile(p)}={shortest(x)} must lie between low and high")
    if low is None and high is not None:
        flipped = {1.0 - p: -x for p, x in reversed(quantiles.items())}
        return Transformed(_through_quantiles(flipped, low=-high), 0.0, -1.0)
    link = None if low is None else "log" if high is None else "logit"
    outer = Transformed(Metalog(0.0, 1.0, 0.0), link=link, low=low or 0.0, high=1.0 if high is None else high)
    rv = _curve({p: float(outer.inner(x)) for p, x in quantiles.items()})
    return rv if link is None else Transformed(rv, 0.0, 1.0, link, outer.low, outer.high)


def _curve(quantiles: Quantiles) -> Metalog:
    """The metalog of as many terms as there are quantiles; raises InputError where it is none.

    Seven quantiles that lie symmetrically about the median do not determine seven terms (four of them are odd
    functions about it, for three pairs): the eighth stands in for the seventh there.
    """
    count, y = len(quantiles), np.array(list(quantiles.values()))
    terms = np.array([[float(t) for t in Metalog.terms(p, False, count + 1)] for p in quantiles])
    taken = list(range(count))
    if count > 3 and np.linalg.cond(terms[:, :count]) > SINGULAR:
        taken[-1] = count
    a = np.zeros(count + 1)
    a[taken] = np.linalg.solve(terms[:, taken], y)
    if count > 3:  # what is 0 but for rounding would decide on the ends of the tails
        a = np.where(np.abs(a) < 1e-11 * np.max(np.abs(y)), 0.0, a)
    rv = Metalog(*a[: taken[-1] + 1].tolist())
    wrong = rv.falls_at()
    if count == 3:
        need(
            wrong is None,
            "metalog: these three quantiles give a curve that is not monotone; "
            "move the middle one towards the centre of the others, or give bounds",
        )
    need(
        wrong is None,
        f"metalog: the curve through these {count} quantiles is not monotone (it falls near its "
        f"{100.0 * (wrong or 0.0):.3g} % point): leave one out, or move them apart there",
    )
    return rv
