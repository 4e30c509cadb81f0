"""Commands beside the main job: priors, runs, rerun, explain, reproduce."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click

from .errors import InputError, RunError, quote
from .options import Count, edits, interval_options, json_option, print_json, prior_options, runs_option

PLAIN = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


@click.group(context_settings=PLAIN)
def priors() -> None:
    """List, show, check and begin prior sets."""


@priors.command("list")
@json_option
def priors_list(as_json: bool) -> None:
    """List the prior sets and the kinds of GPU."""
    from . import text
    from .find import available, read_toml

    found = [(kind, name, path, str(read_toml(path).get("title", "")))
             for kind in ("", "gpus") for name, path in available(kind).items()]  # fmt: skip
    if as_json:
        print_json([{"name": n, "kind": "gpu" if k else "set", "path": str(p), "title": t} for k, n, p, t in found])
        return
    text.table(["prior set", "title"], [[n, t] for k, n, _, t in found if not k], left=2)
    print()
    text.table(["--gpu", "title"], [[n, t] for k, n, _, t in found if k], left=2)


@priors.command("show")
@click.argument("names", nargs=-1, metavar="[SET]...")
@prior_options
@click.option("--sources", is_flag=True, help="Show sources and notes.")
@json_option
def priors_show(names: tuple[str, ...], priors: tuple[str, ...], gpu: str | None, sets: tuple[str, ...],
                sources: bool, as_json: bool) -> None:  # fmt: skip
    """Show a resolved prior set with its implied quantiles."""
    from . import text
    from .priors import load_priors

    chosen = load_priors(*names, *priors, gpu=gpu, set=edits(sets))
    if as_json:
        print_json(chosen.to_json() | {"digest": chosen.digest})
        return
    text.say(f"{chosen.title} (variant {chosen.variant}; layers: {', '.join(chosen.layers)})")
    print()
    prior_table(chosen)
    for pair, rho in chosen.active.items():
        ground = chosen.grounds.get(pair, {})
        told = f", grade {ground['grade']}: {ground['source']}" if ground and sources else ""
        text.say(f"rank correlation of {', '.join(pair)}: {rho:g}{told}")
    if sources:
        for p in chosen.priors.values():
            print()
            text.say(f"{p.name} = {p.distribution.text} [{p.unit}], grade {p.grade}, from {p.origin}")
            text.say(f"  {p.source}" + (f" - {p.note}" if p.note else ""))
    for line in chosen.notes:
        text.note(line)


def prior_table(chosen: Any) -> None:
    """Print the priors of a set: distribution, implied quantiles, unit and grade."""
    import textwrap

    from . import text
    from .numbers import readable

    rows = []
    for p in chosen.priors.values():
        quantiles = [p.distribution.quantile(q) for q in (0.05, 0.5, 0.95)]
        shown = [readable(q, most=3) for q in quantiles] if p.uncertain else ["", readable(quantiles[1], most=6), ""]
        lines = textwrap.wrap(p.distribution.text, 29) if p.uncertain else []
        lines = [*lines[:3], "..."] if len(lines) > 4 else lines
        name = "\n  ".join([p.name, *lines, *([p.unit] if p.unit != "1" else [])])
        rows.append([name, *shown, p.grade])
    text.table(["prior", "5 %", "median", "95 %", "grade"], rows)


@priors.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--gpu", metavar="NAME", help="Kind of GPU. [default: h100-sxm]")
def priors_check(files: tuple[str, ...], gpu: str | None) -> None:
    """Check prior files: every mistake in one line, then the implied quantiles."""
    from . import text
    from .priors import load_priors

    chosen = load_priors(*files, gpu=gpu)
    prior_table(chosen)
    print()
    print(f"{chosen.name}: good; {len(chosen.priors)} priors, {len(chosen.uncertain)} of them uncertain")
    for line in chosen.notes:
        text.note(line)


@priors.command("new")
@click.argument("name")
@click.option(
    "--extends", "parent", default="plappert-2024", show_default=True, metavar="SET", help="Set to start from."
)
def priors_new(name: str, parent: str) -> None:
    """Write a commented file to start a prior set from: priors/NAME.toml, or NAME if it ends in .toml."""
    from . import text
    from .priors import load_priors
    from .template import template

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
        text.line(told)


@click.command(context_settings=PLAIN)
@json_option
def gpus(as_json: bool) -> None:
    """List the kinds of GPU for --gpu: peak, power and price, and the count that is worth one H100."""
    from . import text
    from .compute import model
    from .find import available
    from .numbers import readable
    from .priors import DEFAULT_SET, load_priors

    h100 = model(load_priors(DEFAULT_SET).variant).constants["h100_peak"].value
    rows, found = [], []
    for name in available("gpus"):
        chosen = load_priors(gpu=name)
        layer = {n: chosen.priors[n] for n in ("gpu_peak", "gpu_power", "gpu_price")}
        peak, power, price = (p.distribution.quantile(0.5) for p in layer.values())
        low, high = (readable(layer["gpu_price"].distribution.quantile(q), most=2) for q in (0.05, 0.95))
        grades = "".join(p.grade for p in layer.values())
        rows.append([name, readable(peak / 1e12, most=5), readable(peak / h100, most=3), readable(power, most=3),
                     f"{readable(price, most=2)} ({low} to {high})", grades])  # fmt: skip
        about = {n: {"prior": p.distribution.text, "unit": p.unit, "median": p.distribution.quantile(0.5),
                     "source": p.source, "grade": p.grade, "note": p.note} for n, p in layer.items()}  # fmt: skip
        found.append({"name": name, "h100_equivalents": peak / h100} | about)
    if as_json:
        print_json(found)
        return
    text.table(["--gpu", "TFLOP/s", "H100s", "watts", "USD an hour", "grades"], rows)
    print()
    text.say("Medians: peak dense BF16 rate, its share of an H100's, power of the chip, and rental price with its 5 % "
             "and 95 % points; the evidence grades are of the three in turn.")  # fmt: skip


@click.group(context_settings=PLAIN)
def runs() -> None:
    """List, show, locate and delete runs."""


@runs.command("list")
@runs_option
@json_option
def runs_list(root: str | None, as_json: bool) -> None:
    """List the runs, oldest first, and what was checked of each.

    run.json is held against its checksum, and of run.nc the size alone is looked at: 'simulate runs show RUN' and
    whatever else uses a run reads all of it.
    """
    from . import shelf, text

    folder = shelf.root_of(root)
    found = [entry for entry in map(_listed, shelf.folders(folder)) if entry is not None]
    for entry in found:
        if entry["damaged"]:
            text.note(entry["damaged"])
    if as_json:
        print_json(found)
    elif found:
        text.table(["run", "draws", "seed", "size", "checked"], [_row(entry) for entry in found])
    else:
        text.line(f"{folder} holds no runs yet; 'simulate' makes one")


def _listed(path: Path) -> dict[str, Any] | None:
    """What the list says of a run, and what it has looked at to say so; None of one that is deleted meanwhile."""
    from . import shelf
    from .record import read_meta

    entry = {"name": path.name, "path": str(path), "draws": None, "seed": None, "bytes": shelf.size(path)}
    try:
        meta = read_meta(path)
    except InputError as error:
        if not path.exists():
            return None
        return entry | {"damaged": str(error), "verified": []}
    sealed = ["run.json", "size of run.nc"] if "data" in meta else []  # an earlier version wrote no checksums
    return entry | {"draws": meta["draws"], "seed": meta["seed"], "damaged": None, "verified": sealed}


def _row(entry: dict[str, Any]) -> list[str]:
    from .files import size_text

    told = ["-", "-"] if entry["damaged"] else [f"{entry['draws']:,}", str(entry["seed"])]
    checked = "damaged" if entry["damaged"] else ", ".join(entry["verified"]) or "nothing: it has no checksums"
    return [entry["name"], *told, size_text(entry["bytes"]), checked]


def _stored(name: str, root: str | None, damaged: bool = False) -> Any:
    from . import text
    from .runs import Run

    run = Run.load(name, root, damaged)
    if "data" not in run.stored:
        text.note(f"{run.path} was written by an earlier version, without checksums: a change would not be noticed")
    return run


@runs.command("show")
@click.argument("name", metavar="RUN")
@click.option("--quantity", "-q", "quantities", multiple=True, metavar="NAME", help="Quantity, kept or not.")
@interval_options
@runs_option
@json_option
def runs_show(name: str, quantities: tuple[str, ...], ci: float, ci_kind: str, root: str | None,
              as_json: bool) -> None:  # fmt: skip
    """Show a stored run: RUN is a path, a name or the start of one, a digest, or 'latest'."""
    from . import show

    run = _stored(name, root)
    summaries = run.summary(quantities, ci=ci, kind=ci_kind)
    if as_json:
        print_json(show.run_json(run, summaries))
    else:
        show.run(run, summaries)


@runs.command("path")
@click.argument("name", metavar="RUN")
@runs_option
def runs_path(name: str, root: str | None) -> None:
    """Print the path of a run's netCDF file, once it is found to be as it was written."""
    from . import shelf, storage, text
    from .files import DATA, address
    from .record import read_meta

    folder = shelf.find(name, shelf.root_of(root))
    storage.verify(folder, read_meta(folder))
    path = folder / DATA
    text.path(address(path) if set(":[~ ") & set(str(path)) else path)  # that ArviZ can open


@runs.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="RUN...")
@runs_option
def runs_delete(names: tuple[str, ...], root: str | None) -> None:
    """Delete runs."""
    from . import shelf, text
    from .files import size_text

    folder = shelf.root_of(root)
    found = [shelf.find_exactly(name, folder) for name in names]
    for path in dict.fromkeys(found):
        size = size_text(shelf.size(path))
        left = shelf.delete(path)
        text.line(f"deleted {path} ({size})")
        if left:
            text.note(f"{path} stays: it holds {', '.join(left)}")


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN")
@click.option("--threads", type=Count(1, 1024), help="Threads; the numbers stay the same.")
@runs_option
def rerun(name: str, threads: int | None, root: str | None) -> None:
    """Make a stored run again and compare it bit for bit (exit status 1 where it differs)."""
    from . import conditioning, engine, pooling, remake, storage, text

    run = _stored(name, root, damaged=True)
    edited = storage.damage(run.path, run.stored) if run.path else ""
    makers = {"conditioned": conditioning.again, "a pool": pooling.again}
    try:
        differing = makers.get(run.given.get("kind", ""), engine.rerun)(run, threads)
    except InputError as error:
        if not edited:
            raise
        differing = [str(error)]
    if edited:
        told = f": {'; '.join(differing)}" if differing else ""
        raise RunError(f"{edited}{told}; write it anew with: {remake.command(run)[0]}")
    if differing:
        raise RunError(f"{run.path} is not what this version makes: {'; '.join(differing)}")
    text.line(f"{run.path}: the same, bit for bit ({run.settings.draws:,} draws)")


@click.command(context_settings=PLAIN)
@click.argument("quantity", required=False)
@prior_options
@click.option("--format", "form", type=click.Choice(["text", "mermaid"]), default="text", show_default=True,
              help="text, or a Mermaid diagram of the graph.")  # fmt: skip
@json_option
def explain(quantity: str | None, priors: tuple[str, ...], gpu: str | None, sets: tuple[str, ...], form: str,
            as_json: bool) -> None:  # fmt: skip
    """Explain a quantity: formula, unit, inputs down to the priors, and a walk-through."""
    from . import explain as explanations
    from .priors import load_priors

    chosen = load_priors(*priors, gpu=gpu, set=edits(sets))
    if form == "mermaid":
        print(explanations.mermaid(chosen.model, quantity))
    elif quantity is None:
        explanations.print_all(chosen.model, as_json)
    else:
        explanations.print_one(chosen, quantity, as_json)


@click.command(context_settings=PLAIN)
@json_option
def reproduce(as_json: bool) -> None:
    """Recompute every figure of the essay: printed, computed, difference, and why."""
    from . import reproduce as figures

    rows = figures.figures()
    if as_json:
        print_json(figures.to_json(rows))
    else:
        figures.print_report(rows)


ALL = (priors, gpus, runs, rerun, explain, reproduce)
