"""Counting tokens: every latent token passes through the transformer, and attends. What its variants share."""

import numpy as np

from ..graph import quantity


@quantity("1")
def model_width(width_per_layer, parameters, block_parameters):
    """Width of the transformer.

    Parameters are layers x block_parameters x width^2, and layers are width / width_per_layer.
    """
    return np.cbrt(width_per_layer * parameters / block_parameters)


@quantity("1")
def training_attention_ratio(
    attention_density, attention_share, training_context_tokens, block_parameters, model_width
):
    """FLOP of attention in training, over those of the parameters.

    For each token a block of width d uses 2 x block_parameters x d^2 FLOP for its parameters, and 4 n d for
    attention to n tokens: n / 6d for a plain block of 12 d^2 parameters. Source: Kaplan et al. 2020
    (arXiv:2001.08361), table 1, without the causal half.
    """
    return attention_density * attention_share * training_context_tokens / (block_parameters * model_width)


@quantity("1")
def attention_ratio(
    attention_density, attention_share, tokens_per_second, context_seconds, block_parameters, model_width
):
    """FLOP of attention in inference, over those of the parameters."""
    return attention_density * attention_share * tokens_per_second * context_seconds / (block_parameters * model_width)


@quantity("FLOP")
def training_flop(flop_per_trained_token, parameters, training_tokens, training_attention_ratio):
    """Compute to train the video model.

    Six FLOP for each parameter and token, forward and backward, and attention on top. Source: Kaplan et
    al. 2020 (arXiv:2001.08361).
    """
    return flop_per_trained_token * parameters * training_tokens * (1 + training_attention_ratio)


@quantity("FLOP/video_minute")
def denoising_flop_per_minute(
    tokens_per_second,
    seconds_per_minute,
    diffusion_steps,
    guidance_passes,
    flop_per_parameter_token,
    parameters,
    attention_ratio,
    inference_saving,
):
    """Compute of the transformer to generate a minute of video.

    Each token passes through it once for every step and guidance pass.
    """
    return (
        tokens_per_second
        * seconds_per_minute
        * diffusion_steps
        * guidance_passes
        * flop_per_parameter_token
        * parameters
        * (1 + attention_ratio)
        * inference_saving
    )
