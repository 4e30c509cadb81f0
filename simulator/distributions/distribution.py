"""A distribution of the notation: its canonical text and its random variable, moved and scaled exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from ..base.errors import InputError, quote
from ..base.numbers import shortest
from .bounded import Clipped
from .derived import Discrete, inverse, moved
from .random_variable import DEEPEST, RandomVariable


@dataclass(frozen=True)
class Distribution:
    """A parsed distribution: its canonical text, family and rv; or a known value (`rv` is None).

    One that was moved is `shift` + `factor` times its `base`, so that moves add up to one; one that is 1 over
    another has that for `inverted`.
    """

    text: str
    family: str
    rv: RandomVariable | None = field(default=None, compare=False)
    value: float | None = None
    base: Distribution | None = field(default=None, compare=False)
    factor: float = field(default=1.0, compare=False)
    shift: float = field(default=0.0, compare=False)
    inverted: Distribution | None = field(default=None, compare=False)

    def quantile(self, probability: float) -> float:
        """The value below which a share `probability` of the draws lies."""
        if self.rv is None:
            return self.known
        with np.errstate(all="ignore"):  # an infinity on the way to a bound
            return self.rv.quantile(probability)

    @property
    def known(self) -> float:
        """The value of what is known; raises ValueError for what is uncertain."""
        if self.value is None:
            raise ValueError(f"{self.text} is not a known value")
        return float(self.value)

    @property
    def support(self) -> tuple[float, float]:
        """The closed range of the values."""
        return (self.known, self.known) if self.rv is None else self.rv.support

    def as_rv(self) -> RandomVariable:
        """The random variable; a known value as a single step."""
        return self.rv if self.rv is not None else Discrete([self.known], [1.0])

    def clipped(self) -> list[tuple[float, float]]:
        """The values to which a clip has moved mass, each with how much."""
        inner = (self.base or self).rv
        if not isinstance(inner, Clipped):
            return []
        with np.errstate(all="ignore"):
            return [(self.shift + self.factor * value, share) for value, share in inner.moved()]

    def scaled(self, factor: float) -> Distribution:
        """The distribution of `factor` times the variable: a change of unit."""
        return self.moved(0.0, factor)

    def moved(self, shift: float, factor: float = 1.0) -> Distribution:
        """The distribution of `shift` + `factor` times the variable; raises InputError where that is not finite."""
        base = self.base or self
        shift, factor = shift + factor * self.shift if self.shift else shift, self.factor * factor
        if factor == 1.0 and shift == 0.0:
            return base
        text = base._moved_text(shift, factor)
        if not math.isfinite(factor) or not math.isfinite(shift) or factor == 0.0:
            raise InputError(f"{quote(text)} is not finite: give smaller numbers, or another unit")
        if base.rv is None:
            return constant(base.known * factor + shift if shift else base.known * factor)
        with np.errstate(all="ignore"):
            rv = moved(base.rv, shift, factor)
            checked_ends(text, rv)
        return Distribution(text, base.family, rv, None, base, factor, shift)

    def _moved_text(self, shift: float, factor: float) -> str:
        size, sign = shortest(abs(factor) if shift else factor), "-" if factor < 0.0 else "+"
        if self.inverted:
            text = f"{size} / {_argument(self.inverted)}"
        else:
            text = self.text if size == "1" else f"{size} * {self.text}"
        return f"{shortest(shift)} {sign} {text}" if shift else text

    def inverse(self) -> Distribution:
        """The distribution of 1 over the variable; raises InputError where its values lie on both sides of 0."""
        if self.base and not self.shift:
            return self.base.inverse().moved(0.0, 1.0 / self.factor)
        if self.inverted:
            return self.inverted
        low, high = self.support
        rv = self.as_rv()
        if low < 0.0 < high or float(rv.atom(0.0)) > 0.0:
            raise InputError(f"1 / {_argument(self)} has no bounds: its values must lie above 0, or all below 0")
        if self.rv is None:
            return constant(1.0 / self.known)
        text = f"1 / {_argument(self)}"
        with np.errstate(all="ignore"):
            made = inverse(self.rv)
            checked_ends(text, made)
        return Distribution(text, self.family, made, None, inverted=self)


def _argument(distribution: Distribution) -> str:
    """The text of a distribution behind an operator."""
    return f"({distribution.text})" if distribution.base or distribution.inverted else distribution.text


def constant(value: float) -> Distribution:
    """A known value."""
    if not math.isfinite(value):
        raise InputError(f"{value} is not a finite number: give a finite value or a distribution")
    return Distribution(shortest(value), "constant", None, value)


def checked_ends(text: str, rv: RandomVariable) -> tuple[float, float]:
    """The quartiles of a random variable; raises InputError where floats do not hold it."""
    if not all(math.isfinite(rv.ppf(DEEPEST, upper)) for upper in (False, True)):
        raise InputError(f"{text} reaches values that are no finite numbers: give smaller ends")
    low, high = float(rv.ppf(0.25, False)), float(rv.ppf(0.25, True))
    if rv.continuous and low == 0.0 == rv.support[0]:
        raise InputError(f"{text} is too near 0 for numbers of 16 digits: give larger ends, or another unit")
    return low, high
