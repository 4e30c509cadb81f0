"""The sources of a page, numbered in the order in which they are first named."""

from __future__ import annotations

from .document import References, Section


class Sources:
    """Numbers for sources: the same text has the same number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, source: str) -> int:
        """The number of a source, from 1."""
        return self._numbers.setdefault(source, len(self._numbers) + 1)

    def section(self) -> Section | None:
        """The list of all of them; None where none was named."""
        return Section("Sources", (References(tuple(self._numbers)),)) if self._numbers else None
