"""Energy of a query to a language model: the estimate of Epoch AI (February 2025), as a model of one's own.

    simulate --model examples/query.py
    simulate --model examples/query.py --gpu b200

The rate and the power of the GPU are shipped priors, gpu_peak and gpu_power, so that --gpu chooses another.
"""

from simulator import Constant, Input, quantity

UNITS = ("query = [query]",)
PRIORS = (
    Input("active_parameters", "1", "parameters of the model that are active for a token"),
    Input("output_tokens", "token/query", "tokens of an answer"),
    Input("compute_use", "1", "share of the GPU's peak that generating reaches", 0, 1),
    Input("server_watts_per_gpu_watt", "1", "rated power of the server for each watt of its GPUs"),
    Input("load", "1", "mean power over the rated one", 0, 1),
    Input("facility_factor", "1", "power of the data centre for each watt of its servers (PUE)"),
    Input("queries_per_day", "query/day", "queries in a day"),
)
CONSTANTS = (
    Constant("joules_per_watt_hour", 3600.0, "W*s/Wh", "watt-seconds in a watt-hour"),
    Constant("watt_hours_per_megawatt_day", 24e6, "Wh/MW/day", "watt-hours a day of a megawatt"),
)


@quantity("FLOP/query")
def flop_per_query(active_parameters, output_tokens, flop_per_parameter_token):
    """Compute of an answer."""
    return flop_per_parameter_token * active_parameters * output_tokens


@quantity("s/query")
def gpu_seconds_per_query(flop_per_query, gpu_peak, compute_use):
    """Time of one GPU that an answer takes."""
    return flop_per_query / (gpu_peak * compute_use)


@quantity("W")
def watts_per_gpu(gpu_power, server_watts_per_gpu_watt, load, facility_factor):
    """Power of a GPU at work, with its share of the server and the data centre."""
    return gpu_power * server_watts_per_gpu_watt * load * facility_factor


@quantity("Wh/query")
def energy_per_query(gpu_seconds_per_query, watts_per_gpu, joules_per_watt_hour):
    """Energy of a query."""
    return gpu_seconds_per_query * watts_per_gpu / joules_per_watt_hour


@quantity("MW")
def service_power(energy_per_query, queries_per_day, watt_hours_per_megawatt_day):
    """Mean power of the whole service."""
    return energy_per_query * queries_per_day / watt_hours_per_megawatt_day


ABOUT = "How much energy a query to a language model takes: an estimate of Epoch AI's, with its uncertainty."
HEADLINE = ("flop_per_query", "gpu_seconds_per_query", "service_power", "energy_per_query")
STORY = (
    ("energy_per_query", "A query takes {} Wh {}"),
    ("service_power", "all of them together draw {} MW on average {}"),
)
CAVEATS = (
    "Only what is generated is counted: reading a long prompt, training, and the user's own devices are left out.",
    "Utilization stands for batching, memory and idle time alike.",
)
LAYERS = {"GPU": ("gpu_peak", "gpu_power")}
