"""Years: closed forms, bits at the start, shares that stay shares, noise with its variance, crossings that add up."""

import json
import math

import numpy as np
import pytest

from simulator import InputError, Run, load_priors, reserve, sensitivity, simulate, whatif
from simulator.compute.columns import OWN, column
from simulator.compute.years import Crossing, at, read_crossing, read_years, years_text
from simulator.priors.toml import toml
from simulator.reports.interactive.payload import payload

YEARS = tuple(range(2026, 2031))
TRENDS = """
title = "Trends"
extends = ["plappert-2024"]

[trends.inference_saving]
from = 2026
growth = "lognormal(median=0.7, sigma=0.2)"
source = "a test"
grade = "C"

[trends.tiktok_ai_penetration]
from = 2026
growth = "lognormal(p5=1.1, p95=2.5)"
noise = 0.3
source = "a test"
grade = "D"
"""


@pytest.fixture
def trends(here):
    (here / "trends.toml").write_text(TRENDS)
    return load_priors("trends.toml")


def test_at_the_year_from_everything_is_what_it_is_without_years(trends):
    plain = simulate(trends, draws=32000)
    years = simulate(trends.through(YEARS), draws=32000, quantities=[at(q, 2026) for q in plain.quantities])
    for q in plain.quantities:
        assert np.array_equal(plain.draws_of(q), years.draws_of(at(q, 2026))), q
    assert trends.digest == load_priors("plappert-2024").digest  # no year is asked for, and nothing moves


def test_a_lognormal_with_lognormal_growth_has_its_closed_form_in_each_year(trends):
    """inference_saving is 1 and grows by exp(N(log 0.7, 0.2)) a year: its logarithm is N(t log 0.7, 0.2 t)."""
    names = [at("inference_saving", y) for y in YEARS]
    run = simulate(trends.through(YEARS), draws=64000, quantities=names)
    for t, s in enumerate(run.summary()):
        for e, z in ((s.low, -1.6448536), (s.median, 0.0), (s.high, 1.6448536)):
            exact = math.exp(t * math.log(0.7) + z * 0.2 * t)
            assert abs(e.value - exact) <= 4.0 * e.mcse + 1e-5 * exact, (t, z)


def test_who_sets_a_growth_has_edited_that_and_no_step_of_its_walk(trends):
    chosen = trends.edited({"trends.tiktok_ai_penetration": 2.0}).through((2026, 2028))
    assert chosen.edits == {"trends.tiktok_ai_penetration": "2"}
    assert chosen.headed == "Trends (with trends.tiktok_ai_penetration=2)"
    assert chosen.priors["noise.tiktok_ai_penetration.2"].uncertain


def test_shares_stay_shares_and_their_odds_multiply(trends):
    chosen = trends.edited({"trends.tiktok_ai_penetration": 2.0}).through((2026, 2028))
    names = [at("tiktok_ai_penetration", y) for y in (2026, 2028)]
    run = simulate(chosen, draws=32000, quantities=names)
    first, last = (run.draws_of(n) for n in names)
    assert 0.0 <= last.min() <= last.max() <= 1.0
    walk = sum(run.draws_of(f"noise.tiktok_ai_penetration.{k}") for k in (1, 2))
    odds = np.log(last / (1.0 - last)) - np.log(first / (1.0 - first))
    np.testing.assert_allclose(odds, 2.0 * math.log(2.0) + 0.3 * walk, atol=2e-4)


def test_the_noise_of_a_random_walk_has_its_variance(trends):
    chosen = trends.edited({"trends.tiktok_ai_penetration": 1.0}).through(YEARS)
    names = [at("tiktok_ai_penetration", y) for y in YEARS]
    run = simulate(chosen, draws=256_000, quantities=names)
    first, *later = (np.log(x / (1.0 - x)) for x in (run.draws_of(n).ravel() for n in names))
    for t, logit in enumerate(later, 1):
        spread = float(np.std(logit - first))
        assert spread == pytest.approx(0.3 * math.sqrt(t), rel=4.0 / math.sqrt(2.0 * 256_000))
    steps = np.array([b - a for a, b in zip([first, *later], later, strict=False)])
    apart = np.corrcoef(steps) - np.eye(len(steps))
    assert np.abs(apart).max() < 4.0 / math.sqrt(256_000)


def test_crossings_are_monotone_and_sum_to_one_with_never(trends):
    when = Crossing("inference_h100s", ">", 2e6)
    chosen = trends.through(YEARS, [when])
    names = [at("inference_h100s", y) for y in YEARS]
    run = simulate(chosen, draws=64000, quantities=[when.name, *names])
    year = run.draws_of(when.name)
    crossed = [float(np.mean(year <= y)) for y in YEARS]
    assert crossed == sorted(crossed)
    assert crossed[-1] + float(np.mean(np.isinf(year))) == 1.0
    beyond = np.stack([run.draws_of(n) > 2e6 for n in names])
    first = np.where(beyond.any(axis=0), np.array(YEARS)[beyond.argmax(axis=0)], np.inf)
    assert np.array_equal(np.isinf(first), np.isinf(year))
    known = np.isfinite(year)
    assert np.all((year <= first)[known])
    assert np.all((year > first - 1.0)[known])


def test_the_year_of_a_crossing_is_between_two_years_on_the_logarithm(here):
    (here / "known.toml").write_text(
        'title = "Known"\nextends = ["plappert-2024-point"]\n[trends.demand_growth]\nfrom = 2026\ngrowth = 2\n'
        'source = "x"\ngrade = "D"\n'
    )
    chosen = load_priors("known.toml")
    now = simulate(chosen, draws=16, quantities=["inference_h100s"]).draws_of("inference_h100s")[0, 0]
    when = Crossing("inference_h100s", ">", float(now) * 2.0**2.5)
    run = simulate(chosen.through(YEARS, [when]), draws=16, quantities=[when.name])
    assert run.draws_of(when.name)[0, 0] == pytest.approx(2028.5, abs=1e-6)


def test_growths_have_columns_that_are_no_priors_and_grow_with_the_table():
    names = ["peak_factor", "trends.peak_factor", *(f"noise.peak_factor.{k}" for k in range(1, 17))]
    found = [column(n) for n in names]
    assert found[:3] == [12, 140, 268]
    assert len(set(found)) == len(found)
    assert column("noise.project_factor.16", second=True) < OWN.first


def test_a_run_over_years_is_stored_named_and_made_again(trends, here, cli):
    words = ["--years", "2026:2028", "--when", "inference_h100s > 2e6", "-n", "16000"]
    outcome = cli("--priors", "trends.toml", *words)
    assert outcome.code == 0
    run = Run.load("latest")
    assert run.priors.years == (2026, 2027, 2028)
    assert dict(run.dataset.sizes)["year"] == 3
    assert run.dataset.inference_h100s.dims == ("chain", "draw", "year")
    assert cli("rerun", "latest").code == 0
    assert "In 2028: training takes" in " ".join(outcome.out.split())
    assert "never reached in" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 120
    data = json.loads(cli("--priors", "trends.toml", *words, "--no-save", "--json").out)
    assert data["quantities"]["inference_h100s@2028"]["unit"] == "1"
    found = sensitivity(run, "inference_h100s@2028")
    assert "trends.inference_saving" in [d.name for d in found.drivers]
    new = whatif(run, {"trends.inference_saving": 1.0}).b
    assert np.array_equal(new.draws_of("breakeven_minutes@2028"), new.draws_of("breakeven_minutes@2026"))
    (here / "again.toml").write_text(toml(load_priors("trends.toml")))
    again = load_priors("again.toml")
    assert again.through(YEARS).digest == trends.through(YEARS).digest


@pytest.mark.parametrize("draws", [16_000, 48_000])
def test_a_run_that_is_not_stored_has_the_numbers_of_the_one_that_is(trends, draws, monkeypatch):
    """Also where the draws of all years together are too many to hold, though those that are kept are all of them."""
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 100_000)
    chosen = trends.through(YEARS)
    alone, kept = (simulate(chosen, draws=draws, store=store) for store in (False, True))
    assert alone.digest == kept.digest
    assert alone.summary().to_json() == kept.summary().to_json()


def test_a_correlation_with_a_growth_holds(here):
    (here / "tied.toml").write_text(TRENDS + '\n[correlations]\n"diffusion_steps, trends.inference_saving" = 0.6\n')
    chosen = load_priors("tied.toml").through((2026, 2027))
    run = simulate(chosen, draws=64000, quantities=["inference_saving@2027"])
    x, y = (np.argsort(np.argsort(run.draws_of(n).ravel())) for n in ("diffusion_steps", "trends.inference_saving"))
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--years", "2025:2027"], "--years 2025 lies before 2026, from which trends.inference_saving runs"),
        (["--years", "2030,2027"], "years go up"),
        (["--years", "next year"], "write years as 2024:2030"),
        (["--years", "2026:2060"], "35 years are too many"),
        (["--when", "inference_h100s > 1e6"], "give --years"),
        (["--years", "2026", "--when", "inference_h100s > 1e6"], "a crossing needs two years or more"),
        (["--years", "2026:2028", "--when", "inference_h100s"], "write 'QUANTITY > X'"),
        (["--years", "2026:2028", "--when", "h100 > 1"], "there is no quantity 'h100'"),
        (["--years", "2026:2028", "--set", "trends.peak_factor=2"], "the set has no trend of this name"),
        (["--years", "2026:2028", "--set", "trends.inference_saving=-1"], "it cannot lie below 0"),
        (["--years", "2026:2028", "--set", "tiktok_ai_penetration=0"], "0 does not grow"),
    ],
)  # fmt: skip
def test_bad_years_are_told_in_a_line(words, told, trends, cli):
    outcome = cli("--priors", "trends.toml", *words, "-n", "1600", "--no-save")
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert len(outcome.err.splitlines()) == 1
    assert told in outcome.err


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[trends.peak_facto]\nfrom = 2026\ngrowth = 2', "did you mean 'peak_factor'?"),
        ('[trends.peak_factor]\nfrom = "soon"\ngrowth = 2', "'soon' is not a year, as from = 2026"),
        ('[trends.peak_factor]\ngrowth = 2', "is not a year"),
        ('[trends.peak_factor]\nfrom = 2026', "growth: is missing"),
        ('[trends.peak_factor]\nfrom = 2026\ngrowth = "lognormal(p5=2, p95=1)"', "growth: lognormal: p5=2 is not"),
        ('[trends.peak_factor]\nfrom = 2026\ngrowth = 2\nnoise = -1', "noise: '-1' is not the sd"),
        ('[trends.peak_factor]\nfrom = 2026\ngrowth = 2\nrate = 1', "'rate' is not a key of a trend"),
    ],
)  # fmt: skip
def test_bad_trends_are_told_with_file_and_key(table, told, here):
    (here / "bad.toml").write_text(f'title = "x"\nextends = ["plappert-2024"]\n{table}\nsource = "x"\ngrade = "D"\n')
    with pytest.raises(InputError) as wrong:
        load_priors("bad.toml")
    assert any(line.startswith("bad.toml: trends.peak_fact") and told in line for line in wrong.value.lines)


def test_a_reserve_over_years_is_of_a_year_that_is_named(trends):
    run = simulate(trends.through((2026, 2028)), draws=16000, quantities=["inference_h100s@2028"])
    with pytest.raises(
        InputError, match="inference_h100s moves with the years here: name one, as inference_h100s@2028"
    ):
        reserve(run, "inference_h100s", short=3, idle=2)
    later = reserve(run, "inference_h100s@2028", short=3, idle=2)
    first = reserve("plappert-2024", "inference_h100s", short=3, idle=2, draws=16000)
    assert later.best.units.value != first.best.units.value


def test_a_growth_that_is_set_is_the_only_edit_and_its_random_walk_is_none(trends):
    edits = {"trends.tiktok_ai_penetration": "1.5"}
    assert trends.edited(edits).through((2026, 2028)).edits == edits


def test_the_page_of_a_run_over_years_has_its_years_and_its_growths(trends):
    run = simulate(trends.through((2026, 2027)), draws=16000, quantities=["inference_h100s@2027"])
    data = payload(run)
    assert data["start"]["set"] == "trends"
    assert data["years"]["list"] == [2026, 2027]
    brought = ["trends.inference_saving", "trends.tiktok_ai_penetration", "noise.tiktok_ai_penetration.1"]
    assert [n for n in data["sets"][0]["priors"]["priors"] if n.startswith(("trends.", "noise."))] == brought
    assert set(brought) <= set(data["points"])
    assert "years" not in payload(simulate(trends, draws=1600))


def test_a_set_without_trends_has_no_years(cli):
    assert "plappert-2024 has no trends" in cli("--years", "2026:2028").err


def test_years_are_read_and_written():
    assert read_years("2024:2027") == (2024, 2025, 2026, 2027)
    assert read_years("2024, 2027,2030") == (2024, 2027, 2030)
    assert [years_text(read_years(t)) for t in ("2024:2027", "2026", "2024,2027")] == ["2024:2027", "2026", "2024,2027"]
    assert read_crossing("inference_h100s < 720k") == Crossing("inference_h100s", "<", 720_000.0)
