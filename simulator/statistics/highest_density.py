"""The ends of a highest-density interval, with Monte Carlo errors of the rate at which they converge."""

from __future__ import annotations

import math

import numpy as np

from .estimators import Estimate, mcse
from .sample import Sample

SIZE = 4  # replicates that are taken together to see by how much an end's spread goes down
THEORY, ROOT = 1.0 / 3.0, 0.5  # rates of convergence: of the ends of an interval within a smooth density, of a mean
TIMES = ((0, 0, 0, 0), (0, 1, 2, 3), (0, 2, 3, 1), (0, 3, 1, 2))  # the field of four elements; XOR is its sum


def fours(replicates: int) -> list[list[list[int]]]:
    """16 replicates in fours, in five ways: any two are together once. None for another number of them.

    They are the lines of the affine plane over the field of four elements, by their slope.
    """
    if replicates != SIZE * SIZE:
        return []
    upright = [[SIZE * x + y for y in range(SIZE)] for x in range(SIZE)]
    sloping = [[[SIZE * x + (row[x] ^ c) for x in range(SIZE)] for c in range(SIZE)] for row in TIMES]
    return [upright, *sloping]


def shortest(sample: Sample, prob: float) -> tuple[Estimate, Estimate]:
    """The ends of the highest-density interval."""
    ends = sample.shortest_interval(prob)
    each = np.array([sample.shortest_interval(prob, [r]) for r in range(sample.replicates)])
    lines = fours(sample.replicates) if each.std(axis=0).any() else []
    together = np.array([[sample.shortest_interval(prob, rows) for rows in way] for way in lines])
    errors = [mcse_of_ends(each[:, i], together[..., i] if lines else None) for i in (0, 1)]
    return Estimate(float(ends[0]), errors[0]), Estimate(float(ends[1]), errors[1])


def mcse_of_ends(each: np.ndarray, together: np.ndarray | None = None) -> float:
    """The MCSE of an end of a highest-density interval, from its value in each replicate and in fours of them.

    Within a smooth density such ends converge as n^(-1/3) (Kim and Pollard 1990, doi.org/10.1214/aos/1176347498),
    beside a steep edge as the quantiles do, as n^(-1/2), and anything between them at a given number of draws. The rate
    is therefore estimated, from the spread of fours against that of single replicates, as Bertail, Politis and Romano
    ("On subsampling estimators with unknown rate of convergence", 1999) do for subsamples. Over independent replicates
    no rate is above 1/2.
    """
    error = mcse(each)
    if not error > 0.0:
        return error
    single, rate = error * math.sqrt(len(each)), THEORY
    if together is not None:
        ratio = math.sqrt(sum((mcse(way) * math.sqrt(SIZE) / single) ** 2 for way in together) / len(together))
        rate = min(max(-math.log(ratio, SIZE), 0.0), ROOT) if ratio > 0.0 else ROOT
    return single * float(len(each)) ** -rate
