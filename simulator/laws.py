"""Laws: quantile functions that stay accurate in both tails.

A law answers `ppf(p, upper)`: the value beyond which the lower (or upper) tail holds probability p.
Probabilities are never given as 1 - p, so nothing is lost near 1. The default path needs no scipy:
`ppf` is numpy alone; `exact` and `tails` call scipy.special, as twin and for what is rare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = Any  # a float or an ndarray of floats
INF = float("inf")
DEEPEST = 2.0**-33  # the smallest tail probability that a 32-bit word can ask for


class Law:
    """A distribution on the real line; `support` is the closed range of its values."""

    support: tuple[float, float] = (-INF, INF)
    smooth = True  # False where the quantile function may jump

    def ppf(self, p: Array, upper: bool) -> Array:
        """The value with tail probability `p` in (0, 1) below it (`upper`: above it)."""
        raise NotImplementedError

    def quick(self, p: Array, upper: bool) -> Array:
        """As `ppf`, to about 1e-8 where that saves time: what the tables of draws are made from."""
        return self.ppf(p, upper)

    def exact(self, p: Array, upper: bool) -> Array:
        """As `ppf`, through scipy.special where a special function is involved."""
        return self.ppf(p, upper)

    def tails(self, x: Array) -> tuple[Array, Array]:
        """P(X <= x) and P(X > x), each accurate on its own."""
        raise NotImplementedError

    def tail(self, x: Array, upper: bool) -> Array:
        """One of the two `tails`, where that saves time."""
        return self.tails(x)[upper]

    def atom(self, x: Array) -> Array:
        """P(X = x): zero but for laws with steps."""
        return np.zeros(np.shape(x))

    def atoms(self) -> np.ndarray:
        """The values that have a probability of their own, ascending."""
        return np.empty(0)


# AS 241 (Wichura 1988), PPND16: rational functions in three ranges, highest power first.
_CENTRE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852545925, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_MIDDLE = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959,
     1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187,
     1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip


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


def signed(p: Array, upper: bool, tail: Any) -> Array:
    """A law symmetric about 0 from its upper half `tail(p)`, for any p in (0, 1)."""
    p = np.asarray(p, dtype=float)
    far = p > 0.5
    x = tail(np.where(far, 1.0 - p, p))
    return np.where(far, -x, x) if upper else np.where(far, x, -x)


class Normal(Law):
    """The standard normal."""

    def ppf(self, p: Array, upper: bool) -> Array:
        return signed(p, upper, normal_tail)

    def quick(self, p: Array, upper: bool) -> Array:
        if id(p) in _FIXED:
            return _FIXED[id(p)][1] if upper else -_FIXED[id(p)][1]
        return self.ppf(p, upper)

    def exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import ndtri

        return -ndtri(p) if upper else ndtri(p)

    def tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import ndtr

        return ndtr(x), ndtr(-np.asarray(x))


class Uniform(Law):
    """Uniform on [0, 1]."""

    support = (0.0, 1.0)

    def ppf(self, p: Array, upper: bool) -> Array:
        p = np.asarray(p, dtype=float)
        return 1.0 - p if upper else p

    def tails(self, x: Array) -> tuple[Array, Array]:
        x = np.clip(x, 0.0, 1.0)
        return x, 1.0 - x


# Gauss-Legendre with ten points on [0, 1]; written out, since numpy.polynomial takes long to import.
_HALF = np.array([0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717])
_WEIGHT = np.array([0.2955242247147528, 0.2692667193099965, 0.219086362515982, 0.1494513491505804, 0.06667134430868814])
NODES = 0.5 + 0.5 * np.concatenate([-_HALF[::-1], _HALF])
WEIGHTS = 0.5 * np.concatenate([_WEIGHT[::-1], _WEIGHT])


class ByDensity(Law):
    """A law from its log density in a variable y on the whole line in which it is log-concave.

    The distribution function is a composite Gauss-Legendre sum over intervals that widen away from
    the mode, taken from the left for the lower tail and from the right for the upper one. Quantiles
    are cubic Hermite in the logarithm of the tail probability, polished by one Newton step: about
    1e-13, checked against scipy.special.
    """

    INTERVALS = 256  # on each side of the mode
    DROP = 60.0  # the log density is followed until it has fallen by so much
    _mode: float
    _width: float

    def log_density(self, y: Array) -> Array:
        """The log density of y, up to a constant."""
        raise NotImplementedError

    def value(self, y: Array) -> Array:
        """The value x that belongs to y."""
        raise NotImplementedError

    def _prepare(self, intervals: int) -> None:
        self._top = float(self.log_density(np.array([self._mode]))[0])
        side = [self._reach(sign) * np.linspace(0.0, 1.0, intervals + 1) for sign in (-1, 1)]
        y = np.concatenate([-np.sinh(side[0][:0:-1]), np.sinh(side[1])])
        self._y = self._mode + self._width * y
        piece = self._piece(self._y[:-1], np.diff(self._y))
        below = np.concatenate([[0.0], np.cumsum(piece)])
        above = np.concatenate([np.cumsum(piece[::-1])[::-1], [0.0]])
        self._mass = below[-1]
        self._tail = {False: below / self._mass, True: above / self._mass}

    def _reach(self, sign: int) -> float:
        """How far (in asinh of widths) the grid goes on one side of the mode."""
        v = np.linspace(0.25, 40.0, 160)
        drop = self._top - self.log_density(self._mode + sign * self._width * np.sinh(v))
        return float(v[np.argmax(drop > self.DROP)]) if np.any(drop > self.DROP) else 40.0

    def _density(self, y: Array) -> Array:
        return np.exp(self.log_density(y) - self._top)

    def _piece(self, start: Array, length: Array) -> Array:
        y = start[:, None] + length[:, None] * NODES
        return length * (self._density(y) @ WEIGHTS)

    def mass_beyond(self, y: float, upper: bool) -> float:
        """The tail probability beyond one value of y, without scipy."""
        i = int(np.clip(np.searchsorted(self._y, y), 1, len(self._y) - 1))
        start = self._y[i] if upper else self._y[i - 1]
        piece = abs(self._piece(np.array([start]), np.array([y - start]))[0]) / self._mass
        return float(self._tail[upper][i if upper else i - 1] + piece)

    def quick(self, p: Array, upper: bool) -> Array:
        return self.value(self._hermite(np.asarray(p, dtype=float), upper)[0])

    def ppf(self, p: Array, upper: bool) -> Array:
        flat = np.atleast_1d(np.asarray(p, dtype=float))
        return self.value(self._polished(flat, upper)).reshape(np.shape(p))[()]

    def _hermite(self, p: Array, upper: bool) -> tuple[Array, Array]:
        """y by interpolation in the logarithm of the tail probability, and the interval's end."""
        y, tail = (self._y[::-1], self._tail[True][::-1]) if upper else (self._y, self._tail[False])
        i = np.clip(np.searchsorted(tail, p), 2, len(y) - 2)  # tail[0] is 0: no logarithm there
        logs = np.log(np.maximum(tail, 1e-300))
        with np.errstate(all="ignore"):  # where the density underflows, far beyond any word
            slope = tail / self._density(y) * self._mass * (-1.0 if upper else 1.0)  # dy / dlog p
        step = logs[i] - logs[i - 1]
        t = (np.log(p) - logs[i - 1]) / step
        s = 1.0 - t
        start = s * s * ((1.0 + 2.0 * t) * y[i - 1] + t * step * slope[i - 1])
        return start + t * t * ((3.0 - 2.0 * t) * y[i] - s * step * slope[i]), i

    def _polished(self, p: Array, upper: bool) -> Array:
        y, tail = (self._y[::-1], self._tail[True][::-1]) if upper else (self._y, self._tail[False])
        guess, i = self._hermite(p, upper)
        there = tail[i - 1] + np.abs(self._piece(y[i - 1], guess - y[i - 1])) / self._mass
        move = np.log(there / p) * there / self._density(guess) * self._mass
        return guess + move if upper else guess - move


class Beta(ByDensity):
    """Beta(a, b) on [0, 1], in y = logit(x)."""

    support = (0.0, 1.0)

    def __init__(self, a: float, b: float, intervals: int = ByDensity.INTERVALS):
        self.a, self.b = a, b
        self._mode, self._width = float(np.log(a / b)), float(np.sqrt((a + b) / a / b))
        self._prepare(intervals)

    def log_density(self, y: Array) -> Array:
        soft = np.log1p(np.exp(-np.abs(y)))
        return -self.a * (np.maximum(-y, 0.0) + soft) - self.b * (np.maximum(y, 0.0) + soft)

    def value(self, y: Array) -> Array:
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp(-y))

    def exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import betainccinv, betaincinv

        return (betainccinv if upper else betaincinv)(self.a, self.b, p)

    def tail(self, x: Array, upper: bool) -> Array:
        from scipy.special import betainc, betaincc

        return (betaincc if upper else betainc)(self.a, self.b, np.clip(x, 0.0, 1.0))

    def tails(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)


class Gamma(ByDensity):
    """Gamma with the given shape and scale 1, in y = log(x)."""

    support = (0.0, INF)

    def __init__(self, shape: float, intervals: int = ByDensity.INTERVALS):
        self.shape = shape
        self._mode, self._width = float(np.log(shape)), float(1.0 / np.sqrt(shape))
        self._prepare(intervals)

    def log_density(self, y: Array) -> Array:
        with np.errstate(over="ignore"):
            return self.shape * y - np.exp(y)

    def value(self, y: Array) -> Array:
        return np.exp(y)

    def exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import gammainccinv, gammaincinv

        return (gammainccinv if upper else gammaincinv)(self.shape, p)

    def tail(self, x: Array, upper: bool) -> Array:
        from scipy.special import gammainc, gammaincc

        return (gammaincc if upper else gammainc)(self.shape, np.maximum(x, 0.0))

    def tails(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)


class StudentT(ByDensity):
    """Student's t with `df` degrees of freedom, in y with x = sqrt(df) sinh(y)."""

    def __init__(self, df: float, intervals: int = ByDensity.INTERVALS):
        self.df = df
        self._mode, self._width = 0.0, float(1.0 / np.sqrt(df))
        self._prepare(intervals)

    def log_density(self, y: Array) -> Array:
        y = np.abs(y)
        return -self.df * (y + np.log1p(np.exp(-2.0 * y)) - np.log(2.0))

    def value(self, y: Array) -> Array:
        return np.sqrt(self.df) * np.sinh(y)

    def exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import stdtrit

        return -stdtrit(self.df, p) if upper else stdtrit(self.df, p)

    def tails(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import stdtr

        return stdtr(self.df, x), stdtr(self.df, -np.asarray(x))
