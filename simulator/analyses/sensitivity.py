"""Sensitivity: which prior the uncertainty of a quantity rests on, and what to find out next.

Shares are of the variance of the logarithm where the quantity is positive: a product of independent
factors has first-order shares that sum to 1 on the log scale, and to less on the raw scale. A prior
is cut into bins of equal probability of its random point (the values of a choice); bins are taken
within each replicate, so that every number has its Monte Carlo error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from ..base.errors import InputError
from ..base.threads import pool
from ..distributions.derived import Discrete
from ..engine.sampling.points import bins, uniforms
from ..engine.sampling.prior_sampler import PriorSampler, known
from ..runs.run import Run
from ..statistics.binning import Bins, Centred, Ordered
from ..statistics.estimators import COVER, Estimate, mcse, no_variance
from ..statistics.exact import ExactSample
from .result import Result, along, finite, plain
from .sides import Side, at_hand, run_of

if TYPE_CHECKING:
    import xarray


MOST = 1 << 14  # draws of each replicate that are looked at: errors are small already, and time is not
FIRST = 4096  # of them, those that a tornado is made of
LEVELS, FINE = 6, 32  # of the bins: 2^6 of them
INSIDE = 1 << 13  # points at which a prior is looked at within its bins: fewer lose of the variance in its tails


@dataclass(frozen=True)
class Threshold:
    """What a threshold on the quantity says of one prior.

    `flip` is the probability that knowing the prior exactly changes on which side of the threshold
    most worlds lie; `above` and `below` are its medians in the worlds beyond and within the threshold;
    `distance` is the largest gap between the prior's distribution function beyond it and over all.
    """

    flip: Estimate
    above: float
    below: float
    distance: Estimate

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "flip": plain(self.flip),
            "median_above": finite(self.above),
            "median_below": finite(self.below),
            "distance": plain(self.distance),
        }


@dataclass(frozen=True)
class Driver:
    """What one prior (or group of correlated ones) does to the quantity.

    `first` is None where a share is not the prior's own, as it is correlated, or where there is no variance to share.
    """

    name: str
    grade: str
    correlated: bool
    rank: Estimate
    first: Estimate | None
    width: Estimate
    low: Estimate
    high: Estimate
    threshold: Threshold | None = None

    @property
    def distinguishable(self) -> bool:
        """Whether the 90 % interval of the first-order share stays clear of 0."""
        return self.first is not None and self.first.value > COVER * self.first.mcse

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "grade": self.grade,
            "correlated": self.correlated,
            "rank_correlation": plain(self.rank),
            "first_order_share": plain(self.first),
            "distinguishable": self.distinguishable,
            "width_left": plain(self.width),
            "median_at_p5": plain(self.low),
            "median_at_p95": plain(self.high),
            "threshold": self.threshold.to_json() if self.threshold else None,
        }


SAID = {
    "rank": "rank correlation with the quantity",
    "first": "first-order share of the variance",
    "width": "width of the 90 % interval that is left",
    "low": "median with the prior at its 5 % point",
    "high": "median with the prior at its 95 % point",
}


@dataclass(frozen=True)
class Sensitivity(Result):
    """The drivers of a quantity, the one to find out next first; of a crossing, by their rank correlation.

    `width` is the 90 % interval's width now, on the scale: a logarithm of a factor where `log`. A
    driver's `width` is what is left of it, in expectation, once that prior is known exactly; `low` and
    `high` are the quantity's median with the prior at its p5 and its p95. `share_above` is P(quantity
    > threshold). `withheld` is the reason why no shares of the variance are given, where there is one.
    `draws` are those that were looked at; the median is of all. `never` is the probability that a crossing is not
    reached: such worlds count as its last year.
    """

    quantity: str
    unit: str
    log: bool
    width: Estimate
    median: Estimate
    drivers: tuple[Driver, ...]
    threshold: float | None = None
    share_above: Estimate | None = None
    withheld: str = ""
    never: Estimate | None = None
    draws: int = 0

    def without_shares(self, reason: str) -> Sensitivity:
        """The same without its shares of a variance, for which there is a reason."""
        return replace(self, drivers=tuple(replace(d, first=None) for d in self.drivers), withheld=reason)

    @property
    def by_grade(self) -> dict[str, Estimate]:
        """The first-order shares summed by the evidence grade of the priors; none where a prior has no share."""
        grades: dict[str, list[Estimate]] = {}
        for d in self.drivers:
            if d.first is None:
                return {}
            grades.setdefault(d.grade, []).append(d.first)
        return {
            g: Estimate(sum(e.value for e in es), math.hypot(*(e.mcse for e in es))) for g, es in sorted(grades.items())
        }

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `prior`; each number with a variable of its MCSE.

        `first` (share of variance), `width` (of the 90 % interval, left when the prior is known), `rank`
        (correlation), `low` and `high` (the median with the prior at its p5 and p95); `flip` with a threshold.
        """
        import xarray

        scale = {"scale": "log" if self.log else "linear"}
        data: dict[str, Any] = {"grade": ("prior", [d.grade for d in self.drivers], {"long_name": "grade of evidence"})}
        for name, text in SAID.items():
            about = {"units": self.unit} if name in ("low", "high") else {"units": "1"} if name != "width" else scale
            data |= along("prior", name, text, (getattr(d, name) for d in self.drivers), about)
        if self.threshold is not None:
            flips = [d.threshold.flip if d.threshold else None for d in self.drivers]
            data |= along("prior", "flip", "probability that knowing it changes the side", flips, {"units": "1"})
        attributes = {"quantity": self.quantity, "log": int(self.log), "width": self.width.value}
        return xarray.Dataset(data, {"prior": [d.name for d in self.drivers]}, attributes)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "scale": "log" if self.log else "linear",
            "find_out_next": self.drivers[0].name,
            "width": plain(self.width),
            "median": plain(self.median),
            "threshold": self.threshold,
            "probability_above": plain(self.share_above),
            "draws": self.draws,
            "shares_withheld": self.withheld or None,
            **({"never_counted_as_last_year": plain(self.never)} if self.never else {}),
            "drivers": {d.name: d.to_json() for d in self.drivers},
        }


class _Analysis:
    """The draws of one quantity of a run, and the uniforms of the priors that it reads."""

    def __init__(self, run: Run, of: str):
        run.plain("a sensitivity")
        self.model, self.priors = run.priors.model, run.priors
        self.quantity = self.model.quantity(of)
        self.run, self.of = run, self.quantity.name
        self.names = self.priors.read_by(of)
        if not self.names:
            raise InputError(f"{of} is a constant here: no prior that it reads is uncertain")
        s, draws = run.settings, self.quantity.within(at_hand(run, self.of))
        if draws.shape[1] < 64:
            raise InputError(
                f"a run with {draws.size:,} kept draws is too small for this; take 10,000 draws or more, and keep them"
            )
        raw = draws[:, :MOST]
        if np.isinf(raw).any():
            raise InputError(f"{of} is infinite in some worlds, and nothing shares its variance: ask another quantity")
        if self.quantity.unreached and raw.min() == raw.max():
            raise InputError(
                f"{self.of} is {raw[0, 0]:g} or later in all worlds, or always that: ask another threshold"
            )
        self.log = bool((raw > 0.0).all()) and not self.quantity.unreached
        self.y = np.log(raw) if self.log else raw
        self.worlds = PriorSampler(self.priors, s.seed, s.sampler, names=self.names)
        self.points = self.worlds.first(raw.shape[1], self.names)
        first = self.worlds.values({n: w[:, :FIRST] for n, w in self.points.items()})
        self.base = self.model.reevaluate(known(self.priors), first, [self.of])  # of which a tornado moves one prior
        self.tied = {n for g in self.priors.groups for n in g.names}
        self.levels = min(LEVELS, max(int(math.log2(raw.shape[1] / 64)), 1))
        self.count = 1 << self.levels

    def bins(self, name: str) -> Bins:
        """A prior cut into its values where they are few, else into bins of equal probability."""
        rv = self.priors.prior(name).distribution.as_rv()
        if isinstance(rv, Discrete) and len(rv.values) <= self.count:
            values = self.worlds.values({name: self.points[name]})[name]
            return Bins(np.searchsorted(rv.values, values).astype(np.uint8), len(rv.values))
        places = bins(self.points[name], self.levels)
        if name in self.tied:
            return Bins(places, self.count)
        u = (np.arange(INSIDE) + 0.5) / INSIDE
        x: Any = np.where(u < 0.5, rv.ppf_fast(np.minimum(u, 0.5), False), rv.ppf_fast(np.minimum(1.0 - u, 0.5), True))
        x = (np.log(x) if self.log and x.min() > 0.0 else x).reshape(self.count, -1)
        centres, within = x.mean(axis=1), x.var(axis=1)
        within[x[:, 0] == x[:, -1]] = 0.0  # of one value, whose mean is rounded
        near = np.diff(centres) <= 0.0  # one value over several bins, or a prior too narrow for a slope
        if not np.all((within[:-1] == 0.0) & (within[1:] == 0.0) | ~near):
            return Bins(places, self.count)
        return Bins(places, self.count, centres, within)

    def ranks(self, name: str) -> np.ndarray:
        """The prior's place in its own order."""
        return ranks_of(self.worlds, name, self.points[name])


def ranks_of(worlds: PriorSampler, name: str, points: np.ndarray) -> np.ndarray:
    """The places of a prior's draws in its own order: their uniforms, the middle of its step for a choice."""
    rv = worlds.priors.prior(name).distribution.as_rv()
    if isinstance(rv, Discrete):
        middles = np.cumsum(rv.weights) - rv.weights / 2.0
        return np.asarray(middles[np.searchsorted(rv.values, worlds.values({name: points})[name])])
    return uniforms(points)


def _at_threshold(analysis: _Analysis, name: str, cut: Bins, limit: float) -> Threshold:
    """Which side most worlds lie on once the prior is known, and what the prior is beyond the limit."""
    beyond = analysis.y > limit
    ranks = analysis.ranks(name)
    prior = analysis.priors.prior(name).distribution
    places, bins, continuous = cut.places, cut.count, prior.as_rv().continuous

    def each(rows: slice) -> tuple[float, float]:
        place, hit = places[rows].ravel(), beyond[rows].ravel()
        counts = np.bincount(place, minlength=bins)
        hits = np.bincount(place, weights=hit, minlength=bins)
        majority = hit.mean() > 0.5
        share = hits / np.maximum(counts, 1)
        if cut.centres is not None and continuous:  # bins of equal probability: find the crossing between them
            share = np.interp(np.arange(bins * FINE) / FINE, np.arange(bins) + 0.5 - 0.5 / FINE, share)
        weights = np.repeat(counts, len(share) // bins) / hit.size / (len(share) // bins)
        flip = weights[(share > 0.5) != majority].sum()
        total = hits.sum()
        gap = np.abs(np.cumsum(hits) / total - np.cumsum(counts) / hit.size).max() if total else 0.0
        return float(flip), float(gap)

    rows = [each(slice(r, r + 1)) for r in range(len(beyond))]
    flip, gap = each(slice(None))
    medians = [prior.quantile(float(np.median(ranks[side]))) if side.any() else math.nan for side in (beyond, ~beyond)]
    flips, gaps = (np.array(column) for column in zip(*rows, strict=True))
    return Threshold(Estimate(flip, mcse(flips)), medians[0], medians[1], Estimate(gap, mcse(gaps)))


def _tornado(analysis: _Analysis, name: str) -> tuple[Estimate, Estimate]:
    """The quantity's median with one prior at its p5 and at its p95, on the first draws."""
    prior, base = analysis.priors.prior(name).distribution, analysis.base
    found = []
    for p in (0.05, 0.95):
        changed = {name: np.float64(prior.quantile(p))}
        with np.errstate(all="ignore"):
            y = analysis.quantity.within(analysis.model.reevaluate(base, changed, [analysis.of])[analysis.of])
        y = np.broadcast_to(y, analysis.y[:, :FIRST].shape)
        found.append(Estimate(float(np.median(y)), mcse(np.median(y, axis=1))))
    return found[0], found[1]


_KNOWN: WeakKeyDictionary[Run, dict[Any, Sensitivity]] = WeakKeyDictionary()


def sensitivity(
    run: Side | str | Sequence[str], of: str | None = None, threshold: float | None = None, **options: Any
) -> Sensitivity:
    """What a quantity (default: the run's last) rests on, from the draws of a run: the prior to find out next first.

    A stored run, a prior set or layers, drawn with `options` of `simulate`, are taken too. A run's answers are
    remembered as long as the run is: several figures and tables ask for the same. Over `years` (an option, with `when`)
    a quantity that names none is that of the last. Raises InputError for a quantity
    that does not exist, that is constant, or a run without draws.
    """
    made = run_of(run, (of,) if of else (), **options)
    of = made.priors.model.dated(of) if of else made.quantities[-1]
    known_here, key = _KNOWN.setdefault(made, {}), (of, threshold)
    if key not in known_here:
        known_here[key] = _analyzed(made, *key)
    return known_here[key]


def _analyzed(run: Run, of: str, threshold: float | None) -> Sensitivity:
    analysis = _Analysis(run, of)
    y, limit = analysis.y, threshold
    if limit is not None and analysis.log:
        limit = math.log(limit) if limit > 0.0 else -math.inf
    ordered = Ordered(y)
    ranks = Centred.of(ordered.ranks())

    def driver(name: str) -> Driver:
        cut = analysis.bins(name)
        low, high = _tornado(analysis, name)
        at = _at_threshold(analysis, name, cut, limit) if limit is not None else None
        rank, (first, width) = ranks.correlation(analysis.ranks(name)), cut.share_and_width(ordered)
        grade, tied = analysis.priors.prior(name).grade, name in analysis.tied
        return Driver(name, grade, tied, rank, None if tied else first, width, low, high, at)

    with pool() as threads:
        drivers = list(threads.map(driver, analysis.names))
    unreached = analysis.quantity.unreached  # a crossing's interval ends where the years do, whatever is known
    drivers.sort(key=lambda d: -abs(d.rank.value) if unreached else d.width.value)
    whole = ordered.width()
    middle = run.summary([analysis.of])[0].median
    if unreached:
        middle = Estimate(float(np.median(y)), mcse(np.median(y, axis=1)))
    above = None
    if limit is not None:
        share = (y > limit).mean(axis=1)
        above = Estimate(float(share.mean()), mcse(share))
    found = Sensitivity(
        analysis.of, analysis.quantity.unit, analysis.log, whole, middle, tuple(drivers), threshold, above, draws=y.size
    )
    if unreached:
        found = replace(found, never=run.summary([analysis.of])[0].infinite)
    reason = no_variance(ExactSample(y))
    return found.without_shares(reason) if reason else found
