"""Statistics of draws by name: `median`, `mean`, `p95`, `P(>720k)`. Each kind is a marked class with its pattern."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..base.errors import InputError, quote
from ..base.numbers import parse_number, readable
from .sample import Sample, between

KINDS: dict[str, type[Statistic]] = {}  # by the pattern of their names
EXAMPLES: list[str] = []


def named[S: type[Statistic]](pattern: str, *examples: str) -> Callable[[S], S]:
    """Mark a statistic by the pattern of its name, with names as people would write them; returns it unchanged."""

    def mark(kind: S) -> S:
        KINDS[pattern] = kind
        EXAMPLES.extend(examples)
        return kind

    return mark


@dataclass(frozen=True)
class Statistic(ABC):
    """A statistic under the name by which it is shown."""

    name: str
    is_probability: ClassVar[bool] = False  # whether it is itself a probability
    of_tail: ClassVar[bool] = False  # whether a tail can be too heavy for it

    @classmethod
    @abstractmethod
    def read(cls, match: re.Match[str]) -> Statistic | None:
        """The statistic of a name, or None for one that there is not."""

    @abstractmethod
    def __call__(self, draws: np.ndarray) -> tuple[float, np.ndarray]:
        """The statistic of all draws (replicate, draw), and of each replicate."""

    @abstractmethod
    def of_sample(self, sample: Sample) -> tuple[float, np.ndarray]:
        """The statistic of a sample, and of each of its replicates."""


@named(r"median|p(?P<percent>\d{1,2}(?:\.\d+)?)", "median", "p95")
@dataclass(frozen=True)
class Quantile(Statistic):
    """A quantile: the median, or `p95`."""

    at: float = 0.5

    @classmethod
    def read(cls, match: re.Match[str]) -> Statistic | None:
        at = float(match["percent"] or 50.0) / 100.0
        return cls(match[0], at) if 0.0 < at < 1.0 else None

    def __call__(self, draws: np.ndarray) -> tuple[float, np.ndarray]:
        return _quantile(draws.ravel(), self.at), np.array([_quantile(row, self.at) for row in draws])

    def of_sample(self, sample: Sample) -> tuple[float, np.ndarray]:
        return sample.quantile(self.at)


@named(r"mean", "mean")
@dataclass(frozen=True)
class Mean(Statistic):
    """The mean."""

    of_tail: ClassVar[bool] = True

    @classmethod
    def read(cls, match: re.Match[str]) -> Statistic | None:
        return cls(match[0])

    def __call__(self, draws: np.ndarray) -> tuple[float, np.ndarray]:
        return _average(draws.mean(axis=1))

    def of_sample(self, sample: Sample) -> tuple[float, np.ndarray]:
        return _average(sample.means())


@named(r"P\(\s*>\s*(?P<threshold>.+)\)", "'P(>720k)'")
@dataclass(frozen=True)
class Above(Statistic):
    """The probability of exceeding a threshold: `P(>720k)`."""

    at: float = 0.0
    is_probability: ClassVar[bool] = True

    @classmethod
    def read(cls, match: re.Match[str]) -> Statistic | None:
        at = parse_number(match["threshold"], "a threshold of a statistic")
        return cls(f"P(> {readable(at)})", at)

    def __call__(self, draws: np.ndarray) -> tuple[float, np.ndarray]:
        return _average((draws > self.at).mean(axis=1))

    def of_sample(self, sample: Sample) -> tuple[float, np.ndarray]:
        return _average(sample.above(self.at) / sample.per_replicate)


def _average(each: np.ndarray) -> tuple[float, np.ndarray]:
    return float(each.mean()), each


def _quantile(x: np.ndarray, p: float) -> float:
    """As np.quantile, by partitions at one place each, which are several times faster."""
    place = (len(x) - 1) * p
    k = min(int(place), max(len(x) - 2, 0))
    parted = np.partition(x, k)
    low = float(parted[k])
    high = float(parted[k + 1 :].min()) if len(x) > 1 else low
    return float(between(np.asarray(low), np.asarray(high), place - k))


def statistic(text: str) -> Statistic:
    """The statistic of a name; raises InputError for what is none."""
    for pattern, kind in KINDS.items():
        if (match := re.fullmatch(pattern, text.strip())) and (found := kind.read(match)):
            return found
    raise InputError(f"{quote(text)} is not a statistic: write {', '.join(EXAMPLES[:-1])} or {EXAMPLES[-1]}")
