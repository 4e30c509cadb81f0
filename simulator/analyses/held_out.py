"""Calibrated sets without a family of models: each case is predicted by a fit that has not seen its like."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ..compute.inputs import PRIORS
from ..priors.cases import Case, load_case
from ..priors.load import load_priors
from ..priors.toml import entry, tie
from .calibration import SIDES, Fit, Row, cases_of, entries, fit, rows_of, ties
from .regression import STEPS

PLAIN = {"encoder_flop_per_token": "0", "decoder_flop_per_token": "0"}
SOURCE = (
    "Fitted by `simulate calibrate` to the published models that the table [calibration] names; as Kennedy and O'Hagan "
    "2001 (doi.org/10.1111/1467-9868.00294)"
)


Rows = dict[str, tuple[Row, ...]]


def rows_by(cases: Sequence[Case]) -> Rows:
    """What the cases tell of training, and of inference."""
    return {side.about: rows_of(side, cases) for side in SIDES}


def fits_of(rows: Rows, without: Collection[str] = (), plain: bool = False, steps: int = STEPS) -> tuple[Fit, ...]:
    """Training and inference, fitted to the rows of all families but some."""
    return tuple(fit(side, rows[side.about], without, plain, steps) for side in SIDES)


def layer(fits: Sequence[Fit], plain: bool = False) -> list[str]:
    """The lines of a prior file that lays fits over the set that they were made on."""
    units = {p.name: p.unit for p in PRIORS}
    found, pairs = dict(PLAIN) if plain else {}, dict[tuple[str, str], float]()
    notes = dict.fromkeys(found, "The control has no encoders and no decoder.")
    for each in fits:
        made = entries(each)
        found |= made
        pairs |= ties(each)
        p, count = each.posterior, len(each.rows)
        notes |= dict.fromkeys(made, f"Of {count} cases on {each.side.about}.")
        notes[each.side.discrepancy] = (
            f"Of {count} cases: between families {p.family:.2g}, within them {p.residual:.2g}, on the logarithm."
        )
    lines = [line for n, text in found.items() for line in entry("priors", n, text, units[n], SOURCE, "B", notes[n])]
    return lines + [line for pair, rho in pairs.items() for line in tie(pair, rho, SOURCE, "B")]


class HeldOut:
    """Cases over a calibrated set, each with a layer above it that was fitted without the case's family.

    `plain` gives the control: no structure but a mean, and no encoders and decoder. `folder` takes the layers'
    files; `rows` are the cases' over these priors, where they are known already.
    """

    def __init__(
        self, priors: Sequence[str], names: Sequence[str], folder: Path, plain: bool = False, rows: Rows | None = None
    ):
        self.priors, self.folder, self.plain = tuple(priors), folder, plain
        if plain:
            self.priors = (*self.priors, self._file("control", layer((), plain=True)))
        self.rows = rows_by(cases_of(names, self.priors)) if rows is None or plain else rows
        self._made: dict[str, str] = {}

    def _file(self, name: str, lines: Sequence[str]) -> str:
        path = self.folder / f"{name}.toml"
        path.write_text("\n".join(['title = "without a family"', *lines]) + "\n")
        return str(path)

    def _without(self, family: str) -> str:
        """The file of the layer that has not seen a family."""
        if family not in self._made:
            fits = fits_of(self.rows, {family}, self.plain)
            name = f"without-{hashlib.sha256(family.encode()).hexdigest()[:8]}"
            self._made[family] = self._file(name, layer(fits, self.plain))
        return self._made[family]

    def cases(self, cases: Sequence[Case]) -> Iterator[Case]:
        """The cases as they are predicted without their families."""
        for case in cases:
            held = (*self.priors, self._without(case.family))
            yield case if case.priors is None else load_case(str(case.path), held)


def calibrated(priors: Sequence[str]) -> tuple[str, ...]:
    """The cases that the set of these layers was calibrated to; none where it was not."""
    return tuple(load_priors(*priors).calibration.get("cases", ()))
