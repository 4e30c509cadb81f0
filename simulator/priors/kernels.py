"""Kernels move: what a case's date and GPU say of the gain since the reference of January 2025."""

from __future__ import annotations

import re
from dataclasses import replace

from ..base.errors import InputError
from ..base.numbers import shortest
from ..distributions.algebra import lognormal_of
from ..distributions.families import parse
from .load import DEFAULT_GPU
from .prior_set import PriorSet

PRIOR, SINCE = "kernel_gain", 2025.0
NEWER = (DEFAULT_GPU, "h200", "h20", "b200", "b300", "gb200")  # Hopper and later, for which new kernels were written


def years(date: str, gpu: str | None, of_case: bool = False) -> float:
    """The years of kernels since January 2025 that a case has had, between -1 and 1.

    None on a GPU before Hopper, and on one whose peak the case itself gives (`of_case`).
    """
    return _years(date) if (gpu or DEFAULT_GPU).lower() in NEWER and not of_case else 0.0


def after(priors: PriorSet, year: float) -> PriorSet:
    """The set with the kernels' gain after so many years: that of one year, to their power.

    Raises InputError for a gain that has no power in closed form.
    """
    if PRIOR not in priors.priors or year == 1.0:
        return priors
    gain = priors.prior(PRIOR)
    if not gain.uncertain:
        text = shortest(gain.distribution.known**year)
    else:
        logs = lognormal_of(gain.distribution.as_rv())
        if logs is None:
            raise InputError(f"{priors.name}: {PRIOR} = {gain.distribution.text} is no lognormal, and has no power")
        text = f"lognormal(mu={shortest(year * logs[0])}, sigma={shortest(abs(year) * logs[1])})" if year else "1"
    changed, sign = replace(gain, distribution=parse(text)), 1.0 if year >= 0.0 else -1.0  # a falling power turns ranks
    turned = {pair: rho * sign if PRIOR in pair else rho for pair, rho in priors.correlations.items()}
    return replace(priors, priors={**priors.priors, PRIOR: changed}, correlations=turned).checked()


def _years(date: str) -> float:
    """The years from January 2025 to a date as `2025-06` or `2026`, between -1 and 1; 0 for what is no date."""
    found = re.match(r"(\d{4})(?:-(\d{1,2}))?", date)
    if not found:
        return 0.0
    when = int(found[1]) + ((int(found[2]) - 1) / 12.0 if found[2] else 0.5)
    return min(max(when - SINCE, -1.0), 1.0)
