"""Numbers as people write and read them. Imports nothing heavy."""

from __future__ import annotations

import math
import re

from .errors import InputError, quote

SCALES = {
    "": 1.0,
    "k": 1e3,
    "K": 1e3,
    "thousand": 1e3,
    "M": 1e6,
    "million": 1e6,
    "B": 1e9,
    "G": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "T": 1e12,
    "trillion": 1e12,
    "%": 0.01,
}
SCALE = "|".join(sorted((re.escape(k) for k in SCALES if k), key=len, reverse=True))
FIGURE = r"(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(rf"([+-]?)(\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|{FIGURE})\s*({SCALE})?")


def parse_number(text: str, what: str = "a number") -> float:
    """`1000000`, `1_000_000`, `1,000,000`, `1e6`, `1M`, `15 million`, `15%` as a float.

    Raises InputError where `text` is not such a number, or is not finite.
    """
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        raise InputError(f"{quote(text)} is not {what}: write it as 1000000, 1e6, 1M or 15 million")
    sign, figure, scale = match.groups()
    figure = figure.replace(",", "").replace("_", "")
    exponent = round(math.log10(SCALES[scale or ""]))
    value = float(figure) * 10.0**exponent if "e" in figure.lower() else float(f"{figure}e{exponent}")
    if not math.isfinite(value):
        raise InputError(f"{quote(text)} is too large for {what}")
    return -value if sign == "-" else value


def parse_count(text: str, what: str, least: int = 1, most: int = 10**12) -> int:
    """A whole number between `least` and `most`, in any notation of `parse_number`."""
    plain_digits = text.strip().replace("_", "").replace(",", "")
    if plain_digits.isdecimal() and len(plain_digits) < 19:
        parse_number(text, what)  # the same words where it is none
        exact = int(plain_digits)  # a float would round a long seed
        if least <= exact <= most:
            return exact
    value = parse_number(text, f"{what}")
    if value > most and value == int(value):
        raise InputError(
            f"{quote(text)} is too large for {what.removeprefix('a number for ')}: at most {shortest(most)}"
        )
    if value != int(value) or not least <= value <= most:
        raise InputError(f"{quote(text)} is not {what}: a whole number from {least:,} to {most:,}")
    return int(value)


def shortest(value: float) -> str:
    """The shortest text that reads back as `value`, in e-notation where that is shorter."""
    text = repr(float(value)).removesuffix(".0")
    if "inf" in text or "nan" in text:
        return text
    mantissa, _, exponent = text.partition("e")
    whole, _, part = mantissa.lstrip("-").partition(".")
    figures = (whole + part).lstrip("0")
    power = int(exponent or 0) + len(whole) - 1 - (len(whole + part) - len(figures))
    figures = figures.rstrip("0") or "0"
    short = f"{'-' if value < 0 else ''}{figures[0]}{'.' if figures[1:] else ''}{figures[1:]}e{power}"
    return short if len(short) < len(text) else text


WORDS = {6: "million", 9: "billion", 12: "trillion"}


def scale_of(value: float) -> tuple[int, str]:
    """The power of ten in which a person reads `value`, and its word: (6, "million"), (25, "1e25")."""
    if not value or not math.isfinite(value):
        return 0, ""
    size = math.floor(math.log10(abs(value)) + 1e-12)
    if -4 <= size < 6:
        return 0, ""
    base = size // 3 * 3
    return (base, WORDS[base]) if base in WORDS else (size, f"1e{size}")


def rough(value: float, digits: int) -> str:
    """`value` to so many significant digits, as a person writes it: `1,600`, `0.023`, `2e-7`."""
    near = float(f"{value:.{digits}g}")
    if not near or not 1e-4 <= abs(near) < 1e15:
        return shortest(near)
    text = f"{near:,.{max(digits - 1 - math.floor(math.log10(abs(near)) + 1e-12), 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def figures(value: float, mcse: float | None = None, power: int = 0, most: int = 5) -> str:
    """`value` in units of 10^`power`: `10,528(3)`, the MCSE in parentheses in units of the last digit.

    No digit is shown that the Monte Carlo standard error (MCSE) does not support, and none beyond
    `most` significant ones. An `mcse` of 0 or None stands for a number that is exact.
    """
    v, m = value / 10.0**power, (mcse or 0.0) / 10.0**power
    if not math.isfinite(v):
        return "infinite" if v > 0.0 else "-"
    if not v and not m:
        return "0"
    size = math.floor(math.log10(abs(v)) + 1e-12) if v else -1
    last = size - most + 1
    if math.isnan(m):  # too few draws to tell
        return f"~{rough(v, 2)}"
    if not m or not math.isfinite(m):
        last = next((d for d in range(max(size, 0), last, -1) if abs(round(v, -d) - v) < 1e-9 * abs(v)), last)
        return f"{round(v, -last):,.{max(-last, 0)}f}"
    place = math.floor(math.log10(m) + 1e-12)
    place += round(m / 10.0**place) == 10
    if v and place > size:
        return f"{rough(v, 1)} ± {rough(m, 1)}"
    last = max(last, place) if v else place
    units = max(1, math.ceil(round(m / 10.0**last, 6)))
    if units == 10:
        last, units = last + 1, 1
    error = f"({units * 10**last:,})" if last > 0 else f"({units})"
    return f"{round(v, -last):,.{max(-last, 0)}f}{error}"


def readable(value: float, mcse: float | None = None, most: int = 5) -> str:
    """`value` as a person reads it: `10,528(3)`, `15.25(1) million`, `1.083(2)e25`."""
    power, word = scale_of(value)
    text = figures(value, mcse, power, most)
    if word.startswith("1e"):
        return f"({text}){word[1:]}" if "±" in text else f"{text}{word[1:]}"
    return f"{text} {word}".strip()


def rounded(value: float, mcse: float | None = None, most: int = 3) -> str:
    """As `readable`, without the parentheses: for sentences."""
    return re.sub(r"\([\d,]+\)", "", readable(value, mcse, most))
