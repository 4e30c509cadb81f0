"""The page over years: its numbers are NumPy's and the program's, its state a link, its growths cards of their own."""

import json
import re
import shlex
from itertools import pairwise

import html5lib
import numpy as np
import pytest

from simulator import InputError, explore, load_priors, simulate
from simulator.compute.years import at
from simulator.engine.sampling.prior_sampler import PriorSampler, known
from simulator.engine.sampling.quantile_table import exactly
from simulator.priors.prior import NOT_GIVEN
from simulator.reports.plausibility import beyond

from ..browser import needs_chromium, requests_of, sized
from ..conftest import ROOT

YEARS = (2026, 2028, 2030)
PLACES = list(range(5, 16384, 331))  # of the page's draws, about three of each replicate
EDITS = {"trends.gpu_price": "lognormal(p5=0.7, p95=0.95)", "trends.tiktok_ai_penetration": "uniform(low=1, high=3)"}
AXE = ROOT / ".npm" / "node_modules" / "axe-core" / "axe.min.js"
READY = "return document.documentElement.dataset.ready === 'true' && !document.querySelector('.waiting')"
HOSTILE = """
title = "Hostile"
extends = ["plappert-2024"]
[trends.peak_factor]
from = 2026
growth = "lognormal(p5=1, p95=1.5)"
noise = 0.2
source = "</script><script>document.title = 'owned'</script> {{ 7 * 7 }} $& ${1+1}"
grade = "D"
note = "<b onmouseover=alert(3)>bold</b> \\u202e %s"
[plausible.inference_h100s]
most = { 2026 = 1, 2030 = 2 }
unit = "1"
label = "<img src=x onerror=alert(2)>"
source = "</li><img src=x onerror=alert(5)>"
grade = "D"
""" % ("long " * 3000)
ASKED = """
const [edits, places] = arguments, e = window.engine;
const w = e.world({ set: "projected-2030", gpu: "", edits, knows: {} });
const list = (v) => Array.from(v, String), at = (v) => list(places.map((i) => v.length > 1 ? v[i] : v[0]));
const drawn = (n) => { const points = w.points(n); return places.map((i) => points[i]); };
const priors = [...w.priorSet.priors.keys()], names = (y) => w.at(y).quantities.map((q) => q.name);
const values = (y) => names(y).map((n) => [w.at(y).dated(n), at(w.at(y).values(n))]);
return { mistakes: w.mistakes, name: w.name,
  points: Object.fromEntries([...w.priorSet.uncertain].map((n) => [n, drawn(n)])),
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


SAME = """
const e = window.engine, w = e.world({ set: "projected-2030", gpu: "", edits: {}, knows: {}, evidence: arguments[0] });
const told = (v) => { const names = [...v.headline], of = names[names.length - 1];
  const medians = names.map((n) => v.summary(n).median);
  return JSON.stringify([medians, e.tornado(v, of), e.next(v, of), e.demand(v), e.crossover(v)]); };
return [told(w.at(2026)), told(w.at(null)), told(w.at(2028))];
"""


@needs_chromium
@pytest.mark.parametrize("evidence", [False, True])
def test_in_the_year_from_which_trends_run_all_is_as_without_years(evidence, page):
    first, without, later = page.execute_script(SAME, evidence)
    assert first == without != later


FAN = """
const [edits, name, x] = arguments, e = window.engine;
const w = e.world({ set: "projected-2030", gpu: "", edits, knows: {} });
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
    told = beyond(run.priors, run.summary())
    assert [b["text"] for b in found["beyond"]] == [b.sentence for b in told]


def opened(browser, file, fragment="", width=1280):
    """The page in the browser, at rest; what was said or asked for on the way."""
    sized(browser, width, 900)
    browser.get("about:blank")
    requests_of(browser), browser.get_log("browser")
    browser.get(file.as_uri() + (f"#{fragment}" if fragment else ""))
    at_rest(browser)
    return requests_of(browser), browser.get_log("browser")


def at_rest(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")  # what was done
    WebDriverWait(browser, 60).until(lambda b: b.execute_script(READY))


def test_the_page_is_valid_and_small(text):
    html5lib.HTMLParser(strict=True).parse(text)
    assert len(text.encode()) < 2_000_000
    ids = re.findall(r'\sid="([^"]*)"', text.split("<script")[0])
    assert len(ids) == len(set(ids))


@needs_chromium
@pytest.mark.parametrize("width", [1280, 360])
def test_it_stands_in_the_last_year_and_says_so(width, file, browser):
    asked, said = opened(browser, file, width=width)
    assert asked == [file.as_uri()]
    assert said == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.find_element("id", "sentence").text.startswith("In 2030: training takes")
    assert browser.find_element("id", "answers-title").text == "Answers in 2030"
    titles = browser.execute_script(
        "return [...document.querySelectorAll('figcaption, figure h3')].map((n) => n.textContent)"
    )
    assert sum("2030" in t for t in titles) >= 5
    assert browser.find_element("id", "trust").text.endswith("holds trends against published growth.")
    assert "inference_h100s lies beyond all AI compute" in browser.find_element("id", "beyond").text


@needs_chromium
def test_a_link_with_a_growth_and_a_year_gives_the_set_of_its_command(file, browser, tmp_path):
    """URL, page, TOML, digest."""
    fragment = "year=2028&" + "&".join(f"{n}={t.replace(' ', '+')}" for n, t in EDITS.items())
    _, said = opened(browser, file, fragment)
    assert said == []
    assert browser.find_element("id", "link-problem").text == ""
    expected = load_priors("projected-2030", set=EDITS).through(YEARS)
    assert browser.execute_script("return page.app.world.name") == expected.called
    assert browser.find_element("id", "year").get_attribute("value") == "2028"
    assert browser.find_element("id", "sentence").text.startswith("In 2028: ")
    command = shlex.split(browser.find_element("id", "command").text)
    assert command[:6] == ["simulate", "--draws", "1000000", "--priors", "projected-2030", "--years"]
    assert command[6] == "2026,2028,2030"
    told = dict(word.split("=", 1) for before, word in pairwise(command) if before == "--set")
    assert load_priors("projected-2030", set=told).through(YEARS).digest == expected.digest
    (tmp_path / "page.toml").write_text(browser.execute_script("return engine.toml(page.app.world)"))
    assert load_priors(str(tmp_path / "page.toml")).through(YEARS).digest == expected.digest
    link = browser.execute_script("return page.link()").partition("#")[2]
    assert "year=2028" in link
    opened(browser, file, link)
    assert browser.execute_script("return [page.app.world.name, page.app.world.year]") == [expected.called, 2028]


@needs_chromium
def test_what_the_page_gives_is_what_simulate_checks(file, browser, cli, here):
    opened(browser, file, "trends.gpu_price=0.9")
    (here / "page.toml").write_text(browser.execute_script("return engine.toml(page.app.world)"))
    assert cli("priors", "check", "page.toml").code == 0


@needs_chromium
def test_a_year_is_chosen_by_the_keys_undone_and_reset(file, browser):
    from selenium.webdriver.common.keys import Keys

    opened(browser, file)
    menu = browser.find_element("id", "year")
    assert [o.text for o in menu.find_elements("tag name", "option")] == ["2026", "2028", "2030"]
    menu.send_keys(Keys.ARROW_UP)
    at_rest(browser)
    assert browser.execute_script("return [location.hash, page.app.world.year, page.app.changed]") == [
        "#year=2028",
        2028,
        False,
    ]
    browser.find_element("css selector", "[data-prior='trends.tokens_per_second'] input").send_keys(
        Keys.CONTROL, "a", Keys.NULL, "1.2", Keys.ENTER
    )
    at_rest(browser)
    assert browser.execute_script("return [page.app.state.edits, page.app.changed]") == [
        {"trends.tokens_per_second": "1.2"},
        True,
    ]
    assert "Trend: Tokens per second" in browser.find_element("id", "moved-figure").text
    for year in (2028, 2030):
        browser.find_element("id", "undo").click()
        at_rest(browser)
        assert browser.execute_script("return [page.app.world.year, page.app.state.edits]") == [year, {}]
    browser.find_element("id", "redo").click()
    browser.find_element("id", "reset-all").click()
    at_rest(browser)
    assert browser.execute_script("return [location.hash, page.app.world.year]") == ["", 2030]


@needs_chromium
def test_growths_are_cards_of_their_own_and_nothing_else_is_new(file, browser):
    opened(browser, file)
    chosen = load_priors("projected-2030")
    shown = browser.execute_script("return page.app.world.priors.map((p) => p.name)")
    given = [p.name for p in chosen.priors.values() if p.source != NOT_GIVEN]
    assert shown == given + [f"trends.{n}" for n in chosen.trends]
    card = browser.find_element("css selector", "[data-prior='trends.gpu_price']")
    assert len(card.find_elements("css selector", "[role=slider]")) == 2
    assert not card.find_element("class name", "known").is_displayed()  # the program knows no growth
    opened(browser, file, "know.trends.gpu_price=0.9")
    assert "know.trends.gpu_price" in browser.find_element("id", "link-problem").text


@needs_chromium
def test_the_figure_of_years_has_a_table_and_a_file_and_the_crossing(file, browser):
    opened(browser, file, "above=1e7")
    assert "first above 10 million in 2028." in browser.find_element("id", "crossing").text
    head, *rows = browser.execute_script(
        "return [...document.querySelectorAll('#years-figure tr')].map((r) => [...r.cells].map((c) => c.textContent))"
    )
    assert head == ["Year", "Median", "50 % interval", "90 % interval", "P(> 10 million)", "Above it by then"]
    assert [row[0] for row in rows] == ["2026", "2028", "2030"]
    shares = [float(row[5].partition("(")[0]) for row in rows]
    assert shares == sorted(shares)  # a crossing never falls
    assert "all AI compute in the world" in browser.find_element("id", "years-figure").text
    told = "return engine.fanCsv(page.app.world, page.app.view.of, page.app.view.above).trim().split('\\r\\n')"
    lines = browser.execute_script(told)
    assert [line.split(",")[:2] for line in lines[1:]] == [[at("inference_h100s", y), str(y)] for y in YEARS]
    summary = browser.execute_script("return engine.csv(page.app.world)")
    assert "\ninference_h100s@2030," in summary


@needs_chromium
def test_a_set_without_trends_is_the_same_in_all_years(file, browser):
    opened(browser, file, "set=calibrated-2026")
    menu = browser.find_element("id", "year")
    assert (menu.text.strip(), menu.is_enabled()) == ("the same in all", False)
    assert browser.find_element("id", "sentence").text.startswith("Training takes")
    assert not browser.find_element("id", "years").is_displayed()
    assert "--years" not in browser.find_element("id", "command").text


@needs_chromium
def test_what_does_not_grow_from_0_is_told_as_the_program_does(file, browser):
    opened(browser, file, "demand_growth=0")
    with pytest.raises(InputError) as wrong:
        load_priors("projected-2030", set={"demand_growth": 0}).through(YEARS)
    assert browser.execute_script("return page.app.world.mistakes") == {
        "demand_growth": wrong.value.lines[0].partition(": ")[2]
    }


@needs_chromium
@pytest.mark.parametrize("where", ["above=1e7", "lang=zh&year=2028&trends.gpu_price=0.9"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm install --prefix .npm axe-core")
def test_axe_finds_no_violation(where, scheme, file, browser):
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    opened(browser, file, where)
    browser.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text()})  # past the page's security policy
    told = "r.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html])"
    found = browser.execute_async_script(f"axe.run(document).then((r) => arguments[0]({told}))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found == []


@needs_chromium
def test_hostile_trends_stay_text(tmp_path, browser):
    (tmp_path / "evil.toml").write_text(HOSTILE)
    page = tmp_path / "evil.html"
    page.write_text(explore(load_priors(str(tmp_path / "evil.toml")), years="2026:2028"), encoding="utf-8")
    asked, said = opened(browser, page, "trends.peak_factor=%3Cimg+src=x+onerror=alert(4)%3E&year=%3Cb%3E", width=360)
    assert asked == [page.as_uri()]
    assert said == []
    assert browser.execute_script("return document.scripts.length") == 4  # data, words, a licence, and what computes
    assert browser.execute_script("return document.querySelectorAll('img, b').length") == 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    assert "thought possible: <img src=x" in browser.find_element("id", "years-figure").get_attribute("textContent")
    assert "<img src=x onerror=alert(2)>" in browser.find_element("id", "beyond").text


def test_a_page_begins_with_the_threshold_that_is_asked_for(cli, here):
    asked = ("--years", "2026:2027", "--when", "inference_power > 5000", "-n", "1600", "--no-open")
    assert cli("explore", "projected-2030", *asked, "--out", "page.html").code == 0
    data = json.loads(re.search(r'id="data">(.*?)</script>', (here / "page.html").read_text())[1])
    assert (data["start"]["of"], data["start"]["above"]) == ("inference_power", 5000.0)
    assert data["years"]["text"] == "2026,2027"


def test_a_stored_run_over_years_gives_its_years(cli, here):
    words = ("--years", "2026,2028", "--set", "trends.gpu_price=0.9", "-n", "1600")
    assert cli("--priors", "projected-2030", *words).code == 0
    assert cli("report", "latest", "--interactive", "--out", "page.html").code == 0
    data = json.loads(re.search(r'id="data">(.*?)</script>', (here / "page.html").read_text())[1])
    assert data["years"]["list"] == [2026, 2028]
    assert data["start"]["edits"] == {"trends.gpu_price": "0.9"}
    assert data["start"]["set"] == "projected-2030"
