"""Densities of draws, along the scale of their axis, and the regions that hold a probability."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from ..base.errors import InputError
from ..distributions.random_variable import DEEPEST, RandomVariable
from ..engine.preintegration import integrable, lognormal
from ..runs.run import Run
from ..statistics.sample import ConstantSample
from ..statistics.selection import quantiles
from .kernel import estimate
from .registry import Row
from .scales import LOG, PLACES, Scale, log_if, with_both_signs

SHOWN = (0.001, 0.999)  # what a figure shows of a distribution
FEW = 64  # values up to which a sample is drawn as bars
POINTS = 400  # of a drawn density, or more where it is narrow
FIRST = 4096  # draws in which values that come again are looked for
INVERTED = 1025  # quantiles between which a distribution function is interpolated, to 1e-4 of its steps
RARE = 0.002  # a value that fewer of the worlds share is no point mass
Curve = tuple[np.ndarray, np.ndarray]  # points along the axis, and the height at each
Factored = tuple[np.ndarray, float] | None  # the logarithm of what is left without a factor, and the factor's spread


class Shape(NamedTuple):
    """A distribution as it is drawn: the density of what has one, and point masses with their probabilities."""

    curve: Curve | None
    atoms: Curve

    @property
    def top(self) -> float:
        """The largest density; where there is none, the largest probability."""
        return float(np.max(self.curve[1] if self.curve else self.atoms[1]))

    def rows(self, **said: str) -> list[Row]:
        """The density and the point masses as data, each row with what is `said`."""
        drawn = zip(*self.curve, strict=True) if self.curve else ()
        found: list[Row] = [{**said, "series": "density", "x": float(a), "y": float(b)} for a, b in drawn]
        masses = zip(*self.atoms, strict=True)
        return found + [{**said, "series": "probability", "x": float(a), "y": float(p)} for a, p in masses]


@dataclass(frozen=True, eq=False)
class Draws:
    """The kept draws of a quantity, all in one row, and the scale on which they are seen.

    `factored` finds a lognormal factor that can be integrated exactly.
    """

    x: np.ndarray
    scale: Scale
    share: float = 1.0  # of the worlds: in the others the quantity is infinite
    factored: Callable[[], Factored] = field(default=lambda: None, repr=False)

    @cached_property
    def smooth(self) -> Factored:
        """The lognormal factor, where there is one."""
        return self.factored()

    @property
    def constant(self) -> bool:
        """Whether there is a single value."""
        return bool(self.x.min() == self.x.max())

    @cached_property
    def few(self) -> bool:
        """Whether there are so few values that each has a probability."""
        return len(np.unique(self.x[:FIRST])) <= FEW and len(np.unique(self.x)) <= FEW

    @cached_property
    def atoms(self) -> Curve:
        """Values that have a probability of their own, ascending, and their probabilities."""
        if self.few:
            values, counts = np.unique(self.x, return_counts=True)
            return values, counts / len(self.x)
        values, counts = np.unique(self.x[:FIRST], return_counts=True)
        often = values[counts > 0.5 * RARE * min(len(self.x), FIRST) + 1.0]
        share = np.array([np.count_nonzero(self.x == v) for v in often]) / len(self.x)
        return often[share >= RARE], share[share >= RARE]

    @property
    def spread(self) -> np.ndarray:
        """The draws that share their value with few others: what has a density."""
        return self.x[~np.isin(self.x, self.atoms[0])] if len(self.atoms[0]) else self.x

    def view(self) -> tuple[float, float]:
        """The part of the axis that a figure shows."""
        low, high = quantiles(self.x, SHOWN).tolist()
        return low, high


def draws_of(run: Run, quantity: str) -> Draws:
    """The kept draws of a quantity of a run; raises InputError where none were kept."""
    sample = run.sample(quantity)
    if isinstance(sample, ConstantSample) and sample.value == math.inf:
        raise InputError(f"{quantity} is infinite in all worlds, and there is nothing to draw")
    if isinstance(sample, ConstantSample):
        return Draws(np.array([sample.value]), log_if(sample.value > 0.0))
    x = run.draws_of(quantity).ravel()
    if not len(x):
        raise InputError(f"{run.name} kept no draws, and a figure is drawn from them: make it with --keep")
    finite = np.isfinite(x)
    if not finite.any():
        raise InputError(f"{quantity} is infinite in all worlds, and there is nothing to draw")
    if not finite.all():
        x, share = x[finite], float(finite.mean())
        return Draws(x, LOG if x.min() > 0.0 else scale_of(x), share)
    return Draws(x, LOG, factored=partial(_factored, run, quantity, x)) if x.min() > 0.0 else Draws(x, scale_of(x))


def scale_of(x: np.ndarray) -> Scale:
    """The scale on which draws are seen: logarithmic where all are positive, asinh where their tails are heavy."""
    if x.min() > 0.0:
        return LOG
    apart = x[x != 0.0]  # half of the worlds may lie at 0
    return with_both_signs(*quantiles(apart if len(apart) else x, PLACES).tolist())


def _factored(run: Run, quantity: str, x: np.ndarray) -> Factored:
    """The logarithm of a quantity without its lognormal factors, and the spread of these, where it has some.

    Given all other priors such a quantity is lognormal, so that its density is the mean of the worlds' own.
    """
    if run.derivation:  # worlds that were chosen: their priors are not those of the set
        return None
    elasticities = integrable(run.priors, quantity)
    if not elasticities:
        return None
    rest, variance = np.log(x), 0.0
    for name, elasticity in elasticities.items():
        mu, sigma = lognormal(run.priors.prior(name).distribution.as_rv()) or (0.0, 0.0)
        drawn = run.draws_of(name).ravel()
        if drawn.min() <= 0.0:  # no lognormal has these: the file may be a stranger's
            return None
        rest -= elasticity * (np.log(drawn) - mu)
        variance += (elasticity * sigma) ** 2
    return rest, math.sqrt(variance)


def shape(draws: Draws) -> Shape:
    """The density and the point masses of draws."""
    values, shares = draws.atoms
    curve = None if draws.few else density(draws)
    return Shape(curve and (curve[0], curve[1] * draws.share), (values, shares * draws.share))


def density(draws: Draws) -> Curve:
    """The density of what is no point mass: points on the axis, and the density for a step of its scale.

    Its area, with the probabilities of the point masses, is 1 but for what lies beyond the view. Exact
    in a lognormal factor, where there is one; else by kernels, see `estimate`. At least four draws.
    """
    x = draws.spread
    own = LOG if x.min() > 0.0 else draws.scale  # beside worlds that have none, the others may be lognormal
    fine, height, width = estimate(own.to(x), draws.smooth if x is draws.x and draws.scale.log else None)
    first, last = np.searchsorted(fine, own.to(quantiles(x, SHOWN)))
    step = max(int((last - first) / max(2.0 * (fine[last] - fine[first]) / width, POINTS)), 1)
    below = np.concatenate([[0.0], np.cumsum(height) * (fine[1] - fine[0])]) * len(x) / len(draws.x)
    shown = slice(max(first - 1, 0), last + step, step)
    return _averaged(draws.scale.to(own.back(fine[shown])), below[shown], draws.scale)


def _averaged(edges: np.ndarray, below: np.ndarray, scale: Scale) -> Curve:
    """The mean density in cells from the probability below their edges; under the line lies what is between them."""
    height = np.diff(below) / np.diff(edges)
    z = np.concatenate([edges[:1], 0.5 * (edges[:-1] + edges[1:]), edges[-1:]])
    return scale.back(z), np.concatenate([height[:1], height, height[-1:]])


def exact_shape(rv: RandomVariable, scale: Scale) -> Shape:
    """The density and the point masses of a prior, without any draw; of data with many values, their density."""
    atoms = np.asarray(rv.atoms(), dtype=float)
    if len(atoms) > FEW:
        u = (np.arange(FIRST) + 0.5) / FIRST
        return Shape(density(Draws(np.asarray(rv.ppf(u, False)), scale)), (atoms[:0], atoms[:0]))
    share = np.asarray(rv.atom(atoms), dtype=float)
    whole = share.sum() > SHOWN[1]  # all of it in a few values
    return Shape(None if whole else exact_density(rv, scale), (atoms[share > 0.0], share[share > 0.0]))


def exact_density(rv: RandomVariable, scale: Scale, points: int = 140) -> Curve:
    """The density of a prior from its distribution function, without what lies in its point masses."""
    low, high = scale.to(np.array([rv.ppf(SHOWN[0], False), rv.ppf(1.0 - SHOWN[1], True)])).tolist()
    edges, atoms = np.linspace(low, high, points + 1), np.asarray(rv.atoms(), dtype=float)
    if rv.continuous and not len(atoms):
        return _averaged(edges, _inverted(rv, scale, edges), scale)
    at = scale.back(edges)
    heavy = np.concatenate([[0.0], np.cumsum(rv.atom(atoms))])[np.searchsorted(atoms, at, side="right")]
    below, above = (np.asarray(p, dtype=float) for p in rv.cdf_sf(at))
    return _averaged(edges, np.where(below < 0.5, below, 1.0 - above) - heavy, scale)


def _inverted(rv: RandomVariable, scale: Scale, z: np.ndarray) -> np.ndarray:
    """The probability below places on an axis, from the quantile function: it asks for no scipy."""
    odds = np.linspace(-1.0, 1.0, INVERTED) * math.log(SHOWN[1] / SHOWN[0])  # their logarithms
    below, above = 1.0 / (1.0 + np.exp(-odds)), 1.0 / (1.0 + np.exp(odds))
    known = scale.to(np.asarray(np.where(odds < 0.0, rv.ppf(below, False), rv.ppf(above, True))))
    return np.asarray(1.0 / (1.0 + np.exp(-np.interp(z, known, odds))))


def is_positive(rv: RandomVariable) -> bool:
    """Whether a prior has no value at or below zero."""
    return float(rv.ppf(DEEPEST, False)) > 0.0


def joint_density(x: Draws, y: Draws, cells: int = 96) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A smoothed density of two quantities on a grid: (x, y, height), height of shape (y, x)."""
    places, edges = zip(*(_in_cells(d, cells) for d in (x, y)), strict=True)
    inside = (places[0] >= 0) & (places[1] >= 0)
    together = (places[0] * cells + places[1])[inside]
    counts = np.bincount(together, minlength=cells * cells).reshape(cells, cells)
    kernel = _kernel(cells, max(0.9 * cells * len(x.x) ** (-1 / 6) / 6.0, 0.8))
    smooth = kernel @ counts @ kernel.T
    middles = [(e[:-1] + e[1:]) / 2.0 for e in edges]
    grids = [d.scale.back(m) for d, m in zip((x, y), middles, strict=True)]
    return grids[0], grids[1], smooth.T


def _in_cells(draws: Draws, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """In which of even cells of the view each draw lies, -1 beyond it, and their edges; numpy's histograms search."""
    low, high = draws.scale.to(np.array(draws.view())).tolist()
    low, high = (low, high) if high > low else (low - 0.5, low + 0.5)  # nearly all draws are one value
    z = draws.scale.to(draws.x)
    places = np.minimum(np.floor((z - low) * (cells / (high - low))), cells - 1)
    places[(z < low) | (z > high)] = -1  # the last cell holds its end, on which many draws may lie
    return places.astype(np.int32), np.linspace(low, high, cells + 1)


def _kernel(cells: int, width: float) -> np.ndarray:
    """A Gaussian that smooths a row of cells, as a matrix; what is beyond an end is as the last cell is.

    It is scipy.ndimage's, which takes as long to import as a figure to draw.
    """
    steps = np.arange(-round(4.0 * width), round(4.0 * width) + 1)
    weights = np.exp(-0.5 * (steps / width) ** 2)
    kernel = np.zeros((cells, cells))
    reached = np.clip(np.arange(cells)[:, None] + steps, 0, cells - 1)
    np.add.at(kernel, (np.arange(cells)[:, None], reached), weights / weights.sum())
    return kernel


def levels(height: np.ndarray, probabilities: tuple[float, ...]) -> list[float]:
    """The heights above which a density holds each probability, ascending."""
    ordered = np.sort(height.ravel())[::-1]
    held = np.cumsum(ordered) / ordered.sum()
    found = [float(ordered[min(int(np.searchsorted(held, p)), len(held) - 1)]) for p in probabilities]
    return sorted(found)
