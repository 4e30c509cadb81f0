"""A pool of prior sets: its members, what share of the variance lies between them, and the pooled run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...analyses.pooling import Pool
from ...base.numbers import figures, rounded
from ...statistics.estimators import Estimate
from ...statistics.summary import Summary
from ..document import GAP, Block, Heading, Paragraph, Table, View
from . import run as run_view

Between = Mapping[str, Estimate | None]


def view(
    found: Pool,
    summaries: Sequence[Summary],
    typed: run_view.Typed | None = None,
    below: run_view.Below = run_view.NOTHING,
) -> View:
    """A pool, and its run."""
    between = {s.name: found.between(s.name) for s in summaries}
    made = run_view.view(found.run, summaries, typed=typed, below=below)
    return View((*_blocks(found, between), *made.blocks), lambda: made.data | found.to_json())


def _blocks(found: Pool, between: Between) -> Iterator[Block]:
    runs = found.members
    yield Table(
        ["member", "weight", "draws", "variant"],
        [
            [r.priors.called, f"{w:g}", f"{r.settings.draws:,}", r.priors.model.name]
            for r, w in zip(runs, found.weights, strict=True)
        ],
    )
    yield Heading("Between the sets: the share of the variance that the choice among them makes.")
    rows = []
    for name, share in between.items():
        shown = "constant" if share is None else f"{figures(100 * share.value, 100 * share.mcse, 0, 3)} %"
        rows.append([name, shown, *(rounded(*r.summary([name])[0].median) for r in runs[:3])])
    heads = [f"median {chr(65 + i)}" for i in range(min(len(runs), 3))]
    yield from (Table(["quantity", "between", *heads], rows), GAP)
    letters = ", ".join(f"{chr(65 + i)} {r.priors.called}" for i, r in enumerate(runs[:3]))
    yield Paragraph(f"{letters}. Of the logarithm where a quantity is positive; the rest lies within the sets.")
    yield GAP
