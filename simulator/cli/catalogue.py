"""Commands that need no run: priors, gpus, explain, reproduce."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from ..base.errors import InputError, RunError, quote
from ..reports.console import print_json
from ..reports.views.priors import prior_table
from .options import PLAIN, edits, json_option, prior_options


@click.group(context_settings=PLAIN)
def priors() -> None:
    """List, show, check and begin prior sets."""


@priors.command("list")
@json_option
def priors_list(as_json: bool) -> None:
    """List the prior sets and the kinds of GPU."""
    from ..priors.files import available, read_toml
    from ..reports import console

    found = [
        (kind, name, path, str(read_toml(path).get("title", "")))
        for kind in ("", "gpus")
        for name, path in available(kind).items()
    ]
    if as_json:
        print_json([{"name": n, "kind": "gpu" if k else "set", "path": str(p), "title": t} for k, n, p, t in found])
        return
    console.table(["prior set", "title"], [[n, t] for k, n, _, t in found if not k], left=2)
    print()
    console.table(["--gpu", "title"], [[n, t] for k, n, _, t in found if k], left=2)


@priors.command("show")
@click.argument("names", nargs=-1, metavar="[SET]...")
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

    chosen = load_priors(*names, *priors, gpu=gpu, set=edits(sets))
    if as_json:
        print_json(chosen.to_json() | {"digest": chosen.digest})
        return
    console.say(f"{chosen.title} (variant {chosen.variant}; layers: {', '.join(chosen.layers)})")
    print()
    prior_table(chosen)
    for pair, rho in chosen.active.items():
        ground = chosen.grounds.get(pair, {})
        told = f", grade {ground['grade']}: {ground['source']}" if ground and sources else ""
        console.say(f"rank correlation of {', '.join(pair)}: {rho:g}{told}")
    if sources:
        for p in chosen.priors.values():
            print()
            console.say(f"{p.name} = {p.distribution.text} [{p.unit}], grade {p.grade}, from {p.origin}")
            console.say(f"  {p.source}" + (f" - {p.note}" if p.note else ""))
    for line in chosen.notes:
        console.note(line)


@priors.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--gpu", metavar="NAME", help="Kind of GPU. [default: h100-sxm]")
def priors_check(files: tuple[str, ...], gpu: str | None) -> None:
    """Check prior files: every mistake in one line, then the implied quantiles."""
    from ..priors.load import load_priors
    from ..reports import console

    chosen = load_priors(*files, gpu=gpu)
    prior_table(chosen)
    print()
    print(f"{chosen.name}: good; {len(chosen.priors)} priors, {len(chosen.uncertain)} of them uncertain")
    for line in chosen.notes:
        console.note(line)


@priors.command("new")
@click.argument("name")
@click.option(
    "--extends", "parent", default="plappert-2024", show_default=True, metavar="SET", help="Set to start from."
)
def priors_new(name: str, parent: str) -> None:
    """Write a commented file to start a prior set from: priors/NAME.toml, or NAME if it ends in .toml."""
    from ..priors.load import load_priors
    from ..priors.toml import template
    from ..reports import console

    path = Path(name) if name.endswith(".toml") else Path("priors") / f"{name}.toml"
    if not re.fullmatch(r"\w[\w.+-]{0,199}", path.stem) or name.endswith("/"):
        raise InputError(f"{quote(name)} is not a name for a file: letters, digits, - and _")
    if path.stem == Path(parent).stem:
        raise InputError(f"{quote(name)} would extend itself; choose another name")
    made = False
    content = template(path.stem, parent, load_priors(parent))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            made = True
            file.write(content)
    except FileExistsError as error:
        what = path if str(error.filename) == str(path) else error.filename
        raise InputError(f"{what} exists already; choose another name") from None
    except OSError as error:
        if made:
            path.unlink(missing_ok=True)
        raise RunError(f"{path} cannot be written: {error.strerror}") from None
    named = shlex.quote(str(path))
    for told in (
        str(path),
        "next: edit it",
        f"      simulate priors check {named}",
        f"      simulate --priors {named}",
    ):
        console.line(told)


@click.command(context_settings=PLAIN)
@json_option
def gpus(as_json: bool) -> None:
    """List the kinds of GPU for --gpu: peak, power and price, and the count that is worth one H100."""
    from ..base.numbers import readable
    from ..compute.variants import model
    from ..priors.files import available
    from ..priors.layers import DEFAULT_SET
    from ..priors.load import load_priors
    from ..reports import console

    h100 = model(load_priors(DEFAULT_SET).variant).constants["h100_peak"].value
    rows, found = [], []
    for name in available("gpus"):
        chosen = load_priors(gpu=name)
        layer = {n: chosen.priors[n] for n in ("gpu_peak", "gpu_power", "gpu_price")}
        peak, power, price = (p.distribution.quantile(0.5) for p in layer.values())
        low, high = (readable(layer["gpu_price"].distribution.quantile(q), most=2) for q in (0.05, 0.95))
        grades = "".join(p.grade for p in layer.values())
        rows.append(
            [
                name,
                readable(peak / 1e12, most=5),
                readable(peak / h100, most=3),
                readable(power, most=3),
                f"{readable(price, most=2)} ({low} to {high})",
                grades,
            ]
        )
        about = {
            n: {
                "prior": p.distribution.text,
                "unit": p.unit,
                "median": p.distribution.quantile(0.5),
                "source": p.source,
                "grade": p.grade,
                "note": p.note,
            }
            for n, p in layer.items()
        }
        found.append({"name": name, "h100_equivalents": peak / h100} | about)
    if as_json:
        print_json(found)
        return
    console.table(["--gpu", "TFLOP/s", "H100s", "watts", "USD an hour", "grades"], rows)
    print()
    console.say(
        "Medians: peak dense BF16 rate, its share of an H100's, power of the chip, and rental price with its 5 % "
        "and 95 % points; the evidence grades are of the three in turn."
    )


@click.command(context_settings=PLAIN)
@click.argument("quantity", required=False)
@prior_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid"]),
    default="text",
    show_default=True,
    help="text, or a Mermaid diagram of the graph.",
)
@json_option
def explain(
    quantity: str | None, priors: tuple[str, ...], gpu: str | None, sets: tuple[str, ...], form: str, as_json: bool
) -> None:
    """Explain a quantity: formula, unit, inputs down to the priors, and a walk-through."""
    from ..priors.load import load_priors
    from ..reports.views import explain as explain_view

    chosen = load_priors(*priors, gpu=gpu, set=edits(sets))
    if form == "mermaid":
        print(explain_view.mermaid(chosen.model, quantity))
    elif quantity is None:
        explain_view.print_all(chosen.model, as_json)
    else:
        explain_view.print_one(chosen, quantity, as_json)


@click.command(context_settings=PLAIN)
@json_option
def reproduce(as_json: bool) -> None:
    """Recompute every figure of the essay: printed, computed, difference, and why."""
    from ..analyses import essay
    from ..reports.views import essay as essay_view

    rows = essay.figures()
    if as_json:
        print_json(essay_view.to_json(rows))
    else:
        essay_view.print_report(rows)


ALL = (priors, gpus, explain, reproduce)
