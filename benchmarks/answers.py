"""What a user waits for, each over its yardstick: whole processes from cold, in turn, medians of the paired ratios.

    python benchmarks/answers.py             # start-up, compare and sensitivity, the report
    python benchmarks/answers.py plots       # each kind of plot of a stored run too
    python benchmarks/answers.py --cpu       # ratios of processor time, which other work on the machine disturbs less

A row is a command, its yardstick, the ratio of wall times (with the least and the most), the limit that it is to stay
under, and its peak memory.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

ROUNDS = 7
SIMULATE = [sys.executable, "-m", "simulator"]
RUN, SMALL = "plappert-2024", "10000"


class Row(NamedTuple):
    """A command, over which yardstick, and the ratio that it is to stay under."""

    command: list[str]
    over: str
    limit: float


YARDSTICKS = {
    "import numpy.random": [sys.executable, "-c", "import numpy.random"],
    "import matplotlib.pyplot, xarray": [sys.executable, "-c", "import matplotlib.pyplot, xarray"],
    "simulate --no-save": [*SIMULATE, "--draws", "1e6", "--no-save"],
}
FIRST, FIGURES, MAIN = YARDSTICKS
WRITTEN = "a million, run written"
ROWS = {
    "10,000 draws": Row([*SIMULATE, "--draws", SMALL, "--no-save"], FIRST, 1.9),
    "a million draws": Row(YARDSTICKS[MAIN], FIRST, 2.6),
    WRITTEN: Row([*SIMULATE, "--draws", "1e6"], FIRST, 4.5),
    "sensitivity": Row([*SIMULATE, "sensitivity", RUN], MAIN, 1.5),
    "compare with its edited self": Row([*SIMULATE, "compare", RUN, "--set", "inference_mfu=0.4"], MAIN, 1.5),
    "report of a stored million": Row([*SIMULATE, "report", "{run}", "--out", "report.html"], FIGURES, 2.5),
}


def environment(runs: str) -> dict[str, str]:
    """Where runs go; modules stay compiled, as those of an installed program are."""
    kept = {n: text for n, text in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"SIMULATOR_RUNS": runs}


KINDS = """
density ecdf exceedance quantile-dots convergence crossover modalities demand priors tornado sensitivity grade
correlation-stress pair ridge forest
""".split()  # of plots that one run has without being told more


def kinds() -> dict[str, Row]:
    """A row for each kind of plot of one run."""
    return {
        f"plot --kind {name}": Row([*SIMULATE, "plot", "{run}", "--kind", name, "--out", "figure.png"], FIGURES, 2.0)
        for name in KINDS
    }


def timed(command: list[str], folder: str, cpu: bool) -> tuple[float, float]:
    """Seconds of a whole process, of the wall's clock or of the processors, and its peak memory in MB."""
    begin = time.perf_counter()
    with open(os.path.join(folder, "told"), "w+b") as told:
        process = subprocess.Popen(command, cwd=folder, stdout=told, stderr=told, env=environment(folder))
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise ChildProcessError(f"{' '.join(command)}: {told.read().decode()[-300:]}")
    return used.ru_utime + used.ru_stime if cpu else wall, used.ru_maxrss / 1024


def main() -> None:
    """A line for each row, after ROUNDS rounds of all."""
    words = sys.argv[1:]
    cpu, rows = "--cpu" in words, ROWS | (kinds() if "plots" in words else {})
    only = [w for w in words if w not in ("plots", "--cpu")]
    rows = {n: r for n, r in rows.items() if not only or any(w in n for w in only)}
    needed = {n: c for n, c in YARDSTICKS.items() if any(r.over == n for r in rows.values())}
    with tempfile.TemporaryDirectory() as folder:
        kept = os.path.join(folder, "kept")
        subprocess.run(ROWS[WRITTEN].command, cwd=folder, check=True, capture_output=True, env=environment(kept))
        run = os.path.join(kept, next(iter(os.listdir(kept))))
        took: dict[str, list[float]] = {n: [] for n in [*needed, *rows]}
        most: dict[str, float] = dict.fromkeys(took, 0.0)
        for _ in range(ROUNDS + 1):
            for name in took:
                words = needed[name] if name in needed else rows[name].command
                seconds, memory = timed([w.format(run=run) for w in words], folder, cpu)
                took[name].append(seconds)
                most[name] = max(most[name], memory)
    for name, row in rows.items():
        ratios = [a / b for a, b in zip(took[name][1:], took[row.over][1:], strict=True)]
        print(
            f"{name:32s} x {statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f}) of {row.over}; "
            f"limit {row.limit:g}; {statistics.median(took[name][1:]):.2f} s, {most[name]:.0f} MB"
        )


if __name__ == "__main__":
    main()
