"""Token accounting that predicts GPU time: three published cases by hand, its limits, and priors that came later."""

import math
import tomllib

import numpy as np
import pytest

from simulator import load_priors, simulate
from simulator.compute.variants import model
from simulator.priors.files import shipped

BOTH = model("token-accounting"), model("token-utilization")
RNG = np.random.default_rng(8)
NEUTRAL = {
    "training_mfu_size_exponent": 0.0,
    "mfu_peak_exponent": 0.0,
    "sequence_parallel_exponent": 0.0,
    "kernel_gain": 1.0,
    "training_discrepancy": 1.0,
    "inference_discrepancy": 1.0,
    "encoder_flop_per_token": 0.0,
    "encoders_online": 1.0,
    "decoder_flop_per_token": 0.0,
}


def known(case):
    """What a shipped case knows."""
    data = tomllib.loads((shipped() / "cases" / f"{case}.toml").read_text())
    return {name: float(entry["prior"]) for name, entry in data["priors"].items()}


@pytest.mark.parametrize("draw", range(8))
def test_at_neutral_values_it_is_token_accounting(draw):
    old, new = BOTH
    shared = {name: float(RNG.uniform(0.1, 0.6)) for name in {**old.inputs, **new.inputs}}
    a = old.evaluate(shared | {"decode_overhead": 0.0}, old.quantities)
    mfus = {f"reference_{kind}_mfu": shared[f"{kind}_mfu"] for kind in ("training", "inference")}
    ceilings = {f"{kind}_ceiling": 1.0 for kind in ("training", "inference")}
    b = new.evaluate(shared | NEUTRAL | mfus | ceilings, new.quantities)
    for name in set(a) & set(b):
        assert b[name] == pytest.approx(a[name], rel=1e-12), name
    assert set(a) - set(b) == set()
    assert set(b) - set(a) == {"training_utilization", "inference_utilization", "project_gpu_hours"}


def test_wan_on_an_a100_by_hand():
    """14 billion, 75,600 tokens, 100 passes, at 0.41 (312 / 989.4)^-0.28 of the A100's peak, and the decoder."""
    at = known("wan-2.1-14b-720p-a100") | NEUTRAL | {"inference_saving": 1.0, "inference_ceiling": 1.1}
    at |= {"gpu_peak": 312e12, "clip_gpus": 1.0, "reference_inference_mfu": 0.41, "mfu_peak_exponent": -0.28}
    at |= {"decoder_flop_per_token": 3e11}
    made = BOTH[1].evaluate(at, ["gpu_seconds_per_second"])
    tokens = 14_933 * 5.0625
    width = (128 * 14e9 / 13.35) ** (1 / 3)
    flop = tokens * 100 * 2 * 14e9 * (1 + 2 * tokens / (13.35 * width))
    utilization = 0.41 * (312 / 989.4) ** -0.28
    seconds = (flop / utilization + tokens * 3e11) / 312e12
    assert utilization == pytest.approx(0.5664, abs=5e-5)
    assert made["gpu_seconds_per_second"] == pytest.approx(seconds / 5.0625, rel=1e-12)
    assert made["gpu_seconds_per_second"] == pytest.approx(774, abs=0.5)  # 660 were measured


def test_wan_on_eight_h100_by_hand():
    """Eight GPUs for a clip: 8^-0.107 is 1 / 1.25, as was measured; the GPU time of all of them is counted."""
    at = known("wan-2.1-14b-720p-8xh100") | NEUTRAL | {"inference_saving": 1.0, "inference_ceiling": 1.1}
    at |= {"gpu_peak": 989.4e12, "reference_inference_mfu": 0.41}
    at |= {"clip_gpus": 8.0, "sequence_parallel_exponent": -math.log(1.25) / math.log(8)}
    many = BOTH[1].evaluate(at, ["gpu_seconds_per_second"])["gpu_seconds_per_second"]
    one = BOTH[1].evaluate(at | {"clip_gpus": 1.0}, ["gpu_seconds_per_second"])["gpu_seconds_per_second"]
    assert many / one == pytest.approx(1.25, rel=1e-12)
    tokens = 14_933 * 5.0625
    flop = 14_933 * 100 * 2 * 14e9 * (1 + 2 * tokens / (13.35 * (128 * 14e9 / 13.35) ** (1 / 3)))
    assert many == pytest.approx(1.25 * flop / 0.41 / 989.4e12, rel=1e-12)


def test_open_sora_by_hand():
    """1.1 billion on 7.3e11 tokens: the text and video encoders, in the loop, take more GPU time than the model."""
    at = known("open-sora-1.2-gpu-hours") | NEUTRAL | {"training_ceiling": 0.75, "gpu_peak": 989.4e12}
    at |= {"reference_training_mfu": 0.30, "training_mfu_size_exponent": 0.34}
    at |= {"encoder_flop_per_token": 2e10, "encoders_online": 1.0}
    made = BOTH[1].evaluate(at, ["training_gpu_hours", "training_utilization"])
    ratio = 0.0172 * 2 * 27_600 / (14.8 * (20.6 * 1.1e9 / 14.8) ** (1 / 3))
    flop = 6 * 1.1e9 * 7.3e11 * (1 + ratio)
    utilization = 0.30 * 0.11**0.34
    assert utilization == pytest.approx(0.1416, abs=5e-5)
    assert made["training_utilization"] == pytest.approx(utilization, rel=1e-12)
    hours = (flop / utilization + 2e10 * 7.3e11) / 989.4e12 / 3600
    assert made["training_gpu_hours"] == pytest.approx(hours, rel=1e-12)
    assert made["training_gpu_hours"] == pytest.approx(14_180, abs=5)  # 35,000 were told
    offline = BOTH[1].evaluate(at | {"encoders_online": 0.0}, ["training_gpu_hours"])["training_gpu_hours"]
    assert offline == pytest.approx(flop / utilization / 989.4e12 / 3600, rel=1e-12)


def test_no_gpu_is_used_beyond_its_ceiling():
    run = simulate("utilization-2026", draws=16_000, quantities=["training_utilization", "inference_utilization"])
    for name, ceiling in (("training_utilization", 0.75), ("inference_utilization", 1.1)):
        x = run.draws_of(name)
        assert x.max() == pytest.approx(ceiling, rel=1e-6)
        assert 0.0 < (x >= ceiling * (1 - 1e-6)).mean() < 0.2
        assert x.min() > 0.0


def test_volume_and_price_of_a_minute_go_together():
    from scipy.stats import spearmanr

    run = simulate(
        "utilization-2026", draws=65_536, quantities=["generated_minutes_per_day", "inference_cost_per_minute"]
    )
    a, b = (run.draws_of(name).ravel() for name in run.quantities)
    assert spearmanr(a, b)[0] == pytest.approx(-0.5, abs=0.02)


LATER = ("flop_per_multiply_add", "video_model_share", "other_demand")


def test_a_set_of_before_is_read_with_neutral_values_and_a_note(cli, here):
    """A file of version 0.1 gives none of the priors that came later."""
    text = (shipped() / "plappert-2024-point.toml").read_text()
    data = tomllib.loads(text)
    for name in LATER:
        start = text.index(f"[priors.{name}]")
        end = text.find("\n[", start)
        text = text[:start] + text[end + 1 :]
    (here / "old.toml").write_text(text)
    old, new = load_priors("old.toml"), load_priors("plappert-2024-point")
    assert set(tomllib.loads(text)["priors"]) == set(data["priors"]) - set(LATER)
    assert [old.prior(name).distribution.known for name in LATER] == [1.0, 1.0, 1.0]
    assert old.canonical() == new.canonical()
    (note,) = old.notes
    assert note == (
        "the set does not give these priors, which came later than it: flop_per_multiply_add = 1, "
        "video_model_share = 1, other_demand = 1 changes nothing"
    )
    outcome = cli("--priors", "old.toml", "-n", "1600", "--no-save")
    assert outcome.code == 0
    assert note[:40] in " ".join(outcome.err.split())
    assert type(old).from_json(old.to_json()) == old


def test_a_stored_set_of_before_is_read_with_neutral_values():
    told = load_priors("plappert-2024").to_json()
    for name in LATER:
        del told["priors"][name]
    found = type(load_priors("plappert-2024")).from_json(told)
    assert [found.prior(name).distribution.known for name in LATER] == [1.0, 1.0, 1.0]
    assert found.notes


def test_what_a_set_goes_without_is_checked(here):
    def made(without):
        (here / "mine.toml").write_text(
            f'title = "m"\nvariant = "token-utilization"\nextends = ["evidence-2026"]\nwithout = {without}\n'
        )
        try:
            load_priors("mine.toml")
        except Exception as error:
            return error.lines
        return ()

    assert any("without: 'a' is not a list of names" in line for line in made('"a"'))
    assert any("no set beneath gives a prior 'training_mfuu'; did you mean" in x for x in made('["training_mfuu"]'))
    assert not any("reads no prior" in x for x in made('["training_mfu", "inference_mfu", "decode_overhead"]'))
    assert any("priors.training_mfu: token-utilization reads no prior of this name" in x for x in made("[]"))


def test_a_gpu_may_say_what_one_variant_alone_reads():
    """New kernels are for Hopper and later: an A100 has none of their gain, and other variants pass that over."""
    assert load_priors("calibrated-2026", gpu="a100").prior("kernel_gain").distribution.known == 1
    assert load_priors("calibrated-2026", gpu="h200").prior("kernel_gain").uncertain
    assert load_priors("calibrated-2026").on("a100").prior("kernel_gain").distribution.known == 1
    for name in ("plappert-2024", "evidence-2026"):
        assert "kernel_gain" not in load_priors(name, gpu="a100").priors
        assert "kernel_gain" not in load_priors(name).on("a100").priors
