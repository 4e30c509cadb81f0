"""The command that fits a prior set to published models."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ..base.errors import InputError, quote
from . import completion
from .options import PLAIN, Count, json_option, seed_option


@click.command(context_settings=PLAIN)
@click.argument("cases", nargs=-1, metavar="[CASE]...", shell_complete=completion.cases)
@click.option(
    "--priors",
    "-p",
    multiple=True,
    metavar="SET",
    shell_complete=completion.sets,
    help="Prior set to calibrate, of variant token-utilization. [default: utilization-2026]",
)
@click.option("--leave-out", "leave_out", multiple=True, metavar="FAMILY", help="Family to leave out. Repeatable.")
@click.option("--out", "-o", metavar="FILE.toml", help="Write the calibrated prior set.")
@click.option("--title", metavar="TEXT", default="", help="Title of the set that is written.")
@click.option("--draws", "-n", type=Count(16, 10**7), default="65536", show_default=True, help="Draws for each score.")
@seed_option
@json_option
def calibrate(
    cases: tuple[str, ...],
    priors: tuple[str, ...],
    leave_out: tuple[str, ...],
    out: str | None,
    title: str,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Fit what utilization depends on, and how far models lie off it, to published models.

    Writes a prior set that names its cases, with the scores that it earned on models that it had not seen: each is
    predicted by a fit without its family. A CASE is a name, a path or a folder of cases. [default: all]
    """
    from ..analyses.calibrated_set import calibrate as run
    from ..analyses.calibration import BASE
    from ..base.files import look, write_file
    from ..reports import console
    from ..reports.views import calibration as calibration_view

    if out:
        if not out.endswith(".toml"):
            raise InputError(f"--out {quote(out)}: a prior set is a TOML file, as calibrated.toml")
        look(Path(out))
    found = run(cases, priors or (BASE,), leave_out, draws, seed)
    if out:
        words = ["simulate", "calibrate", *cases, *(w for p in priors for w in ("--priors", p))]
        words += [w for family in leave_out for w in ("--leave-out", family)]
        write_file(Path(out), found.toml(shlex.join(words), title).encode())
    console.show(calibration_view.view(found, out or ""), as_json)
