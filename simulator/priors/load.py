"""Layers of prior files, resolved into a prior set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import Any

from ..base.errors import InputError, meant
from ..base.known import parted
from ..compute.graph import Model
from ..compute.models import named, of_variant, standing_alone
from ..compute.variants import VARIANTS, kindred
from .files import available, find, stem_of
from .knowledge import knowing_priors
from .layers import DEFAULT_SET, Layers
from .plausible import read as read_plausible
from .prior import neutral, set_anew
from .prior_set import PriorSet
from .trends import read, set_growths

DEFAULT_GPU = "h100-sxm"


def load_priors(
    *names: str,
    gpu: str | None = None,
    set: Mapping[str, object] | None = None,
    know: Mapping[str, object] | None = None,
    model: Model | None = None,
) -> PriorSet:
    """The resolved prior set of one or several layers; the later wins, and `set` over all.

    `names` are shipped names, names in ./priors or paths (default: plappert-2024); `gpu` is a layer
    of priors/gpus (default: h100-sxm, below the sets; a chosen one lies above them); `set` maps
    prior names to distributions in the notation of the files, or numbers. `know` maps them to known
    values, by which correlated priors move; `set` moves no other. `model`, from `load_model`, is one of one's
    own that extends the sets' variant. Raises InputError with one line for each mistake.

    >>> load_priors(set={"peak_factor": "uniform(low=1, high=3)"}).priors["peak_factor"].distribution.text
    'uniform(low=1, high=3)'
    """
    layers = Layers()
    if gpu is None:
        layers.add(DEFAULT_GPU, "gpus")
    shown = [layers.add(str(name)) for name in names or (default_set(model),)]
    above = layers.add(gpu, "gpus") if gpu is not None else ""
    edits, values = parted(set or {}, know)
    return _resolve(layers, "+".join([*shown, above] if above else shown), edits, above, model).knowing(values)


def with_entries(
    names: Sequence[str], gpu: str | None, path: Path, entries: Mapping[str, Any], implied: Mapping[str, Any]
) -> PriorSet:
    """The sets `names`, the GPU above them, and above both the priors of the file `path`, named after it.

    What only a variant reads that counts as theirs does, tokens or images, is passed over: a case is for all of them.
    So is what is `implied` by other keys of the file, where the variant does not read it.
    """
    layers, base = Layers(), None
    if gpu is None or not find(gpu, "gpus")[0].samefile(find(DEFAULT_GPU, "gpus")[0]):  # a file lies once
        layers.add(DEFAULT_GPU, "gpus")
    for name in names:
        layers.add(name)
    if gpu is not None:
        layers.add(gpu, "gpus")
    model = of_variant(layers.variant) if layers.variant in VARIANTS else named(layers.model) if layers.model else None
    passed = kindred(model) if model else set[str]()
    told = {key: entry for key, entry in implied.items() if model and key in model.inputs}
    given = {key: entry for key, entry in (told | dict(entries)).items() if key not in passed}
    before = list(layers.mistakes)
    with suppress(InputError):  # what is wrong is said of the set with its entries
        base = _resolve(layers, stem_of(path), {})
    layers.mistakes[:] = before
    for key, entry in given.items():
        layers.entries[key] = (str(path), path.parent, entry)
    layers.ties.keep(lambda name: isinstance(given.get(name), dict))
    made = _resolve(layers, stem_of(path), {})
    return _moved(base, made, given) if base is not None else made


def _moved(base: PriorSet, made: PriorSet, given: Mapping[str, Any]) -> PriorSet:
    """The set with entries, in which what is correlated with a known one in the base has moved."""
    known = {name: made.prior(name) for name in given if not made.prior(name).uncertain and base.prior(name).uncertain}
    other = {name: made.prior(name) for name in given if made.prior(name).uncertain}
    ties = {pair: rho for pair, rho in base.correlations.items() if not other.keys() & set(pair)}
    moved = knowing_priors(replace(base, priors={**base.priors, **other}, correlations=ties), known)
    return replace(
        made,
        priors={**made.priors, **{name: p for name, p in moved.priors.items() if name not in given}},
        correlations=moved.correlations,
        grounds=moved.grounds,
        found=moved.found,
    ).checked()


def default_set(model: Model | None = None) -> str:
    """The set where none is named: the essay's, or of a model of one's own the one beside its file, or of its name."""
    own = model if model is not None and not model.extends else standing_alone()
    return DEFAULT_SET if own is None else _set_of(own)


def _set_of(own: Model) -> str:
    """The set of a model of one's own: beside its file, in `priors` there, where `models new` puts it, or of its name.

    Raises InputError with the places where it is not.
    """
    name, folder = own.name, Path(own.asked).parent
    places = [folder / f"{name}.toml", folder / "priors" / f"{name}.toml"] if own.asked.endswith(".py") else []
    there = next((p for p in places if p.is_file()), None)
    if there is not None and realpath(there) != realpath(available().get(name, "")):
        return str(there)  # one that has no name here
    if there is None and not meant(name, available()):
        looked = " nor ".join([*map(str, places), f"a set called {name}"])
        raise InputError(
            f"--model {own.asked or name}: no prior set was named, and there is neither {looked}; name one"
        )
    return name


def _model(layers: Layers, name: str, given: Model | None) -> Model:
    """The model of the layers: of a variant, or of the user's own; raises InputError for what is none."""
    if not layers.variant and not layers.model:
        needed = (
            f'{layers.last or name}: variant: is missing; write variant = "dit-scaling", or extends = '
            f'["{DEFAULT_SET}"], or of a model of one\'s own model = "NAME"'
        )
        raise InputError(*(layers.mistakes or [needed]))
    key = "model" if layers.model else "variant"
    try:
        if layers.model and given is not None and given.name == layers.model:
            return given
        return named(layers.model) if layers.model else of_variant(layers.variant, given)
    except InputError as error:
        raise InputError(*layers.mistakes, *(f"{name}: {key}: {line}" for line in error.lines)) from None


def _resolve(
    layers: Layers, name: str, edits: Mapping[str, object], gpu: str = "", given: Model | None = None
) -> PriorSet:
    mistakes, model = layers.mistakes, _model(layers, name, given)
    if gpu and not layers.of_gpu & set(model.inputs):
        mistakes.append(f"--gpu {gpu}: the model {model.name} reads no prior of a GPU: leave it out")
    priors = layers.priors(model, mistakes)
    plain, trends = set_growths(edits, read(layers.trends, model, mistakes), model, mistakes)
    set_anew(plain, model, priors, mistakes)
    missing = [key for key in model.inputs if key not in priors and key not in layers.entries]
    priors |= {key: neutral(model.inputs[key]) for key in missing if model.inputs[key].neutral is not None}
    missing = [key for key in missing if key not in priors]
    mistakes += [
        f"{name}: priors.{key}: is missing ({model.inputs[key].text}, in {model.inputs[key].unit})" for key in missing
    ]
    pairs, grounds = layers.ties.resolved(model, mistakes, [t.growth.name for t in trends.values()])
    observed = layers.evidence_on(model, mistakes)
    possible = read_plausible(layers.plausible, model, mistakes)
    if mistakes:
        raise InputError(*dict.fromkeys(mistakes))
    ordered = {key: priors[key] for key in model.inputs}
    return PriorSet(
        name,
        layers.title or name,
        model.key,
        ordered,
        pairs,
        layers.named(model),
        tuple(layers.notes),
        grounds,
        observed,
        gpu,
        layers.calibration,
        trends,
        plausible=possible,
    ).checked()
