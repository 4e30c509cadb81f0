"""Numbers from weighted draws: quantiles with their Monte Carlo errors, and how far the weights move a distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .estimators import Estimate, mcse


def weighted_quantiles(x: np.ndarray, w: np.ndarray, points: Sequence[float]) -> list[Estimate]:
    """Quantiles of weighted draws (replicate, draw), each with the spread over the replicates."""

    def at(row: np.ndarray, weight: np.ndarray) -> np.ndarray:
        order = np.argsort(row, kind="stable")
        below, values = np.cumsum(weight[order]), row[order]
        return np.interp(np.array(points) * below[-1], below - 0.5 * weight[order], values)

    whole = at(x.ravel(), w.ravel())
    each = np.array([at(row, weight) for row, weight in zip(x, w, strict=True)])
    return [Estimate(float(v), mcse(column)) for v, column in zip(whole, each.T, strict=True)]


def distance(x: np.ndarray, w: np.ndarray) -> float:
    """The largest gap between the distribution functions of draws with and without their weights."""
    x, w = x.ravel(), w.ravel()
    order = np.argsort(x, kind="stable")
    gap = np.cumsum(w[order]) / w.sum() - (np.arange(len(x)) + 1.0) / len(x)
    last = np.append(np.diff(x[order]) > 0.0, True)  # at the last of equal values alone
    return float(np.abs(gap[last]).max())
