"""What numbers become over years: a prior by its trend, and the first year in which values lie beyond a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np


def moved(value: Any, growth: Any, years: float, walk: Any = None, share: bool = False) -> Any:
    """The value, or for a share its odds, times the growth for each year, and a random walk of logarithms around it."""
    factor = growth**years
    if walk is not None:
        factor = factor * np.exp(walk)
    return value * factor / (1.0 - value + value * factor) if share else value * factor


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
