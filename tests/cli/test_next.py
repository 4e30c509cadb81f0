"""Every command that the program prints runs as it stands, whatever the set's file is called."""

import shlex

import pytest

OWN = """
title = "Ours"
extends = ["plappert-2024"]
[priors.training_mfu]
prior = 0.4
unit = "1"
source = "measured"
grade = "A"
"""
PATH = "sets/own 'set' 自己的.toml"
FACT = ("--on", "training_h100s=lognormal(p5=8400, p95=21000)")


def printed(out):
    """The commands behind `next:`, as a shell would read them."""
    lines = out[out.index("next: ") :].replace("next: ", "      ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("      simulate ")]


@pytest.fixture
def own(here):
    (here / "sets").mkdir()
    (here / PATH).write_text(OWN)
    return PATH


@pytest.mark.parametrize(
    "typed",
    [
        ("-p", PATH),
        ("-p", PATH, "--no-save"),
        ("-p", PATH, "--no-save", "--set", "peak_factor=lognormal(p5=1, p95=3)", "--gpu", "b200"),
        ("-p", "plappert-2024-point", "-p", PATH, "--no-save", "--all"),
        ("-p", PATH, "--runs", "my runs", "--all", "-q", "training_flop"),
        ("--no-save", "-q", "ai_minutes_per_day", "-q", "dit_breakeven_images"),
        ("-p", "plappert-2024-point", "--no-save", "--set", "peak_factor=3"),
        ("-p", "evidence-2026", "--no-save"),
        ("condition", PATH, *FACT),
        ("condition", PATH, *FACT, "--no-save", "--gpu", "b200"),
        ("ensemble", f"{PATH}:0.5", "evidence-2026:0.5"),
        ("ensemble", f"{PATH}:0.5", "evidence-2026:0.5", "--no-save"),
    ],
)
def test_what_is_printed_runs(typed, own, cli):
    outcome = cli(*typed, "-n", "16000")
    assert outcome.code == 0, outcome.err
    commands = printed(outcome.out)
    assert commands
    for words in commands:
        after = cli(*words[1:], *([] if words[1] in ("explain", "plot") else ["-n", "16000"]))
        assert (after.code, after.errors) == (0, []), words
        if words[1] == "compare" and "--set" in words:
            assert "No prior differs" not in after.out
            assert "What differs:" in after.out
        if words[1] in ("compare", "sensitivity") and "--set" in typed:
            assert "peak_factor" in after.out


def test_what_is_printed_of_a_stored_run_runs(own, cli):
    for typed in (("-p", PATH), ("condition", PATH, *FACT), ("ensemble", f"{PATH}:0.5", "evidence-2026:0.5")):
        assert cli(*typed, "-n", "16000", "--runs", "r n").code == 0
        for words in printed(cli("runs", "show", "latest", "--runs", "r n").out):
            assert cli(*words[1:]).code == 0, words


def test_the_edit_is_one_of_the_set_and_constants_are_not_analysed(own, cli):
    """training_mfu is known in the set, and dit_breakeven_images a constant of every one."""
    out = cli("-p", PATH, "--no-save", "-n", "16000", "-q", "training_cost", "-q", "dit_breakeven_images").out
    (first, second) = printed(out)
    assert first[-2:] == ["--of", "training_cost"]
    assert second[-2] == "--set"
    name, value = second[-1].split("=")
    assert name != "training_mfu"
    assert float(value) > 0.0


def test_the_commands_of_a_new_set_of_a_model_of_ones_own_run(cli, here):
    assert cli("models", "new", "mine").code == 0
    out = cli("priors", "new", "other", "--extends", "mine", "--model", "mine.py").out
    assert len(printed(out)) == 2
    for words in printed(out):
        assert cli(*words[1:], *(["-n", "1600"] if words[1] != "priors" else [])).code == 0, words
    path = here / "priors/other.toml"
    text = path.read_text()
    path.write_text(
        text.replace("# [corr", "[corr").replace('# "users, queries_per_user"', '"users, queries_per_user"')
    )
    assert path.read_text() != text
    assert cli("priors", "check", "other", "--model", "mine.py").code == 0


def test_the_commands_of_a_new_file_and_of_a_report_run(own, cli, here):
    told = cli("priors", "new", "sets/mein 'Satz' 二.toml", "--extends", "plappert-2024").out.splitlines()
    for line in told[2:]:
        assert cli(*shlex.split(line)[1:], *(["-n", "1600"] if "check" not in line else [])).code == 0, line
