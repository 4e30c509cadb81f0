"""A run on the terminal and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from shlex import quote as quoted
from typing import Any

from ..._version import __version__
from ...base.files import size_text
from ...base.numbers import figures, readable
from ...base.wording import percent, unit_text
from ...compute.headline import STORY
from ...priors.prior_set import PriorSet
from ...runs import store
from ...statistics.summary import worst
from .. import console, phrases
from ..console import say, table
from ..phrases import ERRORS, shared_scale, summary_rows


def run(made: Any, summaries: Any, probabilities: Sequence[float] = (), target: float | None = None) -> None:
    """A run: title, table, headline, probabilities, where it lies and what to do next."""
    s = made.settings
    by = ", pre-integrated" if any(x.integrated for x in summaries) else ""
    console.say(f"{made.priors.title}: {s.draws:,} draws, seed {s.seed}, {s.sampler}{by}")
    print()
    _echo(made.priors)
    summary_table(summaries, probabilities)
    for line in phrases.estimator_lines(summaries, s.draws, target):
        console.say(line)
    for x in summaries:
        for threshold, estimate in x.exceeds.items():
            print(phrases.probability(x.name, threshold, x.unit, estimate, x.draws))
    for pair, entry in made.correlations.items():
        most = f" (at most {entry['largest']:.3f}: it has ties)" if "largest" in entry else ""
        console.line(f"rank correlation of {pair}: asked {entry['asked']:g}, achieved {entry['achieved']:.3f}{most}")
    if told := phrases.story(summaries, STORY):
        print()
        console.say(told)
    print()
    if made.path:
        console.line(f"run:  {made.path} ({size_text(store.size(made.path))})")
    name, called = quoted(made.name), quoted(made.priors.name)
    if made.derivation is not None:
        first = made.derivation.base(made.priors.name)
        verb = f"compare {quoted(first)} {name}" if made.path else f"sensitivity {quoted(first)}"
        console.line(f"next: simulate {verb}")
        return
    console.line(f"next: simulate sensitivity {name if made.path else called} --of {summaries[-1].name}")
    console.line(f"      simulate compare {called} --set 'training_mfu=0.5'")


def _echo(priors: PriorSet) -> None:
    """What was set by hand, with the quantiles that it implies."""
    edited = [p for p in priors.priors.values() if p.set_by_user]
    for p in edited:
        ends = ", ".join(readable(p.distribution.quantile(q), most=4) for q in (0.05, 0.5, 0.95))
        console.say(f"{p.name} = {p.distribution.text}" + (f" (5 %, 50 %, 95 %: {ends})" if p.uncertain else ""))
    if edited:
        print()


def run_json(run: Any, summaries: Any, target: float | None = None) -> dict[str, Any]:
    """The machine-readable result of a run; `target` is the error that was asked for."""
    s, (error, name) = run.settings, worst(summaries)
    by = "preintegrated" if any(x.integrated for x in summaries) else "draws"
    aimed = (
        {"target": target, "largest": error if math.isfinite(error) else None, "of": name, "reached": error <= target}
        if target
        else None
    )
    return {
        "prior_set": run.priors.name,
        "title": run.priors.title,
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
        "estimator": by,
        "target_error": aimed,
        "quantities": {x.name: x.to_json() for x in summaries},
    }


def summary_table(summaries: Iterable[Any], probabilities: Sequence[float] = ()) -> None:
    """The main table, what its parentheses mean, and why a mean is missing."""
    summaries = list(summaries)
    table(*summary_rows(summaries))
    print()
    print(ERRORS)
    for s in summaries:
        if s.mean_reason:
            say(f"* {s.name} has no mean: {s.mean_reason}.")
    _quantile_table(summaries, probabilities)


def _quantile_table(summaries: Sequence[Any], probabilities: Sequence[float]) -> None:
    if not probabilities:
        return
    rows = []
    for s in summaries:
        power, word = shared_scale(s.median.value, s.low.value, s.high.value)
        unit = unit_text(s.unit, word)
        cells = [figures(s.quantiles[p].value, s.quantiles[p].mcse, power) for p in probabilities]
        rows.append([f"{s.name}\n  {unit}" if unit else s.name, *cells])
    print()
    table(["quantile", *map(percent, probabilities)], rows)
