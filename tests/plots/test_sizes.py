"""Sizes: a height that nobody chose grows until all text fits; one that was chosen is kept, or refused."""

import pytest

from simulator import InputError, load_priors, simulate
from simulator.plots.figure import plot
from simulator.plots.layout import unfit

LONG = "plappert-2024 with " + ", ".join(
    f"{name} = lognormal(p5=0.123456, p95=0.987654)" for name in ("training_mfu", "inference_mfu", "peak_factor")
)


@pytest.fixture(scope="module")
def run():
    return simulate(draws=16_000)


@pytest.mark.parametrize("kind", ["forest", "ridge"])
@pytest.mark.parametrize("size", ["70mm", "80mm", "full"])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_long_edits_fit_a_height_that_nobody_chose(kind, size, count, run):
    made = plot((run,) * count, kind, size=size, labels=[f"{LONG} {i}" for i in range(count)])
    assert unfit(made.figure) is None


def test_the_command_draws_long_edits(cli):
    edits = [f"--set=B:{name}=beta(p5=0.123456789, p95=0.623456789)" for name in ("training_mfu", "inference_mfu")]
    sets = ["plappert-2024", "plappert-2024", "--draws", "1600"]
    for size in ("80mm", "column", "full"):
        outcome = cli("plot", *sets, *edits, "--kind", "forest", "--size", size, "--out", "f.svg")
        assert outcome.code == 0, outcome.err


def test_a_height_that_was_chosen_is_kept_or_refused(run):
    assert plot(run, "forest", size="170x150mm").figure.get_figheight() * 25.4 == pytest.approx(150.0)
    with pytest.raises(InputError, match="make the figure"):
        plot((run,) * 5, "forest", size="80x60mm", labels=[f"{LONG} {i}" for i in range(5)])


def test_a_figure_that_fits_is_as_high_as_its_kind_says(run):
    """And the line of its footer that says how far to trust it comes on top."""
    made = plot(run, "density").figure
    (foot,) = made.findobj(lambda artist: artist.get_gid() == "footer")
    line = 1.4 * foot.get_fontsize() * 25.4 / 72.0
    assert made.get_figheight() * 25.4 == pytest.approx(0.62 * 170.0 + line)


def test_an_unreadable_quantity_is_no_reason_to_try_again(monkeypatch, run):
    none = simulate(load_priors(set={"peak_factor": 0}), draws=1600, quantities=["inference_h100s"])
    with pytest.raises(InputError, match="demand is drawn of H100s above 0"):
        plot(none, "demand")
