"""Calibration: the grid against PyMC and closed forms, families left out, and what is written."""

import json
import math
import tomllib

import numpy as np
import pytest

from simulator import load_priors
from simulator.analyses.calibrated_set import calibrate
from simulator.analyses.calibration import BASE, SIDES, Row, cases_of, entries, fit, rows_of, ties
from simulator.analyses.held_out import HeldOut
from simulator.analyses.regression import Belief, regress
from simulator.priors.cases import load_case

from ..conftest import ROOT

TWIN = json.loads((ROOT / "tests" / "twin.json").read_text())
TRAINING, INFERENCE = SIDES
FEW = ("wan-2.1-14b-720p-a100", "wan-2.1-14b-720p-h20", "hunyuanvideo-13b-720p-h20", "pixart-alpha-gpu-hours")
FEW += ("open-sora-2.0-gpu-hours", "open-sora-1.2-gpu-hours")


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.about)
def test_the_grid_agrees_with_pymc(side):
    """Of 80,000 draws of NUTS (`make twin`), within five of their Monte Carlo errors."""
    data = TWIN[side.about]
    before = Belief([c.mean for c in side.coefficients], [c.sd for c in side.coefficients], side.family, side.residual)
    found = regress(*(np.array(data[k]) for k in ("x", "y", "variances")), data["families"], before)
    told = {f"b[{i}]": m for i, m in enumerate(found.mean)}
    told |= {f"b[{i}]^2": m**2 + v for i, (m, v) in enumerate(zip(found.mean, np.diag(found.cov), strict=True))}
    told |= {"tau^2": found.family**2, "sigma^2": found.residual**2, "spread^2": found.spread**2}
    assert told.keys() == data["pymc"].keys()
    for name, value in told.items():
        twin = data["pymc"][name]
        assert 0 < twin["mcse"] < 0.02
        assert abs(value - twin["mean"]) < 5 * twin["mcse"], name


@pytest.mark.parametrize("side", SIDES, ids=lambda side: side.about)
def test_a_grid_refined_twice_changes_no_reported_digit(side):
    data = TWIN[side.about]
    before = Belief([c.mean for c in side.coefficients], [c.sd for c in side.coefficients], side.family, side.residual)
    args = (*(np.array(data[k]) for k in ("x", "y", "variances")), data["families"], before)
    once, twice = regress(*args), regress(*args, steps=192)
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9)


def test_with_scales_that_are_known_to_be_small_it_is_weighted_least_squares():
    rng = np.random.default_rng(3)
    x = np.column_stack([np.ones(40), rng.normal(size=40)])
    v = rng.uniform(0.01, 0.2, 40)
    y = x @ np.array([0.7, -0.4]) + rng.normal(size=40) * np.sqrt(v)
    found = regress(x, y, v, [str(i) for i in range(40)], Belief([0, 0], [100, 100], 1e-6, 1e-6))
    w = np.linalg.inv(x.T @ (x / v[:, None]))
    np.testing.assert_allclose(found.mean, w @ (x.T @ (y / v)), rtol=1e-4)
    np.testing.assert_allclose(found.cov, w, rtol=1e-3)


def test_it_finds_what_was_put_in():
    """200 cases of 50 families: the coefficients and both scales, within four standard errors."""
    rng = np.random.default_rng(4)
    families = [str(i // 4) for i in range(200)]
    effects = rng.normal(0, 0.5, 50)
    x = np.column_stack([np.ones(200), rng.normal(size=200)])
    y = x @ np.array([-1.0, 0.3]) + np.repeat(effects, 4) + rng.normal(0, 0.2, 200)
    found = regress(x, y, np.full(200, 0.01), families, Belief([0, 0], [2, 2], 0.5, 0.5))
    assert np.all(np.abs(found.mean - [-1.0, 0.3]) < 4 * np.sqrt(np.diag(found.cov)))
    assert found.family == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(2 * 50))
    assert found.residual == pytest.approx(math.sqrt(0.03), abs=4 * 0.2 / math.sqrt(2 * 150))


def test_the_utilization_that_explains_a_case_by_hand():
    """Wan on an A100: its FLOP over the seconds at the peak, less the decoder's, whose median is 2e11 a token."""
    (row,) = rows_of(INFERENCE, cases_of(["wan-2.1-14b-720p-a100"], (BASE,)))
    tokens = 14_933 * 5.0625
    flop = 14_933 * 100 * 2 * 14e9 * (1 + 2 * tokens / (13.35 * (128 * 14e9 / 13.35) ** (1 / 3)))
    assert math.exp(row.y) == pytest.approx(flop / (660 * 312e12 - 2e11 * 14_933), rel=0.01)
    assert 0 < row.variance < 0.02
    assert not row.published


def test_a_published_utilization_stands_for_itself():
    (row,) = rows_of(TRAINING, cases_of(["seaweed-7b-gpu-hours"], (BASE,)))
    assert (math.exp(row.y), row.variance, row.published) == (pytest.approx(0.38), 0.0, True)


def planted(folder, mfu):
    """A family of two cases, one of which publishes an absurd MFU."""
    text = (ROOT / "priors" / "cases" / "movie-gen-30b-gpu-hours.toml").read_text()
    text = "\n".join(line for line in text.splitlines() if not line.startswith("family"))
    head = 'family = "planted"\n'
    (folder / "planted-a.toml").write_text(head + text)
    extra = f'\n[priors.training_mfu]\nprior = {mfu}\nunit = "1"\nsource = "a test"\ngrade = "A"\n'
    (folder / "planted-b.toml").write_text(head + text + extra)
    return [str(folder / f"planted-{x}.toml") for x in "ab"]


def test_leaving_a_family_out_leaves_its_published_mfu_out_too(tmp_path):
    """A family with an absurd MFU does not move its own prediction, and does move others'."""
    texts = {}
    for mfu in (0.4, 0.001):
        (tmp_path / str(mfu)).mkdir()
        names = planted(tmp_path / str(mfu), mfu)
        held = HeldOut((BASE,), [*FEW, *names], tmp_path / str(mfu))
        own, other = held.cases([load_case(names[0], (BASE,)), load_case("pixart-alpha-gpu-hours", (BASE,))])
        texts[mfu] = [c.priors.prior("reference_training_mfu").distribution.text for c in (own, other)]
    assert texts[0.4][0] == texts[0.001][0]
    assert texts[0.4][1] != texts[0.001][1]


def test_what_is_written_is_a_prior_set_that_says_what_it_earned(tmp_path, cli, here):
    outcome = cli("calibrate", *FEW, "--out", "mine.toml", "-n", "1600")
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80 or "truncate" in outcome.out
    data = tomllib.loads((here / "mine.toml").read_text())
    assert data["extends"] == [BASE]
    assert sorted(data["calibration"]["cases"]) == sorted(FEW)
    found = calibrate(FEW, draws=1600)
    assert data["calibration"]["training"]["values"] == found.score("training").count == 3
    assert data["calibration"]["inference"]["held_90"] == found.score("inference").covered[0.9]
    chosen = load_priors("mine.toml")
    for each in found.fits:
        for name, text in entries(each).items():
            assert (
                chosen.prior(name).distribution.text
                == load_priors(BASE, set={name: text}).prior(name).distribution.text
            )
        for pair, rho in ties(each).items():
            assert chosen.correlations[tuple(sorted(pair))] == rho
    assert f"{found.score('training').covered[0.9]} of 3 in training" in chosen.trust
    again = cli("calibrate", *FEW, "--out", "again.toml", "-n", "1600")
    assert again.code == 0
    assert (here / "again.toml").read_bytes() == (here / "mine.toml").read_bytes()
    held = cli("backtest", *FEW, "--priors", "mine.toml", "-n", "1600", "--json")
    assert {s["side"] for s in json.loads(held.out)["scores"]} == {"unseen", "control"}
    whole = cli("backtest", *FEW, "--priors", "mine.toml", "-n", "1600", "--json", "--whole")
    assert {s["side"] for s in json.loads(whole.out)["scores"]} <= {"in sample", "out of sample"}


def test_a_prior_that_is_set_anew_loses_the_trust(here, cli):
    assert cli("calibrate", *FEW, "--out", "mine.toml", "-n", "1600").code == 0
    chosen, lost = load_priors("mine.toml"), "no published model has tested"
    assert lost not in chosen.trust
    assert lost not in chosen.edited({"diffusion_steps": "50"}).trust
    assert lost in chosen.edited({"inference_discrepancy": "1"}).trust
    assert lost in load_priors("mine.toml", know={"reference_training_mfu": 0.3}).trust
    assert lost in load_priors("plappert-2024").trust
    assert type(chosen).from_json(json.loads(json.dumps(chosen.to_json()))) == chosen
    out = cli("--priors", "mine.toml", "-n", "1600", "--no-save").out
    assert chosen.trust in " ".join(out.split())
    assert json.loads(cli("--priors", "mine.toml", "-n", "1600", "--no-save", "--json").out)["trust"] == chosen.trust


def test_a_control_only_widens():
    rows = rows_of(INFERENCE, cases_of(FEW, (BASE,)))
    plain = entries(fit(INFERENCE, rows, plain=True))
    assert {n: plain[n] for n in ("mfu_peak_exponent", "sequence_parallel_exponent", "kernel_gain")} == {
        "mfu_peak_exponent": "0",
        "sequence_parallel_exponent": "0",
        "kernel_gain": "1",
    }


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (("--out", "a.txt"), "--out 'a.txt': a prior set is a TOML file"),
        (("--leave-out", "wann"), "no case is of the family 'wann': did you mean 'wan'"),
        (("--priors", "evidence-2026"), "is of variant token-accounting, in which utilization is a prior"),
        (("wan-2.1-14b-720p-a100",), "none of these cases tells GPU time in training"),
        (("nowhere",), "there is no case 'nowhere'"),
    ],
)
def test_what_cannot_be_calibrated_gets_a_line(line, part, cli):
    outcome = cli("calibrate", *line, "-n", "1600")
    assert outcome.code == 2
    assert part in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("calibration = 3", "calibration: must be a table"),
        ("[calibration]\ncasse = []", "calibration: 'casse' is not a key of it; did you mean 'cases'"),
        ('[calibration]\ncases = "a"', "calibration.cases: 'a' is not a list of names"),
        ("[calibration.training]\nvalues = 3\nheld_90 = 4", "more values are held than there are"),
        ("[calibration.training]\nvalues = 1.5", "calibration.training.values: '1.5' is no count"),
        ("[calibration.training]\ncrsp = 1", "'crsp' is not a score; did you mean 'crps'"),
        ("[calibration]\ntraining = 3", "calibration.training: must be a table of scores"),
    ],
)
def test_a_malformed_calibration_gets_a_line(text, part, here, cli):
    (here / "a.toml").write_text(f'title = "a"\nextends = ["{BASE}"]\n{text}\n')
    outcome = cli("priors", "check", "a.toml")
    assert outcome.code == 2
    assert any(part in line for line in outcome.errors + outcome.out.splitlines()), outcome.err + outcome.out


def test_rows_are_of_cases_that_tell_gpu_time():
    cases = cases_of((), (BASE,))
    for side in SIDES:
        rows = rows_of(side, cases)
        assert all(isinstance(row, Row) for row in rows)
        assert len(rows) >= 8
        assert all(math.isfinite(row.y) and row.variance >= 0 for row in rows)
        assert all(row.case.about == side.about for row in rows)


@pytest.fixture(scope="module")
def shipped():
    from simulator.analyses.backtest import backtest

    return backtest(draws=1 << 14)


def test_the_shipped_set_is_what_calibrate_makes_of_the_shipped_cases():
    from simulator.analyses.held_out import fits_of, layer, rows_by

    rows = rows_by(cases_of((), (BASE,)))
    text = (ROOT / "priors" / "calibrated-2026.toml").read_text()
    assert text.endswith("\n".join(layer(fits_of(rows))) + "\n")
    named = [row.case.name for side in SIDES for row in rows[side.about]]
    assert tomllib.loads(text)["calibration"]["cases"] == named


def test_the_shipped_set_tells_the_scores_that_it_earned(shipped):
    told = load_priors("calibrated-2026").calibration
    for about in ("training", "inference"):
        score = shipped.score(about)
        assert told[about]["values"] == score.count
        assert told[about]["crps"] == pytest.approx(score.crps, rel=0.02)
        assert told[about]["log_width"] == pytest.approx(score.width, rel=0.02)
        for level, held in score.covered.items():
            assert abs(told[about][f"held_{100 * level:.0f}"] - held) <= 1  # at 16,384 draws in place of 65,536


def test_the_intervals_of_the_shipped_set_hold(shipped):
    """Leaving a family out: coverage near what is stated, and better than the control that only widens."""
    gpu_time, training = ("training", "inference"), ("training",)
    score, control = (shipped.score(gpu_time, control=c) for c in (False, True))
    assert score.count >= 35
    assert 0.85 <= score.covered[0.9] / score.count <= 0.95
    assert 0.4 <= score.covered[0.5] / score.count <= 0.6
    assert score.crps <= 0.40
    assert score.off <= 1.45
    assert score.crps < control.crps
    assert score.width < control.width
    alone = shipped.score(training)
    assert alone.crps <= 0.75
    assert alone.covered[0.9] / alone.count >= 0.7


def test_the_facts_on_demand_lie_within_the_intervals(shipped):
    facts = [o for o in shipped.outcomes if o.case.about == "demand" and not o.case.bound]
    assert len(facts) >= 3
    assert sum(not o.inside(0.9) for o in facts) <= 1


def test_the_cost_of_a_day_is_known_to_a_factor_150_and_with_the_evidence_to_30():
    from simulator import condition, simulate

    plain = simulate("calibrated-2026", draws=64_000, quantities=["inference_cost_per_day"]).summary()[0]
    assert plain.high.value / plain.low.value < 150
    given = condition("calibrated-2026", draws=64_000, quantities=["inference_cost_per_day"]).run.summary()[0]
    assert given.high.value / given.low.value < 30


def test_what_evidence_2026_tells_is_what_its_backtest_says():
    from simulator.analyses.backtest import backtest

    found = backtest(priors=["evidence-2026"])
    told = load_priors("evidence-2026").calibration
    for about in ("training", "inference"):
        score = found.score(about, in_sample=False)
        assert told[about] == {
            "values": score.count,
            **{f"held_{100 * level:.0f}": held for level, held in score.covered.items()},
        }
