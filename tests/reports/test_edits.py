"""A set that was edited is named with its edits wherever it is named."""

import json

import matplotlib
import pytest

from simulator import load_priors, plot, simulate
from simulator.reports.views import conditioning, pooling
from simulator.runs.run import Run

EDITS = ("--set", "peak_factor=1.5", "--set", "parameters=5B")
NAMED, HEADED = "plappert-2024, parameters=5e9, peak_factor=1.5", "(with parameters=5e9, peak_factor=1.5)"


@pytest.fixture(scope="module")
def edited():
    return simulate(load_priors(set={"peak_factor": "1.5", "parameters": "5B"}), draws=32_000)


@pytest.mark.parametrize("kind", ["density", "ecdf", "tornado", "priors", "convergence", "quantile-dots"])
def test_every_figure_names_the_edits_of_its_set(edited, kind):
    figure = plot(edited, kind).figure
    shown = " ".join(t.get_text() for t in figure.findobj(matplotlib.text.Text)).replace("\n", " ")
    assert NAMED in shown
    assert kind != "priors" or HEADED in shown


def test_labels_of_several_runs_name_the_edits(edited):
    other = simulate("plappert-2024", draws=32_000)
    texts = [
        t.get_text() for t in plot([other, edited], "forest", "training_cost").figure.findobj(matplotlib.text.Text)
    ]
    assert any("peak_factor=1.5" in t.replace("\n", " ") for t in texts if "draws" not in t)


def test_table_page_json_and_stored_run_name_the_edits(cli, here):
    edits = {"peak_factor": "1.5", "parameters": "5e9"}
    assert HEADED in " ".join(cli(*EDITS, "-n", "32000").out.splitlines()[:2])
    assert json.loads((Run.load("latest").path / "run.json").read_text())["priors"]["edits"] == edits
    for of in (("plappert-2024", *EDITS), ("latest",)):
        assert HEADED in " ".join(cli("sensitivity", *of, "-n", "32000").out.split())
        page = cli("report", *of, "-n", "32000", "--out", "-", "--format", "md").out
        assert HEADED.replace("_", "\\_") in page.splitlines()[0]
        assert NAMED.replace("_", "\\_") in page.splitlines()[-1]
        data = json.loads(cli("report", *of, "-n", "32000", "--out", "-", "--format", "json").out)["run"]
        assert data["edits"] == edits
        assert HEADED in data["title"]
    assert json.loads(cli(*EDITS, "-n", "32000", "--no-save", "--json").out)["edits"] == edits
    outcome = cli("compare", "plappert-2024", "latest", "--no-attribution")
    assert "latest, parameters=5e9, peak_factor=1.5" in outcome.out
    assert json.loads(cli("compare", "plappert-2024", "latest", "--json").out)["sides"]["B"]["edits"] == edits
    assert "parameters=5e9, peak_factor=1.5 (32,000" in cli("whatif", "latest", "--set", "peak_factor=2").out


def test_pools_and_conditioned_runs_name_the_edits(edited):
    from simulator import condition, pool

    chosen = edited.priors
    found = pool([(chosen, 0.5), ("evidence-2026", 0.5)], draws=3200)
    view = pooling.view(found, found.run.summary())
    assert view.blocks[0].rows[0][0] == NAMED
    assert view.data["members"][0]["edits"] == {"peak_factor": "1.5", "parameters": "5e9"}
    given = condition(chosen, {"training_h100s": "lognormal(p5=100, p95=10500)"}, draws=16_000)
    assert HEADED in conditioning.view(given, given.run.summary()).blocks[0].text


def test_many_and_long_edits_leave_a_name_readable():
    values = ", ".join(map(str, range(100)))
    chosen = load_priors(set={"peak_factor": f"empirical(values=[{values}])"})
    assert len(chosen.called) < 120
    names = ["peak_factor", "training_mfu", "inference_mfu", "training_days", "gpu_price"]
    assert load_priors(set=dict.fromkeys(names, 0.5)).called.endswith(", 2 more edits")


def test_a_difference_of_quantiles_says_that_it_is_one(cli):
    asked = ("-n", "16000", "-q", "training_cost")
    for out in (
        cli("compare", "plappert-2024", "evidence-2026", *asked, "--no-attribution").out,
        cli("report", "plappert-2024", "--compare", "evidence-2026", "-n", "16000", "--format", "md", "--out", "-").out,
    ):
        told = " ".join(out.split())
        assert "at 5 % and 95 % a difference of quantiles, and not a quantile of the difference" in told
