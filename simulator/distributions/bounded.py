"""Random variables between two bounds: truncated, which renormalizes, and clipped, which moves mass to the bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .random_variable import Array, RandomVariable

Quantile = Callable[[Array, bool], Array]


class Truncated(RandomVariable):
    """A random variable between two bounds, renormalized: no mass is moved to the bounds."""

    def __init__(self, base: RandomVariable, low: float, high: float):
        self.base = base
        self.continuous = base.continuous
        self.support = (max(low, base.support[0]), min(high, base.support[1]))
        self._cut_below = base.mass_below(low) if np.isfinite(low) else 0.0
        self._cut_above = base.mass_above(high) if np.isfinite(high) else 0.0
        self.mass = 1.0 - self._cut_below - self._cut_above
        if self._cut_below > 0.5:
            self.mass = float(base.cdf_sf(low)[1] + base.atom(low)) - self._cut_above
        elif self._cut_above > 0.5:
            self.mass = float(base.cdf_sf(high)[0]) - self._cut_below

    def _through(self, p: Array, upper: bool, quantile: Quantile) -> Array:
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


class Clipped(RandomVariable):
    """A random variable whose mass beyond two bounds lies on them."""

    continuous = False

    def __init__(self, base: RandomVariable, low: float, high: float):
        self.base, self.low, self.high = base, low, high
        self.support = (float(np.clip(base.support[0], low, high)), float(np.clip(base.support[1], low, high)))
        inside = base.atoms()
        inside = inside[(inside > low) & (inside < high)]
        bounds = [b for b in (low, high) if np.isfinite(b) and self.atom(b) > 0.0]
        self._atoms = np.unique(np.concatenate([inside, bounds]))

    def moved(self) -> list[tuple[float, float]]:
        """The bounds to which mass has come, each with how much."""
        under = (self.low, self.base.mass_below(self.low) if np.isfinite(self.low) else 0.0)
        over = (self.high, self.base.mass_above(self.high) if np.isfinite(self.high) else 0.0)
        return [(bound, share) for bound, share in (under, over) if share > 0.0]

    def ppf(self, p: Array, upper: bool) -> Array:
        return np.clip(self.base.ppf(p, upper), self.low, self.high)

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return np.clip(self.base.ppf_fast(p, upper), self.low, self.high)

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return np.clip(self.base.ppf_exact(p, upper), self.low, self.high)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        x, (below, above) = np.asarray(x), self.base.cdf_sf(x)
        under, over = x < self.low, x >= self.high
        return np.where(under, 0.0, np.where(over, 1.0, below)), np.where(under, 1.0, np.where(over, 0.0, above))

    def atom(self, x: Array) -> Array:
        x = np.asarray(x)
        inside = np.where((x > self.low) & (x < self.high), self.base.atom(x), 0.0)
        at_low = self.base.tail(self.low, False) if np.isfinite(self.low) else 0.0
        at_high = self.base.tail(self.high, True) + self.base.atom(self.high) if np.isfinite(self.high) else 0.0
        return np.where(x == self.low, at_low, np.where(x == self.high, at_high, inside))

    def atoms(self) -> np.ndarray:
        return self._atoms
