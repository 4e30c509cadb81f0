"""The priors that the compute model can read, and its constants.

The order of PRIORS is the interface to the draws: the position of a prior is its Sobol column. It
only ever grows at its end.
"""

from .graph import Constant, Input

SHARE = (0.0, 1.0)
PRIORS = (
    Input("parameters", "1", "parameters of the video model"),
    Input("dataset_multiplier", "1", "training data, as a multiple of DiT-XL's"),
    Input("training_mfu", "1", "model FLOP utilization in training", *SHARE),
    Input("inference_mfu", "1", "model FLOP utilization in inference", *SHARE),
    Input("diffusion_steps", "1", "denoising steps for one video"),
    Input("temporal_compression", "1", "frames that the encoder folds into one latent frame"),
    Input("frames_per_second", "image/video_second", "frames in a second of video"),
    Input("clip_minutes", "video_minute", "length of a training clip"),
    Input("video_share", "1", "share of the training data that is video", *SHARE),
    Input("tiktok_ai_penetration", "1", "share of TikTok's uploaded minutes made by AI", *SHARE),
    Input("youtube_ai_penetration", "1", "share of YouTube's uploaded minutes made by AI", *SHARE),
    Input("candidates_per_upload", "1", "videos generated for each one uploaded"),
    Input("peak_factor", "1", "peak of demand over its mean"),
    Input("tiktok_videos_per_day", "1/day", "videos uploaded to TikTok"),
    Input("tiktok_video_seconds", "video_second", "mean length of a TikTok video"),
    Input("youtube_minutes_per_day", "video_minute/day", "video uploaded to YouTube"),
    Input("dit_training_flop", "FLOP", "training compute of DiT-XL"),
    Input("dit_parameters", "1", "parameters of DiT-XL"),
    Input("dit_forward_flop", "FLOP/image", "one forward pass of DiT-XL: one image, one step"),
    Input("dit_diffusion_steps", "1", "denoising steps of DiT-XL for one image"),
    Input("training_days", "day", "length of the training run"),
    Input("gpu_peak", "FLOP/s", "peak dense BF16 rate of the GPU"),
    Input("gpu_power", "W", "power of the GPU"),
    Input("gpu_price", "USD/hour", "price of the GPU for an hour"),
    Input("power_overhead", "1", "server and facility power for each watt of GPU"),
    Input("demand_growth", "1", "factor on demand, from growth"),
    Input("inference_saving", "1", "factor on inference compute, from optimization"),
    Input("llama2_parameters", "1", "parameters of Llama 2"),
    Input("gpt4_active_parameters", "1", "parameters of GPT-4 active for a token"),
    Input("document_tokens", "token", "tokens of a text document"),
    Input("block_parameters", "1", "parameters of a transformer block, over its width squared"),
    Input("width_per_layer", "1", "width of the transformer, over its layers"),
    Input("training_tokens", "token", "latent tokens that the model is trained on"),
    Input("training_context_tokens", "token", "tokens that one attends to in training, mean over tokens"),
    Input("tokens_per_second", "token/video_second", "latent tokens in a second of video"),
    Input("context_seconds", "video_second", "length of video that is attended to at once"),
    Input("attention_density", "1", "share of the pairs of tokens that attend to each other", *SHARE),
    Input("guidance_passes", "1", "passes through the model for each step: 2 with classifier-free guidance"),
    Input("decode_overhead", "1", "decoder and text encoder, as a share of the denoiser's compute"),
)
CONSTANTS = (
    Constant("seconds_per_minute", 60.0, "video_second/video_minute", "seconds of video in a minute of video"),
    Constant("seconds_per_hour", 3600.0, "s/hour", "seconds in an hour"),
    Constant("seconds_per_day", 86400.0, "s/day", "seconds in a day"),
    Constant("hours_per_day", 24.0, "hour/day", "hours in a day"),
    Constant("month_days", 30.0, "day", "days in the month of an H100-month"),
    Constant("watts_per_megawatt", 1e6, "W/MW", "watts in a megawatt"),
    Constant("dit_images_per_sample", 1.0, "image", "images in one training sample of DiT"),
    Constant("h100_peak", 989.4e12, "FLOP/s", "peak dense BF16 rate of an H100 SXM"),
    Constant("flop_per_parameter_token", 2.0, "FLOP/token", "a multiply and an add for each parameter"),
    Constant("flop_per_trained_token", 6.0, "FLOP/token", "forward and backward, for each parameter and token"),
    Constant("attention_share", 2.0, "1/token", "attention's 4 n d FLOP over a block's 2 b d^2, as 2 n / b d"),
)
