"""A checked prior set: its priors, correlations and evidence, with where each came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..base.errors import InputError, nearest, one_line, quote
from ..compute.graph import Model
from ..compute.headline import COUNTS, HEADLINE
from ..compute.inputs import CONSTANTS
from ..compute.variants import model as model_of
from ..distributions.data_files import NO_FILES
from ..distributions.families import parse
from .checks import remarks
from .correlations import Group, groups
from .files import available, shortened, stem_of
from .layers import Layers
from .prior import SET, Prior


def headline(priors: Mapping[str, Any]) -> tuple[str, ...]:
    """The headline of a set's priors: beside H100-equivalents the counts of the GPU, where it is no H100."""
    chosen = priors["gpu_peak"].distribution
    h100 = next(c.value for c in CONSTANTS if c.name == "h100_peak")
    if chosen.rv is None and chosen.value == h100:
        return HEADLINE
    return tuple(n for q in HEADLINE for n in ((COUNTS[q], q) if q in COUNTS else (q,)))


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

    def uncertain_in(self, quantities: Sequence[str]) -> list[str]:
        """The names of the drawn priors that these quantities read, in the order in which the model reads them."""
        return [n for n in self.model.reads(quantities) if self.priors[n].uncertain]

    @property
    def active(self) -> dict[tuple[str, str], float]:
        """The rank correlations between priors that are drawn; a known value has none."""
        drawn = set(self.uncertain)
        return {pair: rho for pair, rho in self.correlations.items() if drawn.issuperset(pair)}

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of correlated priors."""
        return groups(self.active, list(self.priors))

    def prior(self, name: str) -> Prior:
        """One of its priors; raises InputError for the set of a pool, which has none of its own."""
        if name not in self.priors:
            raise InputError(f"a pool has no priors of its own, and {name} is asked for: ask it of its members' runs")
        return self.priors[name]

    def edited(self, edits: Mapping[str, Any]) -> PriorSet:
        """The set with some priors set anew, as `--set` does; raises InputError as `load_priors`."""
        priors, mistakes = dict(self.priors), list[str]()
        _edit(edits, self.model, priors, mistakes)
        if mistakes:
            raise InputError(*mistakes)
        return _checked(replace(self, priors=priors), self._found)

    @property
    def gpu(self) -> str:
        """The GPU layer that `--gpu` laid above the sets; empty where there is none, or it is not known any more."""
        above = self.name.split("+")[-1]
        return above if "+" in self.name and self.layers[-1:] == (above,) and above in available("gpus") else ""

    def on(self, gpu: str, said: Collection[str] = ()) -> PriorSet:
        """The set with the entries of a GPU layer laid over its own, and no others; what `--set` gave wins over them.

        A note tells of what stays so, but for priors that are `said`. Raises InputError as `load_priors`.
        """
        layers, mistakes = Layers(), list[str]()
        layers.add(gpu, "gpus")
        if layers.variant not in ("", self.variant):
            mistakes.append(f"{layers.last}: variant: {quote(layers.variant)} is not {self.variant}: a GPU has none")
        given = layers.priors(self.model, mistakes)
        pairs, grounds = layers.ties.resolved(self.model, mistakes)
        evidence = layers.evidence_on(self.model, mistakes)
        if layers.mistakes or mistakes:
            raise InputError(*dict.fromkeys([*layers.mistakes, *mistakes]))
        stays = [p for n, p in self.priors.items() if p.set_by_user and n in given]
        laid = {**self.priors, **given, **{p.name: p for p in stays}}
        why = f"stays on {gpu}: --set wins over --gpu, so set it anew to change it"
        told = [one_line(f"{p.name} = {p.distribution.text} {why}") for p in stays if p.name not in said]
        made = replace(
            self,
            name=f"{self.name.removesuffix(f'+{self.gpu}')}+{stem_of(Path(gpu))}",
            priors=laid,
            correlations={**self.correlations, **pairs},
            layers=(*self.layers, *layers.names),
            grounds={**self.grounds, **grounds},
            evidence={**self.evidence, **evidence},
        )
        return _checked(made, [*self._found, *layers.notes, *told])

    @property
    def _found(self) -> tuple[str, ...]:
        """The notes of the files that were found, without the remarks on what they hold."""
        return self.notes[: len(self.notes) - len(remarks(self))]

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
            "name": self.name,
            "title": self.title,
            "variant": self.variant,
            "priors": entries,
            "correlations": {", ".join(pair): rho for pair, rho in self.correlations.items()},
            "layers": list(self.layers),
            "notes": list(self.notes),
            "grounds": {", ".join(pair): dict(ground) for pair, ground in self.grounds.items()},
            "evidence": {n: asdict(p) | {"distribution": p.distribution.text} for n, p in self.evidence.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PriorSet:
        """The set that `to_json` wrote; raises InputError for what it cannot have written."""
        try:
            pairs = {tuple(key.split(", ")): float(rho) for key, rho in data["correlations"].items()}
            made = cls(
                data["name"],
                data["title"],
                data["variant"],
                _stored(data["priors"]),
                pairs,
                tuple(data["layers"]),
                tuple(data["notes"]),
                {tuple(key.split(", ")): dict(ground) for key, ground in data.get("grounds", {}).items()},
                _stored(data.get("evidence", {})),
            )
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
    return {n: replace(p, origin=shortened(p.origin)) for n, p in made.items()}


def _checked(made: PriorSet, notes: Sequence[str]) -> PriorSet:
    """The set with its notes; raises InputError where its correlations cannot all hold."""
    try:
        _ = made.groups
    except InputError as error:
        raise InputError(f"{made.name}: correlations: {error}") from None
    return replace(made, notes=(*notes, *remarks(made)))


def _edit(edits: Mapping[str, Any], model: Model, priors: dict[str, Prior], mistakes: list[str]) -> None:
    for key, text in edits.items():
        if key not in model.inputs:
            mistakes.append(f"--set {key}: {model.name} reads no prior of this name; {nearest(key, model.inputs)}")
            continue
        try:
            distribution = parse(text)
        except InputError as error:
            mistakes += [f"--set {key}: {line}" for line in error.lines]
            continue
        priors[key] = Prior(key, distribution, model.inputs[key].unit, "set by the user", "D", "", SET)
