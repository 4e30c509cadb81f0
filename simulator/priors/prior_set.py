"""A checked prior set: its priors, correlations and evidence, with where each came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from ..base.errors import InputError, meant, one_line, quote
from ..base.known import Known, parted
from ..compute.graph import Model
from ..compute.inputs import CONSTANTS
from ..compute.models import model_of
from ..compute.years import GROWTH, NOISE, Crossing, YearModel, at, read_crossing, year_model
from . import trust
from .checks import remarks
from .correlations import Group, groups
from .files import available
from .knowledge import knowing
from .layers import Layers
from .plausible import Plausible
from .prior import NOT_GIVEN, Prior, neutral, set_anew
from .trends import Trend, set_growths


def headline(chosen: PriorSet) -> tuple[str, ...]:
    """The headline of a set: beside H100-equivalents the counts of the GPU, where it is no H100."""
    told = chosen.model.told
    gpu = chosen.priors["gpu_peak"].distribution if told.counts else None
    h100 = next(c.value for c in CONSTANTS if c.name == "h100_peak")
    if gpu is None or (gpu.rv is None and gpu.value == h100):
        return told.headline
    return tuple(n for q in told.headline for n in ((told.counts[q], q) if q in told.counts else (q,)))


def asked_of(chosen: PriorSet, quantities: Sequence[str] = ()) -> tuple[str, ...]:
    """The quantities that a set is asked for: its headline, or some, each for every year of its own, and its crossings.

    What no trend reaches is asked for once.
    """
    plain = tuple(quantities) or headline(chosen)
    model = chosen.model
    if not isinstance(model, YearModel):
        return plain
    known = [meant(q, model.moving) or q for q in plain]
    wanted = [n for q in known for n in ([at(q, y) for y in chosen.years] if q in model.moving else [q])]
    return (*wanted, *(c.name for c in chosen.when))


MANY, LONG = 4, 60  # edits that a name holds, and characters of each


class Overlay(NamedTuple):
    """What the file of a GPU lays over a set of one variant."""

    name: str
    priors: Mapping[str, Prior]
    correlations: Mapping[tuple[str, str], float]
    grounds: Mapping[tuple[str, str], Mapping[str, str]]
    evidence: Mapping[str, Prior]
    layers: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class PriorSet:
    """A resolved prior set: exactly the priors that its variant reads, in the model's order.

    `found` are notes on how the files were found; `gpu` is the layer that was laid above the sets as the
    GPU, empty where none was.
    """

    name: str
    title: str
    variant: str
    priors: Mapping[str, Prior]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    grounds: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    evidence: Mapping[str, Prior] = field(default_factory=dict)
    gpu: str = ""
    calibration: Mapping[str, Any] = field(default_factory=dict)
    trends: Mapping[str, Trend] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    when: tuple[Crossing, ...] = ()
    plausible: Mapping[str, Plausible] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<PriorSet {self.name}: {len(self.priors)} priors, {len(self.uncertain)} of them uncertain>"

    @property
    def model(self) -> Model:
        """The compute model of the set's variant, over its years where it has some."""
        base = model_of(self.variant)
        if not self.years:
            return base
        return year_model(base, tuple(t.trended for t in self.trends.values()), self.years)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Notes on how the set was found, and on what is unusual in what it holds."""
        return (*self.found, *remarks(self.priors, self.model, self.correlations))

    @property
    def trust(self) -> str:
        """How far the intervals can be trusted: one line, the same everywhere."""
        return trust.line(self.priors, self.calibration, self.model.told.tested, self.years, self.trends)

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
    def edits(self) -> dict[str, str]:
        """What was set by hand over the files, by prior: `{"peak_factor": "1.5"}`."""
        return {p.name: p.edit for p in self.priors.values() if p.edited}

    @property
    def called(self) -> str:
        """The set's name and its edits, wherever it is named: `plappert-2024, peak_factor=1.5`."""
        return ", ".join([self.name, *self._shown_edits])

    @property
    def headed(self) -> str:
        """The set's title and its edits: `The essay's ranges (with peak_factor=1.5)`."""
        shown = self._shown_edits
        return f"{self.title} (with {', '.join(shown)})" if shown else self.title

    @property
    def shown_edits(self) -> dict[str, str]:
        """The edits as they are named, by prior: `peak_factor=1.5`, `parameters=2e9 known`."""
        short = {n: t if len(t) <= LONG else t[: LONG - 3] + "..." for n, t in self.edits.items()}
        return {n: f"{n}={t}{' known' if isinstance(self.edits[n], Known) else ''}" for n, t in short.items()}

    @property
    def _shown_edits(self) -> list[str]:
        texts = list(self.shown_edits.values())
        return texts if len(texts) <= MANY else [*texts[: MANY - 1], f"{len(texts) - MANY + 1} more edits"]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups of correlated priors."""
        return groups(self.active, list(self.priors))

    def prior(self, name: str) -> Prior:
        """One of its priors; raises InputError for the set of a pool, which has none of its own."""
        if name not in self.priors:
            raise InputError(f"a pool has no priors of its own, and {name} is asked for: ask it of its members' runs")
        return self.priors[name]

    def read_by(self, *quantities: str) -> tuple[str, ...]:
        """The uncertain priors that quantities depend on, in the order of the inputs."""
        return tuple(name for name in self.model.reads(quantities) if self.prior(name).uncertain)

    def lacking(self, *quantities: str) -> list[str]:
        """The priors that quantities depend on and that neither the set nor its GPU gives."""
        return [n for n in self.model.reads(quantities) if n in self.priors and self.priors[n].source == NOT_GIVEN]

    def refuse_unknown(self, quantity: str) -> None:
        """Raise InputError for a quantity that needs a prior which neither the set nor its GPU gives."""
        if lacks := self.lacking(quantity):
            given = " ".join(f"--set {name}=.." for name in lacks)
            raise InputError(
                f"{quantity} is not known: {self.name} does not give {', '.join(lacks)}; {given} does, or --gpu with "
                "the name of a GPU that can be bought"
            )

    def checked(self) -> PriorSet:
        """The set itself; raises InputError where its correlations cannot all hold."""
        try:
            _ = self.groups
        except InputError as error:
            raise InputError(f"{self.name}: correlations: {error}") from None
        return self

    def edited(self, edits: Mapping[str, object]) -> PriorSet:
        """The set with some priors set anew, as `--set` and `--know` do; raises InputError as `load_priors`."""
        priors, mistakes = dict(self.priors), list[str]()
        given, values = parted(edits)
        plain, trends = set_growths(given, self.trends, self.model, mistakes)
        set_anew(plain, self.model, priors, mistakes)
        if mistakes:
            raise InputError(*mistakes)
        priors |= {t.growth.name: t.growth for t in trends.values() if t.growth.name in priors}
        return replace(self, priors=priors, trends=trends).checked().knowing(values)

    def through(self, years: Sequence[int], when: Sequence[Crossing] = ()) -> PriorSet:
        """The set over years: every quantity stands for each, as `inference_h100s@2027`, and priors move by its trends.

        Raises InputError for years before a trend begins, or out of order.
        """
        plain = {n: p for n, p in self.priors.items() if not n.startswith((GROWTH, NOISE))}
        if any(b <= a for a, b in pairwise(years)):
            raise InputError(f"--years {','.join(map(str, years))}: years go up, as in 2024:2030 or 2024,2027,2030")
        unmoved = [n for n, t in self.trends.items() if not t.still and self.priors[n].distribution.value == 0.0]
        if unmoved and years:
            raise InputError(f"trends.{unmoved[0]}: {unmoved[0]} is 0, and 0 does not grow: leave out its trend")
        brought = [t.priors(tuple(years)) for t in self.trends.values()] if years else []
        for each in brought:
            plain |= each
        made = replace(self, priors=plain, years=tuple(years), when=tuple(when))
        if not years:
            return made
        asked = tuple(made.model.crossing(c) for c in when)  # type: ignore[attr-defined]
        return replace(made, priors={n: plain[n] for n in made.model.inputs}, when=asked)

    def knowing(self, values: Mapping[str, object]) -> PriorSet:
        """The set in which priors have known values, and those that are correlated with them have moved.

        As `--know` does, where `edited` replaces a prior and moves no other. Raises InputError with a line for each
        mistake.
        """
        return knowing(self, values) if values else self

    def on(self, gpu: str, said: Collection[str] = ()) -> PriorSet:
        """The set with the entries of a GPU layer laid over its own, and no others; what `--set` gave wins over them.

        A note tells of what stays so, but for priors that are `said`. Raises InputError as `load_priors`.
        """
        return self.beneath(self.overlay(gpu), said)

    def overlay(self, gpu: str) -> Overlay:
        """What the file of a GPU lays over this set; raises InputError as `load_priors`."""
        layers, mistakes = Layers(), list[str]()
        above = layers.add(gpu, "gpus")
        if layers.variant not in ("", self.variant) or layers.model:
            told = quote(layers.variant or layers.model)
            mistakes.append(f"{layers.last}: variant: {told} is not {self.model.name}: a GPU has none")
        given = layers.priors(self.model, mistakes)
        if not given and not mistakes:
            mistakes.append(f"--gpu {gpu}: the model {self.model.name} reads no prior of a GPU: leave it out")
        given = {n: neutral(i) for n, i in self.model.inputs.items() if i.needed} | given
        pairs, grounds = layers.ties.resolved(self.model, mistakes)
        evidence = layers.evidence_on(self.model, mistakes)
        if layers.mistakes or mistakes:
            raise InputError(*dict.fromkeys([*layers.mistakes, *mistakes]))
        return Overlay(above, given, pairs, grounds, evidence, tuple(layers.names), tuple(layers.notes))

    def beneath(self, above: Overlay, said: Collection[str] = ()) -> PriorSet:
        """The set with the entries of a GPU's file laid over it, as `on` does."""
        stays = [p for n, p in self.priors.items() if p.edited and n in above.priors]
        laid = {**self.priors, **above.priors, **{p.name: p for p in stays}}
        why = "wins over --gpu, so"
        told = [
            one_line(f"{p.name} = {p.edit} stays on {above.name}: {p.origin} {why} {p.origin[2:]} it anew to change it")
            for p in stays
            if p.name not in said
        ]
        return replace(
            self,
            found=(*self.found, *above.notes, *told),
            name=f"{self.name.removesuffix(f'+{self.gpu}')}+{above.name}",
            gpu=above.name,
            priors=laid,
            correlations={**self.correlations, **above.correlations},
            layers=(*self.layers, *above.layers),
            grounds={**self.grounds, **above.grounds},
            evidence={**self.evidence, **above.evidence},
        ).checked()

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
        return {
            "name": self.name,
            "title": self.title,
            "edits": self.edits,
            "variant": self.variant,
            "priors": {n: p.to_json() for n, p in self.priors.items()},
            "correlations": {", ".join(pair): rho for pair, rho in self.correlations.items()},
            "layers": list(self.layers),
            "notes": list(self.notes),
            "grounds": {", ".join(pair): dict(ground) for pair, ground in self.grounds.items()},
            "evidence": {n: p.to_json() for n, p in self.evidence.items()},
            "gpu": self.gpu,
            **({"calibration": dict(self.calibration)} if self.calibration else {}),
            **({"trends": {n: t.to_json() for n, t in self.trends.items()}} if self.trends else {}),
            **({"years": list(self.years)} if self.years else {}),
            **({"when": [c.text for c in self.when]} if self.when else {}),
            **({"plausible": {n: p.to_json() for n, p in self.plausible.items()}} if self.plausible else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PriorSet:
        """The set that `to_json` wrote; raises InputError for what it cannot have written."""
        try:
            priors, model = {n: Prior.from_json(n, e) for n, e in data["priors"].items()}, model_of(data["variant"])
            later = {n: neutral(i) for n, i in model.inputs.items() if i.neutral is not None and n not in priors}
            made = cls(
                data["name"],
                data["title"],
                data["variant"],
                priors | (later if priors else {}),  # a pool has none of its own
                {tuple(key.split(", ")): float(rho) for key, rho in data["correlations"].items()},
                tuple(data["layers"]),
                tuple(data["notes"]),
                {tuple(key.split(", ")): dict(ground) for key, ground in data.get("grounds", {}).items()},
                {n: Prior.from_json(n, e) for n, e in data.get("evidence", {}).items()},
                data["gpu"] if "gpu" in data else _gpu_of(data["name"], data["layers"]),
                trust.stored(data.get("calibration", {})),
                {n: Trend.from_json(n, t) for n, t in data.get("trends", {}).items()},
                _years(data.get("years", [])),
                tuple(read_crossing(text) for text in data.get("when", ())),
                {n: Plausible.from_json(n, p) for n, p in data.get("plausible", {}).items()},
            )
            texts = [made.name, made.title, made.variant, made.gpu, *made.layers, *made.found]
            texts += [text for ground in made.grounds.values() for text in ground.values()]
            if not all(isinstance(text, str) for text in texts) or not made.name or "/" in made.name:
                raise InputError(f"{quote(str(made.name))} is not the name of a prior set, or what it says is no text")
            told = remarks(made.priors, made.model, made.checked().correlations)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"{type(error).__name__} {quote(str(error))}") from None
        return replace(made, found=tuple(note for note in made.found if note not in told))


def _years(stored: Any) -> tuple[int, ...]:
    """The years of a stored set."""
    if not isinstance(stored, list) or not all(isinstance(y, int) and not isinstance(y, bool) for y in stored):
        raise InputError(f"{quote(stored)} are no years")
    return tuple(stored)


def _gpu_of(name: str, layers: Sequence[str]) -> str:
    """The GPU of a set that an earlier version stored, which told it in the name alone."""
    above = name.split("+")[-1]
    return above if "+" in name and tuple(layers[-1:]) == (above,) and above in available("gpus") else ""
