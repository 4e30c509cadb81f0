"""How values lie along an axis: evenly, by their logarithm, or evenly near a centre and by powers far from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scale:
    """A scale and its inverse; `centre` and `width` are of an `asinh` scale alone."""

    name: str
    centre: float = 0.0
    width: float = 1.0

    @property
    def log(self) -> bool:
        """Whether steps along the axis are factors."""
        return self.name == "log"

    def to(self, x: np.ndarray) -> np.ndarray:
        """Where values lie along the axis; what has no place on it is infinite or NaN."""
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.log(x)
        return np.arcsinh((np.asarray(x) - self.centre) / self.width) if self.name == "asinh" else np.asarray(x)

    def back(self, z: np.ndarray) -> np.ndarray:
        """The values at places along the axis."""
        if self.log:
            return np.exp(z)
        return self.centre + self.width * np.sinh(z) if self.name == "asinh" else np.asarray(z)


LINEAR, LOG = Scale("linear"), Scale("log")


def log_if(positive: bool | np.bool) -> Scale:
    """A logarithmic scale for what is positive, else a linear one."""
    return LOG if positive else LINEAR
