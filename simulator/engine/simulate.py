"""The one verb: a prior set, a seed and a number of draws become a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..base.errors import InputError
from ..base.threads import cores, keep_memory
from ..compute.graph import Model
from ..compute.headline import HEADLINE
from ..priors.load import load_priors
from ..priors.prior_set import PriorSet
from ..runs import settings
from ..runs.run import Run
from ..runs.settings import Settings
from ..statistics.binning import ranks
from ..statistics.sample import SEGMENT
from .accumulator import Accumulator
from .evaluator import BLOCK, Evaluator
from .sampling.prior_sampler import PriorSampler

DEFAULT_SEED = 20240315
DEFAULT_DRAWS = 1_000_000
DEFAULT_KEEP = 1_000_000
AHEAD = 64  # blocks that are under way or waiting for a thread
Progress = Callable[[int], None]


def simulate(
    priors: PriorSet | str | Sequence[str] = (),
    *,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    gpu: str | None = None,
    set: Mapping[str, Any] | None = None,
    quantities: Sequence[str] = HEADLINE,
    sampler: str = "sobol",
    exact: bool = False,
    threads: int | None = None,
    keep: int = DEFAULT_KEEP,
    block: int = BLOCK,
    cluster: str | None = None,
    checkpoints: Path | str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    told: Callable[[str], None] | None = None,
) -> Run:
    """Draw a prior set, send the draws through the compute model, and return the run.

    `priors` is a PriorSet, or names and paths of layers (then `gpu` and `set` as in `load_priors`).
    `draws` is rounded up to a multiple of the 16 replicates; `keep` of them are kept. The numbers
    depend on the prior set, seed, sampler and draws alone, not on `threads`, `block` (a power of
    two, at least 4096) or `cluster`: the address of a dask scheduler, `tcp://HOST:PORT`, or `local:N`
    for N processes here. `exact` evaluates the quantile functions themselves in place of their tables.

    A run of more than four million draws with a folder for `checkpoints` writes one there every minute and
    when it is interrupted, and with `resume` goes on from it, to the same bits; saving the run removes it.
    `told` takes a line about it.
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
    count = threads if threads is not None else cores()
    if count < 1:
        raise InputError(f"{count} threads cannot draw: at least 1")
    with ExitStack() as stack:
        pool = ThreadPoolExecutor(count, initializer=keep_memory)
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        evaluator = Evaluator(priors, settings, map=pool.map)
        accumulator = Accumulator(evaluator, settings.replicates, 0, settings.per_replicate)
        run = Run(priors, settings, notes=priors.notes, threads=count)
        if checkpoints is not None:
            run.checkpoint = _checkpoint(
                run, Path(checkpoints), evaluator.in_memory, resume, told or (lambda note: None)
            )
        if cluster is None:
            workers: Workers = _Threads(pool, evaluator, accumulator, min(block, 1 << 20))
        else:
            from .cluster import Cluster

            workers = stack.enter_context(Cluster(cluster, evaluator, accumulator))
        _draw_all(evaluator, accumulator, workers, run.checkpoint, resume, progress)
    run.samples = {**accumulator.samples(), **evaluator.constants()}
    run.prior_draws = {n: accumulator.kept[n] for n in priors.uncertain}
    run.quantity_draws = {q: accumulator.kept[q] for q in evaluator.varying}
    run.correlations = _achieved(priors, settings)
    return run


def _checkpoint(run: Run, folder: Path, short: bool, resume: bool, told: Callable[[str], None]) -> Any:
    """The checkpoint of a run, unless it is so short that it has none."""
    if short:
        if resume:
            told("a run of this size has no checkpoints: it starts from the beginning")
        return None
    from .checkpoint import Checkpoint

    made = Checkpoint.of(run, folder)
    made.told = told
    if note := made.note(resume):
        told(note)
    return made


def _settings(
    model: Model, draws: int, seed: int, quantities: Sequence[str], sampler: str, exact: bool, keep: int
) -> Settings:
    replicates = settings.REPLICATES
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


class Unit(NamedTuple):
    """A piece of work: draws of one replicate from `start` on; `again` where they were counted before."""

    replicate: int
    start: int
    size: int
    again: bool


class _Threads:
    """Units done by the threads of this process, which add to the accumulator themselves."""

    ahead = AHEAD

    def __init__(self, pool: ThreadPoolExecutor, evaluator: Evaluator, accumulator: Accumulator, step: int):
        self.pool, self.evaluator, self.accumulator, self.step = pool, evaluator, accumulator, step

    def submit(self, unit: Unit) -> Future[dict[str, np.ndarray]]:
        return self.pool.submit(self._do, unit)

    def _do(self, unit: Unit) -> dict[str, np.ndarray]:
        values, results, sums = self.evaluator.draw(unit.replicate, unit.start, unit.size)
        self.accumulator.add(unit.replicate, unit.start, values, results, unit.again)
        return {} if unit.again else sums

    def settle(self, unit: Unit, future: Future[dict[str, np.ndarray]]) -> None:
        self.accumulator.total(unit.replicate, future.result())


class Workers(Protocol):
    """Who does the work: threads or a cluster. Results are settled in the order in which units were submitted."""

    step: int
    ahead: int

    def submit(self, unit: Unit) -> Any:
        """A future of what a unit makes."""

    def settle(self, unit: Unit, future: Any) -> None:
        """Wait for a unit, and see that what it made is in the accumulator."""


def _spans(evaluator: Evaluator, done: int, step: int) -> Iterator[tuple[int, int, bool]]:
    """(start, count, again) over the draws of a replicate; of those done, only the ones to keep, once more."""
    s = evaluator.settings
    start, last = 0, s.per_replicate if evaluator.varying or s.kept else 0
    while start < last:
        whole = (start & -start) or step  # a Sobol block begins at a multiple of its size
        count = min(step, whole, (done if start < done else last) - start)
        if start >= done or start < s.kept:
            yield start, count, start < done
        start += count


def _draw_all(
    evaluator: Evaluator,
    accumulator: Accumulator,
    workers: Workers,
    checkpoint: Any,
    resume: bool,
    progress: Progress | None,
) -> None:
    """Do all units, a few under way at a time, with checkpoints between rows of units."""
    replicates, waiting = evaluator.settings.replicates, deque[tuple[Unit, Any]]()
    done = checkpoint.restore(accumulator) if checkpoint and resume else 0

    def settle(least: int) -> None:
        while len(waiting) > least:
            unit, future = waiting.popleft()
            workers.settle(unit, future)
            if progress and not unit.again:
                progress(unit.size)

    if progress and done:
        progress(done * replicates)
    with checkpoint.deferring_interrupts() if checkpoint else nullcontext():
        for start, count, again in _spans(evaluator, done, workers.step):
            for replicate in range(replicates):
                unit = Unit(replicate, start, count, again)
                waiting.append((unit, workers.submit(unit)))
                settle(workers.ahead)
            if checkpoint and checkpoint.due() and done < start + count < evaluator.settings.per_replicate:
                settle(0)
                checkpoint.write(accumulator, start + count)
        settle(0)
    if checkpoint:
        checkpoint.finished()


def _achieved(priors: PriorSet, settings: Settings) -> dict[str, Any]:
    """Asked and achieved rank correlations, from the first draws of each replicate."""
    pairs = priors.active
    if not pairs:
        return {}
    count = min(4096, settings.per_replicate)
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    worlds = PriorSampler(priors, settings.seed, settings.sampler, names=names)
    placed = {n: ranks(x.ravel()) for n, x in worlds.values(worlds.first(count, names)).items()}
    result = {}
    for (a, b), rho in pairs.items():
        entry = {"asked": rho, "achieved": float(np.corrcoef(placed[a], placed[b])[0, 1])}
        if not (priors.priors[a].distribution.rv.continuous and priors.priors[b].distribution.rv.continuous):
            entry["largest"] = float(np.corrcoef(np.sort(placed[a]), np.sort(placed[b]))[0, 1])
        result[f"{a}, {b}"] = entry
    return result
