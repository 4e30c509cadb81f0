"""Token accounting against published compute; evidence, GPUs and cases with their sources; the backtest."""

import json
import math
import re
import tomllib

import numpy as np
import pytest
from scipy import stats

from simulator import attribute, compare, load_priors, simulate
from simulator.analyses.attribution import VARIANT
from simulator.analyses.backtest import REACH, backtest, changes, log_crps
from simulator.compute.variants import VARIANTS, model
from simulator.engine.simulate import DEFAULT_SEED
from simulator.plots.figure import plot_backtest
from simulator.plots.layout import unfit
from simulator.priors.cases import load_case, load_cases
from simulator.priors.files import available, shipped
from simulator.statistics.estimators import Estimate
from simulator.statistics.exact import ExactSample

from ..conftest import ROOT

TOKENS = model("token-accounting")


def computed(names, **known):
    return TOKENS.evaluate({"inference_saving": 1.0, "decode_overhead": 0.0, **known}, names)


def test_movie_gen_has_the_compute_that_is_published():
    """30 billion parameters on 9.2e12 tokens: 1.65e24 FLOP by 6 P T, 3.2e24 with attention (arXiv:2410.13720)."""
    known = {
        "parameters": 30e9,
        "block_parameters": 16.6,
        "width_per_layer": 128.0,
        "training_context_tokens": 46_634.0,
        "training_tokens": 1.94e9 * 256 + 395e6 * 8192 + 73.8e6 * 73_728,
    }
    plain, full = (computed(["training_flop", "model_width"], attention_density=d, **known) for d in (0.0, 1.0))
    assert plain["training_flop"] == pytest.approx(1.65e24, rel=5e-3)
    assert full["training_flop"] == pytest.approx(3.17e24, rel=5e-3)
    assert full["model_width"] == pytest.approx(6144, rel=2e-3)
    weights = np.array([1.94e9 * 256, 395e6 * 8192, 73.8e6 * 73_728])
    mean = float(weights @ np.array([256, 8192, 73_728]) / weights.sum())
    assert mean == pytest.approx(46_634, rel=1e-3)  # the token-weighted context


def test_wan_has_the_width_tokens_and_attention_that_are_published():
    """14 billion parameters, 81 frames of 1280 x 720 at 16 a second (arXiv:2503.20314)."""
    tokens = (1 + 80 // 4) * (720 // 16) * (1280 // 16)
    assert tokens == 75_600
    seconds = 81 / 16
    made = computed(
        ["model_width", "attention_ratio", "inference_flop_per_minute"],
        parameters=14e9,
        block_parameters=13.35,
        width_per_layer=128.0,
        tokens_per_second=tokens / seconds,
        context_seconds=seconds,
        attention_density=1.0,
        diffusion_steps=50.0,
        guidance_passes=2.0,
    )
    assert made["model_width"] == pytest.approx(5120, rel=1e-3)
    assert made["attention_ratio"] == pytest.approx(2.21, abs=0.005)
    clip = tokens * 2 * 14e9 * 100 * 3.21
    assert made["inference_flop_per_minute"] == pytest.approx(clip * 60 / seconds, rel=1e-3)
    assert clip == pytest.approx(6.8e17, rel=0.01)  # one clip has the compute of the essay's minute


@pytest.mark.parametrize("density", [1.0, 0.4])
def test_a_plain_block_attends_with_n_over_6d(density):
    made = computed(
        ["attention_ratio", "training_attention_ratio", "model_width"],
        parameters=12e9,
        block_parameters=12.0,
        width_per_layer=100.0,
        tokens_per_second=1000.0,
        context_seconds=6.0,
        attention_density=density,
        training_context_tokens=9000.0,
    )
    assert made["attention_ratio"] == pytest.approx(density * 6000 / (6 * made["model_width"]))
    assert made["training_attention_ratio"] == pytest.approx(density * 9000 / (6 * made["model_width"]))


# ---------------------------------------------------------------- sources

FILES = sorted(p for folder in ("", "gpus", "cases") for p in (shipped() / folder).glob("*.toml"))
NAMED = re.compile(r"arXiv:\d{4}\.\d{4,5}|\b[\w-]+(\.[\w-]+)*\.(com|co|org|ai|net|io|youtube|edu|cn)\b")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_prior_has_a_primary_source_and_a_grade(path):
    data = tomllib.loads(path.read_text())
    entries = [*data.get("priors", {}).values(), *(t for t in data.get("correlations", {}).values() if t != 0)]
    entries += [data["observed"]] if "observed" in data else []
    assert entries or path.parent.name == "cases"
    for entry in entries:
        assert entry["grade"] in "ABCD"
        assert NAMED.search(entry["source"]), entry["source"]
        assert len(entry["source"]) > 15
        assert not re.search(r"evidence\.md|essay-figures|\bSEED\b|\bEPOCH\b", str(entry))
        if entry["grade"] == "B" and path.parent.name == "cases":
            assert entry.get("note"), entry  # a derived number says how


def test_a_source_that_names_nothing_would_be_found():
    assert not NAMED.search("Public price lists of GPU clouds, 2025 to 2026")
    assert NAMED.search("Wan team 2025, Wan (arXiv:2503.20314)")


@pytest.mark.parametrize("name", ["evidence-2026", "distilled-2026", "frontier-2026"])
def test_the_evidence_sets_are_drawn_without_a_remark(name):
    chosen = load_priors(name)
    assert chosen.variant == "token-accounting"
    assert chosen.notes == ()
    run = simulate(chosen, draws=16_000)
    medians = {s.name: s.median.value for s in run.summary()}
    assert 1e22 < medians["training_flop"] < 1e26
    assert all(p.note for p in chosen.priors.values() if p.uncertain)


def test_sets_order_as_their_titles_say():
    sets = {n: simulate(f"{n}-2026", draws=64_000) for n in ("distilled", "evidence", "frontier")}
    at = {n: r.summary(["inference_flop_per_minute"])[0].median.value for n, r in sets.items()}
    assert at["distilled"] * 10 < at["evidence"] < at["frontier"] / 10


def test_graded_correlations_are_stored_shown_and_checked(cli, here):
    chosen = load_priors("evidence-2026")
    assert chosen.correlations["parameters", "training_tokens"] == 0.5
    assert chosen.grounds["parameters", "training_tokens"]["grade"] == "D"
    assert type(chosen).from_json(json.loads(json.dumps(chosen.to_json()))) == chosen
    shown = cli("priors", "show", "evidence-2026", "--sources").out
    assert "rank correlation of parameters, training_tokens: 0.5, grade D: Hoffmann" in shown
    text = 'extends = ["evidence-2026"]\n[correlations."parameters, training_tokens"]\n'
    for lines, part in (
        ("rho = 0.2", "correlations: 'parameters, training_tokens'.source: is missing"),
        ('rho = 0.2\nsource = "x"\ngrade = "E"', "'E' is not a grade: A measured"),
        ('rho = 2\nsource = "x"\ngrade = "A"', "'2' is not a rank correlation"),
        ('rhoo = 2\nsource = "x"\ngrade = "A"', "'rhoo' is not a key of a correlation; did you mean"),
        ('rho = 0.2\nsource = 3\ngrade = "A"', "is not a text"),
    ):
        (here / "tied.toml").write_text(text + lines)
        outcome = cli("priors", "check", "tied.toml")
        assert outcome.code == 2
        assert part in outcome.err, outcome.err
        assert all("tied.toml: correlations" in line for line in outcome.errors)


# ---------------------------------------------------------------- GPUs


def test_all_gpus_are_listed_and_serve_the_same_h100_equivalents(cli):
    rows = json.loads(cli("gpus", "--json").out)
    assert {r["name"] for r in rows} == {
        "a100",
        "h100-sxm",
        "h200",
        "b200",
        "gb200",
        "b300",
        "mi300x",
        "mi355x",
        "h20",
        "tpu-v5p",
        "tpu-v6e",
        "tpu-v7",
    }
    assert {r["name"]: r["h100_equivalents"] for r in rows}["h100-sxm"] == 1.0
    printed = cli("gpus").out
    assert max(map(len, printed.splitlines())) <= 80
    for row in rows:
        assert 100 < row["gpu_peak"]["median"] / 1e12 < 3000
        assert 0.5 < row["gpu_price"]["median"] < 15
        run = simulate(gpu=row["name"], draws=1600, quantities=["training_h100s", "training_gpus"])
        h100s, gpus = (run.draws_of(q) for q in ("training_h100s", "training_gpus"))
        np.testing.assert_allclose(h100s, gpus * run.draws_of("gpu_peak") / 989.4e12, rtol=1e-5)


def test_the_count_of_another_gpu_stands_beside_its_h100_equivalents(cli):
    other = cli("--gpu", "mi300x", "--draws", "1600", "--no-save").out
    assert re.search(r"\ntraining_gpus .*\ntraining_h100s ", other)
    assert "inference_gpus" in other
    assert "training_gpus" not in cli("--draws", "1600", "--no-save").out
    assert "training_gpus" not in cli("--gpu", "h200", "--draws", "1600", "--no-save").out


# ---------------------------------------------------------------- variants side by side


@pytest.mark.parametrize("of", ["training_h100s", "inference_h100s"])
def test_an_attribution_between_variants_sums_up_and_turns_around(of):
    there, back = (
        attribute(*pair, of=of) for pair in (("plappert-2024", "evidence-2026"), ("evidence-2026", "plappert-2024"))
    )
    assert VARIANT in there["prior"]
    total = float(there["contribution"].sum())
    assert total == pytest.approx(math.log(there.attrs["b"] / there.attrs["a"]))
    back = back.sel(prior=there["prior"])
    np.testing.assert_allclose(there["contribution"], -back["contribution"], atol=1e-9)


def test_with_the_variant_alone_the_whole_change_is_its_own():
    """Two sets that share every prior that both variants read differ by the variant."""
    essay = load_priors("plappert-2024")
    evidence = load_priors("evidence-2026")
    same = {n: p.distribution.text for n, p in essay.priors.items() if n in evidence.priors}
    found = attribute("plappert-2024", evidence.edited(same), of="inference_h100s")
    assert found["prior"].values.tolist() == [VARIANT]


def test_comparing_variants_says_so(cli):
    outcome = cli("compare", "plappert-2024", "evidence-2026", "--draws", "16000")
    assert outcome.code == 0, outcome.err
    assert "variant: dit-scaling -> token-accounting" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert re.search(r"\nvariant +x \d", outcome.out)
    data = json.loads(cli("compare", "plappert-2024", "evidence-2026", "--draws", "16000", "--json").out)
    assert data["variants"] == {"A": "dit-scaling", "B": "token-accounting"}
    made = compare("plappert-2024", "evidence-2026", draws=16_000)
    assert np.isfinite(made["ratio"]).all()


# ---------------------------------------------------------------- the backtest


@pytest.fixture(scope="module")
def tested():
    return backtest()


def test_there_are_as_many_cases_as_a_coverage_should_rest_on(tested):
    for about, least in (("training", 10), ("inference", 8)):
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
        score = tested.score(about, side)
        chosen = [
            o
            for o in tested.outcomes
            if not o.exact and about in (None, o.case.about) and side in (None, o.case.in_sample)
        ]
        assert score.count == len(chosen)
        for level, covered in score.covered.items():
            assert covered == sum((1 - level) / 2 <= o.pit.value <= (1 + level) / 2 for o in chosen)
        assert score.bias == pytest.approx(stats.gmean([o.factor for o in chosen]))
        assert score.spread == pytest.approx(stats.gstd([o.factor for o in chosen]))


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
    outcome = cli("backtest", "--plot", "b.png")
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80
    for part in (
        "Coverage of the intervals",
        "out of sample",
        "in sample",
        "What would have to change",
        "Not applicable: imagen",
        "they check the formula",
    ):
        assert part in outcome.out
    for o in tested.outcomes:
        assert o.case.name in outcome.out
    assert (here / "b.png").read_bytes().startswith(b"\x89PNG")
    data = json.loads(cli("backtest", "--json").out)
    assert len(data["cases"]) == len(tested.outcomes)
    assert {s["side"] for s in data["scores"]} == {"in sample", "out of sample"}
    one = cli("backtest", "wan-2.1-14b-720p-h20", "--draws", "1600").out
    assert "Only 0 training cases predict something" in one
    assert "README of github.com/Wan-Video/Wan2.1" in " ".join(one.split())


@pytest.mark.parametrize(("size", "style"), [("80mm", "print"), ("full", "light")])
def test_the_plot_of_a_backtest(size, style, tested):
    made = plot_backtest(tested, size=size, style=style)
    assert unfit(made.figure) is None
    marks = made.figure.findobj(lambda a: a.get_gid() in ("inside", "missed", "exact"))
    assert sorted(m.get_xdata()[0] for m in marks) == pytest.approx(sorted(o.factor for o in tested.outcomes))
    score = tested.score(in_sample=False)
    assert f"hold {score.covered[0.9]} of {score.count} published values out of sample" in made.title
    assert f"{tested.draws:,} draws for each case" in " ".join(
        t.get_text() for t in made.figure.findobj(lambda a: a.get_gid() == "footer")
    ).replace("\n", " ")


CASE = """
title = "A case"
about = "training"
date = "2026"
[priors.parameters]
prior = 1e9
unit = "1"
source = "a test"
grade = "A"
[observed]
quantity = "training_gpu_hours"
value = 1e5
unit = "hour"
source = "a test"
grade = "A"
"""


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"training"', '"trainning"', "case.toml: about: 'trainning' is neither training nor inference"),
        ('about = "training"', "", "case.toml: about: is missing"),
        ("title", "titel", "'titel' is not a key of a case; did"),
        ('date = "2026"', "date = 2026", "case.toml: date: '2026' is not a text"),
        ('date = "2026"', 'date = "2026"\nin_sample = 1', "in_sample: '1' is neither true nor false"),
        ('date = "2026"', 'date = "2026"\ngpu = "h100"', "case.toml: gpu: there is no GPU 'h100'"),
        ("[priors.parameters]", "[priors.parameter]", "priors.parameter: token-accounting reads no prior of this name"),
        ('unit = "1"', 'unit = "hour"', "priors.parameters.unit: unit 'hour' is of another dimension"),
        ("prior = 1e9", 'prior = "lognormal(p5=3)"', "case.toml: priors.parameters.prior"),
        ("training_gpu_hours", "training_hours", "observed.quantity: there is no quantity 'training_hours'"),
        ("value = 1e5", "value = -1", "observed.value: '-1' is not above 0"),
        ("value = 1e5", "value = true", "observed.value: 'True' is not a number"),
        ("value = 1e5", "", "observed.value: is missing"),
        ('unit = "hour"', 'unit = "FLOP"', "observed.unit: unit 'FLOP' is of another dimension"),
        ('grade = "A"\n[observed]', 'grade = "E"\n[observed]', "priors.parameters.grade: 'E' is not a grade"),
        ("[observed]", "[observd]", "'observd' is not a key of a case"),
    ],
)
def test_a_malformed_case_gets_the_errors_of_prior_sets(old, new, part, cli, here):
    (here / "case.toml").write_text(CASE.replace(old, new, 1))
    outcome = cli("backtest", "case.toml")
    assert outcome.code == 2
    assert any(part in line for line in outcome.errors), outcome.err
    assert "Traceback" not in outcome.err


def test_a_good_case_of_ones_own_is_scored(cli, here):
    (here / "priors" / "cases").mkdir(parents=True)
    (here / "priors" / "cases" / "mine.toml").write_text(CASE.replace("1e5", '"0.1 million"'))
    outcome = cli("backtest", "mine", "--draws", "1600")
    assert outcome.code == 0, outcome.err
    assert "100k" in outcome.out
    assert cli("backtest", "mine", "--priors", "plappert-2024").code == 0  # a prior that both variants read
    assert "no case 'mien': did you mean 'mine'?" in cli("backtest", "mien").err
    assert "--draws" in cli("backtest", "--draws", "3").err


def test_malformed_gpu_layers_get_the_errors_of_prior_sets(cli, here):
    (here / "priors" / "gpus").mkdir(parents=True)
    good = (ROOT / "priors" / "gpus" / "b200.toml").read_text()
    for old, new, part in (
        ("2250e12", '"lognormal(p5=3)"', "priors.gpu_peak.prior"),
        ("gpu_power", "power", "priors.power"),
        ('"W"', '"FLOP"', "priors.gpu_power.unit"),
        ('"A"', '"Z"', "is not a grade"),
    ):
        (here / "priors" / "gpus" / "mine.toml").write_text(good.replace(old, new, 1))
        outcome = cli("--gpu", "mine", "--draws", "1600")
        assert outcome.code == 2
        assert any("mine.toml" in line and part in line for line in outcome.errors), outcome.err


def test_every_variant_is_used_by_a_shipped_set():
    assert {load_priors(name).variant for name in available()} == set(VARIANTS)
