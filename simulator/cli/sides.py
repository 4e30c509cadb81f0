"""A prior set, layers or a stored run, from what was typed: the two sides of a comparison."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from ..base.errors import InputError, NoRun, one_line, quote
from .options import edits


@dataclass(frozen=True)
class Drawing:
    """How prior sets are drawn; what the user did not say comes from the first stored run."""

    draws: int
    seed: int
    sampler: str
    threads: int | None
    exact: bool


def _is_set(name: str) -> bool:
    from ..priors.files import find

    try:
        find(name.split("+")[0])
    except InputError:
        return False
    return True


def side_of(name: str, sets: list[str], gpus: list[str], root: str | None) -> Any:
    """A prior set (or `A+B` layers), or a stored run, with its edits."""
    from ..priors.load import load_priors
    from ..runs.folders import DATA, META
    from ..runs.run import Run

    changes, gpu = edits(tuple(sets)), gpus[-1] if gpus else None
    is_run = (Path(name) / META).is_file() or (Path(name).name == DATA and Path(name).is_file())
    if is_run or ("+" in name and re.search(r"-[0-9a-f]{8}$", name)):  # a run of layers, by its name
        pass
    elif "+" in name or name.endswith(".toml") or _is_set(name):
        return load_priors(*name.split("+"), gpu=gpu, set=changes)
    try:
        run = Run.load(name, root)
    except NoRun:
        from ..base.errors import nearest
        from ..priors.files import available

        raise InputError(
            f"{quote(name)} is neither a prior set ({nearest(name, available())}) nor a run in "
            f"{root or 'the folder of runs'}"
        ) from None
    return _changed(run, changes, gpu) if changes or gpu else run


def drawn_of(sides: list[Any], drawing: Drawing, context: click.Context, names: tuple[str, ...]) -> list[Any]:
    """Runs of all sides: stored ones as they are, prior sets drawn like the first stored run."""
    from ..engine.simulate import simulate
    from ..reports import console
    from ..runs.run import Run

    stored = next((s for s in sides if isinstance(s, Run)), None)
    if stored is not None:
        like = stored.settings
        given = {
            n
            for n in ("draws", "seed", "sampler", "exact")
            if context.get_parameter_source(n) is click.core.ParameterSource.COMMANDLINE
        }
        taken = {n: getattr(like, n) for n in ("draws", "seed", "sampler", "exact") if n not in given}
        drawing = replace(drawing, **taken)
    options: dict[str, Any] = asdict(drawing) | {"quantities": names}
    runs = []
    for side in sides:
        with console.progress(drawing.draws) as advance:
            runs.append(side if isinstance(side, Run) else simulate(side, progress=advance, **options))
    return runs


def title_of(name: str, sets: list[str], gpus: list[str]) -> str:
    """What a position is called: its name and edits, without the folders of this machine, on one line."""
    called = "+".join(map(_named, name.split("+")))
    edited = (re.sub(r"""(\bfile\s*=\s*['"])/[^'"]*/""", r"\1", text) for text in sets)
    return one_line(", ".join([called, *(f"GPU {_named(g)}" for g in gpus), *edited]))


def default_quantity(side: Any) -> str:
    """The quantity to look into: the last of a stored run, or of the headline."""
    from ..compute.headline import HEADLINE
    from ..runs.run import Run

    return side.quantities[-1] if isinstance(side, Run) else HEADLINE[-1]


def pair_of(text: str, option: str = "--stress-correlation") -> tuple[str, str]:
    """`NAME, NAME` as a pair of priors."""
    names = [part.strip() for part in text.split(",")]
    if len(names) != 2 or not all(names) or names[0] == names[1]:
        raise InputError(f"{option} {quote(text)}: name two different priors, as in 'parameters, dataset_multiplier'")
    return names[0], names[1]


def _changed(run: Any, changes: dict[str, str], gpu: str | None) -> Any:
    """The prior set of a stored run with a GPU laid over its layers, and edits over all."""
    from ..reports import console

    run.plain("a change by --set or --gpu")
    chosen = run.priors.edited(changes) if changes else run.priors
    chosen = chosen.on(gpu, changes) if gpu else chosen
    for line in chosen.notes:
        if line not in run.priors.notes:
            console.note(line)
    return chosen


def _named(name: str) -> str:
    return Path(name).name if Path(name).is_absolute() else name
