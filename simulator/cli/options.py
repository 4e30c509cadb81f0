"""Options that several commands share."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from ..base.defaults import DEFAULT_DRAWS, DEFAULT_SEED
from ..base.errors import InputError, quote
from ..base.known import Known
from ..base.numbers import parse_count, parse_number
from . import completion

# OpenBLAS starts a thread for each core when numpy is imported; nothing here uses them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
PLAIN = {"help_option_names": ["-h", "--help"], "max_content_width": 80}
FuncT = Callable[..., Any]
KNOWN = "simulate.known"  # where --know waits for --set
LETTERS = "ABCDEFGH"


class Count(click.ParamType[int]):
    """A whole number as people write it: 1000000, 1e6, 1M."""

    name = "number"

    def __init__(self, least: int, most: int):
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        option = param.opts[0] if param else "number"
        return parse_count(value, f"a number for {option}", self.least, self.most)


class Share(click.ParamType[float]):
    """A probability strictly between 0 and 1: 0.9 or 90%."""

    name = "probability"

    def __init__(self, right: str = "a probability lies between 0 and 1, as 0.9 or 90%"):
        self.right = right

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        option = param.opts[0] if param else "this"
        try:
            share = parse_number(value)
        except InputError:
            share = math.nan
        if not 0.0 < share < 1.0:
            raise InputError(f"{option} {quote(value)}: {self.right}")
        return share


class Quantile(Share):
    """A quantile by its probability or as a statistic is named: 0.95, 95% or p95."""

    def __init__(self) -> None:
        super().__init__("write it as 0.95, 95% or p95, between 0 and 1")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, str) and re.fullmatch(r"p\d{1,2}(\.\d+)?", value.strip()):
            value = f"{value.strip()[1:]}%"
        return super().convert(value, param, ctx)


def edits(
    texts: tuple[str, ...], option: str = "--set", example: str = "inference_mfu=beta(p5=0.3, p95=0.6)"
) -> dict[str, str]:
    """`name=distribution` texts of an option as a dictionary."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if name.strip() in found:
            raise InputError(f"{option} {quote(name)} stands twice; give it once")
        if not equals or not name.strip() or not value.strip():
            if isinstance(text, Known):
                raise InputError(f"--know {quote(text)}: write NAME=VALUE, as in 'parameters=2e9'")
            raise InputError(f"{option} {quote(text)}: write NAME=DISTRIBUTION, as in {example!r}")
        found[name.strip()] = Known(value.strip()) if isinstance(text, Known) else value.strip()
    return found


def typed(context: click.Context, name: str) -> bool:
    """Whether a parameter was given on the command line."""
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def stacked(*options: Callable[[FuncT], FuncT]) -> Callable[[FuncT], FuncT]:
    """Several click options as one decorator, in the order given."""

    def mark(function: FuncT) -> FuncT:
        for option in reversed(options):
            function = option(function)
        return function

    return mark


def _known(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    """What is known, behind what was set, wherever it stands on the command line."""
    held = tuple(map(Known, texts))
    context.meta[KNOWN] = held
    if "sets" in context.params:
        context.params["sets"] = (*context.params["sets"], *held)
    return texts


def _set(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    return (*texts, *context.meta.pop(KNOWN, ()))


def edit_options(text: str, letters: str = "") -> Callable[[FuncT], FuncT]:
    """`--set` and `--know`, which a command takes as one: its `sets`, of which some are `Known`."""
    return stacked(
        click.option(
            "--set",
            "sets",
            multiple=True,
            metavar=f"{letters}NAME=PRIOR",
            callback=_set,
            shell_complete=completion.edits,
            help=f"{text} Repeatable.",
        ),
        click.option(
            "--know",
            "known",
            multiple=True,
            metavar=f"{letters}NAME=VALUE",
            callback=_known,
            expose_value=False,
            shell_complete=completion.edits,
            help="Know the value of a prior: correlated ones move, as with --set they do not. Repeatable.",
        ),
    )


prior_options = stacked(
    click.option(
        "--priors",
        "-p",
        multiple=True,
        metavar="SET",
        shell_complete=completion.sets,
        help="Prior set: a shipped name, a name in ./priors or a path. Repeat to layer; the last wins.",
    ),
    click.option(
        "--gpu",
        metavar="NAME",
        shell_complete=completion.gpus,
        help="Kind of GPU: a layer of priors/gpus. [default: h100-sxm]",
    ),
    edit_options("Set one prior over all layers: a distribution or a number."),
)
seed_option = click.option(
    "--seed", type=Count(0, 2**63 - 1), default=DEFAULT_SEED, show_default=True, help="Seed of the draws."
)
sampler_option = click.option(
    "--sampler",
    default="sobol",
    show_default=True,
    metavar="NAME",
    shell_complete=completion.samplers,
    help="sobol: scrambled Sobol points; random: plain Monte Carlo.",
)
threads_option = click.option(
    "--threads", type=Count(1, 1024), show_default="all cores", help="Threads; the numbers stay the same."
)
drawing_options = stacked(
    click.option(
        "--draws",
        "-n",
        type=Count(1, 10**11),
        default=DEFAULT_DRAWS,
        show_default="1 million",
        help="Draws: 1000000, 1e6 or 1M.",
    ),
    seed_option,
    sampler_option,
    threads_option,
    click.option("--exact", is_flag=True, help="Evaluate quantile functions themselves, not their tables."),
)
interval_options = stacked(
    click.option("--ci", type=Share(), default="0.9", show_default=True, help="Probability of the credible interval."),
    click.option(
        "--ci-kind",
        type=click.Choice(["eti", "hdi"]),
        default="eti",
        show_default=True,
        help="Equal-tailed or highest-density.",
    ),
)
json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable result on standard output.")
runs_option = click.option("--runs", "root", metavar="DIR", help="Folder of runs. [default: $SIMULATOR_RUNS or ./runs]")


def _by_letter(texts: tuple[str, ...], count: int, alike: bool) -> dict[str, list[str]]:
    """Option values by position: `B:x` for one, `x` for all, or for the last of positions alike."""
    found: dict[str, list[str]] = {letter: [] for letter in LETTERS[:count]}
    for text in texts:
        match = re.fullmatch(r"([A-Z]):(.*)", text, flags=re.S)
        if match and match[1] not in found:
            raise InputError(f"{quote(text)}: there is no {match[1]} here; the positions are {', '.join(found)}")
        chosen = [match[1]] if match else [LETTERS[count - 1]] if alike else list(found)
        for letter in chosen:
            found[letter].append(type(text)(match[2]) if match else text)
    return found


def edits_by_position(
    names: tuple[str, ...], sets: tuple[str, ...], gpus: tuple[str, ...]
) -> tuple[list[list[str]], list[list[str]]]:
    """The --set and --gpu texts of each position A, B, ...: `B:x` for one, `x` for all, or the last of equals."""
    if len(names) > len(LETTERS):
        raise InputError(f"{len(names)} positions are too many: at most {len(LETTERS)}")
    alike = len(set(names)) == 1
    return tuple(list(_by_letter(texts, len(names), alike).values()) for texts in (sets, gpus))  # type: ignore[return-value]


years_options = stacked(
    click.option("--years", metavar="YEARS", help="Years that the set's trends lead through: 2026:2030 or 2026,2030."),
    click.option("--when", multiple=True, metavar="'NAME > X'", help="First year beyond a threshold. Repeatable."),
)


class Limits(NamedTuple):
    """Thresholds of quantities: `above` those of P(quantity > x), `below` those of P(quantity < x)."""

    above: dict[str, list[float]]
    below: dict[str, list[float]]

    @property
    def asked(self) -> dict[str, list[float]]:
        """The thresholds of P(quantity > x) that all come from: at x or above is above the number next to x."""
        found = {name: list(values) for name, values in self.above.items()}
        for name, values in self.below.items():
            found.setdefault(name, []).extend(math.nextafter(x, -math.inf) for x in values)
        return found


def thresholds(texts: tuple[str, ...]) -> Limits:
    """`inference_h100s > 720k` and `inference_h100s < 720k` texts as thresholds by quantity."""
    found = Limits({}, {})
    for text in texts:
        match = re.fullmatch(r"\s*(first_year\(.*\)|[\w@]+)\s*([<>])\s*(\S.*)", text, flags=re.S)
        if not match:
            raise InputError(
                f"--exceeds {quote(text)}: write 'QUANTITY > NUMBER' or 'QUANTITY < NUMBER', as in "
                "'inference_h100s > 720k'"
            )
        side = found.above if match[2] == ">" else found.below
        side.setdefault(match[1], []).append(parse_number(match[3], "a threshold for --exceeds"))
    return found


def _split(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    """`-q a,b` as `-q a -q b`."""
    names = [name.strip() for text in texts for name in text.split(",")]
    if not all(names):
        raise InputError(f"{parameter.opts[0]} {quote(','.join(texts))}: a name is missing; write NAME,NAME")
    return tuple(names)


def quantity_option(text: str, *names: str) -> Callable[[FuncT], FuncT]:
    """An option that names quantities: again and again, or with commas between them."""
    declared = names or ("--quantity", "-q", "quantities")
    told = f"{text} Repeatable, or NAME,NAME."
    return click.option(
        *declared, multiple=True, metavar="NAME", help=told, callback=_split, shell_complete=completion.quantities
    )


def of_quantity(text: str) -> Callable[[FuncT], FuncT]:
    """`--of`: the one quantity that is looked into."""
    return click.option("--of", metavar="QUANTITY", shell_complete=completion.quantities, help=text)


of_option = of_quantity("Quantity to look into. [default: the last of the headline]")
side_options = stacked(
    edit_options("Set one prior in position B (A, C, ...), or in all.", "[B:]"),
    click.option(
        "--gpu",
        "gpus",
        multiple=True,
        metavar="[B:]NAME",
        shell_complete=completion.gpus,
        help="Kind of GPU in position B, or in all.",
    ),
)
dpi_option = click.option(
    "--dpi", type=Count(40, 1200), default="200", show_default=True, help="Dots to the inch, for PNG."
)
figure_options = stacked(
    click.option(
        "--style",
        default="light",
        show_default=True,
        metavar="NAME",
        shell_complete=completion.one_of("light", "dark", "print"),
        help="light, dark or print.",
    ),
    click.option(
        "--size",
        default="full",
        show_default=True,
        metavar="SIZE",
        help="80mm, 170x110mm, 6x4in; column, full, slide.",
    ),
)
price_options = stacked(
    click.option(
        "--short",
        metavar="USD",
        help="What a missing unit costs an hour, beyond a reserved one: a number or a distribution.",
    ),
    click.option("--idle", metavar="USD", help="What an idle unit of the reserve costs an hour."),
)
plan_option = click.option(
    "--plan", "plans", multiple=True, metavar="NUMBER", help="A reserve to hold against the best one. Repeatable."
)


def planned(texts: tuple[str, ...]) -> tuple[float, ...]:
    """`720k` texts of --plan as numbers."""
    return tuple(parse_number(text, "a reserve for --plan") for text in texts)
