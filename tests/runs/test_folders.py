"""Faults injected into the store of runs: kills, full disks, damage, strangers' files, writers at once."""

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator import InputError, Run, RunError, __version__, load_priors, simulate
from simulator.base import files
from simulator.runs import folders, manifest, netcdf, store

from ..conftest import HANG, content, forge, wait_for

SET = load_priors()
DRAWS = 1600
CHANGED = "was changed or damaged after it was written"


@pytest.fixture(scope="module")
def made():
    return simulate(SET, draws=DRAWS)


@pytest.fixture
def stored(made, here):
    return made.save("runs")


def hidden(root):
    return [p.name for p in root.iterdir() if p.name.startswith(".")]


def whole(root, made):
    """The runs under `root`, each of them read whole: their versions by name."""
    found = {}
    for folder in store.folders(root):
        meta = manifest.read_meta(folder)
        netcdf.verify(folder, meta)
        groups = dict.fromkeys(SET.uncertain, "prior") | dict.fromkeys(made.quantities, "prior_predictive")
        for name, draws in netcdf.read_draws(folder, groups).items():
            np.testing.assert_array_equal(draws, made.draws_of(name))
        found[folder.name] = meta["version"]
    return found


# ------------------------------------------------------------------- killed, or failing, at each step

# Forks a child for each step of writing a run: before the k-th thing that is done to the disk it is killed, or an
# error is raised there, once or from there on (at every other step, to be quick).
STEPS = """
import os, shutil, signal, sys
from simulator import RunError, simulate
from simulator.runs import netcdf as storage

older, root, mode = sys.argv[1], sys.argv[2], sys.argv[3]
run = simulate(draws=1600)
run.save(older + "-warm")  # everything is imported
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
at = -1 if mode == "once" else 0
while True:
    at += 1 if mode == "kill" else 2
    folder = f"{root}/{at}"
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
    print(at, status)
    if status == 99 or mode == "kill" and status == 0:
        break
"""


@pytest.mark.parametrize(("mode", "replacing"), [("kill", True), ("kill", False), ("once", True), ("on", True)])
def test_at_whatever_step_writing_ends_a_run_is_whole_or_not_there(made, here, monkeypatch, mode, replacing):
    (here / "older").mkdir()
    if replacing:
        forge(made.save("older"), version="older")
        (here / "older" / made.name / "plot.png").write_text("a picture")
    (here / "steps").mkdir()
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    done = subprocess.run(
        [sys.executable, "-c", STEPS, "older", "steps", mode], capture_output=True, text=True, cwd=here, timeout=HANG
    )
    assert done.returncode == 0, done.stderr
    codes = dict(tuple(map(int, line.split())) for line in done.stdout.splitlines())
    assert len(codes) > 15
    assert set(list(codes.values())[:-1]) <= {"kill": {-9}, "once": {0, 3}, "on": {0, 3}}[mode], codes
    versions = []
    for at, code in codes.items():
        root = here / "steps" / str(at)
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

    monkeypatch.setattr(folders, "_folder", sweeping(files._folder, os.rmdir))
    made.save("runs")
    assert whole(here / "runs", made) == {made.name: __version__}
    swept.clear()
    monkeypatch.setattr(files, "_file", sweeping(files._file, os.unlink))
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


# ------------------------------------------------------------------------- full and read-only disks


@contextmanager
def disk(folder):
    """A small disk of its own at `folder`."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_keeps_the_older_run_and_gets_its_room_back(made, cli, here):
    with disk(here / "runs"):
        assert cli("--draws", "1600").code == 0
        free = shutil.disk_usage(here / "runs").free
        for draws in ("16000", "32000", "1000000"):
            outcome = cli("--draws", draws)
            assert (outcome.code, len(outcome.errors)) == (1, 1)
            assert "could not be written to runs: the disk is full" in outcome.errors[0]
            assert [p.name for p in (here / "runs").iterdir()] == [made.name]
            assert shutil.disk_usage(here / "runs").free > free / 2  # HDF5 holds on to some kB
        assert whole(here / "runs", made) == {made.name: __version__}
        assert cli("--draws", "1600").code == 0


def test_a_read_only_disk_is_read_and_refused_in_one_line(made, cli, here):
    with disk(here / "runs"):
        assert cli("--draws", "1600").code == 0
        (here / "runs" / ".writing-dead" / "new").mkdir(parents=True)
        subprocess.run(["mount", "-o", "remount,ro", str(here / "runs")], check=True)
        assert whole(here / "runs", made) == {made.name: __version__}
        for command in (["runs", "list"], ["runs", "show", "latest"], ["rerun", "latest"]):
            assert cli(*command).code == 0
        for command in (["--draws", "1600"], ["runs", "delete", "latest"], ["report", "latest", "--format", "json"]):
            outcome = cli(*command)
            assert (outcome.code, len(outcome.errors)) == (1, 1)
            assert "read-only" in outcome.errors[0].lower()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_one_line(made, stored, cli, here):
    (here / "runs").chmod(0o555)
    outcome = cli("--draws", "1600", "--seed", "2")
    (here / "runs").chmod(0o755)
    assert "permission denied" in outcome.errors[0]


# -------------------------------------------------------------------------------------------- damage


def refused(folder, *parts):
    """What reads draws refuses, in one line that names the file and what to do."""
    netcdf._SOUND.clear()
    for ask in (
        lambda run: run.draws_of("parameters"),
        lambda run: run.draws_of("training_cost"),
        lambda run: run.datatree,
        lambda run: run.summary(exceeds={"training_h100s": [1.0]}),
    ):
        with pytest.raises(InputError) as error:
            ask(Run.load(folder))
        assert len(error.value.lines) == 1
        for part in (CHANGED, "make the run again", *parts):
            assert part in error.value.lines[0]


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.9999])
def test_a_shortened_netcdf_file_is_refused_by_its_size(stored, cli, kept):
    size = (stored / "run.nc").stat().st_size
    os.truncate(stored / "run.nc", int(kept * size))
    refused(stored, f"run.nc {CHANGED}: it has {int(kept * size):,} bytes and was written with {size:,}")
    assert CHANGED in cli("runs", "list").err
    assert cli("runs", "delete", stored.name).code == 0


@pytest.mark.parametrize("place", [0, 100, 0.1, 0.3, 0.5, 0.7, 0.9, -1])
def test_one_flipped_bit_of_the_netcdf_file_is_refused(stored, cli, place):
    data = bytearray((stored / "run.nc").read_bytes())
    at = int(place * len(data)) if isinstance(place, float) else place
    data[at] ^= 1
    (stored / "run.nc").write_bytes(data)
    refused(stored, f"run.nc {CHANGED}: its SHA-256 is another than the one in run.json")
    assert cli("runs", "list").code == 0
    for command in (
        ["runs", "show", "latest", "-q", "training_cost"],
        ["rerun", "latest"],
        ["sensitivity", "latest"],
        ["compare", "latest", "plappert-2024"],
    ):
        outcome = cli(*command)
        assert len(outcome.errors) == 1
        assert f"run.nc {CHANGED}" in outcome.errors[0]


def test_a_changed_run_json_is_refused(stored, cli):
    path = stored / "run.json"
    text = path.read_text()
    data = json.loads(text)
    edits = [
        text.replace('"seed": 20240315', '"seed": 20240316'),
        text[: len(text) // 2],
        text[:-3],
        "",
        "[]",
        "null",
        text.replace(data["data"]["sha256"], "0" * 64),
        text.replace("Plappert", "Plappart", 1),
        json.dumps(data | {"format": 1}),
        json.dumps({k: v for k, v in data.items() if k != "integrity"}),
        json.dumps({k: v for k, v in data.items() if k not in ("integrity", "data")}),
    ]
    for edited in edits:
        assert edited != text
        path.write_text(edited)
        for command in (["runs", "show", "latest"], ["rerun", "latest"], ["runs", "path", "latest"]):
            outcome = cli(*command)
            assert (outcome.code, len(outcome.errors)) == (2, 1)
            assert "run.json" in outcome.errors[0]
            assert CHANGED in outcome.errors[0] or "is not a run" in outcome.errors[0]
    path.write_text(json.dumps(data))  # the layout is no part of it
    assert cli("rerun", "latest").code == 0


def test_a_file_is_held_against_its_checksum_once(stored, monkeypatch):
    netcdf._SOUND.clear()
    hashed, hasher = [], netcdf.checksum
    monkeypatch.setattr(netcdf, "checksum", lambda handle: hashed.append(handle) or hasher(handle))
    for _ in range(2):
        run = Run.load(stored)
        assert run.summary()
        for name in SET.uncertain:
            run.draws_of(name)
        assert run.datatree
        assert len(hashed) == 1
    data = bytearray((stored / "run.nc").read_bytes())
    data[-1] ^= 1
    (stored / "run.nc").write_bytes(data)
    with pytest.raises(InputError, match=CHANGED):
        Run.load(stored).draws_of("parameters")


def test_a_run_of_an_earlier_version_is_read_with_a_note(stored, cli):
    path = stored / "run.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in data.items() if k not in ("integrity", "data")} | {"format": 1}))
    for command in (["runs", "show", "latest"], ["rerun", "latest"], ["runs", "show", "latest", "-q", "training_cost"]):
        outcome = cli(*command)
        assert outcome.code == 0
        assert "by an earlier version, without checksums" in outcome.err
    forge(stored, format=3)
    assert "by a newer version of simulate (format 3)" in cli("runs", "show", "latest").errors[0]


def test_a_run_has_the_same_bytes_each_time(made, here):
    assert content(made.save("a")) == content(made.save("b")) == content(simulate(SET, draws=DRAWS).save("c"))
    data = json.loads((here / "a" / made.name / "run.json").read_text())["data"]
    path = here / "a" / made.name / "run.nc"
    assert data == {"bytes": path.stat().st_size, "sha256": netcdf.content(path)}


def test_the_checksum_of_a_file_is_over_its_pieces_in_order(here, monkeypatch):
    monkeypatch.setattr(netcdf, "PIECE", 1000)
    data = np.random.default_rng(1).bytes(3500)

    def checksum(content):
        (here / "file").write_bytes(content)
        return netcdf.content(here / "file")

    pieces = b"".join(hashlib.sha256(data[i : i + 1000]).digest() for i in range(0, 3500, 1000))
    assert checksum(data) == hashlib.sha256(pieces).hexdigest()
    swapped = data[1000:2000] + data[:1000] + data[2000:]
    flipped = [data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :] for i in (0, 999, 1000, 2999, 3000, 3499)]
    assert len({checksum(x) for x in (data, swapped, data[:-1], data + b"\0", data[:3000], b"", *flipped)}) == 12


# ------------------------------------------------------------------------------- strangers' files


def priors_with(folder, **changes):
    return json.loads((folder / "run.json").read_text())["priors"] | changes


def asked_in_vain(cli, *parts):
    for command in (["runs", "show", "latest", "-q", "training_cost"], ["rerun", "latest"]):
        outcome = cli(*command)
        assert (outcome.code, len(outcome.errors)) == (2, 1), outcome.err
        assert any(part in outcome.errors[0] for part in parts), outcome.errors[0]
        assert "internal error" not in outcome.err


@pytest.mark.parametrize("draws", [10**9, 10**12, 2**62])
def test_more_draws_than_the_file_holds_are_refused_before_memory_is_taken(stored, cli, draws):
    forge(stored, draws=draws - draws % 16, keep=draws)
    asked_in_vain(cli, "run.json tells of more draws than run.nc holds")


def test_a_pool_whose_members_have_more_draws_than_it_is_refused(here, cli):
    assert cli("ensemble", "plappert-2024:0.5", "evidence-2026:0.5", "--draws", "1600").code == 0
    folder = next(p for p in store.folders(here / "runs") if p.name.startswith("pool"))
    given = json.loads((folder / "run.json").read_text())["given"]
    given["members"][0]["draws"] = 10**12
    forge(folder, given=given)
    assert "damaged at 'given'" in cli("runs", "show", str(folder)).errors[0]


@pytest.mark.parametrize(
    "text",
    [
        "empirical(file='numbers.csv')",
        "empirical(\N{FULLWIDTH LATIN SMALL LETTER F}ile='numbers.csv')",
        "mixture(weights=[0.5, 0.5], a=empirical(file='numbers.csv'), b=1)",
        "empirical(file='/etc/hostname')",
    ],
)
def test_a_strangers_run_reads_no_file(stored, cli, here, text):
    (here / "numbers.csv").write_text("1\n2\n3\n")
    priors = priors_with(stored)
    priors["priors"]["parameters"]["distribution"] = text
    forge(stored, priors=priors)
    asked_in_vain(
        cli, "is named in a stored run, which holds its values itself", "empirical cannot be made from \uff46ile"
    )


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd.toml", "a/b", ""])
def test_a_strangers_name_is_no_path(stored, cli, name):
    forge(stored, priors=priors_with(stored, name=name))
    asked_in_vain(cli, "is not the name of a prior set")


@pytest.mark.parametrize("name", [".hidden", ".writing-x", "-o", "..", "\N{MATHEMATICAL BOLD CAPITAL A}" * 300])
def test_a_set_of_any_name_has_a_run_that_is_found(here, cli, name):
    (here / f"{name[:60]}.toml").write_text('extends = ["plappert-2024"]\n')
    assert cli("--priors", f"./{name[:60]}.toml", "--draws", "160").code == 0
    (folder,) = (here / "runs").iterdir()
    assert folder.name[0] not in ".-"
    assert cli("rerun", "latest").code == 0
    assert simulate(SET, draws=160).save("runs")
    assert folder.exists()
    assert simulate(replace(SET, name=name * 80), draws=160).save("runs").is_dir()


@pytest.mark.parametrize(("key", "value"), [("unit", 3), ("source", None), ("name", "peak_factor"), ("colour", "red")])
def test_a_strangers_prior_is_one(stored, cli, key, value):
    priors = priors_with(stored)
    priors["priors"]["parameters"][key] = value
    forge(stored, priors=priors)
    asked_in_vain(cli, "its priors are damaged")


def test_what_a_terminal_would_obey_is_not_printed(stored, cli):
    forge(
        stored, priors=priors_with(stored, title="\x1b]0;owned\x07\x9b2J", notes=["\x1b[2J"]), notes=["\x1b[2J\u202e"]
    )
    for command in (["runs", "show", "latest"], ["report", "latest", "--format", "md", "--out", "-"]):
        outcome = cli(*command)
        assert outcome.code == 0
        assert "?]0;owned?" in outcome.out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(outcome.out + outcome.err)


def test_a_run_json_without_end_is_refused(stored, cli, here):
    text = (stored / "run.json").read_text()
    with (stored / "run.json").open("w") as file:
        file.truncate(10**10)
    asked_in_vain(cli, "is larger than 67 MB")
    for deep in ("[" * 10**5, '{"a":' * 10**5, text.replace('"notes": []', '"notes": ' + "[" * 900 + "]" * 900)):
        (stored / "run.json").write_text(deep)
        asked_in_vain(cli, "run.json")
    (stored / "run.json").unlink()
    os.mkfifo(stored / "run.json")
    assert cli("runs", "list").code == 0
    assert "there is no run" in cli("runs", "show", stored.name).errors[0]


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


def test_every_wrong_value_in_a_strangers_run_is_one_line(stored, cli):
    """Each value of run.json in turn is one of another kind, with a checksum that fits."""
    text = (stored / "run.json").read_text()

    def leaves(value, path=()):
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            yield (*path, key)
            if path[:2] != ("priors", "priors") or key in ("parameters", "distribution", "unit", "grade"):
                yield from leaves(inner, (*path, key))

    places = [p for p in leaves(json.loads(text)) if p[:1] != ("summary",) or p[1:2] in ((), ("training_flop",))]
    places = [p for p in places if p[:2] != ("priors", "priors") or p[2:3] in ((), ("parameters",), ("peak_factor",))]
    assert len(places) > 60
    kinds = (None, -1, "x", [], {}, {"x": [1]})
    for i, place in enumerate(places):
        for wrong in (kinds[i % 6], kinds[(i + 3) % 6]):
            data = json.loads(text)
            holder = data
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = wrong
            (stored / "run.json").write_text(manifest.sealed(data))
            outcome = cli("runs", "show", str(stored))
            assert outcome.code == 0 or (outcome.code == 2 and len(outcome.errors) == 1), (place, wrong, outcome.err)
            assert "internal error" not in outcome.err, (place, wrong, outcome.err)
