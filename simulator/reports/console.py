"""The terminal: views, lines, notes and progress. rich on a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError, clean
from .document import Bullets, Code, Folded, Gap, Heading, Indented, Line, Paragraph, Rule, Table, View

if TYPE_CHECKING:
    from rich.progress import Progress

    from .document import Block

WIDTH, WIDEST = 80, 100


def show(view: View, as_json: bool = False) -> None:
    """Print what a view says on standard output, or its data and nothing else."""
    if as_json:
        _print_json(view.data)
        return
    blocks = list(view.blocks)
    while blocks and isinstance(blocks[0], Gap):
        del blocks[0]
    for i, block in enumerate(blocks):
        _block(block, first=i == 0)


def _print_json(data: Any) -> None:
    import json

    try:
        print(json.dumps(data, indent=2, allow_nan=False))
    except ValueError:
        raise InputError(
            "the result holds numbers that are not finite: a prior has a value that makes no sense"
        ) from None


def _block(block: Block, first: bool) -> None:
    match block:
        case Paragraph(text):
            say(text)
        case Heading(text):
            if not first:
                print()
            say(text)
            print()
        case Line(text):
            line(text)
        case Indented(text, start, later):
            print(_wrapped(text, _width(), " " * start, " " * later))
        case Gap():
            print()
        case Rule():
            print("\n" + "-" * _width() + "\n")
        case Table():
            _table(block)
        case Bullets(lines):
            for text in lines:
                say(text)
        case Code(text):
            print(clean(text))
        case Folded(_, blocks):
            for inner in blocks:
                _block(inner, first=False)


def _width() -> int:
    """The columns of a terminal, at most WIDEST; WIDTH where there is none."""
    if not sys.stdout.isatty():
        return WIDTH
    import shutil

    return min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST)


def _wrapped(text: str, width: int, first: str = "", later: str = "") -> str:
    import textwrap

    return textwrap.fill(
        clean(text),
        width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(table: Table) -> None:
    """Print a table: the first `left` columns to the left, the others to the right.

    A cell may hold several lines; the second and later ones are dimmed on a terminal.
    """
    rows = [[clean(cell) for cell in row] for row in table.rows]
    if sys.stdout.isatty():
        _for_a_terminal(table._replace(rows=rows))
        return
    lines = [list(table.heads)]
    for row in rows:
        parts = [cell.split("\n") for cell in row]
        lines += [[part[i] if i < len(part) else "" for part in parts] for i in range(max(map(len, parts)))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.heads))]
    for line in lines:
        cells = [
            c.ljust(w) if i < table.left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _for_a_terminal(table: Table) -> None:
    """A table as rich draws it; beyond the terminal's width one that breaks no word."""
    import shutil

    from . import narrow

    width = shutil.get_terminal_size((WIDTH, 24)).columns
    table = narrow.fitted(table, width)
    if narrow.width_of(table) <= width:
        _rich_table(table.heads, table.rows, table.left)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for text, second in narrow.lines(table, width):
        console.print(Text(text, style="dim" if second else ""))


def _rich_table(headers: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        shown.add_column(Text(header), justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        cells = []
        for cell in row:
            first, *rest = cell.split("\n")
            cells.append(Text(first).append("".join("\n" + line for line in rest), style="dim"))
        shown.add_row(*cells)
    Console(highlight=False).print(shown)


def say(text: str = "") -> None:
    """Print a paragraph, wrapped to the terminal's width (80 where there is none)."""
    print(_wrapped(text, _width()) if text else "")


def line(text: str) -> None:
    """Print a line that may hold a name: of a file, a folder, a run or a set, and so anything."""
    print(_one(text))


def _one(text: str) -> str:
    return clean(text).replace("\n", " ")


def path(name: str | os.PathLike[str]) -> None:
    """Print a path alone on a line: as it is for another program, and without what a terminal would obey for people."""
    if _for_people() or not hasattr(sys.stdout, "buffer"):
        line(str(name))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(name) + b"\n")


def _for_people() -> bool:
    return sys.stdout.isatty()


def note(text: str) -> None:
    """Print a remark on standard error; one that cannot be told (the terminal is gone) ends nothing."""
    with suppress(OSError):
        print(f"note: {_one(text)}", file=sys.stderr)


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None] | None]:
    """A function that takes finished draws; after a second, a bar on standard error if a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(total)
    try:
        yield bar.advance
    finally:
        bar.close()


class _Bar:
    """A rich progress bar that appears only when the work has taken a second."""

    def __init__(self, total: int):
        self.total, self.done, self.begun = total, 0, time.monotonic()
        self.shown: Progress | None = None

    def advance(self, count: int) -> None:
        self.done += count
        if self.shown is None and time.monotonic() - self.begun > 1.0:
            self._show()
        if self.shown is not None:
            self.shown.update(self.task, completed=self.done, rate=self._rate())

    def _rate(self) -> str:
        return f"{self.done / max(time.monotonic() - self.begun, 1e-9) / 1e6:.1f} million draws/s"

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.shown = Progress(
            TextColumn("drawing"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.shown.add_task("", total=self.total, rate=self._rate())
        self.shown.start()

    def close(self) -> None:
        if self.shown is not None:
            with suppress(OSError):  # the terminal may be gone
                self.shown.stop()
