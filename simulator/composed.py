"""Laws made from other laws: linked, with steps, mixed, truncated; and two of closed form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .laws import Array, Law


class Linked(Law):
    """link(loc + scale * base): location and scale on the line, then a monotone link to the support.

    `link` is `None` (the line itself), `"log"` (above `low`) or `"logit"` (between `low` and `high`).
    """

    def __init__(self, base: Law, loc: float = 0.0, scale: float = 1.0, link: str | None = None,
                 low: float = 0.0, high: float = 1.0):  # fmt: skip
        self.base, self.loc, self.scale = base, loc, scale
        self.link, self.low, self.high = link, low, high
        edges = [float(self._out(np.asarray(loc + scale * end))) for end in base.support]
        self.smooth, self.support = base.smooth, (min(edges), max(edges))

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

    def quick(self, p: Array, upper: bool) -> Array:
        return self._out(self.loc + self.scale * self.base.quick(p, upper == (self.scale > 0)))

    def exact(self, p: Array, upper: bool) -> Array:
        return self._out(self.loc + self.scale * self.base.exact(p, upper == (self.scale > 0)))

    def tails(self, x: Array) -> tuple[Array, Array]:
        below, above = self.base.tails((self._back(x) - self.loc) / self.scale)
        return (below, above) if self.scale > 0 else (above, below)

    def atom(self, x: float) -> float:
        return self.base.atom(float((self._back(x) - self.loc) / self.scale))


class Triangular(Law):
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

    def tails(self, x: Array) -> tuple[Array, Array]:
        (low, high), mode = self.support, self.mode
        x = np.clip(x, low, high)
        width = high - low
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(mode > low, (x - low) ** 2 / width / (mode - low), 0.0)
            right = np.where(high > mode, (high - x) ** 2 / width / (high - mode), 0.0)
        return np.where(x <= mode, left, 1.0 - right), np.where(x <= mode, 1.0 - left, right)


class Metalog(Law):
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

    def tails(self, x: Array) -> tuple[Array, Array]:
        return invert(self, x)


class Steps(Law):
    """Finitely many values with probabilities: choices and data. Every draw is one of the values."""

    smooth = False

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

    def tails(self, x: Array) -> tuple[Array, Array]:
        i = np.searchsorted(self.values, x, side="right")
        below = np.concatenate([[0.0], self.below])
        above = np.concatenate([[0.0], self.above])
        return np.minimum(below[i], 1.0), np.minimum(above[len(self.values) - i], 1.0)

    def atom(self, x: float) -> float:
        return float(self.weights[self.values == x].sum())


def ladder() -> np.ndarray:
    """Tail probabilities from 2^-34 to 1/2, eight to the octave: a grid to start a search from."""
    return 2.0 ** -np.arange(34.0, 0.875, -0.125)


def invert(law: Law, x: Array) -> tuple[Array, Array]:
    """Tails of a strictly increasing quantile function, by bisection in the logit of u."""
    x = np.asarray(x, dtype=float)
    low, high = np.full(x.shape, -40.0), np.full(x.shape, 40.0)
    for _ in range(90):
        middle = 0.5 * (low + high)
        upper = np.exp(-np.abs(middle)) / (1.0 + np.exp(-np.abs(middle)))
        value = np.where(middle > 0, law.ppf(upper, True), law.ppf(upper, False))
        low, high = np.where(value <= x, middle, low), np.where(value <= x, high, middle)
    return 1.0 / (1.0 + np.exp(-low)), 1.0 / (1.0 + np.exp(low))


class Mixture(Law):
    """Several laws with weights. The quantile is found by bisection on the mixture's own tails."""

    smooth = False

    def __init__(self, parts: Sequence[Law], weights: Sequence[float]):
        self.parts, self.weights = tuple(parts), tuple(weights)
        self.support = (min(p.support[0] for p in parts), max(p.support[1] for p in parts))
        p = ladder()
        grid = [part.ppf(p, upper) for part in parts for upper in (False, True)]
        atoms = [part.values for part in parts if isinstance(part, Steps)]
        self._grid = np.unique(np.concatenate([*grid, *atoms]))
        self._grid = self._grid[np.isfinite(self._grid)]
        self._tails = self.tails(self._grid)

    def tails(self, x: Array) -> tuple[Array, Array]:
        pairs = [part.tails(x) for part in self.parts]
        below = sum(w * pair[0] for w, pair in zip(self.weights, pairs, strict=True))
        above = sum(w * pair[1] for w, pair in zip(self.weights, pairs, strict=True))
        return below, above

    def atom(self, x: float) -> float:
        return sum(w * part.atom(x) for w, part in zip(self.weights, self.parts, strict=True))

    def ppf(self, p: Array, upper: bool) -> Array:
        p = np.asarray(p, dtype=float)
        below, above = self._tails
        i = np.searchsorted(-above, -p) if upper else np.searchsorted(below, p)
        last = len(self._grid) - 1
        high, low = self._grid[np.minimum(i, last)], self._grid[np.clip(i - 1, 0, last)]
        for _ in range(70):  # the smallest x with P(X <= x) >= u
            middle = 0.5 * (low + high)
            tails = self.tails(middle)
            reached = tails[1] <= p if upper else tails[0] >= p
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
            if np.all(high - low <= 2e-16 * np.abs(high)):
                break
        return high


class Truncated(Law):
    """A law between two bounds, renormalized: no mass is moved to the bounds."""

    def __init__(self, base: Law, low: float, high: float):
        self.base = base
        self.smooth = base.smooth
        self.support = (max(low, base.support[0]), min(high, base.support[1]))
        self._cut_below = float(base.tails(low)[0]) - base.atom(low) if np.isfinite(low) else 0.0
        self._cut_above = float(base.tails(high)[1]) if np.isfinite(high) else 0.0
        self.mass = 1.0 - self._cut_below - self._cut_above
        if self._cut_below > 0.5:
            self.mass = float(base.tails(low)[1]) + base.atom(low) - self._cut_above
        elif self._cut_above > 0.5:
            self.mass = float(base.tails(high)[0]) - self._cut_below

    def _through(self, p: Array, upper: bool, quantile: Any) -> Array:
        p = np.atleast_1d(np.asarray(p, dtype=float))
        same, other = (self._cut_above, self._cut_below)[:: 1 if upper else -1]
        here, there = same + self.mass * p, other + self.mass * (1.0 - p)
        near = here <= 0.5
        x = np.empty(p.shape)
        x[near] = quantile(here[near], upper)
        x[~near] = quantile(there[~near], not upper)
        return np.clip(x, *self.support)  # rounding only: the bounds carry no mass

    def ppf(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.ppf).reshape(np.shape(p))

    def quick(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.quick).reshape(np.shape(p))

    def exact(self, p: Array, upper: bool) -> Array:
        return self._through(p, upper, self.base.exact).reshape(np.shape(p))

    def tails(self, x: Array) -> tuple[Array, Array]:
        below, above = self.base.tails(np.clip(x, *self.support))
        below, above = (below - self._cut_below) / self.mass, (above - self._cut_above) / self.mass
        inside_low = np.asarray(x) >= self.support[0]
        return (np.where(inside_low, np.clip(below, 0.0, 1.0), 0.0),
                np.where(inside_low, np.clip(above, 0.0, 1.0), 1.0))  # fmt: skip

    def atom(self, x: float) -> float:
        low, high = self.support
        return self.base.atom(x) / self.mass if low <= x <= high else 0.0
