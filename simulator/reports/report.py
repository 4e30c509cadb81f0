"""The sections of a report, from a run."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from ..analyses import essay
from ..analyses.attribution import Attribution, attributed
from ..analyses.comparison import Comparison, compare
from ..analyses.rerun import command, file_name, versions
from ..analyses.sensitivity import Sensitivity, sensitivity
from ..analyses.sides import Side, run_of
from ..base.errors import InputError
from ..base.numbers import readable
from ..base.processes import one_by_one
from ..base.wording import counted, unit_words
from ..compute.models import sources
from ..compute.years import at, parted
from ..priors.prior import GRADES, Prior
from ..priors.toml import toml
from ..runs.derivation import Conditioned, Pooled
from ..runs.folders import META
from ..runs.run import Run
from ..statistics.statistic import statistic
from ..statistics.summary import Summary
from . import phrases
from .closing import caveats, essay_section
from .document import Code, Folded, Pending, Section, Table, told
from .headline import headlined
from .pictures import (
    Draw,
    Share,
    both_or_one,
    compared_pictures,
    drawing,
    drawn,
    nothing,
    over_years,
    shares_over_years,
)
from .render import Report
from .sources import Sources
from .views import comparison as comparison_view
from .views import essay as essay_view
from .views import run as run_view
from .views import sensitivity as sensitivity_view
from .views.comparison import Compared


@dataclass(frozen=True)
class _Said:
    """What the sections of a report are made from."""

    run: Run
    summaries: Sequence[Summary]
    drivers: Sensitivity | None
    compared: Compared | None
    draw: Draw
    sources: Sources

    @cached_property
    def again(self) -> tuple[str, bool]:
        """The command that makes the run again, and whether it works alone."""
        return command(self.run)


def _data(said: _Said, headline: str) -> dict[str, Any]:
    """Plain data: the run, its priors, what it rests on, what differs, and how to make it again."""
    run, found = said.run, said.drivers
    line, alone = said.again
    return {
        "run": run_view.data(run, said.summaries) | {"run": run.name if run.path else None},
        "headline": headline,
        "priors": run.priors.to_json(),
        "comparison": comparison_view.data(said.compared) if said.compared else None,
        "sensitivity": sensitivity_view.data(sensitivity_view.of_run(run, found)) if found else None,
        "reproduction": essay_view.data(essay.figures()),
        "caveats": caveats(run, said.summaries),
        "command": {"line": line, "needs_the_resolved_set": not alone},
        "resolved_set": toml(run.priors),
        "versions": versions(run),
    }


def _whence(*runs: Run) -> str:
    return " | ".join(
        f"{r.priors.called}, {counted(r.settings.draws, 'draw')}, seed {r.settings.seed}"
        + (f", run {r.digest[:8]}" if r.path else "")
        for r in runs
    )


def report(
    side: Side | str | Sequence[str],
    other: Side | str | Sequence[str] | None = None,
    labels: tuple[str, str] = ("A", "B"),
    pictures: bool = True,
    without: Collection[str] = (),
) -> Report:
    """What a run says, held against another one if it is given; without `pictures`, or `without` some kinds of them.

    A stored run, a prior set or layers are taken too. Raises InputError for a run that kept no draws.
    """
    run = run_of(side)
    return page(run, run_of(other) if other is not None else None, labels, pictures, without, one_by_one)


def page(
    run: Run,
    other: Run | None,
    labels: tuple[str, str],
    pictures: bool,
    without: Collection[str],
    share: Share,
) -> Report:
    """As `report`, of runs; `share` does the work of its figures."""
    if not run.settings.kept:
        raise InputError(f"{run.name} kept no draws, and a report is made from them: make it with --keep")
    summaries = run.summary()
    compared = _compared(run, other, labels) if other is not None else None
    runs = (run,) if other is None else (run, other)
    headline = "\n".join([headlined(run, summaries, compared), *comparison_view.trusts("AB", runs)])
    draw = drawing(run, without) if pictures else nothing
    said = _Said(run, summaries, _drivers(run), compared, draw, Sources())
    made = (
        _answers(said),
        _comparing(said),
        Section("Caveats", told(caveats(run, summaries))),
        _resting(said),
        _crossing(said),
        _priors(said),
        essay_section() if _on_video(run) else None,
        _again(said),
        said.sources.section(),
    )
    sections = drawn([s for s in made if s is not None], share)
    return Report(run.priors.headed, _about(run), headline, _whence(*runs), sections, _data(said, headline))


def _on_video(run: Run) -> bool:
    """Whether the formulas are those that the essay's figures can be held against."""
    model = run.priors.model
    return model.key == model.name or bool(model.extends)


def _about(run: Run) -> str:
    """What the page is about, for whom, and of which day."""
    made = time.time()
    with suppress(OSError):  # another process may delete the run just now
        made = (run.path / META).stat().st_mtime if run.path is not None else made
    day = time.strftime("%-d %B %Y", time.gmtime(made))
    return f"{run.priors.model.told.about} Numbers of {day}, from the prior set {run.priors.called}.".lstrip()


def _drivers(run: Run) -> Sensitivity | None:
    """What the last of the run's quantities that is uncertain rests on."""
    model = run.priors.model
    for name in sorted(run.quantities, key=lambda q: not model.quantity(q).unreached)[::-1]:
        try:
            return sensitivity(run, name)
        except InputError:
            continue
    return None


def _answers(said: _Said) -> Section:
    heads, rows = phrases.summary_rows(said.summaries)
    names = [parted(s.name) for s in said.summaries]
    again = [year and i and names[i - 1][0] == plain for i, (plain, year) in enumerate(names)]
    firsts = [
        str(n[1]) if a else f"{r[0]}\n  {s.text}" for n, a, r, s in zip(names, again, rows, said.summaries, strict=True)
    ]
    shown = [[first, *row[1:]] for first, row in zip(firsts, rows, strict=True)]
    notes = [phrases.ERRORS + " It says how well the computation has converged; the interval says how little is known."]
    notes += run_view.missing_means(said.summaries)
    exact = Folded("The same with Monte Carlo errors", (*told(notes), Table(heads, shown, stack=True)))
    quantities, last_year = said.run.quantities, (said.run.priors.years or (None,))[-1]
    headed = [at(q, year) if year else q for q in ("training_h100s", "inference_h100s") for year in (None, last_year)]
    asked = list(dict.fromkeys(q for q in headed if q in quantities)) or quantities[-1:]
    pictures = over_years(said.run, said.draw) or tuple(p for q in asked for p in _first(said, q))
    return Section("The answer", (_glance(said), exact, *pictures, *said.draw("demand")))


def _glance(said: _Said) -> Table:
    """The numbers in words; with another run, of both."""
    heads, rows = phrases.glance(said.summaries)
    if said.compared is not None:
        names = [c.quantity for c in said.compared.found.contrasts]
        shown = [s.name for s in said.summaries if s.name in names]
        ours = [row for s, row in zip(said.summaries, rows, strict=True) if s.name in names]
        theirs = phrases.glance(said.compared.found.b.summary(shown))[1] if shown else []
        rows = [[*a, b[1]] for a, b in zip(ours, theirs, strict=True)]
        heads = [heads[1], *(f"{k}: {title}" for k, title in zip("AB", said.compared.titles, strict=True))]
    return Table(heads, rows, stack=True, words=True)


def _first(said: _Said, quantity: str) -> tuple[Pending, ...]:
    """A quantity's density; with another run, both above one another."""
    c = said.compared
    if c is None or quantity not in [x.quantity for x in c.found.contrasts] or said.draw is nothing:
        return said.draw("density", (quantity,))
    return (both_or_one(said.run, c, quantity),)


def _crossing(said: _Said) -> Section:
    return Section("Training against inference", (*said.draw("crossover"), *said.draw("modalities")))


def _compared(run: Run, other: Run, labels: tuple[str, str]) -> Compared:
    shared = tuple(q for q in run.quantities if other.priors.model.has(q))
    found = compare(run, other, shared)
    return Compared(found, ("A", "B"), labels, _attributed(found))


def _attributed(found: Comparison) -> Attribution | None:
    """The attribution of the last quantity that changed, or None where there is nothing to attribute."""
    run, other = found.a, found.b
    changed = [c.quantity for c in found.contrasts if c.changed]
    if not changed or run.derivation or other.derivation:
        return None
    s = run.settings
    try:
        return attributed(run.priors, other.priors, changed[-1], statistic("median"), s.seed, s.sampler)
    except InputError:
        return None


def _comparing(said: _Said) -> Section | None:
    if (compared := said.compared) is None:
        return None
    found, given = compared.found, compared.attribution
    sides = (found.a.priors, found.b.priors)
    rows = [
        [n, *(_told(p.priors[n]) if n in p.priors else "-" for p in sides)] for n in comparison_view.told_apart(*sides)
    ]
    by_year = comparison_view.by_year(compared)
    contrasts = comparison_view.table_by_year if by_year else comparison_view.contrast_table
    tables = [contrasts(compared), Table(["prior", "A", "B"], rows, stack=True, words=True)]
    notes = [f"A is {compared.titles[0]}; B is {compared.titles[1]}."]
    notes.append(
        "They are paired: both draw the same random points, so errors of differences are small."
        if found.paired
        else "They are not paired: seed, sampler or size differ."
    )
    if compared.changed:
        notes.append(comparison_view.of_medians(compared) if by_year else comparison_view.of_quantiles("A", "B"))
    if given is not None and given.contributions and compared.whole:
        tables.append(comparison_view.attribution_table(given))
        by = phrases.factor(compared.whole) if given.log else phrases.number(compared.whole)
        notes.append(
            f"What makes the difference in the median of {given.quantity}: Shapley values on {given.draws:,} "
            f"draws; on all draws it is {by}."
        )
    shown = compared_pictures(compared) if said.draw is not nothing else []
    return Section("Held against another", (*told(notes), *(t for t in tables if t.rows), *shown))


def _told(prior: Prior) -> str:
    unit = unit_words(prior.unit)
    return f"{prior.distribution.text}{f' {unit}' if unit else ''}\n  grade {prior.grade}: {prior.source}"


def _resting(said: _Said) -> Section:
    found, run = said.drivers, said.run
    title = "What it rests on"
    if isinstance(run.derivation, Conditioned):
        lines = ["The run is conditioned on outside facts.", *(f"{n}: {x}" for n, x in run.derivation.on.items())]
        return Section(title, (*told(lines), *said.draw("prior-posterior")))
    if isinstance(run.derivation, Pooled):
        members = [
            f"{m.name}: weight {m.weight:g}, variant {m.variant.partition('@')[0]}" for m in run.derivation.members
        ]
        return Section(title, told(["The run is a pool of prior sets.", *members]))
    if found is None:
        return Section(title, told(["Every quantity here is a constant: no prior that it reads is uncertain."]))
    notes = [sensitivity_view.next_to_find_out(found), *sensitivity_view.driver_notes(found)]
    of = (found.quantity,)
    pictures = (*said.draw("tornado", of), *said.draw("sensitivity", of), *said.draw("grade"))
    pictures += shares_over_years(run, found.quantity, said.draw)
    return Section(title, (*told(notes), sensitivity_view.driver_table(found), *pictures))


def _priors(said: _Said) -> Section:
    run, title = said.run, "What was assumed"
    if run.member is not None:
        return Section(
            title, told([f"A pool has no priors of its own: they are those of {_members(run)}, which its run holds."])
        )
    rows, numbers = [], []
    for p in run.priors.priors.values():
        ends = [p.distribution.quantile(q) for q in (0.5, 0.05, 0.95)]
        middle = readable(ends[0], most=4)
        shown = f"{middle} ({readable(ends[1], most=3)} to {readable(ends[2], most=3)})" if p.uncertain else middle
        numbers.append(said.sources.number(p.source))
        name = f"{p.name}\n  {run.priors.model.inputs[p.name].text}"
        rows.append([name, p.distribution.text, f"{shown} {unit_words(p.unit)}".strip(), p.grade, p.note])
    grades = ", ".join(f"{k} {v}" for k, v in GRADES.items())
    notes = [f"Median, and in parentheses the 5 % and 95 % points. Grades of evidence: {grades}."]
    heads = ["prior", "distribution", "value", "grade", "source and note"]
    tables = [Table(heads, rows, stack=True, words=True, references=numbers)]
    if run.correlations:
        tables.append(_correlations(run))
    else:
        notes.append("No rank correlations: the priors are independent of one another.")
    return Section(title, (*told([*notes, *run.notes]), *tables, *said.draw("priors")))


def _members(run: Run) -> str:
    return ", ".join(run.pooled.names)


def _correlations(run: Run) -> Table:
    ties = run.correlations
    most = {p: f"\n  at most {e['largest']:.3f}: it has ties" if "largest" in e else "" for p, e in ties.items()}
    why = {p: run.priors.grounds.get(tuple(p.split(", ")), {}) for p in ties}  # type: ignore[arg-type]
    about = {p: f"\n  grade {g['grade']}: {g['source']}. {g.get('note', '')}" if g else "" for p, g in why.items()}
    rows = [[f"{p}{about[p]}", f"{e['asked']:g}", f"{e['achieved']:.3f}{most[p]}"] for p, e in ties.items()]
    return Table(["rank correlation", "asked", "achieved"], rows, stack=True)


def _again(said: _Said) -> Section:
    run = said.run
    line, alone = said.again
    file = f"{file_name(run)}.toml"
    notes = ["This command makes the run again, to the last bit on the same platform and versions."]
    if not alone and run.member is None:
        notes.append(f"It reads the prior set below: save it as {file} first.")
    notes.append(", ".join(f"{k} {v}" for k, v in versions(run).items()) + f"; run digest {run.digest}.")
    pictures = said.draw("convergence", (said.drivers.quantity,)) if said.drivers else ()
    below = [] if run.member is not None else [Folded(f"The prior set, {file}", (Code(toml(run.priors)),))]
    for name, text, _ in sources(run.priors.model):
        notes.append(f"Its formulas are those of {name}.py below, of SHA-256 {sha256(text.encode()).hexdigest()}.")
        below.append(Folded(f"The formulas, {name}.py", (Code(text),)))
    return Section("Make it again", (*told(notes), Code(line), *below, *pictures))
