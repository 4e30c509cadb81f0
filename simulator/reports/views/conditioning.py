"""A conditioned run: what moved, and what the evidence weighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...analyses.conditioning import Conditioning
from ...base.numbers import figures, readable
from ...statistics.estimators import Estimate
from ...statistics.summary import Summary
from .. import console, phrases
from . import run as run_view


def condition(found: Conditioning, summaries: Sequence[Summary]) -> None:
    """The evidence beside what was predicted, the priors that moved, the influence of each fact, and the run."""
    s = found.run.settings
    console.say(
        f"{found.before.priors.title}, conditioned: {s.draws:,} draws, seed {s.seed}, {s.sampler}; "
        f"{found.effective:,.0f} effective draws (Pareto k {found.pareto_k:.2f})."
    )
    print("\nThe evidence, beside what the priors predict and what is believed then:\n")
    after = {x.name: x for x in found.run.summary(list(found.predicted))}
    rows = []
    for name, on in found.run.conditioned.on.items():
        source, grade = found.run.conditioned.sources[name]
        rows.append([f"{name}\n  {on}\n  grade {grade}: {_short(source)}", "", "", ""])
        power, word = phrases.shared_scale(after[name].median.value, found.predicted[name].high.value)
        rows[-1][0] += f"\n  {word}" if word else ""
        rows += [
            [f"  {when}", *(figures(*e, power, 4) for e in (x.median, x.low, x.high))]
            for when, x in (("predicted", found.predicted[name]), ("then", after[name]))
        ]
    console.table(["evidence", "median", "5 %", "95 %"], rows)
    _moved(found)
    for i in found.influence:
        console.say(
            f"Without {i.name}, the median of {i.quantity} is {readable(*i.without)}, and {readable(*i.with_all)} "
            "with all evidence."
        )
    if found.influence:
        print()
    run_view.run(found.run, summaries)


def _moved(found: Conditioning) -> None:
    print()
    still = [n for n in found.run.priors.uncertain if n not in {m.name for m in found.moved}]
    if found.moved:
        print("The priors that moved, most first:\n")
        rows = []
        for m in found.moved:
            power, word = phrases.shared_scale(m.before[1], *m.before)
            rows.append([f"{m.name}\n  {word}" if word else m.name, "", "", "", f"{m.distance:.2f}"])
            rows.append(
                ["  before", *(figures(x, None, power, 4) for x in (m.before[1], m.before[0], m.before[2])), ""]
            )
            rows.append(["  after", *(figures(*m.after[i], power, 4) for i in (1, 0, 2)), ""])
        console.table(["prior", "median", "5 %", "95 %", "distance"], rows)
        print()
    console.say(
        "Distance: the largest gap between the distribution functions before and after. "
        + (f"Moved by less than 0.02: {', '.join(still)}." if still else "")
    )
    print()


def _short(source: str, length: int = 60) -> str:
    return source if len(source) <= length else source[: length - 3] + "..."


def condition_json(found: Conditioning, summaries: Sequence[Summary]) -> dict[str, Any]:
    """Plain data of a conditioned run."""

    def number(e: Estimate) -> dict[str, float]:
        return {"value": e.value, "mcse": e.mcse}

    moved = {
        m.name: {
            "before": {"p5": m.before[0], "p50": m.before[1], "p95": m.before[2]},
            "after": {k: number(e) for k, e in zip(("p5", "p50", "p95"), m.after, strict=True)},
            "distance": m.distance,
        }
        for m in found.moved
    }
    influence = [
        {"evidence": i.name, "quantity": i.quantity, "with_all": number(i.with_all), "without": number(i.without)}
        for i in found.influence
    ]
    return run_view.run_json(found.run, summaries) | {
        "evidence": found.run.conditioned.on,
        "pareto_k": found.pareto_k,
        "effective_draws": found.effective,
        "predicted": {n: s.to_json() for n, s in found.predicted.items()},
        "moved": moved,
        "influence": influence,
    }
