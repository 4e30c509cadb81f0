"""Blocks of worlds: the words, values and quantities of one replicate from one place on, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .entries import Prior
from .errors import InputError
from .laws import DEEPEST
from .numbers import readable
from .priors import PriorSet
from .runs import Settings
from .worlds import Mapper, Worlds, known

BLOCK = 1 << 17
ALL_IN_MEMORY = 4_000_000  # draws up to which quantiles are exact order statistics
ALL_KEPT = 10_000_000  # the same where all draws are kept
Draws = dict[str, np.ndarray]


class Blocks:
    """What a run draws and evaluates. Two of one prior set and settings make the same bits, wherever they are."""

    def __init__(self, priors: PriorSet, settings: Settings, map: Mapper = map):
        self.priors, self.settings, self.model, s = priors, settings, priors.model, settings
        self.known = known(priors)
        reads = self.model.reads(s.quantities)
        self.read = [n for n in priors.uncertain if n in reads]
        self.varying = [q for q in s.quantities if self._reads(q)]
        self.worlds = Worlds(priors, s.seed, s.sampler, s.exact, priors.uncertain if s.kept else self.read, map=map)
        self.in_memory = s.draws <= max(ALL_IN_MEMORY, min(s.keep, ALL_KEPT))
        for name in priors.uncertain if s.kept else ():
            _keepable(priors.priors[name])

    def _reads(self, quantity: str) -> list[str]:
        """The uncertain priors that a quantity reads."""
        return [n for n in self.model.reads([quantity]) if self.priors.priors[n].uncertain]

    def ties(self, quantity: str) -> bool:
        """Whether draws of a quantity can be equal: where one of its priors has values with a probability."""
        return not all(self.priors.priors[n].distribution.law.smooth for n in self._reads(quantity))

    def draw(self, replicate: int, start: int, count: int) -> tuple[Draws, Draws]:
        """The values of the priors and the quantities of a block, by name, shape (draw,).

        All uncertain priors where the block has draws to keep, else those that are read. Raises InputError
        for a draw that is not finite.
        """
        names = self.priors.uncertain if start < self.settings.kept else self.read
        with np.errstate(all="ignore"):
            values = self.worlds.values(self.worlds.words(names, replicate, start, count))
            results = self.model.evaluate(self.known | values, self.varying)
            if not all(np.isfinite(x).all() for x in results.values()):
                self._not_finite(results, values, replicate, start)
        return values, {q: results[q] for q in self.varying}

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

    def constants(self) -> dict[str, float]:
        """The quantities of the run that nothing uncertain enters."""
        fixed = [q for q in self.settings.quantities if q not in self.varying]
        values: dict[str, Any] = self.model.evaluate(self.known, fixed)
        for q in fixed:
            if not np.isfinite(values[q]):
                inputs = ", ".join(f"{i} = {values.get(i, self.known.get(i))}" for i in self.model.quantities[q].inputs)
                raise InputError(f"{q} is not finite ({inputs}); a prior has a value that makes no sense there")
        return {q: float(values[q]) for q in fixed}


def _keepable(prior: Prior) -> None:
    """Refuse a prior with draws beyond the largest float32: clipping them would change them in silence."""
    law, limits = prior.distribution.law, np.finfo(np.float32)
    for end in (law.ppf(DEEPEST, False), law.ppf(DEEPEST, True)):
        if abs(end) > limits.max:
            raise InputError(f"{prior.name} = {prior.distribution.text} reaches {end:.3g}, beyond what a kept draw "
                             "(float32) can hold; narrow it, or run with --keep 0")  # fmt: skip


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


def arrays(names: Sequence[str], shape: tuple[int, int], kind: Any) -> Draws:
    """An array for each name, cut from one: a large array gets large pages, which cost less."""
    whole = np.empty((len(names), *shape), dtype=kind)
    return dict(zip(names, whole, strict=True))


def keep_memory() -> None:
    """Have freed blocks used again: glibc raises its thresholds when a mapped chunk is freed.

    Without it every temporary array goes back to the kernel and faults its pages in anew, which
    takes longer than the arithmetic. The chunk is never touched, so it costs nothing itself.
    """
    np.empty(31 << 20, dtype=np.uint8)  # freed at once
