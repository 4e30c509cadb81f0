"""Commands that need no run: priors, gpus, explain, reproduce."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from ..base.errors import InputError, quote
from . import completion
from .options import PLAIN, edits, json_option, prior_options, runs_option
from .sides import prior_set_of


@click.group(context_settings=PLAIN)
def priors() -> None:
    """List, show, check and begin prior sets."""


@priors.command("list")
@json_option
def priors_list(as_json: bool) -> None:
    """List the prior sets and the kinds of GPU."""
    from ..priors.files import available, read_toml
    from ..reports import console
    from ..reports.views import priors as priors_view

    found = [
        priors_view.Listed(kind, name, path, str(read_toml(path).get("title", "")))
        for kind in ("", "gpus")
        for name, path in available(kind).items()
    ]
    console.show(priors_view.sets(found), as_json)


@priors.command("show")
@click.argument("names", nargs=-1, metavar="[SET]...", shell_complete=completion.sets)
@prior_options
@click.option("--sources", is_flag=True, help="Show sources and notes.")
@json_option
def priors_show(
    names: tuple[str, ...],
    priors: tuple[str, ...],
    gpu: str | None,
    sets: tuple[str, ...],
    sources: bool,
    as_json: bool,
) -> None:
    """Show a resolved prior set with its implied quantiles."""
    from ..priors.load import load_priors
    from ..reports import console
    from ..reports.views import priors as priors_view

    chosen = load_priors(*names, *priors, gpu=gpu, set=edits(sets))
    console.show(priors_view.view(chosen, sources), as_json)
    for line in () if as_json else chosen.notes:
        console.note(line)


@priors.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=completion.sets)
@click.option("--gpu", metavar="NAME", shell_complete=completion.gpus, help="Kind of GPU. [default: h100-sxm]")
def priors_check(files: tuple[str, ...], gpu: str | None) -> None:
    """Check prior files: every mistake in one line, then the implied quantiles."""
    from ..priors.load import load_priors
    from ..reports import console
    from ..reports.views import priors as priors_view

    chosen = load_priors(*files, gpu=gpu)
    console.show(priors_view.checked(chosen))
    for line in chosen.notes:
        console.note(line)


@priors.command("new")
@click.argument("name")
@click.option(
    "--extends",
    "parent",
    default="plappert-2024",
    show_default=True,
    metavar="SET",
    shell_complete=completion.sets,
    help="Set to start from.",
)
def priors_new(name: str, parent: str) -> None:
    """Write a commented file to start a prior set from: priors/NAME.toml, or NAME if it ends in .toml."""
    from ..base.files import write_new
    from ..compute.models import words
    from ..priors.load import load_priors
    from ..priors.toml import template
    from ..reports import console

    path = Path(name) if name.endswith(".toml") else Path("priors") / f"{name}.toml"
    if not re.fullmatch(r"\w[\w.+-]{0,199}", path.stem) or name.endswith("/"):
        raise InputError(f"{quote(name)} is not a name for a file: letters, digits, - and _")
    if path.stem == Path(parent).stem:
        raise InputError(f"{quote(name)} would extend itself; choose another name")
    chosen = load_priors(parent)
    write_new({path: template(path.stem, parent, chosen)})
    named, own = str(path), words(chosen.model)
    commands = (["priors", "check", named, *own], ["--priors", named, *own])
    told = (f"      {shlex.join(['simulate', *each])}" for each in commands)
    for line in (named, "next: edit it", *told):
        console.line(line)


@click.command(context_settings=PLAIN)
@json_option
def gpus(as_json: bool) -> None:
    """List the kinds of GPU for --gpu: peak, power and price, and the count that is worth one H100."""
    from ..compute.variants import model
    from ..priors.files import available
    from ..priors.layers import DEFAULT_SET
    from ..priors.load import load_priors
    from ..reports import console
    from ..reports.views.priors import Gpu
    from ..reports.views.priors import gpus as view

    h100, found = model(load_priors(DEFAULT_SET).variant).constants["h100_peak"].value, []
    for name in available("gpus"):
        chosen = load_priors(gpu=name)
        layer = {n: chosen.priors[n] for n in ("gpu_peak", "gpu_power", "gpu_price")}
        found.append(Gpu(name, layer["gpu_peak"].distribution.quantile(0.5) / h100, layer))
    console.show(view(found), as_json)


@click.command(context_settings=PLAIN)
@click.argument("quantity", required=False, shell_complete=completion.explained)
@prior_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid"]),
    default="text",
    show_default=True,
    help="text, or a Mermaid diagram of the graph.",
)
@runs_option
@json_option
def explain(
    quantity: str | None,
    priors: tuple[str, ...],
    gpu: str | None,
    sets: tuple[str, ...],
    form: str,
    root: str | None,
    as_json: bool,
) -> None:
    """Explain a quantity: formula, unit, inputs down to the priors, and a walk-through."""
    from ..reports import console
    from ..reports.views import explain as explain_view

    chosen = prior_set_of(priors, gpu, sets, root)
    if form == "mermaid":
        console.show(explain_view.diagram(chosen.model, quantity))
    elif quantity is None:
        console.show(explain_view.everything(chosen.model), as_json)
    else:
        console.show(explain_view.view(chosen, quantity), as_json)


@click.command(context_settings=PLAIN)
@json_option
def reproduce(as_json: bool) -> None:
    """Recompute every figure of the essay: printed, computed, difference, and why."""
    from ..analyses import essay
    from ..reports import console
    from ..reports.views import essay as essay_view

    console.show(essay_view.view(essay.figures()), as_json)
