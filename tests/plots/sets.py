"""The shipped and difficult sets over which figures are drawn."""

import functools
from dataclasses import replace

from simulator import load_priors, simulate
from simulator.compute.years import Crossing, at
from simulator.distributions.families import parse
from simulator.priors.plausible import Plausible
from simulator.priors.prior import Prior
from simulator.priors.trends import Trend

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
MOVING = {"inference_saving": ("lognormal(p5=0.5, p95=1.1)", 0.0), "demand_growth": ("lognormal(p5=1.1, p95=4)", 0.3)}
STILL = {"demand_growth": (2, 0.0)}  # a growth that is known
OVER = {
    "two years": ("plappert-2024", (2026, 2030), MOVING, (1e6, 1e7)),
    "nine years": ("calibrated-2026", tuple(range(2026, 2035)), MOVING, (1e6, 2e6, 3e6, 1e9)),
    "a gap": ("evidence-2026", (2026, 2027, 2032), MOVING, (1e6,)),
    "a known growth": ("plappert-2024", (2026, 2027, 2028), STILL, (1e12,)),
    "all known": ("plappert-2024-point", (2026, 2027, 2028), STILL, (2e6,)),
    "zeros": ("atoms", (2026, 2027, 2028), MOVING, (1e6,)),
    "heavy growth": ("heavy tails", (2026, 2027, 2028), MOVING, (1e6,)),
}
QUANTITIES = ("training_flop", "training_h100s", "inference_h100s", "breakeven_minutes", "inference_flop_per_minute")


@functools.cache
def run_of(name, draws=16_000):
    base, edits = SETS[name]
    return simulate(load_priors(base, set=edits), draws=draws, quantities=QUANTITIES)


def trended(chosen, moving, most=1e8):
    """A set whose priors move by (growth, noise), and that says what is plausible."""
    trends = {
        n: Trend(Prior(f"trends.{n}", parse(growth), "1", "a test", "D", "", "a test"), 2026, noise)
        for n, (growth, noise) in moving.items()
    }
    bound = Plausible("inference_h100s", ((2026, most / 5.0), (2030, most)), "1", "all compute", "a test", "C")
    return replace(chosen, trends=trends, plausible={bound.quantity: bound})


@functools.cache
def over_years(name, draws=16_000):
    """A run over the years of one of OVER."""
    base, years, moving, limits = OVER[name]
    base, edits = SETS.get(base, (base, {}))
    chosen = trended(load_priors(base, set=edits), moving)
    chosen = chosen.through(years, [Crossing("inference_h100s", ">", x) for x in limits])
    wanted = [at("inference_h100s", y) for y in years] + [c.name for c in chosen.when]
    return simulate(chosen, draws=draws, quantities=wanted)
