"""Families made from values, or from other distributions."""

import math
from pathlib import Path

from .bounded import Clipped, Truncated
from .data_files import read_values
from .derived import Discrete, Mixture
from .distribution import Distribution
from .fitting import need, sum_to_one
from .random_variable import RandomVariable
from .register import also, family
from .scored import Scored, known_score, valued_score

FARTHEST = 50.0  # score to which what is known can move another


@family
def choice(values: list[float], weights: list[float] | None = None) -> RandomVariable:
    """Choice: one of the values, with the given weights, or each equally likely."""
    if weights is None:
        return Discrete(values, [1.0 / len(values)] * len(values))
    need(
        len(values) == len(weights),
        f"choice: {len(values)} values but {len(weights)} weights; give one weight for each value",
    )
    sum_to_one("choice", weights)
    return Discrete(values, weights)


@family
def empirical(values: list[float]) -> RandomVariable:
    """Empirical: one of the measured values, each equally likely."""
    return Discrete(values, [1.0 / len(values)] * len(values))


@also(empirical, rewrites=True)
def _empirical_file(file: str, folder: Path | None) -> dict[str, list[float]]:
    return {"values": read_values(file, folder)}


@family
def mixture(weights: list[float], **parts: Distribution | float) -> RandomVariable:
    """Mixture: one of several distributions, named a, b, ..., with the given weights."""
    need(len(parts) >= 2, "mixture: give at least two distributions: mixture(a=.., b=.., weights=[..])")
    need(
        len(parts) == len(weights),
        f"mixture: {len(parts)} distributions but {len(weights)} weights; give one weight for each",
    )
    sum_to_one("mixture", weights)
    rvs = [p.as_rv() if isinstance(p, Distribution) else Discrete([p], [1.0]) for p in parts.values()]
    return Mixture(rvs, weights)


@family
def truncate(prior: Distribution, low: float | None = None, high: float | None = None) -> RandomVariable:
    """Truncate: a distribution cut at low and high and renormalized, never clipped."""
    floor = -math.inf if low is None else low
    ceiling = math.inf if high is None else high
    need(low is not None or high is not None, "truncate: give low, high or both")
    need(floor < ceiling, f"truncate: low={floor:g} must be below high={ceiling:g}")
    inner = prior.as_rv()
    if isinstance(inner, Discrete):
        keep = (inner.values >= floor) & (inner.values <= ceiling)
        need(bool(keep.any()), f"truncate: {prior.text} has no value between low and high")
        kept = inner.weights[keep]
        return Discrete(inner.values[keep].tolist(), (kept / kept.sum()).tolist())
    rv = Truncated(inner, floor, ceiling)
    need(
        rv.mass > 1e-9,
        f"truncate: {prior.text} has a share of {max(rv.mass, 0.0):.1g} between "
        "low and high; too little to renormalize",
    )
    return rv


@family
def clip(prior: Distribution, low: float | None = None, high: float | None = None) -> RandomVariable:
    """Clip: a distribution whose mass beyond low and high is moved to these values, and lies there."""
    need(low is not None or high is not None, "clip: give low, high or both")
    floor, ceiling = -math.inf if low is None else low, math.inf if high is None else high
    need(floor < ceiling, f"clip: low={floor:g} must be below high={ceiling:g}")
    return Clipped(prior.as_rv(), floor, ceiling)


@family
def given(prior: Distribution, shift: float, spread: float) -> RandomVariable:
    """Given: a prior of which a correlated one is known, so that its normal score has this mean and sd."""
    need(0.0 < spread <= 1.0, f"given: spread={spread:g} must be above 0, and at most 1")
    need(abs(shift) <= FARTHEST, f"given: shift={shift:g} must lie between -{FARTHEST:g} and {FARTHEST:g}")
    return Scored(prior.as_rv(), known_score(shift, spread))


@also(given)
def _given_between(prior: Distribution, slope: float, low: float | None = None, high: float | None = None) -> Scored:
    need(-1.0 < slope < 1.0, f"given: slope={slope:g} must lie between -1 and 1")
    need(low is not None or high is not None, "given: give low, high or both, scores of the prior that is known")
    floor, ceiling = -math.inf if low is None else low, math.inf if high is None else high
    need(floor < ceiling and floor < 8.0 and ceiling > -8.0, f"given: low={floor:g} must be below high={ceiling:g}")
    return Scored(prior.as_rv(), valued_score(slope, floor, ceiling))
