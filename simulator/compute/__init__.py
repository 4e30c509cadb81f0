"""The compute model: formulas only, one file for each stage. It knows nothing of draws."""

from functools import cache

from ..errors import InputError, nearest
from ..graph import Model
from . import breakeven, cost, demand, dit_scaling, hardware, modalities
from .inputs import CONSTANTS, PRIORS

SHARED = (hardware, demand, breakeven, cost, modalities)
VARIANTS = {"dit-scaling": (dit_scaling, *SHARED)}

HEADLINE = (
    "training_flop", "training_h100s", "inference_flop_per_minute", "minutes_per_gpu_hour",
    "breakeven_minutes", "breakeven_days", "inference_h100s",
)  # fmt: skip

STORY = (
    ("training_h100s", "Training takes {} H100-equivalents {}"),
    ("breakeven_minutes", "inference has cost more than training after {} minutes of video {}"),
    ("inference_h100s", "serving the demand at its peak takes {} H100-equivalents {}"),
)
"""The quantities that the headline sentence tells: its clauses, with median and interval."""


CAVEATS = {
    "dit-scaling": (
        "The model scales the Diffusion Transformer's compute linearly. Its FLOP are the paper's multiply-adds: true "
        "FLOP are twice as many, and so are the GPUs. The breakeven is not affected.",
        "Left out, unless a prior holds it: memory bandwidth, capacity and communication (through the MFU), guidance, "
        "attention's growth with length, the decoder, bursts beyond the peak factor, and growth of demand.",
    ),
}  # fmt: skip
"""What a reader of a variant's numbers must know, whatever the priors."""

LAYERS = {"GPU": ("gpu_peak", "gpu_power", "gpu_price")}
"""Priors that come from one layer and change together."""


@cache
def model(variant: str) -> Model:
    """The compute model of a variant; raises InputError with the nearest name."""
    if variant not in VARIANTS:
        raise InputError(f"there is no variant {variant!r}: {nearest(variant, VARIANTS)}")
    return Model(variant, VARIANTS[variant], PRIORS, CONSTANTS)


def column(prior: str) -> int:
    """The Sobol column of a prior: its place in the append-only table."""
    return next(i for i, p in enumerate(PRIORS) if p.name == prior)
