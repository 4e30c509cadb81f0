"""What comparing and explaining cost beside one run: whole processes in turn, a million draws each.

Prints the median wall time of each command and its ratio, taken in each round, to `simulate` itself.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulator import load_priors

ROUNDS = 5
BASE = load_priors()
READ = [n for n in BASE.model.reads(["inference_h100s"]) if n not in ("dit_parameters", "dit_forward_flop")]
TWELVE = {n: f"lognormal(median={1.2 * BASE.priors[n].distribution.quantile(0.5)!r}, sigma=0.3)" for n in READ[:12]}
OWN = [f'title = "own"\nvariant = "{BASE.variant}"\n']
OWN += [
    f'[priors.{p.name}]\nprior = "{p.distribution.text}"\nunit = "{p.unit}"\nsource = "x"\ngrade = "D"\n'
    for p in BASE.priors.values()
]


def edits(changes):
    return [word for name, text in changes.items() for word in ("--set", f"{name}={text}")]


COMMANDS = {
    "simulate": ["--draws", "1e6"],
    "compare with its edited self": ["compare", BASE.name, *edits({"inference_mfu": 0.4}), "--no-attribution"],
    "compare with an own file": ["compare", BASE.name, "own.toml", "--no-attribution"],
    "compare, 12 priors": ["compare", BASE.name, *edits(TWELVE), "--no-attribution"],
    "compare, 12 priors, attributed": ["compare", BASE.name, *edits(TWELVE)],
    "runs show": ["runs", "show", "latest"],
    "sensitivity of a stored run": ["sensitivity", "latest"],
    "whatif": ["whatif", "latest", "--set", "peak_factor=3"],
}


def main():
    walls = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "own.toml").write_text("".join(OWN))
        for _ in range(ROUNDS + 1):
            for name, arguments in COMMANDS.items():
                start = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "simulator", *arguments],
                    cwd=folder,
                    check=True,
                    stdout=subprocess.DEVNULL,
                    env=os.environ | {"SIMULATOR_RUNS": folder},
                )
                walls[name].append(time.perf_counter() - start)
    for name, times in walls.items():
        ratios = [t / base for t, base in zip(times[1:], walls["simulate"][1:], strict=True)]
        print(f"{name:32s} {statistics.median(times[1:]):6.2f} s   x {statistics.median(ratios):.2f} of simulate")


if __name__ == "__main__":
    main()
