"""Years: a compute model in which priors move by trends, and every quantity stands for each year.

`inference_h100s@2027` is the quantity in 2027; `inference_saving@2027` is what the prior has become by then. A trend
moves a prior on its own scale, the logarithm for what is positive and the logit for shares: values, or odds, multiply
by the growth each year. At the year from which a trend runs, the prior is itself, to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from ..base.errors import InputError, meant, nearest, quote
from ..base.numbers import parse_number, shortest
from ..base.wording import CALENDAR
from .dated import FirstYear, Yearly, grown, same
from .graph import Input, Model, Quantity
from .inputs import ANY, SHARE
from .moving import first, moved

MOST_YEARS = 16  # from the start of a trend: so many columns of yearly noise there are
GROWTH, NOISE = "trends.", "noise."
YEAR = CALENDAR  # the unit of the first year beyond a bound: of no prior and no formula


class Trended(NamedTuple):
    """A prior that moves: from which year, and the sd a year of its random walk around the trend."""

    name: str
    start: int
    noise: float = 0.0


class Crossing(NamedTuple):
    """The first year in which a quantity lies above (`>`) or below (`<`) a number, or another quantity.

    `total(QUANTITY)` is its sum over the years so far, on either side.
    """

    quantity: str
    sign: str
    threshold: float | str

    @property
    def bound(self) -> str:
        """The threshold as it is written."""
        return self.threshold if isinstance(self.threshold, str) else shortest(self.threshold)

    @property
    def text(self) -> str:
        """The crossing as it is typed: `inference_h100s > 1e6`."""
        return f"{self.quantity} {self.sign} {self.bound}"

    @property
    def name(self) -> str:
        """The crossing as a quantity: `first_year(inference_h100s>1e6)`."""
        return f"first_year({self.quantity}{self.sign}{self.bound})"


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


_SIDE = r"total\(\s*\w+\s*\)|[A-Za-z_]\w*"


def read_crossing(text: str) -> Crossing:
    """`inference_h100s > 1e6` as a crossing; raises InputError for what is none."""
    match = re.fullmatch(rf"\s*({_SIDE})\s*([<>])\s*(\S.*?)\s*", text, flags=re.S)
    if match is None:
        raise InputError(f"--when {quote(text)}: write 'QUANTITY > X', as in 'inference_h100s > 1e6'")
    left, sign, right = match.groups()
    if re.fullmatch(_SIDE, right):
        return Crossing(re.sub(r"\s", "", left), sign, re.sub(r"\s", "", right))
    return Crossing(re.sub(r"\s", "", left), sign, parse_number(right, "a threshold"))


def at(name: str, year: int) -> str:
    """A quantity, or a prior, in a year."""
    return f"{name}@{year}"


def parted(name: str) -> tuple[str, int | None]:
    """A name and its year; None where it has none."""
    plain, mark, year = name.rpartition("@")
    return (plain, int(year)) if mark and year.isdigit() else (name, None)


class YearModel(Model):
    """A model in which each quantity that a trend reaches stands once for each year, and no longer without one.

    What is asked of several years is made when it is named: `inference_h100s@2030over2026`, a growth, and
    `first_year(inference_h100s>1e6)`, a crossing.
    """

    def __init__(self, base: Model, trended: Sequence[Trended], years: Sequence[int]):
        self.name, self.modules, self.constants = base.name, base.modules, dict(base.constants)
        self.told, self.own, self.extends, self.asked = base.told, base.own, base.extends, base.asked
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

    def has(self, name: str) -> bool:
        """Whether there is a quantity of this very name."""
        try:
            return name in self.quantities or self._across(name).name == name
        except InputError:
            return False

    @property
    def key(self) -> str:
        """What a prior set and a run call the model."""
        return self.base.key

    @property
    def plain(self) -> Model:
        """The model without years."""
        return self.base

    def quantity(self, name: str) -> Quantity:
        """The quantity `name`; raises InputError for one that moves with the years, of which none is named."""
        if name not in self.quantities and re.search(r"\(|@\d+\D", name):
            return self._across(name)
        known = meant(name, self.moving)
        if known is not None and name not in self.quantities:
            raise InputError(f"{known} moves with the years here: name one, as {at(known, self.years[-1])}")
        return super().quantity(name)

    def dated(self, name: str) -> str:
        """The name of a quantity, in the last year where it moves and no year is named."""
        known = meant(name, self.moving)
        return self.quantity(name if known is None else at(known, self.years[-1])).name

    def plan(self, names: Iterable[str]) -> list[Quantity]:
        """The quantities that must be evaluated for `names`, in order: what is of several years at the end."""
        found = {q.name: q for q in map(self.quantity, names)}
        across = [q for n, q in found.items() if n not in self.quantities]
        plain = [n for n in found if n in self.quantities]
        return [*super().plan([*plain, *(i for q in across for i in q.inputs)]), *across]

    def _of(self, year: int) -> list[Quantity]:
        made: list[Quantity] = [_moved(self.base.inputs[t.name], t, year) for t in self.trended.values()]
        for q in self.base.quantities.values():
            name = at(q.name, year)
            if q.name not in self.moving:
                made.append(Yearly(name, same, q.unit, q.never, {"value": q.name}, q.name, q.text))
                continue
            renamed = {i: at(i, year) if i in self.moving else i for i in q.inputs}
            said = re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda m, r=renamed: r.get(m[0], m[0]), q.formula)  # type: ignore[misc]
            made.append(Yearly(name, q.function, q.unit, q.never, renamed, said, f"{q.text.rstrip('.')}, {year}."))
        return made

    def _across(self, name: str) -> Quantity:
        """What a name asks of several years; raises InputError where that is nothing."""
        if match := re.fullmatch(r"\s*first_year\s*\((.*)\)\s*", name, flags=re.S):
            return self._crossing(read_crossing(match[1]))
        if match := re.fullmatch(r"\s*(\w+)@(\d{4})over(\d{4})\s*", name):
            return self._growth(match[1], int(match[2]), int(match[3]))
        growth = f"{at('inference_h100s', self.years[-1])}over{self.years[0]}"
        raise InputError(
            f"{quote(name)} is no quantity: a growth is written {growth}, and a crossing "
            "'first_year(inference_h100s>1e6)'"
        )

    def _growth(self, name: str, late: int, early: int) -> Quantity:
        ends = self._named(name, late), self._named(name, early)
        if late <= early:
            raise InputError(f"{quote(f'{name}@{late}over{early}')}: the later year stands first: {late} over {early}")
        text = f"Growth of: {ends[0].text.rstrip('.').removesuffix(f', {late}')}, {late} over {early}."
        renamed = {"late": ends[0].name, "early": ends[1].name}
        said = " / ".join(renamed.values())
        return Yearly(f"{ends[0].name}over{early}", grown, "1", True, renamed, said, text)

    def _named(self, name: str, year: int) -> Quantity:
        """A quantity, or a prior that moves, in a year; raises InputError where it is none of them."""
        if year not in self.years:
            raise InputError(f"{quote(at(name, year))}: the years here are {years_text(self.years)}")
        return super().quantity(at(meant(name, self.moving) or self.base.quantity(name).name, year))

    def crossing(self, c: Crossing) -> Crossing:
        """A crossing by the names that quantities have; raises InputError for one that cannot be."""
        made = self.quantity(c.name).name
        return read_crossing(made.removeprefix("first_year(").removesuffix(")"))

    def _crossing(self, c: Crossing) -> Quantity:
        if len(self.years) < 2:
            raise InputError(f"--when {quote(c.text)}: a crossing needs two years or more: --years 2026:2030")
        left, adds = self._side(c, c.quantity)
        against = self._side(c, c.threshold) if isinstance(c.threshold, str) else None
        bound = None if isinstance(c.threshold, str) else c.threshold
        names = {f"a{y}": self._named(left, y).name for y in self.years}
        names |= {f"b{y}": self._named(against[0], y).name for y in self.years} if against else {}
        unlike = {q.name.partition("@")[0]: q.unit for q in map(self.quantity, names.values())}
        if len(set(unlike.values())) > 1:
            (a, one), (b, two) = unlike.items()
            raise InputError(f"--when {quote(c.text)}: {a} is in {one} and {b} in {two}: compare what has one unit")
        c = Crossing(_total(left, adds), c.sign, _total(*against) if against else c.threshold)
        above, span = (1.0 if c.sign == ">" else -1.0), (self.years[0], self.years[-1])
        text = f"First year in which {c.quantity} is {'above' if c.sign == '>' else 'below'} {c.bound}."
        function = first(self.years, above, bound, (adds, against is not None and against[1]))
        return FirstYear(c.name, function, YEAR, True, names, f"first year of {c.text}", text, years=span)

    def _side(self, c: Crossing, text: str) -> tuple[str, bool]:
        """The quantity of one side of a crossing, and whether it is summed over the years so far."""
        name = text.removeprefix("total(").removesuffix(")")
        adds = name != text
        if adds and self.years[-1] - self.years[0] >= len(self.years):
            every = f"--years {self.years[0]}:{self.years[-1]}"
            raise InputError(f"--when {quote(c.text)}: a total adds up year by year: give all of them, {every}")
        return parted(self._named(name, self.years[0]).name)[0], adds


def _total(name: str, adds: bool) -> str:
    return f"total({name})" if adds else name


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
        return Yearly(name, same, prior.unit, False, {"value": t.name}, t.name, text)
    steps = [f"{NOISE}{t.name}.{k}" for k in range(1, passed + 1)] if t.noise else []
    renamed = {"value": t.name, "growth": f"{GROWTH}{t.name}"} | {f"step{k}": n for k, n in enumerate(steps)}
    factor = f"{GROWTH}{t.name}**{passed}" + (f" * exp({t.noise:g} * ({' + '.join(steps)}))" if steps else "")
    said = f"odds of {t.name} * {factor}" if share else f"{t.name} * {factor}"
    return Yearly(name, _mover(passed, t.noise, share), prior.unit, False, renamed, said, text)


def is_share(prior: Input) -> bool:
    """Whether a prior is a share, whose odds a trend multiplies."""
    return (prior.low, prior.high) == SHARE


@cache
def _mover(passed: int, noise: float, share: bool) -> Callable[..., Any]:
    def move(value: Any, growth: Any, **steps: Any) -> Any:
        return moved(value, growth, passed, noise * sum(steps.values()) if steps else None, share)

    return move


@cache
def year_model(base: Model, trended: tuple[Trended, ...], years: tuple[int, ...]) -> YearModel:
    """The model of a variant over years, made once."""
    return YearModel(base, trended, years)
