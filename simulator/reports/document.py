"""What a result says, once: blocks, which the console and a page's renderers show, and plain data beside them.

Blocks are named tuples, which are made in a sixth of the time of a frozen dataclass: every command starts with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

MANY = 4  # sentences that still read as paragraphs


class Paragraph(NamedTuple):
    """A text that is wrapped to the width that there is."""

    text: str


class Heading(NamedTuple):
    """A line above what follows, with room on both sides."""

    text: str


class Line(NamedTuple):
    """A line that is never wrapped, for it is to be copied: a path, a name, a command."""

    text: str


class Indented(NamedTuple):
    """A text that is wrapped, behind `first` blanks, and its later lines behind `later`."""

    text: str
    first: int = 4
    later: int = 7


class Gap(NamedTuple):
    """Room between two blocks."""


class Rule(NamedTuple):
    """A rule between two results."""


class Table(NamedTuple):
    """Heads and rows of text; in a cell, lines after the first say less. The first `left` columns are of words.

    On a page, rows that `stack` become cards on a phone, and a table of `words` has no column of numbers;
    `references` holds the number of each row's source, which stands first in its last cell.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    stack: bool = False
    words: bool = False
    references: Sequence[int] = ()


class References(NamedTuple):
    """Sources, numbered from 1 in this order."""

    sources: Sequence[str]


class Bullets(NamedTuple):
    """Sentences, each for itself."""

    lines: Sequence[str]


class Code(NamedTuple):
    """A text as it is: a command, a file."""

    text: str


class Picture(NamedTuple):
    """A figure: its title, and its SVG, which is as wide as its page lets it be."""

    title: str
    kind: str
    svg: str


class Pending(NamedTuple):
    """A figure that is drawn when all of its page are known: nothing, where there is nothing to draw."""

    kind: str
    draw: Callable[[], Sequence[Picture]]


class Folded(NamedTuple):
    """Blocks that a page shows when it is asked."""

    title: str
    blocks: Sequence[Block]


Block = Paragraph | Heading | Line | Indented | Gap | Rule | Table | References | Bullets | Code | Picture | Folded
Draft = Block | Pending
GAP = Gap()


class View:
    """What a result says, as blocks, and the plain data that a program reads of it, which is made when it is read."""

    def __init__(self, blocks: Sequence[Block], read: Callable[[], Any] = lambda: None):
        self.blocks, self.read = blocks, read

    @cached_property
    def data(self) -> Any:
        """What `--json` prints."""
        return self.read()


class Section(NamedTuple):
    """A part of a report."""

    title: str
    blocks: Sequence[Draft]

    @property
    def anchor(self) -> str:
        """The section's place on a page: `what-it-rests-on`."""
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())


def told(lines: Sequence[str]) -> tuple[Block, ...]:
    """Sentences as paragraphs, or as a list where they are many."""
    return (Bullets(lines),) if len(lines) > MANY else tuple(map(Paragraph, lines))
