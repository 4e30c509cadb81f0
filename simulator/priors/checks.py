"""Remarks on a prior set: what is unusual in it, but no mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..base.errors import one_line
from ..compute.graph import Model
from .prior import Prior


def remarks(priors: Mapping[str, Prior], model: Model, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Notes on what is unusual in a set: correlations without effect, priors beyond their range.

    `pairs` are the priors between which a correlation is given.
    """
    notes = []
    for pair in pairs:
        fixed = next((name for name in pair if not priors[name].uncertain), None)
        if fixed:
            notes.append(f"no correlation '{', '.join(pair)}': {fixed} is a known value")
    return sorted(notes) + _outside(priors, model)


def _outside(priors: Mapping[str, Prior], model: Model) -> list[str]:
    """Notes on priors that reach beyond the range in which they make sense."""
    notes = []
    for name, prior in priors.items():
        target, (low, high) = model.inputs[name], prior.distribution.support
        if low >= target.low and high <= target.high:
            continue
        rv = prior.distribution.as_rv()
        with np.errstate(all="ignore"):
            share = float(rv.cdf_sf(target.high)[1]) if high > target.high else 0.0
            share += float(rv.cdf_sf(target.low)[0]) if low < target.low else 0.0
        if share > 1e-12:
            side = f"above {target.high:g}" if high > target.high else f"below {target.low:g}"
            notes.append(
                one_line(
                    f"{name} = {prior.distribution.text} lies {side} in {share:.2g} of the worlds; "
                    "truncate(prior=.., low=.., high=..) would keep it inside"
                )
            )
    return notes
