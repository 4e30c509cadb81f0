"""What a file of formulas declares: its units, priors, constants, quantities, and what is told of them."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from ..base.errors import InputError, one_line, quote
from .graph import Constant, Input, Quantity, marked, quantity


@dataclass(frozen=True)
class Declared:
    """What a file declares, and where: `lines` has the line of each name; `mistakes` what is not of its kind."""

    path: str
    lines: Mapping[str, int]
    functions: Mapping[str, Callable[..., Any]]
    priors: tuple[Input, ...] = ()
    constants: tuple[Constant, ...] = ()
    units: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    story: tuple[tuple[str, str], ...] = ()
    caveats: tuple[str, ...] = ()
    layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extends: str = ""
    about: str = ""
    mistakes: tuple[str, ...] = ()

    @property
    def items(self) -> list[Input | Constant]:
        """The priors and the constants."""
        return [*self.priors, *self.constants]

    def place(self, name: str) -> str:
        """The file and the line of a name."""
        return f"{self.path}:{self.lines[name]}" if name in self.lines else self.path

    def unit(self, name: str) -> str:
        """The declared unit of a quantity."""
        return (marked(self.functions[name]) or ("",))[0]

    def reads(self, name: str) -> tuple[str, ...]:
        """The names that a quantity is made from."""
        return Quantity(name, self.functions[name], "1").inputs


def declared(module: ModuleType, tree: ast.Module, path: str) -> Declared:
    """What a module declares; what is not of its kind is among the mistakes."""
    r = _Reader(vars(module), _lines(tree), path)
    made = Declared(
        path,
        r.lines,
        r.functions(),
        tuple(r.items("PRIORS", Input, "Input")),
        tuple(r.items("CONSTANTS", Constant, "Constant")),
        tuple(r.items("UNITS", str, "texts")),
        tuple(r.items("HEADLINE", str, "names of quantities")),
        r.story(),
        tuple(r.items("CAVEATS", str, "sentences")),
        r.layers(),
        r.text("EXTENDS"),
        r.text("ABOUT"),
    )
    wrong = [w for item in made.items for w in _odd_item(r.where(str(item.name)), item)]
    return replace(made, mistakes=(*r.wrong, *wrong))


@dataclass
class _Reader:
    """What a module holds, and what is wrong with it."""

    given: Mapping[str, Any]
    lines: Mapping[str, int]
    path: str
    wrong: list[str] = field(default_factory=list)

    def where(self, name: str) -> str:
        return f"{self.path}:{self.lines[name]}: {name}" if name in self.lines else f"{self.path}: {name}"

    def text(self, key: str) -> str:
        value = self.given.get(key, "")
        if not isinstance(value, str):
            self.wrong.append(f"{self.where(key)}: {quote(value)} is not a text in quotes")
        return value if isinstance(value, str) else ""

    def items(self, key: str, kind: Any, called: str) -> list[Any]:
        """The items of a list that all must be of a kind."""
        value = self.given.get(key, ())
        if not isinstance(value, tuple | list) or isinstance(value, Input | Constant):
            hint = "; a comma is missing behind the only one" if isinstance(value, kind) else ""
            self.wrong.append(f"{self.where(key)}: must be a list of {called}{hint}")
            return []
        self.wrong += [f"{self.where(key)}: {quote(x)} is none of {called}" for x in value if not isinstance(x, kind)]
        return [x for x in value if isinstance(x, kind)]

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions of the file itself that are marked."""
        own = self.given["__name__"]
        found: dict[str, Callable[..., Any]] = {
            n: f for n, f in self.given.items() if inspect.isfunction(f) and f.__module__ == own and marked(f)
        }
        for name, function in found.items():
            self.wrong += _odd(self.where(function.__name__), name, function)
        return found

    def story(self) -> tuple[tuple[str, str], ...]:
        clauses = [tuple(c) for c in self.items("STORY", tuple | list, "pairs")]
        if not all(len(c) == 2 and all(isinstance(part, str) for part in c) for c in clauses):
            self.wrong.append(
                f'{self.where("STORY")}: write pairs of a quantity and a text, as in (("tuners", "{{}} tuners {{}}"),)'
            )
            return ()
        self.wrong += [f"{self.where('STORY')}: {quote(text)}: {w}" for _, text in clauses if (w := _unfit(text))]
        return tuple((c[0], c[1]) for c in clauses)

    def layers(self) -> dict[str, tuple[str, ...]]:
        value = self.given.get("LAYERS", {})
        if not isinstance(value, dict) or not all(isinstance(names, tuple | list) for names in value.values()):
            self.wrong.append(
                f'{self.where("LAYERS")}: write the priors of each layer, as in {{"GPU": ("gpu_peak", "gpu_price")}}'
            )
            return {}
        return {str(layer): tuple(map(str, names)) for layer, names in value.items()}


def _odd(where: str, name: str, function: Callable[..., Any]) -> Iterable[str]:
    """What is unusual in a function that is to be a quantity."""
    if function.__name__ != name:
        yield f"{where} is also called {name}: a quantity has one name"
    if not isinstance((marked(function) or ("",))[0], str):
        yield f'{where}: its unit is no text: @quantity("USD")'
    for p in inspect.signature(function).parameters.values():
        if p.kind is not p.POSITIONAL_OR_KEYWORD or p.default is not p.empty:
            yield f"{where}: {p} is no name of what it is made from: a quantity takes names alone"


def _odd_item(where: str, item: Input | Constant) -> Iterable[str]:
    """What is wrong with the parts of a prior or a constant."""
    if not all(isinstance(part, str) and part.strip() for part in (item.name, item.unit, item.text)):
        yield f"{where}: its name, unit and meaning are texts, and none is empty"
    numbers = [item.value] if isinstance(item, Constant) else [item.low, item.high, item.neutral]
    if not all(n is None or (isinstance(n, int | float) and not isinstance(n, bool) and n == n) for n in numbers):
        yield f"{where}: {', '.join(map(str, numbers))}: not all of these are numbers"
    elif isinstance(item, Input) and not item.low < item.high:
        yield f"{where}: low = {item.low:g} is not below high = {item.high:g}"
    elif isinstance(item, Constant) and not np.isfinite(item.value):
        yield f"{where}: {item.value} is not a finite number"


def _unfit(text: str) -> str:
    """What is wrong with a clause that takes a median and an interval."""
    try:
        text.format("1", "(0 to 2)")
    except (LookupError, ValueError):
        return "holds other places than {} for the median and {} for the interval"
    return ""


def _lines(tree: ast.Module) -> dict[str, int]:
    """The line of each function, of each assigned name, and of each Input and Constant by its name."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in ("Input", "Constant"):
                found.setdefault(str(node.args[0].value), node.lineno)
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            found[statement.name] = statement.lineno
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        found |= {t.id: statement.lineno for t in targets if isinstance(t, ast.Name)}
    return found


def guarded(function: Callable[..., Any], place: str) -> Callable[..., Any]:
    """A function whose errors are one line, with its place, and whose results are floats or arrays like its inputs.

    A division by zero passes: of plain numbers it is told of with the zero's name.
    """

    @functools.wraps(function)
    def call(**given: Any) -> Any:
        try:
            found = function(**given)
        except (ZeroDivisionError, InputError):
            raise
        except Exception as error:
            told = one_line(f"{type(error).__name__}: {' '.join(str(error).split())}")
            if any(hasattr(value, "to") for value in given.values()):  # of the proof, which tells of it
                raise
            raise InputError(f"{place}: {function.__name__}: {told}") from error
        if hasattr(found, "to"):
            return found
        return _shaped(found, given, f"{place}: {function.__name__}")

    return quantity(*(marked(function) or ("1",)))(call)


def _shaped(found: Any, given: Mapping[str, Any], where: str) -> Any:
    shape = np.broadcast_shapes(*(np.shape(value) for value in given.values()))
    try:
        values = np.asarray(found, dtype=float)
        if values.shape == shape:
            return values if shape else float(values)
        return np.broadcast_to(values, shape).copy()
    except (TypeError, ValueError):
        raise InputError(f"{where}: gives {quote(found)}, which is no number for each draw") from None
