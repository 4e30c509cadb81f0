"""What the tests share: the command line in this process, and a folder of one's own."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from simulator.compute import models

pytest.register_assert_rewrite("tests.helpers")

ROOT = Path(__file__).parent.parent
HANG = 300  # seconds after which something is held to hang, on whatever machine: no test asserts a time
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
AT_FIRST = """
from pathlib import Path
import simulator.{module} as module

def first(*given, wrapped=module.{method}):
    Path("reached").touch()
    return wrapped(*given)

module.{method} = first
from simulator.__main__ import main
main()
"""


@pytest.fixture(autouse=True)
def no_model_stays():
    """What a test loads of models of one's own is forgotten after it."""
    before = dict(models._LOADED), dict(models._NAMED)
    yield
    for held, was in zip((models._LOADED, models._NAMED), before, strict=True):
        held.clear()
        held |= was


def minding_interrupts():
    """For a process that starts: what ends it does, also where the tests run behind a shell that has it ignored."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def begun(folder, *arguments, module="engine.evaluator", method="Evaluator.draw"):
    """`simulate` in a process of its own that has come to a function, by default to the first draw."""
    command = [sys.executable, "-c", AT_FIRST.format(module=module, method=method), *arguments]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        preexec_fn=minding_interrupts,
    )
    wait_for(lambda: (folder / "reached").exists(), process)
    (folder / "reached").unlink()
    return process


def wait_for(there, *processes):
    """Wait until something is there; fails where a process that should bring it ends or hangs."""
    limit = time.monotonic() + HANG
    while not there():
        if time.monotonic() > limit or any(process.poll() is not None for process in processes):
            for process in processes:
                process.kill()
            pytest.fail("what was waited for did not come")
        time.sleep(0.005)


@dataclass
class Outcome:
    """What a command printed, and its exit status."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if not line.startswith("note: ")]


def content(folder):
    """SHA-256 of a run's netCDF file."""
    return hashlib.sha256((folder / "run.nc").read_bytes()).hexdigest()


def reseal(folder):
    """Give a changed run.nc the checksum that run.json wants."""
    from simulator.runs import netcdf

    data = folder / "run.nc"
    forge(folder, data={"bytes": data.stat().st_size, "sha256": netcdf.content(data)})


def forge(folder, **changes):
    """Change what run.json holds, with a checksum that fits, as a stranger or another version could."""
    from simulator.runs.manifest import sealed

    path = folder / "run.json"
    path.write_text(sealed(json.loads(path.read_text()) | changes))


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[], str]], str]:
    """A text that takes a while to make, made by one process of the tests for all of them: `once(name, make)`."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # its own folder is within the one of all
        folder = folder.parent

    def text(name: str, make: Callable[[], str]) -> str:
        path = folder / name
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_text(make(), encoding="utf-8")
        return path.read_text(encoding="utf-8")

    return text


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIMULATOR_RUNS", raising=False)
    monkeypatch.delenv("SIMULATE_DEBUG", raising=False)
    return tmp_path


@pytest.fixture
def cli(here, capsys) -> Callable[..., Outcome]:
    """Run `simulate` with arguments, in this process and an empty folder."""

    def run(*args: str) -> Outcome:
        from simulator.cli.main import main

        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(list(args), prog_name="simulate")
        captured = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return run
