"""What a run.nc holds, proven before any of it is used: the groups, numbers and attributes that this program writes.

A run may come from a stranger, and an HDF5 file can name other files (external storage, links, virtual datasets),
unpack to any size, go round in circles, and make its library compute for hours: opening it is too late to look. So
the file is read here, as bytes. What is known is listed; everything else is refused. The draws are read from the
same open file at the places that were proven, and the HDF5 library never opens what was not proven.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .folders import MOST_VARIABLES
from .heaps import NOWHERE, Blocks, Malformed, Part, dense

GROUPS = ("prior", "prior_predictive", "constant_data")
MOST_ATTRIBUTES, MOST_VALUES = 32, 4_096  # of an object; of an attribute
SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NUMBERS = {  # the datatypes of numbers, byte by byte, and how numpy calls them
    "11201f000400000000002000170800177f000000": "<f4",
    "11203f000800000000004000340b0034ff030000": "<f8",
    "100800000400000000002000": "<i4",
    "100800000800000000004000": "<i8",
    "11211f000400000000002000170800177f000000": ">f4",
    "11213f000800000000004000340b0034ff030000": ">f8",
    "100900000400000000002000": ">i4",
    "100900000800000000004000": ">i8",
}
_TEXT = "1901010010000000100000000100000000000800"  # the datatype of a text of any length
_PAIR = "3602000010000000646174617365740000170000000800000064696d656e73696f6e00"  # a compound: "dataset", "dimension"
_OTHERS = {  # the datatypes of netCDF's references between variables and dimensions
    "19000000100000001700000008000000": "DIMENSION_LIST",
    f"{_PAIR}08100000000400000000002000": "REFERENCE_LIST",
    f"{_PAIR}08110000000400000000002000": "REFERENCE_LIST",
}
_NIL, _SPACE, _LINKS, _TYPE, _FILL, _LINK, _EXTERNAL, _LAYOUT = 0, 1, 2, 3, 5, 6, 7, 8  # messages of object headers
_GROUP, _FILTERS, _ATTRIBUTE, _MORE, _ATTRIBUTES = 10, 11, 12, 16, 21
_REFUSED = {
    _EXTERNAL: "its numbers lie in another file",
    _FILTERS: "it is filtered or compressed",
    22: "more than one link leads to it",
}
_LAYOUTS = {0: "compact", 2: "chunked", 3: "virtual"}
_CHANGING = {"add_offset", "_FillValue", "missing_value", "valid_min", "valid_max", "valid_range", "_Unsigned"}
_BOTH = {_NIL, _ATTRIBUTE, _ATTRIBUTES}


@dataclass(frozen=True)
class Stored:
    """Numbers in the file: where they begin, of which shape and kind, and what is said of them."""

    at: int
    shape: tuple[int, ...]
    kind: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Contents:
    """A group: its numbers by name, and its attributes."""

    variables: Mapping[str, Stored]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """What a run.nc holds."""

    groups: Mapping[str, Contents]
    attributes: Mapping[str, Any]


def read(handle: int, stored: Stored) -> Any:
    """The numbers of a dataset of an open file, in the byte order of this machine."""
    import numpy as np

    found = np.empty(stored.shape, stored.kind)
    view, at = memoryview(found.reshape(-1).view(np.uint8)), 0
    while at < len(view):  # one call reads at most two gigabytes
        got = os.preadv(handle, [view[at:]], stored.at + at)
        if not got:
            raise Malformed("it was cut while it was read")
        at += got
    return found.astype(found.dtype.newbyteorder("="), copy=False)


# ------------------------------------------------------------------------------------ headers


def _messages(blocks: Blocks, at: int) -> Iterator[tuple[int, int, bytes]]:
    """The messages of an object header of the second version: (kind, order of creation, content)."""
    head = blocks.block(at, 6)
    head.expect(b"OHDR\2")
    flags = head.number(1)
    wide, before = 1 << (flags & 3), 16 * bool(flags & 32) + 4 * bool(flags & 16)
    size = int.from_bytes(blocks.block(at + 6, before + wide).data[before:], "little")
    waiting = [blocks.block(at + 6 + before + wide, size + 4).data[:-4]]  # the last four bytes are a checksum
    while waiting:
        chunk = Part(waiting.pop(0))
        while chunk.left >= (6 if flags & 4 else 4):
            blocks.charge(0)
            kind, length, said = chunk.number(1), chunk.number(2), chunk.number(1)
            order, body = chunk.number(2 if flags & 4 else 0), chunk.take(length)
            if said & 2:
                raise Malformed("it has parts that objects share")
            if kind == _MORE:
                place = Part(body)
                more = blocks.block(place.number(8), place.number(8))
                more.expect(b"OCHK")
                waiting.append(more.take(more.left)[:-4])
            else:
                yield kind, order, body


def _sorted(blocks: Blocks, at: int, allowed: set[int]) -> dict[int, list[bytes]]:
    """The messages of an object by kind, each of which is one of what this program writes."""
    by_kind: dict[int, list[bytes]] = {}
    for kind, _, body in sorted(_messages(blocks, at), key=lambda message: message[:2]):
        if kind not in allowed | _BOTH:
            raise Malformed(_REFUSED.get(kind, f"it holds what no run holds (an HDF5 message of kind {kind})"))
        by_kind.setdefault(kind, []).append(body)
    return by_kind


def _one(found: Mapping[int, list[bytes]], kind: int) -> Part:
    if len(found.get(kind, ())) != 1:
        raise Malformed(f"it holds not one HDF5 message of kind {kind} where there should be one")
    return Part(found[kind][0])


def _many(blocks: Blocks, found: Mapping[int, list[bytes]], about: int, each: int, most: int) -> list[bytes]:
    """The links of a group or the attributes of an object, which lie in its header or, where many, in a heap."""
    if about not in found and each not in found:
        return []
    info, count, inside = _one(found, about), 8 if about == _LINKS else 2, found.get(each, [])
    info.expect(b"\0")
    flags = info.number(1)
    info.take(count if flags & 1 else 0)
    heap, by_name, by_order = info.number(8), info.number(8), info.number(8) if flags & 2 else NOWHERE
    if heap != NOWHERE:
        if inside or by_order == NOWHERE:
            raise Malformed("it has two lists of names")
        inside = dense(blocks, heap, by_name, by_order, (5, 6) if about == _LINKS else (8, 9))
    if len(inside) > most:
        raise Malformed(f"it has more than {most:,} names in one place")
    return inside


def _links(blocks: Blocks, found: Mapping[int, list[bytes]], most: int) -> dict[str, int]:
    """Where the links of a group lead to within the file, by name, in the order of their creation."""
    links = sorted(_link(body) for body in _many(blocks, found, _LINKS, _LINK, most))
    if len({name for _, name, _ in links}) != len(links):
        raise Malformed("it has a name twice")
    return {name: place for _, name, place in links}


def _link(body: bytes) -> tuple[int, str, int]:
    """The order, name and place of a link."""
    part = Part(body)
    part.expect(b"\1")
    flags = part.number(1)
    if flags & 8 and part.number(1):
        raise Malformed("it has a link that leads to a name or to another file")
    order = part.number(8 if flags & 4 else 0)
    part.take(1 if flags & 16 else 0)  # of which alphabet the name is
    return order, _name(part.take(part.number(1 << (flags & 3)))), part.number(8)


def _name(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("it has a name that is no text") from None


# --------------------------------------------------------------------------------- attributes


def _shape(raw: bytes) -> tuple[int, ...]:
    part = Part(raw)
    part.expect(b"\2")
    rank, flags, kind = part.number(1), part.number(1), part.number(1)
    if kind > 1 or (kind == 0) != (rank == 0) or rank > 2 or flags > 1 or part.left != 8 * rank * (1 + flags):
        raise Malformed("it has numbers of a shape that no run has")
    shape = tuple(part.number(8) for _ in range(rank))
    if flags and part.take(part.left) != b"".join(n.to_bytes(8, "little") for n in shape):
        raise Malformed("it has a dimension without an end")
    return shape


def _attributes(blocks: Blocks, found: Mapping[int, list[bytes]], references: set[int]) -> dict[str, Any]:
    """The attributes of an object: numbers and texts. What `references` point to is added to them."""
    told: dict[str, Any] = {}
    for body in _many(blocks, found, _ATTRIBUTES, _ATTRIBUTE, MOST_ATTRIBUTES):
        part = Part(body)
        part.expect(b"\3\0")
        sizes = [part.number(2) for _ in range(3)]
        part.take(1)
        raw, kind, space = (part.take(size) for size in sizes)
        name = _name(raw.rstrip(b"\0"))
        if name in told:
            raise Malformed("it has an attribute twice")
        value = _value(blocks, name, kind, math.prod(_shape(space)), part)
        told[name] = None if name in _OTHERS.values() else value
        references |= set(value if name in _OTHERS.values() else ())
    return told


def _value(blocks: Blocks, name: str, kind: bytes, count: int, data: Part) -> Any:
    """The value of an attribute: a number, numbers, a text, or the places that netCDF's references point to."""
    if kind.hex() in _NUMBERS:
        import numpy as np

        numbers = np.frombuffer(data.take(count * kind[4]), np.dtype(_NUMBERS[kind.hex()]).newbyteorder("="))
        found: Any = numbers[0] if count == 1 else numbers
    elif kind[0] & 15 == 3 and len(kind) == 8 and count == 1:
        found = data.take(int.from_bytes(kind[4:], "little")).decode(errors="replace").replace("\0", "")
    elif kind.hex() == _TEXT and count == 1:
        length, at, index = data.number(4), data.number(8), data.number(4)
        found = Part(blocks.shared(at, index)).take(length).decode(errors="replace") if length else ""
    elif _OTHERS.get(kind.hex()) == name and name == "REFERENCE_LIST":
        found = [(data.number(8), data.take(8))[0] for _ in range(count)]
    elif _OTHERS.get(kind.hex()) == name:
        places = [(data.number(4), data.number(8), data.number(4)) for _ in range(count)]
        found = [int.from_bytes(blocks.shared(at, i), "little") if n == 1 else NOWHERE for n, at, i in places]
    else:
        raise Malformed(f"its attribute {name!r} is neither a number nor a text")
    if data.left or count > MOST_VALUES:
        raise Malformed(f"its attribute {name!r} is of another size than it says")
    return found


# ------------------------------------------------------------------------- groups and datasets


def _stored(blocks: Blocks, at: int, references: set[int]) -> Stored:
    """A dataset: numbers that lie in one piece within the file."""
    found = _sorted(blocks, at, {_SPACE, _TYPE, _FILL, _LAYOUT})
    shape, kind = _shape(_one(found, _SPACE).data), _NUMBERS.get(_one(found, _TYPE).data.hex(), "")
    layout = _one(found, _LAYOUT)
    version, how = layout.number(1), layout.number(1)
    if not kind:
        raise Malformed("it is not stored as plain numbers")
    if version not in (3, 4) or how != 1:
        raise Malformed(f"it is {_LAYOUTS.get(how, 'otherwise')}, not contiguous")
    if _one(found, _FILL).left > 32:
        raise Malformed("it has a fill value that no run has")
    start, length = layout.number(8), layout.number(8)
    if length != math.prod(shape) * int(kind[-1]) or layout.left:
        raise Malformed(f"it has {math.prod(shape):,} numbers and {length:,} bytes for them")
    if start + length > blocks.size:
        raise Malformed(f"it has {math.prod(shape):,} numbers, more than the file holds")
    blocks.claim(start, length)
    return Stored(start, shape, kind, _attributes(blocks, found, references))


def _group(blocks: Blocks, name: str, at: int) -> Contents:
    """A group of datasets, whose references to dimensions do not leave it."""
    found = _sorted(blocks, at, {_LINKS, _LINK, _GROUP})
    links = _links(blocks, found, MOST_VARIABLES)
    references: set[int] = set()
    told = _attributes(blocks, found, references)
    variables: dict[str, Stored] = {}
    for inner, place in links.items():
        with _within(f"{name}/{inner}"):
            variables[inner] = _stored(blocks, place, references)
    for inner in variables:
        with _within(f"{name}/{inner}"):
            _fits(name, inner, variables)
    if not references <= set(links.values()):
        raise Malformed(f"{name} has a reference that leads elsewhere")
    return Contents(variables, told)


def _fits(group: str, name: str, variables: Mapping[str, Stored]) -> None:
    """Refuse numbers whose kind or dimensions are not those of their place, or that attributes would turn to others."""
    found, plain = variables[name], group == "constant_data"
    sizes = tuple(n for dim in ("chain", "draw") if dim in variables for n in variables[dim].shape[:1])
    right = {"chain": (sizes[:1], "i8"), "draw": (sizes[1:], "i8"), "member": (sizes[1:], "i4")}
    expected = ((), "f8") if plain else right.get(name, (sizes, "f4"))
    if (found.shape, found.kind[1:]) != expected or (len(sizes) != 2 and not plain):
        raise Malformed("it is of another shape or kind than a run's")
    if _CHANGING & found.attributes.keys() or found.attributes.get("scale_factor", 1.0) != 1.0:
        raise Malformed("its attributes would change its numbers")


@contextmanager
def _within(name: str) -> Iterator[None]:
    try:
        yield
    except Malformed as error:
        raise Malformed(f"{name}: {error}") from None


def prove(handle: int) -> File:
    """What an open file holds; raises Malformed where this program would not have written it. No draws are read."""
    blocks = Blocks(handle)
    if blocks.size < 48:
        raise Malformed("it is no netCDF-4 file")
    head = blocks.block(0, 48)
    if head.take(9) != SIGNATURE + b"\2":
        raise Malformed("it is no netCDF-4 file as netCDF4 writes it")
    head.expect(b"\x08\x08\0" + bytes(8) + NOWHERE.to_bytes(8, "little"))  # begins at 0, has no extension
    if head.number(8) != blocks.size:
        raise Malformed("it has another size than it says")
    found = _sorted(blocks, head.number(8), {_LINKS, _LINK, _GROUP})
    links = _links(blocks, found, len(GROUPS))
    if links.keys() != set(GROUPS):
        raise Malformed(f"its groups are not {', '.join(GROUPS)}")
    references: set[int] = set()
    told = _attributes(blocks, found, references)
    if references:
        raise Malformed("it has a reference in no group")
    groups = {name: _group(blocks, name, at) for name, at in links.items()}
    blocks.disjoint()
    return File(groups, told)
