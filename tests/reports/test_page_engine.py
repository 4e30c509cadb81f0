"""The engine of the page against the program: the same points, the same values, the same words, in a browser."""

import json
import math
import shlex

import numpy as np
import pytest

from simulator import InputError, load_priors, simulate
from simulator.base.known import Known
from simulator.cli.options import edits as read
from simulator.compute.variants import VARIANTS, model
from simulator.distributions.families import FAMILIES, parse
from simulator.engine.sampling.prior_sampler import PriorSampler, known
from simulator.engine.sampling.quantile_table import TOLERANCE, exactly
from simulator.priors.files import available, shipped
from simulator.priors.toml import toml
from simulator.reports.interactive.expressions import Untranslatable
from simulator.reports.interactive.formulas import kernel
from simulator.reports.interactive.page import engine
from simulator.reports.interactive.payload import models_of, payload
from simulator.reports.interactive.translate import translated

from ..browser import needs_chromium

SETS = sorted(p.stem for p in shipped().glob("*.toml"))
GPUS = ("", "a100", "b200")
PLACES = list(range(5, 16384, 331))  # of the page's draws, about three of each replicate
ASKED = """
const [state, places, wanted] = arguments, e = window.engine, w = e.world(state), list = (v) => Array.from(v, String);
const at = (v) => list(places.map((i) => v.length > 1 ? v[i] : v[0]));
const names = w.priors.map((p) => p.name), quantities = w.quantities.map((q) => q.name);
const ends = (s) => [s.median, s.low, s.high].flatMap((e) => [e.value, e.mcse]), told = (n) => list(ends(w.summary(n)));
const drawn = (n) => { const points = w.points(n); return places.map((i) => points[i]); };
return { mistakes: w.mistakes, name: w.name, trust: w.trust, texts: w.priors.map((p) => p.text),
  points: Object.fromEntries(w.priors.filter((p) => p.uncertain).map((p) => [p.name, drawn(p.name)])),
  priors: Object.fromEntries(names.map((n) => [n, at(w.values(n))])),
  quantities: Object.fromEntries(quantities.map((n) => [n, at(w.values(n))])),
  summaries: Object.fromEntries((wanted || w.headline).map((n) => [n, told(n)])),
  sentence: e.sentence(w), command: e.command(w), toml: e.toml(w) };
"""
# One text of each family and form, for a prior whose median is m: shares stay shares.
FORMS = (
    "lognormal(p5={a}, p95={b})|lognormal(mean={m}, sd={s})|lognormal(median={m}, sigma=0.3)|normal(mean={m}, sd={t})|"
    "normal(p5={a}, p95={b})|uniform(low={a}, high={b})|uniform(mean={m}, sd={t})|loguniform(low={a}, high={b})|"
    "loguniform(mean={m}, sd={t})|triangular(low={a}, mode={m}, high={b})|pert(low={a}, mode={m}, high={b})|"
    "beta(p5={a}, p95={b}, low=0, high={c})|beta(a=2, b=5, low=0, high={b})|"
    "gamma(p5={a}, p95={b})|gamma(mean={m}, sd={t})|"
    "logitnormal(p5={a}, p95={b}, low=0, high={c})|"
    "truncate(prior=student_t(df=4, loc={m}, scale={t}), low={a}, high={b})|"
    "metalog(p10={a}, p50={m}, p90={b}, low=0, high={c})|metalog(p5={a}, p50={m}, p95={b}, low=0)|{m}|"
    "metalog(p5={a}, p25={f}, p50={m}, p75={g}, p95={b}, low=0, high={c})|choice(values=[{a}, {m}, {b}])|"
    "choice(values=[{a}, {b}], weights=[0.3, 0.7])|empirical(values=[{a}, {m}, {m}, {b}])|"
    "mixture(a={m}, b=uniform(low={a}, high={b}), weights=[0.3, 0.7])|"
    "mixture(a=lognormal(p5={a}, p95={m}), b=truncate(prior=gamma(mean={m}, sd={t}), high={b}), weights=[0.4, 0.6])|"
    "truncate(prior=normal(mean={m}, sd={s}), low={a}, high={b})|truncate(prior=beta(a=2, b=3, high={c}), low={a})|"
    "truncate(prior=lognormal(median={m}, sigma=0.5), high={b})|"
    "clip(prior=normal(mean={m}, sd={s}), low={a}, high={b})|"
    "given(prior=lognormal(p5={a}, p95={b}), shift=0.4, spread=0.8)|"
    "given(prior=gamma(mean={m}, sd={t}), slope=0.5, low=0.2)|"
    "{m} / lognormal(mu=0, sigma=0.2)|{a} + {m} * beta(a=2, b=3)|1 / lognormal(p5={i}, p95={j})|"
    "{m} * lognormal(mu=0, sigma=0.1) * lognormal(mu=0, sigma=0.1)"
).split("|")


def edits_of(chosen, count, seed):
    """Random edits: of some prior of a set, a text of each form in turn."""
    rng = np.random.default_rng(seed)
    positive = [p for p in chosen.priors.values() if p.distribution.quantile(0.5) > 0.0]
    for k in range(count):
        prior = positive[rng.integers(len(positive))]
        m = prior.distribution.quantile(0.5)
        most = chosen.model.inputs[prior.name].high
        top = min(1.6 * m, 0.5 * (m + most)) if math.isfinite(most) else 1.6 * m
        low = m * float(rng.uniform(0.3, 0.8))
        top = top if top > m else 1.02 * m
        at = {
            "a": low,
            "b": top,
            "m": m,
            "s": 0.4 * m,
            "t": 0.12 * m,
            "c": 1.1 * top,
            "f": (low + m) / 2,
            "g": (m + top) / 2,
        }
        at |= {"i": 1 / top, "j": 1 / low}
        text = FORMS[(k + seed) % len(FORMS)].format(**{key: f"{value:.6g}" for key, value in at.items()})
        try:
            chosen.edited({prior.name: text})
        except InputError:  # a share that would surely lie above 1
            text = f"{m:.6g}"
        yield {prior.name: text}


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with the engine alone."""
    run = simulate("plappert-2024", draws=16384)
    data = json.dumps(payload(run), ensure_ascii=True).replace("<", "\\u003c")
    begin = 'window.engine = createEngine(JSON.parse(document.getElementById("data").textContent));'
    script = f'"use strict"; {engine(models_of(run))} {begin}'
    file = tmp_path_factory.mktemp("engine") / "page.html"
    file.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><script type="application/json" id="data">{data}</script>'
        f"<script>(() => {{{script}}})();</script>"
    )
    browser.get(file.as_uri())
    return browser


def asked(page, chosen, gpu="", edits=None, knows=None, places=PLACES, **more):
    state = {"set": chosen, "gpu": gpu, "edits": edits or {}, "knows": knows or {}, **more}
    return page.execute_script(ASKED, state, places, None)


def numbers(values):
    return np.array([float(v.replace("Infinity", "inf")) for v in values])


def held_against(found, chosen, exact):
    """The largest relative difference between the page's values and NumPy's at the page's points."""
    points = {n: np.array(p, dtype=np.int32) for n, p in found["points"].items()}
    assert set(points) == set(chosen.uncertain)
    values = {n: exactly(chosen.prior(n).distribution, p, special=exact) for n, p in points.items()}
    with np.errstate(all="ignore"):
        made = chosen.model.evaluate(
            {**{n: np.float64(v) for n, v in known(chosen).items()}, **values}, chosen.model.quantities
        )
    off = []
    for name, expected in {**values, **made}.items():
        got = numbers(found["quantities"].get(name) or found["priors"][name])
        expected = np.broadcast_to(expected, got.shape)
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        size = np.maximum(np.abs(expected), 1e-300)
        with np.errstate(invalid="ignore"):  # where both are infinite they are the same
            off.append(float(np.max(np.where(same, 0.0, np.abs(got - expected) / size), initial=0.0)))
    return max(off)


def check(page, name, gpu, edits, reference=None):
    chosen = load_priors(name, gpu=gpu or None, set=edits)
    found = asked(page, name, gpu, edits)
    assert found["mistakes"] == {}
    assert found["texts"] == [p.distribution.text for p in chosen.priors.values()]
    assert found["name"] == chosen.called
    assert found["trust"] == chosen.trust
    if not edits:
        assert held_against(found, chosen, exact=False) < 1e-12
    assert held_against(found, chosen, exact=True) < 1e-9, edits
    return chosen, found


@needs_chromium
@pytest.mark.parametrize("gpu", GPUS)
@pytest.mark.parametrize("name", SETS)
def test_each_set_has_the_values_of_numpy_on_the_pages_points(name, gpu, page):
    chosen, found = check(page, name, gpu, {})
    points = PriorSampler(chosen, 20240315, "sobol").first(1024)
    tied = {n for g in chosen.groups for n in g.names[1:]}
    for prior, here in found["points"].items():
        off = np.abs(points[prior].ravel()[PLACES].astype(np.int64) - np.array(here))
        assert off.max() <= (1 if prior in tied else 0)  # the last bit of a score may fall to either side


@needs_chromium
@pytest.mark.parametrize("seed", range(2))
def test_edits_of_every_family_have_the_values_of_numpy(seed, page):
    for k, name in enumerate(("plappert-2024", "calibrated-2026", "evidence-2026")):
        for edits in edits_of(load_priors(name), len(FORMS) // 2, seed=20 * seed + k):
            check(page, name, GPUS[(seed + k) % 3], edits)


@needs_chromium
def test_what_a_gpu_costs_to_own_is_not_told_where_its_layer_does_not_give_it(page):
    """Nor are the priors that stand for it: the page would tell a price of 0."""
    names = "(w) => [w.quantities.map((q) => q.name), w.priors.map((p) => p.name)]"
    asked_for = f"return ({names})(window.engine.world(arguments[0]))"
    for gpu, given in (("", True), ("tpu-v7", False), ("h200", True)):
        chosen = load_priors("plappert-2024", gpu=gpu or None)
        state = {"set": "plappert-2024", "gpu": gpu, "edits": {}, "knows": {}}
        quantities, priors = page.execute_script(asked_for, state)
        assert ("payback_years" in quantities) is given
        assert quantities == [q for q in chosen.model.quantities if not chosen.lacking(q)]
        assert ("gpu_capex" in priors) is given


def test_the_forms_are_of_all_families():
    said = " ".join(FORMS)
    assert {f for f in FAMILIES if f"{f}(" not in said} == set()


def beyond(found, names, gpu, edits, knows=None):
    """How many MCSEs the page's medians and intervals lie from those of a million draws.

    Beside what is no Monte Carlo error: the stated error of the tables, and a draw's place among 16,384, which counts
    where a single prior is uncertain and its Sobol points are all but evenly spaced.
    """
    given = edits | {n: Known(t) for n, t in (knows or {}).items()}
    run = simulate(names, gpu=gpu or None, set=given, draws=1_000_000, quantities=list(found["summaries"]))
    off = []
    for s in run.summary():
        told, sample = numbers(found["summaries"][s.name]), run.sample(s.name)
        for (value, error), e, p in zip(told.reshape(3, 2), (s.median, s.low, s.high), (0.5, 0.05, 0.95), strict=True):
            low, high = (sample.quantile(p + sign / 16384)[0] for sign in (-1, 1))
            apart = 0.0 if value == e.value else abs(value - e.value) - (high - low) - 2.0 * TOLERANCE * abs(e.value)
            off.append(max(apart, 0.0) / max(error, 1e-300))
    return off


@needs_chromium
def test_medians_and_intervals_are_those_of_a_million_draws(page):
    cases = [
        ("plappert-2024", "", {}, {}),
        ("calibrated-2026", "b200", {"candidates_per_upload": "uniform(low=1, high=6)"}, {}),
        ("calibrated-2026", "", {}, {"parameters": "2e9"}),
        ("evidence-2026", "a100", {"diffusion_steps": "choice(values=[8, 50], weights=[0.3, 0.7])"}, {}),
    ]
    for name, gpu, edits, knows in cases:
        found = asked(page, name, gpu, edits, knows)
        assert max(beyond(found, name, gpu, edits, knows)) < 4.0


@needs_chromium
@pytest.mark.calibration
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("gpu", GPUS)
def test_every_set_gpu_and_forty_edits(name, gpu, page):
    chosen, off = load_priors(name, gpu=gpu or None), []
    for edits in edits_of(chosen, 40, seed=SETS.index(name) + 100 * GPUS.index(gpu)):
        _, found = check(page, name, gpu, edits)
        off += beyond(found, name, gpu, edits)
    share = np.mean(np.array(off) > 4.0)  # Student's t with 15 degrees of freedom: 0.0012
    assert share < 0.004
    assert max(off) < 9.0


@needs_chromium
def test_the_command_the_file_and_the_state_are_one_set(page, tmp_path):
    edits = {"peak_factor": "lognormal(p5=1.5, p95=3)", "inference_mfu": "40%"}
    found = asked(page, "plappert-2024", "b200", edits, {"parameters": "2e10"})
    words = shlex.split(found["command"])
    given = {w: words[i + 1] for i, w in enumerate(words) if w in ("--priors", "--gpu")}
    sets = [words[i + 1] for i, w in enumerate(words) if w == "--set"]
    knows = [words[i + 1] for i, w in enumerate(words) if w == "--know"]
    told = read(tuple(sets)) | {n: Known(t) for n, t in read(tuple(knows)).items()}
    by_command = load_priors(given.get("--priors", "plappert-2024"), gpu=given["--gpu"], set=told)
    (tmp_path / "page.toml").write_text(found["toml"])
    by_file = load_priors(str(tmp_path / "page.toml"))
    assert by_command.digest == by_file.digest == load_priors("plappert-2024", gpu="b200", set=told).digest
    assert found["toml"] == toml(by_command)


MISTAKES = """
lognormal(p5=3, p95=1)|beta(p5=0.3)|nrmal(mean=1, sd=2)|1 to 3|lognormal(3, 4)|lognormal(p5=1,|<b>|-1|nan|1e400
metalog(p10=1, p50=1.01, p90=10)|choice(values=[1, 2], weights=[0.5, 0.6])|beta(mean=0.5, sd=0.6)|choice(values=[])
1 / normal(mean=0, sd=1)|gamma(shape=0.001, scale=1)|lognormal(p5=1e308, p95=1e309)|((((((((((((
mixture(a=1, weights=[1])|beta(p5=0.3, p95=0.6, p50=0.4)|lognormal(p5=1, p5=2)
truncate(prior=normal(mean=0, sd=1), low=50)|pert(low=1, mode=5, high=4)
"""


@needs_chromium
@pytest.mark.parametrize("text", [t for line in MISTAKES.strip().splitlines() for t in line.split("|")])
def test_a_mistake_is_told_in_the_programs_words_and_changes_nothing(text, page):
    with pytest.raises(InputError) as wrong:
        load_priors("plappert-2024", set={"peak_factor": text})
    found = asked(page, "plappert-2024", "", {"peak_factor": text})
    assert found["mistakes"] == {"peak_factor": wrong.value.lines[0].removeprefix("--set peak_factor: ")}
    assert found["texts"] == [p.distribution.text for p in load_priors("plappert-2024").priors.values()]


@needs_chromium
def test_the_sentence_is_the_programs(page):
    found = asked(page, "plappert-2024")
    assert found["sentence"].startswith("Training takes 29,1")
    assert "flop_per_multiply_add = 2" in found["sentence"]


def test_formulas_have_a_translation_and_what_has_none_is_said():
    for variant in VARIANTS:
        for q in model(variant).quantities.values():
            assert "v0" in kernel(q)

    class Odd:
        name, inputs, formula = "odd", ("x",), "np.sin(x)"

    with pytest.raises(Untranslatable, match=r"the formula of odd holds 'np.sin\(x\)', which has no translation"):
        kernel(Odd)
    with pytest.raises(Untranslatable, match=r"m:2: Global"):
        translated("m", "def f():\n    global x", ())


def test_available_sets_are_in_the_page():
    names = {s["name"] for s in payload(simulate("evidence-2026", draws=1600))["sets"]}
    assert names == set(available())
    assert parse("1").value == 1.0
