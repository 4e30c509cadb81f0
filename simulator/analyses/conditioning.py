"""Conditioning: what the priors look like once outside facts about quantities are believed.

A fact is an observation with an error, and its likelihood is multiplied onto the prior (it does not
replace the quantity's distribution, as Jeffrey's rule would): for a lognormal with median m and shape s,
exp(-(ln m - ln y)^2 / 2 s^2); for a normal, exp(-(m - y)^2 / 2 s^2). The draws are made again from the
seed in float64, weighted, and resampled within each replicate, so that a conditioned run is a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.defaults import DEFAULT_DRAWS, DEFAULT_SEED
from ..base.errors import InputError
from ..base.numbers import readable
from ..distributions.families import parse
from ..engine.sampling.prior_sampler import PriorSampler, known
from ..engine.simulate import count, draw
from ..priors.prior import Prior
from ..priors.prior_set import PriorSet
from ..runs import derivation as derivations
from ..runs.run import Run, sampled
from ..runs.settings import REPLICATES, Sampling, float32_range
from ..statistics.estimators import Estimate
from ..statistics.sample import ranks
from ..statistics.summary import Summary
from ..statistics.weighted import distance, weighted_quantiles
from .likelihood import log_likelihood, observation
from .result import Result, plain
from .sides import Side, prior_set

if TYPE_CHECKING:
    import xarray

LARGEST = 4_000_000  # draws that are weighted in memory
HEAVY = 0.7  # Pareto k from which weights are not to be trusted (Vehtari et al. 2024)
FEWEST = 200  # effective draws from which a posterior is shown
FIRST = 8192  # draws of each replicate on which it is judged whether a prior moved
MOVED = 0.02  # largest gap between the distribution functions of a prior that has moved


@dataclass(frozen=True)
class Moved:
    """A prior before and after: 5 %, 50 % and 95 % points, and the largest gap between the two functions."""

    name: str
    before: tuple[float, float, float]
    after: tuple[Estimate, Estimate, Estimate]
    distance: float


@dataclass(frozen=True)
class Influence:
    """What one piece of evidence does: the median of a quantity with all evidence, and without this piece."""

    name: str
    quantity: str
    with_all: Estimate
    without: Estimate


@dataclass(frozen=True)
class Conditioning(Result):
    """A conditioned run and its diagnostics.

    `pareto_k` is PSIS's diagnostic of the weights (Vehtari et al. 2024, by ArviZ); `effective` the effective
    draws, (sum w)^2 / sum w^2; `predicted` the evidence's quantities before, `moved` the priors that moved
    most first, `influence` of each piece of evidence, left out in turn.
    """

    run: Run
    before: Run
    pareto_k: float
    effective: float
    predicted: dict[str, Summary]
    moved: tuple[Moved, ...]
    influence: tuple[Influence, ...]

    @property
    def datatree(self) -> xarray.DataTree:
        """ArviZ's groups `prior`, `prior_predictive` and, given the evidence, `posterior` and `posterior_predictive`.

        Draws have dims (chain, draw): what `az.plot_prior_posterior` and the default `az.plot_forest` read.
        """
        import xarray

        groups = {
            f"/{time}{part}": run.datatree.children[f"prior{part}"].to_dataset(inherit=False)
            for time, run in (("prior", self.before), ("posterior", self.run))
            for part in ("", "_predictive")
        }
        return xarray.DataTree.from_dict(groups)

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: the priors that moved, dims (prior, quantile): `before` and `after`, in the prior's unit."""
        import xarray

        after = [[e.value for e in m.after] for m in self.moved]
        errors = [[e.mcse for e in m.after] for m in self.moved]
        data: dict[str, Any] = {
            "before": (("prior", "quantile"), [list(m.before) for m in self.moved], {"long_name": "quantile before"}),
            "after": (("prior", "quantile"), after, {"long_name": "quantile after"}),
            "after_mcse": (("prior", "quantile"), errors, {"long_name": "MCSE of the quantile after"}),
            "distance": ("prior", [m.distance for m in self.moved], {"long_name": "largest gap", "units": "1"}),
        }
        names = [m.name for m in self.moved]
        units = [self.before.priors.prior(n).unit for n in names]
        coords = {"prior": names, "quantile": [0.05, 0.5, 0.95], "units": ("prior", units)}
        return xarray.Dataset(data, coords, {"pareto_k": self.pareto_k, "effective_draws": self.effective})

    def to_json(self) -> dict[str, Any]:
        """Plain data: the evidence, how the weights are spread, what was predicted, what moved, and by which fact."""
        moved = {
            m.name: {
                "before": {"p5": m.before[0], "p50": m.before[1], "p95": m.before[2]},
                "after": {k: plain(e) for k, e in zip(("p5", "p50", "p95"), m.after, strict=True)},
                "distance": m.distance,
            }
            for m in self.moved
        }
        influence = [
            {"evidence": i.name, "quantity": i.quantity, "with_all": plain(i.with_all), "without": plain(i.without)}
            for i in self.influence
        ]
        return {
            "evidence": self.run.conditioned.on,
            "pareto_k": self.pareto_k,
            "effective_draws": self.effective,
            "predicted": {n: s.to_json() for n, s in self.predicted.items()},
            "moved": moved,
            "influence": influence,
        }


def condition(
    priors: Side | str | Sequence[str],
    on: Mapping[str, Any] | None = None,
    *,
    draws: int | str = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    quantities: str | Sequence[str] = (),
    sampler: str = "sobol",
    threads: int | None = None,
) -> Conditioning:
    """Condition a prior set on outside facts: `on` maps quantities to lognormals or normals.

    The set's own [evidence] table is believed too; `on` wins over it. Raises InputError for other families,
    for unknown quantities, and where the evidence lies where the draws do not.
    """
    chosen = prior_set(priors)
    asked = (quantities,) if isinstance(quantities, str) else quantities
    return conditioned(chosen, on or {}, Sampling(count(draws, "draws"), seed, sampler, threads=threads), asked)


def conditioned(
    chosen: PriorSet, on: Mapping[str, Any], sampling: Sampling, quantities: Sequence[str] = ()
) -> Conditioning:
    """As `condition`, of a prior set and a way to draw it."""
    facts, draws = evidence_of(chosen, on), sampling.draws
    if draws > LARGEST:
        raise InputError(f"{draws} draws cannot be conditioned: from 1 to {LARGEST:,}, which are weighted in memory")
    names = tuple(dict.fromkeys([*(quantities or chosen.model.told.headline), *facts]))
    before = draw(chosen, sampling, names, keep=draws + REPLICATES - 1)
    worlds = _worlds(before)
    logs = {n: log_likelihood(p.distribution, worlds[n]) for n, p in facts.items()}
    weights, k, effective = _weighted(before, facts, sum(logs.values(), np.zeros(worlds[names[0]].shape)))
    run = _resampled(before, facts, worlds, weights, (k, effective))
    predicted = {s.name: s for s in before.summary(list(facts))}
    moved, influence = tuple(_moved(before, worlds, weights)), tuple(_influence(worlds, logs, names))
    return Conditioning(run, before, k, effective, predicted, moved, influence)


def evidence_of(chosen: PriorSet, on: Mapping[str, Any]) -> dict[str, Prior]:
    """The facts of a set and those given beside it, each a lognormal or a normal of a quantity."""
    facts, mistakes = dict(chosen.evidence), list[str]()
    for name, text in on.items():
        try:
            q = chosen.model.quantity(name)
            facts[name] = Prior(name, parse(text), q.unit, "set by the user", "D", "", "--on")
        except InputError as error:
            mistakes += [f"--on {name}: {line}" for line in error.lines]
    for name, p in facts.items():
        try:
            observation(p.distribution)
        except InputError as error:
            mistakes.append(f"{p.origin if p.origin == '--on' else f'{p.origin}: evidence'} {name}: {error}")
    if mistakes:
        raise InputError(*mistakes)
    if not facts:
        raise InputError(
            f"there is no evidence: {chosen.name} has no [evidence] table, and no --on was given, as in "
            "--on 'training_h100s=lognormal(p5=8400, p95=21000)'"
        )
    return facts


def _worlds(run: Run) -> dict[str, np.ndarray]:
    """The worlds of a run again, in float64: its uncertain priors and quantities, (replicate, draw)."""
    s = run.settings
    worlds = PriorSampler(run.priors, s.seed, s.sampler, s.exact)
    values = worlds.values(worlds.first(s.per_replicate))
    fixed = {n: np.float64(v) for n, v in known(run.priors).items()}
    with np.errstate(all="ignore"):  # what is infinite is told of
        made = run.priors.model.evaluate({**fixed, **values}, run.quantities)
    shape = (s.replicates, s.per_replicate)
    return values | {n: np.broadcast_to(made[n], shape) for n in run.quantities}


def _weighted(run: Run, facts: Mapping[str, Prior], logs: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Weights that sum to 1 in each replicate, PSIS's Pareto k, and the effective draws of all."""
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]

    top = float(logs.max())
    if not math.isfinite(top):
        raise InputError(_elsewhere(run, facts, "no world has any likelihood"))
    diagnose: Any = array_stats.psislw
    _, k = diagnose(-(logs - top).ravel())
    w = np.exp(logs - top)
    effective = float(w.sum() ** 2 / (w**2).sum())
    sums = w.sum(axis=1, keepdims=True)
    if effective < min(FEWEST, 0.1 * w.size) or float(k) >= HEAVY or not np.all(sums > 0.0):
        raise InputError(
            _elsewhere(
                run,
                facts,
                f"{effective:.0f} of {w.size:,} worlds carry the weight (Pareto k {float(k):.2f}, to be below {HEAVY})",
            )
        )
    return w / sums, float(k), effective


def _elsewhere(run: Run, facts: Mapping[str, Prior], why: str) -> str:
    """That the evidence lies where the draws do not, with both intervals."""
    told = []
    for s in run.summary(list(facts)):
        low, high = (readable(facts[s.name].distribution.quantile(p), most=3) for p in (0.05, 0.95))
        predicted = f"{readable(s.low.value, most=3)} to {readable(s.high.value, most=3)}"
        told.append(f"{s.name}: predicted {predicted}, observed {low} to {high}")
    return (
        f"the evidence lies where the draws do not: {why}; {'; '.join(told)}. Widen the priors, or take more "
        "draws, or ask whether both can be true"
    )


def _resampled(
    before: Run,
    facts: Mapping[str, Prior],
    worlds: Mapping[str, np.ndarray],
    weights: np.ndarray,
    diagnostics: tuple[float, float],
) -> Run:
    """A run of equally weighted worlds: systematic resampling within each replicate."""
    n = weights.shape[1]
    edges = np.cumsum(weights, axis=1)
    middles = (np.arange(n) + 0.5) / n
    picks = np.array([np.minimum(np.searchsorted(row / row[-1], middles), n - 1) for row in edges])
    told = {name: (p.source, p.grade) for name, p in facts.items()}
    derivation = derivations.Conditioned({n: p.distribution.text for n, p in facts.items()}, told, *diagnostics)
    chosen, s = before.priors, before.settings
    taken = {n: np.take_along_axis(worlds[n], picks, axis=1) for n in (*chosen.uncertain, *s.quantities)}
    return replace(
        before,
        priors=derivation.labelled(chosen),
        settings=s._replace(keep=s.draws),
        samples={n: sampled(taken[n]) for n in s.quantities},
        prior_draws={n: _inside(chosen.priors[n], taken[n]) for n in chosen.uncertain},
        quantity_draws={n: taken[n].astype(np.float32) for n in s.quantities},
        correlations={pair: _achieved(taken, pair, rho["asked"]) for pair, rho in before.correlations.items()},
        derivation=derivation,
        threads=None,
    )


def _inside(prior: Prior, draws: np.ndarray) -> np.ndarray:
    """Draws of a prior in float32, within its support."""
    return np.clip(draws.astype(np.float32), *float32_range(*prior.distribution.support))


def _achieved(taken: Mapping[str, np.ndarray], pair: str, asked: float) -> dict[str, float]:
    """The rank correlation that was asked of a pair of priors, and the one that the chosen worlds have."""
    a, b = (ranks(taken[n][:, :FIRST].ravel()) for n in pair.split(", "))
    return {"asked": asked, "achieved": float(np.corrcoef(a, b)[0, 1])}


def _moved(run: Run, worlds: Mapping[str, np.ndarray], weights: np.ndarray) -> list[Moved]:
    found = []
    for name in run.priors.uncertain:
        x, prior = worlds[name], run.priors.prior(name).distribution
        gap = distance(x[:, :FIRST], weights[:, :FIRST])
        if gap > MOVED:
            low, middle, high = weighted_quantiles(x, weights, (0.05, 0.5, 0.95))
            before = (prior.quantile(0.05), prior.quantile(0.5), prior.quantile(0.95))
            found.append(Moved(name, before, (low, middle, high), gap))
    return sorted(found, key=lambda m: -m.distance)


def _influence(
    worlds: Mapping[str, np.ndarray], logs: Mapping[str, np.ndarray], names: Sequence[str]
) -> list[Influence]:
    """The median of the last quantity asked for, with each of several pieces of evidence left out."""
    if len(logs) < 2:
        return []
    of = next((n for n in reversed(names) if n not in logs), names[-1])

    def median(chosen: Sequence[str]) -> Estimate:
        total = sum((logs[n] for n in chosen), np.zeros(worlds[of].shape))
        w = np.exp(total - total.max())
        return weighted_quantiles(worlds[of], w / np.maximum(w.sum(axis=1, keepdims=True), 1e-300), (0.5,))[0]

    whole = median(list(logs))
    return [Influence(name, of, whole, median([n for n in logs if n != name])) for name in logs]


def again(run: Run, threads: int | None = None) -> Run:
    """A stored conditioned run made again."""
    plain = replace(run.priors, evidence={})
    new = conditioned(plain, run.conditioned.on, run.settings.sampling(threads), run.quantities).run
    return replace(new, priors=run.priors)
