"""A name of a file, a folder, a run or a set may be anything: no channel hands a terminal what it would obey."""

import os
import re
import subprocess
import sys

import pytest

from simulator.base import files
from simulator.reports import console

ESCAPE, BYTE = "a\x1b[31m\x9b2J\x07b\u202ec\u2066d\u200f", os.fsdecode(b"caf\xe9")
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
SET = 'title = "t"\nextends = ["plappert-2024"]\n'


def clean(outcome):
    """That nothing of what was printed would be obeyed, and that what was asked for was done."""
    assert outcome.code == 0, outcome.err
    assert not OBEYED.search(outcome.out.replace("\n", "")), ascii(outcome.out)
    assert not OBEYED.search(outcome.err.replace("\n", "")), ascii(outcome.err)
    assert not any(line.startswith("note: b") for line in outcome.err.splitlines())


@pytest.fixture(params=[ESCAPE, BYTE, "a\nnote: b; touch c"], ids=ascii)
def name(request, cli, here):
    (here / f"{request.param}.toml").write_text(SET)
    return request.param


DRAWING = ("--priors", "compare", "sensitivity", "reserve", "own", "ensemble", "backtest", "report", "plot")


def test_a_prior_file_of_any_name(name, cli, here):
    file, tested = f"{name}.toml", f"{name}-tested.toml"
    (here / tested).write_text('title = "t"\nextends = ["evidence-2026"]\n')
    for command in (
        ["--priors", file],
        ["--priors", file, "--no-save"],
        ["runs", "list"],
        ["runs", "show", "latest"],
        ["rerun", "latest"],
        ["compare", file, "--set", "peak_factor=3"],
        ["compare", file, "latest", "--gpu", "B:b200"],
        ["compare", file, f"{file}+{file}", "--json"],
        ["sensitivity", file],
        ["own", file],
        ["reserve", file, "--short", "3", "--idle", "2", "--learn", "parameters"],
        ["whatif", "latest", "--set", "peak_factor=3"],
        ["priors", "show", file, "--sources"],
        ["priors", "check", file],
        ["explain", "inference_h100s", "--priors", file],
        ["condition", file, "--on", "training_h100s=lognormal(p5=8400, p95=21000)", "--draws", "16000"],
        ["ensemble", f"{file}:0.5", "evidence-2026:0.5"],
        ["backtest", "wan-2.1-14b-720p-h100", "--priors", tested],
        ["report", file, "--compare", "evidence-2026", "--format", "md", "--out", "-"],
        ["plot", file, "evidence-2026", "--kind", "forest", "--data", "a.csv"],
    ):
        if "latest" not in command and command[0] in DRAWING:
            command += ["--draws", "1600"]
        clean(cli(*command))
    assert not OBEYED.search((here / "a.csv").read_text().replace("\n", ""))


def test_a_report_of_any_name(name, cli, here):
    (here / "report").mkdir()
    file = f"{name}.toml"
    command = ["report", file, "--compare", file, "--set", "B:peak_factor=3", "--draws", "1600"]
    for form in ("html", "md", "json") if name in (ESCAPE, BYTE) else ("md", "json"):
        clean(cli(*command, "--out", f"report/{name}.{form}"))
    for path in (here / "report").iterdir():
        assert not OBEYED.search(path.read_text().replace("\n", "")), path


def test_a_folder_of_any_name(name, cli, here, monkeypatch):
    if name == BYTE:  # netCDF cannot write there
        (here / BYTE).mkdir()
        clean(cli("runs", "list", "--runs", BYTE))
        return
    monkeypatch.setenv("SIMULATOR_RUNS", f"{name}/runs")
    for command in (
        ["runs", "list"],
        ["--draws", "1600"],
        ["runs", "show", "latest"],
        ["rerun", "latest"],
        ["plot", "latest"],
        ["report", "latest", "--format", "md"],
        ["priors", "new", f"{name}/mine.toml"],
        ["runs", "delete", "latest"],
    ):
        clean(cli(*command))


def test_what_is_next_can_be_pasted(cli, here):
    (here / "a b; touch c.toml").write_text(SET)
    out = cli("--priors", "a b; touch c.toml", "--draws", "1600").out
    steps = [line for line in out.splitlines() if " simulate " in line]
    assert len(steps) == 2
    assert not any(set(";&|$`") & set(line) for line in steps), steps
    assert "--priors 'd e/mine.toml'" in cli("priors", "new", "d e/mine.toml").out


def test_a_path_for_another_program_is_the_path_itself(cli, here, monkeypatch):
    folder = here / ESCAPE
    assert cli("--draws", "1600", "--runs", str(folder)).code == 0
    assert os.path.exists(cli("runs", "path", "latest", "--runs", str(folder)).out.removesuffix("\n"))
    monkeypatch.setattr("simulator.reports.console._for_people", lambda: True)
    clean(cli("runs", "path", "latest", "--runs", str(folder)))


def test_a_remark_that_cannot_be_told_ends_nothing(here):
    code = "from simulator.reports import console; console.note('x'); print('on')"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", code], stderr=full, stdout=subprocess.PIPE, cwd=here, check=False)
    assert done.stdout == b"on\n"


def test_a_remark_is_one_line(capsys):
    console.note("a\n\x1b[2Jb")
    assert capsys.readouterr().err == "note: a ?[2Jb\n"


def test_a_file_that_cannot_be_written_is_told_of_without_what_a_terminal_would_obey(cli, here):
    (here / ESCAPE).write_text("in the way")
    outcome = cli("plot", "plappert-2024", "--draws", "1600", "--out", f"{ESCAPE}/a.png")
    assert outcome.code == 1
    assert not OBEYED.search(outcome.err.replace("\n", ""))
    assert files.reason(OSError(28, "x")) == "the disk is full"
