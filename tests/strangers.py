"""run.nc files as a stranger could make them: each changes a good one, and its checksums are then made to fit.

What they name outside of the run's folder is `outside`, which nothing may open.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import netCDF4
import numpy as np

NAME = "prior/parameters"
Change = Callable[[Path, Path], None]
FILES: dict[str, Change] = {}


def file(text: str) -> Callable[[Any], Any]:
    """Mark what changes an open file: `change(opened, outside)`."""

    def mark(change: Any) -> Any:
        def changed(path: Path, outside: Path) -> None:
            with h5py.File(path, "r+", libver=("v108", "latest")) as opened:  # as netCDF does
                change(opened, outside)

        FILES[text] = changed
        return change

    return mark


def raw(text: str) -> Callable[[Change], Change]:
    """Mark what makes or changes a file itself: `change(path, outside)`."""

    def mark(change: Change) -> Change:
        FILES[text] = change
        return change

    return mark


def put(opened: Any, values: Any = None, name: str = NAME, **how: Any) -> Any:
    """Replace the draws of a prior by others, with the attributes that they had."""
    old = opened[name]
    values, told = old[...] if values is None else values, dict(old.attrs)
    told = {key: told[key] for key in ("units", "source", "scale_factor") if key in told}
    del opened[name]
    made = opened.create_dataset(name, data=values, **how) if values is not None else None
    if made is not None:
        made.attrs.update(told)
    return made


# ------------------------------------------------------------------------------ other files


@file("external storage")
def _(opened, outside):
    shape = opened[NAME].shape
    del opened[NAME]
    opened.create_dataset(NAME, shape, "f4", external=[(str(outside / "secret.bin"), 0, h5py.h5f.UNLIMITED)])


@file("external storage in a device")
def _(opened, outside):
    shape = opened[NAME].shape
    del opened[NAME]
    opened.create_dataset(NAME, shape, "f4", external=[("/dev/zero", 0, h5py.h5f.UNLIMITED)])


@file("external storage in a pipe")
def _(opened, outside):
    os.mkfifo(outside / "pipe")
    shape = opened[NAME].shape
    del opened[NAME]
    opened.create_dataset(NAME, shape, "f4", external=[(str(outside / "pipe"), 0, h5py.h5f.UNLIMITED)])


@file("an external link to a variable")
def _(opened, outside):
    del opened[NAME]
    opened[NAME] = h5py.ExternalLink(str(outside / "other.nc"), NAME)


@file("an external link to a group")
def _(opened, outside):
    del opened["prior_predictive"]
    opened["prior_predictive"] = h5py.ExternalLink(str(outside / "other.nc"), "prior_predictive")


@file("an external link beside what a run holds")
def _(opened, outside):
    opened["prior/more"] = h5py.ExternalLink(str(outside / "other.nc"), NAME)


@file("an external link to a relative path")
def _(opened, outside):
    opened["constant_data/more"] = h5py.ExternalLink(os.path.relpath(outside / "other.nc"), NAME)


@file("a virtual dataset of another file")
def _(opened, outside):
    _virtual(opened, str(outside / "other.nc"))


@file("a virtual dataset of the file itself")
def _(opened, outside):
    _virtual(opened, ".")


def _virtual(opened: Any, source: str) -> None:
    layout = h5py.VirtualLayout(opened[NAME].shape, "f4")
    layout[...] = h5py.VirtualSource(source, "prior/peak_factor", opened[NAME].shape)
    del opened[NAME]
    opened.create_virtual_dataset(NAME, layout)


@raw("a link to a file elsewhere")
def _(path, outside):
    path.unlink()
    path.symlink_to(outside / "other.nc")


@raw("a file of a family")
def _(path, outside):
    with h5py.File(path, "r") as good, h5py.File(path.parent / "part%d", "w", driver="family", memb_size=2**20) as made:
        for name in good:
            good.copy(name, made)
    (path.parent / "part0").replace(path)


# ------------------------------------------------------------------------------------ links


@file("a soft link to a variable")
def _(opened, outside):
    del opened[NAME]
    opened[NAME] = h5py.SoftLink("/prior/peak_factor")


@file("a soft link to a group")
def _(opened, outside):
    del opened["prior_predictive"]
    opened["prior_predictive"] = h5py.SoftLink("/prior")


@file("a soft link to itself")
def _(opened, outside):
    opened["prior/more"] = h5py.SoftLink("/prior/more")


@file("a group in itself")
def _(opened, outside):
    opened["prior/again"] = opened["prior"]


@file("the root in a group")
def _(opened, outside):
    opened["constant_data/root"] = opened["/"]


@file("a group twice")
def _(opened, outside):
    del opened["prior_predictive"]
    opened["prior_predictive"] = opened["prior"]


@file("a variable twice")
def _(opened, outside):
    del opened[NAME]
    opened[NAME] = opened["prior/peak_factor"]


@file("a group in a group")
def _(opened, outside):
    opened.create_group("prior/more")


@file("another group")
def _(opened, outside):
    opened.create_group("posterior")


@file("a group too few")
def _(opened, outside):
    del opened["constant_data"]


@file("20,000 groups")
def _(opened, outside):
    for i in range(20_000):
        opened.create_group(f"prior/g{i}")


@file("a thousand groups in one another")
def _(opened, outside):
    opened.create_group("/".join(["prior", *["g"] * 1000]))


@file("five thousand variables")
def _(opened, outside):
    for i in range(5_000):
        opened.create_dataset(f"constant_data/v{i}", data=1.0)


# ---------------------------------------------------------------------------------- storage


@file("chunked")
def _(opened, outside):
    put(opened, chunks=(1, 10))


@file("compressed")
def _(opened, outside):
    put(opened, chunks=(1, 10), compression="gzip")


@file("filtered")
def _(opened, outside):
    put(opened, chunks=(1, 10), shuffle=True, fletcher32=True)


@file("a dimension without an end")
def _(opened, outside):
    put(opened, maxshape=(16, None))


@file("compact")
def _(opened, outside):
    shape, properties = opened[NAME].shape, h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    del opened[NAME]
    space = h5py.h5s.create_simple(shape)
    h5py.h5d.create(opened["prior"].id, b"parameters", h5py.h5t.IEEE_F32LE, space, dcpl=properties)


@file("never written")
def _(opened, outside):
    shape = opened[NAME].shape
    del opened[NAME]
    opened.create_dataset(NAME, shape, "f4")


@file("a huge dimension")
def _(opened, outside):
    del opened[NAME]
    opened.create_dataset(NAME, (16, 10**14), "f4")


@file("a huge dimension, and a coordinate for it")
def _(opened, outside):
    del opened["prior/draw"], opened[NAME]
    opened.create_dataset("prior/draw", (10**15,), "i8")
    opened.create_dataset(NAME, (16, 10**15), "f4")


@file("a million million values of a chunk, compressed to nothing")
def _(opened, outside):
    del opened[NAME]
    opened.create_dataset(NAME, (10**6, 10**6), "f4", chunks=(1000, 1000), compression="gzip")


# ------------------------------------------------------------------------------------ types


@file("numbers of any length")
def _(opened, outside):
    shape = opened[NAME].shape
    del opened[NAME]
    opened.create_dataset(NAME, shape, h5py.vlen_dtype("f4"))


@file("texts")
def _(opened, outside):
    put(opened, np.full(opened[NAME].shape, "x", dtype=object))


@file("texts of a fixed length")
def _(opened, outside):
    put(opened, np.full(opened[NAME].shape, b"1.5"))


@file("references")
def _(opened, outside):
    put(opened, np.full(opened[NAME].shape, opened["prior"].ref, dtype=h5py.ref_dtype))


@file("references to regions")
def _(opened, outside):
    region = opened["prior/peak_factor"].regionref[0, :3]
    put(opened, np.full(opened[NAME].shape, region, dtype=h5py.regionref_dtype))


@file("a compound")
def _(opened, outside):
    put(opened, np.zeros(opened[NAME].shape, [("a", "f4"), ("b", "f4")]))


@file("an enumeration")
def _(opened, outside):
    put(opened, np.zeros(opened[NAME].shape, h5py.enum_dtype({"a": 0, "b": 1}, "i4")))


@file("opaque bytes")
def _(opened, outside):
    put(opened, np.zeros(opened[NAME].shape, "V4"))


@file("a type with a name")
def _(opened, outside):
    opened["prior/kind"] = np.dtype("f4")
    put(opened, dtype=opened["prior/kind"])


@file("numbers of double length")
def _(opened, outside):
    put(opened, opened[NAME][...].astype("f8"))


@file("whole numbers")
def _(opened, outside):
    put(opened, opened[NAME][...].astype("i4"))


@file("another shape")
def _(opened, outside):
    put(opened, opened[NAME][...].T)


@file("no draws at all")
def _(opened, outside):
    put(opened, h5py.Empty("f4"))


# ------------------------------------------------------------------------------- attributes


@file("three thousand attributes")
def _(opened, outside):
    for i in range(3_000):
        opened[NAME].attrs[f"a{i}"] = i


@file("an attribute of references")
def _(opened, outside):
    opened[NAME].attrs["more"] = np.full(3, opened["/"].ref, dtype=h5py.ref_dtype)


@file("a dimension that is a reference to elsewhere")
def _(opened, outside):
    told = np.empty(2, dtype=object)
    told[:] = [np.array([opened["/"].ref], dtype=h5py.ref_dtype) for _ in range(2)]
    opened[NAME].attrs.create("DIMENSION_LIST", told, dtype=h5py.vlen_dtype(h5py.ref_dtype))


@file("an attribute of numbers of any length")
def _(opened, outside):
    told = np.empty(1, dtype=object)
    told[0] = np.ones(5)
    opened[NAME].attrs.create("more", told, dtype=h5py.vlen_dtype("f8"))


@file("an attribute of a hundred thousand numbers")
def _(opened, outside):
    opened[NAME].attrs["more"] = np.zeros(100_000)


@file("another scale")
def _(opened, outside):
    opened[NAME].attrs["scale_factor"] = 2.0


@file("an offset")
def _(opened, outside):
    opened[NAME].attrs["add_offset"] = 2.0


@file("a value that counts as missing")
def _(opened, outside):
    opened[NAME].attrs["_FillValue"] = opened[NAME][0, 0]


# ------------------------------------------------------------------------------ whole files


@raw("bytes before the file")
def _(path, outside):
    path.write_bytes(bytes(512) + path.read_bytes())


@raw("bytes behind the file")
def _(path, outside):
    path.write_bytes(path.read_bytes() + bytes(512))


@raw("an older kind of HDF5 file")
def _(path, outside):
    with h5py.File(path, "r") as good, h5py.File(path.with_suffix(".old"), "w", libver="earliest") as made:
        for name in good:
            good.copy(name, made)
    path.with_suffix(".old").replace(path)


@raw("a newer kind of HDF5 file")
def _(path, outside):
    with h5py.File(path, "r") as good, h5py.File(path.with_suffix(".new"), "w", libver="latest") as made:
        for name in good:
            good.copy(name, made)
    path.with_suffix(".new").replace(path)


@raw("an older kind of netCDF file")
def _(path, outside):
    path.unlink()
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as made:
        made.createDimension("draw", 4)
        made.createVariable("parameters", "f4", ("draw",))[:] = 1.0


@raw("no netCDF file")
def _(path, outside):
    path.write_bytes(b"\x89HDF\r\n\x1a\n\x02" + bytes(1000))


@raw("nothing")
def _(path, outside):
    path.write_bytes(b"")


@raw("a pipe")
def _(path, outside):
    path.unlink()
    os.mkfifo(path)


def lay(outside: Path, good: Path) -> None:
    """What is none of a run's business."""
    outside.mkdir()
    (outside / "secret.bin").write_bytes(b"root:x:0:0:" * 20_000)
    shutil.copy(good / "run.nc", outside / "other.nc")


def make(name: str, folder: Path, outside: Path) -> None:
    """Change the run.nc of a folder into one of `FILES`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        FILES[name](folder / "run.nc", outside)
