"""Pre-integration: the lognormal factors of a quantity integrated exactly, what is left averaged over worlds.

A quantity whose logarithm is linear in some lognormal priors is, given all the others, itself lognormal:
its distribution function is the mean over worlds of Phi((log t - rest) / s). That mean is smooth, and on
smooth functions Sobol points converge about as 1 / n. It gives quantiles, means and probabilities, not
draws (Griewank, Kuo, Leövey and Sloan 2018, doi.org/10.1016/j.cam.2018.04.009, on smoothing by
pre-integration).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache

import numpy as np

from ..base.defaults import DEFAULT_KEEP, DEFAULT_SEED
from ..base.errors import InputError, nearest
from ..base.threads import pool
from ..distributions.derived import Transformed
from ..distributions.random_variable import Normal, RandomVariable, normal_tail
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..runs.settings import REPLICATES, Sampling
from ..statistics.summaries import Summaries
from ..statistics.summary import QUANTILES, Asking, Summary, summarize, worst
from .evaluator import BLOCK
from .sampling.prior_sampler import PriorSampler, known
from .simulate import Execution, Progress, draw

ESTIMATORS = ("draws", "preintegrated")
WORLDS = 1 << 16  # at most so many worlds of a run are averaged: enough for errors of a few 1e-5
FIRST = 1 << 12  # draws of the first attempt at a target
MOST = 10**9  # draws that a target may take
SLOWEST, DECISIVE = 0.25, 16.0  # the power of the draws with which an error falls (1/2, HDI 1/3), with room for noise
PROBES = 8  # worlds in which elasticities are probed
Watch = Callable[[int], AbstractContextManager[Progress | None]]
Integrated = dict[str, float]  # prior: elasticity
# ------------------------------------------------------------------------- the normal, by cubics

_EDGE, _STEPS = 9.0, 4096


@cache
def _cubics() -> np.ndarray:
    """Coefficients of Phi in each of the steps from -9 to 9: cubic Hermite, off by at most 2e-12."""
    z = np.linspace(-_EDGE, _EDGE, _STEPS + 1)
    y = np.array([0.5 * math.erfc(-x / math.sqrt(2.0)) for x in z.tolist()])
    slope = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * (2.0 * _EDGE / _STEPS)
    rise, a, b = np.diff(y), slope[:-1], slope[1:]
    return np.array([y[:-1], a, 3.0 * rise - 2.0 * a - b, a + b - 2.0 * rise])


def phi(z: np.ndarray) -> np.ndarray:
    """The standard normal's distribution function, any shape."""
    u = (np.clip(z, -_EDGE, _EDGE * (1.0 - 1e-12)) + _EDGE) * (_STEPS / (2.0 * _EDGE))
    cell = u.astype(np.int64)
    u -= cell
    c = _cubics()
    value = c[3].take(cell)
    for power in (2, 1, 0):
        value *= u
        value += c[power].take(cell)
    return value


def _place(p: np.ndarray) -> np.ndarray:
    """The standard normal's quantile, between the edges."""
    z = normal_tail(np.clip(np.minimum(p, 1.0 - p), 1e-19, 0.5))
    return np.where(p < 0.5, -z, z)


class Smoothed:
    """A sample of which a lognormal factor is integrated out: a mixture of lognormals, one for each world.

    `rest` is the logarithm of the quantity with that factor at its median, dims (replicate, draw), and
    `scale` the standard deviation of the factor's logarithm.
    """

    smooth = True

    def __init__(self, rest: np.ndarray, scale: float):
        self.rest, self.scale = rest, scale
        self.replicates, self.per_replicate = rest.shape

    def prepare(self, probabilities: Iterable[float], beyond: int = 0) -> None:
        """Nothing to do: each quantile is solved for when it is asked for."""

    def _solve(self, p: float, rows: np.ndarray, start: np.ndarray | float | None = None) -> np.ndarray:
        """The logarithm of the quantile `p` of each row: Newton's steps, halving where one leaves the bracket.

        The steps are taken on the normal scale, on which the distribution function is nearly a line.
        """
        s, wanted = self.scale, float(_place(np.array(p)))
        low, high = rows.min(axis=1) - _EDGE * s, rows.max(axis=1) + _EDGE * s
        t = rows.mean(axis=1) + wanted * np.hypot(rows.std(axis=1), s) if start is None else start
        t = np.clip(np.broadcast_to(t, len(rows)), low, high)
        for _ in range(100):
            z = (t[:, None] - rows) / s
            below = phi(z).mean(axis=1)
            low, high = np.where(below < p, t, low), np.where(below > p, t, high)
            z *= z
            z *= -0.5
            density = np.exp(z, out=z).mean(axis=1)
            place = _place(below)
            with np.errstate(all="ignore"):
                step = (place - wanted) * np.exp(-0.5 * place * place) * s / density
            near, new = np.abs(step) < 1e-10, t - step
            new = np.where(near | ((new > low) & (new < high)), new, 0.5 * (low + high))
            t = np.where(below == p, t, new)
            if np.all(near | (below == p)):
                break
        return t

    def quantile(self, p: float) -> tuple[float, np.ndarray]:
        whole = self._solve(p, self.rest.reshape(1, -1))
        return float(np.exp(whole[0])), np.exp(self._solve(p, self.rest, whole))

    def above(self, threshold: float) -> np.ndarray:
        if threshold <= 0.0:
            return np.full(self.replicates, float(self.per_replicate))
        return phi((self.rest - math.log(threshold)) / self.scale).sum(axis=1)

    def means(self) -> np.ndarray:
        return np.exp(self.rest + 0.5 * self.scale**2).mean(axis=1)

    def top(self, count: int, sign: float) -> np.ndarray:
        """The tail of what is averaged: the lognormal factor has all of its moments."""
        return np.sort(sign * np.exp(self.rest), axis=None)[-count - 1 :]

    def shortest_interval(self, prob: float, rows: Sequence[int] | None = None) -> np.ndarray:
        return self._narrowest((self.rest if rows is None else self.rest[rows]).reshape(1, -1), prob)

    def release(self) -> None:
        """Nothing is held."""

    def _narrowest(self, rows: np.ndarray, prob: float) -> np.ndarray:
        """(low, high) of one row; where the interval lies is sought on a thinned row, its ends on the whole."""
        thin = rows[0, :: -(-rows.size // 1024)]
        grid = np.linspace(thin.min() - _EDGE * self.scale, thin.max() + _EDGE * self.scale, 1025)
        below = phi((grid[:, None] - thin) / self.scale).mean(axis=1)
        start = np.linspace(0.0, 1.0 - prob, 1025)[1:-1]
        low, high = (np.exp(np.interp(start + shift, below, grid)) for shift in (0.0, prob))
        p = start[np.argmin(high - low)]
        return np.exp([self._solve(p, rows)[0], self._solve(p + prob, rows)[0]])


# ----------------------------------------------------------------------- what can be integrated


def lognormal(rv: RandomVariable | None) -> tuple[float, float] | None:
    """The mean and standard deviation of the logarithm, where a random variable is lognormal."""
    if not isinstance(rv, Transformed) or rv.scale <= 0.0:
        return None
    if rv.link == "log" and rv.low == 0.0 and isinstance(rv.base, Normal):
        return rv.loc, rv.scale
    inner = lognormal(rv.base) if rv.link is None and rv.loc == 0.0 else None
    return (inner[0] + math.log(rv.scale), inner[1]) if inner else None


def integrable(priors: PriorSet, quantity: str) -> Integrated:
    """The priors that the quantity's logarithm is exactly linear in and that are lognormal, with elasticities.

    Elasticities are probed: the prior is multiplied by three factors in several worlds, and the logarithm of
    the quantity must change by the same multiple of the factor's in all of them. Priors that are correlated
    stay out: given the others, they are not the lognormal that they are alone.
    """
    model, tied = priors.model, {n for group in priors.groups for n in group.names}
    reads = priors.read_by(quantity)
    worlds = PriorSampler(priors, DEFAULT_SEED, "sobol", names=reads)
    values = {n: x[0] for n, x in worlds.values(worlds.first(PROBES, reads)).items()}
    at = known(priors) | values

    def change(name: str, factor: float) -> np.ndarray:
        moved = model.evaluate(at | {name: values[name] * factor}, [quantity])[quantity]
        return np.log(moved / model.evaluate(at, [quantity])[quantity]) / math.log(factor)

    found = {}
    with np.errstate(all="ignore"):
        if not np.all(np.asarray(model.evaluate(at, [quantity])[quantity]) > 0.0):
            return {}
        for name in reads:
            if name not in tied and lognormal(priors.prior(name).distribution.as_rv()):
                slopes = np.concatenate([change(name, f) for f in (0.5, 1.25, 3.0)])
                elasticity = round(float(slopes.mean()), 12)
                if elasticity and np.all(np.abs(slopes - elasticity) < 1e-9):
                    found[name] = elasticity
    return found


def smoothed(
    priors: PriorSet, quantity: str, draws: int, seed: int, sampler: str, exact: bool, integrated: Integrated
) -> Smoothed:
    """The pre-integrated sample of a quantity on `draws` worlds; `integrated` from `integrable`."""
    model = priors.model
    factors = {n: lognormal(priors.prior(n).distribution.as_rv()) or (0.0, 0.0) for n in integrated}
    scale = math.sqrt(sum((integrated[n] * sigma) ** 2 for n, (_, sigma) in factors.items()))
    names = [n for n in priors.read_by(quantity) if n not in integrated]
    worlds = PriorSampler(priors, seed, sampler, exact, names=names)
    at = known(priors) | {n: math.exp(mu) for n, (mu, _) in factors.items()}
    rest = np.empty((REPLICATES, draws // REPLICATES))
    for r in range(REPLICATES):
        for start in range(0, rest.shape[1], BLOCK):
            row = rest[r, start : start + BLOCK]
            values = worlds.values(worlds.points(names, r, start, len(row)))
            with np.errstate(all="ignore"):
                row[:] = np.log(model.evaluate(at | values, [quantity])[quantity])
    if not np.isfinite(rest).all():
        raise InputError(
            f"{quantity} is not above zero in every world, so its logarithm cannot be integrated; use --estimator draws"
        )
    return Smoothed(rest, scale)


# --------------------------------------------------------------------------------- the estimates


def preintegrated(
    run: Run,
    names: Sequence[str] = (),
    ci: float = 0.9,
    kind: str = "eti",
    quantiles: Sequence[float] = QUANTILES,
    exceeds: Mapping[str, Sequence[float]] | None = None,
) -> Summaries:
    """The run's summaries, as `run.summary` gives them, pre-integrated over the first of its worlds.

    A quantity without a lognormal factor is summarized from its draws; `Summary.integrated` names the
    factors. Raises InputError for runs that are not drawn from a prior set as it is.
    """
    return integrated(run, Asking(ci, kind, quantiles, exceeds or {}), names)


def integrated(
    run: Run,
    asking: Asking,
    names: Sequence[str] = (),
    worlds: int = WORLDS,
    factors: Mapping[str, Integrated] | None = None,
) -> Summaries:
    """As `preintegrated`, over at most `worlds` worlds; `factors`, where `integrable` was asked before."""
    run.plain("pre-integration")
    s, chosen = run.settings, names or run.quantities
    found = factors or {name: integrable(run.priors, name) for name in chosen}
    size = min(s.draws, worlds)

    def one(name: str) -> Summary:
        if not found[name]:
            return run.summarized(asking, [name])[0]
        q = run.priors.model.quantity(name)
        sample = smoothed(run.priors, name, size, s.seed, s.sampler, s.exact, found[name])
        return summarize(name, q.unit, q.text, sample, size, asking.of(name), tuple(found[name]))

    with pool(run.threads) as threads:
        return Summaries(threads.map(one, chosen))


def until(
    priors: PriorSet,
    target: float,
    quantities: Sequence[str],
    asking: Asking | None = None,
    *,
    sampling: Sampling | None = None,
    keep: int = DEFAULT_KEEP,
    store: bool = True,
    estimator: str = "preintegrated",
    cluster: str | None = None,
    watch: Watch = lambda total: nullcontext(),
) -> tuple[Run, Summaries]:
    """Draw until the MCSE of every number of the table is at most `target` of it: the run and its summaries.

    At least four times as many draws are tried each time, on a grid of powers of two, at which Sobol points
    are balanced; the draws of `sampling` end it, and so do two attempts in a row, or one of DECISIVE times the draws,
    by which the error has hardly fallen: a quantile at the edge of a point mass converges to nothing. `worst` tells
    what was reached. `watch(draws)` gives a context in which an attempt of so many draws is made, and a function that
    takes the draws done.
    """
    if estimator not in ESTIMATORS:
        raise InputError(f"there is no estimator {estimator!r}: {nearest(estimator, ESTIMATORS)}")
    if not 1e-7 <= target < 1.0:
        raise InputError(f"a target error of {target:g} cannot be met: from 1e-7 to below 1, as 0.1%")
    sampling, asking = sampling or Sampling(MOST), asking or Asking()
    most = sampling.draws
    draws, factors = min(FIRST, most), {name: integrable(priors, name) for name in quantities}
    before, growth, vain = math.nan, 0.0, 0
    while True:
        with watch(draws) as progress:
            execution = Execution(cluster=cluster, progress=progress)
            run = draw(priors, replace(sampling, draws=draws), quantities, keep, store, execution)
        found = (
            integrated(run, asking, (), 1 << 22, factors) if estimator == "preintegrated" else run.summarized(asking)
        )
        error, _ = worst(found)
        if growth:
            vain = 0 if before / error >= growth**SLOWEST else vain + 1 + (growth >= DECISIVE)
        if error <= target or run.settings.draws >= most or vain >= 2:
            return run, found
        before = error
        growth = min(max((error / target) ** 1.5, 4.0), 256.0)
        draws = min(1 << math.ceil(math.log2(draws * growth)), most)
