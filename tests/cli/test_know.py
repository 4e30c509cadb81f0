"""`--know`, in every verb that takes `--set`: it moves what is correlated, is named, stored, and made again."""

import json
import shlex

import pytest

from simulator import load_priors, simulate, whatif
from simulator.base.known import known

KNOW = ("--know", "parameters=2B")


def median(outcome, name="training_flop"):
    return json.loads(outcome.out)["quantities"][name]["median"]["value"]


def test_known_moves_what_is_correlated_and_set_does_not(cli):
    line = ("-p", "evidence-2026", "-n", "64000", "-q", "training_flop", "--no-save", "--json")
    plain, known_, set_ = cli(*line), cli(*line, *KNOW), cli(*line, "--set", "parameters=2B")
    assert median(known_) < 0.3 * median(set_) < 0.3 * median(plain)
    both = cli(*line, *KNOW, "--set", "attention_density=1")
    turned = cli(*line, "--set", "attention_density=1", *KNOW)
    assert both.out == turned.out
    assert median(both) > median(known_)
    data = json.loads(known_.out)
    assert data["edits"] == {"parameters": "2e9"}
    assert data["title"] == "Evidence, 2026 (with parameters=2e9 known)"


@pytest.mark.parametrize(
    "line",
    [
        ("sensitivity", "evidence-2026", *KNOW, "-n", "16000", "--of", "training_flop"),
        ("whatif", "evidence-2026", *KNOW, "-n", "16000"),
        ("compare", "evidence-2026", *KNOW, "-n", "16000", "--no-attribution"),
        ("compare", "evidence-2026", "evidence-2026", "--know", "B:parameters=2B", "-n", "16000", "--no-attribution"),
        ("condition", "evidence-2026", *KNOW, "--on", "training_flop=lognormal(p5=1e22, p95=1e23)", "-n", "16000"),
        ("plot", "evidence-2026", *KNOW, "--of", "training_flop", "--out", "a.png", "-n", "16000"),
        ("report", "evidence-2026", *KNOW, "--format", "md", "--out", "-", "-n", "16000"),
        ("explain", "training_flop", "-p", "evidence-2026", *KNOW),
        ("priors", "show", "evidence-2026", *KNOW),
    ],
    ids=lambda line: " ".join(line[:2]),
)
def test_every_verb_takes_it(line, cli, here):
    outcome = cli(*line)
    assert outcome.code == 0, outcome.err
    assert outcome.out or (here / "a.png").is_file()


def test_a_run_of_what_is_known_is_made_again(cli, here):
    assert cli("-p", "evidence-2026", *KNOW, "-n", "16000").code == 0
    assert cli("rerun", "latest").code == 0
    out = cli("report", "latest", "--format", "md", "--out", "-").out
    (command,) = [
        line.strip() for line in out.splitlines() if line.strip().startswith("simulate ") and "--know" in line
    ]
    words = shlex.split(command)
    assert words[words.index("--know") + 1] == "parameters=2e9"
    again = cli(*words[1:], "--no-save", "--json")
    assert json.loads(again.out)["digest"] == json.loads(cli("runs", "show", "latest", "--json").out)["digest"]


def test_next_commands_keep_what_is_known(cli):
    out = cli("-p", "evidence-2026", *KNOW, "-n", "1600", "--no-save").out
    lines = [line.removeprefix("next: ").strip() for line in out.splitlines() if "simulate " in line and "next" in line]
    assert lines
    assert all("--know parameters=2B" in line for line in lines)
    assert cli(*shlex.split(lines[0])[1:], "-n", "1600").code == 0


def test_python_knows_it_too():
    a = simulate("evidence-2026", know={"parameters": "2B"}, draws=1600, quantities=["training_flop"])
    b = simulate(load_priors("evidence-2026", know={"parameters": 2e9}), draws=1600, quantities=["training_flop"])
    base = simulate("evidence-2026", draws=1600, quantities=["training_flop"])
    c = whatif(base, {"parameters": known(2e9)}).b
    assert a.digest == b.digest == c.digest


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (("--know", "parameters"), "--know 'parameters': write NAME=VALUE, as in 'parameters=2e9'"),
        (("--know", "parameters=lognormal(p5=1, p95=2)"), "is no value; --set parameters=.. takes a distribution"),
        (("--know", "parametres=2"), "--know parametres: dit-scaling reads no prior of this name; did you mean"),
        (("--know", "training_mfu=40"), "--know training_mfu: 40 is above 1"),
        (("--know", "parameters=2", "--set", "parameters=3"), "--set 'parameters' stands twice; give it once"),
        (("--know", "parameters=2", "compare", "plappert-2024"), "--know stands before 'compare', where it has no"),
        (("compare", "plappert-2024", "--know", "C:parameters=2"), "there is no C here"),
        (("whatif", "plappert-2024"), "is what it is: say what changes"),
    ],
)
def test_what_cannot_be_known_gets_a_line(line, part, cli):
    outcome = cli(*line)
    assert outcome.code == 2
    assert part in outcome.err
    assert len(outcome.errors) == 1
