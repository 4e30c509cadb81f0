"""Quantities that are infinite in some worlds: no breakeven where there is no demand is an answer, and no error."""

import json
import math
import re

import numpy as np
import pytest

from simulator import PriorSet, Run, compare, load_priors, plot, pool, sensitivity, simulate, whatif
from simulator.base.errors import InputError
from simulator.engine import evaluator
from simulator.engine.preintegration import until
from simulator.statistics.exact import ExactSample
from simulator.statistics.histogram import HistogramSample

MIX = {
    "tiktok_ai_penetration": "mixture(a=0, b=beta(p5=0.3, p95=0.7), weights=[0.3, 0.7])",
    "youtube_ai_penetration": 0,
}
SOME = {"tiktok_ai_penetration": "beta(p5=0.3, p95=0.7)", "youtube_ai_penetration": 0}
NONE = {"tiktok_ai_penetration": 0, "youtube_ai_penetration": 0}
LINE = tuple(w for n, text in MIX.items() for w in ("--set", f"{n}={text}"))
DAYS = "breakeven_days"


@pytest.fixture(scope="module")
def run():
    return simulate("plappert-2024", set=MIX, draws=128_000)


def finite():
    """The same without the worlds in which there is no demand."""
    return simulate("plappert-2024", set=SOME, draws=128_000).draws_of(DAYS)


def test_the_quantiles_are_those_of_a_distribution_that_ends_at_70_percent(run):
    (s,) = run.summary([DAYS])
    exact = np.quantile(finite(), [0.05 / 0.7, 0.5 / 0.7])
    assert s.infinite.value == pytest.approx(0.3, abs=max(5 * s.infinite.mcse, 1e-4))
    for e, x in zip((s.low, s.median), exact, strict=True):
        assert e.value == pytest.approx(x, abs=5 * e.mcse + 1e-3 * x)
        assert 0 < e.mcse < 0.02 * e.value
    assert s.high.value == math.inf
    assert s.mean is None
    assert "infinite in some worlds" in s.mean_reason
    (p,) = run.summary([DAYS], exceeds={DAYS: [3.0]})
    assert p.exceeds[3.0].value == pytest.approx(
        0.3 + 0.7 * (finite() > 3.0).mean(), abs=5 * p.exceeds[3.0].mcse + 1e-3
    )


def test_others_are_what_they_were(run):
    plain = simulate("plappert-2024", draws=128_000).summary(["training_h100s"])[0]
    assert run.summary(["training_h100s"])[0].median == plain.median
    assert all(s.infinite is None for s in run.summary() if s.name != DAYS)


@pytest.mark.parametrize("keep", [0, 1600])
def test_counted_draws_say_the_same(keep, run, monkeypatch):
    monkeypatch.setattr(evaluator, "ALL_IN_MEMORY", 1000)
    counted = simulate("plappert-2024", set=MIX, draws=128_000, keep=keep)
    assert isinstance(counted.sample(DAYS), HistogramSample)
    (a,), (b,) = (r.summary([DAYS]) for r in (run, counted))
    assert b.median.value == pytest.approx(a.median.value, rel=1e-3)
    assert b.high.value == math.inf
    assert b.infinite.value == pytest.approx(a.infinite.value)
    (h,) = counted.summary([DAYS], ci=0.6, kind="hdi")
    assert 0 < h.low.value < h.high.value < math.inf


def test_samples_with_infinite_draws_have_no_nan():
    rng = np.random.default_rng(1)
    x = rng.lognormal(size=(16, 1000))
    x[rng.random(x.shape) < 0.4] = np.inf
    sample = ExactSample(x.copy())
    for p in (0.1, 0.5, 0.59, 0.6, 0.61, 0.9):
        value, each = sample.quantile(p)
        with np.errstate(invalid="ignore"):
            wanted = np.quantile(x, p, method="lower"), np.quantile(x, p, method="higher")
        assert wanted[0] <= value <= wanted[1]
        assert not np.isnan(each).any()
    ends = sample.shortest_interval(0.5)
    assert np.isfinite(ends).all()
    ends = sample.shortest_interval(0.8)
    each = np.array([sample.shortest_interval(0.8, [r]) for r in range(sample.replicates)])
    assert ends[1] == np.inf
    assert not np.isnan(each).any()


def test_a_demand_that_is_surely_none(cli):
    run = simulate("plappert-2024", set=NONE, draws=1600)
    (s,) = run.summary([DAYS])
    assert (s.median.value, s.infinite.value) == (math.inf, 1.0)
    sets = tuple(w for n in NONE for w in ("--set", f"{n}=0"))
    out = cli(*sets, "-n", "1600", "--no-save").out
    assert re.search(r"breakeven_days +infinite +none\* +infinite +infinite", out)
    assert "breakeven_days: never reached in all of the worlds." in " ".join(out.split())
    assert "nan" not in out


def test_what_makes_no_sense_is_refused_as_before():
    """0 / 0 is no number, and an overflow no infinity."""
    for sets, name, part in (
        ({"inference_saving": "choice(values=[0, 1])"}, "minutes_per_gpu_hour", "not finite in draw"),
        ({"gpu_peak": "choice(values=[0, 1e15])"}, "training_gpus", "not finite in draw"),
        ({"parameters": 0}, "breakeven_minutes", "not finite in draw"),
        ({"parameters": "choice(values=[0, 1e10])"}, "breakeven_minutes", "not finite in draw"),
    ):
        with pytest.raises(InputError, match=part):
            simulate("plappert-2024", set=sets | {"dataset_multiplier": 1e200}, draws=1600, quantities=[name], keep=0)


def test_it_is_stored_read_and_made_again(run, cli, here):
    assert cli(*LINE, "-n", "16000").code == 0
    stored = Run.load("latest")
    (s,) = stored.summary([DAYS])
    assert s.infinite.value == pytest.approx(0.3, abs=1e-3)
    assert s.high.value == math.inf
    kept = stored.draws_of(DAYS)
    assert np.isinf(kept).mean() == pytest.approx(0.3, abs=1e-3)
    assert np.isinf(stored.dataset[DAYS].values).mean() == pytest.approx(0.3, abs=1e-3)
    assert "the same, bit for bit" in cli("rerun", "latest").out
    out = " ".join(cli("runs", "show", "latest").out.split())
    assert "breakeven_days: never reached in 0.3" in out
    data = json.loads(cli("runs", "show", "latest", "--json").out, parse_constant=lambda c: pytest.fail(c))
    told = data["quantities"][DAYS]
    assert told["interval"]["high"] == {"value": None, "mcse": None, "infinite": True}
    assert told["infinite"]["value"] == pytest.approx(0.3, abs=1e-3)
    assert "infinite" not in data["quantities"]["training_h100s"]


def test_what_is_not_defined_is_refused_for_that_quantity_alone(run):
    plain = simulate("plappert-2024", draws=128_000)
    found = compare(plain, run)
    assert found.infinite == (DAYS,)
    assert DAYS not in [c.quantity for c in found.contrasts]
    assert len(found.contrasts) == 6
    with pytest.raises(InputError, match="breakeven_days is infinite in some worlds, and has no differences"):
        compare(plain, run, [DAYS])
    with pytest.raises(InputError, match="breakeven_days is infinite in some worlds, and nothing shares its variance"):
        sensitivity(run, of=DAYS)
    assert sensitivity(run, of="training_h100s").drivers
    assert whatif(run, {"peak_factor": 2}).infinite == (DAYS,)
    mine = PriorSet.edited(load_priors("plappert-2024"), MIX)
    pooled = pool([("plappert-2024", 0.5), (mine, 0.5)], draws=16_000)
    assert pooled.between(DAYS) is None
    assert pooled.between("training_h100s") is not None
    (s,) = pooled.run.summary([DAYS])
    assert s.infinite.value == pytest.approx(0.15, abs=0.005)


def test_figures_draw_the_finite_part_and_say_so(run):
    made = plot(run, "density", of=DAYS)
    assert "infinite in 30 %" in made.title
    curve = np.array([(r["x"], r["y"]) for r in made.data if r["series"] == "density"])
    assert np.trapezoid(curve[:, 1], np.log(curve[:, 0])) == pytest.approx(0.7, abs=0.01)
    made = plot(run, "ecdf", of=DAYS)
    assert max(r["y"] for r in made.data if r["series"] == "P(<= x)") == pytest.approx(0.7, abs=1e-3)
    for kind in ("crossover", "forest", "ridge", "exceedance", "quantile-dots", "convergence"):
        assert plot(run, kind).title
    with pytest.raises(InputError, match="infinite in all worlds, and there is nothing to draw"):
        plot(simulate("plappert-2024", set=NONE, draws=1600), "density", of=DAYS)


def test_a_report_goes_on(cli, here):
    outcome = cli("report", "plappert-2024", *LINE, "-n", "16000", "--format", "md", "--out", "-")
    assert outcome.code == 0, outcome.err
    assert "infinite" in outcome.out
    assert "nan" not in outcome.out.lower().split()


def test_a_target_and_pre_integration_go_on():
    chosen = load_priors("plappert-2024", set=MIX)
    _, (s,) = until(chosen, 0.02, [DAYS])
    assert s.infinite.value == pytest.approx(0.3, abs=1e-3)
    assert s.median.mcse < 0.02 * s.median.value


def test_a_world_that_comes_again_is_one_world():
    """The density of a conditioned run, whose worlds are drawn from with repetition, is smooth."""
    from simulator import condition

    given = condition("plappert-2024", {"training_h100s": "lognormal(p5=8400, p95=21000)"}, draws=64_000).run
    made = plot(given, "density", of="inference_h100s")
    y = np.array([r["y"] for r in made.data if r["series"] == "density"])
    rising = np.sign(np.diff(y[y > 0.05 * y.max()]))
    assert np.count_nonzero(np.diff(rising)) == 1
