"""Stated errors against the spread between seeds, over the default set and four models that are hard to sample."""

import math

import numpy as np
import pytest

from simulator import compare, load_priors

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
    *(pytest.param(model, DAILY, (0.9, 1.4), (0.55, 1.8), id=f"{model}-{DAILY}") for model in ("gap", "zeros")),
    *(
        pytest.param(model, 120, (0.95, 1.2), (0.75, 1.45), marks=pytest.mark.calibration, id=f"{model}-120")
        for model in MODELS
    ),
]


def stated(sets, seed, limits):
    """Quantiles, mean, probabilities, and those of a paired difference: value and MCSE of each."""
    made = compare(*sets, [OF], draws=1 << 14, seed=seed)
    (s,), (c,) = made.a.summary([OF], exceeds={OF: limits}), made.contrasts
    return [
        *(s.median, s.high, s.mean, *s.exceeds.values()),
        *(c.difference["median"], c.difference["p95"], c.above_independent),
    ]


@pytest.mark.parametrize(("model", "seeds", "all_of_them", "each"), SEEDS)
def test_stated_errors_are_the_errors(model, seeds, all_of_them, each):
    """RMS of standardized errors; by Student's t of 16 replicates it is 1.07 where the errors are right."""
    base, edits = MODELS[model]
    sets = load_priors(base, set=edits), load_priors(base, set=edits | CHANGE)
    whole = compare(*sets, [OF], draws=1 << 16, seed=999).a.summary([OF])[0]
    limits = [float(f"{x.value:.4g}") for x in (whole.median, whole.high)]
    found = np.array([stated(sets, seed, limits) for seed in range(seeds)])
    value, error = found[:, :, 0], found[:, :, 1]
    z = (value - value.mean(axis=0)) * math.sqrt(seeds / (seeds - 1)) / error

    def held(z):
        ratios = np.sqrt((z**2).mean(axis=0))
        return all_of_them[0] < math.sqrt((z**2).mean()) < all_of_them[1] and all(each[0] < r < each[1] for r in ratios)

    assert held(z), np.sqrt((z**2).mean(axis=0))
    assert not held(z / 0.7)
    assert not held(z * 0.7)
