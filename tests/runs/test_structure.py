"""The reader of run.nc gives what xarray gives for every file that this program writes, and stops at any other."""

import os
import random
import shutil

import numpy as np
import pytest
import xarray

from simulator import Run, RunError, simulate
from simulator.runs import folders, heaps, netcdf, structure
from simulator.runs.netcdf import Variable

from ..hostile import within

LONG = "Grüße ... " * 900  # not ASCII, and longer than what lies in a heap's blocks


def written(root, count, size=5, **more):
    """A file as the program writes it, with many variables, long texts, empty ones and those that are not ASCII."""
    told = {
        "units": "1",
        "long_name": "é",
        "prior": "p" * 4000,
        "family": "f",
        "source": LONG,
        "grade": "D",
        "note": "",
        "origin": "o",
    }
    values = np.arange(16 * size, dtype="f4").reshape(16, size)
    drawn = {f"v{i}": Variable(values + i, told | {"note": "n" * (i % 7) * 900}) for i in range(count)}
    known = {f"c{i}": Variable(i / 7, told) for i in range(count)}
    about = {"prior_set": "sét", "seed": 2**62, "sampler": "sobol", "digest": "ab", **more}
    member = np.arange(size, dtype="i4") if "members" in more else None
    return netcdf.write(root, "run", {"prior": drawn, "prior_predictive": drawn}, known, about, {}, member)[0]


@pytest.mark.parametrize("count", [0, 1, 4, 9, 60, 300])
def test_what_is_read_is_what_xarray_reads(here, count):
    folder = written(here, count, **({"members": "a b"} if count == 4 else {}))
    ours = netcdf.read_tree(folder)
    with xarray.open_datatree(folder / "run.nc", engine="netcdf4") as theirs:
        assert [node.path for node in ours.subtree] == [node.path for node in theirs.subtree]
        for node in theirs.subtree:
            mine = ours[node.path]
            xarray.testing.assert_identical(mine.to_dataset(), node.to_dataset())
            assert list(mine.variables) == list(node.variables)
            assert list(mine.attrs) == list(node.attrs)
            for name, variable in node.variables.items():
                assert list(mine[name].attrs) == list(variable.attrs)
                assert mine[name].dtype == variable.dtype
    drawn = {f"v{i}": "prior" for i in range(count)}
    for name, values in netcdf.read_draws(folder, drawn).items():
        assert values.dtype == np.float32
        assert np.array_equal(values, ours["prior"][name].values)


def test_a_tree_that_was_read_can_be_written_and_read_again(here):
    tree = netcdf.read_tree(written(here, 4))
    tree.to_netcdf(here / "again.nc")
    with xarray.open_datatree(here / "again.nc") as again:
        xarray.testing.assert_identical(again.load(), tree)


def test_more_variables_than_are_read_back_are_not_written(here):
    netcdf.read_tree(written(here, folders.MOST_VARIABLES - 3, size=1))
    with pytest.raises(RunError, match="holds more than 497 priors or quantities"):
        written(here, folders.MOST_VARIABLES - 2)


def test_a_run_of_a_machine_of_another_byte_order_is_read(here, monkeypatch):
    made = simulate(draws=160)

    def put(group, name, dims, variable):
        how = {"contiguous": True} if dims else {}
        stored = group.createVariable(name, ">f4" if dims else ">f8", dims, fill_value=False, endian="big", **how)
        stored.set_auto_maskandscale(False)
        stored.setncatts(variable.attributes | ({"scale_factor": np.float64(1.0)} if dims else {}))
        stored[...] = variable.values

    monkeypatch.setattr(netcdf, "_put", put)
    folder = made.save(here)
    with open(folder / "run.nc", "rb") as file:
        assert structure.prove(file.fileno()).groups["prior"].variables["parameters"].kind == ">f4"
    assert np.array_equal(Run.load(folder).draws_of("parameters"), made.draws_of("parameters"))
    assert np.array_equal(Run.load(folder).datatree["prior"]["parameters"].values, made.draws_of("parameters"))


def test_nothing_but_the_structure_is_read_to_prove_it(here, monkeypatch):
    """A run of gigabytes is proven as fast as a small one."""
    folder, read = simulate(draws=160_000).save(here), []
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda handle, length, at: read.append(length) or pread(handle, length, at))
    with open(folder / "run.nc", "rb") as file:
        structure.prove(file.fileno())
    assert sum(read) < 200_000 < (folder / "run.nc").stat().st_size / 50


def test_hdf5_is_not_asked_to_open_a_run(here, monkeypatch):
    import netCDF4

    folder = simulate(draws=160).save(here)
    monkeypatch.setattr(netCDF4, "Dataset", None)
    assert Run.load(folder).draws_of("training_cost").shape == (16, 10)
    assert Run.load(folder).datatree["prior"]


def parts(path, monkeypatch):
    """Where the blocks of a file are that are not draws."""
    found, block = [], heaps.Blocks.block
    with monkeypatch.context() as patch, open(path, "rb") as file:
        patch.setattr(heaps.Blocks, "block", lambda self, at, n: found.append((at, n)) or block(self, at, n))
        structure.prove(file.fileno())
    return found


def test_any_change_of_the_structure_is_refused_or_read_within_bounds(here, monkeypatch):
    """Bytes, addresses and sizes at random: each file is proven or refused, and never anything else."""
    path, dice = written(here, 12) / "run.nc", random.Random(3)
    good, where, refused = path.read_bytes(), parts(path, monkeypatch), 0
    for _ in range(400):
        data = bytearray(good)
        at, size = dice.choice(where)
        at += dice.randrange(size)
        new = dice.choice(
            [dice.randbytes(1), b"\xff" * dice.choice([1, 2, 8]), dice.choice(where)[0].to_bytes(8, "little")]
        )
        data[at : at + len(new)] = new
        path.write_bytes(data[: len(good)])
        with open(path, "rb") as file, within(10):
            try:
                held = structure.prove(file.fileno())
            except heaps.Malformed:
                refused += 1
                continue
            for group in held.groups.values():
                for stored in group.variables.values():
                    assert structure.read(file.fileno(), stored).shape == stored.shape
    assert 200 < refused < 400  # most of a change is seen, but not one within a text


def test_a_file_that_says_one_thing_over_and_over_is_given_up(here, monkeypatch):
    path = written(here, 12) / "run.nc"
    for bound in ("MOST_BYTES", "MOST_STEPS"):
        with monkeypatch.context() as patch, open(path, "rb") as file:
            patch.setattr(heaps, bound, 100)
            with pytest.raises(heaps.Malformed, match="take more than"):
                structure.prove(file.fileno())


def test_parts_that_overlap_are_refused(here):
    folder = simulate(draws=160).save(here)
    shutil.copy(folder / "run.nc", here / "changed.nc")
    with open(here / "changed.nc", "rb") as file:
        held = structure.prove(file.fileno()).groups["prior"].variables
    one, two = held["parameters"], held["peak_factor"]
    data = (here / "changed.nc").read_bytes()
    size = (4 * 160).to_bytes(8, "little")
    moved = data.replace(one.at.to_bytes(8, "little") + size, (two.at + 4).to_bytes(8, "little") + size)
    assert moved != data
    (here / "changed.nc").write_bytes(moved)
    with open(here / "changed.nc", "rb") as file, pytest.raises(heaps.Malformed, match="overlap"):
        structure.prove(file.fileno())
