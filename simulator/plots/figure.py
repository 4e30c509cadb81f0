"""Figures of runs. Each kind is a marked function in a module beside this; `plot` draws any of them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from .._version import __version__
from ..analyses.backtest import Backtest
from ..analyses.sides import Side, aligned, meaning, run_of
from ..base.errors import InputError, quote
from ..base.files import look, write_file
from ..base.numbers import parse_number
from ..compute.years import Crossing
from ..priors.over import Years, asked_for, by_year, dated
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from .fonts import families, without
from .kinds import (  # noqa: F401  (each marks its kinds)
    backtest,
    comparison,
    decisions,
    distribution,
    essay,
    over_years,
    owning,
    priors,
    sensitivity,
    shares,
)
from .layout import NoRoom, blank, dress, encode, footer, format_of, quiet, unfit
from .registry import KINDS, MANY, ONE, Drawn, Kind, Request, kind_of, quantities_of
from .theme import SMALLEST, parse_size, theme

__all__ = [
    "KINDS",
    "ONE",
    "Drawn",
    "Kind",
    "Request",
    "kind_of",
    "plot",
    "plot_backtest",
    "quantities_of",
]

type Canvas = Axes | Figure | SubFigure


class Figured:
    """A drawn figure: matplotlib's `figure`, its `title`, and the plotted `data`, a dict for each row.

    In a notebook it shows itself; `save` writes it as PNG, SVG or PDF. `notes` say what could not be drawn as it is.
    """

    def __init__(self, figure: Figure, drawn: Drawn, request: Request, missing: str = ""):
        self.figure, self.data, self.request = figure, drawn.data, request
        self.notes = (without(missing),) if missing else ()
        self.title = drawn.title[:1].upper() + drawn.title[1:]

    def encoded(self, form: str, dpi: int = 200) -> bytes:
        """The bytes of a PNG, SVG or PDF file."""
        return encode(self.figure, form, dpi, self.title, self.request.theme)

    def save(self, out: str | Path, dpi: int = 200) -> Path:
        """Write the figure, whole or not at all; the name's ending says the format."""
        look(Path(out))
        return write_file(Path(out), self.encoded(format_of(Path(out)), dpi))

    def csv(self) -> str:
        """The plotted series as CSV: a line for each row, numbers in full."""
        held = io.StringIO()
        names = dict.fromkeys(name for row in self.data for name in row)
        writer = csv.DictWriter(held, list(names), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.data)
        return held.getvalue()

    def _repr_png_(self) -> bytes:
        return self.encoded("png", 110)


def plot(
    runs: Side | str | Sequence[Side | str],
    kind: str = "density",
    of: str | Sequence[str] = (),
    *,
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
    ax: Canvas | None = None,
    labels: Sequence[str] = (),
    exceeds: Sequence[float] = (),
    over: str | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    ci: float = 0.9,
    ci_kind: str = "eti",
    statistic: str = "median",
    short: object = None,
    idle: object = None,
    plans: Sequence[float] = (),
    style: str = "light",
    size: str = "full",
    framed: bool = True,
) -> Figured:
    """Draw one kind of figure from one or several runs, stored runs, prior sets or layers joined by `+`.

    `of` names the quantity (or quantities), over `years` in the last where it names none; `when` are crossings, as
    "inference_h100s > 1e6"; `exceeds` thresholds on the quantity; `over` the prior that `fan` sweeps; `pairs` those
    that `correlation-stress` ties; `short` and `idle` are the prices of a `reserve`, and
    `plans` stand beside the best one; `labels` name the runs. With `ax`, a matplotlib Axes (or Figure or
    SubFigure for kinds of many panels), it is drawn there, without title and footer, as it is for a page that
    has its own if not `framed`.
    Raises InputError for what cannot be drawn.
    """
    made, chosen = kind_of(kind), theme(style)
    width, height = parse_size(size)
    sides = aligned(
        [meaning(side) for side in ((runs,) if isinstance(runs, Run | PriorSet | str) else runs)], years, when
    )
    _check_runs(made.of(len(sides), 1), sides)
    asked, drawn = wanted(made, sides, (of,) if isinstance(of, str) else tuple(of), when)
    made = made.of(len(sides), len(asked))
    many = tuple(run_of(side, drawn) for side in sides)
    _check_runs(made, many)
    priced = {"short": short is not None, "idle": idle is not None}
    check_options(made, over=over, pairs=pairs, thresholds=exceeds, plans=plans, **priced)
    crossed = asked_for(many[0].priors, when)
    given = (over, tuple(pairs), (ci, ci_kind), statistic, short, idle, tuple(plans), crossed)
    told = tuple(labels) or names_of(many)
    request = Request(replace(chosen, width_mm=width), many, told, asked, tuple(exceeds), *given)
    return _drawn(made, request, height, ax, framed)


def wanted(
    made: Kind, sides: Sequence[Side], of: Sequence[str], when: Sequence[str | Crossing] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The quantities that a kind is drawn of, by the names that they have, and all that runs must hold for it.

    Over years, a name without one is that of the last year, or for a kind `by_year` of all of them. Raises InputError
    for a quantity that there is not, and for a kind that is of one year.
    """
    sets = [side.priors if isinstance(side, Run) else side for side in sides]
    _check_years(made, sets)
    crossed = [c.name for c in asked_for(sets[0], when)] if sets and ("when" in made.wants or when) else []
    if crossed and "when" not in made.wants:  # a crossing is what it is drawn of
        if of or not {ONE, MANY} & set(made.wants):
            raise InputError(f"--when says nothing to {made.name} of {', '.join(of or made.reads) or 'what it shows'}")
        of = crossed
    asked = quantities_of(made, of, sets[0].model)
    if made.by_year and not crossed and not {ONE, MANY} & set(made.wants):
        raise InputError(f"{sets[0].name} was asked for no crossing: give --when, as in --when 'inference_h100s > 1e6'")
    if made.by_year:
        return asked, (*by_year(sets, asked), *crossed)
    named = tuple(dict.fromkeys(dated(sets, name) for name in asked))
    held = [name for name in made.reads if all(name in s.model.plain.quantities for s in sets)]
    beside = by_year(sets, held) if made.every_year else [dated(sets, name) for name in held]
    return named, tuple(dict.fromkeys((*named, *beside, *crossed)))


def _check_years(made: Kind, sets: Sequence[PriorSet]) -> None:
    for chosen in sets if made.by_year else ():
        if len(chosen.years) < 2:
            held = f"has {chosen.years[0]} alone" if chosen.years else "has none"
            raise InputError(f"{made.name} is drawn over years, and {chosen.name} {held}: give --years, as 2026:2030")


def plot_backtest(
    cases: Backtest, kind: str = "backtest", *, ax: Canvas | None = None, style: str = "light", size: str = "full"
) -> Figured:
    """Draw a backtest: `backtest`, each case's interval and observed value over the predicted median; `predicted`,
    predicted against observed; or `pit`, the places of the observed values against a calibrated prediction's band.
    """
    made = kind_of(kind)
    if "cases" not in made.wants:
        takers = ", ".join(k.name for k in KINDS.values() if "cases" in k.wants)
        raise InputError(f"{made.name} is drawn of runs, and not of published cases; of these: {takers}")
    width, height = parse_size(size)
    request = Request(replace(theme(style), width_mm=width), (), cases=cases)
    return _drawn(made, request, height, ax, True)


TALLER, TRIES = 1.2, 8  # a height that nobody chose grows until all text fits


def _drawn(made: Kind, request: Request, height: float | None, ax: Canvas | None, framed: bool) -> Figured:
    fonts, missing = families(_texts(request))
    with rc_context({**request.theme.settings(), "font.family": fonts}), quiet():
        if ax is not None:
            return _drawn_into(ax, made, request, missing)
        least = height or max(made.shape(request) * request.theme.width_mm, SMALLEST[1])
        least += 0.0 if height or not framed else _trusted(request)
        for n in range(1 if height else TRIES):
            try:
                return Figured(*_laid_out(made, request, least * TALLER**n, framed), request, missing)
            except NoRoom as error:
                unfitting = error
    raise unfitting


def _trusted(request: Request) -> float:
    """The height in mm of the lines of the footer that say how far to trust it: the axes keep their room beside it."""
    size = 0.78 * request.theme.size * 25.4 / 72.0
    told = {run.priors.trust for run in request.runs}
    return 1.4 * size * sum(math.ceil(0.56 * size * len(text) / request.theme.width_mm) for text in told)


def _laid_out(made: Kind, request: Request, height: float, framed: bool) -> tuple[Figure, Drawn]:
    """A figure of a height; raises NoRoom where a text does not fit."""
    figure = blank(request.theme, request.theme.width_mm, height)
    canvas = figure if "figure" in made.wants else figure.add_subplot()
    drawn = made.draw(replace(request, canvas=canvas))
    dress(figure, *((drawn.title, _whence(request)) if framed else ("", "")), request.theme)
    if (text := unfit(figure)) is not None:
        size = "x".join(f"{side * 25.4:.0f}" for side in figure.get_size_inches())
        raise NoRoom(
            f"{quote(text)} does not fit into {made.name} at {size}mm: make the figure larger, or leave its height open"
        )
    return figure, drawn


def _texts(request: Request) -> list[str]:
    """All that people wrote and a figure may show: names, titles, and the texts of a model."""
    found = list(request.labels)
    for run in request.runs:
        model = run.priors.model
        found += [run.priors.name, run.priors.title]
        found += [word for name, i in model.inputs.items() for word in (name, i.text)]
        found += [word for name, q in model.quantities.items() for word in (name, q.text)]
    return found + ([o.case.name for o in request.backtest.outcomes] if request.cases is not None else [])


def unwritable(runs: Sequence[Run], labels: Sequence[str] = ()) -> tuple[str, ...]:
    """What is to be said of characters in figures of these runs that no installed font has."""
    _, missing = families(_texts(Request(theme("light"), tuple(runs), tuple(labels))))
    return (without(missing),) if missing else ()


PLOTS: WeakKeyDictionary[Axes, int] = WeakKeyDictionary()  # how many plots stand in axes of one's own


def _drawn_into(ax: Canvas, made: Kind, request: Request, missing: str) -> Figured:
    """A plot in axes of one's own: beside others in a colour of its own, and with room for all of them."""
    before = PLOTS.get(ax, 0)
    seen = (ax.get_xlim(), ax.get_ylim()) if before else None
    themed = replace(request.theme, first=request.theme.first + before)
    drawn = made.draw(replace(request, theme=themed, canvas=_canvas(made, ax)))
    several = len(request.runs) * len(request.quantities) if made.function is KINDS[made.name].several else 1
    PLOTS[ax] = before + several
    if seen is not None:
        ax.set_xlim(min(seen[0][0], ax.get_xlim()[0]), max(seen[0][1], ax.get_xlim()[1]))
        ax.set_ylim(min(seen[1][0], ax.get_ylim()[0]), max(seen[1][1], ax.get_ylim()[1]))
    return Figured(ax.figure if hasattr(ax, "get_subplotspec") else ax, drawn, request, missing)


def _whence(request: Request) -> str:
    """The footer: of the runs, or of a backtest."""
    if request.cases is None:
        return footer(request.runs)
    c = request.cases
    return f"{', '.join(c.base)} · {c.draws:,} draws for each case · seed {c.seed} | simulate {__version__}"


def _canvas(made: Kind, ax: Canvas) -> Canvas:
    is_axes = hasattr(ax, "get_subplotspec")
    if is_axes != ("ax" in made.wants):
        right = "an Axes" if "ax" in made.wants else "a Figure or SubFigure, which it fills with panels"
        raise InputError(f"ax: {made.name} is drawn into {right}, and not into {quote(type(ax).__name__)}")
    return ax


def names_of(runs: Sequence[Run]) -> tuple[str, ...]:
    """A name for each run: its prior set, with the digest where two sets have one name."""
    names = [r.priors.called for r in runs]
    return tuple(n if names.count(n) == 1 else f"{n} {r.digest[:8]}" for n, r in zip(names, runs, strict=True))


def _check_runs(made: Kind, runs: Sequence[Side]) -> None:
    if "cases" in made.wants:
        raise InputError(f"{made.name} is drawn of published cases, and not of runs: simulate backtest --plot FILE")
    if not runs:
        raise InputError("there is no run to draw: give one")
    if len(runs) > 8:
        raise InputError(f"{len(runs)} runs are too many for a figure: at most 8")
    if len(runs) > 1 and "runs" not in made.wants:
        takers = ", ".join(k.name for k in KINDS.values() if "runs" in k.of(2, 1).wants)
        raise InputError(f"{made.name} is drawn of one run, and not of {len(runs)}; of several: {takers}")


OPTIONS = {
    **{"over": "--over", "pairs": "--pair", "thresholds": "--exceeds", "ci": "--ci", "statistic": "--statistic"},
    **{"short": "--short", "idle": "--idle", "plans": "--plan"},
}


def check_options(made: Kind, **given: Any) -> None:
    """Raises InputError for the first option that is given, and that the kind does not read; see OPTIONS."""
    for name, value in given.items():
        if value and name not in made.wants:
            takers = ", ".join(k.name for k in KINDS.values() if name in k.wants)
            raise InputError(f"{OPTIONS[name]} says nothing to {made.name}; it goes with {takers}")


def thresholds(texts: Sequence[str], quantity: str) -> tuple[float, ...]:
    """`720k`, `> 720k` or `QUANTITY > 720k` as numbers; raises InputError for another quantity's."""
    found = []
    for text in texts:
        name, _, limit = text.rpartition(">")
        if name.strip() not in ("", quantity):
            raise InputError(
                f"--exceeds {quote(text)} is not on {quantity}, the quantity of --of; they must be the same"
            )
        found.append(parse_number(limit, "a threshold for --exceeds"))
    return tuple(found)
