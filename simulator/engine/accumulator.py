"""The accumulator of a run: what is held of its draws, in fixed memory beyond what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..base.errors import InputError
from ..runs.settings import float32_range
from ..statistics.exact import ExactSample
from ..statistics.histogram import HistogramSample
from ..statistics.sample import Sample
from ..statistics.shifted import ShiftedSample
from .evaluator import Draws, Evaluator, arrays
from .sampling.points import Rows

State = dict[str, np.ndarray]  # plain arrays, by name: what goes to a file, or over a wire


class Accumulator:
    """The samples and totals of the quantities of some replicates, draws `start` to `stop`, and the kept draws.

    Blocks may be added in any order and from several threads; only totals are sums of floats, and these
    are taken in the order of the draws, segment by segment, by one thread.
    """

    def __init__(self, evaluator: Evaluator, replicates: int, start: int, stop: int):
        self.start, self.varying, self.uncertain = start, evaluator.made, evaluator.keep
        shape = (replicates, stop - start)
        self.keeping = max(min(evaluator.settings.kept, stop) - start, 0)  # draws of each replicate that are kept
        self.rows = arrays(self.varying if evaluator.in_memory else [], shape, np.float64)
        self.counted = (
            {} if evaluator.in_memory else {q: HistogramSample(*shape, ties=evaluator.ties(q)) for q in self.varying}
        )
        self.origins = {q: evaluator.model.quantity(q).origin for q in self.counted}
        self.totals = {q: np.zeros(replicates) for q in self.varying}
        self.kept = arrays([*self.uncertain, *self.varying], (replicates, self.keeping), np.float32)
        self.bounds = {n: float32_range(*evaluator.priors.prior(n).distribution.support) for n in self.uncertain}

    def add(self, row: Rows, start: int, values: Draws, results: Draws, again: bool = False) -> None:
        """Hold a block of a replicate, or of all; `again` only keeps draws that were counted before."""
        at = start - self.start
        if at < self.keeping:
            self._keep(row, at, values, results)
        if again:
            return
        for name, x in results.items():
            if self.rows:
                self.rows[name][row, at : at + x.shape[-1]] = x
            else:
                origin = self.origins[name]
                self.counted[name].add(row, x - origin if origin else x)  # type: ignore[arg-type]  # of a replicate

    def _keep(self, row: Rows, at: int, values: Draws, results: Draws) -> None:
        """Keep draws in float32; those of priors are rounded towards the inside of their support."""
        for name, x in (values | results).items():
            kept = self.kept[name][row, at : at + x.shape[-1]]
            x = x[..., : kept.shape[-1]]
            with np.errstate(over="ignore"):
                kept[...] = x
            if name in values:
                np.clip(kept, *self.bounds[name], out=kept)
            elif not np.isfinite(kept).all() and not np.isfinite(kept[np.isfinite(x)]).all():
                raise InputError(
                    f"{name} reaches {np.abs(x[np.isfinite(x)]).max():.3g}, more than a kept draw (float32) can hold; "
                    "narrow its priors, or run with --keep 0"
                )

    def total(self, row: Rows, sums: Mapping[str, np.ndarray]) -> None:
        """Add the next segments' sums to a replicate's totals: one after another, so that it is always the same sum."""
        for name, segments in sums.items():
            before = np.asarray(self.totals[name][row])[..., None]
            self.totals[name][row] = np.cumsum(np.concatenate([before, segments], axis=-1), axis=-1)[..., -1]

    def state(self) -> State:
        """What was counted: plain arrays, from which `restore` goes on."""
        held = {f"{q}/totals": x for q, x in self.totals.items()}
        return held | {f"{q}/{key}": x for q, sample in self.counted.items() for key, x in sample.state().items()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state. Raises KeyError or ValueError where it is not one of this run's."""
        for q, sample in self.counted.items():
            self.totals[q][:] = state[f"{q}/totals"]
            sample.merge({key: state[f"{q}/{key}"] for key in sample.state()})

    def part(self, sums: Sequence[Mapping[str, np.ndarray]]) -> State:
        """What another process made of one replicate, to be merged: counts or rows, kept draws, and segments' sums."""
        made = {f"{q}/segments": np.concatenate([s[q] for s in sums]) for q in self.varying if sums and sums[0]}
        made |= {f"{q}/rows": x for q, x in self.rows.items()} | {f"{n}/kept": x for n, x in self.kept.items()}
        return made | {f"{q}/{key}": x for q, sample in self.counted.items() for key, x in sample.state().items()}

    def merge(self, row: int, start: int, part: Mapping[str, np.ndarray], again: bool = False) -> None:
        """Take what another process made of a replicate from draw `start` on."""
        at = start - self.start
        for name, kept in self.kept.items():
            x = part[f"{name}/kept"][0]
            kept[row, at : at + len(x)] = x
        if again:
            return
        for name, rows in self.rows.items():
            x = part[f"{name}/rows"][0]
            rows[row, at : at + len(x)] = x
        for name, sample in self.counted.items():
            sample.merge({key: part[f"{name}/{key}"] for key in sample.state()}, slice(row, row + 1))
        self.total(row, {q: part[f"{q}/segments"] for q in self.varying})

    def samples(self) -> dict[str, Sample]:
        """The sample of each quantity, when all blocks are in."""
        made: dict[str, Sample] = {q: ExactSample(rows, self.totals[q]) for q, rows in self.rows.items()}
        for q, sample in self.counted.items():
            sample.totals = self.totals[q]
            made[q] = ShiftedSample(sample, self.origins[q]) if self.origins[q] else sample
        return made
