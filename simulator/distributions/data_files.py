"""Files of numbers that an empirical distribution names."""

from __future__ import annotations

import math
from pathlib import Path

from ..base.errors import InputError, quote
from ..base.files import content, inside
from ..base.numbers import parse_number
from .grammar import MOST_VALUES

NO_NUMBER = frozenset("nan na n/a #n/a null none nil inf infinity missing true false".split())
NO_FILES = Path("no files")  # the folder for what may name none: a stored run holds its values


def read_values(name: str, folder: Path | None) -> list[float]:
    """The numbers of a text file, one in each line; a first line of letters without digits is a heading.

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
    if lines and _is_heading(lines[0]):
        lines[0] = ""
    values = [_one_value(line, name, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not values:
        raise InputError(f"empirical: {quote(name)} holds no number: write one in each line")
    if len(values) > MOST_VALUES:
        raise InputError(_too_much(name))
    return values


def _is_heading(line: str) -> bool:
    """Whether a line has letters and no digits, and does not stand for a number that is missing or not finite."""
    word = line.strip().strip("\"'").strip().lstrip("+-").casefold()
    return any(map(str.isalpha, word)) and not any(map(str.isdigit, word)) and word not in NO_NUMBER


def _too_much(name: str) -> str:
    return (
        f"empirical: {quote(name)} has more than {MOST_VALUES:,} numbers: give a part of them, or "
        "their quantiles to metalog(p10=.., p50=.., p90=..)"
    )


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
