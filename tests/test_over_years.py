"""What is asked of several years, in every verb: growths, crossings, sides without trends, one year of many."""

import json
import math

import numpy as np
import pytest

from simulator import InputError, Run, attribute, compare, load_priors, plot, sensitivity, simulate, whatif
from simulator.compute.years import at, read_crossing

YEARS = (2026, 2027, 2028, 2029, 2030)
SAVING = """
title = "Saving"
extends = ["plappert-2024"]

[trends.inference_saving]
from = 2026
growth = "lognormal(median=0.7, sigma=0.2)"
source = "a test"
grade = "C"
"""
BOTH = (
    SAVING
    + """
[trends.demand_growth]
from = 2026
growth = "lognormal(p5=1.1, p95=4)"
noise = 0.3
source = "a test"
grade = "D"
"""
)
WHEN = "inference_h100s > 2e6"
NAME = "first_year(inference_h100s>2e6)"


@pytest.fixture
def saving(here):
    (here / "saving.toml").write_text(SAVING)
    return load_priors("saving.toml")


@pytest.fixture
def both(here):
    (here / "both.toml").write_text(BOTH)
    return load_priors("both.toml")


def test_a_growth_between_two_years_is_the_growth_to_the_power_of_the_years(saving):
    """Four years of lognormal growth exp(N(log 0.7, 0.2)): exp(N(4 log 0.7, 0.8)), whatever else is uncertain."""
    name = "inference_h100s@2030over2026"
    run = simulate(saving, draws=64000, quantities=[name], years="2026:2030")
    (s,) = run.summary()
    assert (s.name, s.unit) == (name, "1")
    for e, z in ((s.low, -1.6448536), (s.median, 0.0), (s.high, 1.6448536)):
        exact = math.exp(4 * math.log(0.7) + z * 0.8)
        assert abs(e.value - exact) <= 4.0 * e.mcse + 1e-5 * exact, z
    driver, *others = sensitivity(run, name).drivers
    assert driver.name == "trends.inference_saving"
    assert driver.first.value == pytest.approx(1.0, abs=4 * driver.first.mcse + 1e-3)
    assert not any(d.distinguishable for d in others if d.first.value > 1e-3)


def test_a_growth_and_a_crossing_are_asked_of_a_stored_run_that_did_not_hold_them(saving, here, cli):
    assert cli("--priors", "saving.toml", "--years", "2026:2030", "-n", "16000").code == 0
    run = Run.load("latest")
    ends = [run.draws_of(at("inference_h100s", y)) for y in (2030, 2026)]
    np.testing.assert_allclose(run.draws_of("inference_h100s@2030over2026"), ends[0] / ends[1], rtol=1e-5)
    year = run.draws_of("first_year(Inference_H100s < 1M)")
    assert np.array_equal(np.isinf(year), np.min([run.draws_of(at("inference_h100s", y)) for y in YEARS], 0) >= 1e6)
    assert cli("sensitivity", "latest", "--of", "inference_h100s@2030over2026").code == 0
    told = cli("sensitivity", "latest", "--when", WHEN)
    assert told.code == 0, told.err
    assert "goes most with it" in " ".join(told.out.split())
    told = cli("--priors", "both.toml", "--years", "2026:2029", "-n", "32000", "-q", "inference_h100s", "--no-save").err
    assert "draws are kept" not in told  # none is
    assert cli("rerun", "latest").code == 0


def test_what_is_asked_of_several_years_is_stored_and_drawn_again_to_the_bit(saving, here, cli):
    asked = ["-q", "inference_h100s,inference_h100s@2030over2026", "--when", WHEN]
    beyond = ["--exceeds", f"{NAME} > 2028", "--exceeds", "inference_h100s@2030over2026 > 0.1"]
    outcome = cli("--priors", "saving.toml", "--years", "2026:2030", *asked, *beyond, "-n", "16000")
    assert outcome.code == 0, outcome.err
    assert f"P({NAME} > 2028) = " in outcome.out
    assert cli("rerun", "latest").code == 0
    run = Run.load("latest")
    data = run.dataset
    assert data.inference_h100s.dims == ("chain", "draw", "year")
    assert list(data.year.values) == list(YEARS)
    assert {"units", "long_name", "formula"} <= set(data.inference_h100s.attrs)
    assert "@" not in data.inference_h100s.attrs["long_name"]
    assert data[NAME].attrs["units"] == "calendar_year"
    assert np.array_equal(data[NAME].values, run.draws_of(NAME))
    tree = run.datatree["prior_predictive"]
    assert tree["inference_h100s@2030over2026"].attrs["units"] == "1"
    memory = simulate(run.priors, draws=16000, quantities=run.quantities)
    assert np.array_equal(memory.dataset.inference_h100s.values, data.inference_h100s.values)


def test_the_first_year_does_not_hang_on_what_else_is_in_its_block(saving):
    """A world's crossing is interpolated by its own values: a world of 0 beside it changes nothing."""
    model = saving.through(YEARS).model
    function = model.quantity("first_year(inference_h100s>4)").function
    values = {f"a{y}": np.array([2.0 ** (i + 1), 0.0]) for i, y in enumerate(YEARS)}
    alone = function(**{n: v[:1] for n, v in values.items()})
    assert np.array_equal(function(**values)[:1], alone)
    assert alone[0] == pytest.approx(2027.0)
    assert np.isinf(function(**values)[1])
    fallen = {f"a{y}": np.array([np.inf, 1.0, 1.0, 1.0, 1.0][i : i + 1]) for i, y in enumerate(YEARS)}
    assert model.quantity("first_year(breakeven_days<2)").function(**fallen)[0] == 2027.0


def test_the_year_in_which_inference_exceeds_all_training_so_far(here):
    """Demand doubles a year and training stays: inference of year t beyond (t + 1) trainings, along logarithms."""
    (here / "known.toml").write_text(
        'title = "Known"\nextends = ["plappert-2024-point"]\n[trends.demand_growth]\nfrom = 2026\ngrowth = 2\n'
        'source = "x"\ngrade = "D"\n'
    )
    name = "yearly_inference_flop"
    now = simulate("known.toml", draws=16, quantities=[name, "training_flop", "breakeven_days"])
    inference, training, days = (now.draws_of(q)[0, 0] for q in (name, "training_flop", "breakeven_days"))
    assert inference / training == pytest.approx(365 / days)
    known = load_priors("known.toml", set={"other_demand": training / inference * 0.45})
    run = simulate(known, draws=16, years="2026:2030", when=[f"{name} > total(training_flop)"])
    shares = [0.45 * 2.0**t / (t + 1.0) for t in range(5)]  # 0.45, 0.45, 0.6, 0.9, 1.44
    exact = 2029 + math.log(1 / shares[3]) / math.log(shares[4] / shares[3])
    assert run.draws_of(run.quantities[-1])[0, 0] == pytest.approx(exact, abs=1e-4)
    both = simulate(known, draws=16, years="2026:2030", when=[f"total({name}) > total(training_flop)"])
    total = [0.45 * (2.0 ** (t + 1) - 1.0) / (t + 1.0) for t in range(5)]
    met = next(t for t in range(5) if total[t] > 1.0)
    later = 2026 + met - 1 + math.log(1 / total[met - 1]) / math.log(total[met] / total[met - 1])
    assert both.draws_of(both.quantities[-1])[0, 0] == pytest.approx(later, abs=1e-4)


def test_a_set_without_trends_stays_as_it_is_beside_one_that_has_some(both):
    found = compare("plappert-2024", both, ["inference_h100s", "training_flop"], years="2026:2028", draws=32000)
    names = [c.quantity for c in found.contrasts]
    assert names == ["inference_h100s@2026", "inference_h100s@2027", "inference_h100s@2028", "training_flop"]
    plain = simulate("plappert-2024", draws=32000, quantities=["inference_h100s"]).draws_of("inference_h100s")
    for year in (2026, 2027, 2028):
        assert np.array_equal(found.a.draws_of(at("inference_h100s", year)), plain)
    assert [c.changed for c in found.contrasts] == [False, True, True, False]
    assert "plappert-2024 has no trends: it is the same in all years" in found.a.notes


def test_trends_and_their_walks_are_responsible_for_what_changes(both):
    """A product: each trend's factor on the median is its own, and they multiply to the whole."""
    found = attribute("plappert-2024", both, "inference_h100s", years="2026:2028")
    assert found.quantity == "inference_h100s@2028"
    parts = {c.name: c for c in found.contributions}
    assert set(parts) == {"trends.demand_growth", "trends.inference_saving"}
    assert parts["trends.demand_growth"].priors[1:] == ("noise.demand_growth.1", "noise.demand_growth.2")
    saved = parts["trends.inference_saving"]
    assert saved.value == pytest.approx(2.0 * math.log(0.7), abs=4.0 * saved.error + 1e-3)
    assert sum(c.value for c in found.contributions) == pytest.approx(found.change.value, abs=1e-12)


def test_a_walk_that_scatters_otherwise_is_not_attributed(both, here):
    (here / "wide.toml").write_text(BOTH.replace("noise = 0.3", "noise = 0.5"))
    with pytest.raises(InputError, match=r"trends\.demand_growth begins or scatters otherwise"):
        attribute(both, "wide.toml", "inference_h100s", years=[2026, 2028])


def test_a_crossing_is_compared_by_year(both, cli):
    found = compare("plappert-2024", both, ["inference_h100s"], years="2026:2030", when=[WHEN], draws=32000)
    (crossed,) = found.crossings
    assert crossed.quantity == NAME
    for run, told in ((found.a, crossed.a), (found.b, crossed.b)):
        year = run.draws_of(NAME)
        assert [e.value for e in told] == pytest.approx([float(np.mean(year <= y)) for y in YEARS], abs=1e-4)
    assert [e.value for e in crossed.b] == sorted(e.value for e in crossed.b)
    assert crossed.difference[0].value == 0.0
    words = ["compare", "plappert-2024", "both.toml", "--years", "2026:2030", "--when", WHEN, "-n", "16000"]
    outcome = cli(*words)
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert "in which share of the worlds it is reached" in outcome.out
    assert "What makes the difference in the median of inference_h100s@2030" in " ".join(outcome.out.split())
    data = json.loads(cli(*words, "--json").out)
    assert list(data["crossed"][NAME]) == [str(y) for y in YEARS]
    assert data["quantities"]["inference_h100s@2030"]["same_world"]["above"]["value"] > 0.5


def test_what_drives_a_crossing_counts_worlds_that_never_cross_as_the_last_year(both):
    run = simulate(both, draws=64000, years="2026:2030", when=[WHEN])
    found = sensitivity(run, NAME)
    year = np.minimum(run.draws_of(NAME), 2030.0)
    assert found.median.value == pytest.approx(float(np.median(year)))
    assert found.never.value == pytest.approx(float(np.mean(np.isinf(run.draws_of(NAME)))))
    growth = next(d for d in found.drivers if d.name == "trends.demand_growth")
    bins = np.array_split(year.ravel()[np.argsort(run.draws_of(growth.name).ravel())], 64)
    share = np.var([b.mean() for b in bins]) / year.var()
    assert growth.first.value == pytest.approx(share, abs=4.0 * growth.first.mcse + 2e-3)
    ranks = [abs(d.rank.value) for d in found.drivers]
    assert ranks == sorted(ranks, reverse=True)


def test_a_bare_name_is_that_of_the_last_year_and_says_so(both, cli):
    words = ["both.toml", "--years", "2026:2028", "-n", "16000"]
    outcome = cli("sensitivity", *words, "--of", "inference_h100s")
    assert "inference_h100s@2028 is looked into, of the last year" in outcome.err
    assert "inference_h100s@2028" in outcome.out
    last = plot("both.toml", "ecdf", "inference_h100s", years="2026:2028")
    assert last.request.quantities == ("inference_h100s@2028",)
    run = simulate(both, draws=16000, years="2026:2028")
    assert sensitivity(run, "inference_h100s").quantity == "inference_h100s@2028"


def test_verbs_over_years(both, cli, here):
    words = ["both.toml", "--years", "2026:2028", "-n", "16000"]
    outcome = cli("whatif", *words, "--set", "trends.inference_saving=0.8", "--when", WHEN)
    assert outcome.code == 0, outcome.err
    assert "P(new > old)" in outcome.out
    for of in (["--of", "inference_h100s@2028over2026"], ["--when", WHEN], []):
        outcome = cli("plot", *words, *of, "--kind", "ecdf", "--out", "a.png")
        assert outcome.code == 0, (of, outcome.err)
    outcome = cli("report", *words, "--when", WHEN, "--out", "a.md")
    assert outcome.code == 0, outcome.err
    page = (here / "a.md").read_text()
    assert "In 2028: " in page
    assert "to never)" in page
    told = whatif(simulate(both, draws=16000, years="2026:2028"), {"trends.inference_saving": 0.8})
    assert [c.quantity for c in told.contrasts if not c.changed][-1] == "inference_h100s@2026"


@pytest.fixture
def stored(both, here, cli):
    assert cli("--priors", "both.toml", "--years", "2026:2028", "-n", "1600").code == 0
    assert cli("--priors", "plappert-2024", "-n", "1600", "--runs", "plain").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("sensitivity latest --years 2026:2028", "drawn over 2026:2028: ask for a year of"),
        ("whatif latest --years 2026:2028 --set peak_factor=2", "is a stored run, and was drawn over"),
        ("plot latest --runs plain --years 2026:2028", "is a stored run, and has none"),
        ("sensitivity latest --runs plain --when 'inference_h100s > 1e6'", "asks for a year: give --years"),
        ("compare plappert-2024 evidence-2026 --years 2026:2028", "plappert-2024 has no trends"),
        ("sensitivity latest --of inference_h100s@2030", "there is no quantity 'inference_h100s@2030'"),
        ("sensitivity latest --of inference_h100s@2026over2028", "the later year stands first: 2026 over 2028"),
        ("sensitivity latest --of inference_h100s@2035over2026", "the years here are 2026:2028"),
        ("sensitivity latest --of inference_h100s@2028/2026", "a growth is written inference_h100s@2028over2026"),
        ("sensitivity latest --of 'first_year(inference_h100s)'", "write 'QUANTITY > X'"),
        ("sensitivity latest --of 'first_year(inference_h100s>1e30)'", "in all worlds"),
        ("sensitivity latest --when 'inference_h100s > 1e6' --of training_flop", "one quantity is looked into at a"),
        ("sensitivity latest --when 'inference_h100s > total(training_flop)'", "compare what has one unit"),
        ("sensitivity latest --when 'inference_h100s > total(trainin_flop)'", "there is no quantity 'trainin_flop'"),
        ("sensitivity both.toml --years 2026,2028 --when 'training_flop > total(training_flop)'", "--years 2026:2028"),
        ("plot both.toml --years 2026:2028 --when 'training_flop > 1e6' --of training_flop", "--when says nothing to"),
        ("explore plappert-2024 --years 2026:2028 --no-open", "plappert-2024 has no trends"),
        ("report latest --years 2026:2028 --interactive", "is a stored run, and was drawn over 2026:2028"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_years_is_told_in_a_line(words, told, stored, cli):
    import shlex

    outcome = cli(*shlex.split(words))
    assert outcome.code == 2, outcome.out
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert told in errors[0]


def test_crossings_are_read_and_written():
    for text in (
        "inference_h100s > 1e6",
        "yearly_inference_flop < total(training_flop)",
        "total(training_flop) > 1e25",
    ):
        made = read_crossing(text)
        assert made.text == text
        assert made.name == f"first_year({text.replace(' ', '')})"
    assert read_crossing(" total( a )<b ").text == "total(a) < b"


def test_a_crossing_that_is_counted_is_as_fine_as_one_that_is_held(both, monkeypatch):
    """Beyond what memory holds draws are counted in cells of floats, half a year wide but for their origin."""
    asked = {"draws": 64000, "quantities": [NAME], "years": "2026:2030", "when": [WHEN]}
    exact = simulate(both, **asked).sample(NAME)
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 0)
    counted = simulate(both, **asked, keep=0).sample(NAME)
    assert type(counted) is not type(exact)
    for year in YEARS:
        assert np.array_equal(counted.above(float(year)), exact.above(float(year))), year
    for p in (0.05, 0.3, 0.45, 0.5, 0.95):
        value, each = counted.quantile(p)
        assert value == pytest.approx(exact.quantile(p)[0], abs=2e-3), p
        assert each == pytest.approx(exact.quantile(p)[1], abs=5e-3), p
    assert np.array_equal(counted.means(), exact.means())


def test_a_run_over_years_has_the_same_bits_in_any_block(both):
    asked = {"draws": 80000, "quantities": ["inference_h100s"], "years": "2026:2030", "when": [WHEN]}
    one, two = simulate(both, **asked), simulate(both, **asked, block=4096, threads=1)
    for name in (NAME, at("inference_h100s", 2030)):
        assert np.array_equal(one.draws_of(name), two.draws_of(name))
        assert one.summary(name) == two.summary(name)


def test_beyond_what_is_kept_of_all_years_together_it_is_said_before(both, cli, monkeypatch):
    monkeypatch.setattr("simulator.runs.settings.DEFAULT_KEEP", 16000)
    monkeypatch.setattr("simulator.cli.main.DEFAULT_KEEP", 16000)
    outcome = cli("--priors", "both.toml", "--years", "2026:2029", "-n", "32000", "-q", "inference_h100s")
    assert outcome.code == 0, outcome.err
    assert "over 4 years the first 4,000 draws are kept" in " ".join(outcome.err.split())
    run = Run.load("latest")
    assert run.settings.kept * run.settings.replicates == 4000
    assert cli("rerun", "latest").code == 0
