"""What to reserve in each year: closed forms of a lognormal that grows by a lognormal, and what is told."""

import json
import math
from dataclasses import replace

import pytest
from scipy.special import ndtr, ndtri

from simulator import InputError, load_priors, reserve, reserve_by_year, simulate
from simulator.distributions.families import parse
from simulator.priors.prior import Prior
from simulator.priors.trends import Trend

from ..helpers import lognormal_set

YEARS, PRICES = (2026, 2027, 2030), {"short": 3, "idle": 2}
MEDIAN = 2 * 1e21 * 20e9 / 675e6 * 6 * 180 * 0.4
GROWTH, SD, NOISE = 1.4, 0.25, 0.1
TABLE = f"""
title = "Growing"
extends = ["plappert-2024"]
[trends.inference_saving]
from = 2026
growth = "lognormal(median={GROWTH}, sigma={SD})"
source = "a test"
grade = "C"
"""


def growing():
    """training_flop of lognormal priors, of which the parameters grow by a lognormal, and by chance."""
    growth = Prior("trends.parameters", parse(f"lognormal(median={GROWTH}, sigma={SD})"), "1", "a test", "C")
    return replace(lognormal_set(), trends={"parameters": Trend(growth, 2026, NOISE)})


def spread(passed):
    """The sd of log demand so many years on: of what is there, of the growth, and of the walk."""
    return math.hypot(0.5, 0.3, 0.2, SD * passed, NOISE * math.sqrt(passed))


def least(passed, left):
    """The least expected cost of who reserves when `left` is the sd of log demand that is not known."""
    mean = MEDIAN * GROWTH**passed * math.exp(spread(passed) ** 2 / 2)
    return mean * (3 - 5 * ndtr(ndtri(0.6) - left))


@pytest.mark.parametrize("seed", range(6))
def test_each_year_has_its_closed_form(seed):
    options = {"draws": 64_000, "seed": seed, "keep": 64_000}
    found = reserve_by_year(growing(), "training_flop", years=YEARS, learn="trends.parameters", **PRICES, **options)
    for year, best, median, each in zip(YEARS, found.named("best"), found.named("median"), found.reserves, strict=True):
        passed = year - 2026
        centre, sd = MEDIAN * GROWTH**passed, spread(passed)
        assert abs(best.units.value - centre * math.exp(sd * ndtri(0.6))) <= 4.0 * best.units.mcse
        assert abs(median.units.value - centre) <= 4.0 * median.units.mcse
        assert abs(each.evpi.value - least(passed, sd)) <= 4.0 * each.evpi.mcse
        assert median.extra.value > 0.0
    (growth,) = found.last.learned
    left = math.sqrt(spread(4) ** 2 - (SD * 4) ** 2)
    assert abs(growth.saving.value - (least(4, spread(4)) - least(4, left))) <= 4.0 * growth.saving.mcse
    assert all(not each.learned for each in found.reserves[:-1])


def test_a_year_is_the_reserve_of_that_year_and_the_first_that_without_years(here):
    (here / "growing.toml").write_text(TABLE)
    chosen = load_priors("growing.toml")
    found = reserve_by_year(chosen, years=YEARS, **PRICES, draws=16_000)
    run = simulate(chosen.through(YEARS), draws=16_000, quantities=["inference_h100s@2030"])
    assert found.last.best == reserve(run, "inference_h100s@2030", **PRICES).best
    assert found.reserves[0].best == reserve("plappert-2024", "inference_h100s", **PRICES, draws=16_000).best
    data = found.to_dataset()
    assert dict(data.sizes) == {"year": 3, "plan": 2}
    assert (
        float(data["cost"].sel(year=2030, plan="best")) == found.last.evpi.value == float(data["evpi"].sel(year=2030))
    )
    assert data["units"].attrs["units"] == "1"
    assert list(found.to_json()["years"]) == ["2026", "2027", "2030"]


def test_the_command_tells_a_row_for_each_year(cli, here):
    (here / "growing.toml").write_text(TABLE)
    asked = ["reserve", "growing.toml", "--years", "2026,2030", "--draws", "16000"]
    out = " ".join(cli(*asked, "--short", "3", "--idle", "2", "--learn", "trends.inference_saving").out.split())
    assert "Reserve by year of inference_h100s: the 60 % quantile of each" in out
    assert "Of inference_h100s@2030, the last year:" in out
    assert "Each year is reserved for itself." in out
    rows = json.loads(cli(*asked, "--service", "0.9", "--json").out)["years"]
    assert 0.89 < rows["2030"]["plans"]["best"]["covered"]["value"] < 0.91
    one = cli(*asked, "--short", "3", "--idle", "2", "--of", "inference_h100s@2030").out
    assert "of inference_h100s@2030: the 60 % quantile" in " ".join(one.split())


def test_each_year_is_told_in_the_scale_in_which_it_is_read(cli, here):
    """Of a need that grows tenfold a year, in millions and in billions; the costs too."""
    (here / "growing.toml").write_text(TABLE.replace(f"lognormal(median={GROWTH}, sigma={SD})", "10"))
    asked = ["reserve", "growing.toml", "--years", "2026,2028,2030", "--draws", "16000", "--short", "3", "--idle", "2"]
    rows = [line.split() for line in cli(*asked).out.splitlines() if line[:2] == "20"]
    assert [row[0] for row in rows] == ["2026", "2028", "2030"]
    assert rows[0][2] == rows[0][4] == "million"
    assert rows[2][2] == rows[2][4] == "billion"
    assert all(1.0 <= float(row[1].partition("(")[0]) < 1e3 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (
            ["growing.toml", "--years", "2026,2030", "--of", "training_h100s"],
            "no trend of growing moves training_h100s",
        ),
        (["growing.toml", "--years", "2025"], "lies before 2026"),
        (["growing.toml", "--years", "soon"], "write years as 2024:2030"),
        (["plappert-2024", "--years", "2026:2030"], "plappert-2024 has no trends"),
        (["latest", "--years", "2026:2030"], "is a stored run, and has none"),
    ],
)
def test_bad_input_gets_one_line(arguments, part, cli, here):
    (here / "growing.toml").write_text(TABLE)
    assert cli("-p", "plappert-2024", "--draws", "1600").code == 0
    outcome = cli("reserve", *arguments, "--short", "3", "--idle", "2", "--draws", "16000")
    assert (outcome.code, len(outcome.errors)) == (2, 1), outcome.err
    assert part in outcome.errors[0]


def test_a_set_without_years_is_refused_in_python():
    with pytest.raises(InputError, match="is not over years"):
        reserve_by_year("plappert-2024", **PRICES, draws=1600)
