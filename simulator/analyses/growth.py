"""What trends predict of an observation from an earlier one: growth, and the errors of both."""

from __future__ import annotations

import math

import numpy as np

from ..compute.moving import moved
from ..compute.years import GROWTH, NOISE, YearModel, at, is_share
from ..engine.sampling.points import spare_points
from ..engine.sampling.quantile_table import exactly
from ..engine.simulate import simulate
from ..priors.cases import Case
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..statistics.exact import ExactSample


def predicted_later(case: Case, draws: int, seed: int) -> ExactSample:
    """The later observation as the trends of the case's set predict it.

    It is the earlier one, times what the trends make of the quantity over the years that passed, times the later
    one's own error. Years count from where the trends begin: growth is what is tested, and not the level.
    """
    assert case.priors is not None
    assert case.before is not None
    factor = growth_of(case.priors, case.observed.quantity, case.before.years, draws, seed)
    for place, distribution in enumerate((case.before.value.distribution, case.before.error)):
        points = spare_points(f"growth {place}", "sobol", seed, place, factor.shape[1])
        factor = factor * exactly(distribution, points)
    return ExactSample(factor)


def growth_of(priors: PriorSet, name: str, years: float, draws: int, seed: int) -> np.ndarray:
    """The factor (replicate, draw) by which trends multiply a quantity, or a prior, over so many years."""
    start = max(t.start for t in priors.trends.values())
    run = simulate(priors.through((start, start + 1)), draws=draws, seed=seed, quantities=[at(name, start + 1)])
    model = run.priors.model
    assert isinstance(model, YearModel)
    reads = set(model.reads([at(name, start + 1)]))
    first = {n: run.draws_of(n) for n in reads if n in model.base.inputs}
    last = {n: _after(run, n, x, years) if n in priors.trends else x for n, x in first.items()}
    if name in priors.trends:
        return last[name] / first[name]
    then, now = (np.asarray(model.base.evaluate(x, [name])[name]) for x in (first, last))
    return np.broadcast_to(now / then, next(iter(first.values())).shape)


def _after(run: Run, name: str, value: np.ndarray, years: float) -> np.ndarray:
    """The draws of a prior after so many years of its trend."""
    trend = run.priors.trends[name]
    walk = trend.noise * math.sqrt(years) * run.draws_of(f"{NOISE}{name}.1") if trend.noise else None
    share = is_share(run.priors.model.inputs[name])
    return np.asarray(moved(value, run.draws_of(f"{GROWTH}{name}"), years, walk, share))
