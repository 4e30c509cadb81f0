"""Mermaid's flowcharts as SVG, for pages that ask nothing of a network: boxes in rows, each below what points to it."""

import re
from html import escape

FENCE = re.compile(r"```mermaid\n(flowchart T[BD]\n.*?)```", flags=re.S)
BOX = re.compile(r'(\w+)\["([^"]+)"\]')
HIGH, GAP, WIDE, LETTER = 34, 30, 760, 7.2  # of a box, between rows, of the drawing, of a letter; px


def drawn(text: str) -> str:
    """A page with its flowcharts drawn."""
    return FENCE.sub(lambda found: svg(found[1]), text)


def svg(chart: str) -> str:
    """A flowchart of `a["text"] --> b["text"]` as SVG in the page's colours."""
    names = dict(BOX.findall(chart))
    arrows = re.findall(r"(\w+) --> (\w+)", BOX.sub(r"\1", chart))
    for name in (end for arrow in arrows for end in arrow):
        names.setdefault(name, name)
    places = _places(names, arrows)
    height = max(y for _, y, _ in places.values()) + HIGH + 2
    parts = [_line(places[a], places[b]) for a, b in arrows]
    parts += [_box(places[name], label) for name, label in names.items()]
    told = escape("; ".join(f"{a} stands on {b}" for a, b in arrows))
    return (
        f'<svg class="diagram" role="img" aria-label="{told}" viewBox="0 0 {WIDE} {height}" font-size="13">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>{"".join(parts)}</svg>\n'
    )


def _places(names: dict[str, str], arrows: list[tuple[str, str]]) -> dict[str, tuple[float, float, float]]:
    """The middle, top and width of each box: its row is the longest way to it."""
    row = dict.fromkeys(names, 0)
    for _ in names:
        for a, b in arrows:
            row[b] = max(row[b], row[a] + 1)
    places = {}
    for level in sorted({*row.values()}):
        here = [name for name in names if row[name] == level]
        for i, name in enumerate(here):
            middle = WIDE * (i + 0.5) / len(here)
            places[name] = middle, level * (HIGH + GAP) + 1.0, LETTER * len(names[name]) + 20
    return places


def _line(a: tuple[float, float, float], b: tuple[float, float, float]) -> str:
    start, end = f"{a[0]:.0f} {a[1] + HIGH:.0f}", f"{b[0]:.0f} {b[1] - 1:.0f}"
    return f'<path d="M{start}L{end}" stroke="currentColor" opacity="0.6" marker-end="url(#tip)"/>'


def _box(place: tuple[float, float, float], label: str) -> str:
    x, y, wide = place
    box = f'<rect x="{x - wide / 2:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{HIGH}" rx="6"/>'
    return f'{box}<text x="{x:.0f}" y="{y + 22:.0f}" text-anchor="middle">{escape(label)}</text>'
