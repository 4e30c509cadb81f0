"""The public API: a change of it is a decision, made here too. The examples in docstrings are run."""

import doctest
import inspect
from importlib import import_module

import pytest

import simulator

from .conftest import ROOT

FUNCTIONS = {
    "attribute": "a b of statistic seed sampler",
    "backtest": "cases priors draws seed",
    "compare": "a b quantities options",
    "condition": "priors on draws seed quantities sampler threads",
    "load_priors": "names gpu set",
    "plot": "runs kind of ax labels exceeds over pairs ci ci_kind statistic style size framed",
    "pool": "members draws seed quantities sampler threads",
    "report": "run other labels pictures",
    "sensitivity": "run of threshold",
    "simulate": "priors draws seed gpu set quantities sampler exact threads keep block cluster checkpoints resume "
    "progress told",
    "total_sensitivity": "given of seed sampler",
    "whatif": "run set quantities",
}
METHODS = {  # of a run, which a user calls
    "draws_of": "self name",
    "load": "name root damaged",
    "save": "self root",
    "summary": "self names ci kind quantiles exceeds",
}
CLASSES = {"InputError", "PriorSet", "Run", "RunError", "SimulateError"}
PACKAGE = ROOT / "simulator"
EXAMPLES = [path.relative_to(ROOT) for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text()]


def parameters(function):
    return " ".join(inspect.signature(function).parameters)


def test_the_public_names_and_the_names_of_their_parameters():
    assert set(simulator.__all__) == FUNCTIONS.keys() | CLASSES | {"__version__"}
    assert {name: parameters(getattr(simulator, name)) for name in FUNCTIONS} == FUNCTIONS
    assert {name: parameters(getattr(simulator.Run, name)) for name in METHODS} == METHODS
    assert all(inspect.isclass(getattr(simulator, name)) for name in CLASSES)
    assert set(simulator.__all__) <= set(dir(simulator))


def test_every_public_function_says_what_it_does():
    for name in FUNCTIONS:
        assert inspect.getdoc(getattr(simulator, name)), name


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_the_examples_in_docstrings_are_right(path, here):
    done = doctest.testmod(import_module(".".join(path.with_suffix("").parts)))
    assert done.failed == 0
    assert done.attempted


def test_there_are_examples_in_docstrings():
    """Else the test above would say nothing."""
    assert len(EXAMPLES) >= 3
