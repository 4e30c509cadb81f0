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
from .sampling.prior_sampler import Mapper, PriorSampler, known

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

    def __init__(self, priors: PriorSet, settings: Settings, map: Mapper = map):
        self.priors, self.settings, self.model, s = priors, settings, priors.model, settings
        self.known = known(priors) | {c.name: c.value for c in self.model.constants.values()}
        reads = priors.read_by(*s.quantities)
        self.read = [n for n in priors.uncertain if n in reads]
        self.varying = [q for q in s.quantities if priors.read_by(q)]
        self.worlds = PriorSampler(
            priors, s.seed, s.sampler, s.exact, priors.uncertain if s.kept else self.read, map=map
        )
        plan = self.model.plan(self.varying)
        self.known |= self._fixed([q.name for q in plan if not priors.read_by(q.name)])
        self.steps = self._steps([q for q in plan if q.name not in self.known])
        most = ALL_IN_MEMORY // max(len(priors.years), 1)
        self.in_memory = s.draws <= max(most, min(s.keep if s.held else 0, ALL_KEPT))
        for name in priors.uncertain if s.kept else ():
            check_keepable(priors.prior(name))

    def ties(self, quantity: str) -> bool:
        """Whether draws of a quantity can be equal: where one of its priors has values with a probability."""
        if self.model.quantity(quantity).unreached:  # its first year, and never
            return True
        return not all(self.priors.prior(n).distribution.as_rv().continuous for n in self.priors.read_by(quantity))

    def draw(self, replicate: int, start: int, count: int) -> tuple[Draws, Draws, Draws]:
        """The values of the priors that are kept of a block, if any, the quantities, and the sums of their segments.

        By name, of shapes (draw,) and (segment,). Each prior is drawn when the first quantity reads it, and
        forgotten after the last: the fewer arrays are held, the more of them stay in the processor's cache.
        A draw of what may never be reached is infinite where it is divided by 0; raises InputError for any other that
        is not finite.
        """
        value, held = self.worlds.block(replicate, start, count), dict(self.known)
        values, sums, keeping = dict[str, np.ndarray](), dict[str, np.ndarray](), start < self.settings.kept
        with np.errstate(all="ignore"):
            for drawn, quantity, spent in self.steps:
                new = {name: value(name) for name in drawn}
                held |= new
                if keeping:
                    values |= new
                x = held[quantity.name] = quantity(held)
                sums[quantity.name] = segment_sums(x)
                if not np.isfinite(sums[quantity.name]).all():
                    self._check(quantity, held, replicate, start)
                for name in spent:
                    del held[name]
            if keeping:
                values |= {name: value(name) for name in self.priors.uncertain if name not in values}
        return values, {q: held[q] for q in self.varying}, {q: sums[q] for q in self.varying}

    def _steps(self, plan: Sequence[Quantity]) -> list[Step]:
        steps, drawn = list[Step](), set[str]()
        last = {name: q for q in plan for name in q.inputs if name not in self.known}
        for q in plan:
            new = [n for n in q.inputs if n in self.read and n not in drawn]
            drawn.update(new)
            steps.append(Step(new, q, [n for n, by in last.items() if by is q and n not in self.varying]))
        return steps

    def _check(self, quantity: Quantity, held: Mapping[str, Any], replicate: int, start: int) -> None:
        """Refuse draws that are not finite (finite ones may have a sum that is not): the first, with its inputs.

        But for what is never reached, since an input is 0, or infinite itself: no breakeven where there is no demand.
        """
        x = held[quantity.name]
        bad = np.flatnonzero(~np.isfinite(x))
        if len(bad) and quantity.never:
            given = [np.broadcast_to(held[name], np.shape(x))[bad] for name in quantity.inputs]
            reason = np.any([(g == 0.0) | (g == np.inf) for g in given], axis=0) | quantity.unreached
            right = reason & (x[bad] == np.inf)
            bad = bad[~right]
        if len(bad):
            i = int(bad[0])
            shown = ", ".join(
                f"{name} = {readable(float(np.atleast_1d(held[name])[i if np.ndim(held[name]) else 0]))}"
                for name in quantity.inputs
                if name not in self.model.constants
            )
            raise InputError(
                f"{quantity.name} is not finite in draw {start + i} of replicate {replicate} ({shown}); "
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
