"""What a terminal shows of runs, comparisons and sensitivities."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from shlex import quote as quoted
from typing import TYPE_CHECKING, Any

from . import __version__, shelf, text
from .attribution import own
from .compute import STORY
from .files import size_text
from .numbers import figures, readable, rounded, scale_of
from .priors import PriorSet
from .summary import Estimate, worst

if TYPE_CHECKING:
    from .attribution import Attribution
    from .comparison import Comparison, Contrast
    from .drivers import Driver, Sensitivity
    from .indices import Index, Stressed


def run(made: Any, summaries: Any, probabilities: Sequence[float] = (), target: float | None = None) -> None:
    """A run: title, table, headline, probabilities, where it lies and what to do next."""
    s = made.settings
    by = ", pre-integrated" if any(x.integrated for x in summaries) else ""
    text.say(f"{made.priors.title}: {s.draws:,} draws, seed {s.seed}, {s.sampler}{by}")
    print()
    _echo(made.priors)
    text.summary_table(summaries, probabilities)
    for line in text.estimator_lines(summaries, s.draws, target):
        text.say(line)
    for x in summaries:
        for threshold, estimate in x.exceeds.items():
            print(text.probability(x.name, threshold, x.unit, estimate, x.draws))
    for pair, entry in made.correlations.items():
        most = f" (at most {entry['largest']:.3f}: it has ties)" if "largest" in entry else ""
        text.line(f"rank correlation of {pair}: asked {entry['asked']:g}, achieved {entry['achieved']:.3f}{most}")
    if told := text.story(summaries, STORY):
        print()
        text.say(told)
    print()
    if made.path:
        text.line(f"run:  {made.path} ({size_text(shelf.size(made.path))})")
    name, called = quoted(made.name), quoted(made.priors.name)
    if made.given:
        first = made.given["members"][0]["name"] if made.member is not None else made.priors.name.removesuffix("-given")
        verb = f"compare {quoted(first)} {name}" if made.path else f"sensitivity {quoted(first)}"
        text.line(f"next: simulate {verb}")
        return
    text.line(f"next: simulate sensitivity {name if made.path else called} --of {summaries[-1].name}")
    text.line(f"      simulate compare {called} --set 'training_mfu=0.5'")


def _echo(priors: PriorSet) -> None:
    """What was set by hand, with the quantiles that it implies."""
    edited = [p for p in priors.priors.values() if p.set_by_user]
    for p in edited:
        ends = ", ".join(readable(p.distribution.quantile(q), most=4) for q in (0.05, 0.5, 0.95))
        text.say(f"{p.name} = {p.distribution.text}" + (f" (5 %, 50 %, 95 %: {ends})" if p.uncertain else ""))
    if edited:
        print()


def run_json(run: Any, summaries: Any, target: float | None = None) -> dict[str, Any]:
    """The machine-readable result of a run; `target` is the error that was asked for."""
    s, (error, name) = run.settings, worst(summaries)
    by = "preintegrated" if any(x.integrated for x in summaries) else "draws"
    aimed = {"target": target, "largest": error if math.isfinite(error) else None, "of": name,
             "reached": error <= target} if target else None  # fmt: skip
    return {
        "prior_set": run.priors.name, "title": run.priors.title, "layers": list(run.priors.layers), "seed": s.seed,
        "draws": s.draws, "replicates": s.replicates, "sampler": s.sampler, "exact": s.exact,
        "version": __version__, "digest": run.digest, "run": str(run.path) if run.path else None,
        "notes": list(run.notes), "correlations": run.correlations, "estimator": by, "target_error": aimed,
        "quantities": {x.name: x.to_json() for x in summaries},
    }  # fmt: skip


def _exp(x: float) -> float:
    """A factor from its logarithm; infinity where a float ends."""
    return math.exp(x) if x < 700.0 else math.inf


def number(estimate: Estimate, power: int = 0, most: int = 4) -> str:
    """A number with its MCSE; rounding noise around zero is zero."""
    return figures(estimate.value, estimate.mcse, power, most)


def factor(estimate: Estimate) -> str:
    """`x 1.466(1)`; `x 1` for what changes nothing."""
    return "x 1" if abs(estimate.value - 1.0) < 1e-12 else f"x {number(estimate)}"


# ------------------------------------------------------------------------------- comparisons


def comparison(found: Comparison, letters: tuple[str, str], names: tuple[str, str]) -> None:
    """Two runs side by side: statistics, differences and ratios, and worlds against worlds."""
    a, b = letters
    for letter, name, made in zip(letters, names, (found.a, found.b), strict=True):
        s = made.settings
        text.say(f"{letter}  {name} ({s.draws:,} draws, seed {s.seed}, {s.sampler})")
    if found.paired:
        text.say("Paired: both draw the same random words, so errors of differences are small.")
    else:
        text.say("Not paired: seed, sampler or size differ, so differences carry the errors of both.")
    changed = [c for c in found.contrasts if c.changed]
    if changed:
        print()
        text.table(["quantity", "median", "5 %", "95 %"], [row for c in changed for row in contrast_rows(c, a, b)])
        _worlds(changed, a, b, found.paired, found.a.settings.draws)
    same = [c.quantity for c in found.contrasts if not c.changed]
    if same:
        print()
        text.say(f"The same in {a} and {b}: {', '.join(same)}.")


def contrast_rows(c: Contrast, a: str, b: str) -> list[list[str]]:
    """One quantity of two runs: its median and interval in each, their difference and ratio."""
    order = ("median", "p5", "p95")
    shown = [s[k].value for s in (c.a, c.b) for k in order]
    power, word = text.shared_scale(shown[0] or max(shown), *shown)
    unit = text.unit_text(c.unit, word)
    rows = [[f"{c.quantity}\n  {unit}" if unit else c.quantity, "", "", ""]]
    rows += [[f"  {label}", *(number(s[k], power) for k in order)]
             for label, s in ((a, c.a), (b, c.b), (f"{b} - {a}", c.difference))]  # fmt: skip
    if c.ratio:
        rows.append([f"  {b} / {a}", *(number(c.ratio[k]) for k in order)])
    return rows


def _worlds(changed: Sequence[Contrast], a: str, b: str, paired: bool, draws: int) -> None:
    print()
    rows = []
    for c in changed:
        ends = [number(e) for e in c.change] if c.change else ["-", "-"]
        same = _probability(c.above_same, draws) if c.above_same else "-"
        rows.append([c.quantity, *ends, same, _probability(c.above_independent, draws)])
    kind = "/" if all(c.ratio for c in changed) else "-"
    heads = ["world by world", f"{b} {kind} {a} 5 %", "95 %", f"P({b} > {a}) same", "independent"]
    text.table(heads, rows)
    if paired:
        text.say("Same world: every prior at the same quantile in both, a choice of coupling. Independent: the worlds "
                 f"of {a} and {b} have nothing to do with each other.")  # fmt: skip


def _probability(e: Estimate, draws: int) -> str:
    return "-" if math.isnan(e.value) else text.share_text(e, draws)


def differences(a: PriorSet, b: PriorSet, names: Sequence[str], letters: tuple[str, str]) -> None:
    """The list of what differs between two sets: distributions and sources."""
    pairs = sorted({p for p in {**a.active, **b.active} if a.active.get(p) != b.active.get(p)})
    print()
    alone = own(a, b)
    if not names and not pairs and not alone:
        text.say(f"No prior differs between {letters[0]} and {letters[1]}.")
        return
    print("What differs:")
    if a.variant != b.variant:
        print(f"  variant: {a.variant} -> {b.variant}, with the priors that it alone reads")
        for letter, chosen in zip(letters, (a, b), strict=True):
            _indented(f"{letter}: {', '.join(n for n in alone if n in chosen.priors)}")
    for name in names:
        print(f"  {name}")
        for letter, chosen in zip(letters, (a, b), strict=True):
            if (p := chosen.priors.get(name)) is not None:
                source = p.source if len(p.source) < 60 else p.source[:57] + "..."
                _indented(f"{letter}: {p.distribution.text} [{p.unit}]; grade {p.grade}, {source}")
    for pair in pairs:
        print(f"  rank correlation of {', '.join(pair)}: {a.active.get(pair, 0):g} -> {b.active.get(pair, 0):g}")


def _indented(line: str) -> None:
    print(textwrap.fill(line, text.WIDTH, initial_indent="    ", subsequent_indent="       ", break_long_words=False))


def attribution(found: Attribution, whole: Estimate, letters: tuple[str, str]) -> None:
    """Which prior makes the difference, as factors or differences."""
    a, b = letters
    print()
    what = f"{found.statistic.name} of {found.quantity}"
    if not found.contributions:
        text.say(f"What makes the difference in the {what}: nothing that it reads differs.")
        return
    print(f"What makes the difference in the {what}, {a} to {b}:\n")
    text.table(["prior", "factor" if found.log else "change"], attribution_rows(found))
    print()
    how = f"over {found.permutations} permutations" if found.permutations else "over all subsets"
    combined = "factors multiply" if found.log else "changes add up"
    shown = factor(whole) if found.log else number(whole)
    text.say(f"Shapley values {how}, on {found.draws:,} draws, where the {combined} to the whole; on all draws it "
             f"is {shown}.")  # fmt: skip


def attribution_rows(found: Attribution) -> list[list[str]]:
    """Each prior (or group) and its factor or change, then all of them together."""
    rows = []
    for c in found.contributions:
        joined = "\n  ".join(textwrap.wrap(", ".join(c.priors), 50))
        name = c.name if c.priors == (c.name,) else f"{c.name}\n  {joined}"
        rows.append([name, _contribution(c.value, c.error, found.log)])
    return [*rows, ["all together", _contribution(*found.change, found.log)]]


def _contribution(value: float, error: float, log: bool) -> str:
    if abs(value) < 1e-12:
        return "x 1" if log else "0"
    if log:
        return factor(Estimate(_exp(value), _exp(value) * error))
    return ("+" if value > 0 else "") + number(Estimate(value, error))


# ------------------------------------------------------------------------------- sensitivity


def next_to_find_out(found: Sensitivity) -> str:
    """The first line: what to find out next, in words."""
    best = found.drivers[0]
    now, then = (_exp(e.value) if found.log else e.value for e in (found.width, best.width))
    kind = "a factor " if found.log else "a width of "
    now_text, then_text = (rounded(x, None, 3) for x in (now, then))
    told = (f"What to find out next: {best.name}. Knowing it exactly would shrink the 90 % interval of "
            f"{found.quantity} from {kind}{now_text} to {kind}{then_text} in expectation")  # fmt: skip
    if best.threshold is not None and found.threshold is not None:
        told += (f", and would change the answer to '{found.quantity} > {readable(found.threshold)}' with "
                 f"probability {rounded(*best.threshold.flip, 2)}")  # fmt: skip
    return told + "."


def sensitivity(found: Sensitivity, title: str) -> None:
    """What to find out next, then every driver with its errors."""
    text.say(next_to_find_out(found))
    power, word = text.shared_scale(found.median.value, *(e.value for d in found.drivers for e in (d.low, d.high)))
    print()
    now = f"{readable(*found.median, 4)} {'' if found.unit == '1' else found.unit}".strip()
    text.say(f"{found.quantity}: {now}; {title}.")
    print()
    text.table(DRIVER_HEADS, driver_rows(found))
    print()
    for line in driver_notes(found):
        text.say(line)
    _tornado(found, power, word)
    if found.threshold is not None:
        _tail(found)


DRIVER_HEADS = ("prior", "share of variance", "interval left", "rank corr.", "grade")


def driver_rows(found: Sensitivity) -> list[list[str]]:
    """A row for each driver, the one to find out next first."""
    return [[d.name + ("*" if d.correlated else ""), _share(d), _left(d, found.log), number(d.rank), d.grade]
            for d in found.drivers]  # fmt: skip


def driver_notes(found: Sensitivity) -> list[str]:
    """What the columns of the drivers' table mean."""
    scale = "the logarithm, on which factors add up" if found.log else "the quantity itself"
    notes = [f"Share: first-order share of the variance of {scale}. Interval left: the 90 % interval's expected "
             + ("factor" if found.log else "width") + " once the prior is known; it is now "
             + ("a factor " if found.log else "") + f"{number(_opened(found.width, found.log))}."]  # fmt: skip
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
    text.say(f"The uncertainty by evidence grade: {', '.join(parts)}.")


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
    text.table(["prior", "", "at 5 %", "at 95 %"], rows, left=2)


def _tail(found: Sensitivity) -> None:
    limit = readable(found.threshold or 0.0)
    print(f"\nWhat drives {found.quantity} > {limit} (P = {number(found.share_above or Estimate(0.0, 0.0))}):\n")
    rows = []
    for d in sorted(found.drivers, key=lambda d: -(d.threshold.distance.value if d.threshold else 0.0)):
        if d.threshold:
            shown = [rounded(x, None, 3) if math.isfinite(x) else "-" for x in (d.threshold.below, d.threshold.above)]
            rows.append([d.name, *shown, number(d.threshold.distance, most=3), number(d.threshold.flip, most=2)])
    text.table(["prior", "median within", "median beyond", "distance", "P(flip)"], rows)
    print()
    text.say("Distance: the largest gap between the prior's distribution in the worlds beyond and in all. P(flip): "
             "that knowing the prior changes on which side most worlds lie.")  # fmt: skip


def indices(found: Sequence[Index], grouped: bool) -> None:
    """Total-order indices and interactions; correlated priors as groups."""
    print("\nIndices by new draws" + (", correlated priors together:\n" if grouped else ":\n"))
    rows = [["\n  + ".join(i.names), *(_index(e) for e in (i.first, i.total, i.interaction))] for i in found]
    text.table(["prior", "first order", "total order", "interactions"], rows)


def _index(e: Estimate) -> str:
    return f"{number(Estimate(100 * e.value, 100 * e.mcse))} %" if e.value > 1.75 * e.mcse else "not above 0"


def stressed(rows: Sequence[Stressed], impossible: Sequence[float], pairs: str, quantity: str, log: bool) -> None:
    """How p5, p95 and the interval's width move with a rank correlation."""
    print(f"\n{quantity} under a rank correlation of {pairs}:\n")
    power, word = scale_of(rows[0].high.value) if rows else (0, "")
    shown = [[f"{r.rho:+.1f}", number(r.low, power), number(r.high, power), number(r.width)] for r in rows]
    name = f"({word})" if word else ""
    text.table(["rank correlation", f"5 % {name}".strip(), "95 %", "factor" if log else "width"], shown)
    if impossible:
        text.say("Not possible beside the other correlations: " + ", ".join(f"{rho:+.1f}" for rho in impossible) + ".")
