"""What a string means, in every verb: a prior set, layers joined by `+`, or a stored run, by one rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import InputError, NoRun, nearest, quote
from ..compute.graph import Model
from ..compute.years import Crossing, years_text
from ..engine.simulate import simulate
from ..priors.files import available, find
from ..priors.load import load_priors
from ..priors.over import Years, crossings, together, years_of
from ..priors.prior_set import PriorSet
from ..runs.folders import DATA, META
from ..runs.run import Run
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample

Side = PriorSet | Run


def resolve(
    name: str,
    root: str | Path | None = None,
    gpu: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> Side:
    """The prior set or the stored run that `name` means, with a GPU laid over it and edits over all.

    In this order: the folder or the file of a run; a prior set; layers joined by `+`, of which the last may be a
    GPU; the name of a run under `root`, or the start of one, its digest, or `latest`. A run that is edited is the
    prior set of it. Raises InputError for what is none of these.
    """
    layers = None if _is_run(name) else layers_of(name)
    if layers is not None:
        names, below = layers
        return load_priors(*names, gpu=gpu or below, set=set or {})
    try:
        run = Run.load(name, root)
    except NoRun:
        _refuse_layer(name)
        raise InputError(
            f"{quote(name)} is neither a prior set ({nearest(name, available())}) nor a run in "
            f"{root or 'the folder of runs'}"
        ) from None
    return _changed(run, set or {}, gpu) if set or gpu else run


def set_of(
    names: Sequence[str],
    gpu: str | None = None,
    set: Mapping[str, Any] | None = None,
    root: str | Path | None = None,
) -> PriorSet:
    """The prior set of layers, each as `resolve` means it; of a stored run, alone, the set that it was drawn from."""
    if len(names) == 1:
        side = resolve(names[0], root, gpu, set)
        if isinstance(side, Run):
            side.plain("what was asked for")
            return side.priors
        return side
    parts = [layers_of(name) or ([name], None) for name in names]
    below = next((g for _, g in reversed(parts) if g), None)
    return load_priors(*(n for found, _ in parts for n in found), gpu=gpu or below, set=set or {})


def layers_of(name: str) -> tuple[list[str], str | None] | None:
    """The sets, and the GPU above them, that a name joins by `+`; None where it is no name of sets."""
    if _is(name) or (name.endswith(".toml") and "+" not in name):
        return [name], None
    parts = name.split("+")
    if all(map(_is, parts)):
        return parts, None
    if len(parts) > 1 and all(map(_is, parts[:-1])) and _is(parts[-1], "gpus"):
        return parts[:-1], parts[-1]
    return None


def _is_run(name: str) -> bool:
    path = Path(name)
    with suppress(OSError):  # too long for a name
        return (path / META).is_file() or (path.name == DATA and path.is_file())
    return False


def _is(name: str, kind: str = "") -> bool:
    """Whether a set, or a GPU, is called so."""
    try:
        find(name, kind)
    except InputError:
        return False
    return True


def _refuse_layer(name: str) -> None:
    """Say which of several layers is none, where the first of them is one."""
    first, *above = name.split("+")
    if above and _is(first):
        for layer in above:
            find(layer)


def _changed(run: Run, changes: Mapping[str, Any], gpu: str | None) -> PriorSet:
    """The prior set of a stored run with a GPU laid over its layers, and edits over all."""
    run.plain("a change by --set or --gpu")
    chosen = run.priors.edited(changes) if changes else run.priors
    return chosen.on(gpu, changes) if gpu else chosen


def aligned(sides: Sequence[Side], years: Years | None = None, when: Sequence[str | Crossing] = ()) -> list[Side]:
    """Sides over the same years, those given or of the first that has some; a stored run keeps its own.

    Raises InputError for years that a stored run does not have, and as `together`.
    """
    runs, asked = [s for s in sides if isinstance(s, Run)], crossings(when)
    if runs and years is not None:
        kept = years_text(runs[0].priors.years) if runs[0].priors.years else ""
        why = f"was drawn over {kept}: ask for a year of it, as --of NAME@{kept[-4:]}" if kept else "has none"
        raise InputError(f"--years {years_text(years_of(years))}: {runs[0].name} is a stored run, and {why}")
    sets = [s.priors if isinstance(s, Run) else s for s in sides]
    if len({r.priors.years for r in runs}) > 1:
        drawn = " and ".join(f"{r.name} over {years_text(r.priors.years) if r.priors.years else 'none'}" for r in runs)
        raise InputError(f"these runs are not of the same years: {drawn}; name their prior sets, with --years")
    if runs and not runs[0].priors.years and any(s.years for s in sets):
        raise InputError(f"{runs[0].name} is a stored run without years, and another side has some: name its prior set")
    shared = runs[0].priors.years if runs else years
    made = together(sets, shared or None, asked)
    return [s if isinstance(s, Run) else m for s, m in zip(sides, made, strict=True)]


def run_of(
    side: Side | str | Sequence[str],
    quantities: Sequence[str] = (),
    years: Years | None = None,
    when: Sequence[str | Crossing] = (),
    **options: Any,
) -> Run:
    """The run of what was named: a run or a stored one as it is, a prior set or layers drawn with `options`.

    A string is a set, layers joined by `+` or a stored run; a sequence of strings is layers. `options` are those of
    `simulate`.
    """
    (meant,) = aligned([meaning(side)], years, when)
    if isinstance(meant, Run):
        return meant
    return simulate(meant, quantities=quantities, **options)


def at_hand(run: Run, name: str) -> np.ndarray:
    """Draws (replicate, draw) of a quantity: all, as they were drawn, where they are in memory; else the kept ones."""
    sample = run.samples.get(name) if run.stored is None else None
    if isinstance(sample, ConstantSample):
        return np.broadcast_to(sample.means()[:, None], (run.settings.replicates, run.settings.per_replicate))
    return sample.rows if isinstance(sample, ExactSample) else run.draws_of(name)


def model_of(side: Side) -> Model:
    """The compute model of a prior set, or of a run's."""
    return (side.priors if isinstance(side, Run) else side).model


def shared_headline(sides: Sequence[Side]) -> tuple[str, ...]:
    """The quantities that sides are asked for, where nobody names some: the first one's headline, of what all have.

    Raises InputError where they share none.
    """
    first, *others = map(model_of, sides)
    names = tuple(n for n in first.told.headline if all(n in m.plain.quantities for m in others))
    if not names:
        told = " and ".join(dict.fromkeys([first.name, *(m.name for m in others)]))
        raise InputError(f"the models {told} share no quantity of the headline: name one that all have")
    return names


def meaning(side: Side | str | Sequence[str]) -> Side:
    """What a string, or a sequence of strings, names; a prior set or a run is itself."""
    if isinstance(side, PriorSet | Run):
        return side
    return resolve(side) if isinstance(side, str) else set_of(side)


def prior_set(side: Side | str | Sequence[str]) -> PriorSet:
    """The prior set of what was named; of a run, the one that it was drawn from."""
    meant = meaning(side)
    if isinstance(meant, Run):
        meant.plain("what was asked for")
        return meant.priors
    return meant
