"""Lists of what there is: stored runs, kinds of plots."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ...base.files import size_text
from ..document import Line, Table, View


@dataclass(frozen=True)
class Stored:
    """What the list says of a run, and what was looked at to say so; `damaged` says what is wrong with it."""

    name: str
    path: str
    draws: int | None
    seed: int | None
    bytes: int
    damaged: str | None
    verified: tuple[str, ...]


def runs(found: Sequence[Stored], folder: str) -> View:
    """The runs of a folder, and what was checked of each."""
    data = [asdict(entry) | {"verified": list(entry.verified)} for entry in found]
    if not found:
        return View((Line(f"{folder} holds no runs yet; 'simulate' makes one"),), lambda: data)
    return View((Table(["run", "draws", "seed", "size", "checked"], list(map(_row, found))),), lambda: data)


def _row(entry: Stored) -> list[str]:
    told = ["-", "-"] if entry.damaged else [f"{entry.draws:,}", str(entry.seed)]
    checked = "damaged" if entry.damaged else ", ".join(entry.verified) or "nothing: it has no checksums"
    return [entry.name, *told, size_text(entry.bytes), checked]


def kinds(texts: dict[str, str]) -> View:
    """The kinds of plots by name, and what each shows."""
    rows = [[name, "\n".join(textwrap.wrap(text, 58))] for name, text in texts.items()]
    return View((Table(["--kind", "what it shows"], rows, left=2),))
