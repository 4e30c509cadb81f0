"""Explain a quantity: formula, inputs down to the priors, and a walk-through in numbers."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ...base import wording
from ...base.numbers import readable
from ...compute.graph import Model, Quantity
from ...compute.models import words
from ...priors.prior import Prior
from ...priors.prior_set import PriorSet
from ..document import GAP, Block, Code, Heading, Indented, Line, Paragraph, Table, View


def medians(chosen: PriorSet) -> dict[str, float]:
    """Each prior at its median."""
    return {name: p.distribution.quantile(0.5) for name, p in chosen.priors.items()}


def everything(model: Model) -> View:
    """All quantities of a model: unit and meaning."""
    data = {q.name: {"unit": q.unit, "text": q.text, "formula": q.formula} for q in model.quantities.values()}
    rows = [[f"{q.name}\n  {q.unit}", q.text] for q in model.quantities.values()]
    command = shlex.join(["simulate", "explain", "NAME", *words(model)])
    told = f"The quantities of {model.name}; '{command}' says how each is made."
    return View((Heading(told), Table(["quantity", "meaning"], rows, left=2)), lambda: data)


def view(chosen: PriorSet, name: str) -> View:
    """One quantity: what it is, how it is made at the priors' medians, and from which priors; or one prior."""
    model = chosen.model
    if name in model.inputs:
        return _prior(chosen, name)
    wanted = model.quantity(name)
    values: dict[str, Any] = medians(chosen) | {c.name: c.value for c in model.constants.values()}
    values |= model.evaluate(values, [name])
    return View(tuple(_blocks(chosen, wanted, values)), lambda: _data(chosen, wanted, values))


def diagram(model: Model, name: str | None = None) -> View:
    """The graph of a quantity, or of all, as a Mermaid flowchart."""
    return View((Code(mermaid(model, name)),))


def _blocks(chosen: PriorSet, wanted: Quantity, values: Mapping[str, Any]) -> Iterator[Block]:
    model, read = chosen.model, [chosen.priors[n] for n in chosen.model.reads([wanted.name])]
    yield Heading(f"{wanted.name} [{wanted.unit}]")
    for paragraph in (inspect.getdoc(wanted.function) or "").split("\n\n"):
        yield Paragraph(" ".join(paragraph.split()))
    yield Heading("With every prior at its median:")
    for q in model.plan([wanted.name]):
        yield Line(q.name)
        filled = [_filled(q, values)] if not q.formula.isidentifier() else []  # one name alone is its value
        for text in (q.formula, *filled, f"{readable(values[q.name])} {_unit(q.unit)}"):
            yield Indented(f"= {text}", 2, 4)
    yield Heading("The median of a quantity is not the quantity of the medians: 'simulate' draws.")
    rows = []
    for prior in read:
        rv = f"\n  {prior.distribution.text}" if prior.uncertain else ""
        shown = f"{readable(prior.distribution.quantile(0.5))} {_unit(prior.unit)}".rstrip()
        rows.append([f"{prior.name}{rv}", shown, prior.grade])
    yield Table(["prior", "median", "grade"], rows, left=2)
    yield from (GAP, Paragraph("Sources:"))
    for prior in read:
        yield Paragraph(f"{prior.name}: {_sourced(prior)}")


def _sourced(prior: Prior) -> str:
    return prior.source + (f". {prior.note}" if prior.note else "")


def _prior(chosen: PriorSet, name: str) -> View:
    prior, target = chosen.priors[name], chosen.model.inputs[name]
    used = [q.name for q in chosen.model.quantities.values() if name in q.inputs]
    data = {
        "name": name,
        "unit": prior.unit,
        "text": target.text,
        "prior": prior.distribution.text,
        "source": prior.source,
        "grade": prior.grade,
        "note": prior.note,
        "read_by": used,
    }
    blocks: list[Block] = [
        Heading(f"{name} [{prior.unit}]: a prior, {target.text}"),
        Indented(prior.distribution.text, 2, 4),
        GAP,
    ]
    if prior.uncertain:
        shown = [f"{wording.percent(p)} {readable(prior.distribution.quantile(p))}" for p in (0.05, 0.5, 0.95)]
        blocks += [Indented(", ".join(shown), 2, 4), GAP]
    blocks += [Paragraph(f"Grade {prior.grade}. {_sourced(prior)}"), Paragraph(f"Read by {', '.join(used)}.")]
    return View(blocks, lambda: data)


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit


def _filled(q: Quantity, values: Mapping[str, Any]) -> str:
    """The formula with the numbers in it."""
    return re.sub(r"[A-Za-z_]\w*", lambda m: readable(values[m[0]]) if m[0] in values else m[0], q.formula)


def _data(chosen: PriorSet, wanted: Quantity, values: Mapping[str, Any]) -> dict[str, Any]:
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
