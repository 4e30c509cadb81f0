"""A table on a terminal that is too narrow for it: no word is broken inside, and no column is lost."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from .document import Table

GAP = 2  # columns between two columns
LEAST = 16  # columns in which words are still read


def width_of(table: Table) -> int:
    """The columns that a table takes."""
    return sum(_widths(table)) + GAP * (len(table.heads) - 1)


def fitted(table: Table, width: int) -> Table:
    """The table with its heads, and then its columns of words, folded between words where it is too wide."""
    if width_of(table) <= width:
        return table
    cells = [
        max((len(x) for row in table.rows for x in row[i].split("\n")), default=0) for i in range(len(table.heads))
    ]
    heads = [
        _folded(head, max(wide, *map(len, head.split() or [""]))) for head, wide in zip(table.heads, cells, strict=True)
    ]
    table = table._replace(heads=heads)
    for i in range(table.left - 1, 0, -1):
        spare = width - (width_of(table) - _widths(table)[i])
        if width_of(table) > width and spare >= LEAST and table.heads[i]:
            rows = [[_folded(x, spare) if k == i else x for k, x in enumerate(row)] for row in table.rows]
            table = table._replace(rows=rows)
    return table


def _folded(text: str, width: int) -> str:
    """A text in lines of so many columns, words whole; lines that are not indented go on from those above them."""
    return "\n".join(_wrapped(re.sub(r"\n(?! )", " ", text), width, ""))


def _widths(table: Table) -> list[int]:
    columns = zip(table.heads, *table.rows, strict=True)
    return [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]


def lines(table: Table, width: int) -> Iterator[tuple[str, bool]]:
    """The lines of a table that does not fit, and whether each is of the second rank.

    A row's other cells stand behind what it is about where that is short, else beneath; where those alone are too
    wide, each is a line behind its head.
    """
    rest = Table(table.heads[1:], [row[1:] for row in table.rows], table.left - 1)
    rest = fitted(rest, width - GAP)
    if width_of(rest) > width - GAP:
        yield from _cards(table, width)
        return
    widths = _widths(rest)
    for name, cells in ((table.heads[0], rest.heads), *((r[0], c) for r, c in zip(table.rows, rest.rows, strict=True))):
        names, told = _wrapped(name, width), list(_row(cells, widths, rest.left, width)) if any(cells) else []
        free = len(told[0]) - len(told[0].lstrip()) if told else 0
        if told and len(names[-1]) + GAP <= free:
            last = names.pop()
            told[0] = last + told[0][len(last) :]
        yield from ((line, i > 0) for i, line in enumerate(names))
        yield from ((line, False) for line in told)


def _wrapped(text: str, width: int, deeper: str = "  ") -> list[str]:
    """The lines of a text, each wrapped behind its own indent, and `deeper` from its second line on."""
    found = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        found += textwrap.wrap(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=indent + deeper,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return found


def _row(cells: Sequence[str], widths: Sequence[int], left: int, width: int) -> Iterator[str]:
    """The lines of a row, to the right of the width that there is."""
    parts = [cell.split("\n") for cell in cells]
    for i in range(max(map(len, parts))):
        texts = [part[i] if i < len(part) else "" for part in parts]
        shown = [t.ljust(w) if k < left else t.rjust(w) for k, (t, w) in enumerate(zip(texts, widths, strict=True))]
        yield (" " * GAP).join(shown).rjust(width).rstrip()


def _cards(table: Table, width: int) -> Iterator[tuple[str, bool]]:
    for row in table.rows:
        first, *later = _wrapped(row[0], width)
        yield first, False
        yield from ((line, True) for line in later)
        for head, cell in zip(table.heads[1:], row[1:], strict=True):
            if cell.strip():
                told = f"  {' '.join(head.split())}: {' '.join(cell.split())}".replace("  : ", "  ")
                yield from ((line, False) for line in _wrapped(told, width))
