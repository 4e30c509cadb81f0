"""Cases: published models, each with what is known of it as priors and with what was observed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..base.errors import InputError, clean, nearest, quote
from ..base.numbers import parse_number
from ..compute.graph import Input
from ..compute.units import factor
from ..compute.variants import kindred_quantities
from .before import GROWS, Before, before_of, observable, unmoved
from .files import available, find, read_toml, stem_of
from .kernels import after, years
from .load import with_entries
from .prior import wrong_grade
from .prior_set import PriorSet

BASE = "calibrated-2026"
_TEXTS = ("title", "about", "gpu", "date", "family", "measures", "not_applicable", "note")
_TOP = {*_TEXTS, "gpus", "in_sample", "priors", "before", "observed"}
_OBSERVED = {"quantity", "value", "unit", "source", "grade", "note", "error"}
ABOUT = ("training", "inference", "demand", GROWS, "other")  # other: of a model of one's own
MEASURES = {
    "final run": "of one model, as it was made: scored",
    "project": "of a whole project, its experiments included: scored",
    "upper value": "at most so much: scored by CRPS on the side that it bounds, and not counted in coverage",
    "lower value": "at least so much: scored by CRPS on the side that it bounds, and not counted in coverage",
    "formula": "made by a formula, and not measured: it checks ours, and is not scored",
    "price": "what is asked for it, and not what it costs: not scored, and tells a margin",
}
MOST_GPUS = 1_000_000


@dataclass(frozen=True)
class Observation:
    """What was observed of a quantity, in the quantity's unit."""

    quantity: str
    value: float
    unit: str
    source: str
    grade: str
    note: str = ""


@dataclass(frozen=True)
class Case:
    """A published model: its priors (the base set's, but for what is known) and its observation.

    `family` names the models that it is not independent of, those of one lab and line; `gpus` is how many made a
    clip together; `measures` says what the number is (MEASURES); `years` of kernels count for it, `path` is its file,
    and what was observed `before` stands in one of growth. `in_sample` where the observation entered a prior of the
    base set; `not_applicable` says why the variant cannot describe it, and then `priors` is None.
    """

    name: str
    title: str
    about: str
    date: str
    in_sample: bool
    not_applicable: str
    note: str
    observed: Observation
    priors: PriorSet | None
    family: str = ""
    gpus: int = 1
    measures: str = "final run"
    years: float = 0.0
    path: Path | None = None
    before: Before | None = None

    @property
    def scored(self) -> bool:
        """Whether a prediction of it is scored: a formula's number and a price are not."""
        return self.measures not in ("formula", "price")

    @property
    def bound(self) -> int:
        """1 where the number is a lower value, -1 where it is an upper one, and 0 where it is the value itself."""
        return {"lower value": 1, "upper value": -1}.get(self.measures, 0)


def load_case(name: str, base: Sequence[str] = (BASE,)) -> Case:
    """A case by its path or name (in ./priors/cases, then shipped), over the prior sets `base`.

    Raises InputError with a line for each mistake.
    """
    path, _ = find(name, "cases")
    data = read_toml(path)
    mistakes = _top(path, data)
    if mistakes:
        raise InputError(*mistakes)
    data = {key: clean(value) if isinstance(value, str) else value for key, value in data.items()}
    reason = data.get("not_applicable", "")
    _find_gpu(path, data.get("gpu"))
    priors, year = _known(path, data, base)
    told, grows, others = data["observed"]["quantity"], data["about"] == GROWS, kindred_quantities(priors.model)
    if told not in priors.model.quantities and told in others:
        reason = reason or f"{priors.model.name} has no {told}"
        priors = replace(priors, variant=others[told])
    target = _target(path, told, priors, grows)
    observed = _observed(path, data["observed"], target)
    before = before_of(path, data, target) if grows else None
    reason = reason or (unmoved(priors, target.name) if grows else "")
    return Case(
        stem_of(path),
        data["title"],
        data["about"],
        data["date"],
        data.get("in_sample", False),
        reason,
        data.get("note", ""),
        observed,
        None if reason else priors,
        data.get("family", stem_of(path)),
        data.get("gpus", 1),
        data.get("measures", "final run"),
        year,
        path,
        before,
    )


def _find_gpu(path: Path, gpu: str | None) -> None:
    """Refuse a GPU that there is not."""
    if gpu is not None:
        try:
            find(gpu, "gpus")
        except InputError as error:
            raise InputError(f"{path}: gpu: {error}") from None


def _target(path: Path, name: str, priors: PriorSet, grows: bool) -> Input:
    """What is observed: a quantity, and of growth also a prior."""
    try:
        return observable(priors, name, grows)
    except InputError as error:
        raise InputError(f"{path}: observed.quantity: {error}") from None


def _known(path: Path, data: Mapping[str, Any], base: Sequence[str]) -> tuple[PriorSet, float]:
    """The base set with what a case knows, and the years of kernels that it has had."""
    gpu, entries = data.get("gpu"), data.get("priors", {})
    ground = {key: data["observed"][key] for key in ("source", "grade")}
    taken = {"clip_gpus": data.get("gpus", 1), "inference_saving": 1} if data["about"] == "inference" else {}
    implied = {name: {"prior": x, "unit": "1", **ground} for name, x in taken.items()}
    priors = with_entries(base, gpu, path, entries, implied)
    if "kernel_gain" in entries:
        return priors, 0.0
    year = years(data["date"], gpu, of_case="gpu_peak" in entries)
    return after(priors, year), year


def load_cases(names: Sequence[str] = (), base: Sequence[str] = (BASE,)) -> list[Case]:
    """The named cases, or all that there are; a folder stands for the cases in it.

    Raises InputError with the mistakes of all of them.
    """
    cases, mistakes = [], list[str]()
    for name in _each(names) if names else sorted(available("cases")):
        try:
            cases.append(load_case(name, base))
        except InputError as error:
            mistakes += error.lines
    if mistakes:
        raise InputError(*dict.fromkeys(mistakes))
    return cases


def _each(names: Sequence[str]) -> list[str]:
    """The names, with the cases of a folder in its place."""
    found = list[str]()
    for name in names:
        folder = Path(name)
        inside = sorted(map(str, folder.glob("*.toml"))) if folder.is_dir() else None
        if inside == []:
            raise InputError(f"{quote(name)}: there is no case in this folder: a case is a .toml file")
        found += [name] if inside is None else inside
    return found


def _top(path: Path, data: dict[str, Any]) -> list[str]:
    """What is wrong with a case but for its priors."""
    wrong = [f"{path}: {quote(key)} is not a key of a case; {nearest(key, _TOP)}" for key in data if key not in _TOP]
    wrong += [f"{path}: {key}: is missing" for key in ("title", "about", "date", "observed") if key not in data]
    for key in _TEXTS:
        if key in data and (not isinstance(data[key], str) or not data[key].strip()):
            wrong.append(f"{path}: {key}: {quote(data[key])} is not a text in quotes")
    if isinstance(data.get("about"), str) and data["about"] not in ABOUT:
        wrong.append(f"{path}: about: {quote(data['about'])} is none of {', '.join(ABOUT)}")
    if isinstance(data.get("measures"), str) and data["measures"] not in MEASURES:
        wrong.append(f"{path}: measures: {quote(data['measures'])} is none of {', '.join(MEASURES)}")
    gpus = data.get("gpus", 1)
    if isinstance(gpus, bool) or not isinstance(gpus, int) or not 1 <= gpus <= MOST_GPUS:
        wrong.append(f"{path}: gpus: {quote(gpus)} is no number of GPUs that make a clip together: 1, or 8")
    if not isinstance(data.get("in_sample", False), bool):
        wrong.append(f"{path}: in_sample: {quote(data['in_sample'])} is neither true nor false")
    if (data.get("about") == GROWS) != ("before" in data):
        wrong.append(f"{path}: before: a case about growth has a table [before], and no other has")
    if data.get("about") != GROWS and isinstance(data.get("observed"), dict) and "error" in data["observed"]:
        wrong.append(f"{path}: observed.error: only a case about growth has it; others are scored by their discrepancy")
    for key in ("priors", "before", "observed"):
        if key in data and not isinstance(data[key], dict):
            wrong.append(f"{path}: {key}: must be a table")
    return wrong + (_table(path, data["observed"]) if isinstance(data.get("observed"), dict) else [])


def _table(path: Path, table: dict[str, Any]) -> list[str]:
    """What is wrong with the table of the observation."""
    wrong = [
        f"{path}: observed: {quote(key)} is not a key of an observation; {nearest(key, _OBSERVED)}"
        for key in table
        if key not in _OBSERVED
    ]
    wrong += [
        f"{path}: observed.{key}: is missing" for key in sorted(_OBSERVED - {"note", "error"}) if key not in table
    ]
    wrong += [
        f"{path}: observed.{key}: {quote(table[key])} is not a text"
        for key in sorted(_OBSERVED - {"value", "error"})
        if key in table and (not isinstance(table[key], str) or not table[key].strip())
    ]
    if grade := wrong_grade(table.get("grade")):
        wrong.append(f"{path}: observed.grade: {grade}")
    return wrong


def _observed(path: Path, table: dict[str, Any], wanted: Input) -> Observation:
    """The observation in the unit of its quantity."""
    try:
        given = table["value"]
        if not isinstance(given, str | float | int) or (isinstance(given, int) and abs(given) > 10**308):
            raise InputError(f"{quote(given)} is not a number: write it as 1000000, 1e6, 1M or 15 million")
        value = parse_number(str(given), "a number")
        if value <= 0.0:
            raise InputError(f"{quote(given)} is not above 0, and a factor to it is asked for")
    except InputError as error:
        raise InputError(f"{path}: observed.value: {error}") from None
    try:
        value *= factor(table["unit"], wanted.unit)
    except InputError as error:
        raise InputError(f"{path}: observed.unit: {error}") from None
    if not 0.0 < value < float("inf"):
        raise InputError(
            f"{path}: observed.value: {quote(given)} {table['unit']} is too large or too small for a number"
        )
    source, note = clean(table["source"]), clean(table.get("note", ""))
    return Observation(wanted.name, value, wanted.unit, source, table["grade"], note)
