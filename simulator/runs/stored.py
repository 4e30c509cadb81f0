"""A run on disk: what its two files say, read when it is asked for, and what differs in the run made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import InputError
from ..base.threads import keep_memory
from ..compute.graph import Quantity
from ..statistics.summary import Asked, Summary
from . import netcdf
from .folders import DATA, META
from .netcdf import GROUPS

if TYPE_CHECKING:
    from .run import Run


class Stored:
    """The folder of a run and what its run.json holds, against whose checksum run.nc is held wherever it is read."""

    def __init__(self, folder: Path, meta: Mapping[str, Any]):
        self.folder, self.meta = folder, meta

    @property
    def digest(self) -> str:
        """The digest under which the run was stored."""
        return str(self.meta["digest"])

    @property
    def version(self) -> str:
        """The version of the program that wrote it."""
        return str(self.meta.get("version"))

    @property
    def sealed(self) -> bool:
        """Whether it has checksums: an earlier version wrote none."""
        return "data" in self.meta

    def draws(self, name: str, group: str, shape: tuple[int, int]) -> np.ndarray:
        """The kept draws (replicate, draw), float32, of a variable; raises InputError for others than were written."""
        keep_memory()  # what is computed from these draws is as large
        found = netcdf.read_draws(self.folder, {name: group}, self.meta)[name]
        if found.shape != shape:
            raise InputError(f"{self.folder / DATA} is damaged: {name} has not the draws that {META} tells of")
        return found

    def damage(self) -> str:
        """How run.nc is not the file that run.json was written with, or nothing."""
        return netcdf.damage(self.folder, self.meta)

    def summary(self, q: Quantity, draws: int, asked: Asked) -> Summary | None:
        """The summary of all draws that was stored with the run, where it is of what is asked for."""
        if q.name not in self.meta.get("summary", {}):
            return None
        try:
            found = Summary.from_json(q.name, q.text, draws, self.meta["summary"][q.name])
            told = [found.median, found.low, found.high, *found.quantiles.values(), found.mean or found.median]
            if found.unit != q.unit or any(not isinstance(e.value, int | float) or e.mcse < 0 for e in told):
                raise ValueError(q.name)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise InputError(f"{self.folder} is not a run: {META} is damaged at 'summary'") from None
        same = (found.kind, found.prob) == (asked.kind, asked.prob) and set(asked.quantiles) <= set(found.quantiles)
        return found if same and not asked.thresholds else None


def differences(run: Run, new: Run) -> list[str]:
    """What differs between a stored run and the one made again, bit for bit, in words."""
    assert run.stored is not None
    differing: list[str] = []
    if new.digest != run.stored.digest:
        differing.append(f"the compute model is not the one it was made with (version {run.stored.version})")
    if run.settings.kept:
        for group, made in zip(GROUPS, (new.prior_draws, new.quantity_draws), strict=True):
            differing += _differing(run.stored, group, made)
    if {x.name: x.to_json() for x in new.summary()} != run.stored.meta["summary"]:
        differing.append("the summary differs")
    return differing


def _differing(stored: Stored, group: str, made: Mapping[str, np.ndarray]) -> Sequence[str]:
    held = netcdf.read_draws(stored.folder, dict.fromkeys(made, group), never=netcdf.never_of(stored.meta))
    return [
        f"{name} differs in {int((x != held[name]).sum()):,} draws"
        for name, x in made.items()
        if not np.array_equal(x, held[name])
    ]
