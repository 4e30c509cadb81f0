"""Random variables: quantile functions that stay accurate in both tails.

One answers `ppf(p, upper)`: the value beyond which the lower (or upper) tail holds probability p.
Probabilities are never given as 1 - p, so nothing is lost near 1. The default path needs no scipy:
`ppf` is numpy alone; `ppf_exact` and `cdf_sf` call scipy.special, as twin and for what is rare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any  # a float or an ndarray of floats
INF = float("inf")
DEEPEST = 2.0**-33  # the smallest tail probability that a 32-bit point can ask for


class RandomVariable:
    """A distribution on the real line; `support` is the closed range of its values."""

    support: tuple[float, float] = (-INF, INF)
    continuous = True  # False where the quantile function may jump

    def ppf(self, p: Array, upper: bool) -> Array:
        """The value with tail probability `p` in (0, 1) below it (`upper`: above it)."""
        raise NotImplementedError

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        """As `ppf`, to about 1e-8 where that saves time: what the tables of draws are made from."""
        return self.ppf(p, upper)

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        """As `ppf`, through scipy.special where a special function is involved."""
        return self.ppf(p, upper)

    def quantile(self, p: float) -> float:
        """The value below which a probability `p` in (0, 1) lies, from the nearer tail."""
        return float(self.ppf(p, False) if p <= 0.5 else self.ppf(1.0 - p, True))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        """P(X <= x) and P(X > x), each accurate on its own."""
        raise NotImplementedError

    def tail(self, x: Array, upper: bool) -> Array:
        """One of the two of `cdf_sf`, where that saves time."""
        return self.cdf_sf(x)[upper]

    def mass_below(self, x: float) -> float:
        """P(X < x)."""
        return float(self.tail(x, False) - self.atom(x))

    def mass_above(self, x: float) -> float:
        """P(X > x)."""
        return float(self.tail(x, True))

    def atom(self, x: Array) -> Array:
        """P(X = x): zero but for random variables with steps."""
        return np.zeros(np.shape(x))

    def atoms(self) -> np.ndarray:
        """The values that have a probability of their own, ascending."""
        return np.empty(0)


# AS 241 (Wichura 1988), PPND16: rational functions in three ranges, highest power first.
_CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852545925,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_MIDDLE = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)


def _ratio(pair: tuple[Sequence[float], Sequence[float]], r: Array) -> Array:
    return np.polyval(pair[0], r) / np.polyval(pair[1], r)


def normal_tail(p: Array) -> Array:
    """z >= 0 with standard normal tail probability p <= 1/2 (Wichura 1988, AS 241; 1e-16)."""
    p = np.asarray(p, dtype=float)
    q = 0.5 - p
    r = np.sqrt(-np.log(np.minimum(p, 0.5)))
    centre = q * _ratio(_CENTRE, 0.180625 - q * q)
    tail = np.where(r <= 5.0, _ratio(_MIDDLE, r - 1.6), _ratio(_FAR, r - 5.0))
    return np.where(q <= 0.425, centre, tail)


_FIXED: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by the identity of an array, which is held here


def fixed(p: np.ndarray) -> np.ndarray:
    """Mark an array of probabilities as one that will not change: its `normal_tail` is worked out once."""
    p.flags.writeable = False
    _FIXED[id(p)] = p, normal_tail(p)
    return p


def signed(p: Array, upper: bool, tail: Callable[[Array], Array]) -> Array:
    """A random variable symmetric about 0 from its upper half `tail(p)`, for any p in (0, 1)."""
    p = np.asarray(p, dtype=float)
    far = p > 0.5
    x = tail(np.where(far, 1.0 - p, p))
    return np.where(far, -x, x) if upper else np.where(far, x, -x)


@lru_cache(maxsize=1024)  # sets ask for few probabilities, each of them often
def _score(p: float) -> Array:
    """The standard normal's value above which one probability lies."""
    return 1.0 * signed(p, True, normal_tail)  # a number, not an array of one


class Normal(RandomVariable):
    """The standard normal."""

    def ppf(self, p: Array, upper: bool) -> Array:
        if isinstance(p, float):
            return _score(p) if upper else -_score(p)
        return signed(p, upper, normal_tail)

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        if id(p) in _FIXED:
            return _FIXED[id(p)][1] if upper else -_FIXED[id(p)][1]
        return self.ppf(p, upper)

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import ndtri

        return -ndtri(p) if upper else ndtri(p)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import ndtr

        return ndtr(x), ndtr(-np.asarray(x))


class Uniform(RandomVariable):
    """Uniform on [0, 1]."""

    support = (0.0, 1.0)

    def ppf(self, p: Array, upper: bool) -> Array:
        p = np.asarray(p, dtype=float)
        return 1.0 - p if upper else p

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        x = np.clip(x, 0.0, 1.0)
        return x, 1.0 - x
