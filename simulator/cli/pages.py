"""Commands that write a page to send: report, and explore, whose page computes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import InputError, quote
from . import completion
from .options import PLAIN, drawing_options, runs_option, side_options, years_options
from .publish import digests, folder_of
from .sides import Drawing, Over, Positions

if TYPE_CHECKING:
    from ..reports.render import Report
    from ..runs.run import Run


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN-or-SET", shell_complete=completion.sides)
@click.option(
    "--compare", "other", metavar="RUN-or-SET", shell_complete=completion.sides, help="Hold it against this one."
)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    shell_complete=completion.one_of("html", "md", "json"),
    help="html, md or json. [default: by the file's ending, or html]",
)
@click.option(
    "--out", "-o", metavar="FILE", help="File to write, or - for standard output. [default: the run's folder]"
)
@click.option("--interactive", is_flag=True, help="A page in which every prior can be moved, computed as it is read.")
@side_options
@drawing_options
@years_options
@runs_option
@click.pass_context
def report(
    context: click.Context,
    /,
    name: str,
    other: str | None,
    form: str | None,
    out: str | None,
    interactive: bool,
    sets: tuple[str, ...],
    gpus: tuple[str, ...],
    root: str | None,
    **options: Any,
) -> None:
    """Write one page that can be sent to anyone: numbers, figures, priors, and how to make it again.

    The HTML page holds everything in itself and asks nothing of a network.
    """
    from ..analyses.sides import shared_headline
    from ..base.files import look, write_file
    from ..base.processes import in_two
    from ..plots.figure import unwritable
    from ..reports import console, report

    form = _format(form, out, interactive, other)
    if out and out != "-":
        look(Path(out))
    names = (name, other) if other is not None else (name,)
    drawing, over = Drawing.taken(options), Over.taken(options)
    positions = Positions.typed(names, sets, gpus, root, over)
    runs, labels = positions.runs(drawing, context, over.asked(positions.sides, shared_headline(positions.sides)))
    beside = runs[1] if other is not None else None
    without = ON_CARDS if interactive else ()
    made = report.page(runs[0], beside, (labels[0], labels[-1]), form == "html", without, in_two)
    page = _computing(runs[0], made) if interactive else made.render(form)
    if out == "-":
        print(page, end="")
        return
    target = Path(out) if out else folder_of(runs[0]) / f"report{digests(runs)}.{form}"
    write_file(target, page.encode())
    console.line(str(target))
    console.say(made.headline)
    for note in unwritable(runs, labels) if form == "html" else ():
        console.note(note)


ON_CARDS = ("priors",)  # figures of what the page that computes shows on its cards


def _computing(run: Run, made: Report) -> str:
    """The page that computes; the report alone, with a note, where a formula has no translation."""
    from ..reports import console
    from ..reports.interactive import page

    if why := page.untranslated(run):
        console.note(f"the page does not compute: {why}")
        return made.render("html")
    return page.interactive(run, made)


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="[RUN-or-SET]", required=False, shell_complete=completion.sides)
@click.option("--out", "-o", metavar="FILE.html", help="File to write. [default: the run's folder, or this one]")
@click.option("--open/--no-open", "opened", default=True, show_default=True, help="Open it in the browser.")
@side_options
@drawing_options
@years_options
@runs_option
@click.pass_context
def explore(
    context: click.Context,
    /,
    name: str | None,
    out: str | None,
    opened: bool,
    sets: tuple[str, ...],
    gpus: tuple[str, ...],
    root: str | None,
    **options: Any,
) -> None:
    """Make a page in which every prior can be moved, and open it: one file, without a server or a network.

    It can be sent to anyone: their browser computes.
    """
    from ..analyses.sides import shared_headline
    from ..base.files import look, write_file
    from ..priors.load import default_set
    from ..reports import console, report

    if out and not out.lower().endswith(".html"):
        raise InputError(f"--out {out}: the page is HTML: name it .html")
    if out:
        look(Path(out))
    drawing, over = Drawing.taken(options), Over.taken(options)
    positions = Positions.typed((name or default_set(),), sets, gpus, root, over)
    runs, labels = positions.runs(drawing, context, over.asked(positions.sides, shared_headline(positions.sides)))
    made = report.report(runs[0], labels=(labels[0], labels[0]), pictures=False)
    target = Path(out) if out else folder_of(runs[0]) / f"explore{digests(runs)}.html"
    write_file(target, _computing(runs[0], made).encode())
    console.line(str(target))
    console.say(made.headline)
    if opened:
        _open(target)


def _open(page: Path) -> None:
    """Show a page in the browser, where there is one."""
    import os
    import sys
    import webbrowser

    from ..reports import console

    shown = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not shown or not webbrowser.open(page.resolve().as_uri()):
        console.say("No browser was found here: open the file in one, or send it.")


def _format(form: str | None, out: str | None, interactive: bool, other: str | None) -> str:
    """The format of a page: what was asked for, or what the file's ending says; refuses what computes in none."""
    made = _asked_format(form, out)
    if interactive and (made != "html" or other is not None):
        what = "--compare" if other is not None else made
        raise InputError(f"--interactive makes a page of one run in HTML, and no {what}: leave out one of them")
    return made


def _asked_format(form: str | None, out: str | None) -> str:
    from ..reports.render import FORMATS

    ending = Path(out).suffix[1:].lower() if out and out != "-" else ""
    if form is None:
        return ending if ending in FORMATS else "html"
    if ending in FORMATS and ending != form:
        raise InputError(f"--out {out} is to be {ending}, and --format {form}: give one of them")
    if form not in FORMATS:
        raise InputError(f"there is no report format {quote(form)}: {', '.join(FORMATS)}")
    return form
