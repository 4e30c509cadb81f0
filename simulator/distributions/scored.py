"""Random variables by their normal scores: what is left of a prior once correlated ones are known.

In a Gaussian copula each prior is a function of a standard normal, its score. Given the scores of others, a score is
normal with another mean and sd; the prior is the same function of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from .derived import Mixture, Transformed
from .random_variable import DEEPEST, Array, Normal, RandomVariable, normal_tail

NODES = 32  # of the quadrature over the scores that one value has
Quantile = Callable[[Array, bool], Array]


class Scored(RandomVariable):
    """A random variable whose normal score has the distribution of `score` in place of the standard normal."""

    def __init__(self, base: RandomVariable, score: RandomVariable):
        self.base, self.score = base, score
        self.support, self.continuous = base.support, base.continuous

    def _at(self, z: Array, quantile: Quantile) -> Array:
        """The values at scores, from the nearer tail."""
        from scipy.special import ndtr

        z = np.asarray(z, dtype=float)
        tail = np.clip(ndtr(-np.abs(z)), 5e-324, 0.5)
        return np.where(z < 0.0, quantile(tail, False), quantile(tail, True))

    def ppf(self, p: Array, upper: bool) -> Array:
        return self._at(self.score.ppf(p, upper), self.base.ppf)

    def ppf_fast(self, p: Array, upper: bool) -> Array:
        return self._at(self.score.ppf(p, upper), self.base.ppf_fast)

    def ppf_exact(self, p: Array, upper: bool) -> Array:
        return self._at(self.score.ppf_exact(p, upper), self.base.ppf_exact)

    def cdf_sf(self, x: Array) -> tuple[Array, Array]:
        return self.score.cdf_sf(place(*self.base.cdf_sf(x)))

    def atom(self, x: Array) -> Array:
        below, above = self.base.cdf_sf(x)
        share = self.base.atom(x)
        low, high = place(below - share, above + share), place(below, above)
        under = self.score.cdf_sf(low)
        over = self.score.cdf_sf(high)
        mass = np.where(np.asarray(low) < 0.0, over[0] - under[0], under[1] - over[1])
        return np.where(share > 0.0, np.maximum(mass, 0.0), 0.0)

    def atoms(self) -> np.ndarray:
        return self.base.atoms()


def place(below: Array, above: Array) -> Array:
    """The score with these tail probabilities, each accurate on its own; infinite where one of them is 0."""
    below, above = np.asarray(below, dtype=float), np.asarray(above, dtype=float)
    nearer = np.minimum(below, above)
    with np.errstate(all="ignore"):
        z = np.where(nearer > 0.0, normal_tail(np.clip(nearer, 5e-324, 0.5)), np.inf)
    return np.where(below <= above, -z, z)


def scores(rv: RandomVariable, x: float) -> tuple[float, float]:
    """The scores between which a value lies: one score, or those of a value with a probability of its own.

    They end where draws do, so that a value beyond the support has the score of the nearest draw.
    """
    deepest = float(normal_tail(DEEPEST))
    below, above = (float(side) for side in rv.cdf_sf(x))
    share = float(rv.atom(x))
    low, high = float(place(max(below - share, 0.0), above + share)), float(place(below, above))
    if share == 0.0:
        return (min(max(low, -deepest), deepest),) * 2
    return low, high


def known_score(shift: float, spread: float) -> RandomVariable:
    """A score given the score of another prior: normal."""
    return Transformed(Normal(), shift, spread)


def nodes(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Places and weights of the standard normal between two bounds: means over them are integrals."""
    from scipy.special import ndtr, ndtri

    if low > 0.0:  # from the nearer tail
        z, weights = nodes(-high, -low)
        return -z[::-1], weights[::-1]
    u, weights = np.polynomial.legendre.leggauss(NODES)
    first, last = float(ndtr(low)), float(ndtr(high))
    inside = first + (last - first) * 0.5 * (u + 1.0)
    return ndtri(np.clip(inside, 5e-324, 1.0 - 1e-16)), 0.5 * weights


@lru_cache(maxsize=256)
def valued_score(slope: float, low: float, high: float) -> RandomVariable:
    """A score given that of another prior lies between two bounds: a mixture of normals, one for each node."""
    places, weights = nodes(low, high)
    spread = math.sqrt(1.0 - slope * slope)
    return Mixture([Transformed(Normal(), slope * t, spread) for t in places.tolist()], weights.tolist())
