"""The pictures of the README and the guides are what the commands beside them draw; make and pip do what it says."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from .conftest import ROOT
from .documents import PAGES, blocks, words

DRAWN = re.compile(r"--(?:out|plot) (?:docs/images/)?(\S+\.png)")


def test_the_pictures_of_the_pages_are_what_the_commands_beside_them_draw(cli, here):
    """The same, to a few grey levels: other versions of the font library smooth differently."""
    from PIL import Image, ImageChops, ImageStat

    lines = [
        line for page in PAGES for block in blocks(page, "sh") for line in block.commands if "--size 160mm" in line
    ]
    drawn = {DRAWN.search(line)[1]: line for line in lines if DRAWN.search(line)}
    shown = {name for page in PAGES for name in re.findall(r"!\[[^]]+\]\(\S*images/(\S+)\)", page.read_text())}
    there = {path.name: path for path in (ROOT / "docs/images").iterdir()}
    assert shown == there.keys()
    assert there.keys() - drawn.keys() == {"explore.png", "report.png"}  # by the browser
    assert all(path.stat().st_size < 150_000 for path in there.values())
    (here / "docs" / "images").mkdir(parents=True)
    for name in there.keys() & drawn.keys():
        assert cli(*words(drawn[name])).code == 0
        (made,) = here.rglob(name)
        with Image.open(made) as now, Image.open(there[name]) as then:
            assert now.size == then.size
            off = ImageStat.Stat(ImageChops.difference(now.convert("L"), then.convert("L")))
            assert off.mean[0] < 2.0, name


def tracked(target):
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


@pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("make"), reason="needs a checkout and make")
def test_make_run_and_make_test_work_in_a_copy(tmp_path):
    """With an environment like this one in place: it is `make` itself that is tested, not pip."""
    tracked(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name, module in (("python", ""), ("simulate", " -m simulator")):
        wrapper = tmp_path / ".venv" / "bin" / name
        wrapper.write_text(f'#!/bin/sh\nexec {sys.executable}{module} "$@"\n')
        wrapper.chmod(0o755)
    for stamp in ("run-stamp", "test-stamp"):
        (tmp_path / ".venv" / stamp).touch()
    environment = {k: v for k, v in os.environ.items() if k != "SIMULATOR_RUNS"} | {"PYTHONPATH": str(tmp_path)}

    def make(*arguments):
        return subprocess.run(["make", *arguments], cwd=tmp_path, capture_output=True, text=True, env=environment)

    done = make("run")
    assert done.returncode == 0, done.stderr
    assert "Training takes" in done.stdout
    assert len([p for p in (tmp_path / "runs").iterdir() if p.is_dir()]) == 1
    assert "-m pytest" in make("-n", "test").stdout
    assert "-m calibration" in make("-n", "calibration").stdout
    assert "sphinx-build" in make("-n", "docs").stdout
    lowest = re.findall(r"tests/\S+\.py", make("-n", "lowest").stdout)
    assert len(lowest) > 8
    assert all((ROOT / path).is_file() for path in lowest), lowest
    old = make("-B", "PYTHON=/bin/false", ".venv/bin/python")
    assert old.returncode != 0
    assert old.stderr.splitlines()[0] == "simulate needs Python 3.12 or newer; /bin/false is older"


def test_pip_install_puts_the_prior_sets_into_the_wheel(tmp_path):
    """As `pip install .`, without the dependencies, into a folder; then used from `/`."""
    tracked(tmp_path / "copy") if (ROOT / ".git").exists() else shutil.copytree(ROOT, tmp_path / "copy")
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), "."]
    done = subprocess.run(pip, cwd=tmp_path / "copy", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(tmp_path / "copy")
    environment = os.environ | {"PYTHONPATH": str(target), "SIMULATOR_RUNS": str(tmp_path / "runs")}
    code = "import simulator, sys; print(simulator.__file__); from simulator.cli.main import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--draws", "1600"], cwd="/", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(target))
    assert "Training takes" in done.stdout
    for part in ("shipped/gpus/b200.toml", "shipped/cases/imagen-flop.toml", "reports/templates/report.html"):
        assert (target / "simulator" / part).is_file(), part
