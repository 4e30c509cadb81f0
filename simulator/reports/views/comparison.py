"""Two runs side by side, what differs, and what makes the difference."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...analyses.attribution import Attribution
from ...analyses.comparison import Comparison, Contrast, change
from ...analyses.crossed import Crossed
from ...analyses.players import differing, own
from ...analyses.result import plain
from ...base import wording
from ...compute.years import NOISE, parted
from ...priors.prior_set import PriorSet
from ...runs.run import Run
from ...statistics.estimators import Estimate
from .. import phrases
from ..document import GAP, Block, Heading, Indented, Paragraph, Rule, Table, View
from ..phrases import as_tabled, factor, factor_of, number
from ..plausibility import beyond_of

HEADS = ("quantity", "median", "5 %", "95 %")
ORDER = ("median", "p5", "p95")
PAIRED = "Paired: both draw the same random points, so errors of differences are small."
UNPAIRED = "Not paired: seed, sampler or size differ, so differences carry the errors of both."


@dataclass(frozen=True)
class Compared:
    """Two runs held against each other: what each is called, and an attribution if there is one."""

    found: Comparison
    letters: tuple[str, str]
    titles: tuple[str, str]
    attribution: Attribution | None = None

    @cached_property
    def whole(self) -> Estimate | None:
        """The change that is attributed, on all draws."""
        given = self.attribution
        return change(self.found.a, self.found.b, given.quantity, given.statistic, given.log) if given else None

    @property
    def changed(self) -> list[Contrast]:
        """The contrasts of quantities that are not the same in both."""
        return [c for c in self.found.contrasts if c.changed]

    @property
    def names(self) -> list[str]:
        """The quantities that are held against each other."""
        return [*(c.quantity for c in self.found.contrasts), *self.found.infinite]


def view(*compared: Compared) -> View:
    """One pair of runs, or several."""
    blocks: list[Block] = []
    for i, each in enumerate(compared):
        blocks += [Rule()] if i else []
        blocks += _blocks(each)
    return View(blocks, lambda: [data(each) for each in compared] if len(compared) > 1 else data(compared[0]))


def _blocks(c: Compared) -> Iterator[Block]:
    for letter, name, run in zip(c.letters, c.titles, (c.found.a, c.found.b), strict=True):
        s = run.settings
        yield Paragraph(f"{letter}  {name} ({wording.counted(s.draws, 'draw')}, seed {s.seed}, {s.sampler})")
    yield Paragraph(PAIRED if c.found.paired else UNPAIRED)
    yield from map(Paragraph, trusts(c.letters, (c.found.a, c.found.b)))
    if by_year(c):
        yield from (GAP, table_by_year(c), Paragraph(of_medians(c)))
    elif c.changed:
        yield from (GAP, contrast_table(c), Paragraph(of_quantiles(*c.letters)), GAP)
        yield from _worlds(c)
    for each in c.found.crossings:
        yield from (GAP, Paragraph(f"{each.quantity}: in which share of the worlds it is reached by the year."))
        yield crossed_table(each, *c.letters)
    if c.found.infinite:
        left = ", ".join(c.found.infinite)
        yield from (GAP, Paragraph(f"Infinite in some worlds, and so without differences: {left}."))
    if same := [x.quantity for x in c.found.contrasts if not x.changed]:
        yield from (GAP, Paragraph(f"The same in {c.letters[0]} and {c.letters[1]}: {', '.join(same)}."))
    yield from _remarks(c)
    yield GAP
    yield from _differences(c)
    yield from _attribution(c)


def _remarks(c: Compared) -> Iterator[Block]:
    """What of the quantities that are compared is not plausible, on which side."""
    told = [[remark.sentence for remark in beyond_of(run, c.names)] for run in (c.found.a, c.found.b)]
    if told[0] == told[1]:
        yield from (block for text in told[0] for block in (GAP, Paragraph(text)))
        return
    for letter, texts in zip(c.letters, told, strict=True):
        yield from (block for text in texts for block in (GAP, Paragraph(f"{letter}: {text}")))


def trusts(letters: Sequence[str], runs: Sequence[Run]) -> list[str]:
    """How far the intervals of runs can be trusted: once where that is the same."""
    told = [run.priors.trust for run in runs]
    return told[:1] if len(set(told)) == 1 else [f"{a}: {text}" for a, text in zip(letters, told, strict=True)]


def of_quantiles(a: str, b: str) -> str:
    """What the rows of a difference and a ratio are, and what they are not."""
    return (
        f"{b} - {a} and {b} / {a} are of the two numbers above them: at 5 % and 95 % a difference of quantiles, "
        "and not a quantile of the difference, which is told world by world."
    )


def by_year(c: Compared) -> bool:
    """Whether a quantity that changed stands for several years."""
    names = [parted(x.quantity)[0] for x in c.changed]
    return len(names) > len({*names})


def table_by_year(c: Compared) -> Table:
    """Each quantity that changed, in each year: its medians, their difference, and P(B > A)."""
    a, b = c.letters
    draws, rows, last = c.found.a.settings.draws, [], ""
    scales = _scales(c)
    for x in c.changed:
        plain_name, _ = parted(x.quantity)
        power, word = scales[plain_name]
        unit = wording.unit_text(x.unit, word)
        cells = [as_tabled(s["median"], power) for s in (x.a, x.b, x.difference)]
        beyond = _probability(x.above_same or x.above_independent, draws)
        rows.append([f"{x.quantity}\n  {unit}" if unit and plain_name != last else x.quantity, *cells, beyond])
        last = plain_name
    return Table(*phrases.by_year(["quantity", a, b, f"{b} - {a}", f"P({b} > {a})"], rows))


def _scales(c: Compared) -> dict[str, tuple[int, str]]:
    """One scale for all years of a quantity: of its largest median."""
    shown: dict[str, list[float]] = {}
    for x in c.changed:
        shown.setdefault(parted(x.quantity)[0], []).extend(s["median"].value for s in (x.a, x.b))
    return {name: phrases.shared_scale(max(values, key=abs), *values) for name, values in shown.items()}


def of_medians(c: Compared) -> str:
    """What the columns of the table by year are."""
    a, b = c.letters
    worlds = "in the same world" if c.found.paired else "in independent worlds"
    return (
        f"{a} and {b} are medians, {b} - {a} is their difference, and P({b} > {a}) is {worlds}; for the intervals of a "
        f"year name it: -q {next(x.quantity for x in reversed(c.changed) if parted(x.quantity)[1])}."
    )


def crossed_table(found: Crossed, a: str, b: str) -> Table:
    """The probability of having crossed by each year in both, and the difference."""
    rows = [
        [str(y), *(number(e) for e in each)]
        for y, *each in zip(found.years, found.a, found.b, found.difference, strict=True)
    ]
    return Table(["by", a, b, f"{b} - {a}"], rows)


def contrast_table(c: Compared) -> Table:
    """Each quantity that changed: its median and interval in both, their difference and ratio."""
    return Table(HEADS, [row for x in c.changed for row in _contrast(x, *c.letters)], stack=True)


def _contrast(c: Contrast, a: str, b: str) -> list[list[str]]:
    shown = [s[k].value for s in (c.a, c.b) for k in ORDER]
    power, word = phrases.shared_scale(shown[0] or max(shown), *shown)
    unit = wording.unit_text(c.unit, word)
    rows = [[f"{c.quantity}\n  {unit}" if unit else c.quantity, "", "", ""]]
    rows += [
        [f"  {label}", *(as_tabled(s[k], power) for k in ORDER)]
        for label, s in ((a, c.a), (b, c.b), (f"{b} - {a}", c.difference))
    ]
    if c.ratio:
        rows.append([f"  {b} / {a}", *(number(c.ratio[k]) for k in ORDER)])
    return rows


def _worlds(c: Compared) -> Iterator[Block]:
    (a, b), draws = c.letters, c.found.a.settings.draws
    rows = []
    for x in c.changed:
        ends = [number(e) for e in x.change] if x.change else ["-", "-"]
        same = _probability(x.above_same, draws) if x.above_same else "-"
        rows.append([x.quantity, *ends, same, _probability(x.above_independent, draws)])
    kind = "/" if all(x.ratio for x in c.changed) else "-"
    yield Table(["world by world", f"{b} {kind} {a} 5 %", "95 %", f"P({b} > {a}) same", "independent"], rows)
    if c.found.paired:
        yield Paragraph(
            "Same world: every prior at the same quantile in both, a choice of coupling. Independent: the worlds "
            f"of {a} and {b} have nothing to do with each other."
        )


def _probability(e: Estimate, draws: int) -> str:
    return "-" if math.isnan(e.value) else phrases.share_text(e, draws)


def _differences(c: Compared) -> Iterator[Block]:
    """What differs between two sets: distributions and sources."""
    sides = dict(zip(c.letters, (c.found.a.priors, c.found.b.priors), strict=True))
    a, b = sides.values()
    names, pairs = told_apart(a, b), sorted({p for p in {**a.active, **b.active} if a.active.get(p) != b.active.get(p)})
    if not names and not pairs and not own(a, b):
        yield Paragraph(f"No prior differs between {c.letters[0]} and {c.letters[1]}.")
        return
    yield Paragraph("What differs:")
    if a.variant != b.variant:
        yield Indented(f"variant: {a.model.name} -> {b.model.name}, with the priors that it alone reads", 2, 4)
        for letter, chosen in sides.items():
            yield Indented(f"{letter}: {', '.join(n for n in own(a, b) if n in chosen.priors)}")
    for name in names:
        yield Indented(name, 2)
        yield from (Indented(_told(letter, chosen, name)) for letter, chosen in sides.items())
    for pair in pairs:
        yield Indented(
            f"rank correlation of {', '.join(pair)}: {a.active.get(pair, 0):g} -> {b.active.get(pair, 0):g}", 2, 4
        )


def told_apart(a: PriorSet, b: PriorSet) -> list[str]:
    """The priors that differ, of a random walk the first step alone: each is as that one."""
    return [n for n in differing(a, b) if not n.startswith(NOISE) or n.endswith(".1")]


def _told(letter: str, chosen: PriorSet, name: str) -> str:
    p = chosen.priors[name]
    source = p.source if len(p.source) < 60 else p.source[:57] + "..."
    return f"{letter}: {p.distribution.text} [{p.unit}]; grade {p.grade}, {source}"


def _attribution(c: Compared) -> Iterator[Block]:
    """Which prior makes the difference, as factors or differences."""
    given = c.attribution
    if given is None or c.whole is None:
        return
    what = f"{given.statistic.name} of {given.quantity}"
    if not given.contributions:
        yield from (GAP, Paragraph(f"What makes the difference in the {what}: nothing that it reads differs."))
        return
    yield Heading(f"What makes the difference in the {what}, {c.letters[0]} to {c.letters[1]}:")
    yield from (attribution_table(given), GAP)
    how = f"over {given.permutations} permutations" if given.permutations else "over all subsets"
    combined = "factors multiply" if given.log else "changes add up"
    shown = factor(c.whole) if given.log else number(c.whole)
    yield Paragraph(
        f"Shapley values {how}, on {given.draws:,} draws, where the {combined} to the whole; on all draws it "
        f"is {shown}."
    )


def attribution_table(found: Attribution) -> Table:
    """Each prior (or group) and its factor or change, then all of them together."""
    rows = []
    for c in found.contributions:
        joined = "\n  ".join(textwrap.wrap(", ".join(c.priors), 50))
        many = len(c.priors) > 2 and c.name == " + ".join(c.priors)
        called = f"{len(c.priors)} correlated priors" if many else c.name
        name = called if c.priors == (c.name,) else f"{called}\n  {joined}"
        rows.append([name, _contribution(c.value, c.error, found.log)])
    rows.append(["all together", _contribution(*found.change, found.log)])
    return Table(["prior", "factor" if found.log else "change"], rows)


def _contribution(value: float, error: float, log: bool) -> str:
    if abs(value) < 1e-12:
        return "x 1" if log else "0"
    if log:
        return factor(Estimate(factor_of(value), factor_of(value) * error))
    return ("+" if value > 0 else "") + number(Estimate(value, error))


def data(c: Compared) -> dict[str, Any]:
    """Two runs side by side, what differs between them, and the attribution if there is one."""
    sides = dict(zip(c.letters, (c.found.a, c.found.b), strict=True))
    about = {
        letter: {
            "title": title,
            "prior_set": r.priors.name,
            "edits": r.priors.edits,
            "seed": r.settings.seed,
            "draws": r.settings.draws,
            "sampler": r.settings.sampler,
            "digest": r.digest,
            "notes": list(r.notes),
            "trust": r.priors.trust,
            "beyond_plausible": [remark.to_json() for remark in beyond_of(r, c.names)],
        }
        for (letter, r), title in zip(sides.items(), c.titles, strict=True)
    }
    differs = {
        n: {k: _prior_data(r.priors, n) for k, r in sides.items()}
        for n in differing(c.found.a.priors, c.found.b.priors)
    }
    return {
        "sides": about,
        **c.found.to_json((c.letters[0], c.letters[1])),
        "differs": differs,
        "variants": {k: r.priors.model.name for k, r in sides.items()},
        "attribution": c.attribution.to_json() | {"all_draws": plain(c.whole)} if c.attribution else None,
    }


def _prior_data(chosen: PriorSet, name: str) -> dict[str, str]:
    p = chosen.priors[name]
    return {"prior": p.distribution.text, "source": p.source, "grade": p.grade}
