"""How much to reserve of a quantity that is not known, what that costs in expectation, and what to learn before.

A reserve is chosen by what a missing and an idle unit cost, or by the share of the worlds that it covers (`service`),
or as the mean of the worst worlds (`cvar`). It covers what is not known, and not how demand moves within a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from ..base.errors import InputError
from ..base.numbers import readable
from ..runs.run import Run
from ..statistics.estimators import Estimate, mcse, probability_above, quantile
from ..statistics.estimators import mean as mean_of
from ..statistics.exact import ExactSample
from .newsvendor import Newsvendor, Prices, expected, prices_of
from .result import NONE, Result, along, plain
from .sides import Side, run_of
from .value_of_information import Information, Learned, Studied, a_year

if TYPE_CHECKING:
    import pandas
    import xarray

FEWEST = 64  # draws of each replicate
BEST, MEDIAN = "best", "median"
ESSAYS_PEAK = 720_000.0


class Rule(NamedTuple):
    """What makes a reserve the best: `prices`, or a `service` or `cvar` level."""

    prices: Prices | None
    service: float | None
    cvar: float | None

    @property
    def name(self) -> str:
        """`prices`, `service` or `cvar`."""
        return "prices" if self.prices else "service" if self.service is not None else "cvar"


@dataclass(frozen=True)
class Plan:
    """A reserve and what it does: P(it is enough), the expected missing and idle units, and its cost in USD an hour.

    `extra` is what it costs beyond the best one. Without prices there are no costs, and where the tail of demand is too
    heavy for a mean no expected units.
    """

    name: str
    units: Estimate
    covered: Estimate
    missing: Estimate | None = None
    idle: Estimate | None = None
    cost: Estimate | None = None
    extra: Estimate | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "units": plain(self.units),
            "covered": plain(self.covered),
            "missing_units": plain(self.missing),
            "idle_units": plain(self.idle),
            "cost_per_hour": plain(self.cost),
            "cost_per_year": plain(a_year(self.cost)) if self.cost else None,
            "above_best_per_hour": plain(self.extra),
        }


SAID = {
    "units": "what is reserved",
    "covered": "probability that it is enough",
    "missing": "expected missing units",
    "idle": "expected idle units",
    "cost": "expected cost an hour",
    "extra": "expected cost an hour beyond the best reserve's",
}


@dataclass(frozen=True)
class Reserve(Result):
    """What to reserve of a quantity: `plans`, the best first, then the median and those that were asked for.

    `level` is the probability at which the rule looks; `evpi` what knowing the quantity before reserving would save in
    USD an hour: all of the best plan's expected cost. `learned` (the most worth first) and `studies` were asked for.
    """

    quantity: str
    unit: str
    rule: Rule
    level: Estimate
    plans: tuple[Plan, ...]
    draws: int
    covers: str
    evpi: Estimate | None = None
    learned: tuple[Learned, ...] = ()
    studies: tuple[Studied, ...] = ()

    @property
    def best(self) -> Plan:
        """The plan of the rule."""
        return self.plans[0]

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `plan`, and dims `prior` and `study` of what is learned; each number with its MCSE."""
        import xarray

        hourly, coords = {"units": "USD/hour"}, {"plan": [p.name for p in self.plans]}
        about = {"units": {"units": self.unit}, "covered": {"units": "1"}, "cost": hourly, "extra": hourly}
        data: dict[str, Any] = {}
        for name, text in SAID.items():
            told = about.get(name, {"units": self.unit})
            data |= along("plan", name, text, (getattr(p, name) for p in self.plans), told)
        if self.learned:
            coords["prior"] = [" + ".join(x.names) for x in self.learned]
            data |= along("prior", "evppi", "saving by knowing the prior", (x.saving for x in self.learned), hourly)
        if self.studies:
            coords["study"] = [f"{x.name}: {x.error}" for x in self.studies]
            data |= along("study", "evsi", "saving by the study", (x.saving for x in self.studies), hourly)
        evpi = (self.evpi or NONE).value
        return xarray.Dataset(data, coords, {"quantity": self.quantity, "rule": self.rule.name, "evpi": evpi})

    def to_pandas(self) -> pandas.DataFrame:
        """The plans as a pandas DataFrame, a row each."""
        return self.to_dataset().drop_dims({"prior", "study"}, errors="ignore").to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        prices = self.rule.prices
        return {
            "quantity": self.quantity,
            "unit": self.unit,
            "rule": self.rule.name,
            "short": prices.short.text if prices else None,
            "idle": prices.idle.text if prices else None,
            "level": plain(self.level),
            "draws": self.draws,
            "plans": {p.name: p.to_json() for p in self.plans},
            "evpi_per_hour": plain(self.evpi),
            "evpi_per_year": plain(a_year(self.evpi)) if self.evpi else None,
            "evppi": [x.to_json() for x in self.learned],
            "evsi": [x.to_json() for x in self.studies],
            "covers": self.covers,
        }


_KNOWN: WeakKeyDictionary[Run, dict[Any, Reserve]] = WeakKeyDictionary()


def reserve(
    run: Side | str | Sequence[str],
    of: str | None = None,
    *,
    short: object = None,
    idle: object = None,
    service: float | None = None,
    cvar: float | None = None,
    plans: Iterable[float] = (),
    learn: str | Iterable[str] = (),
    study: str | Iterable[str] = (),
    **options: Any,
) -> Reserve:
    """What to reserve of a quantity (default: the run's last), from the draws of a run, and what to learn before.

    `short` and `idle` are USD an hour of a missing and an idle unit: numbers or distributions, independent of the
    priors. In their place may stand `service`, the probability that the reserve is enough, or `cvar`: the reserve is
    the mean of what is needed in the worst worlds beyond that probability. `plans` are other reserves, `learn` names of
    priors (or "all"), `study` measurements such as 'inference_mfu: 10%': the standard error, a share of the value or
    in the prior's unit. A stored run, a prior set or layers, drawn with `options` of `simulate`, are taken.
    Raises InputError for prices that make no newsvendor, and for a quantity that may be infinite or negative.
    """
    rule = rule_of(short, idle, service, cvar)
    learns, studies = (tuple([x] if isinstance(x, str) else x) for x in (learn, study))
    if rule.prices is None and (learns or studies):
        raise InputError("what knowledge is worth is told in USD: give the prices --short and --idle")
    made = run_of(run, (of,) if of else (), **options)
    name = made.priors.model.quantity(of or made.quantities[-1]).name
    kept, key = _KNOWN.setdefault(made, {}), (name, rule, tuple(plans), learns, studies)
    if key not in kept:
        kept[key] = _reserved(made, *key)
    return kept[key]


def rule_of(short: object, idle: object, service: float | None, cvar: float | None) -> Rule:
    """The rule that was asked for; raises InputError where that is none, or more than one."""
    priced = [x is not None for x in (short, idle)]
    if sum((any(priced), service is not None, cvar is not None)) != 1:
        raise InputError(
            "give the prices --short and --idle, or --service, or --cvar: one of the three says what is best"
        )
    if any(priced) and not all(priced):
        lacks = "--idle" if priced[0] else "--short"
        raise InputError(
            f"{lacks} is missing: a reserve weighs what a missing unit costs against what an idle one does"
        )
    for name, level in (("--service", service), ("--cvar", cvar)):
        if level is not None and not 0.0 < level < 1.0:
            raise InputError(f"{name} {level} is no probability: it lies between 0 and 1, as 0.99")
    return Rule(prices_of(short, idle) if all(priced) else None, service, cvar)


def cost_curve(run: Run, of: str, prices: Prices, reserves: np.ndarray) -> list[Estimate]:
    """The expected cost of each of many reserves, USD an hour; raises InputError as `reserve` does."""
    each = Newsvendor(_demand(run, of), *prices.drawn(run.settings)).costs_along(reserves)
    return [expected(column) for column in each.T]


def _reserved(
    run: Run, of: str, rule: Rule, plans: tuple[float, ...], learns: tuple[str, ...], studies: tuple[str, ...]
) -> Reserve:
    if below := [x for x in plans if not 0.0 <= x < np.inf]:
        raise InputError(f"--plan {readable(below[0])}: what is reserved is a number from 0 on")
    demand = _demand(run, of)
    average, heavy = mean_of(ExactSample(demand))
    if average is None and rule.service is None:
        raise InputError(f"{of} has no expected cost, nor a mean of its worst worlds: {heavy}; --service needs none")
    prices = rule.prices.drawn(run.settings) if rule.prices else (1.0, 1.0)
    problem = Newsvendor(demand, *prices)
    information = None
    if rule.prices and (learns or studies):
        information = Information(run, of, problem, rule.prices.uncertain)
        groups, asked = information.wanted(learns), information.studies(studies)
    best, level = _best(problem, rule)
    named = [(BEST, best), (MEDIAN, quantile(problem.sample, 0.5))]
    named += [(readable(x), Estimate(x, 0.0)) for x in dict.fromkeys(plans)]
    named += [(f"essay's {readable(x)}", Estimate(x, 0.0)) for x in _essays(run, of) if x not in plans]
    made = tuple(_plan(problem, n, e, best, rule.prices is not None, average is not None) for n, e in named)
    learned, studied = information.found(groups, asked) if information else ((), ())
    unit = run.priors.model.quantity(of).unit
    return Reserve(of, unit, rule, level, made, demand.size, _covers(run, of), made[0].cost, learned, studied)


def _essays(run: Run, of: str) -> tuple[float, ...]:
    """What the essay plans with: its H100s at peak, of the sets on its own model."""
    return (ESSAYS_PEAK,) if run.priors.variant == "dit-scaling" and of == "inference_h100s" else ()


def _demand(run: Run, of: str) -> np.ndarray:
    """The kept draws of what is needed; raises InputError where nothing can be reserved for them."""
    demand = run.draws_of(of)
    if demand.size and demand.min() == demand.max():
        raise InputError(f"{of} is a constant here, and is what to reserve: no prior that it reads is uncertain")
    if run.settings.kept < FEWEST:
        raise InputError(
            f"a run with {run.settings.kept * run.settings.replicates:,} kept draws is too small for this; take 10,000 "
            "draws or more, and keep them"
        )
    if np.isinf(demand).any():
        raise InputError(f"{of} is infinite in some worlds, and no reserve is enough: ask another quantity")
    if demand.min() < 0.0:
        raise InputError(
            f"{of} is below 0 in some worlds, and less than nothing cannot be reserved: ask another quantity"
        )
    return demand


def _best(problem: Newsvendor, rule: Rule) -> tuple[Estimate, Estimate]:
    """The reserve of a rule, and the probability at which the rule looks."""
    if rule.prices is not None:
        return problem.best, problem.level
    if rule.service is not None:
        return quantile(problem.sample, rule.service), Estimate(rule.service, 0.0)
    assert rule.cvar is not None
    level = rule.cvar
    each = np.array([upper_mean(row, level) for row in problem.sample.ordered])
    return Estimate(upper_mean(np.sort(problem.demand, axis=None), level), mcse(each)), Estimate(level, 0.0)


def upper_mean(ordered: np.ndarray, level: float) -> float:
    """The mean of the share 1 - level of the largest of sorted values (the conditional value at risk)."""
    size = (1.0 - level) * len(ordered)
    whole = int(size)
    top = float(ordered[len(ordered) - whole :].sum())
    return float((top + (size - whole) * ordered[max(len(ordered) - whole - 1, 0)]) / size)


def _plan(problem: Newsvendor, name: str, units: Estimate, best: Estimate, priced: bool, means: bool) -> Plan:
    reserved, sample = units.value, problem.sample
    beyond = probability_above(sample, reserved)
    covered = Estimate(1.0 - beyond.value, beyond.mcse)
    if not means:
        return Plan(name, units, covered)
    gap = problem.demand - reserved
    missing, idle = (expected(np.maximum(side, 0.0).mean(axis=1)) for side in (gap, -gap))
    if not priced:
        return Plan(name, units, covered, missing, idle)
    cost = problem.cost(reserved)
    return Plan(name, units, covered, missing, idle, expected(cost), expected(cost - problem.cost(best.value)))


def _covers(run: Run, of: str) -> str:
    """What a reserve is for, and what it is not for."""
    if "peak_factor" in run.priors.model.reads([of]):
        return (
            f"It covers what is not known of {of}, which is the mean demand times its peak factor; it does not follow "
            "the load curve of a day."
        )
    if "candidates_per_upload" in run.priors.model.reads([of]):
        return f"It covers what is not known of the mean demand in {of}: neither its peak nor the load curve of a day."
    return f"It covers what is not known of {of}, and not how that is used from hour to hour."
