"""Several runs or quantities in one density and distribution function; the areas of all densities that are drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from simulator import condition, load_priors, plot, simulate
from simulator.plots.layout import unfit
from simulator.plots.marks import STEM

from .sets import SETS, TWO, run_of

KINDS = ("density", "ecdf", "exceedance")
CHOICES = ("choice(values=[1, 3], weights=[0.5, 0.5])", "choice(values=[1, 3], weights=[0.2, 0.8])")
OTHER = {"inference_mfu": "beta(p5=0.2, p95=0.5)", "peak_factor": 1.5}


@pytest.fixture(scope="module")
def pair():
    return simulate("plappert-2024", draws=64_000), simulate("plappert-2024", set=OTHER, draws=64_000)


def lines(figure, gid):
    return figure.findobj(lambda artist: artist.get_gid() == gid)


@pytest.mark.parametrize("kind", KINDS)
def test_two_runs_have_a_line_each_with_its_numbers(kind, pair):
    made = plot(pair, kind, of="inference_h100s", labels=("plain", "other"), exceeds=[720_000])
    drawn = lines(made.figure, "density" if kind == "density" else "curve")
    assert len(drawn) == 2
    assert len({line.get_linestyle() for line in drawn}) == 2
    assert len({line.get_color() for line in drawn}) == 2
    assert [line.get_label() for line in drawn] == ["plain", "other"]
    for run, name in zip(pair, ("plain", "other"), strict=True):
        (s,) = run.summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})
        told = {r["series"]: r["x"] for r in made.data if r["line"] == name and "interval" in r["series"]}
        assert told == {"interval low": s.low.value, "interval high": s.high.value}
        (beyond,) = [
            r for r in made.data if r["line"] == name and r["series"] == "P(> x)" and r.get("mcse") is not None
        ]
        assert beyond["y"] == s.exceeds[720_000].value
        assert f"{name} " in made.title
    spans = lines(made.figure, "interval")
    assert len({line.get_ydata()[0] for line in spans}) == 2  # one above another
    if kind != "density":
        curve = drawn[0]
        at = np.interp(720_000, curve.get_xdata(), curve.get_ydata())
        above = pair[0].summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})[0].exceeds[720_000].value
        assert at == pytest.approx(above if kind == "exceedance" else 1 - above, abs=0.005)


@pytest.mark.parametrize("kind", KINDS)
def test_two_quantities_of_a_unit_have_a_line_each(kind, pair):
    made = plot(pair[0], kind, of=["training_h100s", "inference_h100s"])
    drawn = lines(made.figure, "density" if kind == "density" else "curve")
    assert [line.get_label() for line in drawn] == ["training H100s", "inference H100s"]
    assert "training H100s 29" in made.title.replace("Training", "training")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("size", "style"), [("80mm", "print"), ("160mm", "light")])
def test_all_fits_whatever_is_drawn(kind, size, style, pair):
    long = simulate("plappert-2024", set={"parameters": TWO, "peak_factor": 2}, draws=16_000)
    labels = ("a", "名前", long.priors.called)
    made = plot([*pair, long], kind, of="inference_h100s", labels=labels, size=size, style=style)
    assert unfit(made.figure) is None


def test_one_of_each_is_drawn_as_it_was(pair):
    alone = plot([pair[0]], "density", of=["inference_h100s"])
    assert alone.title == plot(pair[0], "density", of="inference_h100s").title
    assert "line" not in alone.data[0]


# ------------------------------------------------------------------------------------- hard cases


def test_stems_stand_on_the_line_of_the_densities_and_are_as_high_as_likely():
    """They began beneath the intervals; a certain value was as high as the likeliest of another."""
    made = plot([run_of("atoms"), run_of("plappert-2024-point")], "density", of="inference_h100s", labels=("a", "b"))
    (ax,) = made.figure.axes
    line = float((ax.transData + ax.transAxes.inverted()).transform((0.0, 0.0))[1])
    stems = [s for drawn in lines(ax, "values") for s in drawn.get_segments()]
    assert [s[0][1] for s in stems] == pytest.approx([line, line])
    assert [(s[1][1] - line) / (1.0 - line) / STEM for s in stems] == pytest.approx([0.27, 1.0], abs=0.005)


def test_stems_at_one_value_are_seen_all():
    first, second = (simulate("plappert-2024-point", set={"peak_factor": text}, draws=1600) for text in CHOICES)
    made = plot([first, second], "density", of="inference_h100s", labels=("a", "b"))
    wide, narrow = (drawn.get_linewidth()[0] for drawn in lines(made.figure, "values"))
    assert wide > narrow + 2.0


@pytest.mark.parametrize("kind", KINDS)
def test_the_scale_suits_all_of_them(kind):
    """The first scale that was not logarithmic was taken: all but one line were a needle."""
    runs = [run_of(name) for name in ("plappert-2024", "evidence-2026", "two modes", "atoms")]
    (ax,) = plot(runs, kind, of="inference_h100s", labels=tuple("abcd")).figure.axes
    for span in lines(ax, "interval"):
        ends = ax.transData.transform([(x, 0.0) for x in span.get_xdata()])[:, 0]
        assert (ends[1] - ends[0]) / ax.bbox.width > 0.2


def test_the_scale_is_logarithmic_where_all_are_positive_alone(pair):
    (ax,) = plot(pair, "density", of="inference_h100s").figure.axes
    assert ax.get_xscale() == "log"
    (ax,) = plot([pair[0], run_of("heavy tails")], "density", of="inference_h100s").figure.axes
    assert ax.get_xscale() == "function"
    assert ax.get_xlim()[0] < 0.0


def test_a_narrow_density_leaves_the_others_their_height_and_it_is_said():
    made = plot([run_of("two modes"), run_of("narrow")], "density", of="inference_h100s", labels=("a", "b"))
    (ax,) = made.figure.axes
    wide, narrow = (line.get_ydata().max() for line in lines(ax, "density"))
    assert wide > 0.1 * ax.get_ylim()[1]
    assert narrow > ax.get_ylim()[1]
    assert "narrow ones go on above" in ax.get_ylabel().replace("\n", " ")


def test_a_known_value_is_exact_in_the_title(pair):
    made = plot([pair[0], run_of("plappert-2024-point")], "density", of="inference_h100s", labels=("a", "b"))
    assert made.title.endswith("; b 991k exactly")


@pytest.mark.parametrize("kind", KINDS)
def test_a_threshold_tells_the_share_of_each(kind, pair):
    made = plot(pair, kind, of="inference_h100s", labels=("a", "b"), exceeds=[720_000])
    shares = [r["y"] for r in made.data if r["series"] == "P(> x)" and r.get("mcse") is not None]
    (ax,) = made.figure.axes
    told = f"P(> 720k): {100 * shares[0]:.0f} %, {100 * shares[1]:.0f} %"
    assert told in [text.get_text() for text in ax.texts]
    heights = [line.get_ydata()[0] for line in lines(ax, "hit")]
    assert heights == {"density": [], "ecdf": [1 - p for p in shares], "exceedance": shares}[kind]


def test_a_plot_after_several_in_the_same_axes_has_a_colour_of_its_own(pair):
    ax = Figure().add_subplot()
    plot(pair, "density", of="inference_h100s", ax=ax)
    plot(run_of("evidence-2026"), "density", of="inference_h100s", ax=ax)
    assert len({line.get_color() for line in lines(ax, "density")}) == 3


# ------------------------------------------------------------------------------------- areas


def area(rows, key, along):
    """The area under the rows of a density on the scale of its axis, and the probabilities beside it."""
    x = np.array([r["x"] for r in rows if r.get(key) is not None])
    y = np.array([r[key] for r in rows if r.get(key) is not None])
    stems = sum(r["probability"] for r in rows if r.get("probability") is not None)
    return (np.trapezoid(y, along(x)) if len(x) else 0.0) + stems


def along(ax):
    """Places along the scale of the axes: of a logarithmic one, natural logarithms."""
    log = ax.get_xscale() == "log"
    return np.log if log else lambda x: ax.transScale.transform(np.column_stack([x, np.zeros(len(x))]))[:, 0]


def rows_of(made, kind, name):
    """The densities and probabilities of a run as a figure tells them."""
    said = [r for r in made.data if r.get("run", r.get("line")) == name]
    if kind == "ridge":
        return said
    return [{"x": r["x"], r["series"]: r["y"]} for r in said if r["series"] in ("density", "probability")]


@pytest.mark.parametrize("name", SETS)
def test_the_densities_of_ridge_and_overlay_have_an_area_of_one(name):
    """As those of the others, which the matrix holds; what lies beyond a figure's view is 0.002."""
    runs = run_of(name), run_of("plappert-2024")
    for kind in ("ridge", "density"):
        made = plot(runs, kind, of="inference_h100s", labels=("a", "b"))
        for run in "ab":
            found = area(rows_of(made, kind, run), "density", along(made.figure.axes[0]))
            assert found == pytest.approx(1.0, abs=0.01), (kind, run)


def test_the_densities_before_and_after_evidence_have_an_area_of_one():
    given = condition("plappert-2024", {"training_h100s": "lognormal(p5=8400, p95=21000)"}, draws=64_000).run
    made = plot(given, "prior-posterior")
    for name in {r["prior"] for r in made.data}:
        for series in ("prior", "posterior"):
            rows = [r for r in made.data if r["prior"] == name and r["series"] == series and "density" in r]
            if not rows:
                continue
            x = np.array([r["x"] for r in rows])
            p = load_priors("plappert-2024").prior(name).distribution
            log = x.min() > 0 and p.quantile(0.95) / p.quantile(0.05) > 4.0
            found = np.trapezoid([r["density"] for r in rows], np.log(x) if log else x)
            assert found == pytest.approx(1.0, abs=0.01), (name, series)
