"""The register of the families: each with the ways to write it, handed over by decorators.

To add a family, write one function marked `@family` whose parameters are its textbook parameters and
which returns a random variable; a further parametrization is a function marked `@also(family)`. The
annotations of the parameters say what may stand there (types, not texts: nothing is evaluated). A
parameter called `quantiles` receives the percentiles of the call as {probability: value}.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from functools import cached_property
from types import UnionType
from typing import Any, get_args, get_origin

from ..base.errors import nearest
from .distribution import Distribution

Function = Callable[..., Any]
PERCENTILES = ("p5", "p95")  # of which two are asked for, mostly


class Parametrization:
    """One way to write a family.

    `example` holds the percentiles that stand for all in a description, and `most` how many it takes at
    most; `rewrites` marks a function that returns the arguments of another way, and is given the folder
    of the file in which the call stands.
    """

    def __init__(
        self, function: Function, example: tuple[str, ...] = PERCENTILES, most: int = 0, rewrites: bool = False
    ):
        self.function, self.example, self.most, self.rewrites = function, example, most, rewrites

    @cached_property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """The named arguments, but for the quantiles, each annotated with its type."""
        found = inspect.signature(self.function).parameters.items()
        return {name: p for name, p in found if name not in ("quantiles", "folder") and p.kind is not p.VAR_KEYWORD}

    @cached_property
    def parts(self) -> inspect.Parameter | None:
        """The parameter that takes arguments of any name; None where there is none."""
        found = inspect.signature(self.function).parameters.values()
        return next((p for p in found if p.kind is p.VAR_KEYWORD), None)

    @cached_property
    def quantiles(self) -> range:
        """How many quantiles it takes."""
        if "quantiles" not in inspect.signature(self.function).parameters:
            return range(1)
        return range(len(self.example), max(self.most, len(self.example)) + 1)

    def takes(self, names: Collection[str], quantiles: int) -> bool:
        """Whether a call with these arguments, and so many quantiles, is written in this way."""
        needed = {n for n, p in self.parameters.items() if p.default is p.empty}
        known = self.parts is not None or set(names) <= set(self.parameters)
        return known and needed <= set(names) and quantiles in self.quantiles

    def wanted(self, name: str) -> Any:
        """The type of an argument."""
        if name in self.parameters:
            return self.parameters[name].annotation
        return self.parts.annotation if self.parts else float

    @property
    def names(self) -> list[str]:
        """The arguments as they are written: `mean=..`, `[low=..]`, `p5=..`."""
        shown = []
        for name in inspect.signature(self.function).parameters:
            if name == "quantiles":
                shown += [f"{p}=.." for p in self.example] + (["..."] if self.most else [])
            elif self.parts and name == self.parts.name:
                shown += ["a=..", "b=.."]
            elif name in self.parameters:
                p = self.parameters[name]
                shown.append(f"{name}=.." if p.default is p.empty else f"[{name}=..]")
        return shown


FAMILIES: dict[str, list[Parametrization]] = {}


def family[F: Function](function: F) -> F:
    """Mark a function from textbook parameters to a random variable as a family; returns it unchanged."""
    FAMILIES[function.__name__] = [Parametrization(function)]
    return function


def also[F: Function](
    main: Function, example: tuple[str, ...] = PERCENTILES, most: int = 0, rewrites: bool = False
) -> Callable[[F], F]:
    """Mark a function as a further parametrization of the family `main`; the rest is `Parametrization`'s."""

    def mark(function: F) -> F:
        FAMILIES[main.__name__].append(Parametrization(function, example, most, rewrites))
        return function

    return mark


def describe(name: str) -> str:
    """The ways to write a family: `beta(a, b)`, `beta(mean, sd)`, `beta(p5, p95)`."""
    if name not in FAMILIES:
        return nearest(name, FAMILIES)
    return " or ".join(f"{name}({', '.join(way.names)})" for way in FAMILIES[name])


def through_more(count: int) -> list[str]:
    """The families of which a curve goes through so many quantiles, as they are written."""
    return [
        f"{name}({', '.join(f'{p}=..' for p in way.example)}{', ...' if way.most else ''})"
        for name, ways in FAMILIES.items()
        for way in ways
        if count in way.quantiles and count > len(PERCENTILES)
    ]


def fits(value: object, wanted: Any) -> bool:
    """Whether a value is of the type that stands at a parameter."""
    for kind in _kinds(wanted):
        if get_origin(kind) is list:
            if isinstance(value, list) and value and all(isinstance(v, float) for v in value):
                return True
        elif isinstance(value, kind):
            return True
    return False


def words_for(wanted: Any) -> str:
    """The type of a parameter in words: `a number`, `a distribution`."""
    kinds = _kinds(wanted)
    if any(get_origin(kind) is list for kind in kinds):
        return "a list of numbers, at least one"
    return "a distribution" if Distribution in kinds else "a text in quotes" if str in kinds else "a number"


def _kinds(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted) if isinstance(wanted, UnionType) else (wanted,)
