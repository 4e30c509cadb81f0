"""The sides of a comparison, and what is drawn of them, from what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..base.errors import InputError, one_line, quote
from ..base.known import Known
from .options import edits, typed

if TYPE_CHECKING:
    from ..analyses.sides import Side
    from ..priors.prior_set import PriorSet
    from ..runs.run import Run


class Drawing(NamedTuple):
    """How prior sets are drawn; what the user did not say comes from the first stored run."""

    draws: int
    seed: int
    sampler: str
    threads: int | None
    exact: bool

    @classmethod
    def taken(cls, options: dict[str, Any]) -> Drawing:
        """The options of `drawing_options`, taken out of a command's."""
        return cls(**{name: options.pop(name) for name in cls._fields})


def side_of(name: str, sets: Sequence[str], gpus: Sequence[str], root: str | None) -> Side:
    """A prior set, layers or a stored run, with its edits; what there is to say of it is said when it is drawn."""
    from ..analyses.sides import resolve

    return resolve(name, root, gpus[-1] if gpus else None, edits(tuple(sets)))


def prior_set_of(names: Sequence[str], gpu: str | None, sets: Sequence[str], root: str | None = None) -> PriorSet:
    """The prior set of the layers that were typed, or of a stored run."""
    from ..analyses.sides import set_of
    from ..priors.load import default_set

    chosen = set_of(names or (default_set(),), gpu, edits(tuple(sets)), root)
    tell(chosen.notes)
    return chosen


def own_set() -> tuple[str, ...]:
    """The set of the model that --model names, where no set is named; of a shipped model none is needed."""
    from ..priors.layers import DEFAULT_SET
    from ..priors.load import default_set

    name = default_set()
    return (name,) if name != DEFAULT_SET else ()


def over_years(chosen: PriorSet, years: str | None, when: Sequence[str] = ()) -> PriorSet:
    """The set over the years that were typed, with the crossings that are asked for."""
    from ..compute.years import read_crossing, read_years

    if years is None:
        if when:
            raise InputError(f"--when {quote(when[0])} asks for a year: give --years, as in --years 2026:2030")
        return chosen
    if not chosen.trends:
        raise InputError(f"--years {years}: {chosen.name} has no trends: give it a table [trends.PRIOR]")
    return chosen.through(read_years(years), [read_crossing(text) for text in when])


def tell(notes: Iterable[str]) -> None:
    """Say once what is unusual in the prior sets that were named."""
    from ..reports import console

    for line in dict.fromkeys(notes):
        console.note(line)


def drawn_of(sides: Sequence[Side], drawing: Drawing, context: click.Context, names: tuple[str, ...]) -> list[Run]:
    """Runs of all sides: stored ones as they are, prior sets drawn like the first stored run."""
    from ..engine.simulate import simulate
    from ..reports import console
    from ..runs.run import Run

    stored = next((s for s in sides if isinstance(s, Run)), None)
    if stored is not None:
        like = stored.settings
        given = {n for n in ("draws", "seed", "sampler", "exact") if typed(context, n)}
        taken = {n: getattr(like, n) for n in ("draws", "seed", "sampler", "exact") if n not in given}
        drawing = drawing._replace(**taken)
    options: dict[str, Any] = drawing._asdict() | {"quantities": names}
    runs = []
    for side in sides:
        with console.progress(drawing.draws) as advance:
            runs.append(side if isinstance(side, Run) else simulate(side, progress=advance, **options))
    tell(line for run in runs for line in run.notes)
    return runs


def title_of(name: str, sets: Sequence[str], gpus: Sequence[str], run: Run) -> str:
    """What a position is called: its name and edits, without the folders of this machine, on one line.

    The edits of a stored run are its own; what is drawn of another has those that were typed over them.
    """
    called = "+".join(map(_named, name.split("+")))
    kept = [text for n, text in run.priors.shown_edits.items() if n not in edits(tuple(sets))]
    typed_so = [f"{text} known" if isinstance(text, Known) else text for text in sets]
    edited = [*kept, *(re.sub(r"""(\bfile\s*=\s*['"])/[^'"]*/""", r"\1", text) for text in typed_so)]
    return one_line(", ".join([called, *(f"GPU {_named(g)}" for g in gpus), *edited]))


def default_quantity(side: Side) -> str:
    """The quantity to look into: the last of a stored run, or of the headline."""
    from ..runs.run import Run

    return side.quantities[-1] if isinstance(side, Run) else side.model.told.headline[-1]


def pair_of(text: str, option: str = "--stress-correlation") -> tuple[str, str]:
    """`NAME, NAME` as a pair of priors."""
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise InputError(f"{option} {quote(text)}: name two different priors, as in 'parameters, dataset_multiplier'")
    return names[0], names[1]


def _named(name: str) -> str:
    return Path(name).name if Path(name).is_absolute() else name
