"""What is known of demand once something is observed, and the reserve that follows from it.

Demand's logarithm is regressed on cubic splines of the rank of what is observed, and on its normal score (a product of
lognormals is a line in it); the reserve is the fitted value times the quantile of what is left. The rule is fitted on
some replicates and valued on others, so that its value is a lower bound but for the Monte Carlo error (Strong, Oakley
and Brennan 2014, doi.org/10.1177/0272989X13505910).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from .newsvendor import Newsvendor, folds

SPLINES = 12
FEW = 16  # values of a prior up to which each has a mean of its own
Columns = Callable[[int], np.ndarray]  # of a replicate: (draw, column)


def splines(u: np.ndarray) -> np.ndarray:
    """The uniform cubic B-splines at places u in (0, 1): (draw, spline)."""
    cells = SPLINES - 3
    place = np.clip(u, 0.0, 1.0 - 1e-12) * cells
    cell = place.astype(np.int64)
    f = place - cell
    weights = ((1.0 - f) ** 3, 3.0 * f**3 - 6.0 * f**2 + 4.0, -3.0 * f**3 + 3.0 * f**2 + 3.0 * f + 1.0, f**3)
    found = np.zeros((len(u), SPLINES))
    rows = np.arange(len(u))
    for k, weight in enumerate(weights):
        found[rows, cell + k] = weight / 6.0
    return found


def by_rank(ranks: Sequence[np.ndarray]) -> Columns:
    """The columns of observed priors, from their ranks in (0, 1), each (replicate, draw).

    A prior of a few values has a column for each of them. Of several priors, products of two scores come along.
    """
    from scipy.special import ndtri

    few = [np.unique(u) if len(np.unique(u[0])) <= FEW else None for u in ranks]

    def columns(replicate: int) -> np.ndarray:
        parts, scores = [], []
        for u, known in zip((r[replicate] for r in ranks), few, strict=True):
            scores.append(ndtri(u))
            parts.append(splines(u) if known is None else np.equal.outer(u, known).astype(float))
        crossed = [a * b for a, b in combinations(scores, 2)]
        return np.column_stack([*parts, *scores, *crossed])

    return columns


def by_measurement(measured: np.ndarray) -> Columns:
    """The columns of a measured value (replicate, draw): splines of its rank, and itself."""
    order = np.argsort(measured, axis=None)
    ranks = np.empty(measured.shape)
    ranks.ravel()[order] = (np.arange(measured.size) + 0.5) / measured.size
    scaled = (measured - measured.mean()) / max(float(measured.std()), 1e-300)
    return lambda replicate: np.column_stack([splines(ranks[replicate]), scaled[replicate]])


def costs_of(problem: Newsvendor, columns: Columns) -> tuple[np.ndarray, float]:
    """The expected cost in each replicate of who observes the columns before reserving, and how optimistic a fit is.

    That is by how much less the rules cost on the replicates on which they were fitted: what chance alone can save.
    """
    demand, count = problem.demand, len(problem.demand)
    there, back = _link(demand)
    y = there(demand)
    fits = folds(count)
    coefficients = _coefficients(columns, y, [fit for fit, _ in fits])
    centres = np.stack([coefficients @ columns(r).T for r in range(count)], axis=1)  # (fold, replicate, draw)
    costs, fitted = np.empty(count), []
    for (fit, held), centre in zip(fits, centres, strict=True):
        beyond = np.quantile(y[fit] - centre[fit], problem.ratio)
        costs[held] = problem.part(held).cost(back(centre[held] + beyond))
        fitted.append(problem.part(fit).cost(back(centre[fit] + beyond)).mean())
    return costs, max(float(costs.mean() - np.mean(fitted)), 0.0)


def _coefficients(columns: Columns, y: np.ndarray, fits: Sequence[np.ndarray]) -> np.ndarray:
    """Least squares on each of the sets of replicates: (fit, column)."""
    inner, outer = [], []
    for replicate, row in enumerate(y):
        x = columns(replicate)
        inner.append(x.T @ x)
        outer.append(x.T @ row)
    squares, products = np.array(inner), np.array(outer)
    found = [
        np.linalg.pinv(squares[fit].sum(axis=0), 1e-12, hermitian=True) @ products[fit].sum(axis=0) for fit in fits
    ]
    return np.array(found)


def _link(demand: np.ndarray) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """The scale of the regression and its inverse: the logarithm, or asinh where there is no demand in some worlds."""
    if demand.min() > 0.0:
        return np.log, np.exp
    middle = float(np.median(demand[demand > 0.0]))
    return lambda d: np.arcsinh(d / middle), lambda y: np.maximum(middle * np.sinh(y), 0.0)
