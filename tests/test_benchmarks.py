"""The benchmarks compare like with like: the peers' numbers and formulas are those of simulate."""

import math
import re
import runpy
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from simulator import load_priors, simulate
from simulator.compute.headline import HEADLINE
from simulator.engine.sampling.prior_sampler import known

from .conftest import ROOT

PEERS = ROOT / "benchmarks/peers"
REFERENCE = SimpleNamespace(**runpy.run_path(str(PEERS / "reference.py")))
PRIORS = load_priors(str(ROOT / "benchmarks/reference.toml"))
LAWS = {name: PRIORS.priors[name].distribution.rv for name in PRIORS.uncertain}


def test_the_peers_draw_every_uncertain_prior_of_the_reference_set_and_the_headline_reads_it():
    assert set(LAWS) == {*REFERENCE.LOGNORMAL, *REFERENCE.BETA, *REFERENCE.PERT}
    assert len(LAWS) == 14
    assert set(LAWS) <= set(PRIORS.model.reads(HEADLINE))


def test_the_peers_parameters_are_the_fitted_ones():
    for name, ends in REFERENCE.LOGNORMAL.items():
        law = LAWS[name]
        assert law.link == "log"
        assert (law.loc, law.scale) == pytest.approx(REFERENCE.mu_sigma(*ends), rel=1e-5)
    for name, shape in REFERENCE.BETA.items():
        assert (LAWS[name].a, LAWS[name].b) == pytest.approx(shape, rel=1e-5)
    for name, (low, mode, high) in REFERENCE.PERT.items():
        law = LAWS[name]
        assert (law.loc, law.loc + law.scale) == pytest.approx((low, high), rel=1e-5)
        assert (law.base.a, law.base.b) == pytest.approx(REFERENCE.a_b(low, mode, high), rel=1e-5)


def test_the_peers_formulas_are_the_compute_models():
    rng = np.random.default_rng(1)
    values = {name: PRIORS.priors[name].distribution.quantile(0.5) * rng.uniform(0.1, 10, 1000) for name in LAWS}
    theirs = REFERENCE.quantities(values)
    ours = PRIORS.model.evaluate(known(PRIORS) | values, HEADLINE)
    assert tuple(theirs) == HEADLINE
    for name in HEADLINE:
        np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-12)


def test_plain_numpy_agrees_with_simulate_within_five_standard_errors():
    """In probability: among simulate's draws, a quantile of n draws lies within sqrt(p (1 - p) / n) of p."""
    n = 10_000
    program = [sys.executable, str(PEERS / "plain_numpy.py"), str(n), "--work"]
    done = subprocess.run(program, capture_output=True, text=True, check=True)
    assert float(done.stderr) > 0
    rows = {name: tuple(map(float, values)) for name, *values in map(str.split, done.stdout.splitlines())}
    assert tuple(rows) == HEADLINE
    run = simulate(PRIORS, draws=1 << 18)
    for name, quantiles in rows.items():
        for p, x in zip(REFERENCE.QUANTILES, quantiles, strict=True):
            assert abs((run.draws_of(name) < x).mean() - p) < 5 * math.sqrt(p * (1 - p) / n), (name, p)


def test_the_page_on_speed_has_a_row_for_each_peer():
    peers = runpy.run_path(str(ROOT / "benchmarks/peers.py"))
    (shown,) = peers["MARKED"].findall((ROOT / "docs/performance.md").read_text())
    for peer, (title, program, *_) in peers["PEERS"].items():
        assert re.search(re.escape(f"| {title} |").replace(r"\{\}", r"\S+"), shown), title
        assert (PEERS / program).is_file()
        assert peer == "numpy" or (PEERS / "requirements" / f"{peer.split()[0]}.txt").is_file()
