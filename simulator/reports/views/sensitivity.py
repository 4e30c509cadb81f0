"""Which priors drive a quantity, and what to find out next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...base.numbers import readable, rounded, scale_of
from ...statistics.estimators import Estimate
from .. import console, phrases
from ..phrases import _exp, number
from .comparison import estimate_json

if TYPE_CHECKING:
    from ...analyses.sensitivity import Driver, Sensitivity
    from ...analyses.sobol_indices import Index, Stressed


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def sensitivity_json(found: Any, indices: Any, shares: Any, swept: Any) -> dict[str, Any]:
    """The drivers of a quantity, with indices, shares by grade and stressed correlations."""
    drivers = {
        d.name: {
            "grade": d.grade,
            "correlated": d.correlated,
            "rank_correlation": estimate_json(d.rank),
            "first_order_share": None if d.correlated else estimate_json(d.first),
            "distinguishable": d.distinguishable,
            "width_left": estimate_json(d.width),
            "median_at_p5": estimate_json(d.low),
            "median_at_p95": estimate_json(d.high),
            "threshold": {
                "flip": estimate_json(d.threshold.flip),
                "median_above": _finite(d.threshold.above),
                "median_below": _finite(d.threshold.below),
                "distance": estimate_json(d.threshold.distance),
            }
            if d.threshold
            else None,
        }
        for d in found.drivers
    }
    return {
        "quantity": found.quantity,
        "unit": found.unit,
        "scale": "log" if found.log else "linear",
        "find_out_next": found.drivers[0].name,
        "width": estimate_json(found.width),
        "median": estimate_json(found.median),
        "threshold": found.threshold,
        "probability_above": estimate_json(found.share_above),
        "drivers": drivers,
        "indices": [
            {
                "priors": list(i.names),
                "first": estimate_json(i.first),
                "total": estimate_json(i.total),
                "interaction": estimate_json(i.interaction),
            }
            for i in indices
        ],
        "share_by_grade": {g: estimate_json(e) for g, e in shares.items()},
        "stress": [
            {"rho": r.rho, "p5": estimate_json(r.low), "p95": estimate_json(r.high), "width": estimate_json(r.width)}
            for r in swept[0]
        ],
        "stress_impossible": swept[1],
    }


# ------------------------------------------------------------------------------- sensitivity


def next_to_find_out(found: Sensitivity) -> str:
    """The first line: what to find out next, in words."""
    best = found.drivers[0]
    now, then = (_exp(e.value) if found.log else e.value for e in (found.width, best.width))
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


def sensitivity(found: Sensitivity, title: str) -> None:
    """What to find out next, then every driver with its errors."""
    console.say(next_to_find_out(found))
    power, word = phrases.shared_scale(found.median.value, *(e.value for d in found.drivers for e in (d.low, d.high)))
    print()
    now = f"{readable(*found.median, 4)} {'' if found.unit == '1' else found.unit}".strip()
    console.say(f"{found.quantity}: {now}; {title}.")
    print()
    console.table(DRIVER_HEADS, driver_rows(found))
    print()
    for line in driver_notes(found):
        console.say(line)
    _tornado(found, power, word)
    if found.threshold is not None:
        _tail(found)


DRIVER_HEADS = ("prior", "share of variance", "interval left", "rank corr.", "grade")


def driver_rows(found: Sensitivity) -> list[list[str]]:
    """A row for each driver, the one to find out next first."""
    return [
        [d.name + ("*" if d.correlated else ""), _share(d), _left(d, found.log), number(d.rank), d.grade]
        for d in found.drivers
    ]


def driver_notes(found: Sensitivity) -> list[str]:
    """What the columns of the drivers' table mean."""
    scale = "the logarithm, on which factors add up" if found.log else "the quantity itself"
    notes = [
        f"Share: first-order share of the variance of {scale}. Interval left: the 90 % interval's expected "
        + ("factor" if found.log else "width")
        + " once the prior is known; it is now "
        + ("a factor " if found.log else "")
        + f"{number(_opened(found.width, found.log))}."
    ]
    if any(d.correlated for d in found.drivers):
        notes.append("* correlated: its share is not its own and does not add up; see the grouped indices.")
    return notes


def _share(d: Driver) -> str:
    if d.correlated:
        return "not valid*"
    return f"{number(Estimate(100 * d.first.value, 100 * d.first.mcse))} %" if d.distinguishable else "not above 0"


def _left(d: Driver, log: bool) -> str:
    return ("x " if log else "") + number(_opened(d.width, log))


def _opened(width: Estimate, log: bool) -> Estimate:
    """A width on the logarithmic scale as the factor that it stands for."""
    value = _exp(width.value)
    return Estimate(value, value * width.mcse) if log else width


def grades(shares: dict[str, Estimate], interactions: bool) -> None:
    """The share of the uncertainty that rests on priors of each evidence grade."""
    parts = [f"{grade} {number(Estimate(100 * e.value, 100 * e.mcse), most=3)} %" for grade, e in shares.items()]
    rest = 1.0 - sum(e.value for e in shares.values())
    error = math.hypot(*(e.mcse for e in shares.values()))
    if interactions and rest > 2 * error:
        parts.append(f"interactions between priors {number(Estimate(100 * rest, 100 * error), most=2)} %")
    print()
    console.say(f"The uncertainty by evidence grade: {', '.join(parts)}.")


def _tornado(found: Sensitivity, power: int, word: str) -> None:
    print(f"\nTornado: the median{f' ({word})' if word else ''} with one prior alone at its 5 % and at its 95 %:\n")
    ends = [(d.low.value, d.high.value) for d in found.drivers]
    position = math.log if found.log and min(min(e) for e in ends) > 0 else float  # a forged run's may be below 0
    low, high = position(min(min(e) for e in ends)), position(max(max(e) for e in ends))
    wide = 30

    def at(x: float) -> int:
        return round((position(x) - low) / max(high - low, 1e-300) * (wide - 1))

    rows = []
    for d in sorted(found.drivers, key=lambda d: -abs(position(d.high.value) - position(d.low.value))):
        a, b = sorted((at(d.low.value), at(d.high.value)))
        bar = " " * a + "=" * (b - a + 1)
        rows.append([d.name, bar.ljust(wide), number(d.low, power), number(d.high, power)])
    console.table(["prior", "", "at 5 %", "at 95 %"], rows, left=2)


def _tail(found: Sensitivity) -> None:
    limit = readable(found.threshold or 0.0)
    print(f"\nWhat drives {found.quantity} > {limit} (P = {number(found.share_above or Estimate(0.0, 0.0))}):\n")
    rows = []
    for d in sorted(found.drivers, key=lambda d: -(d.threshold.distance.value if d.threshold else 0.0)):
        if d.threshold:
            shown = [rounded(x, None, 3) if math.isfinite(x) else "-" for x in (d.threshold.below, d.threshold.above)]
            rows.append([d.name, *shown, number(d.threshold.distance, most=3), number(d.threshold.flip, most=2)])
    console.table(["prior", "median within", "median beyond", "distance", "P(flip)"], rows)
    print()
    console.say(
        "Distance: the largest gap between the prior's distribution in the worlds beyond and in all. P(flip): "
        "that knowing the prior changes on which side most worlds lie."
    )


def indices(found: Sequence[Index], grouped: bool) -> None:
    """Total-order indices and interactions; correlated priors as groups."""
    print("\nIndices by new draws" + (", correlated priors together:\n" if grouped else ":\n"))
    rows = [["\n  + ".join(i.names), *(_index(e) for e in (i.first, i.total, i.interaction))] for i in found]
    console.table(["prior", "first order", "total order", "interactions"], rows)


def _index(e: Estimate) -> str:
    return f"{number(Estimate(100 * e.value, 100 * e.mcse))} %" if e.value > 1.75 * e.mcse else "not above 0"


def stressed(rows: Sequence[Stressed], impossible: Sequence[float], pairs: str, quantity: str, log: bool) -> None:
    """How p5, p95 and the interval's width move with a rank correlation."""
    print(f"\n{quantity} under a rank correlation of {pairs}:\n")
    power, word = scale_of(rows[0].high.value) if rows else (0, "")
    shown = [[f"{r.rho:+.1f}", number(r.low, power), number(r.high, power), number(r.width)] for r in rows]
    name = f"({word})" if word else ""
    console.table(["rank correlation", f"5 % {name}".strip(), "95 %", "factor" if log else "width"], shown)
    if impossible:
        console.say(
            "Not possible beside the other correlations: " + ", ".join(f"{rho:+.1f}" for rho in impossible) + "."
        )
