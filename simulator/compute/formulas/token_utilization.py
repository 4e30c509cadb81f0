"""Variant `token-utilization`: token accounting that predicts GPU time.

Utilization depends on the size of the model, the GPU and the code; encoders and decoder are GPU time of their own,
and no FLOP of the model. What the formulas leave out is a factor in each direction, the discrepancy (Kennedy and
O'Hagan 2001, doi.org/10.1111/1467-9868.00294).
"""

import numpy as np

from ..graph import quantity


@quantity("1")
def training_utilization(
    training_ceiling,
    reference_training_mfu,
    parameters,
    reference_parameters,
    training_mfu_size_exponent,
    training_discrepancy,
):
    """MFU that the training reaches: larger models reach more, up to a ceiling."""
    return np.minimum(
        training_ceiling,
        reference_training_mfu
        * (parameters / reference_parameters) ** training_mfu_size_exponent
        * training_discrepancy,
    )


@quantity("1")
def inference_utilization(
    inference_ceiling,
    reference_inference_mfu,
    gpu_peak,
    h100_peak,
    mfu_peak_exponent,
    clip_gpus,
    sequence_parallel_exponent,
    kernel_gain,
    inference_discrepancy,
):
    """MFU that inference reaches: less on faster GPUs and on several together, more with newer kernels."""
    return np.minimum(
        inference_ceiling,
        reference_inference_mfu
        * (gpu_peak / h100_peak) ** mfu_peak_exponent
        * clip_gpus**sequence_parallel_exponent
        * kernel_gain
        * inference_discrepancy,
    )


@quantity("FLOP/video_minute")
def inference_flop_per_minute(denoising_flop_per_minute):
    """Compute of the transformer to generate a minute of video; the decoder is GPU time of its own."""
    return denoising_flop_per_minute


@quantity("FLOP")
def training_peak_flop(training_flop, training_utilization, encoder_flop_per_token, encoders_online, training_tokens):
    """What the GPUs could compute at their peak while they train, and while they encode the data."""
    return training_flop / training_utilization + encoder_flop_per_token * encoders_online * training_tokens


@quantity("FLOP/video_minute")
def inference_peak_flop_per_minute(
    inference_flop_per_minute, inference_utilization, decoder_flop_per_token, tokens_per_second, seconds_per_minute
):
    """What a GPU could compute at its peak while it generates, and decodes, a minute of video."""
    return (
        inference_flop_per_minute / inference_utilization
        + decoder_flop_per_token * tokens_per_second * seconds_per_minute
    )


@quantity("hour")
def project_gpu_hours(training_gpu_hours, project_factor):
    """GPU-hours of the whole project: the final training, and the runs and experiments before it."""
    return training_gpu_hours * project_factor
