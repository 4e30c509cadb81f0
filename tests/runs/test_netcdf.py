"""What cannot be written is refused for its own reason, and before it is drawn."""

import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from simulator import Run, RunError, load_priors, simulate
from simulator.base import files
from simulator.runs import disk as disks
from simulator.runs import netcdf

from ..conftest import content
from ..helpers import disk, hidden

Usage = namedtuple("Usage", "total used free")
DRAWN = ("--draws", "5M")


@pytest.fixture
def undrawn(monkeypatch):
    """Nothing may be drawn: what cannot be written is looked for first."""

    def drawing(*_, **__):
        raise AssertionError("drawn")

    monkeypatch.setattr("simulator.engine.evaluator.Evaluator.draw", drawing)


@pytest.fixture
def unwritable(monkeypatch):
    """No folder can be made, for the reason given."""

    def of(code):
        def fails(*_, **__):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "mkdir", fails)

    return of


COMMANDS = [
    [],
    ["--target-error", "0.1%"],
    ["condition", "--on", "training_h100s=lognormal(p5=8400, p95=21000)"],
    ["ensemble", "plappert-2024:0.5", "evidence-2026:0.5"],
]
FIGURES = [
    ["plot", "plappert-2024", "--out", "runs/a.png"],
    ["plot", "plappert-2024", "--out", "a.png", "--data", "runs/a.csv"],
    ["report", "plappert-2024", "--out", "runs/a.html"],
    ["backtest", "--plot", "runs/a.png"],
]
REASONS = {
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission denied",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
}


def refused(outcome, *parts):
    assert (outcome.code, outcome.out, len(outcome.errors)) == (1, "", 1), outcome.err
    for part in parts:
        assert part in outcome.errors[0]
    return outcome.errors[0]


@pytest.mark.parametrize("code", REASONS, ids=errno.errorcode.get)
def test_a_folder_that_cannot_be_written_to_is_told_of_before_a_run_is_drawn(cli, here, undrawn, unwritable, code):
    (here / "runs").mkdir()
    unwritable(code)
    for command in COMMANDS:
        refused(cli(*command), f"could not be written to runs: {REASONS[code]}", "choose another folder with --runs")
    for command in FIGURES:
        refused(cli(*command), f" cannot be written: {REASONS[code]}")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0] if c else "")
def test_what_stands_in_the_way_is_told_of_before_a_run_is_drawn(cli, here, undrawn, command):
    (here / "file").write_text("in the way")
    (here / "link").symlink_to("nowhere")
    for root, why in (
        ("file", "it is a file, not a folder"),
        ("file/below/it", "a part of the path is a file"),
        ("link", "it is a link to what is not there"),
        ("x" * 300, "File name too long"),
        (os.fsdecode(b"caf\xe9"), "its name is no text"),
        ("a\\b", "netCDF opens no file in a folder named with a backslash"),
        ("/cygdrive/c/x", "netCDF opens no file in a folder named with a backslash, or in /cygdrive"),
    ):
        refused(cli(*command, "--runs", root), f": {why}", "; choose another folder with --runs DIR")
    assert sorted(p.name for p in here.iterdir()) == ["file", "link"]


@pytest.mark.parametrize("command", [c for c in COMMANDS if "--target-error" not in c], ids=lambda c: c[0] if c else "")
def test_a_disk_without_room_is_told_of_before_a_run_is_drawn(cli, here, undrawn, monkeypatch, command):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 10**12, 7000))
    for draws in ("16", "1M"):
        line = refused(cli(*command, "--draws", draws), "the disk is full: the run takes ", "7 kB are free there")
        assert (" MB, " in line) == (draws == "1M")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("command", [c for c in FIGURES if "--data" not in c], ids=lambda c: c[0])
def test_a_figure_that_is_a_folder_is_told_of_before_it_is_drawn(cli, here, undrawn, command):
    Path(command[-1]).mkdir(parents=True)
    refused(cli(*command), f"{command[-1]} cannot be written: it is a folder")


def test_looking_leaves_nothing_behind(here):
    disks.ready(Path("a/b/c"), 10, 1600, 1600)
    (here / "runs").mkdir()
    files.look(here / "runs" / "b.png")
    disks.ready(Path("runs"), 10, 1600, 1600)
    assert [p.name for p in here.rglob("*")] == ["runs"]


@pytest.mark.parametrize("name", ["plappert-2024", "plappert-2024-point", "evidence-2026"])
@pytest.mark.parametrize(("draws", "keep"), [(16, 10**6), (1600, 10**6), (64_000, 32_000), (160_000, 10**6), (1600, 0)])
def test_the_room_that_a_run_takes_is_known_before_it_is_drawn(here, name, draws, keep, monkeypatch):
    counted = []
    monkeypatch.setattr(disks, "free_bytes", lambda folder: 10**12)
    monkeypatch.setattr(disks, "room", lambda *a, f=disks.room: counted.append(f(*a)) or counted[-1])
    made = simulate(name, draws=draws, keep=keep)
    disks.ready(here, len(made.priors.uncertain) + len(made.quantities), draws, keep)
    folder = made.save(here)
    taken = sum(p.stat().st_size for p in folder.iterdir())
    assert all(0.25 * taken <= known <= taken for known in counted), (counted, taken)
    assert counted[1] >= counted[0]
    if draws == 160_000:
        assert counted[0] > 0.98 * taken


# --------------------------------------------------------------- HDF5 keeps to itself why it could not write


def test_a_disk_that_is_full_by_a_little_is_full(cli, here):
    """Whatever is left for the last bytes: of the draws, the coordinates, what is said of them, or run.json."""
    size = sum(p.stat().st_size for p in simulate(draws=16_000).save("once").iterdir())
    for short in (4096, 8192, 20_000, 40_000, 70_000, 100_000, 300_000):
        with disk(here / "runs"):
            subprocess.run(["mount", "-o", "remount,size=4m", str(here / "runs")], check=True)
            fill = shutil.disk_usage(here / "runs").free - size + short
            (here / "runs" / "filling").write_bytes(bytes(fill // 4096 * 4096))
            refused(cli("--draws", "16000"), "could not be written to runs: the disk is full")
            assert hidden(here / "runs") == []


@pytest.mark.parametrize(("code", "why"), REASONS.items())
def test_the_disk_is_asked_why_a_netcdf_file_could_not_be_written(here, monkeypatch, code, why):
    made, opened = simulate(draws=1600), Path.open

    def fails(self, mode="r", *arguments, **more):
        if mode == "ab":
            raise OSError(code, os.strerror(code))
        return opened(self, mode, *arguments, **more)

    def hdf5(*_):
        raise RuntimeError("NetCDF: HDF error")

    monkeypatch.setattr(netcdf, "_put", hdf5)
    with pytest.raises(RunError, match="NetCDF: HDF error"):  # the disk has nothing against it
        made.save("runs")
    monkeypatch.setattr(Path, "open", fails)
    with pytest.raises(RunError, match=f"could not be written to runs: {why}"):
        made.save("runs")
    assert list((here / "runs").iterdir()) == []


# -------------------------------------------------------------------- names that netCDF takes for more

NAMES = [
    "file:/x",
    "file:",
    "http:/x",
    "https:",
    "s3:/b",
    "c:/x",
    "C:",
    "[mode=bytes]",
    "[log]",
    "#mode=zarr",
    "x#mode=bytes",
    "[mode=bytes]file:/x",
    "a:/b#mode=nczarr,file",
    "~",
    "~/x",
    " x",
    "%20",
    "x::y",
    "a?b",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_one_whatever_netcdf_takes_its_name_for(cli, here, made, name):
    folder = made.save(name)
    assert content(folder) == content(made.save("plain"))
    run = Run.load("latest", name)
    np.testing.assert_array_equal(run.draws_of("parameters"), made.draws_of("parameters"))
    assert float(run.datatree["prior"]["parameters"][0, 0]) == made.draws_of("parameters")[0, 0]
    assert cli("rerun", "latest", "--runs", name).code == 0
    with netCDF4.Dataset(cli("runs", "path", "latest", "--runs", name).out[:-1]) as file:
        assert file.seed == made.settings.seed
    assert sorted(p.name for p in here.iterdir()) == sorted([Path(name).parts[0], "plain"])


@pytest.fixture(scope="module")
def made():
    return simulate(load_priors(), draws=1600)


def test_what_cannot_be_read_is_told_of_as_the_user_wrote_it(here, made, cli):
    folder = made.save("a")
    shutil.copytree(folder, here / "b\\c" / folder.name)
    assert cli("rerun", f"b\\c/{folder.name}").code == 0  # netCDF is not asked
    (folder / "run.nc").unlink()
    with pytest.raises(Exception, match="cannot be read: ") as error:
        netcdf.read_draws(folder, {"parameters": "prior"})
    assert "PosixPath" not in str(error.value)
    assert "Errno" not in str(error.value)


def test_where_folders_have_no_text_for_a_name_a_relative_one_has(made, here):
    code = "from simulator import *; simulate(draws=160).save('runs'); Run.load('latest').draws_of('parameters')"
    folder = here / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
