"""The engine: bitwise promises, closed forms, calibrated errors."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from simulator import InputError, load_priors, simulate
from simulator.engine.preintegration import preintegrated
from simulator.runs.settings import float32_range

from ..conftest import ROOT
from ..helpers import SET, lognormal_set, same


@pytest.fixture
def correlated(tmp_path):
    path = tmp_path / "tied.toml"
    path.write_text(
        'extends = ["plappert-2024"]\n[correlations]\n"parameters, dataset_multiplier" = 0.6\n'
        '"training_mfu, inference_mfu" = 0.5\n"dataset_multiplier, video_share" = -0.3\n'
    )
    return load_priors(str(path))


@pytest.mark.parametrize("sampler", ["sobol", "random"])
@pytest.mark.parametrize("tied", [False, True])
def test_nothing_depends_on_threads_or_blocks(sampler, tied, correlated):
    chosen = correlated if tied else SET
    first = simulate(chosen, draws=300_000, sampler=sampler, threads=1)
    for threads, block in ((2, 1 << 16), (3, 4096), (1, 1 << 13)):
        assert same(first, simulate(chosen, draws=300_000, sampler=sampler, threads=threads, block=block))


def test_nothing_depends_on_other_priors_or_on_the_order_of_the_file(tmp_path):
    first = simulate(SET, draws=50_000)
    fewer = simulate(load_priors(set={"peak_factor": 2, "video_share": 0.5}), draws=50_000)
    for name in fewer.prior_draws:
        np.testing.assert_array_equal(first.prior_draws[name], fewer.prior_draws[name])
    np.testing.assert_array_equal(
        first.quantity_draws["inference_flop_per_minute"], fewer.quantity_draws["inference_flop_per_minute"]
    )
    lines = [
        f'[priors.{n}]\nprior = "{p.distribution.text}"\nunit = "{p.unit}"\nsource = "s"\ngrade = "D"\n'
        for n, p in reversed(SET.priors.items())
    ]
    (tmp_path / "reversed.toml").write_text('variant = "dit-scaling"\n' + "".join(lines))
    turned = load_priors(str(tmp_path / "reversed.toml"))
    assert turned.digest == SET.digest
    assert same(first, simulate(turned, draws=50_000))


def test_seeds_and_samplers_differ():
    base = simulate(SET, draws=16_000)
    for other in (simulate(SET, draws=16_000, seed=1), simulate(SET, draws=16_000, sampler="random")):
        assert not np.array_equal(base.prior_draws["parameters"], other.prior_draws["parameters"])


def test_more_draws_begin_with_the_same_draws():
    few, many = simulate(SET, draws=16 * 5000), simulate(SET, draws=16 * 20_000)
    for name, x in few.prior_draws.items():
        np.testing.assert_array_equal(x, many.prior_draws[name][:, :5000])


def test_the_tables_and_the_exact_quantile_functions_agree():
    quick, exact = simulate(SET, draws=160_000), simulate(SET, draws=160_000, exact=True)
    for a, b in zip(quick.summary(), exact.summary(), strict=True):
        for p in a.quantiles:
            assert a.quantiles[p].value == pytest.approx(b.quantiles[p].value, rel=1e-5)
        assert a.mean.value == pytest.approx(b.mean.value, rel=1e-6)


@pytest.mark.parametrize("sampler", ["sobol", "random"])
def test_a_product_and_a_ratio_of_lognormals_against_the_closed_form(sampler):
    run = simulate(
        lognormal_set(),
        draws=1_000_000,
        sampler=sampler,
        seed=9,
        quantities=["training_flop", "inference_flop_per_minute", "breakeven_minutes"],
    )
    sigmas = {
        "training_flop": (0.5, 0.3, 0.2),
        "inference_flop_per_minute": (0.5, 0.7, 0.4),
        "breakeven_minutes": (0.3, 0.2, 0.7, 0.4),
    }
    medians = {
        "training_flop": 2e21 * 20e9 / 675e6 * 6 * 180 * 0.4,
        "inference_flop_per_minute": 2 * 524.6e9 * 20e9 / 675e6 * 180 * 100 * 0.5,
    }
    medians["breakeven_minutes"] = medians["training_flop"] / medians["inference_flop_per_minute"]
    for s in run.summary(quantiles=(0.01, 0.05, 0.5, 0.95, 0.99)):
        rv = stats.lognorm(math.hypot(*sigmas[s.name]), scale=medians[s.name])
        for p, e in s.quantiles.items():
            assert 0 < e.mcse < 0.01 * e.value
            assert e.value == pytest.approx(rv.ppf(p), abs=5 * e.mcse)
        assert s.mean.value == pytest.approx(rv.mean(), abs=5 * s.mean.mcse)


REFERENCE = json.loads((ROOT / "tests" / "reference.json").read_text())  # of 2^30 draws: benchmarks/calibration.py


def standardized(sampler, smooth, seeds):
    """Errors of all headline quantiles against the reference, in units of their MCSE, (seed, quantile)."""
    rows = []
    for seed in seeds:
        run = simulate(SET, draws=1 << 12 if smooth else 1 << 14, seed=seed, sampler=sampler, keep=0)
        found = {s.name: s.quantiles for s in (preintegrated(run) if smooth else run.summary())}
        rows.append(
            [
                (found[name][float(p)].value - value) / math.hypot(found[name][float(p)].mcse, mcse)
                for name, held in REFERENCE["quantiles"].items()
                for p, (value, mcse) in held.items()
            ]
        )
    return np.array(rows)


def calibrated(z, low=0.75, high=1.45):
    each = np.sqrt((z**2).mean(axis=0))
    return bool(0.95 <= np.sqrt((z**2).mean()) <= 1.2 and each.min() >= low and each.max() <= high)


# that of one quantile lies within 4.5 standard errors, 1.07 / sqrt(2 x seeds), of the honest one
SEEDS = [(range(100, 116), (0.4, 1.9)), pytest.param(range(100, 164), (0.75, 1.45), marks=pytest.mark.calibration)]


@pytest.mark.parametrize(("seeds", "each"), SEEDS, ids=["16 seeds", "64 seeds"])
@pytest.mark.parametrize(("sampler", "smooth"), [("sobol", False), ("random", False), ("sobol", True)])
def test_the_monte_carlo_errors_are_calibrated(sampler, smooth, seeds, each):
    """RMS of the standardized errors over the seeds: honest is sqrt(15 / 13) = 1.07 with 16 replicates."""
    assert REFERENCE["priors"] == SET.digest, "the prior set has changed: make the reference anew"
    assert REFERENCE["draws"] >= 10**9
    z = standardized(sampler, smooth, seeds)
    assert z.shape == (len(seeds), 35)
    assert calibrated(z, *each), (np.sqrt((z**2).mean()), np.sqrt((z**2).mean(axis=0)))
    assert not calibrated(z / 0.7, *each)
    assert not calibrated(z / 1.4, *each)


def test_sobol_is_more_accurate_than_random_at_the_same_size():
    sobol, random = (simulate(SET, draws=1 << 18, sampler=s, keep=0).summary() for s in ("sobol", "random"))
    ratios = [b.median.mcse / a.median.mcse for a, b in zip(sobol, random, strict=True)]
    assert np.median(ratios) > 1.8


def test_rank_correlations_are_achieved_and_reported(correlated):
    run = simulate(correlated, draws=160_000)
    assert set(run.correlations) == {", ".join(pair) for pair in correlated.correlations}
    for pair, entry in run.correlations.items():
        a, b = (run.draws_of(n).ravel() for n in pair.split(", "))
        got = stats.spearmanr(a, b).statistic
        assert got == pytest.approx(entry["asked"], abs=4 / math.sqrt(160_000))
        assert entry["achieved"] == pytest.approx(got, abs=4 / math.sqrt(16 * 4096))


def test_correlation_works_with_choices_and_names_the_largest_that_ties_allow(tmp_path):
    path = tmp_path / "tied.toml"
    path.write_text('extends = ["plappert-2024"]\n[correlations]\n"parameters, temporal_compression" = 0.9\n')
    chosen = load_priors(str(path), set={"temporal_compression": "choice(values=[4, 8, 16], weights=[0.3, 0.6, 0.1])"})
    run = simulate(chosen, draws=160_000)
    entry = run.correlations["parameters, temporal_compression"]
    assert entry["asked"] == 0.9
    assert 0.6 < entry["achieved"] < entry["largest"] < 0.95
    assert set(np.unique(run.draws_of("temporal_compression"))) == {4, 8, 16}


def test_a_correlation_leaves_uncorrelated_priors_as_they_were(correlated):
    one, two = simulate(SET, draws=32_000), simulate(correlated, draws=32_000)
    untouched = set(SET.uncertain) - {n for pair in correlated.correlations for n in pair}
    for name in untouched:
        np.testing.assert_array_equal(one.prior_draws[name], two.prior_draws[name])
    assert not np.array_equal(one.prior_draws["inference_mfu"], two.prior_draws["inference_mfu"])


@pytest.mark.parametrize(("asked", "made"), [(1, 16), (16, 16), (17, 32), (1_000_000, 1_000_000)])
def test_draws_are_rounded_up_to_the_replicates(asked, made):
    run = simulate(SET, draws=asked)
    assert run.settings.draws == made
    assert all(math.isfinite(e.value) for s in run.summary() for e in s.quantiles.values())


def test_what_is_kept_is_the_first_of_each_replicate():
    whole, part = simulate(SET, draws=160_000), simulate(SET, draws=160_000, keep=32_000)
    assert part.quantity_draws["training_flop"].shape == (16, 2000)
    np.testing.assert_array_equal(part.quantity_draws["training_flop"], whole.quantity_draws["training_flop"][:, :2000])
    assert [s.to_json() for s in whole.summary()] == [s.to_json() for s in part.summary()]


def test_kept_draws_stay_inside_the_support():
    edits = {
        "video_share": "beta(a=0.02, b=0.02)",
        "clip_minutes": "uniform(low=0.1, high=0.3)",
        "temporal_compression": "choice(values=[0.1, 8], weights=[0.5, 0.5])",
    }
    run = simulate(load_priors(set=edits), draws=160_000)
    share = run.prior_draws["video_share"]
    assert share.dtype == np.float32
    assert share.min() > 0
    assert share.max() <= 1
    clip = run.prior_draws["clip_minutes"].astype(float)
    assert clip.min() >= 0.1
    assert clip.max() <= 0.3
    low, high = float32_range(0.1, 0.3)
    assert float(low) >= 0.1
    assert float(high) <= 0.3


def test_every_draw_of_the_point_set_is_the_essays():
    run = simulate("plappert-2024-point", draws=1600, quantities=["training_h100_months", "breakeven_minutes"])
    np.testing.assert_allclose(run.draws_of("training_h100_months"), 4211.3, atol=0.05)
    np.testing.assert_allclose(run.draws_of("breakeven_minutes"), 15.2497e6, rtol=1e-5)
    assert [s.median.mcse for s in run.summary()] == [0.0, 0.0]
    ten = simulate(
        "plappert-2024-point",
        set={"dataset_multiplier": 10},
        draws=1600,
        quantities=["training_h100_months", "breakeven_minutes"],
    )
    np.testing.assert_allclose(ten.draws_of("training_h100_months"), 10_528.2, atol=0.1)
    np.testing.assert_allclose(ten.draws_of("breakeven_minutes"), 38.124e6, rtol=1e-4)


def test_a_draw_that_is_not_finite_names_the_quantity_the_draw_and_its_inputs():
    zero = load_priors(set={"diffusion_steps": "choice(values=[0, 250], weights=[0.01, 0.99])"})
    with pytest.raises(
        InputError,
        match=r"minutes_per_gpu_hour is not finite in draw \d+ of replicate \d+ "
        r"\(gpu_peak = [^,=]*, inference_peak_flop_per_minute = 0\);",
    ):
        simulate(zero, draws=160_000)
    with pytest.raises(InputError, match=r"parameter_multiplier = .* divides by zero: dit_parameters is 0"):
        simulate("plappert-2024-point", set={"dit_parameters": 0}, draws=160)
    with pytest.raises(InputError, match=r"training_flop is not finite \(.*parameter_multiplier = .*\); a prior has"):
        simulate("plappert-2024-point", set={"parameters": 1e307}, draws=160, quantities=["training_flop"])
    with pytest.raises(InputError, match=r"training_flop is not finite \(.*parameter_multiplier = .*\); a prior has"):
        simulate("plappert-2024-point", set={"parameters": 1e307, "training_mfu": "beta(p5=0.3, p95=0.6)"}, draws=160)


def test_finite_draws_may_have_a_sum_that_is_not():
    vast = {"parameters": "lognormal(p5=1e292, p95=2e292)"}
    run = simulate("plappert-2024-point", set=vast, draws=160_000, keep=0, quantities=["training_flop"])
    (found,) = run.summary()
    small = simulate("plappert-2024-point", set={"parameters": "lognormal(p5=1e10, p95=2e10)"}, draws=160_000, keep=0)
    assert found.median.value == pytest.approx(1e282 * small.summary(["training_flop"])[0].median.value, rel=1e-9)
    assert found.mean is None
    assert "too large" in found.mean_reason


@pytest.mark.parametrize(
    "bad",
    [
        {"draws": 0},
        {"draws": 10**13},
        {"seed": -1},
        {"sampler": "sobl"},
        {"threads": 0},
        {"block": 5000},
        {"quantities": ["nothing"]},
    ],
)
def test_what_cannot_be_drawn_is_refused(bad):
    with pytest.raises(InputError):
        simulate(SET, **bad)


def test_beyond_memory_quantiles_come_from_counts(monkeypatch):
    exact = simulate(SET, draws=480_000)
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 1000)
    counted = simulate(SET, draws=480_000, keep=16_000)
    assert simulate(SET, draws=480_000, keep=16_000, threads=1, block=4096).summary() == counted.summary()
    for a, b in zip(
        exact.summary(exceeds={"training_h100s": [20_000]}),
        counted.summary(exceeds={"training_h100s": [20_000]}),
        strict=True,
    ):
        for p, e in a.quantiles.items():
            assert b.quantiles[p].value == pytest.approx(e.value, rel=1 / 2048 / 5)
            assert b.quantiles[p].mcse == pytest.approx(e.mcse, rel=0.2)
        assert b.mean == a.mean
        for x, e in a.exceeds.items():
            assert b.exceeds[x].value == pytest.approx(e.value, abs=1e-5)


def test_the_digest_is_of_what_the_numbers_depend_on():
    base = simulate(SET, draws=160)
    assert base.digest == simulate(SET, draws=160, threads=1).digest
    changed = [
        simulate(SET, draws=176),
        simulate(SET, draws=160, seed=2),
        simulate(SET, draws=160, exact=True),
        simulate(load_priors(set={"peak_factor": 3}), draws=160),
    ]
    assert len({base.digest, *(r.digest for r in changed)}) == 5


def test_priors_beyond_float32_are_refused_not_clipped():
    far = load_priors(set={"gpu_price": "lognormal(median=1e38, sigma=1)"})
    with pytest.raises(InputError, match=r"gpu_price = .* beyond what a kept draw"):
        simulate(far, draws=1600)
    assert simulate(far, draws=1600, keep=0).summary()[0].median.value > 0


def test_counted_draws_that_are_equal_stay_exact(monkeypatch):
    monkeypatch.setattr("simulator.engine.evaluator.ALL_IN_MEMORY", 1000)
    stepped = load_priors(set={"temporal_compression": "choice(values=[3, 7, 11], weights=[0.3, 0.6, 0.1])"})
    run = simulate(stepped, draws=160_000, keep=0, quantities=["latent_frames_per_minute"])
    (s,) = run.summary(exceeds={"latent_frames_per_minute": [24 * 60 / 7]})
    assert [s.quantiles[p].value for p in (0.05, 0.5, 0.95)] == [24 * 60 / x for x in (11, 7, 3)]
    assert s.exceeds[24 * 60 / 7].value == pytest.approx(0.3, abs=5 * s.exceeds[24 * 60 / 7].mcse)


@pytest.mark.parametrize("seeds", [40, pytest.param(120, marks=pytest.mark.calibration)])
def test_the_errors_of_hdi_ends_are_their_errors(seeds):
    """Here they converge about as n^(-1/3): the spread of replicates over the root of their number is too small."""
    names = ["training_flop", "inference_h100s"]
    found = [simulate(SET, draws=1 << 14, seed=s, quantities=names, keep=0).summary(kind="hdi") for s in range(seeds)]
    ends = np.array([[(e.value, e.mcse) for s in made for e in (s.low, s.high)] for made in found])
    value, error = ends[:, :, 0], ends[:, :, 1]
    z = (value - value.mean(axis=0)) * math.sqrt(seeds / (seeds - 1)) / error

    def held(z):
        return 0.8 < math.sqrt((z**2).mean()) < 1.3 and all(0.65 < r < 1.55 for r in np.sqrt((z**2).mean(axis=0)))

    assert held(z), np.sqrt((z**2).mean(axis=0))
    assert not held(z * 16 ** (1 / 6))  # as they were
    assert not held(z * 0.6)
