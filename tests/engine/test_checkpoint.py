"""A long run goes on where its checkpoint cannot be written, and ends with one where it is told to end."""

import os
import pty
import signal
import subprocess
import sys

import numpy as np
import pytest

from simulator import RunError, simulate
from simulator.base import files
from simulator.base.errors import Interrupted
from simulator.engine import checkpoint

from ..conftest import AT_FIRST, HANG, begun, minding_interrupts, wait_for
from ..helpers import COUNTED, SET, same

MAIN = "import simulator.engine.checkpoint as c; c.EVERY = 0.0; from simulator.__main__ import main; main()"
FULL = "runs/.unfinished.npz cannot be written: the disk is full"


@pytest.fixture(autouse=True)
def interruptible():
    """An interrupt is one, also where the tests run behind a shell that has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def whole():
    return simulate(SET, draws=COUNTED, keep=16_000)


@pytest.fixture
def disk(monkeypatch):
    """A disk that is full at the checkpoints that `full` holds; `at` counts them, `then` is done at each."""
    write = files.write_file

    class Disk:
        at, full, then = 0, range(0), staticmethod(lambda: None)

    def writing(path, content):
        Disk.at += 1
        Disk.then()
        if Disk.at in Disk.full:
            raise RunError(FULL)
        return write(path, content)

    monkeypatch.setattr(checkpoint, "write_file", writing)
    monkeypatch.setattr(checkpoint, "EVERY", 0.0)
    return Disk


def drawn(told, **options):
    return simulate(SET, draws=COUNTED, keep=16_000, checkpoints="runs", told=told.append, block=1 << 16, **options)


def test_a_disk_that_is_full_at_a_checkpoint_ends_no_run(here, whole, disk):
    told, disk.full = [], range(1, 1000)
    assert same(whole, drawn(told))
    assert disk.at > 2
    assert told == [
        f"no checkpoint, the run goes on without: {FULL}",
        f"all is drawn, and no checkpoint of that could be written ({FULL}): none is there",
    ]
    assert not list(here.glob("runs/*"))


def test_it_is_tried_again_and_said_once(here, whole, disk):
    told, disk.full = [], (1, 3)
    assert same(whole, drawn(told))
    assert disk.at > 3
    assert told == [f"no checkpoint, the run goes on without: {FULL}"]
    assert len(list(here.glob("runs/.unfinished-*"))) == 1


def test_what_the_last_checkpoint_holds_is_said_where_the_next_fails(here, whole, disk):
    told, disk.full = [], range(2, 1000)
    assert same(whole, drawn(told))
    assert told[1].endswith("): --resume goes on from the last one, at 23 %")
    disk.at, disk.then = 0, lambda: os.kill(os.getpid(), signal.SIGINT) if disk.at == 2 else None
    with pytest.raises(Interrupted) as stop:
        drawn([], resume=True)
    assert str(stop.value).startswith("interrupted at 70 %, and no checkpoint of that could be written (")
    assert str(stop.value).endswith("): --resume goes on from the last one, at 47 %")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_says_that_there_is_no_checkpoint(here, disk, number):
    before = signal.signal(number, signal.default_int_handler)
    disk.full, disk.then = range(1, 1000), lambda: os.kill(os.getpid(), number)
    try:
        with pytest.raises(Interrupted) as stop:
            drawn([])
    finally:
        signal.signal(number, before)
    assert stop.value.lines == (
        f"interrupted at 23 %, and no checkpoint of that could be written ({FULL}): none is there",
    )
    assert stop.value.exit_code == 128 + number


def test_where_a_drawn_run_cannot_be_kept_it_is_said_what_its_checkpoint_holds(here, disk, monkeypatch):
    run = drawn([])
    monkeypatch.setattr("simulator.runs.netcdf._netcdf", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(RunError, match=r"the disk is full; .*; --resume goes on from 93 %$"):
        run.save("runs")
    run.checkpoint.remove()
    with pytest.raises(RunError, match=r"or --no-save$"):
        run.save("runs")


def test_too_little_memory_for_a_checkpoint_ends_no_run(here, whole, disk, monkeypatch):
    def fails(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "savez", fails)
    told = []
    assert same(whole, drawn(told))
    assert told[0] == "no checkpoint, the run goes on without: there is not enough memory for it"


def test_a_checkpoint_that_goes_just_now_is_none(here, disk):
    run = simulate(SET, draws=1600)
    held = checkpoint.Checkpoint.of(run, here)
    assert held.restore(None) == 0
    held.path.write_bytes(b"half")
    with pytest.raises(Exception, match="is damaged"):
        held.restore(None)


# -------------------------------------------------------------------------------- signals, and the terminal's end


def ignoring_hangups():
    minding_interrupts()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


@pytest.mark.parametrize("more", [[], ["--no-save"]])
def test_what_is_ignored_stays_ignored(here, more):
    code = AT_FIRST.format(module="engine.evaluator", method="Evaluator.draw")
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--draws", str(COUNTED), "--keep", "16000", *more],
        cwd=here,
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=ignoring_hangups,
    )
    wait_for((here / "reached").exists, process)
    for number in (signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
    assert (process.communicate(timeout=HANG)[1], process.returncode) == ("", 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_a_run_without_checkpoints_is_told_in_the_exit_status(here, number):
    process = begun(here, "--draws", "1e9", "--no-save")
    process.send_signal(number)
    told = process.communicate(timeout=HANG)[1]
    assert told.strip() == "error: interrupted; nothing was left half-written"
    assert process.returncode == 128 + number


def test_a_terminal_that_hangs_up_leaves_a_checkpoint(here):
    """The terminal is closed under the program, so that nothing can be said on it any more."""
    child, terminal = pty.fork()
    if not child:
        minding_interrupts()
        os.chdir(here)
        os.execv(sys.executable, [sys.executable, "-c", MAIN, "--draws", str(10**9)])
    shown = b""
    while b"drawing" not in shown or not list(here.glob("runs/.unfinished-*")):  # a bar is at work
        shown += os.read(terminal, 4096)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 128 + signal.SIGHUP
    assert len(list(here.glob("runs/.unfinished-*.npz"))) == 1


TWICE = """
import time
from simulator import simulate
from simulator.engine import checkpoint

def due(self):  # never, and the first signal was long ago
    self.interrupted = self.interrupted and self.interrupted - 2.0
    print("interrupted" if self.interrupted else "drawing", flush=True)

checkpoint.Checkpoint.due = due
simulate(draws=10**10, checkpoints="runs")
"""


def test_a_second_signal_does_what_it_always_does(here):
    process = subprocess.Popen(
        [sys.executable, "-c", TWICE],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=minding_interrupts,
    )
    assert process.stdout.readline() == b"drawing\n"
    process.send_signal(signal.SIGTERM)
    while process.stdout.readline() == b"drawing\n":
        pass
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=HANG)
    assert process.returncode == -signal.SIGTERM


def test_a_full_disk_under_the_whole_program(here):
    """A limit on the size of files stands for a disk that has room for the run and none for its checkpoint."""
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)); "
    code = limit + MAIN
    process = subprocess.run(
        [sys.executable, "-c", code, "--draws", str(COUNTED), "--keep", "1600"],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    first, last = process.stderr.splitlines()
    assert first.startswith("note: no checkpoint, the run goes on without: runs/.unfinished-")
    assert first.endswith("cannot be written: a file of this size is not allowed")
    assert last.startswith("note: all is drawn, and no checkpoint")
    assert len(list(here.glob("runs/*"))) == 1
