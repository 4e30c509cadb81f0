"""A malformed case gets the errors of prior sets; a good one is scored."""

import pytest

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
        ('date = "2026"', 'date = "2026"\ngpu = "h1000"', "case.toml: gpu: there is no GPU 'h1000'"),
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
