"""Backtest: what a prior set predicts of published models, against what was observed of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.defaults import DEFAULT_SEED
from ..base.errors import InputError
from ..engine.evaluator import ALL_IN_MEMORY
from ..engine.simulate import simulate
from ..priors.before import GROWS
from ..priors.cases import ABOUT, BASE, Case, load_cases
from ..priors.files import stem_of
from ..priors.prior_set import PriorSet
from ..statistics.estimators import Estimate, probability_above, quantile
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample, Sample
from .growth import predicted_later
from .held_out import HeldOut, Rows, calibrated
from .result import Result, finite
from .scoring import LEVELS, Score, log_crps, score_of

if TYPE_CHECKING:
    import xarray


GROUPS = {"training": ("training",), "inference": ("inference",), "GPU time": ("training", "inference")}
GROUPS |= {"demand": ("demand",), GROWS: (GROWS,), "other": ("other",)}
"""What is scored together: GPU time is that of training and inference."""
SIDES = ((False, "out of sample"), (True, "in sample"))
FITS = ((False, "unseen"), (True, "control"))
DRAWS = 1 << 16
ASKED = {"training": 10, "inference": 8}  # cases that a coverage should rest on
REACH = (0.001, 0.999)  # quantiles between which a prior may be moved to meet an observation


@dataclass(frozen=True)
class Change:
    """What one prior alone would have to be for the median to be the observed value, and its quantile there."""

    name: str
    value: float
    place: float


@dataclass(frozen=True)
class Outcome:
    """A case and what was predicted of it.

    `pit` is the observed value's place in the predicted distribution (probability integral transform);
    `factor` the observed value over the predicted median; `crps` the continuous ranked probability
    score of the logarithm; `changes` what would have to change where the 90 % interval misses.
    """

    case: Case
    median: Estimate
    low: Estimate
    high: Estimate
    pit: Estimate
    crps: Estimate
    changes: tuple[Change, ...] = ()

    @property
    def factor(self) -> float:
        """The observed value over the predicted median."""
        return self.case.observed.value / self.median.value

    @property
    def exact(self) -> bool:
        """Whether every prior is known: then it checks the formula, and predicts nothing."""
        return self.low.value == self.high.value

    @property
    def scored(self) -> bool:
        """Whether it counts: it predicts something, and something was measured."""
        return self.case.scored and not self.exact

    def inside(self, level: float) -> bool:
        """Whether the observed value lies in the equal-tailed interval of that probability.

        Of a lower or an upper value, whether the interval does not lie on the other side of it.
        """
        off = self.pit.value - 0.5
        return (off * self.case.bound if self.case.bound else abs(off)) <= level / 2.0

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "name": self.case.name,
            "title": self.case.title,
            "about": self.case.about,
            "family": self.case.family,
            "measures": self.case.measures,
            "gpus": self.case.gpus,
            "in_sample": self.case.in_sample,
            "scored": self.scored,
            "quantity": self.case.observed.quantity,
            "unit": self.case.observed.unit,
            "observed": self.case.observed.value,
            "median": self.median.value,
            "low": self.low.value,
            "high": self.high.value,
            "factor": self.factor,
            "pit": finite(self.pit.value),
            "pit_mcse": finite(self.pit.mcse),
            "crps": finite(self.crps.value),
            "exact": self.exact,
            "inside": {f"{level:g}": self.inside(level) for level in LEVELS} if not self.exact else None,
            "changes": [{"prior": c.name, "value": c.value, "place": c.place} for c in self.changes],
            "source": self.case.observed.source,
            "date": self.case.date,
            "note": self.case.note,
            **self._growth(),
        }

    def _growth(self) -> dict[str, Any]:
        """Of a case of growth: what was before, the years, and the growth that was seen and that was predicted."""
        before = self.case.before
        if before is None:
            return {}
        first = before.middle
        return {
            "before": {"date": before.date, "prior": before.value.distribution.text, "source": before.value.source},
            "years": before.years,
            "growth": self.case.observed.value / first,
            "growth_range": list(before.range_of(self.case.observed.value)),
            "predicted_growth": {k: getattr(self, k).value / first for k in ("median", "low", "high")},
        }


@dataclass(frozen=True)
class Backtest(Result):
    """The outcomes of all cases that the variant can describe, and the cases that it cannot."""

    base: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    not_applicable: tuple[Case, ...]
    draws: int
    seed: int
    control: tuple[Outcome, ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether each case was predicted by a calibration without its family; then there is a control beside."""
        return bool(self.control)

    def score(
        self, about: str | Sequence[str] | None = None, in_sample: bool | None = None, control: bool = False
    ) -> Score | None:
        """The scores of the outcomes of a kind or several, in or out of sample; None where there are none.

        `control` has those of the calibration that only widens: no structure, a discrepancy alone.
        """
        kinds = ABOUT if about is None else (about,) if isinstance(about, str) else about
        return score_of(
            [
                o
                for o in (self.control if control else self.outcomes)
                if o.scored and o.case.about in kinds and in_sample in (None, o.case.in_sample)
            ]
        )

    def scores(self) -> list[tuple[str, str, Score]]:
        """The scores of each group, by its name and side: in and out of sample.

        Of a calibration those that are unseen and those of its control; but for growth, which none has seen.
        """
        plain = [name for name in GROUPS if not self.held_out or name == GROWS]
        rows = [(name, words, self.score(GROUPS[name], side)) for side, words in SIDES for name in plain]
        held = [name for name in GROUPS if name not in plain]
        fits = [(name, words, self.score(GROUPS[name], control=c)) for c, words in FITS for name in held]
        return [(name, words, score) for name, words, score in (*fits, *rows) if score is not None]

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `case`."""
        import xarray

        columns: dict[str, Any] = {
            "observed": [o.case.observed.value for o in self.outcomes],
            "median": [o.median.value for o in self.outcomes],
            "low": [o.low.value for o in self.outcomes],
            "high": [o.high.value for o in self.outcomes],
            "pit": [o.pit.value for o in self.outcomes],
            "crps": [o.crps.value for o in self.outcomes],
            "about": [o.case.about for o in self.outcomes],
            "family": [o.case.family for o in self.outcomes],
            "measures": [o.case.measures for o in self.outcomes],
            "in_sample": [o.case.in_sample for o in self.outcomes],
        }
        names = [o.case.name for o in self.outcomes]
        return xarray.Dataset(
            {k: ("case", v) for k, v in columns.items()},
            {"case": names},
            {"base": "+".join(self.base), "draws": self.draws, "seed": self.seed},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        left = [{"name": c.name, "title": c.title, "reason": c.not_applicable} for c in self.not_applicable]
        return {
            "priors": list(self.base),
            "draws": self.draws,
            "seed": self.seed,
            "cases": [o.to_json() for o in self.outcomes],
            "scores": [{"cases": name, "side": words} | s.to_json() for name, words, s in self.scores()],
            "not_applicable": left,
        }


def backtest(
    cases: Sequence[str] = (),
    priors: Sequence[str] = (BASE,),
    draws: int = DRAWS,
    seed: int = DEFAULT_SEED,
    whole: bool = False,
) -> Backtest:
    """Predict published cases (default: all) from the prior sets `priors`, and score the predictions.

    Of a calibrated set each case is predicted by a fit without its family, and so is a control that only widens;
    `whole` takes the set as it is. Raises InputError for cases that are malformed, and where none can be described.
    """
    if not 16 <= draws <= ALL_IN_MEMORY:
        raise InputError(f"{draws} draws are no number for a backtest: from 16 to {ALL_IN_MEMORY:,}")
    loaded = load_cases(cases, priors)
    return predicted(loaded, priors, () if whole else calibrated(priors), draws, seed)


def predicted(
    loaded: Sequence[Case],
    priors: Sequence[str],
    used: Sequence[str],
    draws: int,
    seed: int,
    rows: Rows | None = None,
) -> Backtest:
    """The backtest of loaded cases; where a calibration `used` some, each is predicted without its family."""
    if all(c.priors is None for c in loaded):
        why = "; ".join(dict.fromkeys(c.not_applicable for c in loaded))
        raise InputError(f"none of these cases can be described, and there is nothing to score: {why}")

    def made(cases: Iterable[Case]) -> tuple[Outcome, ...]:
        found = [outcome(c, draws, seed) for c in cases if c.priors is not None]
        return tuple(sorted(found, key=lambda o: (ABOUT.index(o.case.about), o.case.observed.quantity, o.case.name)))

    levels = [c for c in loaded if c.before is None]  # no calibration has seen growth
    with TemporaryDirectory() as folder:
        sides: list[Iterable[Case]] = [loaded]
        if used and any(c.priors is not None for c in levels):
            held, plain = (HeldOut(priors, used, Path(folder), plain, rows).cases(levels) for plain in (False, True))
            sides = [[*held, *(c for c in loaded if c.before is not None)], plain]
        outcomes, *control = map(made, sides)
    names, left = tuple(stem_of(Path(p)) for p in priors), tuple(c for c in loaded if c.priors is None)
    return Backtest(names, outcomes, left, draws, seed, *control)


def outcome(case: Case, draws: int = DRAWS, seed: int = DEFAULT_SEED) -> Outcome:
    """What is predicted of one case."""
    assert case.priors is not None
    name, y = case.observed.quantity, case.observed.value
    sample = _sample(case, draws, seed)
    if isinstance(sample, ConstantSample):
        same, none = Estimate(sample.value, 0.0), Estimate(math.nan, math.nan)
        return Outcome(case, same, same, same, none, none)
    assert isinstance(sample, ExactSample)  # of no more draws than fit into memory
    above = probability_above(sample, y)
    found = Outcome(
        case,
        quantile(sample, 0.5),
        quantile(sample, 0.05),
        quantile(sample, 0.95),
        Estimate(1.0 - above.value, above.mcse),
        log_crps(sample, y, case.bound),
    )
    if case.before is not None or found.inside(0.9):
        return found
    return replace(found, changes=tuple(changes(case.priors, name, found.factor)))


def _sample(case: Case, draws: int, seed: int) -> Sample:
    """What is predicted of a case's quantity; of growth, of its later observation."""
    assert case.priors is not None
    if case.before is not None:
        return predicted_later(case, draws, seed)
    name = case.observed.quantity
    return simulate(case.priors, draws=draws, seed=seed, quantities=[name], keep=0).sample(name)


def changes(priors: PriorSet, name: str, factor: float) -> Iterable[Change]:
    """The values of single priors that would move the median by a factor, the least unlikely first."""
    model = priors.model
    at = {n: p.distribution.quantile(0.5) for n, p in priors.priors.items()}
    now = float(model.evaluate(at, [name])[name])
    found = []
    for prior in map(priors.prior, priors.read_by(name)):
        grid = np.linspace(*REACH, 999)
        x = np.array([prior.distribution.quantile(p) for p in grid])
        y = np.broadcast_to(np.asarray(model.evaluate(at | {prior.name: x}, [name])[name]), x.shape) / now
        order = np.argsort(y, kind="stable")
        if y[order[0]] <= factor <= y[order[-1]] and y[order[0]] < y[order[-1]]:
            i = int(order[min(int(np.searchsorted(y[order], factor)), len(y) - 1)])
            found.append(Change(prior.name, float(x[i]), float(grid[i])))
    return sorted(found, key=lambda c: abs(c.place - 0.5))
