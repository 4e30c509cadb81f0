"""Layers of prior files: what each gives, later ones winning, and every mistake that is met."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import realpath
from pathlib import Path
from typing import Any

from ..base.errors import InputError, clean, nearest, quote
from ..compute.graph import Input, Model
from ..compute.inputs import PRIORS
from . import trust
from .correlations import Ties
from .files import LARGEST, MOST_ENTRIES, find, read_toml, stem_of
from .prior import Prior, entry_of

DEFAULT_SET = "plappert-2024"
MOST_PARENTS, MOST_SETS = 50, 100
Entry = tuple[str, Path, Any]  # the file and the folder that it is from, and what is written
_TABLES = ("priors", "correlations", "evidence", "trends", "plausible")
_TOP = {"title", "variant", "model", "extends", "without", "calibration", *_TABLES}


class Layers:
    """The layers read so far, later ones winning, and every mistake met."""

    def __init__(self) -> None:
        self.title, self.variant, self.last, self.size = "", "", "", 0
        self.model = ""  # of one's own, in place of a variant
        self.entries, self.ties = dict[str, Entry](), Ties()
        self.evidence, self.trends, self.plausible = dict[str, Entry](), dict[str, Entry](), dict[str, Entry]()
        self.names, self.notes, self.mistakes = list[str](), list[str](), list[str]()
        self.calibration = dict[str, Any]()
        self.of_gpu = set[str]()  # entries of a GPU, which is for every variant
        self.gpus = list[str]()  # names of the layers that are GPUs
        self.laid, self.open = set[Path](), list[Path]()

    def add(self, name: str, kind: str = "", chain: tuple[Path, ...] = ()) -> str:
        """Lay the set of a name over those that lie there, what it extends beneath it; returns what it is called."""
        if len(chain) > MOST_PARENTS:
            raise InputError(f"{chain[0]}: extends: goes deeper than {MOST_PARENTS} sets")
        path, note = _found(name, kind, chain)
        here = Path(realpath(path))
        if here in self.open:
            loop = " -> ".join(p.stem for p in [*chain, path])
            raise InputError(f"{chain[-1]}: extends: {loop} is a cycle; a set cannot extend itself")
        if here in self.laid:  # what several layers extend lies once, beneath them all
            return stem_of(path)
        self.laid.add(here)
        self.notes += [note] if note and note not in self.notes else []
        data = read_toml(path)
        self.size += path.stat().st_size
        self._check_top(path, data)
        self._bounded(path)
        self.open.append(here)
        self._extend(data.get("extends", []), kind, (*chain, path))
        self.open.pop()
        self._take_names(data, kind)
        self._drop(path, data.get("without", []))
        if "calibration" in data:
            self.calibration = trust.checked(path, data["calibration"], self.mistakes)
        if kind == "gpus":  # what another GPU costs to own says nothing of this one
            for key in [p.name for p in PRIORS if p.needed]:
                self.entries.pop(key, None)
        self.names.append(stem_of(path))
        self.gpus += [stem_of(path)] if kind == "gpus" else []
        self.last = str(path)
        for key, entry in _table(data.get("priors")).items():
            self.entries[key] = (str(path), path.parent, entry)
            (self.of_gpu.add if kind == "gpus" else self.of_gpu.discard)(key)
        for table, kept in self._told.items():
            kept |= {key: (str(path), path.parent, entry) for key, entry in _table(data.get(table)).items()}
        self.mistakes += self.ties.add(path, _table(data.get("correlations")))
        self._bounded(path)
        return stem_of(path)

    def _take_names(self, data: Mapping[str, Any], kind: str) -> None:
        """The title of a set that is no GPU's, and its variant, or the model that it is for."""
        if not kind and isinstance(data.get("title"), str):
            self.title = " ".join(clean(data["title"]).split())
        if isinstance(data.get("variant"), str):
            self.variant, self.model = data["variant"], ""
        if isinstance(data.get("model"), str):
            self.variant, self.model = "", data["model"]

    @property
    def _told(self) -> dict[str, dict[str, Entry]]:
        """The tables beside the priors and their correlations, by their names."""
        return {"evidence": self.evidence, "trends": self.trends, "plausible": self.plausible}

    def _bounded(self, path: Path) -> None:
        """Refuse what no prior set holds: every file, byte and mistake takes its time."""
        told = sum(len(kept) for kept in self._told.values())
        held = len(self.entries) + told + len(self.ties.pairs) + len(self.mistakes)
        if len(self.laid) > MOST_SETS or self.size > 2 * LARGEST or held > MOST_ENTRIES:
            raise InputError(
                f"{path}: a prior set and what it extends hold too much: at most {MOST_SETS} files, "
                f"{2 * LARGEST:,} bytes and {MOST_ENTRIES:,} entries"
            )

    def _extend(self, parents: Any, kind: str, chain: tuple[Path, ...]) -> None:
        """Lay the sets that a file extends beneath it; an unknown one is said of the file."""
        for parent in parents[:MOST_PARENTS] if isinstance(parents, list) else []:
            if isinstance(parent, str):
                self.add(parent, kind, chain)

    def _drop(self, path: Path, names: Any) -> None:
        """Take away priors of the sets beneath, which another variant does not read."""
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self.mistakes.append(
                f'{path}: without: {quote(names)} is not a list of names: without = ["decode_overhead"]'
            )
            return
        for name in names:
            if self.entries.pop(name, None) is None:
                hint = nearest(name, self.entries)
                self.mistakes.append(f"{path}: without: no set beneath gives a prior {quote(name)}; {hint}")
        self.ties.keep(lambda name: name in names)

    def _check_top(self, path: Path, data: Mapping[str, Any]) -> None:
        for key in data:
            if key not in _TOP:
                self.mistakes.append(f"{path}: {quote(key)} is not a key of a prior set; {nearest(key, _TOP)}")
        for key in ("title", "variant", "model"):
            if key in data and not isinstance(data[key], str):
                self.mistakes.append(f"{path}: {key}: {quote(data[key])} is not a text in quotes")
        if "variant" in data and "model" in data:
            self.mistakes.append(f"{path}: has a variant and a model: a set is of one of them")
        extends = data.get("extends", [])
        if not isinstance(extends, list) or not all(isinstance(e, str) for e in extends):
            self.mistakes.append(
                f'{path}: extends: {quote(extends)} is not a list of names: extends = ["{DEFAULT_SET}"]'
            )
        elif len(extends) > MOST_PARENTS:
            self.mistakes.append(f"{path}: extends: {len(extends):,} sets are too many: at most {MOST_PARENTS}")
        for key in _TABLES:
            if key in data and not isinstance(data[key], dict):
                self.mistakes.append(f"{path}: {key}: must be a table, as in [{key}.NAME]")

    def named(self, model: Model) -> tuple[str, ...]:
        """The layers of which a model reads something: a GPU says nothing to one that reads no GPU."""
        idle = set(self.gpus) if not self.of_gpu & set(model.inputs) else set[str]()
        return tuple(name for name in self.names if name not in idle)

    def priors(self, model: Model, mistakes: list[str]) -> dict[str, Prior]:
        """The priors that the layers give of a model; what is wrong with them goes to the list."""
        found, others = {}, {p.name for p in PRIORS} & self.of_gpu
        for key, (origin, folder, entry) in self.entries.items():
            if key not in model.inputs and key in others:
                continue
            if key not in model.inputs:
                mistakes.append(
                    f"{origin}: priors.{key}: {model.name} reads no prior of this name; {nearest(key, model.inputs)}"
                )
            elif made := entry_of(model.inputs[key], entry, origin, folder, mistakes):
                found[key] = made
        return found

    def evidence_on(self, model: Model, mistakes: list[str]) -> dict[str, Prior]:
        """What the layers' [evidence] tables say of quantities: written as priors are."""
        found = {}
        for key, (origin, folder, entry) in self.evidence.items():
            if key not in model.quantities:
                mistakes.append(
                    f"{origin}: evidence.{key}: {model.name} has no quantity of this name; "
                    f"{nearest(key, model.quantities)}"
                )
                continue
            q = model.quantities[key]
            made = entry_of(Input(key, q.unit, q.text), entry, origin, folder, mistakes, "evidence")
            if made:
                found[key] = made
        return found


def _found(name: str, kind: str, chain: tuple[Path, ...]) -> tuple[Path, str]:
    """The file of a layer and a note; an unknown one is said of the file that extends it."""
    if not chain:
        return find(name, kind)
    try:
        return find(name, kind, chain[-1].parent)
    except InputError as error:
        raise InputError(*(f"{chain[-1]}: extends: {line}" for line in error.lines)) from None


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
