"""Prior files: where they are, and what they hold."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from .errors import InputError, nearest, quote

WHAT = {"": "prior set", "gpus": "GPU", "cases": "case"}
LARGEST = 20_000_000  # bytes of a prior file


def shipped() -> Path:
    """The folder of the prior sets that come with the program."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "priors"


def available(kind: str = "") -> dict[str, Path]:
    """The prior sets (`kind` "gpus": the GPU layers) by name: those in ./priors, then the shipped."""
    found: dict[str, Path] = {}
    for folder in (Path("priors") / kind, shipped() / kind):
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else []:
            found.setdefault(path.stem, path)
    return found


def find(name: str, kind: str = "", beside: Path | None = None) -> tuple[Path, str]:
    """The file of a set and a note (empty, or that a local file shadows a shipped one)."""
    what = WHAT[kind]
    if not name.strip() or "\0" in name:
        raise InputError(f"{quote(name)} is not the name of a {what}")
    looks_like_path = name.endswith(".toml") or "/" in name
    for folder in [beside, Path()] if looks_like_path else []:
        if folder is not None and _is_there(folder / name):
            return folder / name, ""
    if not looks_like_path and name in (found := available(kind)):
        path, own = found[name], shipped() / kind / f"{name}.toml"
        shadows = own.exists() and path.resolve() != own.resolve()
        return path, f"{path} shadows the shipped {what} {name!r}" if shadows else ""
    if looks_like_path:
        raise InputError(f"there is no file {quote(name)}: write a path to a .toml file, or a name from "
                         "'simulate priors list'")  # fmt: skip
    raise InputError(f"there is no {what} {quote(name)}: {nearest(name, available(kind))}")


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
        with path.open("rb") as file:  # a device has no size and no end
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(f"{path}: larger than {LARGEST:.0e} bytes; this is no prior file")
        return tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text (UTF-8); a prior set is a TOML file") from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply for a prior set") from None
    except ValueError as error:  # what tomllib raises, and integers of thousands of digits
        raise InputError(f"{path}: is not TOML: {error}") from None
