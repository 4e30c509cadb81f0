"""How figures look: colours that survive colour blindness and greyscale printing, sizes, and styles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..base.errors import InputError, nearest, quote

MM = 25.4
SIZES = {"column": 80.0, "full": 170.0, "slide": 254.0}
SMALLEST, LARGEST = (70.0, 40.0), (1200.0, 1200.0)  # mm
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*(?:x\s*(\d+(?:\.\d+)?)\s*)?(mm|cm|in)")
_TO_MM = {"mm": 1.0, "cm": 10.0, "in": MM}


@dataclass(frozen=True)
class Theme:
    """The colours of a style: `series` in the order of use, each of a lightness of its own.

    `series` are Paul Tol's high-contrast colours (blue, red, yellow) and a grey, which keep apart in
    every colour blindness and in greyscale; lines and marks differ in dash and shape as well.
    """

    name: str
    background: str
    ink: str
    muted: str
    grid: str
    series: tuple[str, str, str, str]
    hatches: tuple[str, ...] = ("", "", "", "")
    width_mm: float = 170.0
    first: int = 0  # the series with which a plot begins: others may stand in its axes already

    @property
    def size(self) -> float:
        """The size of text, in points: larger on a larger figure, readable on the smallest."""
        return min(max(5.2 + self.width_mm / 55.0, 6.4), 11.5)

    @property
    def behind(self) -> dict[str, Any]:
        """The box behind a text that lies over lines."""
        return {"facecolor": self.background, "edgecolor": "none", "pad": 0.8, "alpha": 0.85}

    def color(self, i: int) -> str:
        """The colour of the i-th series."""
        return self.series[(i + self.first) % len(self.series)]

    def dash(self, i: int) -> Any:
        """The dash of the i-th series' line."""
        return ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (5, 1.4, 1.2, 1.4)))[(i + self.first) % 4]

    def mark(self, i: int) -> str:
        """The mark of the i-th series' points."""
        return "osD^vPXh"[(i + self.first) % 8]

    def hatch(self, i: int) -> str:
        """The hatch of the i-th series' areas: none but in print."""
        return self.hatches[(i + self.first) % len(self.hatches)]

    def settings(self) -> dict[str, Any]:
        """matplotlib's settings for this style."""
        return {
            "font.size": self.size,
            "font.family": ["DejaVu Sans"],
            "text.parse_math": False,
            "text.hinting": "none",
            "axes.titlesize": self.size,
            "axes.labelsize": self.size,
            "axes.titlelocation": "left",
            "xtick.labelsize": 0.93 * self.size,
            "ytick.labelsize": 0.93 * self.size,
            "legend.fontsize": self.size,
            "figure.facecolor": self.background,
            "savefig.facecolor": self.background,
            "axes.facecolor": self.background,
            "text.color": self.ink,
            "axes.labelcolor": self.ink,
            "axes.edgecolor": self.muted,
            "xtick.color": self.muted,
            "ytick.color": self.muted,
            "xtick.labelcolor": self.ink,
            "ytick.labelcolor": self.ink,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.major.size": 2.5,
            "ytick.major.size": 2.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "grid.color": self.grid,
            "grid.linewidth": 0.5,
            "axes.grid": False,
            "axes.axisbelow": True,
            "hatch.linewidth": 0.5,
            "hatch.color": self.muted,
            "axes.unicode_minus": True,
            "svg.fonttype": "path",
            "svg.hashsalt": "simulate",
            "pdf.fonttype": 42,
        }


THEMES = {
    "light": Theme("light", "#ffffff", "#1a1a1a", "#5f6670", "#e4e6ea", ("#004488", "#bb5566", "#ddaa33", "#98a0aa")),
    "dark": Theme("dark", "#14171c", "#f1f3f5", "#a4acb8", "#2c323b", ("#88bbee", "#dd7788", "#eedd88", "#6b7583")),
    "print": Theme(
        "print",
        "#ffffff",
        "#000000",
        "#4d4d4d",
        "#dddddd",
        ("#000000", "#6e6e6e", "#a9a9a9", "#c8c8c8"),
        ("", "////", "....", "\\\\\\\\"),
    ),
}


def theme(name: str) -> Theme:
    """The theme of a style; raises InputError with the nearest name."""
    if name not in THEMES:
        raise InputError(f"there is no style {quote(name)}: {nearest(name, THEMES)}")
    return THEMES[name]


def parse_size(text: str) -> tuple[float, float | None]:
    """`80mm`, `170x110mm`, `6x4in`, `column`, `full`, `slide` as (width, height or None) in mm.

    Raises InputError for what is no size, or too small or too large for a figure.
    """
    named = SIZES.get(text.strip())
    if named is not None:
        return named, 142.9 if text.strip() == "slide" else None
    match = _LENGTH.fullmatch(text.strip())
    if not match:
        raise InputError(f"{quote(text)} is not a size: write 80mm, 170x110mm, 6x4in, or {', '.join(SIZES)}")
    scale = _TO_MM[match[3]]
    width, height = float(match[1]) * scale, float(match[2]) * scale if match[2] else None
    for value, least, most in zip((width, height), SMALLEST, LARGEST, strict=True):
        if value is not None and not least <= value <= most:
            raise InputError(
                f"{quote(text)} is no size for a figure: from {SMALLEST[0]:g}x{SMALLEST[1]:g}mm to "
                f"{LARGEST[0]:g}x{LARGEST[1]:g}mm"
            )
    return width, height
