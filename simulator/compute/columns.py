"""The Sobol column of a prior, of the shipped models and of one's own: fixed by names and order alone.

A block holds the priors of one kind, and beside them, a stride further on each, their growths and the steps of their
random walks, year by year. The priors of the shipped models have the first block; those of a model of one's own, in the
order of its file, the second, so that neither ever moves the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .inputs import PRIORS
from .years import GROWTH, MOST_YEARS, NOISE


class Block(NamedTuple):
    """Columns from `first` on, `stride` for a kind of column; a second set of worlds begins `second` further on."""

    first: int
    stride: int
    second: int


SHIPPED = Block(0, 128, 64)
OWN = Block(2304, 512, 256)
MOST_OWN = OWN.second  # priors of a model of one's own
LAST = OWN.first + OWN.stride * (MOST_YEARS + 2)  # one beyond the last column


def column(prior: str, own: Sequence[str] = (), second: bool = False) -> int:
    """The column of a prior, a growth or a step of a random walk; `own` are a model's own priors in their order.

    `second` is that of an independent second set of worlds.
    """
    if prior.startswith(GROWTH):
        name, kind = prior.removeprefix(GROWTH), 1
    elif prior.startswith(NOISE):
        name, _, year = prior.removeprefix(NOISE).rpartition(".")
        kind = 1 + int(year)
    else:
        name, kind = prior, 0
    block, names = (OWN, own) if name in own else (SHIPPED, [p.name for p in PRIORS])
    return block.first + block.stride * kind + names.index(name) + (block.second if second else 0)
