"""A stored run made again, and the command that makes it."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .._version import __version__
from ..base.defaults import DEFAULT_KEEP
from ..base.errors import InputError
from ..base.known import option
from ..compute.models import words as own
from ..compute.years import parted, years_text
from ..engine.simulate import draw
from ..engine.workspace import apart
from ..priors.files import available, shipped
from ..priors.layers import DEFAULT_SET
from ..priors.load import load_priors
from ..priors.prior_set import PriorSet, asked_of
from ..runs.derivation import Conditioned, Pooled
from ..runs.run import Run
from ..runs.stored import differences
from . import conditioning, pooling
from .result import Result

if TYPE_CHECKING:
    import xarray


def command(run: Run) -> tuple[str, bool]:
    """The command that makes a run, and whether it works without files of the user's own."""
    chosen, s = run.priors, run.settings
    if isinstance(run.derivation, Pooled):
        return _ensemble(run, run.derivation)
    plain = replace(chosen, name=run.derivation.base(chosen.name)) if run.derivation else chosen
    found = typed(plain)
    again = found is not None
    names, gpu, sets = found or ([f"{file_name(run)}.toml"], "", {})
    facts = [w for n, text in run.derivation.on.items() for w in ("--on", f"{n}={text}")] if run.derivation else []
    words = ["simulate", *(["condition"] if facts else []), *facts, "--draws", str(s.draws), "--seed", str(s.seed)]
    words += [w for n in names if names != [DEFAULT_SET] for w in ("--priors", n)]
    words += ["--gpu", gpu] if gpu else []
    words += [w for n, text in sets.items() for w in (option(text), f"{n}={text}")]
    words += ["--sampler", s.sampler] if s.sampler != "sobol" else []
    words += ["--exact"] if s.exact else []
    words += ["--keep", str(s.keep)] if s.keep != DEFAULT_KEEP and not facts else []
    return shlex.join([*words, *_over_years(chosen, s.quantities), *own(chosen.model, elsewhere=True)]), again


def typed(chosen: PriorSet) -> tuple[list[str], str, dict[str, str]] | None:
    """The sets, the GPU and the edits that a command names to make a prior set from what is shipped; None without."""
    names = chosen.name.split("+")
    names = names[:-1] if chosen.gpu else names
    return (names, chosen.gpu, chosen.edits) if _resolves(chosen, names, chosen.gpu or None, chosen.edits) else None


def _over_years(chosen: PriorSet, quantities: Sequence[str]) -> list[str]:
    """The words of a run over years, and of the quantities that are not asked of themselves."""
    words = ["--years", years_text(chosen.years)] if chosen.years else []
    words += [w for c in chosen.when for w in ("--when", c.text)]
    if tuple(quantities) != asked_of(chosen):
        plain = dict.fromkeys(parted(n)[0] for n in quantities if n not in {c.name for c in chosen.when})
        whole = asked_of(chosen, list(plain)) == tuple(quantities)
        words += [w for n in (plain if whole else quantities) for w in ("--quantity", n)]
    return words


def _ensemble(run: Run, derivation: Pooled) -> tuple[str, bool]:
    """The command that makes a pool, and whether all of its members are shipped as they are."""
    s, members = run.settings, [(m.prior_set(), m.weight) for m in derivation.members]
    models = {p.model.key: p.model for p, _ in members}
    alone = all(_resolves(p, p.name.split("+"), None, {}) for p, _ in members)
    words = ["simulate", "ensemble", *(f"{p.name}:{w:g}" for p, w in members)]
    words += ["--draws", str(s.draws), "--seed", str(s.seed)]
    words += ["--sampler", s.sampler] if s.sampler != "sobol" else []
    words += [w for n in s.quantities if s.quantities != members[0][0].model.told.headline for w in ("--quantity", n)]
    return shlex.join([*words, *(w for m in models.values() for w in own(m, elsewhere=True))]), alone


def file_name(run: Run) -> str:
    """A name for the resolved set's file."""
    return f"{''.join(c if c.isalnum() or c in '-_.' else '-' for c in run.priors.name)[:80]}-resolved"


def _resolves(chosen: PriorSet, names: list[str], gpu: str | None, sets: dict[str, str]) -> bool:
    """Whether the shipped files and edits resolve to the very same priors."""
    here = {
        name
        for kind in ("", "gpus")
        for name, path in available(kind).items()
        if not path.resolve().is_relative_to(shipped().resolve())
    }
    if here & {*names, *chosen.layers}:
        return False
    try:
        again = load_priors(*names, gpu=gpu, set=sets).through(chosen.years, chosen.when)
        return again.digest == chosen.digest
    except InputError:
        return False


def versions(run: Run) -> dict[str, str]:
    """What a run was made with, and what is at work now."""
    made = run.stored.meta if run.stored is not None else {}
    return {
        "simulate": str(made.get("version", __version__)),
        "numpy": str(made.get("numpy", np.__version__)),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()} ({sys.byteorder}-endian)",
    }


@dataclass(frozen=True)
class Rerun(Result):
    """A stored run and the one made again; `differences` says in words what is not the same, bit for bit."""

    run: Run
    again: Run
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `quantity`: the median as it was stored, and as it is made again."""
        import xarray

        pair = {"stored": self.run.summary(), "again": self.again.summary()}
        data = {k: ("quantity", [s.median.value for s in v], {"long_name": f"median, {k}"}) for k, v in pair.items()}
        units = ("quantity", [s.unit for s in pair["stored"]])
        return xarray.Dataset(data, {"quantity": list(self.run.quantities), "units": units}, {"same": int(self.same)})

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"run": self.run.name, "same": self.same, "differences": list(self.differences)}


def rerun(run: Run | str, threads: int | None = None) -> Rerun:
    """Make a stored run again from what its folder holds, and hold the two against each other bit for bit.

    Raises InputError for a run that is not stored.
    """
    stored = Run.load(run) if isinstance(run, str) else run
    if stored.stored is None:
        raise InputError("this run is not stored; there is nothing to compare with")
    with apart():
        again = _again(stored, threads)
    return Rerun(stored, again, tuple(differences(stored, again)))


def _again(run: Run, threads: int | None) -> Run:
    match run.derivation:
        case Conditioned():
            return conditioning.again(run, threads)
        case Pooled():
            return pooling.again(run, threads)
        case None:
            return draw(run.priors, run.settings.sampling(threads), run.quantities, run.settings.keep)
