"""The figures of a page, in the colours of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base.errors import InputError
from ..plots.figure import kind_of, plot
from ..plots.theme import THEMES
from ..runs.run import Run
from .document import Picture
from .svg import inlined
from .views.comparison import Compared

Draw = Callable[..., tuple[Picture, ...]]
SIZE = "96mm"  # as wide as a phone, on which text is as large as it is on paper; two stand beside each other elsewhere


def picture(run: Run | tuple[Run, ...], kind: str, of: Sequence[str] = (), **options: Any) -> tuple[Picture, ...]:
    """A figure, or none where this run has nothing to draw of that kind."""
    themed = THEMES["light"]
    colors = {
        themed.background: "--background",
        themed.ink: "--ink",
        themed.muted: "--muted",
        themed.grid: "--grid",
        **{c: f"--series-{i}" for i, c in enumerate(themed.series)},
    }
    try:
        figure = plot(run, kind, of, size=SIZE, framed=False, **options)
    except InputError:
        return ()
    drawn = inlined(figure.encoded("svg"), "-".join([kind, *of]), figure.title, colors)
    return (Picture(figure.title, kind, drawn),)


def compared_pictures(compared: Compared) -> list[Picture]:
    """The medians and intervals of what changed between two runs, and what makes the difference."""
    runs, changed = (compared.found.a, compared.found.b), [c.quantity for c in compared.changed]
    if not changed:
        return []
    shown = tuple(q for q in changed if q in kind_of("forest").reads) or (changed[-1],)
    drawn = list(picture(runs, "forest", shown, labels=compared.titles))
    if compared.attribution:
        drawn += picture(runs, "attribution", (changed[-1],), labels=compared.titles)
    return drawn
