"""Machine-readable forms of comparisons and sensitivities: plain data for --json and reports."""

from __future__ import annotations

import math
from typing import Any

from .attribution import differing
from .comparison import change


def comparison(letters: tuple[str, str], titles: tuple[str, str], found: Any, given: Any) -> dict[str, Any]:
    """Two runs side by side, what differs between them, and the attribution if there is one."""

    def numbers(estimates: Any) -> Any:
        return {k: number(e) for k, e in estimates.items()} if estimates else None

    sides = {letter: {"title": title, "prior_set": r.priors.name, "seed": r.settings.seed, "draws": r.settings.draws,
                      "sampler": r.settings.sampler, "digest": r.digest}
             for letter, title, r in zip(letters, titles, (found.a, found.b), strict=True)}  # fmt: skip
    quantities = {c.quantity: {
        "unit": c.unit, letters[0]: numbers(c.a), letters[1]: numbers(c.b), "difference": numbers(c.difference),
        "ratio": numbers(c.ratio),
        "same_world": {"interval": {"low": number(c.change[0]), "high": number(c.change[1])} if c.change else None,
                       "above": number(c.above_same)},
        "independent_worlds": {"above": number(c.above_independent)}} for c in found.contrasts}  # fmt: skip
    changed = {n: {k: {"prior": s.priors[n].distribution.text, "source": s.priors[n].source, "grade": s.priors[n].grade}
                   for k, s in zip(letters, (found.a.priors, found.b.priors), strict=True)}
               for n in differing(found.a.priors, found.b.priors)}  # fmt: skip
    return {"sides": sides, "paired": found.paired, "quantities": quantities, "differs": changed,
            "variants": {k: r.priors.variant for k, r in zip(letters, (found.a, found.b), strict=True)},
            "attribution": _attribution(given, found) if given else None}  # fmt: skip


def _attribution(given: Any, found: Any) -> dict[str, Any]:
    whole = change(found.a, found.b, given.quantity, given.statistic, given.log)
    rows = [{"name": c.name, "priors": list(c.priors), "contribution": c.value, "mcse": c.mcse,
             "permutation_se": c.permutation_se} for c in given.contributions]  # fmt: skip
    return {"quantity": given.quantity, "statistic": given.statistic.name, "scale": "log" if given.log else "linear",
            "a": number(given.a), "b": number(given.b), "draws": given.draws, "permutations": given.permutations,
            "all_draws": number(whole), "contributions": rows}  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def number(estimate: Any) -> dict[str, Any] | None:
    """An estimate as plain data."""
    if estimate is None or math.isnan(estimate.value):
        return None
    return {"value": estimate.value, "mcse": estimate.mcse if math.isfinite(estimate.mcse) else None}


def sensitivity(found: Any, indices: Any, shares: Any, swept: Any) -> dict[str, Any]:
    """The drivers of a quantity, with indices, shares by grade and stressed correlations."""
    drivers = {d.name: {
        "grade": d.grade, "correlated": d.correlated, "rank_correlation": number(d.rank),
        "first_order_share": None if d.correlated else number(d.first), "distinguishable": d.distinguishable,
        "width_left": number(d.width), "median_at_p5": number(d.low), "median_at_p95": number(d.high),
        "threshold": {"flip": number(d.threshold.flip), "median_above": _finite(d.threshold.above),
                      "median_below": _finite(d.threshold.below), "distance": number(d.threshold.distance)}
        if d.threshold else None} for d in found.drivers}  # fmt: skip
    return {
        "quantity": found.quantity, "unit": found.unit, "scale": "log" if found.log else "linear",
        "find_out_next": found.drivers[0].name, "width": number(found.width), "median": number(found.median),
        "threshold": found.threshold, "probability_above": number(found.share_above), "drivers": drivers,
        "indices": [{"priors": list(i.names), "first": number(i.first), "total": number(i.total),
                     "interaction": number(i.interaction)} for i in indices],
        "share_by_grade": {g: number(e) for g, e in shares.items()},
        "stress": [{"rho": r.rho, "p5": number(r.low), "p95": number(r.high), "width": number(r.width)}
                   for r in swept[0]],
        "stress_impossible": swept[1],
    }  # fmt: skip
