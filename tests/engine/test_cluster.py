"""Large runs and many machines: the same bits from threads, blocks, processes, and after a kill."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from simulator import InputError, Run, RunError, load_priors, simulate
from simulator.engine.checkpoint import Checkpoint

from ..conftest import HANG, ROOT, minding_interrupts, wait_for
from ..helpers import COUNTED, SET, same

STOPPING = """
import sys, time
from pathlib import Path
import simulator.engine.checkpoint as c

def write(self, tally, done, wrapped=c.Checkpoint.write):
    wrapped(self, tally, done)
    Path("checkpoint").touch()
    while not self.interrupted:
        time.sleep(0.005)

c.EVERY, c.Checkpoint.write = 0.0, write
from simulator.__main__ import main
main()
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A worker takes its time to start where the processor is busy."""
    monkeypatch.setattr("simulator.engine.cluster.PATIENCE", f"{HANG}s")


@pytest.fixture(scope="module")
def whole():
    return simulate(SET, draws=COUNTED, threads=1, keep=100_000)


def test_counted_runs_do_not_depend_on_threads_or_blocks(whole):
    for threads, block in ((2, 1 << 16), (5, 1 << 14)):
        assert same(whole, simulate(SET, draws=COUNTED, keep=100_000, threads=threads, block=block))


def start(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, *arguments, "--draws", str(COUNTED), "--keep", "100000"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=minding_interrupts,
    )


def kill_at_a_checkpoint(folder, number):
    """Start a run and send it a signal when it has written its first checkpoint; its messages."""
    process = start(folder, "-c", STOPPING)
    wait_for((folder / "checkpoint").exists, process)
    process.send_signal(number)
    _, told = process.communicate(timeout=HANG)
    assert process.returncode == (-number if number == signal.SIGKILL else 128 + number)
    return told


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_was_ended_and_resumed_is_the_same(number, tmp_path, whole):
    told = kill_at_a_checkpoint(tmp_path, number)
    (left,) = tmp_path.glob("runs/.unfinished-*.npz")
    assert ("interrupted at" in told) == (number != signal.SIGKILL)
    assert len(told.splitlines()) == (number != signal.SIGKILL)
    process = start(tmp_path, "-m", "simulator", "--resume")
    _, told = process.communicate(timeout=HANG)
    assert process.returncode == 0, told
    assert told.startswith("note: going on at ")
    assert not left.exists()
    run = Run.load("latest", tmp_path / "runs")
    assert same(whole, simulate(run.priors, draws=COUNTED, keep=100_000))
    assert run.stored.meta["summary"] == {x.name: x.to_json() for x in whole.summary()}
    for name, x in (whole.prior_draws | whole.quantity_draws).items():
        np.testing.assert_array_equal(x, run.kept(name))
    assert [p.name for p in (tmp_path / "runs").iterdir()] == [run.name]


def checkpoint_of(tmp_path, whole):
    """A checkpoint of the first half of a run, as an interrupted one leaves it."""
    told = kill_at_a_checkpoint(tmp_path, signal.SIGKILL)
    assert not told
    (path,) = tmp_path.glob("runs/.unfinished-*.npz")
    assert path.name == Checkpoint.of(whole, tmp_path).path.name
    return path


def resumed(tmp_path):
    return simulate(SET, draws=COUNTED, keep=100_000, checkpoints=tmp_path / "runs", resume=True)


def test_a_checkpoint_that_is_damaged_or_anothers_is_refused(tmp_path, whole, monkeypatch):
    path = checkpoint_of(tmp_path, whole)
    content = path.read_bytes()
    for damaged in (content[: len(content) // 2], b"", content[:5000] + b"X" + content[5001:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"is damaged .*--resume to start anew"):
            resumed(tmp_path)
    path.write_bytes(content)
    monkeypatch.setattr("simulator.engine.checkpoint.__version__", "0.0.9")
    with pytest.raises(InputError, match="another version"):
        resumed(tmp_path)
    monkeypatch.undo()
    assert same(whole, resumed(tmp_path))


def test_what_is_said_of_checkpoints(tmp_path, whole):
    path, told = checkpoint_of(tmp_path, whole), []
    options = {"draws": COUNTED, "keep": 100_000, "checkpoints": tmp_path / "runs", "told": told.append}
    simulate(SET, **options)
    assert "--resume would go on from there" in told[0]
    run = simulate(SET, resume=True, **options)
    assert told[1].startswith("going on at ")
    run.save(tmp_path / "runs")
    assert not path.exists()
    simulate(SET, resume=True, **options)
    assert told[2] == "there is no checkpoint of this run: it starts from the beginning"


def test_resume_goes_with_a_run_that_is_kept(cli):
    assert "leave out --no-save" in cli("--resume", "--no-save").err
    assert "leave out --target-error" in cli("--resume", "--target-error", "1%").err


# --------------------------------------------------------------------------------- many machines


@pytest.fixture(scope="module")
def address():
    """Of a cluster of one worker, for all tests that do it no harm."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as here:
        yield here.scheduler_address


def test_a_cluster_makes_the_same_bits(address, whole):
    for where in (address, "local:3"):
        assert same(whole, simulate(SET, draws=COUNTED, keep=100_000, cluster=where))
    small = simulate(SET, draws=100_000, sampler="random")
    assert same(small, simulate(SET, draws=100_000, sampler="random", cluster=address))


def test_a_worker_that_dies_is_survived(whole):
    from distributed import Client, LocalCluster

    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as here,
        Client(here, set_as_default=False) as client,
    ):
        killed = []

        def kill_one(_):
            if not killed:
                pids = client.run(os.getpid)
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        run = simulate(SET, draws=COUNTED, keep=100_000, cluster=here.scheduler_address, progress=kill_one)
        assert killed
        assert killed[0] not in client.run(os.getpid).values()
    assert same(whole, run)


def test_a_cluster_that_is_not_there_is_one_line(cli, monkeypatch):
    monkeypatch.setattr("simulator.engine.cluster.PATIENCE", "1s")
    outcome = cli("--cluster", "tcp://127.0.0.1:9", "--draws", "1600", "--no-save")
    assert outcome.code == 1
    assert len(outcome.errors) == 1
    assert "the cluster at tcp://127.0.0.1:9 does not answer" in outcome.err
    for wrong in ("tcp:/x", "local:0", "local", "127.0.0.1:8786", "file:///etc/passwd"):
        outcome = cli("--cluster", wrong, "--draws", "1600", "--no-save")
        assert outcome.code == 2
        assert "write tcp://HOST:PORT" in outcome.err


def test_a_scheduler_that_goes_is_one_line():
    from distributed import LocalCluster

    here = LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    )
    closed = []

    def close(_):
        if not closed:
            closed.append(here.close(timeout=HANG))

    with pytest.raises(RunError, match="does not answer"):
        simulate(SET, draws=COUNTED, cluster=here.scheduler_address, progress=close)
    assert closed


def test_a_worker_of_another_version_is_refused():
    from simulator.engine.cluster import _evaluator

    with pytest.raises(RunError, match="another version of simulate"):
        _evaluator(_work("x" * 64))


def _work(digest):
    import json

    from simulator.runs.settings import Settings

    settings = Settings(1, 1600, 16, "sobol", False, 0, ("training_flop",))
    return json.dumps([load_priors().to_json(), settings._asdict(), digest, "0.0.9"])


def test_a_draw_that_is_not_finite_is_told_of_by_a_cluster_as_by_threads(address):
    odd = load_priors(set={"inference_mfu": "choice(values=[0, 0.5], weights=[0.001, 0.999])"})
    lines = []
    for where in ({}, {"cluster": address}):
        with pytest.raises(InputError) as caught:
            simulate(odd, draws=160_000, **where)
        lines.append(caught.value.lines)
    assert lines[0] == lines[1]


def test_dask_is_imported_for_a_cluster_alone():
    script = "import sys; import simulator; simulator.simulate(draws=1600); assert 'distributed' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0
