"""Quantities of several years: one in a year, its growth from one year to another, the first year beyond a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from .graph import Quantity


class Yearly(Quantity):
    """A quantity in a year, or of several: its function reads other names, those of its years.

    `renamed` maps the function's own names to them; `said` is its formula and `told` its text.
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        unit: str,
        never: bool,
        renamed: Mapping[str, str],
        said: str,
        told: str,
    ):
        super().__init__(name, function, unit, never)
        self.renamed, self.said, self.told = renamed, said, told

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names that it reads, in the order of the function's own."""
        return tuple(self.renamed.values())

    @property
    def parameters(self) -> tuple[str, ...]:
        """The function's own names of its inputs, in the same order."""
        return tuple(self.renamed)

    def __call__(self, known: Mapping[str, Any]) -> Any:
        """The quantity from the values of its inputs."""
        plain = Quantity(self.name, self.function, self.unit, self.never)
        plain.__dict__["inputs"] = tuple(self.renamed)
        return plain({own: known[name] for own, name in self.renamed.items()})

    @cached_property
    def text(self) -> str:
        """What it is."""
        return self.told

    @cached_property
    def formula(self) -> str:
        """The formula, with the names of its year."""
        return self.said


class FirstYear(Yearly):
    """The first year beyond a bound: infinite where no year, from the first to the last, is."""

    unreached = True

    def __init__(self, *told: Any, years: tuple[int, int]):
        super().__init__(*told)
        self.origin = float(years[0])  # in which worlds have mass: from it, cells of floats are fine enough for a year
        self.last = float(years[1])

    def within(self, values: Any) -> Any:
        """The year, or the last where it is never reached."""
        return np.minimum(values, self.last)


def same(value: Any) -> Any:
    """What no trend moves, or not yet."""
    return value


def grown(late: Any, early: Any) -> Any:
    """How many times as much it is in the later year."""
    return late / early
