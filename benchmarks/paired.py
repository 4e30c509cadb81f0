"""How much smaller the errors of paired differences are: two prior sets that differ in one prior.

For each edit, the median of inference_h100s in the default set against the edited one, with one seed
for both (paired: the same random points) and with two (unpaired). Errors are the reported MCSE, averaged
over seeds; no time is measured.
"""

import statistics

from simulator import load_priors, simulate
from simulator.analyses.comparison import compare

EDITS = {
    "parameters": "lognormal(p5=8e9, p95=55e9)",
    "inference_mfu": "beta(p5=0.31, p95=0.7)",
    "peak_factor": "pert(low=1, mode=2, high=3.7)",
    "candidates_per_upload": "pert(low=1, mode=2, high=4)",
    "diffusion_steps": "pert(low=50, mode=240, high=300)",
    "demand_growth": "1.1",
    "frames_per_second": "30",
    "youtube_ai_penetration": "beta(p5=0.05, p95=0.25)",
}
SEEDS, DRAWS, QUANTITY = range(8), 1 << 18, "inference_h100s"


def errors(base, changed, paired):
    found = []
    for seed in SEEDS:
        a = simulate(base, draws=DRAWS, seed=seed, quantities=[QUANTITY])
        b = simulate(changed, draws=DRAWS, seed=seed if paired else seed + 1000, quantities=[QUANTITY])
        (contrast,) = compare(a, b, [QUANTITY]).contrasts
        found.append(contrast.difference["median"].mcse)
    return statistics.mean(found)


def main():
    base = load_priors()
    for name, text in EDITS.items():
        changed = load_priors(set={name: text})
        paired, unpaired = errors(base, changed, True), errors(base, changed, False)
        print(f"{name:24s} paired {paired:8.1f}  unpaired {unpaired:8.1f}  ratio {unpaired / paired:5.1f}")


if __name__ == "__main__":
    main()
