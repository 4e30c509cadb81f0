"""The page over years: its numbers are NumPy's and the program's, its state a link, its growths cards like any prior's."""

import numpy as np
import pytest

from simulator import explore, load_priors, simulate
from simulator.compute.years import at
from simulator.engine.sampling.prior_sampler import PriorSampler, known
from simulator.engine.sampling.quantile_table import exactly

from ..browser import needs_chromium

YEARS = (2026, 2028, 2030)
PLACES = list(range(5, 16384, 331))  # of the page's draws, about three of each replicate
EDITS = {"trends.gpu_price": "lognormal(p5=0.7, p95=0.95)", "trends.tiktok_ai_penetration": "uniform(low=1, high=3)"}
ASKED = """
const [edits, places] = arguments, e = window.engine, w = e.world({ set: "projected-2030", gpu: "", edits, knows: {} });
const list = (v) => Array.from(v, String), at = (v) => list(places.map((i) => v.length > 1 ? v[i] : v[0]));
const drawn = (n) => { const points = w.points(n); return places.map((i) => points[i]); };
const priors = [...w.priorSet.priors.keys()], names = (y) => w.at(y).quantities.map((q) => q.name);
const values = (y) => names(y).map((n) => [w.at(y).dated(n), at(w.at(y).values(n))]);
return { mistakes: w.mistakes, name: w.name, points: Object.fromEntries([...w.priorSet.uncertain].map((n) => [n, drawn(n)])),
  priors: Object.fromEntries(priors.map((n) => [n, at(w.values(n))])),
  quantities: Object.fromEntries(w.years.flatMap(values)) };
"""


@pytest.fixture(scope="module")
def text():
    return explore("projected-2030", years=YEARS)


@pytest.fixture(scope="module")
def file(text, tmp_path_factory):
    made = tmp_path_factory.mktemp("page") / "page.html"
    made.write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def page(file, browser):
    browser.get(file.as_uri())
    return browser


def off(found, chosen, exact):
    """The largest relative difference between the page's values and NumPy's at the page's points, in all years."""
    points = {n: np.array(p, dtype=np.int32) for n, p in found["points"].items()}
    values = {n: exactly(chosen.prior(n).distribution, p, special=exact) for n, p in points.items()}
    fixed = {n: np.float64(v) for n, v in known(chosen).items()}
    with np.errstate(all="ignore"):
        made = chosen.model.evaluate({**fixed, **values}, found["quantities"])
    largest = 0.0
    for name, expected in {**values, **{n: made[n] for n in found["quantities"]}}.items():
        got = np.array(
            [float(v.replace("Infinity", "inf")) for v in found["quantities"].get(name, found["priors"].get(name))]
        )
        expected = np.broadcast_to(expected, got.shape)
        with np.errstate(invalid="ignore"):
            apart = np.abs(got - expected) / np.maximum(np.abs(expected), 1e-300)
        largest = max(largest, float(np.max(np.where(got == expected, 0.0, apart))))
    return largest


@needs_chromium
def test_every_year_has_the_values_of_numpy_on_the_pages_points(page):
    chosen = load_priors("projected-2030").through(YEARS)
    found = page.execute_script(ASKED, {}, PLACES)
    moving = {at(n, y) for n in chosen.model.moving for y in YEARS}
    assert moving <= set(found["quantities"])
    assert set(found["points"]) == set(chosen.uncertain)
    assert off(found, chosen, exact=False) < 1e-12
    drawn = PriorSampler(chosen, 20240315, "sobol").first(1024)
    tied = {n for g in chosen.groups for n in g.names[1:]}
    for prior, here in found["points"].items():
        apart = np.abs(drawn[prior].ravel()[PLACES].astype(np.int64) - np.array(here))
        assert apart.max() <= (1 if prior in tied else 0)  # the last bit of a score may fall to either side


@needs_chromium
def test_edited_growths_have_the_values_of_numpy(page):
    chosen = load_priors("projected-2030", set=EDITS).through(YEARS)
    found = page.execute_script(ASKED, EDITS, PLACES)
    assert found["mistakes"] == {}
    assert found["name"] == chosen.called
    assert off(found, chosen, exact=True) < 1e-9


FAN = """
const [edits, name, x] = arguments, e = window.engine, w = e.world({ set: "projected-2030", gpu: "", edits, knows: {} });
return { fan: e.fan(w, name, x), first: e.first(w, name, x), beyond: e.beyond(w) };
"""


@needs_chromium
@pytest.mark.parametrize("edits", [{}, EDITS])
def test_the_fan_and_the_crossing_are_the_programs_on_the_same_draws(edits, page):
    found = page.execute_script(FAN, edits, "inference_h100s", 1e7)
    name = "first_year(inference_h100s>1e7)"
    run = simulate(
        load_priors("projected-2030", set=edits),
        years=YEARS,
        draws=16384,
        quantities=["inference_h100s", "inference_power"],
        when=["inference_h100s > 1e7"],
    )
    for row in found["fan"]:
        sample = run.sample(at("inference_h100s", row["year"]))
        for key, p in (("low", 0.05), ("lower", 0.25), ("median", 0.5), ("upper", 0.75), ("high", 0.95)):
            assert row[key]["value"] == pytest.approx(sample.quantile(p)[0], rel=1e-5)  # the tables' stated error
        draws = run.draws_of(at("inference_h100s", row["year"]))
        assert row["above"]["value"] == pytest.approx(np.mean(draws > 1e7), abs=2 / 16384)
        assert row["crossed"]["value"] == pytest.approx(np.mean(run.draws_of(name) <= row["year"]), abs=2 / 16384)
    crossed = run.sample(name).quantile(0.5)[0]
    assert found["first"]["median"]["value"] == pytest.approx(crossed, abs=1e-3)
    assert 2026 < crossed < 2030
    from simulator.reports.plausibility import beyond

    told = beyond(run.priors, run.summary())
    assert [b["text"] for b in found["beyond"]] == [b.sentence for b in told]
