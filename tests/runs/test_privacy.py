"""What is written is open to whom the umask says, and tells nothing of the machine that it was written on."""

import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

from simulator import Run, load_priors, simulate
from simulator.base import files
from simulator.runs import folders

from ..conftest import ROOT, forge

UMASKS = [0o022, 0o002, 0o077, 0o027]


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(root):
    return {str(p.relative_to(root)): stat.S_IMODE(p.stat().st_mode) for p in root.rglob("*")}


def test_the_umask_says_who_may_read_what_is_written(umask, cli, here):
    assert cli("--draws", "1600").code == 0
    (run,) = (here / "runs").iterdir()
    assert cli("--draws", "1600").code == 0  # in place of the first
    (run / "old").mkdir()
    (here / "data").mkdir()
    (here / "pages").mkdir()
    for command in (
        ["plot", "latest", "--data", "data/series.csv"],
        ["report", "latest", "--out", "pages/report.md"],
        ["priors", "new", "mine"],
        ["backtest", "wan-2.1-14b-720p-h100", "--draws", "1600", "--plot", "figure.svg"],
    ):
        assert cli(*command).code == 0
    files.write_file(here / "checkpoint.npz", b"counts")
    found = modes(here)
    assert len(found) > 10
    for name, mode in found.items():
        assert mode == (0o777 if (here / name).is_dir() else 0o666) & ~umask, name


def test_what_is_made_to_write_in_is_as_open_as_what_is_written(umask, here):
    with folders.workplace(here) as work:
        (here / "new").mkdir()
        assert modes(here)[work.name] == 0o777 & ~umask


def test_a_file_that_is_replaced_stays_as_open_as_it_was(here):
    seen, path = [], here / "mine.csv"
    path.write_bytes(b"older")
    path.chmod(0o640)

    class Watched(bytes):
        def __buffer__(self, flags):
            (part,) = here.glob(".writing-*")
            seen.append(stat.S_IMODE(part.stat().st_mode))
            return super().__buffer__(flags)

    files.write_file(path, Watched(b"newer"))
    assert path.read_bytes() == b"newer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert set(seen) == {0o640}  # while it is written, too
    (here / "link.csv").symlink_to(path)
    files.write_file(here / "link.csv", b"text")
    assert stat.S_IMODE((here / "link.csv").stat().st_mode) != 0o777


# ------------------------------------------------------------------------- nothing of this machine is told

WRITE = """
from simulator.cli.main import main
def run(*words):
    try:
        main(list(words), prog_name="simulate")
    except SystemExit as stop:
        assert not stop.code, words
run("--draws", "1600")
run("ensemble", "plappert-2024:0.5", "evidence-2026:0.5", "--draws", "1600")
run("condition", "--on", "training_h100s=lognormal(p5=8400, p95=21000)", "--draws", "16000")
"""


def install(folder, priors):
    """The package as it lies in a folder of one's own, with its prior sets where the wheel or a checkout has them."""
    shutil.copytree(ROOT / "simulator", folder / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "priors", folder / priors)
    return folder


def written(folder, cwd):
    cwd.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", WRITE],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {str(p.relative_to(cwd)): p.read_bytes() for p in cwd.glob("runs/**/*") if p.is_file()}


def test_two_installs_write_the_same_bytes(tmp_path):
    wheel = written(install(tmp_path / "site" / "alice", "simulator/shipped"), tmp_path / "work")
    checkout = install(tmp_path / "code", "priors")
    elsewhere, within = written(checkout, tmp_path / "home" / "alice"), written(checkout, checkout)
    assert len(wheel) == 6
    assert wheel == elsewhere == within
    for content in wheel.values():
        assert b"alice" not in content
        assert bytes(ROOT) not in content


OWN = 'title = "t"\nextends = ["plappert-2024"]\n[priors.peak_factor]\nprior = "lognormal(p5=1, p95=3)"\nunit = "1"\n'


@pytest.fixture
def own(here):
    """A prior set of the user's, in a folder with the user's name in its path."""
    (here / "alice" / "sub").mkdir(parents=True)
    path = here / "alice" / "sub" / "mine.toml"
    path.write_text(OWN + 'source = "s"\ngrade = "D"\n')
    (here / "alice" / "numbers.csv").write_text("1\n2\n3\n")
    return path


@pytest.mark.parametrize(
    ("cwd", "written", "origin"),
    [
        ("alice", "{here}/alice/sub/mine.toml", "mine.toml"),
        ("alice", "sub/mine.toml", "sub/mine.toml"),
        ("alice/sub", "./mine.toml", "mine.toml"),
        ("work", "{here}/alice/sub/mine.toml", "mine.toml"),
        ("work", "../alice/sub/mine.toml", "mine.toml"),
    ],
)
def test_a_users_file_is_called_by_its_place_in_the_working_folder(own, here, monkeypatch, cwd, written, origin):
    (here / "work").mkdir()
    monkeypatch.chdir(here / cwd)
    chosen = load_priors(written.format(here=here))
    assert chosen.priors["peak_factor"].origin == origin
    assert chosen.priors["gpu_peak"].origin == "gpus/h100-sxm.toml"
    assert chosen.priors["dit_parameters"].origin == "plappert-2024-point.toml"


def test_a_mistake_names_the_file_as_the_user_finds_it(own, cli):
    own.write_text(own.read_text().replace("p5=1", "p5=-1"))
    assert cli("priors", "check", str(own)).errors[0].startswith(f"error: {own}: priors.peak_factor.prior: ")


def test_an_older_run_tells_no_folders_either(stored_by_an_older_version):
    priors = Run.load(stored_by_an_older_version).priors
    assert priors.digest == load_priors().digest
    assert priors.priors["peak_factor"].origin == "plappert-2024.toml"
    assert priors.priors["gpu_peak"].origin == "gpus/h100-sxm.toml"
    assert priors.priors["parameters"].origin == "mine.toml"


@pytest.fixture
def stored_by_an_older_version(here):
    folder = simulate(draws=1600).save("runs")
    priors = json.loads((folder / "run.json").read_text())["priors"]
    priors["priors"]["peak_factor"]["origin"] = "/home/alice/simulate/priors/plappert-2024.toml"
    priors["priors"]["gpu_peak"]["origin"] = "/home/alice/simulate/priors/gpus/h100-sxm.toml"
    priors["priors"]["parameters"]["origin"] = "C:\\Users\\alice\\mine.toml"
    forge(folder, priors=priors)
    return folder


def test_what_is_sent_to_others_holds_no_folder_of_this_machine(own, here, cli, monkeypatch):
    """Everything that may be sent, of a set and a run that are named with their whole paths."""
    monkeypatch.setenv("SIMULATOR_RUNS", str(here / "alice" / "runs"))
    numbers = f"B:peak_factor=empirical(file='{here / 'alice' / 'numbers.csv'}')"
    assert cli("--priors", str(own), "--draws", "1600").code == 0
    (run,) = (here / "alice" / "runs").iterdir()
    gpu = f"B:{shutil.copy(ROOT / 'priors/gpus/b200.toml', here / 'alice' / 'fast.toml')}"
    commands = [
        ["priors", "show", str(own), "--json"],
        ["priors", "show", str(own), "--sources"],
        ["compare", str(own), f"{own}+{own}", "--set", numbers, "--gpu", gpu, "--draws", "1600", "--json"],
        ["compare", str(run), str(own), "--json"],
        ["compare", str(run), str(own)],
        ["report", str(run), "--compare", str(own), "--set", numbers, "--out", "-", "--format", "json"],
        ["report", str(run), "--compare", str(own), "--set", numbers, "--out", "-", "--format", "md"],
        ["report", str(run), "--compare", str(own), "--set", numbers, "--out", "-"],
        [
            "plot",
            str(run),
            str(own),
            "--set",
            numbers,
            "--gpu",
            gpu,
            "--kind",
            "forest",
            "--out",
            "a.svg",
            "--data",
            "a.csv",
        ],
        ["plot", str(run), str(own), "--set", numbers, "--gpu", gpu, "--kind", "forest", "--out", "a.png"],
    ]
    for command in commands:
        outcome = cli(*command)
        assert outcome.code == 0, outcome.err
        assert "alice" not in outcome.out, command
    kept = [*run.iterdir(), here / "a.svg", here / "a.csv", here / "a.png"]
    assert len(kept) == 5
    for path in kept:
        assert b"alice" not in path.read_bytes(), path
