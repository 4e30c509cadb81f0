"""The run on disk: one netCDF file in ArviZ's layout and one JSON file, written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from .errors import InputError, RunError, nearest, quote

DATA, META = "run.nc", "run.json"
MADE = (".png", ".svg", ".pdf", ".html", ".md", ".json")  # figures and reports, named after the run's digest
GROUPS = ("prior", "prior_predictive")
_HELD = {"priors": dict, "seed": int, "draws": int, "replicates": int, "sampler": str, "exact": bool, "keep": int,
         "quantities": list, "digest": str, "summary": dict, "notes": list, "correlations": dict}  # fmt: skip
_ONE_AT_A_TIME = Lock()  # HDF5 is not made for threads
_FULL = {errno.ENOSPC: "the disk is full", errno.EROFS: "the disk is read-only", errno.EACCES: "permission denied",
         errno.EPERM: "permission denied", errno.EDQUOT: "the disk quota is used up",
         errno.EFBIG: "a file of this size is not allowed", errno.ENOTDIR: "a part of the path is a file"}  # fmt: skip


@dataclass
class Variable:
    """One kept variable: draws (replicate, draw) in float32, or a scalar, with its attributes."""

    values: Any
    attributes: dict[str, Any] = field(default_factory=dict)


def default_root() -> Path:
    """Where runs are written: SIMULATOR_RUNS, else ./runs."""
    return Path(os.environ.get("SIMULATOR_RUNS") or "runs")


def root_of(name: str | None) -> Path:
    """The folder of runs that an option names, or the default one."""
    return Path(name) if name else default_root()


@contextmanager
def _failures(root: Path, needed: int) -> Iterator[None]:
    try:
        yield
    except UnicodeError:
        raise RunError(f"the run could not be written to {root!a}: its name is no text; choose another folder with "
                       "--runs DIR") from None  # fmt: skip
    except (OSError, RuntimeError) as error:  # netCDF4 raises RuntimeError where HDF5 fails
        number = getattr(error, "errno", None)
        reason = _FULL.get(number or 0) or (error.strerror if isinstance(error, OSError) else None) or str(error)
        free = shutil.disk_usage(root).free if root.is_dir() else 0
        if root.is_dir() and free < needed:
            reason = f"the disk is full: the run takes {size_text(needed)}, {size_text(free)} are free there"
        elif root.exists() and not root.is_dir():
            reason = "it is a file, not a folder"
        raise RunError(f"the run could not be written to {root}: {reason}; choose another folder with "
                       "--runs DIR, or --no-save") from None  # fmt: skip


def write(root: Path, name: str, groups: Mapping[str, Mapping[str, Variable]],
          constants: Mapping[str, Variable], attributes: Mapping[str, Any],
          meta: Mapping[str, Any], member: np.ndarray | None = None) -> Path:  # fmt: skip
    """Write a run into `root/name` and return the folder; an older run of that name is replaced.

    `groups` maps `prior` and `prior_predictive` to variables with dims (chain, draw); `member` is a coordinate
    of `draw`. Everything is
    written to a temporary folder beside it, synced and renamed. Raises RunError where that fails.
    """
    temporary = None
    needed = sum(np.asarray(v.values).nbytes for variables in groups.values() for v in variables.values())
    with _failures(root, needed):
        root.mkdir(parents=True, exist_ok=True)
        try:
            _sweep(root)
            temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=root))
            _netcdf(temporary / DATA, groups, constants, attributes, member)
            (temporary / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
            for file in (DATA, META):
                _sync(temporary / file)
            os.chmod(temporary, 0o755)
            _replace(temporary, root / name)
            _sync(root)
        except BaseException:
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)
            raise
    return root / name


def write_file(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all, replacing one of that name; raises RunError where that fails."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        temporary.replace(path)
    except OSError as error:
        reason = _FULL.get(error.errno or 0) or error.strerror or str(error)
        raise RunError(f"{path} cannot be written: {'it is a folder' if path.is_dir() else reason}") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return path


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(new: Path, target: Path) -> None:
    """Put a run in its place; what else a user laid into an older run of that name comes along."""
    if not os.path.lexists(target):
        new.rename(target)
        return
    if not (target / META).is_file():
        raise OSError(errno.EEXIST, f"{target.name} is there already, and is no run")
    aside = Path(tempfile.mkdtemp(prefix=".replaced-", dir=target.parent))
    old = aside / "run"
    try:
        target.rename(old)
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        aside.rmdir()
        raise
    for other in old.iterdir():
        if other.name not in (DATA, META):
            other.rename(target / other.name)
    shutil.rmtree(aside, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove what a killed process left half-written more than a day ago."""
    for folder in root.glob(".writing-*"):
        if time.time() - folder.stat().st_mtime > 86_400:
            shutil.rmtree(folder, ignore_errors=True)


def _netcdf(path: Path, groups: Mapping[str, Mapping[str, Variable]],
            constants: Mapping[str, Variable], attributes: Mapping[str, Any],
            member: np.ndarray | None) -> None:  # fmt: skip
    import netCDF4

    with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
        file.setncatts(dict(attributes))
        for group_name, variables in groups.items():
            group = file.createGroup(group_name)
            shape = next((v.values.shape for v in variables.values()), (0, 0))
            if not shape[1]:  # no draws are kept: netCDF would take an empty dimension for an unlimited one
                continue
            for dim, size in zip(("chain", "draw"), shape, strict=True):
                group.createDimension(dim, size)
                index = group.createVariable(dim, "i8", (dim,), contiguous=True, fill_value=False)
                index[:] = np.arange(size)
            if member is not None:
                of = group.createVariable("member", "i4", ("draw",), contiguous=True, fill_value=False)
                of.setncattr("flag_meanings", attributes["members"])
                of[:] = member
                group.setncattr("coordinates", "member")
            for name, variable in variables.items():
                _put(group, name, ("chain", "draw"), variable)
        group = file.createGroup("constant_data")
        for name, variable in constants.items():
            _put(group, name, (), variable)


def _put(group: Any, name: str, dims: tuple[str, ...], variable: Variable) -> None:
    kind = "f4" if dims else "f8"
    options = {"contiguous": True} if dims else {}
    stored = group.createVariable(name, kind, dims, fill_value=False, **options)
    stored.set_auto_maskandscale(False)
    # float64, so that xarray and ArviZ decode the float32 draws to float64: 1e25 squared overflows
    scale = {"scale_factor": np.float64(1.0)} if dims else {}
    stored.setncatts(variable.attributes | scale)
    stored[...] = variable.values


def read_meta(folder: Path) -> dict[str, Any]:
    """What run.json holds; raises InputError where the folder is no run."""
    try:
        meta: dict[str, Any] = json.loads((folder / META).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{folder} is not a run: {META}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{folder} is not a run: {META} is damaged") from None
    for key, kind in _HELD.items():
        if not isinstance(meta, dict) or not isinstance(meta.get(key), kind) or (
                kind is int and (isinstance(meta[key], bool) or not 0 <= meta[key] < 2**63)):  # fmt: skip
            raise InputError(f"{folder} is not a run: {META} is damaged at {key!r}")
    if meta["replicates"] < 1 or not meta["quantities"] or not all(isinstance(q, str) for q in meta["quantities"]):
        raise InputError(f"{folder} is not a run: {META} is damaged at 'replicates' or 'quantities'")
    if not (folder / DATA).is_file():
        raise InputError(f"{folder} is not a whole run: {DATA} is missing")
    return meta


def read_draws(folder: Path, names: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The stored draws (replicate, draw), float32, of `names`: {variable: group}."""
    import netCDF4

    try:
        with _ONE_AT_A_TIME, netCDF4.Dataset(folder / DATA) as file:
            file.set_auto_maskandscale(False)
            return {name: np.asarray(file[group][name][...]) for name, group in names.items()}
    except (OSError, RuntimeError, IndexError, KeyError) as error:
        raise InputError(f"{folder / DATA} cannot be read: {error}") from None


def digest(folder: Path) -> str:
    """SHA-256 over the names, attributes and bytes of everything in the netCDF file."""
    import netCDF4

    total = hashlib.sha256()
    with netCDF4.Dataset(folder / DATA) as file:
        for name in ("", *GROUPS, "constant_data"):
            group = file[name] if name else file
            _feed(total, name, group)
            for key in sorted(group.variables):
                variable = group.variables[key]
                variable.set_auto_maskandscale(False)
                _feed(total, key, variable)
                total.update(np.ascontiguousarray(variable[...]).tobytes())
    return total.hexdigest()


def _feed(total: Any, name: str, holder: Any) -> None:
    attributes = sorted((key, str(holder.getncattr(key))) for key in holder.ncattrs())
    total.update(json.dumps([name, attributes]).encode())


def folders(root: Path) -> list[Path]:
    """The run folders under `root`, oldest first."""
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file, not a folder of runs")
    if not root.is_dir():
        return []
    found = [p for p in root.iterdir() if (p / META).is_file() and not p.name.startswith(".")]
    return sorted(found, key=lambda p: (p / META).stat().st_mtime)


def find(name: str, root: Path) -> Path:
    """The folder of a run: a path, a name under `root`, the start of one, a digest, or `latest`."""
    if not name.strip() or "\0" in name:
        raise InputError(f"{quote(name)} is not the name of a run")
    runs = folders(root)
    if name == "latest" and runs:
        return runs[-1]
    path = Path(name)
    if len(name) > 4000 or any(len(part) > 255 for part in path.parts):
        raise InputError(f"{quote(name)} is too long for the name of a run")
    if (path / META).is_file():
        return path
    if path.name == DATA and (path.parent / META).is_file():
        return path.parent
    matches = [r for r in runs if r.name == name] or [
        r for r in runs if r.name.startswith(name) or r.name.rsplit("-", 1)[-1].startswith(name)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(r.name for r in matches)
        raise InputError(f"{quote(name)} fits several runs in {root}: {listed}; write more of the name")
    hint = (
        f"{nearest(name, [r.name for r in runs[-4:]])} (in {root})"
        if runs
        else f"{root} holds no runs yet; 'simulate' makes one"
    )
    raise InputError(f"there is no run {quote(name)}: {hint}")


def find_exactly(name: str, root: Path) -> Path:
    """As `find`, for what cannot be undone: a path, a whole name, a whole digest of eight, or `latest`."""
    folder = find(name, root)
    known = {folder.name, folder.name.rsplit("-", 1)[-1], "latest", str(folder)}
    if name not in known and Path(name).resolve() != folder.resolve():
        raise InputError(f"{quote(name)} is only the start of {folder.name!r}: write the whole name")
    return folder


def delete(folder: Path) -> list[str]:
    """Delete a run's own files, its figures and reports among them; the names of what is left.

    The folder goes where nothing else is in it.
    """
    if not (folder / DATA).is_file() or folder.is_symlink():
        read_meta(folder)
        raise InputError(f"{folder} is a link to a run, not a run")
    try:
        digest = re.search(r"-[0-9a-f]{8}$", folder.resolve().name)
        made = [p.name for p in folder.iterdir()
                if digest and digest[0] in p.stem and p.suffix in MADE and p.is_file()]  # fmt: skip
        for file in (DATA, META, *made):
            (folder / file).unlink()
        left = sorted(p.name for p in folder.iterdir())
        if not left:
            folder.resolve().rmdir()
    except OSError as error:
        raise RunError(f"{folder} cannot be deleted: {error.strerror}") from None
    return left


def size(folder: Path) -> int:
    """Bytes of a run on disk."""
    return sum(p.stat().st_size for p in folder.iterdir() if p.is_file())


def size_text(count: int) -> str:
    """`124 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
