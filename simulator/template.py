"""The commented file that `simulate priors new` writes."""

from __future__ import annotations

import json

from .priors import GRADES, PriorSet

HEAD = """\
# A prior set for `simulate`. It says only what differs from the set that it extends; take the
# marks # off the priors that you want to change. Check it: simulate priors check FILE
#
# A distribution is a call with named arguments, or a bare number for a known value:
#   lognormal(p5=8e9, p95=60e9)      positive, uncertain by a factor
#   beta(p5=0.3, p95=0.6)            shares and utilizations
#   pert(low=1, mode=2, high=4)      lowest, likeliest and highest
#   uniform(low=.., high=..)         loguniform, triangular, normal, logitnormal, gamma,
#   choice(values=[4, 8], weights=[0.3, 0.7])   student_t, metalog, mixture, truncate, empirical
#
# Grades: {grades}

title = "{name}"
extends = [{parent}]

# [correlations]                     # rank correlations between priors
# "parameters, dataset_multiplier" = 0.4
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
    for prior in chosen.priors.values():
        text = chosen.model.inputs[prior.name].text
        parts.append(ENTRY.format(text=text, name=prior.name, prior=prior.distribution.text, unit=prior.unit))
    return "".join(parts)
