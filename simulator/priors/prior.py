"""A prior: an uncertain input with its distribution, unit, source and grade."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import InputError, clean, nearest, quote
from ..compute.graph import Input
from ..compute.units import factor
from ..distributions.families import Distribution, parse
from .files import origin_of

SET = "--set"  # the origin of what the user set
_KEYS = {"prior", "unit", "source", "grade", "note"}


@dataclass(frozen=True)
class Prior:
    """An uncertain input: distribution (in the model's unit), source, grade, and where it came from."""

    name: str
    distribution: Distribution
    unit: str
    source: str
    grade: str
    note: str = ""
    origin: str = ""

    @property
    def set_by_user(self) -> bool:
        """Whether `--set` gave it, which wins over all layers."""
        return self.origin == SET

    @property
    def uncertain(self) -> bool:
        """Whether the prior is drawn; otherwise it is a known value."""
        return self.distribution.rv is not None


def entry_of(
    target: Input, entry: Any, origin: str, folder: Path, mistakes: list[str], table: str = "priors"
) -> Prior | None:
    """One prior (or one piece of evidence) of the file `origin`, or None with its mistakes added to the list."""
    where = f"{origin}: {table}.{target.name}"
    if not isinstance(entry, dict):
        mistakes.append(f"{where}: must be a table with {', '.join(sorted(_KEYS - {'note'}))}")
        return None
    wrong = [
        f"{where}: {quote(key)} is not a key of a prior; {nearest(key, _KEYS)}" for key in entry if key not in _KEYS
    ]
    wrong += [f"{where}.{key}: is missing" for key in ("prior", "unit", "source", "grade") if key not in entry]
    for key in ("unit", "source", "grade", "note"):
        text = entry.get(key, "-")
        if not isinstance(text, str) or not text.strip():
            wrong.append(
                f"{where}.{key}: {quote(text)} is not a text"
                + (f"; write unit = {target.unit!r}" if key == "unit" else "")
            )
    if isinstance(entry.get("grade"), str) and entry["grade"] not in GRADES:
        listed = ", ".join(f"{k} {v}" for k, v in GRADES.items())
        wrong.append(f"{where}.grade: {quote(entry['grade'])} is not a grade: {listed}")
    distribution, scale = None, 1.0
    if "prior" in entry:
        try:
            distribution = parse(entry["prior"], folder)
        except InputError as error:
            wrong += [f"{where}.prior: {line}" for line in error.lines]
    if isinstance(entry.get("unit"), str) and entry["unit"].strip():
        try:
            scale = factor(entry["unit"], target.unit)
        except InputError as error:
            wrong += [f"{where}.unit: {line}" for line in error.lines]
    if not wrong and distribution is not None:
        try:
            distribution = distribution.scaled(scale)
        except InputError as error:
            wrong += [f"{where}: in {target.unit}, {line}" for line in error.lines]
    mistakes += wrong
    if wrong or distribution is None:
        return None
    source, note = clean(entry["source"]), clean(entry.get("note", ""))
    return Prior(target.name, distribution, target.unit, source, entry["grade"], note, clean(origin_of(Path(origin))))


GRADES = {"A": "measured or disclosed", "B": "derived", "C": "second-hand", "D": "judgement"}
