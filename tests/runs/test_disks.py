"""Disks that are full, read-only or not one's own."""

import os
import shutil
import subprocess

import pytest

from simulator import __version__

from ..helpers import disk, whole


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
