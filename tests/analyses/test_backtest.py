"""The backtest: cases, outcomes, scores, and what it prints, draws and tells the guide."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.text import Text
from scipy import stats

from simulator import load_priors, simulate
from simulator.analyses.backtest import REACH, backtest, changes
from simulator.analyses.scoring import LEVELS, binomial_range, log_crps
from simulator.engine.simulate import DEFAULT_SEED
from simulator.plots.figure import plot_backtest
from simulator.plots.layout import unfit
from simulator.priors.cases import load_case, load_cases
from simulator.priors.files import available
from simulator.reports.views.backtest import score_rows
from simulator.statistics.estimators import Estimate
from simulator.statistics.exact import ExactSample

from ..conftest import ROOT


@pytest.fixture(scope="module")
def tested():
    return backtest(priors=["evidence-2026"])


def scored(outcomes, about=None, side=None, bounds=False):
    """The outcomes that count: not those of a formula or a price, and a bound only where it is asked for."""
    return [
        o
        for o in outcomes
        if not o.exact
        and o.case.measures not in ("formula", "price")
        and (bounds or o.case.measures not in ("upper value", "lower value"))
        and about in (None, o.case.about)
        and side in (None, o.case.in_sample)
    ]


def test_there_are_as_many_cases_as_a_coverage_should_rest_on(tested):
    for about, least in (("training", 8), ("inference", 20)):
        assert sum(o.case.about == about and not o.exact for o in tested.outcomes) >= least
    assert len(tested.not_applicable) >= 5
    assert {c.name for c in load_cases()} == set(available("cases"))
    assert 5 < sum(o.case.in_sample for o in tested.outcomes) < len(tested.outcomes) / 2


def test_an_outcome_is_what_the_run_says(tested):
    found = next(o for o in tested.outcomes if o.case.name == "wan-2.1-14b-720p-a100")
    run = simulate(found.case.priors, draws=tested.draws, seed=DEFAULT_SEED, quantities=["gpu_seconds_per_second"])
    (s,) = run.summary(exceeds={"gpu_seconds_per_second": [660]})
    assert (found.median, found.low, found.high) == (s.median, s.low, s.high)
    assert found.pit.value == pytest.approx(1 - s.exceeds[660].value)
    assert found.factor == pytest.approx(660 / s.median.value)
    assert found.case.priors.priors["gpu_peak"].distribution.value == 312e12
    assert not found.inside(0.9)


def test_scores_by_hand(tested):
    for about, side in (("training", False), ("inference", True), (None, None)):
        score, chosen = tested.score(about, side), scored(tested.outcomes, about, side)
        bounded = scored(tested.outcomes, about, side, bounds=True)
        assert score.count == len(chosen)
        assert score.bounded == len(bounded) - len(chosen)
        for level, covered in score.covered.items():
            assert covered == sum((1 - level) / 2 <= o.pit.value <= (1 + level) / 2 for o in chosen)
        assert score.bias == pytest.approx(stats.gmean([o.factor for o in chosen]))
        assert score.spread == pytest.approx(stats.gstd([o.factor for o in chosen]))
        assert score.off == pytest.approx(np.median([max(o.factor, 1 / o.factor) for o in chosen]), rel=0.05)
        assert score.width == pytest.approx(np.mean([math.log(o.high.value / o.low.value) for o in chosen]))
        assert score.crps == pytest.approx(np.mean([o.crps.value for o in bounded]))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("count", [1, 3, 11, 34, 200])
def test_the_range_of_a_count_is_the_binomials(level, count):
    low, high = stats.binom(count, level).ppf([0.05, 0.95])
    assert binomial_range(count, level) == (low, high)


@pytest.mark.parametrize(("bound", "observed"), [(1, 0.4), (1, 3.0), (-1, 0.4), (-1, 3.0)])
def test_the_crps_of_a_bound_costs_nothing_on_the_side_that_is_possible(bound, observed):
    """Against the integral of (F(z) - 1[z >= y])^2 over the side that is not: z below a lower value, above an upper."""
    sigma, y = 0.5, math.log(observed)
    run = simulate(load_priors(set={"peak_factor": f"lognormal(median=1, sigma={sigma})"}), draws=160_000)
    z = np.linspace(-6, y, 200_001) if bound > 0 else np.linspace(y, 6, 200_001)
    below = stats.norm(0, sigma).cdf(z)
    exact = np.trapezoid(below**2 if bound > 0 else (1 - below) ** 2, z)
    found = log_crps(ExactSample(run.draws_of("peak_factor").copy()), observed, bound)
    assert found.value == pytest.approx(exact, abs=max(4 * found.mcse, 1e-4))
    assert found.value < log_crps(ExactSample(run.draws_of("peak_factor").copy()), observed).value


@pytest.mark.parametrize("observed", [0.3, 1.0, 4.0])
def test_the_crps_of_a_lognormal_is_closed_form(observed):
    sigma = 0.5
    run = simulate(load_priors(set={"peak_factor": f"lognormal(median=1, sigma={sigma})"}), draws=160_000)
    x = run.draws_of("peak_factor")
    z = math.log(observed) / sigma
    exact = sigma * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    found = log_crps(ExactSample(x.copy()), observed)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(exact, abs=max(4 * found.mcse, 1e-4))


def test_a_calibrated_prediction_has_its_coverage():
    """Observations drawn from the prediction itself: the PIT is uniform, and the intervals hold their share."""
    case = load_case("wan-2.1-14b-720p-a100")
    run = simulate(case.priors, draws=16_000, seed=5, quantities=[case.observed.quantity])
    values = run.draws_of(case.observed.quantity).ravel()[:400]
    sample = simulate(case.priors, draws=64_000, quantities=[case.observed.quantity], keep=0).sample(
        case.observed.quantity
    )
    pit = np.array([1 - sample.above(v).sum() / 64_000 for v in values])
    for level in (0.5, 0.8, 0.9):
        share = (np.abs(pit - 0.5) <= level / 2).mean()
        assert share == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / 400))


def test_what_would_have_to_change_would_do(tested):
    changed = [o for o in tested.outcomes if o.changes]
    assert changed
    for o in changed:
        assert not o.inside(0.9)
        for c in o.changes:
            assert REACH[0] <= c.place <= REACH[1]
            at = {n: p.distribution.quantile(0.5) for n, p in o.case.priors.priors.items()}
            now, then = (
                o.case.priors.model.evaluate(v, [o.case.observed.quantity])[o.case.observed.quantity]
                for v in (at, at | {c.name: c.value})
            )
            assert then / now == pytest.approx(o.factor, rel=0.2)
    assert list(changes(tested.outcomes[0].case.priors, "training_flop", 1e9)) == []


def test_the_backtest_prints_and_draws_and_serves_programs(cli, here, tested):
    outcome = cli("backtest", "--priors", "evidence-2026", "--plot", "b.png")
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80
    for part in (
        "Coverage of the intervals",
        "out of sample",
        "in sample",
        "What would have to change",
        "Not applicable: imagen",
        "they check the formula",
        "they are prices",
    ):
        assert part in outcome.out
    for o in tested.outcomes:
        assert o.case.name in outcome.out
    assert (here / "b.png").read_bytes().startswith(b"\x89PNG")
    data = json.loads(cli("backtest", "--priors", "evidence-2026", "--json", "--draws", "1600").out)
    assert len(data["cases"]) == len(tested.outcomes)
    assert {s["side"] for s in data["scores"]} == {"in sample", "out of sample"}
    one = cli("backtest", "wan-2.1-14b-720p-h20", "--draws", "1600").out
    assert "training" not in one  # nothing of what was not asked for
    assert "README of github.com/Wan-Video/Wan2.1" in " ".join(one.split())


@pytest.mark.parametrize(("size", "style"), [("80mm", "print"), ("full", "light")])
@pytest.mark.parametrize("kind", ["predicted", "pit"])
def test_the_other_plots_of_a_backtest(kind, size, style, tested):
    made = plot_backtest(tested, kind, size=size, style=style)
    assert unfit(made.figure) is None
    chosen = scored(tested.outcomes)
    if kind == "pit":
        assert sorted(r["x"] for r in made.data if r["series"] == "pit") == pytest.approx(
            sorted(o.pit.value for o in chosen)
        )
        band = [r for r in made.data if r["series"] == "band"]
        assert all(0 <= r["low"] <= r["high"] <= 1 for r in band)
        assert "leave the band" in made.title  # of evidence-2026
        return
    marks = made.figure.findobj(lambda a: a.get_gid() in ("inside", "missed"))
    drawn = {(m.get_xdata()[0], m.get_ydata()[0]) for m in marks}
    for o in chosen:
        if o.case.observed.quantity in ("gpu_seconds_per_second", "training_gpu_hours"):
            assert (o.case.observed.value, o.median.value) in drawn


@pytest.mark.parametrize("kind", ["backtest", "predicted"])
def test_a_bound_is_a_triangle_in_both_plots_which_say_so(kind, tested):
    made = plot_backtest(tested, kind, size="80mm")
    figure, drawn = made.figure, {row["case"] for row in made.data}
    bounds = [o.case.bound for o in scored(tested.outcomes, bounds=True) if o.case.bound and o.case.name in drawn]
    marks = [m.get_marker() for m in figure.findobj(lambda a: a.get_gid() in ("inside", "missed"))]
    assert bounds
    for sign, mark in ((1, ">"), (-1, "<")):  # it points to where the value lies
        assert marks.count(mark) == bounds.count(sign)
    texts = " ".join(" ".join(t.get_text() for t in figure.findobj(Text)).split())
    for part in ("hollow: held, filled: missed", "triangle: a bound, the value lies where it points"):
        assert texts.count(part) == 1
    alone = replace(tested, outcomes=tuple(scored(tested.outcomes)))
    assert "triangle" not in " ".join(t.get_text() for t in plot_backtest(alone, kind).figure.findobj(Text))


def test_a_plot_of_runs_is_none_of_a_backtest(cli):
    outcome = cli("backtest", "--plot", "a.png", "--kind", "density", "-n", "1600")
    assert "density is drawn of runs, and not of published cases; of these: backtest, predicted, pit" in outcome.err
    assert "predicted is drawn of published cases" in cli("plot", "plappert-2024", "--kind", "predicted").err


@pytest.mark.parametrize(("size", "style"), [("80mm", "print"), ("full", "light")])
def test_the_plot_of_a_backtest(size, style, tested):
    made = plot_backtest(tested, size=size, style=style)
    assert unfit(made.figure) is None
    marks = made.figure.findobj(lambda a: a.get_gid() in ("inside", "missed", "exact", "unscored"))
    assert sorted(m.get_xdata()[0] for m in marks) == pytest.approx(sorted(o.factor for o in tested.outcomes))
    score = tested.score(in_sample=False)
    assert f"hold {score.covered[0.9]} of {score.count} published values out of sample" in made.title
    assert f"{tested.draws:,} draws for each case" in " ".join(
        t.get_text() for t in made.figure.findobj(lambda a: a.get_gid() == "footer")
    ).replace("\n", " ")


def test_the_scores_in_the_guide_are_the_programs():
    text = (ROOT / "docs/guides/calibrate.md").read_text()
    for row in score_rows(backtest()):
        assert f"| {' | '.join(row)} |" in text
