"""The evidence sets and the layers of GPUs: sources, grades, correlations, and that they can be drawn."""

import json
import re
import tomllib

import numpy as np
import pytest

from simulator import load_priors, simulate
from simulator.priors.files import shipped

from ..conftest import ROOT

FILES = sorted(p for folder in ("", "gpus", "cases") for p in (shipped() / folder).glob("*.toml"))
NAMED = re.compile(r"arXiv:\d{4}\.\d{4,5}|\b[\w-]+(\.[\w-]+)*\.(com|co|org|ai|net|io|youtube|google|edu|gov|es|cn)\b")


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_every_prior_has_a_primary_source_and_a_grade(path):
    data = tomllib.loads(path.read_text())
    entries = [*data.get("priors", {}).values(), *(t for t in data.get("correlations", {}).values() if t != 0)]
    entries += [*data.get("trends", {}).values(), *data.get("plausible", {}).values()]
    entries += [data[table] for table in ("before", "observed") if table in data]
    assert entries or path.parent.name == "cases"
    for entry in entries:
        assert entry["grade"] in "ABCD"
        assert NAMED.search(entry["source"]), entry["source"]
        assert len(entry["source"]) > 15
        assert not re.search(r"evidence\.md|essay-figures|\bSEED\b|\bEPOCH\b", str(entry))
        if entry["grade"] == "B" and path.parent.name == "cases":
            assert entry.get("note"), entry  # a derived number says how


def test_a_source_that_names_nothing_would_be_found():
    assert not NAMED.search("Public price lists of GPU clouds, 2025 to 2026")
    assert NAMED.search("Wan team 2025, Wan (arXiv:2503.20314)")


@pytest.mark.parametrize("name", ["evidence-2026", "distilled-2026", "frontier-2026"])
def test_the_evidence_sets_are_drawn_without_a_remark(name):
    chosen = load_priors(name)
    assert chosen.variant == "token-accounting"
    assert chosen.notes == ()
    run = simulate(chosen, draws=16_000)
    medians = {s.name: s.median.value for s in run.summary()}
    assert 1e22 < medians["training_flop"] < 1e26
    assert all(p.note for p in chosen.priors.values() if p.uncertain)


def test_sets_order_as_their_titles_say():
    sets = {n: simulate(f"{n}-2026", draws=64_000) for n in ("distilled", "evidence", "frontier")}
    at = {n: r.summary(["inference_flop_per_minute"])[0].median.value for n, r in sets.items()}
    assert at["distilled"] * 10 < at["evidence"] < at["frontier"] / 10


def test_graded_correlations_are_stored_shown_and_checked(cli, here):
    chosen = load_priors("evidence-2026")
    assert chosen.correlations["parameters", "training_tokens"] == 0.5
    assert chosen.grounds["parameters", "training_tokens"]["grade"] == "D"
    assert type(chosen).from_json(json.loads(json.dumps(chosen.to_json()))) == chosen
    shown = cli("priors", "show", "evidence-2026", "--sources").out
    assert "rank correlation of parameters, training_tokens: 0.5, grade D: Hoffmann" in shown
    text = 'extends = ["evidence-2026"]\n[correlations."parameters, training_tokens"]\n'
    for lines, part in (
        ("rho = 0.2", "correlations: 'parameters, training_tokens'.source: is missing"),
        ('rho = 0.2\nsource = "x"\ngrade = "E"', "'E' is not a grade: A measured"),
        ('rho = 2\nsource = "x"\ngrade = "A"', "'2' is not a rank correlation"),
        ('rhoo = 2\nsource = "x"\ngrade = "A"', "'rhoo' is not a key of a correlation; did you mean"),
        ('rho = 0.2\nsource = 3\ngrade = "A"', "is not a text"),
    ):
        (here / "tied.toml").write_text(text + lines)
        outcome = cli("priors", "check", "tied.toml")
        assert outcome.code == 2
        assert part in outcome.err, outcome.err
        assert all("tied.toml: correlations" in line for line in outcome.errors)


def test_all_gpus_are_listed_and_serve_the_same_h100_equivalents(cli):
    rows = json.loads(cli("gpus", "--json").out)
    assert {r["name"] for r in rows} == {
        "a100",
        "h100-sxm",
        "h200",
        "b200",
        "gb200",
        "b300",
        "mi300x",
        "mi355x",
        "h20",
        "tpu-v5p",
        "tpu-v6e",
        "tpu-v7",
    }
    assert {r["name"]: r["h100_equivalents"] for r in rows}["h100-sxm"] == 1.0
    printed = cli("gpus").out
    assert max(map(len, printed.splitlines())) <= 80
    for row in rows:
        assert 100 < row["gpu_peak"]["median"] / 1e12 < 3000
        assert 0.5 < row["gpu_price"]["median"] < 15
        run = simulate(gpu=row["name"], draws=1600, quantities=["training_h100s", "training_gpus"])
        h100s, gpus = (run.draws_of(q) for q in ("training_h100s", "training_gpus"))
        np.testing.assert_allclose(h100s, gpus * run.draws_of("gpu_peak") / 989.4e12, rtol=1e-5)


def test_the_count_of_another_gpu_stands_beside_its_h100_equivalents(cli):
    other = cli("--gpu", "mi300x", "--draws", "1600", "--no-save").out
    assert re.search(r"\ntraining_gpus .*\ntraining_h100s ", other)
    assert "inference_gpus" in other
    assert "training_gpus" not in cli("--draws", "1600", "--no-save").out
    assert "training_gpus" not in cli("--gpu", "h200", "--draws", "1600", "--no-save").out


def test_malformed_gpu_layers_get_the_errors_of_prior_sets(cli, here):
    (here / "priors" / "gpus").mkdir(parents=True)
    good = (ROOT / "priors" / "gpus" / "b200.toml").read_text()
    for old, new, part in (
        ("2250e12", '"lognormal(p5=3)"', "priors.gpu_peak.prior"),
        ("gpu_power", "power", "priors.power"),
        ('"W"', '"FLOP"', "priors.gpu_power.unit"),
        ('"A"', '"Z"', "is not a grade"),
    ):
        (here / "priors" / "gpus" / "mine.toml").write_text(good.replace(old, new, 1))
        outcome = cli("--gpu", "mine", "--draws", "1600")
        assert outcome.code == 2
        assert any("mine.toml" in line and part in line for line in outcome.errors), outcome.err


def test_every_shipped_case_names_its_family_and_what_it_measures():
    for path in (shipped() / "cases").glob("*.toml"):
        data = tomllib.loads(path.read_text())
        assert {"family", "measures"} <= data.keys(), path.name


@pytest.mark.parametrize("name", ["dit-xl-2-512-flop", "movie-gen-30b-flop", "hunyuanvideo-13b-flop"])
def test_the_formulas_make_what_was_published_by_formula(name):
    from simulator.analyses.backtest import outcome
    from simulator.priors.cases import load_case

    for base in ("evidence-2026", "calibrated-2026"):
        found = outcome(load_case(name, (base,)), 1600)
        assert not found.scored
        assert found.factor == pytest.approx(1.0, abs=0.1)
