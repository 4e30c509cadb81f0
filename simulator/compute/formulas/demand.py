"""Demand: from what platforms receive in a day to the GPUs that serve its peak."""

from ..graph import quantity


@quantity("video_minute/day")
def tiktok_ai_minutes_per_day(tiktok_videos_per_day, tiktok_video_seconds, tiktok_ai_penetration, seconds_per_minute):
    """Minutes of AI video uploaded to TikTok in a day."""
    return tiktok_videos_per_day * tiktok_video_seconds * tiktok_ai_penetration / seconds_per_minute


@quantity("video_minute/day")
def youtube_ai_minutes_per_day(youtube_minutes_per_day, youtube_ai_penetration):
    """Minutes of AI video uploaded to YouTube in a day."""
    return youtube_minutes_per_day * youtube_ai_penetration


@quantity("video_minute/day")
def ai_minutes_per_day(tiktok_ai_minutes_per_day, youtube_ai_minutes_per_day):
    """Minutes of AI video uploaded in a day."""
    return tiktok_ai_minutes_per_day + youtube_ai_minutes_per_day


@quantity("video_minute/day")
def generated_minutes_per_day(
    ai_minutes_per_day, video_model_share, other_demand, candidates_per_upload, demand_growth
):
    """Minutes of video generated in a day, candidates that are thrown away included.

    Of what platforms call AI-generated, video models make a share (stills, voices and effects are others'); other
    platforms, and what is never uploaded, are a factor over TikTok and YouTube.
    """
    return ai_minutes_per_day * video_model_share * other_demand * candidates_per_upload * demand_growth


@quantity("1")
def inference_gpus_average(generated_minutes_per_day, minutes_per_gpu_hour, hours_per_day):
    """GPUs that serve the demand if it is spread evenly."""
    return generated_minutes_per_day / (minutes_per_gpu_hour * hours_per_day)


@quantity("1")
def inference_gpus(inference_gpus_average, peak_factor):
    """GPUs that serve the demand at its peak."""
    return inference_gpus_average * peak_factor


@quantity("1")
def inference_h100s(inference_gpus, gpu_peak, h100_peak):
    """H100-equivalents that serve the demand at its peak."""
    return inference_gpus * gpu_peak / h100_peak
