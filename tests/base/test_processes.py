"""Two processes make what one makes, each job once, and leave none behind."""

import os
import signal
import threading
import time

import pytest

from simulator.base import processes
from simulator.base.processes import in_two, one_by_one

needs_two = pytest.mark.skipif(processes.sys.platform != "linux" or processes.cores() < 2, reason="one process here")


def slowly(made):
    time.sleep(0.05)
    return made, os.getpid()


def jobs_of(count, does=slowly):
    return [lambda i=i: does(i) for i in range(count)]


def no_child_is_left():
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    return True


@needs_two
def test_both_work_and_each_job_is_done_once():
    made = in_two(jobs_of(12))
    assert [i for i, _ in made] == list(range(12))
    assert {pid for _, pid in made} > {os.getpid()}
    assert no_child_is_left()


@needs_two
def test_more_comes_back_than_a_pipe_holds():
    assert in_two(jobs_of(6, lambda i: (time.sleep(0.02), bytes([i]) * 300_000)[1])) == [
        bytes([i]) * 300_000 for i in range(6)
    ]


def test_a_thread_at_work_or_a_single_core_is_one_process(monkeypatch):
    done = threading.Event()
    worker = threading.Thread(target=done.wait)
    worker.start()
    try:
        assert {pid for _, pid in in_two(jobs_of(4))} == {os.getpid()}
    finally:
        done.set()
        worker.join()
    monkeypatch.setattr(processes, "cores", lambda: 1)
    assert {pid for _, pid in in_two(jobs_of(4))} == {os.getpid()}


def test_a_single_job_and_none():
    assert in_two(jobs_of(1)) == one_by_one(jobs_of(1)) == [(0, os.getpid())]
    assert in_two([]) == []


@needs_two
def test_an_error_is_raised_whoever_meets_it():
    def fails(i):
        time.sleep(0.02)
        if i == 3:
            raise ValueError("the third")
        return i

    with pytest.raises(ValueError, match="the third"):
        in_two(jobs_of(6, fails))
    assert no_child_is_left()


@needs_two
def test_what_a_process_that_is_killed_had_taken_is_made_here():
    here = os.getpid()

    def killed(i):
        time.sleep(0.02)
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return i

    assert in_two(jobs_of(6, killed)) == list(range(6))
    assert no_child_is_left()


@needs_two
def test_an_interrupt_here_ends_the_other_too():
    here = os.getpid()

    def interrupted(i):
        if os.getpid() == here:
            raise KeyboardInterrupt
        signal.pause()

    with pytest.raises(KeyboardInterrupt):
        in_two(jobs_of(4, interrupted))
    assert no_child_is_left()


@needs_two
def test_where_no_process_more_is_allowed_one_is_enough(monkeypatch):
    def refused():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(processes.os, "fork", refused)
    before = len(os.listdir("/proc/self/fd"))
    assert {pid for _, pid in in_two(jobs_of(4))} == {os.getpid()}
    assert len(os.listdir("/proc/self/fd")) == before


@needs_two
def test_no_file_is_left_open():
    before = len(os.listdir("/proc/self/fd"))
    in_two(jobs_of(4))
    assert len(os.listdir("/proc/self/fd")) == before


@needs_two
def test_where_ended_processes_are_not_told_of_the_jobs_are_done_here():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert [i for i, _ in in_two(jobs_of(6))] == list(range(6))
    finally:
        signal.signal(signal.SIGCHLD, before)
