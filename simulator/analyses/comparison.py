"""Compare runs: summaries side by side, their differences and ratios, and worlds against worlds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.defaults import DEFAULT_SEED
from ..base.errors import InputError
from ..compute.headline import HEADLINE
from ..engine.simulate import draw, simulate
from ..priors.load import load_priors
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..statistics.estimators import Estimate, mcse
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample, Sample
from ..statistics.statistic import Statistic
from ..statistics.statistic import statistic as measure
from .attribution import Attribution, attribution
from .sides import resolve

if TYPE_CHECKING:
    import xarray


GRID = 8192
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


@dataclass(frozen=True)
class Comparison:
    """Two runs held against each other; `paired` where they share their randomness."""

    a: Run
    b: Run
    paired: bool
    contrasts: tuple[Contrast, ...]

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dims (quantity, statistic), each number with a variable of its MCSE."""
        import xarray

        dims, coords = (
            ("quantity", "statistic"),
            {"quantity": [c.quantity for c in self.contrasts], "statistic": list(STATISTICS)},
        )
        data: dict[str, Any] = {}
        for name in ("a", "b", "difference", "ratio"):
            for i, suffix in enumerate(("", "_mcse")):
                data[name + suffix] = (
                    dims,
                    [[(getattr(c, name) or {}).get(s, (math.nan,) * 2)[i] for s in STATISTICS] for c in self.contrasts],
                )
        for name in ("above_same", "above_independent"):
            for i, suffix in enumerate(("", "_mcse")):
                data[name + suffix] = (dims[:1], [(getattr(c, name) or (math.nan,) * 2)[i] for c in self.contrasts])
        return xarray.Dataset(data, coords, {"paired": int(self.paired)})


def are_paired(a: Run, b: Run) -> bool:
    """Whether two runs share their random points: the same seed, sampler and size, and priors as they are."""
    same = [(s.seed, s.sampler, s.draws, s.exact) for s in (a.settings, b.settings)]
    return same[0] == same[1] and a.derivation is b.derivation is None


def change(a: Run, b: Run, name: str, measured: Statistic, log: bool) -> Estimate:
    """How a statistic of a quantity changes from A to B on all draws: B / A where `log`, else B - A."""
    (x, xs), (y, ys) = (_of_sample(r.sample(name), measured) for r in (a, b))
    paired, apart = are_paired(a, b), math.hypot(mcse(xs), mcse(ys))
    if log and not (x and y and xs.all()):
        raise InputError(f"the {measured.name} of {name} is 0 in {(b if x else a).name}: no factor leads there")
    if log:
        relative = math.hypot(mcse(xs) / x, mcse(ys) / y)
        return Estimate(y / x, mcse(ys / xs) if paired else y / x * relative)
    return Estimate(y - x, mcse(ys - xs) if paired else apart)


def _of_sample(sample: Sample, measured: Statistic) -> tuple[float, np.ndarray]:
    """A statistic of a sample, and of its replicates."""
    if measured.kind == "quantile":
        return sample.quantile(measured.at)
    each = sample.above(measured.at) / sample.per_replicate if measured.is_probability else sample.means()
    return float(each.mean()), each


def contrast(a: Run, b: Run, name: str) -> Contrast:
    """One quantity of two runs; the errors of differences are paired where the runs are."""
    paired, one, two = are_paired(a, b), a.sample(name), b.sample(name)
    numbers: dict[str, dict[str, Estimate]] = {k: {} for k in ("a", "b", "difference", "ratio")}
    draws = [r.draws_of(name) for r in (a, b)] if paired else []
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


def _worlds(x: np.ndarray, y: np.ndarray, positive: bool) -> tuple[tuple[Estimate, Estimate] | None, Estimate | None]:
    """The draw-wise interval, and P(B > A), with every prior at the same quantile in both."""
    count = min(x.shape[1], y.shape[1])
    if not count:
        return None, None
    x, y = x[:, :count], y[:, :count]
    share = (y > x).mean(axis=1)
    moved = ExactSample(y / x if positive else y - x)
    ends = [moved.quantile(p) for p in (0.05, 0.95)]
    low, high = (Estimate(value, mcse(each)) for value, each in ends)
    return (low, high), Estimate(float(share.mean()), mcse(share))


def _independent(a: Run, b: Run, name: str) -> Estimate:
    """P(B > A) where the worlds of A and B have nothing to do with each other."""
    rows = [_ordered(run, name) for run in (a, b)]
    if not all(r.size for r in rows):
        return Estimate(math.nan, math.nan)
    step = max(rows[1].shape[1] // GRID, 1)  # every so many of the sorted draws of B stand for all
    thinned = rows[1][:, step // 2 :: step]
    share = np.array([np.searchsorted(x, y, "left").mean() / len(x) for x, y in zip(rows[0], thinned, strict=True)])
    return Estimate(float(share.mean()), mcse(share))


def _ordered(run: Run, name: str) -> np.ndarray:
    """The draws (replicate, draw) of a quantity that are at hand, each replicate's sorted."""
    sample = run.sample(name)
    if isinstance(sample, ConstantSample):
        return sample.means()[:, None]
    return sample.ordered if isinstance(sample, ExactSample) else np.sort(run.draws_of(name), axis=1)


def comparison(
    a: Run | PriorSet | str, b: Run | PriorSet | str, quantities: Sequence[str] = (), **options: Any
) -> Comparison:
    """Hold two runs against each other, or two prior sets that are drawn with `options` of `simulate`.

    `quantities` defaults to the headline. Raises InputError where the two are of different models.
    """
    names = tuple(quantities) or HEADLINE
    first, second = (_run(x, names, options) for x in (a, b))
    if first.priors.variant != second.priors.variant:
        shared = [n for n in second.priors.model.quantities if n in first.priors.model.quantities]
        names = tuple(n for n in names if n in shared)
        if not names:
            raise InputError(
                f"{first.priors.name} and {second.priors.name} are of different models and share none "
                "of these quantities"
            )
    with ThreadPoolExecutor() as pool:
        contrasts = tuple(pool.map(lambda name: contrast(first, second, name), names))
    return Comparison(first, second, are_paired(first, second), contrasts)


def compare(
    a: Run | PriorSet | str, b: Run | PriorSet | str, quantities: Sequence[str] = (), **options: Any
) -> xarray.Dataset:
    """Compare two runs or prior sets: an xarray Dataset with dims (quantity, statistic).

    Variables `a`, `b`, `difference`, `ratio` (B / A), and by quantity `above_same` and
    `above_independent` (P(B > A) in the same world and in independent ones), each with its `_mcse`.
    `options` are those of `simulate`: draws, seed, ... Raises InputError for different models.
    """
    return comparison(a, b, quantities, **options).to_dataset()


def _run(one: Run | PriorSet | str, names: Sequence[str], options: dict[str, Any]) -> Run:
    side = resolve(one) if isinstance(one, str) else one
    if isinstance(side, Run):
        return whole(side)
    return simulate(side, quantities=names, **options)


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


def edited_beside(
    run: Run | str, set: Mapping[str, Any], quantities: Sequence[str] = (), threads: int | None = None
) -> Comparison:
    """A run beside itself with some priors set anew: its seed and named columns, so exactly paired.

    The second run is bitwise the one that `simulate` makes with that `set`.
    """
    old = whole(Run.load(run) if isinstance(run, str) else run)
    old.plain("whatif")
    names = tuple(quantities) or old.quantities
    new = draw(old.priors.edited(set), old.settings.sampling(threads), names, old.settings.keep)
    return comparison(old, new, names)


def whatif(run: Run | str, set: Mapping[str, Any], quantities: Sequence[str] = ()) -> xarray.Dataset:
    """What a run says with some priors set anew: an xarray Dataset as of `compare`, the run as A."""
    return edited_beside(run, set, quantities).to_dataset()


def attribute(
    a: PriorSet | str,
    b: PriorSet | str,
    of: str,
    statistic: str = "median",
    seed: int = DEFAULT_SEED,
    sampler: str = "sobol",
) -> xarray.Dataset:
    """How much of the change of a statistic from A to B each differing prior is responsible for.

    An xarray Dataset with dim `prior`: `contribution` (to the logarithm of the ratio where the
    attribute `log` is 1, else to the difference), `mcse` and `permutation_se`.
    """
    first, second = (load_priors(x) if isinstance(x, str) else x for x in (a, b))
    return attribution_dataset(attribution(first, second, of, measure(statistic), seed, sampler))


def attribution_dataset(found: Attribution) -> xarray.Dataset:
    """An attribution as xarray: dim `prior`, variables `contribution`, `mcse` and `permutation_se`."""
    import xarray

    rows = found.contributions
    return xarray.Dataset(
        {
            "contribution": ("prior", [c.value for c in rows]),
            "mcse": ("prior", [c.mcse for c in rows]),
            "permutation_se": ("prior", [c.permutation_se for c in rows]),
        },
        {"prior": [c.name for c in rows]},
        {
            "quantity": found.quantity,
            "statistic": found.statistic.name,
            "log": int(found.log),
            "a": found.a.value,
            "b": found.b.value,
            "permutations": found.permutations,
            "draws": found.draws,
        },
    )
