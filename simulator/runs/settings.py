"""What a run is made from, beside its prior set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..base.defaults import DEFAULT_DRAWS, DEFAULT_KEEP, DEFAULT_SEED
from ..base.errors import InputError
from ..distributions.random_variable import DEEPEST
from ..priors.prior import Prior

REPLICATES = 16
MOST_DRAWS = 10**11
ALONE = 1 << 16  # draws up to which threads would cost more than they save


def kept_by_default(draws: int, years: Sequence[int]) -> int:
    """How many draws a run keeps that is not told: over years, those of all of them together where not all fit."""
    return DEFAULT_KEEP if draws <= DEFAULT_KEEP or not years else DEFAULT_KEEP // len(years)


def check_keepable(prior: Prior) -> None:
    """Refuse a prior with draws beyond the largest float32: clipping them would change them in silence."""
    rv, limits = prior.distribution.as_rv(), np.finfo(np.float32)
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


@dataclass(frozen=True)
class Sampling:
    """How worlds are drawn, and on how many threads (all cores by default), on which no number depends.

    Raises InputError for what cannot be drawn.
    """

    draws: int = DEFAULT_DRAWS
    seed: int = DEFAULT_SEED
    sampler: str = "sobol"
    exact: bool = False
    threads: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.draws <= MOST_DRAWS:
            raise InputError(f"{self.draws} draws cannot be made: a whole number from 1 to 1e11")
        if not 0 <= self.seed < 2**63:
            raise InputError(f"{self.seed} is not a seed: a whole number from 0 to 2^63 - 1")
        if self.sampler == "sobol" and self.per_replicate > 2**32:
            raise InputError(f"{self.draws} draws are more than the Sobol nets hold; use --sampler random")
        if self.threads is not None and self.threads < 1:
            raise InputError(f"{self.threads} threads cannot draw: at least 1")

    @property
    def per_replicate(self) -> int:
        """Draws in each replicate: `draws` rounded up to a multiple of the replicates."""
        return -(-self.draws // REPLICATES)


class Settings(NamedTuple):
    """What a run is made from, beside its prior set.

    `keep` draws are kept in the run that is stored; where `held` is false none is at hand, but the run is that run.
    """

    seed: int
    draws: int
    replicates: int
    sampler: str
    exact: bool
    keep: int
    quantities: tuple[str, ...]
    held: bool = True

    @classmethod
    def of(cls, sampling: Sampling, quantities: tuple[str, ...], keep: int, held: bool = True) -> Settings:
        """The settings of a run of these quantities."""
        s, draws = sampling, REPLICATES * sampling.per_replicate
        return cls(s.seed, draws, REPLICATES, s.sampler, s.exact, max(keep, 0), quantities, held)

    @property
    def per_replicate(self) -> int:
        """Draws in each replicate."""
        return self.draws // self.replicates

    @property
    def kept(self) -> int:
        """Draws of each replicate that are at hand."""
        return min(self.keep // self.replicates, self.per_replicate) if self.held else 0

    @property
    def identity(self) -> list[int | str | bool | list[str]]:
        """What the digest of a run is taken of."""
        return [self.seed, self.draws, self.replicates, self.sampler, self.exact, self.keep, list(self.quantities)]

    def sampling(self, threads: int | None = None) -> Sampling:
        """How to draw the same worlds again."""
        return Sampling(self.draws, self.seed, self.sampler, self.exact, threads)
