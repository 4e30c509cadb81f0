"""Cases of growth: closed forms of what trends predict, what is refused, and what the shipped trends hold."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from simulator import InputError, backtest, load_priors
from simulator.analyses.backtest import outcome
from simulator.priors.before import GROWS
from simulator.priors.cases import load_case, load_cases
from simulator.priors.files import available

from ..conftest import ROOT

SHIPPED = [name for name in available("cases") if name.startswith("growth-")]
TRENDS = """
title = "Trends"
extends = ["calibrated-2026"]

[trends.gpu_price]
from = 2026
growth = "lognormal(median=0.7, sigma=0.2)"
noise = 0.3
source = "a test"
grade = "C"

[trends.tiktok_ai_penetration]
from = 2025
growth = 2
source = "a test"
grade = "C"
"""
CASE = """
title = "Rent"
about = "growth"
date = "2026-04"

[before]
date = "2024-01"
prior = "lognormal(median=3, sigma=0.1)"
source = "a test"
grade = "C"

[observed]
quantity = "gpu_price"
value = 0.0025
unit = "thousand USD/hour"
error = "lognormal(median=1, sigma=0.15)"
source = "a test"
grade = "C"
"""


@pytest.fixture
def case(here):
    (here / "trends.toml").write_text(TRENDS)
    (here / "rent.toml").write_text(CASE.replace("lognormal(median=3", "lognormal(median=0.003"))
    return load_case("rent.toml", ["trends.toml"])


def test_growth_has_its_closed_form(case):
    """The logarithm is normal: the errors of both, the growth's spread by the years, the noise by their root."""
    assert case.before.years == 2.25
    found = outcome(case, draws=64_000)
    sd = math.sqrt(0.1**2 + 0.15**2 + (2.25 * 0.2) ** 2 + 2.25 * 0.3**2)
    middle = math.log(3.0) + 2.25 * math.log(0.7)
    for estimate, z in ((found.low, -1.6448536), (found.median, 0.0), (found.high, 1.6448536)):
        exact = math.exp(middle + z * sd)
        assert abs(estimate.value - exact) <= 4.0 * estimate.mcse + 1e-5 * exact, z
    place = 0.5 * (1.0 + math.erf((math.log(2.5) - middle) / sd / math.sqrt(2.0)))
    assert abs(found.pit.value - place) <= 4.0 * found.pit.mcse
    assert found.to_json()["growth"] == pytest.approx(2.5 / 3.0)
    assert found.to_json()["predicted_growth"]["median"] == pytest.approx(found.median.value / 3.0)


def test_a_quantity_moves_by_what_its_trends_make_of_it(here):
    """A known odds' growth of 2 a year makes a share of less than 10 % grow a little less; minutes grow with it."""
    (here / "trends.toml").write_text(TRENDS)
    text = CASE.replace("gpu_price", "generated_minutes_per_day").replace("thousand USD/hour", "video_minute/day")
    text = re.sub(r'^error = .*\n|, sigma=0.1\)"$', "", text, flags=re.M).replace('"lognormal(median=3', "1e6")
    (here / "minutes.toml").write_text(text.replace("0.0025", "2e6").replace("2026-04", "2025-01"))
    found = outcome(load_case("minutes.toml", ["trends.toml"]), draws=16_000)
    assert 1.0e6 < found.low.value < found.median.value < found.high.value < 2.0e6
    priors = load_priors("trends.toml")
    share = priors.priors["tiktok_ai_penetration"].distribution.quantile(0.5)
    shares_alone = 2.0 / (1.0 + share)  # of TikTok's minutes, the larger part
    assert 1.2 < found.median.value / 1e6 < shares_alone


def test_a_set_without_trends_predicts_no_growth_and_says_so(case, cli, here):
    still = load_case("rent.toml", ["calibrated-2026"])
    assert still.priors is None
    assert "has no trends" in still.not_applicable
    (here / "rent.toml").write_text(CASE.replace("gpu_price", "training_days").replace("thousand USD/hour", "day"))
    assert load_case("rent.toml", ["trends.toml"]).not_applicable == "no trend of the set moves training_days"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('date = "2024-01"', 'date = "2026-04"', "before.date: '2026-04' does not lie up to 16 years before"),
        ('date = "2024-01"', 'date = "then"', "before.date: 'then' is not a year and a month"),
        ('date = "2026-04"', 'date = "2026"', "date: '2026' is not a year and a month"),
        ("lognormal(median=3, sigma=0.1)", "normal(mean=3, sd=1)", "before"),
        ("lognormal(median=1, sigma=0.15)", "normal(mean=1, sd=1)", "observed.error"),
        ("lognormal(median=1, sigma=0.15)", "wide", "observed.error"),
        ('about = "growth"', 'about = "demand"', "a case about growth has a table [before], and no other has"),
        ('source = "a test"\ngrade = "C"\n\n[observed]', 'grade = "C"\n\n[observed]', "before.source: is missing"),
        ("gpu_price", "gpu_prize", "observed.quantity"),
        ("thousand USD/hour", "day", "observed.unit"),
    ],
)
def test_what_is_wrong_with_a_case_of_growth_is_said_in_one_line(here, before, after, told):
    assert before in CASE
    (here / "trends.toml").write_text(TRENDS)
    (here / "wrong.toml").write_text(CASE.replace(before, after, 1))
    with pytest.raises(InputError) as caught:
        load_case("wrong.toml", ["trends.toml"])
    assert any(told in line for line in caught.value.lines), caught.value.lines


def test_what_the_shipped_trends_hold_is_what_the_docs_say():
    """Both rows of docs/years.md: constant rates as their sources claim them, and with the noise."""
    found = backtest(SHIPPED, ["projected-2030"])
    assert not found.held_out
    cases = load_cases(SHIPPED, ["projected-2030"])
    held = {}
    for words, noisy in (("constant rates", False), ("with noise", True)):
        rows = [c if noisy else replace(c, priors=_constant(c.priors)) for c in cases if c.scored]
        outcomes = [outcome(c) for c in rows]
        counts = [sum(o.inside(level) for o in outcomes) for level in (0.5, 0.9)]
        crps = float(np.mean([o.crps.value for o in outcomes]))
        held[words] = f"| {words} | {counts[0]} of {len(rows)} | {counts[1]} of {len(rows)} | {crps:.2f} |"
    text = (ROOT / "docs" / "years.md").read_text()
    assert all(row in text for row in held.values()), held


def _constant(priors):
    return replace(priors, trends={n: t._replace(noise=0.0) for n, t in priors.trends.items()})


def test_the_view_names_each_pair_with_its_growth(cli):
    shown = cli("backtest", "growth-h100-rental-2025-2026", "--priors", "projected-2030", "-n", "16000")
    assert "growth of gpu_price, as a factor:" in shown.out
    row = next(line for line in shown.out.splitlines() if line.startswith("growth-h100"))
    assert "0.42" in row
    assert "1.4" in row
    data = json.loads(cli("backtest", *SHIPPED, "--priors", "projected-2030", "-n", "1600", "--json").out)
    assert {s["cases"] for s in data["scores"]} == {GROWS}
    assert all(c["growth_range"][0] <= c["growth"] <= c["growth_range"][1] for c in data["cases"])
