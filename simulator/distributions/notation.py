"""The one notation for a distribution.

`lognormal(p5=8e9, p95=60e9)` is a call with named arguments, read by `grammar` and never evaluated; its
family and the way it is written are found in `register`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, nearest, quote
from ..base.numbers import parse_number, shortest
from .algebra import product, total
from .distribution import Distribution, checked_ends, constant
from .fitting import percentile
from .foreign import foreign
from .grammar import Call, Node, Product, Sum, read
from .random_variable import RandomVariable
from .register import FAMILIES, Parametrization, describe, fits, through_more, words_for

type Value = float | str | Distribution | Sequence[Value]
KEPT = 2000  # characters up to which a text is kept with its distribution
_QUANTILE = re.compile(r"p((?:0|[1-9]\d?)(?:\.\d{1,3})?)")


def parse(text: object, folder: Path | None = None) -> Distribution:
    """Read the notation: a call with named arguments, or a bare number.

    In its place may stand a frozen distribution of scipy.stats, or an array of numbers (an empirical distribution).
    `folder` is that of the file in which the text stands, and holds the files of `empirical(file=...)`; None
    where the user names them. Raises InputError with what was written, what is wrong and what would be right.
    """
    if isinstance(text, Distribution):
        return text
    text = written if (written := foreign(text)) is not None else text
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise InputError(f"{quote(text)} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    if not isinstance(text, str):
        if isinstance(text, int) and abs(text) > 10**308:
            raise InputError(f"{quote(text)} is too large for a number")
        return constant(float(text))
    if "(" not in text:
        return _bare(text)
    return _read(text, folder) if "file" in text or len(text) > KEPT else _kept(text)


@lru_cache(maxsize=4096)
def _kept(text: str) -> Distribution:
    """A distribution of a text that names no file, read and fitted once in a process."""
    return _read(text, None)


def _read(text: str, folder: Path | None) -> Distribution:
    result = _value(read(text), text, folder)
    if not isinstance(result, Distribution):
        raise InputError(f"{quote(text)} is not a distribution: write lognormal(p5=.., p95=..) or a number")
    return result


def _bare(text: str) -> Distribution:
    if text.strip() in FAMILIES:
        raise InputError(f"{quote(text)} needs its arguments: {describe(text.strip())}")
    if re.search(r"±|\+\s*/?\s*-", text):
        raise InputError(
            f"{quote(text)} does not say what its width means: write normal(mean=.., sd=..) or lognormal(p5=.., p95=..)"
        )
    if re.search(r"\bto\b|\.\.|\d\s*-\s*\d", text):
        raise InputError(
            f"{quote(text)} does not say what its ends mean: write uniform(low=.., high=..) or lognormal(p5=.., p95=..)"
        )
    if re.fullmatch(r"\s*[A-Za-z_]\w*\s*", text):
        name = text.strip()
        hint = "give a finite number" if name.lower() in ("nan", "inf", "infinity") else nearest(name, FAMILIES)
        raise InputError(f"{quote(text)} is neither a number nor a distribution; {hint}")
    return constant(parse_number(text, "a number or a distribution"))


def _value(node: Node, text: str, folder: Path | None) -> Value:
    if isinstance(node, list):
        return [_value(item, text, folder) for item in node]
    if isinstance(node, Sum):
        return total([(sign, _value(term, text, folder)) for sign, term in node.terms], text)
    if isinstance(node, Product):
        return product([(sign, _value(term, text, folder)) for sign, term in node.factors], text)
    if not isinstance(node, Call):
        return node
    if node.name not in FAMILIES:
        raise InputError(f"there is no family {quote(node.name)}: {nearest(node.name, FAMILIES)}")
    named: dict[str, Value] = {}
    for key, value in node.arguments:
        if key is None:
            raise InputError(f"{quote(text)}: arguments have names here, as in {describe(node.name)}")
        if key in named:
            raise InputError(f"{quote(text)}: {key} stands twice; give it once")
        named[key] = _value(value, text, folder)
    return build(node.name, named, folder)


def build(name: str, arguments: Mapping[str, Value], folder: Path | None = None) -> Distribution:
    """The distribution of a family from named arguments: the notation, for code."""
    if name not in FAMILIES:
        raise InputError(f"there is no family {quote(name)}: {nearest(name, FAMILIES)}")
    quantiles, rest = _parted(name, arguments)
    way = _choose(name, rest, quantiles)
    ordered = {p: rest[p] for p in way.parameters if p in rest} | rest
    _check_types(name, way, ordered)
    if way.rewrites:
        return build(name, way.function(**ordered, folder=folder), folder)
    given = dict(sorted((_probability(k), v) for k, v in quantiles.items()))
    _increasing(name, given)
    rv = _make(name, way, ordered, given)
    shown: dict[str, Value] = {key: quantiles[key] for key in sorted(quantiles, key=_probability)}
    shown |= ordered
    text = f"{name}({', '.join(f'{k}={_write(v)}' for k, v in shown.items())})"
    if any(isinstance(v, list | Distribution) for v in shown.values()):
        read(text)  # what holds too much could not be read back from a run
    with np.errstate(all="ignore"):
        _check_fit(text, rv, quantiles)
    return Distribution(text, name, rv, None)


def _parted(family: str, arguments: Mapping[str, Value]) -> tuple[dict[str, float], dict[str, Value]]:
    """The quantiles among the arguments, by the one name of each percentile, and the rest."""
    quantiles, rest = dict[str, float](), dict[str, Value]()
    for key, value in arguments.items():
        found = _QUANTILE.fullmatch(key)
        if found is None or not float(found[1]):
            rest[key] = value
            continue
        name = f"p{shortest(float(found[1]))}"
        if not isinstance(value, float):
            raise _mistyped(family, key, value, float)
        if name in quantiles:
            raise InputError(f"{family}: {name} stands twice; give it once")
        quantiles[name] = value
    return quantiles, rest


def _probability(key: str) -> float:
    """The probability of a percentile's name, correctly rounded."""
    return float(f"{key[1:]}e-2")


def _make(
    name: str, way: Parametrization, arguments: Mapping[str, Value], quantiles: Mapping[float, float]
) -> RandomVariable:
    """The random variable of a way; what its arithmetic cannot do is refused in one line."""
    try:
        with np.errstate(all="ignore"):
            return way.function(**arguments, **({"quantiles": quantiles} if quantiles else {}))
    except InputError:
        raise
    except (ArithmeticError, ValueError):
        shown = [f"{k}={_write(v)}" for k, v in arguments.items()]
        shown += [f"{percentile(p)}={shortest(x)}" for p, x in quantiles.items()]
        wrong = "cannot be met: its values are too far apart or too extreme"
        raise InputError(f"{name}({', '.join(shown)}) {wrong}") from None


def _choose(name: str, rest: Mapping[str, Value], quantiles: Mapping[str, Value]) -> Parametrization:
    for way in FAMILIES[name]:
        if way.takes(rest, len(quantiles)):
            return way
    written = ", ".join([*rest, *quantiles]) or "nothing"
    hint = ""
    if others := through_more(len(quantiles)):
        hint = f"; for {len(quantiles)} quantiles there is {' or '.join(others)}"
    if any(re.fullmatch(r"[pP][\d_.]+", key) for key in rest):
        hint = "; percentiles are p0.001 to p99.999, such as p5 or p97.5"
    raise InputError(f"{name} cannot be made from {written}: write {describe(name)}{hint}")


def _check_types(name: str, way: Parametrization, arguments: Mapping[str, Value]) -> None:
    for key, value in arguments.items():
        if not fits(value, way.wanted(key)):
            raise _mistyped(name, key, value, way.wanted(key))


def _mistyped(name: str, key: str, value: Value, wanted: Any) -> InputError:
    shown = _write(value) if isinstance(value, Distribution | float) else value
    return InputError(f"{name}: {key}={quote(shown)} is not {words_for(wanted)}")


def _increasing(name: str, quantiles: Mapping[float, float]) -> None:
    pairs = list(quantiles.items())
    for (p, x), (q, y) in pairwise(pairs):
        if not x < y:
            raise InputError(
                f"{name}: {percentile(p)}={shortest(x)} is not below {percentile(q)}={shortest(y)}; "
                "a lower percentile needs the lower value"
            )


def _check_fit(text: str, rv: RandomVariable, quantiles: Mapping[str, float]) -> None:
    low, high = checked_ends(text, rv)
    for key, wanted in quantiles.items():
        got = rv.quantile(_probability(key))
        if not abs(got - wanted) <= 1e-7 * max(abs(wanted), high - low):
            raise InputError(
                f"{text} cannot be met: the nearest fit has {key}={got:.6g}; "
                "metalog(p10=.., p50=.., p90=..) or another family may"
            )


def _write(value: Value) -> str:
    if isinstance(value, Distribution):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(_write(v) for v in value)}]"
    return shortest(value) if isinstance(value, float) else repr(value)
