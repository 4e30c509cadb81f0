"""Known values among edits: what `--know` gives, beside what `--set` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Known(str):
    """The text of a value that is known: what is correlated with its prior moves, as it does not where it is set."""

    __slots__ = ()


def known(value: object) -> Known:
    """A value that is known, for where priors are set: `whatif(run, {"parameters": known(2e9)})`."""
    return Known(value)


def parted(edits: Mapping[str, Any], know: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is set, and what is known."""
    here = {name: value for name, value in edits.items() if isinstance(value, Known)}
    return {name: value for name, value in edits.items() if name not in here}, here | dict(know or {})


def option(text: str) -> str:
    """The option that gives an edit."""
    return "--know" if isinstance(text, Known) else "--set"
