"""Work on many machines: units of a run as tasks of a dask cluster, whose parts are merged here.

dask.distributed is imported only here. A worker gets the resolved prior set as plain data and makes the
same bits from it that this process would; counts are integers and totals are summed here in order, so the
run does not depend on how many workers there are, or on which of them die.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..base.errors import InputError, RunError, quote
from ..base.threads import keep_memory
from ..compute.models import from_source, sources
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..runs.settings import Settings
from .accumulator import Accumulator, State
from .evaluator import BLOCK, Evaluator

if TYPE_CHECKING:
    from .simulate import Unit

SPAN = 1 << 21  # draws of one task at most: its answer is some MB, its work most of a second
PATIENCE = "15s"  # until a scheduler must answer


class Cluster:
    """Units done by the workers of a dask cluster: `tcp://HOST:PORT`, or `local:N` for N processes here.

    A context. Raises InputError for an address that is none, and RunError where nobody answers.
    """

    step = SPAN

    def __init__(self, address: str, evaluator: Evaluator, accumulator: Accumulator):
        if not re.fullmatch(r"local:[1-9]\d{0,2}|(tcp|tls|ws|wss|ucx)://\S+:\d+", address):
            raise InputError(
                f"--cluster {quote(address)}: write tcp://HOST:PORT, the address of a dask scheduler, or "
                "local:N for N processes here"
            )
        self.address, self.accumulator = address, accumulator
        priors, settings = evaluator.priors, evaluator.settings
        own = sources(priors.model)
        self.work = json.dumps([priors.to_json(), settings._asdict(), Run(priors, settings).digest, __version__, own])
        self.stack = ExitStack()
        self.lost: tuple[type[BaseException], ...] = (OSError,)

    def __enter__(self) -> Cluster:
        try:
            import distributed
        except ImportError:
            raise InputError("--cluster needs dask: pip install 'simulate-compute[cluster]'") from None
        self.lost = (OSError, CancelledError, distributed.KilledWorker)
        try:
            with self._told():
                self._connect(distributed)
        except BaseException:
            self.stack.close()
            raise
        return self

    def _connect(self, distributed: Any) -> None:
        import dask

        self.stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 10}))
        address: Any = self.address
        if address.startswith("local:"):
            with _ignoring_interrupts():
                address = self.stack.enter_context(
                    distributed.LocalCluster(
                        n_workers=int(address[6:]),
                        threads_per_worker=1,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        silence_logs=50,
                    )
                )
        self.client = self.stack.enter_context(
            distributed.Client(address, timeout=PATIENCE, set_as_default=False, name="simulate")
        )
        self.client.wait_for_workers(1, timeout=PATIENCE)
        self.ahead = 4 * max(len(self.client.scheduler_info()["workers"]), 16)

    def __exit__(self, *_: Any) -> None:
        self.stack.close()

    def submit(self, unit: Unit) -> Any:
        with self._told():
            return self.client.submit(do, self.work, tuple(unit), pure=False, retries=2)

    def settle(self, unit: Unit, future: Any) -> None:
        with self._told():
            part = future.result()
        self.accumulator.merge(unit.replicate, unit.start, part, unit.again)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one line that the cluster is gone."""
        try:
            yield
        except self.lost as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise RunError(
                f"the cluster at {self.address} does not answer ({quote(reason, 160)}); see that its "
                "scheduler and at least one worker run, with simulate installed"
            ) from None


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Have the processes that start in here leave Ctrl-C and a hang-up, which all in a terminal get, to this one."""
    if current_thread() is not main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@lru_cache(maxsize=2)
def _evaluator(work: str) -> Evaluator:
    """What a worker draws: from the prior set and settings that it was sent."""
    priors, settings, digest, version, *rest = json.loads(work)
    for source in (source for own in rest for source in own):  # an older version sent none
        from_source(*source)
    settings["quantities"] = tuple(settings["quantities"])
    made = PriorSet.from_json(priors), Settings(**settings)
    if Run(*made).digest != digest:
        raise RunError(
            f"a worker has another version of simulate ({__version__}, where this is {version}): its draws "
            "would be others; install the same version there"
        )
    keep_memory()
    return Evaluator(*made)


def do(work: str, unit: tuple[int, int, int, bool]) -> State:
    """A unit, on a worker: plain arrays for `Accumulator.merge`."""
    replicate, start, size, again = unit
    evaluator = _evaluator(work)
    accumulator, sums = Accumulator(evaluator, 1, start, start + size), list[Mapping[str, Any]]()
    for at in range(start, start + size, BLOCK):
        values, results, of = evaluator.draw(replicate, at, min(BLOCK, start + size - at))
        accumulator.add(0, at, values, results, again)
        sums.append(of)
    return accumulator.part(sums)
