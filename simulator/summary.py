"""Summaries of draws: quantiles, intervals, means and probabilities, each with its MCSE.

The Monte Carlo standard error (MCSE) of every number is the standard deviation of the number over
the replicates, divided by the square root of their count. A sample is one quantity's draws, by
replicate: kept and sorted, or counted into cells that can be merged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from .samples import Sample

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
HEAVY = 0.7  # Pareto k from which a mean is not printed (Vehtari et al. 2024)


class Estimate(NamedTuple):
    """A number and its Monte Carlo standard error; an MCSE of 0 marks an exact constant."""

    value: float
    mcse: float


def pareto_k(tail: np.ndarray) -> float:
    """The shape of a generalized Pareto fitted to a sorted tail whose first value is the cutoff.

    Zhang and Stephens (2009) with the weak prior of Vehtari et al. (2024), as ArviZ has it. -inf for
    a tail without spread, which has nothing heavy about it.
    """
    x = tail[1:] - tail[0]
    while len(x) >= 5 and x[int(len(x) / 4 + 0.5) - 1] <= x[0]:
        x = x[x > x[0]]  # ties at the cutoff say nothing of the tail beyond
    n = len(x)
    if n < 5:
        return -math.inf
    quartile = x[int(n / 4 + 0.5) - 1]
    m = 30 + math.isqrt(n)
    b = (1.0 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3.0 * quartile) + 1.0 / x[-1]
    some = max((1 << 17) // n, 1)  # all at once would take much memory
    k = np.concatenate([np.log1p(-b[i : i + some, None] * x).mean(axis=1) for i in range(0, m, some)])
    score = n * (np.log(-b / k) - k - 1.0)
    weight = np.exp(score - score.max())
    weight[weight < 10.0 * np.finfo(float).eps * weight.sum()] = 0.0
    theta = float((b * weight).sum() / weight.sum())
    found = float(np.log1p(-theta * x).mean())
    return (n * found + 10 * 0.5) / (n + 10)


def _tail_size(sample: Sample) -> int:
    """How many draws make a tail: 3 sqrt(N), or a fifth of few draws."""
    size = sample.replicates * sample.per_replicate
    return math.floor(3.0 * math.sqrt(size)) if size > 225 else size // 5


def tail_shape(sample: Sample) -> float:
    """The heavier of the two tails' Pareto k."""
    count = _tail_size(sample)
    if count < 5:
        return -math.inf
    return max(pareto_k(sample.top(count, sign)) for sign in (1.0, -1.0))


def spread(each: np.ndarray) -> float:
    """The MCSE of a number from its value in each replicate."""
    if len(each) < 2:
        return math.nan
    power = math.frexp(np.abs(each).max())[1]  # what is near the largest float would overflow when squared
    return math.ldexp(np.ldexp(each, -power).std(ddof=1) / math.sqrt(len(each)), power)


def quantile(sample: Sample, p: float) -> Estimate:
    """A quantile with its MCSE; with few draws beyond it, from the order statistics around it."""
    value, each = sample.quantile(p)
    size = sample.replicates * sample.per_replicate
    if sample.smooth or sample.per_replicate * min(p, 1.0 - p) >= 8.0:
        return Estimate(value, spread(each))
    if size * min(p, 1.0 - p) < 0.5:  # beyond the outermost draw: nothing is known of the error
        return Estimate(value, math.nan)
    reach = math.sqrt(p * (1.0 - p) / size)
    low, high = (sample.quantile(min(max(p + s * reach, 0.0), 1.0))[0] for s in (-1.0, 1.0))
    return Estimate(value, (high - low) / 2.0)


def mean(sample: Sample) -> tuple[Estimate | None, str]:
    """The mean with its MCSE, or None and the reason why it is not given."""
    k = tail_shape(sample)
    if k >= HEAVY:
        return None, f"the tail is too heavy for a mean (Pareto k = {k:.2f}, from {HEAVY} on); see the median"
    each = sample.means()
    if not math.isfinite(each.sum()):
        return None, "the draws are too large to be summed; see the median"
    return Estimate(float(each.mean()), spread(each)), ""


def probability_above(sample: Sample, threshold: float) -> Estimate:
    """P(quantity > threshold) with its MCSE."""
    share = sample.above(threshold) / sample.per_replicate
    return Estimate(float(share.mean()), spread(share))


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
            name, data["unit"], text, _estimate(data["median"]),
            None if average["value"] is None else _estimate(average), average.get("reason", ""), inside["kind"],
            inside["prob"], _estimate(inside["low"]), _estimate(inside["high"]),
            {float(p): _estimate(e) for p, e in data["quantiles"].items()}, draws,
            {float(x): _estimate(e) for x, e in data.get("exceeds", {}).items()},
        )  # fmt: skip


def _estimate(number: Mapping[str, Any]) -> Estimate:
    return Estimate(number["value"], math.nan if number["mcse"] is None else number["mcse"])


def _number(estimate: Estimate | None) -> dict[str, Any]:
    value, mcse = estimate if estimate is not None else (None, None)
    return {"value": value, "mcse": mcse if mcse is None or math.isfinite(mcse) else None}


def constant(name: str, unit: str, text: str, value: float, draws: int, kind: str, prob: float,
             probabilities: Iterable[float], thresholds: Sequence[float]) -> Summary:  # fmt: skip
    """The summary of an exact constant."""
    same = Estimate(value, 0.0)
    above = {x: Estimate(float(value > x), 0.0) for x in thresholds}
    return Summary(name, unit, text, same, same, "", kind, prob, same, same,
                   dict.fromkeys(probabilities, same), draws, above)  # fmt: skip


def summarize(name: str, unit: str, text: str, sample: Sample | float, draws: int, kind: str = "eti",
              prob: float = 0.9, probabilities: Sequence[float] = QUANTILES,
              thresholds: Sequence[float] = (), integrated: tuple[str, ...] = ()) -> Summary:  # fmt: skip
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
        low, high = (Estimate(float(ends[i]), spread(each[:, i])) for i in (0, 1))
    else:
        low, high = at(round(0.5 - prob / 2.0, 12)), at(round(0.5 + prob / 2.0, 12))
    return Summary(name, unit, text, at(0.5), average, reason, kind, prob, low, high,
                   {p: at(p) for p in probabilities}, draws,
                   {x: probability_above(sample, x) for x in thresholds}, integrated)  # fmt: skip


def worst(summaries: Iterable[Summary]) -> tuple[float, str]:
    """The largest relative MCSE of the table's numbers (median, mean, interval), and whose it is."""
    errors = [(relative(e), s.name) for s in summaries for e in (s.median, s.mean, s.low, s.high) if e is not None]
    return max(errors, default=(0.0, ""))


def relative(estimate: Estimate) -> float:
    """The MCSE of a number relative to it; infinite where it is not known."""
    if estimate.mcse == 0.0:
        return 0.0
    return abs(estimate.mcse / estimate.value) if math.isfinite(estimate.mcse) and estimate.value else math.inf
