"""A backtest: a prior set held against published models."""

from __future__ import annotations

from collections.abc import Iterator

from ...analyses.backtest import ASKED, Backtest, Outcome
from ...analyses.scoring import LEVELS, Score
from ...base.numbers import rounded, shortest
from ...base.wording import counted, short, unit_words
from ...priors.before import GROWS
from ...priors.cases import ABOUT
from ..document import GAP, Block, Heading, Paragraph, Table, View

FEW = 3  # cases that are told of in full
BOUNDS = {0: "", 1: ">= ", -1: "<= "}
PLACES = (
    "* in sample: its observation, or a number inferred from it, entered a prior. >= and <=: a lower or an upper "
    "value, which enters the CRPS alone. - made by a formula, or a price: not scored. PIT: the place of the observed "
    "value in the predicted distribution; ! outside of the 90 % interval. Factor: observed over predicted median."
)
SCORES = (
    "In parentheses: how many a calibrated prediction would hold, with a probability of 90 %. CRPS: continuous ranked "
    "probability score of the logarithm, in which 0.1 is about 10 %; it rewards intervals that hold and are narrow. "
    "Log width: mean logarithm of the 90 % interval's upper over its lower end. Off: how far the median prediction is "
    "off, as a factor. Bias: geometric mean of the factors; above 1 where predictions are too low."
)
GROWN = (
    "Growth: what was observed over what was before, and its 90 % interval by the errors of both; then what the trends "
    "predict of it over the years that passed, with these errors. In sample: it entered the trend, or its noise."
)
CONTROL = (
    "Each case is predicted by a calibration that has not seen its family. The control only widens: it has a mean and "
    "a discrepancy, fitted to the same cases, and nothing that utilization depends on."
)
CASE_HEADS = ("case", "observed", "median", "5 %", "95 %", "factor", "PIT")
GROWTH_HEADS = ("case", "years", "seen", "interval", "predicted", "5 %", "95 %", "PIT")
COVERAGE_HEADS = ("values held", *(f"in {100 * level:.0f} %" for level in LEVELS))
SCORE_HEADS = ("cases", "CRPS", "log width", "off", "bias")


def view(found: Backtest) -> View:
    """Tables of cases and scores, what would have to change for the misses, and what was left out."""
    return View(tuple(_blocks(found)), found.to_json)


def _blocks(found: Backtest) -> Iterator[Block]:
    cases = counted(len(found.outcomes), "published case")
    yield Paragraph(f"{', '.join(found.base)} against {cases}: {counted(found.draws, 'draw')}, seed {found.seed}")
    for about in ABOUT:
        for quantity in dict.fromkeys(o.case.observed.quantity for o in found.outcomes if o.case.about == about):
            alike = [o for o in found.outcomes if o.case.about == about and o.case.observed.quantity == quantity]
            unit = unit_words(alike[0].case.observed.unit)
            if about == GROWS:
                yield Heading(f"growth of {quantity}, as a factor:")
                yield Table(GROWTH_HEADS, list(map(_growth, alike)))
                continue
            yield Heading(f"{about}: {quantity}{f', {unit}' if unit else ''}")
            yield Table(CASE_HEADS, list(map(_case, alike)))
    yield from (GAP, Paragraph(PLACES))
    if any(o.case.before for o in found.outcomes):
        yield from (GAP, Paragraph(GROWN))
    if rows := score_rows(found):
        yield Heading("Coverage of the intervals, and scores:")
        yield from (Table(COVERAGE_HEADS, [row[:4] for row in rows]), GAP)
        yield from (Table(SCORE_HEADS, [[row[0], *row[4:]] for row in rows]), GAP, Paragraph(SCORES))
        if found.held_out:
            yield from (GAP, Paragraph(CONTROL))
    yield from _misses(found)
    if len(found.outcomes) <= FEW:
        for o in found.outcomes:
            first = o.case.before
            earlier = (f"before: {first.value.source}", first.value.note) if first else ()
            told = (o.case.title, o.case.note, *earlier, o.case.observed.source, o.case.observed.note)
            yield from (GAP, Paragraph(f"{o.case.name}: {' | '.join(part for part in told if part)}"))
    for line in _notes(found):
        yield from (GAP, Paragraph(line))


def _seen(x: float) -> str:
    return short(x, 2) if x < 1e15 else shortest(float(f"{x:.2g}"))


def _case(o: Outcome) -> list[str]:
    """One case: observed, predicted, the factor between, and the place."""
    name = o.case.name + ("*" if o.case.in_sample else "")
    seen, *ends = (_seen(x) for x in (o.case.observed.value, o.median.value, o.low.value, o.high.value))
    seen = f"{BOUNDS[o.case.bound]}{seen}"
    if o.exact:
        return [name, seen, ends[0], "exact", "", f"{o.factor:.2f}", ""]
    return [name, seen, *ends, f"{o.factor:.2f}", _place(o)]


def _place(o: Outcome) -> str:
    """The observed value's place in its prediction, and whether it counts and is missed."""
    place = (
        rounded(o.pit.value, None, 2) if 0.001 <= o.pit.value <= 0.999 else "<0.001" if o.pit.value < 0.5 else ">0.999"
    )
    return f"{place}{'-' if not o.scored else ' ' if o.inside(0.9) else '!'}"


def _growth(o: Outcome) -> list[str]:
    """A case of growth: seen and predicted, as factors over what was before."""
    before = o.case.before
    assert before is not None
    name, seen = o.case.name + ("*" if o.case.in_sample else ""), o.case.observed.value
    low, high = before.range_of(seen)
    interval = f"{_seen(low)} to {_seen(high)}" if low < high else "-"
    ends = (_seen(x / before.middle) for x in (o.median.value, o.low.value, o.high.value))
    return [name, f"{before.years:.2f}", _seen(seen / before.middle), interval, *ends, _place(o)]


def score_rows(found: Backtest) -> list[list[str]]:
    """Scores by kind and by side: coverage as counts, so that few cases are seen to be few."""
    return [[f"{name}, {words}", *_score(score)] for name, words, score in found.scores()]


def _score(s: Score) -> list[str]:
    """Coverage in three levels, CRPS, log width, median factor and bias."""
    bounds = f" (with {counted(s.bounded, 'bound')})" if s.bounded else ""
    if not s.count:
        return ["-", "-", "-", f"{s.crps:.2f}{bounds}", "-", "-", "-"]
    covered = [f"{s.covered[level]} of {s.count} ({_between(*s.expected(level))})" for level in LEVELS]
    return [*covered, f"{s.crps:.2f}{bounds}", f"{s.width:.2f}", f"x {s.off:.2f}", f"x {s.bias:.2f}"]


def _between(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _misses(found: Backtest) -> Iterator[Block]:
    missed = [o for o in found.outcomes if o.scored and not o.inside(0.9) and o.case.before is None]
    if missed:
        yield Heading("What would have to change for the cases that are missed:")
        yield from (Paragraph(f"{o.case.name}: {_change(o)}") for o in missed)


def _change(o: Outcome) -> str:
    """What one prior alone would have to be for the median to be what was observed."""
    lead = f"x {o.factor:.2f}; "
    if not o.changes:
        return lead + "no prior reaches it alone, from its 0.1 % to its 99.9 % point: several, or the formula."
    told = [f"{c.name} {rounded(c.value, None, 3)} (its {100 * c.place:.3g} % point)" for c in o.changes[:3]]
    return lead + ", or ".join(told) + "."


def _notes(found: Backtest) -> list[str]:
    """Fewer cases than asked for, cases that are not scored and what they teach, and those left out."""
    lines = []
    for about, least in ASKED.items():
        of = [o for o in found.outcomes if o.case.about == about]
        count = sum(o.scored and not o.case.bound for o in of)
        if of and count < least:
            only = "No" if not count else f"Only {count}"
            told = f"{about} case predicts" if count < 2 else f"{about} cases predict"
            lines.append(f"{only} {told} something: a coverage should rest on {least} at least.")
    checks = [o for o in found.outcomes if o.exact or o.case.measures == "formula"]
    if checks:
        lines.append(f"Not scored, since they check the formula; published over ours: {_factors(checks)}.")
    prices = [o for o in found.outcomes if o.case.measures == "price" and not o.exact and not o.case.before]
    if prices:
        lines.append(f"Not scored, since they are prices; over the predicted cost, a margin: {_factors(prices)}.")
    for reason in dict.fromkeys(c.not_applicable for c in found.not_applicable):
        names = ", ".join(c.name for c in found.not_applicable if c.not_applicable == reason)
        lines.append(f"Not applicable: {names}: {reason}")
    return lines


def _factors(outcomes: list[Outcome]) -> str:
    return ", ".join(f"{o.case.name} x {o.factor:.2f}" for o in outcomes)
