"""Faults injected into the writing of runs: kills and errors at each step, writers at once, links."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simulator import Run, RunError, __version__, load_priors, simulate
from simulator.base import files
from simulator.runs import folders, manifest, netcdf, store

from ..conftest import HANG, forge, wait_for
from ..helpers import hidden, whole

# ------------------------------------------------------------------- killed, or failing, at each step

# Forks a child for each step of writing a run: before the k-th thing that is done to the disk it is killed, or an
# error is raised there, once or from there on (at every other step, to be quick). One process does so in each way.
STEPS = """
import os, shutil, signal, sys
from simulator import RunError, simulate
from simulator.runs import netcdf as storage

run = simulate(draws=1600)
run.save("warm")  # everything is imported
EVENTS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "fcntl.flock"}
armed, count = False, 0

def step(*_):
    global count
    if not armed:
        return
    count += 1
    if count == at and mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if count == at and mode == "once" or count >= at and mode == "on":
        raise OSError(28, "No space left on device")

def stepped(owner, name, every=1):
    done, calls = getattr(owner, name), []
    def with_step(*arguments, **more):
        calls.append(name)
        if len(calls) % every == 0:
            step()
        return done(*arguments, **more)
    setattr(owner, name, with_step)

sys.addaudithook(lambda event, _: step() if event in EVENTS else None)
os.fsync = lambda handle: None  # a kill does not ask what is on the disk itself
stepped(os, "fsync")
stepped(storage, "_put", 10)
for way in sys.argv[1:]:
    mode, older = way.split(":")
    at = -1 if mode == "once" else 0
    while True:
        at += 1 if mode == "kill" else 2
        folder = f"steps/{mode}-{older}/{at}"
        shutil.copytree(older, folder)
        child = os.fork()
        if not child:
            armed = True
            try:
                run.save(folder)
                code = 0
            except RunError as error:
                code = 3 if len(error.lines) == 1 and "the disk is full" in error.lines[0] else 4
            except BaseException:
                code = 5
            armed = False
            os._exit(code if count >= at else 99)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(mode, older, at, status)
        if status == 99 or mode == "kill" and status == 0:
            break
"""


WAYS = [("kill", "older"), ("kill", "none"), ("once", "older"), ("on", "older")]


@pytest.fixture(scope="module")
def ended(made, tmp_path_factory):
    """The folders that writing left which ended at each step, and how it ended, by the way of its end."""
    folder = tmp_path_factory.mktemp("ended")
    (folder / "none").mkdir()
    forge(made.save(folder / "older"), version="older")
    (folder / "older" / made.name / "plot.png").write_text("a picture")
    command = [sys.executable, "-c", STEPS, *map(":".join, WAYS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=HANG)
    assert done.returncode == 0, done.stderr
    found = {}
    for mode, older, at, code in map(str.split, done.stdout.splitlines()):
        found.setdefault((mode, older), {})[folder / "steps" / f"{mode}-{older}" / at] = int(code)
    return found


@pytest.mark.parametrize(("mode", "older"), WAYS)
def test_at_whatever_step_writing_ends_a_run_is_whole_or_not_there(made, ended, monkeypatch, mode, older):
    replacing = older == "older"
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    codes = ended[mode, older]
    assert len(codes) > 15
    assert set(list(codes.values())[:-1]) <= {"kill": {-9}, "once": {0, 3}, "on": {0, 3}}[mode], codes
    versions = []
    for at, (root, code) in enumerate(codes.items()):
        for folder in root.iterdir():  # before anything puts it right
            if folder.name[0] != ".":
                netcdf.verify(folder, manifest.read_meta(folder))
        found = whole(root, made)
        assert set(found) <= {made.name}
        assert found or (not replacing and code), (at, code)
        assert mode == "on" or not hidden(root), (at, hidden(root))
        versions += found.values()
        assert made.save(root) == root / made.name
        assert [p.name for p in root.iterdir()] == [made.name]
        assert manifest.read_meta(root / made.name)["version"] == __version__
        if replacing:
            assert (root / made.name / "plot.png").read_text() == "a picture"
    assert set(versions) == {"older", __version__} if replacing else {__version__}  # both sides of the step were met


def test_a_kill_in_the_middle_of_a_file_leaves_the_older_run(made, here):
    """SIGXFSZ kills where a file would grow beyond its limit: in netCDF's own write."""
    forge(made.save("runs"), version="older")
    limited = (
        "import resource, signal, sys; from simulator import simulate; run = simulate(draws=1600);"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL); resource.setrlimit(resource.RLIMIT_CORE, (0, 0));"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); run.save('runs')"
    )
    done = subprocess.run([sys.executable, "-c", limited, "60000"], cwd=here, capture_output=True, check=False)
    assert done.returncode == -signal.SIGXFSZ
    assert len(hidden(here / "runs")) == 1
    assert whole(here / "runs", made) == {made.name: "older"}
    assert hidden(here / "runs") == []


def test_the_work_of_a_living_process_stays_and_that_of_a_dead_one_goes(made, here):
    root = here / "runs"
    root.mkdir()
    (root / ".writing-dead").mkdir()
    (root / ".writing-dead" / "new").mkdir()
    (root / ".writing-of-mine" / "chapters").mkdir(parents=True)
    (root / ".writing-of-mine" / "chapters" / "thesis.tex").write_text("years of work")
    (here / "apart" / "old-x" / "thesis").mkdir(parents=True)
    (here / "apart" / "old-x" / "thesis" / "run.json").write_text("years of work")
    (root / ".writing-link").symlink_to(here / "apart")
    (root / ".writing-dead.part").write_text("half a checkpoint")
    (root / ".writing-list").write_text("not by this program")
    mine = [".writing-link", ".writing-list", ".writing-of-mine"]
    with folders.workplace(root) as work:
        made.save(root)
        assert sorted(hidden(root)) == sorted([*mine, work.name])
    assert sorted(hidden(root)) == mine
    assert (root / ".writing-of-mine" / "chapters" / "thesis.tex").exists()
    assert (here / "apart" / "old-x" / "thesis" / "run.json").exists()


def test_an_older_run_that_was_being_removed_is_not_put_back(made, here):
    half = here / "runs" / ".writing-dead" / "old-x" / made.name
    half.mkdir(parents=True)
    (half / "run.nc").write_bytes(b"what a killed process had not removed yet")
    assert store.folders(here / "runs") == []
    assert list((here / "runs").iterdir()) == []


def test_without_locks_what_is_left_goes_after_a_day(made, here, monkeypatch):
    import fcntl

    def unsupported(*_):
        raise OSError(errno.ENOTSUP, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    for name, age in ((".writing-old", 90_000), (".writing-new", 10)):
        (here / "runs" / name).mkdir(parents=True)
        now = (here / "runs" / name).stat().st_mtime
        os.utime(here / "runs" / name, (now - age, now - age))
    made.save("runs")
    assert hidden(here / "runs") == [".writing-new"]


def test_what_is_swept_before_it_is_held_is_made_anew(made, here, monkeypatch):
    swept = []

    def sweeping(make, remove):
        def first_in_vain(folder):
            name = make(folder)
            if len(swept) < 2:
                remove(name)
                swept.append(name)
            return name

        return first_in_vain

    monkeypatch.setattr(folders, "new_folder", sweeping(files.new_folder, os.rmdir))
    made.save("runs")
    assert whole(here / "runs", made) == {made.name: __version__}
    swept.clear()
    monkeypatch.setattr(files, "new_file", sweeping(files.new_file, os.unlink))
    files.write_file(here / "a.txt", b"text")
    assert (here / "a.txt").read_bytes() == b"text"
    assert len(swept) == 2
    assert sorted(p.name for p in here.iterdir()) == ["a.txt", "runs"]


@pytest.mark.parametrize(("step", "late"), [(1, True), (2, False), (5, False)])
def test_another_process_may_set_the_older_run_aside_meanwhile(made, stored, here, monkeypatch, step, late):
    """The first rename meets the older run, the second sets it aside, the fifth brings the user's file along."""
    (stored / "plot.png").write_text("a picture")
    rename, calls = Path.rename, []

    def with_another(self, target):
        calls.append(self)
        if len(calls) == step and not late:
            os.rename(stored, here / "theirs")
        try:
            return rename(self, target)
        finally:
            if len(calls) == step and late:
                os.rename(stored, here / "theirs")

    monkeypatch.setattr(Path, "rename", with_another)
    made.save("runs")
    assert len(calls) > step
    assert whole(here / "runs", made) == {made.name: __version__}
    assert [p.name for p in (here / "runs").iterdir()] == [made.name]
    assert {"plot.png"} & {p.name for folder in (stored, here / "theirs") for p in folder.iterdir()}


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="open files cannot be named here")
def test_all_is_on_the_disk_before_a_run_takes_its_place(made, here, monkeypatch):
    rename, fsync, steps = os.rename, os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda h: steps.append(Path(os.readlink(f"/proc/self/fd/{h}")).name) or fsync(h))
    monkeypatch.setattr(os, "rename", lambda *a, **k: steps.append("renamed") or rename(*a, **k))
    made.save("runs")
    assert steps[:5] == ["run.nc", "run.json", "new", "renamed", "runs"]


AT_ONCE = """
import sys, time
from pathlib import Path
from simulator import simulate

run = simulate(draws=1600)
run.save("warm" + sys.argv[1])
Path("ready" + sys.argv[1]).touch()
while not Path("go").exists():
    time.sleep(0.001)
for _ in range(12):
    run.save("runs")
"""


def test_writers_of_one_run_at_once_all_succeed(made, stored, here):
    (stored / "plot.png").write_text("a picture")
    started = [
        subprocess.Popen([sys.executable, "-c", AT_ONCE, str(i)], cwd=here, stderr=subprocess.PIPE, text=True)
        for i in range(3)
    ]
    wait_for(lambda: len(list(here.glob("ready*"))) == 3, *started)
    (here / "go").touch()
    for process in started:
        _, err = process.communicate(timeout=HANG)
        assert process.returncode == 0, err
    assert [p.name for p in (here / "runs").iterdir()] == [made.name]
    assert whole(here / "runs", made) == {made.name: __version__}
    assert (stored / "plot.png").read_text() == "a picture"


IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
from simulator import Run, simulate

made = [simulate(draws=16_000, seed=seed) for seed in range(4)]

def save(run):
    for _ in range(15):
        run.save("threads")
    return Run.load(run.name, "threads").dataset["parameters"].values

with ThreadPoolExecutor(4) as pool:
    for run, stored in zip(made, pool.map(save, made)):
        assert (stored == run.prior_draws["parameters"]).all()
"""


def test_threads_may_save_at_once_though_hdf5_is_not_made_for_them(here):
    done = subprocess.run([sys.executable, "-c", IN_THREADS], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_deletion_that_was_cut_short_can_be_taken_up(made, stored, cli):
    (stored / ".writing-x.png").write_text("half a picture")
    (stored / folders.DATA).unlink()
    assert "is not a whole run: run.nc is missing" in cli("runs", "show", "latest").errors[0]
    assert cli("runs", "delete", made.name).code == 0
    assert not stored.exists()


def test_a_folder_that_cannot_be_removed_is_told_of_as_what_it_is(stored, cli, here, monkeypatch):
    def refuses(self):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "rmdir", refuses)
    outcome = cli("runs", "delete", stored.name)
    assert outcome.code == 1
    assert f"{stored} is empty now, and cannot be removed itself: Permission denied" in outcome.errors[0]
    assert list(stored.iterdir()) == []


def test_a_run_that_could_not_be_read_back_is_not_written(made, here, monkeypatch):
    monkeypatch.setattr(netcdf, "LARGEST", 10_000)
    with pytest.raises(RunError, match="more than the 10 kB that are read back"):
        made.save("runs")
    assert list((here / "runs").iterdir()) == []


def test_a_run_of_as_many_measured_values_as_may_be_is_read_back(here):
    values = np.random.default_rng(1).uniform(1e-3, 2e-3, 100_000)
    np.savetxt(here / "values.csv", values, fmt="%.17g")
    chosen = load_priors(set={"peak_factor": "empirical(file='values.csv')"})
    run = Run.load(simulate(chosen, draws=160, quantities=["training_flop"]).save("runs"))
    assert run.priors.digest == chosen.digest


def test_links_are_not_followed_where_a_run_is_deleted_or_replaced(made, stored, cli, here):
    (here / "apart").mkdir()
    moved = stored.rename(here / "apart" / stored.name)
    (moved / "thesis.tex").write_text("years of work")
    stored.symlink_to(moved)
    assert cli("rerun", "latest").code == 0  # it may be read
    assert "is a link to a run" in cli("runs", "delete", "latest").errors[0]
    outcome = cli("--draws", "1600")
    assert (outcome.code, len(outcome.errors)) == (1, 1)
    assert "is there already, and is no run" in outcome.errors[0]
    assert sorted(p.name for p in moved.iterdir()) == ["run.json", "run.nc", "thesis.tex"]
    assert hidden(here / "runs") == []
    stored.unlink()
    made.save("runs")
    for name in ("run.nc", f"density-{stored.name[-8:]}.png"):
        (here / name).write_bytes(b"years of work")
        (stored / name).unlink(missing_ok=True)
        (stored / name).symlink_to(here / name)
    assert cli("runs", "delete", stored.name).code == 0
    assert not stored.exists()
    for name in ("run.nc", f"density-{stored.name[-8:]}.png"):
        assert (here / name).read_bytes() == b"years of work"
