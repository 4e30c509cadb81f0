"""Malformed prior files and command lines: one clear line each, a status, and nothing left behind."""

import os
import subprocess
import sys

import pytest

from ..conftest import HANG, begun, forge

HEAD = 'extends = ["plappert-2024"]\n'


def prior(text, name="parameters", unit="1", grade="D", source="s"):
    return f'{HEAD}[priors.{name}]\nprior = {text}\nunit = "{unit}"\nsource = "{source}"\ngrade = "{grade}"\n'


def law(text, **more):
    return prior(f"'{text}'", **more)


# a file's contents and a part of the line that it earns
FILES = {
    "wrong family": (law("lognorml(p5=1, p95=2)"), "did you mean 'lognormal'"),
    "unknown argument": (law("lognormal(p5=1, p90=2, x=3)"), "cannot be made from"),
    "one quantile": (law("lognormal(p5=1)"), "lognormal(p5=.., p95=..)"),
    "three quantiles": (law("lognormal(p5=1, p50=2, p95=3)"), "metalog"),
    "p5 above p95": (law("lognormal(p5=9, p95=2)"), "p5=9 is not below p95=2"),
    "p5 is p95": (law("normal(p5=2, p95=2)"), "is not below"),
    "lognormal at zero": (law("lognormal(p5=0, p95=2)"), "must lie above 0"),
    "negative loguniform": (law("loguniform(low=-1, high=2)"), "low=-1 must be above 0"),
    "sd of zero": (law("normal(mean=1, sd=0)"), "sd=0 must be above 0"),
    "weights off 1": (law("choice(values=[1, 2], weights=[0.5, 0.6])"), "sum to 1.1, not to 1"),
    "negative weight": (law("choice(values=[1, 2], weights=[1.5, -0.5])"), "below 0"),
    "too few weights": (law("choice(values=[1, 2], weights=[1])"), "2 values but 1 weights"),
    "no values": (law("choice(values=[], weights=[])"), "not a list of numbers, at least one"),
    "values not a list": (law("choice(values=3, weights=[1])"), "not a list of numbers, at least one"),
    "text for a number": (law('uniform(low="a", high=2)'), "is not a number"),
    "bounds swapped": (law("uniform(low=3, high=2)"), "low=3 must be below high=2"),
    "mode outside": (law("pert(low=1, mode=9, high=3)"), "mode=9 must lie between"),
    "beta outside": (law("beta(p5=0.3, p95=1.6)"), "must lie between 0 and 1"),
    "beta sd too large": (law("beta(mean=0.5, sd=0.6)"), "below 0.5 at this mean"),
    "metalog not monotone": (law("metalog(p10=1, p50=1.1, p90=9)"), "not monotone"),
    "truncated to nothing": (law("truncate(prior=normal(mean=0, sd=1), low=40)"), "too little"),
    "truncate a number": (law("truncate(prior=3, low=1)"), "prior='3' is not a distribution"),
    "truncate without bounds": (law("truncate(prior=normal(mean=0, sd=1))"), "low, high or both"),
    "mixture of one": (law("mixture(a=normal(mean=0, sd=1), weights=[1])"), "at least two"),
    "mixture weights": (law("mixture(a=1, b=2, weights=[0.5, 0.4])"), "sum to 0.9"),
    "df too small": (law("student_t(df=2, mean=0, sd=1)"), "df above 2"),
    "positional": (law("uniform(1, 2)"), "arguments have names"),
    "a +- b": (law("60e3 +- 20e3"), "does not say what its width means: write normal(mean=.., sd=..)"),
    "a ± b": (law("4±1"), "does not say what its width means"),
    "a to b": (law("4 to 10"), "does not say what its ends mean"),
    "infinite": (law("uniform(low=0, high=1e999)"), "not finite"),
    "nan": (law("nan"), "finite number"),
    "toml nan": (prior("nan"), "not a finite number"),
    "toml inf": (prior("-inf"), "not a finite number"),
    "inf inside": (law("uniform(low=0, high=inf)"), "must be finite"),
    "code": (law('__import__("os")'), "there is no family '__import__'"),
    "an argument twice": (law("lognormal(p5=8e9, p5=9e9, p95=5e10)"), "p5 stands twice"),
    "percentile 100": (law("lognormal(p5=1, p100=2)"), "percentiles are p0.001 to p99.999"),
    "a long integer": (law("lognormal(p5=1, p95=1" + "0" * 400 + ")"), "not finite"),
    "a long toml integer": (prior("9" * 400), "too large for a number"),
    "an integer beyond toml": (prior("9" * 5000), "is not TOML"),
    "values and a file": (law('empirical(values=[1], file="x")'), "cannot be made from"),
    "a pair twice": (
        HEAD + "[correlations]\n'parameters, video_share' = 0.1\n'video_share, parameters' = 0.2",
        "stands twice",
    ),
    "attribute": (law("os.system(a=1)"), "is not a number, list or distribution"),
    "unbalanced": (law("uniform(low=1, high=2"), "cannot be read"),
    "a boolean": (prior("true"), "not a distribution"),
    "a list": (prior("[1, 2]"), "not a distribution"),
    "a bare word": (law("lots"), "neither a number nor a distribution"),
    "empirical without a file": (law('empirical(file="nowhere.csv")'), "cannot be read"),
    "too large in its unit": (law("1e300", name="gpu_peak", unit="TFLOP/s"), "priors.gpu_peak: in FLOP/s, "),
    "unknown unit": (law("2e10", unit="furlong"), "unit 'furlong' is not known"),
    "wrong dimension": (law("2e15", name="gpu_peak", unit="W"), "another dimension"),
    "time for video": (law("4e7", name="youtube_minutes_per_day", unit="minute/day"), "another dimension"),
    "empty unit": (law("2e10", unit=""), "unit: '' is not a text"),
    "unknown grade": (law("2e10", grade="E"), "is not a grade"),
    "empty source": (law("2e10", source=""), "source: '' is not a text"),
    "unread prior": (law("2", name="peak_facto"), "did you mean 'peak_factor'"),
    "no unit": (HEAD + "[priors.parameters]\nprior = 2e10\nsource = 's'\ngrade = 'D'", "unit: is missing"),
    "unknown key": (HEAD + "colour = 3", "'colour' is not a key"),
    "a set that is no table": (HEAD + "priors = 3", "must be a table"),
    "a prior that is no table": (HEAD + "[priors]\nparameters = 3", "must be a table"),
    "a title that is no text": (HEAD + "title = 3", "is not a text"),
    "not toml": ("this is = = not toml", "is not TOML"),
    "missing priors": ('variant = "dit-scaling"', "is missing"),
    "no variant": ("", "variant: is missing"),
    "unknown variant": ('variant = "dit-scalin"', "did you mean 'dit-scaling'"),
    "extends itself": ('extends = ["extends itself.toml"]', "cycle"),
    "extends nothing": ('extends = ["plappert-2023"]', "there is no prior set 'plappert-2023'"),
    "extends no list": ('extends = "plappert-2024"', "is not a list of names"),
    "correlation with itself": (HEAD + "[correlations]\n'parameters, parameters' = 0.1", "two different priors"),
    "correlation of the unknown": (HEAD + "[correlations]\n'parameters, colour' = 0.1", "is no prior"),
    "correlation of 1": (HEAD + "[correlations]\n'parameters, video_share' = 1", "between -1 and 1"),
    "a text for a percentile": (law('beta(p5="a", p95=2)'), "p5='a' is not a number"),
    "a list for a percentile": (law("beta(p5=[1], p95=2)"), "p5='[1.0]' is not a number"),
    "percentile 0": (law("lognormal(p0=1, p95=2)"), "percentiles are p0.001 to p99.999"),
    "percentile of four decimals": (law("lognormal(p2.5001=1, p97.5=2)"), "percentiles are p0.001 to p99.999"),
    "a percentile twice": (law("lognormal(p2.5=1, p2.50=2)"), "p2.5 stands twice"),
    "decimal percentiles swapped": (law("lognormal(p2.5=6, p97.5=2)"), "p2.5=6 is not below p97.5=2"),
    "decimal percentile outside": (law("beta(p2.5=0.3, p97.5=1.6)"), "p97.5=1.6 must lie between 0 and 1"),
    "five quantiles for two": (
        law("lognormal(p1=1, p25=2, p50=3, p75=4, p99=5)"),
        "for 5 quantiles there is metalog(p10=.., p50=.., p90=.., ...)",
    ),
    "eleven quantiles": (
        law(f"metalog({', '.join(f'p{8 * i}={i}' for i in range(1, 12))})"),
        "metalog cannot be made from p8, p16",
    ),
    "metalog of five that falls": (law("metalog(p5=1, p25=2, p50=2.01, p75=5, p95=9)"), "through these 5 quantiles"),
    "metalog outside its bounds": (law("metalog(p5=1, p25=2, p75=5, p95=9, high=8)"), "must lie between low and high"),
    "clip a number": (law("clip(prior=3, low=1)"), "prior='3' is not a distribution"),
    "clip without bounds": (law("clip(prior=normal(mean=0, sd=1))"), "clip: give low, high or both"),
    "given without a spread": (law("given(prior=normal(mean=0, sd=1), shift=1)"), "given"),
    "given too wide": (law("given(prior=normal(mean=0, sd=1), shift=1, spread=1.5)"), "must be above 0, and at most 1"),
    "given far away": (law("given(prior=normal(mean=0, sd=1), shift=99, spread=1)"), "must lie between -50 and 50"),
    "given too steep": (law("given(prior=normal(mean=0, sd=1), slope=1, low=0)"), "must lie between -1 and 1"),
    "given nothing": (law("given(prior=normal(mean=0, sd=1), slope=0.5)"), "give low, high or both"),
    "given turned round": (law("given(prior=normal(mean=0, sd=1), slope=0.5, low=2, high=1)"), "must be below high=1"),
    "clip turned round": (law("clip(prior=normal(mean=0, sd=1), low=2, high=1)"), "low=2 must be below high=1"),
    "a share in percent": (law("40", name="training_mfu"), "40 % is 0.4"),
    "a share of more than all": (law("300", name="training_mfu", unit="percent"), "3 is above 1"),
    "a share below 0": (law("uniform(low=-2, high=-1)", name="video_share"), "lies below 0 in all worlds"),
    "a factor below 0": (law("-3", name="peak_factor"), "it cannot lie below 0"),
    "a gamma of no shape": (law("gamma(mean=1, sd=100)"), "lognormal(mean=1, sd=100) spreads so far"),
    "a beta of no width": (law("beta(mean=0.5, sd=1e-6)", name="video_share"), "normal(mean=0.5, sd=1e-6) is the same"),
    "no copula": (
        HEAD + "[correlations]\n'parameters, video_share' = -0.49\n"
        "'parameters, training_mfu' = -0.49\n'video_share, training_mfu' = -0.49",
        "no Gaussian copula has these rank correlations",
    ),
    "month for a rate": (law("2e15", name="gpu_peak", unit="petaflop/s-day"), "another dimension"),
    "not positive definite": (
        HEAD + "[correlations]\n'parameters, video_share' = 0.9\n"
        "'parameters, peak_factor' = 0.9\n'video_share, peak_factor' = -0.9",
        "positive definite",
    ),
}

LINES = {
    "no draws": (["--draws", "0"], "a whole number from 1"),
    "too many draws": (["--draws", "1e30"], "is too large for --draws: at most 1e11"),
    "half a draw": (["--draws", "10.5"], "--draws"),
    "draws in words": (["--draws", "many"], "'many' is not a number for --draws"),
    "negative draws": (["--draws=-5"], "--draws"),
    "seed": (["--seed", "x"], "--seed"),
    "threads": (["--threads", "0"], "--threads"),
    "sampler": (["--sampler", "sobl"], "did you mean 'sobol'"),
    "ci": (["--ci", "1.5"], "between 0 and 1"),
    "ci kind": (["--ci-kind", "xyz"], "eti"),
    "quantile": (["--quantile", "0"], "between 0 and 1"),
    "unknown quantity": (["-q", "inference_h100"], "did you mean 'inference_h100s'"),
    "unknown option": (["--drows", "5"], "--draws"),
    "unknown command": (["compar"], "compar"),
    "exceeds": (["--exceeds", "inference_h100s = 3"], "QUANTITY > NUMBER"),
    "exceeds what": (["--exceeds", "colour > 3"], "no quantity 'colour'"),
    "exceeds how much": (["--exceeds", "inference_h100s > lots"], "'lots' is not a threshold"),
    "set without =": (["--set", "parameters"], "NAME=DISTRIBUTION"),
    "set the unknown": (["--set", "paramters=3"], "did you mean 'parameters'"),
    "set to nonsense": (["--set", "parameters=beta(p5=2)"], "--set parameters: beta cannot be made"),
    "unknown set": (
        ["--priors", "plappert-2042"],
        "'plappert-2042' is neither a prior set (did you mean 'plappert-2024'?)",
    ),
    "no such file": (["--priors", "nowhere/x.toml"], "there is no file"),
    "a gpu of several": (["--gpu", "tpu"], "did you mean 'tpu-v7' or 'tpu-v5p' or 'tpu-v6e'"),
    "a part of a gpu": (["--gpu", "MI300"], "did you mean 'mi300x'"),
    "a part of a prior": (["--set", "mfu=0.5"], "did you mean 'training_mfu' or 'inference_mfu'"),
    "set a share of 40": (["--set", "training_mfu=40"], "--set training_mfu: 40 is above 1"),
    "set to a sum": (["--set", "parameters=beta(a=1, b=2) + beta(a=1, b=2)"], "has no closed form"),
    "unknown gpu": (["--gpu", "b2000"], "did you mean 'b200'"),
    "no such run": (["runs", "show", "xyz"], "there is no run 'xyz'"),
    "options before a command": (["--draws", "5", "reproduce"], "has no effect"),
    "explain the unknown": (["explain", "inference_h100"], "did you mean"),
    "divides by zero": (["--set", "dit_parameters=0", "--no-save"], "dit_parameters = 0"),
    "rerun of nothing": (["rerun", "latest"], "there is no run"),
    "check nothing": (["priors", "check", "nowhere.toml"], "there is no file"),
}


def one_line(outcome, part, code=2):
    assert outcome.code == code, outcome
    assert len(outcome.errors) == 1, outcome.err
    assert outcome.errors[0].startswith("error: ")
    assert part in outcome.errors[0], outcome.errors[0]
    assert "internal error" not in outcome.err
    assert outcome.out == ""


def nothing_left(folder):
    return not (folder / "runs").exists() or not list((folder / "runs").iterdir())


def test_there_are_enough_cases():
    assert len(FILES) + len(LINES) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_malformed_file(cli, here, name):
    text, part = FILES[name]
    (here / f"{name}.toml").write_text(text)
    outcome = cli("--priors", f"{name}.toml", "--json", "--draws", "160")
    if name == "missing priors":
        assert outcome.code == 2
        assert len(outcome.errors) == 27  # one line for each; the GPU's three come with its layer
        return
    one_line(outcome, part)
    assert f"{name}" in outcome.errors[0]
    assert nothing_left(here)


@pytest.mark.parametrize("name", LINES)
def test_a_malformed_command_line(cli, here, name):
    arguments, part = LINES[name]
    one_line(cli(*arguments), part)
    assert nothing_left(here)


def test_binary_garbage_a_folder_and_an_unreadable_file(cli, here):
    (here / "garbage.toml").write_bytes(bytes(range(256)) * 20)
    one_line(cli("--priors", "garbage.toml"), "is not text")
    (here / "folder.toml").mkdir()
    one_line(cli("--priors", "folder.toml"), "this is a folder")
    (here / "gone.toml").symlink_to(here / "nowhere")
    one_line(cli("--priors", "gone.toml"), "there is no file")


def test_a_longer_cycle_is_named(cli, here):
    (here / "a.toml").write_text('extends = ["b.toml"]')
    (here / "b.toml").write_text('extends = ["a.toml"]')
    one_line(cli("--priors", "a.toml"), "a -> b -> a is a cycle")


def test_where_a_run_cannot_be_written(cli, here):
    (here / "file").write_text("")
    outcome = cli("--runs", "file", "--draws", "160")
    one_line(outcome, "could not be written to file", 1)
    one_line(cli("--runs", "/proc/none", "--draws", "160"), "could not be written", 1)


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from simulator.cli.main import main
main(sys.argv[1:])
"""


def test_a_disk_that_fills_up_leaves_nothing_half_written(here):
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "--draws", "100000", "--json"], capture_output=True, text=True, cwd=here
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "could not be written to runs" in done.stderr
    assert list((here / "runs").iterdir()) == []


@pytest.mark.parametrize("kept", [True, False])
def test_an_interrupt_leaves_nothing_half_written(kept, here):
    import signal

    started = begun(here, "--draws", "1e9", *([] if kept else ["--no-save"]))
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=HANG)
    assert started.returncode == 130
    assert out == ""
    if not kept:
        assert err.strip() == "error: interrupted; nothing was left half-written"
        assert nothing_left(here)
        return
    assert err.startswith("error: interrupted at ")
    assert err.endswith("the same command with --resume goes on from there\n")
    (left,) = (here / "runs").iterdir()
    assert left.name.startswith(".unfinished-")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_an_output_that_cannot_be_written(here):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "simulator", "reproduce"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=here
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


MORE = {
    "a device without end": (["--priors", "/dev/zero"], "this is no prior file"),
    "a pipe": (["--priors", "pipe.toml"], "a device or a pipe; this is no prior file"),
    "numbers from a device": (["--set", "parameters=empirical(file='/dev/zero')"], "a device or a pipe"),
    "a path that is too long": (["--priors", "a" * 5000 + ".toml"], "File name too long"),
    "a product of distributions": (["--set", "parameters=beta(a=1, b=2) * pert(low=1, mode=2, high=3)"], "closed form"),
    "1 over what reaches over 0": (
        ["--set", "parameters=1 / normal(mean=1, sd=1)"],
        "must lie above 0, or all below 0",
    ),
    "arithmetic of numbers": (["--set", "parameters=(3 * 4)"], "reckons with numbers alone"),
    "a distribution over 0": (["--set", "parameters=lognormal(p5=1, p95=2) / 0"], "divides by 0"),
    "a text times a distribution": (["--set", "parameters='a' * lognormal(p5=1, p95=2)"], "only numbers"),
    "zero times a distribution": (["--set", "parameters=0 * lognormal(p5=1, p95=2)"], "is not finite"),
    "too large for a float": (["--set", "parameters=1e308"], "is not finite"),
    "too large to keep": (["--set", "parameters=student_t(df=0.1, loc=5e9, scale=1)"], "a kept draw (float32)"),
    "zero parameters": (["--set", "parameters=0"], "is not finite"),
    "a file for a folder of runs": (["runs", "list", "--runs", "/dev/null"], "is a file, not a folder"),
    "a name that is too long": (["runs", "show", "a" * 5000], "too long"),
    "set twice": (["--set", "parameters=1e9", "--set", "parameters=2e9"], "stands twice"),
    "a set that extends itself": (["priors", "new", "plappert-2024"], "would extend itself"),
    "a set without a name": (["priors", "new", "/"], "is not a name for a file"),
    "a set with quotes": (["priors", "new", 'a"b'], "is not a name for a file"),
    "explain to infinity": (["explain", "training_flop", "--json", "--set", "parameters=1e308"], "not finite"),
    "a divisor that underflows": (
        ["explain", "training_gpus", "--set", "gpu_peak=1e-200", "--set", "training_days=1e-200"],
        "divides by zero",
    ),
    "many threads": (["rerun", "latest", "--threads", "1e9"], "is too large for --threads"),
    "a new set with a bad name": (["priors", "new", "a\nb"], "is not a name for a file"),
}


@pytest.mark.parametrize("name", MORE)
def test_more_malformed_command_lines(cli, here, name):
    os.mkfifo(here / "pipe.toml")
    arguments, part = MORE[name]
    outcome = cli(*arguments)
    assert (outcome.code, len(outcome.errors)) == (2, 1), outcome.err
    assert part in outcome.errors[0]
    assert len(outcome.errors[0]) < 700
    assert nothing_left(here)


def test_a_zero_in_between_is_not_passed_over(cli):
    """inference_h100s would be a finite 0 here, by way of an infinity."""
    one_line(cli("sensitivity", "plappert-2024", "--set", "parameters=0"), "minutes_per_gpu_hour is not finite")


def test_many_layers_that_share_a_parent_are_read_once(cli, here):
    (here / "l0.toml").write_text(law("2e10"))
    for i in range(1, 40):
        (here / f"l{i}.toml").write_text(f'extends = ["l{i - 1}.toml", "l{i - 1}.toml"]')
    assert cli("--priors", "l39.toml", "--draws", "160").code == 0


DAMAGE = [
    ("draws", "x"),
    ("draws", 1.5),
    ("seed", None),
    ("replicates", 0),
    ("replicates", -1),
    ("replicates", {}),
    ("quantities", 3),
    ("quantities", [1]),
    ("quantities", []),
    ("quantities", ["nothing"]),
    ("notes", None),
    ("summary", []),
    ("correlations", 3),
    ("priors", {}),
    ("priors", []),
    ("keep", "a"),
    ("draws", True),
    ("digest", 3),
]


@pytest.mark.parametrize(("key", "value"), DAMAGE)
def test_a_damaged_run_is_one_line(cli, here, key, value):
    assert cli("--draws", "1600").code == 0
    (folder,) = (here / "runs").iterdir()
    forge(folder, **{key: value})
    for command in (["runs", "show", "latest"], ["rerun", "latest"], ["whatif", "latest", "--set", "peak_factor=2"]):
        outcome = cli(*command)
        assert outcome.code in (1, 2)
        assert len(outcome.errors) == 1, outcome.err
        assert "internal error" not in outcome.err
        assert outcome.out == ""


def test_a_group_without_a_command_shows_its_help(cli):
    outcome = cli("priors")
    assert outcome.code == 2
    assert "Commands:" in outcome.err
