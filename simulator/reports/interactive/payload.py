"""What a page is given: prior sets, GPUs, the compute model, and the points of the seed."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..._version import __version__
from ...analyses.conditioning import evidence_of
from ...analyses.rerun import typed
from ...base.defaults import DEFAULT_SEED
from ...base.errors import InputError
from ...base.known import Known
from ...base.wording import unit_words
from ...compute.columns import column
from ...compute.graph import Input, Model
from ...compute.models import words as words_of
from ...compute.variants import VARIANTS, model
from ...compute.years import YearModel
from ...engine.sampling.points import SobolPoints
from ...priors.files import available, shipped
from ...priors.load import load_priors
from ...priors.prior_set import PriorSet
from ...runs.derivation import Conditioned
from ...runs.run import Run
from ...runs.settings import REPLICATES
from .dated import begins_with, columns, dated, over

LEVELS = 10  # of the points: 2^10 for each replicate
OWN = "simulate_models."  # the modules of files of one's own
STAGES = ("training", "inference", "utilization", "hardware", "demand", "cost", "modalities")


def payload(run: Run) -> dict[str, Any]:
    """Plain data for the page of a run.

    Raises InputError for a pool, which has no priors of its own.
    """
    if run.member is not None:
        raise InputError(f"{run.name} is a pool, and has no priors of its own: explore one of its members")
    start, sets = _sets(run)
    models, years = models_of(run), run.priors.years
    moving = [s.model for s, _ in sets if isinstance(s.model, YearModel)]
    return {
        "version": __version__,
        "seed": run.settings.seed,
        "defaultSeed": DEFAULT_SEED,
        "replicates": REPLICATES,
        "levels": LEVELS,
        "points": _points(run.settings.seed, models, moving),
        "models": [_model(m) for m in models],
        "sets": [_set(s, names) for s, names in sets],
        "gpus": _gpus(models, run.priors),
        "start": start | begins_with(run.priors.when),
        "title": run.priors.headed,
        "asked": words_of(run.priors.model, elsewhere=True)[-1:],
        **({"years": dated(years, moving)} if years else {}),
    }


def models_of(run: Run) -> tuple[Model, ...]:
    """The models that a page of a run computes: all variants, so that their sets can be chosen, or one of one's own."""
    own = run.priors.model.plain
    return (own,) if own.key != own.name else tuple(map(model, VARIANTS))


def _points(seed: int, models: Iterable[Model], moving: Iterable[YearModel]) -> dict[str, str]:
    """What the points of each prior are made from, in base 64: for each replicate a shift and LEVELS directions."""
    names = {n: column(n, m.own) for m in models for n in m.inputs} | dict(columns(moving))
    points = SobolPoints(seed, names, REPLICATES)
    return {n: base64.b64encode(points.generators(n, LEVELS).astype("<u4").tobytes()).decode() for n in names}


def _model(m: Model) -> dict[str, Any]:
    return {
        "name": m.key,
        "told": _told(m),
        "own": [
            [i.name, i.unit, i.text, *map(_bound, (i.low, i.high)), i.neutral] for i in map(m.inputs.get, m.own) if i
        ],
        "inputs": list(m.inputs),
        "stages": {i.name: stage(m, i) for i in m.inputs.values()},
        "units": {i.name: unit_words(i.unit) for i in m.inputs.values()},
        "constants": {c.name: c.value for c in m.constants.values()},
        "quantities": [
            {
                "name": q.name,
                "unit": q.unit,
                "unitWords": unit_words(q.unit),
                "text": q.text,
                "formula": q.formula,
                "reads": list(q.inputs),
                "never": q.never,
                "group": _stage_of(q.function.__module__, q.name),
            }
            for q in m.quantities.values()
        ],
    }


def _bound(value: float) -> float | None:
    """An end of a range; JSON has no infinity."""
    return value if math.isfinite(value) else None


def _told(m: Model) -> dict[str, Any]:
    """What is told of a model; dictionaries as pairs, since the keys of some are no texts."""
    t = m.told
    pairs: dict[str, Mapping[Any, Any]] = {"layers": t.layers, "counts": t.counts, "changes": t.changes}
    plain = {
        "headline": t.headline,
        "story": t.story,
        "tested": t.tested,
        "modalities": t.modalities,
        "demandSteps": t.demand_steps,
    }
    return plain | {name: list(told.items()) for name, told in pairs.items()}


def _stage_of(module: str, quantity: str) -> str:
    """The stage of a quantity: its file, and in files of two stages its name."""
    if module.startswith(OWN):
        return module.removeprefix(OWN).rpartition("_")[0]
    plain = {
        "demand": "demand",
        "cost": "cost",
        "ownership": "cost",
        "modalities": "modalities",
        "breakeven": "inference",
    }
    if (file := module.rsplit(".", 1)[-1]) in plain:
        return plain[file]
    if "utilization" in quantity:
        return "utilization"
    trains = ("training", "latent", "parameter_multiplier", "model_width", "project", "dit_h100")
    return "training" if quantity.startswith(trains) else "inference"


def stage(m: Model, prior: Input) -> str:
    """The stage at which a prior enters the model: of the first quantities that read it."""
    if prior.name in m.own:
        return m.name
    if prior.name.startswith("gpu_"):
        return "hardware"
    if "mfu" in prior.name or prior.name.endswith(("_ceiling", "_discrepancy", "kernel_gain", "clip_gpus")):
        return "utilization"
    if prior.name.startswith(("dit_", "llama2_", "gpt4_", "document_")):
        return "modalities"
    if prior.name == "sequence_parallel_exponent":
        return "utilization"
    if prior.name in ("parameters", "training_days"):
        return "training"
    found = [_stage_of(q.function.__module__, q.name) for q in m.quantities.values() if prior.name in q.inputs]
    return min(found, key=lambda s: STAGES.index(s) if s in STAGES else len(STAGES))


def _sets(run: Run) -> tuple[dict[str, Any], list[tuple[PriorSet, list[str] | None]]]:
    """The state that the page begins with, and the prior sets that it offers, this run's first, with their words."""
    chosen = _evident(run)
    words = typed(chosen)
    base, gpu, edits = chosen, "", dict[str, str]()
    if words is not None:
        names, above, edits = words
        gpu, base = above or "", replace(load_priors(*names), evidence=chosen.evidence)
    start = {
        "set": base.name,
        "gpu": gpu,
        "edits": {n: t for n, t in edits.items() if not isinstance(t, Known)},
        "knows": {n: str(t) for n, t in edits.items() if isinstance(t, Known)},
        "evidence": isinstance(run.derivation, Conditioned),
    }
    found = [(over(base, chosen.years), None if words is None else words[0])]
    if chosen.model.key != chosen.model.name:
        return start, found
    others = [name for name in _shipped("") if name != base.name]
    return start, [*found, *((over(load_priors(name), chosen.years), [name]) for name in others)]


def _shipped(kind: str) -> list[str]:
    """What everybody has: a page is sent to others, and holds none of the user's own files but the one it is of."""
    folder = shipped().resolve()
    return [name for name, path in available(kind).items() if path.resolve().is_relative_to(folder)]


def _evident(run: Run) -> PriorSet:
    """The prior set of a run, with no crossings; of a conditioned one, its facts are evidence."""
    chosen = replace(run.priors, when=())
    if not isinstance(run.derivation, Conditioned):
        return chosen
    plain = replace(chosen, name=run.derivation.base(chosen.name))
    return replace(plain, evidence=evidence_of(plain, run.derivation.on))


def _set(chosen: PriorSet, names: list[str] | None) -> dict[str, Any]:
    """A set, and the words by which it is named on a command line; none where it needs its file."""
    return {
        "name": chosen.name,
        "title": chosen.title,
        "variant": chosen.variant,
        "words": names,
        "priors": chosen.to_json(),
    }


def _gpus(models: Iterable[Model], own: PriorSet) -> list[dict[str, Any]]:
    """What each GPU lays over the sets of a variant, or over the one of a model of one's own."""
    found = []
    for name in _shipped("gpus"):
        by = {}
        for m in models:
            with suppress(InputError):
                above = (load_priors(*SAMPLES[m.name]) if m.name in SAMPLES else own).overlay(name)
                by[m.key] = {
                    "priors": {n: p.to_json() for n, p in above.priors.items()},
                    "correlations": {", ".join(pair): rho for pair, rho in above.correlations.items()},
                    "layers": list(above.layers),
                    "notes": list(above.notes),
                }
        if by:
            found.append({"name": name, "title": name, "variants": by})
    return found


SAMPLES = {
    "dit-scaling": ("plappert-2024",),
    "token-accounting": ("evidence-2026",),
    "token-utilization": ("calibrated-2026",),
}
"""A shipped set of each variant."""
