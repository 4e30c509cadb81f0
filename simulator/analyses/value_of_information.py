"""The value of information: what knowing a prior, or studying it, before reserving would save an hour.

EVPPI is of a prior that is known exactly, correlated ones together; EVSI of a measurement with a stated error. All are
savings over the one reserve that is best without, in the same worlds, so that no study saves more than what it studies,
and that no more than knowing demand itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..base.errors import InputError, meant, nearest, quote
from ..base.numbers import parse_number
from ..base.threads import cores, pool
from ..engine.sampling.points import spare_points, uniforms
from ..engine.sampling.prior_sampler import PriorSampler
from ..runs.run import Run
from ..statistics.estimators import COVER, Estimate
from .decision_rule import by_measurement, by_rank, costs_of
from .newsvendor import HOURS, PRICES, STUDIED, Newsvendor, expected
from .result import plain
from .sensitivity import ranks_of

ALL = "all"


def a_year(e: Estimate) -> Estimate:
    """What is so much an hour, in a year."""
    return Estimate(HOURS * e.value, HOURS * e.mcse)


class _Saving:
    """What some knowledge saves, in USD an hour."""

    saving: Estimate

    @property
    def distinguishable(self) -> bool:
        """Whether the 90 % interval of the saving stays clear of 0."""
        return self.saving.value > COVER * self.saving.mcse

    def saved(self) -> dict[str, Any]:
        """The saving an hour and a year as plain data."""
        return {
            "saves_per_hour": plain(self.saving),
            "saves_per_year": plain(a_year(self.saving)),
            "distinguishable": self.distinguishable,
        }


@dataclass(frozen=True)
class Learned(_Saving):
    """What knowing priors exactly (correlated ones together), or a price, would save: USD an hour."""

    names: tuple[str, ...]
    saving: Estimate

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"priors": list(self.names)} | self.saved()


@dataclass(frozen=True)
class Studied(_Saving):
    """What a study of a prior with an error would save, beside knowing it (and what is correlated with it) exactly."""

    name: str
    error: str
    saving: Estimate
    exactly: Estimate

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"prior": self.name, "error": self.error} | self.saved() | {"exactly": plain(self.exactly)}


@dataclass(frozen=True)
class _Plan:
    """A study: the prior and its error, of its value where `relative`, else in its unit."""

    name: str
    error: float
    relative: bool
    text: str


class Information:
    """What can be learned about the demand of a run before it is reserved for."""

    def __init__(self, run: Run, of: str, problem: Newsvendor, uncertain: Sequence[str]):
        run.plain("the value of information")
        self.run, self.of, self.problem, self.uncertain = run, of, problem, uncertain
        self.priors, self.reads = run.priors, set(run.priors.read_by(of))
        self._tied = {n: g.names for g in run.priors.groups for n in g.names}

    @cached_property
    def _base(self) -> np.ndarray:
        return self.problem.cost(self.problem.best.value)

    @cached_property
    def _worlds(self) -> PriorSampler:
        s = self.run.settings
        return PriorSampler(self.priors, s.seed, s.sampler, s.exact)

    def wanted(self, asked: Iterable[str]) -> list[tuple[str, ...]]:
        """The groups of priors, and prices, to learn; raises InputError for what cannot be learned."""
        every = [*(n for n in self.priors.uncertain if n in self.reads), *self.uncertain]
        names = [n for name in asked for n in (every if name == ALL else [self._checked(name, "--learn")])]
        return list(dict.fromkeys(map(self._group, names)))

    def studies(self, texts: Iterable[str]) -> list[_Plan]:
        """The studies as they are written, `NAME: 10%`; raises InputError for what cannot be, or says nothing."""
        return [self._study(text) for text in texts]

    def _study(self, text: str) -> _Plan:
        match = re.fullmatch(r"\s*(\w+)\s*:\s*(\S.*?)\s*", text)
        if not match:
            raise InputError(f"--study {quote(text)}: write NAME: ERROR, as in 'inference_mfu: 10%'")
        if match[1] in PRICES:
            raise InputError(f"--study {quote(text)}: a price is known or not, and is not measured; see --learn")
        name, relative = self._checked(match[1], "--study"), match[2].endswith("%")
        error = parse_number(match[2], "an error for --study")
        if error <= 0.0:
            raise InputError(f"--study {quote(text)}: an error lies above 0; without one it is --learn {name}")
        if not self.reads.intersection(self._tied.get(name, (name,))):
            raise InputError(
                f"--study {quote(text)}: {self.of} does not read {name}, nor what is correlated with it: "
                "a study of it would say nothing"
            )
        if relative and self.priors.prior(name).distribution.support[0] < 0.0:
            raise InputError(
                f"--study {quote(text)}: {name} may lie below 0, where an error is no share of it: give it in its "
                f"unit, as in '{name}: 0.1'"
            )
        return _Plan(name, error, relative, " ".join(match[2].split()))

    def _checked(self, written: str, option: str) -> str:
        name = meant(written, [*self.priors.priors, *PRICES])
        if name in PRICES and name not in self.uncertain:
            raise InputError(f"{option} {name}: the price is known, and there is nothing to learn")
        if name is None or (name in PRICES and option != "--learn"):
            raise InputError(
                f"{option} {quote(written)}: {self.priors.name} has no prior of this name; "
                f"{nearest(written, self.priors.priors)}"
            )
        if name not in PRICES and not self.priors.prior(name).uncertain:
            value = self.priors.prior(name).distribution.text
            raise InputError(
                f"{option} {name}: it is known to be {value} in {self.priors.name}: nothing is to be learned"
            )
        return name

    def _group(self, name: str) -> tuple[str, ...]:
        """What is learned with a name: of the priors that are correlated with it, those that are read."""
        tied = self._tied.get(name, (name,))
        return tuple(n for n in tied if n in self.reads or n == name)

    def found(
        self, groups: Sequence[tuple[str, ...]], studies: Sequence[_Plan]
    ) -> tuple[tuple[Learned, ...], tuple[Studied, ...]]:
        """The savings of what is learned, the largest first, and of the studies in their order."""
        of_studies = [self._group(s.name) for s in studies]
        every = list(dict.fromkeys([*groups, *of_studies]))
        with pool(min(cores(), 4)) as threads:
            exactly = dict(zip(every, threads.map(self._learned, every), strict=True))
            measured = list(threads.map(self._measured, studies))
        for group, saving in zip(of_studies, measured, strict=True):  # two lower bounds of one value: the larger holds
            exactly[group] = max(exactly[group], saving)
        learned = [Learned(group, exactly[group]) for group in groups]
        told = zip(studies, of_studies, measured, strict=True)
        return (
            tuple(sorted(learned, key=lambda x: -x.saving.value)),
            tuple(Studied(s.name, s.text, saving, exactly[group]) for s, group, saving in told),
        )

    def _learned(self, group: tuple[str, ...]) -> Estimate:
        if group[0] in PRICES:
            return self._saved(self.problem.given_price(group[0]))
        if self.reads.isdisjoint(group):
            return Estimate(0.0, 0.0)
        points = self._worlds.first(self.run.settings.kept, group)
        return self._saved(*costs_of(self.problem, by_rank([ranks_of(self._worlds, n, points[n]) for n in group])))

    def _measured(self, study: _Plan) -> Estimate:
        from scipy.special import ndtri

        s = self.run.settings
        points = self._worlds.first(s.kept, [study.name])
        values = self._worlds.values(points)[study.name]
        noise = ndtri(uniforms(spare_points(f"study of {study.name}", s.sampler, s.seed, STUDIED, s.kept)))
        if study.relative:
            values = np.log(np.maximum(values, np.finfo(float).tiny))
        return self._saved(*costs_of(self.problem, by_measurement(values + study.error * noise)))

    def _saved(self, costs: np.ndarray, optimism: float = 0.0) -> Estimate:
        """The saving, whose error carries what chance alone can save."""
        value, error = expected(self._base - costs)
        return Estimate(value, math.hypot(error, optimism))
