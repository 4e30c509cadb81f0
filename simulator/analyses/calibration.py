"""Calibration: the utilization's coefficients and the discrepancies, fitted to published models.

Each case that tells GPU time gives the utilization that explains it: the model's FLOP over the time at the peak, less
what encoders or decoder take of it. Its logarithm is regressed on what utilization depends on, with an effect for each
family of models (Kennedy and O'Hagan 2001, doi.org/10.1111/1467-9868.00294, on discrepancy).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import InputError
from ..base.numbers import parse_number
from ..engine.simulate import simulate
from ..priors.cases import Case, load_cases
from ..priors.files import find, read_toml
from ..priors.kernels import PRIOR as KERNELS
from ..statistics.sample import ConstantSample
from .regression import STEPS, Belief, Posterior, regress

BASE = "utilization-2026"
DRAWS = 1 << 14
PEAKS = {"training_gpu_hours": 1, "gpu_seconds_per_second": 1, "minutes_per_gpu_hour": -1}
"""The observed quantities that are GPU time, and the power of the FLOP at the peak that they are a multiple of."""


class Coefficient(NamedTuple):
    """A prior that is fitted: what it multiplies in the logarithm, and what is believed of it before, by mean and sd.

    `share` is a utilization itself, `factor` a factor; both are fitted by their logarithm.
    """

    name: str
    of: Callable[[Case], float]
    mean: float
    sd: float
    kind: str = ""


def _size(case: Case) -> float:
    return math.log(_median(case, "parameters") / 10e9)


def _peak(case: Case) -> float:
    return math.log(_median(case, "gpu_peak") / 989.4e12)


def _one(case: Case) -> float:
    return 1.0


def _together(case: Case) -> float:
    return math.log(case.gpus)


def _years(case: Case) -> float:
    return case.years


def _median(case: Case, name: str) -> float:
    assert case.priors is not None
    return case.priors.prior(name).distribution.quantile(0.5)


@dataclass(frozen=True)
class Side:
    """What is fitted of training, or of inference; beliefs before are weak, and of no case."""

    about: str
    flop: str
    utilization: str
    peak: str
    coefficients: tuple[Coefficient, ...]
    discrepancy: str
    family: float
    residual: float


SIDES = (
    Side(
        "training",
        "training_flop",
        "training_utilization",
        "training_peak_flop",
        (
            Coefficient("reference_training_mfu", _one, math.log(0.3), 1.0, "share"),
            Coefficient("training_mfu_size_exponent", _size, 0.0, 0.5),
        ),
        "training_discrepancy",
        0.5,
        0.5,
    ),
    Side(
        "inference",
        "inference_flop_per_minute",
        "inference_utilization",
        "inference_peak_flop_per_minute",
        (
            Coefficient("reference_inference_mfu", _one, math.log(0.4), 0.7, "share"),
            Coefficient("mfu_peak_exponent", _peak, 0.0, 0.5),
            Coefficient("sequence_parallel_exponent", _together, 0.0, 0.3),
            Coefficient(KERNELS, _years, 0.0, 0.5, "factor"),
        ),
        "inference_discrepancy",
        0.3,
        0.3,
    ),
)


class Row(NamedTuple):
    """A case in the regression: the logarithm of the utilization that explains it, and its variance."""

    case: Case
    y: float
    variance: float
    published: bool


@dataclass(frozen=True)
class Fit:
    """One side, fitted: the coefficients that were free, what was found, and the cases that it was found from."""

    side: Side
    free: tuple[Coefficient, ...]
    posterior: Posterior
    rows: tuple[Row, ...]


def rows_of(side: Side, cases: Sequence[Case], draws: int = DRAWS) -> tuple[Row, ...]:
    """The cases of a side that tell its utilization, or GPU time; a published utilization stands for itself."""
    found = []
    for case in cases:
        if case.priors is None or case.about != side.about:
            continue
        published = _published(case, f"{side.about}_mfu")
        if case.observed.quantity == side.utilization and case.scored and not case.bound:
            found.append(Row(case, math.log(case.observed.value), 0.0, True))
        elif published is not None:
            found.append(Row(case, *published, True))
        elif case.scored and not case.bound and case.observed.quantity in PEAKS:
            found.append(Row(case, *_explained(side, case, draws), False))
    return tuple(found)


def _published(case: Case, name: str) -> tuple[float, float] | None:
    """The logarithm of a utilization that a case gives, and its variance."""
    entry = read_toml(case.path or find(case.name, "cases")[0]).get("priors", {}).get(name)
    try:
        return (math.log(parse_number(str(entry["prior"]))), 0.0) if isinstance(entry, dict) else None
    except InputError:
        return None


def _explained(side: Side, case: Case, draws: int) -> tuple[float, float]:
    """Mean and variance of the logarithm of the utilization that explains what was observed of a case.

    Over the draws of what is not known of it; those in which encoders or decoder alone take longer are left out.
    """
    assert case.priors is not None
    quantity = case.observed.quantity
    run = simulate(case.priors, draws=draws, quantities=[quantity, side.flop, side.utilization, side.peak], keep=0)
    drawn = {}
    for name in run.quantities:
        sample = run.sample(name)
        drawn[name] = sample.value if isinstance(sample, ConstantSample) else getattr(sample, "rows").ravel()  # noqa: B009
    seen = drawn[side.peak] * (case.observed.value / drawn[quantity]) ** PEAKS[quantity]
    beside = np.maximum(drawn[side.peak] - drawn[side.flop] / drawn[side.utilization], 0.0)
    flop, left = np.broadcast_arrays(drawn[side.flop], seen - beside)
    possible = left > 1e-4 * np.asarray(seen)
    if not possible.any():
        raise InputError(f"{case.name}: its GPU time is less than what its encoders or its decoder take alone")
    logs = np.log(flop[possible] / left[possible])
    return float(logs.mean()), float(logs.var())


def fit(side: Side, rows: Sequence[Row], without: Collection[str] = (), plain: bool = False, steps: int = STEPS) -> Fit:
    """One side fitted to the rows of all families but some; `plain` has no structure but a mean."""
    free = side.coefficients[:1] if plain else side.coefficients
    used = tuple(row for row in rows if row.case.family not in without)
    x = np.array([[c.of(row.case) for c in free] for row in used]).reshape(len(used), len(free))
    before = Belief([c.mean for c in free], [c.sd for c in free], side.family, side.residual)
    y, variances = np.array([row.y for row in used]), np.array([row.variance for row in used])
    return Fit(side, free, regress(x, y, variances, [row.case.family for row in used], before, steps), used)


def entries(fitted: Fit) -> dict[str, str]:
    """The priors that a fit gives, as they are written."""
    found = {}
    sds = np.sqrt(np.diag(fitted.posterior.cov))
    for c, mean, sd in zip(fitted.free, fitted.posterior.mean.tolist(), sds.tolist(), strict=True):
        law = f"lognormal(median={math.exp(mean):.3g}, sigma={sd:.2g})"
        found[c.name] = {
            "share": f"truncate(prior={law}, high=1)",
            "factor": law,
            "": f"normal(mean={mean:.2g}, sd={sd:.2g})",
        }[c.kind]
    found |= {c.name: "1" if c.kind else "0" for c in fitted.side.coefficients if c not in fitted.free}
    found[fitted.side.discrepancy] = f"lognormal(median=1, sigma={fitted.posterior.spread:.2g})"
    return found


def ties(fitted: Fit) -> dict[tuple[str, str], float]:
    """The rank correlations of the coefficients, with two digits."""
    names, cov = [c.name for c in fitted.free], fitted.posterior.cov
    sds = np.sqrt(np.diag(cov))
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    ranked = {(i, j): 6.0 / math.pi * math.asin(cov[i, j] / sds[i] / sds[j] / 2.0) for i, j in pairs}
    return {(names[i], names[j]): round(rho, 2) for (i, j), rho in ranked.items() if abs(rho) >= 0.05}


def cases_of(names: Sequence[str], base: Sequence[str]) -> list[Case]:
    """The cases of a calibration; raises InputError where the base's variant predicts no utilization."""
    cases = load_cases(names, base)
    lacking = next((c for c in cases if c.priors and SIDES[0].utilization not in c.priors.model.quantities), None)
    if lacking is not None and lacking.priors is not None:
        raise InputError(
            f"{', '.join(base)} is of variant {lacking.priors.variant}, in which utilization is a prior: "
            f"calibrate a set of token-utilization, as {BASE}"
        )
    return cases


def data_of(fitted: Fit) -> dict[str, Any]:
    """Plain data of a fit."""
    p = fitted.posterior
    return {
        "cases": [row.case.name for row in fitted.rows],
        "coefficients": {
            c.name: {"mean": m, "sd": s}
            for c, m, s in zip(fitted.free, p.mean.tolist(), np.sqrt(np.diag(p.cov)).tolist(), strict=True)
        },
        "family_sd": p.family,
        "residual_sd": p.residual,
        "discrepancy_sd": p.spread,
    }
