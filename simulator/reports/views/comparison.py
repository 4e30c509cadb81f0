"""Two runs side by side, what differs, and what makes the difference."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...analyses.attribution import differing, own
from ...analyses.comparison import change
from ...base import wording
from ...priors.prior_set import PriorSet
from ...statistics.estimators import Estimate
from .. import console, phrases
from ..phrases import _exp, factor, number

if TYPE_CHECKING:
    from ...analyses.attribution import Attribution
    from ...analyses.comparison import Comparison, Contrast


# ------------------------------------------------------------------------------- comparisons


def comparison(found: Comparison, letters: tuple[str, str], names: tuple[str, str]) -> None:
    """Two runs side by side: statistics, differences and ratios, and worlds against worlds."""
    a, b = letters
    for letter, name, made in zip(letters, names, (found.a, found.b), strict=True):
        s = made.settings
        console.say(f"{letter}  {name} ({s.draws:,} draws, seed {s.seed}, {s.sampler})")
    if found.paired:
        console.say("Paired: both draw the same random points, so errors of differences are small.")
    else:
        console.say("Not paired: seed, sampler or size differ, so differences carry the errors of both.")
    changed = [c for c in found.contrasts if c.changed]
    if changed:
        print()
        console.table(["quantity", "median", "5 %", "95 %"], [row for c in changed for row in contrast_rows(c, a, b)])
        _worlds(changed, a, b, found.paired, found.a.settings.draws)
    same = [c.quantity for c in found.contrasts if not c.changed]
    if same:
        print()
        console.say(f"The same in {a} and {b}: {', '.join(same)}.")


def contrast_rows(c: Contrast, a: str, b: str) -> list[list[str]]:
    """One quantity of two runs: its median and interval in each, their difference and ratio."""
    order = ("median", "p5", "p95")
    shown = [s[k].value for s in (c.a, c.b) for k in order]
    power, word = phrases.shared_scale(shown[0] or max(shown), *shown)
    unit = wording.unit_text(c.unit, word)
    rows = [[f"{c.quantity}\n  {unit}" if unit else c.quantity, "", "", ""]]
    rows += [
        [f"  {label}", *(number(s[k], power) for k in order)]
        for label, s in ((a, c.a), (b, c.b), (f"{b} - {a}", c.difference))
    ]
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
    console.table(heads, rows)
    if paired:
        console.say(
            "Same world: every prior at the same quantile in both, a choice of coupling. Independent: the worlds "
            f"of {a} and {b} have nothing to do with each other."
        )


def _probability(e: Estimate, draws: int) -> str:
    return "-" if math.isnan(e.value) else phrases.share_text(e, draws)


def differences(a: PriorSet, b: PriorSet, names: Sequence[str], letters: tuple[str, str]) -> None:
    """The list of what differs between two sets: distributions and sources."""
    pairs = sorted({p for p in {**a.active, **b.active} if a.active.get(p) != b.active.get(p)})
    print()
    alone = own(a, b)
    if not names and not pairs and not alone:
        console.say(f"No prior differs between {letters[0]} and {letters[1]}.")
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
    print(
        textwrap.fill(line, console.WIDTH, initial_indent="    ", subsequent_indent="       ", break_long_words=False)
    )


def attribution(found: Attribution, whole: Estimate, letters: tuple[str, str]) -> None:
    """Which prior makes the difference, as factors or differences."""
    a, b = letters
    print()
    what = f"{found.statistic.name} of {found.quantity}"
    if not found.contributions:
        console.say(f"What makes the difference in the {what}: nothing that it reads differs.")
        return
    print(f"What makes the difference in the {what}, {a} to {b}:\n")
    console.table(["prior", "factor" if found.log else "change"], attribution_rows(found))
    print()
    how = f"over {found.permutations} permutations" if found.permutations else "over all subsets"
    combined = "factors multiply" if found.log else "changes add up"
    shown = factor(whole) if found.log else number(whole)
    console.say(
        f"Shapley values {how}, on {found.draws:,} draws, where the {combined} to the whole; on all draws it "
        f"is {shown}."
    )


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


def comparison_json(letters: tuple[str, str], titles: tuple[str, str], found: Any, given: Any) -> dict[str, Any]:
    """Two runs side by side, what differs between them, and the attribution if there is one."""

    def numbers(estimates: Any) -> Any:
        return {k: estimate_json(e) for k, e in estimates.items()} if estimates else None

    sides = {
        letter: {
            "title": title,
            "prior_set": r.priors.name,
            "seed": r.settings.seed,
            "draws": r.settings.draws,
            "sampler": r.settings.sampler,
            "digest": r.digest,
        }
        for letter, title, r in zip(letters, titles, (found.a, found.b), strict=True)
    }
    quantities = {
        c.quantity: {
            "unit": c.unit,
            letters[0]: numbers(c.a),
            letters[1]: numbers(c.b),
            "difference": numbers(c.difference),
            "ratio": numbers(c.ratio),
            "same_world": {
                "interval": {"low": estimate_json(c.change[0]), "high": estimate_json(c.change[1])}
                if c.change
                else None,
                "above": estimate_json(c.above_same),
            },
            "independent_worlds": {"above": estimate_json(c.above_independent)},
        }
        for c in found.contrasts
    }
    changed = {
        n: {
            k: {"prior": s.priors[n].distribution.text, "source": s.priors[n].source, "grade": s.priors[n].grade}
            for k, s in zip(letters, (found.a.priors, found.b.priors), strict=True)
        }
        for n in differing(found.a.priors, found.b.priors)
    }
    return {
        "sides": sides,
        "paired": found.paired,
        "quantities": quantities,
        "differs": changed,
        "variants": {k: r.priors.variant for k, r in zip(letters, (found.a, found.b), strict=True)},
        "attribution": _attribution_json(given, found) if given else None,
    }


def _attribution_json(given: Any, found: Any) -> dict[str, Any]:
    whole = change(found.a, found.b, given.quantity, given.statistic, given.log)
    rows = [
        {
            "name": c.name,
            "priors": list(c.priors),
            "contribution": c.value,
            "mcse": c.mcse,
            "permutation_se": c.permutation_se,
        }
        for c in given.contributions
    ]
    return {
        "quantity": given.quantity,
        "statistic": given.statistic.name,
        "scale": "log" if given.log else "linear",
        "a": estimate_json(given.a),
        "b": estimate_json(given.b),
        "draws": given.draws,
        "permutations": given.permutations,
        "all_draws": estimate_json(whole),
        "contributions": rows,
    }


def estimate_json(estimate: Any) -> dict[str, Any] | None:
    """An estimate as plain data."""
    if estimate is None or math.isnan(estimate.value):
        return None
    return {"value": estimate.value, "mcse": estimate.mcse if math.isfinite(estimate.mcse) else None}
