"""Distributions of other libraries as texts of the notation: of scipy.stats, and arrays of numbers.

They are told by the module of their type, so nothing is imported for those who use none. What is
written is exact, and can be read back: a run holds the text, not the object.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ..base.errors import InputError, quote
from ..base.numbers import shortest
from .grammar import MOST_VALUES

Shapes = Mapping[str, float]
Writer = Callable[[Shapes, float, float], str]


def foreign(value: object) -> str | None:
    """The text of a frozen distribution of scipy.stats, or of an array of numbers; None for anything else.

    Raises InputError for one that the notation has no words for.
    """
    library = type(value).__module__.split(".")[0]
    if library == "numpy" and hasattr(value, "ndim"):
        return _array(value)
    if library != "scipy":
        return None
    dist: Any = getattr(value, "dist", None)
    return _frozen(dist, value) if dist is not None else _modern(value)


def _array(value: Any) -> str:
    if value.dtype.kind not in "iuf":
        raise InputError(f"an array of {value.dtype} is not a distribution: give numbers")
    if value.ndim == 0:
        return shortest(float(value))
    if value.ndim > 1:
        raise InputError(f"an array of shape {value.shape} is not a distribution: give one axis of values")
    if not 0 < value.size <= MOST_VALUES:
        raise InputError(f"an array of {value.size:,} values is not a distribution: give 1 to {MOST_VALUES:,}")
    values = [float(x) for x in value]
    if not all(map(math.isfinite, values)):
        raise InputError("an array with a value that is not finite is not a distribution: leave it out")
    return f"empirical(values=[{', '.join(map(shortest, values))}])"


def _frozen(dist: Any, value: Any) -> str:
    """The text of `scipy.stats.NAME(...)`."""
    names = [*(dist.shapes.split(", ") if dist.shapes else []), "loc", "scale"]
    if dist.name not in FROZEN:
        raise InputError(f"scipy.stats.{dist.name} has no words in the notation; taken are {', '.join(sorted(FROZEN))}")
    given = _numbers(dist.name, {"loc": 0.0, "scale": 1.0} | dict(zip(names, value.args, strict=False)) | value.kwds)
    return FROZEN[dist.name](given, given["loc"], given["scale"])


def _modern(value: Any) -> str:
    """The text of `scipy.stats.Normal(...)` and its like."""
    name = type(value).__name__
    if name in ("Normal", "StandardNormal"):
        given = _numbers(name, {"mu": getattr(value, "mu", 0.0), "sigma": getattr(value, "sigma", 1.0)})
        return _call("normal", mean=given["mu"], sd=given["sigma"])
    if name == "Uniform":
        given = _numbers(name, {"a": value.a, "b": value.b})
        return _call("uniform", low=given["a"], high=given["b"])
    if name == "Logistic":
        return _call("metalog", a1=0.0, a2=1.0, a3=0.0)
    taken = f"Normal, Uniform, Logistic and frozen {', '.join(sorted(FROZEN))}"
    raise InputError(f"scipy.stats.{name} has no words in the notation; taken are {taken}")


def _numbers(name: str, given: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {key: float(x) for key, x in given.items()}
    except (TypeError, ValueError):
        wrong = next(quote(f"{key}={x}", 40) for key, x in given.items() if not isinstance(x, int | float))
        raise InputError(f"scipy.stats.{name}: {wrong} is not one number: a prior is one distribution") from None


def _call(name: str, **arguments: float) -> str:
    return f"{name}({', '.join(f'{key}={shortest(x)}' for key, x in arguments.items())})"


def _moved(loc: float, text: str, factor: float = 1.0) -> str:
    """`loc + factor * text`, as short as it can be written."""
    scaled = text if factor == 1.0 else f"{shortest(factor)} * {text}"
    return scaled if loc == 0.0 else f"{shortest(loc)} + {scaled}"


def _beta(k: Shapes, loc: float, scale: float) -> str:
    return _moved(loc, _call("beta", a=k["a"], b=k["b"]), scale)


def _truncated(k: Shapes, loc: float, scale: float) -> str:
    ends = {"low": loc + k["a"] * scale, "high": loc + k["b"] * scale}
    kept = "".join(f", {key}={shortest(x)}" for key, x in ends.items() if math.isfinite(x))
    normal = _call("normal", mean=loc, sd=scale)
    return f"truncate(prior={normal}{kept})" if kept else normal


def _halfnorm(k: Shapes, loc: float, scale: float) -> str:
    return _truncated({"a": 0.0, "b": math.inf}, loc, scale)


FROZEN: dict[str, Writer] = {
    "norm": lambda k, loc, scale: _call("normal", mean=loc, sd=scale),
    "lognorm": lambda k, loc, scale: _moved(loc, _call("lognormal", median=scale, sigma=k["s"])),
    "beta": _beta,
    "gamma": lambda k, loc, scale: _moved(loc, _call("gamma", shape=k["a"], scale=scale)),
    "erlang": lambda k, loc, scale: _moved(loc, _call("gamma", shape=k["a"], scale=scale)),
    "chi2": lambda k, loc, scale: _moved(loc, _call("gamma", shape=k["df"] / 2.0, scale=2.0 * scale)),
    "expon": lambda k, loc, scale: _moved(loc, _call("gamma", shape=1.0, scale=scale)),
    "invgamma": lambda k, loc, scale: _moved(loc, f"{shortest(scale)} / {_call('gamma', shape=k['a'], scale=1.0)}"),
    "uniform": lambda k, loc, scale: _call("uniform", low=loc, high=loc + scale),
    "t": lambda k, loc, scale: _call("student_t", df=k["df"], loc=loc, scale=scale),
    "cauchy": lambda k, loc, scale: _call("student_t", df=1.0, loc=loc, scale=scale),
    "triang": lambda k, loc, scale: _call("triangular", low=loc, mode=loc + k["c"] * scale, high=loc + scale),
    "loguniform": lambda k, loc, scale: _moved(loc, _call("loguniform", low=k["a"], high=k["b"]), scale),
    "reciprocal": lambda k, loc, scale: _moved(loc, _call("loguniform", low=k["a"], high=k["b"]), scale),
    "truncnorm": _truncated,
    "halfnorm": _halfnorm,
    "logistic": lambda k, loc, scale: _call("metalog", a1=loc, a2=scale, a3=0.0),
}
