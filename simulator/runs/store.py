"""The folder of runs: what lies in it, where a run is, and how one is deleted."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from ..base.errors import InputError, NoRun, RunError, nearest, quote
from .folders import DATA, META, sweep
from .manifest import read_record

MADE = (".png", ".svg", ".pdf", ".html", ".md", ".json")  # figures and reports, named after the run's digest


def root_of(name: str | Path | None) -> Path:
    """The folder of runs that an option names, else SIMULATOR_RUNS, else ./runs."""
    return Path(name or os.environ.get("SIMULATOR_RUNS") or "runs")


def folders(root: Path) -> list[Path]:
    """The run folders under `root`, oldest first."""
    if not root.is_dir():
        if os.path.lexists(root) and not root.is_dir():
            raise InputError(f"{root} is a file, not a folder of runs")
        return []
    found = []
    with suppress(FileNotFoundError):  # the folder goes just now
        sweep(root)  # a process may have been killed between setting a run aside and putting the new one there
        for path in root.iterdir():
            with suppress(OSError):  # one that may not be looked at, or goes just now
                if (path / META).is_file() and not path.name.startswith("."):
                    found.append(((path / META).stat().st_mtime, path))
    return [path for _, path in sorted(found)]


def find(name: str, root: Path) -> Path:
    """The folder of a run: a path, a name under `root`, the start of one, a digest, or `latest`."""
    if not name.strip() or "\0" in name:
        raise InputError(f"{quote(name)} is not the name of a run")
    runs = folders(root)
    if name == "latest" and runs:
        return runs[-1]
    path = Path(name)
    if len(name) > 4000 or any(len(part) > 255 for part in path.parts):
        raise InputError(f"{quote(name)} is too long for the name of a run")
    if len(path.parts) > 1 and not (path / META).is_file():
        sweep(path.parent)
    if (path / META).is_file():
        return path
    if path.name == DATA and (path.parent / META).is_file():
        return path.parent
    matches = [r for r in runs if r.name == name] or [
        r for r in runs if r.name.startswith(name) or r.name.rsplit("-", 1)[-1].startswith(name)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(r.name for r in matches)
        raise InputError(f"{quote(name)} fits several runs in {root}: {listed}; write more of the name")
    hint = (
        f"{nearest(name, [r.name for r in runs[-4:]])} (in {root})"
        if runs
        else f"{root} holds no runs yet; 'simulate' makes one"
    )
    raise NoRun(f"there is no run {quote(name)}: {hint}")


def find_exactly(name: str, root: Path) -> Path:
    """As `find`, for what cannot be undone: a path, a whole name, a whole digest of eight, or `latest`."""
    folder = find(name, root)
    known = {folder.name, folder.name.rsplit("-", 1)[-1], "latest", str(folder)}
    if name not in known and Path(name).resolve() != folder.resolve():
        raise InputError(f"{quote(name)} is only the start of {folder.name!r}: write the whole name")
    return folder


def delete(folder: Path) -> list[str]:
    """Delete a run's own files, its figures and reports among them; the names of what is left.

    The folder goes where nothing else is in it. No link is followed. A deletion that was cut short can be taken up.
    """
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to a run, not a run: delete the run itself, or the link by hand")
    if not (folder / DATA).is_file():
        read_record(folder)
    try:
        digest = re.search(r"-[0-9a-f]{8}$", folder.resolve().name)
        made = [
            p.name
            for p in folder.iterdir()
            if p.is_file() and (p.name.startswith(".writing-") or (digest and digest[0] in p.stem and p.suffix in MADE))
        ]
        for file in (DATA, *made, META):
            (folder / file).unlink(missing_ok=True)
        left = sorted(p.name for p in folder.iterdir())
    except OSError as error:
        raise RunError(f"{folder} cannot be deleted: {error.strerror}") from None
    try:
        if not left:
            folder.resolve().rmdir()
    except FileNotFoundError:  # another process has deleted it, too
        return left
    except OSError as error:
        raise RunError(f"{folder} is empty now, and cannot be removed itself: {error.strerror}") from None
    return left


def size(folder: Path) -> int:
    """Bytes of a run on disk; nothing of what is deleted just now."""
    total = 0
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            total += path.stat().st_size if path.is_file() else 0
    return total
