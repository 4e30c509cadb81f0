"""Remarks on a prior set: what is unusual in it, but no mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..base.errors import one_line
from ..base.numbers import rough, shortest
from ..compute.graph import Model
from .prior import Prior
from .ranges import beyond


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
    """Notes on priors that reach beyond the range in which they make sense, and on mass that was moved."""
    notes = []
    for name, prior in priors.items():
        shown = f"{name} = {prior.distribution.text}"
        if sides := beyond(model.inputs[name], prior.distribution):
            where = " and ".join(f"{side} in {rough(share, 2)}" for side, share in sides)
            notes.append(
                f"{shown} lies {where} of the worlds; truncate(prior=.., low=.., high=..) would keep it inside"
            )
        if clipped := prior.distribution.clipped():
            where = " and ".join(f"{rough(share, 2)} of the worlds to {shortest(value)}" for value, share in clipped)
            notes.append(f"{shown} moves {where}: clip does; truncate renormalizes")
    return [one_line(note) for note in notes]
