"""The same model as a plain NumPy program: one array for each prior, quantiles printed, nothing kept.

This is what a competent analyst writes in an afternoon, and the yardstick of `cold.py`: the priors of
`plappert-2024` that the headline reads, as parameters that were fitted beforehand.
"""

import sys

import numpy as np

n = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
rng = np.random.default_rng(20240315)
Z = 1.6448536269514722  # the standard normal's 95 % point


def lognormal(p5, p95):
    mu, sigma = (np.log(p5) + np.log(p95)) / 2, (np.log(p95) - np.log(p5)) / (2 * Z)
    return rng.lognormal(mu, sigma, n)


def pert(low, mode, high):
    share = (mode - low) / (high - low)
    return low + (high - low) * rng.beta(1 + 4 * share, 5 - 4 * share, n)


parameters = lognormal(8e9, 50e9)
dataset_multiplier = lognormal(4, 10)
training_mfu = rng.beta(12.918606, 15.923401, n)
inference_mfu = rng.beta(8.001147, 8.001147, n)
diffusion_steps = pert(50, 250, 300)
video_share = rng.beta(8.001147, 8.001147, n)
tiktok_ai_penetration = rng.beta(8.001147, 8.001147, n)
youtube_ai_penetration = rng.beta(3.287064, 17.757708, n)
candidates_per_upload = pert(1, 1.8, 4)
peak_factor = pert(1, 2, 3.5)
tiktok_videos_per_day = lognormal(24e6, 48e6)
tiktok_video_seconds = lognormal(20, 45)
youtube_minutes_per_day = lognormal(38e6, 49e6)

parameter_multiplier = parameters / 675e6
latent_frames_per_minute = 24 * 60 / 8
training_flop = 1e21 * parameter_multiplier * dataset_multiplier * latent_frames_per_minute * video_share
training_h100s = training_flop / (989.4e12 * training_mfu * 30 * 86400)
inference_flop_per_minute = 524.6e9 * parameter_multiplier * latent_frames_per_minute * diffusion_steps
minutes_per_gpu_hour = 989.4e12 * inference_mfu * 3600 / inference_flop_per_minute
ai_minutes_per_day = (
    tiktok_videos_per_day * tiktok_video_seconds * tiktok_ai_penetration / 60
    + youtube_minutes_per_day * youtube_ai_penetration
)
generated_minutes_per_day = ai_minutes_per_day * candidates_per_upload
breakeven_minutes = training_flop / inference_flop_per_minute
breakeven_days = breakeven_minutes / generated_minutes_per_day
inference_h100s = generated_minutes_per_day / (minutes_per_gpu_hour * 24) * peak_factor

for name in (
    "training_flop", "training_h100s", "inference_flop_per_minute", "minutes_per_gpu_hour",
    "breakeven_minutes", "breakeven_days", "inference_h100s",
):  # fmt: skip
    low, median, high = np.quantile(globals()[name], [0.05, 0.5, 0.95])
    print(f"{name:28s} {median:12.5g}  {low:12.5g} to {high:12.5g}")
