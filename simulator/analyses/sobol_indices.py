"""Sensitivity with new draws: total-order indices by picking and freezing, and stressed correlations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from ..base.defaults import DEFAULT_SEED
from ..base.errors import InputError, nearest
from ..base.threads import pool
from ..compute.years import NOISE
from ..engine.sampling.prior_sampler import PriorSampler, known
from ..engine.simulate import simulate
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..statistics.estimators import Estimate, mcse, no_variance
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample
from .result import Result, along, plain
from .sides import Side, meaning, prior_set

if TYPE_CHECKING:
    import xarray


COUNT = 8192  # draws of each replicate
GRID = (-0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8)
NO_SHARES = "'simulate sensitivity' still has rank correlations, the tornado and the interval that is left"
Parts = Mapping[tuple[str, ...], Estimate]
Evaluate = Callable[[Mapping[str, np.ndarray]], np.ndarray]


class NoVarianceError(InputError):
    """A quantity has no variance that could be shared out; `reason` says why."""

    def __init__(self, of: str, reason: str):
        super().__init__(f"the variance of {of} cannot be shared out: {reason}; {NO_SHARES}")
        self.of, self.reason = of, reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.of, self.reason)


@dataclass(frozen=True)
class Index:
    """First- and total-order index of a prior, or of a group of correlated ones taken together.

    `interaction` is their difference, with its own (paired) Monte Carlo error.
    """

    names: tuple[str, ...]
    first: Estimate
    total: Estimate
    interaction: Estimate

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"priors": list(self.names)} | {k: plain(getattr(self, k)) for k in ("first", "total", "interaction")}


def pick_freeze(
    evaluate: Evaluate, a: Mapping[str, np.ndarray], b: Mapping[str, np.ndarray], groups: Sequence[tuple[str, ...]]
) -> list[Index]:
    """Indices of each group from two independent sets of inputs (replicate, draw).

    First order by Saltelli et al. (2010), total order by Jansen (1999), within each replicate; the
    error is the spread between the replicates. `evaluate` maps inputs to outputs of the same shape.
    """
    ya, yb = evaluate(a), evaluate(b)
    centre = 0.5 * (ya.mean(axis=1, keepdims=True) + yb.mean(axis=1, keepdims=True))
    variance = 0.5 * (((ya - centre) ** 2).mean(axis=1) + ((yb - centre) ** 2).mean(axis=1))
    if not np.all(variance > 0.0):
        raise InputError("the quantity is a constant here: it has no variance to share")
    found = []
    for group in groups:
        y = evaluate({**a, **{n: b[n] for n in group}})
        first = ((yb - centre) * (y - ya)).mean(axis=1) / variance
        total = 0.5 * ((ya - y) ** 2).mean(axis=1) / variance
        estimates = [Estimate(float(x.mean()), mcse(x)) for x in (first, total, total - first)]
        found.append(Index(group, *estimates))
    return found


def independent_groups(priors: PriorSet, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The named priors in groups that are independent of one another: correlated ones together."""
    tied = {n: tuple(m for m in g.names if m in names) for g in priors.groups for n in g.names}
    return list(dict.fromkeys(tied.get(name, (name,)) for name in names))


def total_indices(priors: PriorSet, of: str, seed: int, sampler: str = "sobol", count: int = COUNT) -> list[Index]:
    """Indices of all priors that a quantity reads, on the log scale where it is positive.

    Raises NoVarianceError where the tail is too heavy for a variance.
    """
    model, quantity = priors.model, priors.model.quantity(of)
    of, reads = quantity.name, model.reads([of])
    names = [n for n in priors.uncertain if n in reads]
    if not names:
        raise InputError(f"{of} is a constant here: no prior that it reads is uncertain")
    sides = []
    for second in (False, True):
        worlds = PriorSampler(priors, seed, sampler, names=names, second=second)
        sides.append(worlds.values(worlds.first(count, names)))
    fixed: dict[str, Any] = {n: np.float64(v) for n, v in known(priors).items()}

    def evaluate(values: Mapping[str, np.ndarray]) -> np.ndarray:
        with np.errstate(all="ignore"):
            y: np.ndarray = quantity.within(model.evaluate({**fixed, **values}, [of])[of])
        if not np.isfinite(y).all():
            raise InputError(f"{of} is not finite in some of the new draws; a prior reaches values that make no sense")
        return y

    positive = not quantity.unreached and all(bool((evaluate(side) > 0.0).all()) for side in sides)
    scaled: Evaluate = (lambda values: np.log(evaluate(values))) if positive else evaluate
    if reason := no_variance(ExactSample(scaled(sides[0]))):
        raise NoVarianceError(of, reason)
    return pick_freeze(scaled, sides[0], sides[1], independent_groups(priors, names))


def parts_of(priors: PriorSet, of: str, seed: int, sampler: str = "sobol", count: int = COUNT) -> Parts:
    """First-order shares of the variance by prior, correlated ones together; empty where a quantity is known.

    The steps of a prior's random walk are one part, `noise.PRIOR`. Raises NoVarianceError as `total_indices`.
    """
    if not priors.read_by(priors.model.quantity(of).name):
        return {}
    found: dict[tuple[str, ...], list[Estimate]] = {}
    for index in total_indices(priors, of, seed, sampler, count):
        walks = {n.rpartition(".")[0] for n in index.names if n.startswith(NOISE)}
        found.setdefault(tuple(walks) if len(index.names) == len(walks) else index.names, []).append(index.first)
    return {names: Estimate(sum(e.value for e in es), math.hypot(*(e.mcse for e in es))) for names, es in found.items()}


_KNOWN: WeakKeyDictionary[Run, dict[str, Parts]] = WeakKeyDictionary()


def parts_in_each(run: Run, names: Sequence[str]) -> list[Parts]:
    """`parts_of` several quantities of a run, which are remembered as long as the run is: a figure may ask again."""
    known, s = _KNOWN.setdefault(run, {}), run.settings
    missing = [n for n in dict.fromkeys(names) if n not in known]
    with pool(run.threads) as threads:
        found = threads.map(lambda n: parts_of(run.priors, n, s.seed, s.sampler), missing)
        known |= dict(zip(missing, found, strict=True))
    return [known[n] for n in names]


@dataclass(frozen=True)
class Stressed:
    """The quantity under one rank correlation: `width` is p95 / p5 where it is positive, else p95 - p5."""

    rho: float
    low: Estimate
    high: Estimate
    width: Estimate


def stress(
    priors: PriorSet,
    pairs: Sequence[tuple[str, str]],
    of: str,
    seed: int,
    draws: int = 1 << 18,
    sampler: str = "sobol",
    grid: Sequence[float] = GRID,
) -> tuple[list[Stressed], list[float]]:
    """p5, p95 and the width between them over a grid of the rank correlation of all `pairs` at once.

    Also returns the correlations that cannot hold beside those of the set. Raises InputError for a
    pair of which one is no uncertain prior.
    """
    for name in (n for pair in pairs for n in pair):
        if name not in priors.priors:
            raise InputError(f"there is no prior {name!r} in {priors.name}: {nearest(name, priors.priors)}")
        if not priors.prior(name).uncertain:
            raise InputError(f"{name} is a known value in {priors.name}: it has no correlation")
    rows, impossible = [], []
    for rho in grid:
        changed = {tuple(sorted(pair)): rho for pair in pairs}
        tried = replace(priors, correlations={**priors.correlations, **changed})  # type: ignore[dict-item]
        try:
            run = simulate(tried, draws=draws, seed=seed, sampler=sampler, quantities=[of], keep=0)
        except InputError:
            impossible.append(rho)
            continue
        sample = run.sample(of)
        if isinstance(sample, ConstantSample):
            raise InputError(f"{of} is a constant here: no prior that it reads is uncertain")
        (low, lows), (high, highs) = (sample.quantile(p) for p in (0.05, 0.95))
        width, widths = (high / low, highs / lows) if low > 0.0 and lows.min() > 0.0 else (high - low, highs - lows)
        rows.append(
            Stressed(rho, Estimate(low, mcse(lows)), Estimate(high, mcse(highs)), Estimate(width, mcse(widths)))
        )
    return rows, impossible


@dataclass(frozen=True)
class TotalSensitivity(Result):
    """First- and total-order indices of a quantity; correlated priors stand together."""

    quantity: str
    indices: tuple[Index, ...]

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `prior` (`a + b` where correlated); `first`, `total` and `interaction`, each with its MCSE."""
        import xarray

        data: dict[str, Any] = {}
        for name in ("first", "total", "interaction"):
            data |= along("prior", name, f"{name} index", (getattr(i, name) for i in self.indices), {"units": "1"})
        return xarray.Dataset(data, {"prior": [" + ".join(i.names) for i in self.indices]}, {"quantity": self.quantity})

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"quantity": self.quantity, "indices": [i.to_json() for i in self.indices]}


def total_sensitivity(
    side: Side | str | Sequence[str], of: str, seed: int = DEFAULT_SEED, sampler: str = "sobol"
) -> TotalSensitivity:
    """First- and total-order indices of a quantity by new draws; a run's own seed and sampler are used.

    Raises InputError for a constant.
    """
    meant = side if isinstance(side, Run | PriorSet) else meaning(side)
    if isinstance(meant, Run):
        seed, sampler = meant.settings.seed, meant.settings.sampler
    of = prior_set(meant).model.dated(of)
    return TotalSensitivity(of, tuple(total_indices(prior_set(meant), of, seed, sampler)))


def by_grade(priors: PriorSet, found: Sequence[Index]) -> dict[str, Estimate]:
    """First-order indices summed by evidence grade; a group of several grades is named by all."""
    grades: dict[str, list[Estimate]] = {}
    for index in found:
        label = "+".join(sorted({priors.prior(n).grade for n in index.names}))
        grades.setdefault(label, []).append(index.first)
    return {
        g: Estimate(sum(e.value for e in es), math.hypot(*(e.mcse for e in es))) for g, es in sorted(grades.items())
    }
