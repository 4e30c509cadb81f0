"""Prior sets over years, and the names of what is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..base.errors import InputError, meant, quote
from ..compute.variants import model as model_of
from ..compute.years import Crossing, YearModel, at, read_crossing, read_years, years_text
from .prior_set import PriorSet
from .trends import Trend

Years = str | int | Sequence[int]


def years_of(years: Years) -> tuple[int, ...]:
    """Years as `2026:2030`, 2026 or a sequence of them; raises InputError for what is none."""
    return read_years(str(years)) if isinstance(years, str | int) else read_years(",".join(map(str, years)))


def crossings(when: Sequence[str | Crossing]) -> tuple[Crossing, ...]:
    """Crossings as they are typed, `inference_h100s > 1e6`; raises InputError for what is none."""
    texts = (when,) if isinstance(when, str) else when
    return tuple(read_crossing(w) if isinstance(w, str) else w for w in texts)


def over_years(chosen: PriorSet, years: Years | None, when: Sequence[str | Crossing] = ()) -> PriorSet:
    """The set over years, with the crossings that are asked for; itself where none is given.

    Raises InputError for a set without trends, and for a crossing without years.
    """
    asked = crossings(when)
    if years is None:
        if asked and not chosen.years:
            raise InputError(f"--when {quote(asked[0].text)} asks for a year: give --years, as in --years 2026:2030")
        return _asking(chosen, asked)
    found = years_of(years)
    if not chosen.trends:
        raise InputError(f"--years {years_text(found)}: {chosen.name} has no trends: give it a table [trends.PRIOR]")
    return chosen.through(found, asked)


def together(sets: Sequence[PriorSet], years: Years | None, when: Sequence[str | Crossing] = ()) -> list[PriorSet]:
    """Sets over the same years, those given or of the first that has some; one without trends is the same in all.

    Raises InputError where none of them has trends.
    """
    asked = crossings(when)
    shared = next((s.years for s in sets if s.years), ()) if years is None else years_of(years)
    trends = {n: t for s in reversed(sets) for n, t in s.trends.items()}
    if not shared or not trends:
        return [over_years(s, years, asked) for s in sets]
    return [_through(_beside(s, trends), s, shared, asked) for s in sets]


def _through(chosen: PriorSet, before: PriorSet, years: tuple[int, ...], asked: tuple[Crossing, ...]) -> PriorSet:
    """The set over years; one that is so already keeps what is known of its growths."""
    same = before.years == years and chosen.trends == before.trends
    return _asking(before, asked) if same else chosen.through(years, asked or chosen.when)


def _asking(chosen: PriorSet, asked: tuple[Crossing, ...]) -> PriorSet:
    """A set over years that is asked for crossings, in place of those of before."""
    if not asked:
        return chosen
    model = chosen.model
    assert isinstance(model, YearModel)
    return replace(chosen, when=tuple(map(model.crossing, asked)))


def asked_for(chosen: PriorSet, when: Sequence[str | Crossing]) -> tuple[Crossing, ...]:
    """Crossings of a set over years by the names of their quantities: those given, or its own.

    Raises InputError as `over_years`.
    """
    return over_years(chosen, None, when).when


def _beside(chosen: PriorSet, trends: Mapping[str, Trend]) -> PriorSet:
    """A set in which the trends of others stand still, so that both are of one model; one without any says so."""
    others = {
        n: t.stopped for n, t in trends.items() if n not in chosen.trends and n in model_of(chosen.variant).inputs
    }
    told = f"{chosen.name} has no trends: it is the same in all years"
    found = chosen.found if chosen.trends else (*chosen.found, told)
    return replace(chosen, found=found, trends={**chosen.trends, **others})


def by_year(sets: Sequence[PriorSet], names: Iterable[str]) -> tuple[str, ...]:
    """Names of quantities, each for all years that the sets share where it moves in one of them and names no year."""
    models = [s.model for s in sets]
    moving = {n for m in models if isinstance(m, YearModel) for n in m.moving}
    years = [y for y in sets[0].years if all(y in s.years for s in sets)]
    found = [(name, meant(name, moving)) for name in names]
    wanted = [n for name, moves in found for n in ([at(moves, y) for y in years] if moves else [name])]
    return tuple(dict.fromkeys(wanted))


def asked_by(sets: Sequence[PriorSet], names: Iterable[str], when: Sequence[str | Crossing]) -> tuple[str, ...]:
    """Names of quantities for all years where they move, and the crossings that are asked for."""
    return tuple(dict.fromkeys([*by_year(sets, names), *(c.name for c in asked_for(sets[-1], when))]))


def dated(sets: Sequence[PriorSet], name: str) -> str:
    """The name of a quantity of the sets: in the last year, where it moves in one of them and names no year."""
    found = [s.model.dated(name) for s in sets]
    return next((n for n in found if "@" in n), found[0])
