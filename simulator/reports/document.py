"""A report: tables, pictures and sections, and how it is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIZES = {"wide": "full", "narrow": "column"}
FORMATS = ("html", "md", "json")


@dataclass(frozen=True)
class Table:
    """Heads and rows of text; in a cell, lines after the first say less. Rows that `stack` become cards on a
    phone; a table of `words` has no column of numbers.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    stack: bool = False
    words: bool = False


@dataclass(frozen=True)
class Picture:
    """A figure: its title, and its SVG for a wide and a narrow page."""

    title: str
    kind: str
    svg: dict[str, str]


@dataclass(frozen=True)
class Section:
    """A part of the report."""

    title: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()
    code: Sequence[str] = ()
    folded: str = ""
