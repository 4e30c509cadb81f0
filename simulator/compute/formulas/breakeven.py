"""Breakeven: when inference has cost more than training."""

from ..graph import quantity


@quantity("video_minute", never=True)
def breakeven_minutes(training_flop, inference_flop_per_minute):
    """Minutes of video after which inference has used more FLOP than training."""
    return training_flop / inference_flop_per_minute


@quantity("video_minute", never=True)
def breakeven_gpu_time_minutes(training_peak_flop, inference_peak_flop_per_minute):
    """Minutes of video after which inference has used more GPU time than training."""
    return training_peak_flop / inference_peak_flop_per_minute


@quantity("day", never=True)
def breakeven_days(breakeven_minutes, generated_minutes_per_day):
    """Days of the assumed demand after which inference has used more FLOP than training."""
    return breakeven_minutes / generated_minutes_per_day
