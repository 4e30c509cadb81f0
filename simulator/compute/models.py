"""The compute models that there are: the shipped variants, those of files that the user named, and installed ones.

A file's code runs when `load_model` is called with it, and an installed model's when its name is asked for; a path in a
prior set or in a stored run is never followed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import InputError, NoModel, clean, nearest, quote
from ..base.files import content
from .graph import Model
from .variants import VARIANTS
from .variants import model as shipped

if TYPE_CHECKING:
    from .model_file import OwnModel

NAME = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)  # of a model, a prior and a quantity
GROUP = "simulate.models"  # entry points of packages
LARGEST = 1_000_000  # bytes of a file of formulas
_LOADED: dict[str, OwnModel] = {}  # by key
_NAMED: dict[str, OwnModel] = {}  # by name, the last that was loaded
_CHOSEN: list[OwnModel] = []  # what --model named
_BROUGHT: list[OwnModel] = []  # of these, what was not loaded before
_READ: set[str] = set()  # keys of those that a set or a run was read with


def load_model(path: str | Path) -> Model:
    """The compute model of a file of formulas, `agents.py`, whose code is run; or of an installed one, by its name.

    Prior sets that say `model = "agents"` are read with it from then on. Raises InputError with a line for each
    mistake: file, line, what is wrong.
    """
    return _loaded(str(path))


def _loaded(written: str) -> OwnModel:
    if NAME.fullmatch(written) and not Path(written).is_file():
        return _installed(written) or _missing(written)
    if not written.endswith(".py"):
        raise InputError(f"--model {quote(written)}: name a file of formulas, as agents.py, or an installed model")
    return _held(Path(written).stem, _text(Path(written)), clean(written), clean(written))


def sources(model: Model) -> list[tuple[str, str, str]]:
    """What `from_source` takes to make a model elsewhere: none for a shipped one."""
    own = _LOADED.get(model.key)
    return [(own.name, own.text, own.path)] if own is not None else []


def from_source(name: str, text: str, path: str) -> Model:
    """The model of a text that another process of the same user has sent."""
    return _held(name, text, path)


def words(model: Model, elsewhere: bool = False) -> list[str]:
    """The words of a command that name a model: none of a shipped one, nor of an installed one that sets name.

    `elsewhere` leaves out the folder, for what is sent to others: it holds its user's name.
    """
    if not model.asked:
        return []
    return ["--model", Path(model.asked).name if elsewhere else model.asked]


def _text(path: Path) -> str:
    try:
        held = content(path, LARGEST, "file of formulas")
    except OSError as error:
        raise InputError(f"--model {path}: cannot be read: {error.strerror}") from None
    if held is None:
        raise InputError(f"--model {path}: larger than {LARGEST:,} bytes; this is no file of formulas")
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"--model {path}: is not text (UTF-8); a model is a file of Python") from None


def _held(name: str, text: str, path: str, asked: str = "") -> OwnModel:
    from .model_file import read

    made = read(name, text, path)
    made.asked = asked
    made = _LOADED.setdefault(made.key, made)
    _NAMED[made.name] = made
    return made


def _missing(name: str) -> OwnModel:
    raise InputError(
        f"--model {quote(name)}: there is no such file, and no package has installed a model of this name; "
        f"{nearest(name, [*VARIANTS, *installed()])}"
    )


def installed() -> dict[str, Any]:
    """The entry points of the models that packages have installed, by name.

    What lies in the working folder is not installed, though Python may look there: it may be a stranger's.
    """
    from importlib.metadata import distributions

    here = Path.cwd().resolve()
    places = [place for place in sys.path if place and Path(place).resolve() != here]
    points = (point for each in distributions(path=places) for point in each.entry_points)
    return {p.name: p for p in points if p.group == GROUP and NAME.fullmatch(p.name)}


def _installed(name: str) -> OwnModel | None:
    """The model of this name that a package has installed, if any: its module's file is read as any other."""
    from importlib.util import find_spec

    point = installed().get(name)
    if point is None:
        return None
    spec = find_spec(point.module)
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        raise InputError(f"the installed model {name} leads to {quote(point.value)}, which is no file of formulas")
    return _held(name, _text(Path(spec.origin)), f"{point.module}.py", name)


def choose(paths: Iterable[str]) -> None:
    """Load the models that a command names, and have them stand for what they extend; `release` ends it."""
    before = set(_LOADED)
    _CHOSEN[:] = map(_loaded, paths)
    _BROUGHT[:] = [m for m in _CHOSEN if m.key not in before]
    _READ.clear()
    twice = [m.name for m in _CHOSEN if [o.name for o in _CHOSEN].count(m.name) > 1]
    if twice:
        raise InputError(f"--model: two files make a model called {twice[0]}: rename one of them")


def release() -> None:
    """Forget the models that a command named: the next one names its own."""
    for m in _BROUGHT:
        _LOADED.pop(m.key, None)
        if _NAMED.get(m.name) is m:
            del _NAMED[m.name]
    _CHOSEN.clear()
    _BROUGHT.clear()


def idle() -> list[OwnModel]:
    """The chosen models with which nothing was read."""
    return [m for m in _CHOSEN if m.key not in _READ]


def sets_beside() -> list[Path]:
    """Where the sets of the models lie whose files a command names: of a model's name, or in `priors`, beside it."""
    places = list[Path]()
    for m in _CHOSEN:
        if m.asked.endswith(".py"):
            folder = Path(m.asked).parent
            places += [folder / f"{m.name}.toml", *sorted((folder / "priors").glob("*.toml"))]
    return [path for path in places if isfile(path)]


def standing_alone() -> Model | None:
    """The one model that a command names, where it needs a prior set of its own."""
    return _CHOSEN[0] if len(_CHOSEN) == 1 and not _CHOSEN[0].extends else None


def check_name(name: str) -> None:
    """Raises InputError for what no model is called."""
    if not NAME.fullmatch(name) or name in VARIANTS:
        raise InputError(f"{quote(name)} is not a name for a model: letters, digits and _, as agents")


def model_of(key: str) -> Model:
    """The compute model of a prior set's or a run's key; raises InputError where it is of a file that is not named.

    A key that names no shipped variant is a name and the SHA-256 of the file: no other file stands for it.
    """
    name, mark, _ = key.partition("@")
    if not mark:
        return shipped(key)
    if key not in _LOADED and NAME.fullmatch(name) and name not in _NAMED:
        _installed(name)
    if key in _LOADED:
        _READ.add(key)
        return _LOADED[key]
    digest = quote(key.partition("@")[2][:12])
    if name in _NAMED:
        other = _NAMED[name]
        raise NoModel(
            f"this was made with another {name}.py, of SHA-256 {digest}, where {other.path} has {other.hash[:12]!r}: "
            "its formulas are others; give --model the file as it was"
        )
    raise NoModel(
        f"this is of a model of one's own, {quote(name)}, whose formulas are not here: add --model {_file(name)}, "
        f"the file of SHA-256 {digest}"
    )


def named(name: str) -> Model:
    """The model that a prior set names with `model = "NAME"`: one that the user has named, or has installed.

    Raises InputError with what to add, for any other. A name is no path: nothing is looked for.
    """
    found = _NAMED.get(name) or (_installed(name) if NAME.fullmatch(name) else None)
    if found is None:
        if not NAME.fullmatch(name):
            raise InputError(f"{quote(name)} is not the name of a model: letters, digits and _, as agents")
        raise InputError(f"{quote(name)} is not loaded: add --model {_file(name)}, the file of its formulas")
    _READ.add(found.key)
    return found


def of_variant(variant: str, given: Model | None = None) -> Model:
    """The model of a set's variant: a shipped one, or the one of the user's own that extends it."""
    found = next((m for m in ([given] if given else _CHOSEN) if m.extends == variant), None)
    if found is None:
        if variant in _NAMED:
            raise InputError(f'{quote(variant)} is a model of one\'s own, and no variant: write model = "{variant}"')
        return shipped(variant)
    _READ.add(found.key)
    return found


def _file(name: str) -> str:
    return f"{name}.py" if NAME.fullmatch(name) else "FILE.py"
