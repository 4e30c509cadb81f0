"""What figures say: titles that their numbers make, keys of their marks, whole words, colours of their own."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simulator import backtest, load_priors, simulate
from simulator.base.wording import folded, spoken
from simulator.plots.figure import plot, plot_backtest
from simulator.plots.layout import blank, dress
from simulator.plots.theme import theme

from .labels import below


@pytest.fixture(scope="module")
def run():
    return simulate(draws=16_000)


@pytest.fixture(scope="module")
def other():
    return simulate(load_priors(set={"peak_factor": 1.5}), draws=16_000)


def marked(figure, gid):
    return figure.findobj(lambda artist: artist.get_gid() == gid)


def test_compute_of_one_output_is_dots_and_no_bar(run):
    """A bar has no length on a logarithmic axis: a ratio of 4,400 looked like 4."""
    (ax,) = plot(run, "modalities").figure.axes
    assert not ax.patches
    assert ax.get_xscale() == "log"


def test_the_title_of_the_demand_is_no_sum_that_its_numbers_do_not_make(run):
    made = plot(run, "demand")
    by = {r["series"]: r["median"] for r in made.data if r["panel"] == "platform"}
    assert by["TikTok"] + by["YouTube"] != pytest.approx(by["both"], rel=0.02)
    assert "TikTok alone" in made.title
    assert " and YouTube" not in made.title


def test_the_title_of_a_forest_names_every_panel(run, other):
    title = plot((run, other), "forest", labels=["A", "B"]).title
    for quantity in ("training_h100s", "inference_h100s", "breakeven_minutes"):
        assert f"{spoken(quantity)} ×" in title[:1].lower() + title[1:]
    assert "inference H100s ×0.7" in title
    assert title.startswith("Medians of B against A")


def test_a_fan_over_a_choice_has_nothing_between_its_values():
    two = simulate(load_priors(set={"peak_factor": "choice(values=[1, 3], weights=[0.5, 0.5])"}), draws=16_000)
    figure = plot(two, "fan", "inference_h100s", over="peak_factor").figure
    assert not figure.axes[0].collections
    assert sorted({x for line in marked(figure, "interval") for x in line.get_xdata()}) == [1.0, 3.0]


@pytest.mark.parametrize("thresholds", [(720_000,), (720_000, 3e6), (5e5, 1e6, 2e6)])
@pytest.mark.parametrize("size", ["80mm", "full"])
def test_no_dot_lies_across_a_threshold(run, thresholds, size):
    figure = plot(run, "quantile-dots", "inference_h100s", exceeds=thresholds, size=size).figure
    (dots,) = marked(figure, "dots")
    ax = figure.axes[0]
    radius = 0.5 * np.sqrt(dots.get_sizes()[0]) / 72.0 * figure.dpi
    x = ax.transData.transform(np.column_stack([dots.get_offsets()[:, 0], np.zeros(100)]))[:, 0]
    for threshold in thresholds:
        at = ax.transData.transform((threshold, 0.0))[0]
        assert np.abs(x - at).min() > 0.9 * radius
        worlds = (np.quantile(run.draws_of("inference_h100s"), (np.arange(100) + 0.5) / 100) > threshold).sum()
        assert (x > at).sum() == worlds


@pytest.mark.parametrize(
    ("kind", "options", "key"),
    [
        ("density", {}, "dark: 90 % interval"),
        ("forest", {}, "thick: 50 %, thin: 90 % interval"),
        ("ridge", {}, "bar: 90 % interval"),
        ("fan", {"over": "parameters"}, "bands: 50 % and 90 % interval"),
        ("demand", {}, "thick: 50 %, thin: 90 % interval"),
        ("crossover", {}, "bands: 50 % and 90 % interval"),
        ("modalities", {}, "line: 90 % interval"),
        ("convergence", {}, "band: 90 % interval"),
    ],
)
def test_bands_and_lines_have_a_key(run, kind, options, key):
    figure = plot(run, kind, **options).figure
    assert any(key in " ".join(f"{ax.get_xlabel()} {ax.get_ylabel()}".split()) for ax in figure.axes)


def test_priors_have_units(run):
    figure = plot(run, "priors").figure
    (price,) = [ax for ax in figure.axes if "GPU price" in ax.get_title(loc="left")]
    assert "US dollars per hour" in " ".join(below(price).split())


def test_a_backtest_keeps_names_and_lays_its_groups_beside_the_axes():
    made = plot_backtest(backtest(draws=256))
    figure, (ax,) = made.figure, made.figure.axes
    assert any("-" in t.get_text() for t in ax.get_yticklabels())
    names = {row["case"] for row in made.data}
    assert {t.get_text().replace("\n", "") for t in ax.get_yticklabels()} <= names
    for text in ax.texts:
        assert text.get_window_extent(figure.canvas.get_renderer()).x0 >= ax.bbox.x1


def test_no_word_is_broken_in_a_narrow_column():
    for name in [n for s in ("plappert-2024", "evidence-2026") for n in load_priors(s).priors]:
        words = spoken(name)
        assert set(folded(words, 6, None).split()) == set(words.split())
    assert folded("open-sora-2.0-dc-ae-768p-h100", 8).replace("\n", "") == "open-sora-2.0-dc-ae-768p-h100"


def test_two_plots_in_one_axes_have_colours_of_their_own_and_both_are_seen(run, other):
    figure = Figure()
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    plot(run, "density", "inference_h100s", ax=ax)
    first = ax.get_xlim()
    plot(other, "density", "inference_h100s", ax=ax)
    a, b = marked(ax, "density")
    assert a.get_color() != b.get_color()
    assert ax.get_xlim()[0] <= first[0]
    assert ax.get_xlim()[1] >= first[1]
    marks = marked(ax, "median")
    assert len({m.get_marker() for m in marks}) == len(marks) == 2


@pytest.mark.parametrize("width", range(8, 40))
def test_no_line_ends_between_a_number_and_its_percent_sign(width):
    text = "cumulative FLOP; bands: 50 % and 90 % interval, 100 % of it, 12.5 % of 3 % more"
    lines = folded(text, width).split("\n")
    assert " ".join(lines) == text
    assert not any(line.startswith("%") for line in lines)
    figure = blank(theme("light"), 40.0 + 3 * width, 200.0)
    dress(figure, text, text, theme("light"))
    assert not any(line.startswith("%") for t in figure.texts for line in t.get_text().split("\n"))
