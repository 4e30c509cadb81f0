"""A run from a stranger opens no other file, takes no more than it is, and is refused in one line; so is a damaged one.

A new command that takes a run has to have a row in TAKING.
"""

import ctypes
import json
import os
import random
import shutil
import sys
from contextlib import contextmanager

import click
import numpy as np
import pytest

from simulator import Run, compare, load_priors, plot, report, simulate, whatif
from simulator.base.errors import InputError
from simulator.cli.main import main
from simulator.runs.manifest import sealed

from .. import strangers
from ..conftest import reseal
from ..hostile import one_line, within

RUN = "runs/strange"
SET = load_priors()
TAKING = {  # each command that takes a run, with the run in each of its places
    "runs show": [
        ["runs", "show", RUN],
        ["runs", "show", RUN, "--ci", "0.8"],
        ["runs", "show", RUN, "--json"],
        ["runs", "show", RUN, "-q", "training_cost"],
    ],
    "runs path": [["runs", "path", RUN]],
    "rerun": [["rerun", RUN]],
    "compare": [["compare", RUN, "plappert-2024"], ["compare", "plappert-2024", RUN, "--draws", "160"]],
    "whatif": [["whatif", RUN, "--set", "peak_factor=2"]],
    "sensitivity": [["sensitivity", RUN]],
    "plot": [["plot", RUN, "--out", "x.svg"], ["plot", "plappert-2024", RUN, "-k", "forest", "--out", "x.svg"]],
    "explore": [["explore", RUN, "--no-open", "--out", "x.html"]],
    "reserve": [["reserve", RUN, "--short", "3", "--idle", "2"]],
    "own": [["own", RUN]],
    "report": [
        ["report", RUN, "--out", "-", "--format", "md"],
        ["report", "plappert-2024", "--draws", "160", "--compare", RUN, "--out", "x.html"],
    ],
}
SPARED = {"runs delete": "what is damaged has to go", "runs list": "says what it has not read"}
NO_RUN = set("priors list|priors show|priors check|priors new|gpus|explain|reproduce".split("|"))
NO_RUN |= {"condition", "ensemble", "backtest", "calibrate", "models list", "models new", "models check"}
REASONS = {  # of some: that they are refused for what they are, and not for how they were made here
    "external storage": "prior/parameters: its numbers lie in another file",
    "an external link to a variable": "a link that leads to a name or to another file",
    "a soft link to itself": "a link that leads to a name or to another file",
    "a virtual dataset of another file": "prior/parameters: it is virtual, not contiguous",
    "a group in itself": "more than one link leads to it",
    "a group in a group": "prior/more: it holds what no run holds",
    "chunked": "prior/parameters: it is chunked, not contiguous",
    "compact": "prior/parameters: it is compact, not contiguous",
    "compressed": "prior/parameters: it is filtered or compressed",
    "a huge dimension": "prior/parameters: it has 1,600,000,000,000,000 numbers, more than the file holds",
    "numbers of any length": "prior/parameters: it is not stored as plain numbers",
    "references": "prior/parameters: it is not stored as plain numbers",
    "a dimension that is a reference to elsewhere": "prior has a reference that leads elsewhere",
    "another shape": "prior/parameters: it is of another shape or kind",
    "another scale": "prior/parameters: its attributes would change its numbers",
    "bytes behind the file": "it has another size than it says",
    "a link to a file elsewhere": "run.nc is a link to another file",
}
IN_PYTHON = {
    "draws_of": lambda: Run.load(RUN).draws_of("parameters"),
    "computed": lambda: Run.load(RUN).draws_of("training_cost"),
    "datatree": lambda: Run.load(RUN).datatree,
    "dataset": lambda: Run.load(RUN).dataset,
    "summary": lambda: Run.load(RUN).summary(exceeds={"training_h100s": [1.0]}),
    "save": lambda: Run.load(RUN).save("elsewhere"),
    "compare": lambda: compare(Run.load(RUN), "plappert-2024"),
    "whatif": lambda: whatif(RUN, {"peak_factor": 2}),
    "plot": lambda: plot(Run.load(RUN), "density"),
    "report": lambda: report(Run.load(RUN), pictures=False),
    "draws, though damaged": lambda: Run.load(RUN, damaged=True).draws_of("parameters"),
    "tree, though damaged": lambda: Run.load(RUN, damaged=True).datatree,
}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return simulate(SET, draws=1600).save(tmp_path_factory.mktemp("good"))


@pytest.fixture
def strange(good, here):
    shutil.copytree(good, here / RUN)
    strangers.lay(here / "outside", good)
    return here / RUN


@contextmanager
def opened_in(folder):
    """The names of files in a folder that are opened meanwhile, by whatever library: Linux tells."""
    libc, names = ctypes.CDLL(None, use_errno=True), []
    handle = libc.inotify_init1(os.O_NONBLOCK)
    assert handle >= 0
    assert libc.inotify_add_watch(handle, os.fsencode(folder), 0x20) >= 0  # IN_OPEN
    try:
        yield names
        with open(handle, "rb", buffering=0, closefd=False) as events:
            while told := events.read(65536) or b"":
                while told:
                    size = int.from_bytes(told[12:16], sys.byteorder)
                    names.append(told[16 : 16 + size].rstrip(b"\0").decode())
                    told = told[16 + size :]
    finally:
        os.close(handle)


def refused(cli, line, part=""):
    outcome = cli(*line)
    assert outcome.code in (1, 2), (line, outcome)
    assert len(outcome.errors) == 1, (line, outcome.err)
    assert one_line(outcome.errors[0]), outcome.errors
    assert "internal error" not in outcome.err, (line, outcome.err)
    assert part in outcome.errors[0], (line, outcome.errors)
    assert outcome.out == "", (line, outcome.out)


def refused_in_python(ask):
    with pytest.raises(InputError) as stop:
        ask()
    assert len(stop.value.lines) == 1
    assert one_line(stop.value.lines[0])


def commands(group, above=""):
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


# ----------------------------------------------------------------------------------- all commands


def test_every_command_that_takes_a_run_stands_here():
    known = dict(commands(main))
    assert known.keys() == TAKING.keys() | SPARED.keys() | NO_RUN
    told = {name for name, command in known.items() if any("RUN" in str(p.metavar or "") for p in command.params)}
    assert told <= TAKING.keys() | SPARED.keys()


@pytest.mark.parametrize("name", TAKING)
def test_a_good_run_is_taken(strange, cli, name):
    """Else the refusals beneath would say nothing."""
    for line in TAKING[name]:
        assert cli(*line).code == 0, line


def test_a_flipped_bit_at_a_hundred_places_is_refused_by_every_command(strange, cli):
    """By every command at one place, and by one after the other at all of them."""
    data, dice = (strange / "run.nc").read_bytes(), random.Random(12)
    every = [line for each in TAKING.values() for line in each]
    lines = [line for line in every if line[1] == RUN or line[0] == "runs"]
    for i in range(100):
        at, bit = dice.randrange(len(data)), dice.randrange(8)
        (strange / "run.nc").write_bytes(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :])
        for line in [lines[i % len(lines)]] if i else every:
            refused(cli, line, "was changed or damaged after it was written")


def test_a_changed_run_json_is_refused_by_every_command(strange, cli):
    text = (strange / "run.json").read_text()
    (strange / "run.json").write_text(text.replace('"seed": 20240315', '"seed": 20240316'))
    for line in (line for each in TAKING.values() for line in each):
        refused(cli, line, "was changed or damaged after it was written")


def test_a_file_that_changes_after_the_run_was_loaded_is_refused(strange):
    run = Run.load(RUN)
    data = bytearray((strange / "run.nc").read_bytes())
    data[-1] ^= 1
    (strange / "run.nc").write_bytes(data)
    for ask in (lambda: run.draws_of("parameters"), lambda: run.datatree):
        with pytest.raises(InputError, match="was changed or damaged"):
            ask()


# ------------------------------------------------------------------------------------ hostile files


def seal(folder):
    if (folder / "run.nc").is_file():
        reseal(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="who opens what is told by Linux")
@pytest.mark.parametrize("name", strangers.FILES)
def test_a_strangers_file_is_refused_and_opens_no_other(strange, here, cli, name):
    with within(120):  # making 20,000 groups takes a while
        strangers.make(name, strange, here / "outside")
    seal(strange)
    with opened_in(here / "outside") as names:
        for line in (line for each in TAKING.values() for line in each):
            with within(10):
                refused(cli, line, REASONS.get(name, ""))
        for ask in IN_PYTHON.values():
            with within(10):
                refused_in_python(ask)
    assert names == []
    assert cli("runs", "list").code == 0
    assert not (here / "elsewhere").exists()


def test_the_watch_sees_what_is_opened_by_a_library(strange, here):
    """Else the test above would say nothing."""
    import h5py

    with opened_in(here / "outside") as names:
        h5py.File(here / "outside" / "other.nc").close()
        (here / "outside" / "secret.bin").read_bytes()
    assert {"other.nc", "secret.bin"} <= set(names)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["prior/parameters", "prior_predictive/inference_h100s"])
def test_draws_that_are_no_numbers_are_refused_where_they_are_read(strange, cli, name, value):
    import h5py

    with h5py.File(strange / "run.nc", "r+") as file:
        file[name][3, 3] = value
    reseal(strange)
    group, name = name.split("/")
    for ask in (lambda: Run.load(RUN).draws_of(name), lambda: Run.load(RUN).datatree, lambda: Run.load(RUN).dataset):
        with pytest.raises(InputError, match=f"run.nc is damaged: {name} holds numbers that are not finite"):
            ask()
    lines = [line for each in TAKING.values() for line in each]
    if value is not np.nan:  # a page of pictures takes a while
        lines = [line for line in lines if "x.html" not in line]
    for line in lines:
        outcome = cli(*line)
        assert "internal error" not in outcome.err, line
        assert outcome.code == 0 or (outcome.code in (1, 2) and len(outcome.errors) == 1), (line, outcome)
        assert "nan" not in outcome.out.lower().split(), (line, outcome.out)
    refused(
        cli, ["runs", "show", RUN, *(["-q", "training_cost"] if group == "prior" else ["--ci", "0.8"])], "not finite"
    )


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 30])
def test_numbers_of_run_json_that_are_none_are_refused_by_every_command(strange, cli, value):
    """Python reads and seals what JSON has no word for."""
    path = strange / "run.json"
    meta = json.loads(path.read_text())
    meta["summary"]["training_h100s"]["median"]["value"] = float(value) if "0" * 30 not in value else int(value)
    path.write_text(sealed(meta).replace("Infinity", value.lstrip("-")) if "e" in value else sealed(meta))
    for line in (line for each in TAKING.values() for line in each):
        refused(cli, line, "it holds the number ")


@pytest.mark.parametrize("group", ["prior", "prior_predictive"])
@pytest.mark.parametrize("many", [1, 1600])
def test_draws_of_0_where_there_are_none_are_no_internal_error(strange, cli, group, many):
    import h5py

    with h5py.File(strange / "run.nc", "r+") as file:
        for name in set(file[group]) - {"chain", "draw"}:
            file[group][name][:, : -(-many // 16)] = 0.0
    reseal(strange)
    lines = [line for name, each in TAKING.items() for line in each if name != "report"]
    for line in [*lines, ["compare", RUN, RUN], ["runs", "show", RUN, "-q", "training_cost", "--ci-kind", "hdi"]]:
        outcome = cli(*line)
        assert "internal error" not in outcome.err, (line, outcome.err)
        assert outcome.code == 0 or len(outcome.errors) == 1, (line, outcome.err)
