"""The reference model for every peer: 14 priors as plain numbers, and 7 quantities by plain arithmetic.

The priors are those of `benchmarks/reference.toml`, fitted beforehand; `tests/test_benchmarks.py` holds the two
together. Nothing here needs a library, so each peer brings its own arrays.
"""

import math
import sys
import time

SEED = 20240315
LOGNORMAL = {  # 5 % and 95 %
    "parameters": (8e9, 50e9),
    "dataset_multiplier": (4, 10),
    "diffusion_steps": (50, 300),
    "candidates_per_upload": (1.2, 3.4),
    "tiktok_videos_per_day": (24e6, 48e6),
    "tiktok_video_seconds": (20, 45),
    "youtube_minutes_per_day": (38e6, 49e6),
    "demand_growth": (0.8, 1.6),
}
BETA = {  # a and b
    "training_mfu": (12.918606, 15.923401),
    "inference_mfu": (8.001147, 8.001147),
    "video_share": (8.001147, 8.001147),
    "tiktok_ai_penetration": (8.001147, 8.001147),
    "youtube_ai_penetration": (3.287064, 17.757708),
}
PERT = {"peak_factor": (1, 2, 3.5)}  # low, mode and high
QUANTILES = (0.05, 0.5, 0.95)


def mu_sigma(p5, p95):
    """Mean and standard deviation of the logarithm of a lognormal."""
    return math.log(p5 * p95) / 2, math.log(p95 / p5) / (2 * 1.6448536269514722)


def a_b(low, mode, high):
    """The beta of a PERT, on [0, 1]."""
    share = (mode - low) / (high - low)
    return 1 + 4 * share, 5 - 4 * share


def quantities(p):
    """The headline from a value, an array or a random variable for each prior."""
    parameter_multiplier = p["parameters"] / 675e6
    latent_frames_per_minute = 24 * 60 / 8
    training_flop = 1e21 * latent_frames_per_minute * parameter_multiplier * p["dataset_multiplier"] * p["video_share"]
    inference_flop_per_minute = 524.6e9 * latent_frames_per_minute * parameter_multiplier * p["diffusion_steps"]
    minutes_per_gpu_hour = 989.4e12 * 3600 * p["inference_mfu"] / inference_flop_per_minute
    ai_minutes_per_day = (
        p["tiktok_videos_per_day"] * p["tiktok_video_seconds"] * p["tiktok_ai_penetration"] / 60
        + p["youtube_minutes_per_day"] * p["youtube_ai_penetration"]
    )
    generated_minutes_per_day = ai_minutes_per_day * p["candidates_per_upload"] * p["demand_growth"]
    breakeven_minutes = training_flop / inference_flop_per_minute
    return {
        "training_flop": training_flop,
        "training_h100s": training_flop / (989.4e12 * 30 * 86400 * p["training_mfu"]),
        "inference_flop_per_minute": inference_flop_per_minute,
        "minutes_per_gpu_hour": minutes_per_gpu_hour,
        "breakeven_minutes": breakeven_minutes,
        "breakeven_days": breakeven_minutes / generated_minutes_per_day,
        "inference_h100s": generated_minutes_per_day / (24 * minutes_per_gpu_hour) * p["peak_factor"],
    }


def run(answer):
    """Print name, 5 %, 50 % and 95 % of each quantity in `answer(draws)`; with --work, its seconds on stderr."""
    start = time.perf_counter()
    rows = answer(int(float(sys.argv[1])))
    seconds = time.perf_counter() - start
    for name, quantiles in rows.items():
        print(name, *(f"{float(x):.17g}" for x in quantiles))
    if "--work" in sys.argv:
        print(seconds, file=sys.stderr)
