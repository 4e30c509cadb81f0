"""Points: Sobol nets against SciPy, named columns, blocks, copula."""

import numpy as np
import pytest
from scipy import stats

from simulator.base.errors import InputError
from simulator.compute.columns import LAST, MOST_OWN, OWN, SHIPPED, column
from simulator.compute.inputs import PRIORS
from simulator.engine.sampling import copula, points
from simulator.priors import correlations


def net(column, bits=10):
    v, x = points.direction_numbers(column), np.zeros(1, dtype=np.uint32)
    for b in range(bits):
        x = np.concatenate([x, x ^ v[b]])
    return x / 2.0**32


def test_the_direction_numbers_are_those_of_scipy():
    twin = stats.qmc.Sobol(LAST, scramble=False, bits=32).random(1024)
    for place in [*range(0, OWN.first, 3), OWN.first - 1, *range(OWN.first, LAST, 61), LAST - 1]:
        np.testing.assert_array_equal(np.sort(net(place)), np.sort(twin[:, place]))
    # jointly, too: the same net, in another order
    pair = np.stack([net(3), net(17)], axis=1)
    assert {tuple(p) for p in pair} == {tuple(p) for p in twin[:, [3, 17]]}


@pytest.mark.parametrize("level", [1, 4, 9, 12])
def test_a_scrambled_column_has_one_point_in_each_dyadic_cell(level):
    source = points.SobolPoints(7, {"a": 5, "b": 30})
    for name in "ab":
        block = source.block(name, 3, 0, 1 << level).view(np.uint32) >> np.uint32(32 - level)
        assert len(np.unique(block)) == 1 << level


@pytest.mark.parametrize("sampler", points.SAMPLERS)
def test_a_word_depends_on_seed_name_replicate_and_index_alone(sampler):
    one = points.points(sampler, 1, {"a": 0, "b": 1})
    other = points.points(sampler, 1, {"b": 1})
    whole = one.block("b", 2, 0, 10_000)
    np.testing.assert_array_equal(whole, other.block("b", 2, 0, 10_000))
    np.testing.assert_array_equal(whole[4096:8192], other.block("b", 2, 4096, 4096))
    for changed in (
        one.block("a", 2, 0, 10_000),
        one.block("b", 3, 0, 10_000),
        points.points(sampler, 2, {"b": 1}).block("b", 2, 0, 10_000),
    ):
        assert (whole == changed).mean() < 0.001
        if sampler == "random":
            ranks = stats.spearmanr(points.uniforms(whole), points.uniforms(changed))
            assert abs(ranks.statistic) < 5 / np.sqrt(10_000)


@pytest.mark.parametrize("sampler", points.SAMPLERS)
def test_words_are_uniform(sampler):
    block = points.points(sampler, 11, {"a": 4}).block("a", 0, 0, 1 << 16)
    assert stats.kstest(points.uniforms(block), "uniform").pvalue > 1e-3


def test_sobol_columns_are_append_only():
    """The position of a prior is its column: a released order is never changed, only continued."""
    released = (
        "parameters dataset_multiplier training_mfu inference_mfu diffusion_steps temporal_compression "
        "frames_per_second clip_minutes video_share tiktok_ai_penetration youtube_ai_penetration "
        "candidates_per_upload peak_factor tiktok_videos_per_day tiktok_video_seconds youtube_minutes_per_day "
        "dit_training_flop dit_parameters dit_forward_flop dit_diffusion_steps training_days gpu_peak gpu_power "
        "gpu_price power_overhead demand_growth inference_saving llama2_parameters gpt4_active_parameters "
        "document_tokens"
    ).split()
    assert [p.name for p in PRIORS][: len(released)] == released
    assert len({p.name for p in PRIORS}) == len(PRIORS)
    assert column("peak_factor") == 12
    # a second set of worlds lies beyond all of them, and before the growths
    assert len(PRIORS) <= SHIPPED.second
    assert SHIPPED.second + len(PRIORS) <= SHIPPED.stride
    # and so do the columns of prices and studies, with which no second set is ever drawn
    assert len(PRIORS) <= points.SPARE.start
    assert points.SPARE.stop <= SHIPPED.stride


def test_own_priors_have_columns_by_their_order_alone_and_never_a_shipped_one():
    """Over 200 priors, with their growths and yearly steps, in both sets of worlds: none stands twice."""
    own = [f"mine_{i}" for i in range(MOST_OWN)]
    assert len(own) > 200

    def lanes(names, own):
        kinds = ["{}", "trends.{}", *(f"noise.{{}}.{k}" for k in range(1, 17))]
        return {
            (kind, n, second): column(kind.format(n), own, second)
            for kind in kinds
            for n in names
            for second in (False, True)
        }

    shipped, mine = lanes([p.name for p in PRIORS], own), lanes(own, own)
    taken = [*shipped.values(), *mine.values()]
    assert len(set(taken)) == len(taken)
    assert not set(points.SPARE) & set(mine.values())
    assert max(shipped.values()) < OWN.first <= min(mine.values())
    assert max(mine.values()) < LAST
    assert shipped == lanes([p.name for p in PRIORS], [])  # nor does any move a shipped one
    assert mine == lanes(own, tuple(own)) | {}  # names and order alone
    assert all(column(n, own[:10]) == column(n, own) for n in own[:10])  # what is added at the end moves nothing
    assert points.direction_numbers(LAST - 1).all()


@pytest.mark.parametrize("rho", [-0.9, -0.3, 0.5, 0.95])
def test_the_rank_correlation_asked_for_is_achieved(rho):
    order = ["a", "b", "c"]
    (group,) = correlations.groups({("a", "b"): rho, ("b", "c"): 0.2}, order)
    source = points.RandomPoints(3, dict.fromkeys(order, 0))
    words = copula.correlate(group, {n: source.block(n, 0, 0, 1 << 16) for n in order})
    u = {n: points.uniforms(w) for n, w in words.items()}
    for pair, asked in ((("a", "b"), rho), (("b", "c"), 0.2)):
        got = stats.spearmanr(u[pair[0]], u[pair[1]]).statistic
        assert got == pytest.approx(asked, abs=4 * (1 - asked**2) / np.sqrt(1 << 16))
    for name in order:  # the margins stay uniform
        assert stats.kstest(u[name], "uniform").pvalue > 1e-3


def test_a_matrix_that_is_not_positive_definite_names_the_pair():
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}
    with pytest.raises(InputError, match=r"not positive definite; .*: weaken '[abc], [abc]'"):
        correlations.groups(pairs, ["a", "b", "c"])
    assert correlations.groups({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): 0.8}, ["a", "b", "c"])
