"""run.json: what a run was made from, and a checksum of both of its files. It may come from a stranger."""

from __future__ import annotations

import hashlib
import json
import math
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..base.errors import InputError, inert, quote
from ..base.files import opened, size_text
from .derivation import derivation_of
from .folders import CHANGED, DATA, META

FORMAT = 2  # of run.json; 1 had no checksums
LARGEST = 64 * 2**20  # bytes of a run.json
_HELD = {
    "priors": dict,
    "seed": int,
    "draws": int,
    "replicates": int,
    "sampler": str,
    "exact": bool,
    "keep": int,
    "quantities": list,
    "digest": str,
    "summary": dict,
    "notes": list,
    "correlations": dict,
}


def sealed(meta: Mapping[str, Any]) -> str:
    """The text of run.json, with a SHA-256 of all else that it holds."""
    plain = json.loads(json.dumps(dict(meta)))
    return json.dumps(plain | {"integrity": _integrity(plain)}, indent=1) + "\n"


def _integrity(meta: Mapping[str, Any]) -> str:
    content = {key: value for key, value in meta.items() if key != "integrity"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_meta(folder: Path) -> dict[str, Any]:
    """What run.json holds; raises InputError where the folder is no run, or not as it was written.

    Of run.nc only the size is looked at: `storage.verify` reads it.
    """
    meta = read_record(folder)
    size, written = data_size(folder), meta.get("data", {}).get("bytes")
    if written not in (None, size):
        raise InputError(
            f"{folder / DATA} {CHANGED}: it has {size:,} bytes and was written with {written:,}; make the run again"
        )
    return meta


def data_size(folder: Path) -> int:
    """The bytes of run.nc; raises InputError where it is missing, or was deleted just now."""
    try:
        about = (folder / DATA).stat()
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            raise InputError(f"{folder / DATA} cannot be read: {error.strerror}") from None
        raise InputError(f"{folder} is not a whole run: {DATA} is missing; make it again") from None
    if (folder / DATA).is_symlink():
        raise InputError(f"{folder} is not a whole run: {DATA} is a link to another file; put the file itself there")
    if not stat.S_ISREG(about.st_mode):
        raise InputError(f"{folder} is not a whole run: {DATA} is no file; make it again")
    return about.st_size


def read_record(folder: Path) -> dict[str, Any]:
    """What run.json holds, whether or not there is a run.nc."""
    path = folder / META
    try:
        with opened(path) as handle, open(handle, "rb", closefd=False) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(f"{folder} is not a run: {META} is larger than {size_text(LARGEST)}")
        read = json.loads(content.decode(), parse_int=_finite, parse_float=_finite, parse_constant=_finite)
        meta, seal = _plain(read), _integrity(read) if isinstance(read, dict) else ""
    except OSError as error:
        raise InputError(f"{folder} is not a run: {META}: {error.strerror}") from None
    except OverflowError as error:
        raise InputError(f"{path} {CHANGED}: it holds the number {error}; make the run again") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is no {META} of a run, or {CHANGED}: it is not JSON; make the run again") from None
    made = meta.get("format") if isinstance(meta, dict) else None
    if not isinstance(made, int) or made < 1:
        raise InputError(f"{folder} is not a run: {META} is damaged at 'format'")
    if made > FORMAT:
        raise InputError(
            f"{folder} was written by a newer version of simulate (format {made}): this one reads up to format {FORMAT}"
        )
    if (made > 1 or "integrity" in meta) and meta.get("integrity") != seal:
        raise InputError(f"{path} {CHANGED}: its SHA-256 is not the one that it holds; make the run again")
    _checked(folder, meta)
    return meta


def _finite(text: str) -> int | float:
    """A number of a run.json, none of which is infinite, NaN or beyond 64 bits: JSON has no bounds of its own."""
    whole = text.lstrip("-").isdigit()
    if (whole and len(text) > 20) or not math.isfinite(float(text)):
        raise OverflowError(quote(text, 30))
    return int(text) if whole else float(text)


def _plain(value: Any) -> Any:
    """JSON without the characters that a terminal would obey: a run may come from a stranger."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, list):
        return [_plain(x) for x in value]
    if isinstance(value, dict):
        return {inert(key): _plain(x) for key, x in value.items()}
    return value


def _checked(folder: Path, meta: Mapping[str, Any]) -> None:
    """Refuse a run.json that no run of any version has."""
    wrong = next(
        (
            key
            for key, kind in _HELD.items()
            if not isinstance(meta.get(key), kind) or (kind is int and not _count(meta[key]))
        ),
        None,
    )
    if wrong is None:
        r, names = meta["replicates"], meta["quantities"]
        rules = {
            "replicates": 1 <= r <= meta["draws"] and meta["draws"] % r == 0,
            "quantities": names and all(isinstance(q, str) for q in names) and len(set(names)) == len(names),
            "notes": all(isinstance(line, str) for line in meta["notes"]),
            "correlations": all(
                isinstance(e, dict)
                and _number(e.get("asked"))
                and _number(e.get("achieved"))
                and _number(e.get("largest", 0.0))
                for e in meta["correlations"].values()
            ),
            "given": _derived(meta.get("given") or {}, meta["draws"] // max(r, 1)),
            "data": _file(meta["data"]) if "data" in meta else meta["format"] == 1,
        }
        wrong = next((key for key, holds in rules.items() if not holds), None)
    if wrong is not None:
        raise InputError(f"{folder} is not a run: {META} is damaged at {wrong!r}")


def _file(value: Any) -> bool:
    return isinstance(value, dict) and _count(value.get("bytes")) and isinstance(value.get("sha256"), str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _derived(told: Any, per_replicate: int) -> bool:
    """Whether what is told of a conditioned run, or of a pool, is of its kind."""
    try:
        derivation_of(told, per_replicate)
    except (ValueError, AttributeError, KeyError):
        return False
    return True
