"""Remarks on what lies beyond what is thought possible: which statistic, in which years, in all that is printed."""

import json
import re

import pytest

from simulator import load_priors, simulate
from simulator.priors.trust import LATER
from simulator.reports.plausibility import beyond
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
    assert data["trust"] == run.priors.trust
    (told,) = data["beyond_plausible"]
    assert told == json.loads(json.dumps(found.to_json()))
    assert found.sentence in report(run, pictures=False).data["caveats"]


def said(outcome):
    assert outcome.code == 0, outcome.err
    return " ".join(outcome.out.split())


BEYOND = "lies beyond all that there is in 2028: "
DRAWN = ("--draws", "16000")


def test_a_reserve_that_is_not_plausible_is_remarked_on(bounded, cli):
    """The reserve alone, and not the interval of what it is reserved for: 95 % is 107 million in 2028, 60 % is 34."""
    bounded(50e6)
    lead = f"Not plausible: the best reserve of inference_h100s {BEYOND}"
    for typed in (["bounded.toml", "--years", "2026:2028"], ["bounded.toml", "--years", "2028,2029"]):
        for of in ([], ["--of", "inference_h100s@2028"]):
            assert lead in said(cli("reserve", *typed, *of, "--service", "95%", *DRAWN))
            assert "Not plausible" not in said(cli("reserve", *typed, *of, "--service", "60%", *DRAWN))
            data = json.loads(cli("reserve", *typed, *of, "--service", "95%", *DRAWN, "--json").out)
            (told,) = data["beyond_plausible"]
            assert (told["statistic"], told["years"], told["bound"]) == ("best reserve", [2028], 50e6)
            best = (data["years"]["2028"] if "years" in data else data)["plans"]["best"]
            assert told["value"] == best["units"]["value"] > 50e6


def test_compare_and_sensitivity_remark_on_what_is_compared_and_looked_into(bounded, cli):
    bounded(50e6)
    years, name = ("--years", "2026:2028"), "95 % quantile of inference_h100s"
    typed = ("compare", "bounded.toml", "--set", "peak_factor=2", *years, "--no-attribution", *DRAWN)
    text = said(cli(*typed))
    assert f"A: Not plausible: the {name} {BEYOND}" in text
    assert f"B: Not plausible: the {name} {BEYOND}" in text
    sides = json.loads(cli(*typed, "--json").out)["sides"]
    first, second = (sides[k]["beyond_plausible"][0] for k in "AB")
    assert first["value"] > second["value"] > first["bound"] == 50e6
    same = said(cli("compare", "bounded.toml", "bounded.toml", *years, *DRAWN))
    assert same.count("Not plausible") == 1
    assert "A: Not" not in same
    assert "Not plausible" not in said(cli(*typed, "-q", "training_h100s", "-q", "inference_h100s@2026"))
    looked = ("sensitivity", "bounded.toml", *years, *DRAWN)
    assert f"Not plausible: the {name} {BEYOND}" in said(cli(*looked))
    assert json.loads(cli(*looked, "--json").out)["beyond_plausible"][0]["years"] == [2028]
    assert "Not plausible" not in said(cli(*looked, "--of", "inference_h100s@2026"))
    assert json.loads(cli(*looked, "--of", "inference_h100s@2026", "--json").out)["beyond_plausible"] == []


def test_what_tested_the_intervals_is_said_to_be_no_trend_wherever_years_are_shown(bounded, cli, here):
    chosen = bounded(50e6)
    plain = load_priors("bounded.toml")
    assert chosen.trust == f"{plain.trust} {LATER}"
    assert plain.through((2026,)).trust == plain.trust  # the year of the set itself
    edit, prices, out = ("--set", "peak_factor=2"), ("--short", "3", "--idle", "2"), ("--out", "drawn.svg")
    for typed in (
        ["--priors", "bounded.toml", "--no-save"],
        ["reserve", "bounded.toml", *prices],
        ["reserve", "bounded.toml", "--of", "inference_h100s@2028", *prices],
        ["compare", "bounded.toml", *edit],
        ["sensitivity", "bounded.toml"],
    ):
        text = said(cli(*typed, "--years", "2026:2028", *DRAWN))
        assert f"Trust: {chosen.trust.removeprefix('Trust: ')}" in text, typed
    for years, told in ((["--years", "2026:2028"], True), ([], False)):
        of = ["--of", "inference_h100s", *years, *DRAWN, *out]
        assert cli("plot", "bounded.toml", *of).code == 0
        drawn = " ".join(re.findall(r"<!-- (.*?) -->", (here / "drawn.svg").read_text()))  # its texts, line by line
        assert ("Of later years" in drawn) == told
        assert (LATER in said(cli("sensitivity", "bounded.toml", *years, *DRAWN))) == told
    assert LATER in report(simulate(chosen, draws=16_000), pictures=False).headline


def test_what_owning_costs_may_have_a_bound_too(bounded, cli, here):
    trend = "[trends.gpu_price]\nfrom = 2026\ngrowth = 0.9\nsource = 'x'\ngrade = 'D'\n[plausible.rented_gpu_hour_cost]"
    text = (
        SET.replace("[plausible.inference_h100s]", trend)
        .replace("MOST", "0.5")
        .replace('unit = "1"', 'unit = "USD/hour"')
    )
    (here / "rents.toml").write_text(text)
    typed = ("own", "rents.toml", "--years", "2026:2028", *DRAWN)
    assert (
        "Not plausible: the 5 % quantile of rented_gpu_hour_cost lies beyond all that there is in 2026 to 2028"
        in said(cli(*typed))
    )
    assert json.loads(cli(*typed, "--json").out)["beyond_plausible"][0]["years"] == [2026, 2027, 2028]
