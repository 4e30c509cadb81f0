"""A calibration: what was fitted, from which cases, and the scores that it earned on models that it had not seen."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...analyses.calibrated_set import Calibration
from ...analyses.calibration import Fit, Row, entries, ties
from ...base.numbers import rounded
from ...base.wording import counted
from ..document import GAP, Block, Heading, Paragraph, Table, View
from .backtest import CONTROL, COVERAGE_HEADS, SCORE_HEADS, SCORES, score_rows

HEADS = ("case", "family", "utilization", "known to")
EXPLAINED = (
    "Utilization: the share of the GPU's peak that explains the published GPU time, with what encoders or decoder take "
    "of it left out; published where a case tells it (*). Known to: the factor (one standard deviation) by which what "
    "is not known of the case leaves it open."
)


def view(found: Calibration, out: str = "") -> View:
    """The fits, their cases and their scores; `out` is the file that was written."""
    return View(tuple(_blocks(found, out)), found.to_json)


def _blocks(found: Calibration, out: str) -> Iterator[Block]:
    left = f", without {', '.join(found.left_out)}" if found.left_out else ""
    yield Paragraph(f"{', '.join(found.base)}, calibrated to {counted(len(found.cases), 'published case')}{left}")
    for each in found.fits:
        yield Heading(f"{each.side.about}:")
        yield Table(HEADS, [_case(row) for row in each.rows], left=2)
        yield from (GAP, Table(("fitted",), _fitted(each)), GAP)
        p = each.posterior
        yield Paragraph(
            f"Families lie off by a factor {math.exp(p.family):.2f}, models within a family by "
            f"{math.exp(p.residual):.2f} (one standard deviation)."
        )
        for (a, b), rho in ties(each).items():
            yield Paragraph(f"rank correlation of {a}, {b}: {rho:g}")
    yield from (GAP, Paragraph(EXPLAINED))
    yield Heading("Scores, each case predicted by a fit that has not seen its family:")
    rows = score_rows(found.backtest)
    yield from (Table(COVERAGE_HEADS, [row[:4] for row in rows]), GAP)
    yield from (Table(SCORE_HEADS, [[row[0], *row[4:]] for row in rows]), GAP, Paragraph(SCORES))
    yield from (GAP, Paragraph(CONTROL))
    if out:
        yield from (GAP, Paragraph(f"Written to {out}; use it with: simulate --priors {out}"))


def _case(row: Row) -> list[str]:
    sd = math.sqrt(row.variance)
    name = row.case.name + ("*" if row.published else "")
    return [name, row.case.family, rounded(math.exp(row.y), None, 3), f"x {math.exp(sd):.2f}" if sd else "exactly"]


def _fitted(each: Fit) -> list[list[str]]:
    return [[f"{name}\n  {text}"] for name, text in entries(each).items()]
