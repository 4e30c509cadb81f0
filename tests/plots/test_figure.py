"""Figures: every kind from a million draws, its axes, marks and text; the essay's charts at its values."""

import csv
import io
import itertools
import math

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy import stats

from simulator import InputError, load_priors, simulate
from simulator.base.wording import short, spoken, told, unit_words
from simulator.compute.headline import HEADLINE
from simulator.plots.axes import Ticks, scale
from simulator.plots.figure import KINDS, plot
from simulator.plots.layout import unfit
from simulator.plots.registry import kind
from simulator.plots.scales import LOG
from simulator.plots.theme import THEMES, parse_size, theme

EDITS = {"inference_mfu": "beta(p5=0.2, p95=0.5)", "peak_factor": 1.5, "diffusion_steps": "lognormal(p5=20, p95=120)"}
LABELS = ("plappert-2024", "fewer steps, a lower MFU and a flat peak, as served")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    made = simulate(draws=1_000_000)
    folder = made.save(tmp_path_factory.mktemp("runs"))
    return type(made).load(folder)


@pytest.fixture(scope="module")
def other():
    return simulate(load_priors(set=EDITS), draws=1_000_000)


@pytest.fixture(scope="module")
def few():
    """Of which it is looked at how they are drawn, and not at their numbers."""
    return simulate(draws=64_000), simulate(load_priors(set=EDITS), draws=64_000)


@pytest.fixture(scope="module")
def odd():
    return simulate(load_priors(set=ODD), draws=20_000)


@pytest.fixture(scope="module")
def point():
    return simulate("plappert-2024-point", draws=160)


def asked(name, run, other):
    """A run, or two, and the options that a kind wants."""
    wants, options = KINDS[name].wants, {}
    if "thresholds" in wants:
        options["exceeds"] = [720_000, 3e6]
    if "over" in wants:
        options["over"] = "youtube_ai_penetration"
    if "pairs" in wants:
        options["pairs"] = [("parameters", "peak_factor")]
    if "short" in wants:
        options |= {"short": 3, "idle": "uniform(low=1, high=3)"}
    if "plans" in wants:
        options["plans"] = [5e5]
    if "runs" in wants:
        return (run, other), options | {"labels": LABELS}
    return run, options


def marked(figure, gid):
    """The artists of a figure that carry a mark's name."""
    return figure.findobj(lambda artist: artist.get_gid() == gid)


MARKS = {
    "density": ["density", "inside", "interval", "median", "threshold"],
    "ecdf": ["curve", "hit", "interval"],
    "exceedance": ["curve", "hit", "threshold"],
    "quantile-dots": ["dots", "median", "threshold"],
    "convergence": ["median", "error", "mcse"],
    "forest": ["interval", "half", "median"],
    "ridge": ["ridge", "interval", "median"],
    "pair": ["correlation"],
    "fan": ["interval", "half", "median", "prior"],
    "crossover": [
        "training",
        "inference",
        "training band",
        "inference fan",
        "breakeven interval",
        "crossing",
        "volume",
    ],
    "modalities": ["dot: A minute of video", "interval"],
    "demand": ["interval", "half", "median"],
    "tornado": ["bar 5 %", "bar 95 %"],
    "sensitivity": ["first", "total"],
    "attribution": ["A", "B", "step: peak_factor"],
    "correlation-stress": ["interval", "5 %", "95 %"],
    "grade": ["grade D"],
    "priors": ["density", "median"],
    "reserve": ["curve", "best", "median", "plan"],
    "value-of-information": ["saving"],
    "own": ["paid", "error", "median", "life", "end of life", "end"],
}


def test_every_kind_is_tested():
    elsewhere = {"backtest", "predicted", "pit", "prior-posterior"}  # in test_backtest and test_conditioning
    over_years = {"years", "crossing", "shares-by-year"}  # in test_years
    assert set(MARKS) == set(KINDS) - elsewhere - over_years
    assert over_years == {name for name in KINDS if KINDS[name].by_year}


@pytest.mark.parametrize(("size", "style"), [("80mm", "print"), ("full", "light")])
@pytest.mark.parametrize("name", MARKS)
def test_a_kind_from_a_million_draws(name, size, style, run, other, monkeypatch):
    runs, options = asked(name, run, other)
    made = plot(runs, name, size=size, style=style, **options)
    figure = made.figure
    assert figure.get_figwidth() * 25.4 == pytest.approx(parse_size(size)[0])
    for gid in MARKS[name]:
        assert marked(figure, gid), gid
    (title,), (footer,) = marked(figure, "title"), marked(figure, "footer")
    assert " ".join(title.get_text().split()).lower() == made.title.lower()
    for part in ("1,000,000 draws", "seed 20240315", "simulate 0.", run.priors.name):
        assert part in " ".join(footer.get_text().split())
    found = {each: f"run {each.digest[:8]}" in " ".join(footer.get_text().split()) for each in (run, other)}
    assert found[run] == (run.path is not None)
    assert found[other] == (other.path is not None and MARKS[name][0] == "A")  # one that nobody finds is not named
    assert unfit(figure) is None
    for ax in (ax for ax in figure.axes if ax.axison and name not in ("priors", "pair")):
        assert ax.get_xlabel() or ax.get_shared_x_axes().get_siblings(ax) != [ax]
    assert made.data
    assert all(isinstance(v, str) or math.isfinite(v) for row in made.data for v in row.values())


@pytest.mark.parametrize("size", ["70mm", "110mm", "slide"])
def test_text_is_not_cut_off_at_other_sizes(size, few):
    for name in MARKS:
        runs, options = asked(name, *few)
        assert unfit(plot(runs, name, size=size, **options).figure) is None, name


@pytest.mark.parametrize("name", ["density", "priors", "forest", "attribution", "crossover"])
def test_text_fits_at_every_resolution(name, few):
    for size in ("full", "80mm"):
        runs, options = asked(name, *few)
        figure = plot(runs, name, size=size, **options).figure
        for dpi in (40, 72, 110, 300):
            with rc_context(THEMES["light"].settings()):
                figure.set_dpi(dpi)
                figure.canvas.draw()
                assert unfit(figure) is None, (size, dpi)


def test_text_that_is_cut_off_is_found(run):
    figure = plot(run, "density").figure
    figure.text(0.98, 0.5, "this reaches beyond the edge")
    assert unfit(figure) == "this reaches beyond the edge"
    with pytest.raises(
        InputError, match=r"leaves no room|does not fit into tornado at 170x40mm: make the figure larger"
    ):
        plot(run, "tornado", size="170x40mm")


def boxes_of(figure):
    renderer = figure.canvas.get_renderer()
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible() and text.get_gid() in ("title", "footer"):
            yield text.get_window_extent(renderer)


@pytest.mark.parametrize("name", ["density", "demand", "priors"])
def test_title_and_footer_keep_clear_of_the_axes(name, run):
    figure = plot(run, name, size="80mm").figure
    for box, ax in itertools.product(boxes_of(figure), figure.axes):
        inner = ax.get_tightbbox(figure.canvas.get_renderer())
        assert min(box.y1, inner.y1) - max(box.y0, inner.y0) < 1.0


# ---------------------------------------------------------------- what the figures say


def crossing_of(figure, panel):
    """Where the lines of training and of inference cross, from the artists' data."""
    (training,), (inference,) = (
        [a for a in marked(figure, n) if a.axes is figure.axes[panel]] for n in ("training", "inference")
    )
    x = training.get_xdata()
    gap = np.log(inference.get_ydata()) - np.log(training.get_ydata())
    return math.exp(np.interp(0.0, gap, np.log(x)))


def test_the_crossover_of_the_essays_numbers(point):
    figure = plot(point, "crossover").figure
    assert crossing_of(figure, 0) == pytest.approx(15.25e6, rel=1e-3)
    assert crossing_of(figure, 1) == pytest.approx(7.62e6, rel=1e-3)
    assert [m.get_xdata()[0] for m in marked(figure, "crossing")] == pytest.approx([15.25e6, 7.625e6], rel=1e-3)
    assert [line.get_ydata()[0] for line in marked(figure, "training")] == pytest.approx([1.08e25, 1e21])
    volumes = [m.get_xdata()[0] for m in marked(figure, "volume")]
    assert volumes == pytest.approx([17e6, 43e6, 95e6])
    for factor in (2, "uniform(low=1.9, high=2.1)"):  # the paper's training is in multiply-adds, as its inference is
        counted = simulate(load_priors("plappert-2024", set={"flop_per_multiply_add": factor}), draws=1600)
        crossed = plot(counted, "crossover").figure
        assert crossing_of(crossed, 1) == pytest.approx(7.62e6, rel=1e-2)
        assert marked(crossed, "training")[1].get_ydata()[0] == pytest.approx(2e21, rel=1e-2)
    ten = simulate(load_priors("plappert-2024-point", set={"dataset_multiplier": 10}), draws=160)
    assert crossing_of(plot(ten, "crossover").figure, 0) == pytest.approx(38.1e6, rel=1e-3)


def test_the_modalities_of_the_essays_numbers(point):
    figure = plot(point, "modalities").figure
    dots = figure.findobj(lambda a: (a.get_gid() or "").startswith("dot: "))
    assert {a.get_gid(): a.get_xdata()[0] for a in dots} == pytest.approx(
        {
            "dot: A minute of video": 708.2e15,
            "dot: An image (DiT-XL)": 131.15e12,
            "dot: A document by GPT-4": 8.8e14,
            "dot: A document by Llama 2": 1.4e14,
        },
        rel=1e-4,
    )


def test_the_demand_of_the_essays_numbers_builds_up_from_124_to_991_thousand(point):
    rows = plot(point, "demand").data
    steps = [row["median"] for row in rows if row["panel"] == "step"]
    assert steps == pytest.approx([123_856, 247_712, 495_424, 990_849], rel=1e-4)
    by = {row["series"]: row["median"] for row in rows if row["panel"] == "platform"}
    assert by["TikTok"] + by["YouTube"] == pytest.approx(by["both"])
    assert by["TikTok"] / by["both"] == pytest.approx(8.5 / 14.95)


def test_the_last_step_of_the_demand_is_the_table(run):
    rows = plot(run, "demand").data
    s = run.summary(["inference_h100s"])[0]
    last = rows[-1]
    assert (last["low"], last["median"], last["high"]) == pytest.approx(
        (s.low.value, s.median.value, s.high.value), rel=1e-5
    )


def test_what_is_marked_is_the_table(run):
    s = run.summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})[0]
    figure = plot(run, "density", "inference_h100s", exceeds=[720_000]).figure
    (interval,), (median,), (limit,) = (marked(figure, n) for n in ("interval", "median", "threshold"))
    assert list(interval.get_xdata()) == pytest.approx([s.low.value, s.high.value], rel=1e-6)  # float32 is kept
    assert median.get_xdata()[0] == pytest.approx(s.median.value, rel=1e-6)
    assert limit.get_xdata()[0] == 720_000
    assert figure.axes[0].get_xscale() == "log"
    assert figure.axes[0].get_xlim()[0] > 0
    made = plot(run, "exceedance", "inference_h100s", exceeds=[720_000])
    (hit,) = marked(made.figure, "hit")
    assert hit.get_ydata()[0] == s.exceeds[720_000].value
    x, y = marked(made.figure, "curve")[0].get_data()
    assert np.interp(720_000, x, y) == pytest.approx(s.exceeds[720_000].value, abs=1e-3)


def test_the_rank_correlation_of_a_pair_is_scipys(run):
    made = plot(run, "pair", ["training_h100s", "inference_h100s"])
    (row,) = [row for row in made.data if "rank_correlation" in row]
    x, y = (run.draws_of(q).ravel()[: 1 << 17] for q in ("training_h100s", "inference_h100s"))
    assert row["rank_correlation"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-9)


def test_quantile_dots_are_a_hundred_worlds(run):
    made = plot(run, "quantile-dots", "inference_h100s", exceeds=[720_000])
    (dots,) = marked(made.figure, "dots")
    assert len(dots.get_offsets()) == 100
    filled = (dots.get_facecolors() == (*to_rgb(THEMES["light"].color(0)), 1.0)).all(axis=1).sum()
    share = run.summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})[0].exceeds[720_000].value
    assert filled == pytest.approx(100 * share, abs=1)
    assert f"in {filled} of 100" in made.title


def test_a_fan_is_the_conditional_distribution(run):
    rows = plot(run, "fan", "breakeven_minutes", over="dataset_multiplier").data
    at, median = (np.array([row[k] for row in rows]) for k in ("x", "median"))
    slope = np.polyfit(np.log(at), np.log(median), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.02)  # the breakeven is proportional to the data


def test_a_footer_names_a_run_that_is_stored(point, tmp_path):
    stored = point.stored_in(tmp_path)
    (foot,) = marked(plot(stored, "density").figure, "footer")
    assert f"run {stored.digest[:8]}" in " ".join(foot.get_text().split())
    assert stored.digest[:8] in stored.path.name


def test_an_attribution_ends_where_b_is(run, other):
    made = plot((run, other), "attribution", "inference_h100s", labels=LABELS)
    steps = [row for row in made.data if "contribution" in row]
    whole = math.exp(sum(row["contribution"] for row in steps))
    a, b = (r.summary("inference_h100s")[0].median for r in (run, other))  # A and B are those of the tables
    assert [made.data[i]["level"] for i in (0, -1)] == pytest.approx([a.value, b.value], rel=1e-6)  # kept as float32
    assert "65,536 draws" in " ".join(made.figure.axes[0].get_xlabel().split())
    steps_end = made.data[-2]["level"]
    assert a.value * whole == pytest.approx(steps_end)
    assert steps_end == pytest.approx(b.value, rel=0.01)  # the steps are of fewer draws
    bars = {a.get_gid(): a for a in made.figure.findobj(lambda a: (a.get_gid() or "").startswith("step: "))}
    last = bars[f"step: {steps[-1]['series']}"]
    assert last.get_x() + last.get_width() == pytest.approx(steps_end)


def test_a_tornado_runs_from_the_median(run):
    made = plot(run, "tornado", "inference_h100s")
    middle = run.summary(["inference_h100s"])[0].median.value
    ends = {round(b.get_x() + b.get_width(), 3) for b in marked(made.figure, "bar 95 %")}
    assert {b.get_x() for b in marked(made.figure, "bar 95 %")} == {middle}
    for end, i in (("5 %", 0), ("95 %", 1)):  # the page says blue and red
        assert {to_hex(b.get_facecolor()) for b in marked(made.figure, f"bar {end}")} == {theme("light").color(i)}
    assert ends == {round(row["at_p95"], 3) for row in made.data}


def test_convergence_ends_at_the_table(run):
    made, s = plot(run, "convergence", "inference_h100s"), run.summary(["inference_h100s"])[0]
    last = made.data[-1]
    assert (last["draws"], last["median"], last["mcse"]) == (1_000_000, s.median.value, s.median.mcse)
    mcse = [row["mcse"] for row in made.data]
    assert mcse[-1] < mcse[0] / 20


DECISIONS = ("reserve", "value-of-information")
NEED_A_SPREAD = ("pair", "fan", "tornado", "sensitivity", "correlation-stress", "grade", *DECISIONS)


@pytest.mark.parametrize("name", NEED_A_SPREAD)
def test_a_run_of_constants_is_refused_where_there_is_nothing_to_draw(name, point):
    runs, options = asked(name, point, point)
    with pytest.raises(InputError, match=r"constant|known value") as refused:
        plot(runs, name, **options)
    assert len(refused.value.lines) == 1


@pytest.mark.parametrize("name", [n for n in MARKS if n not in NEED_A_SPREAD])
def test_a_run_of_constants_is_drawn(name, point):
    runs, options = asked(name, point, point)
    assert unfit(plot(runs, name, **options).figure) is None


ODD = {
    "peak_factor": "choice(values=[1, 2, 3], weights=[0.2, 0.5, 0.3])",
    "demand_growth": "uniform(low=1, high=4)",
    "parameters": "mixture(weights=[0.5, 0.5], a=lognormal(median=2e9, sigma=0.1), "
    "b=lognormal(median=9e10, sigma=0.1))",
    "candidates_per_upload": "empirical(values=[1, 1, 2, 5])",
    "inference_saving": "normal(mean=1, sd=0.4)",
}


@pytest.mark.parametrize("name", MARKS)
def test_odd_priors_are_drawn(name, odd):
    """Choices, mixtures with a gap, data, and a quantity that reaches below zero."""
    runs, options = asked(name, odd, odd)
    options.pop("exceeds", None)
    if name in ("sensitivity", "grade"):  # a saving of 0 is a pole: no variance
        with pytest.raises(InputError, match="cannot be shared out: the tail is too heavy"):
            plot(runs, name, **options)
    if name in DECISIONS:
        with pytest.raises(InputError, match="is below 0 in some worlds"):
            plot(runs, name, **options)
    if name in (
        "crossover",
        "modalities",
        "demand",
        "sensitivity",
        "grade",
        *DECISIONS,
    ):  # negative FLOP in some worlds
        odd = simulate(load_priors(set=ODD | {"inference_saving": 1}), draws=20_000)
        runs = odd
    made = plot(runs, name, **options)
    assert unfit(made.figure) is None


def test_a_prior_that_is_partly_a_value_shows_its_other_part():
    text = "mixture(weights=[0.5, 0.5], a=choice(values=[1e10], weights=[1]), b=uniform(low=1e10, high=2e10))"
    made = plot(simulate(load_priors(set={"parameters": text}), draws=1600), "priors")
    rows = [r for r in made.data if r["prior"] == "parameters" and r["series"] == "density"]
    assert len(rows) > 100
    assert min(r["y"] for r in rows[20:-20]) > 0


def test_few_values_are_bars_and_sum_to_one():
    few = simulate(load_priors("plappert-2024-point", set={"peak_factor": ODD["peak_factor"]}), draws=16_000)
    made = plot(few, "density", "inference_h100s")
    shares = [row["y"] for row in made.data if row["series"] == "probability"]
    assert shares == pytest.approx([0.2, 0.5, 0.3], abs=0.01)
    assert marked(made.figure, "values")


# ---------------------------------------------------------------- colours, ticks, words


def lightness(color):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])


@pytest.mark.parametrize("name", THEMES)
def test_colours_keep_apart_in_grey_and_in_colour_blindness(name):
    theme = THEMES[name]
    for a, b in itertools.combinations(theme.series[:3], 2):
        assert abs(lightness(a) - lightness(b)) > (9 if name == "dark" else 15), (a, b)
        for matrix in (PROTAN, DEUTAN):  # Machado, Oliveira and Fernandes 2009
            distance = np.abs(matrix @ np.array(to_rgb(a)) - matrix @ np.array(to_rgb(b))).max()
            assert distance > 0.15, (a, b)
    assert abs(lightness(theme.ink) - lightness(theme.background)) > 80
    assert len({str(theme.dash(i)) for i in range(4)}) == len({theme.mark(i) for i in range(4)}) == 4


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (720_000, "720k"),
        (15e6, "15M"),
        (1.5e9, "1.5B"),
        (0, "0"),
        (0.05, "0.05"),
        (999_999, "1M"),
        (2e25, "2×10²⁵"),
        (1e-5, "10⁻⁵"),
        (-3e6, "-3M"),
        (250, "250"),
        (1e15, "10¹⁵"),
        (12_345, "12.3k"),
        (float("inf"), "infinite"),
    ],
)
def test_short_numbers(value, shown):
    assert short(value) == shown


def test_words():
    assert told(15.25e6, 10.0, "video_minute") == "15.2M minutes of video"
    assert told(887_000, 20_000.0) == "890k"
    assert unit_words("FLOP/video_minute") == "FLOP per minute of video"
    assert unit_words("1/day") == "per day"
    assert unit_words("1") == ""
    assert spoken("youtube_ai_penetration") == "YouTube AI penetration"
    for q in load_priors().model.quantities.values():
        assert "_" not in unit_words(q.unit)
        assert "_" not in spoken(q.name)


@pytest.mark.parametrize("ends", [(1.0, 10.0), (3e4, 5e4), (1e-3, 1e9), (1.2e24, 9e27), (0.99, 1.01), (7e5, 7.00001e5)])
@pytest.mark.parametrize("wide", [1.2, 3.0, 6.0])
def test_ticks_have_room(ends, wide):
    figure = Figure(figsize=(wide, 2.0))
    FigureCanvasAgg(figure)
    ax = figure.add_subplot()
    scale(ax, "x", LOG)
    ax.set_xlim(*ends)
    figure.canvas.draw()
    assert isinstance(ax.xaxis.get_major_locator(), Ticks)
    ticks = [t for t in ax.get_xticks() if ends[0] <= t <= ends[1]]
    boxes = [t.get_window_extent() for t in ax.get_xticklabels()]
    if wide > 2:
        assert len(ticks) >= 2
    assert all(b.x0 > a.x1 for a, b in itertools.pairwise(boxes)) or len(ticks) <= 2


# ---------------------------------------------------------------- files, notebooks, contracts


def test_the_same_figure_gives_the_same_bytes_in_every_format(run, tmp_path):
    for form in ("png", "svg", "pdf"):
        first, second = (plot(run, "density").encoded(form) for _ in range(2))
        assert first == second
        path = plot(run, "density").save(tmp_path / f"figure.{form}")
        assert path.read_bytes() == first
    assert b"Plappert" not in first  # text is drawn, and nothing is leaked into metadata
    with pytest.raises(InputError, match=r"is written as \.png, \.svg or \.pdf"):
        plot(run, "density").save(tmp_path / "figure.jpg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["figure.pdf", "figure.png", "figure.svg"]


def test_the_data_are_what_is_drawn(run):
    made = plot(run, "density", "inference_h100s")
    rows = list(csv.DictReader(io.StringIO(made.csv())))
    line = [(float(r["x"]), float(r["y"])) for r in rows if r["series"] == "density"]
    (drawn,) = marked(made.figure, "density")
    np.testing.assert_array_equal(np.array(line), np.column_stack(drawn.get_data()))


def test_figures_are_drawn_into_axes_of_ones_own(run, other):
    figure = Figure(figsize=(8, 3))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    made = plot(run, "density", "inference_h100s", ax=left)
    assert made.figure is figure
    assert marked(left, "density")
    assert not marked(right, "density")
    assert not marked(figure, "title")
    part = Figure().subfigures(1, 2)[1]
    assert plot(run, "demand", ax=part).figure is part
    with pytest.raises(InputError, match=r"demand is drawn into a Figure or SubFigure, .* and not into 'Axes'"):
        plot(run, "demand", ax=left)
    with pytest.raises(InputError, match="density is drawn into an Axes, and not into 'Figure'"):
        plot(run, "density", ax=figure)


@pytest.mark.parametrize(
    ("kind", "set", "part"),
    [
        ("crossover", {"dataset_multiplier": 0}, "a crossover is drawn of compute above 0"),
        ("demand", {"peak_factor": 0}, "demand is drawn of H100s above 0"),
        ("modalities", {"dit_forward_flop": "normal(mean=-1, sd=1)"}, "modalities are drawn of compute above 0"),
    ],
)
def test_what_has_no_place_on_an_axis_is_said(kind, set, part):
    with pytest.raises(InputError, match=part):
        plot(simulate(load_priors(set=set), draws=16_000, keep=16_000), kind)


def test_a_volume_of_none_is_left_out_and_a_threshold_below_zero_is_beyond_the_axis(run):
    none = simulate(load_priors(set={"tiktok_videos_per_day": 0}), draws=16_000)
    assert len(marked(plot(none, "crossover").figure, "volume")) == 2
    made = plot(run, "density", exceeds=[-5, 0])
    assert not marked(made.figure, "threshold")
    assert "every drawn world" in plot(run, "exceedance", exceeds=[-5]).title


def test_a_run_that_kept_a_part_says_so_and_keeps_its_numbers(tmp_path):
    part = simulate(draws=160_000, keep=16_000)
    stored = type(part).load(part.save(tmp_path))
    (whole,) = part.summary(["inference_h100s"])
    for options in ({}, {"exceeds": [720_000]}):
        made = plot(stored, "density", "inference_h100s", **options)
        assert marked(made.figure, "median")[0].get_xdata()[0] == pytest.approx(whole.median.value, rel=1e-6)
        assert "160,000 draws (16,000 kept)" in " ".join(marked(made.figure, "footer")[0].get_text().split())
    assert plot(stored, "convergence", "inference_h100s").data[-1]["draws"] == 16_000
    with pytest.raises(InputError, match="a fan of 1,600 kept draws would say little"):
        plot(simulate(draws=1600), "fan", over="parameters")


def test_characters_that_the_font_has_not_are_no_warning():
    odd = simulate(load_priors(), draws=1600)
    assert plot((odd, odd), "forest", "training_cost", labels=["视频模型 🎬", "b"]).encoded("png")


def test_a_title_is_text_and_no_formula():
    priced = simulate(load_priors(set={"gpu_price": 2}), draws=1600)
    made = plot((priced, priced), "forest", "training_cost", labels=["$5 and $6", "a_b^c"])
    assert "$5 and $6" in [t.get_text() for t in made.figure.axes[0].get_yticklabels()]


def test_a_kind_with_a_parameter_that_nothing_gives_is_a_programming_error():
    def strange(ax, colour): ...

    with pytest.raises(ValueError, match="colour"):
        kind()(strange)


def test_quantities_that_were_not_kept_are_computed(run):
    assert "US dollars" in plot(run, "density", "training_cost").title


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--kind", "densty"], "no kind of plot 'densty': did you mean 'density'?"),
        (["--of", "inference_h100"], "no quantity 'inference_h100' in dit-scaling: did you mean 'inference_h100s'?"),
        (["--style", "drak"], "no style 'drak': did you mean 'dark'?"),
        (["--size", "8"], "'8' is not a size: write 80mm"),
        (["--size", "10mm"], "no size for a figure: from 70x40mm"),
        (["--out", "x.jpg"], "--out x.jpg: a figure is written as .png, .svg or .pdf"),
        (["--data", "x.txt"], "--data x.txt: the plotted series are written as .csv"),
        (["--over", "peak_factor"], "--over says nothing to density; it goes with fan"),
        (["--kind", "fan"], "fan sweeps a prior: --over NAME; inference_h100s reads parameters"),
        (["--kind", "fan", "--over", "peak"], "--over peak: there is no prior of this name"),
        (["--kind", "fan", "--over", "demand_growth"], "it is a known value in plappert-2024; give it a spread first"),
        (["--kind", "fan", "--over", "gpu_price"], "inference_h100s does not depend on it"),
        (["--kind", "crossover", "--of", "training_flop"], "--of training_flop: crossover is drawn of"),
        (["--of", "training_flop", "--of", "training_h100s"], "training_flop is in FLOP and training_h100s in 1"),
        (["--kind", "convergence", "--of", "training_flop,training_h100s"], "convergence is drawn of one quantity at"),
        (["--kind", "pair", "--of", "training_flop"], "pair is drawn of 2 to 5 quantities, and not of 1"),
        (["--kind", "attribution"], "attribution is drawn of two runs or prior sets, A and B, and not of 1"),
        (["--kind", "tornado", "--exceeds", "3"], "--exceeds says nothing to tornado"),
        (["--kind", "tornado", "--ci", "0.5"], "--ci says nothing to tornado; it goes with"),
        (["--statistic", "p95"], "--statistic says nothing to density; it goes with attribution"),
        (["--exceeds", "training_flop > 3"], "is not on inference_h100s, the quantity of --of"),
        (["--exceeds", "many"], "'many' is not a threshold for --exceeds"),
        (
            ["plappert-2024", "--kind", "convergence"],
            "convergence is drawn of one run, and not of 2; of several: forest",
        ),
        (["plappert-2024"] * 4, "5 lines are too many for one figure: at most 4 runs or quantities"),
        (["--dpi", "1200", "--size", "600mm"], "pixels are too many for a PNG"),
        (["--statistic", "p0"], "'p0' is not a statistic"),
        (["--ci", "90"], "--ci '90': a probability"),
        (["--kind", "reserve", "--short", "3"], "reserve is drawn for prices: give both --short and --idle"),
        (["--kind", "reserve", "--short", "0", "--idle", "2"], "--short '0' makes no newsvendor"),
        (["--kind", "reserve", "--short", "3", "--idle", "2", "--plan", "oh"], "'oh' is not a reserve for --plan"),
        (["--short", "3"], "--short says nothing to density; it goes with reserve, value-of-information"),
        (["--kind", "value-of-information", "--plan", "3"], "--plan says nothing to value-of-information"),
        (["--pair", "parameters", "--kind", "correlation-stress"], "--pair 'parameters': name two different priors"),
    ],
)
def test_bad_input_gets_one_line_and_leaves_nothing(arguments, part, cli, here):
    outcome = cli("plot", "plappert-2024", "--draws", "1600", *arguments)
    assert outcome.code == 2
    assert len(outcome.errors) == 1, outcome.err
    assert part in outcome.errors[0]
    assert list(here.iterdir()) == []


def test_the_command_writes_where_it_says(cli, here):
    cli("--draws", "16000")
    (stored,) = (here / "runs").iterdir()
    digest = stored.name.rsplit("-", 1)[-1]
    outcome = cli("plot", "latest", "--exceeds", "720k", "--data", "d.csv")
    assert outcome.code == 0, outcome.err
    name = f"density-inference_h100s-{digest}.png"
    assert outcome.out.splitlines()[0] == f"runs/{stored.name}/{name}"
    assert (stored / name).read_bytes().startswith(b"\x89PNG")
    assert (here / "d.csv").read_text().startswith("series,x,mcse")
    assert cli("plot", "plappert-2024", "--kind", "modalities", "--draws", "1600", "--style", "dark").code == 0
    assert len(list(here.glob("modalities-dark-*.png"))) == 1
    assert cli("plot", "latest", "plappert-2024", "--set", "B:peak_factor=3", "-k", "forest", "-o", "f.svg").code == 0
    assert "<svg" in (here / "f.svg").read_text()
    listed = cli("plot", "--list").out
    assert all(name in listed for name in KINDS)
    deleted = cli("runs", "delete", "latest")
    assert (deleted.code, deleted.err) == (0, "")
    assert not stored.exists()


def test_a_place_that_cannot_be_written_is_one_line(cli, here):
    (here / "folder.png").mkdir()
    outcome = cli("plot", "plappert-2024", "--draws", "1600", "--out", "folder.png")
    assert (outcome.code, outcome.errors) == (1, ["error: folder.png cannot be written: it is a folder"])
    assert [p.name for p in here.iterdir()] == ["folder.png"]


def test_a_run_without_draws_says_so(cli):
    cli("--draws", "16000", "--keep", "0")
    outcome = cli("plot", "latest")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert "kept no draws" in outcome.errors[0]


def test_headline_runs_serve_every_kind(cli):
    """A prior set is drawn with what the kind reads: its numbers are of all draws."""
    assert set(KINDS["forest"].reads) <= set(HEADLINE)
    assert cli("plot", "plappert-2024", "--kind", "forest", "--draws", "16000", "--out", "f.pdf").code == 0


def test_arvizs_own_plots_read_a_run_as_it_is(run):
    import arviz

    for draw in (arviz.plot_forest, arviz.plot_ridge, arviz.plot_dist, arviz.plot_pair):
        drawn = draw(run.datatree, group="prior_predictive", var_names=["training_h100s", "inference_h100s"])
        assert drawn.viz["figure"].item() is not None


def test_bands_are_polygons(run):
    bands = marked(plot(run, "crossover").figure, "inference fan")
    assert all(isinstance(b, PolyCollection) for b in bands)
    assert len(bands) == 4
