"""A prior set as a table."""

from __future__ import annotations

from typing import Any


def prior_table(chosen: Any) -> None:
    """Print the priors of a set: distribution, implied quantiles, unit and grade."""
    import textwrap

    from ...base.numbers import readable
    from .. import console

    rows = []
    for p in chosen.priors.values():
        quantiles = [p.distribution.quantile(q) for q in (0.05, 0.5, 0.95)]
        shown = [readable(q, most=3) for q in quantiles] if p.uncertain else ["", readable(quantiles[1], most=6), ""]
        lines = textwrap.wrap(p.distribution.text, 29) if p.uncertain else []
        lines = [*lines[:3], "..."] if len(lines) > 4 else lines
        name = "\n  ".join([p.name, *lines, *([p.unit] if p.unit != "1" else [])])
        rows.append([name, *shown, p.grade])
    console.table(["prior", "5 %", "median", "95 %", "grade"], rows)
