"""How a run is made again: the command, and the resolved prior set as a file."""

from __future__ import annotations

import json
import platform
import shlex
import sys

import numpy as np

from . import __version__
from .compute import HEADLINE, headline
from .engine import DEFAULT_KEEP
from .errors import InputError
from .find import available
from .priors import DEFAULT_SET, PriorSet, load_priors
from .runs import Run


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
    from .find import shipped

    here = {name for kind in ("", "gpus") for name, path in available(kind).items()
            if not path.resolve().is_relative_to(shipped().resolve())}  # fmt: skip
    if here & {*names, *chosen.layers}:
        return False
    try:
        return load_priors(*names, gpu=gpu, set=sets).digest == chosen.digest
    except InputError:
        return False


def toml(chosen: PriorSet) -> str:
    """A resolved prior set as a TOML file that needs no other: it draws the same worlds."""
    lines = [f"title = {_text(chosen.title)}", f"variant = {_text(chosen.variant)}"]
    for p in chosen.priors.values():
        lines += ["", f"[priors.{p.name}]", f"prior = {_text(p.distribution.text)}", f"unit = {_text(p.unit)}",
                  f"source = {_text(p.source)}", f"grade = {_text(p.grade)}"]  # fmt: skip
        lines += [f"note = {_text(p.note)}"] if p.note else []
    if chosen.correlations:
        plain = {pair: rho for pair, rho in chosen.correlations.items() if pair not in chosen.grounds}
        lines += ["", "[correlations]"]
        lines += [f"{_text(', '.join(pair))} = {rho!r}" for pair, rho in plain.items()]
        for pair, ground in chosen.grounds.items():
            lines += ["", f"[correlations.{_text(', '.join(pair))}]", f"rho = {chosen.correlations[pair]!r}"]
            lines += [f"{key} = {_text(text)}" for key, text in ground.items()]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are a part of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def versions(run: Run) -> dict[str, str]:
    """What a run was made with, and what is at work now."""
    made = run.stored.get("version", __version__) if run.stored else __version__
    with_numpy = run.stored.get("numpy", np.__version__) if run.stored else np.__version__
    return {"simulate": str(made), "numpy": str(with_numpy), "python": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()} ({sys.byteorder}-endian)"}  # fmt: skip
