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


HEAVY = 15.0  # what is shown over the middle half: a normal has 4.6, Student's t with three degrees of freedom 13
PLACES = (0.001, 0.25, 0.5, 0.75, 0.999)  # of the quantiles that tell


def with_both_signs(low: float, first: float, middle: float, last: float, high: float) -> Scale:
    """The scale for what is not positive, from its quantiles at PLACES: linear, or asinh where its tails are heavy.

    On a linear axis such a distribution would be one needle. The centre is 0, or a round number near the
    median where that lies far from 0; the width is half of the middle half.
    """
    half = last - first
    if not half > 0.0 or (high - low) / half <= HEAVY:
        return LINEAR
    centre = 0.0 if abs(middle) <= 4.0 * half else float(f"{middle:.2g}")
    return Scale("asinh", centre, 0.5 * half)
