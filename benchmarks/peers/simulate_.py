"""simulate itself, through its Python interface, in the form of its peers."""

from pathlib import Path

from reference import SEED, run

from simulator import simulate

PRIORS = Path(__file__).parent.parent / "reference.toml"


def answer(n):
    summary = simulate(str(PRIORS), draws=n, seed=SEED, keep=0).summary()
    return {s.name: (s.low.value, s.median.value, s.high.value) for s in summary}


run(answer)
