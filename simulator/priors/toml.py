"""Prior sets as TOML: a template to begin with, and a resolved set as a file."""

from __future__ import annotations

import json

from ..base.numbers import shortest
from ..compute.years import GROWTH, NOISE
from . import trust
from .plausible import Plausible
from .prior import GRADES, NOT_GIVEN
from .prior_set import PriorSet

HEAD = """\
# A prior set for `simulate`. It says only what differs from the set that it extends; take the
# marks # off the priors that you want to change. Check it: simulate priors check FILE
#
# A distribution is a call with named arguments, or a bare number for a known value:
#   lognormal(p5=8e9, p95=60e9)      positive, uncertain by a factor; p2.5 and p97.5 for 95 %
#   beta(p5=0.3, p95=0.6)            shares and utilizations
#   pert(low=1, mode=2, high=4)      lowest, likeliest and highest
#   uniform(low=.., high=..)         loguniform, triangular, normal, logitnormal, gamma,
#   choice(values=[4, 8], weights=[0.3, 0.7])   student_t, metalog, mixture, truncate, clip, empirical
#   0.5 + 2 * lognormal(..), 1 / uniform(..)    moved, scaled and inverted
#
# Grades: {grades}

title = "{name}"
extends = [{parent}]
"""
TIE = """
# [correlations]                     # rank correlations between priors
# "{pair}" = 0.4
"""
ENTRY = """
# {text}
# [priors.{name}]
# prior = "{prior}"
# unit = "{unit}"
# source = "where the number comes from"
# grade = "D"
"""


def template(name: str, parent: str, chosen: PriorSet) -> str:
    """A TOML file that extends `parent`, with every prior commented out."""
    grades = ", ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items())
    parts = [HEAD.format(name=name, parent=json.dumps(parent), grades=grades)]
    if pair := _pair(chosen):
        parts.append(TIE.format(pair=pair))
    for prior in (p for p in chosen.priors.values() if p.source != NOT_GIVEN):
        text = chosen.model.inputs[prior.name].text
        parts.append(ENTRY.format(text=text, name=prior.name, prior=prior.distribution.text, unit=prior.unit))
    return "".join(parts)


def _pair(chosen: PriorSet) -> str:
    """Two priors of a set that a correlation may stand between, to show one; nothing where there are none."""
    free = [n for n in chosen.uncertain if not any(n in pair for pair in chosen.correlations)]
    known = [n for n in ("parameters", "dataset_multiplier") if n in free]  # of which the guides tell
    return ", ".join(known if len(known) == 2 else free[:2]) if len(free) > 1 else ""


def toml(chosen: PriorSet) -> str:
    """A resolved prior set as a TOML file that needs no other: it draws the same worlds."""
    model = chosen.model
    of = f"model = {_text(model.name)}" if model.key != model.name else f"variant = {_text(chosen.variant)}"
    lines = [f"title = {_text(chosen.title)}", of]
    if absent := [p.name for p in chosen.priors.values() if p.source == NOT_GIVEN]:
        lines.append(f"without = [{', '.join(map(_text, absent))}]")  # nor does the default GPU give them
    lines += _calibration(chosen)
    for p in chosen.priors.values():
        if not p.name.startswith((GROWTH, NOISE)) and p.name not in absent:
            lines += entry("priors", p.name, p.distribution.text, p.unit, p.source, p.grade, p.note)
    for name, trend in chosen.trends.items():
        g = trend.growth
        told = {"growth": g.distribution.text, "source": g.source, "grade": g.grade} | (
            {"note": g.note} if g.note else {}
        )
        lines += ["", f"[trends.{name}]", f"from = {trend.start}", *(f"{k} = {_text(v)}" for k, v in told.items())]
        lines += [f"noise = {trend.noise!r}"] if trend.noise else []
    for line in chosen.plausible.values():
        lines += _plausible(line)
    if chosen.correlations:
        plain = {pair: rho for pair, rho in chosen.correlations.items() if pair not in chosen.grounds}
        lines += ["", "[correlations]"]
        lines += [f"{_text(', '.join(pair))} = {rho!r}" for pair, rho in plain.items()]
        for pair, ground in chosen.grounds.items():
            lines += ["", f"[correlations.{_text(', '.join(pair))}]", f"rho = {chosen.correlations[pair]!r}"]
            lines += [f"{key} = {_text(text)}" for key, text in ground.items()]
    return "\n".join(lines) + "\n"


def _plausible(line: Plausible) -> list[str]:
    """The lines of what a quantity can plausibly be at most."""
    bounds = ", ".join(f"{year} = {shortest(value)}" for year, value in line.most)
    told = {"unit": line.unit, "label": line.label, "source": line.source, "grade": line.grade}
    told |= {"note": line.note} if line.note else {}
    rows = [f"{key} = {_text(value)}" for key, value in told.items()]
    return ["", f"[plausible.{line.quantity}]", f"most = {{ {bounds} }}", *rows]


def _calibration(chosen: PriorSet) -> list[str]:
    """The lines of the scores that the set has earned, and that a set of the same priors has earned too."""
    scores, told = trust.earned(chosen.priors, chosen.calibration), chosen.calibration
    if not scores:
        return []
    lines = ["", "[calibration]", *(f"{key} = [{', '.join(map(_text, told[key]))}]" for key in ("cases", "priors"))]
    for side, table in scores.items():
        lines += ["", f"[calibration.{side}]", *(f"{key} = {shortest(value)}" for key, value in table.items())]
    return lines


def entry(table: str, name: str, prior: str, unit: str, source: str, grade: str, note: str = "") -> list[str]:
    """The lines of a prior, or of a piece of evidence, in a table."""
    told = {"prior": prior, "unit": unit, "source": source, "grade": grade} | ({"note": note} if note else {})
    return ["", f"[{table}.{name}]", *(f"{key} = {_text(value)}" for key, value in told.items())]


def tie(pair: tuple[str, str], rho: float, source: str, grade: str) -> list[str]:
    """The lines of a rank correlation with its ground."""
    head = f"[correlations.{_text(', '.join(pair))}]"
    return ["", head, f"rho = {rho!r}", f"source = {_text(source)}", f"grade = {_text(grade)}"]


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are a part of TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
