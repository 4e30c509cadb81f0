"""The summaries of several quantities: a table on a terminal and in a notebook, and as xarray and pandas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..base.numbers import readable
from ..base.wording import aligned, html_table, percent
from .sample import Sample
from .summary import Asked, Summary, summarize

if TYPE_CHECKING:
    import pandas
    import xarray


_TOLD: WeakKeyDictionary[Sample, dict[Any, Summary]] = WeakKeyDictionary()


def remembered(name: str, unit: str, text: str, sample: Sample, draws: int, asked: Asked) -> Summary:
    """The summary of a sample, made once as long as the sample is: runs that share it share what is said of it."""
    told, key = _TOLD.setdefault(sample, {}), (name, unit, text, draws, asked)
    if key not in told:
        told[key] = summarize(name, unit, text, sample, draws, asked)
    return told[key]


class Summaries(tuple[Summary, ...]):
    """Summaries, one for each quantity, in the order in which they were asked for.

    A tuple that prints as a table: `print(run.summary())`.
    """

    __slots__ = ()

    def heads(self) -> list[str]:
        """The heads of the table's columns."""
        if not self or self[0].kind == "hdi":
            ends = [f"{percent(self[0].prob) if self else ''} HDI", "to"]
        else:
            ends = [percent(p) for p in self[0].ends]
        return ["quantity", "median", "mean", *ends, "unit"]

    def rows(self) -> list[list[str]]:
        """A row for each quantity, each number with its MCSE in parentheses."""
        return [
            [s.name, *("none" if e is None else readable(*e) for e in (s.median, s.mean, s.low, s.high)), s.unit]
            for s in self
        ]

    def __repr__(self) -> str:
        return aligned(self.heads(), self.rows())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return html_table(self.heads(), self.rows())

    def to_json(self) -> dict[str, Any]:
        """Plain data by quantity: every number as {"value": .., "mcse": ..}."""
        return {s.name: s.to_json() for s in self}

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `quantity`; `median`, `mean`, `low` and `high`, each with its `_mcse`, and the unit."""
        import xarray

        data: dict[str, Any] = {}
        for name in ("median", "mean", "low", "high"):
            told = [getattr(s, name) or (math.nan, math.nan) for s in self]
            data[name] = ("quantity", [e[0] for e in told])
            data[f"{name}_mcse"] = ("quantity", [e[1] for e in told], {"long_name": f"MCSE of {name}"})
        coords = {"quantity": [s.name for s in self], "units": ("quantity", [s.unit for s in self])}
        about = {"interval": self[0].kind, "probability": self[0].prob} if self else {}
        return xarray.Dataset(data, coords, about)

    def to_pandas(self) -> pandas.DataFrame:
        """As a pandas DataFrame with a row for each quantity."""
        return self.to_dataset().to_dataframe()
