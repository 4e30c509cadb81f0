"""The grammar of the notation: a text becomes numbers, texts, lists and calls. Nothing is evaluated.

    sum     = product {("+" | "-") product}
    product = value {("*" | "/") value}
    value   = ["+" | "-"] number | text | list | call | "(" sum ")"
    list    = "[" sum {"," sum} "]", or in parentheses
    call    = name "(" name "=" sum {"," name "=" sum} ")"

No text takes long to read or much memory: what it holds is counted while it is read.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple, NoReturn

from ..base.errors import InputError, quote
from ..base.numbers import FIGURE, SCALE, parse_number

MOST_VALUES = 100_000  # numbers in one text: they are kept in each run
MOST_NESTED, MOST_CALLS, MOST_ARGUMENTS = 10, 32, 100
type Node = float | str | list[Node] | Call | Sum | Product
_PLAIN = re.compile(r"[\d\s.,eE+_-]*+(?=\])")  # the inside of a list of plain numbers, which may be long
_SPACE = re.compile(r"(?:\s++|\#[^\n]*+)*+")
_TOKEN = re.compile(
    rf"""(?P<number>{FIGURE}(?:\s*(?:{SCALE})(?![\w%]))?(?![\w.%]))
       | (?P<text>"[^"\n]*"|'[^'\n]*')
       | (?P<name>p\d+\.\d+(?=\s*=)|[^\W\d]\w*)
       | (?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)


class Call(NamedTuple):
    """A call as written; the name of an argument is None where it has none."""

    name: str
    arguments: tuple[tuple[str | None, Node], ...]


class Sum(NamedTuple):
    """Terms with their signs."""

    terms: tuple[tuple[str, Node], ...]


class Product(NamedTuple):
    """Factors, each with a `*` or `/` before it."""

    factors: tuple[tuple[str, Node], ...]


def read(text: str) -> Node:
    """What a text says; raises InputError where it is none of the notation."""
    reader = _Reader(text)
    node = reader.sum(1)
    return node if reader.kind == "end" else reader.unread()


class _Reader:
    """A text and how far it has been read; `token` is the next one, of the kind `kind`."""

    def __init__(self, text: str):
        self.text, self.kind, self.token = text, "", ""
        self.start = self.end = self.values = self.calls = 0
        self.step()

    def step(self) -> str:
        """The token, and on to the one behind it."""
        taken = self.token
        space = _SPACE.match(self.text, self.end)
        self.start = space.end() if space else self.end
        match = _TOKEN.match(self.text, self.start)
        self.kind, self.token = (match.lastgroup or "", match.group()) if match else ("end", "")
        self.end = match.end() if match else self.start
        return taken

    def unread(self) -> NoReturn:
        """Refuse the text for its next token."""
        where = f"at {quote(self.text[self.start : self.start + 40], 20)}" if self.kind != "end" else "to its end"
        raise InputError(f"{quote(self.text)} cannot be read {where}: write a call such as lognormal(p5=8e9, p95=60e9)")

    def most(self, count: int, limit: int, what: str) -> None:
        """Refuse a text that holds too much of something."""
        if count > limit:
            raise InputError(f"{quote(self.text)} holds too much: more than {limit:,} {what}")

    def sum(self, depth: int) -> Node:
        """The terms that come next; one alone is itself."""
        terms = [("+", self.product(depth))]
        while self.token in ("+", "-"):
            terms.append((self.step(), self.product(depth)))
        return Sum(tuple(terms)) if len(terms) > 1 else terms[0][1]

    def product(self, depth: int) -> Node:
        """The factors that come next; one alone is itself."""
        factors = [("*", self.value(depth))]
        while self.token in ("*", "/"):
            factors.append((self.step(), self.value(depth)))
        return Product(tuple(factors)) if len(factors) > 1 else factors[0][1]

    def value(self, depth: int) -> Node:
        """The number, text, list or call that comes next."""
        self.values += 1
        self.most(self.values - MOST_ARGUMENTS, MOST_VALUES, "numbers; give their quantiles to metalog(..)")
        self.most(depth, MOST_NESTED, "brackets within one another")
        if self.kind == "number" or self.token in ("+", "-"):
            return self.number()
        if self.kind == "text":
            return self.step()[1:-1]
        if self.kind == "name":
            return self.call(self.step(), depth)
        if self.token not in ("(", "["):
            self.unread()
        if self.token == "[" and (plain := self.plain()):
            return plain
        close, several = (")", False) if self.step() == "(" else ("]", True)
        found: list[Node] = []
        while self.token != close:
            found.append(self.sum(depth + 1))
            several |= self.separated(close)
        self.step()
        return found if several or not found else found[0]

    def plain(self) -> list[Node]:
        """A list of plain numbers, read at once; empty where there is more to it."""
        match = _PLAIN.match(self.text, self.end)
        if not match or match.group().count(",") >= MOST_VALUES:
            return []
        try:
            found: list[Node] = [float(word) for word in match.group().split(",")]
        except ValueError:
            return []
        if not all(map(math.isfinite, found)):  # type: ignore[arg-type]
            return []
        self.values, self.end = self.values + len(found), match.end() + 1
        self.most(self.values - MOST_ARGUMENTS, MOST_VALUES, "numbers; give their quantiles to metalog(..)")
        self.step()
        return found

    def number(self) -> float:
        """A number with its sign."""
        sign = self.step() if self.kind == "mark" else "+"
        if self.kind != "number":
            self.unread()
        token = self.step()
        try:
            value = float(token)
        except ValueError:  # 8B, 15 million, 5%
            value = parse_number(token)
        if not math.isfinite(value):
            raise InputError(f"{quote(self.text)} holds a number that is not finite")
        return -value if sign == "-" else value

    def call(self, name: str, depth: int) -> Call:
        """The call of a name that has been read."""
        if self.token != "(":
            if name.lower() in ("inf", "nan", "infinity"):
                raise InputError(f"{quote(self.text)} holds {name}: every number must be finite")
            raise InputError(f"{quote(self.text)}: {quote(name)} is not a number, list or distribution")
        self.calls += 1
        self.most(self.calls, MOST_CALLS, "distributions")
        self.step()
        arguments: list[tuple[str | None, Node]] = []
        while self.token != ")":
            arguments.append(self.argument(depth + 1))
            self.most(len(arguments), MOST_ARGUMENTS, "arguments of a call")
            self.separated(")")
        self.step()
        return Call(name, tuple(arguments))

    def argument(self, depth: int) -> tuple[str | None, Node]:
        """One argument of a call, with its name."""
        if self.kind != "name":
            return None, self.sum(depth)
        name = self.step()
        if self.token != "=":
            return None, self.call(name, depth)
        self.step()
        return name, self.sum(depth)

    def separated(self, close: str) -> bool:
        """Whether a comma was read behind a value; without it the bracket must close."""
        if self.token == ",":
            self.step()
            return True
        return False if self.token == close else self.unread()
