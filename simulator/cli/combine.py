"""Commands that combine what is known: condition a prior set on outside facts, pool several sets."""

from __future__ import annotations

from dataclasses import replace

import click

from ..base.defaults import DEFAULT_DRAWS
from . import completion
from .options import (
    PLAIN,
    Count,
    edits,
    interval_options,
    json_option,
    prior_options,
    quantity_option,
    runs_option,
    sampler_option,
    seed_option,
    stacked,
    threads_option,
    thresholds,
)
from .sides import prior_set_of

memory_options = stacked(
    click.option(
        "--draws", "-n", type=Count(1, 4_000_000), default=DEFAULT_DRAWS, show_default="1 million", help="Draws."
    ),
    seed_option,
    sampler_option,
    threads_option,
)
no_save_option = click.option("--no-save", is_flag=True, help="Write no run.")


@click.command(context_settings=PLAIN)
@click.argument("names", nargs=-1, metavar="[SET]...", shell_complete=completion.sides)
@click.option(
    "--on",
    "on",
    multiple=True,
    metavar="QUANTITY=PRIOR",
    shell_complete=completion.facts,
    help="A fact: 'training_h100s=lognormal(p5=8400, p95=21000)', or a normal. Repeatable.",
)
@prior_options
@memory_options
@quantity_option("Quantity to evaluate, in place of the headline.")
@interval_options
@runs_option
@no_save_option
@json_option
def condition(
    names: tuple[str, ...],
    on: tuple[str, ...],
    priors: tuple[str, ...],
    gpu: str | None,
    sets: tuple[str, ...],
    draws: int,
    seed: int,
    sampler: str,
    threads: int | None,
    quantities: tuple[str, ...],
    ci: float,
    ci_kind: str,
    root: str | None,
    no_save: bool,
    as_json: bool,
) -> None:
    """Say what the priors look like once outside facts about quantities are believed.

    Each fact is an observation with an error; its likelihood is multiplied onto the prior. An [evidence]
    table in a prior set holds facts too. The conditioned run is kept, and plotted and compared as any.
    """
    from ..analyses.conditioning import conditioned
    from ..reports import console
    from ..reports.views import conditioning as conditioning_view
    from ..reports.views.run import Typed
    from ..runs import store
    from ..runs.disk import ready
    from ..runs.settings import Sampling

    chosen = prior_set_of((*names, *priors), gpu, sets, root)
    facts = edits(on, "--on", "training_h100s=lognormal(p5=8400, p95=21000)")
    if not no_save:
        ready(store.root_of(root), len(chosen.uncertain) + len(quantities or chosen.model.told.headline), draws, draws)
    found = conditioned(chosen, facts, Sampling(draws, seed, sampler, threads=threads), quantities)
    if not no_save:
        found = replace(found, run=found.run.stored_in(root))
    summaries = found.run.summary(ci=ci, kind=ci_kind)
    typed = Typed(root=root, first=Typed((*names, *priors), gpu, sets).words)
    console.show(conditioning_view.view(found, summaries, typed), as_json)


@click.command(context_settings=PLAIN)
@click.argument("members", nargs=-1, required=True, metavar="SET:WEIGHT...", shell_complete=completion.members)
@memory_options
@quantity_option("Quantity to evaluate, in place of the headline.")
@interval_options
@click.option("--exceeds", multiple=True, metavar="'NAME > X'", help="P(quantity > X), or < X. Repeatable.")
@runs_option
@no_save_option
@json_option
def ensemble(
    members: tuple[str, ...],
    draws: int,
    seed: int,
    sampler: str,
    threads: int | None,
    quantities: tuple[str, ...],
    ci: float,
    ci_kind: str,
    exceeds: tuple[str, ...],
    root: str | None,
    no_save: bool,
    as_json: bool,
) -> None:
    """Pool prior sets with weights that sum to 1, of different variants too, into one run.

    Says which share of the variance lies between the sets. The pool's run holds its members' priors.
    """
    from ..analyses.pooling import parse_members, pool
    from ..analyses.sides import prior_set, shared_headline
    from ..reports import console
    from ..reports.views import pooling as pooling_view
    from ..reports.views.run import Typed
    from ..runs import store
    from ..runs.disk import ready

    limits, named = thresholds(exceeds), parse_members(members)
    sets = [(prior_set(name), weight) for name, weight in named]
    names = [*(quantities or shared_headline([chosen for chosen, _ in sets])), *limits.asked]
    if not no_save:
        ready(store.root_of(root), len(names), draws, draws)
    found = pool(
        sets,
        draws=draws,
        seed=seed,
        sampler=sampler,
        threads=threads,
        quantities=names,
    )
    summaries = found.run.summary(ci=ci, kind=ci_kind, exceeds=limits.asked)
    typed = Typed(root=root, first=Typed((named[0][0],)).words)
    if not no_save:
        found = replace(found, run=found.run.stored_in(root))
    console.show(pooling_view.view(found, summaries, typed, limits.below), as_json)
