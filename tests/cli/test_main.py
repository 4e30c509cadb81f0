"""The command line: what it prints, what it imports, and that it is documented."""

import json
import os
import subprocess
import sys

import pytest

from simulator import __version__
from simulator.cli.main import main

from ..conftest import ROOT
from ..helpers import HEAVY, loaded


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["priors", "--help"], ["runs", "show", "--help"]])
def test_help_imports_nothing_heavy(arguments, here):
    assert loaded(f"from simulator.cli.main import main; main({arguments})", HEAVY, here) == set()


def test_importing_the_package_imports_nothing_heavy(here):
    assert loaded("import simulator", HEAVY, here) == set()


def test_the_main_job_pays_only_for_what_it_uses(here):
    heavy = ("scipy", "xarray", "arviz", "matplotlib", "pandas", "pint", "rich")
    found = loaded("from simulator.cli.main import main; main(['--draws', '1600', '--json'])", heavy, here)
    assert found == set()
    assert len(list((here / "runs").iterdir())) == 1


def numbers(node):
    """Every {"value", "mcse"} in a JSON tree."""
    if isinstance(node, dict):
        if set(node) >= {"value", "mcse"}:
            yield node
        else:
            for child in node.values():
                yield from numbers(child)


def test_json_is_the_only_thing_on_standard_output(cli):
    outcome = cli("--draws", "1M", "--json", "--quantile", "0.99", "--exceeds", "inference_h100s > 720k")
    data = json.loads(outcome.out)
    assert outcome.err == ""
    assert {k: data[k] for k in ("prior_set", "seed", "draws", "replicates", "sampler", "version")} == {
        "prior_set": "plappert-2024",
        "seed": 20240315,
        "draws": 1_000_000,
        "replicates": 16,
        "sampler": "sobol",
        "version": __version__,
    }
    for q in data["quantities"].values():
        assert set(q) >= {"unit", "median", "mean", "interval", "quantiles"}
        assert set(q["interval"]) == {"kind", "prob", "low", "high"}
        assert set(q["quantiles"]) == {"0.05", "0.25", "0.5", "0.75", "0.95", "0.99"}
        assert q["median"] == q["quantiles"]["0.5"]
        assert q["interval"]["low"] == q["quantiles"]["0.05"]
        found = list(numbers(q))
        assert len(found) >= 10
        assert all(0 < n["mcse"] < abs(n["value"]) for n in found)
    exceeds = data["quantities"]["inference_h100s"]["exceeds"]["720000"]
    assert 0.8 < exceeds["value"] < 0.9
    assert os.path.exists(data["run"])


def test_the_table_fits_80_columns_and_says_what_matters(cli):
    outcome = cli("--draws", "100000", "--all", "--quantile", "0.01", "--exceeds", "inference_h100s > 720k")
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80
    for part in (
        "100,000 draws, seed 20240315, sobol",
        "million video_minute",
        "Monte Carlo standard error",
        "Training takes",
        "90 % credible interval",
        "P(inference_h100s > 720,000) = 0.8",
        "run:  runs/plappert-2024-",
        "next: simulate",
        "0.01".replace("0.01", "1 %"),
    ):
        assert part in outcome.out, part


def test_no_save_writes_nothing(cli, here):
    assert cli("--draws", "160", "--no-save").code == 0
    assert list(here.iterdir()) == []


def test_notes_go_to_standard_error(cli):
    outcome = cli("--draws", "1000001", "--json", "--no-save")
    assert json.loads(outcome.out)["draws"] == 1_000_016
    assert outcome.err == ("note: 1,000,001 draws do not divide over 16 replicates: rounded up to 1,000,016\n")


def test_constants_are_exact_and_intervals_can_be_hdi(cli):
    outcome = cli("--priors", "plappert-2024-point", "-q", "training_h100_months", "--draws", "160")
    assert "4,211.3  exact" in outcome.out
    assert "±" not in outcome.out
    data = json.loads(cli("--draws", "16000", "--ci", "0.8", "--ci-kind", "hdi", "--json").out)
    interval = data["quantities"]["training_h100s"]["interval"]
    assert (interval["kind"], interval["prob"]) == ("hdi", 0.8)
    assert interval["low"]["value"] < data["quantities"]["training_h100s"]["quantiles"]["0.25"]["value"]


def test_correlations_are_reported(cli, here):
    (here / "tied.toml").write_text('extends = ["plappert-2024"]\n[correlations]\n"parameters, peak_factor" = 0.5\n')
    assert "rank correlation of parameters, peak_factor: asked 0.5, achieved 0.5" in cli("-p", "tied.toml").out


def test_explain_goes_down_to_the_priors(cli):
    out = cli("explain", "breakeven_minutes").out
    for part in (
        "= training_flop / inference_flop_per_minute",
        "26.114 million video_minute",
        "lognormal(p5=4, p95=10)",
        "Plappert 2024",
        "diffusion_steps",
    ):
        assert part in out
    assert "peak_factor" not in out
    assert max(map(len, out.splitlines())) <= 80
    graph = cli("explain", "breakeven_minutes", "--format", "mermaid").out
    assert graph.startswith("flowchart LR")
    assert "training_flop --> breakeven_minutes" in graph
    assert "dataset_multiplier([dataset_multiplier])" in graph
    data = json.loads(cli("explain", "breakeven_minutes", "--json").out)
    assert data["steps"][-1]["at_medians"] == pytest.approx(26.114e6, rel=1e-4)
    assert "inference_power" in cli("explain").out
    assert "Read by dit_h100_months, training_peak_flop" in cli("explain", "training_mfu").out


def test_reproduce_prints_all_figures(cli):
    out = cli("reproduce").out
    assert "20 figures hold, 2 are only charted, 2 fail." in out
    for part in ("123,856", "990,849", "88,232", "705,856", "89,000", "720,000"):
        assert part in out
    assert max(map(len, out.splitlines())) <= 80
    data = json.loads(cli("reproduce", "--json").out)
    assert data["counts"] == {"holds": 20, "chart": 2, "fails": 2}


def commands(group, path=()):
    yield path
    for name in getattr(group, "list_commands", lambda _: ())(None):
        yield from commands(group.get_command(None, name), (*path, name))


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_has_help(path, cli):
    outcome = cli(*path, "--help")
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_an_internal_error_is_one_line_and_debug_shows_more(cli, monkeypatch):
    monkeypatch.setattr("simulator.engine.simulate.draw", lambda *a, **k: 1 / 0)
    outcome = cli("--draws", "160")
    assert outcome.code == 1
    assert outcome.errors == [
        "error: internal error: ZeroDivisionError: division by zero; please report it, with what --debug prints"
    ]
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "--draws", "160"])


def test_a_terminal_gets_a_table_of_rich_and_a_progress_bar(here):
    """In a pseudo-terminal of 80 columns."""
    import pty

    pid, handle = pty.fork()
    if pid == 0:
        os.environ |= {"COLUMNS": "80", "TERM": "xterm"}
        os.execv(sys.executable, [sys.executable, "-m", "simulator", "--draws", "3e7", "--no-save"])
    shown = b""
    while True:
        try:
            part = os.read(handle, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    text = shown.decode()
    assert "drawing" in text
    assert "million draws/s" in text
    assert "\x1b[1m" in text  # a bold heading
    assert "training_h100s" in text


def test_what_is_set_by_hand_is_echoed_with_its_quantiles(cli):
    out = cli("--set", "peak_factor=lognormal(p5=1.5, p95=3)", "--set", "training_mfu=0.5", "--draws", "1600").out
    assert "peak_factor = lognormal(p5=1.5, p95=3) (5 %, 50 %, 95 %: 1.5, 2.121, 3)" in out
    assert "training_mfu = 0.5\n" in out


@pytest.mark.skipif(not os.path.exists("/usr/bin/python3"), reason="needs a second Python")
def test_a_too_old_python_gets_one_line():
    version = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print(sys.version_info < (3, 12))"], capture_output=True, text=True
    ).stdout
    if version.strip() != "True":
        pytest.skip("the second Python is not too old")
    done = subprocess.run(["/usr/bin/python3", "-m", "simulator"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("simulate needs Python 3.12 or newer; this is 3.")
    assert len(done.stderr.splitlines()) == 1


def test_long_seeds_are_not_rounded(cli):
    assert json.loads(cli("--draws", "160", "--seed", "9007199254740993", "--json").out)["seed"] == 9007199254740993


def test_a_quantile_beyond_the_outermost_draw_has_no_error(cli):
    data = json.loads(cli("--draws", "1600", "--quantile", "1e-6", "--json").out)
    far = data["quantities"]["training_flop"]["quantiles"]["1e-06"]
    assert far["mcse"] is None
    assert "~" in cli("--draws", "1600", "--quantile", "1e-6").out


def test_closed_streams_are_no_failure(here):
    run = f"{sys.executable} -m simulator --draws 1600 --no-save"
    for command, code in ((f"{run} >&-", 0), (f"{run} 2>&-", 0), (f"{run} --draws 0 --json 2>&-", 2)):
        done = subprocess.run(command, shell=True, cwd=here, capture_output=True, text=True)
        assert done.returncode == code, done
        assert code == 0 or done.stdout == ""


def test_a_terminal_that_knows_no_unicode_is_no_failure(here):
    (here / "s.toml").write_text('title = "Größe ± 日本"\nextends = ["plappert-2024"]\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "-p", "s.toml", "--draws", "1600"],
        cwd=here,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"Gr??e ? ??")


def test_each_command_stands_where_it_is_said_to_stand():
    from importlib import import_module

    from simulator.cli.main import ELSEWHERE

    for module, names in ELSEWHERE.items():
        held = vars(import_module(f"simulator.cli.{module}"))
        assert [held[name].name for name in names.split()] == names.split()


def test_a_profiler_has_its_output(here):
    command = [sys.executable, "-m", "cProfile", "-o", "told", "-m", "simulator", "gpus"]
    subprocess.run(command, cwd=here, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert (here / "told").stat().st_size
