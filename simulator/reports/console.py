"""The terminal: tables, paragraphs, notes and progress. rich on a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..base.errors import InputError, clean


def print_json(data: Any) -> None:
    """Print machine-readable data, and nothing else, on standard output."""
    import json

    try:
        print(json.dumps(data, indent=2, allow_nan=False))
    except ValueError:
        raise InputError(
            "the result holds numbers that are not finite: a prior has a value that makes no sense"
        ) from None


Rows = Sequence[Sequence[str]]
WIDTH = 80


def table(headers: Sequence[str], rows: Rows, left: int = 1) -> None:
    """Print a table: the first `left` columns to the left, the others to the right.

    A cell may hold several lines; the second and later ones are dimmed on a terminal.
    """
    rows = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headers, rows, left)
        return
    lines = [list(headers)]
    for row in rows:
        parts = [cell.split("\n") for cell in row]
        lines += [[part[i] if i < len(part) else "" for part in parts] for i in range(max(map(len, parts)))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    for line in lines:
        cells = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
        print("  ".join(cells).rstrip())


def _rich_table(headers: Sequence[str], rows: Rows, left: int) -> None:
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
    import shutil
    import textwrap

    text = clean(text)
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns, 100) if sys.stdout.isatty() else WIDTH
    print("\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) if text else "")


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
def progress(total: int) -> Any:
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
        self.shown: Any = None

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
