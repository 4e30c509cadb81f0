"""Remarks on what lies beyond what is thought possible: which statistic, in which years, in all that is printed."""

import json

import pytest

from simulator import load_priors, simulate
from simulator.reports.plausibility import LATER, beyond, trust
from simulator.reports.report import report

SET = """
title = "Bounded"
extends = ["plappert-2024"]

[trends.demand_growth]
from = 2026
growth = 4
source = "a test"
grade = "D"

[plausible.inference_h100s]
most = { 2026 = MOST, 2028 = MOST }
unit = "1"
label = "all that there is"
source = "a test of bounds"
grade = "C"
"""
ENDS = ["inference_h100s@2026", "inference_h100s@2027", "inference_h100s@2028"]


@pytest.fixture
def bounded(here):
    def made(most):
        (here / "bounded.toml").write_text(SET.replace("MOST", f"{most}"))
        return load_priors("bounded.toml").through((2026, 2027, 2028))

    return made


def test_each_quantity_is_remarked_on_at_its_lowest_statistic_that_lies_beyond(bounded):
    """Median 1.8, 7.1 and 28 million, 95 % quantile 6.7, 27 and 107 million: the bound decides what is said."""
    run = simulate(bounded(1e9), draws=16_000, quantities=ENDS)
    s = {x.name: x for x in run.summary(ENDS)}
    for most, expected in (
        (1e9, []),
        (50e6, [("95 % quantile", (2028,))]),
        (20e6, [("median", (2028,)), ("95 % quantile", (2027, 2028))]),
        (1e5, [("5 % quantile", (2026, 2027, 2028))]),
    ):
        found = beyond(bounded(most), list(s.values()))
        assert [(b.statistic, b.years) for b in found] == expected, most
        assert all(b.value.value > b.bound == most for b in found)
    plain = simulate(load_priors("bounded.toml"), draws=1600)
    assert beyond(plain.priors, plain.summary()) == []  # without a year there is no bound


def test_the_ends_of_an_hdi_are_called_so(bounded):
    run = simulate(bounded(50e6), draws=16_000, quantities=ENDS)
    (found,) = beyond(run.priors, run.summary(ENDS, kind="hdi"))
    assert found.statistic == "upper end of the 90 % HDI"


def test_table_json_and_report_say_the_same(bounded, cli):
    run = simulate(bounded(50e6), draws=16_000, quantities=ENDS)
    (found,) = beyond(run.priors, run.summary())
    assert found.sentence.startswith(
        "Not plausible: the 95 % quantile of inference_h100s lies beyond all that there is"
    )
    assert found.sentence.endswith("where 50 million is thought possible (a test of bounds).")
    typed = ("--priors", "bounded.toml", "--years", "2026:2028", "-n", "16000", "--no-save")
    assert found.sentence in " ".join(cli(*typed).out.split())
    data = json.loads(cli(*typed, "--json").out)
    assert data["trust"] == f"{run.priors.trust} {LATER}"
    assert trust(run.priors.through((2026,))) == run.priors.trust  # the year of the set itself
    (told,) = data["beyond_plausible"]
    assert told == json.loads(json.dumps(found.to_json()))
    assert found.sentence in report(run, pictures=False).data["caveats"]
