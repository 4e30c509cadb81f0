"""The page that computes: one file, silent, for everybody, and true to what was moved."""

import json
import re
import tomllib
from pathlib import Path

import html5lib
import pytest

from simulator import InputError, explore, load_priors, simulate
from simulator.base.known import Known
from simulator.compute.variants import VARIANTS, model
from simulator.priors.toml import toml
from simulator.reports.interactive import formulas
from simulator.reports.interactive import page as pages
from simulator.reports.interactive.library import source

from ..browser import needs_chromium, requests_of, sized
from ..conftest import ROOT

AXE = ROOT / ".npm" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = """
title = "<script>alert(1)</script> & \\"quoted\\" </title></script><img src=x onerror=alert(2)>"
extends = ["plappert-2024"]
[priors.peak_factor]
prior = "pert(low=1, mode=2, high=4)"
unit = "1"
source = "</script><script>document.title = 'owned'</script> {{ 7 * 7 }} $& ${1+1}"
grade = "D"
note = "<b onmouseover=alert(3)>bold</b> \\u202e %s"
""" % ("long " * 3000)
READY = "return document.documentElement.dataset.ready === 'true' && !document.querySelector('.waiting')"
WIDTH = "return document.documentElement.scrollWidth"


def opened(browser, file, fragment="", width=1280, height=900):
    """The page in the browser, at rest; what was said or asked for on the way."""
    sized(browser, width, height)
    browser.get("about:blank")
    requests_of(browser), browser.get_log("browser")
    browser.get(file.as_uri() + (f"#{fragment}" if fragment else ""))
    at_rest(browser)
    return requests_of(browser), browser.get_log("browser")


def at_rest(browser):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")  # what was done
    WebDriverWait(browser, 60).until(lambda b: b.execute_script(READY))


@pytest.fixture(scope="module")
def text():
    return explore(simulate("calibrated-2026", draws=16384))


@pytest.fixture(scope="module")
def file(text, tmp_path_factory):
    made = tmp_path_factory.mktemp("page") / "page.html"
    made.write_text(text, encoding="utf-8")
    return made


def test_the_page_is_valid_and_holds_all_in_itself(text):
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(text)
    assert len(text.encode()) < 2_000_000
    ids = re.findall(r'\sid="([^"]*)"', text.split("<script")[0])
    assert len(ids) == len(set(ids)) > 20
    body = text.split('<script type="application/json"')[0]
    assert not re.search(r'\s(src|srcset|action|poster)\s*=|@import|url\(\s*["\']?(?!#|data:)', body)
    assert "default-src 'none'; script-src 'sha256-" in text
    face = "".join(source(name, "static") for name in source("order.txt", "static").split())
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|fetch\(|XMLHttp|localStorage", face
    )


@needs_chromium
@pytest.mark.parametrize("width", [1280, 360])
def test_it_opens_without_a_request_or_a_message(width, file, browser):
    asked, said = opened(browser, file, width=width)
    assert asked == [file.as_uri()]
    assert said == []
    assert browser.execute_script(WIDTH) <= width
    assert "H100" in browser.find_element("id", "sentence").text
    assert browser.find_element("id", "trust").text == load_priors("calibrated-2026").trust


@needs_chromium
def test_a_link_restores_its_state_and_the_file_is_the_commands(file, browser, tmp_path):
    edits = {"peak_factor": "lognormal(p5=1.5, p95=3)", "candidates_per_upload": "uniform(low=1, high=6)"}
    fragment = "&".join(["gpu=b200", *(f"{n}={t.replace(' ', '+')}" for n, t in edits.items()), "know.parameters=2e9"])
    _, said = opened(browser, file, fragment)
    assert said == []
    expected = load_priors("calibrated-2026", gpu="b200", set=edits | {"parameters": Known("2e9")})
    assert browser.execute_script("return page.app.world.name") == expected.called
    (tmp_path / "page.toml").write_text(browser.execute_script("return engine.toml(page.app.world)"))
    assert load_priors(str(tmp_path / "page.toml")).digest == expected.digest
    command = browser.find_element("id", "command").text
    assert command.startswith("simulate --draws 1000000 --priors calibrated-2026 --gpu b200")
    link = browser.execute_script("return page.link()")
    opened(browser, file, link.partition("#")[2])
    assert browser.execute_script("return page.app.world.name") == expected.called


@needs_chromium
def test_a_bad_link_is_told_in_a_line_and_loses_nothing_else(file, browser):
    opened(browser, file, "peak_factr=3&gpu=x9&peak_factor=2")
    problem = browser.find_element("id", "link-problem").text
    assert "peak_factr" in problem
    assert "x9" in problem
    assert browser.execute_script("return page.app.state.edits") == {"peak_factor": "2"}


def handles(browser, prior):
    return browser.find_elements("css selector", f"[data-prior={prior}] [role=slider]")


@needs_chromium
def test_the_last_of_twenty_quick_drags_is_what_is_shown(file, browser):
    from selenium.webdriver import ActionChains

    opened(browser, file)
    first = handles(browser, "parameters")[0]
    moves = ActionChains(browser, duration=0).click_and_hold(first)
    for k in range(20):
        moves.move_by_offset(3 if k % 4 else -7, 0)
    moves.release().perform()
    at_rest(browser)
    state = browser.execute_script("return page.app.state.edits")
    field = browser.find_element("css selector", "[data-prior=parameters] input")
    assert field.get_attribute("value") == state["parameters"] != "lognormal(p5=5e9, p95=4e10)"
    shown = browser.find_element("id", "sentence").text
    assert shown == browser.execute_script("return engine.sentence(engine.world(page.app.state))")
    assert "parameters=" in browser.execute_script("return location.hash")
    browser.find_element("id", "undo").click()
    at_rest(browser)
    assert browser.execute_script("return page.app.state.edits") == {}
    browser.find_element("id", "redo").click()
    at_rest(browser)
    assert browser.execute_script("return page.app.state.edits") == state


@needs_chromium
def test_the_keys_move_a_handle(file, browser):
    from selenium.webdriver.common.keys import Keys

    opened(browser, file)
    handle = handles(browser, "parameters")[1]
    before = float(handle.get_attribute("aria-valuenow"))
    handle.send_keys(Keys.ARROW_RIGHT, Keys.PAGE_UP)
    at_rest(browser)
    assert float(handle.get_attribute("aria-valuenow")) == pytest.approx(before * 1.01 * 1.1, rel=1e-3)
    handle.send_keys(Keys.HOME)
    at_rest(browser)
    assert browser.execute_script("return page.app.state.edits") == {}
    style = (
        "const s = getComputedStyle(document.activeElement.querySelector('.grip')); return s.outlineStyle + s.boxShadow"
    )
    assert browser.execute_script(style) != "nonenone"


@needs_chromium
def test_everything_that_acts_is_reached_by_the_tab_key(file, browser):
    opened(browser, file)
    unreached = """
    const acts = [...document.querySelectorAll("button, select, input, a[href], summary, [role=slider]")];
    const shown = acts.filter((e) => e.getClientRects().length && !e.disabled);
    return shown.filter((e) => e.tabIndex < 0 || (!e.labels?.length && !e.ariaLabel && !e.textContent.trim())).length;
    """
    assert browser.execute_script(unreached) == 0


@needs_chromium
def test_a_mistake_is_told_beneath_its_field_and_the_answers_stay(file, browser):
    from selenium.webdriver.common.keys import Keys

    opened(browser, file)
    before = browser.find_element("id", "sentence").text
    field = browser.find_element("css selector", "[data-prior=peak_factor] input")
    field.send_keys(Keys.CONTROL, "a", Keys.NULL, "lognormal(p5=3, p95=1)", Keys.ENTER)
    at_rest(browser)
    told = browser.find_element("id", field.get_attribute("aria-describedby")).text
    with pytest.raises(InputError) as wrong:
        load_priors("calibrated-2026", set={"peak_factor": "lognormal(p5=3, p95=1)"})
    assert wrong.value.lines[0] == f"--set peak_factor: {told}"
    assert field.get_attribute("aria-invalid") == "true"
    assert browser.find_element("id", "sentence").text == before


@needs_chromium
@pytest.mark.parametrize("where", ["", "lang=zh&peak_factor=1.5"])
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
def test_hostile_sets_stay_text(tmp_path, browser):
    (tmp_path / "evil.toml").write_text(HOSTILE)
    page = tmp_path / "evil.html"
    page.write_text(explore(load_priors(str(tmp_path / "evil.toml"))), encoding="utf-8")
    asked, said = opened(browser, page, "peak_factor=%3Cimg+src=x+onerror=alert(4)%3E", width=360)
    assert asked == [page.as_uri()]
    assert said == []
    assert browser.execute_script("return document.scripts.length") == 4  # data, words, a licence, and what computes
    assert "<script>alert(1)</script>" in browser.title
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert browser.execute_script(WIDTH) <= 360


def test_a_formula_outside_the_whitelist_gives_the_sentence_and_the_page_stays_a_report(cli, here, monkeypatch):
    monkeypatch.setitem(formulas.FUNCTIONS, "minimum", "min")
    monkeypatch.delitem(formulas.FUNCTIONS, "minimum")
    pages.engine.cache_clear()
    outcome = cli("explore", "plappert-2024", "--no-open", "--out", "page.html", "-n", "16000")
    pages.engine.cache_clear()
    assert outcome.code == 0
    told = " ".join(outcome.err.split())
    assert "the page does not compute: the formula of training_utilization holds 'np.minimum(" in told
    assert "<script" not in Path("page.html").read_text()


def test_explore_writes_one_file_and_says_where(cli, here):
    outcome = cli("explore", "plappert-2024", "--gpu", "b200", "--set", "peak_factor=1.5", "--no-open", "-n", "16000")
    assert outcome.code == 0
    (made,) = here.glob("explore-*.html")
    assert outcome.out.splitlines()[0] == made.name
    data = json.loads(re.search(r'id="data">(.*?)</script>', made.read_text())[1])
    assert data["start"] == {
        "set": "plappert-2024",
        "gpu": "b200",
        "edits": {"peak_factor": "1.5"},
        "knows": {},
        "evidence": False,
    }
    assert "Training takes" in outcome.out


def test_what_cannot_be_a_page_is_refused_in_a_line(cli, here):
    assert "name it .html" in cli("explore", "--out", "x.pdf").err
    wrong = cli("report", "plappert-2024", "--interactive", "--compare", "evidence-2026")
    assert wrong.code == 2
    assert "--interactive makes a page of one run in HTML" in wrong.err
    assert cli("ensemble", "plappert-2024:0.5", "evidence-2026:0.5", "-n", "16000").code == 0
    pool = cli("explore", "latest", "--no-open")
    assert pool.code == 2
    assert "explore one of its members" in pool.err


def test_no_other_file_of_the_users_is_in_the_page(cli, here):
    (here / "priors").mkdir()
    (here / "priors" / "secret.toml").write_text('title = "secret"\nextends = ["plappert-2024"]\n')
    prior = '[priors.peak_factor]\nprior = 2\nunit = "1"\nsource = "x"\ngrade = "D"\n'
    (here / "mine.toml").write_text(f'title = "Mine"\nextends = ["plappert-2024"]\n{prior}')
    assert cli("explore", "mine.toml", "--no-open", "--out", "mine.html", "-n", "16000").code == 0
    text = (here / "mine.html").read_text()
    assert "secret" not in text.split('id="data">')[1].split("</script>")[0]
    data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
    assert data["start"]["set"] == "mine"
    assert data["sets"][0]["words"] is None  # its command needs the file that the page gives


def test_a_conditioned_run_begins_with_its_evidence(cli, here):
    assert (
        cli("condition", "plappert-2024", "--on", "training_h100s=lognormal(p5=8400, p95=21000)", "-n", "32000").code
        == 0
    )
    assert cli("explore", "latest", "--no-open", "--out", "page.html").code == 0
    data = json.loads(re.search(r'id="data">(.*?)</script>', (here / "page.html").read_text())[1])
    assert data["start"]["evidence"] is True
    assert list(data["sets"][0]["priors"]["evidence"]) == ["training_h100s"]


@pytest.mark.parametrize("name", ["plappert-2024", "calibrated-2026"])  # the essay's, and the one of most priors
def test_report_interactive_has_its_figures_beneath(name, cli, here):
    assert cli("report", name, "--interactive", "--out", "page.html", "-n", "32000").code == 0
    text = (here / "page.html").read_text()
    assert text.count("<figure>") > 6
    assert 'id="data">' in text
    assert len(text.encode()) < 2_000_000


def test_the_page_in_the_docs_is_the_programs():
    """After a change of the page: simulate explore --no-open --out docs/explore.html."""

    def computing(page):
        return [re.sub(r'"version":"[^"]*"', "", part) for part in re.findall(r"<script[^>]*>.*?</script>", page, re.S)]

    assert computing((ROOT / "docs" / "explore.html").read_text()) == computing(explore("plappert-2024"))


def test_both_languages_have_all_words():
    catalogue = json.loads(source("catalogue.json", "static"))
    tables = ("priors", "quantities", "groups", "story")
    english, chinese = ({k for k in catalogue[c] if k not in tables} for c in ("en", "zh"))
    assert english | {"story_first", "story_interval"} == chinese  # the English sentence is the program's own
    priors = {n for v in VARIANTS for n in model(v).inputs}
    quantities = {n for v in VARIANTS for n in model(v).quantities}
    assert priors <= set(catalogue["zh"]["priors"])
    assert quantities <= set(catalogue["zh"]["quantities"])
    han = re.compile("[\u4e00-\u9fff]")
    assert all(han.search(catalogue["zh"]["priors"][n]) for n in priors)
    assert all(han.search(catalogue["zh"]["quantities"][n]) for n in quantities)


def test_a_resolved_set_keeps_its_scores_until_a_calibrated_prior_is_edited():
    kept = tomllib.loads(toml(load_priors("calibrated-2026", set={"peak_factor": 2})))
    assert kept["calibration"]["training"]["values"] == 9
    assert "calibration" not in tomllib.loads(toml(load_priors("calibrated-2026", set={"kernel_gain": 1})))
