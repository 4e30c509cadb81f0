"""The variants of the compute model: which formulas and which priors each is made from."""

from functools import cache

from ..base.errors import InputError, nearest
from .formulas import (
    breakeven,
    cost,
    demand,
    dit_scaling,
    hardware,
    known_utilization,
    modalities,
    ownership,
    token_accounting,
    token_utilization,
    tokens,
)
from .graph import Model
from .inputs import CONSTANTS, PRIORS
from .years import GROWTH, NOISE

SHARED = (hardware, demand, breakeven, cost, ownership, modalities)
VARIANTS = {
    "dit-scaling": (dit_scaling, known_utilization, *SHARED),
    "token-accounting": (tokens, token_accounting, known_utilization, *SHARED),
    "token-utilization": (tokens, token_utilization, *SHARED),
}


@cache
def model(variant: str) -> Model:
    """The compute model of a variant; raises InputError with the nearest name."""
    if variant not in VARIANTS:
        raise InputError(f"there is no variant {variant!r}: {nearest(variant, VARIANTS)}")
    return Model(variant, VARIANTS[variant], PRIORS, CONSTANTS)


def kindred(variant: str) -> set[str]:
    """The priors that a variant does not read, and that those which count alike do: they begin with one module."""
    return {name for v in _alike(variant) for name in model(v).inputs} - set(model(variant).inputs)


def kindred_quantities(variant: str) -> dict[str, str]:
    """The quantities of the variants that count as this one does, each with a variant that has it."""
    return {name: v for v in _alike(variant) for name in model(v).quantities}


def _alike(variant: str) -> list[str]:
    return [v for v, modules in VARIANTS.items() if modules[0] is VARIANTS[variant][0]]


def column(prior: str) -> int:
    """The Sobol column of a prior: its place in the append-only table.

    Growths begin at 128, and each year of a random walk has a block of 128 from 256 on, in the order of their priors.
    """
    if prior.startswith(GROWTH):
        return 128 + column(prior.removeprefix(GROWTH))
    if prior.startswith(NOISE):
        name, _, year = prior.removeprefix(NOISE).rpartition(".")
        return 128 + 128 * int(year) + column(name)
    return next(i for i, p in enumerate(PRIORS) if p.name == prior)
