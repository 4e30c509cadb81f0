"""A run: title, table, headline, probabilities, where it lies and what to do next."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ..._version import __version__
from ...base.errors import InputError
from ...base.files import size_text
from ...base.known import option
from ...base.numbers import figures, readable, rounded, shortest
from ...base.wording import counted, percent, unit_text
from ...compute.models import words
from ...priors.layers import DEFAULT_SET
from ...priors.prior_set import PriorSet
from ...runs import store
from ...runs.run import Run
from ...statistics.estimators import Estimate
from ...statistics.summary import Summary, worst
from .. import phrases
from ..document import GAP, Block, Line, Paragraph, Table, View
from ..plausibility import beyond, remarked

Below = Mapping[str, Sequence[float]]
CLOSE, MANY = 0.01, 3  # how near an achieved correlation is to the one asked for; how many are told of one by one
NOTHING: Below = MappingProxyType({})


class Typed(NamedTuple):
    """How a side was typed, so that it can be typed again: layers or a run, with `--gpu`, `--set` and `--runs`.

    `first` is what a derived run was made of, `over` are the words of its years.
    """

    names: Sequence[str] = ()
    gpu: str | None = None
    sets: Sequence[str] = ()
    root: str | None = None
    first: Sequence[str] = ()
    over: Sequence[str] = ()

    @property
    def runs(self) -> list[str]:
        """The folder of runs, where it was named."""
        return ["--runs", self.root] if self.root else []

    @property
    def name(self) -> str:
        """The layers joined."""
        return "+".join(self.names) or DEFAULT_SET

    @property
    def _edits(self) -> list[str]:
        return [*(["--gpu", self.gpu] if self.gpu else []), *(w for s in self.sets for w in (option(s), s))]

    @property
    def words(self) -> list[str]:
        """The side as an argument."""
        return [self.name, *self._edits, *self.over, *self.runs]

    @property
    def as_option(self) -> list[str]:
        """The side as layers of `--priors`."""
        return [*(w for n in self.names or (DEFAULT_SET,) for w in ("--priors", n)), *self._edits, *self.runs]

    def beside(self, edit: str) -> list[str]:
        """The side beside itself with one edit more."""
        alone = not (self.gpu or self.sets)
        gpus = [w for letter in "AB" for w in ("--gpu", f"{letter}:{self.gpu}")] if self.gpu else []
        kept = [s for s in self.sets if s.split("=")[0].strip() != edit.split("=")[0]]
        both = [("A", s) for s in self.sets] + [("B", s) for s in kept] + [("B", edit)]
        sets = [w for letter, s in both for w in (option(s), f"{letter}:{s}")]
        return [self.name, *gpus, *(["--set", edit] if alone else sets), *self.over, *self.runs]


def view(
    run: Run,
    summaries: Sequence[Summary],
    probabilities: Sequence[float] = (),
    target: float | None = None,
    typed: Typed | None = None,
    below: Below = NOTHING,
) -> View:
    """A run; `probabilities` are those of further quantiles, `target` the error that was asked for.

    `below` are thresholds of P(quantity < x).
    """
    told = tuple(blocks(run, summaries, probabilities, target, typed, below))
    return View(told, lambda: data(run, summaries, target, below))


def blocks(
    run: Run,
    summaries: Sequence[Summary],
    probabilities: Sequence[float] = (),
    target: float | None = None,
    typed: Typed | None = None,
    below: Below = NOTHING,
) -> Iterator[Block]:
    """The run as blocks."""
    s = run.settings
    by = ", pre-integrated" if any(x.integrated for x in summaries) else ""
    yield Paragraph(f"{run.priors.headed}: {counted(s.draws, 'draw')}, seed {s.seed}, {s.sampler}{by}")
    yield GAP
    yield from _edits(run.priors)
    yield from _tables(summaries, probabilities)
    yield from map(Paragraph, phrases.estimator_lines(summaries, s.draws, target))
    yield from map(Paragraph, phrases.never(summaries))
    for x in summaries:
        above, under = _sides(x, below)
        for sign, found in ((">", above), ("<", under)):
            for threshold, estimate in found.items():
                yield Paragraph(phrases.probability(x.name, threshold, x.unit, estimate, x.draws, sign))
    yield from _correlations(run)
    if told := phrases.story_by_year(summaries, run.priors.model.told.story):
        yield GAP
        yield from map(Paragraph, [*told, *_counted(run, summaries), *phrases.changes(run.priors)])
    yield from remarked(beyond(run.priors, summaries))
    yield from (GAP, Paragraph(run.priors.trust))
    yield GAP
    if run.path:
        yield Line(f"run:  {run.path} ({size_text(store.size(run.path))})")
    yield from _next(run, summaries, typed or Typed((run.priors.name,)))


def _counted(run: Run, summaries: Sequence[Summary]) -> Iterator[str]:
    """How many of the GPU that was chosen the H100-equivalents are, where it is counted."""
    found, counts = {s.name: s for s in summaries}, run.priors.model.told.counts
    told = [f"{rounded(*found[n].median)} ({n})" for n in counts.values() if n in found]
    if run.priors.gpu and told:
        yield f"Of the GPU {run.priors.gpu} that is {' and '.join(told)} in the median."


def _correlations(run: Run) -> Iterator[Block]:
    """Asked and achieved rank correlations; of many, those that were achieved are counted."""
    short = {p: e for p, e in run.correlations.items() if abs(e["achieved"] - e["asked"]) > CLOSE}
    shown = run.correlations if len(run.correlations) <= MANY else short
    for pair, entry in shown.items():
        most = f" (at most {entry['largest']:.3f}: it has ties)" if "largest" in entry else ""
        yield Paragraph(f"rank correlation of {pair}: asked {entry['asked']:g}, achieved {entry['achieved']:.3f}{most}")
    if shown is short:
        rest = counted(len(run.correlations) - len(short), "rank correlation")
        yield Paragraph(f"{rest} {'are' if not short else 'more are'} as asked for, within {CLOSE:g}.")


def _sides(s: Summary, below: Below) -> tuple[dict[float, Estimate], dict[float, Estimate]]:
    """The probabilities of a quantity to lie above thresholds, and below others."""
    under = {math.nextafter(x, -math.inf): x for x in below.get(s.name, ())}
    above = {x: e for x, e in s.exceeds.items() if x not in under}
    return above, {under[x]: Estimate(1.0 - e.value, e.mcse) for x, e in s.exceeds.items() if x in under}


def _edits(priors: PriorSet) -> Iterator[Block]:
    """What was set by hand, with the quantiles that it implies."""
    edited = [p for p in priors.priors.values() if p.edited]
    moved = [p.name for p in priors.priors.values() if any(f"Given {e.name} =" in p.note for e in edited)]
    for p in edited:
        ends = ", ".join(readable(p.distribution.quantile(q), most=4) for q in (0.05, 0.5, 0.95))
        yield Paragraph(f"{p.name} = {p.distribution.text}" + (f" (5 %, 50 %, 95 %: {ends})" if p.uncertain else ""))
    if moved:
        yield Paragraph(f"what is known moves what is correlated with it: {', '.join(moved)}")
    if edited:
        yield GAP


def _next(run: Run, summaries: Sequence[Summary], typed: Typed) -> Iterator[Block]:
    """Commands that go on from here, as they are to be typed."""
    if run.path:
        typed = Typed((run.name,), root=typed.root, first=typed.first)
    own = words(run.priors.model)
    for i, each in enumerate(_commands(run, summaries, typed)):
        yield Line(f"{'next: ' if not i else '      '}{shlex.join(['simulate', *each, *own])}")


def _commands(run: Run, summaries: Sequence[Summary], typed: Typed) -> Iterator[list[str]]:
    moving = [s.name for s in summaries if s.low.value != s.high.value]
    finite = [s.name for s in summaries if s.name in moving and s.infinite is None]
    of = (
        [n for n in finite if n in run.priors.model.told.headline] or finite or moving or [s.name for s in summaries]
    )[-1]
    if run.derivation is not None:
        if run.path and typed.first:
            yield ["compare", *typed.first, run.name, *typed.runs]
        elif run.path:
            yield ["plot", run.name, "--of", of, *typed.runs]
        elif typed.first:
            yield ["sensitivity", *typed.first, "--of", of]
        return
    if not moving:
        yield ["explain", of, *typed.as_option]
        return
    yield ["sensitivity", *typed.words, "--of", of]
    if edit := _worth_knowing(run.priors, of):
        yield ["compare", *typed.beside(edit)]


def _worth_knowing(priors: PriorSet, of: str) -> str:
    """`PRIOR=VALUE` of the prior that moves a quantity most, at its upper quartile; empty where there is none."""
    at: dict[str, Any] = {name: p.distribution.quantile(0.5) for name, p in priors.priors.items()}
    names, quantity = list(priors.read_by(of)), priors.model.quantity(of)
    for i, name in enumerate(names):  # each in two worlds at its ends, and in the others at its median
        worlds = np.full(2 * len(names), at[name])
        worlds[2 * i : 2 * i + 2] = [priors.prior(name).distribution.quantile(p) for p in (0.05, 0.95)]
        at[name] = worlds
    try:
        found = quantity.within(priors.model.evaluate(at, [of])[of])
    except InputError:  # it divides by a known 0
        return ""
    with np.errstate(all="ignore"):
        moves = np.nan_to_num(np.abs(np.diff(np.reshape(found, (-1, 2)))[:, 0]), nan=0.0, posinf=0.0)
    if not moves.any():
        return ""
    name = names[int(np.argmax(moves))]
    low, value, high = (priors.prior(name).distribution.quantile(p) for p in (0.05, 0.75, 0.95))
    rounded = (float(f"{value:.{digits}g}") for digits in (2, 3, 4, 6))
    return f"{name}={shortest(next((x for x in rounded if low <= x <= high), value))}"


def _tables(summaries: Sequence[Summary], probabilities: Sequence[float]) -> Iterator[Block]:
    """The main table, what its parentheses mean, why a mean is missing, and further quantiles."""
    yield from (Table(*phrases.by_year(*phrases.summary_rows(summaries))), GAP, Paragraph(phrases.ERRORS))
    yield from map(Paragraph, missing_means(summaries))
    if probabilities:
        yield from (GAP, _quantiles(summaries, probabilities))


def missing_means(summaries: Sequence[Summary]) -> list[str]:
    """Why a quantity has no mean."""
    return [f"* {s.name} has no mean: {s.mean_reason}." for s in summaries if s.mean_reason]


def _quantiles(summaries: Sequence[Summary], probabilities: Sequence[float]) -> Table:
    rows = []
    for s in summaries:
        power, word = phrases.shared_scale(s.median.value, s.low.value, s.high.value)
        unit = unit_text(s.unit, word)
        cells = [figures(s.quantiles[p].value, s.quantiles[p].mcse, power) for p in probabilities]
        rows.append([f"{s.name}\n  {unit}" if unit else s.name, *cells])
    return Table(["quantile", *map(percent, probabilities)], rows)


def data(run: Run, summaries: Sequence[Summary], target: float | None = None, below: Below = NOTHING) -> dict[str, Any]:
    """The plain data of a run; `target` is the error that was asked for, `below` thresholds of P(quantity < x)."""
    s = run.settings
    return {
        "prior_set": run.priors.name,
        "title": run.priors.headed,
        "edits": run.priors.edits,
        "layers": list(run.priors.layers),
        "seed": s.seed,
        "draws": s.draws,
        "replicates": s.replicates,
        "sampler": s.sampler,
        "exact": s.exact,
        "version": __version__,
        "digest": run.digest,
        "run": str(run.path) if run.path else None,
        "notes": list(run.notes),
        "trust": run.priors.trust,
        "beyond_plausible": [remark.to_json() for remark in beyond(run.priors, summaries)],
        "correlations": run.correlations,
        "estimator": "preintegrated" if any(x.integrated for x in summaries) else "draws",
        "target_error": _aimed(summaries, target) if target else None,
        "quantities": {x.name: _quantity_data(x, below) for x in summaries},
    }


def _quantity_data(s: Summary, below: Below) -> dict[str, Any]:
    if s.name not in below:
        return s.to_json()
    above, under = _sides(s, below)
    return replace(s, exceeds=above).to_json() | {"below": replace(s, exceeds=under).to_json()["exceeds"]}


def _aimed(summaries: Sequence[Summary], target: float) -> dict[str, Any]:
    error, name = worst(summaries)
    return {
        "target": target,
        "largest": error if math.isfinite(error) else None,
        "of": name,
        "reached": error <= target,
    }
