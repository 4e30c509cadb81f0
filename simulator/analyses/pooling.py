"""Pooling: several prior sets, of different variants too, as one run: the linear pool of their worlds.

Draws are allocated in proportion to the weights within each replicate. The share of variance that lies
between the sets is what the choice among them leaves uncertain: structural uncertainty as a number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.defaults import DEFAULT_DRAWS, DEFAULT_SEED
from ..base.errors import InputError
from ..base.numbers import parse_number
from ..engine.simulate import count, draw
from ..priors.prior_set import PriorSet
from ..runs.derivation import Member, Pooled
from ..runs.run import Run, sampled
from ..runs.settings import REPLICATES, Sampling
from ..statistics.estimators import Estimate, mcse
from .result import Result, along, plain
from .sides import Side, prior_set

if TYPE_CHECKING:
    import xarray

LARGEST = 4_000_000  # draws that are pooled in memory
MOST = 16  # members


@dataclass(frozen=True)
class Pool(Result):
    """A pooled run, the runs of its members, and their weights."""

    run: Run
    members: tuple[Run, ...]
    weights: tuple[float, ...]

    def between(self, quantity: str) -> Estimate | None:
        """The share of a quantity's variance that lies between the sets, on the log scale if it is positive.

        Total variance: the variance of the members' means over that plus the mean of their variances. None for
        a quantity without variance.
        """
        rows = [m.draws_of(quantity) for m in self.members]
        if any(np.isinf(x).any() for x in rows):
            return None
        log = all(bool((x > 0.0).all()) for x in rows)
        rows = [np.log(x) for x in rows] if log else rows
        w = np.array(self.weights)

        def share(parts: Sequence[np.ndarray]) -> float:
            means, variances = np.array([x.mean() for x in parts]), np.array([x.var() for x in parts])
            between = float(w @ (means - w @ means) ** 2)
            total = between + float(w @ variances)
            return between / total if total > 0.0 else math.nan

        whole = share(rows)
        each = np.array([share([x[r] for x in rows]) for r in range(REPLICATES)])
        return None if math.isnan(whole) else Estimate(whole, mcse(each))

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dims (member, quantity): each member's `median`; by quantity the share `between` the sets."""
        import xarray

        names = list(self.run.quantities)
        medians = [[s.median for s in m.summary(names)] for m in self.members]
        data: dict[str, Any] = {
            "weight": ("member", list(self.weights), {"long_name": "weight in the pool", "units": "1"}),
            "median": (("member", "quantity"), [[e.value for e in row] for row in medians], {"long_name": "median"}),
            "median_mcse": (("member", "quantity"), [[e.mcse for e in row] for row in medians], {"long_name": "MCSE"}),
        }
        data |= along("quantity", "between", "share of the variance between the sets", map(self.between, names))
        units = [self.run.priors.model.quantity(n).unit for n in names]
        coords = {"member": self.run.pooled.names, "quantity": names, "units": ("quantity", units)}
        return xarray.Dataset(data, coords)

    def to_json(self) -> dict[str, Any]:
        """Plain data: the members, and the share of each quantity's variance that lies between them."""
        members = [
            {
                "name": r.priors.name,
                "edits": r.priors.edits,
                "weight": w,
                "draws": r.settings.draws,
                "variant": r.priors.model.name,
                "digest": r.digest,
                "run": str(r.path) if r.path else None,
                "quantities": r.summary(self.run.quantities).to_json(),
            }
            for r, w in zip(self.members, self.weights, strict=True)
        ]
        between = {n: self.between(n) for n in self.run.quantities}
        return {"members": members, "between": {n: plain(e) for n, e in between.items()}}


def parse_members(texts: Sequence[str]) -> list[tuple[str, float]]:
    """`A:0.5` texts as names and weights; raises InputError where they do not sum to 1."""
    found, mistakes = [], list[str]()
    for text in texts:
        name, colon, weight = text.rpartition(":")
        try:
            value = parse_number(weight)
        except InputError:
            value = math.nan
        if not colon or not name or not 0.0 < value <= 1.0:
            mistakes.append(
                f"{text!r} is no member of a pool: write SET:WEIGHT with a weight between 0 and 1, as in "
                "evidence-2026:0.7 or evidence-2026:70%"
            )
        found.append((name, value))
    if not mistakes and abs(sum(w for _, w in found) - 1.0) > 1e-9:
        mistakes.append(
            f"the weights {', '.join(f'{w:g}' for _, w in found)} sum to {sum(w for _, w in found):g}, not 1"
        )
    if mistakes:
        raise InputError(*mistakes)
    return found


def pool(
    members: Sequence[tuple[Side | str, float]],
    *,
    draws: int | str = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    quantities: str | Sequence[str] = (),
    sampler: str = "sobol",
    threads: int | None = None,
) -> Pool:
    """Pool prior sets with their weights, which sum to 1, into one run.

    It has the quantities that all members have: the headline, or those asked for. Raises InputError for fewer
    than two members, the same one twice, weights that do not sum to 1, or a weight without a draw.
    """
    sets = [(prior_set(m), w) for m, w in members]
    asked = (quantities,) if isinstance(quantities, str) else quantities
    return pooled(sets, Sampling(count(draws, "draws"), seed, sampler, threads=threads), asked)


def pooled(sets: Sequence[tuple[PriorSet, float]], sampling: Sampling, quantities: Sequence[str] = ()) -> Pool:
    """As `pool`, of prior sets and a way to draw them."""
    names, draws = _names([p for p, _ in sets], quantities), sampling.draws
    weights = [w for _, w in sets]
    _check([p for p, _ in sets], weights, draws)
    counts = _allocated(weights, sampling.per_replicate)
    if min(counts) < 1:
        raise InputError(f"{draws} draws leave none for a weight of {min(weights):g}: take more")
    runs = []
    for (priors, _), n in zip(sets, counts, strict=True):
        runs.append(draw(priors, replace(sampling, draws=REPLICATES * n), names, keep=REPLICATES * n))
    return Pool(_pooled(runs, weights, names), tuple(runs), tuple(weights))


def _check(sets: Sequence[PriorSet], weights: Sequence[float], draws: int) -> None:
    """Refuse what is no pool."""
    if not 2 <= len(sets) <= MOST:
        raise InputError(f"{len(sets)} prior sets are no pool: from 2 to {MOST}")
    if not REPLICATES <= draws <= LARGEST:
        raise InputError(f"{draws} draws cannot be pooled: from {REPLICATES} to {LARGEST:,}")
    if len({p.digest for p in sets}) < len(sets):
        raise InputError(f"{sets[-1].name} stands twice in the pool: give each set once, with its whole weight")
    if any(w <= 0.0 for w in weights) or abs(sum(weights) - 1.0) > 1e-9:
        raise InputError(f"the weights {', '.join(f'{w:g}' for w in weights)} are not above 0 and do not sum to 1")


def _names(sets: Sequence[PriorSet], asked: Sequence[str]) -> tuple[str, ...]:
    shared = [q for q in sets[0].model.quantities if all(q in p.model.quantities for p in sets)] if sets else []
    for name in asked:
        owner = next((p for p in sets if name not in p.model.quantities), None)
        if owner is not None:
            owner.model.quantity(name)
    return tuple(dict.fromkeys(asked)) or tuple(q for q in sets[0].model.told.headline if q in shared)


def _allocated(weights: Sequence[float], n: int) -> list[int]:
    """Whole numbers that sum to n, in proportion to the weights: the largest remainders are rounded up."""
    exact = [w * n for w in weights]
    counts = [math.floor(x + 1e-9) for x in exact]
    for i in sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])[: n - sum(counts)]:
        counts[i] += 1
    return counts


def _pooled(runs: Sequence[Run], weights: Sequence[float], names: tuple[str, ...]) -> Run:
    """The worlds of the members' runs one after another in each replicate, as one run."""
    first, per = runs[0].settings, sum(r.settings.per_replicate for r in runs)
    told = ", ".join(f"{r.priors.name} {w:g}" for r, w in zip(runs, weights, strict=True))
    values = {n: np.concatenate([r.draws_of(n) for r in runs], axis=1) for n in names}
    return Run(
        PriorSet(f"pool-of-{len(runs)}", f"Pool of {told}", runs[0].priors.variant, {}),
        first._replace(draws=REPLICATES * per, keep=REPLICATES * per, quantities=names),
        samples={n: sampled(x) for n, x in values.items()},
        quantity_draws={n: x.astype(np.float32) for n, x in values.items()},
        derivation=Pooled(tuple(_member(r, w) for r, w in zip(runs, weights, strict=True))),
    )


def _member(run: Run, weight: float) -> Member:
    p = run.priors
    return Member(p.name, p.title, p.variant, weight, run.digest, run.settings.per_replicate, p.to_json())


def again(run: Run, threads: int | None = None) -> Run:
    """A stored pool made again."""
    sets = [(m.prior_set(), m.weight) for m in run.pooled.members]
    return replace(pooled(sets, run.settings.sampling(threads), run.quantities).run, priors=run.priors)
