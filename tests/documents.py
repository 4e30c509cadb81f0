"""Pages of Markdown as sessions: what a reader who goes through a page from its head to its foot types and sees."""

import contextlib
import io
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

from matplotlib import rc_context

from simulator.base.numbers import parse_number

from .conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "README.zh.md"]
PAGES += sorted(p for p in (ROOT / "docs").rglob("*.md") if not p.relative_to(ROOT / "docs").parts[0].startswith("_"))
LARGEST = 65_536  # draws of a command whose output is not shown
TESTED = 1600  # draws for each case
FOREIGN = (
    "make run",
    "make test",
    "python3 -m venv .venv",
    ".venv/bin/pip install .",
    ".venv/bin/simulate --draws 1000000",
    "chromium --headless --hide-scrollbars --window-size=",
)
"""How lines begin that are no commands of `simulate`, and not run here."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text and the line on which it begins."""

    kind: str
    text: str
    line: int

    @property
    def commands(self) -> list[str]:
        """The lines of a block of the shell, without their comments."""
        return [line.split(" #")[0].strip() for line in self.text.splitlines() if line.strip()]


def blocks(page: Path, *kinds: str) -> list[Block]:
    """The blocks of a page, in their order; of the named kinds alone if any are named."""
    text = page.read_text(encoding="utf-8")
    found = [
        Block(m[1], m[2], text[: m.start()].count("\n") + 1)
        for m in re.finditer(r"^```(\S+)\n(.*?)^```$", text, flags=re.S | re.M)
    ]
    return [block for block in found if not kinds or block.kind in kinds]


def words(line: str) -> list[str]:
    """The words behind `simulate` in a line of the shell."""
    return shlex.split(line, comments=True)[1:]


def fewer(asked: list[str]) -> list[str]:
    """A command with fewer draws than it would take: what it prints is not compared."""
    most = TESTED if asked[:1] in (["backtest"], ["calibrate"]) else LARGEST
    given = next((i + 1 for i, word in enumerate(asked) if word in ("--draws", "-n")), None)
    if given is not None:
        return [*asked[:given], str(int(min(parse_number(asked[given]), most))), *asked[given + 1 :]]
    if "--draws" not in _options(asked) or {"--target-error", "latest", "--list"} & {*asked}:
        return asked
    return [*asked, "--draws", str(most)]


def _options(asked: list[str]) -> set[str]:
    """The options of the command that these words call."""
    from simulator.cli.main import main

    command = main
    for word in asked:
        found = command.get_command(None, word) if hasattr(command, "get_command") else None
        if found is None:
            break
        command = found
    return {name for parameter in command.params for name in parameter.opts}


def played(page: Path, folder: Path, cli) -> list[str]:
    """Go through a page in an empty folder; what is wrong, a line each.

    A `toml` block or one of Python that begins with `# FILE` is written there first, another piece of TOML is parsed;
    what stands in a `python` block else is run in one session, and a `console` block's output must be what is printed
    (`...` stands for any lines).
    """
    wrong, names = [], {}
    (folder / "docs" / "images").mkdir(parents=True)
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if file := re.match(r"# (\S+\.(?:toml|py))\n", block.text):
            (folder / file[1]).parent.mkdir(parents=True, exist_ok=True)
            (folder / file[1]).write_text(block.text)
        elif block.kind == "toml":
            wrong += _parsed(block.text, where)
        elif block.kind == "python":
            _executed(block.text, where, names)
        elif block.kind == "sh":
            wrong += [f"{where}: {fault}" for line in block.commands if (fault := _ran(line, cli))]
        elif block.kind == "console":
            wrong += _compared(block, where, cli)
    return wrong


def _parsed(text: str, where: str) -> list[str]:
    """What is wrong with a piece of a file that is not written."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"{where}: {error}"]
    return []


def _executed(code: str, where: str, names: dict) -> None:
    with contextlib.redirect_stdout(io.StringIO()), rc_context({"backend": "agg"}):
        exec(compile(code, where, "exec"), names)


def _ran(line: str, cli) -> str:
    """What is wrong with a line of the shell."""
    if not line.startswith("simulate"):
        return "" if line.startswith(FOREIGN) else f"{line!r} is no command that is known here"
    outcome = cli(*fewer(words(line)))
    return f"{line}: {outcome.err}" if outcome.code else ""


def _compared(block: Block, where: str, cli) -> list[str]:
    """What is wrong with a block that shows commands and what they print."""
    wrong = []
    for part in re.split(r"^\$ ", block.text, flags=re.M)[1:]:
        line, shown = part.split("\n", 1)
        outcome = cli(*words(line))
        pattern = ".*".join(re.escape(piece) for piece in re.split(r"^\.\.\.\n", shown, flags=re.M))
        if outcome.code != 0 or not re.fullmatch(pattern, outcome.out, flags=re.S):
            wrong.append(f"{where}: {line} prints\n{outcome.out}{outcome.err}")
    return wrong
