"""A file of formulas, of one's own, as a compute model: read, run once, and checked with a line for each mistake.

What runs is what the user has named; nothing here looks for files.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from ..base.errors import InputError, nearest, one_line, quote
from ..base.numbers import shortest
from . import units
from .columns import MOST_OWN
from .declared import Declared, declared, guarded
from .graph import Input, Model
from .inputs import CONSTANTS, PRIORS
from .models import NAME
from .proof import mistakes as unproved
from .telling import Telling
from .variants import VARIANTS
from .variants import model as shipped

RESERVED = {"chain", "draw", "member", "year", "all", "short", "idle", "variant"}  # dimensions, and words of options


class OwnModel(Model):
    """A model of a file: `text` is the file's whole source, `path` what it was called; `extends` a shipped variant."""

    def __init__(self, name: str, text: str, path: str, module: ModuleType, found: Declared, told: Telling):
        base = shipped(found.extends) if found.extends else None
        modules = (*(base.modules if base else ()), module)
        inputs = [*{i.name: i for i in (*PRIORS, *found.priors)}.values()]
        super().__init__(name, modules, inputs, (*CONSTANTS, *found.constants), told)
        self.text, self.path, self.extends = text, path, found.extends
        self.own = tuple(i.name for i in found.priors)

    @property
    def hash(self) -> str:
        """SHA-256 of the file's source."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def key(self) -> str:
        """Its name and its hash: a file that was changed is another model."""
        return f"{self.name}@{self.hash}"

    def source(self) -> str:
        """The formulas, and the whole text of the file: what the model's digest is taken of."""
        return "\n".join([super().source(), self.text])


def read(name: str, text: str, path: str) -> OwnModel:
    """The model of a file's text, under its name; `path` is what the file is called in messages.

    Raises InputError with a line for each mistake, each with the file and the line.
    """
    if not NAME.fullmatch(name) or name in VARIANTS:
        why = "is the name of a shipped variant" if name in VARIANTS else "is no name: letters, digits and _"
        raise InputError(f"{path}: {quote(name)} {why}; call the file otherwise, as agents.py")
    tree = _parsed(text, path)
    module = _run(name, text, path)
    found = declared(module, tree, path)
    wrong = list(_wrong(found, name))
    if wrong:
        raise InputError(*wrong)
    told = _told(found, wrong)
    if wrong:
        raise InputError(*wrong)
    for function in found.functions.values():
        setattr(module, function.__name__, guarded(function, found.place(function.__name__)))
    made = OwnModel(name, text, path, module, found, told)
    wrong += [f"{found.place(n)}: {n} {reason}" for n, reason in unproved(made, found.functions)]
    if wrong:
        raise InputError(*wrong)
    return made


def _parsed(text: str, path: str) -> ast.Module:
    try:
        return ast.parse(text, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        raise InputError(f"{path}{line}: is not Python: {what}") from None


def _run(name: str, text: str, path: str) -> ModuleType:
    """The module of the text. Its source can be asked for like that of any other, though it may lie nowhere."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    called, place = f"simulate_models.{name}_{digest[:16]}", f"<{path} {digest[:8]}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    module = sys.modules[called] = ModuleType(called)
    try:
        exec(compile(text, place, "exec", dont_inherit=True), vars(module))
    except Exception as error:
        raise InputError(f"{path}{_line(error, place)}: {_said(error)}") from error
    except SystemExit:
        raise InputError(f"{path}: ends the program when it is run: a model declares, and does nothing") from None
    return module


def _line(error: BaseException, place: str) -> str:
    """Where in the file an error arose, as `:12`."""
    at, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == place:
            at = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return at


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, InputError) else one_line(f"{type(error).__name__}: {text}")


def _wrong(found: Declared, name: str) -> Iterator[str]:
    """What is wrong with what a file declares, but for its units' proof."""
    yield from found.mistakes
    if found.extends and found.extends not in VARIANTS:
        hint = nearest(found.extends, VARIANTS)
        yield f"{found.place('EXTENDS')}: there is no variant {quote(found.extends)}: {hint}"
        return
    yield from _wrong_units(found)
    base = shipped(found.extends) if found.extends else None
    taken = {p.name: f"a shipped prior in {p.unit}, which can be read as it is" for p in PRIORS}
    taken |= {
        c.name: f"a shipped constant, {shortest(c.value)} {c.unit}, which can be read as it is" for c in CONSTANTS
    }
    taken |= dict.fromkeys(base.quantities, f"a quantity of {base.name}") if base else {}
    yield from _wrong_names(found, taken)
    if not found.functions:
        yield f"{found.path}: holds no quantity: mark a function with @quantity(unit)"
    yield from _wrong_wiring(found, {*taken, *(x.name for x in found.items)})
    if len(found.priors) > MOST_OWN:
        yield f"{found.place('PRIORS')}: {len(found.priors)} priors are too many: at most {MOST_OWN}"


def _wrong_units(found: Declared) -> Iterator[str]:
    wrong = list[str]()
    for line in found.units:
        try:
            units.define(line)
        except InputError as error:
            wrong.append(f"{found.place('UNITS')}: {error}")
    if wrong:  # of which all others would follow
        yield from wrong
        return
    declaring: list[tuple[str, str]] = [(x.name, x.unit) for x in found.items]
    for name, unit in [*declaring, *((n, found.unit(n)) for n in found.functions)]:
        if not units.known(unit):
            yield (
                f"{found.place(name)}: {name}: the unit {quote(unit)} is not known: "
                f'add it to UNITS, as in UNITS = ("query = [query]",)'
            )


def _wrong_names(found: Declared, taken: dict[str, str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    declaring = [(x.name, "prior" if isinstance(x, Input) else "constant") for x in found.items]
    for name, kind in [*declaring, *((n, "quantity") for n in found.functions)]:
        where, folded = found.place(name), name.casefold()
        if not NAME.fullmatch(name) or name in RESERVED:
            yield f"{where}: {quote(name)} is not the name of a {kind}: letters, digits and _, and no reserved word"
        elif name in taken:
            yield f"{where}: {name} is {taken[name]}; choose another name for this {kind}"
        elif folded in seen:
            yield f"{where}: {name} stands twice, the first time as a {seen[folded]}; names differ by more than case"
        seen.setdefault(folded, kind)


def _wrong_wiring(found: Declared, known: set[str]) -> Iterator[str]:
    """Docstrings, names that nothing has, priors that nothing reads, and circles."""
    every = {*known, *found.functions}
    for name, function in found.functions.items():
        if not (function.__doc__ or "").strip():
            yield f'{found.place(name)}: {name} has no docstring: say in a line what it is: """Queries in a day."""'
        for given in found.reads(name):
            if given not in every:
                yield f"{found.place(name)}: {name} reads {given}, which nothing gives; {nearest(given, every)}"
    read = {given for name in found.functions for given in found.reads(name)}
    for item in found.items:
        if item.name not in read:
            yield f"{found.place(item.name)}: {item.name} is read by no quantity: leave it out, or read it"
    if circle := _circle(found):
        yield f"{found.place(circle[0])}: {' -> '.join(circle)} is a cycle: {circle[0]} is made from itself"


def _circle(found: Declared) -> list[str]:
    """Names that lead back to the first of them; none where there is no such."""
    done: set[str] = set()

    def visit(name: str, chain: list[str]) -> list[str]:
        if name in chain:
            return [*chain[chain.index(name) :], name]
        if name in done or name not in found.functions:
            return []
        for given in found.reads(name):
            if circle := visit(given, [*chain, name]):
                return circle
        done.add(name)
        return []

    return next((circle for name in found.functions if (circle := visit(name, []))), [])


def _told(found: Declared, wrong: list[str]) -> Telling:
    """What is told of the model: of one that extends a variant, that variant's, and more."""
    base = shipped(found.extends) if found.extends else None
    names = {*found.functions, *(base.quantities if base else ())}
    inner = {given for name in found.functions for given in found.reads(name)}
    ends = tuple(name for name in found.functions if name not in inner)
    headline = found.headline or (*(base.told.headline if base else ()), *ends)
    story = found.story or (base.told.story if base else ())
    for key, asked in (("HEADLINE", headline), ("STORY", [name for name, _ in story])):
        wrong += [
            f"{found.place(key)}: {key}: there is no quantity {quote(name)}; {nearest(name, names)}"
            for name in _unknown(asked, names)
        ]
    caveats = (*(base.told.caveats if base else ()), *found.caveats)
    layers = {**(base.told.layers if base else {}), **found.layers}
    if base is None:
        return Telling(headline, story, caveats, layers, about=found.about)
    t = base.told
    steps = (t.modalities, t.demand_steps, t.platforms)
    return Telling(headline, story, caveats, layers, t.counts, t.changes, *steps, found.about or t.about)


def _unknown(asked: Iterable[Any], names: set[str]) -> list[Any]:
    return [name for name in asked if name not in names]
