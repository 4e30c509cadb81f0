"""Checkpoints: what a long run has counted so far, from which it can go on to the same bits."""

from __future__ import annotations

import io
import os
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import numpy as np

from .._version import __version__
from ..base.errors import InputError, Interrupted, RunError
from ..base.files import write_file
from ..runs.run import Run
from .accumulator import Accumulator

EVERY = 60.0  # seconds between two checkpoints
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Checkpoint:
    """The file that holds what a run has counted so far: plain arrays, and the digest of the run."""

    def __init__(self, path: Path, digest: str, draws: int):
        self.path, self.draws = path, draws
        self.mark = f"{digest} simulate {__version__} numpy {np.__version__}"
        self.written, self.interrupted = time.monotonic(), 0.0
        self.number = int(signal.SIGINT)  # of the signal that interrupted
        self.failed, self.warned = "", False  # why the last could not be written, and whether that was told
        self.told: Callable[[str], None] = lambda line: None

    @classmethod
    def of(cls, run: Run, folder: Path) -> Checkpoint:
        """The checkpoint of a run in a folder, written or not."""
        return cls(folder / f".unfinished-{run.name}.npz", run.digest, run.settings.per_replicate)

    def due(self) -> bool:
        """Whether it is time for another."""
        return bool(self.interrupted) or time.monotonic() - self.written > EVERY

    def write(self, accumulator: Accumulator, done: int) -> None:
        """Write what the first `done` draws of each replicate made; ends the run if it was interrupted meanwhile.

        Where that fails the run goes on, which may take hours, and tries again when the next is due.
        """
        try:
            content = io.BytesIO()
            np.savez(content, allow_pickle=False, mark=np.array(self.mark), done=np.array(done), **accumulator.state())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_file(self.path, content.getvalue())
            self.failed = ""
        except (RunError, MemoryError) as error:
            self.failed = str(error) or "there is not enough memory for it"
            if not self.warned:
                self.told(f"no checkpoint, the run goes on without: {self.failed}")
                self.warned = True
        self.written = time.monotonic()
        if self.interrupted:
            raise self._ended(f"{100 * done / self.draws:.0f} %")

    def _ended(self, share: str) -> Interrupted:
        if not self.failed:
            ended = Interrupted(f"interrupted at {share}; the same command with --resume goes on from there")
        else:
            ended = Interrupted(f"interrupted at {share}, and {self._without()}")
        ended.exit_code = 128 + self.number
        return ended

    def _without(self) -> str:
        """That the last checkpoint could not be written, and what there is in its place."""
        held = f"--resume goes on from the last one, at {share}" if (share := self.share()) else "none is there"
        return f"no checkpoint of that could be written ({self.failed}): {held}"

    def finished(self) -> None:
        """Say that there is none where the last could not be written: the run is drawn, and not yet kept."""
        if self.failed:
            self.told(f"all is drawn, and {self._without()}")

    def restore(self, accumulator: Accumulator) -> int:
        """Take up what was counted: how many draws of each replicate that was, 0 without a checkpoint.

        Raises InputError where the file is damaged or another version's.
        """
        again = "delete it, or leave out --resume to start anew"
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as held:
                if str(held["mark"]) != self.mark:
                    raise InputError(f"{self.path} was written by another version of the program or of NumPy; {again}")
                done = int(held["done"])
                accumulator.restore(held)
        except FileNotFoundError:
            return 0
        except (OSError, EOFError, KeyError, ValueError, IndexError, zipfile.BadZipFile) as error:
            raise InputError(f"{self.path} is damaged ({type(error).__name__}); {again}") from None
        if not 0 < done <= self.draws:
            raise InputError(f"{self.path} is damaged (it tells of {done} draws); {again}")
        return done

    def note(self, resume: bool) -> str:
        """What there is to say of the file before the run: where it goes on, or that it could; else nothing."""
        share = self.share()
        if not share:
            return "there is no checkpoint of this run: it starts from the beginning" if resume else ""
        if resume:
            return f"going on at {share}"
        return f"{self.path} holds {share} of this run; --resume would go on from there, this starts anew"

    def share(self) -> str:
        """How much of the run the file holds, as `35 %`; nothing without one."""
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as held:
                return f"{100 * int(held['done']) / self.draws:.0f} %"
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            return ""

    def remove(self) -> None:
        """Remove the file: the run is kept, and nothing is left to go on with."""
        self.path.unlink(missing_ok=True)

    @contextmanager
    def deferring_interrupts(self) -> Iterator[None]:
        """Let the first Ctrl-C, SIGTERM or SIGHUP wait for a checkpoint; one a second later does what it always does.

        One that is ignored (a shell's Ctrl-C behind &, a hang-up behind nohup) stays ignored.
        """
        if current_thread() is not main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in ENDING}
        before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

        def later(number: int, frame: Any) -> None:
            if not self.interrupted:
                self.interrupted, self.number = time.monotonic(), number
            elif time.monotonic() - self.interrupted > 1.0:
                handler = before[signal.Signals(number)]
                if callable(handler):
                    handler(number, frame)
                else:
                    signal.signal(number, handler)
                    os.kill(os.getpid(), number)

        for number in before:
            signal.signal(number, later)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
