"""Known is not set: a prior whose value is known moves those that are correlated with it.

Priors are tied by a Gaussian copula, so that a known value is a known normal score, and the scores of the others are
normal given it: exact for values without a probability of their own. One that has it (of a choice) fixes its score to
an interval; the others' distributions are exact then too, and so are the rank correlations between them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
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
HERMITE = 24  # nodes to each side of an integral over two scores


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
    for name, prior in known.items():
        before, value = priors.prior(name).distribution, prior.distribution.known
        if priors.prior(name).uncertain and not before.support[0] <= value <= before.support[1]:
            notes.append(_beyond(prior, before))
    valued = [n for n in known if priors.prior(n).distribution.as_rv().atom(known[n].distribution.known)]
    held = _by_scores(held, {n: p for n, p in known.items() if n not in valued})
    for name in valued:
        held = _by_value(held, known[name])
    return replace(held, found=(*held.found, *(n for n in notes if n not in held.found))).checked()


def _by_scores(priors: PriorSet, known: Mapping[str, Prior]) -> PriorSet:
    """The set with priors known whose values are scores: what is left of each group is normal in the scores."""
    held, ties = {**priors.priors, **known}, dict(priors.correlations)
    for group in priors.groups:
        k = [i for i, n in enumerate(group.names) if n in known]
        u = [i for i, n in enumerate(group.names) if n not in known]
        if not k:
            continue
        r = group.cholesky @ group.cholesky.T
        given = [known[group.names[i]] for i in k]
        z = [scores(priors.prior(p.name).distribution.as_rv(), p.distribution.known)[0] for p in given]
        gain = np.linalg.solve(r[np.ix_(k, k)], r[np.ix_(k, u)]).T
        left = r[np.ix_(u, u)] - gain @ r[np.ix_(k, u)]
        spread = np.sqrt(np.diag(left))
        for i, shift, sd, share in zip(u, gain @ np.array(z), spread, gain, strict=True):
            if np.abs(share).max() > SMALLEST:
                other = held[group.names[i]]
                moved = _shifted(other.distribution, float(shift), float(sd))
                held[other.name] = replace(other, distribution=moved, note=_noted(other, given))
        partial = left / np.outer(spread, spread)
        names = [group.names[i] for i in u]
        _retie(ties, group.names, names, lambda i, j, p=partial: 6.0 / math.pi * math.asin(p[i, j] / 2.0))  # type: ignore[misc]
    return _tied(priors, held, ties)


def _by_value(priors: PriorSet, known: Prior) -> PriorSet:
    """The set with one prior known whose value has a probability of its own, and so an interval of scores."""
    held, ties = {**priors.priors, known.name: known}, dict(priors.correlations)
    group = next((g for g in priors.groups if known.name in g.names), None)
    if group is None:
        return replace(priors, priors=held)
    low, high = scores(priors.prior(known.name).distribution.as_rv(), known.distribution.known)
    r, k = group.cholesky @ group.cholesky.T, group.names.index(known.name)
    names = [n for n in group.names if n != known.name]
    at = [group.names.index(n) for n in names]
    for name, i in zip(names, at, strict=True):
        if abs(r[i, k]) > SMALLEST:
            moved = _between(held[name].distribution, float(r[i, k]), low, high)
            held[name] = replace(held[name], distribution=moved, note=_noted(held[name], [known]))
    _retie(ties, group.names, names, lambda i, j: _left(r[at[i], at[j]], r[at[i], k], r[at[j], k], low, high))
    return _tied(priors, held, ties)


def _retie(
    ties: dict[tuple[str, str], float],
    group: Sequence[str],
    names: Sequence[str],
    rho: Callable[[int, int], float],
) -> None:
    """Put the rank correlations that are left between names of a group in the place of the group's."""
    for pair in [pair for pair in ties if {*pair} <= {*group}]:
        del ties[pair]
    for i, j in combinations(range(len(names)), 2):
        value = float(rho(i, j))
        if abs(value) > SMALLEST:
            first, second = sorted((names[i], names[j]))
            ties[first, second] = value


def _tied(priors: PriorSet, held: Mapping[str, Prior], ties: Mapping[tuple[str, str], float]) -> PriorSet:
    grounds = {pair: ground for pair, ground in priors.grounds.items() if pair in ties}
    return replace(priors, priors=held, correlations=ties, grounds=grounds)


def _beyond(known: Prior, before: Distribution) -> str:
    side = "above" if known.distribution.known > before.support[1] else "below"
    return one_line(
        f"{known.name} = {known.distribution.text} lies {side} its prior {before.text}: what is correlated with it "
        "moves as if it were at that end"
    )


def _noted(other: Prior, known: Sequence[Prior]) -> str:
    told = " ".join(f"Given {p.name} = {p.distribution.text}." for p in known)
    return f"{other.note} {told}".strip()


def _between(distribution: Distribution, slope: float, low: float, high: float) -> Distribution:
    """What is left of a prior, given that a score that has this correlation with its own lies between two."""
    ends = [f"{key}={shortest(x)}" for key, x in (("low", low), ("high", high)) if math.isfinite(x)]
    if not ends:
        return distribution
    return parse(f"given(prior={distribution.text}, slope={shortest(slope)}, {', '.join(ends)})")


def _shifted(distribution: Distribution, shift: float, spread: float) -> Distribution:
    """What is left of a prior whose score has another mean and sd."""
    rv = distribution.as_rv()
    for shown, law in ((LOGNORMAL, lognormal_of(rv)), (NORMAL, normal_of(rv))):
        if law is not None:
            return parse(shown.format(shortest(law[0] + shift * law[1]), shortest(spread * law[1])))
    return parse(f"given(prior={distribution.text}, shift={shortest(shift)}, spread={shortest(spread)})")


LOGNORMAL, NORMAL = "lognormal(mu={}, sigma={})", "normal(mean={}, sd={})"


@lru_cache(maxsize=512)
def _left(r: float, a: float, b: float, low: float, high: float) -> float:
    """Spearman's rho between two scores, given that a third, with correlations a and b to them, lies between two.

    By quadrature, over the third and over what is left of the two.
    """
    from scipy.special import ndtr

    partial = min(max((r - a * b) / math.sqrt((1.0 - a * a) * (1.0 - b * b)), -1.0), 1.0)
    places, weights = nodes(low, high)
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
