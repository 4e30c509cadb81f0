"""A conditioned run: the evidence beside what was predicted, what moved, what each fact weighs, and the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...analyses.conditioning import Conditioning
from ...base.numbers import figures, readable
from ...base.wording import counted
from ...statistics.summary import Summary
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from . import run as run_view

HEADS = ("median", "5 %", "95 %")


def view(found: Conditioning, summaries: Sequence[Summary], typed: run_view.Typed | None = None) -> View:
    """A conditioned run."""
    return View(tuple(_blocks(found, summaries, typed)), lambda: run_view.data(found.run, summaries) | found.to_json())


def _blocks(found: Conditioning, summaries: Sequence[Summary], typed: run_view.Typed | None) -> Iterator[Block]:
    s = found.run.settings
    yield Paragraph(
        f"{found.before.priors.headed}, conditioned: {counted(s.draws, 'draw')}, seed {s.seed}, {s.sampler}; "
        f"{found.effective:,.0f} effective draws (Pareto k {found.pareto_k:.2f})."
    )
    yield Heading("The evidence, beside what the priors predict and what is believed then:")
    yield from (Table(["evidence", *HEADS], _evidence(found)), GAP)
    yield from _moved(found)
    for i in found.influence:
        yield Paragraph(
            f"Without {i.name}, the median of {i.quantity} is {readable(*i.without)}, and {readable(*i.with_all)} "
            "with all evidence."
        )
    if found.influence:
        yield GAP
    yield from run_view.blocks(found.run, summaries, typed=typed)


def _evidence(found: Conditioning) -> list[list[str]]:
    after = {x.name: x for x in found.run.summary(list(found.predicted))}
    rows = []
    for name, on in found.run.conditioned.on.items():
        source, grade = found.run.conditioned.sources[name]
        rows.append([f"{name}\n  {on}\n  grade {grade}: {_short(source)}", "", "", ""])
        power, word = phrases.shared_scale(after[name].median.value, found.predicted[name].high.value)
        rows[-1][0] += f"\n  {word}" if word else ""
        rows += [
            [f"  {when}", *(phrases.as_tabled(e, power) for e in (x.median, x.low, x.high))]
            for when, x in (("predicted", found.predicted[name]), ("then", after[name]))
        ]
    return rows


def _moved(found: Conditioning) -> Iterator[Block]:
    still = [n for n in found.run.priors.uncertain if n not in {m.name for m in found.moved}]
    if found.moved:
        yield from (Paragraph("The priors that moved, most first:"), GAP)
        rows = []
        for m in found.moved:
            power, word = phrases.shared_scale(m.before[1], *m.before)
            rows.append([f"{m.name}\n  {word}" if word else m.name, "", "", "", f"{m.distance:.2f}"])
            rows.append(
                ["  before", *(figures(x, None, power, 4) for x in (m.before[1], m.before[0], m.before[2])), ""]
            )
            rows.append(["  after", *(phrases.as_tabled(m.after[i], power) for i in (1, 0, 2)), ""])
        yield from (Table(["prior", *HEADS, "distance"], rows), GAP)
    yield Paragraph(
        "Distance: the largest gap between the distribution functions before and after. "
        + (f"Moved by less than 0.02: {', '.join(still)}." if still else "")
    )
    yield GAP


def _short(source: str, length: int = 34) -> str:
    return source if len(source) <= length else source[: length - 3] + "..."
