"""The run on disk: one netCDF file in ArviZ's layout and one JSON file, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.errors import InputError, RunError
from ..base.files import address, opened, size_text, sync
from ..base.threads import pool
from . import disk
from .folders import CHANGED, DATA, META, MOST_VARIABLES, put, workplace
from .manifest import FORMAT, LARGEST, sealed

if TYPE_CHECKING:
    import xarray

    from .structure import Contents, File, Stored


GROUPS = ("prior", "prior_predictive")
PIECE = 1 << 22  # bytes of a file that have a checksum of their own
_ONE_AT_A_TIME = Lock()  # HDF5 is not made for threads
_SOUND: set[tuple[Any, ...]] = set()  # netCDF files that were held against their checksum in this process
_PROVEN: dict[tuple[Any, ...], File] = {}  # what such files hold
_HIDDEN = ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties")


class Variable(NamedTuple):
    """One kept variable: draws (replicate, draw) in float32, or a scalar, with its attributes."""

    values: Any
    attributes: Mapping[str, Any]


# ------------------------------------------------------------------------------------- writing


def _needed(groups: Mapping[str, Mapping[str, Variable]], constants: Mapping[str, Variable]) -> int:
    """About the bytes of a run that is at hand."""
    variables = [v for each in groups.values() for v in each.values()]
    replicates, kept = next((v.values.shape for v in variables), (0, 0))
    texts = sum(len(str(x)) for v in (*variables, *constants.values()) for x in v.attributes.values())
    texts *= 3 if kept else 1  # run.json has them too
    return disk.room(len(variables), replicates, kept, len(constants), texts)


def write(
    root: Path,
    name: str,
    groups: Mapping[str, Mapping[str, Variable]],
    constants: Mapping[str, Variable],
    attributes: Mapping[str, Any],
    meta: Mapping[str, Any],
    member: np.ndarray | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Write a run into `root/name`: the folder, and what its run.json holds; an older run of that name is replaced.

    `groups` maps `prior` and `prior_predictive` to variables with dims (chain, draw); `member` is a coordinate
    of `draw`. Everything is written to a hidden folder beside it, synced and renamed. Raises RunError where
    that fails.
    """
    if any(len(variables) + 3 > MOST_VARIABLES for variables in (*groups.values(), constants)):
        raise RunError(
            f"the run could not be written: it holds more than {MOST_VARIABLES - 3} priors or "
            "quantities, more than are read back; ask for fewer with --quantity"
        )
    needed = _needed(groups, constants)
    with disk.failures(root, needed):
        root.mkdir(parents=True, exist_ok=True)
        with workplace(root) as work:
            new = work / "new"
            new.mkdir()
            try:
                with _ONE_AT_A_TIME:
                    _netcdf(new / DATA, groups, constants, attributes, member)
            except (OSError, RuntimeError) as error:  # netCDF4 raises RuntimeError where HDF5 fails
                why = disk.why_not(new / DATA, needed + (1 << 18), error)
                with suppress(OSError):  # HDF5 keeps a file open that it could not write, and its room taken
                    os.truncate(new / DATA, 0)
                raise why from None
            record = {"format": FORMAT} | dict(meta) | {"data": _synced(new / DATA)}
            (new / META).write_bytes(_sealed(record))
            for path in (new / META, new):
                sync(path)
            put(new, root / name)
            sync(root)
    return root / name, record


def _sealed(record: Mapping[str, Any]) -> bytes:
    """The bytes of run.json; raises RunError where they are more than are read back."""
    text = sealed(record).encode()
    if len(text) > LARGEST:
        raise RunError(
            f"the run could not be written: its {META} would take {size_text(len(text))}, more than "
            f"the {size_text(LARGEST)} that are read back; give fewer empirical values"
        )
    return text


def _synced(path: Path) -> dict[str, Any]:
    """Size and SHA-256 of a file, taken while the disk is at work on it."""
    with pool(1) as aside:
        found = aside.submit(content, path)
        sync(path)
        return {"bytes": path.stat().st_size, "sha256": found.result()}


def content(path: Path) -> str:
    """The SHA-256 of a file, as `checksum` has it."""
    with path.open("rb") as file:
        return checksum(file.fileno())


def checksum(handle: int) -> str:
    """The SHA-256 of the SHA-256s of an open file's pieces, which are read side by side."""
    with pool() as threads:
        places = range(0, os.fstat(handle).st_size, PIECE)
        each = threads.map(lambda at: hashlib.sha256(os.pread(handle, PIECE, at)).digest(), places)
        return hashlib.sha256(b"".join(each)).hexdigest()


def _netcdf(
    path: Path,
    groups: Mapping[str, Mapping[str, Variable]],
    constants: Mapping[str, Variable],
    attributes: Mapping[str, Any],
    member: np.ndarray | None,
) -> None:
    import netCDF4

    with netCDF4.Dataset(address(path), "w", format="NETCDF4") as file:
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
    stored.setncatts({**variable.attributes, **scale})
    stored[...] = variable.values


# ------------------------------------------------------------------------------------- reading


@contextmanager
def _reading(folder: Path) -> Iterator[int]:
    """run.nc, open for all that is asked of it: what is checked is what is read."""
    try:
        with opened(folder / DATA) as handle:
            yield handle
    except OSError as error:
        raise InputError(f"{folder / DATA} cannot be read: {error.strerror or error}") from None


def _key(handle: int, *more: str) -> tuple[Any, ...]:
    about = os.fstat(handle)
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, *more


def _damage(folder: Path, handle: int, meta: Mapping[str, Any]) -> str:
    if "data" not in meta:  # an earlier version's
        return ""
    path, key = folder / DATA, _key(handle, meta["data"]["sha256"])
    if key in _SOUND:
        return ""
    if checksum(handle) != meta["data"]["sha256"]:
        return f"{path} {CHANGED}: its SHA-256 is another than the one in {META}"
    _SOUND.add(key)
    return ""


def damage(folder: Path, meta: Mapping[str, Any]) -> str:
    """How run.nc is not the file that run.json was written with, or nothing; it is read once in a process."""
    with _reading(folder) as handle:
        return _damage(folder, handle, meta)


def _proven(folder: Path, handle: int, meta: Mapping[str, Any] | None) -> File:
    """What run.nc holds, where it is the file that run.json was written with, and one that this program writes."""
    from .heaps import Malformed
    from .structure import prove

    told = _damage(folder, handle, meta) if meta is not None else ""
    if told:
        raise InputError(f"{told}; make the run again ('simulate rerun {folder}' says what differs)")
    key = _key(handle)
    if key not in _PROVEN:
        if len(_PROVEN) > 16:  # a few runs are worked with at once
            _PROVEN.clear()
        try:
            _PROVEN[key] = prove(handle)
        except Malformed as error:
            raise InputError(f"{folder / DATA} is not as simulate writes it: {error}; make the run again") from None
    return _PROVEN[key]


def verify(folder: Path, meta: Mapping[str, Any]) -> None:
    """Refuse a run.nc that is not the one that run.json was written with, or that this program would not write."""
    with _reading(folder) as handle:
        _proven(folder, handle, meta)


def read_draws(
    folder: Path, names: Mapping[str, str], meta: Mapping[str, Any] | None = None, never: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """The stored draws (replicate, draw), float32, of `names`: {variable: group}.

    With `meta` the file is held against its checksum first. No draws but finite ones are given, and infinite ones of
    what is `never` reached in some worlds, of which `meta` tells as well.
    """
    with _reading(folder) as handle:
        held, found, never = _proven(folder, handle, meta), {}, {*never, *never_of(meta)}
        for name, group in names.items():
            if name not in held.groups[group].variables:
                raise InputError(f"{folder / DATA} is damaged: it holds no {name} in its group {group!r}")
            found[name] = _numbers(folder, handle, name, held.groups[group].variables[name], name in never)
        return found


def _numbers(folder: Path, handle: int, name: str, stored: Stored, never: bool = False) -> np.ndarray:
    """The numbers of a variable, of which none but those that `never` come are infinite."""
    from .structure import read

    values = read(handle, stored)
    if not np.isfinite(values).all() and not (never and np.all(np.isfinite(values) | (values == np.inf))):
        raise InputError(f"{folder / DATA} is damaged: {name} holds numbers that are not finite")
    return values


def read_tree(folder: Path, meta: Mapping[str, Any] | None = None) -> Any:
    """The whole file as an xarray DataTree, as `xarray.open_datatree` gives it."""
    import xarray

    with _reading(folder) as handle:
        held = _proven(folder, handle, meta)
        nodes = {f"/{name}": _dataset(folder, handle, group, never_of(meta)) for name, group in held.groups.items()}
    return xarray.DataTree.from_dict(nodes | {"/": xarray.Dataset(attrs=_visible(held.attributes))})


def never_of(meta: Mapping[str, Any] | None) -> set[str]:
    """The quantities of a run that are infinite in some worlds."""
    told = (meta or {}).get("summary", {})
    return {name for name, summary in told.items() if isinstance(summary, dict) and "infinite" in summary}


def _dataset(folder: Path, handle: int, group: Contents, never: Collection[str]) -> xarray.Dataset:
    import xarray

    variables: dict[str, Any] = {}
    coords: dict[str, Any] = {}
    for name, stored in group.variables.items():
        values, attributes = _numbers(folder, handle, name, stored, name in never), _visible(stored.attributes)
        scale = attributes.pop("scale_factor", None)
        if name in ("chain", "draw") and not np.array_equal(values, np.arange(values.size)):
            raise InputError(f"{folder / DATA} is damaged: {name} does not count its {values.size:,} draws")
        dims = (name,) if name in ("chain", "draw") else ("draw",) if name == "member" else ("chain", "draw")
        wide = values.astype(float) if scale else values
        held = xarray.Variable(dims if values.ndim else (), wide, attributes, fastpath=True)
        if scale:  # as xarray remembers how it was stored
            held.encoding = {"dtype": values.dtype, "scale_factor": scale}
        (coords if name in ("chain", "draw", "member") else variables)[name] = held
    attributes = {key: value for key, value in _visible(group.attributes).items() if key != "coordinates"}
    return xarray.Dataset(variables, coords, attributes)


def _visible(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes without those in which netCDF keeps its own."""
    return {name: value for name, value in attributes.items() if name not in _HIDDEN}
