"""Commands that decide: reserve."""

from __future__ import annotations

import re
from typing import Any

import click

from ..base.errors import InputError
from ..base.wording import counted
from . import completion
from .options import (
    PLAIN,
    Share,
    drawing_options,
    edit_options,
    json_option,
    of_option,
    plan_option,
    planned,
    price_options,
    runs_option,
)
from .sides import Drawing, default_quantity, drawn_of, side_of


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN-or-SET", shell_complete=completion.sides)
@edit_options("Set one prior.")
@click.option("--gpu", metavar="NAME", shell_complete=completion.gpus, help="Kind of GPU.")
@of_option
@price_options
@click.option("--service", type=Share(), help="In place of prices: the probability that the reserve is enough.")
@click.option("--cvar", type=Share(), help="In place of prices: reserve the mean of the worst worlds beyond this.")
@plan_option
@click.option(
    "--learn",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.learned,
    help="What knowing a prior before reserving would save; all for all. Repeatable, or NAME,NAME.",
)
@click.option(
    "--study",
    multiple=True,
    metavar="'NAME: ERROR'",
    shell_complete=completion.priors,
    help="What a measurement would save: its error in %, or in the prior's unit. Repeatable.",
)
@drawing_options
@runs_option
@json_option
@click.pass_context
def reserve(
    context: click.Context,
    /,
    name: str,
    sets: tuple[str, ...],
    gpu: str | None,
    of: str | None,
    plans: tuple[str, ...],
    learn: tuple[str, ...],
    root: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say how much to reserve, what that costs in expectation, and what is worth learning before.

    A missing unit costs --short and an idle one --idle, in USD an hour: of a reserved GPU its price, and of a missing
    one what it costs on demand beyond that.
    """
    from ..analyses.reserve import reserve, rule_of
    from ..reports import console
    from ..reports.views.reserve import Reserved, view

    drawing, asked = Drawing.taken(options), planned(plans)
    rule_of(**{n: options[n] for n in ("short", "idle", "service", "cvar")})  # before anything is drawn
    side = side_of(name, list(sets), [gpu] if gpu else [], root)
    of = of or default_quantity(side)
    (run,) = drawn_of([side], drawing, context, (of,))
    found = reserve(run, of, plans=asked, learn=_names(learn), **options)
    s = run.settings
    whence = f"{run.priors.headed}: {counted(found.draws, 'draw')}, seed {s.seed}, {s.sampler}"
    console.show(view(Reserved(found, whence, run.priors.trust, run.notes)), as_json)


def _names(texts: tuple[str, ...]) -> list[str]:
    """`--learn a,b` as `--learn a --learn b`."""
    names = [name for text in texts for name in re.split(r"\s*,\s*", text.strip())]
    if not all(names):
        raise InputError("--learn: a name is missing; write NAME,NAME, or all")
    return names
