"""Known is not set: a prior whose value is known moves those that are correlated with it.

Priors are tied by a Gaussian copula, so that a known value is a known normal score, and the scores of the others are
normal given it: exact for values without a probability of their own. One that has it (of a choice) fixes its score to
an interval; the others' distributions are exact then too, and so are the rank correlations between them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import InputError, meant, nearest, one_line
from ..base.numbers import shortest
from ..distributions.algebra import lognormal_of, normal_of
from ..distributions.distribution import Distribution
from ..distributions.families import parse
from ..distributions.scored import nodes, scores
from .prior import KNOWN, Prior
from .ranges import impossible

if TYPE_CHECKING:
    from .prior_set import PriorSet

SMALLEST = 1e-9  # a correlation that is none
HERMITE = 48  # nodes to each side of an integral over two scores


def knowing(priors: PriorSet, values: Mapping[str, object]) -> PriorSet:
    """The set in which these priors have known values, and those that are correlated with them have moved.

    Values as `--know` takes them: numbers, and no distributions. Raises InputError with a line for each mistake; a note
    tells of a value beyond its prior, which moves the others as the nearest draw would.
    """
    found, mistakes = dict[str, Distribution](), list[str]()
    for written, value in values.items():
        name = meant(written, priors.model.inputs)
        if name is None or name not in priors.priors:
            hint = nearest(written, priors.model.inputs)
            mistakes.append(f"--know {written}: {priors.model.name} reads no prior of this name; {hint}")
            continue
        try:
            found[name] = _value(priors, name, value)
        except InputError as error:
            mistakes += [f"--know {name}: {line}" for line in error.lines]
    if mistakes:
        raise InputError(*mistakes)
    return knowing_priors(
        priors,
        {name: Prior(name, d, priors.prior(name).unit, KNOWN_SOURCE, "A", "", KNOWN) for name, d in found.items()},
    )


KNOWN_SOURCE = "known, as the user says"


def _value(priors: PriorSet, name: str, value: object) -> Distribution:
    known = parse(value)
    if known.rv is not None:
        raise InputError(f"{known.text} is no value; --set {name}=.. takes a distribution")
    if wrong := impossible(priors.model.inputs[name], known):
        raise InputError(wrong)
    return known


def knowing_priors(priors: PriorSet, known: Mapping[str, Prior]) -> PriorSet:
    """The set with known priors in the place of its own, and those that are correlated with them moved."""
    held, notes = priors, list[str]()
    atoms = {
        name: bool(priors.prior(name).distribution.as_rv().atom(p.distribution.known)) for name, p in known.items()
    }
    for name in sorted(known, key=lambda n: atoms[n]):  # what has a probability of its own comes last
        held, note = _knowing(held, known[name])
        notes += [note] if note else []
    return replace(held, found=(*held.found, *(n for n in notes if n not in held.found))).checked()


def _knowing(priors: PriorSet, known: Prior) -> tuple[PriorSet, str]:
    """The set with one prior known, and a note where its value lies beyond it."""
    name, before = known.name, priors.prior(known.name).distribution
    held = {**priors.priors, name: known}
    group = next((g for g in priors.groups if name in g.names), None)
    if group is None:
        return replace(priors, priors=held), ""
    (low, high), value = scores(before.as_rv(), known.distribution.known), known.distribution.known
    matrix = group.cholesky @ group.cholesky.T
    k, others = group.names.index(name), [i for i, n in enumerate(group.names) if n != name]
    for i in others:
        if abs(matrix[i, k]) > SMALLEST:
            other = held[group.names[i]]
            moved = _moved(other.distribution, float(matrix[i, k]), low, high)
            held[other.name] = replace(other, distribution=moved, note=_noted(other, known))
    ties = {pair: rho for pair, rho in priors.correlations.items() if not {*pair} <= {*group.names}}
    for i, j in combinations(others, 2):
        rho = _left(matrix[i, j], matrix[i, k], matrix[j, k], low, high)
        if abs(rho) > SMALLEST:
            ties[tuple(sorted((group.names[i], group.names[j])))] = rho  # type: ignore[index]
    grounds = {pair: ground for pair, ground in priors.grounds.items() if pair in ties}
    bottom, top = before.support
    beyond = "" if bottom <= value <= top else "above" if value > top else "below"
    note = one_line(
        f"{name} = {known.distribution.text} lies {beyond} its prior {before.text}: what is correlated with it moves "
        "as if it were at that end"
    )
    return replace(priors, priors=held, correlations=ties, grounds=grounds), note if beyond else ""


def _noted(other: Prior, known: Prior) -> str:
    told = f"Given {known.name} = {known.distribution.text}."
    return f"{other.note} {told}".strip()


def _moved(distribution: Distribution, slope: float, low: float, high: float) -> Distribution:
    """What is left of a prior, given that a score that has this correlation with its own lies between two."""
    if low < high:
        ends = [f"{key}={shortest(x)}" for key, x in (("low", low), ("high", high)) if math.isfinite(x)]
        if not ends:
            return distribution
        return parse(f"given(prior={distribution.text}, slope={shortest(slope)}, {', '.join(ends)})")
    shift, spread, rv = slope * low, math.sqrt(1.0 - slope * slope), distribution.as_rv()
    for shown, law in ((LOGNORMAL, lognormal_of(rv)), (NORMAL, normal_of(rv))):
        if law is not None:
            return parse(shown.format(shortest(law[0] + shift * law[1]), shortest(spread * law[1])))
    return parse(f"given(prior={distribution.text}, shift={shortest(shift)}, spread={shortest(spread)})")


LOGNORMAL, NORMAL = "lognormal(mu={}, sigma={})", "normal(mean={}, sd={})"


def _left(r: float, a: float, b: float, low: float, high: float) -> float:
    """The rank correlation that is left between two scores, whose correlations with a third are a and b.

    Where that one is known to a value, the partial correlation; where it lies in an interval, by quadrature.
    """
    rest = math.sqrt((1.0 - a * a) * (1.0 - b * b))
    partial = min(max((r - a * b) / rest, -1.0), 1.0)
    if low == high:
        return 6.0 / math.pi * math.asin(partial / 2.0)
    return _between(partial, a, b, *nodes(low, high))


def _between(partial: float, a: float, b: float, places: np.ndarray, weights: np.ndarray) -> float:
    """Spearman's rho of two scores, given that a third lies where nodes have these weights."""
    from scipy.special import ndtr

    x, w = np.polynomial.hermite_e.hermegauss(HERMITE)
    w = w / w.sum()

    def ranks(z: np.ndarray, slope: float) -> Any:
        spread = math.sqrt(1.0 - slope * slope)
        return (ndtr((z[..., None] - slope * places) / spread) * weights).sum(axis=-1)

    first, second = np.meshgrid(x, x, indexing="ij")
    second = partial * first + math.sqrt(1.0 - partial * partial) * second
    mean = 0.0
    for t, share in zip(places, weights, strict=True):
        u = ranks(a * t + math.sqrt(1.0 - a * a) * first, a)
        v = ranks(b * t + math.sqrt(1.0 - b * b) * second, b)
        mean += share * float(np.einsum("i,j,ij,ij->", w, w, u, v))
    return 12.0 * mean - 3.0
