"""Conditioning: closed forms, what is refused, and that a conditioned run is a run."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from simulator import InputError, load_priors, simulate
from simulator.analyses import rerun
from simulator.analyses.conditioning import condition
from simulator.analyses.sensitivity import sensitivity
from simulator.analyses.sobol_indices import total_sensitivity
from simulator.plots.figure import plot
from simulator.plots.layout import unfit
from simulator.reports.report import report
from simulator.runs.run import Run
from simulator.statistics.weighted import distance, weighted_quantiles

SIGMAS = {"parameters": 0.7, "dataset_multiplier": 0.4}
MEDIANS = {"parameters": 20e9, "dataset_multiplier": 6.0}
PRODUCT = load_priors(
    set={n: f"lognormal(median={MEDIANS[n]!r}, sigma={s})" for n, s in SIGMAS.items()} | {"video_share": 0.5}
)
FACTOR = 2e21 / 675e6 * 180 * 0.5  # training_flop over parameters x dataset_multiplier
OBSERVED, ERROR = 1.6e25, 0.3


@pytest.fixture(scope="module")
def found():
    return condition(PRODUCT, {"training_flop": f"lognormal(median={OBSERVED!r}, sigma={ERROR})"}, draws=400_000)


def test_a_product_of_lognormals_has_its_closed_form(found):
    """ln y = c + a + b with normal a, b: the posterior is normal, by Gaussian conditioning."""
    prior = np.array([SIGMAS[n] ** 2 for n in SIGMAS])
    total = prior.sum()
    gain = prior / (total + ERROR**2)
    gap = math.log(OBSERVED) - math.log(FACTOR * MEDIANS["parameters"] * MEDIANS["dataset_multiplier"])
    for i, name in enumerate(SIGMAS):
        mean = math.log(MEDIANS[name]) + gain[i] * gap
        sd = math.sqrt(prior[i] - prior[i] * gain[i])
        moved = next(m for m in found.moved if m.name == name)
        for e, p in zip(moved.after, (0.05, 0.5, 0.95), strict=True):
            exact = math.exp(mean + sd * stats.norm.ppf(p))
            assert 0 < e.mcse < 0.02 * exact
            assert e.value == pytest.approx(exact, abs=4 * e.mcse)
        kept = np.log(found.run.draws_of(name))
        each = kept.mean(axis=1)
        assert kept.mean() == pytest.approx(mean, abs=4 * each.std(ddof=1) / 4)
    (s,) = found.run.summary(["training_flop"])
    mean = math.log(OBSERVED) - gap * ERROR**2 / (total + ERROR**2)
    sd = math.sqrt(total * ERROR**2 / (total + ERROR**2))
    for e, p in ((s.low, 0.05), (s.median, 0.5), (s.high, 0.95)):
        assert e.value == pytest.approx(math.exp(mean + sd * stats.norm.ppf(p)), abs=4 * e.mcse)


def test_the_effective_draws_are_those_of_the_closed_form(found):
    """E[w]^2 / E[w^2] of a normal likelihood on a normal."""
    total = sum(s**2 for s in SIGMAS.values())
    gap = math.log(OBSERVED) - math.log(FACTOR * MEDIANS["parameters"] * MEDIANS["dataset_multiplier"])

    def mean(error):
        return error / math.sqrt(total + error**2) * math.exp(-(gap**2) / 2 / (total + error**2))

    share = mean(ERROR) ** 2 / mean(ERROR / math.sqrt(2))
    assert found.effective / 400_000 == pytest.approx(share, rel=0.01)
    assert found.pareto_k < 0.5


def test_a_normal_observation_adds():
    priors = load_priors(set={"peak_factor": "normal(mean=2, sd=0.3)"})
    unread = condition(priors, {"inference_gpus_average": "lognormal(median=4.4e5, sigma=2)"}, draws=64_000)
    assert not [m for m in unread.moved if m.name == "peak_factor"]  # the quantity does not read it
    chosen = load_priors("plappert-2024-point", set={"youtube_minutes_per_day": "normal(mean=43e6, sd=4e6)"})
    made = condition(chosen, {"youtube_ai_minutes_per_day": "normal(mean=7.2e6, sd=0.3e6)"}, draws=160_000)
    (m,) = made.moved
    prior, error = 4e6, 0.3e6 / 0.15
    mean = (43e6 / prior**2 + 48e6 / error**2) / (1 / prior**2 + 1 / error**2)
    sd = (1 / prior**2 + 1 / error**2) ** -0.5
    for e, p in zip(m.after, (0.05, 0.5, 0.95), strict=True):
        assert e.value == pytest.approx(mean + sd * stats.norm.ppf(p), abs=4 * e.mcse)


def test_the_likelihood_has_no_density_in_it():
    """A wide lognormal changes nothing: with the density's 1/y it would halve what is large."""
    made = condition("plappert-2024", {"training_h100s": "lognormal(median=1e4, sigma=50)"}, draws=64_000)
    assert made.moved == ()
    assert made.effective == pytest.approx(64_000, rel=1e-3)


def test_leaving_a_fact_out_is_conditioning_on_the_others():
    facts = {"training_h100s": "lognormal(p5=8400, p95=21000)", "inference_h100s": "lognormal(p5=3e5, p95=7e5)"}
    both = condition("plappert-2024", facts, draws=200_000)
    for i in both.influence:
        alone = condition("plappert-2024", {n: t for n, t in facts.items() if n != i.name}, draws=200_000)
        (s,) = alone.run.summary([i.quantity])
        assert i.without.value == pytest.approx(s.median.value, abs=4 * math.hypot(i.without.mcse, s.median.mcse))
        assert i.with_all.value != pytest.approx(i.without.value, rel=0.02)


def test_weighted_quantiles_and_distances():
    x = np.arange(16_000, dtype=float).reshape(16, 1000)
    w = np.ones_like(x)
    assert weighted_quantiles(x, w, (0.25,))[0].value == pytest.approx(np.quantile(x, 0.25), abs=1)
    assert distance(x, w) == pytest.approx(0.0, abs=1e-9)
    assert distance(x, (x < 8000).astype(float)) == pytest.approx(0.5, abs=1e-3)
    ties = np.repeat([[1.0, 2.0]], 8, axis=0)
    assert distance(ties, np.array([[1.0, 3.0]] * 8)) == pytest.approx(0.25)


def test_a_conditioned_run_is_a_run(found, tmp_path, cli):
    path = found.run.save(tmp_path)
    stored = Run.load(path)
    assert stored.digest == found.run.digest != found.before.digest
    assert stored.summary(["training_flop"])[0].median.value == pytest.approx(
        found.run.summary(["training_flop"])[0].median.value, rel=1e-6
    )
    assert stored.datatree["prior"]["parameters"].dims == ("chain", "draw")
    kinds = ("density", "crossover", "demand", "forest", "pair", "prior-posterior", "convergence", "modalities")
    for kind, size in zip(kinds, ("80mm", "full") * 4, strict=True):
        assert unfit(plot(stored, kind, size=size).figure) is None
    assert unfit(plot(stored, "prior-posterior", size="80mm").figure) is None
    assert "given training_flop" in stored.priors.title
    for arguments in (
        ["runs", "show", str(path)],
        ["report", str(path), "--format", "md", "--out", "-"],
    ):
        outcome = cli(*arguments)
        assert outcome.code == 0, outcome.err
    assert "the same, bit for bit" in cli("rerun", str(path)).out
    compared = cli("compare", "plappert-2024", str(path), "--draws", "16000")
    assert compared.code == 0, compared.err
    assert "What makes the difference" not in compared.out


def test_what_would_draw_the_priors_anew_is_refused(found, cli, tmp_path):
    for ask in (
        lambda: sensitivity(found.run, "training_flop"),
        lambda: total_sensitivity(found.run, "training_flop"),
        lambda: plot(found.run, "tornado", "training_flop"),
        lambda: plot(found.run, "grade", "training_flop"),
        lambda: plot((found.run, found.run), "attribution", "training_flop"),
        lambda: plot(found.run, "correlation-stress", "training_flop"),
    ):
        with pytest.raises(InputError, match="is conditioned: its worlds are not those of its priors"):
            ask()
    path = found.run.save(tmp_path)
    outcome = cli("whatif", str(path), "--set", "peak_factor=3")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    with pytest.raises(InputError, match="prior-posterior is drawn of a conditioned run"):
        plot(found.before, "prior-posterior")
    page = report(found.run).render("html")
    assert "prior-posterior" not in page or "Given training FLOP" in page


def test_the_command_prints_and_keeps(cli, here):
    line = ("condition", "plappert-2024", "--on", "training_h100s=lognormal(p5=8400, p95=21000)", "--draws", "64000")
    outcome = cli(*line)
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80
    for part in (
        "effective draws (Pareto k",
        "predicted",
        "The priors that moved",
        "parameters",
        "Moved by less than",
        "given training_h100s",
        "next: simulate compare plappert-2024 plappert-2024-given-",
    ):
        assert part in outcome.out, part
    (stored,) = (here / "runs").iterdir()
    assert stored.name.startswith("plappert-2024-given-")
    data = json.loads(cli(*line, "--json").out)
    assert data["moved"]["parameters"]["after"]["p50"]["value"] < 20e9
    assert data["evidence"] == {"training_h100s": "lognormal(p5=8400, p95=21000)"}
    again, alone = rerun.command(Run.load("latest"))
    assert alone
    assert again.startswith("simulate condition --on 'training_h100s=lognormal(p5=8400, p95=21000)' --draws 64000")
    import shlex

    assert json.loads(cli(*shlex.split(again)[1:], "--json", "--no-save").out)["digest"] == data["digest"]


EVIDENCE = """
extends = ["plappert-2024"]
[evidence.training_h100s]
prior = "lognormal(p5=4.2, p95=10.5)"
unit = "thousand"
source = "Plappert 2024 (factorialfunds.com)"
grade = "D"
"""


def test_evidence_in_a_prior_set(cli, here):
    (here / "facts.toml").write_text(EVIDENCE)
    chosen = load_priors("facts.toml")
    assert chosen.evidence["training_h100s"].distribution.quantile(0.05) == pytest.approx(4200)
    assert (
        simulate(chosen, draws=1600).digest == simulate("plappert-2024", draws=1600).digest
    )  # applied by condition alone
    made = condition(chosen, draws=64_000)
    beside = condition("plappert-2024", {"training_h100s": "lognormal(p5=4200, p95=10500)"}, draws=64_000)
    np.testing.assert_allclose(made.run.draws_of("parameters"), beside.run.draws_of("parameters"))
    assert "grade D: Plappert 2024" in cli("condition", "facts.toml", "--draws", "16000").out
    with_note = cli("-p", "facts.toml", "--draws", "1600", "--no-save")
    assert "simulate condition" in with_note.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "there is no evidence: plappert-2024 has no [evidence] table, and no --on was given"),
        (["--on", "training_h100=lognormal(p5=1, p95=2)"], "--on training_h100: there is no quantity 'training_h100'"),
        (["--on", "training_h100s=beta(p5=0.1, p95=0.2)"], "is no observation with an error: write a lognormal"),
        (["--on", "training_h100s=7000"], "7e3 is no observation with an error"),
        (["--on", "training_h100s"], "--on 'training_h100s': write NAME=DISTRIBUTION, as in 'training_h100s=lognormal"),
        (
            ["--on", "training_h100s=lognormal(p5=4e8, p95=1e9)"],
            "the evidence lies where the draws do not: 1 of 16,000",
        ),
        (["--on", "parameters=lognormal(p5=4e8, p95=1e9)"], "it is a prior, not a quantity"),
        (["--on", "training_h100s=lognormal(p5=4e3, p95=1e4)", "--draws", "5e6"], "too large for --draws: at most 4e6"),
    ],
)
def test_bad_evidence_gets_one_line_and_leaves_nothing(arguments, part, cli, here):
    outcome = cli(
        "condition", "plappert-2024", *(arguments if "--draws" in arguments else [*arguments, "--draws", "16000"])
    )
    assert outcome.code == 2
    assert len(outcome.errors) == 1
    assert part in outcome.errors[0]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("training_h100s", "training_h10s", "facts.toml: evidence.training_h10s: dit-scaling has no quantity of"),
        ('"thousand"', '"hour"', "facts.toml: evidence.training_h100s.unit: unit 'hour' is of another dimension"),
        ('grade = "D"', "", "facts.toml: evidence.training_h100s.grade: is missing"),
        ("[evidence.training_h100s]", "[evidence]", "facts.toml: evidence."),
    ],
)
def test_malformed_evidence_gets_the_errors_of_prior_sets(old, new, part, cli, here):
    (here / "facts.toml").write_text(EVIDENCE.replace(old, new))
    outcome = cli("condition", "facts.toml")
    assert outcome.code == 2
    assert any(part in line for line in outcome.errors), outcome.err
