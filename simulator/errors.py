"""One error type, and the nearest name to a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class SimulateError(Exception):
    """What a user can meet: one line for each mistake, and an exit status.

    `lines` holds a complete sentence for each mistake: what was written, what is wrong with it and
    what would be right. `exit_code` is 2 where the input is at fault and 1 where something failed.
    """

    exit_code = 2

    def __init__(self, *lines: str):
        super().__init__("\n".join(lines))
        self.lines = lines

    def __reduce__(self) -> Any:
        return type(self), self.lines


class InputError(SimulateError):
    """The user gave something that cannot be used (exit status 2)."""


class RunError(SimulateError):
    """Something failed that is no fault of the input (exit status 1)."""

    exit_code = 1


class Interrupted(SimulateError):
    """A long run was interrupted, and its checkpoint is written (exit status 130, as for Ctrl-C)."""

    exit_code = 130


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the known name nearest to `name`, else the known names."""
    import difflib

    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"known: {listed}" if names else "there are none"


def quote(text: str, length: int = 70) -> str:
    """`text` as the user wrote it, on one line and not longer than `length`."""
    line = " ".join(str(text).split())
    line = "".join(c if c.isprintable() else "?" for c in line)
    return repr(line if len(line) <= length else line[: length - 3] + "...")
