"""Commands that decide: reserve, own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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
from .sides import Drawing, Over, default_quantity, drawn_of, side_of

if TYPE_CHECKING:
    from ..analyses.sides import Side
    from ..priors.prior_set import PriorSet
    from ..runs.run import Run


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
@click.option("--years", metavar="YEARS", help="Reserve for each of these years, by the set's trends: 2026:2030.")
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
    years: str | None,
    root: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say how much to reserve, what that costs in expectation, and what is worth learning before.

    A missing unit costs --short and an idle one --idle, in USD an hour: of a reserved GPU its price, and of a missing
    one what it costs on demand beyond that.
    """
    from ..analyses.reserve import reserve, rule_of
    from ..analyses.reserve_by_year import moves
    from ..reports import console
    from ..reports.plausibility import beyond_reserved
    from ..reports.views.reserve import Reserved, view

    drawing, asked = Drawing.taken(options), planned(plans)
    rule_of(**{n: options[n] for n in ("short", "idle", "service", "cvar")})  # before anything is drawn
    (side,) = Over(years, ()).sides([side_of(name, list(sets), [gpu] if gpu else [], root)])
    of = of or default_quantity(side)
    if moves(_priors(side), of) or (years and "@" not in of):
        _reserve_by_year(side, of, drawing, context, as_json, plans=asked, learn=_names(learn), **options)
        return
    (run,) = drawn_of([side], drawing, context, (of,))
    found = reserve(run, of, plans=asked, learn=_names(learn), **options)
    whence, remarks = _whence(run, found.draws), beyond_reserved(run.priors, [found])
    console.show(view(Reserved(found, whence, run.priors.trust, run.notes, remarks)), as_json)


def _reserve_by_year(
    side: Side, of: str, drawing: Drawing, context: click.Context, as_json: bool, **options: Any
) -> None:
    """What to reserve in each year of a side."""
    from ..analyses.reserve_by_year import reserve_by_year, yearly
    from ..reports import console
    from ..reports.plausibility import beyond_reserved
    from ..reports.views.reserve_by_year import ReservedByYear, view

    (run,) = drawn_of([side], drawing, context, tuple(yearly(_priors(side), of)))
    found = reserve_by_year(run, of, **options)
    whence, remarks = _whence(run, found.last.draws), beyond_reserved(run.priors, found.reserves)
    console.show(view(ReservedByYear(found, whence, run.priors.trust, run.notes, remarks)), as_json)


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN-or-SET", shell_complete=completion.sides)
@edit_options("Set one prior.")
@click.option("--gpu", metavar="NAME", shell_complete=completion.gpus, help="Kind of GPU.")
@click.option("--used", type=Share(), help="Share of the hours for which a rented GPU is paid. [default: 100%]")
@click.option("--years", metavar="YEARS", help="Years in which to buy, by the set's trends: 2026:2030.")
@drawing_options
@runs_option
@json_option
@click.pass_context
def own(
    context: click.Context,
    /,
    name: str,
    sets: tuple[str, ...],
    gpu: str | None,
    used: float | None,
    years: str | None,
    root: str | None,
    as_json: bool,
    **drawing: Any,
) -> None:
    """Say whether to rent or to buy a GPU: when buying has paid, and how likely it never does within its life.

    Its price, life and running costs are priors of the GPU's layer, and can be set: --set 'gpu_capex=35e3'.
    """
    from ..analyses.owning import asked_of_owning, own
    from ..reports import console
    from ..reports.plausibility import beyond
    from ..reports.views.owning import Owned, view

    edited = [*sets, *([f"rented_hours={used}"] if used is not None else [])]
    (side,) = Over(years, ()).sides([side_of(name, edited, [gpu] if gpu else [], root)])
    asked = [n for names in asked_of_owning(_priors(side)).values() for n in names]
    (run,) = drawn_of([side], Drawing(**drawing), context, tuple(asked))
    found, whence = own(run), _whence(run, run.settings.draws)
    remarks = beyond(run.priors, [s for b in found.bought for s in (b.payback, b.owned, b.rented)])
    console.show(view(Owned(found, whence, run.notes, remarks)), as_json)


def _priors(side: Side) -> PriorSet:
    from ..runs.run import Run

    return side.priors if isinstance(side, Run) else side


def _whence(run: Run, draws: int) -> str:
    s = run.settings
    return f"{run.priors.headed}: {counted(draws, 'draw')}, seed {s.seed}, {s.sampler}"


def _names(texts: tuple[str, ...]) -> list[str]:
    """`--learn a,b` as `--learn a --learn b`."""
    names = [name for text in texts for name in re.split(r"\s*,\s*", text.strip())]
    if not all(names):
        raise InputError("--learn: a name is missing; write NAME,NAME, or all")
    return names
