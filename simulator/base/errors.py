"""One error type, and the nearest name to a name that is unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

# What a terminal or a page would obey, but for tabs and ends of lines: controls, turns of direction, halves of pairs.
OBEYED = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
LONGEST = 600  # characters of a message
LONGEST_NAME = 100  # characters of a name that are looked at
MOST_MEANT, MOST_LISTED = 4, 12  # names in a question, and in a list


class SimulateError(Exception):
    """What a user can meet: one line for each mistake, and an exit status.

    `lines` holds a complete sentence for each mistake: what was written, what is wrong with it and
    what would be right. `exit_code` is 2 where the input is at fault and 1 where something failed.
    """

    exit_code = 2

    def __init__(self, *lines: str):
        self.lines = tuple(one_line(line) for line in lines)
        super().__init__("\n".join(self.lines))

    def __reduce__(self) -> tuple[type[SimulateError], tuple[str, ...]]:
        return type(self), self.lines


class InputError(SimulateError):
    """The user gave something that cannot be used (exit status 2)."""


class NoRun(InputError):
    """There is no run of a name."""


class NoModel(InputError):
    """The formulas of a model of one's own are not here."""


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


@cache
def _obeyed() -> re.Pattern[str]:
    """Compiled for the first text that may need it: it takes a millisecond of every start."""
    return re.compile(OBEYED)


def inert(text: str) -> str:
    """A text with `?` for all that a terminal or a page would obey, but for tabs and ends of lines."""
    return text if text.isascii() and text.isprintable() else _obeyed().sub("?", text)


def clean(text: str) -> str:
    """A text of a file without what a terminal would obey: lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else " " if c.isspace() else "?" for c in text)


def folded_name(name: str) -> str:
    """A name without what people do not look at: its case, and the marks between its words; its beginning, if long."""
    return "-".join(re.split(r"[\s_-]+", name[:LONGEST_NAME].strip().casefold()))


def meant(name: str, known: Iterable[str], first_words: bool = False) -> str | None:
    """The known name that `name` is but for case and marks; None where there is none, or several.

    With `first_words` also the only one that begins with its words: `H100` for `h100-sxm`.
    """
    names, wanted = list(known), folded_name(name)
    if name in names or not wanted or len(name) > LONGEST_NAME:
        return name if name in names else None
    same = [n for n in names if folded_name(n) == wanted]
    if not same and first_words:
        same = [n for n in names if folded_name(n).startswith(f"{wanted}-")]
    return same[0] if len(same) == 1 else None


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean X?` for the known names that `name` may stand for, else the likeliest of the known names."""
    names = sorted(known)
    found = _likely(folded_name(name), {n: folded_name(n) for n in names})
    if 0 < len(found) <= MOST_MEANT:
        return f"did you mean {' or '.join(map(repr, found))}?"
    listed = found or (names if len(names) <= MOST_LISTED else sorted(names, key=_unlike(folded_name(name))))
    more = ", ..." if len(names) > min(len(listed), MOST_LISTED) else ""
    return f"known: {', '.join(sorted(listed[:MOST_LISTED]))}{more}" if names else "there are none"


def _likely(wanted: str, names: Mapping[str, str]) -> list[str]:
    """The names that begin with a text, or hold it, or that it begins with; else the most similar one."""
    import difflib

    rules: list[Callable[[str], bool]] = [
        lambda n: n == wanted,
        lambda n: sorted(n.split("-")) == sorted(wanted.split("-")),
        lambda n: len(wanted) > 1 and n.startswith(wanted),
        lambda n: len(wanted) > 2 and wanted in n,
        lambda n: len(n) > 2 and wanted.startswith(n),
    ]
    for rule in rules:
        if found := [name for name, n in names.items() if rule(n)]:
            return sorted(found, key=len)
    by = {n: name for name, n in names.items()}
    return [by[n] for n in difflib.get_close_matches(wanted, by, n=1, cutoff=0.6)]


def _unlike(wanted: str) -> Callable[[str], float]:
    """How little a name is like the one that is wanted."""
    import difflib

    return lambda name: -difflib.SequenceMatcher(None, wanted, folded_name(name)).ratio()


def quote(value: object, length: int = 70) -> str:
    """A value as the user wrote it, on one line and not longer than `length`."""
    try:
        text = str(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list in a list in a list ...
        text = f"{type(value).__name__} too large to show"
    line = one_line(" ".join(text[: 10 * length].split()))
    return repr(line if len(line) <= length and len(text) <= 10 * length else line[: length - 3] + "...")
