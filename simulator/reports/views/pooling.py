"""A pool of prior sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...analyses.pooling import Pool
from ...base.numbers import figures, rounded
from ...statistics.summary import Summary
from .. import console
from . import run as run_view


def pool(found: Pool, summaries: Sequence[Summary]) -> None:
    """The members with their medians, what share of the variance lies between them, and the pooled run."""
    runs = found.members
    of = [x.name for x in summaries]
    console.table(
        ["member", "weight", "draws", "variant"],
        [
            [r.priors.name, f"{w:g}", f"{r.settings.draws:,}", r.priors.variant]
            for r, w in zip(runs, found.weights, strict=True)
        ],
    )
    print("\nBetween the sets: the share of the variance that the choice among them makes.\n")
    rows = []
    for name in of:
        share = found.between(name)
        shown = "constant" if share is None else f"{figures(100 * share.value, 100 * share.mcse, 0, 3)} %"
        rows.append([name, shown, *(rounded(*r.summary([name])[0].median) for r in runs[:3])])
    heads = [f"median {chr(65 + i)}" for i in range(min(len(runs), 3))]
    console.table(["quantity", "between", *heads], rows)
    print()
    letters = ", ".join(f"{chr(65 + i)} {r.priors.name}" for i, r in enumerate(runs[:3]))
    console.say(f"{letters}. Of the logarithm where a quantity is positive; the rest lies within the sets.")
    print()
    run_view.run(found.run, summaries)


def pool_json(found: Pool, summaries: Sequence[Summary]) -> dict[str, Any]:
    """Plain data of a pool."""
    between = {s.name: found.between(s.name) for s in summaries}
    members = [
        {
            "name": r.priors.name,
            "weight": w,
            "draws": r.settings.draws,
            "variant": r.priors.variant,
            "digest": r.digest,
            "run": str(r.path) if r.path else None,
            "quantities": {s.name: s.to_json() for s in r.summary([x.name for x in summaries])},
        }
        for r, w in zip(found.members, found.weights, strict=True)
    ]
    return run_view.run_json(found.run, summaries) | {
        "members": members,
        "between": {n: {"value": e.value, "mcse": e.mcse} if e else None for n, e in between.items()},
    }
