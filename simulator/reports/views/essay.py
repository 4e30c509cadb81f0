"""The essay's figures beside what the model computes, and its one inconsistency shown as what it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ...analyses.essay import WHY, Figure, counts, demand_both_ways
from ...base.numbers import figures as digits
from ..document import GAP, Block, Heading, Paragraph, Table, View

PRINTED = ("printed", "89,000", "720,000")  # of the two ways, in H100s


def view(rows: Sequence[Figure]) -> View:
    """All figures, the counts, and both ways."""
    return View(tuple(_blocks(rows)), lambda: data(rows))


def data(rows: Sequence[Figure]) -> dict[str, Any]:
    """Plain data of all figures, and of the inconsistency."""
    listed = [asdict(row) | {"verdict": row.verdict} for row in rows]
    return {"figures": listed, "counts": counts(list(rows)), "youtube_penetration": demand_both_ways()}


def _blocks(rows: Sequence[Figure]) -> Iterator[Block]:
    yield Table(["#", "figure of the essay", "printed", "computed", "off by", ""], list(map(_row, rows)), left=2)
    found = counts(list(rows))
    yield Heading(f"{found['holds']} figures hold, {found['chart']} are only charted, {found['fails']} fail.")
    yield from (Paragraph(f"{WHY} Both ways, in H100:"), GAP)
    yield from (ways("MFU 1, flat, 1 candidate", "peak, MFU 0.5, 2 candidates"), GAP)
    yield Paragraph(
        "With 5 %, what is left is rounding: 10.7 million / 120 is 89 thousand, and 8 times the rounded 90 "
        "thousand is 720 thousand. Nothing here is tuned to hit either."
    )


def printed(row: Figure) -> str:
    """What the essay prints, or that it only charts it."""
    return "chart" if row.printed is None else f"{row.printed:,g}"


def _row(row: Figure) -> list[str]:
    off = "" if row.printed is None else f"{100 * (row.computed / row.printed - 1):+.1f} %"
    why = "".join(f"\n  {line}" for line in textwrap.wrap(row.why, 36)) if row.verdict != "fails" else ""
    unit = f"\n  {row.unit}" if row.unit else ""
    return [f"{row.number}", f"{row.text}{unit}{why}", printed(row), digits(row.computed), off, row.verdict]


def ways(flat: str, peak: str) -> Table:
    """H100s for the shares of YouTube that the essay gives, both ways that it counts, headed by these words."""
    shown = [[share, f"{v['flat']:,.0f}", f"{v['peak']:,.0f}"] for share, v in demand_both_ways().items()]
    return Table(["YouTube made by AI", flat, peak], [*shown, list(PRINTED)])
