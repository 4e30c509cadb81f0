"""A coverage-guided search for inputs that break the promise of tests/hostile.py; pytest does not collect it.

    pip install '.[fuzz]'
    python tests/fuzz_atheris.py --seconds 30

Texts of the notation, units and files of numbers take half of the time, prior files and cases the other half. The
exit status is 1 where something was found; the input is printed, and `--again FILE` runs a kept one once more.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEMORY = 1_000  # megabytes: the program, the fuzzer and what one input may take
POINT = 'extends = ["plappert-2024-point"]\n'
ENTRY = "[priors.parameters]\nprior = '{}'\nunit = '1'\nsource = 's'\ngrade = 'D'\n"
NOTATION = [
    "lognormal(p5=8e9, p95=60e9)",
    "normal(mean=1, sd=2)",
    "logitnormal(median=0.4, sigma=1, low=0, high=2)",
    "uniform(low=1, high=2)",
    "loguniform(mean=5, sd=1)",
    "triangular(low=1, mode=2, high=3)",
    "pert(low=1, mode=1.8, high=4)",
    "beta(p5=0.3, p95=0.6)",
    "beta(mean=0.3, sd=0.1, low=0, high=1)",
    "gamma(p5=1, p95=5)",
    "gamma(mean=2, sd=1)",
    "student_t(df=4, p5=1, p95=2)",
    "metalog(p10=1, p50=2, p90=4, low=0)",
    "choice(values=[4, 8], weights=[0.3, 0.7])",
    "empirical(values=[1, 2, 2, 3])",
    "mixture(weights=[0.5, 0.5], a=normal(mean=1, sd=2), b=3)",
    "truncate(prior=normal(mean=0, sd=1), low=0, high=2)",
    "2 * 1e12 * lognormal(p5=1, p95=2)",
    "empirical(file='data.csv')",
    "15 million",
    "8B",
    "5%",
    "-1_000.5e-3",
]
FILES = [
    *(POINT + ENTRY.format(text.replace("'", '"')) for text in NOTATION),
    "variant = 'dit-scaling'\ntitle = 'T'\n",
    POINT + "[correlations]\n'parameters, video_share' = 0.4\n",
    POINT + "[correlations.'parameters, peak_factor']\nrho = 0.4\nsource = 's'\ngrade = 'D'\n",
    POINT + ENTRY.format("lognormal(p5=4200, p95=10500)").replace("priors.parameters", "evidence.training_h100s"),
    "title = 'C'\nabout = 'training'\ndate = '2025'\ngpu = 'a100'\n[observed]\nquantity = 'training_gpu_hours'\n"
    "value = 1e6\nunit = 'hour'\nsource = 's'\ngrade = 'A'\n",
]
SEEDS = {
    "notation": [f"n{t}" for t in NOTATION] + ["uTFLOP/s", "umillion video_minute/day", "usteps\n1\n2,000\n8B\n"],
    "reader": [f"p{t}" for t in FILES[:-1]] + [f"c{FILES[-1]}"],
}


NUMBERS = [
    "15 million",
    "9" * 400,
    *"0 1 2 0.5 -1 0.3 0.9 3 7 10 100 1e-9 1e9 1e308 -1e308 5e-324 1e999".split(),
    *"8B 5% 1_0 0x1 nan inf true".split(),
]
MARKS = [", ", "\n", "\0", "'''", *"( ) [ ] { } = - + * . ' \" # \\ % [[ ]]".split()]


def mutator(words: list[str]) -> Callable[[bytes, int, int], bytes]:
    """A mutator that keeps most of an input: tokens are left out, doubled, moved and replaced by others."""
    import atheris

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.2:
            return atheris.Mutate(data, most)
        tokens = re.findall(r"[\d.]+|\w+|\s+|.", data[1:].decode("utf-8", "surrogateescape"), re.DOTALL) or [""]
        for _ in range(rng.randint(1, 3)):
            shape = rng.choice([r"[\d.]+", r"[\d.]+", r"[^\W\d]\w+", r"(?s:.+)"])
            places = [i for i, token in enumerate(tokens) if re.fullmatch(shape, token)] or [0]
            at, other = rng.choice(places), rng.choice(places)
            kind = rng.randrange(5) if shape == r"(?s:.+)" else 4
            new = [
                rng.choice(NUMBERS),
                f"{rng.uniform(-2, 12):.2g}",
                tokens[at] + str(rng.randrange(10)),
                tokens[other],
            ]
            new += [] if shape == r"[\d.]+" else [rng.choice(words)] * 4 + [rng.choice(MARKS)] * 4 * (kind < 4)
            several = {0: tokens[other : other + 5], 1: [], 2: [rng.choice(new), tokens[at]]}.get(
                kind, [rng.choice(new)]
            )
            tokens[at : at + (kind > 0)] = several
            tokens = tokens or [""]
        return (data[:1] + "".join(tokens).encode("utf-8", "surrogatepass"))[:most]

    return mutate


def actions(folder: Path) -> dict[str, Callable[[bytes], None]]:
    """What is done with an input, by its first letter."""
    from simulator.compute.units import factor
    from simulator.distributions.data_files import read_values
    from simulator.priors.cases import load_case
    from tests.hostile import kept, notation, prior_file

    path = folder / "input.toml"

    def text(data: bytes) -> str:
        return data.decode("utf-8", "surrogateescape")

    def written(data: bytes) -> Path:
        path.write_bytes(data)
        return path

    return {
        "n": lambda data: notation(text(data)),
        "u": lambda data: kept(lambda: factor(text(data), "FLOP/s")),
        "v": lambda data: kept(lambda: read_values(str(written(data)), None)),
        "p": lambda data: prior_file(written(data)),
        "c": lambda data: kept(lambda: load_case(str(written(data)), ("plappert-2024-point",))),
    }


def search(target: str, seconds: int, seed: int, folder: Path, inputs: list[str]) -> None:
    """Fuzz in this process until the time is over or something is found; does not return."""
    import atheris

    sys.path.insert(0, str(ROOT))
    with atheris.instrument_imports(include=["simulator"]):
        known = actions(folder)
        from tests.hostile import HANG
    default = "n" if target == "notation" else "p"

    def one(data: bytes) -> None:
        known.get(data[:1].decode("latin-1"), known[default])(data[1:])

    corpus = folder / "corpus"
    if not inputs:
        corpus.mkdir()
        for number, seed_text in enumerate(SEEDS[target]):
            (corpus / str(number)).write_text(seed_text)
        inputs = [f"-max_total_time={seconds}", f"-seed={seed}", "-max_len=2000", str(corpus)]
    words = sorted({word for text in SEEDS[target] for word in re.findall(r"[^\W\d]\w+", text[1:])})
    flags = ["-verbosity=0", "-print_final_stats=1", f"-timeout={HANG}", f"-rss_limit_mb={MEMORY}"]
    atheris.Setup(
        [sys.argv[0], *flags, f"-artifact_prefix={folder}/found-", *inputs], one, custom_mutator=mutator(words)
    )
    atheris.Fuzz()


def main() -> int:
    """Both searches, each in a process of its own, since what is found ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=int, default=30, help="time of both searches together")
    parser.add_argument("--seed", type=int, default=0, help="of the search; 0 chooses one")
    parser.add_argument("--again", metavar="FILE", help="run one input, whose first letter says what it is")
    parser.add_argument("--target", choices=sorted(SEEDS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("skipped: atheris is not installed (pip install '.[fuzz]'; it has wheels for Linux)", file=sys.stderr)
        return 0
    if given.target:
        search(given.target, given.seconds, given.seed, given.folder, [given.again] if given.again else [])
    failed = False
    for target in ["notation"] if given.again else SEEDS:
        with tempfile.TemporaryDirectory() as name:
            words = [
                "--target",
                target,
                "--folder",
                name,
                "--seconds",
                str(max(1, given.seconds // 2)),
                "--seed",
                str(given.seed),
            ]
            words += ["--again", given.again] if given.again else []
            done = subprocess.run(
                [sys.executable, __file__, *words], capture_output=True, text=True, errors="replace", cwd=name
            )
            stats = dict(
                line.removeprefix("stat::").split(":") for line in done.stderr.splitlines() if "stat::" in line
            )
            print(
                f"{target}: {stats.get('number_of_executed_units', '?').strip()} inputs, exit status {done.returncode}"
            )
            if done.returncode:
                failed = True
                print(done.stdout[-3000:], done.stderr[-5000:], sep="\n", file=sys.stderr)
                for found in sorted(Path(name).glob("found-*")):
                    print(f"input: {found.read_bytes()!r}", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
