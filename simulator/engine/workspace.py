"""What the runs of a process have in common, so that a run after an edit computes only what the edit touches.

A prior's values are named by what they are drawn from (the text of its distribution, its Sobol column, seed, sampler
and correlations), a quantity's by its function and the names of what it reads. What two runs name alike has the same
bits, and is computed once. Of small runs values are held within a bound of memory, from the second time that they are
drawn; of large ones only what another run still holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from ..compute.columns import column
from ..compute.graph import Quantity
from ..priors.prior_set import PriorSet
from ..runs.settings import Settings
from ..statistics.exact import ExactSample
from ..statistics.sample import Sample

MOST = 1 << 27  # bytes that are held
SMALL = 1 << 18  # draws of a run up to which anything is held that no run holds
MANY = 1 << 16  # names, and places that were seen, after which they are forgotten
Place = tuple[str, int, tuple[int, int]]  # the kind of a thing, what it is made from, and its shape (replicate, draw)


class Workspace:
    """Arrays and samples by what they are made from; threads may share one."""

    def __init__(self, most: int = MOST):
        self.most, self._lock = most, Lock()
        self._numbers: dict[Hashable, int] = {}
        self._next = count()
        self._held: OrderedDict[Place, tuple[Any, int]] = OrderedDict()
        self._alive: WeakValueDictionary[Place, Any] = WeakValueDictionary()
        self._seen: set[Place] = set()
        self._size = 0

    def number(self, key: Hashable) -> int:
        """A number for what a thing is made from; no two have the same one, ever."""
        with self._lock:
            if len(self._numbers) >= MANY:
                self._numbers.clear()
            return self._numbers.setdefault(key, next(self._next))

    def find(self, place: Place) -> Any:
        """What is at a place, or None."""
        with self._lock:
            if place in self._held:
                self._held.move_to_end(place)
                return self._held[place][0]
            return self._alive.get(place)

    def again(self, place: Place) -> bool:
        """Whether a place was asked for before: what is made once in a process is not worth its memory."""
        with self._lock:
            if len(self._seen) >= MANY:
                self._seen.clear()
            before = place in self._seen
            self._seen.add(place)
            return before

    def hold(self, place: Place, found: Any, size: int) -> None:
        """Hold something of `size` bytes, and let go of what was not asked for the longest."""
        with self._lock:
            if place in self._held or size > self.most:
                return
            self._held[place] = found, size
            self._size += size
            while self._size > self.most:
                self._size -= self._held.popitem(last=False)[1][1]

    def watch(self, place: Place, found: Any) -> None:
        """Find something as long as somebody else holds it."""
        with self._lock:
            self._alive[place] = found


_SHARED: ContextVar[Workspace | None] = ContextVar("workspace", default=Workspace())  # noqa: B039  # it is the process's


def current() -> Workspace | None:
    """The workspace of the process; None for runs that are made apart."""
    return _SHARED.get()


@contextmanager
def apart() -> Iterator[None]:
    """Runs that are made in here take nothing from others, and leave nothing: those that are held against others."""
    token = _SHARED.set(None)
    try:
        yield
    finally:
        _SHARED.reset(token)


class Shared:
    """What a run takes from the workspace: samples, kept draws and values by name; and what it gives to it."""

    def __init__(self, workspace: Workspace | None, priors: PriorSet, settings: Settings, plan: Sequence[Quantity]):
        self.workspace, self.settings = workspace, settings
        self.small, self.shape = settings.draws <= SMALL, (settings.replicates, settings.per_replicate)
        self.numbers = dict[str, int]() if workspace is None else _numbered(workspace.number, priors, settings, plan)
        self.samples: dict[str, Sample] = self._found("sample", settings.quantities, self.shape)
        names = [*priors.uncertain, *settings.quantities] if settings.kept else []
        self.kept: dict[str, np.ndarray] = self._found("kept", names, (settings.replicates, settings.kept))
        self.unkept = {n for n in names if n not in self.kept}
        self.values: dict[str, np.ndarray] = self._found("values", self.numbers, self.shape)
        self.values |= {n: s.rows for n, s in self.samples.items() if isinstance(s, ExactSample)}
        self.gathered: dict[str, np.ndarray] = {}

    def _found(self, kind: str, names: Iterable[str], shape: tuple[int, int]) -> dict[str, Any]:
        if self.workspace is None:
            return {}
        places = {n: (kind, self.numbers[n], shape) for n in names if n in self.numbers}
        return {n: found for n, place in places.items() if (found := self.workspace.find(place)) is not None}

    def gather(self, names: Sequence[str]) -> None:
        """Make room for the values of what was drawn before, and is drawn again."""
        if self.workspace is not None and self.small:
            places = {n: ("values", self.numbers[n], self.shape) for n in names}
            self.gathered = {n: np.empty(self.shape) for n, place in places.items() if self.workspace.again(place)}

    def give(self, samples: Mapping[str, Sample], kept: Mapping[str, np.ndarray]) -> None:
        """Leave what the run has made for those that come after it; from here on nobody may change it."""
        if self.workspace is None:
            return
        for name, sample in samples.items():
            if isinstance(sample, ExactSample):
                sample.rows.flags.writeable = False
                self._give("sample", name, self.shape, sample, 2 * sample.rows.nbytes)
        for name, draws in kept.items() if self.settings.kept else ():
            draws.flags.writeable = False
            self._give("kept", name, (self.settings.replicates, self.settings.kept), draws, draws.nbytes)
        for name, values in self.gathered.items():
            self._give("values", name, self.shape, values, values.nbytes)

    def _give(self, kind: str, name: str, shape: tuple[int, int], found: Any, size: int) -> None:
        place = kind, self.numbers[name], shape
        if self.workspace is not None and self.small:
            self.workspace.hold(place, found, size)
        elif self.workspace is not None:
            self.workspace.watch(place, found)


def _numbered(
    number: Callable[[Hashable], int], priors: PriorSet, settings: Settings, plan: Sequence[Quantity]
) -> dict[str, int]:
    """A number for each prior that is drawn and each quantity of a plan: two of the same number have the same bits."""
    own, s = priors.model.own, settings
    ties = {g.names: (g.names, tuple(column(n, own) for n in g.names), g.cholesky.tobytes()) for g in priors.groups}
    tied = {n: tie for names, tie in ties.items() for n in names}
    found = {
        n: number((s.seed, s.sampler, s.exact, n, column(n, own), p.distribution, tied.get(n)))
        if p.uncertain
        else number(p.distribution.known)
        for n, p in priors.priors.items()
    }
    found |= {c.name: number(c.value) for c in priors.model.constants.values()}
    for q in plan:
        found[q.name] = number((q.function, q.parameters, tuple(found[i] for i in q.inputs)))
    return found
