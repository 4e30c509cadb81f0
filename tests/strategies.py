"""Hypothesis strategies: texts of the notation and prior files that are nearly valid."""

import inspect

from hypothesis import strategies as st

from simulator.distributions.families import FAMILIES

from .hostile import HEAD

FIGURES = ["15 million", *"0 1 -1 2 0.5 0.1 0.9 0.25 1e-9 3 10 1e3 8B 5% -0.0".split()]
EXTREMES = [
    "[[1]]",
    "''",
    "9" * 400,
    *"1e308 -1e308 1.7976931348623157e308 5e-324 1e-300 1e15 1.0000000000000002 1e999 1e-999 nan inf".split(),
    *'1_000 ٣ 0x10 1j True None "a" [] [1] () (2) 1e5% .'.split(),
]
PIECES = [
    " ",
    "\n",
    "\0",
    "\ud800",
    "\ufeff",
    "\u202e",
    "\x1b[31m",
    "lambda: ",
    "if ",
    "for x in y",
    "2 * ",
    *"( ) [ ] , = * - + -- ** : := { } # \\ ' \" % . .. e _ f'' __import__('os') &amp; &#40; <b>".split(),
    *"normal mean= p5= p50= weights= low= prior= file='/etc/passwd'".split(),
]
RANGES = [(1e-3, 0.999), (1e-3, 0.999), (1e-2, 1e4), (-1e3, 1e3), (1e-9, 1e12), (1e-300, 1e300), (-1.7e308, 1.7e308)]
UNITS = ["million", "video_minute/day", "token/video_second", *"1 W FLOP/s hour TFLOP USD/hour percent %".split()]
VALUES = [
    "''",
    "'s'",
    "[1, 'a']",
    "{a.b.c = 1}",
    "9" * 400,
    "0x" + "f" * 5000,
    "'''a\nb'''",
    "['plappert-2024']",
    "['evidence-2026', 'mine.toml']",
    "['/etc/passwd', '..', '/', '']",
    "'lognormal(p5=1, p95=2)'",
    "'4 to 8'",
    "{rho = 0.3, source = 's', grade = 'D'}",
    "{prior = 2, unit = '1', source = 's', grade = 'D'}",
    "'empirical(file=\"/etc/passwd\")'",
    '"\\u0000"',
    '"\\u001b[31m"',
    '"\\ud800"',
    "'<script>&lt;'",
    *"1 -1 0.5 0.3 1e400 nan inf -inf true 1979-05-27T07:32:00Z 07:32:00 1979-05-27 [] {} [[[[[1]]]]]".split(),
    *"'1' 'D' 'A' 'dit-scaling' 'token-accounting' 'million' 'W'".split(),
]
KEYS = [
    '"a, b"',
    "'parameters, video_share'",
    '""',
    '"\\n"',
    "é",
    "colour",
    *"title variant extends priors correlations evidence prior unit source grade note rho".split(),
    *"about gpu date in_sample not_applicable observed quantity value".split(),
    *"priors.parameters priors.peak_factor.prior evidence.training_h100s".split(),
]
TABLES = [
    "[correlations.'parameters, video_share']",
    *"[priors] [priors.parameters] [priors.peak_factor] [priors.gpu_peak] [evidence.training_h100s]".split(),
    *"[correlations] [observed] [[priors]] [[priors.parameters]] [extends] [] [a.b.c.d]".split(),
]
CASE = """title = 'T'
about = 'training'
date = '2025'
{0}
[observed]
quantity = 'training_gpu_hours'
value = 1e6
unit = 'hour'
source = 's'
grade = 'A'
{1}
"""

number = st.one_of(
    st.sampled_from(FIGURES),
    st.sampled_from(FIGURES),
    st.sampled_from(EXTREMES),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)


@st.composite
def rising(draw, count):
    """Texts of numbers that mostly rise, as ends and percentiles must."""
    if draw(st.integers(0, 3)) == 0:
        return draw(st.lists(number, min_size=count, max_size=count))
    low, high = draw(st.sampled_from(RANGES))
    found = draw(st.lists(st.floats(low, high), min_size=count, max_size=count, unique=True))
    return [repr(x) for x in sorted(found)]


several = st.lists(number, min_size=1, max_size=4).map(lambda found: f"[{', '.join(found)}]")
weights = st.one_of(several, st.sampled_from(["[0.25, 0.75]", "[0.5, 0.3, 0.2]", "[1]"]))


@st.composite
def calls(draw, depth=2):
    """A call with the arguments of one of its ways, and numbers that may suit it."""
    name = draw(st.sampled_from(sorted(FAMILIES)))
    way = draw(st.sampled_from(FAMILIES[name]))
    inner = calls(depth - 1) if depth else number
    signature = inspect.signature(way.function).parameters.values()
    given = [p for p in signature if p.default is p.empty or draw(st.booleans())]
    plain = iter(draw(rising(len(given))))
    words = []
    for p in given:
        if p.name == "quantiles":
            keys = [int(p[1:]) for p in way.example]
            others = st.lists(st.integers(1, 99), min_size=2, max_size=3, unique=True)
            keys = sorted(draw(st.one_of(st.just(keys), others)))
            words += [f"p{key}={x}" for key, x in zip(keys, draw(rising(len(keys))), strict=True)]
        elif p.kind is p.VAR_KEYWORD:
            parts = draw(st.sampled_from(["ab", "abc", "a", ["values", "if"]]))
            words += [f"{key}={draw(st.one_of(inner, number))}" for key in parts]
        elif p.name in ("values", "weights"):
            words.append(f"{p.name}={draw(several if p.name == 'values' else weights)}")
        else:
            words.append(f"{p.name}={draw(inner) if p.name == 'prior' else next(plain)}")
    return f"{name}({', '.join(words)})"


@st.composite
def mutated(draw, texts, most=3):
    """A text with a few places deleted, doubled, or replaced by what does not belong there."""
    text = draw(texts)
    for _ in range(draw(st.integers(0, most))):
        a, b = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        kind = draw(st.sampled_from(["insert", "insert", "delete", "double", "replace"]))
        piece = draw(st.one_of(st.sampled_from(PIECES), number)) if kind in ("insert", "replace") else ""
        if kind == "double":
            piece = text[a:b]
        text = text[:a] + piece + text[a if kind in ("insert", "double") else min(b, a + 4) :]
    return text


value = st.one_of(st.sampled_from(VALUES), calls(1).map(lambda text: "'''" + text + "'''"))
pair = st.tuples(st.sampled_from(KEYS), value).map(" = ".join)
parts = st.tuples(st.sampled_from(TABLES), calls(1), st.sampled_from(UNITS), st.sampled_from("ABCDE"))
entry = parts.map(lambda e: f"{e[0]}\nprior = '''{e[1]}'''\nunit = '{e[2]}'\nsource = 's'\ngrade = '{e[3]}'")
heads = st.sampled_from([HEAD, HEAD, "", "variant = 'dit-scaling'\n", f"title = 'T'\n{HEAD}"])
prior_files = st.tuples(heads, st.lists(st.one_of(pair, st.sampled_from(TABLES), entry), max_size=6)).map(
    lambda drawn: drawn[0] + "\n".join(drawn[1])
)


@st.composite
def cases(draw):
    """A case with lines above its observation and below."""
    above = draw(st.lists(pair, max_size=2))
    below = draw(st.lists(st.one_of(pair, entry), max_size=2))
    text = draw(mutated(st.just(CASE), 1))
    return text.replace("{0}", "\n".join(above)).replace("{1}", "\n".join(below))


@st.composite
def broken_bytes(draw):
    """A prior file with a few bytes in it that no one wrote."""
    data, at = draw(prior_files).encode(), draw(st.integers(0, 99))
    return data[:at] + draw(st.binary(max_size=3)) + data[at:]
