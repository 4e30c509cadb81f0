"""Fonts: the one that figures are set in, and others that are installed for characters that it has not."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager, get_font

FIRST = "DejaVu Sans"  # comes with matplotlib
LIKED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
    "Arial Unicode MS",
)
BOXES = ("LastResort", "Emoji")  # in names of files: fonts that have boxes for everything, or pictures of one size


def families(texts: Iterable[str]) -> tuple[list[str], str]:
    """The families in which texts are set, one behind the other, and the characters that none of them has."""
    asked = frozenset(c for text in texts for c in text if c.isprintable() and not c.isspace())
    return _chosen(asked - _held(findfont(FontProperties(family=[FIRST]))))


@cache
def _chosen(missing: frozenset[str]) -> tuple[list[str], str]:
    found = [FIRST]
    if missing:
        _notice_new_ones()
    for name, path in _installed() if missing else ():
        if missing & _held(path):
            found.append(name)
            missing -= _held(path)
        if not missing:
            break
    return found, "".join(sorted(missing))


def _notice_new_ones() -> None:
    """Tell matplotlib of fonts that were installed since it last looked: it keeps a list on disk."""
    known = {f.fname for f in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        with suppress(OSError, RuntimeError):
            fontManager.addfont(path)


def _installed() -> list[tuple[str, str]]:
    """Families with one of their upright files: those that read well first, the others by name."""
    liked = {name: i for i, name in enumerate(LIKED)}
    upright = [f for f in fontManager.ttflist if f.style == "normal" and f.name != FIRST]
    fonts = {f.name: f.fname for f in upright if not any(box in Path(f.fname).name for box in BOXES)}
    return sorted(fonts.items(), key=lambda pair: (liked.get(pair[0], len(liked)), pair[0]))


@cache
def _held(path: str) -> frozenset[str]:
    """The characters of a font; none of a file that is no font any more."""
    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def without(characters: str) -> str:
    """What is said of characters that no installed font has."""
    shown = characters if len(characters) <= 12 else f"{characters[:12]}…"
    return f"no installed font has {shown}: drawn as boxes; a font that has them (fonts-noto-cjk for Chinese) is found"
