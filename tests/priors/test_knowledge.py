"""Known is not set: the Gaussian copula, conditioned, against the closed form of a multivariate normal."""

import json
import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from simulator import load_priors, simulate
from simulator.base.errors import InputError
from simulator.engine.sampling.prior_sampler import PriorSampler
from simulator.priors.knowledge import knowing
from simulator.priors.prior_set import PriorSet

NAMES = ("parameters", "dataset_multiplier", "training_mfu", "video_share", "peak_factor")
LAWS = {  # name: notation and scipy's twin
    "parameters": ("lognormal(median=2e10, sigma=0.6)", stats.lognorm(0.6, scale=2e10)),
    "dataset_multiplier": ("uniform(low=4, high=10)", stats.uniform(4, 6)),
    "training_mfu": ("beta(a=4, b=6)", stats.beta(4, 6)),
    "video_share": ("logitnormal(mu=0.2, sigma=0.7)", None),
    "peak_factor": ("normal(mean=2, sd=0.3)", stats.norm(2, 0.3)),
}
RHO = dict(zip(combinations(NAMES, 2), (0.5, -0.3, 0.2, 0.4, 0.3, -0.2, 0.3, 0.25, -0.35, 0.15), strict=True))


@pytest.fixture(scope="module")
def tied(tmp_path_factory):
    """A set with a group of so many correlated priors."""
    folder = tmp_path_factory.mktemp("sets")

    def made(size, **laws):
        names = NAMES[:size]
        pairs = "\n".join(f'"{a}, {b}" = {r}' for (a, b), r in RHO.items() if {a, b} <= {*names})
        path = folder / f"tied{size}.toml"
        path.write_text(f'extends = ["plappert-2024"]\n[correlations]\n{pairs}\n')
        return load_priors(str(path), set={n: LAWS[n][0] for n in names} | laws)

    return made


def matrix(names):
    """The correlations between the normal scores."""
    found = np.eye(len(names))
    for i, j in combinations(range(len(names)), 2):
        pair = names[i], names[j]
        found[i, j] = found[j, i] = 2 * math.sin(math.pi * RHO.get(pair, RHO.get(pair[::-1])) / 6)
    return found


def score(name, x):
    law = LAWS[name][1]
    if law is None:
        return (math.log(x / (1 - x)) - 0.2) / 0.7
    return float(stats.norm.ppf(law.cdf(x)))


def drawn(chosen, names, count=1 << 14):
    worlds = PriorSampler(chosen, 7, "sobol", names=names)
    return {n: x.ravel() for n, x in worlds.values(worlds.first(count // 16, names)).items()}


KNOWN = {"parameters": 8e9, "training_mfu": 0.55, "peak_factor": 2.5, "dataset_multiplier": 9.2, "video_share": 0.3}


@pytest.mark.parametrize(
    ("size", "known"),
    [
        (2, ["parameters"]),
        (3, ["training_mfu"]),
        (3, ["parameters", "dataset_multiplier"]),
        (4, ["video_share", "parameters"]),
        (5, ["peak_factor", "dataset_multiplier", "training_mfu"]),
        (5, ["parameters"]),
    ],
)
def test_what_is_left_is_the_multivariate_normal_given_what_is_known(size, known, tied):
    names = NAMES[:size]
    given = tied(size).knowing({n: KNOWN[n] for n in known})
    left = [n for n in names if n not in known]
    r, k, u = matrix(names), [names.index(n) for n in known], [names.index(n) for n in left]
    gain = r[np.ix_(u, k)] @ np.linalg.inv(r[np.ix_(k, k)])
    mean = gain @ np.array([score(n, KNOWN[n]) for n in known])
    cov = r[np.ix_(u, u)] - gain @ r[np.ix_(k, u)]
    before = tied(size)
    for n, m, v in zip(left, mean, np.diag(cov), strict=True):
        for p in (1e-6, 0.05, 0.5, 0.9, 1 - 1e-6):
            z = m + math.sqrt(v) * stats.norm.ppf(p)
            exact = before.prior(n).distribution.quantile(float(stats.norm.cdf(z)))
            assert given.prior(n).distribution.quantile(p) == pytest.approx(exact, rel=1e-7), (n, p)
    for (i, a), (j, b) in combinations(enumerate(left), 2):
        partial = cov[i, j] / math.sqrt(cov[i, i] * cov[j, j])
        pair = tuple(sorted((a, b)))
        assert given.correlations[pair] == pytest.approx(6 / math.pi * math.asin(partial / 2), abs=1e-9)
        x = drawn(given, left)
        achieved = stats.spearmanr(x[a], x[b]).statistic
        assert achieved == pytest.approx(given.correlations[pair], abs=0.01)
    assert all(given.prior(n).distribution.known == KNOWN[n] for n in known)
    order = given.knowing({}) if known else given
    assert order.canonical() == given.canonical()


def test_the_order_in_which_things_are_known_does_not_matter(tied):
    both = {"parameters": 8e9, "training_mfu": 0.55}
    one = tied(5).knowing(both)
    two = tied(5).knowing({"training_mfu": 0.55}).knowing({"parameters": 8e9})
    for n in ("dataset_multiplier", "video_share", "peak_factor"):
        for p in (0.01, 0.5, 0.99):
            assert one.prior(n).distribution.quantile(p) == pytest.approx(
                two.prior(n).distribution.quantile(p), rel=1e-9
            )
    assert one.correlations == pytest.approx(two.correlations)


@pytest.mark.parametrize("value", [1.0, 2.0, 5.0])
def test_a_value_with_a_probability_of_its_own_against_rejection(value, tied):
    """A choice that is known fixes its score to an interval: the worlds are those that had this value anyhow."""
    choice = "choice(values=[1, 2, 5], weights=[0.3, 0.5, 0.2])"
    before = tied(4, parameters=choice)
    given = before.knowing({"parameters": value})
    left = list(NAMES[1:4])
    x = drawn(before, list(NAMES[:4]), 1 << 20)
    kept = x["parameters"] == value
    y = drawn(given, left, 1 << 16)
    for n in left:
        for p in (0.05, 0.25, 0.5, 0.75, 0.95):
            exact = np.quantile(x[n][kept], p)
            assert given.prior(n).distribution.quantile(p) == pytest.approx(exact, rel=0.005), (n, p)
            assert np.quantile(y[n], p) == pytest.approx(exact, rel=0.01)
    for a, b in combinations(left, 2):
        rejected = stats.spearmanr(x[a][kept], x[b][kept]).statistic
        asked = given.correlations[tuple(sorted((a, b)))]
        assert asked == pytest.approx(rejected, abs=4 / math.sqrt(kept.sum()) + 1e-3)
        assert stats.spearmanr(y[a], y[b]).statistic == pytest.approx(asked, abs=0.01)


def test_what_is_left_may_have_values_with_a_probability(tied):
    """The probabilities of a choice, given a correlated prior: by the conditional normal."""
    given = tied(2, dataset_multiplier="choice(values=[4, 10], weights=[0.4, 0.6])").knowing({"parameters": 8e9})
    r = matrix(NAMES[:2])[0, 1]
    edge = (stats.norm.ppf(0.4) - r * score("parameters", 8e9)) / math.sqrt(1 - r * r)
    left = given.prior("dataset_multiplier").distribution.as_rv()
    assert float(left.atom(4.0)) == pytest.approx(stats.norm.cdf(edge), rel=1e-9)
    assert float(left.atom(10.0)) == pytest.approx(stats.norm.sf(edge), rel=1e-9)
    x = drawn(given, ["dataset_multiplier"])["dataset_multiplier"]
    assert set(np.unique(x)) == {4.0, 10.0}
    assert (x == 4.0).mean() == pytest.approx(stats.norm.cdf(edge), abs=1e-3)


def test_a_value_beyond_its_prior_moves_others_as_the_nearest_draw_would(tied):
    given = tied(2, parameters="uniform(low=5e9, high=4e10)").knowing({"parameters": 1e9})
    (note,) = [n for n in given.notes if "lies below its prior" in n]
    assert note.startswith(
        "parameters = 1 billion lies below its prior uniform(low=5e9, high=4e10)"
    ) or note.startswith("parameters = 1e9 lies below its prior")
    assert given.prior("parameters").distribution.known == 1e9
    shift = matrix(NAMES[:2])[0, 1] * stats.norm.ppf(2.0**-33)
    middle = 4 + 6 * stats.norm.cdf(shift)
    assert given.prior("dataset_multiplier").distribution.quantile(0.5) == pytest.approx(middle, rel=1e-6)


def test_a_set_of_which_nothing_is_known_keeps_its_bits():
    chosen = load_priors("evidence-2026")
    assert chosen.knowing({}).canonical() == chosen.canonical()
    given = chosen.knowing({"parameters": 2e9})
    free = {n for n in chosen.uncertain if n not in ("parameters", "training_tokens")}
    assert {n: given.prior(n).distribution.text for n in free} == {n: chosen.prior(n).distribution.text for n in free}
    a, b = (drawn(s, sorted(free), 1600) for s in (chosen, given))
    assert all(np.array_equal(a[n], b[n]) for n in free)


def test_a_small_model_was_trained_on_fewer_tokens():
    """Both are lognormal, so is what is left: mu + r sigma z and sigma sqrt(1 - r^2)."""
    chosen = load_priors("evidence-2026")
    given = chosen.knowing({"parameters": "2B"})
    (p, t) = (chosen.prior(n).distribution for n in ("parameters", "training_tokens"))
    r = 2 * math.sin(math.pi * 0.5 / 6)
    sigma = [math.log(d.quantile(0.95) / d.quantile(0.05)) / (2 * stats.norm.ppf(0.95)) for d in (p, t)]
    z = math.log(2e9 / p.quantile(0.5)) / sigma[0]
    after = given.prior("training_tokens")
    assert after.distribution.family == "lognormal"
    assert after.distribution.quantile(0.5) == pytest.approx(t.quantile(0.5) * math.exp(r * z * sigma[1]), rel=1e-6)
    assert after.distribution.quantile(0.5) < 0.25 * t.quantile(0.5)
    assert "Given parameters = 2e" in after.note or "Given parameters = 2 billion" in after.note
    assert given.active == {("diffusion_steps", "guidance_passes"): 0.5}
    assert PriorSet.from_json(json.loads(json.dumps(given.to_json()))) == given
    run = simulate(given, draws=1600, quantities=["training_flop"])
    assert run.priors.prior("parameters").distribution.known == 2e9


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"parameterz": 1}, "--know parameterz: token-accounting reads no prior of this name; did you mean"),
        ({"parameters": "lognormal(p5=1e9, p95=2e9)"}, "is no value; --set parameters=.. takes a distribution"),
        ({"training_mfu": 40}, "--know training_mfu: 40 is above 1: it is a share"),
        ({"parameters": "big"}, "--know parameters:"),
    ],
)
def test_what_is_no_value_gets_a_line(values, part):
    with pytest.raises(InputError) as found:
        knowing(load_priors("evidence-2026"), values)
    assert any(part in line for line in found.value.lines)
