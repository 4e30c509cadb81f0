"""Sentences and numbers that a table, a page and a terminal share."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..base.numbers import figures, readable, rounded, scale_of
from ..base.wording import counted, percent, unit_text, unit_words
from ..compute.years import YEAR, parted
from ..priors.prior_set import PriorSet
from ..statistics.estimators import Estimate
from ..statistics.summary import Summary, worst


def interval_names(kind: str, prob: float) -> tuple[str, str]:
    """The headings of an interval's ends: `5 %` and `95 %`, or `HDI low` and `HDI high`."""
    if kind == "hdi":
        return f"{percent(prob)} HDI", "to"
    return percent(round(0.5 - prob / 2, 9)), percent(round(0.5 + prob / 2, 9))


def shared_scale(middle: float, *others: float) -> tuple[int, str]:
    """The power of ten of a row's numbers, and its word: the middle's, unless another needs millions."""
    if not math.isfinite(middle):
        return 0, ""
    power, word = scale_of(middle)
    largest = max((abs(x) for x in others if math.isfinite(x)), default=0.0)
    if power == 0 and 1e6 <= largest < 1e15:
        return scale_of(largest)
    return (3, "thousand") if power == 0 and abs(middle) >= 1e5 else (power, word)


ERRORS = "In parentheses: the Monte Carlo standard error of the last digits."


def estimator_lines(summaries: Sequence[Summary], draws: int, target: float | None) -> Iterator[str]:
    """What was integrated and what was not, and whether a target error was reached."""
    factors = dict.fromkeys(name for s in summaries for name in s.integrated)
    if factors:
        worlds = max(s.draws for s in summaries if s.integrated)
        yield (
            f"Pre-integrated: where a quantity is a multiple of a power of {' or '.join(factors)}, that is "
            f"integrated exactly, and {worlds:,} worlds are averaged over the other priors. The kept draws "
            "alone give these numbers with larger errors."
        )
        plain = [s.name for s in summaries if not s.integrated and s.median.mcse]
        if plain:
            yield f"From the draws, since no lognormal prior is a factor of it: {', '.join(plain)}."
    if target:
        error, name = worst(summaries)
        size = f"{100 * error:.2g} %" if math.isfinite(error) else "unknown"
        reached = "reached with" if error <= target else "not reached with"
        largest = f"(largest: {size}, {name})"
        yield f"Target error {percent(target)}: {reached} {counted(draws, 'draw')} {largest}."
        if any(s.low.value < 0.0 < s.high.value for s in summaries):
            yield "Where an interval holds 0, errors are taken relative to its width."


def summary_rows(summaries: Sequence[Summary]) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row for each quantity, its unit beneath its name, every number with its MCSE."""
    first = summaries[0]
    heads = ["quantity", "median", "mean", *interval_names(first.kind, first.prob)]
    rows, scales = [], _scales_by_year(summaries)
    for s in summaries:
        power, word = scales.get(parted(s.name)[0]) or shared_scale(s.median.value, s.low.value, s.high.value)
        unit = unit_text(s.unit, word)
        name = f"{s.name}\n  {unit}" if unit else s.name
        exact = s.median.mcse == s.low.mcse == s.high.mcse == 0.0 and s.low.value == s.high.value
        if exact:
            rows.append([name, dateable(figures(s.median.value, 0.0, power), s.unit), "exact", "", ""])
        else:
            average = figures(s.mean.value, s.mean.mcse, power) if s.mean else "none*"
            middle, low, high = (dateable(figures(*e, power), s.unit) for e in (s.median, s.low, s.high))
            rows.append([name, middle, average, low, high])
    return heads, rows


def _scales_by_year(summaries: Sequence[Summary]) -> dict[str, tuple[int, str]]:
    """One scale for all years of a quantity: that of its largest median."""
    found: dict[str, Summary] = {}
    for s in summaries:
        plain, year = parted(s.name)
        if year is not None and (plain not in found or s.median.value > found[plain].median.value):
            found[plain] = s
    return {n: shared_scale(s.median.value, s.low.value, s.high.value) for n, s in found.items()}


def by_year(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The table with a column for the year; a quantity's name and unit stand at its first year alone."""
    if not any("@" in row[0] for row in rows):
        return list(heads), [list(row) for row in rows]
    made, last = list[list[str]](), ""
    for first, *rest in rows:
        name, _, unit = first.partition("\n")
        plain, year = parted(name)
        shown = f"{plain}\n{unit}" if unit else plain
        made.append(["" if plain == last and year else shown, str(year or ""), *rest])
        last = plain
    return [heads[0], "year", *heads[1:]], made


def story_by_year(summaries: Iterable[Summary], clauses: Sequence[tuple[str, str]]) -> list[str]:
    """The headline in words; over years, of the first and of the last."""
    found, years = list(summaries), sorted({y for _, y in (parted(s.name) for s in summaries) if y is not None})
    if not years:
        return [sentence] if (sentence := story(found, clauses)) else []
    told = []
    for year in dict.fromkeys((years[0], years[-1])):
        here = [replace(s, name=parted(s.name)[0]) for s in found if parted(s.name)[1] in (year, None)]
        if sentence := story(here, clauses):
            told.append(f"In {year}: {sentence[:1].lower()}{sentence[1:]}")
    return told


def story(summaries: Iterable[Summary], clauses: Sequence[tuple[str, str]]) -> str:
    """The headline in words, from the clauses whose quantities are at hand."""
    known = {s.name: s for s in summaries}
    told: list[str] = []
    for name, clause in clauses:
        if name in known:
            s = known[name]
            interval = f"{rounded(*s.low)} to {rounded(*s.high)}"
            lead = f"{percent(s.prob)} credible interval " if not told else ""
            interval = f"({lead}{interval})" if s.low.value != s.high.value else ""
            told.append(clause.format(rounded(*s.median), interval).strip())
    sentence = "; ".join(told)
    return sentence[:1].upper() + sentence[1:] + "." if sentence else ""


def changes(priors: PriorSet) -> list[str]:
    """What must be said under the headline of a set, for what it takes otherwise than the essay."""
    at = {name: p.distribution.known for name, p in priors.priors.items() if not p.uncertain}
    return [text for (name, value), text in priors.model.told.changes.items() if at.get(name) == value]


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_words(e: Estimate) -> str:
    """A number as it is read aloud, no digit beyond its error's: `887,000`, `3.34 million`, `1.64 × 10²⁵`."""
    return re.sub(r"e(-?\d+)$", lambda m: f" × 10{m[1].translate(_RAISED)}", rounded(*e))


def _told(e: Estimate, unit: str) -> str:
    """A number in words; a year to its tenth, and `never` where it is not reached."""
    if unit != YEAR:
        return in_words(e)
    return f"{e.value:.1f}".removesuffix(".0") if math.isfinite(e.value) else "never"


def glance(summaries: Iterable[Summary]) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row for each quantity: what it is in plain words, and its median and interval.

    Of a quantity over years, the rows below the first are named by the year alone.
    """
    found, rows, last = list(summaries), list[list[str]](), ""
    for s in found:
        unit = "" if s.unit == YEAR else unit_words(s.unit)
        middle, low, high = (_told(e, s.unit) for e in (s.median, s.low, s.high))
        middle = f"{middle} {unit}".strip()
        ends = f" ({low} to {high})" if s.low.value != s.high.value else ", exactly"
        plain, year = parted(s.name)
        rows.append([str(year) if year and plain == last else s.text.rstrip("."), f"{middle}{ends}"])
        last = plain
    kind = "interval of highest density" if found[0].kind == "hdi" else "credible interval"
    return ["", f"median ({percent(found[0].prob)} {kind})"], rows


def probability(name: str, threshold: float, unit: str, estimate: Estimate, draws: int, sign: str = ">") -> str:
    """`P(inference_h100s > 720,000) = 0.612(1)`; no hit or all hits as bounds."""
    shown = share_text(estimate, draws)
    limit, unit = dateable(readable(threshold), unit), "" if unit in ("1", YEAR) else f" {unit}"
    return f"P({name} {sign} {limit}{unit}) {'' if shown[0] in '<>' else '= '}{shown}"


def never(summaries: Iterable[Summary]) -> Iterator[str]:
    """In which share of the worlds a quantity is never reached: there is no breakeven where there is no demand."""
    for s in summaries:
        if s.infinite is not None:
            share = "all" if s.infinite.value == 1.0 else share_text(s.infinite, s.draws)
            why = ", by the last year" if s.name.startswith("first_year(") else ""
            yield f"{s.name}: never reached in {share} of the worlds{why}."


def share_text(estimate: Estimate, draws: int) -> str:
    """A share of the draws with its MCSE: `0.612(1)`, `< 3e-6` for no hit, `> 1 - 3e-6` for all."""
    value, mcse = estimate
    if value == 0.0:
        return f"< {rounded(3.0 / draws, most=1)}"
    if value == 1.0:
        return f"> 1 - {rounded(3.0 / draws, most=1)}"
    return readable(value, mcse, 4)


def factor_of(x: float) -> float:
    """A factor from its logarithm; infinity where a float ends."""
    return math.exp(x) if x < 700.0 else math.inf


def number(estimate: Estimate, power: int = 0, most: int = 4) -> str:
    """A number with its MCSE; rounding noise around zero is zero."""
    return figures(estimate.value, estimate.mcse, power, most)


def as_tabled(estimate: Estimate, power: int = 0) -> str:
    """A number as the table of a run has it, so that it has the same digits and error wherever it stands."""
    return figures(estimate.value, estimate.mcse, power)


def dateable(text: str, unit: str) -> str:
    """A number as text, without the commas that a year does not have."""
    return text.replace(",", "") if unit == YEAR else text


def factor(estimate: Estimate) -> str:
    """`x 1.466(1)`; `x 1` for what changes nothing."""
    return "x 1" if abs(estimate.value - 1.0) < 1e-12 else f"x {number(estimate)}"
