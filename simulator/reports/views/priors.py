"""Prior sets: one of them in full, and the lists of sets and of GPUs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...base.numbers import readable
from ...base.wording import counted, unit_words
from ...priors.prior import NOT_GIVEN, Prior
from ...priors.prior_set import PriorSet
from ..document import GAP, Block, Paragraph, Table, View


@dataclass(frozen=True)
class Listed:
    """A prior file in the list of sets; its `kind` is "gpus" for the GPUs."""

    kind: str
    name: str
    path: Path
    title: str


@dataclass(frozen=True)
class Gpu:
    """A GPU layer: its priors by name, and its peak over an H100's."""

    name: str
    h100s: float
    layer: dict[str, Prior]


def sets(found: Sequence[Listed]) -> View:
    """The prior sets and the kinds of GPU."""
    data = [{"name": x.name, "kind": "gpu" if x.kind else "set", "path": str(x.path), "title": x.title} for x in found]
    plain, gpus = ([[x.name, x.title] for x in found if bool(x.kind) == kind] for kind in (False, True))
    blocks = (Table(["prior set", "title"], plain, left=2), GAP, Table(["--gpu", "title"], gpus, left=2))
    return View(blocks, lambda: data)


def view(chosen: PriorSet, sources: bool = False) -> View:
    """A resolved prior set with its implied quantiles, and its `sources` if they are asked for."""
    return View(tuple(_blocks(chosen, sources)), lambda: chosen.to_json() | {"digest": chosen.digest})


def _blocks(chosen: PriorSet, sources: bool) -> Iterator[Block]:
    yield Paragraph(f"{chosen.title} (variant {chosen.model.name}; layers: {', '.join(chosen.layers)})")
    yield from (GAP, table(chosen))
    yield from _over_years(chosen)
    for pair, rho in chosen.active.items():
        ground = chosen.grounds.get(pair, {})
        told = f", grade {ground['grade']}: {ground['source']}" if ground and sources else ""
        yield Paragraph(f"rank correlation of {', '.join(pair)}: {rho:g}{told}")
    for p in chosen.priors.values() if sources else ():
        yield GAP
        yield Paragraph(f"{p.name} = {p.distribution.text} [{p.unit}], grade {p.grade}, from {p.origin}")
        yield Paragraph(f"  {p.source}" + (f" - {p.note}" if p.note else ""))
    for t in chosen.trends.values() if sources else ():
        g = t.growth
        yield from (GAP, Paragraph(f"{g.name} = {g.distribution.text}, grade {g.grade}, from {g.origin}"))
        yield Paragraph(f"  {g.source}" + (f" - {g.note}" if g.note else ""))
    for line in chosen.plausible.values() if sources else ():
        yield from (GAP, Paragraph(f"plausible.{line.quantity}, grade {line.grade}, from {line.origin}"))
        yield Paragraph(f"  {line.source}" + (f" - {line.note}" if line.note else ""))


def _over_years(chosen: PriorSet) -> Iterator[Block]:
    """The trends of a set, and what it says of how large a quantity can plausibly be."""
    if chosen.trends:
        yield from (GAP, _trends(chosen))
    for line in chosen.plausible.values():
        unit = f" {unit_words(line.unit)}" if line.unit != "1" else ""
        bounds = ", ".join(f"{readable(value, most=3)}{unit} in {year}" for year, value in line.most)
        yield Paragraph(f"plausible at most for {line.quantity}: {bounds} ({line.label})")


def _trends(chosen: PriorSet) -> Table:
    """What priors grow by a year, the sd of a year's chance, and the year from which they do."""
    rows = []
    for name, t in chosen.trends.items():
        quantiles = (readable(t.growth.distribution.quantile(q), most=3) for q in (0.05, 0.5, 0.95))
        rows.append([name, *quantiles, f"{t.noise:g}" if t.noise else "", str(t.start), t.growth.grade])
    return Table(["factor a year", "5 %", "median", "95 %", "noise", "from", "grade"], rows)


def checked(chosen: PriorSet) -> View:
    """A prior set that was found to be good."""
    told = f"{chosen.name}: good; {len(chosen.priors)} priors, {len(chosen.uncertain)} of them uncertain"
    told += f"; {counted(len(chosen.trends), 'trend')}" if chosen.trends else ""
    return View((table(chosen), *_over_years(chosen), GAP, Paragraph(told)))


def table(chosen: PriorSet) -> Table:
    """The priors of a set: distribution, implied quantiles, unit and grade."""
    rows = []
    for p in chosen.priors.values():
        quantiles = [p.distribution.quantile(q) for q in (0.05, 0.5, 0.95)]
        known = "not given" if p.source == NOT_GIVEN else readable(quantiles[1], most=6)
        shown = [readable(q, most=3) for q in quantiles] if p.uncertain else ["", known, ""]
        lines = _in_lines(p.distribution.text, 29) if p.uncertain else []
        lines = [*lines[:3], "..."] if len(lines) > 4 else lines
        name = "\n  ".join([p.name, *lines, *([p.unit] if p.unit != "1" else [])])
        rows.append([name, *shown, "" if p.source == NOT_GIVEN else p.grade])
    return Table(["prior", "5 %", "median", "95 %", "grade"], rows)


def _in_lines(text: str, width: int) -> list[str]:
    """A distribution in lines, which end behind a comma, a blank or an opening bracket, where that can be."""
    lines = [""]
    for piece in re.findall(r"[^ ,(]*[ ,(]? ?", text):
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [part for line in lines for part in textwrap.wrap(line, width)]


def gpus(found: Sequence[Gpu]) -> View:
    """The kinds of GPU: peak, power and price, and the count that is worth one H100."""
    blocks = (
        Table(["--gpu", "TFLOP/s", "H100s", "watts", "USD an hour", "grades"], list(map(_gpu_row, found))),
        GAP,
        Paragraph(
            "Medians: peak dense BF16 rate, its share of an H100's, power of the chip, and rental price with its 5 % "
            "and 95 % points; the evidence grades are of the three in turn."
        ),
    )
    return View(blocks, lambda: list(map(_gpu_data, found)))


def _gpu_row(gpu: Gpu) -> list[str]:
    peak, power, price = (p.distribution.quantile(0.5) for p in gpu.layer.values())
    low, high = (readable(gpu.layer["gpu_price"].distribution.quantile(q), most=2) for q in (0.05, 0.95))
    return [
        gpu.name,
        readable(peak / 1e12, most=5),
        readable(gpu.h100s, most=3),
        readable(power, most=3),
        f"{readable(price, most=2)} ({low} to {high})",
        "".join(p.grade for p in gpu.layer.values()),
    ]


def _gpu_data(gpu: Gpu) -> dict[str, Any]:
    about = {
        n: {
            "prior": p.distribution.text,
            "unit": p.unit,
            "median": p.distribution.quantile(0.5),
            "source": p.source,
            "grade": p.grade,
            "note": p.note,
        }
        for n, p in gpu.layer.items()
    }
    return {"name": gpu.name, "h100_equivalents": gpu.h100s} | about
