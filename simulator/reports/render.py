"""A report as HTML, Markdown or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..base.errors import InputError, inert
from ..base.wording import tied
from ..plots.theme import THEMES
from .document import Section

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


@dataclass(frozen=True)
class Report:
    """A page: its title, what it is about, its headline, whence it is, its sections, and its plain data."""

    title: str
    about: str
    headline: str
    whence: str
    sections: Sequence[Section]
    data: Any

    def render(self, form: str) -> str:
        """The report as `html`, `md` or `json`; raises InputError for another format."""
        if form not in FORMATS:
            raise InputError(f"there is no report format {form!r}: {', '.join(FORMATS)}")
        return FORMATS[form](self)


def to_json(report: Report) -> str:
    """The report's plain data."""
    return json.dumps(report.data, indent=2, allow_nan=False) + "\n"


def to_html(report: Report) -> str:
    """One page that holds everything in itself and asks nothing of a network."""
    return page_of("report.html", report=report)


def page_of(template: str, **told: Any) -> str:
    """A page of a template, in which nothing is left that a browser would obey but its marks."""
    return inert(_template(template).render(themes=THEMES, version=__version__, **told))


def to_markdown(report: Report) -> str:
    """The page without its figures, as Markdown."""
    return inert(_template("report.md").render(report=report, version=__version__))


FORMATS: dict[str, Callable[[Report], str]] = {"html": to_html, "md": to_markdown, "json": to_json}


def _template(name: str) -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    page = Environment(
        loader=PackageLoader("simulator.reports"),
        autoescape=name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    page.filters["plain"] = _plain
    page.filters["tied"] = tied
    page.filters["linked"] = _linked
    page.filters["kind"] = lambda block: type(block).__name__
    return page.get_template(name)


_END = r"[^\s<>\"'`]*[^\s<>\"'`.,;:)\]]"
_ADDRESS = re.compile(
    rf"https?://{_END}|arXiv:(\d{{4}}\.\d{{4,5}})(?:v\d+)?"
    rf"|(?<![\w.@/-])((?:[a-z0-9-]+\.)+(?:org|com|net|edu|gov|int|io|ai|cn)(?:/{_END})?)(?![\w-])"
)


def _linked(text: str) -> Markup:
    """A text for HTML, in which addresses and arXiv numbers are links; nothing is fetched until one is followed."""
    from markupsafe import Markup, escape

    made, end = Markup(""), 0
    for match in _ADDRESS.finditer(text):
        address = f"https://arxiv.org/abs/{match[1]}" if match[1] else f"https://{match[2]}" if match[2] else match[0]
        link = Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, match[0])
        made, end = made + escape(text[end : match.start()]) + link, match.end()
    return made + escape(text[end:])


def _plain(cell: str) -> str:
    """A text that stays text in Markdown: its marks are escaped, and its lines are joined."""
    return (
        re.sub(r"[\\`*_\[\]#~$]", r"\\\g<0>", " ".join(cell.split()).replace("&", "&amp;"))
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("|", "&#124;")
    )
