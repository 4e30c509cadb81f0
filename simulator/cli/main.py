"""The command line: `simulate`, whose bare call is the main job."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from .._version import __version__
from ..base.errors import InputError
from .group import Group
from .options import (
    Count,
    Share,
    drawing_options,
    edits,
    interval_options,
    json_option,
    prior_options,
    runs_option,
    thresholds,
)

if TYPE_CHECKING:
    from ..priors.prior_set import PriorSet
    from ..runs.run import Run
    from ..statistics.summaries import Summaries
    from ..statistics.summary import Asking

EXAMPLES = """
\b
Examples:
  simulate --draws 1000000
  simulate --priors my-priors.toml --gpu b200
  simulate --set 'inference_mfu=beta(p5=0.3, p95=0.6)' --seed 7
  simulate --exceeds 'inference_h100s > 720k' --json
  simulate compare plappert-2024 --set 'inference_mfu=0.4'
  simulate sensitivity plappert-2024 --of inference_h100s
  simulate explain inference_h100s
  simulate reproduce
"""
ELSEWHERE = {
    "catalogue": "priors gpus explain reproduce",
    "runs": "runs rerun",
    "compare": "compare sensitivity whatif",
    "combine": "condition ensemble",
    "publish": "plot report backtest",
}


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        os.environ["SIMULATE_DEBUG"] = "1"


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@prior_options
@drawing_options
@click.option(
    "--quantity",
    "-q",
    "quantities",
    multiple=True,
    metavar="NAME",
    help="Quantity to evaluate, in place of the headline. Repeatable.",
)
@click.option("--all", "everything", is_flag=True, help="Evaluate all quantities.")
@interval_options
@click.option("--quantile", "probabilities", type=Share(), multiple=True, help="Further quantile. Repeatable.")
@click.option("--exceeds", multiple=True, metavar="'NAME > X'", help="P(quantity > X). Repeatable.")
@click.option(
    "--estimator",
    type=click.Choice(["draws", "preintegrated"]),
    help="preintegrated: integrate lognormal factors exactly. [default: draws]",
)
@click.option(
    "--target-error",
    "target",
    type=Share(),
    metavar="SHARE",
    help="Draw until no MCSE in the table is above this share, as 0.1%; pre-integrated.",
)
@click.option("--keep", type=Count(0, 10**10), default="1e6", show_default="1 million", help="Draws to keep.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="dask workers: tcp://HOST:PORT, or local:N for N processes here; the same numbers.",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint of this very run.")
@runs_option
@click.option("--no-save", is_flag=True, help="Write no run.")
@json_option
@click.option(
    "--debug",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_debug,
    help="Show the traceback of an internal error.",
)
@click.version_option(__version__, prog_name="simulate")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Simulate the compute that a Sora-like video model needs.

    Draws joint worlds from a set of prior distributions, sends them through the compute model, and
    answers with credible intervals: H100s to train, H100s to serve, and the point where inference
    has cost more than training.
    """
    if context.invoked_subcommand is None:
        if options["target"] and not _was_given(context, "draws"):
            options["draws"] = None
        _simulate(**options)
        return
    given = [p for p in context.params if _was_given(context, p)]
    if given:
        option = next(p.opts[0] for p in context.command.params if p.name == given[0])
        raise InputError(
            f"{option} stands before {context.invoked_subcommand!r}, where it has no effect; "
            f"'simulate {context.invoked_subcommand} --help' lists what goes behind it"
        )


def _was_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _simulate(
    priors: tuple[str, ...],
    gpu: str | None,
    sets: tuple[str, ...],
    quantities: tuple[str, ...],
    everything: bool,
    ci: float,
    ci_kind: str,
    probabilities: tuple[float, ...],
    exceeds: tuple[str, ...],
    as_json: bool,
    **making: Any,
) -> None:
    from ..priors.load import load_priors
    from ..priors.prior_set import headline
    from ..reports import console
    from ..reports.views import run as run_view
    from ..statistics.summary import QUANTILES, Asking

    chosen = load_priors(*priors, gpu=gpu, set=edits(sets))
    limits = thresholds(exceeds)
    names = list(chosen.model.quantities) if everything else list(quantities or headline(chosen.priors))
    names += [name for name in limits if name not in names]
    for line in chosen.notes:
        console.note(line)
    if chosen.evidence:
        console.note(f"the evidence on {', '.join(chosen.evidence)} is not applied here: 'simulate condition' does")
    asking = Asking(ci, ci_kind, sorted({*QUANTILES, *probabilities}), limits)
    run, summaries = _made(chosen, names, asking, **making)
    console.show(run_view.view(run, summaries, probabilities, making["target"]), as_json)


def _made(
    chosen: PriorSet,
    names: list[str],
    asking: Asking,
    *,
    draws: int | None,
    estimator: str | None,
    target: float | None,
    keep: int,
    cluster: str | None,
    resume: bool,
    root: str | None,
    no_save: bool,
    **drawing: Any,
) -> tuple[Run, Summaries]:
    """The run, stored unless it is not to be, and its summaries by the estimator that was asked for."""
    from ..runs.netcdf import ready
    from ..runs.store import root_of

    if resume and (no_save or target):
        other = "--no-save" if no_save else "--target-error"
        raise InputError(f"--resume goes on with a run of a known size that is kept: leave out {other}")
    folder = root_of(root)
    if not no_save:
        ready(folder, len(chosen.uncertain) + len(names), draws or 1, keep)
    keeping = {"keep": keep, "store": not no_save}
    if target:
        run, found = _until(chosen, target, asking, names, estimator, draws, cluster, drawing, keeping)
    else:
        checkpoints = None if no_save else folder
        run = _drawn(chosen, names, draws, drawing, keeping, cluster=cluster, checkpoints=checkpoints, resume=resume)
        found = _summarized(run, asking, estimator)
    return (run if no_save else run.stored_in(folder)), found


def _until(
    chosen: PriorSet,
    target: float,
    asking: Asking,
    names: list[str],
    estimator: str | None,
    most: int | None,
    cluster: str | None,
    drawing: dict[str, Any],
    keeping: dict[str, Any],
) -> tuple[Run, Summaries]:
    """The run whose numbers are as exact as asked for."""
    from ..engine.preintegration import MOST, until
    from ..reports.console import progress
    from ..runs.settings import Sampling

    by, sampling = estimator or "preintegrated", Sampling(most or MOST, **drawing)
    return until(
        chosen, target, names, asking, sampling=sampling, estimator=by, cluster=cluster, watch=progress, **keeping
    )


def _drawn(
    chosen: PriorSet,
    names: list[str],
    draws: int | None,
    drawing: dict[str, Any],
    keeping: dict[str, Any],
    **execution: Any,
) -> Run:
    """The run of so many draws, with its progress on standard error."""
    from ..engine.simulate import Execution, draw
    from ..reports import console
    from ..runs.settings import DEFAULT_DRAWS, Sampling

    sampling = Sampling(draws or DEFAULT_DRAWS, **drawing)
    with console.progress(sampling.draws) as advance:
        execution |= {"progress": advance, "told": console.note}
        run = draw(chosen, sampling, names, **keeping, execution=Execution(**execution))
    if run.settings.draws != sampling.draws:
        console.note(
            f"{sampling.draws:,} draws do not divide over {run.settings.replicates} replicates: "
            f"rounded up to {run.settings.draws:,}"
        )
    return run


def _summarized(run: Run, asking: Asking, estimator: str | None) -> Summaries:
    if estimator != "preintegrated":
        return run.summarized(asking)
    from ..engine.preintegration import integrated

    return integrated(run, asking)


main.elsewhere = {name: module for module, names in ELSEWHERE.items() for name in names.split()}
if __name__ == "__main__":
    sys.exit(main())
