"""A hierarchical regression by integration over a grid: coefficients, an effect of each family, and a residual.

    y = X b + f[family] + e + m,   f ~ N(0, tau^2),   e ~ N(0, sigma^2),   m ~ N(0, v) of known variances v

Given tau and sigma all is normal and in closed form; what is left are two dimensions, which a grid integrates. So it
is deterministic and takes milliseconds (Fay and Herriot 1979, doi.org/10.1080/01621459.1979.10482505, for v known).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

STEPS, LARGEST = 48, 4.0  # of the grid along each scale, which ends at so many of its prior's scales


class Posterior(NamedTuple):
    """What is believed after the fit: a mixture over the grid, by its moments.

    `mean` and `cov` are the coefficients'; `family` and `residual` the root mean squares of tau and sigma, and
    `spread` that of both: the sd with which a model of a new family lies off its prediction.
    """

    mean: np.ndarray
    cov: np.ndarray
    family: float
    residual: float
    spread: float


class Belief(NamedTuple):
    """What is believed before: means and sds of the coefficients, and scales of the half-normal tau and sigma."""

    mean: Sequence[float]
    sd: Sequence[float]
    family: float
    residual: float


def regress(
    x: np.ndarray, y: np.ndarray, variances: np.ndarray, families: Sequence[str], before: Belief, steps: int = STEPS
) -> Posterior:
    """The posterior of y (case) on x (case, coefficient)."""
    same = np.array([[a == b for b in families] for a in families], dtype=float)
    mean0, cov0 = np.array(before.mean, dtype=float), np.diag(np.square(before.sd))
    off, spread0 = y - x @ mean0, x @ cov0 @ x.T + np.diag(variances)
    a, b = (g.ravel() for g in np.meshgrid(*[(np.arange(steps) + 0.5) / steps * LARGEST] * 2, indexing="ij"))
    scales = np.stack([(a * before.family) ** 2, (b * before.residual) ** 2], axis=1)  # (cell, 2)
    whole = spread0 + scales[:, :1, None] * same + scales[:, 1:, None] * np.eye(len(y))
    lower = np.linalg.cholesky(whole)
    both = np.linalg.solve(lower, np.broadcast_to(np.column_stack([off, x @ cov0]), (len(a), len(y), 1 + x.shape[1])))
    z, g = both[..., 0], both[..., 1:]
    logs = -0.5 * (z * z).sum(axis=1) - np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1) - 0.5 * (a * a + b * b)
    means = mean0 + np.einsum("cij,ci->cj", g, z)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    centre = weight @ means
    around = means - centre
    cov = cov0 - np.einsum("c,cij,cik->jk", weight, g, g) + np.einsum("c,cj,ck->jk", weight, around, around)
    family, residual = weight @ np.array(scales)
    return Posterior(centre, cov, float(np.sqrt(family)), float(np.sqrt(residual)), float(np.sqrt(family + residual)))
