"""How much to reserve of a quantity in each of several years, what that costs, and what to learn before the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError, meant
from ..compute.years import YearModel, at
from ..priors.prior_set import PriorSet
from ..runs.run import Run
from .reserve import SAID, Plan, Reserve, Rule, reserve
from .result import Result, along
from .sides import Side, prior_set, run_of

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class ReserveByYear(Result):
    """What to reserve of a quantity in each of `years`: `reserves`, in their order, by one rule.

    Each year is reserved for itself, and its need is known no better for the years before. What was learned or studied
    is worth that much in the last year.
    """

    quantity: str
    unit: str
    years: tuple[int, ...]
    reserves: tuple[Reserve, ...]

    @property
    def rule(self) -> Rule:
        """What makes a reserve the best, in each year."""
        return self.reserves[0].rule

    @property
    def last(self) -> Reserve:
        """The reserve of the last year, with the value of what was learned."""
        return self.reserves[-1]

    def named(self, name: str) -> list[Plan]:
        """A plan in each year: `best`, `median`, or another as it is called."""
        return [next(p for p in r.plans if p.name == name) for r in self.reserves]

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dims `year` and `plan`; each number with its MCSE."""
        import xarray

        found = [r.to_dataset().drop_dims({"prior", "study"}, errors="ignore") for r in self.reserves]
        made: xarray.Dataset = xarray.concat(found, "year", combine_attrs="drop")
        made = made.assign_coords(year=list(self.years))
        for name in SAID:
            for each in (name, f"{name}_mcse"):
                made[each].attrs = dict(found[0][each].attrs)
        evpi = along("year", "evpi", "saving by knowing the quantity", (r.evpi for r in self.reserves))
        return made.assign(evpi).assign_attrs(quantity=self.quantity, rule=self.rule.name)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        by_year = {str(y): r.to_json() for y, r in zip(self.years, self.reserves, strict=True)}
        return {"quantity": self.quantity, "unit": self.unit, "rule": self.rule.name, "years": by_year}


def reserve_by_year(
    run: Side | str | Sequence[str],
    of: str | None = None,
    *,
    years: Sequence[int] = (),
    short: object = None,
    idle: object = None,
    service: float | None = None,
    cvar: float | None = None,
    plans: Iterable[float] = (),
    learn: str | Iterable[str] = (),
    study: str | Iterable[str] = (),
    **options: Any,
) -> ReserveByYear:
    """What to reserve of a quantity in each year, as `reserve` says it of one; `learn` and `study` are of the last.

    A prior set or layers, over `years` by its trends and drawn with `options` of `simulate`, or a run over years is
    taken. Raises InputError as `reserve` does, and for a quantity that no trend moves.
    """
    chosen = prior_set(run)
    if years:
        if isinstance(run, Run):
            raise InputError("a stored run has its own years: ask its prior set for others")
        run = chosen = chosen.through(tuple(years))
    of = of or chosen.model.told.headline[-1]
    names = yearly(chosen, of)
    made, held = run_of(run, names, **options), tuple(plans)
    prices: dict[str, Any] = {"short": short, "idle": idle, "service": service, "cvar": cvar}
    first = [reserve(made, name, **prices, plans=held) for name in names[:-1]]
    found = (*first, reserve(made, names[-1], **prices, plans=held, learn=learn, study=study))
    return ReserveByYear(of, found[0].unit, chosen.years, found)


def moves(chosen: PriorSet, of: str) -> bool:
    """Whether a quantity is asked for of all years of a set: it moves with them, and none of them is named."""
    return isinstance(chosen.model, YearModel) and meant(of, chosen.model.moving) is not None


def yearly(chosen: PriorSet, of: str) -> list[str]:
    """A quantity in each year of a set; raises InputError where it has none, or where they are all the same."""
    model = chosen.model
    if not isinstance(model, YearModel):
        raise InputError(f"{chosen.name} is not over years, and {of} is asked for by year: name some, as 2026:2030")
    of = model.base.quantity(of).name
    if of not in model.moving:
        raise InputError(f"no trend of {chosen.name} moves {of}: every year is the same; leave out the years")
    return [at(of, y) for y in chosen.years]
