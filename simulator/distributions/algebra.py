"""Sums and products with distributions in them, where they are exact in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..base.errors import InputError, quote
from ..base.numbers import shortest
from .derived import Transformed
from .distribution import Distribution, checked_ends
from .random_variable import Normal, RandomVariable

type Signed = Sequence[tuple[str, object]]
CLOSED = "a number is added to a distribution or multiplies it, lognormals multiply and divide, and normals add"


def product(factors: Signed, text: str) -> Distribution:
    """The product of numbers and distributions, each with a `*` or `/` before it.

    Several distributions are independent of one another, and must be lognormal. Raises InputError for
    `text` where there is no closed form.
    """
    inner = _distributions(factors, text)
    factor = math.prod(reversed([x for sign, x in factors if isinstance(x, float) and sign == "*"]))
    for divisor in [x for sign, x in factors if isinstance(x, float) and sign == "/"]:
        if divisor == 0.0:
            raise InputError(f"{quote(text)} divides by 0")
        factor /= divisor
    turned = [d if sign == "*" else d.inverse() for sign, d in inner]
    if len(turned) == 1:
        return turned[0].moved(0.0, factor)
    logs = [lognormal_of(d.as_rv()) for d in turned]
    if factor <= 0.0 or None in logs:
        raise InputError(f"{quote(text)} has no closed form: {CLOSED}")
    mu = math.fsum([math.log(factor), *(m for m, _ in filter(None, logs))])
    sigma = math.hypot(*(s for _, s in filter(None, logs)))
    shown = f"lognormal(mu={shortest(mu)}, sigma={shortest(sigma)})"
    return _held(Distribution(shown, "lognormal", Transformed(Normal(), mu, sigma, "log")))


def total(terms: Signed, text: str) -> Distribution:
    """The sum of numbers and distributions, each with its sign; several distributions must be normal."""
    inner = _distributions(terms, text)
    shift = math.fsum(x if sign == "+" else -x for sign, x in terms if isinstance(x, float))
    signs = [1.0 if sign == "+" else -1.0 for sign, _ in inner]
    if len(inner) == 1:
        return inner[0][1].moved(shift, signs[0])
    normals = [normal_of(d.as_rv()) for _, d in inner]
    if None in normals:
        raise InputError(f"{quote(text)} has no closed form: {CLOSED}")
    mean = math.fsum([shift, *(sign * m for sign, (m, _) in zip(signs, filter(None, normals), strict=True))])
    sd = math.hypot(*(s for _, s in filter(None, normals)))
    shown = f"normal(mean={shortest(mean)}, sd={shortest(sd)})"
    return _held(Distribution(shown, "normal", Transformed(Normal(), mean, sd)))


def _distributions(parts: Signed, text: str) -> list[tuple[str, Distribution]]:
    """The distributions of a sum or product, with their signs."""
    if not all(isinstance(x, float | Distribution) for _, x in parts):
        raise InputError(f"{quote(text)} cannot be read: only numbers and distributions are added and multiplied")
    found = [(sign, x) for sign, x in parts if isinstance(x, Distribution)]
    if not found:
        raise InputError(f"{quote(text)} reckons with numbers alone: write the number that it makes")
    return found


def _held(made: Distribution) -> Distribution:
    checked_ends(made.text, made.as_rv())
    return made


def lognormal_of(rv: RandomVariable) -> tuple[float, float] | None:
    """Mean and sd of the logarithm of a random variable that is lognormal, or a multiple of one; else None."""
    if not isinstance(rv, Transformed):
        return None
    if rv.link == "log" and rv.low == 0.0 and isinstance(rv.base, Normal):
        return rv.loc, abs(rv.scale)
    inner = lognormal_of(rv.base) if rv.link is None and rv.loc == 0.0 and rv.scale > 0.0 else None
    return (inner[0] + math.log(rv.scale), inner[1]) if inner else None


def normal_of(rv: RandomVariable) -> tuple[float, float] | None:
    """Mean and sd of a random variable that is normal; else None."""
    if isinstance(rv, Normal):
        return 0.0, 1.0
    if not isinstance(rv, Transformed) or rv.link is not None:
        return None
    inner = normal_of(rv.base)
    return (rv.loc + rv.scale * inner[0], abs(rv.scale) * inner[1]) if inner else None
