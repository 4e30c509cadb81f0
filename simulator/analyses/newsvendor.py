"""The newsvendor: what a reserve costs, once demand is there, and the reserve that costs least in expectation.

A unit of demand beyond the reserve costs `short` an hour, an idle unit of the reserve `idle`: reserving q when d is
needed costs short (d - q)+ + idle (q - d)+. With prices that are independent of demand the least expected cost is at
the quantile of d at E[short] / (E[short] + E[idle]) (Arrow, Harris and Marschak 1951, doi.org/10.2307/1906813).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.errors import InputError, quote
from ..distributions.distribution import Distribution
from ..distributions.families import parse
from ..distributions.random_variable import DEEPEST
from ..engine.sampling.points import spare_points
from ..engine.sampling.quantile_table import drawer
from ..runs.settings import Settings
from ..statistics.estimators import Estimate, mcse, quantile
from ..statistics.estimators import mean as mean_of
from ..statistics.exact import ExactSample

HOURS = 8760.0  # of a year
PRICES = ("short", "idle")  # the spare Sobol columns of the two, in this order; a study's errors have the next one
STUDIED = len(PRICES)
FREE = {
    "short": "a missing unit must cost something, else nothing is worth reserving",
    "idle": "an idle unit must cost something, else there is no end to what is worth reserving",
}


@dataclass(frozen=True)
class Prices:
    """What a missing and an idle unit cost, in USD an hour; distributions, independent of the priors."""

    short: Distribution
    idle: Distribution

    @property
    def uncertain(self) -> list[str]:
        """Which of the two are no known values."""
        return [name for name in PRICES if getattr(self, name).rv is not None]

    def drawn(self, settings: Settings) -> list[Any]:
        """The prices in the worlds of a run, dims (replicate, draw), from points of their own; a known one as it is.

        Raises InputError where a price has no mean.
        """
        found: list[Any] = []
        for place, name in enumerate(PRICES):
            price: Distribution = getattr(self, name)
            if price.rv is None:
                found.append(price.known)
                continue
            points = spare_points(f"{name} price", settings.sampler, settings.seed, place, settings.kept)
            values = drawer(price, settings.exact)(points)
            if not (average := mean_of(ExactSample(values)))[0]:
                raise InputError(f"--{name} {quote(price.text)} has no expected cost: {average[1]}")
            found.append(values)
        return found


def prices_of(short: object, idle: object) -> Prices:
    """The prices as they are written: numbers or distributions; raises InputError where they make no newsvendor."""
    return Prices(_price("short", short), _price("idle", idle))


def _price(name: str, written: object) -> Distribution:
    try:
        price = parse(written)
    except InputError as error:
        raise InputError(*(f"--{name}: {line}" for line in error.lines)) from None
    low = price.known if price.rv is None else float(price.rv.ppf(DEEPEST, False))
    if low < 0.0 and price.rv is not None:
        raise InputError(f"--{name} {quote(price.text)} may lie below 0: truncate(prior=.., low=0) does not")
    if low < 0.0 or price.quantile(0.5) == 0.0:
        raise InputError(f"--{name} {quote(price.text)} makes no newsvendor: {FREE[name]}")
    return price


@dataclass(frozen=True)
class Newsvendor:
    """Demand (replicate, draw) and the two prices in the same worlds; every number with its error."""

    demand: np.ndarray
    short: Any
    idle: Any

    @cached_property
    def sample(self) -> ExactSample:
        """Demand as a sample."""
        return ExactSample(self.demand)

    @cached_property
    def means(self) -> tuple[float, float]:
        """The expected prices."""
        return float(np.mean(self.short)), float(np.mean(self.idle))

    @property
    def ratio(self) -> float:
        """The probability at whose quantile of demand the expected cost is least."""
        return self.means[0] / sum(self.means)

    @cached_property
    def best(self) -> Estimate:
        """The reserve of the least expected cost."""
        found = quantile(self.sample, self.ratio)
        if not self.level.mcse:
            return found
        moved = np.array([self.sample.quantile(float(p))[0] for p in self._ratios])
        return Estimate(found.value, float(np.hypot(found.mcse, mcse(moved))))

    @cached_property
    def level(self) -> Estimate:
        """The ratio with its error, which known prices do not have."""
        known = np.ndim(self.short) == np.ndim(self.idle) == 0
        return Estimate(self.ratio, 0.0 if known else mcse(self._ratios))

    @cached_property
    def _ratios(self) -> np.ndarray:
        """The ratio in each replicate."""
        short, idle = (self._broadcast(x).mean(axis=1) for x in (self.short, self.idle))
        return np.asarray(short / (short + idle))

    def losses(self, reserve: Any) -> np.ndarray:
        """What a reserve, or a reserve for each world, costs an hour in each world."""
        gap = self.demand - reserve
        return np.asarray(np.where(gap > 0.0, self.short * gap, -self.idle * gap))

    def cost(self, reserve: Any) -> np.ndarray:
        """The expected cost of a reserve, or of one for each world, an hour in each replicate."""
        return np.asarray(self.losses(reserve).mean(axis=1))

    def costs_along(self, reserves: np.ndarray) -> np.ndarray:
        """The expected cost of each of many reserves an hour: (replicate, reserve)."""
        found = []
        for demand, short, idle in zip(self.demand, *map(self._broadcast, (self.short, self.idle)), strict=True):
            order = np.argsort(demand)
            d, prices = demand[order], (short[order], idle[order])
            below = np.searchsorted(d, reserves, side="right")
            first, whole = (np.array([_summed(price), _summed(price * d)]) for price in prices)
            beyond, within = first[:, -1:] - first[:, below], whole[:, below]
            found.append((beyond[1] - reserves * beyond[0] + reserves * within[0] - within[1]) / len(d))
        return np.array(found)

    def _broadcast(self, price: Any) -> np.ndarray:
        return np.broadcast_to(price, self.demand.shape)

    def given_price(self, name: str) -> np.ndarray:
        """The expected cost in each replicate of who knows one of the prices before reserving."""
        short, idle = (getattr(self, n) if n == name else m for n, m in zip(PRICES, self.means, strict=True))
        ratio = np.broadcast_to(short / (short + idle), self.demand.shape)
        costs = np.empty(len(self.demand))
        for fit, held in folds(len(self.demand)):
            known = np.sort(self.demand[fit], axis=None)
            reserve = np.interp(ratio[held] * (len(known) - 1), np.arange(len(known)), known)
            costs[held] = self.part(held).cost(reserve)
        return costs

    def part(self, held: np.ndarray) -> Newsvendor:
        """The same in some of the replicates."""
        short, idle = (x[held] if np.ndim(x) else x for x in (self.short, self.idle))
        return Newsvendor(self.demand[held], short, idle)


def _summed(x: np.ndarray) -> np.ndarray:
    """Sums over the first 0, 1, 2, .. values."""
    return np.concatenate([[0.0], np.cumsum(x)])


def folds(replicates: int, count: int = 4) -> list[tuple[np.ndarray, np.ndarray]]:
    """Replicates on which a rule is fitted, and those on which it is valued: whole nets, never parts of one."""
    numbers = np.arange(replicates)
    return [(numbers[numbers % count != k], numbers[numbers % count == k]) for k in range(count)]


def expected(each: np.ndarray) -> Estimate:
    """The mean over replicates, and its error."""
    return Estimate(float(each.mean()), mcse(each))
