"""What is written is open to whom the umask says, and tells nothing of the machine that it was written on."""

import os
import stat

import pytest

from simulator import files

UMASKS = [0o022, 0o002, 0o077, 0o027]


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(root):
    return {str(p.relative_to(root)): stat.S_IMODE(p.stat().st_mode) for p in root.rglob("*")}


def test_the_umask_says_who_may_read_what_is_written(umask, cli, here):
    assert cli("--draws", "1600").code == 0
    (run,) = (here / "runs").iterdir()
    assert cli("--draws", "1600").code == 0  # in place of the first
    (run / "old").mkdir()
    for command in (
        ["plot", "latest", "--data", "data/series.csv"],
        ["report", "latest", "--out", "pages/report.md"],
        ["priors", "new", "mine"],
        ["backtest", "wan-2.1-14b-720p-h100", "--draws", "1600", "--plot", "figure.svg"],
    ):
        assert cli(*command).code == 0
    files.write_file(here / "checkpoint.npz", b"counts")
    found = modes(here)
    assert len(found) > 10
    for name, mode in found.items():
        assert mode == (0o777 if (here / name).is_dir() else 0o666) & ~umask, name


def test_what_is_made_to_write_in_is_as_open_as_what_is_written(umask, here):
    with files.workplace(here) as work:
        (here / "new").mkdir()
        assert modes(here)[work.name] == 0o777 & ~umask


def test_a_file_that_is_replaced_stays_as_open_as_it_was(here):
    seen, path = [], here / "mine.csv"
    path.write_bytes(b"older")
    path.chmod(0o640)

    class Watched(bytes):
        def __buffer__(self, flags):
            (part,) = here.glob(".writing-*")
            seen.append(stat.S_IMODE(part.stat().st_mode))
            return super().__buffer__(flags)

    files.write_file(path, Watched(b"newer"))
    assert path.read_bytes() == b"newer"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert set(seen) == {0o640}  # while it is written, too
    (here / "link.csv").symlink_to(path)
    files.write_file(here / "link.csv", b"text")
    assert stat.S_IMODE((here / "link.csv").stat().st_mode) != 0o777
