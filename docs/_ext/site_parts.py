"""What a page of the site is made of beside its text: parts that the program writes, diagrams, and checks.

`<!-- make: NAME ARGUMENT -->` in a page stands for what a function of PARTS returns.
"""

import re
from pathlib import Path

import diagrams
import gallery
import links
import mathml
import reference
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PARTS = {
    "gallery": gallery.page,
    "variant": reference.variant,
    "sets": reference.sets,
    "families": reference.families,
    "constants": reference.constants,
    "commands": reference.command_pages,
    "api": reference.api,
}
PLACE = re.compile(r"<!-- make: (\w+) ?(\S*) -->")


def filled(text: str) -> str:
    """A page with its parts in place, and its diagrams drawn."""
    text = PLACE.sub(lambda m: PARTS[m[1]](*filter(None, [m[2]])), text)
    return diagrams.drawn(text)


def inside(text: str, folder: Path, root: Path) -> str:
    """A page whose links to files beside the site, which the repository shows, are their text alone."""

    def kept(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        return link[0] if target.is_relative_to(root) or not target.exists() else link[1]

    return re.sub(r"\[([^]]+)\]\((\.\.?/[^)#\s]+)\)", kept, text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    root = Path(app.srcdir)
    source[0] = inside(filled(source[0]), (root / name).parent, root)


def _draw(app: Sphinx) -> None:
    gallery.draw(Path(app.srcdir) / "_drawn")


def _check(app: Sphinx, failed: Exception | None) -> None:
    if failed is None and app.builder.name == "html" and (faults := links.broken(Path(app.outdir))):
        raise ExtensionError("\n".join(faults))


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the pages filled before they are read, and the site checked when it is built."""
    mathml.setup(app)
    app.connect("config-inited", lambda app, _: _draw(app))
    app.connect("source-read", _read)
    app.connect("build-finished", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
