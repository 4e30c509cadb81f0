"""A string means the same in every verb: a prior set, layers joined by `+`, or a stored run."""

import pytest

from simulator import InputError, PriorSet, Run, load_priors, simulate
from simulator.analyses.comparison import compare
from simulator.analyses.sides import resolve, set_of


@pytest.fixture
def stored(here):
    """A stored run of a set that was edited."""
    (here / "mine.toml").write_text('extends = ["plappert-2024"]\n')
    return simulate(load_priors("mine.toml", set={"peak_factor": 3}), draws=1600).stored_in()


def test_sets_layers_and_runs_are_told_apart_by_one_rule(stored, here):
    assert resolve("plappert-2024").digest == load_priors("plappert-2024").digest
    layered = load_priors("plappert-2024-point", "plappert-2024")
    assert resolve("plappert-2024-point+plappert-2024").digest == layered.digest
    assert resolve("plappert-2024+b200").digest == load_priors("plappert-2024", gpu="b200").digest
    assert resolve("plappert-2024+b200").name == "plappert-2024+b200"
    for name in ("latest", stored.name, stored.digest[:8], str(stored.path), f"{stored.path}/run.nc"):
        assert isinstance(found := resolve(name), Run)
        assert found.digest == stored.digest
    assert isinstance(resolve("mine.toml"), PriorSet)
    with_plus = here / "a+b.toml"
    with_plus.write_text(
        'extends = ["plappert-2024"]\n[priors.peak_factor]\nprior = 7\nunit = "1"\nsource = "x"\ngrade = "D"\n'
    )
    assert resolve("a+b.toml").priors["peak_factor"].distribution.text == "7"


def test_the_run_of_layers_goes_by_its_name_whatever_it_is_called(here):
    run = simulate(load_priors("plappert-2024", gpu="b200"), draws=1600)
    run.save()
    assert isinstance(resolve(run.name), Run)


def test_what_is_none_of_them_is_said_in_its_own_words(stored):
    with pytest.raises(InputError, match="there is no prior set 'evidence-2062': did you mean 'evidence-2026'"):
        resolve("plappert-2024+evidence-2062")
    with pytest.raises(InputError, match=r"'nosuch' is neither a prior set .* nor a run"):
        resolve("nosuch")


def test_the_set_of_a_run_is_the_one_that_it_was_drawn_from(stored):
    assert set_of(["latest"]).digest == stored.priors.digest
    assert set_of(["plappert-2024+b200", "plappert-2024-point"]).digest == (
        load_priors("plappert-2024", "plappert-2024-point", gpu="b200").digest
    )


def test_python_and_the_command_line_understand_the_same(stored, cli):
    assert compare("latest", "plappert-2024", ["training_cost"], draws=1600).a.digest == stored.digest
    assert "Plappert" in cli("explain", "peak_factor", "-p", "plappert-2024+b200").out
    assert "3\n" in cli("explain", "peak_factor", "-p", "latest").out
    assert "old  " in cli("whatif", "plappert-2024+b200", "--set", "peak_factor=2", "-n", "16000").out
    assert "--draws says nothing to 'latest'" in cli("whatif", "latest", "--set", "peak_factor=2", "-n", "160").err
    on = ("--on", "training_h100s=lognormal(p5=8400, p95=21000)", "-n", "16000", "--no-save")
    assert "(with peak_factor=3), conditioned: 16,000 draws" in cli("condition", "latest", *on).out.replace("\n", " ")
    for verb in (("sensitivity",), ("plot", "--out", "x.png"), ("report", "--out", "-", "--format", "md")):
        assert cli(verb[0], "plappert-2024-point+plappert-2024", *verb[1:], "-n", "16000").code == 0, verb
