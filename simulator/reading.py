"""Files that people name: read within bounds, whatever stands behind the name."""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path

from .errors import InputError, quote
from .grammar import MOST_VALUES
from .numbers import parse_number

NO_FILES = Path("no files")  # the folder for what may name none: a stored run holds its values


def content(path: Path, most: int, what: str) -> bytes | None:
    """The bytes of a file, None where there are more than `most`; a pipe or a device is an OSError, and never waits."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(0, f"a device or a pipe; this is no {what}")
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | getattr(os, "O_NONBLOCK", 0))) as file:
        found = file.read(most + 1) or b""
    return found if len(found) <= most else None


def inside(name: str, folder: Path) -> Path:
    """The path of a file that a file in `folder` names: it lies there or below, symlinks followed.

    Else the prior set of a stranger could bring any file of this machine into a run or report.
    """
    try:
        root, path = folder.resolve(), (folder / name).resolve()
        good = not Path(name).is_absolute() and path != root and path.is_relative_to(root)
    except (OSError, RuntimeError, ValueError):  # a loop of symlinks, a null byte
        good = False
    if not good:
        raise InputError(f"empirical: {quote(name)} is not in the folder of the file that names it: put it there, or "
                         "name it with --set")  # fmt: skip
    return path


def read_values(name: str, folder: Path | None) -> list[float]:
    """The numbers of a text file, one in each line; a first line without digits is a heading.

    In a file of `folder` the name is one within that folder; with None it is any path of the user's.
    """
    if folder is NO_FILES:
        raise InputError(f"empirical: {quote(name)} is named in a stored run, which holds its values itself")
    path = Path(name) if folder is None else inside(name, folder)
    try:
        data = content(path, 40 * MOST_VALUES, "file of numbers")
        lines = data.decode("utf-8-sig").splitlines() if data is not None else None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"empirical: {quote(name)} cannot be read: {reason}") from None
    if lines is None:
        raise InputError(_too_much(name))
    if lines and not any(c.isdigit() for c in lines[0]):
        lines[0] = ""
    values = [_one_value(line, name, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not values:
        raise InputError(f"empirical: {quote(name)} holds no number: write one in each line")
    if len(values) > MOST_VALUES:
        raise InputError(_too_much(name))
    return values


def _too_much(name: str) -> str:
    return (f"empirical: {quote(name)} has more than {MOST_VALUES:,} numbers: give a part of them, or "
            "their quantiles to metalog(p10=.., p50=.., p90=..)")  # fmt: skip


def _one_value(line: str, name: str, number: int) -> float:
    try:
        value = float(line)
    except ValueError:
        try:
            value = parse_number(line)
        except InputError:
            wrong = f"empirical: {quote(name)} line {number} is not one number; write one in each line"
            raise InputError(wrong) from None
    if not math.isfinite(value):
        raise InputError(f"empirical: {quote(name)} line {number} is not a finite number")
    return value
