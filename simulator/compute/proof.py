"""The proof of a model's units: what its formulas give with pint's quantities is what they give with plain numbers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import InputError, one_line
from . import units
from .graph import Input, Model, Quantity

PLACES = 3  # at which a formula is tried
SAME = 1e-9  # relative difference up to which two results are the same


def in_units(m: Model, q: Quantity, values: Mapping[str, float]) -> float:
    """A quantity computed with units from plain values of its inputs, as a number in its declared unit.

    Raises pint's DimensionalityError where the formula's unit is of another dimension.
    """
    result = q.function(**{name: _quantity(values[name], _unit_of(m, name)) for name in q.inputs})
    made = result if hasattr(result, "to") else _quantity(result, "1")
    return float(made.to(_spelled(q.unit)).magnitude)


class _Place(NamedTuple):
    """Values of all that formulas read, and what each quantity gives of them, NaN where it gives nothing."""

    values: dict[str, float]
    results: dict[str, float]


def mistakes(m: Model, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The quantities of a model whose unit, or whose work on arrays, is not what it must be, each with the reason."""
    places = [_place(m, seed) for seed in range(PLACES)]
    for name in names:
        reason = _wrong(m, m.quantities[name], places)
        if reason:
            yield name, reason


def _wrong(m: Model, q: Quantity, places: list[_Place]) -> str:
    """What is wrong with a quantity at the places where it has a value; empty where nothing is."""
    tried = [place for place in places if np.isfinite(place.results[q.name])]
    if not tried:
        return "has no finite value wherever it was tried: say with low and high of its inputs where it makes sense"
    for values, results in tried:
        if reason := _wrong_arrays(q, values) or (_wrong_unit(m, q, values, results[q.name]) if q.proved else ""):
            return reason
    return ""


def _wrong_arrays(q: Quantity, values: Mapping[str, float]) -> str:
    """Draws are arrays: what is wrong with a formula of them, each of whose values must be that of its own inputs."""
    scales = np.array([1.0, 0.9, 1.0])
    rows = {name: values[name] * scales for name in q.inputs}
    for row in rows.values():
        row.flags.writeable = False
    try:
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(q(rows), dtype=float), scales.shape)
            alone = [float(q({name: float(row[i]) for name, row in rows.items()})) for i in range(2)]
    except Exception as error:
        return f"cannot be computed of arrays: {_told(error)}"
    if not np.allclose(found, [*alone, alone[0]], rtol=SAME, atol=0.0, equal_nan=True):
        return "gives of arrays other values than of numbers: each draw is to come from its own inputs alone"
    return ""


def _wrong_unit(m: Model, q: Quantity, values: Mapping[str, float], plain: float) -> str:
    import pint

    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", pint.UnitStrippedWarning)
            found = in_units(m, q, values)
    except pint.DimensionalityError as error:
        given = str(error.units1).strip() or "1"
        if str(error.units2) == str(units.registry().parse_units(_spelled(q.unit))):
            return f"is declared in {q.unit}, and its formula is in {_plain(given)}"
        return f"puts {_plain(given)} where {_plain(str(error.units2))} belongs: {q.formula}"
    except Exception as error:
        if "Cannot compare" in str(error):
            return (
                "compares what has a unit with a bare number: give the number as a constant with that unit, as in "
                'CONSTANTS = (Constant("limit", 100, "UNIT", "what it is"),)'
            )
        return (
            f"cannot be proved, since it calls what knows no units ({_told(error)}): "
            f'write @quantity("{q.unit}", proved=False) to leave out its proof'
        )
    if abs(found - plain) > SAME * max(abs(found), abs(plain)):
        factor = found / plain if plain else np.inf
        return (
            f"is off by a factor of {factor:.6g} from its unit {q.unit}: a constant that converts is missing, or an "
            "input is to be in another unit"
        )
    return ""


def _place(m: Model, seed: int) -> _Place:
    """Random values of the inputs, and what follows; what has no finite value is one at which others can be tried."""
    random, results = np.random.default_rng(seed), dict[str, float]()
    known = {i.name: _within(i, random.uniform(0.2, 0.9)) for i in m.inputs.values()}
    known |= {c.name: c.value for c in m.constants.values()}
    for q in m.quantities.values():
        try:
            with np.errstate(all="ignore"):
                value = float(q(known))
        except Exception:  # what it raises is said where it is proved
            value = np.nan
        results[q.name] = value
        known[q.name] = value if np.isfinite(value) else random.uniform(0.2, 0.9)
    return _Place(known, results)


def _within(i: Input, share: float) -> float:
    """A value at which a prior makes sense."""
    low, high = i.low, i.high
    if np.isfinite(low) and np.isfinite(high):
        return low + share * (high - low)
    if np.isfinite(low):
        return low + 10.0 * share
    return high - 10.0 * share if np.isfinite(high) else 10.0 * share


def _unit_of(m: Model, name: str) -> str:
    owner: Any = m.inputs.get(name) or m.constants.get(name) or m.quantities[name]
    return str(owner.unit)


def _quantity(value: Any, unit: str) -> Any:
    return units.registry().Quantity(value, _spelled(unit))


def _spelled(unit: str) -> str:
    return unit if unit != "1" else "dimensionless"


def _plain(unit: str) -> str:
    return "1" if unit in ("", "dimensionless") else unit


def _told(error: Exception) -> str:
    inner = error if not isinstance(error, InputError) or error.__cause__ is None else error.__cause__
    return one_line(f"{type(inner).__name__}: {' '.join(str(inner).split())}"[:200])
