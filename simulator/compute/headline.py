"""What is told of the shipped variants of the compute model."""

from .telling import Telling

HEADLINE = (
    "training_flop",
    "training_h100s",
    "inference_flop_per_minute",
    "minutes_per_gpu_hour",
    "breakeven_minutes",
    "breakeven_days",
    "inference_h100s",
)
COUNTS = {"training_h100s": "training_gpus", "inference_h100s": "inference_gpus"}
"""H100-equivalents, and the counts of the chosen GPU that stand beside them."""
STORY = (
    ("training_h100s", "Training takes {} H100-equivalents {}"),
    ("breakeven_minutes", "inference has cost more than training after {} minutes of video {}"),
    ("inference_h100s", "serving the demand at its peak takes {} H100-equivalents {}"),
)
"""The quantities that the headline sentence tells: its clauses, with median and interval."""
PIECES = "A video that is longer than the context is taken to be generated piece by piece, without overlap."
CAVEATS = {
    "dit-scaling": (
        "The model scales the Diffusion Transformer's compute linearly. Its paper counts multiply-adds; "
        "flop_per_multiply_add says how many FLOP each is: 2, as GPU peaks count, or 1, as the essay does. The "
        "breakeven is not affected.",
        "Left out, unless a prior holds it: memory bandwidth, capacity and communication (through the MFU), guidance, "
        "attention's growth with length, the decoder, bursts beyond the peak factor, and growth of demand.",
    ),
    "token-accounting": (
        "The model counts the FLOP of a transformer on latent tokens. Memory bandwidth, capacity and communication are "
        "in the MFU alone; experiments, failed runs, data processing and safety filters are left out of training.",
        PIECES,
    ),
    "token-utilization": (
        "The model counts the FLOP of a transformer on latent tokens, and predicts the utilization of the GPUs from "
        "the size of the model, the GPU and the code. Failed runs, experiments, data processing and safety filters are "
        "in project_gpu_hours alone.",
        PIECES,
    ),
}
"""What a reader of a variant's numbers must know, whatever the priors."""
LAYERS = {"GPU": ("gpu_peak", "gpu_power", "gpu_price", "gpu_capex", "gpu_life", "gpu_opex")}
"""Priors that come from one layer and change together."""
CHANGES = {
    ("flop_per_multiply_add", 2.0): "DiT's paper counts multiply-adds, and a GPU's peak counts both operations: FLOP "
    "and GPUs are twice what the essay's way of counting gives (flop_per_multiply_add = 2, in place of its 1).",
}
"""What is said under a headline where a prior has a known value: (prior, value) to sentence."""
MODALITIES = (
    ("A minute of video", "inference_flop_per_minute"),
    ("An image (DiT-XL)", "dit_flop_per_image"),
    ("A document by GPT-4", "gpt4_flop_per_document"),
    ("A document by Llama 2", "llama2_flop_per_document"),
)
"""Outputs that a minute of video is held against: what each is, and the quantity of its compute."""
DEMAND_STEPS = (
    ("bare demand, every factor 1", ()),
    ("growth of demand", ("demand_growth",)),
    ("candidates per upload", ("candidates_per_upload",)),
    ("inference MFU", ("inference_mfu",)),
    ("peak factor", ("peak_factor",)),
)
"""The factors of the demand, in the order in which the essay multiplies them; at 1 until released."""
PLATFORMS = (("TikTok", "tiktok_ai_minutes_per_day"), ("YouTube", "youtube_ai_minutes_per_day"))
"""The platforms whose uploads are counted, each with its quantity."""
ABOUT = (
    "How much compute it takes to train a video model of the size of Sora, and to serve what people make with it: "
    "an estimate with its uncertainty, for readers who plan, fund or question such systems."
)
TESTED = "calibrated-2026"
TOLD = {
    variant: Telling(
        HEADLINE, STORY, caveats, LAYERS, COUNTS, CHANGES, MODALITIES, DEMAND_STEPS, PLATFORMS, ABOUT, TESTED
    )
    for variant, caveats in CAVEATS.items()
}
"""The telling of each variant: all tell of video, but for their caveats."""
