"""What a shell completes, by click's own protocol."""

import os
import subprocess
import sys

import pytest

from simulator import simulate
from simulator.plots.figure import KINDS

from ..conftest import ROOT
from ..helpers import HEAVY, loaded


def completed(folder, *words):
    """What bash is told for these words, of which the last is begun."""
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "_SIMULATE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["simulate", *words]),
        "COMP_CWORD": str(len(words)),
    }
    code = "from simulator.cli.main import main; main(prog_name='simulate')"
    typed = [sys.executable, "-c", code]
    done = subprocess.run(typed, env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a set of one's own and a stored run."""
    made = tmp_path_factory.mktemp("shell")
    (made / "priors").mkdir()
    (made / "priors" / "mine.toml").write_text('extends = ["plappert-2024"]\n')
    simulate(draws=160).save(made / "runs")
    return made


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("comp",), ["compare"]),
        (("-p", "plappert-2024-"), ["plappert-2024-point"]),
        (("--gpu", "b2"), ["b200"]),
        (("--set", "peak"), ["peak_factor="]),
        (("-q", "training_c"), ["training_cost"]),
        (("-q", "training_flop,training_c"), ["training_flop,training_cost"]),
        (("compare", "mi"), ["mine"]),
        (("compare", "mine+b2"), ["mine+b200"]),
        (("compare", "mine", "evidence-2026", "--gpu", "B:b2"), ["B:b200"]),
        (("compare", "mine", "--set", "B:training_da"), ["B:training_days="]),
        (("sensitivity", "evidence-2026", "--set", "tokens_p"), ["tokens_per_second="]),
        (("sensitivity", "lat"), ["latest"]),
        (("reserve", "mine", "--learn", "al"), ["all"]),
        (("reserve", "mine", "--learn", "all,peak"), ["all,peak_factor"]),
        (("reserve", "mi"), ["mine"]),
        (("plot", "latest", "--kind", "den"), ["density"]),
        (("plot", "latest", "--of", "breakeven_d"), ["breakeven_days"]),
        (("runs", "show", "la"), ["latest"]),
        (("rerun", "la"), ["latest"]),
        (("report", "mine", "--compare", "evi"), ["evidence-2026"]),
        (("backtest", "hunyuanvideo-13b-f"), ["hunyuanvideo-13b-flop"]),
        (("explain", "peak"), ["peak_factor"]),
        (("condition", "mine", "--on", "training_c"), ["training_cost="]),
        (("ensemble", "mi"), ["mine:"]),
        (("priors", "show", "mi"), ["mine"]),
    ],
)
def test_a_shell_completes_what_there_is(words, told, folder):
    assert completed(folder, *words) == told


def test_runs_and_kinds_are_all_listed(folder):
    (run,) = (path.name for path in (folder / "runs").iterdir() if not path.name.startswith("."))
    assert run in completed(folder, "runs", "delete", "")
    assert set(completed(folder, "plot", "--kind", "")) == set(KINDS)


def test_completing_costs_a_start_nothing(folder):
    assert loaded("import simulator.cli.completion", HEAVY, folder) == set()
