"""A calibrated prior set: fitted to published models, with the scores that leaving out families has earned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.defaults import DEFAULT_SEED
from ..base.errors import InputError, nearest, quote
from ..priors.load import load_priors
from .backtest import DRAWS, Backtest, predicted
from .calibration import BASE, SIDES, Fit, cases_of, data_of, entries
from .held_out import fits_of, layer, rows_by
from .result import Result
from .scoring import Score

if TYPE_CHECKING:
    import xarray

HEAD = """\
# Made by: {command}
# The coefficients of utilization and the discrepancies, fitted to published models; the scores in [calibration] are
# those of fits that had not seen the family of the model which they predict.
title = {title}
extends = {base}

[calibration]
cases = {cases}
priors = {priors}
"""


@dataclass(frozen=True)
class Calibration(Result):
    """What was fitted on a base, and the backtest in which each case's family was left out."""

    base: tuple[str, ...]
    left_out: tuple[str, ...]
    fits: tuple[Fit, ...]
    backtest: Backtest

    @property
    def cases(self) -> list[str]:
        """The names of the cases that it was fitted to."""
        return [row.case.name for each in self.fits for row in each.rows]

    @property
    def priors(self) -> dict[str, str]:
        """The priors that were fitted, as they are written."""
        return {name: text for each in self.fits for name, text in entries(each).items()}

    def score(self, about: str | None = None, control: bool = False) -> Score | None:
        """The scores of a side with families left out, or of the control that only widens."""
        return self.backtest.score(about, control=control)

    def toml(self, command: str = "simulate calibrate", title: str = "") -> str:
        """The calibrated set as a prior file."""
        base = load_priors(*self.base)
        lines = HEAD.format(
            command=command,
            title=json.dumps(title or f"{base.title}, calibrated", ensure_ascii=False),
            base=json.dumps(list(self.base)),
            cases=json.dumps(self.cases),
            priors=json.dumps(list(self.priors)),
        )
        scored = [(side.about, self.score(side.about)) for side in SIDES]
        tables = [_table(about, score) for about, score in scored if score is not None and score.count]
        return "\n".join([lines, *tables]) + "\n".join(layer(self.fits)) + "\n"

    def to_dataset(self) -> xarray.Dataset:
        """As xarray: dim `coefficient`, with mean and sd on the scale on which each is fitted."""
        import xarray

        rows = {n: c for each in self.fits for n, c in data_of(each)["coefficients"].items()}
        data = {key: ("coefficient", [c[key] for c in rows.values()]) for key in ("mean", "sd")}
        return xarray.Dataset(data, {"coefficient": list(rows)}, {"base": "+".join(self.base)})

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        fitted = {each.side.about: data_of(each) | {"priors": entries(each)} for each in self.fits}
        return {"base": list(self.base), "left_out": list(self.left_out), "fits": fitted} | {
            "backtest": self.backtest.to_json()
        }


def _table(about: str, score: Score) -> str:
    """The scores of a side as a table of a prior file."""
    held = [f"held_{100 * level:.0f} = {count}" for level, count in score.covered.items()]
    rest = [f"crps = {score.crps:.3f}", f"log_width = {score.width:.3f}", f"median_factor = {score.off:.3f}"]
    rest += [f"bias = {score.bias:.3f}", ""]
    return "\n".join([f"[calibration.{about}]", f"values = {score.count}", *held, *rest])


def calibrate(
    cases: Sequence[str] = (),
    priors: Sequence[str] = (BASE,),
    leave_out: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = DEFAULT_SEED,
) -> Calibration:
    """Fit the utilization's coefficients and the discrepancies of a set to published cases (default: all).

    Families of `leave_out` are neither fitted nor scored. Raises InputError for cases that are malformed, for a family
    that none is of, and for a set whose variant predicts no utilization.
    """
    loaded = cases_of(cases, priors)
    families = {c.family for c in loaded}
    if unknown := [f for f in leave_out if f not in families]:
        raise InputError(f"no case is of the family {quote(unknown[0])}: {nearest(unknown[0], families)}")
    kept = [c for c in loaded if c.family not in leave_out]
    rows = rows_by(kept)
    fits = fits_of(rows)
    lacking = next((each for each in fits if not each.rows), None)
    if lacking is not None:
        raise InputError(f"none of these cases tells GPU time in {lacking.side.about}: there is nothing to fit to")
    names = [str(row.case.path) for each in fits for row in each.rows]
    return Calibration(tuple(priors), tuple(leave_out), fits, predicted(kept, priors, names, draws, seed, rows))
