"""Years: a compute model in which priors move by trends, and every quantity stands for each year.

`inference_h100s@2027` is the quantity in 2027; `inference_saving@2027` is what the prior has become by then. A trend
moves a prior on its own scale, the logarithm for what is positive and the logit for shares: values, or odds, multiply
by the growth each year. At the year from which a trend runs, the prior is itself, to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..base.errors import InputError, meant, nearest, quote
from ..base.numbers import parse_number
from .graph import Input, Model, Quantity
from .inputs import ANY, SHARE

MOST_YEARS = 16  # from the start of a trend: so many columns of yearly noise there are
GROWTH, NOISE = "trends.", "noise."


class Trended(NamedTuple):
    """A prior that moves: from which year, and the sd a year of its random walk around the trend."""

    name: str
    start: int
    noise: float = 0.0


class Crossing(NamedTuple):
    """The first year in which a quantity lies above (`>`) or below (`<`) a threshold."""

    quantity: str
    sign: str
    threshold: float

    @property
    def name(self) -> str:
        """The crossing as a quantity: `first_year(inference_h100s>1e+06)`."""
        return f"first_year({self.quantity}{self.sign}{self.threshold:g})"


def years_text(years: Sequence[int]) -> str:
    """Years as they are typed: `2024:2030`, or `2024,2027`."""
    run = len(years) > 2 and years[-1] - years[0] == len(years) - 1
    return f"{years[0]}:{years[-1]}" if run else ",".join(map(str, years))


def read_years(text: str) -> tuple[int, ...]:
    """`2024:2030`, `2026` or `2024,2027,2030` as years; raises InputError for what is none."""
    parts = [part.strip() for part in text.split(",")]
    found = list[int]()
    for part in parts:
        first, colon, last = part.partition(":")
        if not all(re.fullmatch(r"\s*[12]\d{3}\s*", year) for year in ([first, last] if colon else [first])):
            raise InputError(f"--years {quote(text)}: write years as 2024:2030, 2026 or 2024,2027,2030")
        found += range(int(first), int(last) + 1) if colon else [int(first)]
    if not found or any(b <= a for a, b in pairwise(found)):
        raise InputError(f"--years {quote(text)}: years go up, as in 2024:2030 or 2024,2027,2030")
    if len(found) > MOST_YEARS:
        raise InputError(f"--years {quote(text)}: {len(found)} years are too many: at most {MOST_YEARS}")
    return tuple(found)


def read_crossing(text: str) -> Crossing:
    """`inference_h100s > 1e6` as a crossing; raises InputError for what is none."""
    match = re.fullmatch(r"\s*(\w+)\s*([<>])\s*(\S.*)", text, flags=re.S)
    if match is None:
        raise InputError(f"--when {quote(text)}: write 'QUANTITY > X', as in 'inference_h100s > 1e6'")
    return Crossing(match[1], match[2], parse_number(match[3], "a threshold"))


def at(name: str, year: int) -> str:
    """A quantity, or a prior, in a year."""
    return f"{name}@{year}"


def parted(name: str) -> tuple[str, int | None]:
    """A name and its year; None where it has none."""
    plain, mark, year = name.rpartition("@")
    return (plain, int(year)) if mark and year.isdigit() else (name, None)


@dataclass(frozen=True)
class Yearly(Quantity):
    """A quantity in a year: its function reads other names, those of that year."""

    renamed: Mapping[str, str] = field(default_factory=dict, compare=False)
    said: str = ""
    told: str = ""

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names that it reads, in the order of the function's own."""
        return tuple(self.renamed.values())

    def __call__(self, known: Mapping[str, Any]) -> Any:
        """The quantity from the values of its inputs."""
        return _called(self, known)

    @cached_property
    def text(self) -> str:
        """What it is."""
        return self.told

    @cached_property
    def formula(self) -> str:
        """The formula, with the names of its year."""
        return self.said


class FirstYear(Yearly):
    """A crossing: infinite where no year reaches the threshold."""

    unreached: ClassVar[bool] = True


def _same(value: Any) -> Any:
    """What no trend moves, or not yet."""
    return value


def _called(q: Yearly, known: Mapping[str, Any]) -> Any:
    plain = Quantity(q.name, q.function, q.unit, q.never)
    plain.__dict__["inputs"] = tuple(q.renamed)
    return plain({own: known[name] for own, name in q.renamed.items()})


class YearModel(Model):
    """A model in which each quantity that a trend reaches stands once for each year, and no longer without one."""

    def __init__(self, base: Model, trended: Sequence[Trended], years: Sequence[int], when: Sequence[Crossing] = ()):
        self.name, self.modules, self.constants = base.name, base.modules, dict(base.constants)
        self.base, self.years, self.trended = base, tuple(years), {t.name: t for t in trended}
        for t in trended:
            _check(base, t, self.years)
        self.inputs = dict(base.inputs) | {i.name: i for t in trended for i in _inputs(base, t, self.years)}
        moving = set(self.trended)
        for q in base.quantities.values():
            if moving & set(q.inputs):
                moving.add(q.name)
        self.moving = frozenset(moving)
        self.quantities = {name: q for name, q in base.quantities.items() if name not in moving}
        for year in self.years:
            self.quantities |= {q.name: q for q in self._of(year)}
        self.quantities |= {c.name: self._crossing(c) for c in when}

    def quantity(self, name: str) -> Quantity:
        """The quantity `name`; raises InputError for one that moves with the years, of which none is named."""
        known = meant(name, self.moving)
        if known is not None and name not in self.quantities:
            raise InputError(f"{known} moves with the years here: name one, as {at(known, self.years[-1])}")
        return super().quantity(name)

    def _of(self, year: int) -> list[Quantity]:
        made: list[Quantity] = [_moved(self.base.inputs[t.name], t, year) for t in self.trended.values()]
        for q in self.base.quantities.values():
            name = at(q.name, year)
            if q.name not in self.moving:
                made.append(Yearly(name, _same, q.unit, q.never, {"value": q.name}, q.name, q.text))
                continue
            renamed = {i: at(i, year) if i in self.moving else i for i in q.inputs}
            said = re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda m, r=renamed: r.get(m[0], m[0]), q.formula)  # type: ignore[misc]
            made.append(Yearly(name, q.function, q.unit, q.never, renamed, said, f"{q.text.rstrip('.')}, {year}."))
        return made

    def _crossing(self, c: Crossing) -> Quantity:
        q = self.base.quantity(c.quantity)
        if len(self.years) < 2:
            raise InputError(f"--when {quote(c.name)}: a crossing needs two years or more: --years 2026:2030")
        names = {f"y{year}": at(q.name, year) for year in self.years}
        above = {">": 1.0, "<": -1.0}[c.sign]
        text = f"First year in which {q.name} is {'above' if c.sign == '>' else 'below'} {c.threshold:g}."
        return FirstYear(
            c.name, _first(self.years, c.threshold, above), "1", True, names, f"first year of {c.name}", text
        )


def _check(base: Model, t: Trended, years: Sequence[int]) -> None:
    """Refuse a trend that cannot be."""
    if t.name not in base.inputs:
        raise InputError(f"trends.{t.name}: {base.name} reads no prior of this name; {nearest(t.name, base.inputs)}")
    if (base.inputs[t.name].low, base.inputs[t.name].high) == ANY:
        raise InputError(f"trends.{t.name}: a trend multiplies, and {t.name} may be negative")
    early = [y for y in years if y < t.start]
    if early:
        raise InputError(f"--years {early[0]} lies before {t.start}, from which trends.{t.name} runs")
    late = [y for y in years if y - t.start > MOST_YEARS]
    if late:
        raise InputError(f"--years {late[0]} lies more than {MOST_YEARS} years after {t.start} (trends.{t.name})")


def _inputs(base: Model, t: Trended, years: Sequence[int]) -> list[Input]:
    """The priors of a trend: its growth, and a step of the random walk for each year."""
    found = [Input(f"{GROWTH}{t.name}", "1", f"factor a year on {t.name}, from {t.start} on")]
    steps = max(years, default=t.start) - t.start if t.noise else 0
    return found + [
        Input(f"{NOISE}{t.name}.{k}", "1", f"chance of {t.name} in {t.start + k}", *ANY) for k in range(1, steps + 1)
    ]


def _moved(prior: Input, t: Trended, year: int) -> Quantity:
    """What a prior has become by a year."""
    passed, share = year - t.start, is_share(prior)
    name, text = at(t.name, year), f"{prior.text[:1].upper()}{prior.text[1:]}, {year}."
    if not passed:
        return Yearly(name, _same, prior.unit, False, {"value": t.name}, t.name, text)
    steps = [f"{NOISE}{t.name}.{k}" for k in range(1, passed + 1)] if t.noise else []
    renamed = {"value": t.name, "growth": f"{GROWTH}{t.name}"} | {f"step{k}": n for k, n in enumerate(steps)}
    factor = f"{GROWTH}{t.name}**{passed}" + (f" * exp({t.noise:g} * ({' + '.join(steps)}))" if steps else "")
    said = f"odds of {t.name} * {factor}" if share else f"{t.name} * {factor}"
    return Yearly(name, _mover(passed, t.noise, share), prior.unit, False, renamed, said, text)


def is_share(prior: Input) -> bool:
    """Whether a prior is a share, whose odds a trend multiplies."""
    return (prior.low, prior.high) == SHARE


def grown(value: Any, growth: Any, years: float, walk: Any = None, share: bool = False) -> Any:
    """The value, or for a share its odds, times the growth for each year, and a random walk of logarithms around it."""
    factor = growth**years
    if walk is not None:
        factor = factor * np.exp(walk)
    return value * factor / (1.0 - value + value * factor) if share else value * factor


@cache
def _mover(passed: int, noise: float, share: bool) -> Callable[..., Any]:
    def move(value: Any, growth: Any, **steps: Any) -> Any:
        return grown(value, growth, passed, noise * sum(steps.values()) if steps else None, share)

    return move


@cache
def _first(years: tuple[int, ...], threshold: float, above: float) -> Callable[..., Any]:
    def first(**values: Any) -> Any:
        """The year at which the threshold is met, between two years along a straight line, or one of logarithms."""
        ys = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in values.values()))
        log = threshold > 0.0 and all(np.all(y > 0.0) for y in ys)
        goal = np.log(threshold) if log else threshold
        beyond = [above * ((np.log(y) if log else y) - goal) for y in ys]
        found = np.where(beyond[0] > 0.0, float(years[0]), np.inf)
        for i in range(1, len(years)):
            low, high = beyond[i - 1], beyond[i]
            crosses = np.isinf(found) & (low <= 0.0) & (high > 0.0)
            share = np.where(crosses, -low / np.where(crosses, high - low, 1.0), 0.0)
            found = np.where(crosses, years[i - 1] + (years[i] - years[i - 1]) * share, found)
        return found if len(found) > 1 or np.ndim(next(iter(values.values()))) else float(found[0])

    return first


@cache
def year_model(
    base: Model, trended: tuple[Trended, ...], years: tuple[int, ...], when: tuple[Crossing, ...] = ()
) -> YearModel:
    """The model of a variant over years, made once."""
    return YearModel(base, trended, years, when)
