"""Variant `token-accounting`: first principles. Utilizations are priors, and the decoder is a share of the compute."""

from ..graph import quantity


@quantity("FLOP/video_minute")
def inference_flop_per_minute(denoising_flop_per_minute, decode_overhead):
    """Compute to generate a minute of video.

    The decoder comes on top of the transformer.
    """
    return denoising_flop_per_minute * (1 + decode_overhead)
