"""Names, units and numbers in words: for tables, figures and reports."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from functools import cache

_SPOKEN = {
    "h100s": "H100s",
    "h100": "H100",
    "mfu": "MFU",
    "gpu": "GPU",
    "gpus": "GPUs",
    "flop": "FLOP",
    "ai": "AI",
    "dit": "DiT",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "gpt4": "GPT-4",
    "llama2": "Llama 2",
    "usd": "USD",
}
_KINDS = {"trends.": "trend", "noise.": "random walk"}
CALENDAR = "calendar_year"  # the unit of a date, such as the first year beyond a bound: it is not said
_MANY = {
    CALENDAR: "",
    "FLOP": "FLOP",
    "FLOP/s": "FLOP per second",
    "USD": "US dollars",
    "image": "images",
    "token": "tokens",
    "video_minute": "minutes of video",
    "video_second": "seconds of video",
    "s": "seconds",
    "hour": "hours",
    "day": "days",
    "year": "years",
    "W": "watts",
    "MW": "megawatts",
    "MWh": "megawatt-hours",
    "1": "",
}
_ONE = {"video_minute": "minute of video", "video_second": "second of video", "s": "second", "MWh": "megawatt-hour"}
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
TIE = "\u00a0"  # a blank at which no line ends
LONGEST = 20  # letters of a word that is kept whole in a column that is narrower
_WIDE = "([\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60\U0001f300-\U0003fffd])"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def spoken(name: str) -> str:
    """`youtube_ai_penetration` as `YouTube AI penetration`, `inference_h100s@2030` as `inference H100s in 2030`.

    Of years: `trends.x` is the `trend of x`, `noise.x.2` a step of its random walk, `x@2030over2026` a growth,
    `first_year(x>1e6)` the `first year of x above 1M`, and `total(x)` its sum.
    """
    for start, said in _KINDS.items():
        if name.startswith(start):
            of, _, step = name.removeprefix(start).partition(".")
            return f"{said} of {spoken(of)}{f' in year {step}' if step else ''}"
    if name.endswith(")"):
        kind, _, inside = name[:-1].partition("(")
        sign = "<" if "<" in inside else ">"
        of, crosses, bound = inside.partition(sign)
        text = f"{' '.join(kind.split('_'))} of {spoken(of)}"
        return f"{text} {'above' if sign == '>' else 'below'} {_bound(bound)}" if crosses else text
    plain, _, year = name.partition("@")
    words = " ".join(_SPOKEN.get(part, part) for part in plain.split("_"))
    late, _, early = year.partition("over")
    return f"{words}, {late} over {early}" if early else f"{words} in {late}" if late else words


def _bound(text: str) -> str:
    """What a quantity crosses: a number, or another quantity."""
    return short(float(text)) if text[:1].isdigit() or text[:1] in ("-", ".") else spoken(text)


def unit_words(unit: str) -> str:
    """`FLOP/video_minute` as `FLOP per minute of video`; nothing for a pure number."""
    if unit in _MANY:
        return _MANY[unit]
    above, *below = unit.split("/")
    parts = [" ".join(_MANY.get(u.strip(), u.strip()) for u in above.split("*"))]
    parts += [f"per {_ONE.get(u.strip(), u.strip())}" for u in below]
    return " ".join(part for part in parts if part)


def short(value: float, figures: int = 3, powers_from: float = 1e15) -> str:
    """A number as an axis shows it: `720k`, `15M`; `2×10²⁵` from a size on; `2027.2`, a year, where digits matter."""
    if not value or not math.isfinite(value):
        return "0" if value == 0.0 else "infinite" if value == math.inf else "-"
    size = abs(value)
    if 1e3 <= size < 1e4 and figures >= 4:
        return _plain(value, figures)
    if 0.001 <= size < powers_from:
        for scale, letter in _SCALES:
            if float(f"{size:.{figures}g}") >= scale:
                return f"{_plain(value / scale, figures)}{letter}"
        return _plain(value, figures)
    power = math.floor(math.log10(size) + 1e-12)
    lead = _plain(value / 10.0**power, figures)
    tens = f"10{str(power).translate(_RAISED)}"
    return tens if lead == "1" else f"-{tens}" if lead == "-1" else f"{lead}×{tens}"


def _plain(value: float, figures: int) -> str:
    shown = f"{value:.{figures}g}"
    return f"{float(shown):.0f}" if "e" in shown else shown


def supported(value: float, mcse: float | None, most: int = 3) -> int:
    """How many digits of a number its MCSE supports, at most three, or `most`."""
    if not mcse or not value or not math.isfinite(mcse):
        return most
    return max(1, min(most, math.floor(math.log10(abs(value))) - math.floor(math.log10(mcse)) + 1))


def resolving(*values: float) -> int:
    """How many digits tell values apart, to about a tenth of what lies between them; three or more."""
    known = [v for v in values if math.isfinite(v)]
    between, largest = max(known, default=0.0) - min(known, default=0.0), max(map(abs, known), default=0.0)
    if not between or not math.isfinite(between):
        return 3
    return min(max(math.floor(math.log10(largest)) - math.floor(math.log10(between)) + 2, 3), 15)


def told(value: float, mcse: float | None = None, unit: str = "", most: int = 3) -> str:
    """A number and its unit in a sentence: `15M minutes of video`, `720k`, no digit beyond the MCSE's."""
    return f"{short(value, supported(value, mcse, most))} {unit_words(unit)}".strip()


def folded(text: str, width: int, most: int | None = None) -> str:
    """`text` in lines of about `width` characters, and at most so many; no word is broken, unless it is very long.

    Chinese, Japanese and Korean characters are two wide, and a line may end after each. A number keeps its %.
    """
    return _folded(tied(text), width, most).replace(TIE, " ")


def tied(text: str) -> str:
    """A text in which no line ends between a number and its %."""
    return re.sub(r"(?<=\d) %", f"{TIE}%", text)


def _folded(text: str, width: int, most: int | None) -> str:
    plain = text.isascii() or not _wide().search(text)
    words = text.split(" ") if plain else [part for word in text.split() for part in _wide().split(f"{word} ") if part]
    wide = max(width, min(max((width_of(w.strip()) for w in words), default=0), LONGEST))
    if plain:
        lines = textwrap.wrap(text, wide, break_on_hyphens=wide >= LONGEST, max_lines=most, placeholder="…")
        return "\n".join(lines) or text
    lines = [""]
    for word in words:
        if lines[-1] and width_of(lines[-1] + word.strip()) > wide:
            lines.append("")
        lines[-1] += word
    kept = [line.strip() for line in lines][:most]
    return "\n".join(kept) + ("…" if len(kept) < len(lines) else "")


@cache
def _wide() -> re.Pattern[str]:
    """Characters two columns wide, compiled for the first text that may have one: it takes some milliseconds."""
    return re.compile(_WIDE)


def width_of(text: str) -> int:
    """How many columns a text takes: a Chinese, Japanese or Korean character takes two."""
    return len(text) + (0 if text.isascii() else len(_wide().findall(text)))


def counted(count: int, noun: str) -> str:
    """`1 draw`, `1,600 draws`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def percent(p: float) -> str:
    """`5 %`, `97.5 %`."""
    return f"{100 * p:.10g} %"


def unit_text(unit: str, word: str = "") -> str:
    """A unit with the scale of the numbers beside it: `1e25 FLOP`, `million video_minute`."""
    return " ".join(part for part in (word, "" if unit in ("1", CALENDAR) else unit) if part)


def aligned(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table as plain text: the first `left` columns to the left, the others to the right; a cell may have lines."""
    lines = [list(heads)]
    for row in rows:
        parts = [cell.split("\n") for cell in row]
        lines += [[part[i] if i < len(part) else "" for part in parts] for i in range(max(map(len, parts)))]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    shown = []
    for line in lines:
        cells = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table for a notebook."""
    from html import escape

    def line(cells: Sequence[str], kind: str) -> str:
        return "<tr>" + "".join(f"<{kind}>{escape(cell)}</{kind}>" for cell in cells) + "</tr>"

    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    body = "".join(line(row, "td") for row in rows)
    return f"<table>{above}<thead>{line(heads, 'th')}</thead><tbody>{body}</tbody></table>"
