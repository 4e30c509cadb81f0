"""Pools: proportions, closed forms, structural uncertainty, and that a pool is a run."""

import json
import math
import shlex

import numpy as np
import pytest
import xarray

from simulator import InputError, load_priors, simulate
from simulator.analyses import rerun
from simulator.analyses.pooling import parse_members, pool
from simulator.analyses.sensitivity import sensitivity
from simulator.plots.figure import plot
from simulator.reports.report import report
from simulator.runs.run import Run

SIGMA = 0.4


def lognormal(median):
    priors = {"parameters": f"lognormal(median={median!r}, sigma={SIGMA})", "dataset_multiplier": 4, "video_share": 0.5}
    return load_priors(set=priors)


@pytest.fixture(scope="module")
def mixed():
    return pool([("plappert-2024", 0.3), ("evidence-2026", 0.5), ("distilled-2026", 0.2)], draws=160_000)


def test_draws_are_allocated_in_proportion_in_each_replicate(mixed):
    s = mixed.run.settings
    assert s.draws == 160_000
    assert [r.settings.per_replicate for r in mixed.members] == [3000, 5000, 2000]
    assert np.bincount(mixed.run.member).tolist() == [3000, 5000, 2000]
    for i, r in enumerate(mixed.members):
        np.testing.assert_array_equal(
            mixed.run.draws_of("training_flop")[:, mixed.run.member == i], r.draws_of("training_flop")
        )
    thirds = pool([("plappert-2024", 1 / 3), ("evidence-2026", 1 / 3), ("distilled-2026", 1 / 3)], draws=16 * 100)
    assert sorted(r.settings.per_replicate for r in thirds.members) == [33, 33, 34]


def test_a_pool_is_the_mixture_of_its_members(mixed):
    (s,) = mixed.run.summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})
    expected = sum(
        w * r.summary(["inference_h100s"], exceeds={"inference_h100s": [720_000]})[0].exceeds[720_000].value
        for r, w in zip(mixed.members, mixed.weights, strict=True)
    )
    assert s.exceeds[720_000].value == pytest.approx(expected, abs=1e-4)
    means = [r.summary(["training_h100s"])[0].mean.value for r in mixed.members]
    (t,) = mixed.run.summary(["training_h100s"])
    assert t.mean.value == pytest.approx(np.dot(mixed.weights, means), rel=1e-5)


def test_the_share_between_two_lognormals_is_closed_form():
    """ln y is normal with variance s^2 about two means d apart: w (1 - w) d^2 over that plus s^2."""
    d, w = 0.9, 0.3
    found = pool(
        [(lognormal(2e10), w), (lognormal(2e10 * math.exp(d)), 1 - w)], draws=160_000, quantities=["training_flop"]
    )
    share = found.between("training_flop")
    between = w * (1 - w) * d**2
    assert share.value == pytest.approx(between / (between + SIGMA**2), abs=max(4 * share.mcse, 2e-4))
    same = pool([(lognormal(2e10), 0.5), (lognormal(2.0001e10), 0.5)], draws=16_000, quantities=["training_flop"])
    assert same.between("training_flop").value < 1e-6


def test_a_pool_is_a_run(mixed, tmp_path, cli):
    path = mixed.run.save(tmp_path)
    stored = Run.load(path)
    assert stored.digest == mixed.run.digest
    tree = xarray.open_datatree(path / "run.nc", engine="netcdf4")
    group = tree["prior_predictive"].to_dataset()
    assert group.coords["member"].dims == ("draw",)
    assert group.coords["member"].attrs["flag_meanings"].split() == ["plappert-2024", "evidence-2026", "distilled-2026"]
    medians = group["training_h100s"].groupby("member").quantile(0.5, dim=("chain", "draw")).values
    tree.close()
    for value, r in zip(medians, mixed.members, strict=True):
        assert value == pytest.approx(r.summary(["training_h100s"])[0].median.value, rel=1e-5)
    assert "member" in stored.dataset.coords
    assert "member" in mixed.run.datatree["prior_predictive"].coords
    for kind in ("density", "exceedance", "forest", "ridge", "pair", "quantile-dots", "convergence"):
        assert plot(stored, kind).title
    for arguments in (
        ["runs", "show", str(path)],
        ["rerun", str(path)],
        ["report", str(path), "--out", "-"],
        ["compare", "plappert-2024", str(path), "-q", "training_h100s"],
    ):
        outcome = cli(*arguments)
        assert outcome.code == 0, outcome.err
    assert "a pool of prior sets" in report(stored, pictures=False).render("md")


def test_what_needs_priors_is_refused_in_one_line(mixed):
    with pytest.raises(InputError, match="is a pool: its worlds are not those of its priors"):
        sensitivity(mixed.run, "training_flop")
    for kind in ("crossover", "demand", "modalities", "priors"):
        with pytest.raises(InputError, match=r"no priors of its own"):
            plot(mixed.run, kind)
    with pytest.raises(InputError, match="a pool has no priors of its own"):
        mixed.run.draws_of("training_cost")


def test_the_command_prints_the_members_and_keeps_the_pool_alone(cli, here):
    line = (
        "ensemble",
        "plappert-2024:0.5",
        "evidence-2026:0.5",
        "--draws",
        "32000",
        "--exceeds",
        "inference_h100s > 720k",
    )
    outcome = cli(*line)
    assert outcome.code == 0, outcome.err
    assert max(map(len, outcome.out.splitlines())) <= 80
    for part in (
        "Between the sets",
        "token-accounting",
        "Pool of plappert-2024 0.5, evidence-2026 0.5",
        "P(inference_h100s",
    ):
        assert part in outcome.out
    (only,) = json.loads(cli("runs", "list", "--json").out)
    assert only["name"].startswith("pool-of-2-")
    data = json.loads(cli(*line, "--json").out)
    assert 0 < data["between"]["training_flop"]["value"] < 1
    assert [m["draws"] for m in data["members"]] == [16_000, 16_000]
    again, alone = rerun.command(Run.load(data["digest"][:8]))
    assert alone
    assert json.loads(cli(*shlex.split(again)[1:], "--no-save", "--json").out)["digest"] == data["digest"]
    assert cli("rerun", data["digest"][:8]).code == 0


@pytest.mark.parametrize(
    ("members", "part"),
    [
        (["plappert-2024:0.5", "evidence-2026:0.4"], "the weights 0.5, 0.4 sum to 0.9, not 1"),
        (["plappert-2024"], "'plappert-2024' is no member of a pool: write SET:WEIGHT"),
        (["plappert-2024:x", "evidence-2026:1"], "'plappert-2024:x' is no member of a pool"),
        (["plappert-2024:1"], "1 prior sets are no pool"),
        (["plappert-2024:0.5"] * 2, "stands twice in the pool"),
        (["plappert-2024:0.5", "evidence:0.5"], "'evidence' is neither a prior set"),
        (["plappert-2024:0.5", "evidence-2026:0.5", "-q", "dit_h100_months"], "no quantity 'dit_h100_months' in"),
        (["plappert-2024:0.99", "evidence-2026:0.01", "-n", "160"], "leave none for a weight of 0.01: take more"),
    ],
)
def test_a_bad_pool_gets_one_line_and_leaves_nothing(members, part, cli, here):
    outcome = cli("ensemble", *members) if "-n" in members else cli("ensemble", *members, "--draws", "1600")
    assert outcome.code == 2
    assert len(outcome.errors) == 1, outcome.err
    assert part in outcome.errors[0]
    assert list(here.iterdir()) == []


def test_members_are_read_with_layers():
    assert parse_members(["plappert-2024+mine:0.25", "evidence-2026:75e-2"]) == [
        ("plappert-2024+mine", 0.25),
        ("evidence-2026", 0.75),
    ]
    assert simulate("evidence-2026", draws=160).member is None
