"""A malformed case gets the errors of prior sets; a good one is scored."""

import json

import pytest

from simulator import load_priors
from simulator.priors.cases import load_case

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
        ('"training"', '"trainning"', "about: 'trainning' is none of training, inference, demand, growth, other"),
        ('about = "training"', "", "case.toml: about: is missing"),
        ("title", "titel", "'titel' is not a key of a case; did"),
        ('date = "2026"', "date = 2026", "case.toml: date: '2026' is not a text"),
        ('date = "2026"', 'date = "2026"\nin_sample = 1', "in_sample: '1' is neither true nor false"),
        ('date = "2026"', 'date = "2026"\ngpu = "h1000"', "case.toml: gpu: there is no GPU 'h1000'"),
        (
            "[priors.parameters]",
            "[priors.parameter]",
            "reads no prior of this name; did you mean 'parameters'",
        ),
        ('unit = "1"', 'unit = "hour"', "priors.parameters.unit: unit 'hour' is of another dimension"),
        ("prior = 1e9", 'prior = "lognormal(p5=3)"', "case.toml: priors.parameters.prior"),
        ("training_gpu_hours", "training_hours", "observed.quantity: there is no quantity 'training_hours'"),
        ("value = 1e5", "value = -1", "observed.value: '-1' is not above 0"),
        ("value = 1e5", "value = true", "observed.value: 'True' is not a number"),
        ("value = 1e5", "", "observed.value: is missing"),
        ('unit = "hour"', 'unit = "FLOP"', "observed.unit: unit 'FLOP' is of another dimension"),
        ('grade = "A"\n[observed]', 'grade = "E"\n[observed]', "priors.parameters.grade: 'E' is not a grade"),
        ("[observed]", "[observd]", "'observd' is not a key of a case"),
        ('date = "2026"', 'date = "2026"\nmeasures = "finalrun"', "measures: 'finalrun' is none of final run, project"),
        ('date = "2026"', 'date = "2026"\ngpus = 0', "gpus: '0' is no number of GPUs that make a clip together"),
        ('date = "2026"', 'date = "2026"\ngpus = true', "gpus: 'True' is no number of GPUs"),
        ('date = "2026"', 'date = "2026"\ngpus = 1.5', "gpus: '1.5' is no number of GPUs"),
        ('date = "2026"', 'date = "2026"\nfamily = 3', "family: '3' is not a text"),
        ('date = "2026"', 'date = "2026"\nfamly = "a"', "'famly' is not a key of a case; did you mean 'family'"),
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


def test_a_folder_stands_for_the_cases_in_it(cli, here):
    (here / "mine").mkdir()
    assert "there is no case in this folder" in cli("backtest", "mine").err
    for name in "ab":
        (here / "mine" / f"{name}.toml").write_text(CASE)
    outcome = cli("backtest", "mine", "--draws", "1600", "--json")
    assert outcome.code == 0, outcome.err
    assert [c["name"] for c in json.loads(outcome.out)["cases"]] == ["a", "b"]


def test_what_a_case_says_and_what_it_takes_where_it_says_nothing(here):
    (here / "plain.toml").write_text(CASE)
    plain = load_case("plain.toml", ("evidence-2026",))
    assert (plain.family, plain.gpus, plain.measures, plain.scored, plain.bound) == ("plain", 1, "final run", True, 0)
    keys = 'family = "wan"\ngpus = 8\nmeasures = "lower value"\n'
    (here / "told.toml").write_text(keys + CASE)
    told = load_case("told.toml", ("evidence-2026",))
    assert (told.family, told.gpus, told.measures, told.scored, told.bound) == ("wan", 8, "lower value", True, 1)
    assert told.priors.canonical() == plain.priors.canonical()  # no variant of before reads them
    for measures in ("formula", "price"):
        (here / "other.toml").write_text(f'measures = "{measures}"\n{CASE}')
        assert not load_case("other.toml", ("evidence-2026",)).scored


def test_several_gpus_and_the_date_are_known_to_the_variant_that_reads_them(here):
    """Kernels gain by the year since January 2025: nothing then, as much back a year before, and nothing on an A100."""
    case = CASE.replace('"training"', '"inference"').replace("training_gpu_hours", "gpu_seconds_per_second")
    case = case.replace('unit = "hour"', 'unit = "s/video_second"')
    base = load_priors("utilization-2026").prior("kernel_gain").distribution

    def gain(date, more=""):
        (here / "c.toml").write_text(f"gpus = 8\n{more}{case}".replace('date = "2026"', f'date = "{date}"'))
        found = load_case("c.toml", ("utilization-2026",)).priors
        assert found.prior("clip_gpus").distribution.known == 8
        assert found.prior("inference_saving").distribution.known == 1
        return found.prior("kernel_gain").distribution

    assert gain("2025-01").known == 1
    for p in (0.05, 0.5, 0.95):
        assert gain("2026-01").quantile(p) == pytest.approx(base.quantile(p))
        assert gain("2027-06").quantile(p) == pytest.approx(base.quantile(p))
        assert gain("2025-07").quantile(p) == pytest.approx(base.quantile(p) ** 0.5)
        assert gain("2024-01").quantile(p) == pytest.approx(1 / base.quantile(1 - p))
    assert gain("2026-01", 'gpu = "a100"\n').known == 1
    assert gain("2026-01", 'gpu = "h200"\n').quantile(0.5) == pytest.approx(base.quantile(0.5))


def test_what_a_case_knows_moves_what_is_correlated_with_it(here):
    """A model of a billion parameters was trained on fewer tokens than one of thirty."""
    (here / "small.toml").write_text(CASE)
    (here / "large.toml").write_text(CASE.replace("prior = 1e9", "prior = 30e9"))
    small, large = (load_case(f"{n}.toml", ("evidence-2026",)).priors for n in ("small", "large"))
    at = [s.prior("training_tokens").distribution.quantile(0.5) for s in (small, large)]
    assert at[0] < 0.2 * at[1]
    assert small.prior("training_tokens").distribution.text == (
        load_priors("evidence-2026", know={"parameters": 1e9}).prior("training_tokens").distribution.text
    )
