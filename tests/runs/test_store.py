"""A run that another process deletes while it is read: one line, and nothing of it made anew."""

import io
import os
import re
import shutil

import netCDF4
import pytest

from simulator import simulate
from simulator.runs import manifest, netcdf, store

SHOWN = re.compile(
    r"is not a run|is not a whole run|there is no run|cannot be read|cannot be deleted|was deleted|cannot be written"
)


@pytest.fixture
def vanishing(monkeypatch):
    """Delete a folder before the k-th time that it, or what is in it, is looked at; how often it was looked at."""

    class Vanishing:
        folder, at, seen = None, 0, 0

    def watched(owner, name):
        done = getattr(owner, name)

        def first(path=".", *arguments, **more):
            if Vanishing.folder and isinstance(path, str | os.PathLike) and str(Vanishing.folder) in os.fspath(path):
                Vanishing.seen += 1
                if Vanishing.seen == Vanishing.at:
                    gone, Vanishing.folder = Vanishing.folder, None
                    shutil.rmtree(gone)
            return done(path, *arguments, **more)

        monkeypatch.setattr(owner, name, first)

    for owner, name in (
        (os, "stat"),
        (os, "lstat"),
        (os, "listdir"),
        (os, "scandir"),
        (os, "open"),
        (io, "open"),
        (os, "unlink"),
        (os, "rmdir"),
        (netCDF4, "Dataset"),
    ):
        watched(owner, name)
    return Vanishing


COMMANDS = {
    "list": ["runs", "list"],
    "list as JSON": ["runs", "list", "--json"],
    "show": ["runs", "show", "RUN"],
    "show more": ["runs", "show", "latest", "-q", "training_cost"],
    "path": ["runs", "path", "latest"],
    "delete": ["runs", "delete", "RUN"],
    "rerun": ["rerun", "latest"],
    "compare": ["compare", "latest", "plappert-2024", "--no-attribution"],
    "sensitivity": ["sensitivity", "latest"],
    "whatif": ["whatif", "latest", "--set", "peak_factor=3"],
    "plot": ["plot", "latest"],
    "report": ["report", "latest", "--format", "json"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_run_that_goes_while_it_is_read_is_one_line(cli, here, vanishing, command):
    made = simulate(draws=16_000)
    other = simulate(draws=16_000, seed=2).save("runs")
    os.utime(other / "run.json", (0, 0))
    codes, at, step = [], 0, 3 if command[0] in ("plot", "report") else 1
    while not codes or vanishing.folder is None:
        at += step
        netcdf._SOUND.clear()
        folder = made.save("runs")
        vanishing.folder, vanishing.at, vanishing.seen = folder, at, 0
        outcome = cli(*(word.replace("RUN", made.name) for word in command))
        codes.append(outcome.code)
        assert (outcome.code == 0) == (not outcome.errors), (at, outcome)
        for line in outcome.errors:
            assert SHOWN.search(line), (at, line)
            assert "Errno" not in line
            assert not re.search(r"error: \S+: No such file", line), (at, line)
        assert len(outcome.errors) <= 1
        if vanishing.folder is None:
            assert not folder.exists(), (at, outcome)  # nothing is written where it was
        if command[:2] == ["runs", "list"]:
            assert outcome.code == 0
            assert other.name in outcome.out
    assert len(codes) > 2
    assert codes[-1] == 0


def test_a_folder_of_runs_that_goes_is_empty(here, vanishing):
    simulate(draws=16_000).save("runs")
    for at in range(1, 9):
        vanishing.folder = None
        (here / "runs").mkdir(exist_ok=True)
        vanishing.folder, vanishing.at, vanishing.seen = here / "runs", at, 0
        assert store.folders(here / "runs") == []


def test_what_is_deleted_has_no_size(here):
    folder = simulate(draws=16_000).save("runs")
    assert store.size(folder) > 0
    shutil.rmtree(folder)
    assert store.size(folder) == 0
    with pytest.raises(Exception, match="is not a run"):
        manifest.read_meta(folder)
