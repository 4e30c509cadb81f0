"""What is thought possible: bounds on quantities by year, from the tables `[plausible.QUANTITY]` of prior files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import InputError, clean, nearest, quote
from ..base.numbers import parse_number
from ..compute.graph import Model
from ..compute.units import factor
from .files import origin_of
from .prior import wrong_grade

_TEXTS = ("unit", "label", "source", "grade")
_KEYS = {*_TEXTS, "most", "note"}
FIRST, LAST = 1900, 2200


class Plausible(NamedTuple):
    """The most that a quantity can plausibly be, in some years: pairs of a year and a value in the quantity's unit."""

    quantity: str
    most: tuple[tuple[int, float], ...]
    unit: str
    label: str
    source: str
    grade: str
    note: str = ""
    origin: str = ""

    def at(self, year: float) -> float | None:
        """The bound in a year: between two years along the logarithm; None before the first and after the last."""
        if not self.most[0][0] <= year <= self.most[-1][0]:
            return None
        before, after = self.most[0], self.most[-1]
        for pair in self.most:
            if pair[0] <= year:
                before = pair
        for pair in reversed(self.most):
            if pair[0] >= year:
                after = pair
        if before[0] == after[0]:
            return before[1]
        share = (year - before[0]) / (after[0] - before[0])
        return before[1] * math.exp(share * (math.log(after[1]) - math.log(before[1])))

    def to_json(self) -> dict[str, Any]:
        """All of it, so that `from_json` gives it back."""
        texts = {key: getattr(self, key) for key in (*_TEXTS, "note", "origin")}
        return {"quantity": self.quantity, "most": [[year, value] for year, value in self.most]} | texts

    @classmethod
    def from_json(cls, name: str, data: Mapping[str, Any]) -> Plausible:
        """What `to_json` wrote; raises InputError for what it cannot have written."""
        texts = [data[key] for key in ("quantity", *_TEXTS, "note", "origin")]
        if data["quantity"] != name or not all(isinstance(text, str) for text in texts):
            raise InputError(f"plausible.{name} is no line of plausibility")
        years, values = [pair[0] for pair in data["most"]], [pair[1] for pair in data["most"]]
        if wrong_years(years) or not values or not all(_positive(value) for value in values):
            raise InputError(f"plausible.{name}.most holds no years and bounds")
        most = tuple((year, float(value)) for year, value in zip(years, values, strict=True))
        return cls(name, most, *(clean(text) for text in texts[1:]))


def wrong_years(years: Sequence[object]) -> bool:
    """Whether these are no years that go up."""
    whole = [y for y in years if isinstance(y, int) and not isinstance(y, bool) and FIRST <= y <= LAST]
    return len(whole) < len(years) or any(whole[i] >= whole[i + 1] for i in range(len(whole) - 1))


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 < value < math.inf


def read(entries: Mapping[str, tuple[str, Path, Any]], model: Model, mistakes: list[str]) -> dict[str, Plausible]:
    """What a set's files say is plausible, by quantity; what is wrong with it goes to the list."""
    found = {}
    for name, (origin, _, entry) in entries.items():
        where = f"{origin}: plausible.{name}"
        if name not in model.quantities:
            hint = nearest(name, model.quantities)
            mistakes.append(f"{where}: {model.name} has no quantity of this name; {hint}")
        elif not isinstance(entry, dict):
            mistakes.append(f"{where}: must be a table with most, {', '.join(_TEXTS)}")
        elif made := _read(where, name, origin, entry, model, mistakes):
            found[name] = made
    return found


def _read(
    where: str, name: str, origin: str, entry: Mapping[str, Any], model: Model, mistakes: list[str]
) -> Plausible | None:
    hints = [(key, nearest(key, _KEYS)) for key in entry if key not in _KEYS]
    wrong = [f"{where}: {quote(key)} is not a key of a line of plausibility; {hint}" for key, hint in hints]
    wrong += [f"{where}.{key}: is missing" for key in ("most", *_TEXTS) if key not in entry]
    for key in (*_TEXTS, "note"):
        text = entry.get(key, "-")
        if not isinstance(text, str) or not text.strip():
            wrong.append(f"{where}.{key}: {quote(text)} is not a text")
    if grade := wrong_grade(entry.get("grade")):
        wrong.append(f"{where}.grade: {grade}")
    most = _most(f"{where}.most", entry["most"], wrong) if "most" in entry else {}
    target, scale = model.quantities[name], 1.0
    if isinstance(entry.get("unit"), str) and entry["unit"].strip():
        try:
            scale = factor(entry["unit"], target.unit)
        except InputError as error:
            wrong += [f"{where}.unit: {line}" for line in error.lines]
    mistakes += wrong
    if wrong:
        return None
    pairs = tuple((year, most[year] * scale) for year in sorted(most))
    label, source, note = (clean(entry.get(key, "")) for key in ("label", "source", "note"))
    return Plausible(name, pairs, target.unit, label, source, entry["grade"], note, clean(origin_of(Path(origin))))


def _most(where: str, table: object, wrong: list[str]) -> dict[int, float]:
    """The bounds by year; what is wrong with them goes to the list."""
    found = dict[int, float]()
    if not isinstance(table, dict) or not table:
        wrong.append(f"{where}: {quote(table)} holds no bounds by year, as most = {{ 2026 = 2e7, 2030 = 1e8 }}")
        return found
    for key, value in table.items():
        if not (key.isdigit() and len(key) == 4 and FIRST <= int(key) <= LAST):
            wrong.append(f"{where}: {quote(key)} is not a year, as in {{ 2026 = 2e7, 2030 = 1e8 }}")
            continue
        try:
            bound = parse_number(str(value), "a number")
        except InputError as error:
            wrong += [f"{where}.{key}: {line}" for line in error.lines]
            continue
        if _positive(bound):
            found[int(key)] = bound
        else:
            wrong.append(f"{where}.{key}: {quote(value)} is no bound: a bound is above 0")
    return found
