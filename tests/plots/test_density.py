"""Densities: their area, their modes, how smooth they are, and what is known of them exactly."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator import load_priors, simulate
from simulator.distributions.families import parse
from simulator.plots.density import (
    SHOWN,
    Draws,
    density,
    draws_of,
    exact_density,
    joint_density,
    levels,
    scale_of,
    shape,
)
from simulator.plots.figure import plot
from simulator.plots.kernel import estimate
from simulator.plots.scales import LINEAR, LOG

from ..helpers import loaded

TWO = "mixture(a=lognormal(median=1e9, sigma=0.1), b=lognormal(median=1e11, sigma=0.1), weights=[0.5, 0.5])"


@pytest.fixture(scope="module")
def run():
    return simulate(draws=1_000_000)


def bends(height):
    """How often a curve turns from bending one way to the other, above a thirtieth of its peak."""
    bend = np.diff(height, 2)[height[1:-1] > 0.03 * height.max()]
    return np.count_nonzero(np.diff(np.sign(bend[np.abs(bend) > 1e-9 * height.max()])))


def test_two_modes_are_as_high_as_they_are():
    """A rule from the standard deviation made them a third too low, and lost a thirtieth of the area."""
    made = simulate(load_priors("plappert-2024-point", set={"parameters": TWO}), draws=1_000_000)
    x, y = density(draws_of(made, "training_flop"))
    assert y.max() == pytest.approx(0.5 * stats.norm(0, 0.1).pdf(0), rel=0.005)  # 1.99
    assert np.trapezoid(y, np.log(x)) == pytest.approx(0.998, abs=1e-3)
    assert bends(y) == 4


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("draws", [16_000, 262_144])
def test_one_mode_has_no_bump(draws, seed):
    made = simulate("evidence-2026", draws=draws, seed=seed, quantities=["inference_h100s"])
    _, y = density(draws_of(made, "inference_h100s"))
    assert bends(y) == 2


@pytest.mark.parametrize("seed", range(3))
def test_draws_at_random_have_one_mode_and_hardly_a_shoulder(seed):
    count, peak = 100_000, stats.norm.pdf(0)
    z = np.random.default_rng(seed).standard_normal(count)
    edges, y, _ = estimate(z)
    assert np.count_nonzero(np.diff(np.sign(np.diff(y[y > 0.03 * y.max()])))) == 1
    assert bends(y) <= 4  # a dozen before
    narrow = 1.06 * count**-0.2  # about the bandwidth of least error; the curve may move by four of its errors
    error = math.sqrt(peak / (2.0 * math.sqrt(math.pi) * count * narrow))
    assert np.abs(y - stats.norm.pdf(0.5 * (edges[1:] + edges[:-1]))).max() < 5.0 * error


def test_the_bandwidth_is_arvizs_where_nothing_is_to_be_smoothed():
    from arviz_stats.base import array_stats

    made = simulate(load_priors("plappert-2024-point", set={"parameters": TWO}), draws=16_000)
    z = np.log(draws_of(made, "training_flop").x)
    assert estimate(z)[2] == pytest.approx(array_stats.bw_isj(z), rel=0.03)


def test_a_lognormal_factor_is_integrated_exactly():
    prior = {"parameters": "lognormal(median=1e9, sigma=0.3)"}
    made = simulate(load_priors("plappert-2024-point", set=prior), draws=1600)
    x, y = density(draws_of(made, "training_flop"))
    known = stats.norm(0, 0.3).pdf(np.log(x / x[y.argmax()]))
    assert np.abs(y - known)[1:-1].max() < 2e-3 * known.max()


def test_the_exact_density_is_that_of_all_worlds(run):
    """From 1,600 worlds: nearer to a million draws than the kernels' error on a million."""
    few = density(draws_of(simulate(draws=1600), "training_h100s"))
    many = density(draws_of(run, "training_h100s"))
    assert np.abs(np.interp(many[0], *few) - many[1])[5:-5].max() < 0.01 * many[1].max()


def test_worlds_that_were_chosen_are_not_integrated():
    from simulator import condition

    made = condition("plappert-2024", {"training_h100s": "lognormal(p5=9000, p95=20000)"}, draws=64_000)
    draws = draws_of(made.run, "training_h100s")
    assert draws.smooth is None


@pytest.mark.parametrize(
    ("scale", "text"), [(LOG, "lognormal(median=3, sigma=0.4)"), (LINEAR, "uniform(low=2, high=5)")]
)
def test_the_area_of_an_exact_density_is_what_is_shown(scale, text):
    x, y = exact_density(parse(text).rv, scale)
    assert np.trapezoid(y, scale.to(x)) == pytest.approx(SHOWN[1] - SHOWN[0], abs=1e-9)


def test_the_density_holds_its_probability_and_agrees_with_arviz(run):
    from arviz_stats.base import array_stats

    draws = draws_of(run, "inference_h100s")
    x, y = density(draws)
    assert np.trapezoid(y, np.log(x)) == pytest.approx(0.998, abs=2e-3)
    grid, twin, _ = array_stats.kde(np.log(draws.x))
    known = np.interp(np.log(x), grid, twin)
    assert np.abs(y - known).max() < 0.03 * known.max()


def test_a_density_with_a_closed_form():
    made = simulate(
        load_priors(
            set={"parameters": "lognormal(median=2e10, sigma=0.5)", "dataset_multiplier": 4, "video_share": 0.5}
        ),
        draws=400_000,
        quantities=["training_flop"],
    )
    draws = draws_of(made, "training_flop")
    x, y = density(draws)
    z = np.log(x / np.median(draws.x))
    assert np.abs(y - stats.norm(0, 0.5).pdf(z)).max() < 0.02 * stats.norm(0, 0.5).pdf(0)


@pytest.mark.parametrize("text", ["beta(a=2, b=5)", "lognormal(median=3, sigma=0.4)", "uniform(low=2, high=5)"])
def test_the_density_of_a_prior_is_exact(text):
    twin = {"beta": stats.beta(2, 5), "logn": stats.lognorm(0.4, scale=3), "unif": stats.uniform(2, 3)}[text[:4]]
    x, y = exact_density(parse(text).rv, LINEAR)
    assert y[2:-2] == pytest.approx(twin.pdf(x[2:-2]), rel=0.02, abs=0.005 * y.max())


@pytest.mark.parametrize(
    "text", ["beta(a=0.5, b=0.5)", "student_t(df=1, loc=1, scale=0.5)", "triangular(low=1, mode=2, high=5)"]
)
def test_a_density_by_quantiles_is_that_by_the_distribution_function(text):
    rv = parse(text).rv
    x, y = exact_density(rv, LINEAR)
    edges = np.concatenate([x[:1], 0.5 * (x[1:-2] + x[2:-1]), x[-1:]])
    known = np.diff(rv.cdf_sf(edges)[0]) / np.diff(edges)
    assert y[1:-1] == pytest.approx(known, abs=3e-4 * y.max())


def test_a_pair_is_counted_and_smoothed_as_by_numpy_and_scipy(run):
    from scipy.ndimage import gaussian_filter

    x, y = (draws_of(run, q) for q in ("training_h100s", "inference_h100s"))
    height = joint_density(x, y)[2]
    ranges = [tuple(d.scale.to(np.array(d.view()))) for d in (x, y)]
    counts = np.histogram2d(x.scale.to(x.x), y.scale.to(y.x), 96, ranges)[0]
    width = 0.9 * 96 * len(x.x) ** (-1 / 6) / 6.0
    known = gaussian_filter(counts, width, mode="nearest").T
    assert np.abs(height - known).max() < 1e-3 * known.max()  # a draw at an edge may be counted on its other side
    assert height.sum() == pytest.approx(known.sum(), rel=1e-5)


def test_a_pair_of_which_one_is_nearly_always_the_same_is_counted():
    same, other = np.ones(100_000), np.random.default_rng(3).normal(size=100_000)
    same[:50] = 2.0
    x, y, height = joint_density(Draws(same, LINEAR), Draws(other, LINEAR))
    assert x[0] < 1.0 < x[-1]
    assert x[height.sum(axis=0).argmax()] == pytest.approx(1.0, abs=0.02)
    assert abs(y[height.sum(axis=1).argmax()]) < 0.5


@pytest.mark.parametrize("kind", ["priors", "pair"])
def test_a_figure_imports_no_scipy(kind, tmp_path):
    code = f"from simulator import plot, simulate; plot(simulate(draws=1600), '{kind}').save('x.png')"
    assert loaded(code, ("matplotlib", "scipy"), tmp_path) == {"matplotlib"}


def test_regions_of_a_pair_hold_their_probability(run):
    x, y = (draws_of(run, q) for q in ("training_h100s", "inference_h100s"))
    gx, gy, height = joint_density(x, y)
    low, high = levels(height, (0.9, 0.5))
    assert 0 < low < high < height.max()
    i = np.clip(np.searchsorted(gx, x.x), 0, len(gx) - 1)
    j = np.clip(np.searchsorted(gy, y.x), 0, len(gy) - 1)
    held = height[j, i]
    assert (held >= low).mean() == pytest.approx(0.9, abs=0.02)
    assert (held >= high).mean() == pytest.approx(0.5, abs=0.02)


# ------------------------------------------------------------------------------------- point masses


SPIKED = "mixture(a=0, b=beta(p5=0.3, p95=0.7), weights=[0.3, 0.7])"


def held(rows, scale, **said):
    """The probability of what is drawn: the area under the density, and the stems."""
    chosen = [r for r in rows if said.items() <= r.items()]
    line = np.array([(r["x"], r["y"]) for r in chosen if r["series"] == "density"])
    area = np.trapezoid(line[:, 1], scale.to(line[:, 0])) if len(line) else 0.0
    return area, {r["x"]: r["y"] for r in chosen if r["series"] == "probability"}


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        (SPIKED, {0.0: 0.3}),
        (f"truncate(prior={SPIKED}, low=0, high=1)", {0.0: 0.3}),
        ("choice(values=[0.2, 0.3, 0.5], weights=[0.3, 0.3, 0.4])", {0.2: 0.3, 0.3: 0.3, 0.5: 0.4}),
        ("mixture(a=0.4, b=beta(p5=0.3, p95=0.7), weights=[0.1, 0.9])", {0.4: 0.1}),
    ],
)
def test_a_prior_shows_all_of_its_probability(text, atoms):
    """A mixture with a value drew 0.70 of its mass, and 0.54 where it was truncated at that value."""
    made = plot(simulate(load_priors(set={"tiktok_ai_penetration": text}), draws=1600), "priors")
    area, stems = held(made.data, LINEAR, prior="tiktok_ai_penetration")
    assert stems == pytest.approx(atoms)
    assert area + sum(stems.values()) == pytest.approx(1.0, abs=0.003)


@pytest.mark.parametrize("kind", ["density", "ridge"])
def test_a_quantity_that_is_nothing_in_some_worlds_is_a_stem_beside_a_density(kind):
    """Worlds at 0 were a hump where no world lies."""
    none = load_priors(set={"tiktok_ai_penetration": SPIKED, "youtube_ai_penetration": 0})
    made = simulate(none, draws=64_000, quantities=["inference_h100s"])
    drawn = shape(draws_of(made, "inference_h100s"))
    assert drawn.atoms[0].tolist() == [0.0]
    assert drawn.atoms[1] == pytest.approx([0.3], abs=1e-3)
    scale = draws_of(made, "inference_h100s").scale
    area = np.trapezoid(drawn.curve[1], scale.to(drawn.curve[0]))
    assert area + 0.3 == pytest.approx(0.999, abs=2e-3)
    assert drawn.curve[0].min() > 0.0
    figure = plot(made, kind, "inference_h100s").figure
    (stem,) = figure.findobj(lambda a: a.get_gid() == "values")
    (segment,) = stem.get_segments()
    assert segment[0][0] == 0.0


def test_worlds_that_were_drawn_again_are_no_point_masses():
    from simulator import condition

    made = condition("plappert-2024", {"training_h100s": "lognormal(p5=9000, p95=10000)"}, draws=64_000).run
    assert not len(draws_of(made, "inference_h100s").atoms[0])


# ------------------------------------------------------------------------------------- heavy tails


HEAVY = {"inference_saving": "student_t(df=1, loc=1, scale=0.5)"}


@pytest.fixture(scope="module")
def heavy():
    return simulate(load_priors(set=HEAVY), draws=64_000, quantities=["inference_h100s"])


@pytest.mark.parametrize("kind", ["density", "ecdf", "exceedance", "ridge", "quantile-dots"])
def test_the_middle_half_of_heavy_tails_is_no_needle(kind, heavy):
    """On a linear axis the middle half took less than a hundredth of the width."""
    (ax,) = plot(heavy, kind, "inference_h100s").figure.axes
    ends = ax.transData.transform([(q, 0.0) for q in np.quantile(draws_of(heavy, "inference_h100s").x, (0.25, 0.75))])
    assert (ends[1, 0] - ends[0, 0]) / ax.bbox.width > 0.08
    ticks = ax.get_xticks()
    assert len(ticks) >= 4
    assert 0.0 in ticks
    assert ticks.min() < 0.0 < ticks.max()


def test_the_density_of_a_cauchy_is_that_on_its_scale():
    x = stats.cauchy.ppf((np.arange(100_000) + 0.5) / 100_000)
    draws = Draws(x, scale_of(x))
    assert draws.scale.name == "asinh"
    assert draws.scale.width == pytest.approx(1.0, rel=1e-3)
    at, y = density(draws)
    z = draws.scale.to(at)
    assert np.trapezoid(y, z) == pytest.approx(0.998, abs=1e-3)
    assert np.abs(y - 1.0 / (np.pi * np.cosh(z)))[2:-2].max() < 0.02 / np.pi


@pytest.mark.parametrize(
    ("twin", "name"),
    [(stats.norm(), "linear"), (stats.t(4), "linear"), (stats.lognorm(1.0), "log"), (stats.cauchy(), "asinh")],
)
def test_the_scale_follows_from_sign_and_tails(twin, name):
    assert scale_of(twin.ppf((np.arange(10_000) + 0.5) / 10_000)).name == name


def test_heavy_tails_far_from_zero_are_seen_around_their_median():
    x = 1000.0 + stats.cauchy.ppf((np.arange(10_000) + 0.5) / 10_000)
    assert (scale_of(x).name, scale_of(x).centre) == ("asinh", 1000.0)


def test_a_pair_holds_the_draws_on_the_end_of_its_view(run):
    """More than half of the worlds share the largest value: they lie in the last cells, and are not left out."""
    x = run.draws_of("training_h100s").ravel()[:200_000]
    capped, other = np.minimum(x, np.quantile(x, 0.4)), run.draws_of("inference_h100s").ravel()[:200_000]
    first, second = Draws(capped, scale_of(capped)), Draws(other, scale_of(other))
    heights = joint_density(first, second)[2]
    assert heights.sum() > 0.98 * len(x)
    assert heights[:, -4:].sum() > 0.55 * heights.sum()
