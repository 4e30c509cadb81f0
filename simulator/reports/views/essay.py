"""The essay's figures beside what the model computes."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from typing import Any

from ...analyses.essay import WHY, Figure, counts, demand_both_ways
from ...base.numbers import figures as digits
from .. import console


def to_json(rows: list[Figure]) -> dict[str, Any]:
    """Plain data of all figures, and of the inconsistency."""
    listed = [asdict(row) | {"verdict": row.verdict} for row in rows]
    return {"figures": listed, "counts": counts(rows), "youtube_penetration": demand_both_ways()}


def print_report(rows: list[Figure]) -> None:
    """The table, the counts, and the inconsistency shown as what it is."""
    lines = []
    for row in rows:
        printed = "chart" if row.printed is None else f"{row.printed:,g}"
        off = "" if row.printed is None else f"{100 * (row.computed / row.printed - 1):+.1f} %"
        why = "".join(f"\n  {line}" for line in textwrap.wrap(row.why, 36))
        unit = f"\n  {row.unit}" if row.unit else ""
        lines.append(
            [
                f"{row.number}",
                f"{row.text}{unit}{why if row.verdict != 'fails' else ''}",
                printed,
                digits(row.computed),
                off,
                row.verdict,
            ]
        )
    console.table(["#", "figure of the essay", "printed", "computed", "off by", ""], lines, left=2)
    found, both = counts(rows), demand_both_ways()
    print(f"\n{found['holds']} figures hold, {found['chart']} are only charted, {found['fails']} fail.\n")
    console.say(f"{WHY} Both ways, in H100:")
    print()
    console.table(
        ["YouTube made by AI", "MFU 1, flat, 1 candidate", "peak, MFU 0.5, 2 candidates"],
        [[share, f"{v['flat']:,.0f}", f"{v['peak']:,.0f}"] for share, v in both.items()]
        + [["printed", "89,000", "720,000"]],
    )
    print()
    console.say(
        "With 5 %, what is left is rounding: 10.7 million / 120 is 89 thousand, and 8 times the rounded 90 "
        "thousand is 720 thousand. Nothing here is tuned to hit either."
    )
