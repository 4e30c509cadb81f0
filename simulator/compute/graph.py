"""Marked functions to an ordered model: the names of their parameters are the wiring."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import InputError, meant, nearest
from .telling import Telling

_MARKED: dict[Callable[..., Any], tuple[str, bool, bool]] = {}


def quantity[F: Callable[..., Any]](unit: str, never: bool = False, proved: bool = True) -> Callable[[F], F]:
    """Mark a function as a quantity with a unit; returns the function unchanged.

    One that may `never` be reached is infinite where its divisor is 0: there is no breakeven without demand. One whose
    unit is not to be `proved` calls what knows no units, such as a function of scipy.special.
    """
    given: object = unit
    if callable(given):
        name = getattr(given, "__name__", given)
        raise InputError(f'{name}: @quantity stands without its unit: write @quantity("USD/day")')

    def mark(function: F) -> F:
        _MARKED[function] = unit, never, proved
        return function

    return mark


def marked(function: Callable[..., Any]) -> tuple[str, bool, bool] | None:
    """Unit, `never` and `proved` of a function that is marked as a quantity; None of any other."""
    return _MARKED.get(function)


class Input(NamedTuple):
    """A prior that the model reads: its name, unit, meaning and the range of values that make sense.

    One that came later has a `neutral` value, at which the formulas are those of before: a set that was written
    without it is read with that. Where no value is neutral it is `needed`: what reads it is refused until the set or
    its GPU gives it, and at the value that stands for it the formulas give no number.
    """

    name: str
    unit: str
    text: str
    low: float = 0.0
    high: float = float("inf")
    neutral: float | None = None
    needed: bool = False


class Constant(NamedTuple):
    """A named number with a unit, wired by name like a prior: conversions and definitions."""

    name: str
    value: float
    unit: str
    text: str


class Quantity:
    """A named, unit-carrying function of priors, constants and other quantities."""

    origin = 0.0  # what its draws are counted from
    unreached = False  # whether it is infinite where it is never reached, whatever its inputs are

    def __init__(self, name: str, function: Callable[..., Any], unit: str, never: bool = False, *, proved: bool = True):
        self.name, self.function, self.unit, self.never, self.proved = name, function, unit, never, proved

    def __repr__(self) -> str:
        return f"<Quantity {self.name}, {self.unit}>"

    def within(self, values: Any) -> Any:
        """The values as they are; the first year of a crossing is the last of all where it is never reached."""
        return values

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names that the function reads, in its own order."""
        if not vars(self.function).keys() & {"__wrapped__", "__signature__"} and inspect.isfunction(self.function):
            code = self.function.__code__  # says the same in a tenth of the time
            if not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
                return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return tuple(inspect.signature(self.function).parameters)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The function's own names of its inputs, in the same order."""
        return self.inputs

    def __call__(self, known: Mapping[str, Any]) -> Any:
        """The quantity from the values of its inputs; raises InputError for a division by zero.

        One that may never be reached is infinite where something positive is divided by 0.
        """
        given = {i: known[i] for i in self.inputs}
        try:
            with np.errstate(all="ignore"):  # whoever asked looks at what is not finite
                return self.function(**given)
        except ZeroDivisionError:  # plain floats; arrays give an infinity
            zero = next((name for name, value in given.items() if np.ndim(value) == 0 and value == 0.0), None)
            with np.errstate(all="ignore"):
                found = self.function(**{name: np.asarray(value, dtype=float) for name, value in given.items()})
            if self.never and zero and found == np.inf:
                return math.inf
            what = zero or "a product of its inputs"
            raise InputError(f"{self.name} = {self.formula} divides by zero: {what} is 0") from None

    @cached_property
    def text(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @cached_property
    def formula(self) -> str:
        """The returned expression, as written in the source; of a function of several statements all of them."""
        tree = ast.parse(textwrap.dedent(inspect.getsource(self.function))).body[0]
        assert isinstance(tree, ast.FunctionDef)
        body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
            return ast.unparse(body[0].value)
        return "; ".join(" ".join(ast.unparse(statement).split()) for statement in body)


class Model:
    """An ordered set of quantities over inputs (priors) and constants.

    `modules` are searched for marked functions. A parameter that is neither a quantity, an input nor
    a constant is a programming error and raises ValueError, as does a cycle.
    """

    own: tuple[str, ...] = ()  # the priors of a model of one's own, in the order of its file
    asked: str = ""  # what --model names it by
    extends: str = ""  # the shipped variant that a model of one's own adds to

    def __init__(
        self,
        name: str,
        modules: Iterable[ModuleType],
        inputs: Iterable[Input],
        constants: Iterable[Constant],
        told: Telling | None = None,
    ):
        self.name, self.told = name, told or Telling()
        self.modules = tuple(modules)
        found = {
            f.__name__: Quantity(f.__name__, f, *_MARKED[f][:2], proved=_MARKED[f][2])
            for module in self.modules
            for f in vars(module).values()
            if inspect.isfunction(f) and f in _MARKED and f.__module__ == module.__name__
        }
        known, fixed = {i.name: i for i in inputs}, {c.name: c for c in constants}
        self.quantities = {q.name: q for q in self._ordered(found)}
        read = {name for q in found.values() for name in q.inputs} - set(found)
        if read - set(known) - set(fixed):
            raise ValueError(f"unknown inputs: {sorted(read - set(known) - set(fixed))}")
        self.inputs = {name: i for name, i in known.items() if name in read}
        self.constants = {name: c for name, c in fixed.items() if name in read}

    @staticmethod
    def _ordered(found: Mapping[str, Quantity]) -> list[Quantity]:
        order: dict[str, Quantity] = {}
        open_names: set[str] = set()

        def visit(name: str) -> None:
            if name in order or name not in found:
                return
            if name in open_names:
                raise ValueError(f"{name} is made from itself")
            open_names.add(name)
            for parent in found[name].inputs:
                visit(parent)
            order[name] = found[name]

        for name in found:
            visit(name)
        return list(order.values())

    @property
    def key(self) -> str:
        """What a prior set and a run call the model: no other has this key."""
        return self.name

    @property
    def plain(self) -> Model:
        """The model without years."""
        return self

    def has(self, name: str) -> bool:
        """Whether there is a quantity of this very name."""
        return name in self.quantities

    def dated(self, name: str) -> str:
        """The name of a quantity; over years, in the last where none is named. Raises InputError as `quantity`."""
        return self.quantity(name).name

    def quantity(self, name: str) -> Quantity:
        """The quantity `name`, whatever its case; raises InputError with the nearest name."""
        known = meant(name, self.quantities)
        if known is None:
            hint = "it is a prior, not a quantity" if name in self.inputs else nearest(name, self.quantities)
            raise InputError(f"there is no quantity {name!r} in {self.name}: {hint}")
        return self.quantities[known]

    def plan(self, names: Iterable[str]) -> list[Quantity]:
        """The quantities that must be evaluated for `names`, in order."""
        needed: set[str] = set()
        waiting = [self.quantity(name).name for name in names]
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += [p for p in self.quantities[name].inputs if p in self.quantities]
        return [q for name, q in self.quantities.items() if name in needed]

    def reads(self, names: Iterable[str]) -> list[str]:
        """The priors that `names` depend on, in the order of the inputs."""
        read = {i for q in self.plan(names) for i in q.inputs}
        return [name for name in self.inputs if name in read]

    def evaluate(self, values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
        """All quantities needed for `names`, from the priors' values (floats or arrays alike)."""
        known: dict[str, Any] = {c.name: c.value for c in self.constants.values()} | dict(values)
        plan = self.plan(names)
        for q in plan:
            known[q.name] = q(known)
        return {q.name: known[q.name] for q in plan}

    def reevaluate(self, known: Mapping[str, Any], changed: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
        """All that is `known`, with some values changed and the quantities for `names` that read them evaluated anew.

        `known` are the values of priors and of quantities; a quantity that is missing is evaluated too.
        """
        new = {c.name: c.value for c in self.constants.values()} | {**known, **changed}
        moved = set(changed)
        for q in self.plan(names):
            if q.name not in known or not moved.isdisjoint(q.inputs):
                new[q.name] = q(new)
                moved.add(q.name)
        return new

    def source(self) -> str:
        """The text of all formulas, inputs and constants: what the model's digest is taken of."""
        formulas = [f"{q.name} [{q.unit}] = {q.formula}" for q in self.quantities.values()]
        fixed = [f"{c.name} [{c.unit}] = {c.value!r}" for c in self.constants.values()]
        read = [f"{i.name} [{i.unit}]" for i in self.inputs.values()]
        return "\n".join([self.name, *read, *fixed, *formulas])
