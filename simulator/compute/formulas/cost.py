"""Cost and energy."""

from ..graph import quantity


@quantity("USD")
def training_cost(training_gpus, training_days, hours_per_day, gpu_price):
    """Cost of the GPUs for the training."""
    return training_gpus * training_days * hours_per_day * gpu_price


@quantity("USD/video_minute")
def inference_cost_per_minute(gpu_price, minutes_per_gpu_hour):
    """Cost of a minute of video on a busy GPU."""
    return gpu_price / minutes_per_gpu_hour


@quantity("USD/day")
def inference_cost_per_day(inference_gpus, hours_per_day, gpu_price):
    """Cost of a day of inference, provisioned for the peak."""
    return inference_gpus * hours_per_day * gpu_price


@quantity("MWh")
def training_energy(training_gpus, training_days, hours_per_day, gpu_power, power_overhead, watts_per_megawatt):
    """Energy of the training, servers and facility included."""
    return training_gpus * training_days * hours_per_day * gpu_power * power_overhead / watts_per_megawatt


@quantity("MW")
def inference_power(inference_gpus, gpu_power, power_overhead, watts_per_megawatt):
    """Power of inference at the peak, servers and facility included."""
    return inference_gpus * gpu_power * power_overhead / watts_per_megawatt
