"""Pages of reference as Markdown, made from the program itself: what is added there stands here."""

import importlib
import inspect

from simulator import __all__ as public
from simulator.cli.main import main
from simulator.compute.headline import HEADLINE
from simulator.compute.inputs import CONSTANTS
from simulator.compute.variants import VARIANTS, model
from simulator.distributions.families import FAMILIES, describe
from simulator.priors.files import available
from simulator.priors.load import load_priors

PUBLIC = {
    "Draw": ["simulate", "load_priors", "known", "Run", "PriorSet"],
    "Ask": ["compare", "attribute", "sensitivity", "total_sensitivity", "whatif", "reserve", "reserve_by_year", "own"],
    "Learn from what is published": ["condition", "pool", "backtest", "calibrate"],
    "A model of your own": ["quantity", "Input", "Constant", "load_model"],
    "Show and keep": ["plot", "report", "explore", "rerun"],
    "Errors": ["SimulateError", "InputError", "RunError"],
}
RETURNED = """## What they return

The results of the verbs are frozen; each has `to_dataset()`, `to_json()` and `to_pandas()`, and shows itself in a
notebook.

"""
RESULTS = {
    "statistics.summary": ["Summary"],
    "statistics.estimators": ["Estimate"],
    "analyses.comparison": ["Comparison", "Contrast"],
    "analyses.attribution": ["Attribution"],
    "analyses.sensitivity": ["Sensitivity", "Driver"],
    "analyses.reserve": ["Reserve"],
    "plots.figure": ["Figured"],
}


def code(text: str) -> str:
    """Text as code within a line."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def cell(text: str) -> str:
    """Text that stays within a cell of a table."""
    return " ".join(text.split()).replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def linked(variant: str, names: list[str], known) -> str:
    """Names as links to where a page of a variant says what they are."""
    return ", ".join(f"[{code(n)}](#{variant}-{n})" if n in known else code(n) for n in names) or "nothing"


def variant(name: str) -> str:
    """Every quantity of a variant: unit, formula, what it is made from and what is made from it; and its priors."""
    made = model(name)
    readers = {n: [q.name for q in made.quantities.values() if n in q.inputs] for n in (*made.inputs, *made.quantities)}
    known = {*made.inputs, *made.quantities}
    parts = ["## Quantities\n", _overview(name), "\n"]
    for q in made.quantities.values():
        if not q.text:
            raise ValueError(f"{q.name} has no sentence that says what it is")
        told = " ".join((inspect.getdoc(q.function) or "").split())
        parts.append(
            f"({name}-{q.name})=\n### {q.name}\n\n{cell(told)}\n\n```text\n{q.name} = {q.formula}\n```\n\n"
            f"Unit {code(q.unit)}. Made from {linked(name, list(q.inputs), known)}. "
            f"Read by {linked(name, readers[q.name], known)}.\n\n"
        )
    parts.append("## Priors\n\n")
    for i in made.inputs.values():
        if not i.text:
            raise ValueError(f"{i.name} has no text that says what it is")
        later = f" A set that was written without it is read with {i.neutral:g}." if i.neutral is not None else ""
        parts.append(
            f"({name}-{i.name})=\n### {i.name}\n\n{cell(i.text[0].upper() + i.text[1:])}. Unit {code(i.unit)}. "
            f"Read by {linked(name, readers[i.name], known)}.{later}\n\n"
        )
    rows = [[code(c.name), f"{c.value:g}", code(c.unit), cell(c.text)] for c in made.constants.values()]
    return "".join(parts) + "## Constants\n\n" + table(["constant", "value", "unit", "what it is"], rows)


def _overview(name: str) -> str:
    """The headline of a variant, as a table of links."""
    made = model(name)
    rows = [
        [linked(name, [n], made.quantities), code(made.quantities[n].unit), made.quantities[n].text] for n in HEADLINE
    ]
    return "\nThe headline:\n\n" + table(["quantity", "unit", "what it is"], rows)


def sets() -> str:
    """Every shipped prior set: what it says of each prior, and why."""
    parts = []
    for name in available():
        chosen = load_priors(name)
        variant_page = f"[{code(chosen.model.name)}]({chosen.model.name}.md)"
        parts.append(f"## {name}\n\n{cell(chosen.title)}. Variant {variant_page}.\n\n")
        for p in chosen.priors.values():
            unit = "" if p.unit == "1" else f" {code(p.unit)}"
            told = f"{cell(p.source)}. {cell(p.note)}" if p.note else cell(p.source)
            link = f"[{code(p.name)}](#{chosen.model.name}-{p.name})"
            parts.append(f"{link}\n: {code(p.distribution.text)}{unit}. Grade {p.grade}. {told}\n\n")
    return "".join(parts)


def families() -> str:
    """Every family of distributions and the ways to write it."""
    rows = []
    for name, ways_to in FAMILIES.items():
        ways = ", ".join(code(way) for way in describe(name).split(" or "))
        rows.append([name, ways, cell((inspect.getdoc(ways_to[0].function) or "").split("\n")[0])])
    return table(["family", "ways to write it", "what it is"], rows)


def constants() -> str:
    """The shipped constants, which a model of one's own may read by their names."""
    rows = [[code(c.name), f"{c.value:g}", code(c.unit), cell(c.text)] for c in CONSTANTS]
    return table(["constant", "value", "unit", "what it is"], rows)


def commands(group=main, path=("simulate",)):
    """Every command as a path of words and what click knows of it, the group itself first."""
    yield path, group
    for name in getattr(group, "list_commands", lambda _: ())(None):
        yield from commands(group.get_command(None, name), (*path, name))


def command_pages() -> str:
    """Every command with its options, by sphinx-click."""
    parts = []
    for path, command in commands():
        if path[1:] and hasattr(command, "list_commands"):
            continue  # a group that only holds others
        where = f"{command.callback.__module__}:{command.callback.__name__}"
        parts.append(f"```{{eval-rst}}\n.. click:: {where}\n   :prog: {' '.join(path)}\n   :nested: none\n```\n\n")
    return "".join(parts)


def api() -> str:
    """The public names and the results that they return, by autodoc."""
    parts = []
    for title, names in PUBLIC.items():
        parts.append(f"## {title}\n\n" + "".join(_auto("simulator", name) for name in names))
    parts.append(RETURNED)
    parts += [_auto(f"simulator.{module}", name) for module, names in RESULTS.items() for name in names]
    return "".join(parts)


def unplaced() -> set[str]:
    """The public names that no part of the reference holds."""
    return {*public} - {name for names in PUBLIC.values() for name in names} - {"__version__"}


def _auto(module: str, name: str) -> str:
    """A directive for one name."""
    found = getattr(importlib.import_module(module), name)
    kind = "class" if inspect.isclass(found) else "function"
    kind = "exception" if kind == "class" and issubclass(found, BaseException) else kind
    members = "   :members:\n   :exclude-members: __init__\n" if kind == "class" else ""
    return f"```{{eval-rst}}\n.. auto{kind}:: {module}.{name}\n{members}```\n\n"


def variants() -> list[str]:
    """The names of the variants, each of which has a page."""
    return list(VARIANTS)
