"""Prior sets: found, layered, converted, checked; every mistake a line."""

import json
from pathlib import Path

import pytest

from simulator import InputError, PriorSet, load_priors
from simulator.base.errors import nearest
from simulator.priors.files import available, shipped
from simulator.priors.prior import GRADES


def write(folder, name, body="", extends="plappert-2024"):
    path = folder / f"{name}.toml"
    head = f'title = "{name}"\nextends = ["{extends}"]\n' if extends else ""
    path.write_text(head + body)
    return str(path)


def entry(name, prior, unit="1", more=""):
    return f'[priors.{name}]\nprior = {prior}\nunit = "{unit}"\nsource = "a test"\ngrade = "D"\n{more}\n'


@pytest.mark.parametrize("name", ["plappert-2024", "plappert-2024-point"])
def test_shipped_sets_are_whole_and_sourced(name):
    chosen = load_priors(name)
    assert list(chosen.priors) == list(chosen.model.inputs)
    for p in chosen.priors.values():
        assert len(p.source) > 10
        assert p.grade in GRADES
        assert p.origin.endswith(".toml")
    assert chosen.layers[0] == "h100-sxm"
    assert chosen.notes == ()


def test_the_default_set_spreads_around_the_essays_numbers():
    point, spread = load_priors("plappert-2024-point"), load_priors()
    for name in spread.uncertain:
        p = spread.priors[name]
        if p.origin.startswith("gpus/"):  # not in the essay
            continue
        if name != "training_mfu":  # replaced
            value = point.priors[name].distribution.value
            assert p.distribution.quantile(0.04) <= value <= p.distribution.quantile(0.96), name
            assert p.note, name
    assert spread.priors["dataset_multiplier"].distribution.text == "lognormal(p5=4, p95=10)"


def test_later_layers_win_then_the_gpu_then_set(here):
    one = write(here, "one", entry("peak_factor", 3) + entry("gpu_peak", "1e15", "FLOP/s"))
    two = write(here, "two", entry("peak_factor", 4), extends="plappert-2024-point")
    assert load_priors(one).priors["peak_factor"].distribution.value == 3
    assert load_priors(one).priors["gpu_peak"].distribution.value == 1e15
    assert load_priors(one, two).priors["peak_factor"].distribution.value == 4
    assert load_priors(one, gpu="b200").priors["gpu_peak"].distribution.value == 2.25e15
    edited = load_priors(one, two, gpu="b200", set={"gpu_peak": 7, "peak_factor": "uniform(low=1, high=2)"})
    assert edited.priors["gpu_peak"].distribution.value == 7
    assert edited.priors["peak_factor"].origin == "--set"
    assert edited.layers == ("plappert-2024-point", "plappert-2024", "one", "two", "b200")
    assert load_priors(one, two).priors["gpu_peak"].distribution.value == 1e15  # what both extend lies beneath both


def test_sets_are_found_by_path_then_in_priors_then_shipped(here, capsys):
    (here / "priors").mkdir()
    assert "shadows" not in " ".join(load_priors("plappert-2024-point").notes)
    body = (shipped() / "plappert-2024-point.toml").read_text().replace("20.25e9", "1e9")
    (here / "priors" / "plappert-2024-point.toml").write_text(body)
    local = load_priors("plappert-2024-point")
    assert local.priors["parameters"].distribution.value == 1e9
    assert "shadows the shipped prior set 'plappert-2024-point'" in local.notes[0]
    assert load_priors().priors["dit_parameters"].origin == "priors/plappert-2024-point.toml"
    write(here, "beside", extends="other.toml")
    write(here, "other", entry("peak_factor", 9))
    assert load_priors("beside.toml").priors["peak_factor"].distribution.value == 9
    assert "plappert-2024" in available()
    assert set(available("gpus")) >= {"h100-sxm", "b200"}


def test_units_are_converted_once_on_reading(here):
    path = write(
        here,
        "units",
        entry("gpu_peak", 989.4, "TFLOP/s")
        + entry("gpu_power", 0.7, "kW")
        + entry("youtube_minutes_per_day", '"lognormal(p5=38, p95=49)"', "million video_minute/day")
        + entry("tiktok_video_seconds", 0.5, "video_minute"),
    )
    chosen = load_priors(path)
    assert chosen.priors["gpu_peak"].distribution.value == pytest.approx(989.4e12)
    assert chosen.priors["gpu_power"].distribution.value == pytest.approx(700)
    assert chosen.priors["tiktok_video_seconds"].distribution.value == pytest.approx(30)
    youtube = chosen.priors["youtube_minutes_per_day"]
    assert youtube.unit == "video_minute/day"
    assert youtube.distribution.quantile(0.05) == pytest.approx(38e6)


def test_a_set_survives_json():
    chosen = load_priors(set={"temporal_compression": "choice(values=[4, 8], weights=[0.25, 0.75])"})
    again = PriorSet.from_json(json.loads(json.dumps(chosen.to_json())))
    assert again == chosen
    assert again.digest == chosen.digest


def test_the_digest_is_of_the_numbers_not_of_their_sources(here):
    base = load_priors()
    same = write(here, "same", entry("dataset_multiplier", '"lognormal(p95=10.0, p5=4)"'))
    assert load_priors(same).digest == base.digest
    other = write(here, "other", entry("dataset_multiplier", '"lognormal(p95=10.1, p5=4)"'))
    assert load_priors(other).digest != base.digest


def test_a_prior_that_reaches_beyond_what_makes_sense_is_noted():
    chosen = load_priors(set={"training_mfu": "lognormal(p5=0.3, p95=0.9)"})
    assert "training_mfu" in chosen.notes[0]
    assert "above 1" in chosen.notes[0]
    negative = load_priors(set={"peak_factor": "normal(mean=2, sd=1)"})
    assert "below 0 in 0.023 of the worlds" in negative.notes[0]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("training_mfu", "normal(mean=0.4, sd=0.2)", "lies below 0 in 0.023 and above 1 in 0.0013 of the worlds"),
        ("training_mfu", "choice(values=[0, 1.5], weights=[0.9, 0.1])", "lies above 1 in 0.1 of the worlds"),
        ("training_mfu", "choice(values=[0, 0.5], weights=[0.9, 0.1])", None),
        ("peak_factor", "mixture(a=0, b=normal(mean=-1, sd=1), weights=[0.5, 0.5])", "below 0 in 0.42 of the worlds"),
        (
            "training_mfu",
            "clip(prior=normal(mean=0.4, sd=0.2), low=0, high=1)",
            "moves 0.023 of the worlds to 0 and 0.0013",
        ),
        ("training_mfu", "1 - lognormal(median=0.5, sigma=0.5)", "lies below 0 in 0.083 of the worlds"),
    ],
)
def test_the_note_names_the_sides_and_their_probabilities(name, text, told):
    """The normal distribution function at -2 and 3, and at 1 and ln 2 / 0.5."""
    notes = load_priors(set={name: text}).notes
    assert [told in note for note in notes] == ([True] if told else [])
    assert load_priors().edited({name: text}).notes == notes
    assert PriorSet.from_json(load_priors(set={name: text}).to_json()).edited({"peak_factor": 2}).notes == (
        notes if name == "training_mfu" else ()
    )


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("training_mfu", "40", "40 is above 1: it is a share, between 0 and 1; 40 % is 0.4"),
        ("training_mfu", "-0.4", "-0.4 is below 0: it is a share, between 0 and 1"),
        ("training_mfu", "uniform(low=30, high=60)", "lies above 1 in all worlds"),
        ("training_mfu", "choice(values=[-1, 2])", "lies below 0 or above 1 in all worlds"),
        ("peak_factor", "-3", "-3 is below 0: it cannot lie below 0"),
    ],
)
def test_what_is_surely_impossible_is_refused_everywhere(here, name, text, part):
    path = write(here, "bad", entry(name, f'"{text}"'))
    for action in (
        lambda: load_priors(set={name: text}),
        lambda: load_priors().edited({name: text}),
        lambda: load_priors(path),
    ):
        with pytest.raises(InputError) as caught:
            action()
        (line,) = caught.value.lines
        assert part in line
        assert name in line
    assert load_priors(write(here, "good", entry(name, '"40"', "percent"))).priors[name].distribution.value == 0.4


def test_a_correlation_with_a_known_value_is_dropped_and_said(here):
    path = write(here, "tied", '[correlations]\n"parameters, dataset_multiplier" = 0.4\n')
    assert load_priors(path).correlations == {("dataset_multiplier", "parameters"): 0.4}
    fixed = load_priors(path, set={"parameters": 2e10})
    assert fixed.active == {}
    assert load_priors(path).edited({"parameters": 2e10}).canonical() == fixed.canonical()
    assert fixed.edited({"parameters": "lognormal(p5=8e9, p95=50e9)"}).digest == load_priors(path).digest
    assert "parameters is a known value" in fixed.notes[0]


@pytest.mark.parametrize(("rho", "part"), [(-0.49, "no Gaussian copula has these rank"), (-0.6, "cannot all hold")])
def test_correlations_that_cannot_hold_and_those_that_no_copula_has(here, rho, part):
    """Three equal ones: 1 + 2 rho is above 0 for -0.49, but 1 - 4 sin(0.49 pi / 6) is not."""
    assert (1 + 2 * rho > 0) == (rho == -0.49)
    names = ["parameters", "dataset_multiplier", "training_mfu"]
    pairs = [f'"{a}, {b}" = {rho}' for i, a in enumerate(names) for b in names[i + 1 :]]
    with pytest.raises(InputError, match=part):
        load_priors(write(here, "tied", "[correlations]\n" + "\n".join(pairs)))
    load_priors(write(here, "tied", "[correlations]\n" + "\n".join(pairs).replace(str(rho), "-0.47")))


def test_all_mistakes_of_a_file_are_reported_at_once(here):
    path = write(
        here,
        "bad",
        entry("parameters", '"lognorml(p5=1, p95=2)"')
        + entry("gpu_peak", 1, "W")
        + entry("peak_facto", 2)
        + entry("video_share", '"beta(p5=0.5, p95=0.2)"', more="colour = 3"),
    )
    with pytest.raises(InputError) as caught:
        load_priors(path)
    lines = "\n".join(caught.value.lines)
    assert len(caught.value.lines) == 5
    for part in (
        "priors.parameters.prior: there is no family 'lognorml': did you mean 'lognormal'?",
        "priors.gpu_peak.unit: unit 'W' is of another dimension: this one is in 'FLOP/s'",
        "priors.peak_facto: dit-scaling reads no prior of this name; did you mean 'peak_factor'?",
        "priors.video_share: 'colour' is not a key of a prior",
        "priors.video_share.prior: beta: p5=0.5 is not below p95=0.2",
    ):
        assert part in lines
    assert all(line.startswith(path) for line in caught.value.lines)


def test_a_new_file_is_good_as_it_is(cli):
    made = cli("priors", "new", "mine")
    assert made.code == 0
    assert cli("priors", "check", "priors/mine.toml").code == 0
    assert load_priors("mine").digest == load_priors().digest
    again = cli("priors", "new", "mine")
    assert (again.code, len(again.errors)) == (2, 1)
    commented = ("# [priors", "# prior =", "# unit", "# source", "# gr")
    lines = Path("priors/mine.toml").read_text().splitlines(True)
    Path("priors/open.toml").write_text("".join(x[2:] if x.startswith(commented) else x for x in lines))
    assert load_priors("open").digest == load_priors().digest


def test_the_nearest_name_is_named():
    assert nearest("sobl", ["sobol", "random"]) == "did you mean 'sobol'?"
    assert nearest("zzz", ["sobol", "random"]) == "known: random, sobol"


def test_a_set_knows_what_the_user_set_and_its_gpu_by_themselves_not_by_their_names(here):
    chosen = load_priors(gpu="b200", set={"peak_factor": "lognormal(p5=1, p95=3)"})
    assert [n for n, p in chosen.priors.items() if p.set_by_user] == ["peak_factor"]
    stored = json.loads(json.dumps(chosen.to_json()))
    assert "set_by_user" not in stored["priors"]["peak_factor"]
    again = PriorSet.from_json(stored)
    assert again == chosen
    assert (again.gpu, again.priors["peak_factor"].set_by_user) == ("b200", True)
    del stored["gpu"]  # as earlier versions wrote it
    assert PriorSet.from_json(stored).gpu == "b200"
    named = load_priors("plappert-2024", write(here, "b200", entry("peak_factor", 2)))
    assert (named.name, named.gpu) == ("plappert-2024+b200", "")  # a set of that name, which is no GPU
    assert named.on("h200").name == "plappert-2024+b200+h200"
    assert chosen.on("H200").name == "plappert-2024+h200"


def test_the_uncertain_priors_that_a_quantity_reads():
    chosen = load_priors(set={"parameters": 2e10})
    read = chosen.read_by("training_h100s")
    assert "parameters" not in read
    assert set(read) == set(chosen.model.reads(["training_h100s"])) & set(chosen.uncertain)
    assert list(read) == [n for n in chosen.priors if n in read]


def test_notes_are_of_what_a_set_holds_now(here):
    wide = load_priors(set={"training_mfu": "normal(mean=0.4, sd=0.2)"})
    again = PriorSet.from_json(wide.to_json())
    assert again.notes == wide.notes
    assert again.edited({"training_mfu": 0.4}).notes == ()
    assert len(again.edited({"peak_factor": "normal(mean=1, sd=1)"}).notes) == 2


@pytest.mark.parametrize("name", ["calibrated-2026", "evidence-2026", "plappert-2024"])
def test_a_long_distribution_is_broken_between_its_parts(name, cli):
    out = cli("priors", "check", name).out
    held = load_priors(name).priors.values()
    whole = {p.distribution.text.replace(" ", "") for p in held if p.uncertain}
    lines = out.splitlines()
    found = 0
    for first in range(len(lines)):
        parts = []
        for more in lines[first:]:
            if not more.startswith("  "):
                break
            parts.append(more.strip())
            if "".join(parts).replace(" ", "") in whole:
                found += 1
                assert all(part[-1] in ",(" or part.endswith((" *", " +", " /")) for part in parts[:-1]), parts
                break
    assert found >= len([t for t in whole if len(t) < 70])
