"""A prior set from a stranger executes nothing, writes nothing, and reads nothing beyond its own folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import InputError, PriorSet, load_priors, simulate
from simulator.base import files
from simulator.distributions.families import parse
from simulator.priors.cases import load_case

from ..conftest import ROOT
from ..hostile import CODE, HEAD, within

SECRET = "31415.9"  # what the messages must not hold


def setting(text, extends=HEAD):
    return f"{extends}[priors.parameters]\nprior = '''{text}'''\nunit = '1'\nsource = 's'\ngrade = 'D'\n"


@pytest.fixture
def stranger(tmp_path):
    """The folder of a stranger's set, beside what is none of its business."""
    folder = tmp_path / "stranger"
    (folder / "sub").mkdir(parents=True)
    (folder / "own.csv").write_text("1e9\n2e9\n")
    (folder / "sub" / "own.csv").write_text("1e9\n2e9\n")
    (tmp_path / "secret.csv").write_text(f"{SECRET}\n2\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.csv").symlink_to("loop.csv")
    return folder


def refused(action):
    with pytest.raises(InputError) as stop:
        action()
    (line,) = stop.value.lines
    assert SECRET not in line
    return line


INSIDE = ["own.csv", "sub/own.csv", "./own.csv", "sub/../own.csv", "sub//own.csv"]
OUTSIDE = [
    "../secret.csv",
    "link.csv",
    "up/secret.csv",
    "sub/../../secret.csv",
    "/etc/hostname",
    "/etc/passwd",
    "/proc/self/stat",
    "loop.csv",
    "..",
    ".",
    "",
    "/",
    "{folder}/own.csv",
    "{folder}/../secret.csv",
]


@pytest.mark.parametrize("name", INSIDE)
def test_numbers_from_the_folder_of_the_file(stranger, name):
    (stranger / "set.toml").write_text(setting(f"empirical(file='{name}')"))
    assert (
        load_priors(str(stranger / "set.toml")).priors["parameters"].distribution.text == "empirical(values=[1e9, 2e9])"
    )


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("table", ["priors.parameters", "evidence.training_h100s"])
def test_no_numbers_from_elsewhere(stranger, name, table):
    text = setting(f"empirical(file='{name.replace('{folder}', str(stranger))}')").replace("priors.parameters", table)
    (stranger / "set.toml").write_text(text)
    line = refused(lambda: load_priors(str(stranger / "set.toml")))
    assert "is not in the folder of the file that names it: put it there, or name it with --set" in line


def test_no_numbers_from_elsewhere_for_a_case_or_from_within_another_distribution(stranger):
    text = "mixture(weights=[0.5, 0.5], a=empirical(file='../secret.csv'), b=1)"
    (stranger / "set.toml").write_text(setting(text))
    assert "is not in the folder" in refused(lambda: load_priors(str(stranger / "set.toml")))
    head = "title = 't'\nabout = 'training'\ndate = '2025'\n[observed]\nquantity = 'training_gpu_hours'\nvalue = 1\n"
    (stranger / "case.toml").write_text(f"{head}unit = 'hour'\nsource = 's'\ngrade = 'A'\n{setting(text, '')}")
    assert "is not in the folder" in refused(lambda: load_case(str(stranger / "case.toml")))


def test_whether_a_file_exists_elsewhere_is_not_told(stranger):
    lines = set()
    for name in ("../secret.csv", "../nothing.csv"):
        (stranger / "set.toml").write_text(setting(f"empirical(file='{name}')"))
        lines.add(refused(lambda: load_priors(str(stranger / "set.toml"))).replace(name, ""))
    assert len(lines) == 1


def test_the_user_may_name_any_file(stranger, cli):
    secret = stranger.parent / "secret.csv"
    assert parse(f"empirical(file='{secret}')").text == f"empirical(values=[{SECRET}, 2])"
    assert load_priors(set={"peak_factor": f"empirical(file='{secret}')"}).priors["peak_factor"].uncertain
    assert cli("--set", f"peak_factor=empirical(file='{secret}')", "--draws", "160", "--no-save").code == 0


def test_a_stored_run_names_no_files(stranger, here):
    """A run from a stranger is read back from its texts, which could name a file of this machine."""
    data = load_priors().to_json()
    data["priors"]["parameters"]["distribution"] = f"empirical(file='{stranger / 'own.csv'}')"
    assert "in a stored run" in refused(lambda: PriorSet.from_json(data))
    run = simulate(draws=160)
    run.save("runs")
    (meta,) = Path("runs").glob("*/run.json")
    meta.write_text(
        meta.read_text().replace("lognormal(p5=8e9, p95=5e10)", f"empirical(file='{stranger / 'own.csv'}')")
    )
    done = subprocess.run([sys.executable, "-m", "simulator", "runs", "show", "latest"], capture_output=True, text=True)
    assert done.returncode in (1, 2)
    assert len(done.stderr.splitlines()) == 1


WATCHED = """
import json, os, sys
from pathlib import Path
from simulator import load_priors
from simulator.priors.cases import load_case
from simulator.distributions.families import parse
from simulator.compute.units import factor
from tests.hostile import kept

folder, (texts, names) = Path(sys.argv[1]), json.loads(sys.argv[2])
load_priors("evidence-2026"), load_case("wan-2.1-14b-720p-h100"), kept(lambda: factor("TFLOP/s", "FLOP/s"))
parse("truncate(prior=mixture(weights=[0.5, 0.5], a=beta(p5=0.1, p95=0.3), b=student_t(df=3, loc=1, scale=1)), low=0)")
FORBIDDEN = ("compile", "exec", "import", "subprocess.", "socket.", "ctypes.", "shutil.", "tempfile.", "urllib.",
             "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.remove", "os.rename", "os.mkdir",
             "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime", "os.putenv",
             "os.kill")
seen, watching, here = [], False, (os.path.realpath(folder), os.path.realpath("priors"))


def watch(event, arguments):
    if watching and event.startswith(FORBIDDEN):
        seen.append(f"{event} {arguments!r}"[:200])
    if watching and event == "open":
        writes = arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        if writes or not os.path.realpath(arguments[0]).startswith(here):
            seen.append(f"{event} {arguments!r}"[:200])


sys.addaudithook(watch)
watching = True
for text in texts:
    kept(lambda: parse(text))
for name in names:
    kept(lambda: load_priors(str(folder / name)))
    kept(lambda: load_case(str(folder / name)))
watching = False
print(json.dumps(seen))
"""


def test_nothing_is_executed_written_or_read_elsewhere(stranger):
    """Told by Python's own audit events: what is compiled, run, imported, connected to, and every file opened."""
    names = []
    for i, text in enumerate(CODE):
        names.append(f"s{i}.toml")
        (stranger / names[-1]).write_text(setting(text))
    for i, name in enumerate(OUTSIDE):
        names.append(f"f{i}.toml")
        (stranger / names[-1]).write_text(setting(f"empirical(file='{name}')"))
    for i, parent in enumerate(["..", "/dev/zero", "/nowhere.toml", "http://localhost/x.toml"]):
        names.append(f"e{i}.toml")
        (stranger / names[-1]).write_text(f"extends = ['{parent}', 'plappert-2024']\n")
    before = sorted(path for path in stranger.parent.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(stranger), json.dumps([CODE, names])],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == []
    assert sorted(path for path in stranger.parent.rglob("*")) == before


def test_what_becomes_a_pipe_after_the_look_at_it_is_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(files.stat, "S_ISREG", lambda mode: True)
    with within(5.0):
        assert files.content(tmp_path / "pipe", 9, "prior file") == b""


CALLED = ["../up.toml", "sub/../../up.toml", "...toml", ".hidden.toml", "a\nb.toml", "a;touch x.toml", "-rf.toml"]


@pytest.mark.parametrize("name", CALLED)
def test_a_run_lies_in_its_folder_whatever_its_set_is_called(cli, here, name):
    (here / "work" / "sub").mkdir(parents=True)
    (here / "work" / name).write_text(HEAD)
    assert cli("--priors", f"work/{name}", "--draws", "160", "--runs", "kept").code == 0
    (made,) = (here / "kept").iterdir()
    assert made.name[0] not in ".-"
    assert made.name.isprintable()
    assert {path.name for path in here.iterdir()} <= {"work", "kept", "up.toml"}
    assert made.name in cli("runs", "list", "--runs", "kept").out
