"""Every verb on each example of a model of one's own, and their numbers against the published ones."""

import json
import shutil

import numpy as np
import pytest

from simulator import InputError, Run, compare, load_model, load_priors, simulate
from simulator.cli.main import main
from simulator.cli.model_option import WITHOUT
from simulator.priors.toml import toml

from .conftest import ROOT

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
LAST = {"chips": "installed_h100e", "query": "energy_per_query", "tuners": "tuners"}
UNIT = {"chips": "h100e", "query": "Wh/query", "tuners": "tuner"}
PRIOR = {"chips": "b200_price", "query": "active_parameters", "tuners": "people"}
VERBS = {  # of {set} and {run}, both of one example
    "explain": "explain {of} --priors {set}",
    "priors show": "priors show {set}",
    "priors check": "priors check {set}",
    "runs show": "runs show {run}",
    "rerun": "rerun {run}",
    "compare": "compare {set} {run} --set A:{prior}={value} --draws 1600",
    "sensitivity": "sensitivity {run}",
    "sensitivity --total": "sensitivity {set} --total --draws 1600",
    "whatif": "whatif {run} --set {prior}={value}",
    "condition": "condition {set} --on {of}=lognormal(median={middle},sigma=0.2) --draws 16k",
    "ensemble": "ensemble {set}:0.5 other.toml:0.5 --draws 3200",
    "reserve": "reserve {set} --of {of} --short 3 --idle 1 --learn {prior} --draws 16k",
    "years": "--priors trended.toml --years 2026:2028 --draws 1600 --no-save",
    "backtest": "backtest case.toml --priors {set} --draws 1600",
    "plot": "plot {run} --out figure.svg",
    "plot of several": "plot {run} -k forest --out figure.svg",
    "plot of drivers": "plot {run} -k tornado --out figure.svg",
    "report": "report {run} --out page.html",
    "report as Markdown": "report {run} --format md --out -",
    "explore": "explore {run} --no-open --out page.html",
    "pre-integrated": "--priors {set} --estimator preintegrated --draws 1600 --no-save",
    "main": "--priors {set} --draws 1600 --all --json --no-save",
}


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request, tmp_path_factory):
    """An example in a folder of its own, with a stored run, a second set, one with a trend and a case."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    for ending in ("py", "toml"):
        shutil.copy(ROOT / "examples" / f"{name}.{ending}", folder)
    model = load_model(folder / f"{name}.py")
    chosen = load_priors(str(folder / f"{name}.toml"))
    run = simulate(chosen, draws=16_000, quantities=model.told.headline).stored_in(folder / "runs")
    median = chosen.prior(PRIOR[name]).distribution.quantile(0.6)
    (folder / "other.toml").write_text(toml(chosen.edited({PRIOR[name]: median})))
    trend = f'\n[trends.{PRIOR[name]}]\nfrom = 2026\ngrowth = 1.2\nnoise = 0.1\nsource = "x"\ngrade = "D"\n'
    (folder / "trended.toml").write_text(toml(chosen) + trend)
    (folder / "case.toml").write_text(
        f'title = "a count"\nabout = "other"\ndate = "2026"\n[observed]\nquantity = "{LAST[name]}"\n'
        f'value = {run.summary(LAST[name])[0].median.value}\nunit = "{UNIT[name]}"\nsource = "x"\ngrade = "D"\n'
    )
    middle = run.summary(LAST[name])[0].median.value
    words = {"set": f"{name}.toml", "run": run.name, "of": LAST[name], "prior": PRIOR[name]}
    return folder, name, words | {"value": f"{median:.6g}", "middle": f"{middle:.6g}"}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_works_on_a_model_of_ones_own(example, verb, cli, here):
    folder, name, words = example
    for path in folder.iterdir():
        (here / path.name).symlink_to(path)
    outcome = cli(*(word.format(**words) for word in VERBS[verb].split()), "--model", f"{name}.py")
    assert outcome.code == 0, outcome
    assert "was not used" not in outcome.err
    assert outcome.out.strip()
    if verb == "main":
        assert set(json.loads(outcome.out)["quantities"]) == set(load_model(f"{name}.py").quantities)
    if verb == "backtest":
        assert "other" in outcome.out
    if verb in ("explore", "report"):
        page = (here / "page.html").read_text()
        assert "the page does not compute" not in outcome.err
        assert "Sora" not in page.split("</h1>", 1)[0]
        assert str(folder) not in page


def test_every_verb_has_a_row():
    """A new command has to be tried with a model of one's own, or to say that it takes none."""
    known = {" ".join(v.split()[:2]) for v in VERBS.values()} | {v.split()[0] for v in VERBS.values()}
    for name in main.list_commands(None):
        command = main.get_command(None, name)
        inner = [f"{name} {each}" for each in getattr(command, "commands", {})] or [name]
        for each in inner:
            taken = each in WITHOUT or name in WITHOUT
            assert taken or each in known or each in ("priors new", "own"), each


def test_rent_or_buy_is_asked_of_models_that_know_what_a_gpu_costs(cli, here):
    """No example has GPUs that could be bought; an extension of a shipped variant has."""
    shutil.copy(ROOT / "examples" / "tuners.py", here)
    shutil.copy(ROOT / "examples" / "tuners.toml", here)
    outcome = cli("own", "tuners.toml", "--model", "tuners.py", "--draws", "1600")
    assert outcome.code != 0
    assert outcome.err.startswith("error: there is no quantity 'payback_years' in tuners")
    (here / "extra.py").write_text(
        """from simulator import quantity

EXTENDS = "dit-scaling"


@quantity("USD")
def two_gpus(gpu_capex):
    \"\"\"Price of two GPUs.\"\"\"
    return 2.0 * gpu_capex
"""
    )
    assert cli("own", "plappert-2024", "--model", "extra.py", "--draws", "1600").code == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_cluster_draws_the_same_bits(name, here):
    """The file travels to the workers, which have never seen it."""
    pytest.importorskip("distributed")
    load_model(ROOT / "examples" / f"{name}.py")
    chosen = load_priors(str(ROOT / "examples" / f"{name}.toml"))
    options = {"draws": 32_000, "quantities": [LAST[name]]}
    there, alone = simulate(chosen, cluster="local:1", **options), simulate(chosen, **options)
    np.testing.assert_array_equal(there.draws_of(LAST[name]), alone.draws_of(LAST[name]))
    assert there.digest == alone.digest


def medians(name, set=None, draws=1_000_000, quantiles=(0.05, 0.5, 0.95)):
    load_model(ROOT / "examples" / f"{name}.py")
    run = simulate(
        load_priors(str(ROOT / "examples" / f"{name}.toml"), set=set or {}), draws=draws, store=False, keep=0
    )
    (s,) = run.summary(LAST[name], quantiles=quantiles)
    return [s.quantiles[p] for p in quantiles]


def test_chips_are_those_of_the_published_notebook():
    """Two runs of one model stand in it, of 5,000 draws each: our quantiles lie within their error of their mean.

    The error is the spread of the notebook's own method over 60 seeds; see docs/models.md.
    """
    printed = np.array([[12.64, 14.51, 16.52], [12.71, 14.53, 16.63]]) * 1e6
    error = np.array([0.022, 0.016, 0.031]) * 1e6 / np.sqrt(2.0)
    ours = np.array([e.value for e in medians("chips")])
    assert (np.abs(ours - printed.mean(axis=0)) < 3.0 * error).all(), ours
    assert (np.abs(ours - printed[0]) < 3.0 * error * np.sqrt(2.0)).all(), ours


CASES = {  # the columns of the published spreadsheet: parameters, tokens, utilization, PUE and Wh
    "baseline": (100e9, 500, 0.1, 1.2, 0.301),
    "long output": (100e9, 1500, 0.1, 1.2, 0.902),
    "smaller model": (20e9, 500, 0.1, 1.2, 0.0602),
    "pessimistic": (200e9, 500, 0.05, 1.3, 1.304),
    "pessimistic, long output": (200e9, 1500, 0.05, 1.3, 3.911),
}


@pytest.mark.parametrize("case", CASES)
def test_the_energy_of_a_query_is_that_of_each_published_case(case):
    parameters, tokens, use, facility, published = CASES[case]
    known = {"active_parameters": parameters, "output_tokens": tokens, "compute_use": use, "load": 0.7}
    ours = medians("query", known | {"facility_factor": facility, "queries_per_day": 1e9}, 16)[1].value
    assert ours == pytest.approx(published, rel=2e-3)  # the spreadsheet takes 989e12 FLOP/s, and prints three digits


@pytest.mark.parametrize(
    ("people", "size", "share", "published"), [(3e6, 4, 0.2, 150), (9e6, 2, 0.05, 225)], ids=["teachers", "wikipedia"]
)
def test_the_tuners_are_those_of_the_usual_guesses(people, size, share, published):
    known = {"people": people, "household_size": size, "piano_share": share, "tunings_per_year": 1}
    known |= {"tuning_hours": 2, "workday_hours": 8, "weeks_per_year": 50}
    assert medians("tuners", known, 16)[1].value == pytest.approx(published, rel=1e-12)
    low, _, high = medians("tuners", draws=64_000)
    assert low.value < published < high.value


def test_the_numbers_of_the_docs_are_ours():
    text = (ROOT / "docs/models.md").read_text()
    row = " | ".join(f"{e.value / 1e6:.2f}" for e in medians("chips"))
    assert f"| {row} |" in text
    low, middle, high = (e.value for e in medians("query"))
    assert f"takes {middle:.2f} Wh, in nine of ten worlds {low:.2f} to {high:.1f}" in " ".join(text.split())
    low, middle, high = (e.value for e in medians("tuners"))
    assert f"says {middle:.0f} tuners, {low:.0f} to {high:.2g}".replace("5.4e+02", "540") in " ".join(text.split())


def test_a_page_of_what_cannot_be_translated_says_so_and_is_the_report(here, cli):
    assert cli("models", "new", "mine").code == 0
    text = (here / "mine.py").read_text().replace("from simulator", "import numpy as np\nfrom simulator", 1)
    (here / "mine.py").write_text(text.replace("return users *", "return np.where(users > 0.0, 1.0, 0.0) * users *"))
    words = ["explore", "mine", "--model", "mine.py", "--draws", "1600", "--no-open", "--out", "page.html"]
    outcome = cli(*words)
    assert outcome.code == 0
    assert "note: the page does not compute: the formula of queries_per_day holds 'np.where" in outcome.err
    assert "<script" not in (here / "page.html").read_text()


def test_two_models_stand_beside_one_another(here, cli):
    for name in ("one", "two"):
        assert cli("models", "new", name).code == 0
    words = ["--model", "one.py", "--model", "two.py", "--draws", "1600", "--json"]
    found = json.loads(cli("compare", "one", "two", *words).out)
    assert set(found["quantities"]) == {"queries_per_day", "energy_per_query", "energy_per_day"}
    assert cli("compare", "one", "two", "--model", "one.py", "--draws", "160").err.endswith("file of its formulas\n")


def test_own_draws_depend_on_order_alone(here):
    """A prior that is added at the end moves no draw of the others; shipped ones keep theirs, whatever is added."""
    text = (ROOT / "examples/tuners.py").read_text()
    more = text.replace("PRIORS = (", "PRIORS = (", 1).replace(
        '    Input("weeks_per_year", "week/year", "weeks that a tuner works in a year"),\n',
        '    Input("weeks_per_year", "week/year", "weeks that a tuner works in a year"),\n'
        '    Input("luck", "1", "anything", neutral=1.0),\n',
    )
    more = more.replace("def tuners(tunings, tunings_per_tuner)", "def tuners(tunings, tunings_per_tuner, luck)")
    more = more.replace("return tunings / tunings_per_tuner", "return tunings / tunings_per_tuner * luck")
    (here / "tuners.py").write_text(more)
    shutil.copy(ROOT / "examples/tuners.toml", here)
    load_model(ROOT / "examples/tuners.py")
    plain = simulate(load_priors("tuners.toml"), draws=1600)
    load_model("tuners.py")
    wider = simulate(load_priors("tuners.toml"), draws=1600)
    assert "luck" in wider.priors.priors
    for name in plain.priors.uncertain:
        np.testing.assert_array_equal(plain.draws_of(name), wider.draws_of(name))
    assert plain.digest != wider.digest


def test_a_stored_run_asks_for_the_very_file(here, cli):
    assert cli("models", "new", "mine").code == 0
    assert cli("--model", "mine.py", "--priors", "mine", "--draws", "1600").code == 0
    stored = next((here / "runs").glob("mine-*")).name
    kept = (here / "mine.py").read_text()
    (here / "mine.py").write_text(kept.replace("Queries in a day.", "Queries of a day."))
    changed = cli("rerun", stored, "--model", "mine.py")
    assert changed.code == 2
    assert changed.err.count("\n") == 1
    assert "was made with another mine.py, of SHA-256" in changed.err
    (here / "mine.py").write_text(kept)
    assert "the same, bit for bit" in cli("rerun", stored, "--model", "mine.py").out


def test_a_model_that_nothing_uses_is_told_of(here, cli):
    assert cli("models", "new", "mine").code == 0
    outcome = cli("--priors", "plappert-2024", "--model", "mine.py", "--draws", "160", "--no-save")
    assert outcome.code == 0
    assert 'note: --model mine.py was not used: it is for sets that say model = "mine"' in outcome.err
    assert "was not used" not in cli("--priors", "plappert-2024", "--draws", "160", "--no-save").err


def test_a_model_under_variant_is_told_where_it_belongs(here, cli):
    assert cli("models", "new", "mine").code == 0
    path = here / "priors/mine.toml"
    path.write_text(path.read_text().replace('model = "mine"', 'variant = "mine"'))
    outcome = cli("--model", "mine.py", "--priors", "mine")
    assert (
        outcome.err == "error: mine: variant: 'mine' is a model of one's own, and no variant: write model = \"mine\"\n"
    )


def test_the_set_of_a_model_is_found_from_another_folder(here, cli, monkeypatch):
    """Where `models new` puts it, and beside the file before that; where there is none, the line says where it was."""
    assert cli("models", "new", "mine").code == 0
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    words = ("--model", "../mine.py", "--draws", "1600")
    outcome = cli(*words, "--no-save")
    assert outcome.code == 0, outcome.err
    assert "simulate sensitivity mine --of" in outcome.out
    assert cli("sensitivity", "mine", "--model", "../mine.py").code == 0
    assert "did you mean 'mine'?" in cli("sensitivity", "mone", "--model", "../mine.py").err
    (here / "below/priors").mkdir()
    (here / "below/priors/mine.toml").write_text((here / "priors/mine.toml").read_text())
    assert "simulate sensitivity ../priors/mine.toml" in cli(*words, "--no-save").out  # the name is another set's here
    (here / "below/priors/mine.toml").unlink()
    (here / "below/priors/mine.toml").symlink_to("nowhere.toml")
    assert cli(*words, "--no-save").code == 0
    (here / "below/priors/mine.toml").unlink()
    (here / "mine.toml").write_text((here / "priors/mine.toml").read_text().replace("made up to begin", "beside"))
    assert "beside" in cli(*words, "--no-save").out
    (here / "mine.toml").unlink()
    (here / "priors/mine.toml").unlink()
    outcome = cli(*words)
    assert outcome.code == 2
    assert outcome.errors == [
        "error: --model ../mine.py: no prior set was named, and there is neither ../mine.toml nor ../priors/mine.toml "
        "nor a set called mine; name one"
    ]


def test_the_hint_of_explain_names_the_model(here, cli):
    assert cli("models", "new", "mine").code == 0
    assert "'simulate explain NAME --model mine.py' says how" in " ".join(
        cli("explain", "--model", "mine.py").out.split()
    )


def test_new_writes_both_files_or_none(here, cli):
    (here / "priors").mkdir()
    (here / "priors/mine.toml").write_text("here already")
    outcome = cli("models", "new", "mine")
    assert outcome.code == 2
    assert outcome.err == "error: priors/mine.toml exists already; choose another name\n"
    assert not (here / "mine.py").exists()


def test_an_extension_is_read_with_the_sets_of_its_variant(here, cli):
    (here / "extra.py").write_text(
        "from simulator import Input, quantity\n"
        'EXTENDS = "token-accounting"\n'
        'PRIORS = (Input("staff_cost", "USD", "what people cost", neutral=0.0),)\n'
        '@quantity("USD")\n'
        "def project_cost(training_cost, staff_cost):\n"
        '    """Cost of a project: GPUs and people."""\n'
        "    return training_cost + staff_cost\n"
    )
    words = ["--priors", "evidence-2026", "--model", "extra.py", "--set", "staff_cost=1e6", "--draws", "1600", "--json"]
    found = json.loads(cli(*words, "-q", "project_cost,training_cost").out)["quantities"]
    assert found["project_cost"]["median"]["value"] == pytest.approx(found["training_cost"]["median"]["value"] + 1e6)
    plain = load_priors("evidence-2026")
    extra = load_model("extra.py")
    mine = load_priors("evidence-2026", model=extra)
    assert "project_cost" not in plain.model.quantities
    one, two = simulate(plain, draws=1600), simulate(mine, draws=1600)
    np.testing.assert_array_equal(one.draws_of("training_cost"), two.draws_of("training_cost"))


def test_a_model_asks_for_what_it_reads_alone(here, cli):
    """A GPU says nothing to pianos: to leave it out in silence would let a reader think that it did."""
    words = ["--model", str(ROOT / "examples/tuners.py"), "--draws", "160", "--no-save"]
    outcome = cli(*words, "--gpu", "b200")
    assert outcome.code == 2
    assert "the model tuners reads no prior of a GPU" in outcome.err
    assert cli("--model", str(ROOT / "examples/query.py"), "--draws", "160", "--no-save", "--gpu", "b200").code == 0


def test_a_run_is_read_where_its_model_is(here):
    load_model(ROOT / "examples/tuners.py")
    run = simulate(load_priors(str(ROOT / "examples/tuners.toml")), draws=1600).stored_in()
    assert Run.load(run.path).digest == run.digest
    with pytest.raises(InputError, match="share no quantity"):
        compare(run, "plappert-2024", draws=1600)
