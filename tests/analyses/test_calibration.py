"""Stated errors against the spread between seeds, over the default set and four models that are hard to sample."""

import math

import numpy as np
import pytest

from simulator import compare, load_priors, sensitivity

OF = "inference_h100s"
MODELS = {
    "default": ("plappert-2024", {}),
    "heavy tail": ("plappert-2024", {"demand_growth": "student_t(mean=1, sd=1, df=3)"}),
    "gap": (
        "plappert-2024",
        {
            "parameters": "mixture(a=lognormal(median=1e9, sigma=0.1), b=lognormal(median=1e11, sigma=0.1), "
            "weights=[0.4, 0.6])"
        },
    ),
    "correlated": ("evidence-2026", {}),
    "zeros": ("plappert-2024", {"peak_factor": "mixture(a=0, b=lognormal(p5=1, p95=3), weights=[0.3, 0.7])"}),
}
CHANGE = {"diffusion_steps": "lognormal(p5=60, p95=200)"}
DAILY = 24
SEEDS = [
    *(
        pytest.param(model, DAILY, (0.9, 1.4), (0.6, 1.7), (0.55, 1.8), id=f"{model}-{DAILY}")
        for model in ("gap", "zeros")
    ),
    *(
        pytest.param(
            model, 120, (0.95, 1.2), (0.85, 1.25), (0.75, 1.45), marks=pytest.mark.calibration, id=f"{model}-120"
        )
        for model in MODELS
    ),
]


def stated(sets, seed, limits):
    """By kind, the numbers of two sets and of their paired difference; a share is None where none is given."""
    made = compare(*sets, [OF], draws=1 << 14, seed=seed)
    (s,), (c,) = made.a.summary([OF], exceeds={OF: limits}), made.contrasts
    narrow = [made.a.summary([OF], ci=ci, kind="hdi")[0] for ci in (0.5, 0.9)]
    shares = {d.name: d.first for d in sensitivity(made.a, OF).drivers if not d.correlated}
    return {
        "quantiles and mean": [s.median, s.high, s.mean],
        "probabilities": [*s.exceeds.values(), c.above_independent],
        "differences": [c.difference["median"], c.difference["p95"]],
        "ends of highest density": [end for x in narrow for end in (x.low, x.high)],
        "shares": [shares[name] for name in sorted(shares)],
    }


def standardized(numbers):
    """Errors over stated errors (seed, number), of the numbers that most seeds give and that are not known exactly."""
    found = np.array([[e or (math.nan, math.nan) for e in row] for row in numbers])
    found = found[:, np.isnan(found[:, :, 0]).mean(axis=0) < 0.25]
    value, error = found[:, :, 0], found[:, :, 1]
    exact = np.nanmax(error, axis=0, initial=0.0) == 0.0
    assert np.all(np.ptp(value[:, exact], axis=0) == 0.0)
    value, error = value[:, ~exact], error[:, ~exact]
    many = np.isfinite(value).sum(axis=0)
    return (value - np.nanmean(value, axis=0)) * np.sqrt(many / (many - 1)) / error if value.size else value


@pytest.mark.parametrize(("model", "seeds", "all_of_them", "of_a_kind", "each"), SEEDS)
def test_stated_errors_are_the_errors(model, seeds, all_of_them, of_a_kind, each):
    """RMS of standardized errors; by Student's t of 16 replicates it is 1.07 where the errors are right.

    The limits hold for these seeds. Over 400 others the ends of highest density have 0.97 to 1.14, but the lower 90 %
    end beside the gap 1.33: at 1,024 draws to a replicate its rate is not yet known well, and 120 seeds may give 1.8.
    """
    base, edits = MODELS[model]
    sets = load_priors(base, set=edits), load_priors(base, set=edits | CHANGE)
    whole = compare(*sets, [OF], draws=1 << 16, seed=999).a.summary([OF])[0]
    limits = [float(f"{x.value:.4g}") for x in (whole.median, whole.high)]
    found = [stated(sets, seed, limits) for seed in range(seeds)]
    kinds = {kind: standardized([numbers[kind] for numbers in found]) for kind in found[0]}
    kinds = {kind: z for kind, z in kinds.items() if z.size}
    assert set(kinds) == set(found[0]) - ({"shares"} if model == "heavy tail" else set())  # it has no variance to share

    def held(kinds):
        ratios = [np.sqrt(np.nanmean(z**2, axis=0)) for z in kinds.values()]
        own = [math.sqrt(np.mean(r**2)) for r in ratios]
        every = np.concatenate(ratios)
        return (
            all_of_them[0] < math.sqrt(np.mean(every**2)) < all_of_them[1]
            and all(of_a_kind[0] < r < of_a_kind[1] for r in own)
            and all(each[0] < r < each[1] for r in every)
        )

    assert held(kinds), {kind: np.sqrt(np.nanmean(z**2, axis=0)).round(2) for kind, z in kinds.items()}
    assert not held({kind: z / 0.7 for kind, z in kinds.items()})
    assert not held({kind: z * 0.7 for kind, z in kinds.items()})
    if seeds > DAILY:  # the errors of one kind alone
        for kind, z in kinds.items():
            assert not held(kinds | {kind: z / 0.7}), kind
