"""What a result says, once: blocks, which the console and a page's renderers show, and plain data beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SIZES = {"wide": "full", "narrow": "column"}
MANY = 4  # sentences that still read as paragraphs


@dataclass(frozen=True)
class Paragraph:
    """A text that is wrapped to the width that there is."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A line above what follows, with room on both sides."""

    text: str


@dataclass(frozen=True)
class Line:
    """A line that is never wrapped, for it is to be copied: a path, a name, a command."""

    text: str


@dataclass(frozen=True)
class Indented:
    """A text that is wrapped, behind `first` blanks, and its later lines behind `later`."""

    text: str
    first: int = 4
    later: int = 7


@dataclass(frozen=True)
class Gap:
    """Room between two blocks."""


@dataclass(frozen=True)
class Rule:
    """A rule between two results."""


@dataclass(frozen=True)
class Table:
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


@dataclass(frozen=True)
class References:
    """Sources, numbered from 1 in this order."""

    sources: Sequence[str]


@dataclass(frozen=True)
class Bullets:
    """Sentences, each for itself."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Code:
    """A text as it is: a command, a file."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A figure: its title, and its SVG for a wide and a narrow page."""

    title: str
    kind: str
    svg: dict[str, str]


@dataclass(frozen=True)
class Folded:
    """Blocks that a page shows when it is asked."""

    title: str
    blocks: Sequence[Block]


Block = Paragraph | Heading | Line | Indented | Gap | Rule | Table | References | Bullets | Code | Picture | Folded
GAP = Gap()


@dataclass(frozen=True)
class View:
    """What a result says, as blocks, and the plain data that a program reads of it."""

    blocks: Sequence[Block]
    data: Any = None


@dataclass(frozen=True)
class Section:
    """A part of a report."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """The section's place on a page: `what-it-rests-on`."""
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())


def told(lines: Sequence[str]) -> tuple[Block, ...]:
    """Sentences as paragraphs, or as a list where they are many."""
    return (Bullets(lines),) if len(lines) > MANY else tuple(map(Paragraph, lines))
