"""What several test files need beside the fixtures: runs that are the same, stores of runs, and disks."""

import shutil
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest

from simulator import load_priors
from simulator.runs import manifest, netcdf, store

SET = load_priors()
COUNTED = 4_500_000  # draws beyond what is held in memory: counted, and with checkpoints


def draws_of(run):
    return run.prior_draws | run.quantity_draws


def same(a, b):
    """Whether two runs have the same draws, bit for bit, and the same numbers; they must have been drawn twice."""
    one, two = draws_of(a), draws_of(b)
    assert a is b or not any(x is two.get(k) for k, x in one.items() if x.size), "drawn once"
    assert one.keys() == two.keys()
    return all(np.array_equal(one[k], two[k]) for k in one) and [s.to_json() for s in a.summary()] == [
        s.to_json() for s in b.summary()
    ]


def lognormal_set():
    """Every prior of inference_flop_per_minute and training_flop a lognormal or a known value."""
    edits = {
        "parameters": "lognormal(median=20e9, sigma=0.5)",
        "dataset_multiplier": "lognormal(median=6, sigma=0.3)",
        "video_share": "lognormal(median=0.4, sigma=0.2)",
        "diffusion_steps": "lognormal(median=100, sigma=0.7)",
        "inference_saving": "lognormal(median=0.5, sigma=0.4)",
    }
    return load_priors(set=edits)


def hidden(root):
    return [p.name for p in root.iterdir() if p.name.startswith(".")]


def whole(root, made):
    """The runs under `root`, each of them read whole: their versions by name."""
    found = {}
    for folder in store.folders(root):
        meta = manifest.read_meta(folder)
        netcdf.verify(folder, meta)
        groups = dict.fromkeys(SET.uncertain, "prior") | dict.fromkeys(made.quantities, "prior_predictive")
        for name, draws in netcdf.read_draws(folder, groups).items():
            np.testing.assert_array_equal(draws, made.draws_of(name))
        found[folder.name] = meta["version"]
    return found


@contextmanager
def disk(folder):
    """A small disk of its own at `folder`."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


HEAVY = ("numpy", "scipy", "xarray", "arviz", "matplotlib", "netCDF4", "rich", "pint")


def loaded(code, modules, cwd):
    """Which of the modules are imported after running `code` in a new process."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nsys.stderr.write(repr(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=cwd)
    found = done.stderr.rsplit("[", 1)[1]
    return {m for m in modules if f"'{m}'" in found}
