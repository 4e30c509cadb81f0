"""Numbers from samples, each with its Monte Carlo standard error."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .sample import Sample

COVER = 1.75  # MCSEs to each side of a 90 % interval: Student's t with the 15 degrees of freedom of 16 replicates
LARGEST = float(np.finfo(float).max)  # beyond it lies what is infinite
PRODUCT, LIMIT = 8, 1e30  # factors of a product, and how far from 1 each may be
HEAVY = 0.7  # Pareto k from which a mean is not printed (Vehtari et al. 2024)


class Estimate(NamedTuple):
    """A number and its Monte Carlo standard error; an MCSE of 0 marks an exact constant."""

    value: float
    mcse: float


def pareto_k(tail: np.ndarray) -> float:
    """The shape of a generalized Pareto fitted to a sorted tail whose first value is the cutoff.

    Zhang and Stephens (2009) with the weak prior of Vehtari et al. (2024), as ArviZ has it. -inf for
    a tail without mcse, which has nothing heavy about it.
    """
    x = tail[1:] - tail[0]
    while len(x) >= 5 and x[int(len(x) / 4 + 0.5) - 1] <= x[0]:
        x = x[x > x[0]]  # ties at the cutoff say nothing of the tail beyond
    n = len(x)
    if n < 5:
        return -math.inf
    quartile = x[int(n / 4 + 0.5) - 1]
    m = 30 + math.isqrt(n)
    b = (1.0 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3.0 * quartile) + 1.0 / x[-1]
    some = max((1 << 17) // n, 1)  # all at once would take much memory
    k = np.concatenate([_mean_log(b[i : i + some], x) for i in range(0, m, some)])
    score = n * (np.log(-b / k) - k - 1.0)
    weight = np.exp(score - score.max())
    weight[weight < 10.0 * np.finfo(float).eps * weight.sum()] = 0.0
    theta = float((b * weight).sum() / weight.sum())
    found = float(np.log1p(-theta * x).mean())
    return (n * found + 10 * 0.5) / (n + 10)


def _mean_log(b: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The mean of log(1 - b x) over sorted x (draw), for each of b: of products of several, where floats hold them."""
    part = len(x) // PRODUCT
    first, last = 1.0 - b * x[0], 1.0 - b * x[-1]
    if part == 0 or max(first.max(), last.max()) > LIMIT or min(first.min(), last.min()) < 1.0 / LIMIT:
        return np.asarray(np.log1p(-b[:, None] * x).mean(axis=1))
    products = 1.0 - b[:, None] * x[:part]
    for i in range(1, PRODUCT):
        products = products * (1.0 - b[:, None] * x[i * part : (i + 1) * part])
    total = np.log(products).sum(axis=1)
    if part * PRODUCT < len(x):
        total = total + np.log(1.0 - b[:, None] * x[part * PRODUCT :]).sum(axis=1)
    return np.asarray(total / len(x))


def tail_size(sample: Sample) -> int:
    """How many draws make a tail: 3 sqrt(N), or a fifth of few draws."""
    size = sample.replicates * sample.per_replicate
    return math.floor(3.0 * math.sqrt(size)) if size > 225 else size // 5


def tail_shape(sample: Sample) -> float:
    """The heavier of the two tails' Pareto k."""
    count = tail_size(sample)
    if count < 5:
        return -math.inf
    return max(pareto_k(sample.top(count, sign)) for sign in (1.0, -1.0))


def mcse(each: np.ndarray) -> float:
    """The MCSE of a number from its value in each replicate."""
    if len(each) < 2:
        return math.nan
    if not np.isfinite(each).all():  # all of them infinite: it is known that this is
        return 0.0 if np.all(each == np.inf) else math.nan
    power = math.frexp(np.abs(each).max())[1]  # what is near the largest float would overflow when squared
    return math.ldexp(np.ldexp(each, -power).std(ddof=1) / math.sqrt(len(each)), power)


def mean_of_pairs(products: np.ndarray) -> Estimate:
    """The mean over pairs of different replicates of a symmetric matrix (replicate, replicate), with its MCSE.

    It is a U-statistic (Hoeffding 1948): its variance is 4 v1 / R +
    2 v2 / (R (R - 1)), v1 of what each replicate adds and v2 of what is left to each pair. Both are estimated
    without bias; the jackknife would count the second twice (Efron and Stein 1981, doi.org/10.1214/aos/1176345462).
    """
    size = len(products)
    if size < 4:
        return Estimate(float(products.mean()), math.nan)
    pairs = ~np.eye(size, dtype=bool)
    value = float(products[pairs].mean())
    rows = (np.where(pairs, products, 0.0).sum(axis=1) / (size - 1) - value) * (size - 1) / (size - 2)
    left = (products - value - rows[:, None] - rows)[pairs]
    of_pairs = float(left @ left) / (size * (size - 3))
    of_each = max(float(rows.var(ddof=1)) - of_pairs / (size - 2), 0.0)
    return Estimate(value, math.sqrt(4.0 * of_each / size + 2.0 * of_pairs / (size * (size - 1))))


def quantile(sample: Sample, p: float) -> Estimate:
    """A quantile with its MCSE; with few draws beyond it, from the order statistics around it."""
    value, each = sample.quantile(p)
    size = sample.replicates * sample.per_replicate
    if sample.smooth or sample.per_replicate * min(p, 1.0 - p) >= 8.0:
        return Estimate(value, mcse(each))
    if size * min(p, 1.0 - p) < 0.5:  # beyond the outermost draw: nothing is known of the error
        return Estimate(value, math.nan)
    reach = math.sqrt(p * (1.0 - p) / size)
    low, high = (sample.quantile(min(max(p + s * reach, 0.0), 1.0))[0] for s in (-1.0, 1.0))
    return Estimate(value, (high - low) / 2.0)


def mean(sample: Sample) -> tuple[Estimate | None, str]:
    """The mean with its MCSE, or None and the reason why it is not given."""
    if never := infinite(sample):
        return None, "it is infinite" if never.value == 1.0 else "it is infinite in some worlds; see the median"
    k = tail_shape(sample)
    if k >= HEAVY:
        return None, f"the tail is too heavy for a mean (Pareto k = {k:.2f}, from {HEAVY} on); see the median"
    each = sample.means()
    if not math.isfinite(each.sum()):
        return None, "the draws are too large to be summed; see the median"
    return Estimate(float(each.mean()), mcse(each)), ""


def no_variance(sample: Sample) -> str:
    """Why a variance is not given, or nothing: the squares of a tail of shape k have a tail of shape 2 k."""
    if infinite(sample):
        return "it is infinite in some worlds, so that it has no variance"
    k = tail_shape(sample)
    if 2.0 * k < HEAVY:
        return ""
    return f"the tail is too heavy for a variance (Pareto k = {k:.2f}, from {HEAVY / 2.0} on)"


def probability_above(sample: Sample, threshold: float) -> Estimate:
    """P(quantity > threshold) with its MCSE."""
    share = sample.above(threshold) / sample.per_replicate
    return Estimate(float(share.mean()), mcse(share))


def infinite(sample: Sample) -> Estimate | None:
    """The probability of being infinite; None where no draw is."""
    if np.isfinite(sample.means()).all():
        return None
    never = probability_above(sample, LARGEST)
    return never if never.value else None


def relative(estimate: Estimate, least: float = 0.0) -> float:
    """The MCSE of a number relative to it, or to `least` where that is larger; infinite where it is not known."""
    if estimate.mcse == 0.0:
        return 0.0
    size = max(abs(estimate.value), least)
    return estimate.mcse / size if math.isfinite(estimate.mcse) and size else math.inf
