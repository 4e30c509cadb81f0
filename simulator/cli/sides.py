"""The sides of a comparison, and what is drawn of them, from what was typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..base.errors import InputError, one_line, quote
from ..base.known import Known
from .options import edits, edits_by_position, typed

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


class Over(NamedTuple):
    """The years that were typed, and the crossings."""

    years: str | None
    when: tuple[str, ...]

    @classmethod
    def taken(cls, options: dict[str, Any]) -> Over:
        """The options of `years_options`, taken out of a command's."""
        return cls(options.pop("years"), options.pop("when"))

    def sides(self, sides: Sequence[Side]) -> list[Side]:
        """The sides over these years, or over those of the first that has some."""
        from ..analyses.sides import aligned

        return aligned(sides, self.years, self.when)

    def asked(self, sides: Sequence[Side], quantities: Sequence[str]) -> tuple[str, ...]:
        """Names of quantities for all years where they move, and the crossings that are asked for."""
        from ..priors.over import asked_by

        return asked_by(sets_of(sides), quantities, self.when)

    def one(self, side: Side, of: str | None) -> str:
        """The one quantity that a side is asked for: the one named, a crossing, or the last of the headline."""
        from ..priors.over import asked_for

        if not self.when:
            return one_of([side], of or default_quantity(side))
        crossed = asked_for(sets_of([side])[0], self.when)
        if of or len(crossed) > 1:
            other = f"--of {of}" if of else f"--when {quote(self.when[1])}"
            raise InputError(f"--when {quote(self.when[0])} and {other}: one quantity is looked into at a time")
        return crossed[0].name


def sets_of(sides: Iterable[Side]) -> list[PriorSet]:
    """The prior sets of sides."""
    from ..runs.run import Run

    return [side.priors if isinstance(side, Run) else side for side in sides]


def one_of(sides: Sequence[Side], of: str) -> str:
    """The quantity to look into; over years the last of them where none is named, which is said."""
    from ..priors.over import dated
    from ..reports import console

    named = dated(sets_of(sides), of)
    if "@" in named and "@" not in of and "(" not in of:
        console.note(f"{named} is looked into, of the last year: name another, as --of NAME@YEAR")
    return named


class Positions(NamedTuple):
    """The sides A, B, ... as they were typed, and what they are."""

    names: tuple[str, ...]
    edits: list[list[str]]
    gpus: list[list[str]]
    sides: list[Side]

    @classmethod
    def typed(
        cls, names: tuple[str, ...], sets: tuple[str, ...], gpus: tuple[str, ...], root: str | None, over: Over
    ) -> Positions:
        """The positions of a command's arguments and options, all over the same years."""
        edited, chosen = edits_by_position(names, sets, gpus)
        sides = [side_of(n, e, g, root) for n, e, g in zip(names, edited, chosen, strict=True)]
        return cls(names, edited, chosen, over.sides(sides))

    def titles(self, runs: Sequence[Run]) -> list[str]:
        """What the positions are called: as they were typed."""
        return [title_of(*typed) for typed in zip(self.names, self.edits, self.gpus, runs, strict=True)]

    def runs(
        self, drawing: Drawing, context: click.Context, quantities: tuple[str, ...]
    ) -> tuple[list[Run], list[str]]:
        """The runs of the positions, and what each is called: a file by its stem, a stored run by its set."""
        from ..analyses.sides import shared_headline

        runs = drawn_of(self.sides, drawing, context, quantities or shared_headline(self.sides))
        return runs, [
            title_of(Path(n).stem if n.endswith(".toml") else _called(r, n), e, g, r)
            for r, n, e, g in zip(runs, self.names, self.edits, self.gpus, strict=True)
        ]


def _called(run: Run, name: str) -> str:
    return run.priors.name if run.stored is not None else name


def tell(notes: Iterable[str]) -> None:
    """Say once what is unusual in the prior sets that were named."""
    from ..reports import console

    for line in dict.fromkeys(notes):
        console.note(line)


def drawn_of(
    sides: Sequence[Side], drawing: Drawing, context: click.Context, names: tuple[str, ...], held: bool = True
) -> list[Run]:
    """Runs of all sides: stored ones as they are, prior sets drawn like the first stored run.

    Where they need not be `held`, no priors are: only the quantities, which are all in memory where they fit.
    """
    from ..engine.evaluator import ALL_IN_MEMORY
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
        years = 1 if isinstance(side, Run) else max(len(side.years), 1)
        options["store"] = held or stored is not None or drawing.draws * years > ALL_IN_MEMORY
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
    """The quantity to look into: the last of a stored run, or of the headline; the crossing that is asked for."""
    from ..runs.run import Run

    if isinstance(side, Run):
        return side.quantities[-1]
    return side.when[-1].name if side.when else side.model.told.headline[-1]


def pair_of(text: str, option: str = "--stress-correlation") -> tuple[str, str]:
    """`NAME, NAME` as a pair of priors."""
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise InputError(f"{option} {quote(text)}: name two different priors, as in 'parameters, dataset_multiplier'")
    return names[0], names[1]


def _named(name: str) -> str:
    return Path(name).name if Path(name).is_absolute() else name
