"""FLOP at the GPU's peak, where the utilizations are priors themselves."""

from ..graph import quantity


@quantity("FLOP")
def training_peak_flop(training_flop, training_mfu):
    """What the GPUs could compute at their peak while they train."""
    return training_flop / training_mfu


@quantity("FLOP/video_minute")
def inference_peak_flop_per_minute(inference_flop_per_minute, inference_mfu):
    """What a GPU could compute at its peak while it generates a minute of video."""
    return inference_flop_per_minute / inference_mfu
