"""Lines of plausibility: read, refused, interpolated, kept, written."""

import json
import math

import pytest

from simulator import InputError, load_priors
from simulator.priors.prior_set import PriorSet
from simulator.priors.toml import toml

SET = """
title = "A line"
extends = ["calibrated-2026"]

[plausible.inference_h100s]
most = { 2030 = "100 million", 2026 = 1e6 }
unit = "1"
label = "all AI compute"
source = "a test"
grade = "C"

[plausible.inference_power]
most = { 2026 = 2 }
unit = "thousand MW"
label = "all power"
source = "a test"
grade = "D"
note = "a note"
"""


@pytest.fixture
def lines(here):
    (here / "lines.toml").write_text(SET)
    return load_priors("lines.toml")


def test_a_bound_follows_the_logarithm_between_years_and_ends_with_them(lines):
    h100s, power = lines.plausible["inference_h100s"], lines.plausible["inference_power"]
    for year, bound in ((2026, 1e6), (2027, 10**6.5), (2028, 1e7), (2030, 1e8)):
        assert math.isclose(h100s.at(year), bound, rel_tol=1e-12), year
    assert [h100s.at(year) for year in (2025, 2031)] == [None, None]
    assert [power.at(2026), power.at(2027), power.unit] == [2000.0, None, "MW"]


def test_bounds_change_no_draw_and_are_kept_with_the_set(lines, here):
    assert lines.digest == load_priors("calibrated-2026").digest
    assert PriorSet.from_json(json.loads(json.dumps(lines.to_json()))).plausible == lines.plausible
    (here / "written.toml").write_text(toml(lines))
    written = load_priors("written.toml").plausible
    assert {n: (p.most, p.note) for n, p in written.items()} == {
        n: (p.most, p.note) for n, p in lines.plausible.items()
    }
    over = here / "over.toml"
    over.write_text(SET.replace("calibrated-2026", "lines.toml").replace('"100 million"', "3e8"))
    assert load_priors("over.toml").plausible["inference_h100s"].at(2030) == 3e8  # the later layer wins


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("inference_h100s]", "inference_h100]", "did you mean 'inference_h100s'?"),
        ("2026 = 1e6", "26 = 1e6", "'26' is not a year"),
        ("2026 = 1e6", "2026 = 0", "'0' is no bound: a bound is above 0"),
        ("2026 = 1e6", "2026 = true", "'True' is not a number"),
        ('most = { 2030 = "100 million", 2026 = 1e6 }', "most = 1e8", "holds no bounds by year"),
        ('unit = "1"', 'unit = "MW"', "is of another dimension"),
        ('grade = "C"', 'grade = "E"', "'E' is not a grade"),
        ('label = "all AI compute"', "", "inference_h100s.label: is missing"),
        ('label = "all AI compute"', "limit = 3", "'limit' is not a key of a line of plausibility"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_in_one_line(here, before, after, told):
    (here / "wrong.toml").write_text(SET.replace(before, after, 1))
    with pytest.raises(InputError) as caught:
        load_priors("wrong.toml")
    assert any(told in line and "plausible.inference_h100" in line for line in caught.value.lines), caught.value.lines


@pytest.mark.parametrize("most", [[], [[2026, 1.0], [2026, 2.0]], [[2026, -1.0]], [[True, 1.0]], [["2026", 1.0]], 3])
def test_a_stored_line_that_was_never_written_is_refused(lines, most):
    data = lines.to_json()
    data["plausible"]["inference_h100s"]["most"] = most
    with pytest.raises(InputError):
        PriorSet.from_json(data)


def test_trends_and_bounds_are_shown_with_the_set_and_their_sources(cli):
    shown = cli("priors", "show", "projected-2030", "--sources").out
    assert "plausible at most for inference_h100s: 27 million in 2026, 300 million in 2030" in shown
    assert "Hobbhahn and Besiroglu 2022" in shown
    assert "15 million in January" in shown
    row = next(line for line in shown.splitlines() if line.startswith("gpu_price") and "0.45" in line)
    assert row.split() == ["gpu_price", "0.650", "0.715", "0.786", "0.45", "2026", "C"]
    assert "40 of them uncertain; 9 trends" in cli("priors", "check", "projected-2030").out
