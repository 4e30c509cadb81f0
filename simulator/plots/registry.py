"""Kinds of plots: plain functions, marked; the names of their parameters say what they are drawn from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.errors import InputError, nearest, quote
from ..base.wording import percent, resolving, short, supported, told
from ..compute.graph import Model
from ..compute.years import YEAR
from ..runs.run import Run
from ..statistics.summary import Summary
from .theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..analyses.backtest import Backtest
    from ..compute.years import Crossing

Row = dict[str, Any]


class Drawn(NamedTuple):
    """What a plot function returns: the finding, for the title, and the plotted series, a row each."""

    title: str
    data: list[Row]


@dataclass(frozen=True)
class Request:
    """All that a plot function may ask for; its parameters are named after these.

    `runs` with their `labels`; `quantities` asked for; `thresholds` on the quantity; the prior that is
    swept (`over`); `pairs` of priors; `ci` (probability, kind) of the credible intervals; `statistic`;
    `short` and `idle`, the prices of a reserve, and `plans` beside the best one; `when`, crossings;
    `cases`, a backtest.
    """

    theme: Theme
    runs: tuple[Run, ...]
    labels: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    over: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    ci: tuple[float, str] = (0.9, "eti")
    statistic: str = "median"
    short: object = None
    idle: object = None
    plans: tuple[float, ...] = ()
    when: tuple[Crossing, ...] = ()
    cases: Backtest | None = None
    canvas: Axes | Figure | None = field(default=None, compare=False)

    @property
    def run(self) -> Run:
        """The one run."""
        return self.runs[0]

    @property
    def quantity(self) -> str:
        """The one quantity."""
        return self.quantities[0]

    @property
    def backtest(self) -> Backtest:
        """The backtest, of a kind that is drawn of one."""
        assert self.cases is not None
        return self.cases

    @property
    def ax(self) -> Axes:
        """The axes to draw into."""
        return self.canvas

    @property
    def figure(self) -> Figure:
        """The figure, or a part of one, to fill with axes."""
        return self.canvas


ONE, MANY = "quantity", "quantities"
FEW = 3  # quantities of a headline that a figure of several shows
WIDE = 120.0  # mm, from which a figure is wide


@dataclass(frozen=True)
class Kind:
    """A kind of plot: its name, function and default height, as a share of its width.

    `several` draws it of several runs or quantities, where it is one of each otherwise. One `by_year` is drawn of a
    quantity in all years, by the name without a year, and others of the last one by that name; one of `every_year`
    reads all years of its own quantities, where there are some.
    """

    name: str
    function: Callable[..., Drawn]
    shape: Callable[[Request], float]
    reads: tuple[str, ...]
    several: Callable[..., Drawn] | None = None
    by_year: bool = False
    every_year: bool = False

    def of(self, runs: int, quantities: int) -> Kind:
        """The kind as it is drawn of so many runs and quantities."""
        if self.several is None or (runs < 2 and quantities < 2):
            return self
        return replace(self, function=self.several, several=None, shape=_roomy)

    @cached_property
    def wants(self) -> tuple[str, ...]:
        """The names of the function's parameters."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def text(self) -> str:
        """The first line of the docstring, and whether it is drawn of several too."""
        first = (inspect.getdoc(self.function) or "").split("\n")[0]
        return f"{first.rstrip('.')}; of several runs or quantities too." if self.several else first

    def draw(self, request: Request) -> Drawn:
        """Draw into the request's canvas."""
        return self.function(**{name: getattr(request, name) for name in self.wants})


KINDS: dict[str, Kind] = {}


def _usual(request: Request) -> float:
    """The usual shape of a figure: higher where it is narrow."""
    return 0.62 if request.theme.width_mm >= WIDE else 0.88


def _roomy(request: Request) -> float:
    """The shape of a figure of several lines: room for their names and intervals."""
    return 0.72 if request.theme.width_mm >= WIDE else 1.5


def kind[F: Callable[..., Drawn]](
    name: str = "",
    shape: float | Callable[[Request], float] = _usual,
    reads: Sequence[str] = (),
    several: Callable[..., Drawn] | None = None,
    by_year: bool = False,
    every_year: bool = False,
) -> Callable[[F], F]:
    """Mark a function as a kind of plot; returns the function unchanged.

    `name` defaults to the function's; `shape` is the height over the width; `reads` are the
    quantities that it reads whatever is asked for (with the parameter `quantities`: by default); `several` draws it
    of several runs or quantities; one `by_year` gets names of quantities without their years; of `every_year` it reads
    its own in all years that there are.
    """

    def mark(function: F) -> F:
        called = name or function.__name__.replace("_", "-")
        high = shape if callable(shape) else lambda _: shape
        made = Kind(called, function, high, tuple(reads), several, by_year, every_year)
        unknown = [p for p in made.wants if not hasattr(Request, p) and p not in Request.__dataclass_fields__]
        if unknown or not {"ax", "figure"} & set(made.wants):
            raise ValueError(f"{called}: {unknown or 'neither ax nor figure'} among its parameters")
        KINDS[called] = made
        return function

    return mark


def kind_of(name: str) -> Kind:
    """The kind of that name; raises InputError with the nearest name."""
    if name not in KINDS:
        raise InputError(f"there is no kind of plot {quote(name)}: {nearest(name, KINDS)}")
    return KINDS[name]


def quantities_of(made: Kind, asked: Sequence[str], model: Model) -> tuple[str, ...]:
    """The quantities of a model that a kind is drawn of: those asked for, or its own.

    Raises InputError for too many, and for a kind whose own the model has not.
    """
    lacking = [n for n in made.reads if n not in model.plain.quantities]
    if asked and not {ONE, MANY} & set(made.wants):
        drawn = ", ".join(made.reads) or ("crossings (--when)" if "when" in made.wants else "no quantity")
        raise InputError(f"--of {asked[0]}: {made.name} is drawn of {drawn} alone")
    if ONE in made.wants and len(asked) > 1 and made.several is None:
        raise InputError(f"--of {asked[1]}: {made.name} is drawn of one quantity at a time")
    if asked or MANY in made.wants:
        return tuple(dict.fromkeys(asked)) or (model.told.headline[:FEW] if lacking else made.reads)
    if lacking:
        raise InputError(f"{made.name} is drawn of {lacking[0]}, and the model {model.name} has no such quantity")
    return model.told.headline[-1:] if ONE in made.wants else ()


def summary_of(run: Run, quantity: str, ci: tuple[float, str], thresholds: Sequence[float] = ()) -> Summary:
    """What is known of one quantity of a run: the numbers that the table prints."""
    made = run.summary([quantity], ci=ci[0], kind=ci[1])[0]
    if not thresholds:
        return made
    beyond = run.summary([quantity], ci=ci[0], kind=ci[1], exceeds={quantity: list(thresholds)})[0]
    return replace(made, exceeds=beyond.exceeds)


def finding(s: Summary, text: str = "") -> str:
    """A quantity's median and credible interval as a sentence."""
    if s.unit == YEAR:
        ends = [
            f"{e.value:.1f}".removesuffix(".0") if math.isfinite(e.value) else "never"
            for e in (s.median, s.low, s.high)
        ]
        return f"{text or s.text.rstrip('.')}: {ends[0]} ({percent(s.prob)} credible interval {ends[1]} to {ends[2]})"
    most = resolving(s.low.value, s.median.value, s.high.value)
    lead = f"{text or s.text.rstrip('.')}: {told(*s.median, s.unit, most)}"
    if s.low.value == s.high.value:
        return f"{lead}, exactly"
    low, high = (short(e.value, supported(*e, most)) for e in (s.low, s.high))
    never = f"; infinite in {100 * s.infinite.value:.2g} %" if s.infinite is not None else ""
    return f"{lead} ({percent(s.prob)} credible interval {low} to {high}{never})"


HEADS = ("training_h100s", "inference_h100s", "breakeven_minutes")
