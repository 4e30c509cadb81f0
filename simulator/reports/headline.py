"""The answer of a report in a few sentences: of a run, or of two and what is between them."""

from __future__ import annotations

from collections.abc import Sequence

from ..compute.years import parted
from ..plots.registry import finding
from ..runs.run import Run
from ..statistics.summary import Summary
from . import phrases
from .views.comparison import Compared


def headlined(run: Run, summaries: Sequence[Summary], compared: Compared | None) -> str:
    """The answer in words; with another run, both and what the difference is."""
    alone = _alone(run, summaries)
    if compared is None:
        return " ".join([alone, *phrases.changes(run.priors)])
    both = f"A, {compared.titles[0]}: {alone}\nB, {compared.titles[1]}: "
    both += _alone(compared.found.b, compared.found.b.summary())
    changed = [c for c in compared.changed if c.ratio]
    if not changed:
        return f"{both}\nNone of these medians differs by a factor."
    told = dict(run.priors.model.told.story)
    last = next((c for c in reversed(changed) if parted(c.quantity)[0] in told), changed[-1])
    text = run.priors.model.quantity(last.quantity).text.rstrip(".")
    ratio = phrases.in_words((last.ratio or {})["median"])
    return f'{both}\nFrom A to B, the median of "{text}" is multiplied by {ratio}.'


def _alone(run: Run, summaries: Sequence[Summary]) -> str:
    """The headline of one run."""
    return " ".join(phrases.story_by_year(summaries, run.priors.model.told.story)) or _told_of(summaries)


def _told_of(summaries: Sequence[Summary]) -> str:
    """The headline of a run that has none of the headline's quantities."""
    return "; ".join(finding(s) for s in summaries[:3]) + "."
