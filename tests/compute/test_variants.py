"""The compute model: units proved with pint, the essay's figures, the graph."""

import inspect

import numpy as np
import pytest

from simulator import load_priors
from simulator.analyses.essay import counts, demand_both_ways, figures
from simulator.base.errors import InputError
from simulator.compute import graph, inputs, units
from simulator.compute.headline import HEADLINE
from simulator.compute.proof import in_units
from simulator.compute.variants import VARIANTS, model

OF_GPU = ["gpu_price", "gpu_capex", "gpu_life", "gpu_opex", "discount_rate"]
QUANTITIES = [(v, q) for v in VARIANTS for q in model(v).quantities]
RNG = np.random.default_rng(5)
ANY = {p.name: float(RNG.uniform(0.2, 0.9)) if p.high == 1 else float(RNG.uniform(2, 9)) for p in inputs.PRIORS}
ANY["gpu_opex"] = 0.1  # so that a GPU has a payback


@pytest.mark.parametrize(("variant", "name"), QUANTITIES)
def test_units_are_proved(variant, name):
    """The float result is the pint result in the declared unit, to 1e-12."""
    m = model(variant)
    floats = m.evaluate(ANY, m.quantities)
    values = ANY | {c.name: c.value for c in m.constants.values()} | floats
    assert floats[name] == pytest.approx(in_units(m, m.quantities[name], values), rel=1e-12)


@pytest.mark.parametrize(("variant", "name"), QUANTITIES)
def test_each_quantity_explains_itself(variant, name):
    q = model(variant).quantities[name]
    assert q.text.endswith(".")
    assert len(q.text) < 100
    assert q.formula
    source = inspect.getsource(q.function).split('"""')[-1].replace("(1 + ", "(")  # a share on top is no conversion
    assert not any(c.isdigit() and not source[i - 1].isalnum() for i, c in enumerate(source)), "a bare literal"


def test_units_of_the_registry_do_not_cancel_against_one_another():
    assert units.factor("TFLOP/s", "FLOP/s") == 1e12
    assert units.factor("million video_minute/day", "video_minute/day") == 1e6
    assert units.factor("1/hour", "1/day") == 24
    assert units.factor("video_minute", "video_second") == 60
    for unit, target in [("minute/day", "video_minute/day"), ("token", "image"), ("FLOP", "FLOP/s"), ("USD", "1")]:
        with pytest.raises(InputError, match="another dimension"):
            units.factor(unit, target)


def test_the_figures_of_the_essay():
    rows = figures()
    assert counts(rows) == {"holds": 20, "chart": 2, "fails": 2}
    assert [r.number for r in rows if r.verdict == "fails"] == [20, 21]
    assert [r.number for r in rows if r.verdict == "chart"] == [22, 23]
    both = demand_both_ways()
    assert both["15 %"] == {"flat": pytest.approx(123_856, abs=0.5), "peak": pytest.approx(990_849, abs=0.5)}
    assert both["5 %"] == {"flat": pytest.approx(88_232, abs=0.5), "peak": pytest.approx(705_856, abs=0.5)}


def test_the_point_set_holds_the_essays_numbers_as_known_values():
    chosen = load_priors("plappert-2024-point")
    known = {n: p.distribution.value for n, p in chosen.priors.items() if not p.uncertain}
    expected = {
        "parameters": 20.25e9,
        "dataset_multiplier": 4,
        "training_mfu": 1,
        "inference_mfu": 0.5,
        "youtube_ai_penetration": 0.15,
        "dit_forward_flop": 524.6e9,
        "gpu_peak": 989.4e12,
        "diffusion_steps": 250,
        "clip_minutes": 1,
        "training_days": 30,
    }
    assert {n: known[n] for n in expected} == expected
    assert chosen.uncertain == OF_GPU  # no numbers of the essay
    values = chosen.model.evaluate(known | dict.fromkeys(OF_GPU, 2.0), chosen.model.quantities)
    assert values["training_h100_months"] == pytest.approx(4211.3, abs=0.05)
    assert values["breakeven_minutes"] == pytest.approx(15.25e6, rel=1e-4)
    assert values["training_cost"] == pytest.approx(4211.28 * 720 * 2.0, rel=1e-5)
    assert values["inference_power"] == pytest.approx(990_849 * 700 * 1.7 / 1e6, rel=1e-5)
    assert values["breakeven_gpu_time_minutes"] == pytest.approx(15.25e6 / 2, rel=1e-4)


def test_the_headline_is_made_of_quantities():
    assert set(HEADLINE) <= set(model("dit-scaling").quantities)


def test_only_what_is_asked_for_is_planned():
    m = model("dit-scaling")
    assert [q.name for q in m.plan(["dit_flop_per_image"])] == ["dit_flop_per_image"]
    assert m.reads(["dit_flop_per_image"]) == ["dit_forward_flop", "dit_diffusion_steps", "flop_per_multiply_add"]
    with pytest.raises(InputError, match="did you mean 'inference_h100s'"):
        m.plan(["inference_h100"])
    with pytest.raises(InputError, match="it is a prior"):
        m.plan(["parameters"])


def test_a_cycle_and_an_unknown_input_are_programming_errors(monkeypatch):
    import types

    def module(**functions):
        made = types.ModuleType("made")
        for name, function in functions.items():
            function.__name__, function.__module__ = name, "made"
            setattr(made, name, graph.quantity("1")(function))
        return made

    with pytest.raises(ValueError, match="made from itself"):
        graph.Model("m", [module(a=lambda b: b, b=lambda a: a)], [], [])
    with pytest.raises(ValueError, match="unknown inputs"):
        graph.Model("m", [module(a=lambda nothing: nothing)], [], [])
