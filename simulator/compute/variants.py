"""The shipped variants of the compute model: which formulas and which priors each is made from."""

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
    yearly,
)
from .graph import Model
from .headline import TOLD
from .inputs import CONSTANTS, PRIORS

SHARED = (hardware, demand, breakeven, cost, ownership, modalities, yearly)
VARIANTS = {
    "dit-scaling": (dit_scaling, known_utilization, *SHARED),
    "token-accounting": (tokens, token_accounting, known_utilization, *SHARED),
    "token-utilization": (tokens, token_utilization, *SHARED),
}


@cache
def model(variant: str) -> Model:
    """The compute model of a shipped variant; raises InputError with the nearest name."""
    if variant not in VARIANTS:
        raise InputError(f"there is no variant {variant!r}: {nearest(variant, VARIANTS)}")
    return Model(variant, VARIANTS[variant], PRIORS, CONSTANTS, TOLD[variant])


def kindred(of: Model) -> set[str]:
    """The priors that a model does not read, and that those which count alike do: they begin with one module."""
    return {name for v in _alike(of) for name in model(v).inputs} - set(of.inputs)


def kindred_quantities(of: Model) -> dict[str, str]:
    """The quantities of the variants that count as a model does, each with a variant that has it."""
    return {name: v for v in _alike(of) for name in model(v).quantities}


def _alike(of: Model) -> list[str]:
    """The variants that count as a model does; a model of one's own as the one that it extends, if any."""
    first = VARIANTS.get(of.extends or of.name)
    return [v for v, modules in VARIANTS.items() if first is not None and modules[0] is first[0]]
