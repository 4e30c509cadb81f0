"""Compare runs: summaries side by side, their differences and ratios, and worlds against worlds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import InputError
from ..base.threads import pool
from ..compute.years import Crossing
from ..engine.simulate import draw
from ..priors.over import Years, asked_by
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..statistics.estimators import Estimate, infinite, mcse
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample
from ..statistics.statistic import Statistic
from .crossed import Crossed, crossed
from .result import NONE, Result, along, plain
from .sides import Side, aligned, at_hand, meaning, run_of, shared_headline

if TYPE_CHECKING:
    import xarray


GRID, FINE = 512, 8192  # draws of each replicate that stand for all, and where they are too few
STEEP = 0.02  # by how much the probability of A may rise from one of them to the next
SAID = {"a": "A", "b": "B", "difference": "B - A of the statistic", "ratio": "B / A of the statistic"}
STATISTICS = {"median": 0.5, "p5": 0.05, "p95": 0.95}


@dataclass(frozen=True)
class Contrast:
    """One quantity in A and B.

    `a`, `b`, `difference` (B - A) and `ratio` (B / A, None where A is not positive) are by statistic.
    `change` is the draw-wise interval of the ratio (of the difference where there is no ratio), and
    `above_same` P(B > A), in the same world; `above_independent` P(B > A) for independent worlds.
    """

    quantity: str
    unit: str
    a: dict[str, Estimate]
    b: dict[str, Estimate]
    difference: dict[str, Estimate]
    ratio: dict[str, Estimate] | None
    change: tuple[Estimate, Estimate] | None
    above_same: Estimate | None
    above_independent: Estimate
    rounding: float = 1e-12

    @property
    def changed(self) -> bool:
        """Whether any of the statistics differs by more than rounding, of float32 for stored draws."""
        return any(abs(self.difference[s].value) > self.rounding * abs(self.a[s].value) for s in STATISTICS)

    def to_json(self, letters: tuple[str, str] = ("A", "B")) -> dict[str, Any]:
        """Plain data, under the letters of the two sides."""
        interval = {"low": plain(self.change[0]), "high": plain(self.change[1])} if self.change else None
        return {
            "unit": self.unit,
            letters[0]: _plain(self.a),
            letters[1]: _plain(self.b),
            "difference": _plain(self.difference),
            "ratio": _plain(self.ratio),
            "same_world": {"interval": interval, "above": plain(self.above_same)},
            "independent_worlds": {"above": plain(self.above_independent)},
        }


def _plain(estimates: Mapping[str, Estimate] | None) -> dict[str, Any] | None:
    return {name: plain(e) for name, e in estimates.items()} if estimates else None


@dataclass(frozen=True)
class Comparison(Result):
    """Two runs held against each other; `paired` where they share their randomness, with their crossings by year."""

    a: Run
    b: Run
    paired: bool
    contrasts: tuple[Contrast, ...]
    infinite: tuple[str, ...] = ()  # quantities that are infinite in some worlds, and have no differences
    crossings: tuple[Crossed, ...] = ()

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dims (quantity, statistic), each number with a variable of its MCSE; units by quantity."""
        import xarray

        data: dict[str, Any] = {}
        for name, text in SAID.items():
            rows = [[(getattr(c, name) or {}).get(s, NONE) for s in STATISTICS] for c in self.contrasts]
            for i, suffix in enumerate(("", "_mcse")):
                about = {"long_name": text if not i else f"MCSE of {text}"}
                data[name + suffix] = (("quantity", "statistic"), [[e[i] for e in row] for row in rows], about)
        data |= along("quantity", "above_same", "P(B > A) in the same world", (c.above_same for c in self.contrasts))
        independent = (c.above_independent for c in self.contrasts)
        data |= along("quantity", "above_independent", "P(B > A) in independent worlds", independent)
        coords = {
            "quantity": [c.quantity for c in self.contrasts],
            "statistic": list(STATISTICS),
            "units": ("quantity", [c.unit for c in self.contrasts]),
        }
        whole = {"paired": int(self.paired), "a": self.a.priors.called, "b": self.b.priors.called}
        return xarray.Dataset(data, coords, whole)

    def to_json(self, letters: tuple[str, str] = ("A", "B")) -> dict[str, Any]:
        """Plain data: whether they are paired, and each quantity under the letters of the two sides."""
        found = {"paired": self.paired, "quantities": {c.quantity: c.to_json(letters) for c in self.contrasts}}
        return found | ({"crossed": {c.quantity: c.to_json(letters) for c in self.crossings}} if self.crossings else {})


def are_paired(a: Run, b: Run) -> bool:
    """Whether two runs share their random points: the same seed, sampler and size, and priors as they are."""
    same = [(s.seed, s.sampler, s.draws, s.exact) for s in (a.settings, b.settings)]
    return same[0] == same[1] and a.derivation is b.derivation is None


def change(a: Run, b: Run, name: str, measured: Statistic, log: bool) -> Estimate:
    """How a statistic of a quantity changes from A to B on all draws: B / A where `log`, else B - A."""
    (x, xs), (y, ys) = (measured.of_sample(r.sample(name)) for r in (a, b))
    paired, apart = are_paired(a, b), math.hypot(mcse(xs), mcse(ys))
    if log and not (x and y and xs.all()):
        raise InputError(f"the {measured.name} of {name} is 0 in {(b if x else a).name}: no factor leads there")
    if log:
        relative = math.hypot(mcse(xs) / x, mcse(ys) / y)
        return Estimate(y / x, mcse(ys / xs) if paired else y / x * relative)
    return Estimate(y - x, mcse(ys - xs) if paired else apart)


def contrast(a: Run, b: Run, name: str) -> Contrast:
    """One quantity of two runs; the errors of differences are paired where the runs are."""
    paired, one, two = are_paired(a, b), a.sample(name), b.sample(name)
    numbers: dict[str, dict[str, Estimate]] = {k: {} for k in ("a", "b", "difference", "ratio")}
    for sample in (one, two):
        sample.prepare(STATISTICS.values())
    draws = _in_pairs(a, b, name) if paired else []
    positive = not paired or bool(draws[0].all())  # a world of 0 has no ratio
    for statistic, p in STATISTICS.items():
        (x, xs), (y, ys) = (sample.quantile(p) for sample in (one, two))
        numbers["a"][statistic], numbers["b"][statistic] = Estimate(x, mcse(xs)), Estimate(y, mcse(ys))
        apart = math.hypot(mcse(xs), mcse(ys))
        numbers["difference"][statistic] = Estimate(y - x, mcse(ys - xs) if paired else apart)
        positive = positive and x > 0.0 and bool(np.all(xs > 0.0)) and y > 0.0
        if positive:
            error = mcse(ys / xs) if paired else y / x * math.hypot(mcse(xs) / x, mcse(ys) / y)
            numbers["ratio"][statistic] = Estimate(y / x, error)
    change, same = _worlds(draws[0], draws[1], positive) if paired else (None, None)
    ratio = numbers["ratio"] if positive else None
    return Contrast(
        name,
        a.priors.model.quantity(name).unit,
        numbers["a"],
        numbers["b"],
        numbers["difference"],
        ratio,
        change,
        same,
        _independent(a, b, name),
        1e-12 if a.path is b.path is None else 1e-6,
    )


def _in_pairs(a: Run, b: Run, name: str) -> list[np.ndarray]:
    """The draws (replicate, draw) of a quantity of two paired runs, with the same digits: all that are at hand."""
    if a.stored is b.stored is None:
        found = [at_hand(run, name) for run in (a, b)]
        if found[0].shape == found[1].shape:
            return found
    return [run.draws_of(name) for run in (a, b)]


def _worlds(x: np.ndarray, y: np.ndarray, positive: bool) -> tuple[tuple[Estimate, Estimate] | None, Estimate | None]:
    """The draw-wise interval, and P(B > A), with every prior at the same quantile in both."""
    count = min(x.shape[1], y.shape[1])
    if not count:
        return None, None
    if x is y or np.array_equal(x, y):
        unmoved = Estimate(1.0 if positive else 0.0, 0.0)
        return (unmoved, unmoved), Estimate(0.0, 0.0)
    x, y = x[:, :count], y[:, :count]
    share = (y > x).mean(axis=1)
    moved = ExactSample(y / x if positive else y - x)
    moved.prepare((0.05, 0.95))
    ends = [moved.quantile(p) for p in (0.05, 0.95)]
    low, high = (Estimate(value, mcse(each)) for value, each in ends)
    return (low, high), Estimate(float(share.mean()), mcse(share))


def _independent(a: Run, b: Run, name: str) -> Estimate:
    """P(B > A) where the worlds of A and B have nothing to do with each other.

    A few ranks of B stand for all of its draws, and more of them where the distribution of A rises much from one to the
    next: it is narrower, or one of both has steps or gaps.
    """
    size = a.settings.per_replicate
    if a.sample(name) is b.sample(name) and a.member is None and _untied(a.priors, name):
        return Estimate(float(_thinned(size, GRID).mean()) / size, 0.0)
    one, two = (_exact(run, name) for run in (a, b))
    if not one.rows.size or not two.rows.size:
        return Estimate(math.nan, math.nan)
    under = one.under(two.ranked(_thinned(two.per_replicate, GRID))) / one.per_replicate
    if np.diff(under, axis=1, prepend=0.0, append=1.0).max() > STEEP:
        under = one.under(two.ranked(_thinned(two.per_replicate, FINE))) / one.per_replicate
    share = under.mean(axis=1)
    return Estimate(float(share.mean()), mcse(share))


def _thinned(size: int, count: int) -> np.ndarray:
    """The ranks in the middle of so many equal parts of a sorted sample, which stand for all."""
    count = min(size, count)
    return ((np.arange(count) + 0.5) * (size / count)).astype(np.int64)


def _untied(priors: PriorSet, name: str) -> bool:
    """Whether no two draws of a quantity are equal."""
    read = priors.read_by(name)
    return bool(read) and all(priors.prior(n).distribution.as_rv().continuous for n in read)


def _exact(run: Run, name: str) -> ExactSample:
    """The draws (replicate, draw) of a quantity that are at hand; of a known value one in each replicate."""
    sample = run.sample(name)
    if isinstance(sample, ConstantSample):
        return ExactSample(sample.means()[:, None])
    if isinstance(sample, ExactSample):
        return sample
    draws = run.draws_of(name)
    return ExactSample(draws, np.zeros(len(draws)))  # nobody asks for its mean; where none are kept it has none


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def compare(
    a: Side | str | Sequence[str],
    b: Side | str | Sequence[str],
    quantities: str | Sequence[str] = (),
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
    **options: Any,
) -> Comparison:
    """Hold two runs, stored runs, prior sets or layers against each other.

    `quantities` (one or several) defaults to the headline; prior sets are drawn with `options` of `simulate`: draws,
    seed, ...
    Over `years` each quantity that moves is compared in all of them, and a set without trends is the same in all;
    `when` are crossings. A prior set beside a stored run over years is drawn over those.
    Raises InputError where the two are of different models that share none of the quantities.
    """
    sides = aligned([meaning(side) for side in (a, b)], years, when)
    sets = [s.priors if isinstance(s, Run) else s for s in sides]
    names = asked_by(sets, _several(quantities) or shared_headline(sides), when)
    first, second = (whole(run_of(side, names, **options)) for side in sides)
    if first.priors.variant != second.priors.variant:
        names = tuple(n for n in names if first.priors.model.has(n) and second.priors.model.has(n))
        if not names:
            raise InputError(
                f"{first.priors.name} and {second.priors.name} are of different models and share none "
                "of these quantities"
            )
    dates = tuple(n for n in names if first.priors.model.quantity(n).unreached)
    names = tuple(n for n in names if n not in dates)
    finite = tuple(n for n in names if not any(infinite(run.sample(n)) for run in (first, second)))
    if not finite and not dates:
        raise InputError(f"{names[0]} is infinite in some worlds, and has no differences: compare another quantity")
    left, names = tuple(n for n in names if n not in finite), finite
    with pool() as threads:
        contrasts = tuple(threads.map(lambda name: contrast(first, second, name), names))
    paired = are_paired(first, second)
    return Comparison(first, second, paired, contrasts, left, tuple(crossed(first, second, n, paired) for n in dates))


def whole(run: Run) -> Run:
    """A run with all of its draws: one that kept only the first of them is drawn again, bit for bit.

    Raises InputError for a run of another version of the compute model.
    """
    if run.stored is not None and run.stored.digest != run.digest:
        raise InputError(
            f"{run.path} was made by another version of the compute model ({run.stored.version}); "
            "its draws cannot be held against this one's: make it again"
        )
    if run.whole:
        return run
    return draw(run.priors, run.settings.sampling(), run.quantities, run.settings.keep)


def whatif(
    run: Side | str,
    set: Mapping[str, Any],
    quantities: str | Sequence[str] = (),
    threads: int | None = None,
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
) -> Comparison:
    """A run (A) beside itself with some priors set anew (B): its seed and named columns, so exactly paired.

    The second run is bitwise the one that `simulate` makes with that `set`. A prior set is drawn first, over `years`.
    """
    asked = _several(quantities)
    old = whole(run_of(run, asked, years, when))
    old.plain("whatif")
    names = asked_by([old.priors], asked or old.quantities, when)
    new = draw(old.priors.edited(set), old.settings.sampling(threads), names, old.settings.keep)
    return compare(old, new, names)
