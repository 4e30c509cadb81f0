"""The command line: `simulate`, whose bare call is the main job."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .._version import __version__
from ..base.defaults import DEFAULT_DRAWS, DEFAULT_KEEP
from ..base.errors import InputError
from .group import Group
from .model_option import option
from .options import (
    Count,
    Quantile,
    Share,
    drawing_options,
    interval_options,
    json_option,
    prior_options,
    quantity_option,
    runs_option,
    thresholds,
    typed,
    years_options,
)
from .sides import own_set, prior_set_of

if TYPE_CHECKING:
    from pathlib import Path

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
  simulate --model agents.py
  simulate reproduce
"""
ELSEWHERE = {
    "catalogue": "priors gpus explain reproduce",
    "runs": "runs rerun",
    "compare": "compare sensitivity whatif backtest",
    "combine": "condition ensemble",
    "models": "models",
    "decide": "reserve own",
    "calibrate": "calibrate",
    "publish": "plot",
    "pages": "report explore",
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
@years_options
@quantity_option("Quantity to evaluate, in place of the headline.")
@click.option("--all", "everything", is_flag=True, help="Evaluate all quantities.")
@interval_options
@click.option(
    "--quantile", "probabilities", type=Quantile(), multiple=True, help="Further quantile: 0.95 or p95. Repeatable."
)
@click.option("--exceeds", multiple=True, metavar="'NAME > X'", help="P(quantity > X), or < X. Repeatable.")
@click.option(
    "--estimator",
    type=click.Choice(["draws", "preintegrated"]),
    help="preintegrated: integrate lognormal factors exactly. [default: draws]",
)
@click.option(
    "--target-error",
    "target",
    type=Share("an error lies between 0 and 1, and none is reached at 0, as 0.1%"),
    metavar="SHARE",
    help="Draw until no MCSE in the table is above this share, as 0.1%; pre-integrated.",
)
@click.option(
    "--keep", type=Count(0, 10**10), help="Draws to keep; beyond a million over years, in all.  [default: 1 million]"
)
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

    With --model FILE.py it does the same for formulas of your own, of whatever is uncertain: 'simulate models
    new NAME' begins such a file.
    """
    if context.invoked_subcommand is None:
        if options["target"] and not typed(context, "draws"):
            options["draws"] = None
        _simulate(_Asked(**{name: options.pop(name) for name in _Asked._fields}), options)
        return
    given = [p for p in [*context.params, "known", "models"] if typed(context, p)]
    if given:
        option = next(p.opts[0] for p in context.command.params if p.name == given[0])
        raise InputError(
            f"{option} stands before {context.invoked_subcommand!r}, where it has no effect; "
            f"'simulate {context.invoked_subcommand} --help' lists what goes behind it"
        )


class _Asked(NamedTuple):
    """What the main job is asked for, beside how it is drawn."""

    priors: tuple[str, ...]
    gpu: str | None
    sets: tuple[str, ...]
    draws: int | None
    years: str | None
    when: tuple[str, ...]
    quantities: tuple[str, ...]
    everything: bool
    ci: float
    ci_kind: str
    probabilities: tuple[float, ...]
    exceeds: tuple[str, ...]
    estimator: str | None
    target: float | None
    keep: int | None
    cluster: str | None
    resume: bool
    root: str | None
    no_save: bool
    as_json: bool


def _simulate(asked: _Asked, drawing: dict[str, Any]) -> None:
    from ..priors.over import over_years
    from ..priors.prior_set import asked_of
    from ..reports import console
    from ..reports.views import run as run_view
    from ..statistics.summary import QUANTILES, Asking

    asked = asked._replace(priors=asked.priors or own_set())
    chosen = prior_set_of(asked.priors, asked.gpu, asked.sets, asked.root)
    chosen = over_years(chosen, asked.years, asked.when)
    limits = thresholds(asked.exceeds)
    names = _everything(chosen) if asked.everything else list(asked_of(chosen, asked.quantities))
    names += [name for name in limits.asked if name not in names]
    _remark(chosen)
    asking = Asking(asked.ci, asked.ci_kind, sorted({*QUANTILES, *asked.probabilities}), limits.asked)
    run, summaries = _made(chosen, names, asking, asked, drawing)
    over = ("--years", asked.years) if asked.years else ()
    typed_so = run_view.Typed(asked.priors, asked.gpu, asked.sets, asked.root, over=over)
    console.show(
        run_view.view(run, summaries, asked.probabilities, asked.target, typed_so, limits.below), asked.as_json
    )


def _everything(chosen: PriorSet) -> list[str]:
    """All quantities but those for which a prior is missing."""
    from ..reports import console

    every = list(chosen.model.quantities)
    unknown = [q for q in every if chosen.lacking(q)]
    if unknown:
        lacks = ", ".join(chosen.lacking(*unknown))
        console.note(f"left out, since {chosen.name} does not give {lacks}: {', '.join(unknown)}")
    return [q for q in every if q not in unknown]


def _remark(chosen: PriorSet) -> None:
    from ..reports import console

    if chosen.evidence:
        console.note(f"the evidence on {', '.join(chosen.evidence)} is not applied here: 'simulate condition' does")


def _made(
    chosen: PriorSet, names: list[str], asking: Asking, asked: _Asked, drawing: dict[str, Any]
) -> tuple[Run, Summaries]:
    """The run, stored unless it is not to be, and its summaries by the estimator that was asked for."""
    from ..runs.disk import ready
    from ..runs.store import root_of

    if asked.resume and (asked.no_save or asked.target):
        other = "--no-save" if asked.no_save else "--target-error"
        raise InputError(f"--resume goes on with a run of a known size that is kept: leave out {other}")
    folder = root_of(asked.root)
    keep = _keep(asked, chosen)
    if not asked.no_save:
        ready(folder, len(chosen.uncertain) + len(names), asked.draws or 1, keep)
    if asked.target:
        run, found = _until(chosen, asked.target, names, asking, asked, drawing, keep)
    else:
        run = _drawn(chosen, names, asked, drawing, keep, None if asked.no_save else folder)
        found = _summarized(run, asking, asked.estimator)
    return (run if asked.no_save else run.stored_in(folder)), found


def _keep(asked: _Asked, chosen: PriorSet) -> int:
    """How many draws are kept; where that is not what is usual, it is said before they are drawn."""
    from ..base.files import size_text
    from ..reports.console import note
    from ..runs.settings import kept_by_default

    if asked.keep is not None:
        return asked.keep
    draws = asked.draws or DEFAULT_DRAWS
    kept = kept_by_default(draws, chosen.years)
    if kept != DEFAULT_KEEP and not asked.no_save:
        size = size_text(4 * kept * (len(chosen.uncertain) + len(chosen.model.quantities)))
        note(
            f"over {len(chosen.years)} years the first {kept:,} draws are kept, at most {size}, and histograms of all "
            f"{draws:,}: --keep {DEFAULT_KEEP} keeps more"
        )
    return kept


def _until(
    chosen: PriorSet, target: float, names: list[str], asking: Asking, asked: _Asked, drawing: dict[str, Any], keep: int
) -> tuple[Run, Summaries]:
    """The run whose numbers are as exact as asked for."""
    from ..engine.preintegration import MOST, until
    from ..reports.console import note, progress
    from ..runs.settings import Sampling
    from ..statistics.summary import worst

    sampling = Sampling(asked.draws or MOST, **drawing)
    run, found = until(
        chosen,
        target,
        names,
        asking,
        sampling=sampling,
        keep=keep,
        store=not asked.no_save,
        estimator=asked.estimator or "preintegrated",
        cluster=asked.cluster,
        watch=progress,
    )
    error, name = worst(found)
    if error > target and run.settings.draws < sampling.draws:
        note(f"stopped: more draws hardly lower the error of {name} (the edge of a point mass, or an end of an HDI)")
    return run, found


def _drawn(
    chosen: PriorSet, names: list[str], asked: _Asked, drawing: dict[str, Any], keep: int, checkpoints: Path | None
) -> Run:
    """The run of so many draws, with its progress on standard error."""
    from ..base.wording import counted
    from ..engine.simulate import Execution, draw
    from ..reports import console
    from ..runs.settings import Sampling

    sampling = Sampling(asked.draws or DEFAULT_DRAWS, **drawing)
    with console.progress(sampling.draws) as advance:
        execution = Execution(
            cluster=asked.cluster,
            checkpoints=checkpoints,
            resume=asked.resume,
            progress=advance,
            told=console.note,
        )
        run = draw(chosen, sampling, names, keep, not asked.no_save, execution)
    if run.settings.draws != sampling.draws:
        console.note(
            f"{counted(sampling.draws, 'draw')} {'does' if sampling.draws == 1 else 'do'} not divide over "
            f"{run.settings.replicates} replicates: rounded up to {run.settings.draws:,}"
        )
    return run


def _summarized(run: Run, asking: Asking, estimator: str | None) -> Summaries:
    if estimator != "preintegrated":
        return run.summarized(asking)
    from ..engine.preintegration import integrated

    return integrated(run, asking)


main.params.append(option())
main.elsewhere = {name: module for module, names in ELSEWHERE.items() for name in names.split()}
if __name__ == "__main__":
    sys.exit(main())
