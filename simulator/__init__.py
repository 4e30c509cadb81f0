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

__version__ = "0.1.0"
__all__ = [
    "InputError",
    "PriorSet",
    "Run",
    "RunError",
    "SimulateError",
    "__version__",
    "attribute",
    "backtest",
    "compare",
    "condition",
    "load_priors",
    "plot",
    "pool",
    "report",
    "sensitivity",
    "simulate",
    "total_sensitivity",
    "whatif",
]

_WHERE = {
    "backtest": "backtesting", "condition": "conditioning", "pool": "pooling",
    "compare": "comparison", "whatif": "comparison", "attribute": "comparison", "sensitivity": "drivers",
    "total_sensitivity": "indices", "plot": "plots", "report": "pages",
    "simulate": "engine", "load_priors": "priors", "PriorSet": "priors", "Run": "runs",
    "SimulateError": "errors", "InputError": "errors", "RunError": "errors",
}  # fmt: skip

if TYPE_CHECKING:
    from .backtesting import backtest
    from .comparison import attribute, compare, whatif
    from .conditioning import condition
    from .drivers import sensitivity
    from .engine import simulate
    from .errors import InputError, RunError, SimulateError
    from .indices import total_sensitivity
    from .pages import report
    from .plots import plot
    from .pooling import pool
    from .priors import PriorSet, load_priors
    from .runs import Run


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_WHERE[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
