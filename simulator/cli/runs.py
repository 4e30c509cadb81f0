"""Commands on stored runs: runs, rerun."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base.errors import InputError, RunError
from ..base.wording import counted
from . import completion
from .options import PLAIN, Count, interval_options, json_option, quantity_option, runs_option

if TYPE_CHECKING:
    from ..reports.views.lists import Stored
    from ..runs.run import Run


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
    from ..reports import console
    from ..reports.views import lists
    from ..runs import store

    folder = store.root_of(root)
    found = [entry for entry in map(_listed, store.folders(folder)) if entry is not None]
    for entry in found:
        if entry.damaged:
            console.note(entry.damaged)
    console.show(lists.runs(found, str(folder)), as_json)


def _listed(path: Path) -> Stored | None:
    """What the list says of a run; None of one that is deleted meanwhile."""
    from ..reports.views.lists import Stored
    from ..runs import store
    from ..runs.manifest import read_meta

    size = store.size(path)
    try:
        meta = read_meta(path)
    except InputError as error:
        return Stored(path.name, str(path), None, None, size, str(error), ()) if path.exists() else None
    sealed = ("run.json", "size of run.nc") if "data" in meta else ()  # an earlier version wrote no checksums
    return Stored(path.name, str(path), meta["draws"], meta["seed"], size, None, sealed)


def _loaded(name: str, root: str | None, damaged: bool = False) -> Run:
    from ..reports import console
    from ..runs.run import Run

    run = Run.load(name, root, damaged)
    if run.stored is not None and not run.stored.sealed:
        console.note(f"{run.path} was written by an earlier version, without checksums: a change would not be noticed")
    return run


@runs.command("show")
@click.argument("name", metavar="RUN", shell_complete=completion.runs)
@quantity_option("Quantity, kept or not.")
@interval_options
@runs_option
@json_option
def runs_show(name: str, quantities: tuple[str, ...], ci: float, ci_kind: str, root: str | None, as_json: bool) -> None:
    """Show a stored run: RUN is a path, a name or the start of one, a digest, or 'latest'."""
    from ..reports import console
    from ..reports.views import run as run_view

    run = _loaded(name, root)
    summaries = run.summary(quantities, ci=ci, kind=ci_kind)
    console.show(run_view.view(run, summaries, typed=run_view.Typed(root=root)), as_json)


@runs.command("path")
@click.argument("name", metavar="RUN", shell_complete=completion.runs)
@runs_option
def runs_path(name: str, root: str | None) -> None:
    """Print the path of a run's netCDF file, once it is found to be as it was written."""
    from ..base.files import address
    from ..reports import console
    from ..runs import netcdf, store
    from ..runs.folders import DATA
    from ..runs.manifest import read_meta

    folder = store.find(name, store.root_of(root))
    netcdf.verify(folder, read_meta(folder))
    path = folder / DATA
    console.path(address(path) if set(":[~ ") & set(str(path)) else path)  # that ArviZ can open


@runs.command("delete")
@click.argument("names", nargs=-1, required=True, metavar="RUN...", shell_complete=completion.runs)
@runs_option
def runs_delete(names: tuple[str, ...], root: str | None) -> None:
    """Delete runs."""
    from ..base.files import size_text
    from ..reports import console
    from ..runs import store

    folder = store.root_of(root)
    found = [store.find_exactly(name, folder) for name in names]
    for path in dict.fromkeys(found):
        size = size_text(store.size(path))
        left = store.delete(path)
        console.line(f"deleted {path} ({size})")
        if left:
            console.note(f"{path} stays: it holds {', '.join(left)}")


@click.command(context_settings=PLAIN)
@click.argument("name", metavar="RUN", shell_complete=completion.runs)
@click.option("--threads", type=Count(1, 1024), help="Threads; the numbers stay the same.")
@runs_option
def rerun(name: str, threads: int | None, root: str | None) -> None:
    """Make a stored run again and compare it bit for bit (exit status 1 where it differs)."""
    from ..analyses import rerun
    from ..reports import console

    run = _loaded(name, root, damaged=True)
    edited = run.stored.damage() if run.stored is not None else ""
    try:
        differing = list(rerun.rerun(run, threads).differences)
    except InputError as error:
        if not edited:
            raise
        differing = [str(error)]
    if edited:
        told = f": {'; '.join(differing)}" if differing else ""
        command, alone = rerun.command(run)
        how = f"write it anew with: {command}" if alone else "make it anew from the prior set in its run.json"
        raise RunError(f"{edited}{told}; {how}")
    if differing:
        raise RunError(f"{run.path} is not what this version makes: {'; '.join(differing)}")
    console.line(f"{run.path}: the same, bit for bit ({counted(run.settings.draws, 'draw')})")
