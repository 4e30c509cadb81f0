"""Files and folders written whole or not at all, whatever fails and whoever is killed on the way.

A run is made in a hidden folder `.writing-*` beside its place, which its process holds by a lock. What it replaces
is set aside in there until the new run stands in its place. The lock of a process that dies is free: whoever
comes next puts back what was set aside and removes the rest.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..base.files import PART, TRIES, claimed, lock, new_folder

DATA, META = "run.nc", "run.json"
MOST_VARIABLES = 500  # of a group of run.nc, coordinates among them
CHANGED = "was changed or damaged after it was written"
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)  # what a rename says where something stands already
_DAY = 86_400  # seconds after which a folder is given up where the file system has no locks


# ------------------------------------------------------------------------- folders, and their places


@contextmanager
def workplace(root: Path) -> Iterator[Path]:
    """A hidden folder under `root` to make a run in, held by this process until it is done or dies."""
    sweep(root)
    work, handle = claimed(root, new_folder)
    try:
        try:
            yield work
        except BaseException:
            with suppress(OSError):  # the next to come tries again; what failed first is what is told
                _settle(work)
            raise
        _settle(work)
    finally:
        os.close(handle)


def put(new: Path, target: Path) -> None:
    """Put a finished run, made in a workplace, in its place; what stood there is set aside in the workplace."""
    for _ in range(TRIES):
        try:
            new.rename(target)
            return
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        if target.is_symlink() or not (target / META).is_file():
            if not os.path.lexists(target):  # another process sets it aside just now
                continue
            if not target.is_symlink() and (target / META).is_file():  # or has put one there between these looks
                continue
            raise OSError(errno.EEXIST, f"{target.name} is there already, and is no run")
        with suppress(FileNotFoundError):
            target.rename(Path(new_folder(new.parent, "old-")) / target.name)
    raise OSError(errno.EBUSY, f"other processes keep writing {target.name}")


def sweep(root: Path) -> None:
    """Settle what killed processes have left under `root`: what is held by a living one stays."""
    for work in root.glob(".writing-*"):
        if work.is_symlink() or not (work.is_dir() or (work.is_file() and work.suffix == PART)):
            continue
        with suppress(OSError):
            handle = os.open(work, os.O_RDONLY)
            try:
                free = lock(handle)
                if free or (free is None and time.time() - os.fstat(handle).st_mtime > _DAY):
                    _settle(work) if work.is_dir() else work.unlink()
            finally:
                os.close(handle)


def _settle(work: Path) -> None:
    """Put back what was set aside, where its place is free, else what a user laid into it; remove the rest."""
    import shutil

    if not all(re.fullmatch(r"new|old-.*", p.name) for p in work.iterdir()):  # of another kind of program
        return
    for aside in work.iterdir():  # glob would pass over what it may not read
        for old in aside.iterdir() if aside.name != "new" else ():
            _put_back(old, work.parent / old.name)
    shutil.rmtree(work, ignore_errors=True)


def _put_back(old: Path, target: Path) -> None:
    if not (old / META).is_file():  # it was being removed
        return
    for _ in range(TRIES):
        try:
            old.rename(target)
            return
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        with suppress(FileNotFoundError):  # another process sets the target aside just now
            for other in old.iterdir():
                if other.name not in (DATA, META):
                    other.rename(target / other.name)
            (old / META).unlink()
            return
    raise OSError(errno.EBUSY, f"other processes keep writing {target.name}")
