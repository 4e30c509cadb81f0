"""Attribution: how much of the change from A to B each differing prior is responsible for.

Shapley values over the subsets of the differing priors: exact for few, and for many the mean over
sampled permutations, each with its reverse, so that a swap of A and B flips every sign exactly. Both
sum to the whole difference exactly. Priors that change jointly are one player.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.defaults import DEFAULT_SEED
from ..base.errors import InputError
from ..base.threads import pool
from ..compute.graph import Model
from ..compute.years import Crossing
from ..engine.sampling.prior_sampler import PriorSampler, known
from ..priors.over import Years, dated
from ..priors.prior_set import PriorSet
from ..runs.settings import REPLICATES
from ..statistics.estimators import Estimate, mcse, mean
from ..statistics.exact import ExactSample
from ..statistics.statistic import Statistic
from ..statistics.statistic import statistic as measured
from .players import VARIANT, players
from .result import Result, plain
from .sides import Side, aligned, prior_set

if TYPE_CHECKING:
    import xarray

EXACT = 10  # players up to which all subsets are evaluated
EVALUATIONS = 1024  # of subsets, about, in permutations
FEW = 4  # players that a quantity reads, up to which it is held for each of their subsets
FIRST = 4096  # draws of each replicate that are attributed


@dataclass(frozen=True)
class Contribution:
    """What one player does to the statistic: on the log scale where `Attribution.log`."""

    name: str
    priors: tuple[str, ...]
    value: float
    mcse: float
    permutation_se: float

    @property
    def error(self) -> float:
        """The Monte Carlo errors of draws and permutations together."""
        return math.hypot(self.mcse, self.permutation_se)


@dataclass(frozen=True)
class Attribution(Result):
    """The contributions to the change of a statistic from A to B, largest first.

    They sum to `change`, which is log(b / a) where `log`, else b - a; `a` and `b` are the statistic on
    the draws that were attributed. `permutations` is 0 where all subsets were evaluated.
    """

    quantity: str
    statistic: Statistic
    log: bool
    a: Estimate
    b: Estimate
    change: Estimate
    contributions: tuple[Contribution, ...]
    permutations: int
    draws: int
    unit: str = "1"

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `prior`; `contribution` (its attribute `scale` says whether of a logarithm) and its errors."""
        import xarray

        of = "log of the ratio B / A" if self.log else "difference B - A"
        about = {"units": "1" if self.log else self.unit, "scale": "log" if self.log else "linear"}
        said = {"contribution": ("value", f"contribution to the {of}"), "mcse": ("mcse", "MCSE of the contribution")}
        said["permutation_se"] = ("permutation_se", "standard error of the sampled permutations")
        data = {
            name: ("prior", [getattr(c, field) for c in self.contributions], {"long_name": text, **about})
            for name, (field, text) in said.items()
        }
        whole = {"quantity": self.quantity, "statistic": self.statistic.name, "log": int(self.log)}
        whole |= {"a": self.a.value, "b": self.b.value, "permutations": self.permutations, "draws": self.draws}
        return xarray.Dataset(data, {"prior": [c.name for c in self.contributions]}, whole)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        rows = [
            {"name": c.name, "priors": list(c.priors), "contribution": c.value, "mcse": c.mcse}
            | {"permutation_se": c.permutation_se}
            for c in self.contributions
        ]
        return {
            "quantity": self.quantity,
            "statistic": self.statistic.name,
            "scale": "log" if self.log else "linear",
            "a": plain(self.a),
            "b": plain(self.b),
            "draws": self.draws,
            "permutations": self.permutations,
            "contributions": rows,
        }


class _Parts:
    """A quantity from what it is made of, which is evaluated once for each subset of the few players that it reads."""

    def __init__(self, model: Model, quantity: str, players: Mapping[str, tuple[str, ...]]):
        self.model, self.plan = model, model.plan([quantity])
        self.constants = {c.name: c.value for c in model.constants.values()}
        self.reads = {n: 1 << i for i, names in enumerate(players.values()) for n in names}
        for q in self.plan:
            self.reads[q.name] = functools.reduce(or_, (self.reads.get(n, 0) for n in q.inputs), 0)
        self.held: dict[tuple[str, int], Any] = {}

    def evaluate(self, values: Mapping[str, Any], mask: int) -> Any:
        """The quantity from the values of the priors, of which a subset of the players is at B."""
        found = self.constants | dict(values)
        for q in self.plan:
            key = q.name, mask & self.reads[q.name]
            x = self.held.get(key)
            found[q.name] = q(found) if x is None else x
            if x is None and self.reads[q.name].bit_count() <= FEW:
                self.held[key] = found[q.name]
        return found[self.plan[-1].name]


class _Game:
    """The value of each subset of players at B, all others at A; a bit mask names the subset."""

    def __init__(
        self, a: PriorSet, b: PriorSet, quantity: str, measure: Statistic, seed: int, sampler: str, count: int
    ):
        self.models, self.quantity, self.measure = (a.model, b.model), quantity, measure
        reads = list(dict.fromkeys(n for model in self.models for n in model.reads([quantity])))
        self.players = players(a, b, reads)
        self.at = [self._values(s, reads, seed, sampler, count) for s in (a, b)]
        self.count = count
        self.variant = list(self.players).index(VARIANT) if VARIANT in self.players else None
        both = {**self.at[1], **self.at[0]}
        self.base = {n: v for n, v in both.items() if not any(n in p for p in self.players.values())}
        self.known: dict[int, tuple[float, np.ndarray]] = {}
        self.parts = [_Parts(model, quantity, self.players) for model in self.models]
        self.log = False

    @staticmethod
    def _values(chosen: PriorSet, reads: Sequence[str], seed: int, sampler: str, count: int) -> dict[str, Any]:
        names = [n for n in chosen.uncertain if n in reads]
        worlds = PriorSampler(chosen, seed, sampler, names=names)
        drawn = worlds.values(worlds.first(count, names))
        return {n: np.float64(v) for n, v in known(chosen).items()} | drawn

    def draws(self, mask: int) -> np.ndarray:
        """The quantity's draws (replicate, draw) with a subset of the players at B."""
        values = dict(self.base)
        for i, names in enumerate(self.players.values()):
            chosen = self.at[mask >> i & 1]
            values |= {n: chosen[n] for n in names if n in chosen}
        side = 0 if self.variant is None else mask >> self.variant & 1
        y = self.models[side].quantity(self.quantity).within(self.parts[side].evaluate(values, mask))
        return np.broadcast_to(y, (REPLICATES, self.count))

    def evaluate(self, mask: int) -> tuple[float, np.ndarray]:
        value, each = self.measure(self.draws(mask))
        if not math.isfinite(value):
            raise InputError(
                f"{self.measure.name} of {self.quantity} is not finite with some priors at B and "
                "the others at A; it cannot be attributed"
            )
        return value, each

    def prepare(self, masks: Sequence[int]) -> None:
        """Evaluate the subsets, on all cores; then choose the scale."""
        new = list(dict.fromkeys(m for m in masks if m not in self.known))
        with pool() as threads:
            self.known |= dict(zip(new, threads.map(self.evaluate, new), strict=True))
        positive = all(v > 0.0 and np.all(each > 0.0) for v, each in self.known.values())
        year = self.models[0].quantity(self.quantity).unreached
        self.log = positive and not self.measure.is_probability and not year

    def value(self, mask: int) -> np.ndarray:
        """The statistic on its scale: of all draws, then of each replicate."""
        value, each = self.known[mask]
        both = np.concatenate([[value], each])
        return np.log(both) if self.log else both


def attribute(
    a: Side | str | Sequence[str],
    b: Side | str | Sequence[str],
    of: str,
    statistic: str = "median",
    seed: int = DEFAULT_SEED,
    sampler: str = "sobol",
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
) -> Attribution:
    """How much of the change of a statistic of a quantity from A to B each differing prior is responsible for.

    A and B are prior sets, layers or stored runs, whose sets are taken; over `years` a quantity that names none is that
    of the last. Of a crossing, worlds that never reach it count as the last year. Raises InputError as `attributed`.
    """
    sides = aligned([prior_set(a), prior_set(b)], years, when)
    first, second = (prior_set(side) for side in sides)
    return attributed(first, second, dated((first, second), of), measured(statistic), seed, sampler)


def attributed(
    a: PriorSet, b: PriorSet, quantity: str, measure: Statistic, seed: int, sampler: str = "sobol", count: int = FIRST
) -> Attribution:
    """Attribute the change of a statistic of one quantity from A to B.

    Both sets are drawn with one `seed`; the first `count` draws of each replicate are attributed. Where the
    sets are of different variants, the variant is one player. Raises InputError for a quantity that one of
    them has not, and where the statistic is not finite.
    """
    quantity, _ = (chosen.model.quantity(quantity).name for chosen in (a, b))
    _check_trends(a, b)
    game = _Game(a, b, quantity, measure, seed, sampler, count)
    size = len(game.players)
    if measure.of_tail:
        for name, mask in ((a.name, 0), (b.name, (1 << size) - 1)):
            _, heavy = mean(ExactSample(game.draws(mask).astype(float)))
            if heavy:
                raise InputError(f"the mean of {quantity} in {name} cannot be attributed: {heavy}")
    if size <= EXACT:
        game.prepare(range(1 << size))
        steps = [_exact(game, i, size) for i in range(size)]
        orders, permutation_ses = 0, [0.0] * size
    else:
        steps, permutation_ses, orders = _sampled(game, size, seed)
    contributions = [
        Contribution(name, priors, float(step[0]), mcse(step[1:]), se)
        for (name, priors), step, se in zip(game.players.items(), steps, permutation_ses, strict=True)
    ]
    ordered = tuple(sorted(contributions, key=lambda c: -abs(c.value)))
    ends = [Estimate(game.known[m][0], mcse(game.known[m][1])) for m in (0, (1 << size) - 1)]
    whole = game.value((1 << size) - 1) - game.value(0)
    change = Estimate(float(whole[0]), mcse(whole[1:]))
    unit = a.model.quantity(quantity).unit
    return Attribution(quantity, measure, game.log, ends[0], ends[1], change, ordered, orders, REPLICATES * count, unit)


def _check_trends(a: PriorSet, b: PriorSet) -> None:
    """Refuse trends that the model itself has otherwise in B: no prior stands for that."""
    for name in a.trends:
        one, two = (s.trends[name].trended if name in s.trends else None for s in (a, b))
        if a.years and one != two:
            raise InputError(
                f"trends.{name} begins or scatters otherwise in {b.name}: no prior is responsible for that"
            )


def _sum(terms: Sequence[np.ndarray]) -> np.ndarray:
    """A sum without rounding, so that its negation is the sum of the negated terms."""
    return np.array([math.fsum(column) for column in zip(*terms, strict=True)])


def _exact(game: _Game, player: int, size: int) -> np.ndarray:
    """The Shapley value of one player over all subsets of the others."""
    bit, terms = 1 << player, []
    for mask in range(1 << size):
        if not mask & bit:
            weight = 1.0 / (size * math.comb(size - 1, mask.bit_count()))
            terms.append(weight * (game.value(mask | bit) - game.value(mask)))
    return _sum(terms)


def _sampled(game: _Game, size: int, seed: int) -> tuple[list[np.ndarray], list[float], int]:
    """Means over sampled permutations and their reverses, and the standard errors of those means."""
    pairs = max(EVALUATIONS // (2 * (size - 1)), 8)
    rng = np.random.default_rng(seed)
    paths = []
    for _ in range(pairs):
        order = rng.permutation(size).tolist()
        paths += [_path(order), _path(order[::-1])]
    game.prepare([mask for path in paths for mask in path])
    moves: list[list[np.ndarray]] = [[] for _ in range(size)]
    for path in paths:
        for before, after in pairwise(path):
            moves[(before ^ after).bit_length() - 1].append(game.value(after) - game.value(before))
    steps = [_sum(m) / len(m) for m in moves]
    by_pair = [[(m[i][0] + m[i + 1][0]) / 2.0 for i in range(0, len(m), 2)] for m in moves]
    return steps, [float(np.std(v, ddof=1) / math.sqrt(pairs)) for v in by_pair], 2 * pairs


def _path(order: Sequence[int]) -> list[int]:
    masks = [0]
    for player in order:
        masks.append(masks[-1] | 1 << player)
    return masks
