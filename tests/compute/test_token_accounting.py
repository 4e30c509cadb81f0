"""Token accounting against published compute."""

import numpy as np
import pytest

from simulator import load_priors
from simulator.compute.variants import VARIANTS, model
from simulator.priors.files import available

TOKENS = model("token-accounting")


def computed(names, **known):
    return TOKENS.evaluate({"inference_saving": 1.0, "decode_overhead": 0.0, **known}, names)


def test_movie_gen_has_the_compute_that_is_published():
    """30 billion parameters on 9.2e12 tokens: 1.65e24 FLOP by 6 P T, 3.2e24 with attention (arXiv:2410.13720)."""
    known = {
        "parameters": 30e9,
        "block_parameters": 16.6,
        "width_per_layer": 128.0,
        "training_context_tokens": 46_634.0,
        "training_tokens": 1.94e9 * 256 + 395e6 * 8192 + 73.8e6 * 73_728,
    }
    plain, full = (computed(["training_flop", "model_width"], attention_density=d, **known) for d in (0.0, 1.0))
    assert plain["training_flop"] == pytest.approx(1.65e24, rel=5e-3)
    assert full["training_flop"] == pytest.approx(3.17e24, rel=5e-3)
    assert full["model_width"] == pytest.approx(6144, rel=2e-3)
    weights = np.array([1.94e9 * 256, 395e6 * 8192, 73.8e6 * 73_728])
    mean = float(weights @ np.array([256, 8192, 73_728]) / weights.sum())
    assert mean == pytest.approx(46_634, rel=1e-3)  # the token-weighted context


def test_wan_has_the_width_tokens_and_attention_that_are_published():
    """14 billion parameters, 81 frames of 1280 x 720 at 16 a second (arXiv:2503.20314)."""
    tokens = (1 + 80 // 4) * (720 // 16) * (1280 // 16)
    assert tokens == 75_600
    seconds = 81 / 16
    made = computed(
        ["model_width", "attention_ratio", "inference_flop_per_minute"],
        parameters=14e9,
        block_parameters=13.35,
        width_per_layer=128.0,
        tokens_per_second=tokens / seconds,
        context_seconds=seconds,
        attention_density=1.0,
        diffusion_steps=50.0,
        guidance_passes=2.0,
    )
    assert made["model_width"] == pytest.approx(5120, rel=1e-3)
    assert made["attention_ratio"] == pytest.approx(2.21, abs=0.005)
    clip = tokens * 2 * 14e9 * 100 * 3.21
    assert made["inference_flop_per_minute"] == pytest.approx(clip * 60 / seconds, rel=1e-3)
    assert clip == pytest.approx(6.8e17, rel=0.01)  # one clip has the compute of the essay's minute


@pytest.mark.parametrize("density", [1.0, 0.4])
def test_a_plain_block_attends_with_n_over_6d(density):
    made = computed(
        ["attention_ratio", "training_attention_ratio", "model_width"],
        parameters=12e9,
        block_parameters=12.0,
        width_per_layer=100.0,
        tokens_per_second=1000.0,
        context_seconds=6.0,
        attention_density=density,
        training_context_tokens=9000.0,
    )
    assert made["attention_ratio"] == pytest.approx(density * 6000 / (6 * made["model_width"]))
    assert made["training_attention_ratio"] == pytest.approx(density * 9000 / (6 * made["model_width"]))


def test_every_variant_is_used_by_a_shipped_set():
    assert {load_priors(name).variant for name in available()} == set(VARIANTS)
