"""What a stranger sends runs nothing: a prior set, a run, names with paths, what lies in the working folder."""

import json
import subprocess
import sys

import pytest

from simulator import InputError, Run, load_priors, simulate
from simulator.compute import models

from .conftest import forge

MARK = "from pathlib import Path\nPath({mark!r}).write_text('run')\n"
NAMES = [
    "evil",
    "evil.py",
    "./evil.py",
    "../evil",
    "/tmp/evil.py",
    "evil/__init__",
    "evil.__init__",
    "__init__",
    "__main__",
    "os",
    "os.path",
    "simulator.compute.graph",
    "evil:run",
    "file:evil.py",
    "evil\\x00.py",
    "evil@" + "0" * 64,
    " evil",
    "EVIL",
    "-m evil",
    "import evil",
    "{evil}",
    "évil",
]


@pytest.fixture
def trap(here, monkeypatch):
    """A folder in which every name leads to code that leaves a mark, and from which Python may import."""
    mark = here / "mark"
    code = MARK.format(mark=str(mark))
    for name in ("evil.py", "mine.py", "__init__.py", "__main__.py"):
        (here / name).write_text(code)
    for folder in ("evil", "priors"):
        (here / folder).mkdir()
        (here / folder / "__init__.py").write_text(code)
        (here / folder / "evil.py").write_text(code)
    info = here / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[simulate.models]\nevil = evil\nmine = evil\nEVIL = evil\n")
    monkeypatch.syspath_prepend(str(here))
    yield mark
    assert not mark.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_prior_sets_model_runs_nothing(trap, here, name):
    escaped = name.replace("\\x00", "\\u0000")
    (here / "sent.toml").write_text(f'title = "t"\nmodel = "{escaped}"\n[priors.a]\nprior = 1\n')
    with pytest.raises(InputError) as caught:
        load_priors("sent.toml")
    assert all("model" in line for line in caught.value.lines)
    assert len(caught.value.lines) == 1


def test_what_to_add_is_said(trap, here):
    (here / "sent.toml").write_text('title = "t"\nmodel = "mine"\n')
    with pytest.raises(InputError, match=r"^sent: model: 'mine' is not loaded: add --model mine\.py, the file of its"):
        load_priors("sent.toml")


@pytest.mark.parametrize("name", [f"{n}@{'a' * 64}" for n in NAMES] + ["@", "@evil", "evil@", "evil@../evil.py"])
def test_a_stored_runs_model_runs_nothing(trap, here, name):
    run = simulate("plappert-2024-point", draws=16).stored_in()
    meta = json.loads((run.path / "run.json").read_text())
    forge(run.path, priors=meta["priors"] | {"variant": name})
    with pytest.raises(InputError) as caught:
        Run.load(run.path)
    assert len(caught.value.lines) == 1


def test_a_runs_model_is_asked_for_with_what_to_add(trap, here):
    run = simulate("plappert-2024-point", draws=16).stored_in()
    meta = json.loads((run.path / "run.json").read_text())
    forge(run.path, priors=meta["priors"] | {"variant": f"mine@{'a' * 64}"})
    with pytest.raises(InputError, match=r"add --model mine\.py, the file of SHA-256 'aaaaaaaaaaaa'$"):
        Run.load(run.path)


def test_listing_and_completing_run_nothing(trap, cli, monkeypatch):
    assert cli("models", "list").code == 0
    script = "from simulator.cli.main import main; main(prog_name='simulate')"
    words = {
        "_SIMULATE_COMPLETE": "bash_complete",
        "COMP_WORDS": "simulate --model mine.py explain ",
        "COMP_CWORD": "4",
    }
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "-P", "-c", script], check=False, capture_output=True)


def test_an_option_before_its_verb_and_a_help_text_load_no_model_for_a_set(trap, cli, here):
    (here / "sent.toml").write_text('title = "t"\nmodel = "evil"\nextends = ["plappert-2024"]\n')
    for line in (["explain", "--priors", "sent.toml"], ["compare", "sent.toml", "plappert-2024"], ["priors", "list"]):
        cli(*line)
    cli("sensitivity", "--help")


def test_an_installed_model_is_found_by_its_name_alone(here, tmp_path_factory, monkeypatch, cli):
    """A package that is installed elsewhere may give a model; its file is read as any other, and checked."""
    place = tmp_path_factory.mktemp("site")
    (place / "bakery.py").write_text(
        "from simulator import Input, quantity\n"
        'UNITS = ("roll = [roll]",)\n'
        'PRIORS = (Input("ovens", "1", "ovens"), Input("rolls_each", "roll/day", "rolls of one"))\n'
        '@quantity("roll/day")\n'
        "def rolls(ovens, rolls_each):\n"
        '    """Rolls in a day."""\n'
        "    return ovens * rolls_each\n"
    )
    info = place / "bakery-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bakery\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[simulate.models]\nbakery = bakery\n")
    monkeypatch.syspath_prepend(str(place))
    assert list(models.installed()) == ["bakery"]
    entry = 'unit = "{}"\nsource = "x"\ngrade = "D"\n'
    (here / "rolls.toml").write_text(
        'title = "t"\nmodel = "bakery"\n[priors.ovens]\nprior = 2\n'
        + entry.format("1")
        + '[priors.rolls_each]\nprior = "uniform(low=10, high=30)"\n'
        + entry.format("roll/day")
    )
    outcome = cli("--priors", "rolls.toml", "--draws", "1600", "--json", "--no-save")
    assert outcome.code == 0, outcome
    assert json.loads(outcome.out)["quantities"]["rolls"]["median"]["value"] == pytest.approx(40, rel=0.01)
    assert "bakery" in cli("models", "list").out
