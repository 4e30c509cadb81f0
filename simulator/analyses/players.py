"""What differs between two prior sets, and which priors change together: the players of an attribution."""

from __future__ import annotations

from collections.abc import Sequence

from ..compute.years import GROWTH, NOISE
from ..priors.prior_set import PriorSet

VARIANT = "variant"


def differing(a: PriorSet, b: PriorSet) -> list[str]:
    """The priors of both sets whose distribution differs, in the model's order."""
    return [n for n in a.priors if n in b.priors and a.priors[n].distribution.text != b.priors[n].distribution.text]


def own(a: PriorSet, b: PriorSet) -> list[str]:
    """The priors that only one of two sets has, since their variants read others."""
    return [n for n in {**a.priors, **b.priors} if (n in a.priors) != (n in b.priors)]


def players(a: PriorSet, b: PriorSet, reads: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Groups of priors that change together, among those that are read: {name: priors}.

    Between variants, the formulas and all priors that only one of them reads are one player, the variant,
    with the correlations that those take part in.
    """
    changed, alone = set(differing(a, b)), set(own(a, b))
    apart = {
        pair for pair in {**a.active, **b.active} if a.active.get(pair) != b.active.get(pair) and not alone & set(pair)
    }
    ties = [set(g.names) for s in (a, b) for g in s.groups if any(set(pair) <= set(g.names) for pair in apart)]
    layers = a.model.told.layers
    ties += [changed & set(names) for names in layers.values() if len(changed & set(names)) > 1]
    grown = [n for n in changed if n.startswith(GROWTH)]
    walks = {n: f"{NOISE}{n.removeprefix(GROWTH)}." for n in grown}
    trends = {n: {n, *(m for m in changed if m.startswith(walks[n]))} for n in grown}
    ties += list(trends.values())
    pools: list[set[str]] = []
    for tie in [*ties, *({name} for name in changed)]:
        joined = tie.union(*(p for p in pools if p & tie))
        pools = [p for p in pools if not p & tie] + [joined]
    found = {}
    for pool in pools:
        read = tuple(n for n in reads if n in pool)
        if read:
            layer = next((k for k, names in {**layers, **trends}.items() if len(pool) > 1 and pool <= set(names)), None)
            found[layer or " + ".join(read)] = read
    if a.variant != b.variant:
        found[VARIANT] = tuple(n for n in reads if n in alone)
    return dict(sorted(found.items()))
