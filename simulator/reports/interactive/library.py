"""The JavaScript that a page computes with: the program's own modules, translated, over a small runtime."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np

from ...distributions.scored import NODES
from ...priors.knowledge import HERMITE
from .loops import loops
from .translate import translated

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1]
RUNTIME = ("runtime.js", "text.js", "python.js", "numpy.js", "linalg.js", "graph.js")
GIVEN = (
    "base.known",
    "compute.graph",
    "compute.models",
    "compute.years",
    "priors.files",
    "engine.sampling.points",
    "distributions.foreign",
)
MODULES = (  # in the order in which they build on one another
    "base.errors",
    "base.numbers",
    "base.wording",
    "distributions.random_variable",
    "distributions.by_density",
    "distributions.derived",
    "distributions.bounded",
    "distributions.distribution",
    "distributions.fitting",
    "distributions.scored",
    "distributions.register",
    "distributions.grammar",
    "distributions.algebra",
    "distributions.notation",
    "distributions.metalog",
    "distributions.compound",
    "distributions.families",
    "statistics.estimators",
    "statistics.summary",
    "compute.inputs",
    "compute.moving",
    "priors.ranges",
    "priors.prior",
    "priors.correlations",
    "priors.knowledge",
    "priors.trends",
    "priors.trust",
    "priors.checks",
    "priors.plausible",
    "priors.prior_set",
    "priors.toml",
    "engine.sampling.copula",
    "analyses.likelihood",
    "analyses.players",
    "reports.phrases",
    "reports.plausibility",
)


def source(name: str, folder: str = "engine") -> str:
    """The text of a file of the page."""
    return (HERE / folder / name).read_text(encoding="utf-8")


def _nodes() -> str:
    """Nodes and weights of the quadratures that the modules ask for."""
    legendre, hermite = np.polynomial.legendre.leggauss(NODES), np.polynomial.hermite_e.hermegauss(HERMITE)
    found = {"legendre": {NODES: legendre}, "hermite_e": {HERMITE: hermite}}
    told = {kind: {n: [x.tolist() for x in pair] for n, pair in sets.items()} for kind, sets in found.items()}
    return f"$nodes = {json.dumps(told)};"


@cache
def library() -> str:
    """Runtime and modules, one after the other; raises Untranslatable for what is not of the subset."""
    known = (*GIVEN, *MODULES)
    runtime = "\n".join(map(source, RUNTIME)).replace("//loops", loops())
    modules = [
        translated(m, (PACKAGE / f"{m.replace('.', '/')}.py").read_text(encoding="utf-8"), known) for m in MODULES
    ]
    return "\n".join(
        [
            f"const special$ = (() => {{ {source('special.js', 'vendor')}; return special; }})();",
            runtime,
            _nodes(),
            *modules,
        ]
    )
