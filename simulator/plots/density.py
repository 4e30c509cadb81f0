"""Densities of draws, in log space where they are positive, and the regions that hold a probability."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from ..base.errors import InputError
from ..distributions.random_variable import DEEPEST, RandomVariable
from ..runs.run import Run
from ..statistics.sample import ConstantSample

CELLS = 2048
SHOWN = (0.001, 0.999)  # what a figure shows of a distribution
FEW = 64  # values up to which a sample is drawn as bars
Curve = tuple[np.ndarray, np.ndarray]  # points along the axis, and the height at each


class Draws(NamedTuple):
    """The kept draws of a quantity, all in one row, and whether they are seen on a log scale."""

    x: np.ndarray
    log: bool

    @property
    def constant(self) -> bool:
        """Whether there is a single value."""
        return bool(self.x.min() == self.x.max())

    @property
    def few(self) -> bool:
        """Whether there are so few values that each has a probability."""
        return len(np.unique(self.x[:4096])) <= FEW and len(np.unique(self.x)) <= FEW

    def view(self) -> tuple[float, float]:
        """The part of the axis that a figure shows."""
        low, high = np.quantile(self.x, SHOWN)
        return float(low), float(high)


def draws_of(run: Run, quantity: str) -> Draws:
    """The kept draws of a quantity of a run; raises InputError where none were kept."""
    sample = run.sample(quantity)
    if isinstance(sample, ConstantSample):
        return Draws(np.array([sample.value]), sample.value > 0.0)
    x = run.draws_of(quantity).ravel()
    if not len(x):
        raise InputError(f"{run.name} kept no draws, and a figure is drawn from them: make it with --keep")
    return Draws(x, bool(x.min() > 0.0))


def density(draws: Draws, points: int = 400) -> Curve:
    """A kernel density: points on the axis, and the density for a step of the (log) axis.

    Gaussian kernels on fine cells, with Silverman's bandwidth, mirrored at the ends of the draws: a
    positive quantity is estimated on its logarithm and cannot leak below zero. At least four draws.
    """
    z = np.log(draws.x) if draws.log else draws.x
    low, high = np.quantile(z, (0.0001, 0.9999))
    counts, edges = np.histogram(z, CELLS, (low, high))
    step = edges[1] - edges[0]
    quartiles = np.quantile(z, (0.25, 0.75))
    inner = z[(z >= low) & (z <= high)]
    spread = min(float(inner.std()), float(quartiles[1] - quartiles[0]) / 1.349) or float(inner.std())
    bandwidth = max(0.9 * spread * len(z) ** -0.2, step)
    smooth = gaussian_filter1d(counts / (len(z) * step), bandwidth / step, mode="reflect")
    middles = (edges[:-1] + edges[1:]) / 2.0
    low, high = np.log(draws.view()) if draws.log else draws.view()
    grid = np.linspace(low, high, points)
    height = np.interp(grid, middles, smooth)
    return (np.exp(grid) if draws.log else grid), height


def exact_density(rv: RandomVariable, log: bool, points: int = 240) -> Curve:
    """The density of a prior from its quantile function: the steps of probability over those of value."""
    u = np.linspace(SHOWN[0], SHOWN[1], 4 * points)
    x = np.where(u < 0.5, rv.ppf(np.minimum(u, 0.5), False), rv.ppf(np.minimum(1.0 - u, 0.5), True))
    z = np.log(x) if log else x
    edges = np.linspace(z[0], z[-1], points + 1)
    steps = np.diff(np.interp(edges, z, u))
    middles = (edges[:-1] + edges[1:]) / 2.0
    height = gaussian_filter1d(steps / max(edges[1] - edges[0], 1e-300), 1.0, mode="nearest")
    return (np.exp(middles) if log else middles), height


def is_positive(rv: RandomVariable) -> bool:
    """Whether a prior has no value at or below zero."""
    return float(rv.ppf(DEEPEST, False)) > 0.0


def joint_density(x: Draws, y: Draws, cells: int = 96) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A smoothed density of two quantities on a grid: (x, y, height), height of shape (y, x)."""
    ends = [np.array(d.view()) for d in (x, y)]
    z = [np.log(d.x) if d.log else d.x for d in (x, y)]
    ranges = [np.log(e) if d.log else e for d, e in zip((x, y), ends, strict=True)]
    counts, a, b = np.histogram2d(z[0], z[1], cells, [tuple(r) for r in ranges])
    smooth = gaussian_filter(counts, max(0.9 * cells * len(x.x) ** (-1 / 6) / 6.0, 0.8), mode="nearest")
    middles = [(e[:-1] + e[1:]) / 2.0 for e in (a, b)]
    grids = [np.exp(m) if d.log else m for d, m in zip((x, y), middles, strict=True)]
    return grids[0], grids[1], smooth.T


def levels(height: np.ndarray, probabilities: tuple[float, ...]) -> list[float]:
    """The heights above which a density holds each probability, ascending."""
    ordered = np.sort(height.ravel())[::-1]
    held = np.cumsum(ordered) / ordered.sum()
    found = [float(ordered[min(int(np.searchsorted(held, p)), len(held) - 1)]) for p in probabilities]
    return sorted(found)
