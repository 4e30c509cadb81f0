"""Blocks of worlds: the points, values and quantities of one replicate from one place on, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import InputError
from ..base.numbers import readable
from ..compute.graph import Quantity
from ..priors.prior_set import PriorSet
from ..runs.settings import Settings, check_keepable
from ..statistics.sample import ConstantSample, Sample, segment_sums
from .sampling.points import Rows
from .sampling.prior_sampler import PriorSampler, known
from .workspace import Shared, Workspace

BLOCK = 1 << 17
ALL_IN_MEMORY = 4_000_000  # draws up to which quantiles are exact order statistics, of all years together
ALL_KEPT = 10_000_000  # the same where all draws are kept
Draws = dict[str, np.ndarray]


class Step(NamedTuple):
    """A quantity to evaluate: the priors to draw before it, and what nothing reads after it."""

    drawn: list[str]
    quantity: Quantity
    spent: list[str]


class Evaluator:
    """What a run draws and evaluates. Two of one prior set and settings make the same bits, wherever they are."""

    def __init__(self, priors: PriorSet, settings: Settings, workspace: Workspace | None = None):
        self.priors, self.settings, self.model, s = priors, settings, priors.model, settings
        self.known = known(priors) | {c.name: c.value for c in self.model.constants.values()}
        self.varying = [q for q in s.quantities if priors.read_by(q)]
        most = ALL_IN_MEMORY // len(priors.years) if priors.years else max(ALL_IN_MEMORY, min(s.keep, ALL_KEPT))
        self.in_memory = s.draws <= most
        plan = self.model.plan(self.varying)
        self.shared = Shared(workspace if self.in_memory else None, priors, s, plan)
        self.made = [q for q in self.varying if q not in self.shared.samples or q in self.shared.unkept]
        self.keep = [n for n in priors.uncertain if n not in self.shared.kept]
        self.known |= self._fixed([q.name for q in plan if not priors.read_by(q.name)])
        plan = self._untouched([q for q in plan if q.name not in self.known])
        reads, values = {i for q in plan for i in q.inputs}, self.shared.values
        self.ready = {n: values[n] for n in (reads | {*self.keep} if s.kept else reads) if n in values}
        self.read = [n for n in priors.uncertain if n in reads and n not in self.ready]
        self.steps = self._steps(plan)
        drawn = {n for n in self.keep if n not in self.ready} if s.kept else set[str]()
        self.drawn = self._with_ties(priors.uncertain if s.kept else priors.read_by(*self.varying))
        self.worlds = PriorSampler(priors, s.seed, s.sampler, s.exact, drawn.union(self.read))
        self.shared.gather([*self.read, *(q.name for q in plan if q.name not in self.made)])
        for name in self.keep if s.kept else ():
            check_keepable(priors.prior(name))

    def _with_ties(self, names: Sequence[str]) -> set[str]:
        """Priors, and those that are correlated with them."""
        return {*names}.union(*(g.names for g in self.priors.groups if {*names} & {*g.names}))

    def _untouched(self, plan: Sequence[Quantity]) -> list[Quantity]:
        """The quantities of a plan that must be evaluated, where some values are at hand."""
        needed, left = set(self.made), list[Quantity]()
        for q in reversed(plan):
            if q.name in self.made or (q.name in needed and q.name not in self.shared.values):
                needed.update(q.inputs)
                left.append(q)
        return left[::-1]

    @property
    def works(self) -> bool:
        """Whether anything is to be drawn."""
        return bool(self.made or (self.settings.kept and self.keep))

    def ties(self, quantity: str) -> bool:
        """Whether draws of a quantity can be equal: where one of its priors has values with a probability."""
        if self.model.quantity(quantity).unreached:  # its first year, and never
            return True
        return not all(self.priors.prior(n).distribution.as_rv().continuous for n in self.priors.read_by(quantity))

    def draw(self, replicate: Rows, start: int, count: int) -> tuple[Draws, Draws, Draws]:
        """The values of the priors that are kept of a block, if any, the quantities, and the sums of their segments.

        By name, of shapes (draw) and (segment), of all replicates at once (replicate, draw) and (replicate, segment).
        Each prior is drawn when the first quantity reads it, and forgotten after the last: the fewer arrays are held,
        the more of them stay in the processor's cache.
        A draw of what may never be reached is infinite where it is divided by 0; raises InputError for any other that
        is not finite.
        """
        value, sums, values = self.worlds.block(replicate, start, count), Draws(), Draws()
        place, gathered = slice(start, start + count), self.shared.gathered
        ready = {name: rows[replicate, place] for name, rows in self.ready.items()}
        keeping, held = {*self.keep} if start < self.settings.kept else set[str](), self.known | ready
        with np.errstate(all="ignore"):
            for drawn, quantity, spent in self.steps:
                new = {name: value(name) for name in drawn}
                held |= new
                values |= {name: new[name] for name in drawn if name in keeping}
                x = held[quantity.name] = quantity(held)
                sums[quantity.name] = segment_sums(x)
                if not np.isfinite(sums[quantity.name]).all():
                    self._check(quantity, held, replicate, start)
                for name in gathered.keys() & {*drawn, quantity.name}:
                    gathered[name][replicate, place] = held[name]
                for name in spent:
                    del held[name]
            for name in keeping - values.keys():
                values[name] = ready[name] if name in ready else value(name)
        return values, {q: held[q] for q in self.made}, {q: sums[q] for q in self.made}

    def _steps(self, plan: Sequence[Quantity]) -> list[Step]:
        steps, drawn = list[Step](), set[str]()
        last = {name: q for q in plan for name in q.inputs if name not in self.known}
        for q in plan:
            new = [n for n in q.inputs if n in self.read and n not in drawn]
            drawn.update(new)
            steps.append(Step(new, q, [n for n, by in last.items() if by is q and n not in self.made]))
        return steps

    def _check(self, quantity: Quantity, held: Mapping[str, Any], replicate: Rows, start: int) -> None:
        """Refuse draws that are not finite (finite ones may have a sum that is not): the first, with its inputs.

        But for what is never reached, since an input is 0, or infinite itself: no breakeven where there is no demand.
        """
        x, shape = held[quantity.name].ravel(), held[quantity.name].shape
        bad = np.flatnonzero(~np.isfinite(x))
        if len(bad) and quantity.never:
            given = [np.broadcast_to(held[name], shape).ravel()[bad] for name in quantity.inputs]
            reason = np.any([(g == 0.0) | (g == np.inf) for g in given], axis=0) | quantity.unreached
            right = reason & (x[bad] == np.inf)
            bad = bad[~right]
        if len(bad):
            row, i = divmod(int(bad[0]), shape[-1])
            shown = ", ".join(
                f"{name} = {readable(float(np.broadcast_to(held[name], shape).flat[bad[0]]))}"
                for name in quantity.inputs
                if name not in self.model.constants
            )
            raise InputError(
                f"{quantity.name} is not finite in draw {start + i} of replicate "
                f"{row if isinstance(replicate, slice) else replicate} ({shown}); "
                "a prior reaches values that make no sense there"
            )

    def constants(self) -> dict[str, Sample]:
        """The samples of the quantities of the run that nothing uncertain enters."""
        s = self.settings
        fixed = self._fixed([q for q in s.quantities if q not in self.varying])
        return {q: ConstantSample(value, s.replicates, s.per_replicate) for q, value in fixed.items()}

    def _fixed(self, names: Sequence[str]) -> dict[str, float]:
        values: dict[str, Any] = self.model.evaluate(self.known, names)
        for q in names:
            if not np.isfinite(values[q]) and not self._never(q, values):
                inputs = ", ".join(f"{i} = {values.get(i, self.known.get(i))}" for i in self.model.quantity(q).inputs)
                raise InputError(f"{q} is not finite ({inputs}); a prior has a value that makes no sense there")
        return {q: float(values[q]) for q in names}

    def _never(self, name: str, values: Mapping[str, Any]) -> bool:
        """Whether a known quantity is one that is never reached here: an input is 0, or infinite itself."""
        q = self.model.quantity(name)
        if not q.never:
            return False
        given = [values.get(i, self.known.get(i)) for i in q.inputs]
        zero = any(g is not None and (g == 0.0 or g == np.inf) for g in given)
        return bool(values[name] == np.inf) and (zero or q.unreached)


def arrays(names: Sequence[str], shape: tuple[int, int], kind: Any) -> Draws:
    """An array for each name, cut from one: a large array gets large pages, which cost less."""
    whole = np.empty((len(names), *shape), dtype=kind)
    return dict(zip(names, whole, strict=True))
