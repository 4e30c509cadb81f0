"""Explain a quantity: formula, inputs down to the priors, and a walk-through in numbers."""

from __future__ import annotations

import inspect
import re
from typing import Any

from ...base import wording
from ...base.numbers import readable
from ...compute.graph import Model, Quantity
from ...priors.prior_set import PriorSet
from .. import console
from ..console import print_json


def medians(chosen: PriorSet) -> dict[str, float]:
    """Each prior at its median."""
    return {name: p.distribution.quantile(0.5) for name, p in chosen.priors.items()}


def print_all(model: Model, as_json: bool) -> None:
    """All quantities of a model: unit and meaning."""
    if as_json:
        print_json({q.name: {"unit": q.unit, "text": q.text, "formula": q.formula} for q in model.quantities.values()})
        return
    print(f"The quantities of {model.name}; 'simulate explain NAME' says how each is made.\n")
    console.table(
        ["quantity", "meaning"], [[f"{q.name}\n  {q.unit}", q.text] for q in model.quantities.values()], left=2
    )


def print_one(chosen: PriorSet, name: str, as_json: bool) -> None:
    """One quantity: what it is, how it is made at the priors' medians, and from which priors."""
    model = chosen.model
    if name in model.inputs:
        _print_prior(chosen, name, as_json)
        return
    wanted = model.quantity(name)
    values: dict[str, Any] = medians(chosen) | {c.name: c.value for c in model.constants.values()}
    values |= model.evaluate(values, [name])
    if as_json:
        print_json(_json(chosen, wanted, values))
        return
    print(f"{wanted.name} [{wanted.unit}]\n")
    for paragraph in (inspect.getdoc(wanted.function) or "").split("\n\n"):
        console.say(" ".join(paragraph.split()))
    print("\nWith every prior at its median:\n")
    for q in model.plan([name]):
        print(f"{q.name}")
        text_lines(f"= {q.formula}", f"= {_filled(q, values)}", f"= {readable(values[q.name])} {_unit(q.unit)}")
    print("\nThe median of a quantity is not the quantity of the medians: 'simulate' draws.\n")
    rows = []
    for prior in (chosen.priors[n] for n in model.reads([name])):
        rv = f"\n  {prior.distribution.text}" if prior.uncertain else ""
        unit = "" if prior.unit == "1" else f" {prior.unit}"
        rows.append([f"{prior.name}{rv}", f"{readable(prior.distribution.quantile(0.5))}{unit}", prior.grade])
    console.table(["prior", "median", "grade"], rows, left=2)
    print("\nSources:")
    for prior in (chosen.priors[n] for n in model.reads([name])):
        console.say(f"{prior.name}: {prior.source}" + (f". {prior.note}" if prior.note else ""))


def _print_prior(chosen: PriorSet, name: str, as_json: bool) -> None:
    prior, target = chosen.priors[name], chosen.model.inputs[name]
    used = [q.name for q in chosen.model.quantities.values() if name in q.inputs]
    if as_json:
        print_json(
            {
                "name": name,
                "unit": prior.unit,
                "text": target.text,
                "prior": prior.distribution.text,
                "source": prior.source,
                "grade": prior.grade,
                "note": prior.note,
                "read_by": used,
            }
        )
        return
    print(f"{name} [{prior.unit}]: a prior, {target.text}\n\n  {prior.distribution.text}\n")
    if prior.uncertain:
        shown = [f"{wording.percent(p)} {readable(prior.distribution.quantile(p))}" for p in (0.05, 0.5, 0.95)]
        print(f"  {', '.join(shown)}\n")
    console.say(f"Grade {prior.grade}. {prior.source}" + (f". {prior.note}" if prior.note else ""))
    console.say(f"Read by {', '.join(used)}.")


def text_lines(*lines: str) -> None:
    """Indented lines, wrapped."""
    import textwrap

    for line in lines:
        print(textwrap.fill(line, console.WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False))


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _filled(q: Quantity, values: dict[str, Any]) -> str:
    """The formula with the numbers in it."""
    return re.sub(r"[A-Za-z_]\w*", lambda m: readable(values[m[0]]) if m[0] in values else m[0], q.formula)


def _json(chosen: PriorSet, wanted: Quantity, values: dict[str, Any]) -> dict[str, Any]:
    model = chosen.model
    steps = [
        {"name": q.name, "unit": q.unit, "formula": q.formula, "text": q.text, "at_medians": values[q.name]}
        for q in model.plan([wanted.name])
    ]
    read = {n: chosen.priors[n] for n in model.reads([wanted.name])}
    return {
        "name": wanted.name,
        "unit": wanted.unit,
        "text": wanted.text,
        "formula": wanted.formula,
        "steps": steps,
        "priors": {
            n: {
                "prior": p.distribution.text,
                "median": values[n],
                "unit": p.unit,
                "source": p.source,
                "grade": p.grade,
                "note": p.note,
            }
            for n, p in read.items()
        },
    }


def mermaid(model: Model, name: str | None = None) -> str:
    """The graph of a quantity (or of all) as a Mermaid flowchart: priors round, quantities square."""
    shown = model.plan([name] if name else list(model.quantities))
    lines = ["flowchart LR"]
    read = {i for q in shown for i in q.inputs if i in model.inputs}
    lines += [f"  {i}([{i}])" for i in model.inputs if i in read]
    lines += [f'  {q.name}["{q.name}<br/>{q.unit}"]' for q in shown]
    lines += [f"  {i} --> {q.name}" for q in shown for i in q.inputs if i not in model.constants]
    return "\n".join(lines)
