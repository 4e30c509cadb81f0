"""The figures of a page, in the colours of the page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from ..base.errors import InputError
from ..compute.years import parted
from ..plots.figure import kind_of, plot
from ..plots.theme import THEMES
from ..runs.run import Run
from .document import Pending, Picture, Section
from .svg import inlined
from .views.comparison import Compared

Draw = Callable[..., tuple[Pending, ...]]
Share = Callable[[Sequence[Callable[[], Sequence[Picture]]]], list[Sequence[Picture]]]  # of the work of drawing
LONGEST = ("priors", "prior-posterior", "demand", "crossover")  # kinds that are drawn first
SIZE = "96mm"  # as wide as a phone, on which text is as large as it is on paper; two stand beside each other elsewhere


def drawing(run: Run, without: Collection[str] = ()) -> Draw:
    """What a page calls for its figures of a run, by kind and quantities; it does `without` some kinds."""

    def draw(kind: str, of: Sequence[str] = ()) -> tuple[Pending, ...]:
        return (Pending(kind, partial(picture, run, kind, of)),) if kind not in without else ()

    return draw


def nothing(*_: Any) -> tuple[Pending, ...]:
    """What a page without figures calls for."""
    return ()


def drawn(sections: Sequence[Section], share: Share) -> tuple[Section, ...]:
    """Sections with their figures, those that take longest drawn first; of one whose figures are all, there is none
    where there is nothing to draw.
    """
    pending = [b for s in sections for b in s.blocks if isinstance(b, Pending)]
    pending.sort(key=lambda p: p.kind not in LONGEST)
    made = {id(p): pictures for p, pictures in zip(pending, share([p.draw for p in pending]), strict=True)}
    whole = [Section(s.title, [d for b in s.blocks for d in made.get(id(b), (b,))]) for s in sections]
    return tuple(s for s in whole if s.blocks)


def both_or_one(run: Run, compared: Compared, quantity: str) -> Pending:
    """The densities of two runs above one another; where that cannot be drawn, the one."""
    runs = (compared.found.a, compared.found.b)

    def draw() -> tuple[Picture, ...]:
        return picture(runs, "ridge", (quantity,), labels=compared.titles) or picture(run, "density", (quantity,))

    return Pending("ridge", draw)


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
    svg = inlined(figure.encoded("svg"), "-".join([kind, *of]), figure.title, colors)
    return (Picture(figure.title, kind, svg),)


SHOWN = ("training_h100s", "inference_h100s")  # the counts that a page draws first


def over_years(run: Run, draw: Draw) -> tuple[Pending, ...]:
    """Of a run over years, how its counts move, and when they cross what was asked for; none of one in a single year.

    Where it holds none of these counts, its last quantity.
    """
    if len(run.priors.years) < 2:
        return ()
    held = list(dict.fromkeys(name for name, year in map(parted, run.quantities) if year is not None))
    shown = [q for q in held if q in SHOWN] or held[-1:]
    return (*(p for q in shown for p in draw("years", (q,))), *draw("crossing"))


def shares_over_years(run: Run, quantity: str, draw: Draw) -> tuple[Pending, ...]:
    """Of a run over years, what a quantity rests on in each; none of what is of no single year."""
    name, year = parted(quantity)
    return draw("shares-by-year", (name,)) if year is not None and len(run.priors.years) > 1 else ()


def compared_pictures(compared: Compared) -> list[Pending]:
    """The medians and intervals of what changed between two runs, and what makes the difference."""
    runs, changed = (compared.found.a, compared.found.b), [c.quantity for c in compared.changed]
    if not changed:
        return []
    shown = tuple(q for q in changed if q in kind_of("forest").reads) or (changed[-1],)
    asked = [("forest", shown)] + ([("attribution", (changed[-1],))] if compared.attribution else [])
    return [Pending(kind, partial(picture, runs, kind, of, labels=compared.titles)) for kind, of in asked]
