"""The gallery: every kind of figure, drawn by the command that stands beneath it."""

import contextlib
import hashlib
import io
import os
import re
import shlex
from functools import cache
from pathlib import Path

from simulator import backtest
from simulator.analyses.backtest import Backtest
from simulator.cli.main import main
from simulator.plots.figure import KINDS, plot_backtest

DRAWS, DPI = 65536, 140
H100S = "--of inference_h100s"
SETUP = (
    f"simulate --draws {DRAWS}",
    f"simulate condition plappert-2024 --on 'training_h100s=lognormal(p5=8400, p95=21000)' --draws {DRAWS}",
)
SECTIONS = {
    "One answer": {
        "density": f"plot plappert-2024 {H100S} --exceeds 720k",
        "ecdf": f"plot plappert-2024 --kind ecdf {H100S} --exceeds 720k",
        "exceedance": f"plot plappert-2024 --kind exceedance {H100S} --exceeds 720k",
        "quantile-dots": f"plot plappert-2024 --kind quantile-dots {H100S} --exceeds 720k",
        "convergence": f"plot plappert-2024 --kind convergence {H100S}",
    },
    "Several, side by side": {
        "forest": "plot plappert-2024 evidence-2026 calibrated-2026 --kind forest",
        "ridge": "plot plappert-2024 evidence-2026 calibrated-2026 --kind ridge",
        "pair": "plot plappert-2024 --kind pair",
    },
    "Over years": {
        "years": f"plot projected-2030 --years 2026:2030 --kind years {H100S}",
        "crossing": "plot projected-2030 --years 2026:2030 --kind crossing --when 'inference_h100s > 10M'"
        " --when 'inference_h100s > 100M'",
        "shares-by-year": f"plot projected-2030 --years 2026,2030 --kind shares-by-year {H100S}",
    },
    "What it rests on": {
        "tornado": f"plot plappert-2024 --kind tornado {H100S}",
        "sensitivity": f"plot plappert-2024 --kind sensitivity {H100S}",
        "attribution": f"plot plappert-2024 evidence-2026 --kind attribution {H100S}",
        "fan": f"plot plappert-2024 --kind fan {H100S} --over youtube_ai_penetration",
        "correlation-stress": "plot plappert-2024 --kind correlation-stress --of training_flop"
        " --pair 'parameters, dataset_multiplier'",
        "grade": "plot calibrated-2026 --kind grade",
        "priors": "plot plappert-2024 --kind priors",
        "prior-posterior": "plot CONDITIONED --kind prior-posterior",
    },
    "The essay's charts": {
        "crossover": "plot plappert-2024 --kind crossover",
        "modalities": "plot plappert-2024 --kind modalities",
        "demand": "plot plappert-2024 --kind demand",
    },
    "Held against what is published": {
        "predicted": "backtest --draws 4096 --kind predicted --plot predicted.png",
        "backtest": "backtest --draws 4096 --kind backtest --plot backtest.png",
        "pit": "backtest --draws 4096 --kind pit --plot pit.png",
    },
    "What to decide": {
        "reserve": f"plot plappert-2024 --kind reserve {H100S} --short 3 --idle 2",
        "value-of-information": f"plot plappert-2024 --kind value-of-information {H100S} --short 3 --idle 2",
        "own": "plot projected-2030 --years 2026:2030 --kind own",
    },
}
"""Each kind under what it is for, with the command that draws it."""
EXPLORED = {
    "explore-calibrated": "explore calibrated-2026 --no-open",
    "explore-years": "explore projected-2030 --years 2026:2030 --no-open",
}
"""The pages that answer, beside docs/explore.html."""


def undrawn() -> set[str]:
    """The kinds of plots that the gallery does not show, and what it shows that is no kind."""
    return {*KINDS} ^ {kind for section in SECTIONS.values() for kind in section}


def page() -> str:
    """The gallery as Markdown: under each picture its command, which also draws it in your folder."""
    if undrawn():
        raise ValueError(f"SECTIONS of docs/_ext/gallery.py lacks, or has too many: {', '.join(sorted(undrawn()))}")
    parts = []
    for section, kinds in SECTIONS.items():
        parts.append(f"## {section}\n\n")
        for kind, command in kinds.items():
            shown = command.replace("plot CONDITIONED", "plot latest")
            before = f"{SETUP[1]}\n" if shown != command else ""
            parts.append(f"### {kind}\n\n{KINDS[kind].text}\n\n{_pictures(kind)}")
            parts.append(f"```sh\n{before}simulate {shown}\n```\n\n")
    return "".join(parts)


def _pictures(kind: str) -> str:
    """A picture for a light page and one for a dark one; what it finds stands in for who cannot see it."""
    place = f"/_drawn/figures/{kind}"
    parts = []
    for style in ("light", "dark"):
        lines = [f"```{{image}} {place}-{style}.png", f":alt: {_finding(kind)}", f":class: only-{style}", "```\n\n"]
        parts.append("\n".join(lines))
    return "".join(parts)


def _finding(kind: str) -> str:
    """The title that the figure gave itself, or its kind where nothing is drawn yet."""
    path = Path(__file__).parents[1] / "_drawn" / "figures" / f"{kind}.txt"
    return path.read_text().strip() if path.exists() else kind


def draw(folder: Path) -> None:
    """Run every command of the gallery, and write its pictures and the pages that answer below `folder`.

    What is there is kept while the program and the commands are the same.
    """
    stamp, now = folder / "stamp", _state()
    if stamp.exists() and stamp.read_text() == now:
        return
    figures, pages = folder / "figures", folder / "pages"
    for each in (figures, pages):
        each.mkdir(parents=True, exist_ok=True)
    os.environ["SIMULATOR_RUNS"] = str(folder / "runs")
    _, conditioned = (_ran(line.removeprefix("simulate ")) for line in SETUP)
    name = re.search(r"runs/(\S+)", conditioned)[1]
    for section in SECTIONS.values():
        for kind, command in section.items():
            _figure(figures, kind, command.replace("CONDITIONED", name))
    for page_name, command in EXPLORED.items():
        _ran(f"{command} --out {pages / page_name}.html")
    (pages / "explore.html").write_bytes((Path(__file__).parents[1] / "explore.html").read_bytes())
    stamp.write_text(now)


def _figure(figures: Path, kind: str, command: str) -> None:
    """Draw a kind in light and in dark, and keep its title."""
    for style in ("light", "dark"):
        target = figures / f"{kind}-{style}.png"
        if command.startswith("backtest"):
            drawn = plot_backtest(_tested(), kind, style=style)
            drawn.save(target, DPI)
            title = drawn.title
        else:
            draws = "" if "--kind prior-posterior" in command else f"--draws {DRAWS}"
            title = " ".join(_ran(f"{command} {draws} --style {style} --dpi {DPI} --out {target}").splitlines()[1:])
    (figures / f"{kind}.txt").write_text(title)


@cache
def _tested() -> Backtest:
    """The backtest of the three commands, which takes longer than its figures: once for all of them."""
    return backtest(draws=4096)


def _ran(line: str) -> str:
    """What a command prints; raises RuntimeError where it fails."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(shlex.split(line), prog_name="simulate")
    except SystemExit as stop:
        if stop.code:
            raise RuntimeError(f"simulate {line}: {err.getvalue()}") from None
    return out.getvalue()


def _state() -> str:
    """A digest of the program, its prior sets and this file."""
    root = Path(__file__).parents[2]
    files = [
        Path(__file__),
        root / "docs/explore.html",
        *(root / "simulator").rglob("*.py"),
        *(root / "priors").rglob("*.toml"),
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
