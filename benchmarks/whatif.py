"""A what-if in a process that has drawn before: the edit, its draws and its summary, over a run that is drawn alone.

Prints the median over edits of wall times, each edit beside the same run drawn apart, in turn.

    python benchmarks/whatif.py
"""

import statistics
import time

from simulator import load_priors, simulate
from simulator.engine.workspace import apart

ROUNDS, DRAWS = 25, (1 << 14, 1 << 16, 1 << 20)
EDITS = {
    "candidates_per_upload (one branch)": ("candidates_per_upload", "pert(low=1, mode={}, high=4)", 2.0, 0.01),
    "training_mfu (one branch)": ("training_mfu", "beta(p5={}, p95=0.6)", 0.3, 0.001),
    "parameters (almost all)": ("parameters", "lognormal(p5={}e9, p95=40e9)", 5.0, 0.1),
}


def seconds(base, edit, draws):
    """How long an edit takes until its summary is there."""
    begin = time.perf_counter()
    simulate(base.edited(edit), draws=draws, keep=0).summary()
    return time.perf_counter() - begin


def main():
    base = load_priors("plappert-2024")
    for draws in DRAWS:
        kept = [simulate(base.edited({"peak_factor": 1.0 + i}), draws=draws, keep=0) for i in range(3)]
        for told, (name, text, first, step) in EDITS.items():
            warm, alone = [], []
            for i in range(ROUNDS):
                edit = {name: text.format(round(first + i * step, 6))}
                warm.append(seconds(base, edit, draws))
                with apart():
                    alone.append(seconds(base, edit, draws))
            ratios = [a / b for a, b in zip(warm, alone, strict=True)]
            took, ratio = 1e3 * statistics.median(warm), statistics.median(ratios)
            print(f"{draws:9,} draws, {told:35s} {took:6.1f} ms   x {ratio:.2f}")
        del kept


if __name__ == "__main__":
    main()
