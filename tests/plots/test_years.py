"""Figures over years: bands are the table's quantiles, chances never fall, shares are those of closed forms."""

import math

import numpy as np
import pytest

from simulator import InputError, load_priors, simulate
from simulator.compute.years import Crossing, at
from simulator.plots.figure import plot
from simulator.plots.layout import unfit
from simulator.statistics.estimators import COVER

from .sets import MOVING, OVER, over_years, trended

YEARS = tuple(range(2026, 2031))
PLACES = [("80mm", "print"), ("160mm", "light"), ("160mm", "dark"), ("70mm", "light"), ("slide", "light")]


def marked(figure, gid):
    return figure.findobj(lambda artist: artist.get_gid() == gid)


def edges_of(band, x):
    """The lower and the upper edge of a filled band at places along the axis."""
    (path,) = band.get_paths()
    found = [[y for at_x, y in path.vertices if at_x == place] for place in x]
    return np.array([(min(ys), max(ys)) for ys in found]).T


@pytest.fixture(scope="module")
def run():
    chosen = trended(load_priors("plappert-2024"), MOVING)
    when = [Crossing("inference_h100s", ">", x) for x in (2e6, 2e7, 1e12)]
    names = [at(q, y) for q in ("inference_h100s", "breakeven_days") for y in YEARS]
    chosen = chosen.through(YEARS, when)
    return simulate(chosen, draws=64_000, quantities=[*names, *(c.name for c in chosen.when)])


@pytest.mark.parametrize(("size", "style"), PLACES)
@pytest.mark.parametrize(
    ("kind", "gids"),
    [
        ("years", ["interval", "half", "median", "year", "threshold", "plausible", "end"]),
        ("crossing", ["crossed", "error", "year", "end"]),
        ("shares-by-year", ["interactions", "width"]),
    ],
)
def test_a_kind_over_years_fits_and_has_its_marks(kind, gids, size, style, run):
    made = plot(run, kind, size=size, style=style)
    assert unfit(made.figure) is None
    for gid in [*gids, "title", "footer"]:
        assert marked(made.figure, gid), gid
    assert all(isinstance(v, str) or math.isfinite(v) for row in made.data for v in row.values())
    assert made.data


def test_the_edges_of_the_bands_are_the_quantiles_of_the_table(run):
    made = plot(run, "years", "inference_h100s", ci=0.8)
    known = run.summary([at("inference_h100s", y) for y in YEARS], ci=0.8)
    (interval,), (half,), (median,) = (marked(made.figure, gid) for gid in ("interval", "half", "median"))
    low, high = edges_of(interval, YEARS)
    assert low == pytest.approx([s.low.value for s in known])
    assert high == pytest.approx([s.high.value for s in known])
    first, last = edges_of(half, YEARS)
    assert first == pytest.approx([s.quantiles[0.25].value for s in known])
    assert last == pytest.approx([s.quantiles[0.75].value for s in known])
    assert list(median.get_ydata()) == [s.median.value for s in known]
    assert made.figure.axes[0].get_yscale() == "log"
    assert "bands: 50 % and 80 % interval" in " ".join(made.figure.axes[0].get_ylabel().split())
    assert [row["year"] for row in made.data] == list(YEARS)
    assert [row["median"] for row in made.data] == [s.median.value for s in known]


def test_a_threshold_of_a_crossing_or_of_ones_own_is_a_line_with_what_lies_above_it_in_the_last_year(run):
    made = plot(run, "years", "inference_h100s", exceeds=[5e6])
    heights = [line.get_ydata()[0] for line in marked(made.figure, "threshold")]
    assert heights == [5e6, 2e6, 2e7, 1e12]
    above = float(np.mean(run.draws_of("inference_h100s@2030") > 5e6))
    texts = [text.get_text().replace("\n", " ") for text in marked(made.figure, "end")]
    assert texts[0] == f"{100 * above:.0f} % above 5M in 2030"
    assert texts[-1] == "no drawn world above 1T in 2030"
    assert made.data[-1]["above_5000000"] == pytest.approx(above)


def test_the_line_of_plausibility_is_the_sets_own_and_what_lies_beyond_it_is_said(run):
    made = plot(run, "years", "inference_h100s")
    (line,) = marked(made.figure, "plausible")
    x, y = line.get_data()
    assert (x[0], x[-1]) == (2026.0, 2030.0)
    assert y[[0, -1]] == pytest.approx([2e7, 1e8])
    assert y[len(y) // 2] == pytest.approx(math.sqrt(2e7 * 1e8))  # even steps of the logarithm
    assert made.data[2]["plausible"] == pytest.approx(math.sqrt(2e7 * 1e8))
    last = run.summary("inference_h100s@2030")[0]
    assert last.quantiles[0.75].value < 1e8 < last.high.value
    assert made.title.endswith("; its end lies beyond all compute in 2030 (100M)")
    (text,) = made.figure.axes[0].get_legend().get_texts()
    assert text.get_text() == "most that is plausible: all compute"
    assert "beyond" not in plot(run, "years", "breakeven_days").title


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (1e3, "all of the interval lies"),
        (2e6, "three quarters of the worlds lie"),
        (1e7, "the median lies"),
        (2e7, "a quarter of the worlds lie"),
        (1e10, ""),
    ],
)
def test_how_much_lies_beyond_what_is_plausible(most, said):
    chosen = trended(load_priors("plappert-2024"), MOVING, most).through(YEARS)
    made = plot(chosen, "years", "inference_h100s")
    low, *_, high = (made.data[-1][k] for k in ("low", "p25", "median", "p75", "high"))
    assert ("beyond all compute" in made.title) == (most < high)
    assert (most < low) == (said == "all of the interval lies")
    assert said in made.title


def test_what_is_infinite_goes_on_above_the_axes_and_is_said():
    never = {"youtube_ai_penetration": 0, "tiktok_ai_penetration": "choice(values=[0, 0.5], weights=[0.3, 0.7])"}
    chosen = trended(load_priors("plappert-2024", set=never), MOVING).through(YEARS)
    made = plot(
        simulate(chosen, draws=16_000, quantities=[at("breakeven_days", y) for y in YEARS]), "years", "breakeven_days"
    )
    assert len(marked(made.figure, "infinite")) == len(YEARS)
    assert made.title.endswith("to infinite); infinite in 30 % of the worlds then")
    assert "triangle: the interval has no upper end" in made.figure.axes[0].get_xlabel()
    (interval,) = marked(made.figure, "interval")
    assert edges_of(interval, YEARS)[1] == pytest.approx(made.figure.axes[0].get_ylim()[1])


def test_the_chance_of_having_crossed_never_falls_and_is_that_of_the_draws(run):
    made = plot(run, "crossing")
    lines, ends = marked(made.figure, "crossed"), marked(made.figure, "end")
    assert len(lines) == 3
    worlds = np.stack([run.draws_of(at("inference_h100s", y)).ravel() for y in YEARS])
    for line, end, limit in zip(lines, ends, (2e6, 2e7, 1e12), strict=True):
        x, y = line.get_data()
        assert np.all(np.diff(y) >= 0.0)
        crossed = np.logical_or.accumulate(worlds > limit).mean(axis=1)
        assert y[np.isin(x, YEARS)] == pytest.approx(crossed, abs=1e-4)  # first years are kept in float32
        never = float(np.isinf(run.draws_of(f"first_year(inference_h100s>{limit:g})")).mean())
        assert y[-1] + never == pytest.approx(1.0, abs=1e-12)
        shown = "all drawn worlds" if never == 1.0 else f"{100 * never:.0f} %"
        assert end.get_text() == f"never:\n{shown}"
    assert made.title.endswith("; above 1T in no drawn world")


def test_the_band_of_a_crossing_is_its_monte_carlo_error(run):
    made = plot(run, "crossing", when=run.priors.when[:1])
    (band,), (line,) = marked(made.figure, "error"), marked(made.figure, "crossed")
    low, high = edges_of(band, (2028.0,))
    first = run.draws_of(run.priors.when[0].name)
    each = (first <= 2028.0).mean(axis=1)
    assert high - low == pytest.approx(2.0 * COVER * each.std(ddof=1) / 4.0, rel=1e-6)
    assert float(low[0]) < np.interp(2028.0, *line.get_data()) < float(high[0])


def test_shares_by_year_are_those_of_a_lognormal_with_lognormal_growth_and_noise():
    """The logarithm in year t has variance s^2 + (t g)^2 + t n^2: of the prior, of its growth, and of its walk."""
    s, g, n = 0.5, 0.2, 0.3
    moving = {"demand_growth": (f"lognormal(median=1.5, sigma={g})", n)}
    chosen = trended(
        load_priors("plappert-2024-point", set={"demand_growth": f"lognormal(median=2, sigma={s})"}), moving
    )
    made = plot(chosen.through(YEARS), "shares-by-year", "inference_h100s")
    by = {(row["year"], row["prior"]): row for row in made.data}
    for t, year in enumerate(YEARS):
        parts = {"demand_growth": s**2, "trends.demand_growth": (t * g) ** 2, "noise.demand_growth": t * n**2}
        for name, part in parts.items() if t else [("demand_growth", s**2)]:
            row = by[year, name]
            exact = part / sum(parts.values())
            assert abs(row["share"] - exact) <= 4.0 * row["share_mcse"] + 1e-3, (year, name)
    bars = {gid: [bar.get_height() for bar in marked(made.figure, gid)] for gid in ("trend of demand growth",)}
    assert bars["trend of demand growth"][0] == 0.0
    assert np.all(np.diff(bars["trend of demand growth"]) > 0.0)
    widths = [text.get_text() for text in marked(made.figure, "width")]
    assert widths[0] == f"×{math.exp(2 * 1.6448536 * s):.2g}"


def test_the_bars_of_a_year_sum_to_all_of_the_variance(run):
    made = plot(run, "shares-by-year")
    (ax,) = made.figure.axes
    tops = {}
    for bar in ax.patches:
        tops[bar.get_x()] = max(tops.get(bar.get_x(), 0.0), bar.get_y() + bar.get_height())
    assert len(tops) == len(YEARS)
    assert list(tops.values()) == pytest.approx([100.0] * len(YEARS), abs=1.5)


@pytest.mark.parametrize(
    ("kind", "over", "of", "said"),
    [
        ("years", (2026,), "inference_h100s", "years is drawn over years, and plappert-2024 has 2026 alone"),
        ("crossing", (), (), "crossing is drawn over years, and plappert-2024 has none: give --years, as 2026:2030"),
        ("crossing", YEARS, (), "plappert-2024 was asked for no crossing"),
        ("years", YEARS, "inference_h100s@2030", "years draws all years: name it without one, as inference_h100s"),
        ("years", YEARS, "training_flop", "no trend of plappert-2024 reaches it"),
        ("shares-by-year", YEARS, "inference_h100", "there is no quantity 'inference_h100'"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_over_years_is_said_in_a_line(kind, over, of, said):
    chosen = trended(load_priors("plappert-2024"), MOVING)
    with pytest.raises(InputError) as wrong:
        plot(chosen.through(over) if over else chosen, kind, of)
    assert len(wrong.value.lines) == 1
    assert said in wrong.value.lines[0]


def test_a_crossing_that_was_not_asked_of_the_run_is_counted_in_its_kept_draws(run):
    (line,) = marked(plot(run, "crossing", when="inference_h100s > 3e6").figure, "crossed")
    worlds = np.stack([run.draws_of(at("inference_h100s", y)).ravel() for y in YEARS])
    assert line.get_ydata()[-1] == pytest.approx((worlds > 3e6).any(axis=0).mean(), abs=1e-4)
    with pytest.raises(InputError, match=r"--of inference_h100s: crossing is drawn of crossings \(--when\) alone"):
        plot(run, "crossing", of="inference_h100s")


@pytest.mark.parametrize("name", OVER)
def test_years_along_the_axis_are_whole_and_the_last_is_one(name):
    made = plot(over_years(name), "years", "inference_h100s", size="80mm")
    (ax,) = made.figure.axes
    shown = [text.get_text() for text in ax.get_xticklabels()]
    assert shown[0] == str(OVER[name][1][-1])
    assert {int(text) for text in shown} <= set(OVER[name][1])
