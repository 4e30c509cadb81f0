"""`simulate --draws 1000000` from cold, run written, against the plain NumPy program, in pairs.

Cold: a new process, an empty folder of runs, no stored result anywhere. The two programs run in turn,
and the ratio is taken pair by pair: these machines drift.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAIRS = 11
HERE = Path(__file__).parent


def timed(command, folder):
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    draws = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    ours = [sys.executable, "-m", "simulator", "--draws", draws]
    plain = [sys.executable, str(HERE / "plain_numpy.py"), draws]
    rows = []
    for _ in range(PAIRS + 1):  # the first pair only warms the disk's cache of the programs
        folder = tempfile.mkdtemp()
        rows.append((timed(ours, folder), timed(plain, folder)))
        shutil.rmtree(folder)
    rows = rows[1:]
    ratios = sorted(a[0] / b[0] for a, b in rows)
    for name, i in (("simulate, run written", 0), ("plain NumPy", 1)):
        wall = statistics.median(row[i][0] for row in rows)
        print(f"{name:24s} {wall:6.3f} s wall, {max(row[i][1] for row in rows):5.0f} MB peak (median of {PAIRS})")
    print(f"wall ratio, paired: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
