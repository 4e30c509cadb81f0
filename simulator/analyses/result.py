"""What every analysis returns: a frozen result that is xarray, pandas, JSON and a table in a notebook."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..statistics.estimators import Estimate

if TYPE_CHECKING:
    import pandas
    import xarray

NONE = Estimate(math.nan, math.nan)


class Result(ABC):
    """A result: `to_dataset()` is xarray with units, `to_json()` what `--json` prints, `to_pandas()` its table."""

    @abstractmethod
    def to_dataset(self) -> xarray.Dataset:
        """As xarray: each number with a variable of its MCSE; attributes say units and scale."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Plain data, as `--json` prints it."""

    def to_pandas(self) -> pandas.DataFrame:
        """As a pandas DataFrame, a row for each coordinate of `to_dataset`."""
        return self.to_dataset().to_dataframe()

    def _repr_html_(self) -> str:
        return str(self.to_pandas().to_html())


def finite(value: float) -> float | None:
    """A number, or nothing where it is none: JSON has no infinity."""
    return value if math.isfinite(value) else None


def plain(estimate: Estimate | None) -> dict[str, float | None] | None:
    """An estimate as plain data."""
    if estimate is None or math.isnan(estimate.value):
        return None
    return {"value": estimate.value, "mcse": finite(estimate.mcse)}


def along(
    dim: str, name: str, text: str, found: Iterable[Estimate | None], about: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The variables of a number and of its MCSE along a dimension."""
    held = [e or NONE for e in found]
    return {
        name: (dim, [e.value for e in held], {"long_name": text, **(about or {})}),
        f"{name}_mcse": (dim, [e.mcse for e in held], {"long_name": f"MCSE of {text}", **(about or {})}),
    }
