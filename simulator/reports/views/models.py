"""Compute models: those that there are, and one that was checked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from ...base.wording import counted
from ...compute.graph import Model
from ..document import GAP, Block, Paragraph, Table, View


def models(shipped: Sequence[Model], installed: Mapping[str, str]) -> View:
    """The shipped models, and the installed ones by name, each with where it lies."""
    data = [{"name": m.name, "kind": "shipped", "quantities": len(m.quantities)} for m in shipped]
    rows = [[m.name, "shipped", _size(m)] for m in shipped]
    rows += [[name, "installed", f"by {place}"] for name, place in installed.items()]
    told = "A file of your own is a model too: --model FILE.py; 'simulate models new NAME' writes one to begin with."
    found = [*data, *({"name": n, "kind": "installed", "place": p} for n, p in installed.items())]
    return View((Table(["model", "", ""], rows, left=3), GAP, Paragraph(told)), lambda: found)


def _told(name: str, unit: str, text: str) -> list[str]:
    """A row: the unit beneath the name, and what it means beside both."""
    return [f"{name}\n  {unit}", "\n".join(textwrap.wrap(text, 48))]


def _size(m: Model) -> str:
    count = len(m.quantities)
    return f"{count} {'quantity' if count == 1 else 'quantities'} of {counted(len(m.inputs), 'prior')}"


def checked(m: Model) -> View:
    """A model of one's own that has no mistakes: its priors and quantities, and what is unproved."""
    rows = [_told(q.name, q.unit, q.text) for q in m.quantities.values()]
    free = [q.name for q in m.quantities.values() if not q.proved]
    told = f"{m.name}{f', which extends {m.extends}' if m.extends else ''}: {_size(m)}."
    proof = f"The units of all but {', '.join(free)} are proved." if free else "Every unit is proved."
    priors = [_told(i.name, i.unit, i.text) for i in m.inputs.values()]
    blocks: tuple[Block, ...] = (
        Paragraph(told),
        GAP,
        Table(["quantity", "meaning"], rows, left=2),
        GAP,
        Table(["prior", "meaning"], priors, left=2),
        GAP,
        Paragraph(f"Headline: {', '.join(m.told.headline)}. {proof}"),
        *(Paragraph(text) for text in _remarks(m)),
    )
    data = {
        "name": m.name,
        "extends": m.extends or None,
        "headline": list(m.told.headline),
        "quantities": {q.name: {"unit": q.unit, "text": q.text, "proved": q.proved} for q in m.quantities.values()},
        "priors": {i.name: {"unit": i.unit, "text": i.text} for i in m.inputs.values()},
        "remarks": list(_remarks(m)),
    }
    return View(blocks, lambda: data)


def _remarks(m: Model) -> Iterator[str]:
    """What may be meant so, and mostly is not: a clause of the sentence that leaves its numbers out."""
    for name, text in m.told.story:
        told = text.format("\0median", "\0interval")
        if "\0interval" not in told:
            has = "one {} alone" if "\0median" in told else "no {}"
            yield f"STORY: {text!r} has {has}: of {name} it tells no interval; a second {{}} would."
