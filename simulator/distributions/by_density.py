"""Random variables by their density: beta, gamma and t, integrated by Gauss-Legendre sums."""

from __future__ import annotations

import numpy as np

from .random_variable import INF, Array, RandomVariable

# Gauss-Legendre with ten points on [0, 1]; written out, since numpy.polynomial takes long to import.
_HALF = np.array([0.14887433898163122, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717])
_WEIGHT = np.array([0.2955242247147528, 0.2692667193099965, 0.219086362515982, 0.1494513491505804, 0.06667134430868814])
NODES = 0.5 + 0.5 * np.concatenate([-_HALF[::-1], _HALF])
WEIGHTS = 0.5 * np.concatenate([_WEIGHT[::-1], _WEIGHT])

REACH = np.linspace(0.25, 40.0, 160)  # how far a grid may go, in asinh of widths
STEPS = np.sinh(REACH)


class ByDensity(RandomVariable):
    """A random variable from its log density in a variable y on the whole line in which it is log-concave.

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
        share = np.linspace(0.0, 1.0, intervals + 1)
        side = [self._reach(sign) * share for sign in (-1, 1)]
        y = np.concatenate([-np.sinh(side[0][:0:-1]), np.sinh(side[1])])
        self._y = self._mode + self._width * y
        piece = self._piece(self._y[:-1], np.diff(self._y))
        below = np.concatenate([[0.0], np.cumsum(piece)])
        above = np.concatenate([np.cumsum(piece[::-1])[::-1], [0.0]])
        self._mass = below[-1]
        self._tail = {False: below / self._mass, True: above / self._mass}
        self._curves: dict[bool, tuple[Array, Array, Array, Array]] = {}

    def _reach(self, sign: int) -> float:
        """How far (in asinh of widths) the grid goes on one side of the mode."""
        drop = self._top - self.log_density(self._mode + sign * self._width * STEPS)
        return float(REACH[np.argmax(drop > self.DROP)]) if np.any(drop > self.DROP) else 40.0

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

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return self.value(self._hermite(np.asarray(p, dtype=float), upper)[0])

    def ppf(self, p: Array, upper: bool) -> Array:
        flat = np.atleast_1d(np.asarray(p, dtype=float))
        return self.value(self._polished(flat, upper)).reshape(np.shape(p))[()]

    def _hermite(self, p: Array, upper: bool) -> tuple[Array, Array]:
        """y by interpolation in the logarithm of the tail probability, and the interval's end."""
        y, tail, logs, slope = self._curve(upper)
        i = np.clip(np.searchsorted(tail, p), 2, len(y) - 2)  # tail[0] is 0: no logarithm there
        step = logs[i] - logs[i - 1]
        t = (np.log(p) - logs[i - 1]) / step
        s = 1.0 - t
        start = s * s * ((1.0 + 2.0 * t) * y[i - 1] + t * step * slope[i - 1])
        return start + t * t * ((3.0 - 2.0 * t) * y[i] - s * step * slope[i]), i

    def _curve(self, upper: bool) -> tuple[Array, Array, Array, Array]:
        """Places, their tail probabilities, the logarithms of these, and dy / dlog p there."""
        if upper not in self._curves:
            y, tail = (self._y[::-1], self._tail[True][::-1]) if upper else (self._y, self._tail[False])
            logs = np.log(np.maximum(tail, 1e-300))
            with np.errstate(all="ignore"):  # where the density underflows, far beyond any point
                slope = tail / self._density(y) * self._mass * (-1.0 if upper else 1.0)
            self._curves[upper] = y, tail, logs, slope
        return self._curves[upper]

    def _polished(self, p: Array, upper: bool) -> Array:
        y, tail, _, _ = self._curve(upper)
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

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import betainccinv, betaincinv

        return (betainccinv if upper else betaincinv)(self.a, self.b, p)

    def tail(self, x: Array, upper: bool) -> Array:
        from scipy.special import betainc, betaincc

        return (betaincc if upper else betainc)(self.a, self.b, np.clip(x, 0.0, 1.0))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
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

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import gammainccinv, gammaincinv

        return (gammainccinv if upper else gammaincinv)(self.shape, p)

    def tail(self, x: Array, upper: bool) -> Array:
        from scipy.special import gammainc, gammaincc

        return (gammaincc if upper else gammainc)(self.shape, np.maximum(x, 0.0))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
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

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        from scipy.special import stdtrit

        return -stdtrit(self.df, p) if upper else stdtrit(self.df, p)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        from scipy.special import stdtr

        return stdtr(self.df, x), stdtr(self.df, -np.asarray(x))
