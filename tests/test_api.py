"""The public API: a change of it is a decision, made here too. The examples in docstrings are run."""

import doctest
import inspect
import json
from dataclasses import FrozenInstanceError
from importlib import import_module

import pytest

import simulator

from .conftest import ROOT

FUNCTIONS = {
    "attribute": "a b of statistic seed sampler years when",
    "backtest": "cases priors draws seed whole",
    "calibrate": "cases priors leave_out draws seed",
    "compare": "a b quantities years when options",
    "condition": "priors on draws seed quantities sampler threads",
    "explore": "side years when",
    "known": "value",
    "load_model": "path",
    "load_priors": "names gpu set know model",
    "own": "run years ci options",
    "plot": "runs kind of years when ax labels exceeds over pairs ci ci_kind statistic short idle plans style size "
    "framed",
    "pool": "members draws seed quantities sampler threads",
    "quantity": "unit never proved",
    "report": "side other labels pictures without",
    "rerun": "run threads",
    "reserve": "run of short idle service cvar plans learn study options",
    "reserve_by_year": "run of years short idle service cvar plans learn study options",
    "sensitivity": "run of threshold options",
    "simulate": "priors draws seed gpu set know model quantities years when sampler exact threads keep store block "
    "cluster checkpoints resume progress told",
    "total_sensitivity": "side of seed sampler",
    "whatif": "run set quantities threads years when",
}
METHODS = {  # of a run, which a user calls
    "draws_of": "self name",
    "load": "name root damaged",
    "save": "self root",
    "stored_in": "self root",
    "summary": "self names ci kind quantiles exceeds",
}
CLASSES = {"Constant", "Input", "InputError", "PriorSet", "Run", "RunError", "SimulateError"}
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


def test_a_string_means_the_same_in_every_verb(here):
    """A set, layers or a stored run; a lone string is no sequence of characters."""
    stored = simulator.simulate("plappert-2024", draws="1600").stored_in()
    for meant in ("plappert-2024", ["plappert-2024"], "latest", stored.name):
        found = simulator.compare(meant, stored, "training_h100s".split(), draws=1600)
        assert found.contrasts[0].ratio["median"].value == pytest.approx(1.0, rel=1e-6)
        assert simulator.sensitivity(meant, "training_h100s", draws=1600).quantity == "training_h100s"
        assert simulator.reserve(meant, "training_h100s", service=0.9, draws=1600).quantity == "training_h100s"
        assert len(simulator.own(meant, draws=1600).bought) == 1
        assert len(simulator.attribute(meant, "plappert-2024-point", "training_h100s").contributions) > 3
    assert simulator.plot("latest", of="training_h100s").title.startswith("H100-equivalents")
    assert simulator.report("latest", pictures=False).title == stored.priors.title
    assert simulator.rerun("latest").same
    assert [s.name for s in stored.summary("training_cost")] == ["training_cost"]
    assert "training_cost" in str(stored.summary("training_cost"))
    assert simulator.whatif("latest", {"peak_factor": 3}).contrasts
    assert len(simulator.whatif("latest", {"peak_factor": 3}, "inference_h100s").contrasts) == 1
    assert len(simulator.compare("latest", "latest", "inference_h100s").contrasts) == 1
    fact = {"training_h100s": "lognormal(p5=8400, p95=21000)"}
    given = simulator.condition("plappert-2024", fact, quantities="inference_h100s", draws=16_000).run
    assert given.quantities == ("inference_h100s", "training_h100s")
    members = [("plappert-2024", 0.5), ("evidence-2026", 0.5)]
    assert simulator.pool(members, quantities="inference_h100s", draws=1600).run.quantities == ("inference_h100s",)


def test_every_result_is_frozen_and_is_xarray_json_and_a_table(here):
    run = simulator.simulate("plappert-2024", draws=16_000)
    results = [
        simulator.compare(run, run),
        simulator.attribute("plappert-2024", "plappert-2024-point", "training_h100s"),
        simulator.sensitivity(run),
        simulator.total_sensitivity(run, "training_h100s"),
        simulator.reserve(run, short=3, idle=2, learn="parameters", study="parameters: 10%"),
        simulator.own(run),
        simulator.condition("plappert-2024", {"training_h100s": "lognormal(p5=8400, p95=21000)"}, draws=16_000),
        simulator.pool([("plappert-2024", 0.5), ("evidence-2026", 0.5)], draws=16_000),
        simulator.rerun(run.stored_in()),
    ]
    for result in results:
        with pytest.raises(FrozenInstanceError):
            result.run = None
        data = result.to_dataset()
        assert data.data_vars, result
        assert all("long_name" in v.attrs or "units" in v.attrs for v in data.data_vars.values()), result
        json.dumps(result.to_json(), allow_nan=False)
        assert "<table" in result._repr_html_()
        assert len(result.to_pandas())
    with pytest.raises(FrozenInstanceError):
        run.settings = None
