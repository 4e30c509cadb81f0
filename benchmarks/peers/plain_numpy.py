"""Plain NumPy: one array for each prior, what a competent analyst writes in an afternoon."""

import numpy as np
from reference import BETA, LOGNORMAL, PERT, QUANTILES, SEED, a_b, mu_sigma, quantities, run


def answer(n):
    rng = np.random.default_rng(SEED)
    p = {name: rng.lognormal(*mu_sigma(*ends), n) for name, ends in LOGNORMAL.items()}
    p |= {name: rng.beta(a, b, n) for name, (a, b) in BETA.items()}
    p |= {name: x[0] + (x[2] - x[0]) * rng.beta(*a_b(*x), n) for name, x in PERT.items()}
    return {name: np.quantile(x, QUANTILES) for name, x in quantities(p).items()}


run(answer)
