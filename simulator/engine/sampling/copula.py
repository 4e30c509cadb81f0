"""Correlated points: a Gaussian copula imposed on the points of the priors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...priors.correlations import Group
from .points import tails


def correlate(group: Group, points: Mapping[str, Any]) -> dict[str, Any]:
    """Correlated points (int32, any shape) from independent ones, by name; the first is unchanged."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    normal = []
    for name in group.names:
        point = points[name]
        z = ndtri(tails(point))  # <= 0
        normal.append(np.where(point < 0, z, -z))
    result = {group.names[0]: points[group.names[0]]}
    for i, name in enumerate(group.names[1:], 1):
        z = sum(group.cholesky[i, j] * normal[j] for j in range(i + 1))
        size = np.minimum(ndtr(-np.abs(z)) * 2.0**32, 2.0**31 - 1).astype(np.int32)
        result[name] = np.where(z < 0, ~size, size)
    return result
