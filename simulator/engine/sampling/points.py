"""Uniform random points: named columns, scrambled Sobol nets or plain random numbers.

A point is a signed 32-bit integer s. It stands for the tail probability (m + 1/2) / 2^32, of the
lower tail for s < 0 with m = -1 - s and of the upper tail for s >= 0 with m = s. The point of a prior
depends on (seed, name, replicate, index) alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from ...base.errors import InputError, nearest
from ...compute.columns import OWN
from ...runs.settings import REPLICATES

Rows = int | slice  # a replicate, or all of them
ALL = slice(None)
SPARE = range(124, 128)  # columns beyond the priors' and those of a second set of worlds: of what is no prior


def entropy(seed: int, name: str, replicate: int, size: int) -> bytes:
    """`size` bytes that depend on the seed, the prior's name and the replicate alone."""
    return hashlib.shake_256(f"{seed}\0{name}\0{replicate}".encode()).digest(size)


@cache
def _table(name: str) -> tuple[str, ...]:
    """A line for each column of a block, of which few are read; a block is read when one of its columns is."""
    lines = (Path(__file__).parent / f"{name}.txt").read_text().splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def _line(column: int) -> str:
    return _table("joe_kuo")[column] if column < OWN.first else _table("joe_kuo_own")[column - OWN.first]


def direction_numbers(column: int) -> np.ndarray:
    """The 32 direction numbers of a Sobol column, most significant bit first (Joe and Kuo 2008)."""
    polynomial, *m = map(int, _line(column).split())
    degree = polynomial.bit_length() - 1
    if degree == 0:
        m = [1] * 32
    for i in range(len(m), 32):
        new = m[i - degree] ^ (m[i - degree] << degree)
        for k in range(1, degree):
            if polynomial >> (degree - k) & 1:
                new ^= m[i - k] << k
        m.append(new)
    return np.array([v << (31 - i) for i, v in enumerate(m)], dtype=np.uint32)


def tails(points: np.ndarray) -> np.ndarray:
    """The tail probability that each point stands for, in (0, 1/2): the lower tail's for points below 0."""
    return (np.where(points < 0, ~points, points) + 0.5) / 2.0**32


def uniforms(points: np.ndarray) -> np.ndarray:
    """The probability in (0, 1) that each point stands for; points themselves are not in its order."""
    return (_in_order(points) + 0.5) / 2.0**32


def bins(points: np.ndarray, levels: int) -> np.ndarray:
    """The bin of each point's probability, of 2^levels of equal width, at most 256."""
    return (_in_order(points) >> np.uint32(32 - levels)).astype(np.uint8)


def _in_order(points: np.ndarray) -> np.ndarray:
    """Points (int32) as whole numbers in the order of their probabilities."""
    return (~points).view(np.uint32)


@lru_cache(maxsize=1024)
def scramble(seed: int, name: str, column: int, replicates: int) -> tuple[np.ndarray, np.ndarray]:
    """A digital shift (replicate) and scrambled direction numbers (replicate, 32) of a Sobol column."""
    mask = np.array([(0xFFFFFFFF << (32 - i)) & 0xFFFFFFFF for i in range(32)], dtype=np.uint32)
    diagonal = np.uint32(1) << np.arange(31, -1, -1, dtype=np.uint32)
    raw = b"".join(entropy(seed, name, r, 132) for r in range(replicates))
    random = np.frombuffer(raw, dtype="<u4").reshape(replicates, 33)
    rows = (random[:, :32] & mask) | diagonal  # lower triangular over the bits, ones on it
    bits = np.bitwise_count(rows[:, None, :] & direction_numbers(column)[None, :, None]) & np.uint8(1)
    return random[:, 32].copy(), (bits * diagonal).sum(axis=2, dtype=np.uint32)


def doubled(first: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The 2^k points (..., point) that follow from `first` (...) and the direction numbers v (..., k)."""
    points = np.empty((*np.shape(first), 1 << v.shape[-1]), dtype=np.uint32)
    points[..., 0] = first
    for bit in range(v.shape[-1]):
        np.bitwise_xor(points[..., : 1 << bit], v[..., bit, None], out=points[..., 1 << bit : 2 << bit])
    return points


class Points(Protocol):
    """The points of named priors: a point depends on (seed, name, replicate, index) alone."""

    def __init__(self, seed: int, names: Mapping[str, int], replicates: int = REPLICATES): ...

    def block(self, name: str, replicate: Rows, start: int, count: int) -> np.ndarray:
        """Points `start` to `start + count` (int32) of one prior: (draw), of all replicates (replicate, draw)."""


SAMPLERS: dict[str, type[Points]] = {}


def sampler[P: type[Points]](name: str) -> Callable[[P], P]:
    """Mark a class of points as the sampler of a name; returns it unchanged."""

    def mark(kind: P) -> P:
        SAMPLERS[name] = kind
        return kind

    return mark


@sampler("sobol")
class SobolPoints:
    """Scrambled Sobol nets: a linear matrix scramble and a digital shift for each replicate.

    `names` maps each prior to its column. Points are in natural order, so that a run of 2^k points is
    the run at 0, XOR one point: a block costs one XOR for each point.
    """

    RUN = 12  # levels of the runs that blocks are made of

    def __init__(self, seed: int, names: Mapping[str, int], replicates: int = REPLICATES):
        self._shift: dict[str, np.ndarray] = {}
        self._scrambled: dict[str, np.ndarray] = {}
        for name, column in names.items():
            self._shift[name], self._scrambled[name] = scramble(seed, name, column, replicates)
        self._runs: dict[str, np.ndarray] = {}

    def generators(self, name: str, levels: int) -> np.ndarray:
        """What the first 2^levels points are XORs of: a shift and `levels` directions, (replicate, 1 + levels)."""
        return np.column_stack([self._shift[name], self._scrambled[name][:, :levels]])

    def block(self, name: str, replicate: Rows, start: int, count: int) -> np.ndarray:
        """Points `start` to `start + count` (int32) of one prior: (draw), of all replicates (replicate, draw).

        `start` must be a multiple of the power of two that holds `count`.
        """
        levels = max(count - 1, 0).bit_length()
        if start % (1 << levels):
            raise ValueError(f"start {start} is not a multiple of {1 << levels}")
        v, first = self._scrambled[name][replicate], self._shift[name][replicate]
        for bit in range(levels, 32):
            if start >> bit & 1:
                first = first ^ v[..., bit]
        if name not in self._runs:  # of two threads that both make it, either has it
            scrambled = self._scrambled[name][:, : self.RUN]
            self._runs[name] = doubled(np.zeros(len(scrambled), dtype=np.uint32), scrambled)
        run = self._runs[name][replicate]
        if levels <= self.RUN:
            return (run[..., :count] ^ np.asarray(first)[..., None]).view(np.int32)
        firsts = doubled(first, v[..., self.RUN : levels])[..., : -(-count >> self.RUN)]
        points = (firsts[..., None] ^ run[..., None, :]).reshape(*firsts.shape[:-1], -1)
        return points[..., :count].view(np.int32)


@sampler("random")
class RandomPoints:
    """Plain Monte Carlo: a counter-based generator (Philox) keyed by seed, name and replicate."""

    def __init__(self, seed: int, names: Mapping[str, int], replicates: int = REPLICATES):
        self._key = {
            (name, r): np.frombuffer(entropy(seed, name, r, 16), dtype="<u8")
            for name in names
            for r in range(replicates)
        }

    def block(self, name: str, replicate: Rows, start: int, count: int) -> np.ndarray:
        """As for the Sobol nets; `start` must be a multiple of eight."""
        if start % 8:
            raise ValueError(f"start {start} is not a multiple of 8")
        if isinstance(replicate, slice):
            each = [r for key, r in self._key if key == name][replicate]
            return np.stack([self.block(name, r, start, count) for r in each])
        generator = np.random.Philox(key=self._key[name, replicate], counter=start // 8)
        raw = generator.random_raw((count + 1) // 2).astype("<u8", copy=False)
        return raw.view(np.int32)[:count]


def spare_points(name: str, sampler: str, seed: int, place: int, count: int) -> np.ndarray:
    """The first `count` points (replicate, draw) of what is no prior, in a spare column, scrambled by its own name."""
    return points(sampler, seed, {name: SPARE[place]}).block(name, ALL, 0, count)


def points(name: str, seed: int, names: Mapping[str, int]) -> Points:
    """The points of the named priors by a sampler; raises InputError for an unknown one."""
    if name not in SAMPLERS:
        raise InputError(f"there is no sampler {name!r}: {nearest(name, SAMPLERS)}")
    return SAMPLERS[name](seed, names)
