"""The sections of a report, from a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from .._version import __version__
from ..analyses import essay
from ..analyses.attribution import attribution, differing
from ..analyses.comparison import change, comparison
from ..analyses.rerun import command, file_name, versions
from ..analyses.sensitivity import Sensitivity, drivers_of
from ..base.errors import OBEYED, InputError
from ..base.numbers import figures as digits
from ..base.numbers import readable
from ..base.wording import unit_words
from ..compute.headline import CAVEATS, STORY
from ..plots.figure import kind_of, plot
from ..plots.registry import finding
from ..plots.theme import THEMES
from ..priors.prior import GRADES
from ..priors.toml import toml
from ..runs.derivation import Conditioned, Pooled
from ..runs.run import Run
from ..statistics.statistic import statistic
from ..statistics.summary import Summary
from . import phrases
from .document import FORMATS, SIZES, Picture, Section, Table
from .svg import inlined
from .views import comparison as comparison_view
from .views import essay as essay_view
from .views import run as run_view
from .views import sensitivity as sensitivity_view
from .views.comparison import comparison_json
from .views.sensitivity import sensitivity_json


@dataclass
class Report:
    """What a report says. `render` gives it as HTML, Markdown or JSON."""

    run: Run
    other: Run | None
    labels: tuple[str, str]
    summaries: Sequence[Summary]
    headline: str
    sections: list[Section] = field(default_factory=list)
    drivers: Sensitivity | None = None

    @property
    def title(self) -> str:
        """The title of the prior set."""
        return self.run.priors.title

    def render(self, form: str) -> str:
        """The report in one of FORMATS; raises InputError for another."""
        if form not in FORMATS:
            raise InputError(f"there is no report format {form!r}: {', '.join(FORMATS)}")
        if form == "json":
            import json

            return json.dumps(self.to_json(), indent=2, allow_nan=False) + "\n"
        page = _template(form).render(report=self, themes=THEMES, version=__version__, foot=_foot(self))
        return OBEYED.sub("?", page)

    def to_json(self) -> dict[str, Any]:
        """Plain data: the run, its priors, what it rests on, what differs, and how to make it again."""
        line, alone = command(self.run)
        found = self.drivers
        compared = None
        if self.other is not None:
            both = _compared(self.run, self.other)
            compared = comparison_json(("A", "B"), self.labels, both, _attributed(self.run, self.other))
        return {
            "run": run_view.run_json(self.run, self.summaries) | {"run": self.run.name if self.run.path else None},
            "headline": self.headline,
            "priors": self.run.priors.to_json(),
            "comparison": compared,
            "sensitivity": sensitivity_json(found, [], found.by_grade, ([], [])) if found else None,
            "reproduction": essay_view.to_json(essay.figures()),
            "caveats": caveats(self.run),
            "command": {"line": line, "needs_the_resolved_set": not alone},
            "resolved_set": toml(self.run.priors),
            "versions": versions(self.run),
        }


def _foot(report: Report) -> str:
    runs = [r for r in (report.run, report.other) if r is not None]
    return " | ".join(
        f"{r.priors.name}, {r.settings.draws:,} draws, seed {r.settings.seed}, run {r.digest[:8]}" for r in runs
    )


def _template(form: str) -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    page = Environment(
        loader=PackageLoader("simulator.reports"),
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    page.filters["plain"] = _markdown
    return page.get_template(f"report.{form}")


def _markdown(cell: str) -> str:
    """A text that stays text in Markdown: its marks are escaped, and its lines are joined."""
    return (
        re.sub(r"[\\`*_\[\]#~$]", r"\\\g<0>", " ".join(cell.split()).replace("&", "&amp;"))
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("|", "&#124;")
    )


def report(run: Run, other: Run | None = None, labels: tuple[str, str] = ("A", "B"), pictures: bool = True) -> Report:
    """What a run says, held against another one if it is given; without `pictures` for text alone.

    Raises InputError for a run that kept no draws.
    """
    if not run.settings.kept:
        raise InputError(f"{run.name} kept no draws, and a report is made from them: make it with --keep")
    summaries = run.summary()
    made = Report(run, other, labels, summaries, phrases.story(summaries, STORY) or _told_of(summaries))
    draw = partial(_picture, run) if pictures else lambda *_, **__: ()
    made.drivers = _drivers(run)
    made.sections = [
        s
        for s in (
            _answers(made, draw),
            _crossing(draw),
            _comparing(made, pictures),
            _resting(made, draw),
            _priors(made, draw),
            _essay(),
            _again(made, draw),
            Section("Caveats", caveats(run)),
        )
        if s
    ]
    return made


def _told_of(summaries: Sequence[Summary]) -> str:
    """The headline of a run that has none of the headline's quantities."""
    return "; ".join(finding(s) for s in summaries[:3]) + "."


def _drivers(run: Run) -> Sensitivity | None:
    """What the last of the run's quantities that is uncertain rests on."""
    for name in reversed(run.quantities):
        try:
            return drivers_of(run, name)
        except InputError:
            continue
    return None


def _picture(run: Run | tuple[Run, ...], kind: str, of: Sequence[str] = (), **options: Any) -> tuple[Picture, ...]:
    """A figure in both widths, or none where this run has nothing to draw of that kind."""
    themed = THEMES["light"]
    colors = {
        themed.background: "--background",
        themed.ink: "--ink",
        themed.muted: "--muted",
        themed.grid: "--grid",
        **{c: f"--series-{i}" for i, c in enumerate(themed.series)},
    }
    drawn, title = {}, ""
    for name, size in SIZES.items():
        try:
            figure = plot(run, kind, of, size=size, framed=False, **options)
        except InputError:
            return ()
        title = figure.title
        prefix = "-".join([name[0], kind, *of])
        drawn[name] = inlined(figure.encoded("svg"), prefix, title, colors)
    return (Picture(title, kind, drawn),)


Draw = Callable[..., tuple[Picture, ...]]


def _answers(made: Report, draw: Draw) -> Section:
    heads, rows = phrases.summary_rows(made.summaries)
    shown = [[f"{row[0]}\n  {s.text}", *row[1:]] for row, s in zip(rows, made.summaries, strict=True)]
    notes = [phrases.ERRORS + " It says how well the computation has converged; the interval says how little is known."]
    notes += [f"* {s.name} has no mean: {s.mean_reason}." for s in made.summaries if s.mean_reason]
    asked = [q for q in ("training_h100s", "inference_h100s") if q in made.run.quantities] or made.run.quantities[-1:]
    pictures = [p for q in asked for p in draw("density", (q,))]
    return Section("The answer", notes, (Table(heads, shown, stack=True),), (*pictures, *draw("demand")))


def _crossing(draw: Draw) -> Section | None:
    pictures = (*draw("crossover"), *draw("modalities"))
    return Section("Training against inference", (), (), pictures) if pictures else None


def _compared(run: Run, other: Run) -> Any:
    shared = tuple(q for q in run.quantities if q in other.priors.model.quantities)
    return comparison(run, other, shared)


def _attributed(run: Run, other: Run) -> Any:
    """The attribution of the last quantity that changed, or None where there is nothing to attribute."""
    changed = [c.quantity for c in _compared(run, other).contrasts if c.changed]
    if not changed or run.derivation or other.derivation:
        return None
    s = run.settings
    try:
        return attribution(run.priors, other.priors, changed[-1], statistic("median"), s.seed, s.sampler)
    except InputError:
        return None


def _comparing(made: Report, pictures: bool) -> Section | None:
    if made.other is None:
        return None
    run, other = made.run, made.other
    found, given = _compared(run, other), _attributed(run, other)
    changed = [c for c in found.contrasts if c.changed]
    contrasts = [row for c in changed for row in comparison_view.contrast_rows(c, "A", "B")]
    tables = [Table(["quantity", "median", "5 %", "95 %"], contrasts, stack=True)]
    names = differing(run.priors, other.priors)
    tables.append(
        Table(
            ["prior", "A", "B"],
            [[n, *(_told(p.priors[n]) if n in p.priors else "-" for p in (run.priors, other.priors))] for n in names],
            stack=True,
            words=True,
        )
    )
    notes = [f"A is {made.labels[0]}; B is {made.labels[1]}."]
    notes.append(
        "They are paired: both draw the same random points, so errors of differences are small."
        if found.paired
        else "They are not paired: seed, sampler or size differ."
    )
    if given is not None and given.contributions:
        whole = change(run, other, given.quantity, given.statistic, given.log)
        tables.append(Table(["prior", "factor" if given.log else "change"], comparison_view.attribution_rows(given)))
        by = phrases.factor(whole) if given.log else phrases.number(whole)
        notes.append(
            f"What makes the difference in the median of {given.quantity}: Shapley values on {given.draws:,} "
            f"draws; on all draws it is {by}."
        )
    drawn: list[Picture] = []
    if pictures and changed:
        shown = tuple(c.quantity for c in changed if c.quantity in kind_of("forest").reads) or (changed[-1].quantity,)
        drawn += _picture((run, other), "forest", shown, labels=made.labels)
        drawn += _picture((run, other), "attribution", (changed[-1].quantity,), labels=made.labels) if given else ()
    return Section("Held against another", notes, [t for t in tables if t.rows], drawn)


def _told(prior: Any) -> str:
    unit = unit_words(prior.unit)
    return f"{prior.distribution.text}{f' {unit}' if unit else ''}\n  grade {prior.grade}: {prior.source}"


def _resting(made: Report, draw: Draw) -> Section:
    found = made.drivers
    derivation = made.run.derivation
    if isinstance(derivation, Conditioned):
        facts = [f"{n}: {text}" for n, text in derivation.on.items()]
        notes = ["The run is conditioned on outside facts.", *facts]
        return Section("What it rests on", notes, pictures=draw("prior-posterior"))
    if isinstance(derivation, Pooled):
        told = [f"{m.name}: weight {m.weight:g}, variant {m.variant}" for m in derivation.members]
        return Section("What it rests on", ["The run is a pool of prior sets.", *told])
    if found is None:
        return Section("What it rests on", ["Every quantity here is a constant: no prior that it reads is uncertain."])
    notes = [sensitivity_view.next_to_find_out(found), *sensitivity_view.driver_notes(found)]
    pictures = (*draw("tornado", (found.quantity,)), *draw("sensitivity", (found.quantity,)), *draw("grade"))
    return Section(
        "What it rests on",
        notes,
        (Table(sensitivity_view.DRIVER_HEADS, sensitivity_view.driver_rows(found), stack=True),),
        pictures,
    )


def _priors(made: Report, draw: Draw) -> Section:
    rows = []
    for p in made.run.priors.priors.values():
        ends = [p.distribution.quantile(q) for q in (0.5, 0.05, 0.95)]
        middle = readable(ends[0], most=4)
        shown = f"{middle} ({readable(ends[1], most=3)} to {readable(ends[2], most=3)})" if p.uncertain else middle
        about = f"{p.source}\n  {p.note}" if p.note else p.source
        name = f"{p.name}\n  {made.run.priors.model.inputs[p.name].text}"
        rows.append([name, p.distribution.text, f"{shown} {unit_words(p.unit)}".strip(), p.grade, about])
    grades = ", ".join(f"{k} {v}" for k, v in GRADES.items())
    if made.run.member is not None:
        return Section("What was assumed", ["A pool has no priors of its own: they are in the runs of its members."])
    notes = [f"Median, and in parentheses the 5 % and 95 % points. Grades of evidence: {grades}."]
    tables = [Table(["prior", "distribution", "value", "grade", "source and note"], rows, True, True)]
    ties = made.run.correlations
    if ties:
        most = {p: f"\n  at most {e['largest']:.3f}: it has ties" if "largest" in e else "" for p, e in ties.items()}
        why = {p: made.run.priors.grounds.get(tuple(p.split(", ")), {}) for p in ties}  # type: ignore[arg-type]
        told = {p: f"\n  grade {g['grade']}: {g['source']}. {g.get('note', '')}" if g else "" for p, g in why.items()}
        reached = [[f"{p}{told[p]}", f"{e['asked']:g}", f"{e['achieved']:.3f}{most[p]}"] for p, e in ties.items()]
        tables.append(Table(["rank correlation", "asked", "achieved"], reached, stack=True))
    else:
        notes.append("No rank correlations: the priors are independent of one another.")
    return Section("What was assumed", [*notes, *made.run.notes], tables, draw("priors"))


def _essay() -> Section:
    found = essay.figures()
    counts, both = essay.counts(found), essay.demand_both_ways()
    printed = ["chart" if f.printed is None else f"{f.printed:,g}" for f in found]
    rows = [
        [str(f.number), f"{f.text}\n  {f.unit}" if f.unit else f.text, p, digits(f.computed), f.verdict]
        for f, p in zip(found, printed, strict=True)
    ]
    notes = [
        f"Every figure of the essay, recomputed with the compute model of variant dit-scaling: {counts['holds']} "
        f"hold, {counts['chart']} are only charted, {counts['fails']} fail. {essay.WHY}"
    ]
    ways = [[share, f"{v['flat']:,.0f}", f"{v['peak']:,.0f}"] for share, v in both.items()]
    tables = (
        Table(["#", "figure of the essay", "printed", "computed", ""], rows),
        Table(["YouTube made by AI", "H100, MFU 1, flat", "H100 at peak"], [*ways, ["printed", "89,000", "720,000"]]),
    )
    return Section("The essay, reproduced", notes, tables, folded="All 24 figures")


def _again(made: Report, draw: Draw) -> Section:
    line, alone = command(made.run)
    file = f"{file_name(made.run)}.toml"
    notes = ["This command makes the run again, to the last bit on the same platform and versions."]
    if not alone:
        notes.append(f"It reads the prior set below: save it as {file} first.")
    notes.append(", ".join(f"{k} {v}" for k, v in versions(made.run).items()) + f"; run digest {made.run.digest}.")
    found = made.drivers.quantity if made.drivers else None
    pictures = draw("convergence", (found,)) if found else ()
    if made.run.member is not None:
        return Section("Make it again", notes[:1] if alone else notes[:1] + notes[2:], (), pictures, (line,))
    return Section("Make it again", notes, (), pictures, (line, toml(made.run.priors)), folded=f"The prior set, {file}")


def caveats(run: Run) -> list[str]:
    """What a reader must know before a number is used."""
    s, chosen = run.settings, run.priors
    judged = [p.name for p in chosen.priors.values() if p.uncertain and p.grade == "D"]
    told = list(CAVEATS[chosen.variant])
    told.append(
        "An interval is as good as its priors. It holds the uncertainty that they state, and none about the "
        "form of the compute model."
    )
    if judged:
        told.append(
            f"{len(judged)} of {len(chosen.uncertain)} uncertain priors are judgements (grade D): {', '.join(judged)}."
        )
    if not chosen.active:
        told.append(
            "The priors are drawn as independent. Where two of them go together in truth, intervals of their "
            "products are too narrow."
        )
    if s.kept < s.per_replicate:
        told.append(
            f"Figures and shares are of the {s.kept * s.replicates:,} kept draws; the table is of all {s.draws:,}."
        )
    told.append("Quantile functions are cut beyond a probability of 2^-32; kept draws are rounded to float32.")
    return told
