"""The figures of a page, in the colours of the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from ..base.errors import InputError
from ..compute.years import parted
from ..plots.figure import kind_of, plot
from ..plots.theme import THEMES
from ..runs.run import Run
from .document import Picture
from .svg import inlined
from .views.comparison import Compared

Draw = Callable[..., tuple[Picture, ...]]
SIZE = "96mm"  # as wide as a phone, on which text is as large as it is on paper; two stand beside each other elsewhere


def picture(
    run: Run | tuple[Run, ...], kind: str, of: Sequence[str] = (), without: Collection[str] = (), **options: Any
) -> tuple[Picture, ...]:
    """A figure, or none where this run has nothing to draw of that kind, or the page does `without` it."""
    if kind in without:
        return ()
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


SHOWN = ("training_h100s", "inference_h100s")  # the counts that a page draws first


def over_years(run: Run, draw: Draw) -> tuple[Picture, ...]:
    """Of a run over years, how its counts move, and when they cross what was asked for; none of one in a single year.

    Where it holds none of these counts, its last quantity.
    """
    if len(run.priors.years) < 2:
        return ()
    held = list(dict.fromkeys(name for name, year in map(parted, run.quantities) if year is not None))
    fans = tuple(p for q in held if q in SHOWN for p in draw("years", (q,)))
    fans = fans or tuple(p for q in held[-1:] for p in draw("years", (q,)))
    return (*fans, *draw("crossing"))


def shares_over_years(run: Run, quantity: str, draw: Draw) -> tuple[Picture, ...]:
    """Of a run over years, what a quantity rests on in each; none of what is of no single year."""
    name, year = parted(quantity)
    return draw("shares-by-year", (name,)) if year is not None and len(run.priors.years) > 1 else ()


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
