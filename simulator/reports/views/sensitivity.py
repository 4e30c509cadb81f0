"""Which priors drive a quantity, and what to find out next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...analyses.result import plain
from ...analyses.sensitivity import Driver, Sensitivity
from ...analyses.sobol_indices import Index, Stressed
from ...base.numbers import readable, rounded, scale_of
from ...compute.years import YEAR
from ...runs.run import Run
from ...statistics.estimators import COVER, Estimate
from .. import phrases
from ..document import GAP, Block, Heading, Paragraph, Table, View
from ..phrases import factor_of, number
from ..plausibility import Beyond, beyond_of, remarked

WIDE = 30  # columns of a tornado's bars


@dataclass(frozen=True)
class Stress:
    """Rows of a quantity under a rank correlation of pairs of priors, and the correlations that cannot be."""

    pairs: Sequence[tuple[str, str]]
    rows: Sequence[Stressed]
    impossible: Sequence[float]


@dataclass(frozen=True)
class Rests:
    """What a quantity rests on: its drivers, and what was asked for beside them.

    `whence` says of which set and draws, `notes` what is unusual in them; `tied` where priors are correlated, so that
    indices stand for groups. `trust` says how far its interval can be trusted, `remarks` what of it is not plausible.
    """

    found: Sensitivity
    shares: Mapping[str, Estimate] = field(default_factory=dict)
    whence: str = ""
    indices: Sequence[Index] = ()
    tied: bool = False
    stress: Stress | None = None
    notes: Sequence[str] = ()
    trust: str = ""
    remarks: Sequence[Beyond] = ()


def of_run(run: Run, found: Sensitivity) -> Rests:
    """What a quantity of a run rests on, without what is drawn anew."""
    remarks = beyond_of(run, [found.quantity])
    return Rests(found, found.by_grade, notes=run.notes, trust=run.priors.trust, remarks=remarks)


def view(rests: Rests) -> View:
    """What to find out next, every driver with its errors, and indices, shares by grade and stress."""
    return View(tuple(_blocks(rests)), lambda: data(rests))


def _blocks(rests: Rests) -> Iterator[Block]:
    found = rests.found
    unit = "" if found.unit in ("1", YEAR) else found.unit
    now = f"{phrases.dateable(readable(*found.median, 4 + (found.unit == YEAR)), found.unit)} {unit}".strip()
    yield from (Paragraph(next_to_find_out(found)), GAP)
    yield from (Paragraph(f"{found.quantity}: {now}; {rests.whence}."), GAP)
    yield from (driver_table(found), GAP)
    yield from map(Paragraph, driver_notes(found))
    yield from _tornado(found)
    if found.threshold is not None:
        yield from _tail(found, found.threshold)
    if rests.indices:
        yield Heading("Indices by new draws" + (", correlated priors together:" if rests.tied else ":"))
        rows = [["\n  + ".join(i.names), *map(_index, (i.first, i.total, i.interaction))] for i in rests.indices]
        yield Table(["prior", "first order", "total order", "interactions"], rows)
    if rests.shares:
        yield from (GAP, _grades(rests.shares, not rests.tied))
    if rests.stress:
        yield from _stressed(rests.stress, found)
    yield from remarked(rests.remarks)
    yield from (GAP, Paragraph(rests.trust)) if rests.trust else ()


def next_to_find_out(found: Sensitivity) -> str:
    """The first line: what to find out next, in words."""
    best = found.drivers[0]
    if found.unit == YEAR:
        return (
            f"What to find out next: {best.name}. Of all priors {found.quantity} goes most with it: their rank "
            f"correlation is {number(best.rank)}."
        )
    now, then = (factor_of(e.value) if found.log else e.value for e in (found.width, best.width))
    kind = "a factor " if found.log else "a width of "
    now_text, then_text = (rounded(x, None, 3) for x in (now, then))
    told = (
        f"What to find out next: {best.name}. Knowing it exactly would shrink the 90 % interval of "
        f"{found.quantity} from {kind}{now_text} to {kind}{then_text} in expectation"
    )
    if best.threshold is not None and found.threshold is not None:
        told += (
            f", and would change the answer to '{found.quantity} > {readable(found.threshold)}' with "
            f"probability {rounded(*best.threshold.flip, 2)}"
        )
    return told + "."


def driver_table(found: Sensitivity) -> Table:
    """A row for each driver, the one to find out next first."""
    rows = [
        [d.name + ("*" if d.correlated else ""), _share(d), _left(d, found.log), number(d.rank), d.grade]
        for d in found.drivers
    ]
    return Table(("prior", "share of variance", "interval left", "rank corr.", "grade"), rows, stack=True)


def driver_notes(found: Sensitivity) -> list[str]:
    """What the columns of the drivers' table mean."""
    scale = "the logarithm, on which factors add up" if found.log else "the quantity itself"
    notes = [
        f"Of {found.draws:,} draws. Share: first-order share of the variance of {scale}. "
        + "Interval left: the 90 % interval's expected "
        + ("factor" if found.log else "width")
        + " once the prior is known; it is now "
        + ("a factor " if found.log else "")
        + f"{number(_opened(found.width, found.log))}."
    ]
    if found.never is not None:
        share = number(Estimate(100 * found.never.value, 100 * found.never.mcse))
        notes.append(f"In {share} % of the worlds it is never reached: they count as the last year.")
    if found.withheld:
        notes.append(
            f"No shares: {found.withheld}, so that shares would change with the draws by more than their errors."
        )
    if any(d.correlated for d in found.drivers):
        notes.append("* correlated: its share is not its own and does not add up; see the grouped indices.")
    return notes


def _share(d: Driver) -> str:
    if d.first is None:
        return "not valid*" if d.correlated else "-"
    return f"{number(Estimate(100 * d.first.value, 100 * d.first.mcse))} %" if d.distinguishable else "not above 0"


def _left(d: Driver, log: bool) -> str:
    return ("x " if log else "") + number(_opened(d.width, log))


def _opened(width: Estimate, log: bool) -> Estimate:
    """A width on the logarithmic scale as the factor that it stands for."""
    value = factor_of(width.value)
    return Estimate(value, value * width.mcse) if log else width


def _grades(shares: Mapping[str, Estimate], interactions: bool) -> Paragraph:
    """The share of the uncertainty that rests on priors of each evidence grade."""
    parts = [f"{grade} {number(Estimate(100 * e.value, 100 * e.mcse), most=3)} %" for grade, e in shares.items()]
    rest = 1.0 - sum(e.value for e in shares.values())
    error = math.hypot(*(e.mcse for e in shares.values()))
    if interactions and rest > 2 * error:
        parts.append(f"interactions between priors {number(Estimate(100 * rest, 100 * error), most=2)} %")
    return Paragraph(f"The uncertainty by evidence grade: {', '.join(parts)}.")


def _tornado(found: Sensitivity) -> Iterator[Block]:
    power, word = phrases.shared_scale(found.median.value, *(e.value for d in found.drivers for e in (d.low, d.high)))
    yield Heading(f"Tornado: the median{f' ({word})' if word else ''} with one prior alone at its 5 % and at its 95 %:")
    ends = [(d.low.value, d.high.value) for d in found.drivers]
    position = math.log if found.log and min(min(e) for e in ends) > 0 else float  # a forged run's may be below 0
    low, high = position(min(min(e) for e in ends)), position(max(max(e) for e in ends))

    def at(x: float) -> int:
        return round((position(x) - low) / max(high - low, 1e-300) * (WIDE - 1))

    rows = []
    for d in sorted(found.drivers, key=lambda d: -abs(position(d.high.value) - position(d.low.value))):
        a, b = sorted((at(d.low.value), at(d.high.value)))
        bar = " " * a + "=" * (b - a + 1)
        most = 5 if found.unit == YEAR else 4
        shown = [phrases.dateable(number(e, power, most), found.unit) for e in (d.low, d.high)]
        rows.append([d.name, bar.ljust(WIDE), *shown])
    yield Table(["prior", "", "at 5 %", "at 95 %"], rows, left=2)


def _tail(found: Sensitivity, threshold: float) -> Iterator[Block]:
    share = number(found.share_above or Estimate(0.0, 0.0))
    yield Heading(f"What drives {found.quantity} > {readable(threshold)} (P = {share}):")
    rows = []
    for d in sorted(found.drivers, key=lambda d: -(d.threshold.distance.value if d.threshold else 0.0)):
        if d.threshold:
            shown = [rounded(x, None, 3) if math.isfinite(x) else "-" for x in (d.threshold.below, d.threshold.above)]
            rows.append([d.name, *shown, number(d.threshold.distance, most=3), number(d.threshold.flip, most=2)])
    yield from (Table(["prior", "median within", "median beyond", "distance", "P(flip)"], rows), GAP)
    yield Paragraph(
        "Distance: the largest gap between the prior's distribution in the worlds beyond and in all. P(flip): "
        "that knowing the prior changes on which side most worlds lie."
    )


def _index(e: Estimate) -> str:
    return f"{number(Estimate(100 * e.value, 100 * e.mcse))} %" if e.value > COVER * e.mcse else "not above 0"


def _stressed(stress: Stress, found: Sensitivity) -> Iterator[Block]:
    """How p5, p95 and the interval's width move with a rank correlation."""
    pairs = "; ".join(", ".join(p) for p in stress.pairs)
    yield Heading(f"{found.quantity} under a rank correlation of {pairs}:")
    power, word = scale_of(stress.rows[0].high.value) if stress.rows else (0, "")
    shown = [[f"{r.rho:+.1f}", number(r.low, power), number(r.high, power), number(r.width)] for r in stress.rows]
    name = f"({word})" if word else ""
    yield Table(["rank correlation", f"5 % {name}".strip(), "95 %", "factor" if found.log else "width"], shown)
    if stress.impossible:
        told = ", ".join(f"{rho:+.1f}" for rho in stress.impossible)
        yield Paragraph(f"Not possible beside the other correlations: {told}.")


def data(rests: Rests) -> dict[str, Any]:
    """The drivers of a quantity, with indices, shares by grade and stressed correlations."""
    rows = rests.stress.rows if rests.stress else ()
    return rests.found.to_json() | {
        "notes": list(rests.notes),
        "trust": rests.trust,
        "beyond_plausible": [remark.to_json() for remark in rests.remarks],
        "indices": [i.to_json() for i in rests.indices],
        "share_by_grade": {g: plain(e) for g, e in rests.shares.items()},
        "stress": [{"rho": r.rho, "p5": plain(r.low), "p95": plain(r.high), "width": plain(r.width)} for r in rows],
        "stress_impossible": list(rests.stress.impossible) if rests.stress else [],
        **({"trust": rests.trust} if rests.trust else {}),
    }
