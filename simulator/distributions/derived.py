"""Random variables made from others: moved and linked, with steps, mixed, inverted; and the triangular."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .random_variable import Array, Normal, RandomVariable


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
        edges = [float(self.outer(np.asarray(loc + scale * end))) for end in base.support]
        self.continuous, self.support = base.continuous, (min(edges), max(edges))
        there = base.atoms()
        here = self.outer(loc + scale * there)
        order = np.argsort(here, kind="stable")
        self._atoms, self._places = here[order], there[order]  # values with a probability, and their places in `base`

    def outer(self, y: Array) -> Array:
        """The value for a place on the line."""
        if self.link is None:
            return y
        with np.errstate(over="ignore"):
            if self.link == "log":
                return self.low + np.exp(y)
            return self.low + (self.high - self.low) / (1.0 + np.exp(-y))

    def inner(self, x: Array) -> Array:
        """The place on the line of a value: the inverse of `outer`."""
        if self.link is None:
            return np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            below = np.log(np.maximum(np.asarray(x, dtype=float) - self.low, 0.0))
            if self.link == "log":
                return below
            return below - np.log(np.maximum(self.high - np.asarray(x, dtype=float), 0.0))

    def ppf(self, p: Array, upper: bool) -> Array:
        return self.outer(self.loc + self.scale * self.base.ppf(p, upper == (self.scale > 0)))

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return self.outer(self.loc + self.scale * self.base.ppf_fast(p, upper == (self.scale > 0)))

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return self.outer(self.loc + self.scale * self.base.ppf_exact(p, upper == (self.scale > 0)))

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)

    def tail(self, x: Array, upper: bool) -> Array:
        y = self._place(x)
        if self.scale > 0:
            return self.base.tail(y, upper)
        return self.base.tail(y, not upper) + (-1.0 if upper else 1.0) * self.base.atom(y)  # X <= x is base >= y

    def atom(self, x: Array) -> Array:
        return self.base.atom(self._place(x))

    def atoms(self) -> np.ndarray:
        return self._atoms

    def _place(self, x: Array) -> Array:
        """The value of `base` that becomes x: to the bit where it has a probability of its own."""
        y = (self.inner(x) - self.loc) / self.scale
        if not len(self._atoms):
            return y
        i = np.minimum(np.searchsorted(self._atoms, x), len(self._atoms) - 1)
        return np.where(self._atoms[i] == x, self._places[i], y)


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


def moved(rv: RandomVariable, shift: float, factor: float) -> RandomVariable:
    """`shift` + `factor` times a random variable."""
    if isinstance(rv, Discrete):
        values = rv.values * factor
        return Discrete((values + shift if shift else values).tolist(), rv.weights.tolist())
    return Transformed(rv, shift, factor)


def inverse(rv: RandomVariable) -> RandomVariable:
    """1 over a random variable on one side of 0; that of a lognormal is one."""
    if isinstance(rv, Discrete):
        return Discrete((1.0 / rv.values).tolist(), rv.weights.tolist())
    if isinstance(rv, Transformed) and rv.link == "log" and rv.low == 0.0 and isinstance(rv.base, Normal):
        return Transformed(rv.base, -rv.loc, rv.scale, "log")
    return Reciprocal(rv)


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


class Reciprocal(RandomVariable):
    """1 / X for a random variable on one side of 0."""

    def __init__(self, base: RandomVariable):
        self.base, self.continuous = base, base.continuous
        with np.errstate(divide="ignore"):
            ends = [float(1.0 / np.float64(abs(end))) for end in base.support]
        self._sign = 1.0 if base.support[1] > 0.0 else -1.0
        self.support = (min(self._sign * e for e in ends), max(self._sign * e for e in ends))
        self._places = base.atoms()[::-1]

    def ppf(self, p: Array, upper: bool) -> Array:
        return 1.0 / self.base.ppf(p, not upper)

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return 1.0 / self.base.ppf_fast(p, not upper)

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return 1.0 / self.base.ppf_exact(p, not upper)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        return self.tail(x, False), self.tail(x, True)

    def tail(self, x: Array, upper: bool) -> Array:
        y = self._place(x)
        inside = self.base.tail(y, not upper) + (-1.0 if upper else 1.0) * self.base.atom(y)
        beyond = np.asarray(x) * self._sign <= 0.0  # on the other side of 0, where it has no mass
        nothing_below = self._sign > 0.0
        return np.where(beyond, float(upper == nothing_below), inside)

    def atom(self, x: Array) -> Array:
        return np.where(np.asarray(x) * self._sign > 0.0, self.base.atom(self._place(x)), 0.0)

    def atoms(self) -> np.ndarray:
        return 1.0 / self._places

    def _place(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            y = 1.0 / np.asarray(x, dtype=float)
        if not len(self._places):
            return y
        atoms = self.atoms()
        i = np.minimum(np.searchsorted(atoms, x), len(atoms) - 1)
        return np.where(atoms[i] == x, self._places[i], y)
