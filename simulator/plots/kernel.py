"""The one density estimator of all figures: Gaussian kernels, as wide as the draws themselves ask for.

The bandwidth is that of Botev, Grotowski and Kroese 2010 (doi.org/10.1214/10-AOS799; the improved
Sheather-Jones rule), which is right for several modes, where rules from the standard deviation are not. It
follows a smooth curve closely enough to follow the noise as well; so it is widened as long as that removes
bends, and moves the curve by no more than its own sampling error. Draws are counted into cells first: what
follows costs the same for a thousand and for a million.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from ..statistics.selection import quantiles

CELLS = 1 << 12
ENDS = (1e-4, 1.0 - 1e-4)  # quantiles between which cells are fine; beyond them, a little more
STEP = 1.15  # from one bandwidth that is tried to the next
ERRORS = 4.0  # standard errors by which a smoother curve may differ anywhere: noise alone reaches three somewhere
SEEN = 0.01  # of the peak: bends below it are not seen
FEW = 1 << 12  # draws in which worlds that come again are looked for
STAGES = 7  # of the fixed point, as in the paper

Estimated = tuple[np.ndarray, np.ndarray, float]


def estimate(z: np.ndarray, smooth: tuple[np.ndarray, float] | None = None) -> Estimated:
    """The density of `z`: edges of fine cells, the height in each, and the bandwidth.

    Mirrored at the ends of the draws, so that nothing leaks beyond. `smooth` is (rest, sd) where z is
    known to be `rest` and an independent normal: then the density is exact but for the draws of the rest,
    and taken where it is the smoother one.
    """
    edges = _edges(z, 0.15)
    waves, t = _waves(z, edges), 0.0
    whole, count = edges[-1] - edges[0], effective(z)
    t = _fixed_point(waves, count) or (0.9 * _spread(z) * count**-0.2 / whole) ** 2
    t = max(t, (0.5 / CELLS) ** 2)
    if smooth is not None and smooth[1] >= math.sqrt(t) * whole:
        rest, sd = smooth
        edges = np.linspace(rest.min() - 5.0 * sd, rest.max() + 5.0 * sd, CELLS + 1)
        if sd > 2.0 * (edges[1] - edges[0]):
            return edges, _curve(_waves(rest, edges), (sd / (edges[-1] - edges[0])) ** 2, edges), sd
        edges = _edges(z, 0.15)
    t = _without_bends(waves, t, count, edges)
    return edges, _curve(waves, t, edges), math.sqrt(t) * whole


def effective(z: np.ndarray) -> float:
    """How many draws are as good: fewer where worlds come again, as in a run that was conditioned (Kish 1965)."""
    some = z[:FEW]
    if len(np.unique(some)) > 0.99 * len(some):
        return float(len(z))
    _, counts = np.unique(z, return_counts=True)
    return len(z) ** 2 / float(np.square(counts, dtype=float).sum())


def _edges(z: np.ndarray, margin: float) -> np.ndarray:
    """Cells over the bulk of the draws and a margin, but not beyond any draw."""
    low, high = quantiles(z, ENDS)
    pad = margin * (high - low)
    return np.linspace(max(low - pad, z.min()), min(high + pad, z.max()), CELLS + 1)


def _waves(z: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The cosine transform of the shares of the draws in the cells."""
    counts, _ = np.histogram(z, CELLS, (edges[0], edges[-1]))
    mirrored = np.concatenate([counts, counts[::-1]]) / len(z)
    return np.asarray((np.fft.rfft(mirrored)[:-1] * _turned(CELLS).conj()).real)


def _curve(waves: np.ndarray, t: float, edges: np.ndarray) -> np.ndarray:
    """The density in each cell under kernels of variance `t`, on the unit interval."""
    damped = waves * np.exp(-0.5 * t * (np.pi * np.arange(len(waves))) ** 2)
    mirrored = np.fft.irfft(np.append(damped * _turned(len(waves)), 0.0))
    return np.maximum(mirrored[: len(waves)], 0.0) / (edges[1] - edges[0])


@cache
def _turned(count: int) -> np.ndarray:
    """The half cell by which a cosine transform is turned from a Fourier transform of what is mirrored."""
    return np.asarray(np.exp(0.5j * np.pi * np.arange(count) / count))


def _spread(z: np.ndarray) -> float:
    quartiles = quantiles(z, (0.25, 0.75))
    return min(float(z.std()), float(quartiles[1] - quartiles[0]) / 1.349) or float(z.std())


def _fixed_point(waves: np.ndarray, count: float) -> float | None:
    """The squared bandwidth on the unit interval (Botev, Grotowski and Kroese 2010, algorithm 1), if there is one."""
    k = np.arange(1, len(waves)) ** 2.0
    power = (0.5 * waves[1:]) ** 2

    def norm(s: int, t: float) -> np.float64:
        """The squared norm of the s-th derivative of the density smoothed by t."""
        return np.float64(2.0 * np.pi ** (2 * s) * np.sum(k**s * power * np.exp(-k * np.pi**2 * t)))

    def gap(t: float) -> float:
        f = norm(STAGES, t)
        for s in range(STAGES - 1, 1, -1):
            odd = math.prod(range(1, 2 * s, 2)) / math.sqrt(2.0 * math.pi)
            f = norm(s, (2.0 * (1.0 + 0.5 ** (s + 0.5)) / 3.0 * odd / (count * f)) ** (2.0 / (3 + 2 * s)))
        return float(t - (2.0 * count * math.sqrt(math.pi) * f) ** -0.4)

    with np.errstate(all="ignore"):
        for top in (1e-4, 1e-3, 1e-2, 0.1):
            low, high = gap(1e-14), gap(top)
            if low < 0.0 < high:
                return _root(gap, (1e-14, low), (top, high))
    return None


def _root(f: Callable[[float], float], below: tuple[float, float], above: tuple[float, float]) -> float:
    """Where `f` is 0, between a place (with its value) where it is negative and one where it is positive.

    By the Illinois rule along the logarithm (Dowell and Jarratt 1971, doi.org/10.1007/BF01934364), to 1e-9: importing
    scipy.optimize for it takes as long as drawing three figures.
    """
    (a, fa), (b, fb), side, last = (math.log(below[0]), below[1]), (math.log(above[0]), above[1]), 0, math.inf
    while True:
        x = (a * fb - b * fa) / (fb - fa)
        if abs(x - last) < 1e-9 or not (fx := f(math.exp(x))):
            return math.exp(x)
        last = x
        if fx > 0.0:
            b, fb, fa, side = x, fx, fa * (0.5 if side > 0 else 1.0), 1
        else:
            a, fa, fb, side = x, fx, fb * (0.5 if side < 0 else 1.0), -1


def _without_bends(waves: np.ndarray, t: float, count: float, edges: np.ndarray) -> float:
    """The least bandwidth from `t` upwards with the fewest bends, within the sampling error of the first curve."""
    first = _curve(waves, t, edges)
    width = math.sqrt(t) * (edges[-1] - edges[0])
    error = np.sqrt(np.maximum(first, SEEN * first.max()) / (2.0 * math.sqrt(math.pi) * count * width))
    best, fewest, tried = t, _bends(first), t * STEP**2
    while tried < 0.02:
        curve = _curve(waves, tried, edges)
        if np.any(np.abs(curve - first) > ERRORS * error):
            break
        if (bends := _bends(curve)) < fewest:
            best, fewest = tried, bends
        tried *= STEP**2
    return best


def _bends(height: np.ndarray) -> int:
    """How often a curve turns from bending one way to bending the other, where it can be seen."""
    bend = np.diff(height, 2)[height[1:-1] > SEEN * height.max()]
    bend = np.sign(bend[np.abs(bend) > 1e-9 * height.max()])
    return int(np.count_nonzero(np.diff(bend)))
