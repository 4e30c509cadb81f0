"""The range of values that make sense for a prior, and what lies beyond it."""

from __future__ import annotations

import numpy as np

from ..base.numbers import shortest
from ..compute.graph import Input
from ..distributions.distribution import Distribution

LEAST = 1e-12  # a probability that is not worth a word


def beyond(target: Input, distribution: Distribution) -> list[tuple[str, float]]:
    """Where a distribution lies beyond the range: `below 0`, `above 1`, each with its probability."""
    low, high = distribution.support
    found, rv = [], distribution.as_rv()
    with np.errstate(all="ignore"):
        if low < target.low:
            found.append((f"below {target.low:g}", rv.mass_below(target.low)))
        if high > target.high:
            found.append((f"above {target.high:g}", rv.mass_above(target.high)))
    return [(side, share) for side, share in found if share > LEAST]


def impossible(target: Input, distribution: Distribution) -> str:
    """What is wrong with a prior that surely lies beyond the range; empty where it may lie within."""
    sides = beyond(target, distribution)
    if sum(share for _, share in sides) < 1.0 - LEAST:
        return ""
    where = " or ".join(side for side, _ in sides)
    if distribution.rv is not None:
        return f"{distribution.text} lies {where} in all worlds: {_right(target)}"
    meant = distribution.known / 100.0
    hint = f"; {shortest(distribution.known)} % is {shortest(meant)}" if target.low <= meant <= target.high else ""
    return f"{distribution.text} is {where}: {_right(target)}{hint if target.high < np.inf else ''}"


def _right(target: Input) -> str:
    if target.high == np.inf:
        return f"it cannot lie below {target.low:g}"
    return f"it is a share, between {target.low:g} and {target.high:g}"
