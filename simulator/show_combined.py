"""What a terminal shows of conditioned runs and of pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import show, text
from .conditioning import Conditioned
from .numbers import figures, readable, rounded
from .pooling import Pool
from .summary import Estimate, Summary


def condition(found: Conditioned, summaries: Sequence[Summary]) -> None:
    """The evidence beside what was predicted, the priors that moved, the influence of each fact, and the run."""
    s = found.run.settings
    text.say(f"{found.before.priors.title}, conditioned: {s.draws:,} draws, seed {s.seed}, {s.sampler}; "
             f"{found.effective:,.0f} effective draws (Pareto k {found.pareto_k:.2f}).")  # fmt: skip
    print("\nThe evidence, beside what the priors predict and what is believed then:\n")
    after = {x.name: x for x in found.run.summary(list(found.predicted))}
    rows = []
    for name, on in found.run.given["on"].items():
        source, grade = found.run.given["sources"][name]
        rows.append([f"{name}\n  {on}\n  grade {grade}: {_short(source)}", "", "", ""])
        power, word = text.shared_scale(after[name].median.value, found.predicted[name].high.value)
        rows[-1][0] += f"\n  {word}" if word else ""
        rows += [[f"  {when}", *(figures(*e, power, 4) for e in (x.median, x.low, x.high))]
                 for when, x in (("predicted", found.predicted[name]), ("then", after[name]))]  # fmt: skip
    text.table(["evidence", "median", "5 %", "95 %"], rows)
    _moved(found)
    for i in found.influence:
        text.say(f"Without {i.name}, the median of {i.quantity} is {readable(*i.without)}, and {readable(*i.with_all)} "
                 "with all evidence.")  # fmt: skip
    if found.influence:
        print()
    show.run(found.run, summaries)


def _moved(found: Conditioned) -> None:
    print()
    still = [n for n in found.run.priors.uncertain if n not in {m.name for m in found.moved}]
    if found.moved:
        print("The priors that moved, most first:\n")
        rows = []
        for m in found.moved:
            power, word = text.shared_scale(m.before[1], *m.before)
            rows.append([f"{m.name}\n  {word}" if word else m.name, "", "", "", f"{m.distance:.2f}"])
            rows.append(
                ["  before", *(figures(x, None, power, 4) for x in (m.before[1], m.before[0], m.before[2])), ""]
            )
            rows.append(["  after", *(figures(*m.after[i], power, 4) for i in (1, 0, 2)), ""])
        text.table(["prior", "median", "5 %", "95 %", "distance"], rows)
        print()
    text.say("Distance: the largest gap between the distribution functions before and after. " + (
        f"Moved by less than 0.02: {', '.join(still)}." if still else ""))  # fmt: skip
    print()


def _short(source: str, length: int = 60) -> str:
    return source if len(source) <= length else source[: length - 3] + "..."


def condition_json(found: Conditioned, summaries: Sequence[Summary]) -> dict[str, Any]:
    """Plain data of a conditioned run."""

    def number(e: Estimate) -> dict[str, float]:
        return {"value": e.value, "mcse": e.mcse}

    moved = {m.name: {"before": {"p5": m.before[0], "p50": m.before[1], "p95": m.before[2]},
                      "after": {k: number(e) for k, e in zip(("p5", "p50", "p95"), m.after, strict=True)},
                      "distance": m.distance} for m in found.moved}  # fmt: skip
    influence = [{"evidence": i.name, "quantity": i.quantity, "with_all": number(i.with_all),
                  "without": number(i.without)} for i in found.influence]  # fmt: skip
    return show.run_json(found.run, summaries) | {
        "evidence": found.run.given["on"], "pareto_k": found.pareto_k, "effective_draws": found.effective,
        "predicted": {n: s.to_json() for n, s in found.predicted.items()}, "moved": moved, "influence": influence,
    }  # fmt: skip


def pool(found: Pool, summaries: Sequence[Summary]) -> None:
    """The members with their medians, what share of the variance lies between them, and the pooled run."""
    runs = found.members
    of = [x.name for x in summaries]
    text.table(["member", "weight", "draws", "variant"], [
        [r.priors.name, f"{w:g}", f"{r.settings.draws:,}", r.priors.variant]
        for r, w in zip(runs, found.weights, strict=True)])  # fmt: skip
    print("\nBetween the sets: the share of the variance that the choice among them makes.\n")
    rows = []
    for name in of:
        share = found.between(name)
        shown = "constant" if share is None else f"{figures(100 * share.value, 100 * share.mcse, 0, 3)} %"
        rows.append([name, shown, *(rounded(*r.summary([name])[0].median) for r in runs[:3])])
    heads = [f"median {chr(65 + i)}" for i in range(min(len(runs), 3))]
    text.table(["quantity", "between", *heads], rows)
    print()
    letters = ", ".join(f"{chr(65 + i)} {r.priors.name}" for i, r in enumerate(runs[:3]))
    text.say(f"{letters}. Of the logarithm where a quantity is positive; the rest lies within the sets.")
    print()
    show.run(found.run, summaries)


def pool_json(found: Pool, summaries: Sequence[Summary]) -> dict[str, Any]:
    """Plain data of a pool."""
    between = {s.name: found.between(s.name) for s in summaries}
    members = [{"name": r.priors.name, "weight": w, "draws": r.settings.draws, "variant": r.priors.variant,
                "digest": r.digest, "run": str(r.path) if r.path else None,
                "quantities": {s.name: s.to_json() for s in r.summary([x.name for x in summaries])}}
               for r, w in zip(found.members, found.weights, strict=True)]  # fmt: skip
    return show.run_json(found.run, summaries) | {
        "members": members,
        "between": {n: {"value": e.value, "mcse": e.mcse} if e else None for n, e in between.items()},
    }  # fmt: skip
