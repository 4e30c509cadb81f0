"""What the tests share: the command line in this process, and a folder of one's own."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def minding_interrupts():
    """For a process that starts: Ctrl-C ends it, also where the tests run behind a shell that has it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
    from simulator import storage

    data = folder / "run.nc"
    forge(folder, data={"bytes": data.stat().st_size, "sha256": storage.content(data)})


def forge(folder, **changes):
    """Change what run.json holds, with a checksum that fits, as a stranger or another version could."""
    from simulator.record import sealed

    path = folder / "run.json"
    path.write_text(sealed(json.loads(path.read_text()) | changes))


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
        from simulator.cli import main

        capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            main(list(args), prog_name="simulate")
        captured = capsys.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out, captured.err)

    return run
