"""Prior sets: find, layer, check, convert, resolve and digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from os.path import realpath
from pathlib import Path
from typing import Any

from . import copula
from .compute import model as model_of
from .distributions import parse
from .entries import Prior, entry_of
from .errors import InputError, clean, nearest, quote
from .find import LARGEST, MOST_ENTRIES, find, read_toml, stem_of
from .graph import Input, Model
from .reading import NO_FILES
from .remarks import remarks
from .ties import GRADES as GRADES
from .ties import Ties

DEFAULT_SET, DEFAULT_GPU = "plappert-2024", "h100-sxm"
MOST_PARENTS, MOST_SETS = 50, 100
_TOP = {"title", "variant", "extends", "priors", "correlations", "evidence"}


class NoPriors(dict[str, Prior]):
    """The priors of a pool: none of its own."""

    def __missing__(self, name: str) -> Prior:
        raise InputError(f"a pool has no priors of its own, and {name} is asked for: ask it of its members' runs")


@dataclass(frozen=True, repr=False)
class PriorSet:
    """A resolved prior set: exactly the priors that its variant reads, in the model's order."""

    name: str
    title: str
    variant: str
    priors: Mapping[str, Prior]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    grounds: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    evidence: Mapping[str, Prior] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<PriorSet {self.name}: {len(self.priors)} priors, {len(self.uncertain)} of them uncertain>"

    @property
    def model(self) -> Model:
        """The compute model of the set's variant."""
        return model_of(self.variant)

    @property
    def uncertain(self) -> list[str]:
        """The names of the priors that are drawn."""
        return [p.name for p in self.priors.values() if p.uncertain]

    @property
    def active(self) -> dict[tuple[str, str], float]:
        """The rank correlations between priors that are drawn; a known value has none."""
        drawn = set(self.uncertain)
        return {pair: rho for pair, rho in self.correlations.items() if drawn.issuperset(pair)}

    @property
    def groups(self) -> tuple[copula.Group, ...]:
        """The groups of correlated priors."""
        return copula.groups(self.active, list(self.priors))

    def edited(self, edits: Mapping[str, Any]) -> PriorSet:
        """The set with some priors set anew, as `--set` does; raises InputError as `load_priors`."""
        priors, mistakes = dict(self.priors), list[str]()
        _edit(edits, self.model, priors, mistakes)
        if mistakes:
            raise InputError(*mistakes)
        return _checked(replace(self, priors=priors), self.notes[: len(self.notes) - len(remarks(self))])

    def canonical(self) -> dict[str, Any]:
        """What the draws depend on: variant, distributions and correlations."""
        return {
            "variant": self.variant,
            "priors": {n: p.distribution.text for n, p in sorted(self.priors.items())},
            "correlations": sorted([*sorted(pair), rho] for pair, rho in self.active.items()),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of `canonical`, in hexadecimal."""
        return hashlib.sha256(json.dumps(self.canonical()).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """All of the set, so that `from_json` gives it back."""
        entries = {n: asdict(p) | {"distribution": p.distribution.text} for n, p in self.priors.items()}
        return {
            "name": self.name, "title": self.title, "variant": self.variant, "priors": entries,
            "correlations": {", ".join(pair): rho for pair, rho in self.correlations.items()},
            "layers": list(self.layers), "notes": list(self.notes),
            "grounds": {", ".join(pair): dict(ground) for pair, ground in self.grounds.items()},
            "evidence": {n: asdict(p) | {"distribution": p.distribution.text} for n, p in self.evidence.items()},
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PriorSet:
        """The set that `to_json` wrote; raises InputError for what it cannot have written."""
        try:
            pairs = {tuple(key.split(", ")): float(rho) for key, rho in data["correlations"].items()}
            made = cls(data["name"], data["title"], data["variant"], _stored(data["priors"]) or NoPriors(), pairs,
                       tuple(data["layers"]), tuple(data["notes"]),
                       {tuple(key.split(", ")): dict(ground) for key, ground in data.get("grounds", {}).items()},
                       _stored(data.get("evidence", {})))  # fmt: skip
            texts = [made.name, made.title, made.variant, *made.layers, *made.notes]
            texts += [text for ground in made.grounds.values() for text in ground.values()]
            if not all(isinstance(text, str) for text in texts) or not made.name or "/" in made.name:
                raise InputError(f"{quote(str(made.name))} is not the name of a prior set, or what it says is no text")
            _ = made.model, made.groups
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{type(error).__name__} {quote(str(error))}") from None
        return made


def _stored(entries: Mapping[str, Any]) -> dict[str, Prior]:
    """The priors of a stored run; their distributions hold their values, and read no file."""
    made = {n: Prior(**(e | {"distribution": parse(e["distribution"], NO_FILES)})) for n, e in entries.items()}
    for name, p in made.items():
        if name != p.name or not all(isinstance(x, str) for x in (p.unit, p.source, p.grade, p.note, p.origin)):
            raise InputError(f"{quote(name)} is no prior")
    return made


@dataclass
class _Layers:
    """The layers read so far, later ones winning, and every mistake met."""

    title: str = ""
    variant: str = ""
    entries: dict[str, tuple[str, Path, dict[str, Any]]] = field(default_factory=dict)
    ties: Ties = field(default_factory=Ties)
    evidence: dict[str, tuple[str, Path, Any]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    laid: set[Path] = field(default_factory=set)
    open: list[Path] = field(default_factory=list)
    size: int = 0
    last: str = ""

    def add(self, name: str, kind: str = "", chain: tuple[Path, ...] = ()) -> None:
        beside = chain[-1].parent if chain else None
        if len(chain) > MOST_PARENTS:
            raise InputError(f"{chain[0]}: extends: goes deeper than {MOST_PARENTS} sets")
        path, note = find(name, kind, beside)
        here = Path(realpath(path))
        if here in self.open:
            loop = " -> ".join(p.stem for p in [*chain, path])
            raise InputError(f"{chain[-1]}: extends: {loop} is a cycle; a set cannot extend itself")
        if here in self.laid:  # what several layers extend lies once, beneath them all
            return
        self.laid.add(here)
        self.notes += [note] if note and note not in self.notes else []
        data = read_toml(path)
        self.size += path.stat().st_size
        self._check_top(path, data)
        self._bounded(path)
        self.open.append(here)
        self._extend(data.get("extends", []), kind, (*chain, path))
        self.open.pop()
        if not kind and isinstance(data.get("title"), str):
            self.title = " ".join(clean(data["title"]).split())
        self.variant = data.get("variant", self.variant)
        self.names.append(stem_of(path))
        self.last = str(path)
        for key, entry in _table(data.get("priors")).items():
            self.entries[key] = (str(path), path.parent, entry)
        for key, entry in _table(data.get("evidence")).items():
            self.evidence[key] = (str(path), path.parent, entry)
        self.mistakes += self.ties.add(path, _table(data.get("correlations")))
        self._bounded(path)

    def _bounded(self, path: Path) -> None:
        """Refuse what no prior set holds: every file, byte and mistake takes its time."""
        held = len(self.entries) + len(self.evidence) + len(self.ties.pairs) + len(self.mistakes)
        if len(self.laid) > MOST_SETS or self.size > 2 * LARGEST or held > MOST_ENTRIES:
            raise InputError(f"{path}: a prior set and what it extends hold too much: at most {MOST_SETS} files, "
                             f"{2 * LARGEST:,} bytes and {MOST_ENTRIES:,} entries")  # fmt: skip

    def _extend(self, parents: Any, kind: str, chain: tuple[Path, ...]) -> None:
        """Lay the sets that a file extends beneath it; an unknown one is said of the file."""
        for parent in parents[:MOST_PARENTS] if isinstance(parents, list) else []:
            if isinstance(parent, str):
                try:
                    self.add(parent, kind, chain)
                except InputError as error:
                    raise InputError(*(line if ".toml:" in line else f"{chain[-1]}: extends: {line}"
                                       for line in error.lines)) from None  # fmt: skip

    def _check_top(self, path: Path, data: Mapping[str, Any]) -> None:
        for key in data:
            if key not in _TOP:
                self.mistakes.append(f"{path}: {quote(key)} is not a key of a prior set; {nearest(key, _TOP)}")
        for key in ("title", "variant"):
            if key in data and not isinstance(data[key], str):
                self.mistakes.append(f"{path}: {key}: {quote(data[key])} is not a text in quotes")
        extends = data.get("extends", [])
        if not isinstance(extends, list) or not all(isinstance(e, str) for e in extends):
            self.mistakes.append(f"{path}: extends: {quote(extends)} is not a list of names: "
                                 f'extends = ["{DEFAULT_SET}"]')  # fmt: skip
        elif len(extends) > MOST_PARENTS:
            self.mistakes.append(f"{path}: extends: {len(extends):,} sets are too many: at most {MOST_PARENTS}")
        for key in ("priors", "correlations", "evidence"):
            if key in data and not isinstance(data[key], dict):
                self.mistakes.append(f"{path}: {key}: must be a table, as in [{key}.NAME]")


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def load_priors(*names: str, gpu: str | None = None, set: Mapping[str, Any] | None = None) -> PriorSet:
    """The resolved prior set of one or several layers; the later wins, and `set` over all.

    `names` are shipped names, names in ./priors or paths (default: plappert-2024); `gpu` is a layer
    of priors/gpus (default: h100-sxm, below the sets; a chosen one lies above them); `set` maps
    prior names to distributions in the notation of the files, or numbers. Raises InputError with
    one line for each mistake.
    """
    layers = _Layers()
    if gpu is None:
        layers.add(DEFAULT_GPU, "gpus")
    for name in names or (DEFAULT_SET,):
        layers.add(str(name))
    if gpu is not None:
        layers.add(gpu, "gpus")
    shown = [stem_of(Path(str(n))) for n in names or (DEFAULT_SET,)] + ([stem_of(Path(gpu))] if gpu else [])
    return _resolve(layers, "+".join(shown), dict(set or {}))


def with_entries(names: Sequence[str], gpu: str | None, path: Path, entries: Mapping[str, Any]) -> PriorSet:
    """The sets `names`, the GPU above them, and above both the priors of the file `path`, named after it."""
    layers = _Layers()
    layers.add(DEFAULT_GPU, "gpus")
    for name in names:
        layers.add(name)
    if gpu is not None and gpu != DEFAULT_GPU:
        layers.add(gpu, "gpus")
    for key, entry in entries.items():
        layers.entries[key] = (str(path), path.parent, entry)
    layers.ties.keep(lambda name: isinstance(entries.get(name), dict))
    return _resolve(layers, stem_of(path), {})


def _resolve(layers: _Layers, name: str, edits: dict[str, Any]) -> PriorSet:
    mistakes, where = layers.mistakes, layers.last or name
    if not layers.variant or not isinstance(layers.variant, str):
        raise InputError(
            *(
                mistakes
                or [f'{where}: variant: is missing; write variant = "dit-scaling", or extends = ["{DEFAULT_SET}"]']
            )
        )
    try:
        model = model_of(layers.variant)
    except InputError as error:
        raise InputError(*mistakes, f"{name}: variant: {error}") from None
    priors: dict[str, Prior] = {}
    for key, (origin, folder, entry) in layers.entries.items():
        if key in model.inputs:
            prior = entry_of(model.inputs[key], entry, origin, folder, mistakes)
            if prior:
                priors[key] = prior
        else:
            mistakes.append(f"{origin}: priors.{key}: {model.name} reads no prior of this name; "
                            f"{nearest(key, model.inputs)}")  # fmt: skip
    _edit(edits, model, priors, mistakes)
    missing = [key for key in model.inputs if key not in priors and key not in layers.entries]
    mistakes += [f"{name}: priors.{key}: is missing ({model.inputs[key].text}, in {model.inputs[key].unit})"
                 for key in missing]  # fmt: skip
    pairs, grounds = layers.ties.resolved(model, mistakes)
    observed = _evidence(layers, model, mistakes)
    if mistakes:
        raise InputError(*dict.fromkeys(mistakes))
    ordered = {key: priors[key] for key in model.inputs}
    made = PriorSet(name, layers.title or name, model.name, ordered, pairs, tuple(layers.names), (), grounds, observed)
    return _checked(made, layers.notes)


def _checked(made: PriorSet, notes: Sequence[str]) -> PriorSet:
    """The set with its notes; raises InputError where its correlations cannot all hold."""
    try:
        _ = made.groups
    except InputError as error:
        raise InputError(f"{made.name}: correlations: {error}") from None
    return replace(made, notes=(*notes, *remarks(made)))


def _evidence(layers: _Layers, model: Model, mistakes: list[str]) -> dict[str, Prior]:
    """What the layers' [evidence] tables say of quantities: written as priors are."""
    found = {}
    for key, (origin, folder, entry) in layers.evidence.items():
        if key not in model.quantities:
            mistakes.append(f"{origin}: evidence.{key}: {model.name} has no quantity of this name; "
                            f"{nearest(key, model.quantities)}")  # fmt: skip
            continue
        q = model.quantities[key]
        made = entry_of(Input(key, q.unit, q.text), entry, origin, folder, mistakes, "evidence")
        if made:
            found[key] = made
    return found


def _edit(edits: Mapping[str, Any], model: Model, priors: dict[str, Prior], mistakes: list[str]) -> None:
    for key, text in edits.items():
        if key not in model.inputs:
            mistakes.append(f"--set {key}: {model.name} reads no prior of this name; "
                            f"{nearest(key, model.inputs)}")  # fmt: skip
            continue
        try:
            distribution = parse(text)
        except InputError as error:
            mistakes += [f"--set {key}: {line}" for line in error.lines]
            continue
        priors[key] = Prior(key, distribution, model.inputs[key].unit, "set by the user", "D", "", "--set")
