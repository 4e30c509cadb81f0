"""The workspace: a run after an edit computes what the edit touches, to the bits of a run that is drawn by itself."""

import itertools
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from simulator import InputError, load_priors, simulate
from simulator.compute.graph import Quantity
from simulator.distributions.families import FAMILIES
from simulator.engine import workspace
from simulator.engine.sampling.quantile_table import QuantileTable
from simulator.engine.workspace import Workspace, apart

from ..helpers import SET, same

DRAWS = 4096
ENDS = (0.5, 0.7), (0.8, 1.0)  # between which shares of its 30 % quantile an edited prior lies
KNOWN = {"latent_frames_per_clip", "latent_frames_per_minute"}  # quantities of SET that nothing uncertain enters


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    made = Workspace()

    token = workspace._SHARED.set(made)
    yield made
    workspace._SHARED.reset(token)


@pytest.fixture
def counted(monkeypatch):
    """How often each quantity was evaluated, and each distribution drawn."""
    found = Counter()
    evaluate, draw = Quantity.__call__, QuantileTable.__call__

    def called(self, known):
        found[self.name] += 1
        return evaluate(self, known)

    def drawn(self, points):
        found[self.distribution.text] += 1
        return draw(self, points)

    monkeypatch.setattr(Quantity, "__call__", called)
    monkeypatch.setattr(QuantileTable, "__call__", drawn)
    return found


INSIDE = """
choice(values=[{a}, {b}], weights=[0.3, 0.7])
empirical(values=[{a}, {b}, {c}])
mixture(weights=[0.4, 0.6], a=uniform(low={a}, high={b}), b=triangular(low={a}, mode={b}, high={c}))
truncate(prior=lognormal(median={b}, sigma=0.3), low={a}, high={c})
truncate(prior=gamma(shape=9, scale={ninth}), low={a}, high={c})
truncate(prior=student_t(df=3, p5={a}, p95={c}), low={a}, high={c})
clip(prior=normal(p5={a}, p95={c}), low={a}, high={c})
given(prior=uniform(low={a}, high={c}), shift=0.3, spread=0.8)
given(prior=pert(low={a}, mode={b}, high={c}), slope=0.6, low=-1, high=0.5)
metalog(p10={b}, p50={middle}, p90={c}, low={a}, high={beyond})
logitnormal(mu=0.2, sigma=0.5, low={a}, high={c})
uniform(low={a}, high={c})
loguniform(low={a}, high={c})
triangular(low={a}, mode={b}, high={c})
pert(low={a}, mode={b}, high={c})
beta(a=2, b=3, low={a}, high={c})
beta(p5={b}, p95={middle}, low={a}, high={c})
{a} * uniform(low=0.5, high=1)
{b}
""".split("\n")[1:-1]


def edits(chosen, rng, count):
    """Edits of one or two random priors, of each family in turn, all within what each prior may be."""
    above = [n for n in chosen.uncertain if chosen.priors[n].distribution.quantile(0.3) > 0.0]
    texts = itertools.cycle(INSIDE)
    for _ in range(count):
        names, edit = rng.choice(above, size=rng.integers(1, 3), replace=False), {}
        for name in map(str, names):
            low, high = (float(chosen.priors[name].distribution.quantile(0.3) * rng.uniform(*f)) for f in ENDS)
            place = {
                key: repr(low + share * (high - low))
                for key, share in {"a": 0, "b": 0.2, "middle": 0.5, "c": 0.8, "beyond": 1}.items()
            }
            edit[name] = next(texts).format(ninth=repr(low / 9), **place)
        yield edit


def test_the_edits_are_of_every_family():
    held = " ".join(INSIDE)
    assert [family for family in FAMILIES if f"{family}(" not in held] == []


@pytest.mark.parametrize("name", ["plappert-2024", "calibrated-2026", "evidence-2026"])
def test_an_edited_run_has_the_bits_of_one_that_is_drawn_alone(name):
    chosen, rng, differ = load_priors(name), np.random.default_rng(7), 0
    simulate(chosen, draws=DRAWS)
    for i, edit in enumerate(edits(chosen, rng, 34)):
        edited = chosen.edited(edit)
        warm = simulate(edited, draws=DRAWS, keep=0 if i % 3 == 2 else None)
        with apart():
            cold = simulate(edited, draws=DRAWS, keep=0 if i % 3 == 2 else None)
        assert same(warm, cold), edit
        assert warm.correlations == cold.correlations
        differ += json.dumps(warm.summary().to_json()) != json.dumps(simulate(chosen, draws=DRAWS).summary().to_json())
    assert differ > 20


def test_years_and_crossings_too():
    chosen = load_priors("projected-2030").through((2026, 2028))
    simulate(chosen, draws=512)
    for edit in (
        {"trends.demand_growth": 1.5},
        {"peak_factor": 2},
        {"inference_saving": "uniform(low=0.2, high=0.9)"},
    ) * 2:
        warm = simulate(chosen.edited(edit), draws=512, when=["inference_h100s > 1e6"])
        with apart():
            assert same(warm, simulate(chosen.edited(edit), draws=512, when=["inference_h100s > 1e6"]))


@pytest.mark.parametrize(("sampler", "exact", "seed"), [("random", False, 1), ("sobol", True, 1), ("sobol", False, 2)])
def test_what_draws_otherwise_is_drawn_anew(sampler, exact, seed):
    simulate(SET, draws=DRAWS)
    warm = simulate(SET, draws=DRAWS, sampler=sampler, exact=exact, seed=seed)
    with apart():
        assert same(warm, simulate(SET, draws=DRAWS, sampler=sampler, exact=exact, seed=seed))


def test_only_what_an_edit_touches_is_computed(counted):
    simulate(SET, draws=DRAWS)
    simulate(SET.edited({"peak_factor": 1.5}), draws=DRAWS)  # from here on values are held
    simulate(SET.edited({"peak_factor": 1.7}), draws=DRAWS)
    counted.clear()
    simulate(SET.edited({"peak_factor": "uniform(low=1, high=3)"}), draws=DRAWS)
    drawn = {"inference_gpus", "inference_h100s", "uniform(low=1, high=3)"}
    assert counted.keys() - KNOWN == drawn
    assert not any(counted[name] - 1 for name in drawn)
    counted.clear()
    simulate(SET.edited({"peak_factor": "uniform(low=1, high=3)"}), draws=DRAWS)
    assert counted.keys() <= KNOWN
    simulate(SET, draws=DRAWS, seed=5)
    assert len(counted) > 30


def test_a_large_run_leaves_nothing_but_what_somebody_holds(fresh, counted):
    first = simulate(SET, draws=300_000, store=False)
    counted.clear()
    second = simulate(SET.edited({"peak_factor": 1.5}), draws=300_000, store=False)
    assert second.samples["training_flop"] is first.samples["training_flop"]
    assert "training_flop" not in counted
    assert counted["inference_h100s"]
    del first, second
    counted.clear()
    simulate(SET, draws=300_000, store=False)
    assert counted["training_flop"]
    assert not fresh._held


def test_memory_has_a_bound():
    held = Workspace(most=1000)
    for i in range(50):
        held.hold(("values", i, (1, 1)), np.zeros(25), 200)
        assert (("values", 0, (1, 1)) in held._held) == (i < 5)
    assert held._size == 1000
    assert len(held._held) == 5
    held.hold(("values", 99, (1, 1)), np.zeros(1000), 8000)
    assert held.find(("values", 99, (1, 1))) is None
    assert held.find(("values", 49, (1, 1))) is not None


def test_what_is_shared_cannot_be_changed():
    run = simulate(SET, draws=DRAWS)
    with pytest.raises(ValueError, match="read-only"):
        run.prior_draws["peak_factor"][0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        run.samples["training_flop"].rows[0, 0] = 1.0
    run.draws_of("peak_factor")[0, 0] = 1.0  # a copy


def test_a_run_that_cannot_be_leaves_nothing_and_says_the_same():
    simulate(SET, draws=DRAWS)
    edited = SET.edited({"inference_mfu": "1e-300 * uniform(low=0.5, high=1)"})
    told = []
    for _ in range(2):
        with pytest.raises(InputError) as warm:
            simulate(edited, draws=DRAWS)
        told.append(str(warm.value))
    with apart(), pytest.raises(InputError) as cold:
        simulate(edited, draws=DRAWS)
    assert told == [str(cold.value)] * 2


def test_threads_may_share_it():
    sets = [SET.edited({"peak_factor": 1.0 + i % 4}) for i in range(16)]
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda s: simulate(s, draws=DRAWS), sets))
    for chosen, run in zip(sets[:4], runs[12:], strict=True):
        with apart():
            assert same(run, simulate(chosen, draws=DRAWS))
