"""Sensitivity: Ishigami, the G-function, products of lognormals, and what to find out next."""

import json
import math

import numpy as np
import pytest
import xarray
from scipy import stats

from simulator import InputError, load_priors, plot, sensitivity, simulate, total_sensitivity
from simulator.analyses.sensitivity import LEVELS
from simulator.analyses.sobol_indices import independent_groups, pick_freeze, stress, total_indices
from simulator.engine.sampling.points import SobolPoints, uniforms
from simulator.reports.views.sensitivity import next_to_find_out
from simulator.statistics.binning import Bins, Ordered

SET = load_priors()
COUNT = 8192


def inputs(size, offset=0, seed=4, count=COUNT):
    """Scrambled Sobol uniforms (replicate, draw) of `size` columns."""
    source = SobolPoints(seed, {f"x{i}'{offset}": i + offset for i in range(size)})
    return {
        f"x{i}": np.stack([uniforms(source.block(f"x{i}'{offset}", r, 0, count)) for r in range(16)])
        for i in range(size)
    }


def ishigami(x):
    a, b, c = (2 * np.pi * (x[f"x{i}"] - 0.5) for i in range(3))
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def g_function(x, a=(0, 1, 4.5, 9, 99)):
    return np.prod([(np.abs(4 * x[f"x{i}"] - 2) + a[i]) / (1 + a[i]) for i in range(len(a))], axis=0)


def ishigami_indices():
    v1, v2, v13 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    total = v1 + v2 + v13
    return [v1 / total, v2 / total, 0.0], [(v1 + v13) / total, v2 / total, v13 / total]


def g_indices(a=(0, 1, 4.5, 9, 99)):
    v = [1 / 3 / (1 + x) ** 2 for x in a]
    whole = math.prod(1 + x for x in v)
    total = whole - 1
    return [x / total for x in v], [x * whole / (1 + x) / total for x in v]


ORACLES = [(ishigami, 3, ishigami_indices()), (g_function, 5, g_indices())]


@pytest.mark.parametrize(("function", "size", "expected"), ORACLES, ids=["ishigami", "g-function"])
def test_indices_by_new_draws_against_closed_forms(function, size, expected):
    names = [(f"x{i}",) for i in range(size)]
    found = pick_freeze(function, inputs(size), inputs(size, 64), names)
    for i, first, total in zip(found, *expected, strict=True):
        assert 0 < i.total.mcse < 0.02
        assert i.first.value == pytest.approx(first, abs=4.5 * i.first.mcse)
        assert i.total.value == pytest.approx(total, abs=4.5 * i.total.mcse)
        assert i.interaction.value == pytest.approx(total - first, abs=4.5 * i.interaction.mcse)


@pytest.mark.parametrize(("function", "size", "expected"), ORACLES, ids=["ishigami", "g-function"])
def test_first_order_shares_from_stored_draws_against_closed_forms(function, size, expected):
    x = inputs(size, count=32_768)
    ordered = Ordered(function(x))
    for i, first in zip(range(size), expected[0], strict=True):
        u = x[f"x{i}"]
        count = 1 << LEVELS
        centres = (np.arange(count) + 0.5) / count
        cut = Bins((u * count).astype(np.uint8), count, centres, np.full(count, 1 / count**2 / 12))
        share, _ = cut.share_and_width(ordered)
        assert share.value == pytest.approx(first, abs=max(4.5 * share.mcse, 2e-3))


def test_scipys_indices_agree():
    names = [(f"x{i}",) for i in range(3)]
    found = pick_freeze(ishigami, inputs(3), inputs(3, 64), names)

    def function(x):
        return ishigami({f"x{i}": (x[i] + np.pi) / 2 / np.pi for i in range(3)})

    law = stats.uniform(-np.pi, 2 * np.pi)
    twin = stats.sobol_indices(func=function, n=1 << 14, dists=[law] * 3, rng=np.random.default_rng(1))
    np.testing.assert_allclose([i.first.value for i in found], twin.first_order, atol=0.02)
    np.testing.assert_allclose([i.total.value for i in found], twin.total_order, atol=0.02)


def product():
    """training_flop as a product of three lognormals."""
    sigmas = {"parameters": 0.8, "dataset_multiplier": 0.5, "video_share": 0.2}
    medians = {"parameters": 20e9, "dataset_multiplier": 6.0, "video_share": 0.4}
    return sigmas, load_priors(set={n: f"lognormal(median={medians[n]!r}, sigma={s})" for n, s in sigmas.items()})


def test_shares_of_a_product_of_lognormals():
    sigmas, chosen = product()
    whole = math.hypot(*sigmas.values())
    found = sensitivity(simulate(chosen, draws=1_000_000, quantities=["training_flop"]))
    assert found.log
    z = 2 * stats.norm.ppf(0.95)
    assert found.width.value == pytest.approx(z * whole, abs=5 * found.width.mcse)
    for d in found.drivers:
        share = (sigmas[d.name] / whole) ** 2
        assert d.first.value == pytest.approx(share, abs=5 * d.first.mcse + 2e-4)
        left = math.sqrt(whole**2 - sigmas[d.name] ** 2)
        assert d.width.value == pytest.approx(z * left, rel=5e-3)  # within 64 bins, not at one value
        assert d.rank.value == pytest.approx(6 / math.pi * math.asin(sigmas[d.name] / whole / 2), abs=2e-3)
        factor = math.exp(sigmas[d.name] * stats.norm.ppf(0.95))
        assert d.high.value / d.low.value == pytest.approx(factor**2, rel=1e-3)
    assert sum(d.first.value for d in found.drivers) == pytest.approx(1.0, abs=1e-3)
    assert [d.name for d in found.drivers] == ["parameters", "dataset_multiplier", "video_share"]
    totals = {i.names[0]: i for i in total_indices(chosen, "training_flop", 7)}
    for name, sigma in sigmas.items():
        for e in (totals[name].first, totals[name].total):
            assert e.value == pytest.approx((sigma / whole) ** 2, abs=5 * e.mcse)


def test_random_draws_give_the_same_shares():
    sigmas, chosen = product()
    whole = math.hypot(*sigmas.values())
    run = simulate(chosen, draws=400_000, sampler="random", quantities=["training_flop"])
    for d in sensitivity(run).drivers:
        assert d.first.value == pytest.approx((sigmas[d.name] / whole) ** 2, abs=5 * d.first.mcse + 64 / 25_000)
        # the rank estimator of Gamboa et al. (2022), right on independent draws only
        x, y = run.draws_of(d.name).ravel(), np.log(run.draws_of("training_flop").ravel())
        ordered = y[np.argsort(x)]
        gamboa = (np.mean(ordered * np.roll(ordered, -1)) - y.mean() ** 2) / y.var()
        assert d.first.value == pytest.approx(gamboa, abs=0.01)


def test_the_first_line_says_what_to_find_out_next():
    _, chosen = product()
    run = simulate(chosen, draws=160_000, quantities=["training_flop"])
    found = sensitivity(run, threshold=4e25)
    line = next_to_find_out(found)
    assert line.startswith(
        "What to find out next: parameters. Knowing it exactly would shrink the 90 % interval of "
        "training_flop from a factor 23"
    )
    assert "would change the answer to 'training_flop > 4e25' with probability 0." in line
    # P(flip) in closed form: the other side of the threshold in more than half of the conditional worlds
    law = stats.norm(math.log(2e21 * 20e9 / 675e6 * 6 * 180 * 0.4), math.hypot(0.8, 0.5, 0.2))
    assert found.share_above.value == pytest.approx(law.sf(math.log(4e25)), abs=5 * found.share_above.mcse)
    edge = (math.log(4e25) - law.mean()) / 0.8
    assert found.drivers[0].threshold.flip.value == pytest.approx(stats.norm.sf(edge), abs=5e-3)
    assert found.drivers[0].threshold.above > 20e9 > found.drivers[0].threshold.below


@pytest.mark.parametrize("sigma", [1e-9, 1e-17])
def test_a_prior_without_effect_is_not_distinguishable_from_zero(sigma):
    _, chosen = product()
    flat = chosen.edited({"peak_factor": f"lognormal(median=2, sigma={sigma})"})
    run = simulate(flat, draws=64_000, quantities=["inference_h100s"])
    found = {d.name: d for d in sensitivity(run).drivers}
    assert not found["peak_factor"].distinguishable
    assert found["parameters"].distinguishable


def test_choices_are_cut_at_their_values():
    chosen = load_priors(set={"temporal_compression": "choice(values=[4, 8, 16], weights=[0.25, 0.5, 0.25])"})
    run = simulate(chosen, draws=160_000, quantities=["inference_flop_per_minute"])
    found = {d.name: d for d in sensitivity(run).drivers}
    whole = np.log(run.draws_of("inference_flop_per_minute")).var()
    share = 0.5 * math.log(2) ** 2 / whole
    assert found["temporal_compression"].first.value == pytest.approx(share, rel=2e-3)


@pytest.fixture
def tied(tmp_path):
    path = tmp_path / "tied.toml"
    path.write_text('extends = ["plappert-2024"]\n[correlations]\n"parameters, candidates_per_upload" = 0.6\n')
    return load_priors(str(path))


def test_correlated_priors_are_grouped(tied):
    assert independent_groups(tied, ["parameters", "peak_factor", "candidates_per_upload"]) == [
        ("parameters", "candidates_per_upload"),
        ("peak_factor",),
    ]
    found = {i.names: i for i in total_indices(tied, "inference_h100s", 3)}
    group = found["parameters", "candidates_per_upload"]
    alone = {i.names: i for i in total_indices(SET, "inference_h100s", 3)}
    apart = alone[("parameters",)].total.value + alone[("candidates_per_upload",)].total.value
    assert group.total.value > apart + 0.05
    run = simulate(tied, draws=64_000, quantities=["inference_h100s"])
    assert {d.name for d in sensitivity(run).drivers if d.correlated} == {"parameters", "candidates_per_upload"}


def test_stressing_a_correlation_widens_the_interval():
    rows, impossible = stress(SET, [("parameters", "candidates_per_upload")], "inference_h100s", 1, draws=32_000)
    widths = [r.width.value for r in rows]
    assert impossible == []
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]
    direct = simulate(SET, draws=32_000, seed=1, keep=0).sample("inference_h100s")
    assert rows[4].rho == 0.0
    assert rows[4].high.value == direct.quantile(0.95)[0]
    with pytest.raises(InputError, match="is a known value"):
        stress(SET, [("parameters", "frames_per_second")], "inference_h100s", 1)


def test_what_is_constant_or_too_small_is_said(tmp_path):
    run = simulate("plappert-2024-point", draws=16_000)
    with pytest.raises(InputError, match="training_h100s is a constant here"):
        sensitivity(run, "training_h100s")
    with pytest.raises(InputError, match="too small"):
        sensitivity(simulate(SET, draws=320))
    held = simulate(SET, draws=16_000, keep=0)  # all draws of its quantities are in memory
    assert sensitivity(held).drivers[0].name == "parameters"
    with pytest.raises(InputError, match="too small"):
        sensitivity(held.stored_in(tmp_path))


def test_the_interface_in_python_gives_a_dataset():
    data = sensitivity(simulate(SET, draws=64_000), "training_h100s", threshold=20_000).to_dataset()
    assert isinstance(data, xarray.Dataset)
    assert data["low"].attrs["units"] == "1"
    assert set(data["prior"].values) == {"parameters", "dataset_multiplier", "video_share", "training_mfu"}
    assert {"first", "first_mcse", "width", "rank", "low", "high", "flip", "grade"} <= set(data)
    totals = total_sensitivity("plappert-2024", "training_h100s").to_dataset()
    assert set(totals["prior"].values) == set(data["prior"].values)
    assert float(totals["total"].sum()) == pytest.approx(1.0, abs=0.01)


def test_the_command_prints_it_all_within_80_columns(cli, here):
    assert cli("--draws", "64000").code == 0
    out = cli(
        "sensitivity",
        "latest",
        "--threshold",
        "inference_h100s > 1e6",
        "--total",
        "--stress-correlation",
        "parameters, peak_factor",
    ).out
    assert out.startswith("What to find out next: parameters.")
    assert max(map(len, out.splitlines())) <= 80
    for part in (
        "share of variance",
        "Tornado",
        "What drives inference_h100s > 1 million",
        "total order",
        "by evidence grade",
        "under a rank correlation of parameters, peak_factor",
    ):
        assert part in out
    data = json.loads(cli("sensitivity", "latest", "--of", "breakeven_minutes", "--json").out)
    assert data["find_out_next"] == "dataset_multiplier"
    seen = {name for name, d in data["drivers"].items() if d["distinguishable"]}
    assert seen == {"dataset_multiplier", "video_share", "diffusion_steps"}
    assert "parameters" in data["drivers"]  # it is read twice, and cancels
    (here / "tied.toml").write_text('extends = ["plappert-2024"]\n[correlations]\n"parameters, peak_factor" = 0.5\n')
    out = cli("sensitivity", "tied.toml", "--draws", "64000").out
    assert "not valid*" in out
    assert "\n  + peak_factor" in out
    assert "no published model has tested these intervals" in " ".join(out.split())
    assert data["trust"] == load_priors().trust


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["nowhere"], "neither a prior set"),
        (["plappert-2024", "--of", "colour"], "no quantity 'colour'"),
        (["plappert-2024", "--threshold", "lots"], "QUANTITY > NUMBER"),
        (["plappert-2024", "--of", "training_flop", "--threshold", "inference_h100s > 3"], "must be the same"),
        (["plappert-2024", "--stress-correlation", "parameters"], "two different priors"),
        (["plappert-2024", "--stress-correlation", "parameters, colour"], "no prior 'colour'"),
        (["plappert-2024-point"], "is a constant here"),
    ],
)
def test_bad_input_gets_one_line(cli, arguments, part):
    outcome = cli("sensitivity", *arguments, "--draws", "16000")
    assert outcome.code == 2
    assert len(outcome.errors) == 1, outcome.err
    assert part in outcome.errors[0]


@pytest.mark.parametrize("limit", ["1e300", "0"])
def test_a_threshold_beyond_all_draws_is_no_failure(cli, limit):
    outcome = cli(
        "sensitivity", "plappert-2024", "--threshold", f"inference_h100s > {limit}", "--draws", "16000", "--json"
    )
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["probability_above"]["value"] in (0.0, 1.0)


def test_a_tail_that_is_too_heavy_for_a_factor_is_no_failure(cli):
    outcome = cli(
        "sensitivity",
        "plappert-2024",
        "--set",
        "parameters=student_t(df=1, loc=2e10, scale=1e9)",
        "--total",
        "--draws",
        "16000",
    )
    assert outcome.code == 0, outcome.err


HEAVY = {"training_mfu": "normal(mean=0.4, sd=0.2)"}  # 1 / mfu has a pole inside: its mean does not exist either


def test_no_share_of_a_variance_that_does_not_exist(cli):
    run = simulate(load_priors(set=HEAVY), draws=160_000, keep=160_000, quantities=["training_h100s", "training_flop"])
    found = sensitivity(run, "training_h100s")
    assert "too heavy for a variance" in found.withheld
    assert all(d.first is None and not d.distinguishable for d in found.drivers)
    assert found.by_grade == {}
    assert {d["first_order_share"] for d in found.to_json()["drivers"].values()} == {None}
    assert np.isnan(found.to_dataset()["first"]).all()
    assert {d.name: d.rank.value for d in found.drivers}["training_mfu"] < -0.4  # what does not need a variance stays
    assert all(d.width.value > 0.0 and d.low.value > 0.0 for d in found.drivers)
    with pytest.raises(InputError, match="variance of training_h100s cannot be shared out: the tail is too heavy"):
        total_sensitivity(run, "training_h100s")
    with pytest.raises(InputError, match="cannot be shared out"):
        plot(run, "grade", "training_h100s")
    other = sensitivity(run, "training_flop")  # of the same worlds, and without a pole
    assert not other.withheld
    assert sum(e.value for e in other.by_grade.values()) == pytest.approx(1.0, abs=5e-3)
    said = cli(
        "sensitivity",
        "plappert-2024",
        "--set",
        f"training_mfu={HEAVY['training_mfu']}",
        "--of",
        "training_h100s",
        "--total",
    )
    assert said.code == 0
    assert "No shares: the tail is too heavy" in " ".join(said.out.split())
    assert "What to find out next" in said.out
    assert "by evidence grade" not in said.out
    data = json.loads(
        cli("sensitivity", "plappert-2024", "--set", f"training_mfu={HEAVY['training_mfu']}", "--json").out
    )
    assert "lies below 0 in 0.023" in data["notes"][0]


def test_the_share_of_a_correlated_prior_is_not_given_in_python_either():
    found = sensitivity(simulate("evidence-2026", draws=16_000, quantities=["training_h100s"]), "training_h100s")
    correlated = [d for d in found.drivers if d.correlated]
    assert len(correlated) > 1
    assert all(d.first is None for d in correlated)
    assert np.isnan(found.to_dataset()["first"].sel(prior=[d.name for d in correlated])).all()


def test_a_share_at_few_draws_has_no_bias_beyond_its_error():
    """Noise in the means of bins, squared, made shares too large, by up to 18 errors of the spread of replicates."""
    of = "inference_h100s"
    many = sensitivity(simulate("evidence-2026", draws=1 << 20, keep=1 << 20, quantities=[of]), of)
    whole = {d.name: d.first for d in many.drivers if d.first}
    for seed in range(3):
        few = sensitivity(simulate("evidence-2026", draws=1 << 16, keep=1 << 16, seed=seed, quantities=[of]), of)
        for d in few.drivers:
            if d.first:
                known = whole[d.name]
                assert d.first.value == pytest.approx(known.value, abs=4 * math.hypot(d.first.mcse, known.mcse)), d.name
        shown = {d.name for d in few.drivers if d.distinguishable}
        assert {"tokens_per_second", "candidates_per_upload", "tiktok_ai_penetration"} <= shown
        assert "width_per_layer" in shown  # 0.02 %, ten errors from 0: before, its bias was most of its error


def test_a_prior_without_any_effect_is_not_above_0():
    """Places that have nothing to do with the values, random and on Sobol points."""
    rng = np.random.default_rng(5)
    x = inputs(40, seed=9, count=4096)
    y = Ordered(np.log(1.0 + x["x0"]) + x["x1"])
    spurious = 0
    for i in range(2, 40):
        for places in ((x[f"x{i}"] * 64).astype(np.uint8), rng.integers(0, 64, y.y.shape, dtype=np.uint8)):
            share, _ = Bins(places, 64).share_and_width(y)
            assert share.value < 0.03
            spurious += share.value > 1.75 * share.mcse
    assert spurious <= 8, spurious
