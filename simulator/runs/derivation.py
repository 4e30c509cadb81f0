"""How a run's worlds were chosen, where they are not simply drawn from its priors.

A derivation owns what it adds to a run: its part of the digest, what run.json says of it, what the run is
called, and the words of the command that makes it. A kind of derived run is a class here and its analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ..priors.prior_set import PriorSet

GIVEN = "-given"  # ends the name of a set that is conditioned


class Conditioned(NamedTuple):
    """The worlds of a prior set, weighted by outside facts about quantities.

    `on` maps quantities to distributions, `sources` to (source, grade); `pareto_k` and `effective` are PSIS's
    diagnostic of the weights and the effective draws.
    """

    on: Mapping[str, str]
    sources: Mapping[str, tuple[str, str]]
    pareto_k: float
    effective: float

    @property
    def kind(self) -> str:
        """What the run is called."""
        return "conditioned"

    @property
    def digested(self) -> list[Any]:
        """What it adds to the digest of a run."""
        return ["conditioned", sorted(self.on.items())]

    def to_json(self) -> dict[str, Any]:
        """Plain data, as run.json holds it."""
        return {
            "kind": self.kind,
            "on": dict(self.on),
            "digested": self.digested,
            "sources": {name: list(told) for name, told in self.sources.items()},
            "pareto_k": self.pareto_k,
            "effective": self.effective,
        }

    def labelled(self, priors: PriorSet) -> PriorSet:
        """The prior set under the name and title of what is conditioned."""
        told = ", ".join(f"{name} = {text}" for name, text in self.on.items())
        return replace(priors, name=f"{priors.name}{GIVEN}", title=f"{priors.title}, given {told}")

    def base(self, name: str) -> str:
        """The name of the prior set that a conditioned run's is made from."""
        return name.removesuffix(GIVEN)


class Member(NamedTuple):
    """A prior set in a pool: its weight, the digest of its run, its draws in each replicate, and all of its priors."""

    name: str
    title: str
    variant: str
    weight: float
    digest: str
    draws: int
    priors: Mapping[str, Any]

    def prior_set(self) -> PriorSet:
        """The member's prior set; raises InputError where it is damaged."""
        return PriorSet.from_json(self.priors)


class Pooled(NamedTuple):
    """The worlds of several prior sets, in proportion to their weights."""

    members: tuple[Member, ...]

    @property
    def kind(self) -> str:
        """What the run is called."""
        return "a pool"

    @property
    def digested(self) -> list[Any]:
        """What it adds to the digest of a run."""
        return ["pool", [[m.digest, m.weight] for m in self.members]]

    def to_json(self) -> dict[str, Any]:
        """Plain data, as run.json holds it."""
        return {"kind": self.kind, "members": [m._asdict() for m in self.members], "digested": self.digested}

    @property
    def names(self) -> list[str]:
        """What the members are called."""
        return [m.name for m in self.members]

    def base(self, name: str) -> str:
        """The name of the prior set to ask where the pool itself has no answer: its first member's."""
        return self.members[0].name


Derivation = Conditioned | Pooled


def derivation_of(told: Mapping[str, Any], per_replicate: int) -> Derivation | None:
    """The derivation that run.json tells of; raises ValueError for what none has written."""
    if not told:
        return None
    if not isinstance(told.get("kind"), str) or not isinstance(told.get("digested"), list):
        raise ValueError("kind")
    made = _pooled(told) if "members" in told else _conditioned(told)
    if isinstance(made, Pooled) and sum(m.draws for m in made.members) != per_replicate:
        raise ValueError("members")
    return made


def _conditioned(told: Mapping[str, Any]) -> Conditioned:
    on, sources = told.get("on"), told.get("sources")
    if not isinstance(on, dict) or not _texts(on.values()) or not isinstance(sources, dict):
        raise ValueError("on")
    pairs = sources.values()
    if not all(isinstance(pair, list) and len(pair) == 2 and _texts(pair) for pair in pairs):
        raise ValueError("sources")
    numbers = [told.get(key, 0.0) for key in ("pareto_k", "effective")]
    if not all(map(_number, numbers)):
        raise ValueError("pareto_k")
    return Conditioned(on, {name: (source, grade) for name, (source, grade) in sources.items()}, *numbers)


def _pooled(told: Mapping[str, Any]) -> Pooled:
    members = told["members"]
    if not isinstance(members, list) or not members or not all(map(_member, members)):
        raise ValueError("members")
    return Pooled(tuple(Member(**{key: m[key] for key in Member._fields}) for m in members))


def _member(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and _texts(told.get(key) for key in ("name", "title", "variant", "digest"))
        and _number(told.get("weight"))
        and isinstance(told.get("draws"), int)
        and _number(told["draws"])
        and told["draws"] >= 0
        and isinstance(told.get("priors"), dict)
    )


def _texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
