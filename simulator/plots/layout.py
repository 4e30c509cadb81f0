"""The frame of a figure: a title that says the finding, a footer that says whence, and text that fits."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from .._version import __version__
from ..base.errors import InputError
from ..base.wording import TIE, tied
from ..runs.run import Run
from .arrangement import Room, arrange
from .panels import numbers_of
from .theme import MM, Theme

FORMATS = ("png", "svg", "pdf")
MARGIN = 0.09  # inches around the figure
LEADING = 1.25  # of lines of text
SLACK = 0.96  # of a line: text is not quite as wide at every resolution
PIXELS = 100e6  # in a PNG


class NoRoom(InputError):
    """A figure is too small for its text."""


def blank(theme: Theme, width: float, height: float) -> Figure:
    """An empty figure of a size in mm, with a canvas that can measure text."""
    figure = Figure(figsize=(width / MM, height / MM), dpi=100, layout="none")  # what is arranged stays so
    FigureCanvasAgg(figure)
    return figure


def footer(runs: tuple[Run, ...]) -> str:
    """Whence a figure comes: prior sets, draws, seed, version, and the digests of the runs that are stored."""
    parts, trusts = [], {run.priors.trust for run in runs}
    for run in {run.digest: run for run in runs}.values():
        s = run.settings
        kept = f" ({s.kept * s.replicates:,} kept)" if s.kept < s.per_replicate else ""
        parts.append(f"{run.priors.called} · {s.draws:,} draws{kept} · seed {s.seed}")
        parts[-1] += f" · run {run.digest[:8]}" if run.path else ""
        parts[-1] += f" · {run.priors.trust}" if len(trusts) > 1 else ""
    return " | ".join([*parts, f"simulate {__version__}", *(trusts if len(trusts) == 1 else ())])


def dress(figure: Figure, title: str, foot: str, theme: Theme) -> None:
    """Set title and footer, folded to the width, and give the axes their places in the room between them."""
    width, height = figure.get_size_inches()
    heading = _lines(figure, title[:1].upper() + title[1:], width - 2 * MARGIN, 1.16 * theme.size, "bold")
    ending = _lines(figure, foot, width - 2 * MARGIN, 0.78 * theme.size, "normal")
    top = MARGIN + len(heading) * 1.16 * theme.size * LEADING / 72.0 + 0.04
    bottom = MARGIN + len(ending) * 0.78 * theme.size * LEADING / 72.0 + 0.02
    if height - top - bottom < 0.45 * height:
        raise NoRoom(
            f"{width * MM:.0f}x{height * MM:.0f}mm leaves no room beside the title and the footer: "
            f"make the figure {(top + bottom) / 0.5 * MM:.0f} mm high, or wider"
        )
    figure.text(
        MARGIN / width,
        1.0 - MARGIN / height,
        "\n".join(heading),
        va="top",
        ha="left",
        weight="bold",
        size=1.16 * theme.size,
        color=theme.ink,
        linespacing=LEADING,
        gid="title",
    )
    figure.text(
        MARGIN / width,
        MARGIN / height,
        "\n".join(ending),
        va="bottom",
        ha="left",
        size=0.78 * theme.size,
        color=theme.muted,
        linespacing=LEADING,
        gid="footer",
    )
    room = Room(*(figure.dpi * x for x in (MARGIN, bottom, width - 2 * MARGIN, height - top - bottom)))
    if not arrange(figure, room):
        raise NoRoom("there is no room for the axes beside their labels: make the figure larger")


@contextmanager
def quiet() -> Iterator[None]:
    """A figure that cannot be laid out is an error; of fonts, what matters is told where they are chosen."""
    log = logging.getLogger("matplotlib.font_manager")
    log.addFilter(_other_than_weights)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing from font")
            warnings.filterwarnings("error", ".*constrained_layout not applied")
            yield
    except UserWarning as warning:
        if "constrained_layout" not in str(warning):
            raise
        raise NoRoom("there is no room for the axes beside their labels: make the figure larger") from None
    finally:
        log.removeFilter(_other_than_weights)


def _other_than_weights(record: logging.LogRecord) -> bool:
    """A font for Chinese often has no bold: the title's is then its normal one, and no matter for a warning."""
    return "font weight" not in record.getMessage()


def unfit(figure: Figure) -> str | None:
    """The first text that is cut off by the figure's edge, or that runs into the next along an axis."""
    renderer, whole = figure.canvas.get_renderer(), figure.bbox
    for legend in filter(None, (ax.get_legend() for ax in figure.axes)):
        legend.draw(renderer)  # which gives its texts their places
    hidden = {t for ax in figure.axes if not ax.axison for axis in (ax.xaxis, ax.yaxis) for t in axis.findobj(Text)}
    texts = figure.findobj(lambda t: isinstance(t, Text) and t not in hidden and t.get_visible() and t.get_text())
    boxes = {text: text.get_window_extent(renderer) for text in texts}
    for text, box in boxes.items():
        if box.width and not (box.x0 > -1 and box.y0 > -1 and box.x1 < whole.x1 + 1 and box.y1 < whole.y1 + 1):
            return str(text.get_text())
    for ax in figure.axes:
        along = (ax.get_xticklabels(), ax.get_yticklabels(), numbers_of(ax)) if ax.axison else ()
        for labels in along:
            for text, other in pairwise(t for t in labels if t in boxes):
                a, b = boxes[text], boxes[other]
                if min(a.x1, b.x1) - max(a.x0, b.x0) > 1.0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.0:
                    return str(text.get_text())
    return None


def _lines(figure: Figure, text: str, width: float, size: float, weight: str) -> list[str]:
    """`text` in lines that are no wider than `width` inches; a word that is wider is broken."""
    probe = figure.text(0, 0, "", size=size, weight=weight)
    renderer = figure.canvas.get_renderer()

    def fits(line: str) -> bool:
        probe.set_text(line)
        return probe.get_window_extent(renderer).width <= SLACK * width * figure.dpi

    lines = [""] if text else []
    for word in (word.replace(TIE, " ") for word in re.findall(r"[^ \n\t]+", tied(text))):
        joined = f"{lines[-1]} {word}".strip()
        if fits(joined):
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if not fits(lines[-1] + character):
                lines.append("")
            lines[-1] += character
    probe.remove()
    return lines


def encode(figure: Figure, form: str, dpi: int, title: str, theme: Theme) -> bytes:
    """The figure as a file's bytes; the same figure gives the same bytes."""
    held = io.BytesIO()
    made = f"simulate {__version__}"
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": made, "Title": title},
        "svg": {"Creator": made, "Title": title, "Date": None},
        "pdf": {"Creator": made, "Title": title, "CreationDate": None, "Producer": None},
    }
    width, height = figure.get_size_inches()
    if form == "png" and width * height * dpi**2 > PIXELS:
        raise InputError(
            f"{width * dpi:.0f} x {height * dpi:.0f} pixels are too many for a PNG: lower --dpi or "
            "--size, or write .svg or .pdf"
        )
    with rc_context(theme.settings()), quiet():
        figure.savefig(held, format=form, dpi=dpi, metadata=metadata[form])
    return held.getvalue()


def format_of(path: Path) -> str:
    """The format that a file's name asks for; raises InputError for one that cannot be written."""
    form = path.suffix[1:].lower()
    if form not in FORMATS:
        raise InputError(f"--out {path}: a figure is written as .png, .svg or .pdf, by the file's ending")
    return form
