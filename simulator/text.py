"""What a terminal shows: tables, sentences and progress. rich on a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from .errors import clean
from .numbers import figures, readable, rounded, scale_of
from .summary import worst

Rows = Sequence[Sequence[str]]
WIDTH = 80


def table(headers: Sequence[str], rows: Rows, left: int = 1) -> None:
    """Print a table: the first `left` columns to the left, the others to the right.

    A cell may hold several lines; the second and later ones are dimmed on a terminal.
    """
    rows = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(headers, rows, left)
        return
    lines = [list(headers)]
    for row in rows:
        parts = [cell.split("\n") for cell in row]
        lines += [[part[i] if i < len(part) else "" for part in parts] for i in range(max(map(len, parts)))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    for line in lines:
        cells = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
        print("  ".join(cells).rstrip())


def _rich_table(headers: Sequence[str], rows: Rows, left: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        shown.add_column(Text(header), justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        cells = []
        for cell in row:
            first, *rest = cell.split("\n")
            cells.append(Text(first).append("".join("\n" + line for line in rest), style="dim"))
        shown.add_row(*cells)
    Console(highlight=False).print(shown)


def say(text: str = "") -> None:
    """Print a paragraph, wrapped to the terminal's width (80 where there is none)."""
    import shutil
    import textwrap

    text = clean(text)
    width = min(shutil.get_terminal_size((WIDTH, 24)).columns, 100) if sys.stdout.isatty() else WIDTH
    print("\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) if text else "")


def line(text: str) -> None:
    """Print a line that may hold a name: of a file, a folder, a run or a set, and so anything."""
    print(_one(text))


def _one(text: str) -> str:
    return clean(text).replace("\n", " ")


def path(name: str | os.PathLike[str]) -> None:
    """Print a path alone on a line: as it is for another program, and without what a terminal would obey for people."""
    if _for_people() or not hasattr(sys.stdout, "buffer"):
        line(str(name))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(os.fsencode(name) + b"\n")


def _for_people() -> bool:
    return sys.stdout.isatty()


def note(text: str) -> None:
    """Print a remark on standard error; one that cannot be told (the terminal is gone) ends nothing."""
    with suppress(OSError):
        print(f"note: {_one(text)}", file=sys.stderr)


def percent(p: float) -> str:
    """`5 %`, `97.5 %`."""
    return f"{100 * p:.10g} %"


def unit_text(unit: str, word: str = "") -> str:
    """A unit with the scale of the numbers beside it: `1e25 FLOP`, `million video_minute`."""
    return " ".join(part for part in (word, "" if unit == "1" else unit) if part)


def interval_names(kind: str, prob: float) -> tuple[str, str]:
    """The headings of an interval's ends: `5 %` and `95 %`, or `HDI low` and `HDI high`."""
    if kind == "hdi":
        return f"{percent(prob)} HDI", "to"
    return percent(round(0.5 - prob / 2, 9)), percent(round(0.5 + prob / 2, 9))


def shared_scale(middle: float, *others: float) -> tuple[int, str]:
    """The power of ten of a row's numbers, and its word: the middle's, unless another needs millions."""
    power, word = scale_of(middle)
    largest = max(map(abs, others), default=0.0)
    if power == 0 and 1e6 <= largest < 1e15:
        return scale_of(largest)
    return (3, "thousand") if power == 0 and abs(middle) >= 1e5 else (power, word)


def summary_table(summaries: Iterable[Any], probabilities: Sequence[float] = ()) -> None:
    """The main table, what its parentheses mean, and why a mean is missing."""
    summaries = list(summaries)
    table(*summary_rows(summaries))
    print()
    print(ERRORS)
    for s in summaries:
        if s.mean_reason:
            say(f"* {s.name} has no mean: {s.mean_reason}.")
    _quantile_table(summaries, probabilities)


ERRORS = "In parentheses: the Monte Carlo standard error of the last digits."


def estimator_lines(summaries: Sequence[Any], draws: int, target: float | None) -> Iterator[str]:
    """What was integrated and what was not, and whether a target error was reached."""
    factors = dict.fromkeys(name for s in summaries for name in s.integrated)
    if factors:
        worlds = max(s.draws for s in summaries if s.integrated)
        yield (f"Pre-integrated: where a quantity is a multiple of a power of {' or '.join(factors)}, that is "
               f"integrated exactly, and {worlds:,} worlds are averaged over the other priors. The kept draws "
               "alone give these numbers with larger errors.")  # fmt: skip
        plain = [s.name for s in summaries if not s.integrated and s.median.mcse]
        if plain:
            yield f"From the draws, since no lognormal prior is a factor of it: {', '.join(plain)}."
    if target:
        error, name = worst(summaries)
        reached = "reached with" if error <= target else "not reached with"
        yield f"Target error {percent(target)}: {reached} {draws:,} draws (largest: {100 * error:.2g} %, {name})."


def summary_rows(summaries: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row for each quantity, its unit beneath its name, every number with its MCSE."""
    first = summaries[0]
    heads = ["quantity", "median", "mean", *interval_names(first.kind, first.prob)]
    rows = []
    for s in summaries:
        power, word = shared_scale(s.median.value, s.low.value, s.high.value)
        unit = unit_text(s.unit, word)
        name = f"{s.name}\n  {unit}" if unit else s.name
        exact = s.median.mcse == s.low.mcse == s.high.mcse == 0.0 and s.low.value == s.high.value
        if exact:
            rows.append([name, figures(s.median.value, 0.0, power), "exact", "", ""])
        else:
            average = figures(s.mean.value, s.mean.mcse, power) if s.mean else "none*"
            rows.append(
                [
                    name,
                    figures(s.median.value, s.median.mcse, power),
                    average,
                    figures(s.low.value, s.low.mcse, power),
                    figures(s.high.value, s.high.mcse, power),
                ]
            )
    return heads, rows


def _quantile_table(summaries: Sequence[Any], probabilities: Sequence[float]) -> None:
    if not probabilities:
        return
    rows = []
    for s in summaries:
        power, word = shared_scale(s.median.value, s.low.value, s.high.value)
        unit = unit_text(s.unit, word)
        cells = [figures(s.quantiles[p].value, s.quantiles[p].mcse, power) for p in probabilities]
        rows.append([f"{s.name}\n  {unit}" if unit else s.name, *cells])
    print()
    table(["quantile", *map(percent, probabilities)], rows)


def story(summaries: Iterable[Any], clauses: Sequence[tuple[str, str]]) -> str:
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


def probability(name: str, threshold: float, unit: str, estimate: Any, draws: int) -> str:
    """`P(inference_h100s > 720,000) = 0.612(1)`; no hit or all hits as bounds."""
    shown = share_text(estimate, draws)
    unit = "" if unit == "1" else f" {unit}"
    return f"P({name} > {readable(threshold)}{unit}) {'' if shown[0] in '<>' else '= '}{shown}"


def share_text(estimate: Any, draws: int) -> str:
    """A share of the draws with its MCSE: `0.612(1)`, `< 3e-6` for no hit, `> 1 - 3e-6` for all."""
    value, mcse = estimate
    if value == 0.0:
        return f"< {rounded(3.0 / draws, most=1)}"
    if value == 1.0:
        return f"> 1 - {rounded(3.0 / draws, most=1)}"
    return readable(value, mcse, 4)


@contextmanager
def progress(total: int) -> Any:
    """A function that takes finished draws; after a second, a bar on standard error if a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(total)
    try:
        yield bar.advance
    finally:
        bar.close()


class _Bar:
    """A rich progress bar that appears only when the work has taken a second."""

    def __init__(self, total: int):
        self.total, self.done, self.begun = total, 0, time.monotonic()
        self.shown: Any = None

    def advance(self, count: int) -> None:
        self.done += count
        if self.shown is None and time.monotonic() - self.begun > 1.0:
            self._show()
        if self.shown is not None:
            self.shown.update(self.task, completed=self.done, rate=self._rate())

    def _rate(self) -> str:
        return f"{self.done / max(time.monotonic() - self.begun, 1e-9) / 1e6:.1f} million draws/s"

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.shown = Progress(TextColumn("drawing"), BarColumn(), TextColumn("{task.percentage:.0f} %"),
                              TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
                              console=Console(stderr=True), transient=True)  # fmt: skip
        self.task = self.shown.add_task("", total=self.total, rate=self._rate())
        self.shown.start()

    def close(self) -> None:
        if self.shown is not None:
            with suppress(OSError):  # the terminal may be gone
                self.shown.stop()
