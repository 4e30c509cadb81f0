"""Prior files: where they are, and what they hold."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache, lru_cache
from os.path import normpath, realpath
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from ..base.errors import InputError, clean, meant, nearest, one_line, quote
from ..base.files import content
from ..compute.models import sets_beside

WHAT = {"": "prior set", "gpus": "GPU", "cases": "case"}
LARGEST, MOST_ENTRIES = 500_000, 2_000  # bytes of a prior file, its keys and values
_PART = r"""(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]|\\.){0,50}+"|'[^'\n]{0,50}+')[ \t]*+"""
_DOTTED = re.compile(rf"{_PART}(?:\.[ \t]*+{_PART}){{25}}")  # tomllib takes the square of its length


@cache
def shipped() -> Path:
    """The folder of the prior sets that come with the program."""
    inside = Path(__file__).parents[1] / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "priors"


def available(kind: str = "") -> dict[str, Path]:
    """The prior sets (`kind` "gpus": the GPU layers) by name: those in ./priors, beside --model, then the shipped."""
    own, built_in = (sorted(f.glob("*.toml")) if f.is_dir() else [] for f in (Path("priors") / kind, shipped() / kind))
    found: dict[str, Path] = {}
    for path in [*own, *([] if kind else sets_beside()), *built_in]:
        found.setdefault(path.stem, path)
    return found


def find(name: str, kind: str = "", beside: Path | None = None) -> tuple[Path, str]:
    """The file of a set and a note (empty, or that a local file shadows a shipped one).

    Case does not matter, and the first words of a GPU's name are enough where no other begins with them.
    """
    what = WHAT[kind]
    if not name.strip() or "\0" in name:
        raise InputError(f"{quote(name)} is not the name of a {what}")
    looks_like_path = name.endswith(".toml") or "/" in name
    for folder in [beside, Path()] if looks_like_path else []:
        if folder is not None and _is_there(folder / name):
            return folder / name, ""
    found = {} if looks_like_path else available(kind)
    if known := meant(name, found, first_words=kind == "gpus"):
        path, own = found[known], shipped() / kind / f"{known}.toml"
        shadows = own.exists() and realpath(path) != realpath(own)
        return path, one_line(f"{path} shadows the shipped {what} {known!r}") if shadows else ""
    if looks_like_path:
        raise InputError(
            f"there is no file {quote(name)}: write a path to a .toml file, or a name from 'simulate priors list'"
        )
    raise InputError(f"there is no {what} {quote(name)}: {nearest(name, found)}")


def stem_of(path: Path) -> str:
    """The name of a file's set, as it is shown and as its runs are called."""
    return " ".join(clean(path.name.removesuffix(".toml")).split()).lstrip(".-") or "?"


def origin_of(path: Path) -> str:
    """What a file is called in a run, which is sent to others: its place among the shipped, or in the working folder.

    A whole path, and one from elsewhere, has its name alone: folders differ from machine to machine, and hold their
    user's name.
    """
    return _placed(path, shipped(), "" if path.is_absolute() else os.getcwd())


@lru_cache(maxsize=256)  # each entry of a file asks for it
def _placed(path: Path, own: Path, here: str) -> str:
    if Path(real := realpath(path)).is_relative_to(own := Path(realpath(own))):
        return Path(real).relative_to(own).as_posix()
    inner = Path(normpath(path))
    return path.name if inner.is_absolute() or inner.parts[0] == ".." else inner.as_posix()


def shortened(origin: str) -> str:
    """The origin of a stored prior, which an earlier version wrote as a whole path."""
    for kind in (PurePosixPath, PureWindowsPath):
        if (path := kind(origin)).is_absolute():
            return "/".join(path.parts[-2 if path.parent.name in WHAT else -1 :])
    return origin


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise InputError(f"{quote(str(path))}: cannot be read: {error.strerror}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """The contents of a prior file; raises InputError with file and reason."""
    try:
        if path.is_dir():
            raise InputError(f"{path}: this is a folder, not a prior file")
        data = content(path, LARGEST, "prior file")
        if data is None:
            raise InputError(f"{path}: larger than {LARGEST:,} bytes; this is no prior file")
        text = data.decode("utf-8-sig")
        if _DOTTED.search(text):
            raise InputError(f"{path}: is nested too deeply for a prior set")
        return _sized(path, tomllib.loads(text))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text (UTF-8); a prior set is a TOML file") from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply for a prior set") from None
    except ValueError as error:  # what tomllib raises, and integers of thousands of digits
        raise InputError(f"{path}: is not TOML: {error}") from None


def _sized(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    """What a file holds, unless it is more than any prior set: each of its mistakes is a line."""
    count, waiting = 0, list[Any]([data])
    while waiting:
        value = waiting.pop()
        count += len(value)
        if count > MOST_ENTRIES:
            raise InputError(f"{path}: holds more than {MOST_ENTRIES:,} keys and values; this is no prior file")
        waiting += [v for v in (value.values() if isinstance(value, dict) else value) if isinstance(v, dict | list)]
    return data
