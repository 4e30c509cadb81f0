"""What a shell completes: sets, GPUs, cases, runs, quantities, priors and kinds of plots. Loads what it lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from click import Context, Parameter

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..compute.graph import Model

Complete = Callable[[Context, Parameter, str], list["CompletionItem"]]


def _item(value: str, **told: str) -> CompletionItem:
    from click.shell_completion import CompletionItem

    return CompletionItem(value, **told)


def _items(names: Iterable[str], incomplete: str, before: str = "", after: str = "") -> list[CompletionItem]:
    return [_item(f"{before}{n}{after}") for n in dict.fromkeys(names) if n.startswith(incomplete)]


def _positioned(incomplete: str) -> tuple[str, str]:
    """`B:h1` as the position and what is begun behind it."""
    if incomplete[1:2] == ":" and incomplete[:1].isupper():
        return incomplete[:2], incomplete[2:]
    return "", incomplete


def _files(kind: str) -> Complete:
    def complete(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
        from ..priors.files import available

        before, begun = _positioned(incomplete)
        if "/" in begun:
            return [_item(incomplete, type="file")]
        return _items(available(kind), begun, before)

    return complete


gpus, cases, _sets = _files("gpus"), _files("cases"), _files("")


def sets(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Prior sets; behind a `+` those that may lie above, and the GPUs."""
    below, plus, begun = incomplete.rpartition("+")
    found = _sets(context, parameter, begun) + (gpus(context, parameter, begun) if plus else [])
    return [_item(f"{below}{plus}{item.value}", type=item.type) for item in found]


def members(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Prior sets, behind which a weight stands."""
    return [_item(f"{item.value}:") for item in sets(context, parameter, incomplete)]


def runs(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Stored runs, and `latest`."""
    from ..runs import store

    found = [path.name for path in store.folders(store.root_of(context.params.get("root")))]
    return _items([*(["latest"] if found else []), *reversed(found)], incomplete)


def sides(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Prior sets, layers and stored runs."""
    return sets(context, parameter, incomplete) + runs(context, parameter, incomplete)


def quantities(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Quantities of the sets that were named, else of any variant; behind a comma another one."""
    before, comma, begun = incomplete.rpartition(",")
    return _items((q for m in _models(context) for q in m.quantities), begun.strip(), before + comma)


def explained(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Quantities and priors."""
    return quantities(context, parameter, incomplete) + priors(context, parameter, incomplete)


def priors(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Priors of the sets that were named; behind a comma another one."""
    before, comma, begun = incomplete.rpartition(",")
    return _items((n for m in _models(context) for n in m.inputs), begun.strip(), before + comma)


def learned(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Priors, the prices, or all; behind a comma another one."""
    before, comma, begun = incomplete.rpartition(",")
    return _items(["all", "short", "idle"], begun.strip(), before + comma) + priors(context, parameter, incomplete)


def edits(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """`NAME=` of a prior to set, behind `B:` too."""
    before, begun = _positioned(incomplete)
    return _items((n for m in _models(context) for n in m.inputs), begun, before, "=")


def facts(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """`NAME=` of a quantity that a fact is about."""
    return _items((q for m in _models(context) for q in m.quantities), incomplete, after="=")


def kinds(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds of plots, and what each shows."""
    from ..plots.figure import KINDS

    return [_item(k.name, help=k.text) for k in KINDS.values() if k.name.startswith(incomplete)]


def samplers(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The samplers."""
    from ..engine.sampling.points import SAMPLERS

    return _items(SAMPLERS, incomplete)


def one_of(*names: str) -> Complete:
    """Some fixed names."""
    return lambda context, parameter, incomplete: _items(names, incomplete)


def _models(context: Context) -> list[Model]:
    """The models of the sets and runs that click has read so far, or all models where there are none."""
    from ..analyses.sides import resolve
    from ..base.errors import InputError
    from ..compute.variants import VARIANTS, model
    from ..runs.run import Run

    found = []
    for name in (n for key in ("priors", "names", "name") for n in _listed(context.params.get(key))):
        try:
            side = resolve(name, context.params.get("root"))
        except InputError:
            continue
        found.append((side.priors if isinstance(side, Run) else side).model)
    return found or [model(name) for name in VARIANTS]


def _listed(value: object) -> list[str]:
    names = value if isinstance(value, list | tuple) else [value]
    return [n for n in names if isinstance(n, str)]
