"""Random variables made from others: linked, with steps, mixed, truncated; and two of closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .random_variable import INF, Array, RandomVariable


class Transformed(RandomVariable):
    """link(loc + scale * base): location and scale on the line, then a monotone link to the support.

    `link` is `None` (the line itself), `"log"` (above `low`) or `"logit"` (between `low` and `high`).
    """

    def __init__(
        self,
        base: RandomVariable,
        loc: float = 0.0,
        scale: float = 1.0,
        link: str | None = None,
        low: float = 0.0,
        high: float = 1.0,
    ):
        self.base, self.loc, self.scale = base, loc, scale
        self.link, self.low, self.high = link, low, high
        edges = [float(self._out(np.asarray(loc + scale * end))) for end in base.support]
        self.continuous, self.support = base.continuous, (min(edges), max(edges))

    def _out(self, y: Array) -> Array:
        if self.link is None:
            return y
        with np.errstate(over="ignore"):
            if self.link == "log":
                return self.low + np.exp(y)
            return self.low + (self.high - self.low) / (1.0 + np.exp(-y))

    def _back(self, x: Array) -> Array:
        if self.link is None:
            return np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            below = np.log(np.maximum(np.asarray(x, dtype=float) - self.low, 0.0))
            if self.link == "log":
                return below
            return below - np.log(np.maximum(self.high - np.asarray(x, dtype=float), 0.0))

    def ppf(self, p: Array, upper: bool) -> Array:
        return self._out(self.loc + self.scale * self.base.ppf(p, upper == (self.scale > 0)))

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return self._out(self.loc + self.scale * self.base.ppf_fast(p, upper == (self.scale > 0)))

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return self._out(self.loc + self.scale * self.base.ppf_exact(p, upper == (self.scale > 0)))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)

    def tail(self, x: Array, upper: bool) -> Array:
        y = (self._back(x) - self.loc) / self.scale
        if self.scale > 0:
            return self.base.tail(y, upper)
        return self.base.tail(np.nextafter(y, -INF), not upper)  # X <= x is base >= y, an atom there included

    def atom(self, x: Array) -> Array:
        return self.base.atom((self._back(x) - self.loc) / self.scale)

    def atoms(self) -> np.ndarray:
        return np.sort(self._out(self.loc + self.scale * self.base.atoms()))


class Triangular(RandomVariable):
    """Triangular on [low, high] with the given mode."""

    def __init__(self, low: float, mode: float, high: float):
        self.support, self.mode = (low, high), mode

    def ppf(self, p: Array, upper: bool) -> Array:
        (low, high), mode = self.support, self.mode
        p = np.asarray(p, dtype=float)
        near, far = (high - mode, mode - low) if upper else (mode - low, high - mode)
        width = high - low
        here = np.sqrt(p * width * near)
        there = width - np.sqrt((1.0 - p) * width * far)
        step = np.where(p * width <= near, here, there)
        return high - step if upper else low + step

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        (low, high), mode = self.support, self.mode
        x = np.clip(x, low, high)
        width = high - low
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(mode > low, (x - low) ** 2 / width / (mode - low), 0.0)
            right = np.where(high > mode, (high - x) ** 2 / width / (high - mode), 0.0)
        return np.where(x <= mode, left, 1.0 - right), np.where(x <= mode, 1.0 - left, right)


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


class Discrete(RandomVariable):
    """Finitely many values with probabilities: choices and data. Every draw is one of the values."""

    continuous = False

    def __init__(self, values: Sequence[float], weights: Sequence[float]):
        order = np.argsort(values, kind="stable")
        x, w = np.asarray(values, dtype=float)[order], np.asarray(weights, dtype=float)[order]
        self.values, where = np.unique(x, return_inverse=True)
        self.weights = np.bincount(where, weights=w)
        keep = self.weights > 0.0
        self.values, self.weights = self.values[keep], self.weights[keep]
        self.below = np.cumsum(self.weights)
        self.above = np.cumsum(self.weights[::-1])
        self.support = (float(self.values[0]), float(self.values[-1]))

    def ppf(self, p: Array, upper: bool) -> Array:
        last = len(self.values) - 1
        if upper:
            return self.values[last - np.minimum(np.searchsorted(self.above, p, side="left"), last)]
        return self.values[np.minimum(np.searchsorted(self.below, p, side="left"), last)]

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        i = np.searchsorted(self.values, x, side="right")
        below = np.concatenate([[0.0], self.below])
        above = np.concatenate([[0.0], self.above])
        return np.minimum(below[i], 1.0), np.minimum(above[len(self.values) - i], 1.0)

    def atom(self, x: Array) -> Array:
        i = np.minimum(np.searchsorted(self.values, x), len(self.values) - 1)
        return np.where(self.values[i] == x, self.weights[i], 0.0)

    def atoms(self) -> np.ndarray:
        return self.values


def ladder() -> np.ndarray:
    """Tail probabilities from 2^-66 to 1/2, sixteen to the octave above 2^-34: where searches start."""
    return 2.0 ** -np.concatenate([np.arange(66.0, 34.0, -0.5), np.arange(34.0, 0.96875, -0.0625)])


class Mixture(RandomVariable):
    """Several random variables with weights: the smallest x at which the mixture's own tail reaches p."""

    continuous = False

    def __init__(self, parts: Sequence[RandomVariable], weights: Sequence[float]):
        self.parts, self.weights = tuple(parts), tuple(weights)
        self.support = (min(p.support[0] for p in parts), max(p.support[1] for p in parts))
        self._atoms = np.unique(np.concatenate([part.atoms() for part in parts]))
        p = ladder()
        grid = np.concatenate([*(part.ppf(p, upper) for part in parts for upper in (False, True)), self._atoms])
        self._grid = np.unique(grid[np.isfinite(grid)])
        jump = np.zeros(len(self._grid))
        jump[np.searchsorted(self._grid, self._atoms)] = self.atom(self._atoms)
        below, above = self.cdf_sf(self._grid)
        self._at = {False: (below, below - jump), True: (above, above + jump)}  # at x, and just before it

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)

    def tail(self, x: Array, upper: bool) -> Array:
        return sum(w * part.tail(x, upper) for w, part in zip(self.weights, self.parts, strict=True))

    def atom(self, x: Array) -> Array:
        return sum(w * part.atom(x) for w, part in zip(self.weights, self.parts, strict=True))

    def atoms(self) -> np.ndarray:
        return self._atoms

    def ppf(self, p: Array, upper: bool) -> Array:
        p = np.asarray(p, dtype=float)
        flat = np.atleast_1d(p)
        at, before = self._at[upper]
        last = len(self._grid) - 1
        i = np.searchsorted(-at, -flat) if upper else np.searchsorted(at, flat)
        i = np.clip(i, 0, last)
        x = self._grid[i]
        inside = (before[i] > flat) if upper else (before[i] < flat)  # within the jump of an atom
        rest = np.flatnonzero(~inside & (i > 0))
        if len(rest):
            low, high = self._grid[i[rest] - 1], x[rest]
            ends = at[i[rest] - 1], before[i[rest]]
            x[rest] = self._between(flat[rest], upper, low, high, *ends)
        return x.reshape(p.shape)[()]

    def _between(self, p: Array, upper: bool, low: Array, high: Array, at_low: Array, at_high: Array) -> Array:
        """The root in (low, high), where nothing jumps: regula falsi in log tails, halved when slow."""
        floor = 1e-300
        sign = -1.0 if upper else 1.0
        goal = np.log(p)
        f_low, f_high = (sign * (np.log(np.maximum(f, floor)) - goal) for f in (at_low, at_high))
        for step in range(60):
            with np.errstate(invalid="ignore", divide="ignore"):
                x = high - f_high * (high - low) / (f_high - f_low)
            middle = 0.5 * (low + high)
            x = np.where(np.isfinite(x) & (x > low) & (x < high) & (step % 3 != 2), x, middle)
            f = sign * (np.log(np.maximum(self.tail(x, upper), floor)) - goal)
            up = f >= 0.0
            high, f_high = np.where(up, x, high), np.where(up, f, f_high * np.where(up, 1.0, 0.5))
            low, f_low = np.where(up, low, x), np.where(up, f_low * 0.5, f)
            if np.all((high - low <= 1e-14 * np.abs(high)) | (np.abs(f) < 1e-13)):
                return np.where(np.abs(f) < 1e-13, x, high)
        return high


class Truncated(RandomVariable):
    """A random variable between two bounds, renormalized: no mass is moved to the bounds."""

    def __init__(self, base: RandomVariable, low: float, high: float):
        self.base = base
        self.continuous = base.continuous
        self.support = (max(low, base.support[0]), min(high, base.support[1]))
        self._cut_below = float(base.cdf_sf(low)[0] - base.atom(low)) if np.isfinite(low) else 0.0
        self._cut_above = float(base.cdf_sf(high)[1]) if np.isfinite(high) else 0.0
        self.mass = 1.0 - self._cut_below - self._cut_above
        if self._cut_below > 0.5:
            self.mass = float(base.cdf_sf(low)[1] + base.atom(low)) - self._cut_above
        elif self._cut_above > 0.5:
            self.mass = float(base.cdf_sf(high)[0]) - self._cut_below

    def _through(self, p: Array, upper: bool, quantile: Any) -> Array:
        p = np.atleast_1d(np.asarray(p, dtype=float))
        same, other = (self._cut_above, self._cut_below)[:: 1 if upper else -1]
        here, there = same + self.mass * p, other + self.mass * (1.0 - p)
        near = here <= 0.5
        x = np.empty(p.shape)
        for mask, q, side in ((near, here, upper), (~near, there, not upper)):
            if mask.any():
                x[mask] = quantile(q[mask], side)
        return np.clip(x, *self.support)  # rounding only: the bounds carry no mass

    def ppf(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.ppf).reshape(np.shape(p))

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.ppf_fast).reshape(np.shape(p))

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.ppf_exact).reshape(np.shape(p))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        below, above = self.base.cdf_sf(np.clip(x, *self.support))
        below, above = (below - self._cut_below) / self.mass, (above - self._cut_above) / self.mass
        inside_low = np.asarray(x) >= self.support[0]
        return (
            np.where(inside_low, np.clip(below, 0.0, 1.0), 0.0),
            np.where(inside_low, np.clip(above, 0.0, 1.0), 1.0),
        )

    def atom(self, x: Array) -> Array:
        low, high = self.support
        return np.where((low <= x) & (x <= high), self.base.atom(x) / self.mass, 0.0)

    def atoms(self) -> np.ndarray:
        values, (low, high) = self.base.atoms(), self.support
        return values[(values >= low) & (values <= high)]
