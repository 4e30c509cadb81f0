"""The report: valid, self-contained, safe to send, readable, and true to the run."""

import html
import html.parser
import json
import re
import tomllib

import html5lib
import pytest

from simulator import InputError, load_priors, simulate
from simulator.analyses import rerun
from simulator.priors import toml
from simulator.reports.document import Picture
from simulator.reports.report import report
from simulator.reports.svg import inlined
from tests.browser import needs_chromium, requests_of, sized

HOSTILE = """
title = "<script>alert(1)</script> & \\"quoted\\" $5 | `x` | </title><img src=x onerror=alert(2)>"
extends = ["plappert-2024"]
[priors.peak_factor]
prior = "pert(low=1, mode=2, high=4)"
unit = "1"
source = "</style></svg><script>document.title = 'owned'</script>"
grade = "D"
note = "{{ 7 * 7 }} <b onmouseover=alert(3)>bold</b> https://example.org/x.png"
[correlations]
"parameters, dataset_multiplier" = 0.4
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A run of a set whose texts are hostile, and one to hold it against."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "hostile.toml").write_text(HOSTILE)
    run = simulate(load_priors(str(folder / "hostile.toml"), set={"training_days": 60}), draws=160_000)
    return type(run).load(run.save(folder)), simulate(draws=160_000)


@pytest.fixture(scope="module")
def page(pair, once):
    return once("page.html", lambda: report(*pair, labels=("hostile", "plappert-2024")).render("html"))


class Tags(html.parser.HTMLParser):
    """Tags, ids and addresses of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.addresses, self.links, self.handlers = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            elif tag == "a" and name == "href" and not value.startswith("#"):
                self.links.append(value)
            elif name in ("src", "href", "srcset", "data", "action"):
                self.addresses.append(value)
            elif name.startswith("on"):
                self.handlers.append((tag, name))


def test_the_page_is_valid_and_asks_for_nothing(page):
    html5lib.HTMLParser(strict=True).parse(page)
    tags = Tags(page)
    assert len(tags.ids) == len(set(tags.ids))
    assert all(a.startswith("#") or a == "data:," for a in tags.addresses), tags.addresses
    assert tags.links
    assert all(a.startswith("https://") for a in tags.links), tags.links  # followed by a reader, never by the page
    assert {"#" + i for i in tags.ids} >= {a for a in tags.addresses if a.startswith("#")}
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page)
    assert len(page.encode()) < 1_500_000
    assert tags.tags.count("figure") == tags.tags.count("figcaption") >= 12
    assert tags.tags.count("svg") == tags.tags.count("figure")


def test_what_a_prior_file_says_stays_text(page):
    tags = Tags(page)
    assert tags.tags.count("script") == tags.tags.count("img") == tags.tags.count("b") == 0
    assert tags.handlers == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert page.count("<title>") == 1


def test_the_page_says_what_the_run_says(page, pair):
    run, other = pair
    text = re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>", "", page, flags=re.S))
    for part in (
        "Training takes",
        "90 % credible interval",
        "Monte Carlo standard error",
        "What to find out next",
        "Held against another",
        "x 0.",
        "What was assumed",
        "pert(low=1, mode=2, high=4)",
        "grade",
        "rank correlation",
        "0.4",
        "The essay, reproduced",
        "20 hold, 2 are only charted, 2 fail",
        "Make it again",
        "simulate --draws 160000 --seed 20240315",
        "Caveats",
        run.digest,
        "true FLOP are twice",
    ):
        assert part in text, part
    assert "90\u00a0% credible interval" in page  # no line ends before a %
    prose = re.sub(r"<svg.*?</svg>|<pre>.*?</pre>|<style>.*?</style>|<script.*?</script>", "", page, flags=re.S)
    assert not re.findall(r".{0,60}\d %", prose)
    assert f"run {run.digest[:8]}" in text
    assert f"run {other.digest[:8]}" not in text  # it is not stored
    for prior in run.priors.priors.values():
        assert prior.name in text
    for name in run.quantities:
        assert name in text


def test_markdown_and_json_say_the_same(pair):
    made = report(*pair, labels=("hostile", "plappert-2024"), pictures=False)
    text = made.render("md")
    assert text.startswith("# &lt;script&gt;alert(1)&lt;/script&gt; &amp; ")
    assert "<script" not in text.split("````")[0]
    assert re.search(r"\| training\\_h100s.* \| [\d,]+\(\d+\) \|", text)
    columns = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| parameters")]
    assert len(set(columns[:1])) == 1
    data = json.loads(made.render("json"))
    assert data["run"]["digest"] == pair[0].digest
    assert data["comparison"]["sides"]["B"]["digest"] == pair[1].digest
    assert data["reproduction"]["counts"] == {"holds": 20, "chart": 2, "fails": 2}
    assert data["sensitivity"]["quantity"] == "inference_h100s"
    assert "independent" not in " ".join(data["caveats"])
    with pytest.raises(InputError, match="there is no report format 'pdf'"):
        made.render("pdf")


def test_the_command_and_the_resolved_set_make_the_run_again(pair, cli, here):
    line, alone = rerun.command(pair[0])
    assert not alone
    chosen = tomllib.loads(toml.toml(pair[0].priors))
    assert chosen["correlations"] == {"dataset_multiplier, parameters": 0.4}
    (here / f"{rerun.file_name(pair[0])}.toml").write_text(toml.toml(pair[0].priors))
    import shlex

    again = json.loads(cli(*shlex.split(line)[1:], "--json").out)
    assert again["digest"] == pair[0].digest
    assert load_priors(f"{rerun.file_name(pair[0])}.toml").digest == pair[0].priors.digest


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"gpu": "b200", "quantities": ["training_gpus"]},
        {"set": {"peak_factor": "3"}},
        {"priors": "plappert-2024-point", "gpu": "b200", "quantities": ["training_cost"]},
        {
            "priors": ["plappert-2024-point", "plappert-2024"],
            "sampler": "random",
            "seed": 5,
            "keep": 1600,
            "exact": True,
            "quantities": ["training_cost", "training_flop"],
        },
    ],
)
def test_the_command_alone_makes_a_shipped_run_again(options, cli):
    import shlex

    run = simulate(draws=3200, **options)
    line, alone = rerun.command(run)
    assert alone
    assert json.loads(cli(*shlex.split(line)[1:], "--json", "--no-save").out)["digest"] == run.digest


def test_a_shadowing_file_is_not_taken_for_the_shipped_set(here):
    (here / "priors").mkdir()
    run = simulate(draws=160)
    assert rerun.command(run)[1]
    (here / "priors" / "plappert-2024.toml").write_text('extends = ["plappert-2024-point"]\n')
    assert not rerun.command(run)[1]


def test_a_run_of_constants_and_one_quantity_have_a_report():
    point = report(simulate("plappert-2024-point", draws=160)).render("html")
    html5lib.HTMLParser(strict=True).parse(point)
    assert "Every quantity here is a constant" in point
    one = report(simulate(draws=16_000, quantities=["training_cost"]))
    assert one.data["sensitivity"]["quantity"] == "training_cost"
    html5lib.HTMLParser(strict=True).parse(one.render("html"))


def test_a_run_without_draws_has_none(cli):
    cli("--draws", "16000", "--keep", "0")
    outcome = cli("report", "latest")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert "kept no draws" in outcome.errors[0]


def test_the_command_writes_into_the_runs_folder_or_where_it_is_told(cli, here):
    cli("--draws", "16000")
    (stored,) = (here / "runs").iterdir()
    digest = stored.name.rsplit("-", 1)[-1]
    outcome = cli("report", "latest")
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(f"runs/{stored.name}/report-{digest}.html\nTraining takes")
    printed = cli("report", "plappert-2024", "--compare", "latest", "--format", "md", "--out", "-")
    assert printed.out.startswith("# Plappert 2024")
    for arguments, part in (
        (["--format", "pdf"], "no report format 'pdf': html, md, json"),
        (["--compare", "nothing"], "'nothing' is neither a prior set"),
        (["--format", "md", "--out", "no/such/\0x"], ""),
    ):
        outcome = cli("report", "latest", *arguments)
        assert outcome.code in (1, 2)
        assert len(outcome.errors) == 1
        assert part in outcome.errors[0]
    (here / "sub").mkdir()
    assert cli("report", "latest", "--format", "md", "--out", "sub/page.md").code == 0
    assert [p.name for p in (here / "sub").iterdir()] == ["page.md"]


def test_an_svg_for_a_page_has_names_of_its_own():
    given = (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        b'width="9pt" viewBox="0 0 9 9"><metadata>x</metadata><defs><path id="g" d="M 1.23456 2"/></defs>'
        b'<g id="axes_1"><use xlink:href="#g" style="fill: #004488"/><path clip-path="url(#c)" d=""/>'
        b'<clipPath id="c"/></g></svg>'
    )
    made = inlined(given, "w", 'a "label"', {"#004488": "--series-0"})
    assert made == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img" '
        'aria-label="a &quot;label&quot;"><defs><path id="w-g" d="M 1.2 2" /></defs><g>'
        '<use href="#w-g" style="fill: var(--series-0)" /><path clip-path="url(#w-c)" d="" />'
        '<clipPath id="w-c" /></g></svg>'
    )


# ---------------------------------------------------------------------------- in a browser


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1200, 900), (360, 740)])
def test_the_page_opens_without_an_error_or_a_request(width, height, page, tmp_path, browser):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    address = (tmp_path / "report.html").as_uri()
    sized(browser, width, height)
    browser.get("about:blank")
    requests_of(browser), browser.get_log("browser")
    browser.get(address)
    assert requests_of(browser) == [address]
    assert browser.get_log("browser") == []
    assert browser.title.startswith("<script>alert(1)")
    script = "return document.documentElement.scrollWidth"
    assert browser.execute_script(script) <= width  # nothing to scroll to the side but tables
    shown = (
        "return [...document.querySelectorAll('figure')].map(f => [...f.querySelectorAll('svg')]"
        ".filter(s => s.getBoundingClientRect().height > 80).length)"
    )
    assert set(browser.execute_script(shown)) == {1}
    ink = "return getComputedStyle(document.querySelector('.headline')).fontSize"
    assert float(browser.execute_script(ink).removesuffix("px")) >= 16


@needs_chromium
def test_the_browser_would_tell_of_an_error_and_a_request(tmp_path, browser):
    """The two checks above can fail."""
    (tmp_path / "bad.html").write_text("<!DOCTYPE html><img src='missing.png'><script>nothing()</script>")
    requests_of(browser), browser.get_log("browser")
    browser.get((tmp_path / "bad.html").as_uri())
    assert len(requests_of(browser)) == 2
    assert any("nothing is not defined" in entry["message"] for entry in browser.get_log("browser"))


@needs_chromium
def test_dark_and_print_have_their_colours(page, tmp_path, browser):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    browser.get((tmp_path / "report.html").as_uri())
    colour = "return getComputedStyle(document.body).backgroundColor"
    found = {}
    for medium, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"media": medium, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
        )
        found[medium, scheme] = browser.execute_script(colour)
    white = "rgb(255, 255, 255)"
    assert found == {("screen", "light"): white, ("screen", "dark"): "rgb(20, 23, 28)", ("print", "dark"): white}


def test_the_page_begins_with_what_it_is_about_and_says_its_numbers_in_words():
    run = simulate(draws=160_000)
    page = report(run).render("html")
    above = re.sub(r"<[^>]+>", " ", page[page.index("<body>") : page.index("The answer</h2>")])
    assert "How much compute it takes to train a video model of the size of Sora" in above
    assert "for readers who plan, fund or question such systems" in above
    assert re.search(r"Numbers of \d{1,2} [A-Z][a-z]+ 20\d\d, from the prior set plappert-2024\.", above)
    answer = page[page.index("The answer</h2>") : page.index("<details>")]
    told = re.findall(r"<td[^>]*>([^<]*)</td>", answer)
    assert "H100-equivalents that serve the demand at its peak" in told
    value = told[told.index("H100-equivalents that serve the demand at its peak") + 1]
    assert re.fullmatch(r"1\.7\d million \(46\d,000 to 6\.6\d million\)", value)
    assert re.search(r"3\.2\d × 10²⁵ FLOP \(1\.0\d × 10²⁵ to 9\.\d\d × 10²⁵\)", answer)
    assert not re.search(r"\d\(\d", answer)  # no Monte Carlo error before it is asked for
    contents = re.findall(r'<li><a href="#([\w-]+)">', page[: page.index("</nav>")])
    assert contents == re.findall(r'<section id="([\w-]+)">', page)
    assert contents.index("caveats") < contents.index("what-was-assumed") < contents.index("make-it-again")


def test_sources_are_numbered_once_and_link():
    run = simulate("evidence-2026", draws=160_000)
    page = report(run, pictures=False).render("html")
    listed = dict(re.findall(r'<li id="source-(\d+)">(.*?)</li>', page))
    plain = {n: html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ") for n, text in listed.items()}
    assert list(plain.values()) == list(dict.fromkeys(p.source for p in run.priors.priors.values()))
    for name, p in run.priors.priors.items():
        row = page[page.index(f'<td data-head="prior">{name}<small>', page.index("What was assumed</h2>")) :]
        number = re.search(r'<a href="#source-(\d+)">\[(\d+)\]</a>', row)
        assert number[1] == number[2]
        assert plain[number[1]] == p.source
    assert '<a href="https://arxiv.org/abs/2410.13720" rel="noreferrer">arXiv:2410.13720</a>' in page
    assert '<a href="https://doi.org/10.51685/jqd.2026.002" rel="noreferrer">' in page
    assert "javascript:" not in page


def test_a_comparison_has_the_difference_in_its_headline_and_both_in_its_first_figures():
    a, b = simulate(draws=160_000), simulate(load_priors(set={"peak_factor": 5}), draws=160_000)
    made = report(a, b, labels=("plain", "high peak"))
    first, second, last, trust = made.headline.split("\n")
    assert trust == "Trust: no published model has tested these intervals; ask calibrated-2026."
    assert first.startswith("A, plain: Training takes 29,")
    assert second.startswith("B, high peak: Training takes 29,")
    ratio = b.summary(["inference_h100s"])[0].median.value / a.summary(["inference_h100s"])[0].median.value
    told = re.fullmatch(r'From A to B, the median of "H100-eq.* at its peak" is multiplied by ([\d.]+)\.', last)
    assert float(told[1]) == pytest.approx(ratio, abs=0.01)
    (answer,) = (s for s in made.sections if s.title == "The answer")
    figures = [block for block in answer.blocks if isinstance(block, Picture)]
    assert [p.kind for p in figures[:2]] == ["ridge", "ridge"]
    assert "high peak" in figures[1].title
    assert answer.blocks[0].heads[1:] == ["A: plain", "B: high peak"]
