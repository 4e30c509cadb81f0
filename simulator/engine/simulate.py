"""The one verb: a prior set, a seed and a number of draws become a run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from ..base.defaults import DEFAULT_DRAWS, DEFAULT_KEEP, DEFAULT_SEED
from ..base.errors import InputError
from ..base.numbers import parse_count
from ..base.threads import cores, keep_memory, pool
from ..compute.graph import Model
from ..compute.years import Crossing
from ..priors.load import load_priors
from ..priors.over import Years, over_years
from ..priors.prior_set import PriorSet, asked_of
from ..runs.run import Run
from ..runs.settings import ALONE, MOST_DRAWS, REPLICATES, Sampling, Settings, kept_by_default
from ..statistics.sample import SEGMENT, ranks
from .accumulator import Accumulator
from .evaluator import BLOCK, Evaluator
from .sampling.points import ALL
from .sampling.prior_sampler import PriorSampler
from .workspace import current

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from .checkpoint import Checkpoint

NONE = np.empty((REPLICATES, 0), dtype=np.float32)  # what is kept of a quantity where nothing is
AHEAD = 64  # blocks that are under way or waiting for a thread
Progress = Callable[[int], None]
Told = Callable[[str], None]


class Execution:
    """How the work of a run is done; no number depends on it."""

    def __init__(
        self,
        block: int = BLOCK,
        cluster: str | None = None,
        checkpoints: Path | str | None = None,
        resume: bool = False,
        progress: Progress | None = None,
        told: Told = lambda note: None,
    ):
        if block < SEGMENT or block & (block - 1):
            raise InputError(f"block {block} is not a power of two from {SEGMENT} on")
        self.block, self.cluster, self.checkpoints = block, cluster, checkpoints
        self.resume, self.progress, self.told = resume, progress, told

    def step(self, years: int) -> int:
        """The draws of a block in this process: over many years fewer, as it has so many more quantities."""
        return min(self.block, 1 << 20) if years < 4 else min(self.block, BLOCK // 4)


def simulate(
    priors: PriorSet | str | Sequence[str] = (),
    *,
    draws: int | str = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    gpu: str | None = None,
    set: Mapping[str, Any] | None = None,
    know: Mapping[str, Any] | None = None,
    model: Model | None = None,
    quantities: str | Sequence[str] = (),
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
    sampler: str = "sobol",
    exact: bool = False,
    threads: int | None = None,
    keep: int | str | None = None,
    store: bool = True,
    block: int = BLOCK,
    cluster: str | None = None,
    checkpoints: Path | str | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    told: Told | None = None,
) -> Run:
    """Draw a prior set, send the draws through the compute model, and return the run.

    `priors` is a PriorSet, or names and paths of layers (then `gpu`, `set`, `know` and `model` as in
    `load_priors`).
    `draws` (1_000_000, or "1M" as on the command line) is rounded up to a multiple of the 16 replicates;
    `keep` of them are kept, by default a million (of more draws over years, in all of them together), or none with
    `store=False`: summaries alone, of the run that would be stored.
    The numbers depend on the prior set, seed, sampler and draws alone, not on `threads`, `block` (a power of
    two, at least 4096) or `cluster`: the address of a dask scheduler, `tcp://HOST:PORT`, or `local:N`
    for N processes here. `exact` evaluates the quantile functions themselves in place of their tables.
    Over `years` ("2026:2030", or a sequence) priors move by the set's trends, and a quantity stands for each year that
    they reach; `when` asks for the first year beyond a threshold, as "inference_h100s > 1e6".

    A run of more than four million draws with a folder for `checkpoints` writes one there every minute and
    when it is interrupted, and with `resume` goes on from it, to the same bits; saving the run removes it.
    `told` takes a line about it.
    Raises InputError for what cannot be, and for a draw that is not finite: it names the draw and its inputs.

    >>> run = simulate("plappert-2024-point", draws=16, quantities=["training_h100_months"])
    >>> f"{run.draws_of('training_h100_months').mean():.1f}"  # the essay's 4,211
    '4211.3'
    """
    if not isinstance(priors, PriorSet):
        names = [priors] if isinstance(priors, str) else list(priors)
        priors = load_priors(*names, gpu=gpu, set=set, know=know, model=model)
    elif gpu is not None or set or know or model is not None:
        raise InputError("gpu, set, know and model go with the names of prior sets; give them to load_priors")
    priors = over_years(priors, years, when)
    asked = (quantities,) if isinstance(quantities, str) else tuple(quantities)
    asked = asked or priors.model.told.headline
    sampling = Sampling(count(draws, "draws"), seed, sampler, exact, threads)
    execution = Execution(block, cluster, checkpoints, resume, progress, told or (lambda note: None))
    kept = kept_by_default(sampling.draws, priors.years) if keep is None else count(keep, "keep")
    return draw(priors, sampling, asked_of(priors, asked), kept, store, execution)


def count(value: int | str, what: str) -> int:
    """A count as people write it, `1_000_000` or "1M"; raises InputError for what is none."""
    return parse_count(value, f"a number for {what}", 0, MOST_DRAWS) if isinstance(value, str) else value


def draw(
    priors: PriorSet,
    sampling: Sampling,
    quantities: str | Sequence[str] = (),
    keep: int = DEFAULT_KEEP,
    store: bool = True,
    execution: Execution | None = None,
) -> Run:
    """The run of a prior set, as `simulate` makes it."""
    execution = execution or Execution()
    settings = Settings.of(sampling, _named(priors, quantities or priors.model.told.headline), keep, store)
    threads = sampling.threads or cores()
    run = Run(priors, settings, notes=priors.notes, threads=threads)
    with ExitStack() as stack:
        evaluator = Evaluator(priors, settings, current() if execution.cluster is None else None)
        accumulator = Accumulator(evaluator, settings.replicates, 0, settings.per_replicate)
        checkpoint = _checkpoint(run, evaluator.in_memory, execution)
        if execution.cluster is None and evaluator.in_memory and settings.draws <= ALONE:
            _draw_at_once(evaluator, accumulator, execution)
            return _finished(run, evaluator, accumulator, None)
        if execution.cluster is None:
            made = pool(threads)
            stack.callback(made.shutdown, wait=False, cancel_futures=True)
            workers: Workers = _Threads(made, evaluator, accumulator, execution.step(len(priors.years)))
        else:
            from .cluster import Cluster

            workers = stack.enter_context(Cluster(execution.cluster, evaluator, accumulator))
        _draw_all(evaluator, accumulator, workers, checkpoint, execution)
    return _finished(run, evaluator, accumulator, checkpoint)


def _finished(run: Run, evaluator: Evaluator, accumulator: Accumulator, checkpoint: Checkpoint | None) -> Run:
    """The run with what was drawn, and with what others had drawn before."""
    shared, samples, priors = evaluator.shared, accumulator.samples(), run.priors
    shared.give(samples, accumulator.kept)
    kept = dict.fromkeys(evaluator.varying, NONE) | shared.kept | accumulator.kept
    return replace(
        run,
        samples=shared.samples | samples | evaluator.constants(),
        prior_draws={n: kept[n] for n in priors.uncertain},
        quantity_draws={q: kept[q] for q in evaluator.varying},
        correlations=_achieved(priors, run.settings, evaluator.drawn),
        checkpoint=checkpoint,
    )


def _named(priors: PriorSet, quantities: str | Sequence[str]) -> tuple[str, ...]:
    asked = (quantities,) if isinstance(quantities, str) else quantities
    names = tuple(dict.fromkeys(priors.model.quantity(q).name for q in asked))
    if not names:
        raise InputError("no quantity is asked for")
    for name in names:
        priors.refuse_unknown(name)
    return names


def _checkpoint(run: Run, short: bool, execution: Execution) -> Checkpoint | None:
    """The checkpoint of a run with a folder for it, unless it is so short that it has none."""
    if execution.checkpoints is None:
        return None
    if short:
        if execution.resume:
            execution.told("a run of this size has no checkpoints: it starts from the beginning")
        return None
    from .checkpoint import Checkpoint

    made = Checkpoint.of(run, Path(execution.checkpoints))
    made.told = execution.told
    if note := made.note(execution.resume):
        execution.told(note)
    return made


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
    start, last = 0, s.per_replicate if evaluator.works else 0
    while start < last:
        whole = (start & -start) or step  # a Sobol block begins at a multiple of its size
        count = min(step, whole, (done if start < done else last) - start)
        if start >= done or start < s.kept:
            yield start, count, start < done
        start += count


def _draw_at_once(evaluator: Evaluator, accumulator: Accumulator, execution: Execution) -> None:
    """Do all of a small run in one piece, in this thread."""
    if evaluator.works:
        keep_memory()
        values, results, sums = evaluator.draw(ALL, 0, evaluator.settings.per_replicate)
        accumulator.add(ALL, 0, values, results)
        accumulator.total(ALL, sums)
    if execution.progress:
        execution.progress(evaluator.settings.draws)


def _draw_all(
    evaluator: Evaluator,
    accumulator: Accumulator,
    workers: Workers,
    checkpoint: Checkpoint | None,
    execution: Execution,
) -> None:
    """Do all units, a few under way at a time, with checkpoints between rows of units."""
    replicates, waiting = evaluator.settings.replicates, deque[tuple[Unit, Any]]()
    done, progress = checkpoint.restore(accumulator) if checkpoint and execution.resume else 0, execution.progress

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


def _achieved(priors: PriorSet, settings: Settings, drawn: Collection[str]) -> dict[str, dict[str, float]]:
    """Asked and achieved rank correlations of what is drawn, from the first draws of each replicate."""
    pairs = {pair: rho for pair, rho in priors.active.items() if {*pair} <= {*drawn}}
    if not pairs:
        return {}
    count = min(4096, settings.per_replicate)
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    worlds = PriorSampler(priors, settings.seed, settings.sampler, names=names)
    placed = {n: ranks(x.ravel()) for n, x in worlds.values(worlds.first(count, names)).items()}
    result = {}
    for (a, b), rho in pairs.items():
        entry = {"asked": rho, "achieved": float(np.corrcoef(placed[a], placed[b])[0, 1])}
        if not (priors.prior(a).distribution.as_rv().continuous and priors.prior(b).distribution.as_rv().continuous):
            largest = float(np.corrcoef(np.sort(placed[a]), np.sort(placed[b]))[0, 1])
            entry |= {"largest": largest} if largest < 0.9995 else {}
        result[f"{a}, {b}"] = entry
    return result
