"""Another GPU for a stored run: the entries of its layer, no others, and neighbours that went by a path or a name."""

import json
import shutil

import pytest

from simulator import InputError, Run, load_priors
from simulator.cli.sides import side_of
from simulator.priors.cases import load_case
from simulator.priors.files import shipped


def gpu_file(path, **values):
    units = {"gpu_peak": "FLOP/s", "gpu_power": "W", "gpu_price": "USD/hour", "training_mfu": "1"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "".join(
            f'[priors.{n}]\nprior = {x}\nunit = "{units[n]}"\nsource = "{n} of {path.stem}"\ngrade = "C"\n'
            for n, x in values.items()
        )
    )
    return str(path)


def values_of(side):
    return {n: side.priors[n].distribution.text for n in ("gpu_peak", "gpu_power", "gpu_price", "training_mfu")}


def test_another_gpu_replaces_what_its_layer_gives_wherever_the_files_lie(cli, here, monkeypatch):
    """Below a folder `gpus` the path of each shipped prior holds that name."""
    shutil.copytree(shipped(), here / "gpus" / "priors")
    monkeypatch.setattr("simulator.priors.files.shipped", lambda: here / "gpus" / "priors")
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert cli("--set", "training_mfu=0.3", "--draws", "64000").code == 0
    outcome = cli("compare", "latest", "plappert-2024", "--gpu", "A:b200", "--json", "-q", "training_h100s")
    found = json.loads(outcome.out)["quantities"]["training_h100s"]
    assert found["A"]["median"]["value"] == pytest.approx(42_660, rel=0.01)
    assert found["B"]["median"]["value"] == pytest.approx(29_140, rel=0.01)
    side = side_of("latest", [], ["b200"], None)
    assert values_of(side) == values_of(load_priors(gpu="b200", set={"training_mfu": 0.3}))
    assert side.digest == load_priors(gpu="b200", set={"training_mfu": 0.3}).digest


def test_a_gpu_of_ones_own_is_laid_over_a_stored_run_with_all_that_it_gives_and_its_sources(cli, here):
    assert cli("--gpu", "b200", "--draws", "1600").code == 0
    before = Run.load("latest").priors
    side = side_of("latest", [], [gpu_file(here / "mine.toml", gpu_peak=2e15, training_mfu=0.6)], None)
    assert values_of(side) == values_of(before) | {"gpu_peak": "2e15", "training_mfu": "0.6"}
    assert (side.priors["gpu_peak"].source, side.priors["gpu_peak"].grade) == ("gpu_peak of mine", "C")
    owned = ("gpu_capex", "gpu_life", "gpu_opex", "discount_rate")  # what the B200 costs to own says nothing of mine
    assert {n: p for n, p in side.priors.items() if n not in ("gpu_peak", "training_mfu", *owned)} == {
        n: p for n, p in before.priors.items() if n not in ("gpu_peak", "training_mfu", *owned)
    }
    assert side.lacking("payback_years") == ["gpu_capex", "gpu_life", "gpu_opex", "discount_rate"]
    assert (side.name, side.layers[-1]) == ("plappert-2024+mine", "mine")


def test_what_a_stored_run_was_set_to_stays_on_another_gpu_and_is_said(cli, here):
    assert cli("--set", "gpu_price=3", "--set", "training_mfu=0.3", "--draws", "1600").code == 0
    outcome = cli("compare", "latest", "plappert-2024", "--gpu", "A:b200", "--draws", "1600", "--json")
    assert outcome.err == ("note: gpu_price = 3 stays on b200: --set wins over --gpu, so set it anew to change it\n")
    fresh = load_priors(gpu="b200", set={"gpu_price": 3, "training_mfu": 0.3})
    assert side_of("latest", [], ["b200"], None).digest == fresh.digest
    outcome = cli("compare", "latest", "plappert-2024", "--gpu", "A:b200", "--set", "A:gpu_price=4", "--json")
    assert outcome.err == ""
    assert values_of(side_of("latest", ["gpu_price=4"], ["b200"], None))["gpu_price"] == "4"


def test_a_run_of_the_first_format_takes_another_gpu_too(cli, here):
    assert cli("--set", "training_mfu=0.3", "--draws", "1600").code == 0
    folder = Run.load("latest").path
    held = json.loads((folder / "run.json").read_text())
    old = {key: value for key, value in held.items() if key not in ("integrity", "data")} | {"format": 1}
    (folder / "run.json").write_text(json.dumps(old))
    side = side_of("latest", [], ["b200"], None)
    assert side.digest == load_priors(gpu="b200", set={"training_mfu": 0.3}).digest


def test_a_report_of_a_stored_run_on_another_gpu_tells_the_command_that_makes_it(cli, here):
    assert cli("--gpu", "h200", "--set", "training_mfu=0.3", "--draws", "1600").code == 0
    page = cli("report", "latest", "--gpu", "b200", "--format", "md", "--out", "-").out
    assert "--gpu b200 --set training_mfu=0.3" in page
    assert "set by the user" in page
    assert page.count("Blackwell architecture technical brief") >= 2


def test_what_is_wrong_with_a_gpu_for_a_stored_run_is_one_line_each(cli, here):
    assert cli("--draws", "1600").code == 0
    (here / "odd.toml").write_text('variant = "token-accounting"\n[priors.gpu_speed]\nprior = 1\n')
    outcome = cli("compare", "latest", "plappert-2024", "--gpu", "A:odd.toml")
    assert outcome.code == 2
    assert outcome.errors == [
        "error: odd.toml: variant: 'token-accounting' is not dit-scaling: a GPU has none",
        "error: odd.toml: priors.gpu_speed: dit-scaling reads no prior of this name; did you mean 'gpu_peak'?",
    ]


def test_a_damaged_run_is_told_of_as_damaged_and_not_as_unknown(cli, here):
    """Its message says that the file "is no run.json"."""
    assert cli("--draws", "1600").code == 0
    (Run.load("latest").path / "run.json").write_text("{")
    outcome = cli("compare", "latest", "plappert-2024")
    assert "it is not JSON; make the run again" in outcome.err
    assert "neither a prior set" not in outcome.err


@pytest.mark.parametrize("change", [["--set", "A:peak_factor=2"], ["--gpu", "A:b200"]])
def test_a_conditioned_run_is_not_drawn_anew_without_its_facts(cli, here, change):
    assert cli("condition", "--on", "training_h100s=lognormal(p5=8400, p95=21000)", "--draws", "1600").code == 0
    outcome = cli("compare", "latest", "plappert-2024", *change)
    assert outcome.code == 2
    assert "is conditioned: its worlds are not those of its priors; ask it of the prior set" in outcome.err


def test_a_case_is_on_its_gpu_whatever_gpu_the_set_gives(here):
    mine = gpu_file(here / "mine.toml", gpu_peak=2e15)
    (here / "mine.toml").write_text(f'extends = ["evidence-2026"]\n{(here / "mine.toml").read_text()}')
    for name, peak in (("ltx-video-2b-h100", "9.894e14"), ("hunyuanvideo-13b-720p-h20", "1.48e14")):
        assert load_case(name, (mine,)).priors.priors["gpu_peak"].distribution.text == peak


def test_an_unknown_parent_is_said_of_its_file_whatever_it_is_called(here):
    (here / "mine.toml").write_text('extends = ["a.toml:b"]\n')
    with pytest.raises(InputError, match=r"^mine\.toml: extends: there is no prior set 'a\.toml:b'"):
        load_priors("mine.toml")
