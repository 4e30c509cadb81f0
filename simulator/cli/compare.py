"""Commands that hold sets, runs and cases against each other: compare, whatif, sensitivity, backtest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import InputError, quote
from ..base.numbers import parse_number
from ..base.wording import counted
from . import completion
from .options import (
    LETTERS,
    PLAIN,
    Count,
    dpi_option,
    drawing_options,
    edit_options,
    edits,
    figure_options,
    json_option,
    of_option,
    of_quantity,
    quantity_option,
    runs_option,
    seed_option,
    side_options,
    typed,
    years_options,
)
from .sides import Drawing, Over, Positions, drawn_of, one_of, pair_of, side_of, title_of

if TYPE_CHECKING:
    from ..analyses.attribution import Attribution
    from ..analyses.comparison import Comparison
    from ..analyses.sensitivity import Sensitivity
    from ..analyses.sobol_indices import Index
    from ..reports.views.sensitivity import Rests
    from ..runs.run import Run
    from ..statistics.statistic import Statistic


@click.command(context_settings=PLAIN)
@click.argument("names", nargs=-1, required=True, metavar="A [B]...", shell_complete=completion.sides)
@side_options
@quantity_option("Quantity to compare.")
@of_quantity("Quantity whose change is attributed to priors. [default: the last of the headline that changed]")
@click.option(
    "--statistic",
    default="median",
    show_default=True,
    metavar="NAME",
    help="What is attributed: median, mean, p95 or 'P(>720k)'.",
)
@click.option("--no-attribution", is_flag=True, help="Do not attribute the change to the priors.")
@drawing_options
@years_options
@runs_option
@json_option
@click.pass_context
def compare(
    context: click.Context,
    /,
    names: tuple[str, ...],
    sets: tuple[str, ...],
    gpus: tuple[str, ...],
    quantities: tuple[str, ...],
    of: str | None,
    statistic: str,
    no_attribution: bool,
    root: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare prior sets or stored runs, and say which prior makes the difference.

    A, B, ... are prior sets (names, paths, or layers joined by +) or runs. One set alone is compared
    with its edited self: simulate compare SET --set 'inference_mfu=0.4'. Over --years a set without
    trends is the same in all of them.
    """
    from ..analyses.comparison import compare
    from ..analyses.sides import shared_headline
    from ..reports import console
    from ..reports.views.comparison import Compared, view
    from ..statistics.statistic import statistic as measure

    measured = measure(statistic)
    if len(names) == 1:
        if not sets and not gpus:
            raise InputError(f"{quote(names[0])} has nothing to be compared with: give a second set, or --set")
        names = names * 2
    drawing, over = Drawing.taken(options), Over.taken(options)
    positions = Positions.typed(names, sets, gpus, root, over)
    of = one_of(positions.sides, of) if of else None
    named = quantities or shared_headline(positions.sides)
    asked = over.asked(positions.sides, [*named, *([of] if of else [])])
    runs = drawn_of(positions.sides, drawing, context, asked, held=False)
    titles = positions.titles(runs)
    results = list[Compared]()
    for i in range(1, len(runs)):
        found = compare(runs[0], runs[i], asked)
        given = None if no_attribution else _attribution(found, of, measured)
        results.append(Compared(found, (LETTERS[0], LETTERS[i]), (titles[0], titles[i]), given))
    console.show(view(*results), as_json)


def _attribution(found: Comparison, of: str | None, measured: Statistic) -> Attribution | None:
    """The attribution of the asked quantity, or of the last headline quantity that changed."""
    from ..analyses.attribution import attributed

    changed = [c.quantity for c in found.contrasts if c.changed]
    name = of or (changed[-1] if changed else None)
    if name is None or found.a.derivation or found.b.derivation:
        return None
    s = found.a.settings
    return attributed(found.a.priors, found.b.priors, name, measured, s.seed, s.sampler)


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN-or-SET", shell_complete=completion.sides)
@edit_options("Set one prior.")
@quantity_option("Quantity to show.")
@drawing_options
@years_options
@runs_option
@json_option
@click.pass_context
def whatif(
    context: click.Context,
    /,
    name: str,
    sets: tuple[str, ...],
    quantities: tuple[str, ...],
    root: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compute a stored run again with some priors set anew: old beside new.

    Same seed and same random points, so the change is exact; bitwise the run that simulate --set makes.
    A prior set is drawn first; a stored run keeps its draws, seed and sampler.
    """
    from ..analyses.comparison import whatif
    from ..analyses.sides import shared_headline
    from ..reports import console
    from ..reports.views.comparison import Compared, view
    from ..runs.run import Run
    from ..statistics.statistic import statistic as measure

    if not sets:
        raise InputError(f"{quote(name)} is what it is: say what changes, as in --set 'training_mfu=0.5'")
    drawing, over = Drawing.taken(options), Over.taken(options)
    (side,) = over.sides([side_of(name, (), (), root)])
    if isinstance(side, Run) and (said := [n for n in ("draws", "seed", "sampler", "exact") if typed(context, n)]):
        raise InputError(f"--{said[0]} says nothing to {quote(name)}: a stored run keeps its draws, seed and sampler")
    asked = over.asked([side], quantities or (side.quantities if isinstance(side, Run) else shared_headline([side])))
    (old,) = drawn_of([side], drawing, context, asked)
    found = whatif(old, edits(sets), asked, drawing.threads)
    given = _attribution(found, None, measure("median")) if len(sets) > 1 else None
    console.show(
        view(Compared(found, ("old", "new"), (title_of(old.name, (), (), old), ", ".join(sets)), given)), as_json
    )


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN-or-SET", shell_complete=completion.sides)
@edit_options("Set one prior.")
@click.option("--gpu", metavar="NAME", shell_complete=completion.gpus, help="Kind of GPU.")
@of_option
@click.option("--threshold", metavar="'NAME > X'", help="Ask what drives NAME beyond X.")
@click.option("--total", is_flag=True, help="Total-order indices and interactions, by new draws.")
@click.option(
    "--stress-correlation",
    "stressed",
    multiple=True,
    metavar="'NAME, NAME'",
    shell_complete=completion.priors,
    help="Sweep the rank correlation of two priors. Repeatable: all at once.",
)
@drawing_options
@years_options
@runs_option
@json_option
@click.pass_context
def sensitivity(
    context: click.Context,
    /,
    name: str,
    sets: tuple[str, ...],
    gpu: str | None,
    of: str | None,
    threshold: str | None,
    total: bool,
    stressed: tuple[str, ...],
    root: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say what to find out next, and which priors the uncertainty rests on."""
    from ..analyses.sensitivity import sensitivity as drivers_of
    from ..reports import console
    from ..reports.views import sensitivity as sensitivity_view

    of, limit = _threshold(threshold, of)
    pairs = [pair_of(text) for text in stressed]
    drawing, over = Drawing.taken(options), Over.taken(options)
    (side,) = over.sides([side_of(name, list(sets), [gpu] if gpu else [], root)])
    of = over.one(side, of)
    (run,) = drawn_of([side], drawing, context, (of,), held=False)
    console.show(sensitivity_view.view(_rests(run, drivers_of(run, of, limit), total, pairs)), as_json)


def _rests(run: Run, found: Sensitivity, total: bool, pairs: list[tuple[str, str]]) -> Rests:
    """The drivers of a quantity with indices where they are asked for or needed, and with stressed correlations."""
    from ..analyses.sobol_indices import NoVarianceError, by_grade, stress, total_indices
    from ..reports.plausibility import beyond_of
    from ..reports.views.sensitivity import Rests, Stress

    s, of = run.settings, found.quantity
    tied = any(d.correlated for d in found.drivers)
    indices: list[Index] = []
    if (total or tied) and not found.withheld:
        try:
            indices = total_indices(run.priors, of, s.seed, s.sampler)
        except NoVarianceError as error:
            found = found.without_shares(error.reason)
    shares = by_grade(run.priors, indices) if tied else found.by_grade
    swept = Stress(pairs, *stress(run.priors, pairs, of, s.seed, sampler=s.sampler)) if pairs else None
    whence = f"{run.priors.headed}, {counted(s.draws, 'draw')}, seed {s.seed}, {s.sampler}"
    said = (run.notes, run.priors.trust, beyond_of(run, [of]))
    return Rests(found, shares, whence, indices, tied, swept, *said)


def _threshold(text: str | None, of: str | None) -> tuple[str | None, float | None]:
    if text is None:
        return of, None
    match = re.fullmatch(r"\s*(?:(first_year\(.*\)|[\w@]+)\s*)?>\s*(.+?)\s*", text)
    if not match or not (match[1] or of):
        raise InputError(f"--threshold {quote(text)}: write 'QUANTITY > NUMBER', as in 'inference_h100s > 1e6'")
    if of and match[1] and match[1] != of:
        raise InputError(f"--threshold {quote(text)} is not on {of}, the quantity of --of; they must be the same")
    return match[1] or of, parse_number(match[2], "a threshold")


@click.command(context_settings=PLAIN)
@click.argument("cases", nargs=-1, metavar="[CASE]...", shell_complete=completion.cases)
@click.option(
    "--priors",
    "-p",
    multiple=True,
    metavar="SET",
    shell_complete=completion.sets,
    help="Prior set to test. [default: calibrated-2026]",
)
@click.option("--draws", "-n", type=Count(16, 10**7), default="65536", show_default=True, help="Draws for each case.")
@click.option("--whole", is_flag=True, help="Of a calibrated set: leave no family out of its fit.")
@seed_option
@click.option("--plot", "out", metavar="FILE", help="Also draw it: .png, .svg or .pdf.")
@click.option(
    "--kind",
    "-k",
    default="backtest",
    show_default=True,
    metavar="NAME",
    shell_complete=completion.one_of("backtest", "predicted", "pit"),
    help="Kind of plot: backtest, predicted (against observed) or pit (their places).",
)
@dpi_option
@figure_options
@json_option
def backtest(
    cases: tuple[str, ...],
    priors: tuple[str, ...],
    draws: int,
    whole: bool,
    seed: int,
    out: str | None,
    kind: str,
    dpi: int,
    style: str,
    size: str,
    as_json: bool,
) -> None:
    """Hold a prior set against published models: coverage, scores, and what the misses teach.

    A CASE is a name, a path or a folder of cases; a case says what is known of a model, and the prior set fills in the
    rest. docs/cases.md has the format.
    """
    from ..analyses.backtest import backtest as run
    from ..priors.cases import BASE
    from ..reports import console
    from ..reports.views import backtest as backtest_view

    if out:
        _check_figure(Path(out), style, size)
    found = run(cases, priors or (BASE,), draws, seed, whole)
    if out:
        from ..plots.figure import plot_backtest

        figure = plot_backtest(found, kind, style=style, size=size)
        figure.save(out, dpi)
        for note in figure.notes:
            console.note(note)
    console.show(backtest_view.view(found), as_json)


def _check_figure(path: Path, style: str, size: str) -> None:
    """Refuse a file, a style or a size that no figure has, before anything is drawn."""
    from ..base.files import look
    from ..plots.layout import format_of
    from ..plots.theme import parse_size, theme

    for check, value in ((theme, style), (parse_size, size)):
        check(value)
    format_of(path)
    look(path)
