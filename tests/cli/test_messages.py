"""What the command line says of what was typed: right words for one, for none, and for what cannot be."""

import json
import re

import pytest


def test_a_quantile_is_named_as_a_statistic_is(cli):
    data = json.loads(cli("-n", "1600", "--no-save", "--quantile", "p97.5", "--quantile", "1%", "--json").out)
    assert {"0.975", "0.01"} <= set(data["quantities"]["training_h100s"]["quantiles"])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("--quantile", "p100"), "error: --quantile 'p100': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--quantile", "p0"), "error: --quantile 'p0%': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--quantile", "many"), "error: --quantile 'many': write it as 0.95, 95% or p95, between 0 and 1"),
        (("--ci", "15 million"), "error: --ci '15 million': a probability lies between 0 and 1, as 0.9 or 90%"),
        (("--target-error", "0"), "error: --target-error '0': an error lies between 0 and 1, and none is reached at 0"),
    ],
)
def test_what_is_no_probability_is_told_in_the_words_of_its_option(typed, told, cli):
    outcome = cli(*typed)
    assert outcome.code == 2
    assert outcome.err.startswith(told.replace("'p0%'", "'0%'")), outcome.err


@pytest.mark.parametrize("verb", ["explore", "sensitivity", "reserve", "report"])
def test_a_second_side_is_told_which_command_takes_it(verb, cli):
    outcome = cli(verb, "plappert-2024", "evidence-2026")
    assert outcome.code == 2
    assert outcome.err == (
        f"error: {verb} takes one RUN-or-SET, and not 'evidence-2026' too: 'simulate compare A B' holds several side "
        f"by side. 'simulate {verb} --help' lists what there is.\n"
    )
    assert cli("gpus", "b200").err.startswith("error: gpus takes no argument, and not 'b200' too. ")


def test_the_count_of_a_gpu_is_told_beside_its_h100_equivalents(cli):
    words = ("-p", "plappert-2024", "-n", "16000", "--no-save")
    told = " ".join(cli(*words, "--gpu", "b200").out.split())
    found = json.loads(cli(*words, "--gpu", "b200", "--json").out)["quantities"]["inference_gpus"]["median"]["value"]
    text = re.search(r"Of the GPU b200 that is ([\d,]+) \(training_gpus\) and ([\d,]+) \(inference_gpus\)", told)
    assert float(text[2].replace(",", "")) == pytest.approx(found, rel=0.01)
    assert "Of the GPU" not in cli(*words, "--gpu", "h100-sxm").out


def test_one_is_singular(cli, here):
    outcome = cli("-n", "1", "--no-save")
    assert outcome.err.startswith("note: 1 draw does not divide over 16 replicates")
    out = cli("backtest", "open-sora-1.0-gpu-hours", "-n", "1600").out
    assert "against 1 published case: 1,600 draws" in out
    assert "Only 1 training case predicts something" in out
    assert "inference case" not in out


def test_a_probability_below_is_the_rest_of_the_one_at_it_and_above(cli, here):
    (here / "atom.toml").write_text(
        'extends = ["plappert-2024-point"]\n[priors.peak_factor]\nunit = "1"\nsource = "s"\ngrade = "D"\n'
        "prior = 'choice(values=[1, 2], weights=[0.25, 0.75])'\n"
    )
    exact = json.loads(cli("-p", "atom.toml", "-n", "1600", "--no-save", "--json").out)
    high = exact["quantities"]["inference_h100s"]["interval"]["high"]["value"]
    asked = [f"inference_h100s {sign} {high!r}" for sign in "<>"]
    typed = ("-p", "atom.toml", "-n", "160000", "--no-save", "--exceeds", asked[0], "--exceeds", asked[1])
    found = json.loads(cli(*typed, "--json").out)["quantities"]["inference_h100s"]
    assert [round(x["value"], 2) for side in ("below", "exceeds") for x in found[side].values()] == [0.25, 0.0]
    assert "P(inference_h100s < " in cli(*typed).out
    text = cli("ensemble", "plappert-2024:30%", "evidence-2026:70%", "-n", "16000", "--exceeds", "training_cost < 1M")
    assert "P(training_cost < 1 million USD) = 0." in text.out


def test_quantities_are_named_with_commas_too(cli):
    for typed in (("--no-save",), ("compare", "plappert-2024", "evidence-2026"), ("condition", "--no-save", *ON)):
        out = cli(*typed, "-n", "16000", "-q", "training_cost, training_flop", "-q", "training_gpus").out
        assert all(f"\n{name}" in out for name in ("training_cost", "training_flop", "training_gpus")), typed
    assert (
        cli("-q", "training_cost,,").err == "error: --quantity 'training_cost,,': a name is missing; write NAME,NAME\n"
    )


ON = ("--on", "training_h100s=lognormal(p5=8400, p95=21000)")


@pytest.mark.parametrize(
    "typed",
    [
        ("report", "plappert-2024", "--out", "new/page.html"),
        ("plot", "plappert-2024", "--out", "new/x.png"),
        ("plot", "plappert-2024", "--out", "x.png", "--data", "new/x.csv"),
        ("backtest", "--plot", "new/x.png"),
    ],
)
def test_no_folder_is_made_that_was_not_there(typed, cli, here):
    outcome = cli(*typed, "-n", "1600")
    assert outcome.code == 2
    assert "cannot be written: there is no folder 'new'; make it first" in outcome.err
    assert list(here.iterdir()) == []
