"""Two processes for one piece of work, from the command line: where a fork is safe, and both have a core."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from .threads import cores

type Jobs[T] = Sequence[Callable[[], T]]


def one_by_one[T](jobs: Jobs[T]) -> list[T]:
    """What each job makes, from this process alone."""
    return [job() for job in jobs]


def in_two[T](jobs: Jobs[T]) -> list[T]:
    """What each job makes, in their order, from this process and a fork of it, which has all that this one has read.

    Each takes the next job as it is done with one, so that the longest are to come first. What the fork does not
    deliver is made here: an error in it is raised here as well. A process in which threads are at work is not forked.
    """
    if not 1 < len(jobs) < 256 or not _safe():
        return one_by_one(jobs)
    left, numbers = os.pipe()
    os.write(numbers, bytes(range(len(jobs))))
    os.close(numbers)
    back, answer = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no more processes are allowed, or there is no memory for one
        for end in (left, back, answer):
            os.close(end)
        return one_by_one(jobs)
    if not child:
        _help(jobs, left, answer)
    os.close(answer)
    try:
        made = _taken(jobs, left)
        with open(back, "rb", closefd=False) as told:
            answered = told.read()
    except BaseException:
        with suppress(ProcessLookupError):  # it has ended, and nobody is told of it
            os.kill(child, signal.SIGKILL)
        raise
    finally:
        status = _ended(child)
        os.close(left)
        os.close(back)
    made |= pickle.loads(answered) if status == 0 else {}
    return [made[i] if i in made else job() for i, job in enumerate(jobs)]


def _ended(child: int) -> int:
    """Wait for a process; how it ended, which the system does not tell where its signal is ignored."""
    try:
        return os.waitpid(child, 0)[1]
    except ChildProcessError:
        return 1


def _safe() -> bool:
    """Whether a fork is known to work: elsewhere libraries of the system may hold threads that Python does not see."""
    return sys.platform == "linux" and hasattr(os, "fork") and cores() > 1 and threading.active_count() == 1


def _taken[T](jobs: Jobs[T], left: int) -> dict[int, T]:
    """What the jobs make whose numbers this process is the first to read."""
    made = {}
    while number := os.read(left, 1):
        made[number[0]] = jobs[number[0]]()
    return made


def _help[T](jobs: Jobs[T], left: int, answer: int) -> None:
    """The fork's part, which ends it: it shares open files with its parent, and closes none of them properly."""
    status = 1
    try:
        told = pickle.dumps(_taken(jobs, left))
        with open(answer, "wb") as file:
            file.write(told)
        status = 0
    finally:
        os._exit(status)
