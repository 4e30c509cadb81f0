"""One figure from a stored run of a million draws, from cold, against importing matplotlib and xarray.

The two run in turn, and the ratio is taken pair by pair: these machines drift.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

PAIRS = 7
KINDS = ("density", "crossover", "modalities", "demand", "quantile-dots", "forest", "tornado", "priors", "pair")
IMPORTS = [sys.executable, "-c", "import matplotlib.pyplot, xarray"]


def wall(command, folder):
    start = time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"SIMULATOR_RUNS": folder}
    )
    return time.perf_counter() - start


def main():
    with tempfile.TemporaryDirectory() as folder:
        wall([sys.executable, "-m", "simulator", "--draws", "1e6"], folder)
        for kind in KINDS:
            command = [sys.executable, "-m", "simulator", "plot", "latest", "--kind", kind, "--out", "figure.png"]
            rows = [(wall(command, folder), wall(IMPORTS, folder)) for _ in range(PAIRS + 1)][1:]
            ratios = sorted(a / b for a, b in rows)
            print(
                f"{kind:14s} {statistics.median(a for a, _ in rows):5.2f} s   x {statistics.median(ratios):.2f} "
                f"({ratios[0]:.2f} to {ratios[-1]:.2f}) of the imports"
            )


if __name__ == "__main__":
    main()
