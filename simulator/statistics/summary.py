"""The summary of a quantity: median, mean, credible interval, quantiles and probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from ..base.errors import InputError, nearest
from .estimators import Estimate, infinite, mean, probability_above, quantile, relative, tail_size
from .highest_density import shortest
from .sample import Sample

KINDS = ("eti", "hdi")  # equal-tailed, highest-density
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Summary:
    """What is said of one quantity."""

    name: str
    unit: str
    text: str
    median: Estimate
    mean: Estimate | None
    mean_reason: str
    kind: str
    prob: float
    low: Estimate
    high: Estimate
    quantiles: dict[float, Estimate]
    draws: int
    exceeds: dict[float, Estimate] = field(default_factory=dict)
    infinite: Estimate | None = None  # the probability of being infinite, where some worlds are
    integrated: tuple[str, ...] = ()  # lognormal priors that were integrated exactly (pre-integration)

    @property
    def ends(self) -> tuple[float, float]:
        """The probabilities at the ends of an equal-tailed interval."""
        return round(0.5 - self.prob / 2, 9), round(0.5 + self.prob / 2, 9)

    def to_json(self) -> dict[str, Any]:
        """Plain data: every number as {"value": .., "mcse": ..}."""
        average: dict[str, Any] = _number(self.mean)
        if self.mean_reason:
            average["reason"] = self.mean_reason
        data: dict[str, Any] = {
            "unit": self.unit,
            "median": _number(self.median),
            "mean": average,
            "interval": {"kind": self.kind, "prob": self.prob, "low": _number(self.low), "high": _number(self.high)},
            "quantiles": {f"{p:g}": _number(e) for p, e in self.quantiles.items()},
        }
        if self.infinite:
            data["infinite"] = _number(self.infinite)
        if self.exceeds:
            data["exceeds"] = {f"{x:g}": _number(e) for x, e in self.exceeds.items()}
        if self.integrated:
            data |= {"estimator": "preintegrated", "integrated": list(self.integrated), "worlds": self.draws}
        return data

    @classmethod
    def from_json(cls, name: str, text: str, draws: int, data: Mapping[str, Any]) -> Summary:
        """The summary that `to_json` wrote."""
        inside = data["interval"]
        average = data["mean"]
        return cls(
            name,
            data["unit"],
            text,
            _estimate(data["median"]),
            None if average["value"] is None else _estimate(average),
            average.get("reason", ""),
            inside["kind"],
            inside["prob"],
            _estimate(inside["low"]),
            _estimate(inside["high"]),
            {float(p): _estimate(e) for p, e in data["quantiles"].items()},
            draws,
            {float(x): _estimate(e) for x, e in data.get("exceeds", {}).items()},
            _estimate(data["infinite"]) if "infinite" in data else None,
        )


def _estimate(number: Mapping[str, Any]) -> Estimate:
    if number.get("infinite") is True:
        return Estimate(math.inf, 0.0)
    return Estimate(number["value"], math.nan if number["mcse"] is None else number["mcse"])


def _number(estimate: Estimate | None) -> dict[str, Any]:
    value, mcse = estimate if estimate is not None else (None, None)
    if value == math.inf:
        return {"value": None, "mcse": None, "infinite": True}
    return {"value": value, "mcse": mcse if mcse is None or math.isfinite(mcse) else None}


class Asked(NamedTuple):
    """What is asked of a quantity: the kind and probability of its credible interval, quantiles and thresholds."""

    kind: str = "eti"
    prob: float = 0.9
    quantiles: tuple[float, ...] = QUANTILES
    thresholds: tuple[float, ...] = ()

    @property
    def ends(self) -> tuple[float, float]:
        """The probabilities at the ends of an equal-tailed interval."""
        return round(0.5 - self.prob / 2.0, 12), round(0.5 + self.prob / 2.0, 12)


class Asking:
    """What is asked of the quantities of a run; `exceeds` maps a quantity to thresholds for P(quantity > x).

    Raises InputError for an interval that there is not.
    """

    def __init__(
        self,
        ci: float = 0.9,
        kind: str = "eti",
        quantiles: Sequence[float] = QUANTILES,
        exceeds: Mapping[str, Sequence[float]] | None = None,
    ):
        if kind not in KINDS:
            raise InputError(f"there is no credible interval {kind!r}: {nearest(kind, KINDS)}")
        if not 0.0 < ci < 1.0:
            raise InputError(f"{ci:g} is not the probability of a credible interval: between 0 and 1, as 0.9")
        self.ci, self.kind, self.quantiles, self.exceeds = ci, kind, quantiles, exceeds or {}

    def of(self, name: str) -> Asked:
        """What is asked of one quantity."""
        return Asked(self.kind, self.ci, tuple(self.quantiles), tuple(self.exceeds.get(name, ())))


def summarize(
    name: str,
    unit: str,
    text: str,
    sample: Sample,
    draws: int,
    asked: Asked | None = None,
    integrated: tuple[str, ...] = (),
) -> Summary:
    """The summary of one quantity's sample; `integrated` says over which priors it was integrated exactly."""
    asked = asked or Asked()
    sample.prepare(dict.fromkeys([0.5, *asked.ends, *asked.quantiles]), tail_size(sample))
    at = cache(lambda p: quantile(sample, p))
    average, reason = mean(sample)
    low, high = shortest(sample, asked.prob) if asked.kind == "hdi" else map(at, asked.ends)
    quantiles = {p: at(p) for p in asked.quantiles}
    exceeds = {x: probability_above(sample, x) for x in asked.thresholds}
    never = infinite(sample)
    sample.release()  # of many quantities only those at work hold more than their draws
    return Summary(
        name,
        unit,
        text,
        at(0.5),
        average,
        reason,
        asked.kind,
        asked.prob,
        low,
        high,
        quantiles,
        draws,
        exceeds,
        never,
        integrated,
    )


def worst(summaries: Iterable[Summary]) -> tuple[float, str]:
    """The largest relative MCSE of the table's numbers (median, mean, interval), and whose it is.

    Where an interval holds 0, a number may lie as near to 0 as it likes: its error is relative to the interval's width.
    """
    errors = []
    for s in summaries:
        width = s.high.value - s.low.value if s.low.value < 0.0 < s.high.value else 0.0
        errors += [(relative(e, width), s.name) for e in (s.median, s.mean, s.low, s.high) if e is not None]
    return max(errors, default=(0.0, ""))
