"""Rate and peak memory of 1e8 and 1e9 draws of the reference model, and the time from cold to an error of 0.1 %.

The time to a target is held, in turn, against plain NumPy's from cold at a million draws, whose error is twice as
large. The error itself is measured over seeds, against a pre-integrated reference of two million worlds.

    python benchmarks/scale.py
"""

import math
import statistics

import peers

from simulator import load_priors, simulate
from simulator.compute.headline import HEADLINE
from simulator.engine.preintegration import MOST, integrated, until
from simulator.runs.settings import Sampling
from simulator.statistics.summary import Asking

ROUNDS, SEEDS = 9, range(1, 17)
COMMAND = [*peers.COMMAND[:-2], "--no-save"]
QUANTITY, PLACES = "inference_h100s", (0.05, 0.5, 0.95)


def main():
    for draws in ("1e8", "1e8", "1e9"):
        wall, memory = peers.cold([*COMMAND, "--draws", draws])
        print(f"{draws} draws: {wall:.1f} s, {float(draws) / wall / 1e6:.1f} million draws/s, {memory:.0f} MB peak")
    commands = {"target": [*COMMAND, "--target-error", "0.1%"], "numpy": peers.sized(peers.program("numpy"), "1e6")}
    walls = {name: [wall for wall, _ in each] for name, each in peers.in_turn(peers.cold, commands, ROUNDS + 1).items()}
    walls = {name: times[1:] for name, times in walls.items()}
    print(
        f"--target-error 0.1%: {statistics.median(walls['target']):.2f} s, "
        f"{peers.ratio(walls['target'], walls['numpy'])} of plain NumPy at a million draws"
    )
    print(f"RMS error of its 5, 50 and 95 % quantiles of {QUANTITY}: {100 * reached():.3f} %")


def reached():
    """The relative RMS error over seeds of what a target of 0.1 % gives."""
    priors, errors = load_priors(str(peers.HERE / "reference.toml")), []
    run = simulate(priors, draws=1 << 21, seed=99, keep=0, quantities=[QUANTITY])
    (reference,) = integrated(run, Asking(), worlds=1 << 21)
    for seed in SEEDS:
        _, summaries = until(priors, 0.001, HEADLINE, sampling=Sampling(MOST, seed), keep=0)
        made = next(s for s in summaries if s.name == QUANTITY)
        errors += [made.quantiles[p].value / reference.quantiles[p].value - 1.0 for p in PLACES]
    return math.sqrt(statistics.fmean(e * e for e in errors))


if __name__ == "__main__":
    main()
