"""Hardware: from compute to GPUs and H100-equivalents."""

from ..graph import quantity


@quantity("1")
def training_gpus(training_peak_flop, gpu_peak, training_days, seconds_per_day):
    """GPUs that finish the training in the given days."""
    return training_peak_flop / (gpu_peak * training_days * seconds_per_day)


@quantity("1")
def training_h100s(training_gpus, gpu_peak, h100_peak):
    """H100-equivalents that finish the training in the given days."""
    return training_gpus * gpu_peak / h100_peak


@quantity("1")
def training_h100_months(training_h100s, training_days, month_days):
    """H100-months of training: H100-equivalents times months of 30 days."""
    return training_h100s * training_days / month_days


@quantity("hour")
def training_gpu_hours(training_peak_flop, gpu_peak, seconds_per_hour):
    """GPU-hours of the training."""
    return training_peak_flop / (gpu_peak * seconds_per_hour)


@quantity("s/video_second")
def gpu_seconds_per_second(inference_peak_flop_per_minute, seconds_per_minute, gpu_peak):
    """Seconds of one GPU for a second of video."""
    return inference_peak_flop_per_minute / (seconds_per_minute * gpu_peak)


@quantity("video_minute/hour")
def minutes_per_gpu_hour(gpu_peak, inference_peak_flop_per_minute, seconds_per_hour):
    """Minutes of video that one GPU generates in an hour."""
    return gpu_peak * seconds_per_hour / inference_peak_flop_per_minute
