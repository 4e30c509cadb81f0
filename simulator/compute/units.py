"""The registry of units: FLOP, USD, video, images and tokens have dimensions of their own.

A month is 30 days, as in an H100-month, and a year 365.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from ..base.errors import InputError, quote

_ADDED: dict[str, str] = {}  # units of models of one's own, in this process
LONGEST = 100  # characters of a unit: pint takes the square of its length, and none is too large a number
DEFINITIONS = """
s = [time] = second
minute = 60 s
hour = 60 minute
day = 24 hour
week = 7 day
month = 30 day
year = 365 day
kg = [mass]
m = [length]
W = kg * m ** 2 / s ** 3
kW = 1e3 W
MW = 1e6 W
GW = 1e9 W
Wh = W * hour
kWh = 1e3 Wh
MWh = 1e6 Wh
GWh = 1e9 Wh
FLOP = [flop]
GFLOP = 1e9 FLOP
TFLOP = 1e12 FLOP
PFLOP = 1e15 FLOP
EFLOP = 1e18 FLOP
ZFLOP = 1e21 FLOP
YFLOP = 1e24 FLOP
teraflop = 1e12 FLOP
petaflop = 1e15 FLOP
exaflop = 1e18 FLOP
USD = [usd]
video_second = [video]
video_minute = 60 video_second
video_hour = 60 video_minute
image = [image]
frame = image
token = [token]
thousand = 1e3
million = 1e6
billion = 1e9
trillion = 1e12
percent = 0.01
"""


@cache
def registry() -> Any:
    """The pint registry of this program, with its own definitions and no others."""
    import pint

    units: Any = pint.UnitRegistry(None, on_redefinition="raise")
    for line in DEFINITIONS.strip().split("\n"):
        units.define(line)
    return units


def define(line: str) -> None:
    """Add a unit, `query = [query]` or `dozen = 12`, once; raises InputError for what is none, or is another."""
    name, equals, meaning = (part.strip() for part in line.partition("="))
    if len(line) > LONGEST or not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or not equals or not meaning:
        raise InputError(f"{quote(line)} is no unit: write NAME = [NAME], or NAME = 12 OTHER")
    if _ADDED.get(name) == meaning:
        return
    if name in _ADDED or known(name):
        said = f"is {_ADDED[name]} of another model" if name in _ADDED else "is one of the program's"
        raise InputError(f"{quote(line)}: the unit {name} {said}; choose another name")
    import pint

    new = re.fullmatch(r"\[\w+\]", meaning, re.ASCII)
    if not new and not known(re.sub(r"^[\d.eE+-]+\s*\*?\s*", "", meaning) or "1"):
        raise InputError(f"{quote(line)}: {quote(meaning)} is of no unit that is known: write [{name}] for a new one")
    try:
        registry().define(f"{name} = {meaning}")
    except (pint.PintError, ValueError, TypeError) as error:
        raise InputError(f"{quote(line)} is no unit: {quote(str(error))}") from None
    _ADDED[name] = meaning


def known(unit: str) -> bool:
    """Whether a unit is one that is known, whatever it is a unit of."""
    try:
        units = registry()
        units.Quantity(1.0, units.parse_units(unit if unit != "1" else "dimensionless")).to_base_units()
    except Exception:  # pint raises what its tokenizer raises, too
        return False
    return len(unit) <= LONGEST


@cache
def factor(unit: str, target: str) -> float:
    """What a value in `unit` is multiplied by to be in `target`; equal texts need no registry.

    Raises InputError where `unit` is unknown or of another dimension.
    """
    if unit == target:
        return 1.0
    units = registry()
    import pint

    unknown = f"unit {quote(unit)} is not known: write {quote(target)}, or a multiple such as {quote(_example(target))}"
    if len(unit) > LONGEST:
        raise InputError(unknown)
    spelled = unit.strip() if unit.strip() != "1" else "dimensionless"
    try:
        value = units.Quantity(1.0, units.parse_units(_products(spelled)))
    except Exception as error:  # pint raises what its tokenizer raises, too
        raise InputError(unknown) from (error if isinstance(error, pint.PintError) else None)
    try:
        return float(value.to(units.parse_units(target if target != "1" else "dimensionless")).magnitude)
    except pint.DimensionalityError:
        raise InputError(f"unit {quote(unit)} is of another dimension: this one is in {quote(target)}") from None


def _products(text: str) -> str:
    """`million video_minute/day`, `PFLOP/s-day` with the products written out; each unit to its declared power."""
    text = re.sub(r"(?<=[a-zA-Z])-(?=[a-zA-Z])", " ", text.replace("%", " percent "))
    return " * ".join(text.replace("*", " ").split()).replace("/ *", "/").replace("* /", "/")


def _example(target: str) -> str:
    return f"T{target}" if target.startswith("FLOP") else f"million {target}" if target != "1" else "million"
