"""A prior: an uncertain input with its distribution, unit, source and grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..base.errors import InputError, clean, meant, nearest, quote
from ..base.known import Known
from ..compute.graph import Input, Model
from ..compute.units import factor
from ..distributions.data_files import NO_FILES
from ..distributions.families import Distribution, parse
from .files import origin_of, shortened
from .ranges import impossible

GRADES = {"A": "measured or disclosed", "B": "derived", "C": "second-hand", "D": "judgement"}
SET = "--set"  # the origin of what the user set
KNOWN = "--know"  # the origin of what the user knows
NEUTRAL = "neutral value of a prior that came later than the set"
NOT_GIVEN = "not given: what reads it is not known"
NEEDED = ("prior", "unit", "source", "grade")
_KEYS = {*NEEDED, "note"}


@dataclass(frozen=True)
class Prior:
    """An uncertain input: distribution (in the model's unit), source, grade, and where it came from.

    `set_by_user` where `--set` gave it, which wins over all layers.
    """

    name: str
    distribution: Distribution
    unit: str
    source: str
    grade: str
    note: str = ""
    origin: str = ""
    set_by_user: bool = field(default=False, kw_only=True)

    @property
    def uncertain(self) -> bool:
        """Whether the prior is drawn; otherwise it is a known value."""
        return self.distribution.rv is not None

    @property
    def edited(self) -> bool:
        """Whether the user gave it, by `--set` or `--know`."""
        return self.origin in (SET, KNOWN)

    @property
    def edit(self) -> str:
        """The text of what the user gave."""
        return Known(self.distribution.text) if self.origin == KNOWN else self.distribution.text

    def to_json(self) -> dict[str, Any]:
        """All of it, so that `from_json` gives it back: what the user set has `--set` for its origin."""
        kept = {name: value for name, value in vars(self).items() if name != "set_by_user"}
        return kept | {"distribution": self.distribution.text}

    @classmethod
    def from_json(cls, name: str, data: Mapping[str, Any]) -> Prior:
        """The prior that `to_json` wrote, which reads no file; raises InputError for what it cannot have written."""
        fields = {k: v for k, v in data.items() if k != "set_by_user"}
        made = cls(**(fields | {"distribution": parse(data["distribution"], NO_FILES)}))
        texts = (made.unit, made.source, made.grade, made.note, made.origin)
        if name != made.name or not all(isinstance(text, str) for text in texts):
            raise InputError(f"{quote(name)} is no prior")
        return cls(**(vars(made) | {"origin": shortened(made.origin), "set_by_user": made.origin == SET}))


def neutral(target: Input) -> Prior:
    """The prior that stands for one that a set does not give, since it came later than the set.

    For one that is `needed` no value is right: what reads it is refused.
    """
    source, note = (NOT_GIVEN, "") if target.needed else (NEUTRAL, "A definition.")
    return Prior(target.name, parse(target.neutral), target.unit, source, "A", note, "")


def wrong_grade(grade: object) -> str:
    """What is wrong with a grade of evidence that is a text; empty where nothing is."""
    if not isinstance(grade, str) or grade in GRADES:
        return ""
    return f"{quote(grade)} is not a grade: {', '.join(f'{k} {v}' for k, v in GRADES.items())}"


def set_anew(edits: Mapping[str, object], model: Model, priors: dict[str, Prior], mistakes: list[str]) -> None:
    """Put what the user set in the place of the priors of these names; what is wrong goes to the list."""
    for written, text in edits.items():
        key = meant(written, model.inputs)
        if key is None:
            hint = nearest(written, model.inputs)
            mistakes.append(f"--set {written}: {model.name} reads no prior of this name; {hint}")
            continue
        try:
            distribution = parse(text)
        except InputError as error:
            mistakes += [f"--set {key}: {line}" for line in error.lines]
            continue
        if wrong := impossible(model.inputs[key], distribution):
            mistakes.append(f"--set {key}: {wrong}")
            continue
        unit = model.inputs[key].unit
        priors[key] = Prior(key, distribution, unit, "set by the user", "D", "", SET, set_by_user=True)


def entry_of(
    target: Input, entry: object, origin: str, folder: Path, mistakes: list[str], table: str = "priors"
) -> Prior | None:
    """One prior (or one piece of evidence) of the file `origin`, or None with its mistakes added to the list."""
    where = f"{origin}: {table}.{target.name}"
    if not isinstance(entry, dict):
        mistakes.append(f"{where}: must be a table with {', '.join(sorted(NEEDED))}")
        return None
    wrong = _texts(where, entry, target)
    distribution = _distribution(where, entry, target, folder, wrong)
    mistakes += wrong
    if wrong or distribution is None:
        return None
    source, note = clean(entry["source"]), clean(entry.get("note", ""))
    return Prior(target.name, distribution, target.unit, source, entry["grade"], note, clean(origin_of(Path(origin))))


def _texts(where: str, entry: Mapping[str, Any], target: Input) -> list[str]:
    """What is wrong with the keys of an entry, and with those that hold a text."""
    wrong = [
        f"{where}: {quote(key)} is not a key of a prior; {nearest(key, _KEYS)}" for key in entry if key not in _KEYS
    ]
    wrong += [f"{where}.{key}: is missing" for key in NEEDED if key not in entry]
    for key in ("unit", "source", "grade", "note"):
        text = entry.get(key, "-")
        if not isinstance(text, str) or not text.strip():
            hint = f"; write unit = {target.unit!r}" if key == "unit" else ""
            wrong.append(f"{where}.{key}: {quote(text)} is not a text{hint}")
    if grade := wrong_grade(entry.get("grade")):
        wrong.append(f"{where}.grade: {grade}")
    return wrong


def _distribution(
    where: str, entry: Mapping[str, Any], target: Input, folder: Path, wrong: list[str]
) -> Distribution | None:
    """The distribution of an entry in the unit of the model; what is wrong with either goes to the list."""
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
    if wrong or distribution is None:
        return None
    try:
        made = distribution.scaled(scale)
    except InputError as error:
        wrong += [f"{where}: in {target.unit}, {line}" for line in error.lines]
        return None
    if cannot := impossible(target, made):
        wrong.append(f"{where}.prior: {cannot}")
    return made
