"""PyMC: each prior a random variable of `n` elements, the quantities deterministics, drawn in one call.

`draws=n` would call the compiled graph n times. A graph that runs once is compiled fastest with `--fast`.
"""

import sys

import numpy as np
import pymc as pm
from reference import BETA, LOGNORMAL, PERT, QUANTILES, SEED, a_b, mu_sigma, quantities, run


def answer(n):
    with pm.Model():
        p = {name: pm.LogNormal(name, *mu_sigma(*ends), shape=n) for name, ends in LOGNORMAL.items()}
        p |= {name: pm.Beta(name, *shape, shape=n) for name, shape in BETA.items()}
        p |= {name: x[0] + (x[2] - x[0]) * pm.Beta(name, *a_b(*x), shape=n) for name, x in PERT.items()}
        asked = {name: pm.Deterministic(name, x) for name, x in quantities(p).items()}
    mode = "FAST_COMPILE" if "--fast" in sys.argv else None
    drawn = pm.draw(list(asked.values()), mode=mode, random_seed=SEED)
    return {name: np.quantile(x, QUANTILES) for name, x in zip(asked, drawn, strict=True)}


run(answer)
