"""The one notation for a distribution, and the register of the families.

`lognormal(p5=8e9, p95=60e9)` is a call with named arguments, read through `ast` and never
evaluated. To add a family, write one function marked `@family` whose parameters are its textbook
parameters and which returns a law; a further parametrization is a function marked `@also(family)`.
A parameter called `quantiles` receives the `p1 ... p99` of the call as {probability: value}.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError, nearest, quote
from .laws import DEEPEST
from .numbers import parse_number, plain, shortest

Way = Callable[..., Any]
FAMILIES: dict[str, list[Way]] = {}
MOST_VALUES = 100_000  # of empirical data: they are kept in each run
NO_FILES = Path("/dev/null")  # in place of a folder: what is read may come from a stranger
_QUANTILE = re.compile(r"p([1-9]\d?)")


def family[F: Way](function: F) -> F:
    """Mark a function from textbook parameters to a law as a family; returns it unchanged."""
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
    """A parsed distribution: its canonical text, family and law; or a known value (`law` is None)."""

    text: str
    family: str
    law: Any = field(default=None, compare=False)
    value: float | None = None

    def quantile(self, probability: float) -> float:
        """The value below which a share `probability` of the draws lies."""
        if self.law is None:
            return float(self.value)  # type: ignore[arg-type]
        if probability <= 0.5:
            return float(self.law.ppf(probability, False))
        return float(self.law.ppf(1.0 - probability, True))

    @property
    def support(self) -> tuple[float, float]:
        """The closed range of the values."""
        if self.law is not None:
            return self.law.support
        return float(self.value), float(self.value)  # type: ignore[arg-type]

    def as_law(self) -> Any:
        """The law; a known value as a single step."""
        from .composed import Steps

        return self.law if self.law is not None else Steps([self.value], [1.0])  # type: ignore[list-item]

    def scaled(self, factor: float) -> Distribution:
        """The distribution of `factor` times the variable: a change of unit."""
        from .composed import Linked, Steps

        if factor == 1.0:
            return self
        text = f"{shortest(factor)} * {self.text}"
        if isinstance(self.law, Steps):
            return Distribution(
                text, self.family, Steps((self.law.values * factor).tolist(), self.law.weights.tolist())
            )
        if self.law is None:
            value = float(self.value) * factor  # type: ignore[arg-type]
            return Distribution(shortest(value), "constant", None, value)
        return Distribution(text, self.family, Linked(self.law, 0.0, factor))


# ------------------------------------------------------------------------------- the notation


def parse(text: Any, folder: Path | None = None) -> Distribution:
    """Read the notation: a call with named arguments, or a bare number.

    `folder` is where the files of `empirical(file=...)` are looked for. Raises InputError with what
    was written, what is wrong and what would be right.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise InputError(f"{quote(str(text))} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    if not isinstance(text, str):
        if isinstance(text, int) and abs(text) > 10**308:
            raise InputError(f"{quote(str(text))} is too large for a number")
        return constant(float(text))
    if len(text) > 40 * MOST_VALUES:
        raise InputError(f"{quote(text)} is too long for a distribution")
    if "(" not in text:
        return _bare(text)
    try:
        tree = ast.parse(plain(text).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(f"{quote(text)} cannot be read: write a call such as lognormal(p5=8e9, p95=60e9)") from None
    factor = 1.0
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):  # the echo of a change of unit
        scale = _value(tree.left, text, folder)
        if not isinstance(scale, float) or not scale > 0.0:
            raise InputError(f"{quote(text)} cannot be read: only a number above 0 may stand before a distribution")
        factor, tree = scale, tree.right
    result = _value(tree, text, folder)
    if not isinstance(result, Distribution):
        raise InputError(f"{quote(text)} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    return result.scaled(factor)


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


def _value(node: ast.expr, text: str, folder: Path | None) -> Any:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            if (isinstance(number, int) and abs(number) > 10**308) or not math.isfinite(number):
                raise InputError(f"{quote(text)} holds a number that is not finite")
            return float(number)
        case ast.Constant(value=str() as string):
            return string
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            value = _value(operand, text, folder)
            if isinstance(value, float):
                return -value if isinstance(node.op, ast.USub) else value
        case ast.List() | ast.Tuple():
            return [_value(item, text, folder) for item in node.elts]
        case ast.Call(func=ast.Name(id=name), args=positional, keywords=keywords):
            if name not in FAMILIES:
                raise InputError(f"there is no family {quote(name)}: {nearest(name, FAMILIES)}")
            if positional:
                raise InputError(f"{quote(text)}: arguments have names here, as in {describe(name)}")
            names = [k.arg for k in keywords]
            twice = next((n for n in names if names.count(n) > 1), None)
            if twice:
                raise InputError(f"{quote(text)}: {twice} stands twice; give it once")
            named = {k.arg or "**": _value(k.value, text, folder) for k in keywords}
            return build(name, named, folder)
        case ast.Name(id="inf" | "nan" | "Infinity" | "NaN" as name):
            raise InputError(f"{quote(text)} holds {name}: every number must be finite")
    raise InputError(f"{quote(text)}: {quote(ast.unparse(node))} is not a number, list or distribution")


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
    law = _make(name, way, ordered | ({"quantiles": given} if given else {}))
    shown = dict(sorted(quantiles.items(), key=lambda item: int(item[0][1:]))) | ordered
    text = f"{name}({', '.join(f'{k}={_write(v)}' for k, v in shown.items())})"
    with np.errstate(all="ignore"):
        _check_fit(text, law, quantiles)
    return Distribution(text, name, law, None)


def _make(name: str, way: Way, arguments: dict[str, Any]) -> Any:
    """The law of a way; what its arithmetic cannot do is refused in one line."""
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
        needed = {p.name for p in parameters.values()
                  if p.default is p.empty and p.kind is not p.VAR_KEYWORD} - {"quantiles"}  # fmt: skip
        open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        known = open_ended or set(rest) <= set(parameters)
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
        if key in ("values", "weights"):
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


def _check_fit(text: str, law: Any, quantiles: Mapping[str, float]) -> None:
    for upper in (False, True):
        end = law.ppf(DEEPEST, upper)
        if not math.isfinite(end):
            raise InputError(f"{text} reaches values that are no finite numbers: give smaller ends")
    low, high = law.ppf(0.25, False), law.ppf(0.25, True)
    for key, wanted in quantiles.items():
        p = int(key[1:]) / 100.0
        got = float(law.ppf(p, False) if p <= 0.5 else law.ppf(1.0 - p, True))
        if not abs(got - wanted) <= 1e-7 * max(abs(wanted), float(high - low)):
            raise InputError(
                f"{text} cannot be met: the nearest fit has {key}={got:.6g}; "
                "metalog(p10=.., p50=.., p90=..) or another family may"
            )


def _write(value: Any) -> str:
    if isinstance(value, Distribution):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(_write(v) for v in value)}]"
    return shortest(value) if isinstance(value, float) else repr(value)


def read_values(name: str, folder: Path | None) -> list[float]:
    """The numbers of a text file, one in each line; a first line without digits is a heading."""
    if folder is NO_FILES:
        raise InputError(f"empirical: {quote(name)} is a file, and a stored run holds its values themselves")
    path = (folder or Path.cwd()) / name
    try:
        with path.open(encoding="utf-8-sig") as file:  # a device has no end
            lines = file.read(40 * MOST_VALUES).splitlines()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"empirical: {quote(name)} cannot be read: {reason}") from None
    if lines and not any(c.isdigit() for c in lines[0]):
        lines[0] = ""
    values: list[float] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            values.append(_one_value(line, name, number))
    if not values:
        raise InputError(f"empirical: {quote(name)} holds no number: write one in each line")
    if len(values) > MOST_VALUES:
        raise InputError(f"empirical: {quote(name)} has more than {MOST_VALUES:,} numbers: give a part of them, or "
                         "their quantiles to metalog(p10=.., p50=.., p90=..)")  # fmt: skip
    return values


def _one_value(line: str, name: str, number: int) -> float:
    try:
        value = float(line)
    except ValueError:
        try:
            value = parse_number(line)
        except InputError:
            raise InputError(f"empirical: {name} line {number} is not one number; write one in each line") from None
    if not math.isfinite(value):
        raise InputError(f"empirical: {name} line {number} is not a finite number")
    return value
