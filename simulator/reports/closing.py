"""How every report ends: the essay's figures beside the model's, and what a reader must know."""

from __future__ import annotations

from collections.abc import Sequence

from ..analyses import essay
from ..base.numbers import figures as digits
from ..runs.run import Run
from ..statistics.summary import Summary
from .document import Folded, Paragraph, Section, Table
from .plausibility import beyond
from .views import essay as essay_view


def essay_section() -> Section:
    """The essay, reproduced."""
    found = essay.figures()
    counts = essay.counts(found)
    rows = [
        [str(f.number), f"{f.text}\n  {f.unit}".rstrip(), essay_view.printed(f), digits(f.computed), f.verdict]
        for f in found
    ]
    note = (
        f"Every figure of the essay, recomputed with the compute model of variant dit-scaling: {counts['holds']} "
        f"hold, {counts['chart']} are only charted, {counts['fails']} fail. {essay.WHY}"
    )
    tables = (
        Table(["#", "figure of the essay", "printed", "computed", ""], rows),
        essay_view.ways("H100, MFU 1, flat", "H100 at peak"),
    )
    return Section("The essay, reproduced", (Paragraph(note), Folded("All 24 figures", tables)))


FORM = (
    "An interval is as good as its priors. It holds the uncertainty that they state, and none about the form of the "
    "compute model."
)
DISCREPANT = (
    "An interval is as good as its priors. How far published models lie off the compute model is among them, in GPU "
    "time; what may be wrong with demand and prices beyond their priors is not."
)


def caveats(run: Run, summaries: Sequence[Summary]) -> list[str]:
    """What a reader must know before a number is used."""
    s, chosen = run.settings, run.priors
    judged = [p.name for p in chosen.priors.values() if p.uncertain and p.grade == "D"]
    lines = [*(remark.sentence for remark in beyond(chosen, summaries)), *chosen.model.told.caveats]
    lines.append(DISCREPANT if {"training_discrepancy", "inference_discrepancy"} <= {*chosen.uncertain} else FORM)
    if judged:
        lines.append(
            f"{len(judged)} of {len(chosen.uncertain)} uncertain priors are judgements (grade D): {', '.join(judged)}."
        )
    if not chosen.active:
        lines.append(
            "The priors are drawn as independent. Where two of them go together in truth, intervals of their "
            "products are too narrow."
        )
    if s.kept < s.per_replicate:
        lines.append(
            f"Figures and shares are of the {s.kept * s.replicates:,} kept draws; the table is of all {s.draws:,}."
        )
    lines.append("Quantile functions are cut beyond a probability of 2^-32; kept draws are rounded to float32.")
    return lines
