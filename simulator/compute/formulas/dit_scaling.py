"""Variant `dit-scaling`: the Diffusion Transformer (DiT-XL), scaled linearly (Plappert 2024).

DiT's paper counts multiply-adds; `flop_per_multiply_add` says how many FLOP each of them is.
"""

from ..graph import quantity


@quantity("1")
def parameter_multiplier(parameters, dit_parameters):
    """Parameters, as a multiple of DiT-XL's."""
    return parameters / dit_parameters


@quantity("image/video_minute")
def latent_frames_per_minute(frames_per_second, seconds_per_minute, temporal_compression):
    """Latent frames in a minute of video."""
    return frames_per_second * seconds_per_minute / temporal_compression


@quantity("image")
def latent_frames_per_clip(latent_frames_per_minute, clip_minutes):
    """Latent frames in a training clip."""
    return latent_frames_per_minute * clip_minutes


@quantity("FLOP")
def training_flop(
    dit_training_flop,
    flop_per_multiply_add,
    parameter_multiplier,
    dataset_multiplier,
    latent_frames_per_clip,
    dit_images_per_sample,
    video_share,
):
    """Compute to train the video model.

    DiT-XL's training, scaled by parameters, by data and by the latent frames that stand where DiT has
    one image; the image half of the data counts as nothing. Source: Plappert 2024, training compute.
    """
    return (
        dit_training_flop
        * flop_per_multiply_add
        * parameter_multiplier
        * dataset_multiplier
        * (latent_frames_per_clip / dit_images_per_sample)
        * video_share
    )


@quantity("FLOP/video_minute")
def inference_flop_per_minute(
    dit_forward_flop,
    flop_per_multiply_add,
    parameter_multiplier,
    latent_frames_per_minute,
    diffusion_steps,
    inference_saving,
):
    """Compute to generate a minute of video.

    Source: Plappert 2024, inference compute.
    """
    return (
        dit_forward_flop
        * flop_per_multiply_add
        * parameter_multiplier
        * latent_frames_per_minute
        * diffusion_steps
        * inference_saving
    )


@quantity("FLOP/image")
def dit_flop_per_image(dit_forward_flop, flop_per_multiply_add, dit_diffusion_steps):
    """Compute of DiT-XL to generate one image."""
    return dit_forward_flop * flop_per_multiply_add * dit_diffusion_steps


@quantity("image", never=True)
def dit_breakeven_images(dit_training_flop, flop_per_multiply_add, dit_flop_per_image):
    """Images after which DiT-XL's inference has cost more than its training."""
    return dit_training_flop * flop_per_multiply_add / dit_flop_per_image


@quantity("1")
def dit_h100_months(dit_training_flop, flop_per_multiply_add, h100_peak, training_mfu, seconds_per_day, month_days):
    """H100-months to train DiT-XL."""
    return dit_training_flop * flop_per_multiply_add / (h100_peak * training_mfu * seconds_per_day * month_days)
