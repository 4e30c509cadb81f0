"""Quantities of several years: one in a year, its growth from one year to another, the first year beyond a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np

from .graph import Quantity


@dataclass(frozen=True)
class Yearly(Quantity):
    """A quantity in a year, or of several: its function reads other names, those of its years."""

    renamed: Mapping[str, str] = field(default_factory=dict, compare=False)
    said: str = ""
    told: str = ""

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


@dataclass(frozen=True)
class FirstYear(Yearly):
    """The first year beyond a bound: infinite where no year of the `span`, its first and last, is."""

    span: tuple[int, int] = (0, 0)
    unreached: ClassVar[bool] = True

    @property
    def origin(self) -> float:  # type: ignore[override]
        """The first of the years, in which worlds have mass: from it, cells of floats are fine enough for a year."""
        return float(self.span[0])

    def within(self, values: Any) -> Any:
        """The year, or the last where it is never reached."""
        return np.minimum(values, float(self.span[1]))


def same(value: Any) -> Any:
    """What no trend moves, or not yet."""
    return value


def grown(late: Any, early: Any) -> Any:
    """How many times as much it is in the later year."""
    return late / early


@cache
def first(years: tuple[int, ...], above: float, bound: float | None, adding: tuple[bool, bool]) -> Callable[..., Any]:
    """The function of a crossing: of values `a` by year beyond a `bound`, or beyond the values `b`.

    `above` is 1 for above and -1 for below; what is `adding` is summed over the years so far.
    """

    def first_year(**values: Any) -> Any:
        """The year at which the bound is met, between two years along a line, of logarithms where all are positive."""
        shape = np.broadcast_shapes(*(np.shape(v) for v in values.values()))
        sides = [_by_year(values, side, years, add) for side, add in zip("ab", adding, strict=True)]
        goals = [bound] * len(years) if bound is not None else sides[1]
        found = np.full(shape, np.inf)
        for i, year in enumerate(years):
            ends = [(sides[0][j], goals[j]) for j in (max(i - 1, 0), i)]
            low, high = _beyond(ends, above)
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(np.isinf(low) | (low >= high), 1.0, -low / (high - low))
            met = year - (year - years[max(i - 1, 0)]) * (1.0 - share)
            found = np.where(np.isinf(found) & (high > 0.0), np.where(low > 0.0, float(year), met), found)
        return found if shape else float(found)

    return first_year


def _by_year(values: Mapping[str, Any], side: str, years: tuple[int, ...], add: bool) -> list[Any]:
    """The values of a side by year, or their sums so far."""
    held = [np.asarray(values[f"{side}{year}"], dtype=float) for year in years if f"{side}{year}" in values]
    return [sum(held[1 : i + 1], held[0]) for i in range(len(held))] if add else held


def _beyond(ends: list[tuple[Any, Any]], above: float) -> list[Any]:
    """How far values lie beyond their bounds at two years: by which factor, where all four of them are positive."""
    (a, b), (c, d) = ends
    positive = (a > 0.0) & (b > 0.0) & (c > 0.0) & (d > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return [np.where(positive, above * (np.log(x) - np.log(goal)), above * (x - goal)) for x, goal in ends]
