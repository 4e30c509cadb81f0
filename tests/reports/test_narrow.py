"""A narrow terminal: no word broken inside, nothing lost, no line too long."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest

from simulator.reports.document import Table
from simulator.reports.narrow import fitted, lines, width_of

from ..conftest import ROOT

WORDS = ("training_h100s", "inference_flop_per_minute", "video_minute/hour", "breakeven_minutes")


def on_a_terminal(folder, columns, *arguments):
    """What a command prints on a terminal of so many columns, without its colours."""
    mine, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    env |= {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments], cwd=folder, env=env, stdout=its, stderr=subprocess.DEVNULL
    )
    os.close(its)
    told = b""
    while True:
        try:
            part = os.read(mine, 65536)
        except OSError:  # the other end is closed
            part = b""
        if not part:
            break
        told += part
    os.close(mine)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", told.decode()).replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [60, 40])
def test_no_word_is_broken_and_no_line_is_too_long(columns, here):
    out = on_a_terminal(here, columns, "--draws", "16000", "--no-save", "--set", "training_mfu=0.4")
    table = out[: out.index("In parentheses")]
    assert all(word in table for word in WORDS)
    assert max(map(len, table.splitlines())) <= columns
    assert len(re.findall(r"[\d.,]+\(\d+\)", table)) == 28  # four numbers of seven quantities, whole


@pytest.mark.parametrize("columns", range(24, 90, 6))
def test_every_cell_is_there_at_any_width(columns):
    heads = ["prior", "5 %", "share of variance", "a text"]
    rows = [["candidates_per_upload\n  pert(low=1)", "1.2", "10.9(2) %", "words of some length"], ["x", "7", "", ""]]
    table = Table(heads, rows)
    if width_of(fitted(table, columns)) > columns:
        shown = [line for line, _ in lines(table, columns)]
        assert max(map(len, shown)) <= columns
        text = " ".join(" ".join(shown).split())
        assert all(word in text for row in rows for cell in row for word in cell.split())
    else:
        assert columns >= 60
