"""Are the Monte Carlo errors honest? Errors against a reference of a thousand million draws, in units of their MCSE.

    python benchmarks/calibration.py               # the table, over 64 seeds
    python benchmarks/calibration.py --reference   # make tests/reference.json anew: a minute or two on two cores

An honest MCSE gives an RMS of sqrt(15 / 13) = 1.07: it is itself estimated, from 16 replicates.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

from simulator import load_priors, simulate
from simulator.engine.preintegration import preintegrated

REFERENCE = Path(__file__).parent.parent / "tests" / "reference.json"
DRAWS, SEED = 1 << 30, 1
SEEDS = range(100, 164)


def make():
    run = simulate(load_priors(), draws=DRAWS, seed=SEED, keep=0)
    held = {s.name: {f"{p:g}": [e.value, e.mcse] for p, e in s.quantiles.items()} for s in run.summary()}
    REFERENCE.write_text(
        json.dumps({"priors": run.priors.digest, "draws": DRAWS, "seed": SEED, "quantiles": held}, indent=1) + "\n"
    )


def standardized(draws, sampler="sobol", smooth=False, seeds=SEEDS):
    """Errors against the reference over their MCSE, dims (seed, quantile)."""
    reference, rows, priors = json.loads(REFERENCE.read_text()), [], load_priors()
    if reference["priors"] != priors.digest:
        raise SystemExit("the prior set has changed: make the reference anew")
    for seed in seeds:
        run = simulate(priors, draws=draws, seed=seed, sampler=sampler, keep=0)
        row = []
        for s in preintegrated(run) if smooth else run.summary():
            for p, e in s.quantiles.items():
                value, mcse = reference["quantiles"][s.name][f"{p:g}"]
                row.append((e.value - value) / math.hypot(e.mcse, mcse))
        rows.append(row)
    return np.array(rows)


def main():
    if "--reference" in sys.argv:
        make()
        return
    for draws, sampler, smooth in (
        (1 << 14, "sobol", False),
        (1 << 20, "sobol", False),
        (1 << 14, "random", False),
        (1 << 12, "sobol", True),
    ):
        each = np.sqrt((standardized(draws, sampler, smooth) ** 2).mean(axis=0))
        how = "pre-integrated" if smooth else "draws"
        print(
            f"{sampler}, {draws:9,d} {how:14s} RMS {np.sqrt((each**2).mean()):.3f}, "
            f"each of {len(each)}: {each.min():.2f} to {each.max():.2f}"
        )


if __name__ == "__main__":
    main()
