"""What the families share: checks of their arguments, and fits to what was asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


def near(value: float, digits: int = 6) -> str:
    """A number in a message, to so many digits."""
    return shortest(float(f"{value:.{digits}g}"))


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


def beta_search(quantiles: Sequence[tuple[float, float]]) -> np.ndarray | None:
    """The logarithms of a and b of the beta on [0, 1] through two quantiles, where Newton's steps find none.

    At each a one b meets the first quantile (the distribution function rises with b); along these pairs the
    probability below the second one falls or rises with a alone. None where no pair between 1e-4 and 1e10 meets both.
    """
    from scipy.special import betainc

    (p, x), (q, y) = quantiles
    low, high = math.log(1e-4), math.log(1e10)
    for _ in range(8):
        a = np.linspace(low, high, 65)
        under, over = np.full(65, math.log(1e-4)), np.full(65, math.log(1e10))
        for _ in range(60):
            b = 0.5 * (under + over)
            more = betainc(np.exp(a), np.exp(b), x) < p
            under, over = np.where(more, b, under), np.where(more, over, b)
        met = np.abs(betainc(np.exp(a), np.exp(b), x) / p - 1.0) < 1e-6
        off = np.where(met, betainc(np.exp(a), np.exp(b), y) - q, np.nan)
        turns = np.flatnonzero(off[:-1] * off[1:] <= 0.0)
        if not len(turns):
            return None
        i = int(turns[0])
        low, high = float(a[i]), float(a[i + 1])
    return np.array([a[i], b[i]])


def fitted(name: str, found: np.ndarray | None) -> np.ndarray:
    """What a fit found; raises InputError where it found nothing."""
    need(
        found is not None,
        f"{name}: no {name} was found that meets this; metalog(p10=.., p50=.., p90=..) or another family may",
    )
    return found  # type: ignore[return-value]


def sum_to_one(name: str, weights: list[float]) -> None:
    """Weights must be at least zero and sum to one."""
    total = math.fsum(weights)
    need(all(w >= 0.0 for w in weights), f"{name}: a weight is below 0")
    need(abs(total - 1.0) < 1e-9, f"{name}: the weights sum to {total:.10g}, not to 1")
