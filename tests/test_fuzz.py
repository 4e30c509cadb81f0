"""Near-valid and hostile inputs: each is read or refused in one line, within bounds of work and memory.

`tests/fuzz_atheris.py` searches for more of them.
"""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator import load_priors
from simulator.base.numbers import parse_count, parse_number
from simulator.cli.options import edits, thresholds
from simulator.compute.units import factor
from simulator.distributions.families import parse
from simulator.priors.cases import load_case

from . import strategies
from .conftest import HANG, ROOT
from .hostile import HOSTILE, MOST_STEPS, READ, counting, kept, notation, prior_file, within
from .strategies import calls, mutated, number

MORE = int(os.environ.get("SIMULATE_FUZZ", "1"))  # so many times as many examples, and others: for a search by hand


def examples(count):
    """So many examples, the same in every run."""
    return settings(
        max_examples=count * MORE,
        derandomize=MORE == 1,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@given(st.one_of(calls(), mutated(calls())))
@examples(500)
def test_near_valid_notation(text):
    with within(HANG):
        notation(text)


@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="()[]=,*+-.5e% anormlp", max_size=60),
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.dates(),
        st.lists(st.integers()),
        st.binary(),
    )
)
@examples(200)
def test_raw_notation(text):
    with within(HANG):
        notation(text)


@given(st.one_of(mutated(number), st.text(max_size=20)))
@examples(100)
def test_numbers_thresholds_and_edits(text):
    with within(HANG):
        kept(lambda: parse_number(text))
        kept(lambda: parse_count(text, "a number"))
        kept(lambda: thresholds((f"training_h100s > {text}", text)))
        kept(lambda: edits((f"parameters={text}", text)))


@given(
    mutated(st.lists(st.sampled_from(strategies.UNITS), min_size=1, max_size=3).map(" * ".join)),
    st.sampled_from(strategies.UNITS[:-1]),
)
@examples(100)
def test_near_valid_units(text, target):
    with within(HANG):
        found, _ = kept(lambda: factor(text, target))
        assert found is None or 0.0 < found < float("inf")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that the examples write their files into."""
    return tmp_path_factory.mktemp("fuzz")


@given(st.one_of(strategies.prior_files, mutated(strategies.prior_files)))
@examples(120)
def test_near_valid_prior_files(folder, text):
    (folder / "mine.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with within(HANG):
        prior_file(folder / "mine.toml")


@given(st.one_of(st.binary(max_size=200), strategies.broken_bytes()))
@examples(100)
def test_raw_prior_files(folder, data):
    (folder / "mine.toml").write_bytes(data)
    with within(HANG):
        prior_file(folder / "mine.toml")


@given(strategies.cases())
@examples(60)
def test_near_valid_cases(folder, text):
    (folder / "case.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    with within(HANG):
        kept(lambda: load_case(str(folder / "case.toml")))


@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(mutated(number), max_size=5).map(lambda rows: "\n".join(rows).encode("utf-8", "surrogatepass")),
    )
)
@examples(150)
def test_files_of_numbers(folder, data):
    (folder / "data.csv").write_bytes(data)
    with within(HANG):
        notation(f"empirical(file='{folder / 'data.csv'}')")


NAMES = ["plappert-2024", "../mine.toml", "/", "mine.toml", "a/../b", "~", "..", "/dev/zero", "/etc/passwd", "h100-sxm"]


@given(st.one_of(st.text(max_size=40), mutated(st.sampled_from(NAMES))))
@examples(60)
def test_names_of_sets(name):
    with within(HANG):
        kept(lambda: load_priors(name))
        kept(lambda: load_priors(gpu=name))
        kept(lambda: load_case(name))


@pytest.fixture(scope="module")
def fates(once):
    """What became of the inputs that were made to break a promise, in a process of bounded memory."""

    def told():
        done = subprocess.run(
            [sys.executable, "-m", "tests.hostile"], cwd=ROOT, capture_output=True, text=True, timeout=4 * HANG
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stderr == ""
        return done.stdout

    return json.loads(once("fates.json", told))


@pytest.mark.parametrize("name", HOSTILE | READ)
def test_an_input_made_to_break_it(fates, name):
    assert fates[name]["broken"] == ""
    assert fates[name]["read"] == (name in READ)
    assert fates[name]["steps"] < MOST_STEPS


@pytest.mark.parametrize("many", [3, 4000])
def test_factors_are_one_product_before_a_law_is_built(many, monkeypatch):
    from simulator.distributions import derived

    built = []
    monkeypatch.setattr(derived, "Transformed", lambda *a, made=derived.Transformed: built.append(a) or made(*a))
    parse("1.001 * " * many + "gamma(mean=2, sd=1)")
    assert len(built) == 1


def test_a_product_of_factors_is_taken_from_the_right():
    """As it always was: the digests of stored runs hold its last bit."""
    found = parse("0.1 * 0.7 * 0.3 * lognormal(p5=1, p95=2)")
    assert found.factor == 0.3 * 0.7 * 0.1 != 0.1 * 0.7 * 0.3
    assert found.text.startswith(f"{0.3 * 0.7 * 0.1!r} * ")


def test_the_steps_of_reading_grow_with_the_length_of_a_text():
    taken = []
    for many in (1000, 2000):
        with counting() as steps:
            notation("1.001 * " * many + "lognormal(p5=1, p95=2)")
        taken.append(steps[0])
    assert taken[1] < 2 * taken[0]


SEARCH = """
import sys
sys.argv = ["fuzz_atheris", "--seconds", "2", "--seed", "1"]
from tests import fuzz_atheris
sys.exit(fuzz_atheris.main())
"""


def test_the_search_with_atheris_runs_or_says_why_not():
    done = subprocess.run([sys.executable, "-c", SEARCH], cwd=ROOT, capture_output=True, text=True, timeout=2 * HANG)
    assert done.returncode == 0, done.stderr
    assert "reader: " in done.stdout or "skipped: atheris is not installed" in done.stderr
