"""What the families share: checks of their arguments, and fits to what was asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from ..base.errors import InputError
from ..base.numbers import shortest
from .derived import Transformed
from .random_variable import RandomVariable

Quantiles = dict[float, float]


def need(good: bool, message: str) -> None:
    """Raise InputError with `message` unless `good`."""
    if not good:
        raise InputError(message)


def above(name: str, **values: float) -> None:
    """Each named value must be above zero."""
    for key, value in values.items():
        need(value > 0.0, f"{name}: {key}={shortest(value)} must be above 0")


def ordered(name: str, **ends: float) -> None:
    """Each named value must be below the next."""
    pairs = list(ends.items())
    for (a, x), (b, y) in pairwise(pairs):
        need(x < y, f"{name}: {a}={shortest(x)} must be below {b}={shortest(y)}")


def percentile(p: float) -> str:
    """The name of the argument for a probability: `p5`, `p97.5`."""
    return f"p{100.0 * p:.6g}"


def inside(name: str, quantiles: Quantiles, low: float, high: float = math.inf) -> None:
    """Each quantile must lie strictly between the bounds."""
    for p, x in quantiles.items():
        where = f"above {shortest(low)}" if high == math.inf else f"between {shortest(low)} and {shortest(high)}"
        need(low < x < high, f"{name}: {percentile(p)}={shortest(x)} must lie {where}")


def through(
    base: RandomVariable, quantiles: Quantiles, link: str | None = None, low: float = 0.0, high: float = 1.0
) -> RandomVariable:
    """The location and scale of `base` that put two quantiles where they were asked for: exact."""
    y = [float(Transformed(base, link=link, low=low, high=high).inner(x)) for x in quantiles.values()]
    z = [base.quantile(p) for p in quantiles]
    scale = (y[1] - y[0]) / (z[1] - z[0])
    return Transformed(base, y[0] - scale * z[0], scale, link, low, high)


def solve(residual: Callable[[np.ndarray], np.ndarray], start: list[float]) -> np.ndarray | None:
    """Damped Newton with differences for one or two unknowns; None where it does not converge."""
    x = np.array(start)
    r = residual(x)
    for _ in range(60):
        if np.max(np.abs(r)) < 1e-11:
            return x
        columns = [(residual(x + h) - r) / 1e-6 for h in 1e-6 * np.eye(len(x))]
        try:
            step = np.linalg.solve(np.array(columns).T, -r)
        except np.linalg.LinAlgError:
            return None
        step *= min(1.0, 1.5 / max(float(np.max(np.abs(step))), 1e-300))
        for _ in range(30):
            trial = residual(x + step)
            if np.all(np.isfinite(trial)) and np.linalg.norm(trial) < np.linalg.norm(r):
                break
            step *= 0.5
        else:
            return x if np.max(np.abs(r)) < 1e-8 else None
        x, r = x + step, trial
    return x if np.max(np.abs(r)) < 1e-8 else None


def fitted(name: str, found: np.ndarray | None) -> np.ndarray:
    """What a fit found; raises InputError where it found nothing."""
    need(found is not None, f"{name}: no {name} meets this; metalog(p10=.., p50=.., p90=..) or another family may")
    return found  # type: ignore[return-value]


def sum_to_one(name: str, weights: list[float]) -> None:
    """Weights must be at least zero and sum to one."""
    total = math.fsum(weights)
    need(all(w >= 0.0 for w in weights), f"{name}: a weight is below 0")
    need(abs(total - 1.0) < 1e-9, f"{name}: the weights sum to {total:.10g}, not to 1")
