"""Rent or buy a GPU: the month in which buying has paid, and whether it does within the GPU's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError
from ..compute.years import YearModel, at
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from ..statistics.estimators import Estimate
from ..statistics.summary import Summary
from .result import Result, along
from .sides import Side, prior_set, run_of

if TYPE_CHECKING:
    import xarray

PAYBACK, OWNED, RENTED = "payback_years", "owned_gpu_hour_cost", "rented_gpu_hour_cost"
RENT = "gpu_price"
MONTHS = 12.0  # of a year
NEVER = Estimate(0.0, 0.0)


@dataclass(frozen=True)
class Bought:
    """A GPU that is bought, in a `year` where there are some: what an hour of it costs, and when it has paid.

    `payback` is in years and infinite where it is not within the life; what an hour costs, owned and rented, in USD.
    `rent_of` is the year whose rent is taken for all of its life, where the set's trends move rents.
    """

    year: int | None
    payback: Summary
    owned: Summary
    rented: Summary
    rent_of: int | None = None

    @property
    def never(self) -> Estimate:
        """The probability that buying does not pay within the life of the GPU."""
        return self.payback.infinite or NEVER

    @property
    def months(self) -> tuple[Estimate, Estimate, Estimate]:
        """The lower end, the median and the upper end of the months after which buying has paid."""
        found = (self.payback.low, self.payback.median, self.payback.high)
        low, median, high = (Estimate(MONTHS * e.value, MONTHS * e.mcse) for e in found)
        return low, median, high

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "payback_years": self.payback.to_json(),
            "never": {"value": self.never.value, "mcse": self.never.mcse},
            "owned_per_hour": self.owned.to_json(),
            "rented_per_hour": self.rented.to_json(),
            "rent_of": self.rent_of,
        }


@dataclass(frozen=True)
class Owning(Result):
    """Renting a GPU against buying it: once, or for each year in which it may be bought.

    `life` are the lower end, the median and the upper end of the years for which it is used; `growth` is the factor by
    which the set's trends multiply rents in a year, in the median, and 1 where they move none.
    """

    gpu: str
    bought: tuple[Bought, ...]
    life: tuple[float, float, float]
    hours: float
    draws: int
    growth: float = 1.0

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `year` (0 where there are no years); each number with its MCSE."""
        import xarray

        hourly, share = {"units": "USD/hour"}, {"units": "1"}
        years, data = {"units": "year"}, dict[str, Any]()
        told = ("years after which buying has paid", "an hour of an owned GPU", "an hour of a rented GPU")
        for name, text, about in zip(("payback", "owned", "rented"), told, (years, hourly, hourly), strict=True):
            for end in ("low", "median", "high"):
                found = (getattr(getattr(b, name), end) for b in self.bought)
                data |= along("year", f"{name}_{end}", f"{end}: {text}", found, about)
        data |= along("year", "never", "P(not within its life)", (b.never for b in self.bought), share)
        return xarray.Dataset(data, {"year": [b.year or 0 for b in self.bought]}, {"gpu": self.gpu})

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        by_year = {str(b.year): b.to_json() for b in self.bought if b.year is not None}
        told = {"years": by_year} if by_year else self.bought[0].to_json()
        held = {"life": list(self.life), "rented_hours": self.hours, "draws": self.draws, "rent_growth": self.growth}
        return {"gpu": self.gpu, **told, **held}


def own(run: Side | str | Sequence[str], *, years: Sequence[int] = (), ci: float = 0.9, **options: Any) -> Owning:
    """Whether to rent or to buy a GPU, from the draws of a run: when buying has paid, and P(never within its life).

    A prior set or layers, drawn with `options` of `simulate`, or a stored run is taken; `years` are those in which the
    GPU may be bought, at the rent of that year for all of its life. Raises InputError where neither the set nor its GPU
    gives what owning costs, and for years that no trend makes different.

    >>> round(own("plappert-2024", draws=16_000).bought[0].payback.median.value, 1)
    2.1
    """
    chosen = prior_set(run)
    if years:
        if isinstance(run, Run):
            raise InputError("a stored run has its own years: ask its prior set for others")
        run = chosen = chosen.through(tuple(years))
    names = asked_of_owning(chosen)
    made = run_of(run, [n for asked in names.values() for n in asked], **options)
    trend = chosen.trends.get(RENT)
    start = trend.start if trend is not None and not trend.still else None
    of = {year: None if start is None else year or start for year in names}
    known = {year: made.summary(asked, ci=ci) for year, asked in names.items()}
    bought = tuple(Bought(year, s[0], s[1], s[2], of[year]) for year, s in known.items())
    life = chosen.prior("gpu_life").distribution
    low, median, high = (life.quantile(p) for p in (0.5 - ci / 2.0, 0.5, 0.5 + ci / 2.0))
    hours = chosen.prior("rented_hours").distribution.quantile(0.5)
    growth = 1.0 if trend is None or trend.still else trend.growth.distribution.quantile(0.5)
    return Owning(chosen.gpu or chosen.layers[0], bought, (low, median, high), hours, made.settings.draws, growth)


def asked_of_owning(chosen: PriorSet) -> dict[int | None, list[str]]:
    """The quantities that tell whether to rent or to buy, for each year of a set, or for None where it has none."""
    model, asked = chosen.model, (PAYBACK, OWNED, RENTED)
    if isinstance(model, YearModel) and PAYBACK not in model.moving:
        raise InputError(f"no trend of {chosen.name} moves what a GPU costs: every year is the same; leave out --years")
    found: dict[int | None, list[str]] = {y: [at(q, y) for q in asked] for y in chosen.years} or {None: list(asked)}
    for names in found.values():
        chosen.refuse_unknown(names[0])
    return found
