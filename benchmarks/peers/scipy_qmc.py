"""SciPy: scrambled Sobol points through the quantile functions of scipy.special."""

import numpy as np
from reference import BETA, LOGNORMAL, PERT, QUANTILES, SEED, a_b, mu_sigma, quantities, run
from scipy.special import betaincinv, ndtri
from scipy.stats import qmc


def answer(n):
    columns = iter(qmc.Sobol(len(LOGNORMAL | BETA | PERT), rng=SEED).random(n).T)
    p = {}
    for name, ends in LOGNORMAL.items():
        mu, sigma = mu_sigma(*ends)
        p[name] = np.exp(mu + sigma * ndtri(next(columns)))
    p |= {name: betaincinv(*shape, next(columns)) for name, shape in BETA.items()}
    p |= {name: x[0] + (x[2] - x[0]) * betaincinv(*a_b(*x), next(columns)) for name, x in PERT.items()}
    return {name: np.quantile(x, QUANTILES) for name, x in quantities(p).items()}


run(answer)
