"""A probabilistic Monte Carlo simulator of the compute that Sora-like video models need.

    from simulator import simulate, load_priors

    run = simulate("plappert-2024", draws=1_000_000)
    run.summary()       # medians, means, credible intervals, each with its Monte Carlo error
    run.dataset         # xarray, dims (chain, draw)
    run.datatree        # ArviZ's groups

Importing the package imports nothing heavy: what is named here is fetched when it is used.
"""

import sys
from typing import TYPE_CHECKING, Any

if sys.version_info < (3, 12):  # noqa: UP036  (a checkout can be run by any Python)
    sys.exit(f"simulate needs Python 3.12 or newer; this is {sys.version.split()[0]}")

from ._version import __version__

__all__ = [
    "Constant",
    "Input",
    "InputError",
    "PriorSet",
    "Run",
    "RunError",
    "SimulateError",
    "__version__",
    "attribute",
    "backtest",
    "calibrate",
    "compare",
    "condition",
    "explore",
    "known",
    "load_model",
    "load_priors",
    "own",
    "plot",
    "pool",
    "quantity",
    "report",
    "rerun",
    "reserve",
    "reserve_by_year",
    "sensitivity",
    "simulate",
    "total_sensitivity",
    "whatif",
]

_WHERE = {
    "backtest": "analyses.backtest",
    "calibrate": "analyses.calibrated_set",
    "condition": "analyses.conditioning",
    "pool": "analyses.pooling",
    "compare": "analyses.comparison",
    "whatif": "analyses.comparison",
    "attribute": "analyses.attribution",
    "sensitivity": "analyses.sensitivity",
    "total_sensitivity": "analyses.sobol_indices",
    "plot": "plots.figure",
    "report": "reports.report",
    "explore": "reports.interactive.page",
    "rerun": "analyses.rerun",
    "reserve": "analyses.reserve",
    "reserve_by_year": "analyses.reserve_by_year",
    "own": "analyses.owning",
    "simulate": "engine.simulate",
    "known": "base.known",
    "load_priors": "priors.load",
    "load_model": "compute.models",
    "Constant": "compute.graph",
    "Input": "compute.graph",
    "quantity": "compute.graph",
    "PriorSet": "priors.prior_set",
    "Run": "runs.run",
    "SimulateError": "base.errors",
    "InputError": "base.errors",
    "RunError": "base.errors",
}

if TYPE_CHECKING:
    from .analyses.attribution import attribute
    from .analyses.backtest import backtest
    from .analyses.calibrated_set import calibrate
    from .analyses.comparison import compare, whatif
    from .analyses.conditioning import condition
    from .analyses.owning import own
    from .analyses.pooling import pool
    from .analyses.rerun import rerun
    from .analyses.reserve import reserve
    from .analyses.reserve_by_year import reserve_by_year
    from .analyses.sensitivity import sensitivity
    from .analyses.sobol_indices import total_sensitivity
    from .base.errors import InputError, RunError, SimulateError
    from .base.known import known
    from .compute.graph import Constant, Input, quantity
    from .compute.models import load_model
    from .engine.simulate import simulate
    from .plots.figure import plot
    from .priors.load import load_priors
    from .priors.prior_set import PriorSet
    from .reports.interactive.page import explore
    from .reports.report import report
    from .runs.run import Run


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
