"""Try an installed `simulate` outside of the checkout: `python tests/installed.py PATH/TO/simulate`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = {
    "--draws 100000": "Training takes",
    "--draws 5000000 --keep 16000 --cluster local:2 --quantity training_flop": "5,000,000 draws",
    "--target-error 1% --no-save": "Target error 1 %: reached",
    "compare plappert-2024 evidence-2026 --draws 16000 --of training_h100s": "what makes the difference",
    "sensitivity plappert-2024 --draws 16000": "inference_h100s",
    "reserve plappert-2024 --draws 16000 --short 3 --idle 2 --learn all": "EVPPI",
    "own plappert-2024 --draws 16000 --gpu h200": "has paid after",
    "plot plappert-2024 --draws 16000 --out figure.png": "figure.png",
    "report plappert-2024 --draws 16000 --out page.html": "page.html",
    "explore plappert-2024 --draws 16000 --no-open --out explore.html": "explore.html",
    "backtest": "training, unseen",
    "backtest --priors evidence-2026 -n 1600 --kind pit --plot pit.png": "out of sample",
    "--priors calibrated-2026 --know parameters=2B --draws 16000 --no-save": "Trust: the 90 % intervals",
    "priors list": "evidence-2026",
    "models new mine": "mine.py",
    "--model mine.py --draws 16000 --no-save": "A query takes",
    "sensitivity mine --model mine.py --draws 16000": "chip_use",
    "gpus": "b200",
    "rerun latest": "same",
    "--version": "version",
}


def main():
    simulate = str(Path(sys.argv[1]).absolute())
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SIMULATOR_RUNS")}
    with tempfile.TemporaryDirectory() as folder:
        for words, told in COMMANDS.items():
            done = subprocess.run([simulate, *words.split()], cwd=folder, env=clean, capture_output=True, text=True)
            if done.returncode or told.lower() not in (done.stdout + done.stderr).lower():
                raise SystemExit(f"simulate {words}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
            print(f"simulate {words}: good")
        for name, start in (
            ("figure.png", b"\x89PNG"),
            ("page.html", b"<!DOCTYPE html>"),
            ("explore.html", b"<!DOCTYPE"),
        ):
            if not (Path(folder) / name).read_bytes().lower().startswith(start.lower()):
                raise SystemExit(f"{name} is no such file")


if __name__ == "__main__":
    main()
