"""The figures of a page, in both widths, in the colours of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..base.errors import InputError
from ..plots.figure import kind_of, plot
from ..plots.theme import THEMES
from ..runs.run import Run
from .document import SIZES, Picture
from .svg import inlined
from .views.comparison import Compared

Draw = Callable[..., tuple[Picture, ...]]


def picture(
    run: Run | tuple[Run, ...],
    kind: str,
    of: Sequence[str] = (),
    *,
    sizes: Mapping[str, str] = SIZES,
    **options: Any,
) -> tuple[Picture, ...]:
    """A figure in each of the page's widths, or none where this run has nothing to draw of that kind."""
    themed = THEMES["light"]
    colors = {
        themed.background: "--background",
        themed.ink: "--ink",
        themed.muted: "--muted",
        themed.grid: "--grid",
        **{c: f"--series-{i}" for i, c in enumerate(themed.series)},
    }
    drawn, title = {}, ""
    for name, size in sizes.items():
        try:
            figure = plot(run, kind, of, size=size, framed=False, **options)
        except InputError:
            return ()
        title = figure.title
        prefix = "-".join([name[0], kind, *of])
        drawn[name] = inlined(figure.encoded("svg"), prefix, title, colors)
    return (Picture(title, kind, drawn),)


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
