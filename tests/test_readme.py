"""The README's commands run, its output is the program's, and its Python works."""

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from matplotlib import rc_context

from simulator.distributions.families import FAMILIES, describe

from .conftest import ROOT

TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, flags=re.S)


COMMANDS = [[line for line in block.splitlines() if line.strip()] for kind, block in BLOCKS if kind == "sh"]
SIMULATE = [line for block in COMMANDS for line in block if line.startswith("simulate ")]
OTHER = [line.split("#")[0].strip() for block in COMMANDS for line in block if not line.startswith("simulate ")]
SESSIONS = [block for block in COMMANDS if block[0].startswith("simulate ")]
DRAWING = ("-", "compare", "sensitivity", "reserve", "own", "plot plappert", "report plappert", "condition", "ensemble")


def fewer(line):
    """The words of a command, with fewer draws than it would take: what it prints is not compared here."""
    words = shlex.split(re.sub(r"(--draws) (1M|2e7|100000)\b", r"\1 64000", line), comments=True)[1:]
    given = {"--draws", "--target-error"} & set(words)
    if words[0] in ("backtest", "calibrate") and "docs/images/backtest.png" not in words:
        return [*words, "--draws", "1600"]
    if words[:2] == ["report", "latest"] and not {"--format", "--interactive"} & set(words):
        return [*words, "--format", "json"]  # the block has a page with its pictures already
    return [*words, "--draws", "64000"] if " ".join(words).startswith(DRAWING) and not given else words


def test_every_command_of_the_readme_stands_in_a_session():
    assert len(SIMULATE) > 15
    assert [line for block in SESSIONS for line in block if line.startswith("simulate ")] == SIMULATE


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session[0].split("#")[0].strip())
def test_the_commands_of_the_readme_run_one_after_another(session, cli, here):
    """Each block after a first run, as its reader has made one, in a folder with docs/images, as a checkout has."""
    (here / "docs" / "images").mkdir(parents=True)
    assert cli("--draws", "64000").code == 0
    for line in (line for line in session if line.startswith("simulate ")):
        outcome = cli(*fewer(line))
        assert outcome.code == 0, (line, outcome.err)
        assert outcome.out, line
        if not any(part in line for part in ("mermaid", "--json", "--format md")):
            commands = re.compile(r"(next:| {5}) simulate ")  # these are to be copied whole
            shown = [text for text in outcome.out.splitlines() if not commands.match(text)]
            assert max(map(len, shown)) <= 80, line


@pytest.mark.parametrize("block", [b for k, b in BLOCKS if k == "console"])
def test_the_output_in_the_readme_is_the_programs(block, cli):
    first, printed = block.split("\n", 1)
    outcome = cli(*shlex.split(first.removeprefix("$ simulate")))
    assert outcome.out == printed


def test_the_python_in_the_readme_runs(here):
    shown, names = io.StringIO(), {}
    with contextlib.redirect_stdout(shown), rc_context({"backend": "agg"}):
        for block in (b for k, b in BLOCKS if k == "python"):
            exec(compile(block, "README.md", "exec"), names)
    assert "Estimate(value=" in shown.getvalue()
    assert "inference_h100s" in shown.getvalue()


def test_the_toml_in_the_readme_is_a_good_prior_set(cli, here):
    (block,) = [b for k, b in BLOCKS if k == "toml"]
    (here / "mine.toml").write_text(block)
    assert cli("priors", "check", "mine.toml").code == 0


def test_the_families_in_the_readme_are_all_of_them():
    for name in FAMILIES:
        ways = ", ".join(f"`{way}`" for way in describe(name).split(" or "))
        assert f"| {name} | {ways} |" in TEXT


def test_every_other_command_of_the_readme_is_known_here():
    assert OTHER == [
        "make run",
        "make test",
        "python3 -m venv .venv",
        ".venv/bin/pip install .",
        ".venv/bin/simulate --draws 1000000",
        "chromium --headless --hide-scrollbars --window-size=900,900 --screenshot=docs/images/report.png report.html",
        "chromium --headless --hide-scrollbars --window-size=1100,740 --virtual-time-budget=20000 "
        "--screenshot=docs/images/explore.png explore.html",
    ]


def test_the_figures_in_the_readme_are_what_the_commands_beside_them_draw(cli, here):
    """The same pictures, to a few grey levels: other versions of the font library smooth differently."""
    from PIL import Image, ImageChops, ImageStat

    drawn = [line for line in SIMULATE if "docs/images/" in line]
    shown = re.findall(r"!\[[^]]+\]\((docs/images/\S+)\)", TEXT)
    assert len(drawn) == 4
    assert len(shown) == 6
    elsewhere = re.findall(r"!\[[^]]+\]\(images/(\S+)\)", (ROOT / "docs" / "years.md").read_text())  # in test_years
    there = sorted(p.name for p in (ROOT / "docs/images").iterdir())
    assert there == sorted([*elsewhere, *(p.rsplit("/", 1)[1] for p in shown)])
    assert all((ROOT / path).stat().st_size < 150_000 for path in shown)
    (here / "docs" / "images").mkdir(parents=True)
    for line in drawn:
        assert cli(*shlex.split(line)[1:]).code == 0
        path = re.search(r"docs/images/\S+", line)[0]
        with Image.open(here / path) as now, Image.open(ROOT / path) as then:
            assert now.size == then.size
            off = ImageStat.Stat(ImageChops.difference(now.convert("L"), then.convert("L")))
            assert off.mean[0] < 2.0, path


def tracked(target):
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("make"), reason="needs a checkout and make")
def test_make_run_and_make_test_work_in_a_copy(tmp_path):
    """With an environment like this one in place: it is `make` itself that is tested, not pip."""
    tracked(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, module in (("python", ""), ("simulate", " -m simulator")):
        wrapper = tmp_path / ".venv" / "bin" / name
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable}{module} "$@"\n')
        wrapper.chmod(0o755)
    for stamp in ("run-stamp", "test-stamp"):
        (tmp_path / ".venv" / stamp).touch()
    environment = {k: v for k, v in os.environ.items() if k != "SIMULATOR_RUNS"} | {"PYTHONPATH": str(tmp_path)}

    def make(*arguments):
        return subprocess.run(["make", *arguments], cwd=tmp_path, capture_output=True, text=True, env=environment)

    done = make("run")
    assert done.returncode == 0, done.stderr
    assert "Training takes" in done.stdout
    assert len([p for p in (tmp_path / "runs").iterdir() if p.is_dir()]) == 1
    assert "-m pytest" in make("-n", "test").stdout
    assert "-m calibration" in make("-n", "calibration").stdout
    lowest = re.findall(r"tests/\S+\.py", make("-n", "lowest").stdout)
    assert len(lowest) > 8
    assert all((ROOT / path).is_file() for path in lowest), lowest
    old = make("-B", "PYTHON=/bin/false", ".venv/bin/python")
    assert old.returncode != 0
    assert old.stderr.splitlines()[0] == "simulate needs Python 3.12 or newer; /bin/false is older"


def test_pip_install_puts_the_prior_sets_into_the_wheel(tmp_path):
    """As `pip install .`, without the dependencies, into a folder; then used from `/`."""
    tracked(tmp_path / "copy") if (ROOT / ".git").exists() else shutil.copytree(ROOT, tmp_path / "copy")
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), "."]
    done = subprocess.run(pip, cwd=tmp_path / "copy", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "copy")
    environment = os.environ | {"PYTHONPATH": str(target), "SIMULATOR_RUNS": str(tmp_path / "runs")}
    code = "import simulator, sys; print(simulator.__file__); from simulator.cli.main import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--draws", "1600"], cwd="/", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(target))
    assert "Training takes" in done.stdout
    for part in ("shipped/gpus/b200.toml", "shipped/cases/imagen-flop.toml", "reports/templates/report.html"):
        assert (target / "simulator" / part).is_file(), part
