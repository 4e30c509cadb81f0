"""The calibration's slow twin: the same hierarchical regression, sampled by PyMC (`make twin`).

Writes tests/twin.json: the data, and what PyMC makes of them, each with its Monte Carlo error. A test holds the grid of
`simulate calibrate` against it.
"""

import json
from pathlib import Path

import arviz_stats
import numpy as np
import pymc

from simulator.analyses.calibration import BASE, SIDES, cases_of, rows_of

OUT = Path(__file__).parent.parent / "tests" / "twin.json"
DRAWS, CHAINS, SEED = 20_000, 4, 1


def sampled(side, x, y, variances, families):
    """Posterior moments of the coefficients, and of tau^2, sigma^2 and their sum."""
    same = np.array([[a == b for b in families] for a in families], dtype=float)
    with pymc.Model():
        b = pymc.Normal("b", [c.mean for c in side.coefficients], [c.sd for c in side.coefficients])
        tau, sigma = pymc.HalfNormal("tau", side.family), pymc.HalfNormal("sigma", side.residual)
        # the families' effects are summed out: sampled, they make a funnel in which NUTS diverges
        pymc.MvNormal("y", x @ b, tau**2 * same + sigma**2 * np.eye(len(y)) + np.diag(variances), observed=y)
        trace = pymc.sample(DRAWS, tune=4000, chains=CHAINS, random_seed=SEED, target_accept=0.995, progressbar=False)
    if int(trace.sample_stats["diverging"].sum()):
        raise SystemExit("NUTS diverged: its numbers are no reference")
    posterior = trace.posterior
    values = {f"b[{i}]": posterior["b"].values[..., i] for i in range(len(side.coefficients))}
    values |= {f"b[{i}]^2": v**2 for i, v in ((i, values[f"b[{i}]"]) for i in range(len(side.coefficients)))}
    values |= {"tau^2": posterior["tau"].values ** 2, "sigma^2": posterior["sigma"].values ** 2}
    values["spread^2"] = values["tau^2"] + values["sigma^2"]
    return {k: {"mean": float(v.mean()), "mcse": float(arviz_stats.mcse(v))} for k, v in values.items()}


def main():
    cases, found = cases_of((), (BASE,)), {}
    for side in SIDES:
        rows = rows_of(side, cases)
        x = np.array([[c.of(row.case) for c in side.coefficients] for row in rows])
        y, v = np.array([row.y for row in rows]), np.array([row.variance for row in rows])
        families = [row.case.family for row in rows]
        found[side.about] = {
            "x": x.tolist(),
            "y": y.tolist(),
            "variances": v.tolist(),
            "families": families,
            "pymc": sampled(side, x, y, v, families),
        }
    OUT.write_text(json.dumps({"pymc": pymc.__version__, "draws": DRAWS * CHAINS, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
