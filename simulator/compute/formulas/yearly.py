"""A year of inference, to be held against the training of years."""

from ..graph import quantity


@quantity("FLOP")
def yearly_inference_flop(inference_flop_per_minute, generated_minutes_per_day, year_days):
    """FLOP of a year of inference at this demand."""
    return inference_flop_per_minute * generated_minutes_per_day * year_days


@quantity("hour")
def yearly_inference_gpu_hours(inference_gpus_average, hours_per_day, year_days):
    """GPU-hours of a year of inference at this demand, busy ones alone."""
    return inference_gpus_average * hours_per_day * year_days
