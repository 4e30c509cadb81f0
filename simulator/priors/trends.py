"""Trends: how priors move by the year, from the tables `[trends.PRIOR]` of prior files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..base.errors import InputError, meant, nearest, quote
from ..compute.graph import Input, Model
from ..compute.inputs import ANY
from ..compute.years import GROWTH, NOISE, Trended
from ..distributions.families import parse
from .prior import SET, Prior, entry_of
from .ranges import impossible

_KEYS = {"from", "growth", "noise", "source", "grade", "note"}
YEARS = (1900, 2200)


class Trend(NamedTuple):
    """A prior's growth a year (a prior itself), the year from which it runs, and the sd of a yearly random walk.

    One that stands `still` is another set's, in a set that has none of the prior: growth 1, and no walk.
    """

    growth: Prior
    start: int
    noise: float = 0.0
    still: bool = False

    @property
    def of(self) -> str:
        """The prior that moves."""
        return self.growth.name.removeprefix(GROWTH)

    @property
    def trended(self) -> Trended:
        """What the model must know of it."""
        return Trended(self.of, self.start, self.noise)

    def priors(self, years: tuple[int, ...]) -> dict[str, Prior]:
        """The priors that it brings along: its growth, and a standard normal for each step of its random walk."""
        steps = max(years) - self.start if self.noise and years else 0
        normal = parse(0 if self.still else "normal(mean=0, sd=1)")
        names = [f"{NOISE}{self.of}.{k}" for k in range(1, steps + 1)]
        edited = self.growth.edited  # which its walk is not
        given = replace(self.growth, origin="", set_by_user=False) if edited else self.growth
        walk = {n: replace(given, name=n, distribution=normal, note="A step of its random walk.") for n in names}
        return {self.growth.name: self.growth, **walk}

    def to_json(self) -> dict[str, Any]:
        """All of it, so that `from_json` gives it back."""
        still = {"still": True} if self.still else {}
        return {"growth": self.growth.to_json(), "from": self.start, "noise": self.noise, **still}

    @classmethod
    def from_json(cls, name: str, data: Mapping[str, Any]) -> Trend:
        """The trend that `to_json` wrote; raises InputError for what it cannot have written."""
        start, noise = data["from"], data["noise"]
        if not isinstance(start, int) or isinstance(start, bool) or not isinstance(noise, int | float):
            raise InputError(f"trends.{name} is no trend")
        return cls(Prior.from_json(f"{GROWTH}{name}", data["growth"]), start, float(noise), data.get("still") is True)

    @property
    def stopped(self) -> Trend:
        """The trend as it is in a set that has none: the prior stays as it is."""
        return Trend(
            Prior(self.growth.name, parse(1), "1", "the set has no such trend", "A", "A definition."),
            self.start,
            self.noise,
            True,
        )


def growth_input(model: Model, name: str) -> Input:
    """What a growth is: a factor a year."""
    return Input(f"{GROWTH}{name}", "1", f"factor a year on {name}")


def read(entries: Mapping[str, tuple[str, Path, Any]], model: Model, mistakes: list[str]) -> dict[str, Trend]:
    """The trends of a set's files; what is wrong with them goes to the list."""
    found = {}
    for name, (origin, folder, entry) in entries.items():
        where = f"{origin}: trends.{name}"
        if name not in model.inputs:
            mistakes.append(f"{where}: {model.name} reads no prior of this name; {nearest(name, model.inputs)}")
        elif (model.inputs[name].low, model.inputs[name].high) == ANY:
            mistakes.append(f"{where}: a trend multiplies, and {name} may be negative")
        elif made := _read(where, name, origin, folder, entry, model, mistakes):
            found[name] = made
    return found


def _read(
    where: str, name: str, origin: str, folder: Path, entry: Any, model: Model, mistakes: list[str]
) -> Trend | None:
    if not isinstance(entry, dict):
        mistakes.append(f"{where}: must be a table with from, growth, source and grade")
        return None
    wrong = [f"{where}: {quote(k)} is not a key of a trend; {nearest(k, _KEYS)}" for k in entry if k not in _KEYS]
    start, noise = entry.get("from"), entry.get("noise", 0.0)
    if not isinstance(start, int) or isinstance(start, bool) or not YEARS[0] <= start <= YEARS[1]:
        wrong.append(f"{where}.from: {quote(start)} is not a year, as from = 2026")
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0.0 <= noise < 100.0:
        wrong.append(f"{where}.noise: {quote(noise)} is not the sd of a year's chance, in logarithms: 0 or above")
    given = {key: entry[key] for key in ("source", "grade", "note") if key in entry} | {"unit": "1"}
    given |= {"prior": entry["growth"]} if "growth" in entry else {}
    told = list[str]()
    prior = entry_of(growth_input(model, name), given, origin, folder, told, "trends")
    inner, shown = f"trends.{GROWTH}{name}", f"trends.{name}"
    mistakes += [line.replace(f"{inner}.prior", f"{shown}.growth").replace(inner, shown) for line in told]
    mistakes += wrong
    return Trend(prior, start, float(noise)) if prior is not None and not wrong and isinstance(start, int) else None


def set_growths(
    edits: Mapping[str, object], trends: Mapping[str, Trend], model: Model, mistakes: list[str]
) -> tuple[dict[str, object], dict[str, Trend]]:
    """The edits that are of no trend, and the trends with those that are; what is wrong goes to the list."""
    rest, found = dict[str, object](), dict(trends)
    for written, text in edits.items():
        if not written.startswith(GROWTH):
            rest[written] = text
            continue
        name = meant(written.removeprefix(GROWTH), trends)
        if name is None:
            known = f"{nearest(written, [f'{GROWTH}{n}' for n in trends])}" if trends else "the set has no trends"
            mistakes.append(f"--set {written}: the set has no trend of this name; {known}")
            continue
        target = growth_input(model, name)
        try:
            distribution = parse(text)
        except InputError as error:
            mistakes += [f"--set {target.name}: {line}" for line in error.lines]
            continue
        if wrong := impossible(target, distribution):
            mistakes.append(f"--set {target.name}: {wrong}")
            continue
        made = Prior(target.name, distribution, "1", "set by the user", "D", "", SET, set_by_user=True)
        old = found[name]
        found[name] = Trend(made, old.start, old.noise, old.still)
    return rest, found
