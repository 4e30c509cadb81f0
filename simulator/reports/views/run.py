"""A run: title, table, headline, probabilities, where it lies and what to do next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from shlex import quote as quoted
from typing import Any

from ..._version import __version__
from ...base.files import size_text
from ...base.numbers import figures, readable
from ...base.wording import percent, unit_text
from ...compute.headline import STORY
from ...priors.prior_set import PriorSet
from ...runs import store
from ...runs.run import Run
from ...statistics.summary import Summary, worst
from .. import phrases
from ..document import GAP, Block, Line, Paragraph, Table, View


def view(
    run: Run, summaries: Sequence[Summary], probabilities: Sequence[float] = (), target: float | None = None
) -> View:
    """A run; `probabilities` are those of further quantiles, `target` the error that was asked for."""
    return View(tuple(blocks(run, summaries, probabilities, target)), data(run, summaries, target))


def blocks(
    run: Run, summaries: Sequence[Summary], probabilities: Sequence[float] = (), target: float | None = None
) -> Iterator[Block]:
    """The run as blocks."""
    s = run.settings
    by = ", pre-integrated" if any(x.integrated for x in summaries) else ""
    yield Paragraph(f"{run.priors.headed}: {s.draws:,} draws, seed {s.seed}, {s.sampler}{by}")
    yield GAP
    yield from _edits(run.priors)
    yield from _tables(summaries, probabilities)
    yield from map(Paragraph, phrases.estimator_lines(summaries, s.draws, target))
    for x in summaries:
        for threshold, estimate in x.exceeds.items():
            yield Paragraph(phrases.probability(x.name, threshold, x.unit, estimate, x.draws))
    for pair, entry in run.correlations.items():
        most = f" (at most {entry['largest']:.3f}: it has ties)" if "largest" in entry else ""
        yield Paragraph(f"rank correlation of {pair}: asked {entry['asked']:g}, achieved {entry['achieved']:.3f}{most}")
    if told := phrases.story(summaries, STORY):
        yield from (GAP, Paragraph(told))
    yield GAP
    if run.path:
        yield Line(f"run:  {run.path} ({size_text(store.size(run.path))})")
    yield from _next(run, summaries[-1].name)


def _edits(priors: PriorSet) -> Iterator[Block]:
    """What was set by hand, with the quantiles that it implies."""
    edited = [p for p in priors.priors.values() if p.set_by_user]
    for p in edited:
        ends = ", ".join(readable(p.distribution.quantile(q), most=4) for q in (0.05, 0.5, 0.95))
        yield Paragraph(f"{p.name} = {p.distribution.text}" + (f" (5 %, 50 %, 95 %: {ends})" if p.uncertain else ""))
    if edited:
        yield GAP


def _next(run: Run, last: str) -> Iterator[Block]:
    name, called = quoted(run.name), quoted(run.priors.name)
    if run.derivation is not None:
        first = run.derivation.base(run.priors.name)
        verb = f"compare {quoted(first)} {name}" if run.path else f"sensitivity {quoted(first)}"
        yield Line(f"next: simulate {verb}")
        return
    yield Line(f"next: simulate sensitivity {name if run.path else called} --of {last}")
    yield Line(f"      simulate compare {called} --set 'training_mfu=0.5'")


def _tables(summaries: Sequence[Summary], probabilities: Sequence[float]) -> Iterator[Block]:
    """The main table, what its parentheses mean, why a mean is missing, and further quantiles."""
    yield from (Table(*phrases.summary_rows(summaries)), GAP, Paragraph(phrases.ERRORS))
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


def data(run: Run, summaries: Sequence[Summary], target: float | None = None) -> dict[str, Any]:
    """The plain data of a run; `target` is the error that was asked for."""
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
        "correlations": run.correlations,
        "estimator": "preintegrated" if any(x.integrated for x in summaries) else "draws",
        "target_error": _aimed(summaries, target) if target else None,
        "quantities": {x.name: x.to_json() for x in summaries},
    }


def _aimed(summaries: Sequence[Summary], target: float) -> dict[str, Any]:
    error, name = worst(summaries)
    return {
        "target": target,
        "largest": error if math.isfinite(error) else None,
        "of": name,
        "reached": error <= target,
    }
