"""The reference model in simulate and in its peers: whole processes from cold in turn, a million draws each.

`peers/` holds a program for each peer, `reference.toml` the same priors. First every program's quantiles must agree
with simulate's. Then each round runs every program once, and ratios are taken round by round: these machines drift.
Cold: a new process, an empty folder of runs, nothing compiled; a first run of simulate, which warms the disk's cache
of the programs as the check does for the peers, is not counted.
At last the work alone, without start-up and imports, on ten million draws.

    python benchmarks/peers.py [--rounds N] [--readme] [PEER ...]
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = HERE / "peers"
PAGE = HERE.parent / "docs" / "performance.md"
MARKED = re.compile(r"(?<=<!-- peers -->\n).*?(?=<!-- /peers -->)", re.S)
PEERS = {  # a name; the package and environment are its first word, then what it is called and its program
    "numpy": ("plain NumPy {}", "plain_numpy.py"),
    "squigglepy": ("squigglepy {}", "squigglepy_.py"),
    "openturns": ("OpenTURNS {}", "openturns_.py"),
    "pymc": ("PyMC {}, nothing compiled before", "pymc_.py"),
    "pymc compiled": ("PyMC {}, compiled before, mode `FAST_COMPILE`", "pymc_.py", "--fast"),
    "scipy": ("SciPy {}, Sobol points", "scipy_qmc.py"),
    "chaospy": ("chaospy {}", "chaospy_.py"),
}
SLOW = ("scipy", "chaospy")  # more than a minute for ten million draws
OURS = [sys.executable, str(PROGRAMS / "simulate_.py")]
COMMAND = [sys.executable, "-m", "simulator", "--priors", str(HERE / "reference.toml"), "--draws", "1e6"]
UNSAVED, WRITTEN, INTERFACE = "`simulate --no-save`", "`simulate`, run written", "`simulate(keep=0).summary()`"
WORK_ROUNDS = 3
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # as installed programs run


def python(peer):
    """NumPy is run by the environment of simulate, every other peer by one of its own."""
    return sys.executable if peer == "numpy" else str(HERE / ".peers" / peer.split()[0] / "bin" / "python")


def program(peer):
    name, *options = PEERS[peer][1:]
    return [python(peer), str(PROGRAMS / name), *options]


def sized(command, draws):
    """The command of a program for a number of draws, which comes before its options."""
    return [*command[:2], draws, *command[2:]]


def label(peer):
    """What a peer is called, with the version in its environment."""
    if not Path(python(peer)).exists():
        raise SystemExit(f"{peer} has no environment: make peers")
    code = f"from importlib.metadata import version; print(version({peer.split()[0]!r}))"
    version = subprocess.run([python(peer), "-c", code], capture_output=True, text=True, check=True).stdout
    return PEERS[peer][0].format(version.strip())


def output(command):
    """Standard output and standard error of a program."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout, done.stderr


def answer(command):
    """Quantity: (5 %, 50 %, 95 %), as a program prints them."""
    rows = (line.split() for line in output(sized(command, "1e6"))[0].splitlines())
    return {name: tuple(map(float, values)) for name, *values in rows}


def check(peers):
    """Stop unless all medians agree with simulate's within 1 %, and the 5 and 95 % points within 2 %."""
    printed = json.loads(output([*COMMAND, "--no-save", "--json"])[0])["quantities"]
    ours = {name: [q["quantiles"][p]["value"] for p in ("0.05", "0.5", "0.95")] for name, q in printed.items()}
    for command in (OURS, *map(program, peers)):
        theirs = answer(command)
        if theirs.keys() != ours.keys():
            raise SystemExit(f"{command[1]} answers {', '.join(theirs)}")
        for name, values in theirs.items():
            for mine, value, allowed in zip(ours[name], values, (0.02, 0.01, 0.02), strict=True):
                if not abs(value / mine - 1) <= allowed:
                    raise SystemExit(f"{command[1]}: {name} has {value:.6g} where simulate has {mine:.6g}")


def cold(command):
    """Wall seconds of a program in a fresh folder, and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        stored = {} if "--fast" in command else {"PYTENSOR_FLAGS": f"base_compiledir={folder}"}
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=ENVIRONMENT | {"SIMULATOR_RUNS": folder} | stored,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return wall, usage.ru_maxrss / 1024


def work(command):
    """Seconds of a program's work on ten million draws."""
    return float(output([*sized(command, "1e7"), "--work"])[1].split()[-1])


def in_turn(measure, commands, rounds):
    """What `measure` says of each named command, in each round."""
    measured = [{name: measure(command) for name, command in commands.items()} for _ in range(rounds)]
    return {name: [each[name] for each in measured] for name in commands}


def ratio(times, base):
    """Median, least and most of the ratios of paired times."""
    found = sorted(a / b for a, b in zip(times, base, strict=True))
    return f"{statistics.median(found):.2f} ({found[0]:.2f} to {found[-1]:.2f})"


def from_cold(named, rounds):
    """Rows: each program from cold, against simulate without and with the run written."""
    commands = {UNSAVED: [*COMMAND, "--no-save"], WRITTEN: COMMAND}
    commands |= {name: sized(program(peer), "1e6") for peer, name in named.items()}
    cold(COMMAND)
    measured = in_turn(cold, commands, rounds)
    walls = {name: [wall for wall, _ in each] for name, each in measured.items()}
    yield ["1e6 draws, whole process", "wall", "peak memory", f"wall over {UNSAVED}", f"over {WRITTEN}"]
    for name, each in measured.items():
        memory = max(peak for _, peak in each)
        against = ["1" if name == base else ratio(walls[name], walls[base]) for base in (UNSAVED, WRITTEN)]
        yield [name, f"{statistics.median(walls[name]):.2f} s", f"{memory:.0f} MB", *against]


def work_alone(named):
    """Rows: the seconds of the work in programs that are not slow, against simulate from Python."""
    commands = {INTERFACE: OURS} | {name: program(peer) for peer, name in named.items() if peer not in SLOW}
    measured = in_turn(work, commands, WORK_ROUNDS)
    yield ["1e7 draws, work alone", "time", f"time over {INTERFACE}"]
    for name, times in measured.items():
        against = "1" if name == INTERFACE else ratio(times, measured[INTERFACE])
        yield [name, f"{statistics.median(times):.2f} s", against]


def table(rows):
    head, *body = [f"| {' | '.join(row)} |\n" for row in rows]
    return head + "| --- " * head.count(" | ") + "| --- |\n" + "".join(body)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"one of {', '.join(PEERS)} (all)")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds, each of all programs (7)")
    parser.add_argument("--write", action="store_true", help="write the tables into docs/performance.md")
    given = parser.parse_args()
    if unknown := set(given.peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(unknown)}")
    named = {peer: label(peer) for peer in given.peers or PEERS}
    check(named)
    where = f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"
    rounds = f"On {where}; {given.rounds} rounds from cold, {WORK_ROUNDS} of the work.\n"
    text = f"{table(from_cold(named, given.rounds))}\n{table(work_alone(named))}\n{rounds}"
    print(text, end="")
    if given.write:
        PAGE.write_text(MARKED.sub(lambda _: text, PAGE.read_text()))


if __name__ == "__main__":
    main()
