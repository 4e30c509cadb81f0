"""Stored runs: the netCDF layout, ArviZ and xarray, whole or not at all, made again."""

import json
import warnings

import netCDF4
import numpy as np
import pytest

from simulator import InputError, Run, RunError, load_priors, simulate
from simulator.runs import folders, netcdf

from ..conftest import HANG, begun, content, forge, reseal

SET = load_priors()


@pytest.fixture
def stored(here):
    return simulate(SET, draws=32_000).stored_in("runs")


def test_the_file_opens_with_arviz_and_xarray(stored):
    import arviz
    import xarray

    for open_it in (arviz.from_netcdf, xarray.open_datatree):
        tree = open_it(stored.path / folders.DATA)
        assert set(tree.children) == {"prior", "prior_predictive", "constant_data"}
        for group, names in (("prior", SET.uncertain), ("prior_predictive", stored.quantities)):
            data = tree[group].to_dataset()
            assert dict(data.sizes) == {"chain": 16, "draw": 2000}
            assert set(data.data_vars) == set(names)
            assert all(v.dtype == np.float64 for v in data.data_vars.values())
            assert all(v.attrs["units"] for v in data.data_vars.values())
        parameters = tree["prior"]["parameters"]
        np.testing.assert_array_equal(parameters.values, stored.prior_draws["parameters"])
        assert parameters.attrs["prior"] == "lognormal(p5=8e9, p95=5e10)"
        assert parameters.attrs["family"] == "lognormal"
        assert "Plappert" in parameters.attrs["source"]
        assert float(tree["constant_data"]["gpu_peak"]) == 989.4e12
        assert np.isfinite(tree["prior_predictive"]["training_flop"].var())  # 1e25 squared: float32 overflows
        tree.close()


def test_arviz_summarizes_it_without_a_warning(stored):
    import arviz

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = arviz.summary(arviz.from_netcdf(stored.path / folders.DATA), group="prior_predictive", round_to="none")
    assert set(table.index) == set(stored.quantities)
    for column in ("mean", "sd", "mcse_mean", "mcse_sd"):
        assert np.isfinite(table[column].astype(float)).all()
    ours = {s.name: s for s in stored.summary()}
    for name in table.index:
        assert float(table.loc[name, "mean"]) == pytest.approx(ours[name].mean.value, rel=1e-6)


def test_a_run_in_memory_and_the_same_run_read_back_are_equal(stored, here):
    back = Run.load(stored.name)
    assert back.digest == stored.digest
    assert back.priors == stored.priors
    fresh = simulate(SET, draws=32_000)
    for tree in (fresh.datatree, back.datatree):
        assert tree["prior"].attrs == {}
        assert dict(tree["prior"].sizes) == {"chain": 16, "draw": 2000}
    assert set(fresh.dataset.data_vars) == set(back.dataset.data_vars) >= {*SET.priors, *fresh.quantities}
    np.testing.assert_array_equal(fresh.dataset["breakeven_days"], back.dataset["breakeven_days"])
    assert float(fresh.dataset["dit_parameters"]) == float(back.dataset["dit_parameters"]) == 675e6
    assert fresh.dataset["training_h100s"].dims == ("chain", "draw")
    for a, b in zip(fresh.summary(), back.summary(), strict=True):  # from float32 draws
        assert b.median.value == pytest.approx(a.median.value, rel=1e-6)
        assert b.median.mcse == pytest.approx(a.median.mcse, rel=1e-2)


def test_a_quantity_that_was_not_kept_is_computed_from_the_stored_priors(stored):
    back = Run.load("latest")
    assert "training_cost" not in back.quantities
    whole = simulate(SET, draws=32_000, quantities=["training_cost"])
    np.testing.assert_allclose(back.draws_of("training_cost"), whole.draws_of("training_cost"), rtol=1e-6)
    assert back.summary(["training_cost"])[0].median.value == pytest.approx(whole.summary()[0].median.value, rel=1e-6)
    with pytest.raises(InputError, match="no quantity"):
        back.summary(["colour"])


def test_the_digest_of_the_content_depends_on_no_thread(here):
    digests = set()
    for threads in (1, 2):
        run = simulate(SET, draws=160_000, threads=threads)
        digests.add(content(run.save(f"runs{threads}")))
    assert len(digests) == 1
    other = simulate(SET, draws=160_000, seed=3)
    assert content(other.save("runs3")) not in digests


def test_the_same_inputs_give_the_same_folder(stored, here):
    before = content(stored.path)
    again = simulate(SET, draws=32_000)
    assert again.save("runs") == stored.path
    assert content(stored.path) == before
    assert [p.name for p in (here / "runs").iterdir()] == [stored.name]


def test_a_failure_while_writing_keeps_the_old_run_and_leaves_nothing(stored, here, monkeypatch):
    before = content(stored.path)
    monkeypatch.setattr(netcdf, "sync", lambda path: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(RunError, match="the disk is full"):
        simulate(SET, draws=32_000).save("runs")
    with pytest.raises(RunError):
        simulate(SET, draws=16_000).save("runs")
    assert [p.name for p in (here / "runs").iterdir()] == [stored.name]
    assert content(stored.path) == before


def test_rerun_compares_bit_for_bit(cli, here):
    assert cli("--draws", "16000", "--set", "peak_factor=choice(values=[2, 3], weights=[0.5, 0.5])").code == 0
    outcome = cli("rerun", "latest", "--threads", "1")
    assert outcome.code == 0
    assert "the same, bit for bit" in outcome.out
    run = Run.load("latest")
    with netCDF4.Dataset(run.path / folders.DATA, "a") as file:
        file["prior"]["parameters"].set_auto_maskandscale(False)
        file["prior"]["parameters"][0, 0] += 1e9
    outcome = cli("rerun", "latest")
    assert outcome.code == 1
    assert "run.nc was changed or damaged after it was written" in outcome.errors[0]
    assert "parameters differs in 1 draws; write it anew with: simulate --draws 16000" in outcome.errors[0]
    reseal(run.path)
    outcome = cli("rerun", "latest")
    assert outcome.code == 1
    assert "is not what this version makes: parameters differs in 1 draws" in outcome.errors[0]


def test_rerun_says_when_the_model_is_another(cli, here):
    assert cli("--draws", "1600").code == 0
    forge(Run.load("latest").path, digest="0" * 64)
    outcome = cli("rerun", "latest")
    assert outcome.code == 1
    assert "the compute model is not the one" in outcome.errors[0]


def test_damaged_runs_are_one_line(cli, here):
    assert cli("--draws", "1600").code == 0
    folder = Run.load("latest").path
    meta = (folder / folders.META).read_text()
    (folder / folders.META).write_text(meta[: len(meta) // 2])
    assert "was changed or damaged after it was written: it is not JSON" in cli("runs", "show", "latest").errors[0]
    (folder / folders.META).write_text("{}")
    assert "is not a run" in cli("runs", "show", "latest").errors[0]
    (folder / folders.META).write_text(meta)
    (folder / folders.DATA).write_bytes(b"garbage")
    for command in (["runs", "show", "latest"], ["rerun", "latest"]):
        outcome = cli(*command)
        assert (outcome.code, len(outcome.errors)) == (2, 1)
        assert "run.nc was changed or damaged after it was written: it has 7 bytes" in outcome.errors[0]


def test_runs_are_listed_shown_located_and_deleted(cli, here):
    assert "holds no runs yet" in cli("runs", "list").out
    for seed in ("1", "2"):
        assert cli("--draws", "1600", "--seed", seed).code == 0
    listed = cli("runs", "list").out.splitlines()
    assert len(listed) == 3
    assert "kB" in listed[1]
    names = [line.split()[0] for line in listed[1:]]
    assert cli("runs", "path", names[0]).out.strip() == f"runs/{names[0]}/run.nc"
    assert json.loads(cli("runs", "list", "--json").out)[1]["seed"] == 2
    shown = json.loads(cli("runs", "show", names[1].rsplit("-", 1)[1], "--json").out)
    assert shown["seed"] == 2
    assert "several runs" in cli("runs", "show", "plappert").errors[0]
    assert cli("runs", "delete", *names).code == 0
    assert "holds no runs yet" in cli("runs", "list").out


def test_a_notebook_shows_a_table(stored):
    assert repr(stored) == f"<Run {stored.name}: 32,000 draws, seed 20240315, sobol, 7 quantities>"
    assert repr(stored.priors) == "<PriorSet plappert-2024: 38 priors, 19 of them uncertain>"
    page = stored._repr_html_()
    assert page.count("<tr>") == 8
    assert "training_h100s" in page


def test_the_folder_of_runs_can_be_set(here, cli, monkeypatch):
    monkeypatch.setenv("SIMULATOR_RUNS", str(here / "elsewhere"))
    assert cli("--draws", "160").code == 0
    assert len(list((here / "elsewhere").iterdir())) == 1
    assert not (here / "runs").exists()


def test_a_run_that_kept_only_some_draws_shows_the_summary_of_all(cli, here):
    for keep in ("0", "1600"):
        whole = json.loads(cli("--draws", "32000", "--keep", keep, "--json").out)
        shown = json.loads(cli("runs", "show", "latest", "--json").out)
        assert shown["quantities"] == whole["quantities"]
        assert cli("rerun", "latest").code == 0
        changed = json.loads(cli("whatif", "latest", "--set", "peak_factor=2", "--json").out)
        same = simulate(load_priors(set={"peak_factor": 2}), draws=32_000).summary(["inference_h100s"])[0]
        new = changed["quantities"]["inference_h100s"]["new"]["median"]
        assert new == {"value": same.median.value, "mcse": same.median.mcse}
        assert changed["quantities"]["training_flop"]["difference"]["median"] == {"value": 0.0, "mcse": 0.0}
        assert cli("runs", "delete", "latest").code == 0
    assert cli("--draws", "32000", "--keep", "0").code == 0
    outcome = cli("runs", "show", "latest", "-q", "training_cost")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert "kept no draws of training_cost" in outcome.errors[0]


def test_a_run_of_another_model_is_not_compared(cli, here):
    assert cli("--draws", "1600").code == 0
    forge(Run.load("latest").path, digest="0" * 64)
    for command in (["whatif", "latest", "--set", "peak_factor=2"], ["compare", "latest", "plappert-2024"]):
        outcome = cli(*command)
        assert (outcome.code, len(outcome.errors)) == (2, 1)
        assert "another version of the compute model" in outcome.errors[0]


def test_delete_deletes_a_run_and_nothing_else(cli, here):
    (here / "other").mkdir()
    (here / "other" / "run.json").write_text("{}")
    (here / "other" / "thesis.tex").write_text("years of work")
    outcome = cli("runs", "delete", "other")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert (here / "other" / "thesis.tex").exists()
    assert (here / "other" / "run.json").exists()
    assert cli("--draws", "1600").code == 0
    folder = Run.load("latest").path
    assert "is only the start of" in cli("runs", "delete", "p").errors[0]
    (folder / "plot.png").write_text("a picture")
    outcome = cli("runs", "delete", folder.name)
    assert outcome.code == 0
    assert "it holds plot.png" in outcome.err
    assert [p.name for p in folder.iterdir()] == ["plot.png"]


def test_what_a_user_laid_into_a_run_survives_its_being_made_again(cli, here):
    assert cli("--draws", "1600").code == 0
    folder = Run.load("latest").path
    (folder / "plot.png").write_text("a picture")
    assert cli("--draws", "1600").code == 0
    assert (folder / "plot.png").read_text() == "a picture"
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / folder.name).write_text("a file in the way")
    outcome = cli("--draws", "1600", "--runs", "elsewhere")
    assert outcome.code == 1
    assert "is no run" in outcome.errors[0]
    assert [p.name for p in (here / "elsewhere").iterdir()] == [folder.name]


def test_a_damaged_run_does_not_hide_the_others(cli, here):
    for seed in ("1", "2"):
        assert cli("--draws", "1600", "--seed", seed).code == 0
    first = sorted((here / "runs").iterdir())[0]
    (first / folders.META).write_text("{}")
    outcome = cli("runs", "list")
    assert outcome.code == 0
    assert sorted(line.split()[-1] for line in outcome.out.splitlines()) == ["checked", "damaged", "run.nc"]
    assert outcome.err.startswith("note: ")
    told = json.loads(cli("runs", "list", "--json").out)
    assert sorted((bool(x["damaged"]), x["verified"]) for x in told) == [
        (False, ["run.json", "size of run.nc"]),
        (True, []),
    ]


def test_a_set_without_uncertain_priors_can_be_kept(cli):
    assert cli("-p", "plappert-2024-point", "--set", "gpu_price=3", "--draws", "1600").code == 0
    assert "4,211.3  exact" in cli("runs", "show", "latest", "-q", "training_h100_months").out


def test_a_run_is_found_by_its_path(cli, here):
    assert cli("--draws", "16000").code == 0
    folder = Run.load("latest").path
    for name in (str(folder), str(folder / folders.DATA)):
        assert cli("sensitivity", name).code == 0
        assert cli("compare", name, "--set", "peak_factor=2").code == 0


def test_a_termination_while_drawing_leaves_nothing(here):
    import signal

    for sent in ([signal.SIGTERM], [signal.SIGINT, signal.SIGINT]):
        started = begun(here, "--draws", "1e10")
        for number in sent:
            started.send_signal(number)
        started.communicate(timeout=HANG)
        assert started.returncode != 0
        assert not list(here.glob("runs/.writing-*"))


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_run_whose_place_cannot_be_taken_leaves_the_old_one_whole(stored, here, monkeypatch, failing):
    """The first rename meets the old run, the second sets it aside, the third puts the new one in its place."""
    from pathlib import Path

    (stored.path / "plot.png").write_text("a picture")
    before, rename, calls = content(stored.path), Path.rename, []

    def fails(self, target):
        calls.append(self)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(RunError, match="the disk is full"):
        simulate(SET, draws=32_000).save("runs")
    assert [p.name for p in (here / "runs").iterdir()] == [stored.name]
    assert content(stored.path) == before
    assert (stored.path / "plot.png").exists()


def test_a_partly_kept_run_stays_partly_kept_whatever_is_asked_of_it(cli, here):
    assert cli("--draws", "32000", "--keep", "1600").code == 0
    run = Run.load("latest")
    before = run.summary(["inference_h100s"])[0]
    other = run.summary(["training_cost"], exceeds={"training_cost": [1e30]})[
        0
    ]  # from the kept draws: a sample is cached
    assert (before.draws, other.draws) == (32_000, 1600)
    assert not run.whole
    assert run.summary(["inference_h100s"])[0] == before
    from simulator.analyses.comparison import whole

    assert whole(run).sample("inference_h100s").per_replicate == 2000
