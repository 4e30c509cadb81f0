"""How likely an observation with an error is where a quantity has a value: what evidence weighs worlds by."""

from __future__ import annotations

import math

import numpy as np

from ..base.errors import InputError
from ..distributions.distribution import Distribution


def observation(d: Distribution) -> tuple[float, float, bool]:
    """Centre and error of an observation, and whether they are of the logarithm, from its quartiles."""
    if d.family not in ("lognormal", "normal"):
        raise InputError(
            f"{d.text} is no observation with an error: write a lognormal (for what is uncertain by a "
            "factor) or a normal"
        )
    log = d.family == "lognormal"
    low, middle, high = (math.log(x) if log else x for x in (d.quantile(p) for p in (0.25, 0.5, 0.75)))
    return middle, (high - low) / 1.3489795003921634, log  # the standard normal's quartiles are that far apart


def log_likelihood(d: Distribution, y: np.ndarray) -> np.ndarray:
    """The logarithm of the likelihood of each world (replicate, draw), up to a constant."""
    centre, error, log = observation(d)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(y > 0.0, np.log(y), -np.inf) if log else y
    return -0.5 * ((centre - z) / error) ** 2
