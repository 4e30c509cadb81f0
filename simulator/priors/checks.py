"""Remarks on a prior set: what is unusual in it, but no mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..base.errors import one_line
from ..base.numbers import rough, shortest
from ..compute.graph import Model
from .prior import NEUTRAL, Prior
from .ranges import beyond


def remarks(priors: Mapping[str, Prior], model: Model, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Notes on what is unusual in a set: correlations without effect, priors beyond their range.

    `pairs` are the priors between which a correlation is given.
    """
    notes = []
    for pair in pairs:
        fixed = next((name for name in pair if name in priors and not priors[name].uncertain), None)
        if fixed:
            notes.append(f"no correlation '{', '.join(pair)}': {fixed} is a known value")
    return _later(priors) + sorted(notes) + _outside(priors, model)


def _later(priors: Mapping[str, Prior]) -> list[str]:
    """A note on the priors that a set does not give, and that stand at their neutral values."""
    told = [f"{p.name} = {p.distribution.text}" for p in priors.values() if p.source == NEUTRAL]
    if not told:
        return []
    which = "this prior, which" if len(told) == 1 else "these priors, which"
    return [f"the set does not give {which} came later than it: {', '.join(told)} changes nothing"]


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
