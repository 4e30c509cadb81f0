"""The page: one HTML file that computes in the reader's browser, with the report beneath."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from html import escape

from ...analyses.sides import Side, run_of
from ...base.errors import InputError
from ...compute.graph import Model
from ...compute.years import Crossing
from ...priors.over import Years
from ...runs.run import Run
from ..render import Report, page_of
from ..report import report
from .expressions import Untranslatable
from .formulas import kernels
from .library import library, source
from .payload import models_of, payload

ENGINE = ("engine.js", "years.js", "curves.js", "analyses.js", "words.js")
FACE = "static"
PLACE = "<!--report-->"
HEAD = '<h1 data-word="title">The compute of Sora-like video</h1>'
FORMS = """\
"use strict";
(() => {{
{engine}
window.engine = createEngine(JSON.parse(document.getElementById("data").textContent));
window.page = {{ catalogue: JSON.parse(document.getElementById("catalogue").textContent) }};
}})();
{face}
"""


def untranslated(run: Run) -> str:
    """Why no page of a run can be made that computes: the formula that has no translation; empty where all have one."""
    try:
        engine(models_of(run))
    except Untranslatable as error:
        return str(error)
    return ""


@cache
def engine(models: tuple[Model, ...]) -> str:
    """All that computes: the library, the formulas, and the engine over them; raises Untranslatable."""
    return "\n".join([library(), kernels(models), *map(source, ENGINE)])


def explore(side: Side | str | Sequence[str], years: Years | None = None, when: Sequence[str | Crossing] = ()) -> str:
    """A page, as HTML, in which every prior of a set or a run can be moved: one file that computes where it is read.

    A stored run, a prior set or layers are taken, as everywhere. Over `years` the page has a menu of them and stands in
    the last; it begins with the threshold of the last crossing of `when`. Raises InputError for a pool, which has no
    priors of its own, and where a formula of the model cannot be translated.
    """
    run = run_of(side, years=years, when=when)
    if why := untranslated(run):
        raise InputError(why)
    return interactive(run, report(run, pictures=False))


def interactive(run: Run, beneath: Report) -> str:
    """The page of a run, with its report beneath; raises Untranslatable, and InputError for a pool."""
    face = source("order.txt", FACE).split()
    script = _slim(FORMS.format(engine=engine(models_of(run)), face="\n".join(source(name, FACE) for name in face)))
    before, after = source("page.html", FACE).split(PLACE)
    if not run.priors.model.told.modalities:  # of a model of one's own, which is not of video
        before = before.replace(HEAD, f"<h1>{escape(run.priors.title)}</h1>")
    return page_of(
        "explore.html",
        report=beneath,
        style=source("page.css", FACE),
        before=before,
        after=after,
        data=_held(payload(run)),
        catalogue=_held(json.loads(source("catalogue.json", FACE))),
        licence=f"Of the special functions in this page:\n{source('special.LICENSE', 'vendor')}",
        script=script,
        hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _slim(script: str) -> str:
    """A script without its indentation and the lines that are comments; no text in it goes over lines."""
    lines = [line.strip() for line in script.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _held(data: object) -> str:
    """Plain data within a page: whatever a file says stays text."""
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
