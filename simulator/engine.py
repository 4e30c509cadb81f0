"""The one verb: a prior set, a seed and a number of draws become a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from . import draws as words_of
from .bins import ranks
from .compute import HEADLINE
from .entries import Prior
from .errors import InputError
from .graph import Model
from .laws import DEEPEST
from .numbers import readable
from .priors import PriorSet, load_priors
from .runs import Run, Settings
from .samples import SEGMENT, Counted, Kept, Sample, cores, segment_sums
from .storage import GROUPS, read_draws
from .worlds import Worlds, known

DEFAULT_SEED = 20240315
DEFAULT_DRAWS = 1_000_000
DEFAULT_KEEP = 1_000_000
BLOCK = 1 << 16
AHEAD = 64  # blocks that are under way or waiting for a thread
ALL_IN_MEMORY = 4_000_000  # draws up to which quantiles are exact order statistics
ALL_KEPT = 10_000_000  # the same where all draws are kept
Progress = Callable[[int], None]


def simulate(priors: PriorSet | str | Sequence[str] = (), *, draws: int = DEFAULT_DRAWS,
             seed: int = DEFAULT_SEED, gpu: str | None = None, set: Mapping[str, Any] | None = None,
             quantities: Sequence[str] = HEADLINE, sampler: str = "sobol", exact: bool = False,
             threads: int | None = None, keep: int = DEFAULT_KEEP, block: int = BLOCK,
             progress: Progress | None = None) -> Run:  # fmt: skip
    """Draw a prior set, send the draws through the compute model, and return the run.

    `priors` is a PriorSet, or names and paths of layers (then `gpu` and `set` as in `load_priors`).
    `draws` is rounded up to a multiple of the 16 replicates; `keep` of them are kept. The numbers
    depend on the prior set, seed, sampler and draws alone, not on `threads` or `block` (a power of
    two, at least 4096). `exact` evaluates the quantile functions themselves in place of their tables.
    Raises InputError for what cannot be, and for a draw that is not finite: it names the draw and its inputs.
    """
    if not isinstance(priors, PriorSet):
        names = [priors] if isinstance(priors, str) else list(priors)
        priors = load_priors(*names, gpu=gpu, set=set)
    elif gpu is not None or set:
        raise InputError("gpu and set go with the names of prior sets; give them to load_priors")
    settings = _settings(priors.model, draws, seed, quantities, sampler, exact, keep)
    if block < SEGMENT or block & (block - 1):
        raise InputError(f"block {block} is not a power of two from {SEGMENT} on")
    workers = threads if threads is not None else cores()
    if workers < 1:
        raise InputError(f"{workers} threads cannot draw: at least 1")
    _keep_memory()
    pool = ThreadPoolExecutor(workers)
    try:
        return _Engine(priors, settings, pool).run(min(block, 1 << 20), progress)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _settings(model: Model, draws: int, seed: int, quantities: Sequence[str], sampler: str,
              exact: bool, keep: int) -> Settings:  # fmt: skip
    replicates = words_of.REPLICATES
    if not 1 <= draws <= 10**11:
        raise InputError(f"{draws} draws cannot be made: a whole number from 1 to 1e11")
    if not 0 <= seed < 2**63:
        raise InputError(f"{seed} is not a seed: a whole number from 0 to 2^63 - 1")
    whole = -(-draws // replicates) * replicates
    if sampler == "sobol" and whole // replicates > 2**32:
        raise InputError(f"{draws} draws are more than the Sobol nets hold; use --sampler random")
    names = tuple(dict.fromkeys(model.quantity(q).name for q in quantities))
    if not names:
        raise InputError("no quantity is asked for")
    return Settings(seed, whole, replicates, sampler, exact, max(keep, 0), names)


class _Engine:
    """The state of one simulation: where words come from, and where draws go to."""

    def __init__(self, priors: PriorSet, settings: Settings, pool: ThreadPoolExecutor):
        self.priors, self.settings, self.pool = priors, settings, pool
        self.model, s = priors.model, settings
        self.known = known(priors)
        reads = self.model.reads(s.quantities)
        self.read = [n for n in priors.uncertain if n in reads]
        self.varying = [q for q in s.quantities if set(self.model.reads([q])) & set(priors.uncertain)]
        drawn = priors.uncertain if s.kept else self.read
        self.worlds = Worlds(priors, s.seed, s.sampler, s.exact, drawn, map=pool.map)
        self.in_memory = s.draws <= max(ALL_IN_MEMORY, min(s.keep, ALL_KEPT))
        shape, kept = (s.replicates, s.per_replicate), (s.replicates, s.kept)
        segments = -(-s.per_replicate // SEGMENT)
        self.rows = _arrays(self.varying if self.in_memory else [], shape, np.float64)
        self.sums = {q: np.zeros((s.replicates, segments)) for q in self.varying}
        self.counted = {} if self.in_memory else {q: Counted(*shape, ties=self._ties(q)) for q in self.varying}
        self.kept_priors = _arrays(priors.uncertain, kept, np.float32)
        self.kept_quantities = _arrays(self.varying, kept, np.float32)
        self.bounds = {n: float32_range(*priors.priors[n].distribution.support) for n in priors.uncertain}
        if s.kept:
            for n in priors.uncertain:
                _keepable(priors.priors[n])

    def _ties(self, quantity: str) -> bool:
        """Whether draws of a quantity can be equal: where one of its priors has values with a probability."""
        reads = set(self.model.reads([quantity])) & set(self.priors.uncertain)
        return not all(self.priors.priors[n].distribution.law.smooth for n in reads)

    def run(self, block: int, progress: Progress | None) -> Run:
        s = self.settings
        starts = range(0, s.per_replicate, block)
        drawn = self.varying or s.kept
        units = ((start, r) for start in (starts if drawn else ()) for r in range(s.replicates))

        def work(unit: tuple[int, int]) -> int:
            count = min(block, s.per_replicate - unit[0])
            with np.errstate(all="ignore"):
                self._block(unit[1], unit[0], count)
            return count

        for count in self._in_turn(work, units):
            if progress:
                progress(count)
        return Run(self.priors, s, self._samples(), self.kept_priors, self.kept_quantities,
                   self._achieved(), self.priors.notes)  # fmt: skip

    def _in_turn(self, work: Callable[[tuple[int, int]], int], units: Iterable[tuple[int, int]]) -> Iterator[int]:
        """Results in order, with a few units under way at a time: an interrupt leaves little to finish."""
        waiting: deque[Future[int]] = deque()
        for unit in units:
            waiting.append(self.pool.submit(work, unit))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _block(self, replicate: int, start: int, count: int) -> None:
        keep = min(max(self.settings.kept - start, 0), count)
        names = self.priors.uncertain if keep else self.read
        values = self.worlds.values(self.worlds.words(names, replicate, start, count))
        results = self.model.evaluate(self.known | values, self.varying)
        if not all(np.isfinite(x).all() for x in results.values()):
            self._not_finite(results, values, replicate, start)
        for name in self.varying:
            self._store(name, replicate, start, results[name], keep)
        for name in names if keep else ():
            kept = self.kept_priors[name][replicate, start : start + keep]
            kept[:] = values[name][:keep]
            np.clip(kept, *self.bounds[name], out=kept)

    def _store(self, name: str, replicate: int, start: int, x: np.ndarray, keep: int) -> None:
        first = start // SEGMENT
        sums = segment_sums(x)
        self.sums[name][replicate, first : first + len(sums)] = sums
        if keep:
            kept = self.kept_quantities[name][replicate, start : start + keep]
            kept[:] = x[:keep]
            if not np.isfinite(kept).all():
                raise InputError(f"{name} reaches {np.abs(x).max():.3g}, more than a kept draw (float32) can hold; "
                               "narrow its priors, or run with --keep 0")  # fmt: skip
        if self.in_memory:
            self.rows[name][replicate, start : start + len(x)] = x
        else:
            self.counted[name].add(replicate, x)

    def _not_finite(self, results: Mapping[str, Any], values: Mapping[str, Any], replicate: int, start: int) -> None:
        for name, x in results.items():
            bad = np.flatnonzero(~np.isfinite(np.atleast_1d(x)))
            if len(bad):
                i = int(bad[0])
                inputs = self.model.quantities[name].inputs
                at = {k: {**results, **values, **self.known}.get(k) for k in inputs}
                shown = ", ".join(f"{k} = {readable(float(np.atleast_1d(v)[i if np.ndim(v) else 0]))}"
                                  for k, v in at.items() if v is not None)  # fmt: skip
                raise InputError(f"{name} is not finite in draw {start + i} of replicate {replicate} ({shown}); "
                               "a prior reaches values that make no sense there")  # fmt: skip

    def _samples(self) -> dict[str, Sample | float]:
        fixed = [q for q in self.settings.quantities if q not in self.varying]
        values: dict[str, Any] = self.model.evaluate(self.known, fixed)
        samples: dict[str, Sample | float] = {q: float(values[q]) for q in fixed}
        for q in fixed:
            if not np.isfinite(values[q]):
                inputs = ", ".join(f"{i} = {values.get(i, self.known.get(i))}" for i in self.model.quantities[q].inputs)
                raise InputError(f"{q} is not finite ({inputs}); a prior has a value that makes no sense there")
        if self.in_memory:
            samples |= {q: Kept(self.rows[q], self.sums[q]) for q in self.varying}
        else:
            for q in self.varying:
                self.counted[q].sums = self.sums[q]
            samples |= self.counted
        return samples

    def _achieved(self) -> dict[str, Any]:
        """Asked and achieved rank correlations, from the first draws of each replicate."""
        pairs = self.priors.active
        if not pairs:
            return {}
        count = min(4096, self.settings.per_replicate)
        names = list(dict.fromkeys(name for pair in pairs for name in pair))
        worlds = Worlds(self.priors, self.settings.seed, self.settings.sampler, names=names)
        placed = {n: ranks(x.ravel()) for n, x in worlds.values(worlds.first(count, names)).items()}
        result = {}
        for (a, b), rho in pairs.items():
            entry = {"asked": rho, "achieved": float(np.corrcoef(placed[a], placed[b])[0, 1])}
            if not (self.priors.priors[a].distribution.law.smooth and self.priors.priors[b].distribution.law.smooth):
                entry["largest"] = float(np.corrcoef(np.sort(placed[a]), np.sort(placed[b]))[0, 1])
            result[f"{a}, {b}"] = entry
        return result


def _keepable(prior: Prior) -> None:
    """Refuse a prior with draws beyond the largest float32: clipping them would change them in silence."""
    law, limits = prior.distribution.law, np.finfo(np.float32)
    for end in (law.ppf(DEEPEST, False), law.ppf(DEEPEST, True)):
        if abs(end) > limits.max:
            raise InputError(f"{prior.name} = {prior.distribution.text} reaches {end:.3g}, beyond what a kept draw "
                             "(float32) can hold; narrow it, or run with --keep 0")  # fmt: skip


def _keep_memory() -> None:
    """Have freed blocks used again: glibc raises its thresholds when a mapped chunk is freed.

    Without it every temporary array goes back to the kernel and faults its pages in anew, which
    takes longer than the arithmetic. The chunk is never touched, so it costs nothing itself.
    """
    np.empty(31 << 20, dtype=np.uint8)  # freed at once


def _arrays(names: Sequence[str], shape: tuple[int, int], kind: Any) -> dict[str, np.ndarray]:
    """An array for each name, cut from one: a large array gets large pages, which cost less."""
    whole = np.empty((len(names), *shape), dtype=kind)
    return dict(zip(names, whole, strict=True))


def float32_range(low: float, high: float) -> tuple[np.float32, np.float32]:
    """The float32 numbers nearest to the ends of a support, on its inside."""
    limits = np.finfo(np.float32)
    if low == high:
        return np.float32(low), np.float32(high)
    a = np.float32(np.clip(low, limits.min, limits.max))
    b = np.float32(np.clip(high, limits.min, limits.max))
    a = np.nextafter(a, np.float32(np.inf)) if float(a) < low else a
    b = np.nextafter(b, np.float32(-np.inf)) if float(b) > high else b
    if low == 0.0:
        a = limits.smallest_subnormal
    return a, b


def rerun(run: Run, threads: int | None = None) -> list[str]:
    """Make a stored run again from what its folder holds; what differs, bit for bit, in words."""
    if run.path is None:
        raise InputError("this run is not stored; there is nothing to compare with")
    run.plain("making it again")
    s = run.settings
    new = simulate(run.priors, draws=s.draws, seed=s.seed, quantities=s.quantities, sampler=s.sampler,
                   exact=s.exact, threads=threads, keep=s.keep)  # fmt: skip
    return differences(run, new)


def differences(run: Run, new: Run) -> list[str]:
    """What differs between a stored run and the one made again, bit for bit, in words."""
    assert run.path is not None
    differing, s = [], run.settings
    if new.digest != run.stored["digest"]:
        made = run.stored.get("version")
        differing.append(f"the compute model is not the one it was made with (version {made})")
    for group, made_now in ((GROUPS[0], new.prior_draws), (GROUPS[1], new.quantity_draws)):
        stored = read_draws(run.path, dict.fromkeys(made_now if s.kept else (), group))
        differing += [f"{name} differs in {int((x != stored[name]).sum()):,} draws"
                      for name, x in made_now.items() if s.kept and not np.array_equal(x, stored[name])]  # fmt: skip
    if {x.name: x.to_json() for x in new.summary()} != run.stored["summary"]:
        differing.append("the summary differs")
    return differing
