"""The page of a model of one's own computes what the program does, from formulas that were translated from the file."""

import pytest

from simulator import explore, load_model, load_priors, simulate

from ..browser import needs_chromium
from ..conftest import ROOT

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
ASKED = """
const w = window.engine.world(window.engine.start), told = (s) => [s.median, s.low, s.high].map((e) => e.value);
return { title: document.querySelector("h1").textContent, command: window.engine.command(w),
  found: Object.fromEntries(w.headline.map((n) => [n, told(w.summary(n))])) };
"""


@needs_chromium
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_of_an_example_has_its_numbers(name, browser, tmp_path):
    load_model(ROOT / "examples" / f"{name}.py")
    run = simulate(load_priors(str(ROOT / "examples" / f"{name}.toml")), draws=16_384, exact=True)
    (tmp_path / "page.html").write_text(explore(run))
    browser.get((tmp_path / "page.html").as_uri())
    page = browser.execute_script(ASKED)
    assert page["title"] == run.priors.title
    assert page["command"].endswith(f"--model {name}.py")
    assert set(page["found"]) == set(run.quantities)
    for s in run.summary():
        assert page["found"][s.name] == pytest.approx([s.median.value, s.low.value, s.high.value], rel=1e-9)
