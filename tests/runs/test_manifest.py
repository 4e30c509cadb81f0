"""A run.json as a stranger could write it, with a checksum that fits, is refused in one line."""

import json
import os
from dataclasses import replace

import pytest

from simulator import simulate
from simulator.runs import manifest, store

from ..conftest import forge
from ..helpers import SET


def priors_with(folder, **changes):
    return json.loads((folder / "run.json").read_text())["priors"] | changes


def asked_in_vain(cli, *parts):
    for command in (["runs", "show", "latest", "-q", "training_cost"], ["rerun", "latest"]):
        outcome = cli(*command)
        assert (outcome.code, len(outcome.errors)) == (2, 1), outcome.err
        assert any(part in outcome.errors[0] for part in parts), outcome.errors[0]
        assert "internal error" not in outcome.err


@pytest.mark.parametrize("draws", [10**9, 10**12, 2**62])
def test_more_draws_than_the_file_holds_are_refused_before_memory_is_taken(stored, cli, draws):
    forge(stored, draws=draws - draws % 16, keep=draws)
    asked_in_vain(cli, "run.json tells of more draws than run.nc holds")


def test_a_pool_whose_members_have_more_draws_than_it_is_refused(here, cli):
    assert cli("ensemble", "plappert-2024:0.5", "evidence-2026:0.5", "--draws", "1600").code == 0
    folder = next(p for p in store.folders(here / "runs") if p.name.startswith("pool"))
    given = json.loads((folder / "run.json").read_text())["given"]
    given["members"][0]["draws"] = 10**12
    forge(folder, given=given)
    assert "damaged at 'given'" in cli("runs", "show", str(folder)).errors[0]


@pytest.mark.parametrize(
    "text",
    [
        "empirical(file='numbers.csv')",
        "empirical(\N{FULLWIDTH LATIN SMALL LETTER F}ile='numbers.csv')",
        "mixture(weights=[0.5, 0.5], a=empirical(file='numbers.csv'), b=1)",
        "empirical(file='/etc/hostname')",
    ],
)
def test_a_strangers_run_reads_no_file(stored, cli, here, text):
    (here / "numbers.csv").write_text("1\n2\n3\n")
    priors = priors_with(stored)
    priors["priors"]["parameters"]["distribution"] = text
    forge(stored, priors=priors)
    asked_in_vain(
        cli, "is named in a stored run, which holds its values itself", "empirical cannot be made from \uff46ile"
    )


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd.toml", "a/b", ""])
def test_a_strangers_name_is_no_path(stored, cli, name):
    forge(stored, priors=priors_with(stored, name=name))
    asked_in_vain(cli, "is not the name of a prior set")


@pytest.mark.parametrize("name", [".hidden", ".writing-x", "-o", "..", "\N{MATHEMATICAL BOLD CAPITAL A}" * 300])
def test_a_set_of_any_name_has_a_run_that_is_found(here, cli, name):
    (here / f"{name[:60]}.toml").write_text('extends = ["plappert-2024"]\n')
    assert cli("--priors", f"./{name[:60]}.toml", "--draws", "160").code == 0
    (folder,) = (here / "runs").iterdir()
    assert folder.name[0] not in ".-"
    assert cli("rerun", "latest").code == 0
    assert simulate(SET, draws=160).save("runs")
    assert folder.exists()
    assert simulate(replace(SET, name=name * 80), draws=160).save("runs").is_dir()


@pytest.mark.parametrize(("key", "value"), [("unit", 3), ("source", None), ("name", "peak_factor"), ("colour", "red")])
def test_a_strangers_prior_is_one(stored, cli, key, value):
    priors = priors_with(stored)
    priors["priors"]["parameters"][key] = value
    forge(stored, priors=priors)
    asked_in_vain(cli, "its priors are damaged")


def test_what_a_terminal_would_obey_is_not_printed(stored, cli):
    forge(
        stored, priors=priors_with(stored, title="\x1b]0;owned\x07\x9b2J", notes=["\x1b[2J"]), notes=["\x1b[2J\u202e"]
    )
    for command in (["runs", "show", "latest"], ["report", "latest", "--format", "md", "--out", "-"]):
        outcome = cli(*command)
        assert outcome.code == 0
        assert "?]0;owned?" in outcome.out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(outcome.out + outcome.err)


def test_a_run_json_without_end_is_refused(stored, cli, here):
    text = (stored / "run.json").read_text()
    with (stored / "run.json").open("w") as file:
        file.truncate(10**10)
    asked_in_vain(cli, "is larger than 67 MB")
    for deep in ("[" * 10**5, '{"a":' * 10**5, text.replace('"notes": []', '"notes": ' + "[" * 900 + "]" * 900)):
        (stored / "run.json").write_text(deep)
        asked_in_vain(cli, "run.json")
    (stored / "run.json").unlink()
    os.mkfifo(stored / "run.json")
    assert cli("runs", "list").code == 0
    assert "there is no run" in cli("runs", "show", stored.name).errors[0]


def test_every_wrong_value_in_a_strangers_run_is_one_line(stored, cli):
    """Each value of run.json in turn is one of another kind, with a checksum that fits."""
    text = (stored / "run.json").read_text()

    def leaves(value, path=()):
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            yield (*path, key)
            if path[:2] != ("priors", "priors") or key in ("parameters", "distribution", "unit", "grade"):
                yield from leaves(inner, (*path, key))

    places = [p for p in leaves(json.loads(text)) if p[:1] != ("summary",) or p[1:2] in ((), ("training_flop",))]
    places = [p for p in places if p[:2] != ("priors", "priors") or p[2:3] in ((), ("parameters",), ("peak_factor",))]
    assert len(places) > 60
    kinds = (None, -1, "x", [], {}, {"x": [1]})
    for i, place in enumerate(places):
        for wrong in (kinds[i % 6], kinds[(i + 3) % 6]):
            data = json.loads(text)
            holder = data
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = wrong
            (stored / "run.json").write_text(manifest.sealed(data))
            outcome = cli("runs", "show", str(stored))
            assert outcome.code == 0 or (outcome.code == 2 and len(outcome.errors) == 1), (place, wrong, outcome.err)
            assert "internal error" not in outcome.err, (place, wrong, outcome.err)
