"""A run that was changed after it was written is refused in one line."""

import hashlib
import json
import os

import numpy as np
import pytest

from simulator import InputError, Run, simulate
from simulator.runs import netcdf

from ..conftest import content, forge
from ..helpers import SET

CHANGED = "was changed or damaged after it was written"


def refused(folder, *parts):
    """What reads draws refuses, in one line that names the file and what to do."""
    netcdf._SOUND.clear()
    for ask in (
        lambda run: run.draws_of("parameters"),
        lambda run: run.draws_of("training_cost"),
        lambda run: run.datatree,
        lambda run: run.summary(exceeds={"training_h100s": [1.0]}),
    ):
        with pytest.raises(InputError) as error:
            ask(Run.load(folder))
        assert len(error.value.lines) == 1
        for part in (CHANGED, "make the run again", *parts):
            assert part in error.value.lines[0]


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.9999])
def test_a_shortened_netcdf_file_is_refused_by_its_size(stored, cli, kept):
    size = (stored / "run.nc").stat().st_size
    os.truncate(stored / "run.nc", int(kept * size))
    refused(stored, f"run.nc {CHANGED}: it has {int(kept * size):,} bytes and was written with {size:,}")
    assert CHANGED in cli("runs", "list").err
    assert cli("runs", "delete", stored.name).code == 0


@pytest.mark.parametrize("place", [0, 100, 0.1, 0.3, 0.5, 0.7, 0.9, -1])
def test_one_flipped_bit_of_the_netcdf_file_is_refused(stored, cli, place):
    data = bytearray((stored / "run.nc").read_bytes())
    at = int(place * len(data)) if isinstance(place, float) else place
    data[at] ^= 1
    (stored / "run.nc").write_bytes(data)
    refused(stored, f"run.nc {CHANGED}: its SHA-256 is another than the one in run.json")
    assert cli("runs", "list").code == 0
    for command in (
        ["runs", "show", "latest", "-q", "training_cost"],
        ["rerun", "latest"],
        ["sensitivity", "latest"],
        ["compare", "latest", "plappert-2024"],
    ):
        outcome = cli(*command)
        assert len(outcome.errors) == 1
        assert f"run.nc {CHANGED}" in outcome.errors[0]


def test_a_changed_run_json_is_refused(stored, cli):
    path = stored / "run.json"
    text = path.read_text()
    data = json.loads(text)
    edits = [
        text.replace('"seed": 20240315', '"seed": 20240316'),
        text[: len(text) // 2],
        text[:-3],
        "",
        "[]",
        "null",
        text.replace(data["data"]["sha256"], "0" * 64),
        text.replace("Plappert", "Plappart", 1),
        json.dumps(data | {"format": 1}),
        json.dumps({k: v for k, v in data.items() if k != "integrity"}),
        json.dumps({k: v for k, v in data.items() if k not in ("integrity", "data")}),
    ]
    for edited in edits:
        assert edited != text
        path.write_text(edited)
        for command in (["runs", "show", "latest"], ["rerun", "latest"], ["runs", "path", "latest"]):
            outcome = cli(*command)
            assert (outcome.code, len(outcome.errors)) == (2, 1)
            assert "run.json" in outcome.errors[0]
            assert CHANGED in outcome.errors[0] or "is not a run" in outcome.errors[0]
    path.write_text(json.dumps(data))  # the layout is no part of it
    assert cli("rerun", "latest").code == 0


def test_a_file_is_held_against_its_checksum_once(stored, monkeypatch):
    netcdf._SOUND.clear()
    hashed, hasher = [], netcdf.checksum
    monkeypatch.setattr(netcdf, "checksum", lambda handle: hashed.append(handle) or hasher(handle))
    for _ in range(2):
        run = Run.load(stored)
        assert run.summary()
        for name in SET.uncertain:
            run.draws_of(name)
        assert run.datatree
        assert len(hashed) == 1
    data = bytearray((stored / "run.nc").read_bytes())
    data[-1] ^= 1
    (stored / "run.nc").write_bytes(data)
    with pytest.raises(InputError, match=CHANGED):
        Run.load(stored).draws_of("parameters")


def test_a_run_of_an_earlier_version_is_read_with_a_note(stored, cli):
    path = stored / "run.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps({k: v for k, v in data.items() if k not in ("integrity", "data")} | {"format": 1}))
    for command in (["runs", "show", "latest"], ["rerun", "latest"], ["runs", "show", "latest", "-q", "training_cost"]):
        outcome = cli(*command)
        assert outcome.code == 0
        assert "by an earlier version, without checksums" in outcome.err
    forge(stored, format=3)
    assert "by a newer version of simulate (format 3)" in cli("runs", "show", "latest").errors[0]


def test_a_run_has_the_same_bytes_each_time(made, here):
    assert content(made.save("a")) == content(made.save("b")) == content(simulate(SET, draws=1600).save("c"))
    data = json.loads((here / "a" / made.name / "run.json").read_text())["data"]
    path = here / "a" / made.name / "run.nc"
    assert data == {"bytes": path.stat().st_size, "sha256": netcdf.content(path)}


def test_the_checksum_of_a_file_is_over_its_pieces_in_order(here, monkeypatch):
    monkeypatch.setattr(netcdf, "PIECE", 1000)
    data = np.random.default_rng(1).bytes(3500)

    def checksum(content):
        (here / "file").write_bytes(content)
        return netcdf.content(here / "file")

    pieces = b"".join(hashlib.sha256(data[i : i + 1000]).digest() for i in range(0, 3500, 1000))
    assert checksum(data) == hashlib.sha256(pieces).hexdigest()
    swapped = data[1000:2000] + data[:1000] + data[2000:]
    flipped = [data[:i] + bytes([data[i] ^ 1]) + data[i + 1 :] for i in (0, 999, 1000, 2999, 3000, 3499)]
    assert len({checksum(x) for x in (data, swapped, data[:-1], data + b"\0", data[:3000], b"", *flipped)}) == 12
