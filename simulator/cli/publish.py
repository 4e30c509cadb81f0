"""The command that draws a figure, and what it shares with those that write a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import InputError, RunError
from . import completion
from .options import (
    PLAIN,
    Share,
    dpi_option,
    drawing_options,
    figure_options,
    plan_option,
    planned,
    price_options,
    quantity_option,
    runs_option,
    side_options,
    typed,
    years_options,
)
from .sides import Drawing, Over, Positions, pair_of

if TYPE_CHECKING:
    from ..plots.figure import Figured
    from ..plots.registry import Kind
    from ..runs.run import Run


@click.command(context_settings=PLAIN)
@click.argument("names", nargs=-1, metavar="[RUN-or-SET]...", shell_complete=completion.sides)
@click.option(
    "--kind",
    "-k",
    default="density",
    show_default=True,
    metavar="NAME",
    shell_complete=completion.kinds,
    help="Kind of plot; see --list.",
)
@click.option("--list", "listed", is_flag=True, help="List the kinds of plots.")
@quantity_option("Quantity to draw.", "--of", "of")
@click.option("--out", "-o", metavar="FILE", help="File to write: .png, .svg or .pdf. [default: the run's folder]")
@click.option("--data", metavar="FILE.csv", help="Also write the plotted series.")
@click.option("--exceeds", multiple=True, metavar="X", help="Threshold to mark, with P(> X). Repeatable.")
@click.option("--over", metavar="PRIOR", shell_complete=completion.priors, help="Prior that a fan sweeps.")
@click.option(
    "--pair",
    "pairs",
    multiple=True,
    metavar="'NAME, NAME'",
    shell_complete=completion.priors,
    help="Priors to correlate. Repeatable.",
)
@click.option("--statistic", default="median", show_default=True, metavar="NAME", help="What an attribution explains.")
@click.option("--ci", type=Share(), default="0.9", show_default=True, help="Probability of the credible interval.")
@price_options
@plan_option
@figure_options
@dpi_option
@side_options
@drawing_options
@years_options
@runs_option
@click.pass_context
def plot(
    context: click.Context,
    /,
    names: tuple[str, ...],
    listed: bool,
    sets: tuple[str, ...],
    gpus: tuple[str, ...],
    root: str | None,
    **options: Any,
) -> None:
    """Draw a figure from stored runs or prior sets, to put into a memo as it is.

    Without --out it goes into the folder of the (first) run, or into this one for prior sets.
    """
    from ..base.files import write_file
    from ..plots.figure import KINDS, ONE, kind_of, thresholds, wanted
    from ..reports import console
    from ..reports.views import lists

    if listed:
        console.show(lists.kinds({k.name: k.text for k in KINDS.values()}))
        return
    if not names:
        raise InputError("plot: name a run or a prior set; 'simulate plot --list' shows the kinds")
    drawing, over, as_asked = Drawing.taken(options), Over.taken(options), _Wanted(**options)
    made = kind_of(as_asked.kind)
    _check(made, as_asked, context)
    target, table = _writable(as_asked.out, as_asked.data)
    positions = Positions.typed(names, sets, gpus, root, over)
    asked, drawn = wanted(made, positions.sides, as_asked.of, over.when)
    limits = thresholds(as_asked.exceeds, asked[0]) if as_asked.exceeds else ()
    runs, labels = positions.runs(drawing, context, drawn)
    figure = _figure(as_asked, runs, labels, asked, limits, over.when if "when" in made.wants else ())
    target = target or _place(runs, made, as_asked.of if ONE not in made.wants else asked, as_asked.style)
    if table:
        write_file(table, figure.csv().encode())
    figure.save(target, as_asked.dpi)
    console.line(str(target))
    console.say(figure.title)
    for note in figure.notes:
        console.note(note)
    if table:
        console.line(str(table))


@dataclass(frozen=True)
class _Wanted:
    """What a figure is to show, and how."""

    kind: str
    of: tuple[str, ...]
    out: str | None
    data: str | None
    exceeds: tuple[str, ...]
    over: str | None
    pairs: tuple[str, ...]
    statistic: str
    ci: float
    short: str | None
    idle: str | None
    plans: tuple[str, ...]
    style: str
    size: str
    dpi: int


def _check(made: Kind, wanted: _Wanted, context: click.Context) -> None:
    """Refuse what a figure cannot be made of, before anything is drawn."""
    from ..plots.figure import check_options
    from ..plots.theme import parse_size, theme
    from ..statistics.statistic import statistic

    planned(wanted.plans)
    for check, value in ((statistic, wanted.statistic), (theme, wanted.style), (parse_size, wanted.size)):
        check(value)
    check_options(made, **{argument: typed(context, name) for name, argument in _TAKEN.items()})


_TAKEN = {n: n for n in ("ci", "statistic", "over", "pairs", "short", "idle", "plans")}
_TAKEN |= {"exceeds": "thresholds"}


def _figure(
    wanted: _Wanted,
    runs: list[Run],
    labels: list[str],
    asked: tuple[str, ...],
    limits: tuple[float, ...],
    when: tuple[str, ...],
) -> Figured:
    from ..plots.figure import plot

    return plot(
        runs,
        wanted.kind,
        asked,
        when=when,
        labels=labels,
        exceeds=limits,
        over=wanted.over,
        pairs=[pair_of(text, "--pair") for text in wanted.pairs],
        ci=wanted.ci,
        short=wanted.short,
        idle=wanted.idle,
        plans=planned(wanted.plans),
        statistic=wanted.statistic,
        style=wanted.style,
        size=wanted.size,
    )


def _writable(out: str | None, data: str | None) -> tuple[Path | None, Path | None]:
    """The files that --out and --data name: what cannot be written is said before anything is drawn."""
    from ..base.files import look
    from ..plots.layout import format_of

    target, table = (Path(x) if x is not None else None for x in (out, data))
    if target:
        format_of(target)
    if table and table.suffix.lower() != ".csv":
        raise InputError(f"--data {table}: the plotted series are written as .csv")
    for named in filter(None, (target, table)):
        look(named)
    return target, table


def _place(runs: list[Run], made: Kind, quantities: tuple[str, ...], style: str) -> Path:
    """Where a figure goes without --out: named after what it shows and the digest of its run."""
    what = "-".join([made.name, *quantities[:3], *([style] if style != "light" else [])])
    return folder_of(runs[0]) / f"{re.sub(r'[^a-zA-Z0-9.+-]', '_', what)[:120]}{digests(runs)}.png"


def folder_of(run: Run) -> Path:
    """Where what is made of a run goes: its own folder, or this one."""
    if run.path is not None and not run.path.is_dir():
        raise RunError(f"{run.path} was deleted meanwhile: name a file with --out")
    return run.path if run.path is not None else Path()


def digests(runs: list[Run]) -> str:
    """What tells the runs apart in the name of a file."""
    return "".join(f"-{r.digest[:8]}" for r in runs)
