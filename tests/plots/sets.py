"""The shipped and difficult sets over which figures are drawn."""

import functools

from simulator import load_priors, simulate

TWO = "mixture(a=lognormal(median=1e9, sigma=0.1), b=lognormal(median=1e11, sigma=0.1), weights=[0.5, 0.5])"
SETS = {
    **{name: (name, {}) for name in ("plappert-2024", "evidence-2026", "distilled-2026", "frontier-2026")},
    "plappert-2024-point": ("plappert-2024-point", {}),
    "narrow": (
        "plappert-2024-point",
        {"training_mfu": "normal(mean=0.4, sd=1e-4)", "inference_mfu": "uniform(low=0.4999, high=0.5001)"},
    ),
    "two modes": (
        "plappert-2024-point",
        {"parameters": TWO, "peak_factor": "choice(values=[1, 3], weights=[0.5, 0.5])"},
    ),
    "atoms": (
        "plappert-2024",
        {
            "tiktok_ai_penetration": "mixture(a=0, b=beta(p5=0.3, p95=0.7), weights=[0.3, 0.7])",
            "youtube_ai_penetration": "choice(values=[0, 0.1], weights=[0.9, 0.1])",
        },
    ),
    "heavy tails": ("plappert-2024", {"inference_saving": "student_t(df=1, loc=1, scale=0.5)"}),
}
QUANTITIES = ("training_flop", "training_h100s", "inference_h100s", "breakeven_minutes", "inference_flop_per_minute")


@functools.cache
def run_of(name, draws=16_000):
    base, edits = SETS[name]
    return simulate(load_priors(base, set=edits), draws=draws, quantities=QUANTITIES)
