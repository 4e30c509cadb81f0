"""A stored run made again, and the command that makes it."""

from __future__ import annotations

import platform
import shlex
import sys

import numpy as np

from .._version import __version__
from ..base.errors import InputError
from ..compute.headline import HEADLINE
from ..engine.simulate import DEFAULT_KEEP, simulate
from ..priors.files import available
from ..priors.layers import DEFAULT_SET
from ..priors.load import load_priors
from ..priors.prior_set import PriorSet, headline
from ..runs.run import Run
from ..runs.stored import differences


def command(run: Run) -> tuple[str, bool]:
    """The command that makes a run, and whether it works without files of the user's own."""
    chosen, s = run.priors, run.settings
    if run.member is not None:
        return _ensemble(run)
    names = chosen.name.removesuffix("-given").split("+")
    gpu = chosen.gpu or None
    names = names[:-1] if gpu else names
    sets = {n: p.distribution.text for n, p in chosen.priors.items() if p.set_by_user}
    again = _resolves(chosen, names, gpu, sets)
    if not again:
        names, gpu, sets = [f"{file_name(run)}.toml"], None, {}
    facts = [w for n, text in run.given.get("on", {}).items() for w in ("--on", f"{n}={text}")]
    words = ["simulate", *(["condition"] if facts else []), *facts, "--draws", str(s.draws), "--seed", str(s.seed)]
    words += [w for n in names if names != [DEFAULT_SET] for w in ("--priors", n)]
    words += ["--gpu", gpu] if gpu else []
    words += [w for n, text in sets.items() for w in ("--set", f"{n}={text}")]
    words += ["--sampler", s.sampler] if s.sampler != "sobol" else []
    words += ["--exact"] if s.exact else []
    words += ["--keep", str(s.keep)] if s.keep != DEFAULT_KEEP and not facts else []
    words += [w for n in s.quantities if s.quantities != headline(chosen.priors) for w in ("--quantity", n)]
    return shlex.join(words), again


def _ensemble(run: Run) -> tuple[str, bool]:
    """The command that makes a pool, and whether all of its members are shipped as they are."""
    s, members = run.settings, [(PriorSet.from_json(m["priors"]), m["weight"]) for m in run.given["members"]]
    alone = all(_resolves(p, p.name.split("+"), None, {}) for p, _ in members)
    words = [
        "simulate",
        "ensemble",
        *(f"{p.name}:{w:g}" for p, w in members),
        "--draws",
        str(s.draws),
        "--seed",
        str(s.seed),
    ]
    words += ["--sampler", s.sampler] if s.sampler != "sobol" else []
    words += [w for n in s.quantities if s.quantities != HEADLINE for w in ("--quantity", n)]
    return shlex.join(words), alone


def file_name(run: Run) -> str:
    """A name for the resolved set's file."""
    return f"{''.join(c if c.isalnum() or c in '-_.' else '-' for c in run.priors.name)[:80]}-resolved"


def _resolves(chosen: PriorSet, names: list[str], gpu: str | None, sets: dict[str, str]) -> bool:
    """Whether the shipped files and edits resolve to the very same priors."""
    from ..priors.files import shipped

    here = {
        name
        for kind in ("", "gpus")
        for name, path in available(kind).items()
        if not path.resolve().is_relative_to(shipped().resolve())
    }
    if here & {*names, *chosen.layers}:
        return False
    try:
        return load_priors(*names, gpu=gpu, set=sets).digest == chosen.digest
    except InputError:
        return False


def versions(run: Run) -> dict[str, str]:
    """What a run was made with, and what is at work now."""
    made = run.stored.get("version", __version__) if run.stored else __version__
    with_numpy = run.stored.get("numpy", np.__version__) if run.stored else np.__version__
    return {
        "simulate": str(made),
        "numpy": str(with_numpy),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()} ({sys.byteorder}-endian)",
    }


def rerun(run: Run, threads: int | None = None) -> list[str]:
    """Make a stored run again from what its folder holds; what differs, bit for bit, in words."""
    if run.path is None:
        raise InputError("this run is not stored; there is nothing to compare with")
    run.plain("making it again")
    s = run.settings
    new = simulate(
        run.priors,
        draws=s.draws,
        seed=s.seed,
        quantities=s.quantities,
        sampler=s.sampler,
        exact=s.exact,
        threads=threads,
        keep=s.keep,
    )
    return differences(run, new)
