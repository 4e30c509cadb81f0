"""The blocks in which an HDF5 file keeps names and attributes, read as bytes: of a file that may be a stranger's.

Nothing is asked of the HDF5 library, which would follow what the file says. Every block is read once, within bounds
of size and count; what this program's files do not hold is refused. After the HDF5 File Format Specification 3.0,
parts III.A.2 (version 2 B-trees), III.E (global heap) and III.G (fractal heap).
"""

from __future__ import annotations

import os
from itertools import pairwise

NOWHERE = 2**64 - 1  # the address of what is not there
MOST_BYTES, MOST_STEPS, MOST_RECORDS = 2**27, 200_000, 2_000  # of all that is not draws; of one B-tree
_RECORDS = {1: 24, 5: 11, 6: 15, 8: 17, 9: 13}  # bytes of a record of a B-tree, by its type


class Malformed(ValueError):
    """A file that this program would not have written."""


class Part:
    """A reader of bytes that does not go beyond their end."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count > self.left:
            raise Malformed("a part of it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int) -> int:
        """The next unsigned number."""
        return int.from_bytes(self.take(width), "little")

    def expect(self, what: bytes) -> None:
        """Refuse what does not go on with these bytes."""
        if self.take(len(what)) != what:
            raise Malformed(f"it holds no {what[:4].decode('ascii', 'replace')} where there should be one")


class Blocks:
    """A file that is open, and which parts of it have a meaning: no byte has two, so nothing leads back to itself."""

    def __init__(self, handle: int):
        self.handle, self.size = handle, os.fstat(handle).st_size
        self.room, self.steps = MOST_BYTES, MOST_STEPS
        self.heaps: dict[int, dict[int, bytes]] = {}
        self._taken: dict[int, int] = {}

    def charge(self, length: int, steps: int = 1) -> None:
        """Count what is read: a small file can say the same thing to be read over and over."""
        self.room, self.steps = self.room - length, self.steps - steps
        if self.room < 0 or self.steps < 0:
            raise Malformed(f"its names and attributes take more than {MOST_BYTES:,} bytes or {MOST_STEPS:,} steps")

    def claim(self, at: int, length: int) -> None:
        """Give a part of the file its meaning."""
        if length < 1 or at + length > self.size:
            raise Malformed("it points beyond its end")
        if at in self._taken:
            raise Malformed("it leads back to where it was before")
        self._taken[at] = at + length

    def block(self, at: int, length: int) -> Part:
        """A part of the file that is no draws."""
        self.claim(at, length)
        self.charge(length)
        data = os.pread(self.handle, length, at)
        if len(data) != length:
            raise Malformed("it was cut while it was read")
        return Part(data)

    def disjoint(self) -> None:
        """Refuse a file in which two parts overlap."""
        if any(end > at for (_, end), (at, _) in pairwise(sorted(self._taken.items()))):
            raise Malformed("its parts overlap")

    def shared(self, at: int, index: int) -> bytes:
        """An object of a global heap, which holds texts and references of several attributes."""
        if at not in self.heaps:
            self.heaps[at] = _global(self, at)
        if index not in self.heaps[at]:
            raise Malformed("it points to what is not there")
        self.charge(len(self.heaps[at][index]))
        return self.heaps[at][index]


def _global(blocks: Blocks, at: int) -> dict[int, bytes]:
    head = blocks.block(at, 16)
    head.expect(b"GCOL\1\0\0\0")
    rest, found = blocks.block(at + 16, max(head.number(8) - 16, 0)), dict[int, bytes]()
    while rest.left >= 16:
        blocks.charge(0)
        index, _, _, size = rest.number(2), rest.number(2), rest.number(4), rest.number(8)
        if index == 0:  # the room that is left
            break
        if index in found:
            raise Malformed("a heap holds an object twice")
        found[index] = rest.take(size)
        rest.take(min(-size % 8, rest.left))
    return found


def records(blocks: Blocks, at: int, kind: int) -> list[bytes]:
    """The records of a B-tree of the second version, of at most two levels."""
    head = blocks.block(at, 38)
    head.expect(b"BTHD\0" + bytes([kind]))
    node, size, depth, _ = head.number(4), head.number(2), head.number(2), head.take(2)
    root, count, total = head.number(8), head.number(2), head.number(8)
    if size != _RECORDS[kind] or not size + 10 <= node <= 2**16 or depth > 1 or total > MOST_RECORDS:
        raise Malformed("it has a list of names of another size or kind")
    found = _node(blocks, root, kind, (node, size, count), depth) if total else []
    if len(found) != total or len(set(found)) != total:
        raise Malformed("a list of names does not hold as many as it says")
    return found


def _node(blocks: Blocks, at: int, kind: int, sizes: tuple[int, int, int], depth: int) -> list[bytes]:
    node, size, count = sizes
    blocks.charge(0, count)
    data = blocks.block(at, node)
    data.expect((b"BTIN\0" if depth else b"BTLF\0") + bytes([kind]))
    found = [data.take(size) for _ in range(count)]
    width = (((node - 10) // size).bit_length() + 7) // 8  # of the number of records in a leaf
    below = [(data.number(8), data.number(width)) for _ in range(count + 1)] if depth else []
    for child, many in below:
        found += _node(blocks, child, kind, (node, size, many), 0)
    return found


class Heap:
    """A fractal heap: what a group's links, or an object's attributes, lie in where they are many."""

    def __init__(self, blocks: Blocks, at: int):
        head = blocks.block(at, 146)
        head.expect(b"FRHP\0")
        self.blocks, self.id_length = blocks, head.number(2)
        if head.number(2) or head.number(1) & ~2:  # filters; flags but "direct blocks have checksums"
            raise Malformed("it is filtered")
        _, _, tree, _ = head.number(4), head.number(8), head.number(8), head.take(80)
        self.huge = {r[16:]: r[:16] for r in records(blocks, tree, 1)} if tree != NOWHERE else {}
        width, first, largest, bits = head.number(2), head.number(8), head.number(8), head.number(2)
        _, root, rows = head.take(2), head.number(8), head.number(2)
        if not (0 < width <= 64 and 0 < first <= largest <= 2**20 and 0 < bits <= 64):
            raise Malformed("it has a heap of another kind")
        self.offset = (bits + 7) // 8
        sizes = [first] if rows == 0 else [first << max(row - 1, 0) for row in range(rows) for _ in range(width)]
        if rows > 16 or sizes[-1] > largest:
            raise Malformed("it has a heap of more levels than a run's")
        self.parts: list[tuple[int, bytes]] = []
        if root != NOWHERE:
            self._read(at, [root] if rows == 0 else self._children(at, root, len(sizes)), sizes)

    def _children(self, at: int, root: int, count: int) -> list[int]:
        data = self.blocks.block(root, 13 + self.offset + 8 * count + 4)
        data.expect(b"FHIB\0" + at.to_bytes(8, "little") + bytes(self.offset))
        return [data.number(8) for _ in range(count)]

    def _read(self, at: int, addresses: list[int], sizes: list[int]) -> None:
        start = 0
        for address, size in zip(addresses, sizes, strict=True):
            if address != NOWHERE:
                data = self.blocks.block(address, size)
                data.expect(b"FHDB\0" + at.to_bytes(8, "little") + start.to_bytes(self.offset, "little"))
                self.parts.append((start, data.data))
            start += size

    def get(self, name: bytes) -> bytes:
        """The object of an identifier."""
        kind, rest = name[0], Part(name[1:])
        if kind == 0x10:
            place = Part(self.huge.get(rest.data.ljust(8, b"\0"), b""))
            return self.blocks.block(place.number(8), place.number(8)).data
        start, length = rest.number(self.offset), rest.number(rest.left)
        self.blocks.charge(length)
        for first, data in self.parts:
            if kind == 0 and first <= start and start + length <= first + len(data):
                return data[start - first : start - first + length]
        raise Malformed("it points to what is not there")


def dense(blocks: Blocks, heap: int, by_name: int, by_order: int, kinds: tuple[int, int]) -> list[bytes]:
    """The objects of a heap in the order of their creation, which both of its lists have to tell alike.

    Else two readers, by name and by order, would meet different things. `kinds`: of the lists' records, 5 and 6 for
    links, 8 and 9 for attributes.
    """
    within = Heap(blocks, heap)
    first = 4 if kinds[0] == 5 else 0  # a hash stands before a link's identifier
    named = {r[first : first + within.id_length] for r in records(blocks, by_name, kinds[0])}
    ordered = records(blocks, by_order, kinds[1])
    at = 8 if kinds[1] == 6 else 0  # an order stands before a link's identifier, and behind an attribute's
    if kinds[0] == 8 and any(r[8] & 2 for r in ordered):
        raise Malformed("it has attributes that are shared")
    order = 9 if kinds[1] == 9 else 0
    ordered.sort(key=lambda r: int.from_bytes(r[order : order + (4 if order else 8)], "little"))
    ids = [r[at : at + within.id_length] for r in ordered]
    if within.id_length != (7 if kinds[0] == 5 else 8) or named != set(ids) or len(named) != len(ids):
        raise Malformed("its lists of names tell different things")
    return [within.get(name) for name in ids]
