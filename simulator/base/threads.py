"""How many threads work, and how they hold memory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


def keep_memory() -> None:
    """Have a thread use freed blocks again, in large pages.

    glibc raises its thresholds when a mapped chunk is freed. Without it every temporary array goes back to
    the kernel and faults its pages in anew, which takes longer than the arithmetic. And what the thread
    allocates next lies where the second chunk was, for which NumPy has asked for large pages. Neither is
    touched, so they cost nothing themselves.
    """
    for size in (31, 20):  # freed at once
        np.empty(size << 20, dtype=np.uint8)


def pool(threads: int | None = None) -> ThreadPoolExecutor:
    """A pool of so many threads, by default one for each core: more would only take more memory.

    Its modules are imported where one is needed: a small run needs none.
    """
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads or cores(), initializer=keep_memory)


def cores() -> int:
    """How many threads can run at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
