"""Whether a run can be written: asked before it is drawn, and why it could not be."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..base.errors import RunError
from ..base.files import address, probe, reason, size_text
from .settings import REPLICATES

PIECE = 1 << 22  # bytes that are written at once to ask the disk


def room(variables: int, replicates: int, kept: int, constants: int = 0, texts: int = 0) -> int:
    """About the bytes of a run on disk, rather less than more: draws, coordinates, and what is said of them."""
    drawn = variables if kept else 0
    draws, coordinates = 4 * drawn * replicates * kept, 2 * 8 * (replicates + kept) if kept else 0
    return draws + coordinates + 1400 * drawn + 100 * constants + texts + 15_000


def ready(root: Path, variables: int, draws: int, keep: int) -> None:
    """Look whether a run can be written under `root`, before it is drawn, which may take hours.

    `variables` are drawn priors and quantities. Raises RunError.
    """
    needed = room(variables, REPLICATES, min(keep // REPLICATES, -(-draws // REPLICATES)))
    with failures(root, needed):
        address(root)
        probe(root)
        if free_bytes(root) < needed:
            raise OSError(errno.ENOSPC, "No space left on device")


@contextmanager
def failures(root: Path, needed: int) -> Iterator[None]:
    """Say in one line why a run of about so many bytes could not be written under `root`."""
    try:
        yield
    except UnicodeError:
        raise RunError(
            f"the run could not be written to {root}: its name is no text; choose another folder with --runs DIR"
        ) from None
    except (OSError, RuntimeError) as error:
        why = reason(error)
        if os.path.exists(root) and not os.path.isdir(root):
            why = "it is a file, not a folder"
        elif getattr(error, "errno", None) == errno.ENOSPC and (free := free_bytes(root)) < needed:
            why = f"{why}: the run takes {size_text(needed)}, {size_text(free)} are free there"
        raise RunError(
            f"the run could not be written to {root}: {why}; choose another folder with --runs DIR, or --no-save"
        ) from None


def free_bytes(folder: Path) -> int:
    """Bytes that are free for a folder, there or yet to be made."""
    import shutil

    while not os.path.exists(folder):
        folder = folder.parent
    return shutil.disk_usage(folder).free


def why_not(path: Path, size: int, error: Exception) -> Exception:
    """Why a file of `size` bytes could not be written: HDF5 keeps that to itself, so the disk is asked once more."""
    if isinstance(error, OSError) and (error.errno or 0) > 0:  # netCDF's own numbers are negative
        return error
    try:
        with path.open("ab", buffering=0) as file:
            while file.tell() < size:
                file.write(bytes(PIECE))
    except OSError as told:
        return told
    return error
