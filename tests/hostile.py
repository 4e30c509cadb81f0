"""What the fuzzing tests share: the promise about every input, and inputs made to break it.

`python -m tests.hostile [NAME]...` runs those inputs in a process of bounded memory and prints what became of each.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from simulator.base.errors import LONGEST, SimulateError
from simulator.base.numbers import parse_count, parse_number
from simulator.cli.options import thresholds
from simulator.compute.units import factor
from simulator.distributions.families import Distribution, parse
from simulator.priors.cases import load_case
from simulator.priors.files import MOST_ENTRIES
from simulator.priors.load import load_priors
from simulator.priors.prior_set import PriorSet

from .conftest import HANG

MOST_STEPS, MEMORY = 10_000_000, 300  # functions entered and turns of loops, and megabytes, for one input
HEAD = 'extends = ["plappert-2024"]\n'
GIVEN = "unit = '1'\nsource = 's'\ngrade = 'D'\n"
Action = Callable[[], Any]


class Broken(BaseException):
    """A promise was not kept. No `except Exception` swallows it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise Broken in what takes longer."""

    def late(*_: Any) -> None:
        raise Broken(f"took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count the functions entered and the turns of loops in what is done: work, the same on any machine."""
    watch, found = sys.monitoring, [0]
    events = watch.events.PY_START, watch.events.JUMP

    def step(*_: Any) -> None:
        found[0] += 1

    watch.use_tool_id(watch.PROFILER_ID, "steps")
    for event in events:
        watch.register_callback(watch.PROFILER_ID, event, step)
    watch.set_events(watch.PROFILER_ID, sum(events))
    try:
        yield found
    finally:
        watch.set_events(watch.PROFILER_ID, 0)
        watch.free_tool_id(watch.PROFILER_ID)


def one_line(text: str) -> bool:
    """Whether a text is what an error or note may be: something, printable, of bounded length."""
    return bool(text.strip()) and text.isprintable() and len(text) < LONGEST + 10


def kept(action: Action) -> tuple[Any, tuple[str, ...]]:
    """What an action gives and the lines of its error: the promise is that there is no third way."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return action(), ()
    except SimulateError as error:
        if not 0 < len(error.lines) <= MOST_ENTRIES or not all(map(one_line, error.lines)):
            raise Broken(f"not one line each: {error.lines!r}"[:2000]) from None
        return None, error.lines


def notation(text: Any) -> Distribution | None:
    """Read a text; what was read must read back as itself, from finite quantiles that rise."""
    found, _ = kept(lambda: parse(text))
    if found is not None:
        again, _ = kept(lambda: parse(found.text))
        places = [found.quantile(p) for p in (0.05, 0.5, 0.95)]
        if again is None or again.text != found.text or [again.quantile(p) for p in (0.05, 0.5, 0.95)] != places:
            raise Broken(f"{text!r} reads as {found.text!r}, and that as {again!r}"[:2000])
        if places != sorted(places) or not all(abs(x) < float("inf") for x in places):
            raise Broken(f"{text!r} has the quantiles {places}"[:2000])
    return found


def prior_file(path: Path) -> PriorSet | None:
    """Load a prior file; what was loaded must come back from a run as itself."""
    found, _ = kept(lambda: load_priors(str(path)))
    if found is not None:
        if PriorSet.from_json(json.loads(json.dumps(found.to_json()))).digest != found.digest:
            raise Broken("the set that was stored is another")
        texts = [t for p in found.priors.values() for t in (p.source, p.note, p.origin)]
        if not all(map(one_line, (found.name, *found.notes))) or any(
            "\x1b" in t or "\0" in t for t in (found.title, *texts)
        ):
            raise Broken(f"not one line: {found.name!r}, {found.title!r}, {found.notes!r}"[:2000])
    return found


# ----------------------------------------------------------------------------------- inputs made to break it


def text(written: Any) -> Callable[[Path], Action]:
    """A text of the notation."""
    return lambda folder: partial(notation, written)


def toml(content: str | bytes, name: str = "mine.toml", **others: str) -> Callable[[Path], Action]:
    """A prior file, and others beside it."""

    def prepare(folder: Path) -> Action:
        for key, written in others.items():
            (folder / f"{key}.toml").write_text(written)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return partial(prior_file, folder / name)

    return prepare


def law(written: str) -> Callable[[Path], Action]:
    """A text of the notation in a prior file."""
    return toml(f"{HEAD}[priors.parameters]\nprior = '''{written}'''\n{GIVEN}")


def case(value: str, unit: str = "hour") -> Callable[[Path], Action]:
    """A case with an observed value as written."""
    head = "title = 't'\nabout = 'training'\ndate = '2025'\n[observed]\nquantity = 'training_gpu_hours'\n"
    written = f"{head}value = {value}\n{GIVEN}".replace("'1'", f"'{unit}'")

    def prepare(folder: Path) -> Action:
        (folder / "case.toml").write_text(written)
        return lambda: kept(lambda: load_case(str(folder / "case.toml")))

    return prepare


def made(make: Callable[[str], Any]) -> Callable[[Path], Action]:
    """What is no plain file, as a prior file."""

    def prepare(folder: Path) -> Action:
        make(str(folder / "odd.toml"))
        return partial(prior_file, folder / "odd.toml")

    return prepare


def named(make: Callable[[str], Any], name: str = "odd") -> Callable[[Path], Action]:
    """What is no plain file, as a set in ./priors."""

    def prepare(folder: Path) -> Action:
        (folder / "priors").mkdir()
        make(str(folder / "priors" / f"{name}.toml"))
        os.chdir(folder)
        return partial(prior_file, Path(name))

    return prepare


def data(make: Callable[[str], Any]) -> Callable[[Path], Action]:
    """What is no plain file of numbers, named by --set."""

    def prepare(folder: Path) -> Action:
        make(str(folder / "odd.csv"))
        return partial(notation, f"empirical(file='{folder / 'odd.csv'}')")

    return prepare


def sparse(name: str) -> None:
    """A file of five gigabytes that takes no room."""
    with open(name, "wb") as file:
        file.truncate(5 * 2**30)


def holding(content: str) -> Callable[[str], Any]:
    """A file with a content."""
    return lambda name: Path(name).write_text(content)


def chain(count: int, each: int, content: str = "") -> Callable[[Path], Action]:
    """A set that extends sets that extend sets."""
    names = [f"s{i}.toml" for i in range(count)]
    others = {f"s{i}": f"extends = {names[i + 1 : i + 1 + each]!r}\n{content}" for i in range(count)}
    return toml("extends = ['s0.toml']", **others)


def fan(folder: Path) -> Action:
    """A set that extends three sets, each of which extends fifty."""
    for i in range(150):
        (folder / f"s{i}.toml").write_text(HEAD)
    others = {f"r{i}": f"extends = {[f's{50 * i + j}.toml' for j in range(50)]!r}" for i in range(3)}
    return toml("extends = ['r0.toml', 'r1.toml', 'r2.toml']", **others)(folder)


def again(folder: Path) -> Action:
    """A set that extends a set 1,900 times, which does the same, and so on."""
    others = {f"s{i}": f"extends = {[f's{i + 1}.toml'] * 1900!r}" for i in range(40)}
    return toml("extends = ['s0.toml']", **others, s40=HEAD)(folder)


def many(template: str, count: int = 10**6, most: int = 480_000) -> str:
    """A template with each number in turn, as often as goes into a file that is not refused for its length."""
    return "".join(template.format(i) for i in range(min(count, most // len(template.format(99_999)))))


CODE = r"""
__import__('os').system('touch pwned')
(lambda: 1)()
normal(mean=(x := 1), sd=1)
normal(mean=f'{1 + 1}', sd=1)
normal.__globals__(a=1)
os.system(a=1)
eval(text='1')
exec(text='1')
open(file='pwned', mode='w')
normal(mean=[x for x in ().__class__.__base__.__subclasses__()], sd=1)
normal(mean=1 if 1 else 2, sd=1)
normal(mean=open('/etc/passwd').read(), sd=1)
normal(**{'mean': 1, 'sd': 1})
normal(*[1, 2])
mixture(weights=[0.5, 0.5], a=1, __class__=open('pwned'))
mixture(weights=[0.5, 0.5], __init__=1, __builtins__=os)
(yield)(a=1)
(await x)(a=1)
normal(mean=1, sd=1);import os
normal(mean=`id`, sd=$(id))
normal(mean={{7*7}}, sd={%raw%})
print(a=1)
build(name='normal')
parse(text='1')
\x6eormal(mean=1)
""".strip().splitlines()
LOGNORMAL = "lognormal(p5=1, p95=2)"


def mixture_of(count: int, part: str) -> str:
    """A mixture of so many parts of a kind."""
    return f"mixture(weights={[1 / count] * count!r}, {', '.join(f'a{i}={part}' for i in range(count))})"


def two_files(folder: Path) -> Action:
    """What could be made, and not be read back from a run."""
    names = [str(folder / name) for name in ("a.csv", "b.csv")]
    for name in names:
        holding(many("{}\n", 60_000))(name)
    return partial(
        notation, "mixture(weights=[0.5, 0.5], a=empirical(file='{}'), b=empirical(file='{}'))".format(*names)
    )


HOSTILE: dict[str, Callable[[Path], Action]] = {
    "twenty million values": text("empirical(values=[" + "1," * 20_000_000 + "1])"),
    "a million values, not plain": text("empirical(values=[" + "1%," * 900_000 + "1])"),
    "a billion values": text("choice(values=[1] * 1000000000, weights=[1])"),
    "a million texts": text("choice(values=[" + "''," * 900_000 + "''], weights=[1])"),
    "a million comparisons": text("normal(mean=1" + "<1" * 900_000 + ", sd=1)"),
    "a million sums": text("normal(mean=1" + "+1" * 900_000 + ", sd=1)"),
    "a thousand signs": text("normal(mean=" + "-" * 1000 + "1, sd=1)"),
    "a thousand nots": text("normal(mean=" + "not " * 1000 + "1, sd=1)"),
    "a thousand attributes": text("normal(mean=a" + ".a" * 1000 + ", sd=1)"),
    "a thousand powers": text("normal(mean=9" + "**9" * 1000 + ", sd=1)"),
    "a million factors": text("2 * " * 700_000 + LOGNORMAL),
    "a million brackets": text("(" * 2_900_000),
    "a million lists": text("choice(values=" + "[" * 1_000_000 + "]" * 1_000_000 + ", weights=[1])"),
    "a million spaces": text("(" + " " * 2_900_000),
    "a million comments": text("(" + "#\n" * 1_400_000),
    "a text without an end": text("empirical(file='" + "x" * 2_900_000),
    "a long text": text("x(" * 10_000_000),
    "a hundred truncations": text("truncate(low=0, prior=" * 100 + LOGNORMAL + ")" * 100),
    "a hundred mixtures, nested": text("mixture(weights=[0.5, 0.5], b=1, a=" * 100 + LOGNORMAL + ")" * 100),
    "a thousand parts": text(
        f"mixture(weights=[{'0.001, ' * 1000}], {', '.join(f'a{i}={LOGNORMAL}' for i in range(1000))})"
    ),
    "forty thousand arguments": text(
        f"mixture(weights={[1 / 40_000] * 40_000!r}, " + many("a{}=1, ", 40_000, 10**7) + ")"
    ),
    "thirty mixtures of thirty parts": text(mixture_of(30, mixture_of(30, LOGNORMAL))),
    "two files of sixty thousand numbers": two_files,
    "a long name": text("x" * 900_000 + "(a=1)"),
    "a long word": text("x" * 2_900_000),
    "a long argument": text("normal(" + "x" * 900_000 + "=1)"),
    "ten thousand digits": text("normal(mean=" + "9" * 10_000 + ", sd=1)"),
    "a million digits": text("9" * 1_000_000),
    "a million digits and a letter": text("9" * 1_000_000 + "x(1)"),
    "a huge exponent": text("normal(mean=1e" + "9" * 10_000 + ", sd=1)"),
    "an integer": text(10**5000),
    "a list of integers": text([10**5000]),
    "a factor that overflows": text("1e308 * lognormal(p5=1e300, p95=2e300)"),
    "a factor that vanishes": text("1e-300 * 1e-300 * normal(mean=1, sd=1)"),
    "a lognormal at zero": text("lognormal(mu=-1000, sigma=1)"),
    "two stars": text("mixture(weights=[0.5, 0.5], a=1, **2)"),
    "a part of values": text("mixture(weights=[0.5, 0.5], a=1, values=[1, 2])"),
    "quantiles by name": text("normal(p5=1, p95=2, quantiles=3)"),
    "a number of a million digits": lambda folder: lambda: kept(lambda: parse_number("9" * 1_000_000)),
    "a count of a million digits": lambda folder: lambda: kept(lambda: parse_count("9" * 1_000_000, "a count")),
    "a threshold of spaces": lambda folder: lambda: kept(lambda: thresholds(("a > " + " 1" + " " * 100_000 + "x",))),
    "a long unit": lambda folder: lambda: kept(lambda: factor("W" * 400_000, "FLOP/s")),
    "a unit of digits": lambda folder: lambda: kept(lambda: factor("9" * 400_000, "FLOP/s")),
    "a unit to a power": lambda folder: lambda: kept(lambda: factor("9**9**9**9", "FLOP/s")),
    "a unit that overflows": lambda folder: lambda: kept(lambda: factor("trillion**40 W", "W")),
    "a unit that vanishes": lambda folder: lambda: kept(lambda: factor("percent**400 W", "W")),
    "a pipe": made(os.mkfifo),
    "a device": made(lambda name: os.symlink("/dev/zero", name)),
    "a terminal": made(lambda name: os.symlink("/dev/ptmx", name)),
    "a folder": made(os.mkdir),
    "a link to itself": made(lambda name: os.symlink(name, name)),
    "a link to nothing": made(lambda name: os.symlink("/nowhere", name)),
    "five gigabytes": made(sparse),
    "numbers from a pipe": data(os.mkfifo),
    "numbers from a device": data(lambda name: os.symlink("/dev/zero", name)),
    "numbers from a folder": data(os.mkdir),
    "numbers from a link to itself": data(lambda name: os.symlink(name, name)),
    "five gigabytes of numbers": data(sparse),
    "two million numbers": data(holding("1\n" * 1_990_000)),
    "a few too many numbers": data(holding("1\n" * 110_000)),
    "numbers without an end": data(holding("1" * 3_900_000)),
    "a file cut in a number": data(holding(("0." + "1" * 48 + "\n") * 90_000)),
    "not UTF-8": toml(b"\xff\xfe\x00"),
    "UTF-16": toml(HEAD.encode("utf-16")),
    "a null byte": toml(b"title = 'a\0b'"),
    "lists in lists": toml("title = " + "[" * 100_000),
    "lists in lists that end": toml("title = " + "[" * 100 + "]" * 100),
    "tables in tables": toml("a = " + "{a = " * 100_000),
    "a long dotted key": toml("a." * 100_000 + "a = 1"),
    "a long dotted key in quotes": toml('"\\"" . ' * 50_000 + "a = 1"),
    "a long dotted key in an inline table": toml("a = {" + "'' . " * 50_000 + "a = 1}"),
    "a long dotted table": toml("[" + "a." * 100_000 + "a]"),
    "many quotes": toml('"\\' * 240_000),
    "many keys": toml(many("k{} = 1\n")),
    "many tables": toml(many("[t{}]\n")),
    "many tables in a list": toml("[[priors]]\n" * 40_000),
    "many dicts": toml("title = [" + "{}," * 150_000 + "]"),
    "many priors": toml(HEAD + "[priors]\n" + many("k{} = 1\n")),
    "many pieces of evidence": toml(HEAD + "[evidence]\n" + many("k{} = 1\n")),
    "many correlations": toml(HEAD + "[correlations]\n" + many("'a, k{}' = 1\n")),
    "many keys of a prior": toml(HEAD + "[priors.parameters]\n" + many("k{} = 1\n")),
    "many keys of a correlation": toml(HEAD + "[correlations.'a, b']\n" + many("k{} = 1\n")),
    "a long key": toml("k" * 490_000 + " = 1"),
    "a long key of a table": toml(HEAD + "[priors." + "k" * 490_000 + "]"),
    "a long title": toml("title = '" + "k" * 600_000 + "'"),
    "a long variant": toml("variant = '" + "k" * 490_000 + "'"),
    "a link to itself among the sets": named(lambda name: os.symlink(name, name)),
    "a link to itself in place of a shipped set": named(lambda name: os.symlink(name, name), "plappert-2024"),
    "a pipe among the sets": named(os.mkfifo),
    "a long unit in a file": toml(
        f"{HEAD}[priors.parameters]\nprior = 1\n" + GIVEN.replace("'1'", f"'{'k' * 490_000}'")
    ),
    "a long integer in hexadecimal": toml(f"{HEAD}[priors.parameters]\nprior = 0x{'f' * 400_000}\n{GIVEN}"),
    "a long integer for everything": toml(
        "".join(f"{k} = 0x{'f' * 50_000}\n" for k in ("title", "variant", "extends"))
    ),
    "a long integer for a correlation": toml(f"{HEAD}[correlations]\n'parameters, video_share' = 0x{'f' * 400_000}\n"),
    "a date": toml(f"{HEAD}[priors.parameters]\nprior = 1979-05-27T07:32:00Z\n{GIVEN}"),
    "an infinity in another unit": toml(f"{HEAD}[priors.gpu_peak]\nprior = 1e300\n{GIVEN}".replace("'1'", "'TFLOP/s'")),
    "a prior of brackets": law("(" * 480_000),
    "a prior of signs": law("normal(mean=" + "-" * 480_000),
    "a text in a language of its own": law("&#40;&lt;script&gt;"),
    "a long observation": case("0x" + "f" * 400_000),
    "an observation that overflows": case("1e308", "million hour"),
    "an observation that vanishes": case("5e-324", "percent hour"),
    "an observation of many keys": case("1\n" + many("k{} = 1\n")),
    "an observation of lists": case("[" * 7 + "]" * 7),
    "an infinite observation": case("inf"),
    "an observation that is a truth": case("true"),
    "a long name of a set": lambda folder: partial(prior_file, Path("x" * 100_000)),
    "a long name of a parent": toml("extends = ['" + "x" * 490_000 + "']"),
    "many parents": toml(f"extends = {[f'p{i}' for i in range(40_000)]!r}"),
    "the same parent in many spellings": toml(f"extends = {['./' * i + 'a.toml' for i in range(900)]!r}", a=""),
    "parents of all kinds": toml(
        "extends = ['..', '/', '/etc/passwd', '~', '\\u0000', 'a\\nb', '/dev/stdin']".replace("'", '"')
    ),
    "a parent that is a folder": toml("extends = ['.']"),
    "a parent that is a device": toml("extends = ['/dev/zero']"),
    "a cycle": toml("extends = ['a.toml']", a="extends = ['b.toml']", b="extends = ['mine.toml']"),
    "a long chain": chain(500, 1),
    "a chain in which each extends fifty": chain(600, 50),
    "a chain in which each extends the next again and again": again,
    "a large chain": chain(45, 1, "# " + '"\\' * 200_000 + "\n"),
    "fifty-one parents": toml(f"extends = {['./' * i + 'a.toml' for i in range(51)]!r}", a=HEAD),
    "a hundred and fifty sets": fan,
    "a chain of mistakes": chain(45, 1, many("k{} = 1\n", 1000)),
    "a name of two lines": toml("nonsense", "a\nb\x1b[31m.toml"),
}
READ: dict[str, Callable[[Path], Action]] = {
    "a hundred thousand values": text(f"empirical(values={[i * 1.1e-300 for i in range(100_000)]!r})"),
    "a hundred thousand values in a mixture": text(
        f"mixture(weights=[0.5, 0.5], b=1, a=empirical(values={list(range(99_000))!r}))"
    ),
    "ten brackets": text("truncate(low=0, prior=" * 8 + LOGNORMAL + ")" * 8),
    "thirty parts": text(f"mixture(weights={[1 / 30] * 30!r}, {', '.join(f'a{i}={LOGNORMAL}' for i in range(30))})"),
    "a hundred thousand numbers in a file": data(holding(many("1.23456789012345e-{}\n", 100_000, 10**7))),
    "texts that a terminal obeys": toml(
        f'title = "\\u001b[31m\\u0000"\n{HEAD}[priors.parameters]\nprior = 2e10\nunit = "1"\ngrade = "D"\n'
        'source = "\\u001b]0;x\\u0007\\u0000"\nnote = "\\u202e\\u0000"\n',
        "a\nb\x1b[31m.toml",
    ),
    "a prior of two factors": law("2 * 3 * lognormal(p5=1e9, p95=2e9)"),
    "comments and lines": law("lognormal(  # twice\n p5=8B,\n p95=60 billion,)"),
    "a sigma that overflows on the way to a bound": text("logitnormal(mu=0, sigma=1.7e308, low=1, high=3)"),
    "a share beyond the range that overflows on the way": law("normal(mean=15 million, sd=5e-324)"),
    "five thousand factors": text("1.001 * " * 5000 + LOGNORMAL),
    "a factor in a file and a unit": toml(
        f"{HEAD}[priors.gpu_peak]\nprior = '2 * normal(mean=400, sd=9)'\n" + GIVEN.replace("'1'", "'TFLOP/s'")
    ),
    "leading mark": toml(b"\xef\xbb\xbf" + HEAD.encode()),
}


def fate(prepare: Callable[[Path], Action], folder: Path) -> dict[str, Any]:
    """What becomes of one input: whether it was read, what was broken, and the steps it took."""
    action, outcome = prepare(folder), None
    try:
        with within(HANG), counting() as steps:
            outcome = action()
        broken = ""
    except (Broken, Exception) as error:
        broken = f"{type(error).__name__}: {error}"[:2000]
    read = isinstance(outcome, Distribution | PriorSet) or (isinstance(outcome, tuple) and outcome[0] is not None)
    return {"read": read, "broken": broken, "steps": steps[0]}


def main() -> None:
    """Run the named inputs, or all, with so much memory above what the program has when it has read a good one."""
    import resource

    load_priors("evidence-2026")
    kept(lambda: factor("TFLOP/s", "FLOP/s"))
    if os.path.exists("/proc/self/statm"):
        base = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (base + MEMORY * 2**20,) * 2)
    found = {}
    known = HOSTILE | READ
    for name, prepare in {name: known[name] for name in sys.argv[1:] or known}.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = fate(prepare, Path(folder))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
