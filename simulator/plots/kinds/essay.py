"""The essay's charts, with their uncertainty: the crossover, the modalities, and the demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...base.errors import InputError
from ...base.wording import percent, resolving, short, spoken, told
from ...runs.run import Run
from ...statistics.selection import quantiles
from ..axes import inches_of, label, limits, rows, scale, titled
from ..density import draws_of
from ..marks import bands_key, beside, block, ends_of, hollow, interval_row, rows_key, span
from ..registry import WIDE, Drawn, Request, Row, kind, summary_of
from ..scales import LOG
from ..theme import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

VOLUMES = ("tiktok_videos_per_day", "tiktok_video_seconds", "youtube_minutes_per_day")
INSTAGRAM = 95e6  # images a day, as the essay charts them


class _Panel(NamedTuple):
    """One crossover: training, a product of what is named, against inference over a count of outputs."""

    training: tuple[str, ...]
    each: str
    breakeven: str
    title: str
    axis: str
    volumes: dict[str, float]


def _must_have(run: Run, kind: str, quantities: Sequence[str], priors: Sequence[str] = ()) -> None:
    """Refuse a run of a model that has not what a figure of the essay's is drawn of."""
    model = run.priors.model.plain
    lacking = [n for n in quantities if n not in model.quantities] + [n for n in priors if n not in model.inputs]
    if lacking:
        raise InputError(f"{kind} is drawn of {lacking[0]}, and the model {model.name} has none")


def _panels(run: Run) -> list[_Panel]:
    _must_have(run, "crossover", ("training_flop", "inference_flop_per_minute", "breakeven_minutes"), VOLUMES)
    known = {n: run.priors.prior(n).distribution.quantile(0.5) for n in VOLUMES}
    minutes = run.priors.model.constants["seconds_per_minute"].value
    daily = {
        "TikTok, a day": known["tiktok_videos_per_day"] * known["tiktok_video_seconds"] / minutes,
        "YouTube, a day": known["youtube_minutes_per_day"],
    }
    made = ("inference_flop_per_minute", "breakeven_minutes")
    found = [_Panel(("training_flop",), *made, "Video", "minutes of video generated", daily)]
    if "dit_breakeven_images" in run.priors.model.quantities:
        training = ("dit_training_flop", "flop_per_multiply_add")  # the paper counts multiply-adds
        made = ("dit_flop_per_image", "dit_breakeven_images")
        found.append(_Panel(training, *made, "Images (DiT-XL)", "images generated", {"Instagram, a day": INSTAGRAM}))
    return found


def _wide(request: Request) -> float:
    return 0.58 if request.theme.width_mm >= WIDE else 1.45


@kind(shape=_wide)
def crossover(figure: Figure, run: Run, ci: tuple[float, str], theme: Theme) -> Drawn:
    """Cumulative training and inference FLOP over generated minutes and images, and where they cross."""
    panels = _panels(run)
    side = inches_of(figure)[0] >= 4.7
    shape = {"ncols": len(panels)} if side else {"nrows": len(panels)}
    axes = np.ravel(figure.subplots(squeeze=False, **shape))
    data: list[Row] = []
    for ax, panel in zip(axes, panels, strict=True):
        data += _crossing(ax, run, panel, ci, theme)
    s = summary_of(run, "breakeven_minutes", ci)
    most = resolving(s.low.value, s.high.value)
    low, high = (short(e.value, most) for e in (s.low, s.high))
    between = f", with {100 * ci[0]:.3g} % probability between {low} and {high}"
    return Drawn(
        f"Inference overtakes training after {told(*s.median, s.unit, most)}"
        + (between if s.low.value != s.high.value else ""),
        data,
    )


def _shares(prob: float) -> tuple[float, float, float, float, float]:
    """What lies below the ends of an interval, the quartiles and the median, in their order."""
    return (0.5 - prob / 2.0, 0.25, 0.5, 0.75, 0.5 + prob / 2.0)


def _ends(run: Run, name: str, prob: float) -> np.ndarray:
    """Low, quarter, median, three quarters and high of a quantity or a prior."""
    if name in run.priors.priors:
        return np.array([run.priors.prior(name).distribution.quantile(p) for p in _shares(prob)])
    s = run.summary([name], quantiles=_shares(prob))[0]
    return np.array([s.quantiles[p].value for p in _shares(prob)])


def _ends_of_product(run: Run, names: Sequence[str], prob: float) -> np.ndarray:
    """The same of a product: exact where one factor at most varies, else of the kept draws."""
    ends = [_ends(run, n, prob) for n in names]
    if sum(bool(e[0] != e[-1]) for e in ends) < 2:
        return np.asarray(np.prod(ends, axis=0))
    return quantiles(np.prod([run.draws_of(n) for n in names], axis=0).ravel(), _shares(prob))


def _crossing(ax: Axes, run: Run, panel: _Panel, ci: tuple[float, str], theme: Theme) -> list[Row]:
    train = _ends_of_product(run, panel.training, ci[0])
    each, at = (_ends(run, n, ci[0]) for n in (panel.each, panel.breakeven))
    if not all(np.all(np.isfinite(x)) and x[0] > 0.0 for x in (train, each, at)):
        raise InputError(f"{panel.breakeven} reaches {short(float(at[0]))}: a crossover is drawn of compute above 0")
    volumes = {name: value for name, value in panel.volumes.items() if value > 0.0}
    panel = panel._replace(volumes=volumes)
    marks = np.array([at[0] / 30.0, at[-1] * 30.0, *volumes.values()])
    x = np.geomspace(marks.min() / 1.5, marks.max() * 1.5, 64)
    scale(ax, "x", LOG)
    scale(ax, "y", LOG)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(*limits([train, each[2] * x[[4, -1]]], LOG, 0.06))
    training, inference = theme.color(1), theme.color(0)
    ax.axhspan(train[0], train[-1], color=training, alpha=0.16, lw=0, gid="training band")
    for low, high, strength in ((0, 4, 0.14), (1, 3, 0.22)):
        ax.fill_between(x, each[low] * x, each[high] * x, color=inference, alpha=strength, lw=0, gid="inference fan")
    ax.axvspan(at[0], at[-1], color=theme.color(2), alpha=0.3, lw=0, hatch=theme.hatch(2), gid="breakeven interval")
    ax.axvline(at[2], color=theme.muted, lw=0.9, ls=theme.dash(2), gid="breakeven")
    ax.plot(x, np.full_like(x, train[2]), color=training, lw=1.6, ls=theme.dash(1), gid="training")
    ax.plot(x, each[2] * x, color=inference, lw=1.6, gid="inference")
    _named(ax, panel, train[2], each[2], at[2], x, theme)
    label(ax, "x", panel.axis)
    label(ax, "y", f"cumulative FLOP; {bands_key(ci[0])}")
    titled(ax, panel.title)
    flat = np.ones_like(x)
    lines = [
        {"panel": panel.title, "series": name, "x": a, "low": e[0] * by, "y": e[2] * by, "high": e[-1] * by}
        for name, e, bys in (("training", train, flat), ("inference", each, x))
        for a, by in zip(x, bys, strict=True)
    ]
    points = [{"panel": panel.title, "series": "breakeven", "x": at[2], "low": at[0], "high": at[-1], "y": train[2]}]
    return lines + points + [{"panel": panel.title, "series": n, "x": v} for n, v in panel.volumes.items()]


def _named(ax: Axes, panel: _Panel, train: float, each: float, at: float, x: np.ndarray, theme: Theme) -> None:
    """Names at the lines, the crossing's value, and the daily volumes along the foot."""
    over = {"bbox": theme.behind}
    beside(ax, "training", (x[1], train), (2, 3), color=theme.color(1), va="bottom", **over)
    ends = np.log(ax.get_ylim())
    y = float(np.exp(ends[0] + 0.93 * (ends[1] - ends[0])))
    place = (min(y / each, x[-3]), y)
    beside(ax, "inference", place, (-4, 0), color=theme.color(0), ha="right", va="top", **over)
    hollow(ax, (at, train), theme.mark(0), theme, theme.ink, zorder=8, gid="crossing")
    beside(ax, short(at), (at, train), (5, -6), va="top", weight="bold", zorder=9, **over)
    for i, (name, value) in enumerate(panel.volumes.items()):
        right = np.log(value / x[0]) > 0.62 * np.log(x[-1] / x[0])
        _volume(ax, name, value, 0.04 + 0.075 * i, bool(right), theme)


def _volume(ax: Axes, name: str, value: float, height: float, right: bool, theme: Theme) -> None:
    """A daily volume: a mark on the foot of the axes, and its name above, on the side that has room."""
    foot = {"clip_on": False, "transform": ax.get_xaxis_transform()}
    ax.plot([value], [0.0], theme.mark(3), color=theme.ink, ms=4, gid="volume", **foot)
    text = {"size": 0.85 * theme.size, "bbox": theme.behind, "color": theme.muted}
    side = {"ha": "right" if right else "left", "va": "bottom", "xycoords": ("data", "axes fraction")}
    beside(ax, f"{name}: {short(value)}", (value, height), (-4 if right else 4, 0), zorder=9, **side, **text)


@kind(shape=lambda r: 0.42 if r.theme.width_mm >= WIDE else 0.8)
def modalities(ax: Axes, run: Run, ci: tuple[float, str], theme: Theme) -> Drawn:
    """FLOP for a minute of video, an image and a document of text, with intervals."""
    if not run.priors.model.told.modalities:
        raise InputError(f"the model {run.priors.model.name} tells of no modalities that it could be held against")
    held = [(n, q) for n, q in run.priors.model.told.modalities if q in run.priors.model.quantities]
    summaries = [summary_of(run, q, ci) for _, q in held]
    if not all(s.low.value > 0.0 for s in summaries):
        raise InputError("modalities are drawn of compute above 0, and some worlds have none or less")
    scale(ax, "x", LOG)
    ax.set_xlim(*_room_for_numbers([e for s in summaries for e in ends_of(s)]))
    for i, (s, (name, _)) in enumerate(zip(summaries, held, strict=True)):
        color = theme.color(3 if i else 0)
        if s.low.value != s.high.value:
            span(ax, ends_of(s), i, color, 1.4, marker="|", ms=6, gid="interval")
        ax.plot([s.median.value], [i], theme.mark(0), color=color, ms=7, gid=f"dot: {name}")
        beside(ax, short(s.median.value, powers_from=1e6), (s.high.value, i), (8, 0))
    ax.xaxis.grid(True)
    rows(ax, [name for name, _ in held])
    label(ax, "x", f"FLOP for one output, in powers of ten; line: {percent(ci[0])} interval")
    data = [{"series": n, "quantity": q, **interval_row(s)} for (n, q), s in zip(held, summaries, strict=True)]
    times = f"{float(f'{summaries[0].median.value / summaries[-1].median.value:.2g}'):,.0f}"
    return Drawn(f"A minute of video takes as much compute as {times} documents of text by Llama 2", data)


def _room_for_numbers(ends: list[float]) -> tuple[float, float]:
    """Limits of a logarithmic axis with room for a number to the right of each mark."""
    low, high = min(ends), max(ends)
    return low / 3.0, high * 10.0 * (high / low) ** 0.06


def _released(run: Run) -> list[tuple[str, np.ndarray]]:
    """The H100s of `inference_h100s` as one factor after the other is released from 1."""
    model, name, told = run.priors.model, "inference_h100s", run.priors.model.told.demand_steps
    bare = {n: 1.0 for _, names in told for n in names}
    rows = {n: run.row_of(n) for n in {*bare, *model.reads([name])}}
    each = range(run.settings.replicates)
    steps = [
        (t, names) for t, names in told if not names or any(np.any(rows[n](i) != 1.0) for n in names for i in each)
    ]
    found = [np.empty((len(each), run.settings.kept)) for _ in steps]
    for i in each:  # in rows, since what is in the processor's cache is computed the faster
        row = {n: of(i) for n, of in rows.items()}
        values = row | bare
        for y, (_, names) in zip(found, steps, strict=True):
            values = model.reevaluate(values, {n: row[n] for n in names}, [name])
            y[i] = values[name]
    return [(text, y.ravel()) for (text, _), y in zip(steps, found, strict=True)]


@kind(shape=lambda r: 0.62 if r.theme.width_mm >= WIDE else 1.35)
def demand(figure: Figure, run: Run, ci: tuple[float, str], theme: Theme) -> Drawn:
    """H100s at peak by platform, and how they build up from bare demand, factor by factor."""
    _must_have(run, "demand", ("inference_h100s", "ai_minutes_per_day"))
    s = summary_of(run, "inference_h100s", ci)
    if not run.settings.kept:
        raise InputError(f"{run.name} kept no draws, and a figure is drawn from them: make it with --keep")
    total = draws_of(run, "inference_h100s").x
    if not total.min() > 0.0:
        raise InputError("demand is drawn of H100s above 0, and some worlds need none or fewer")
    whole = run.draws_of("ai_minutes_per_day").ravel()
    parts = {n: total * (run.draws_of(q).ravel() / whole) for n, q in run.priors.model.told.platforms}
    if len(total) == 1:
        parts = {n: np.unique(x) for n, x in parts.items()}
    steps = _released(run)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[len(parts) + 1, len(steps)])
    scale(upper, "x", LOG)
    data = _spans(upper, [*parts.items(), ("both", total)], ci[0], theme, "platform")
    data += _spans(lower, steps, ci[0], theme, "step")
    ends = np.array([row[k] for row in data for k in ("low", "high", "median")])
    low, high = limits([ends], LOG)
    upper.set_xlim(low, high * (high / low) ** 0.14)
    titled(upper, "by platform")
    titled(lower, "from bare demand to the peak")
    label(lower, "x", f"H100-equivalents; {rows_key(ci[0])}")
    each = ", ".join(f"{row['series']} alone {short(row['median'])}" for row in data[: len(parts)])
    return Drawn(f"Serving the demand at its peak takes {told(*s.median)} H100s in the median ({each})", data)


def _spans(ax: Axes, parts: Sequence[tuple[str, np.ndarray]], prob: float, theme: Theme, what: str) -> list[Row]:
    """A row for each part: median, half and credible interval, and the factor from the row before."""
    data: list[Row] = []
    names = []
    for i, (name, x) in enumerate(parts):
        low, q25, median, q75, high = quantiles(x, _shares(prob)).tolist()
        last = i == len(parts) - 1
        color = theme.color(0 if last else 3 if what == "platform" else 1)
        span(ax, (low, high), i, color, 1.4, gid="interval")
        block(ax, (q25, q75), i, color, 5, gid="half")
        hollow(ax, (median, i), theme.mark(0 if last else 1), theme, color, gid="median")
        before = data[-1]["median"] if data and what == "step" else None
        text = f"×{short(median / before, 2)} = {short(median)}" if before else short(median)
        beside(ax, text, (high, i), (5, 0), size=0.92 * theme.size)
        if before:
            ax.plot([before, median], [i - 1, i], color=theme.muted, lw=0.8, ls=theme.dash(2), zorder=0)
        names.append(name if not i or what == "platform" else f"with {spoken(name)}")
        data.append({"panel": what, "series": name, "low": low, "p25": q25, "median": median, "p75": q75, "high": high})
    rows(ax, names, 0.34)
    ax.xaxis.grid(True)
    return data
