"""Comparisons and attributions: closed forms, exact zeros, exact signs, paired errors."""

import itertools
import json
import math

import numpy as np
import pytest
import xarray

from simulator import InputError, Run, attribute, compare, load_priors, simulate, whatif
from simulator.analyses.attribution import attributed
from simulator.analyses.players import players
from simulator.statistics.statistic import statistic

SET = load_priors()
MEDIAN = statistic("median")


def lognormals(**medians):
    """inference_h100s as a product of independent lognormals but for the sum over platforms."""
    base = {"parameters": 20e9, "diffusion_steps": 100.0, "candidates_per_upload": 2.0, "peak_factor": 2.0} | medians
    sigma = {"parameters": 0.8, "diffusion_steps": 0.5, "candidates_per_upload": 0.3, "peak_factor": 0.2}
    edits = {n: f"lognormal(median={m!r}, sigma={sigma[n]})" for n, m in base.items()}
    fixed = {
        "inference_mfu": 0.5,
        "tiktok_ai_penetration": 0.5,
        "youtube_ai_penetration": 0.15,
        "tiktok_videos_per_day": 34e6,
        "tiktok_video_seconds": 30,
        "youtube_minutes_per_day": 43e6,
    }
    return load_priors(set=edits | fixed)


def many(count, shift):
    """The default set with `count` of the priors of inference_h100s changed."""
    names = [n for n in SET.model.reads(["inference_h100s"]) if n not in ("dit_forward_flop", "dit_parameters")]
    made = {n: SET.priors[n].distribution.quantile(0.5) for n in names[:count]}
    return load_priors(set={n: f"lognormal(median={m * shift!r}, sigma=0.3)" for n, m in made.items()})


def test_a_set_and_itself_differ_by_exactly_zero():
    for c in compare(SET, SET, draws=64_000).contrasts:
        assert not c.changed
        assert {(e.value, e.mcse) for e in c.difference.values()} == {(0.0, 0.0)}
        assert {(e.value, e.mcse) for e in c.ratio.values()} == {(1.0, 0.0)}
        assert tuple(c.above_same) == (0.0, 0.0)
        assert [tuple(e) for e in c.change] == [(1.0, 0.0), (1.0, 0.0)]
        assert c.above_independent.value == pytest.approx(0.5, abs=1e-3)
    assert attributed(SET, SET, "inference_h100s", MEDIAN, 1).contributions == ()


def test_differences_and_ratios_against_the_closed_form():
    a, b = lognormals(), lognormals(parameters=30e9, peak_factor=3.0)
    found = {c.quantity: c for c in compare(a, b, draws=200_000).contrasts}
    moved = found["inference_h100s"]
    for s in ("median", "p5", "p95"):  # every world moves by the same factor
        assert moved.ratio[s].value == pytest.approx(2.25, rel=1e-5)
        assert moved.difference[s].value == pytest.approx(moved.b[s].value - moved.a[s].value)
    assert [e.value for e in moved.change] == pytest.approx([2.25, 2.25], rel=1e-5)
    assert moved.above_same.value == 1.0
    sigma = math.hypot(0.8, 0.5, 0.3, 0.2)
    from scipy.stats import norm

    assert moved.above_independent.value == pytest.approx(norm.cdf(math.log(2.25) / sigma / math.sqrt(2)), abs=2e-4)
    assert not found["breakeven_minutes"].changed


@pytest.mark.parametrize(
    ("edit", "least"),
    [({"demand_growth": 1.1}, 10), ({"frames_per_second": 30}, 5), ({"inference_mfu": "beta(p5=0.305, p95=0.7)"}, 5)],
)
def test_paired_errors_are_much_smaller_than_unpaired_ones(edit, least):
    changed = load_priors(set=edit)
    paired = compare(SET, changed, draws=160_000)
    unpaired = compare(simulate(SET, draws=160_000), simulate(changed, draws=160_000, seed=1))
    assert paired.paired
    assert not unpaired.paired
    a, b = (next(c for c in x.contrasts if c.quantity == "inference_h100s") for x in (paired, unpaired))
    for s in ("median", "p5", "p95"):
        assert b.difference[s].mcse > least * a.difference[s].mcse
        assert a.difference[s].value == pytest.approx(b.difference[s].value, abs=5 * b.difference[s].mcse)
    assert b.above_same is None
    assert b.change is None


@pytest.mark.parametrize("seeds", [24, pytest.param(48, marks=pytest.mark.calibration)])
def test_paired_errors_are_calibrated(seeds):
    changed = load_priors(set={"peak_factor": "pert(low=1, mode=2, high=4.5)"})
    found = []
    for seed in range(seeds):
        runs = compare(SET, changed, ["inference_h100s"], draws=1 << 14, seed=seed)
        found.append([runs.contrasts[0].difference[s] for s in ("median", "p5", "p95")])
    values = np.array([[e.value for e in row] for row in found])
    z = (values - values.mean(axis=0)) / np.array([[e.mcse for e in row] for row in found])
    ratio = np.sqrt((z**2).mean() * seeds / (seeds - 1))
    assert 0.9 < ratio < 1.3
    assert not 0.9 < ratio / 0.7 < 1.3
    assert not 0.9 < ratio / 1.4 < 1.3


@pytest.mark.parametrize("name", ["median", "p5", "p95", "mean"])
def test_a_shift_of_medians_is_attributed_exactly(name):
    shifted = {"parameters": 30e9, "diffusion_steps": 50.0, "peak_factor": 3.0}
    found = attributed(lognormals(), lognormals(**shifted), "inference_h100s", statistic(name), 5)
    assert found.log
    expected = {"parameters": math.log(1.5), "diffusion_steps": math.log(0.5), "peak_factor": math.log(1.5)}
    assert {c.name: c.value for c in found.contributions} == pytest.approx(expected, abs=1e-5)  # tables: 5e-6


CASES = [("median", 3), ("p95", 3), ("mean", 3), ("P(>1M)", 3), ("median", 13), ("P(>1M)", 13)]


@pytest.mark.parametrize(("name", "count"), CASES)
def test_contributions_sum_to_the_difference_and_a_swap_flips_every_sign(name, count):
    a, b = SET, many(count, 1.3)
    there = attributed(a, b, "inference_h100s", statistic(name), 3)
    back = attributed(b, a, "inference_h100s", statistic(name), 3)
    assert len(there.contributions) == count
    assert (there.permutations > 0) == (count > 10)
    total = math.log(there.b.value / there.a.value) if there.log else there.b.value - there.a.value
    assert math.fsum(c.value for c in there.contributions) == pytest.approx(total, abs=1e-9)
    assert total != 0.0
    signs = {c.name: c.value for c in back.contributions}
    for c in there.contributions:
        assert signs[c.name] == -c.value


def test_sampled_permutations_agree_with_all_subsets(monkeypatch):
    a, b = SET, many(6, 1.3)
    exact = {c.name: c for c in attributed(a, b, "inference_h100s", statistic("P(>1M)"), 3).contributions}
    monkeypatch.setattr("simulator.analyses.attribution.EXACT", 2)
    sampled = attributed(a, b, "inference_h100s", statistic("P(>1M)"), 3)
    assert sampled.permutations
    for c in sampled.contributions:
        assert c.permutation_se > 0
        assert c.value == pytest.approx(exact[c.name].value, abs=5 * c.permutation_se + 1e-12)


def test_exact_values_are_those_of_the_definition():
    """An independent slow twin: the mean over all permutations."""
    a, b = SET, many(4, 1.5)
    found = attributed(a, b, "inference_h100s", MEDIAN, 3, count=256)
    names = [c.name for c in found.contributions]
    known = {}

    def value(chosen):
        key = frozenset(chosen)
        if key not in known:
            edits = {n: b.priors[n].distribution.text for n in chosen}
            run = simulate(load_priors(set=edits), draws=16 * 256, seed=3, quantities=["inference_h100s"])
            known[key] = math.log(run.summary()[0].median.value)
        return known[key]

    expected = dict.fromkeys(names, 0.0)
    for order in itertools.permutations(names):
        for i, name in enumerate(order):
            expected[name] += (value(order[: i + 1]) - value(order[:i])) / math.factorial(len(names))
    assert {c.name: c.value for c in found.contributions} == pytest.approx(expected, abs=1e-12)


def test_only_what_is_read_plays_and_what_changes_together_is_one_player(tmp_path):
    reads = SET.model.reads(["inference_h100s"])
    changed = load_priors(gpu="b200", set={"training_mfu": 0.5, "peak_factor": 3})
    assert players(SET, changed, reads) == {"GPU": ("gpu_peak",), "peak_factor": ("peak_factor",)}
    assert "training_mfu" in players(SET, changed, SET.model.reads(["training_cost"]))
    assert players(SET, changed, SET.model.reads(["training_cost"]))["GPU"] == ("gpu_peak", "gpu_price")
    path = tmp_path / "tied.toml"
    path.write_text('extends = ["plappert-2024"]\n[correlations]\n"parameters, peak_factor" = 0.5\n')
    tied = load_priors(str(path), set={"inference_mfu": 0.4})
    assert players(SET, tied, reads) == {
        "inference_mfu": ("inference_mfu",),
        "parameters + peak_factor": ("parameters", "peak_factor"),
    }
    found = attributed(SET, tied, "inference_h100s", statistic("p95"), 3)
    assert {c.name for c in found.contributions} == {"inference_mfu", "parameters + peak_factor"}
    assert next(c.value for c in found.contributions if "+" in c.name) > 0.05  # correlation widens the tail


def test_the_interface_in_python_gives_results_that_are_datasets():
    b = load_priors(set={"peak_factor": 3})
    found = compare(SET, b, ["inference_h100s"], draws=32_000)
    data = found.to_dataset()
    assert isinstance(data, xarray.Dataset)
    assert set(data.dims) == {"quantity", "statistic"}
    assert data["units"].values.tolist() == ["1"]
    assert float(data["ratio"].sel(quantity="inference_h100s", statistic="median")) > 1
    assert found.to_json()["quantities"]["inference_h100s"]["ratio"]["median"]["value"] > 1
    assert "ratio" in found._repr_html_()
    given = attribute(SET, b, "inference_h100s")
    assert given.to_dataset().sizes == {"prior": 1}
    assert given.to_dataset()["contribution"].attrs["scale"] == "log"
    assert given.to_json()["statistic"] == "median"
    assert list(given.to_pandas().index) == ["peak_factor"]
    edited = whatif(simulate(SET, draws=32_000), {"peak_factor": 3}, ["inference_h100s"])
    np.testing.assert_allclose(edited.to_dataset()["ratio"], data["ratio"])


@pytest.mark.parametrize("case", [*range(8), *(pytest.param(i, marks=pytest.mark.calibration) for i in range(8, 24))])
def test_whatif_is_bitwise_a_fresh_run(case, here):
    rng = np.random.default_rng(case)
    names = rng.choice([*SET.uncertain, "frames_per_second", "gpu_peak"], size=rng.integers(1, 4), replace=False)
    families = [
        "lognormal(median={0!r}, sigma=0.4)",
        "uniform(low={0!r}, high={1!r})",
        "{0!r}",
        "gamma(mean={0!r}, sd={2!r})",
        "choice(values=[{0!r}, {1!r}], weights=[0.5, 0.5])",
        "truncate(prior=lognormal(median={0!r}, sigma=0.4), high={1!r})",
    ]
    edits = {}
    for name in names.tolist():
        m = SET.priors[name].distribution.quantile(0.5)
        edits[name] = str(rng.choice(families)).format(m, m * 1.5, m * 0.3)
    sampler = str(rng.choice(["sobol", "random"]))
    old = simulate(SET, draws=16_000, seed=case, sampler=sampler)
    old.save("runs")
    new = whatif(old.name, edits).b
    fresh = simulate(load_priors(set=edits), draws=16_000, seed=case, sampler=sampler)
    assert new.digest == fresh.digest
    for mine, other in ((new.prior_draws, fresh.prior_draws), (new.quantity_draws, fresh.quantity_draws)):
        assert mine.keys() == other.keys()
        assert all(np.array_equal(mine[k], other[k]) for k in mine)
    assert [s.to_json() for s in new.summary()] == [s.to_json() for s in fresh.summary()]


def test_the_command_compares_and_attributes(cli):
    out = cli(
        "compare",
        "plappert-2024",
        "--set",
        "inference_mfu=beta(p5=0.2, p95=0.5)",
        "--gpu",
        "b200",
        "--set",
        "peak_factor=3",
        "--draws",
        "100000",
    ).out
    assert max(map(len, out.splitlines())) <= 80
    for part in (
        "Paired",
        "B / A",
        "The same in A and B: training_flop",
        "What differs:",
        "B: beta(p5=0.2, p95=0.5) [1]; grade D, set by the user",
        "GPU",
        "all together",
        "x 1.4",
        "What makes the difference in the median of inference_h100s",
    ):
        assert part in out, part
    data = json.loads(
        cli(
            "compare",
            "plappert-2024",
            "plappert-2024",
            "--set",
            "peak_factor=3",
            "--json",
            "--of",
            "inference_h100s",
            "--statistic",
            "P(> 1 million)",
            "--draws",
            "32000",
        ).out
    )
    assert data["paired"] is True
    assert data["quantities"]["training_flop"]["difference"]["median"] == {"value": 0.0, "mcse": 0.0}
    assert data["attribution"]["scale"] == "linear"
    assert [c["name"] for c in data["attribution"]["contributions"]] == ["peak_factor"]
    assert data["differs"]["peak_factor"]["B"]["prior"] == "3"


def test_three_positions_and_letters(cli, here):
    (here / "mine.toml").write_text(
        'extends = ["plappert-2024"]\n[priors.peak_factor]\nprior = 3\nunit = "1"\nsource = "s"\ngrade = "D"\n'
    )
    data = json.loads(
        cli(
            "compare",
            "plappert-2024",
            "mine.toml",
            "plappert-2024+mine.toml",
            "--set",
            "C:training_mfu=0.5",
            "--draws",
            "16000",
            "--json",
        ).out
    )
    assert [list(d["sides"]) for d in data] == [["A", "B"], ["A", "C"]]
    assert [sorted(d["differs"]) for d in data] == [["peak_factor"], ["peak_factor", "training_mfu"]]


def test_stored_runs_are_compared_paired_or_not(cli, here):
    for seed in ("1", "2"):
        assert cli("--draws", "32000", "--seed", seed, "--set", f"peak_factor={seed}").code == 0
    one, two = (Run.load(p.name) for p in (here / "runs").iterdir())
    out = cli("compare", one.name, two.name, "--no-attribution").out
    assert "Not paired: seed, sampler or size differ" in out
    assert "P(B > A) same" in out
    fresh = cli("compare", one.name, "plappert-2024", "--json", "--no-attribution").out
    sides = json.loads(fresh)["sides"]
    assert sides["A"]["seed"] == sides["B"]["seed"]  # the set is drawn like the run
    assert json.loads(fresh)["paired"] is True
    edited = json.loads(cli("compare", one.name, "--set", "peak_factor=5", "--json").out)
    assert edited["differs"]["peak_factor"]["B"]["prior"] == "5"


def test_whatif_shows_old_beside_new(cli, here):
    assert cli("--draws", "32000").code == 0
    out = cli("whatif", "latest", "--set", "peak_factor=3", "--set", "training_mfu=0.5").out
    assert "new / old" in out
    assert "What makes the difference in the median of inference_h100s, old to new" in out
    assert max(map(len, out.splitlines())) <= 80
    assert json.loads(cli("whatif", "latest", "--set", "peak_factor=3", "--json").out)["sides"]["new"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["compare", "plappert-2024"], "nothing to be compared with"),
        (["compare", "plappert-2024", "nowhere"], "neither a prior set"),
        (["compare", "plappert-2024", "--set", "C:peak_factor=3"], "there is no C here"),
        (["compare", "plappert-2024", "--set", "peak=3"], "reads no prior of this name"),
        (["compare", "plappert-2024", "--set", "peak_factor=3", "--statistic", "mode"], "is not a statistic"),
        (["compare", "plappert-2024", "--set", "peak_factor=3", "--statistic", "p100"], "is not a statistic"),
        (["compare", "plappert-2024", "--set", "peak_factor=3", "--of", "inference_h100"], "did you mean"),
        (["compare", "plappert-2024", "--set", "peak_factor=3", "-q", "colour"], "no quantity 'colour'"),
        (["compare", "plappert-2024", "--gpu", "B:b2000"], "did you mean 'b200'"),
        (["whatif", "latest", "--set", "peak_factor=3"], "'latest' is neither a prior set"),
        (["whatif", "latest"], "--set"),
    ],
)
def test_bad_input_gets_one_line(cli, arguments, part):
    outcome = cli(*arguments, "--draws", "1600") if arguments[0] != "whatif" else cli(*arguments)
    assert outcome.code == 2
    assert len(outcome.errors) == 1, outcome.err
    assert part in outcome.errors[0]


def test_a_quantity_of_one_variant_alone_is_refused():
    with pytest.raises(InputError, match="no quantity 'dit_h100_months' in token-accounting"):
        attribute("plappert-2024", "evidence-2026", of="dit_h100_months")
    essay, evidence = simulate("plappert-2024", draws=1600), simulate("evidence-2026", draws=1600)
    with pytest.raises(InputError, match="share none of these quantities"):
        compare(essay, evidence, ["dit_h100_months"])


def test_a_threshold_is_taken_as_written_not_as_shown(cli):
    """1,234,567 is shown as 1.2346 million; the change on all draws is that of 1,234,567."""
    b = load_priors(set={"peak_factor": 3})
    data = json.loads(
        cli(
            "compare",
            "plappert-2024",
            "--set",
            "peak_factor=3",
            "--of",
            "inference_h100s",
            "--statistic",
            "P(>1234567)",
            "--draws",
            "160000",
            "--json",
        ).out
    )
    above = [
        r.summary(["inference_h100s"], exceeds={"inference_h100s": [1_234_567]})[0].exceeds[1_234_567].value
        for r in (simulate(SET, draws=160_000), simulate(b, draws=160_000))
    ]
    assert data["attribution"]["all_draws"]["value"] == pytest.approx(above[1] - above[0], abs=1e-12)


def test_a_mean_whose_tail_is_too_heavy_is_not_attributed():
    heavy = load_priors(set={"peak_factor": "student_t(df=1, loc=50, scale=1)"})
    with pytest.raises(InputError, match="too heavy for a mean"):
        attributed(SET, heavy, "inference_h100s", statistic("mean"), 1)
    assert attributed(SET, heavy, "inference_h100s", MEDIAN, 1).contributions


def test_a_stored_run_of_layers_is_found_by_its_name(cli, here):
    assert cli("--gpu", "b200", "--draws", "16000").code == 0
    (stored,) = (here / "runs").iterdir()
    assert stored.name.startswith("plappert-2024+b200-")
    outcome = cli("compare", "plappert-2024", stored.name, "-q", "training_gpus")
    assert outcome.code == 0, outcome.err
    assert "no prior set 'nothing-0123abcd'" in cli("compare", "plappert-2024", "plappert-2024+nothing-0123abcd").err


KNOWN = "normal(mean=3.0035, sd=1e-4)"  # almost
WIDE = "uniform(low=1, high=5)"
STEPS = "choice(values=[2, 4], weights=[0.383, 0.617])"


@pytest.mark.parametrize(
    ("one", "two", "exact"),
    [(KNOWN, STEPS, 0.617), (WIDE, STEPS, 0.25 + 0.5 * 0.617), (KNOWN, WIDE, 0.499125), (WIDE, KNOWN, 0.500875)],
)
def test_independent_worlds_have_their_probability_where_one_has_steps_or_is_almost_known(one, two, exact):
    a, b = (load_priors("plappert-2024-point", set={"peak_factor": text}) for text in (one, two))
    (found,) = compare(a, b, ["inference_h100s"], draws=200_000).contrasts
    assert found.above_independent.value == pytest.approx(exact, abs=2e-4)


def test_runs_that_keep_nothing_and_hold_no_draws_have_no_worlds_to_count(monkeypatch):
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 1000)
    a, b = (simulate(SET.edited(e), draws=64_000, keep=0) for e in ({}, {"peak_factor": 1.5}))
    found = compare(a, b, ["inference_h100s"]).contrasts[0]
    assert math.isnan(found.above_independent.value)
    assert found.ratio["median"].value < 1.0
