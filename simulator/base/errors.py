"""One error type, and the nearest name to a name that is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# What a terminal or a page would obey, but for tabs and ends of lines: controls, turns of direction, halves of pairs.
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LONGEST = 600  # characters of a message


class SimulateError(Exception):
    """What a user can meet: one line for each mistake, and an exit status.

    `lines` holds a complete sentence for each mistake: what was written, what is wrong with it and
    what would be right. `exit_code` is 2 where the input is at fault and 1 where something failed.
    """

    exit_code = 2

    def __init__(self, *lines: str):
        self.lines = tuple(one_line(line) for line in lines)
        super().__init__("\n".join(self.lines))

    def __reduce__(self) -> Any:
        return type(self), self.lines


class InputError(SimulateError):
    """The user gave something that cannot be used (exit status 2)."""


class NoRun(InputError):
    """There is no run of a name."""


class RunError(SimulateError):
    """Something failed that is no fault of the input (exit status 1)."""

    exit_code = 1


class Interrupted(SimulateError):
    """A long run was interrupted, after its checkpoint (exit status 130 for Ctrl-C, 128 and the signal for others)."""

    exit_code = 130


def one_line(text: str) -> str:
    """A message on one line, whatever a file or its name brought into it, with its middle left out if too long."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"


def clean(text: str) -> str:
    """A text of a file without what a terminal would obey: lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else " " if c.isspace() else "?" for c in text)


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the known name nearest to `name`, else the known names."""
    import difflib

    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {listed}" if names else "there are none"


def quote(value: object, length: int = 70) -> str:
    """A value as the user wrote it, on one line and not longer than `length`."""
    try:
        text = str(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list in a list in a list ...
        text = f"{type(value).__name__} too large to show"
    line = one_line(" ".join(text[: 10 * length].split()))
    return repr(line if len(line) <= length and len(text) <= 10 * length else line[: length - 3] + "...")
