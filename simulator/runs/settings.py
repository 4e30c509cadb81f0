"""What a run is made from, beside its prior set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..base.errors import InputError
from ..distributions.random_variable import DEEPEST
from ..priors.prior import Prior


def _keepable(prior: Prior) -> None:
    """Refuse a prior with draws beyond the largest float32: clipping them would change them in silence."""
    rv, limits = prior.distribution.rv, np.finfo(np.float32)
    for end in (rv.ppf(DEEPEST, False), rv.ppf(DEEPEST, True)):
        if abs(end) > limits.max:
            raise InputError(
                f"{prior.name} = {prior.distribution.text} reaches {end:.3g}, beyond what a kept draw "
                "(float32) can hold; narrow it, or run with --keep 0"
            )


def float32_range(low: float, high: float) -> tuple[np.float32, np.float32]:
    """The float32 numbers nearest to the ends of a support, on its inside."""
    limits = np.finfo(np.float32)
    if low == high:
        return np.float32(low), np.float32(high)
    a = np.float32(np.clip(low, limits.min, limits.max))
    b = np.float32(np.clip(high, limits.min, limits.max))
    a = np.nextafter(a, np.float32(np.inf)) if float(a) < low else a
    b = np.nextafter(b, np.float32(-np.inf)) if float(b) > high else b
    if low == 0.0:
        a = limits.smallest_subnormal
    return a, b


REPLICATES = 16


@dataclass(frozen=True)
class Settings:
    """What a run is made from, beside its prior set."""

    seed: int
    draws: int
    replicates: int
    sampler: str
    exact: bool
    keep: int
    quantities: tuple[str, ...]

    @property
    def per_replicate(self) -> int:
        """Draws in each replicate."""
        return self.draws // self.replicates

    @property
    def kept(self) -> int:
        """Kept draws in each replicate."""
        return min(self.keep // self.replicates, self.per_replicate)
