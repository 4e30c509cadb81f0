"""squigglepy: each distribution sampled as an array with `@`, then arithmetic on the arrays."""

import squigglepy as sq
from reference import BETA, LOGNORMAL, PERT, SEED, quantities, run


def answer(n):
    sq.set_seed(SEED)
    priors = {name: sq.lognorm(*ends) for name, ends in LOGNORMAL.items()}
    priors |= {name: sq.beta(*shape) for name, shape in BETA.items()}
    priors |= {name: sq.pert(*shape) for name, shape in PERT.items()}
    drawn = {name: prior @ n for name, prior in priors.items()}
    return {name: sq.get_percentiles(x, [5, 50, 95]).values() for name, x in quantities(drawn).items()}


run(answer)
