"""The summary of a quantity: median, mean, credible interval, quantiles and probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .estimators import Estimate, _tail_size, mcse, mean, probability_above, quantile, relative
from .sample import Sample

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
    integrated: tuple[str, ...] = ()  # lognormal priors that were integrated exactly (pre-integration)

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
        )


def _estimate(number: Mapping[str, Any]) -> Estimate:
    return Estimate(number["value"], math.nan if number["mcse"] is None else number["mcse"])


def _number(estimate: Estimate | None) -> dict[str, Any]:
    value, mcse = estimate if estimate is not None else (None, None)
    return {"value": value, "mcse": mcse if mcse is None or math.isfinite(mcse) else None}


def constant(
    name: str,
    unit: str,
    text: str,
    value: float,
    draws: int,
    kind: str,
    prob: float,
    probabilities: Iterable[float],
    thresholds: Sequence[float],
) -> Summary:
    """The summary of an exact constant."""
    same = Estimate(value, 0.0)
    above = {x: Estimate(float(value > x), 0.0) for x in thresholds}
    return Summary(
        name, unit, text, same, same, "", kind, prob, same, same, dict.fromkeys(probabilities, same), draws, above
    )


def summarize(
    name: str,
    unit: str,
    text: str,
    sample: Sample | float,
    draws: int,
    kind: str = "eti",
    prob: float = 0.9,
    probabilities: Sequence[float] = QUANTILES,
    thresholds: Sequence[float] = (),
    integrated: tuple[str, ...] = (),
) -> Summary:
    """The summary of one quantity's sample, or of a constant; `integrated` says over what it was integrated."""
    if isinstance(sample, float | int):
        return constant(name, unit, text, float(sample), draws, kind, prob, probabilities, thresholds)
    known: dict[float, Estimate] = {}
    sample.prepare([0.5, round(0.5 - prob / 2.0, 12), round(0.5 + prob / 2.0, 12), *probabilities], _tail_size(sample))

    def at(p: float) -> Estimate:
        if p not in known:
            known[p] = quantile(sample, p)
        return known[p]

    average, reason = mean(sample)
    if kind == "hdi":
        ends, each = sample.shortest_interval(prob)
        low, high = (Estimate(float(ends[i]), mcse(each[:, i])) for i in (0, 1))
    else:
        low, high = at(round(0.5 - prob / 2.0, 12)), at(round(0.5 + prob / 2.0, 12))
    return Summary(
        name,
        unit,
        text,
        at(0.5),
        average,
        reason,
        kind,
        prob,
        low,
        high,
        {p: at(p) for p in probabilities},
        draws,
        {x: probability_above(sample, x) for x in thresholds},
        integrated,
    )


def worst(summaries: Iterable[Summary]) -> tuple[float, str]:
    """The largest relative MCSE of the table's numbers (median, mean, interval), and whose it is."""
    errors = [(relative(e), s.name) for s in summaries for e in (s.median, s.mean, s.low, s.high) if e is not None]
    return max(errors, default=(0.0, ""))
