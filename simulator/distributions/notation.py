"""The one notation for a distribution, and the register of the families.

`lognormal(p5=8e9, p95=60e9)` is a call with named arguments, read by `grammar` and never
evaluated. To add a family, write one function marked `@family` whose parameters are its textbook
parameters and which returns a random variable; a further parametrization is a function marked `@also(family)`.
A parameter called `quantiles` receives the `p1 ... p99` of the call as {probability: value}.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, nearest, quote
from ..base.numbers import parse_number, shortest
from .data_files import read_values
from .grammar import Call, Node, read
from .random_variable import DEEPEST

Way = Callable[..., Any]
FAMILIES: dict[str, list[Way]] = {}
_QUANTILE = re.compile(r"p([1-9]\d?)")


def family[F: Way](function: F) -> F:
    """Mark a function from textbook parameters to a random variable as a family; returns it unchanged."""
    FAMILIES[function.__name__] = [function]
    return function


def also[F: Way](main: Way) -> Callable[[F], F]:
    """Mark a function as a further parametrization of the family `main`."""

    def mark(function: F) -> F:
        FAMILIES[main.__name__].append(function)
        return function

    return mark


@dataclass(frozen=True)
class Distribution:
    """A parsed distribution: its canonical text, family and rv; or a known value (`rv` is None)."""

    text: str
    family: str
    rv: Any = field(default=None, compare=False)
    value: float | None = None
    base: Distribution | None = field(default=None, compare=False)  # of which it is `factor` times the variable
    factor: float = field(default=1.0, compare=False)

    def quantile(self, probability: float) -> float:
        """The value below which a share `probability` of the draws lies."""
        if self.rv is None:
            return float(self.value)  # type: ignore[arg-type]
        with np.errstate(all="ignore"):  # an infinity on the way to a bound
            if probability <= 0.5:
                return float(self.rv.ppf(probability, False))
            return float(self.rv.ppf(1.0 - probability, True))

    @property
    def support(self) -> tuple[float, float]:
        """The closed range of the values."""
        if self.rv is not None:
            return self.rv.support
        return float(self.value), float(self.value)  # type: ignore[arg-type]

    def as_rv(self) -> Any:
        """The random variable; a known value as a single step."""
        from .derived import Discrete

        return self.rv if self.rv is not None else Discrete([self.value], [1.0])  # type: ignore[list-item]

    def scaled(self, factor: float) -> Distribution:
        """The distribution of `factor` times the variable: a change of unit."""
        from .derived import Discrete, Transformed

        base, factor = (self.base, self.factor * factor) if self.base else (self, factor)
        if factor == 1.0:
            return base
        text = f"{shortest(factor)} * {base.text}"
        if not math.isfinite(factor) or factor == 0.0:
            raise InputError(f"{quote(text)} is not finite: give smaller numbers, or another unit")
        with np.errstate(all="ignore"):
            if base.rv is None:
                return constant(float(base.value) * factor)  # type: ignore[arg-type]
            if isinstance(base.rv, Discrete):
                rv: Any = Discrete((base.rv.values * factor).tolist(), base.rv.weights.tolist())
            else:
                rv = Transformed(base.rv, 0.0, factor)
            _check_ends(text, rv)
        return Distribution(text, base.family, rv, None, base, factor)


# ------------------------------------------------------------------------------- the notation


def parse(text: Any, folder: Path | None = None) -> Distribution:
    """Read the notation: a call with named arguments, or a bare number.

    `folder` is that of the file in which the text stands, and holds the files of `empirical(file=...)`; None
    where the user names them. Raises InputError with what was written, what is wrong and what would be right.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise InputError(f"{quote(text)} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    if not isinstance(text, str):
        if isinstance(text, int) and abs(text) > 10**308:
            raise InputError(f"{quote(text)} is too large for a number")
        return constant(float(text))
    if "(" not in text:
        return _bare(text)
    *factors, node = read(text)
    if not all(isinstance(factor, float) and factor > 0.0 for factor in factors) or (
        factors and not isinstance(node, Call)
    ):
        raise InputError(f"{quote(text)} cannot be read: only a number above 0 may stand before a distribution")
    result = _value(node, text, folder)
    if not isinstance(result, Distribution):
        raise InputError(f"{quote(text)} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    return result.scaled(math.prod(reversed(factors))) if factors else result  # type: ignore[arg-type]


def constant(value: float) -> Distribution:
    """A known value."""
    if not math.isfinite(value):
        raise InputError(f"{value} is not a finite number: give a finite value or a distribution")
    return Distribution(shortest(value), "constant", None, value)


def _bare(text: str) -> Distribution:
    if text.strip() in FAMILIES:
        raise InputError(f"{quote(text)} needs its arguments: {describe(text.strip())}")
    if re.search(r"\bto\b|\.\.|\d\s*-\s*\d", text):
        raise InputError(
            f"{quote(text)} does not say what its ends mean: write uniform(low=.., high=..) or lognormal(p5=.., p95=..)"
        )
    if re.fullmatch(r"\s*[A-Za-z_]\w*\s*", text):
        name = text.strip()
        hint = "give a finite number" if name.lower() in ("nan", "inf", "infinity") else nearest(name, FAMILIES)
        raise InputError(f"{quote(text)} is neither a number nor a distribution; {hint}")
    return constant(parse_number(text, "a number or a distribution"))


def _value(node: Node, text: str, folder: Path | None) -> Any:
    if isinstance(node, list):
        return [_value(item, text, folder) for item in node]
    if not isinstance(node, Call):
        return node
    if node.name not in FAMILIES:
        raise InputError(f"there is no family {quote(node.name)}: {nearest(node.name, FAMILIES)}")
    named: dict[str, Any] = {}
    for key, value in node.arguments:
        if key is None:
            raise InputError(f"{quote(text)}: arguments have names here, as in {describe(node.name)}")
        if key in named:
            raise InputError(f"{quote(text)}: {key} stands twice; give it once")
        named[key] = _value(value, text, folder)
    return build(node.name, named, folder)


def build(name: str, arguments: Mapping[str, Any], folder: Path | None = None) -> Distribution:
    """The distribution of a family from named arguments: the notation, for code."""
    if name not in FAMILIES:
        raise InputError(f"there is no family {quote(name)}: {nearest(name, FAMILIES)}")
    arguments = dict(arguments)
    if name == "empirical" and isinstance(arguments.get("file"), str) and "values" not in arguments:
        arguments["values"] = read_values(arguments.pop("file"), folder)
    quantiles = {k: v for k, v in arguments.items() if _QUANTILE.fullmatch(k)}
    rest = {k: v for k, v in arguments.items() if k not in quantiles}
    way = _choose(name, rest, quantiles)
    order = [p for p in inspect.signature(way).parameters if p in rest]
    ordered = {p: rest[p] for p in order} | {k: v for k, v in rest.items() if k not in order}
    _check_types(name, ordered | quantiles)
    given = dict(sorted((int(k[1:]) / 100.0, v) for k, v in quantiles.items()))
    _increasing(name, given)
    rv = _make(name, way, ordered | ({"quantiles": given} if given else {}))
    shown = dict(sorted(quantiles.items(), key=lambda item: int(item[0][1:]))) | ordered
    text = f"{name}({', '.join(f'{k}={_write(v)}' for k, v in shown.items())})"
    if any(isinstance(v, list | Distribution) for v in shown.values()):
        read(text)  # what holds too much could not be read back from a run
    with np.errstate(all="ignore"):
        _check_fit(text, rv, quantiles)
    return Distribution(text, name, rv, None)


def _make(name: str, way: Way, arguments: dict[str, Any]) -> Any:
    """The random variable of a way; what its arithmetic cannot do is refused in one line."""
    try:
        with np.errstate(all="ignore"):
            return way(**arguments)
    except InputError:
        raise
    except (ArithmeticError, ValueError):
        shown = ", ".join(f"{k}={_write(v)}" for k, v in arguments.items() if k != "quantiles")
        shown += ", ".join(f"p{p * 100:.0f}={shortest(x)}" for p, x in arguments.get("quantiles", {}).items())
        raise InputError(f"{name}({shown}) cannot be met: its values are too far apart or too extreme") from None


def describe(name: str) -> str:
    """The ways to write a family: `beta(a, b)`, `beta(mean, sd)`, `beta(p5, p95)`."""
    if name not in FAMILIES:
        return nearest(name, FAMILIES)
    return " or ".join(f"{name}({', '.join(_names(way))})" for way in FAMILIES[name])


def _names(way: Way) -> list[str]:
    parameters = inspect.signature(way).parameters.values()
    example = {3: ["p10=..", "p50=..", "p90=.."]}.get(_count(way), ["p5=..", "p95=.."])
    names: list[str] = []
    for p in parameters:
        if p.name == "quantiles":
            names += example
        elif p.kind is p.VAR_KEYWORD:
            names += ["a=..", "b=.."]
        else:
            names.append(f"{p.name}=.." if p.default is p.empty else f"[{p.name}=..]")
    return names


def _count(way: Way) -> int:
    if "quantiles" not in inspect.signature(way).parameters:
        return 0
    return 3 if way.__name__.endswith("three_quantiles") else 2


def _choose(name: str, rest: Mapping[str, Any], quantiles: Mapping[str, Any]) -> Way:
    for way in FAMILIES[name]:
        parameters = inspect.signature(way).parameters
        needed = {p.name for p in parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD} - {
            "quantiles"
        }
        open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        known = open_ended or set(rest) <= set(parameters) - {"quantiles"}
        if known and needed <= set(rest) and len(quantiles) == _count(way):
            return way
    written = ", ".join([*rest, *quantiles]) or "nothing"
    hint = ""
    if len(quantiles) == 3 and name != "metalog":
        hint = "; for three quantiles there is metalog(p10=.., p50=.., p90=..)"
    if any(re.fullmatch(r"[pP][\d_]+", key) for key in rest):
        hint = "; percentiles are whole, p1 to p99"
    raise InputError(f"{name} cannot be made from {written}: write {describe(name)}{hint}")


def _check_types(name: str, arguments: Mapping[str, Any]) -> None:
    for key, value in arguments.items():
        if key == "weights" or (key == "values" and name != "mixture"):
            good = isinstance(value, list) and value and all(isinstance(v, float) for v in value)
            wanted = "a list of numbers, at least one"
        elif name == "mixture" or key == "prior":
            good, wanted = isinstance(value, float | Distribution), "a distribution"
        else:
            good, wanted = isinstance(value, float), "a number"
        if not good:
            shown = value.text if isinstance(value, Distribution) else value
            raise InputError(f"{name}: {key}={quote(shown)} is not {wanted}")


def _increasing(name: str, quantiles: Mapping[float, float]) -> None:
    pairs = list(quantiles.items())
    for (p, x), (q, y) in pairwise(pairs):
        if not x < y:
            raise InputError(
                f"{name}: p{p * 100:.0f}={shortest(x)} is not below p{q * 100:.0f}={shortest(y)}; "
                "a lower percentile needs the lower value"
            )


def _check_fit(text: str, rv: Any, quantiles: Mapping[str, float]) -> None:
    low, high = _check_ends(text, rv)
    for key, wanted in quantiles.items():
        p = int(key[1:]) / 100.0
        got = float(rv.ppf(p, False) if p <= 0.5 else rv.ppf(1.0 - p, True))
        if not abs(got - wanted) <= 1e-7 * max(abs(wanted), high - low):
            raise InputError(
                f"{text} cannot be met: the nearest fit has {key}={got:.6g}; "
                "metalog(p10=.., p50=.., p90=..) or another family may"
            )


def _check_ends(text: str, rv: Any) -> tuple[float, float]:
    """The quartiles of a random variable; raises InputError where floats do not hold it."""
    if not all(math.isfinite(rv.ppf(DEEPEST, upper)) for upper in (False, True)):
        raise InputError(f"{text} reaches values that are no finite numbers: give smaller ends")
    low, high = float(rv.ppf(0.25, False)), float(rv.ppf(0.25, True))
    if rv.continuous and low == 0.0 == rv.support[0]:
        raise InputError(f"{text} is too near 0 for numbers of 16 digits: give larger ends, or another unit")
    return low, high


def _write(value: Any) -> str:
    if isinstance(value, Distribution):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(_write(v) for v in value)}]"
    return shortest(value) if isinstance(value, float) else repr(value)
