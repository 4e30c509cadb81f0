"""A run: the draws and quantities of one prior set and one seed. Everything else only reads runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .._version import __version__
from ..base.errors import InputError, NoModel, RunError
from ..base.threads import pool
from ..compute.graph import Quantity
from ..priors.prior_set import PriorSet
from ..statistics.exact import ExactSample
from ..statistics.sample import ConstantSample, Sample
from ..statistics.summaries import Summaries, remembered
from ..statistics.summary import QUANTILES, Asking, Summary
from . import dataset, netcdf, store
from .derivation import Conditioned, Derivation, Pooled, derivation_of
from .folders import DATA, META
from .manifest import data_size, read_meta
from .settings import ALONE, Settings
from .stored import Stored

if TYPE_CHECKING:
    import xarray


class Unfinished(Protocol):
    """What an interrupted run goes on from: a checkpoint, which is removed when the run is stored."""

    def share(self) -> str:
        """Which share of the run it holds, or nothing."""

    def remove(self) -> None:
        """Remove it."""


@dataclass(frozen=True, repr=False, eq=False)
class Run:
    """The draws of a prior set and its quantities.

    `dataset` is an xarray Dataset of priors and quantities with dims (chain, draw), known priors as
    scalars; `datatree` has ArviZ's groups. `summary()` gives medians, means, credible intervals and
    probabilities with their Monte Carlo errors, from all draws, kept or not. `derivation` says how its
    worlds were chosen where they are not simply drawn: a conditioned run, or a pool. `path` is its folder,
    where it is stored.
    """

    priors: PriorSet
    settings: Settings
    samples: Mapping[str, Sample] = field(default_factory=dict)
    prior_draws: Mapping[str, np.ndarray] = field(default_factory=dict)
    quantity_draws: Mapping[str, np.ndarray] = field(default_factory=dict)
    correlations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    derivation: Derivation | None = None
    stored: Stored | None = None
    threads: int | None = None  # that summarize it; all cores by default
    checkpoint: Unfinished | None = None
    _read: dict[str, np.ndarray] = field(default_factory=dict, init=False)  # from the disk, as it was asked for
    _sampled: dict[str, Sample] = field(default_factory=dict, init=False)
    _summarized: dict[Any, Summary] = field(default_factory=dict, init=False)

    def __repr__(self) -> str:
        s = self.settings
        return f"<Run {self.name}: {s.draws:,} draws, seed {s.seed}, {s.sampler}, {len(s.quantities)} quantities>"

    # ------------------------------------------------------------------------------ identity

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that the numbers depend on: priors, settings and the model."""
        parts = [self.priors.canonical(), self.model_digest, *self.settings.identity]
        if self.derivation is not None:
            parts.append(self.derivation.digested)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def model_digest(self) -> str:
        """SHA-256 of the source of the compute model."""
        return hashlib.sha256(self.priors.model.source().encode()).hexdigest()

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        safe = "".join(c if c.isalnum() or c in "-_.+" else "_" for c in self.priors.name)
        short = safe.encode()[:80].decode(errors="ignore")
        return f"{'_' * (short[:1] in ('.', '-'))}{short}-{self.digest[:8]}"  # neither hidden nor an option

    @property
    def path(self) -> Path | None:
        """The folder of a stored run."""
        return self.stored.folder if self.stored is not None else None

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that were asked for."""
        return self.settings.quantities

    @property
    def whole(self) -> bool:
        """Whether all draws are at hand, and not only the first of them."""
        return self.stored is None or bool(self.samples) or self.settings.kept == self.settings.per_replicate

    def plain(self, what: str) -> None:
        """Refuse `what` for a run that is not drawn from its priors as they are: its worlds are chosen ones."""
        if self.derivation is not None:
            raise InputError(
                f"{what} draws a prior set anew, and {self.name} is {self.derivation.kind}: its worlds "
                "are not those of its priors; ask it of the prior set"
            )

    @property
    def pooled(self) -> Pooled:
        """How a pool was made; raises InputError for a run that is none."""
        if not isinstance(self.derivation, Pooled):
            raise InputError(f"{self.name} is not a pool: it has no members")
        return self.derivation

    @property
    def conditioned(self) -> Conditioned:
        """How a conditioned run was made; raises InputError for a run that is none."""
        if not isinstance(self.derivation, Conditioned):
            raise InputError(f"{self.name} is not a conditioned run: make one with 'simulate condition'")
        return self.derivation

    @cached_property
    def member(self) -> np.ndarray | None:
        """For a pool, the number of the member that each draw is of, dim draw; else None."""
        if not isinstance(self.derivation, Pooled):
            return None
        draws = [m.draws for m in self.derivation.members]
        return np.repeat(np.arange(len(draws), dtype=np.int32), draws)

    # ------------------------------------------------------------------------------- reading

    def kept(self, name: str) -> np.ndarray | None:
        """Kept draws (replicate, draw), float32, of a drawn prior or a quantity of the run; None of anything else."""
        for held in (self.prior_draws, self.quantity_draws, self._read):
            if name in held:
                return held[name]
        groups = (self.priors.uncertain, self.quantities)
        group = next((g for g, names in zip(netcdf.GROUPS, groups, strict=True) if name in names), None)
        if self.stored is None or group is None or not self.settings.kept:
            return None
        return self._read.setdefault(name, self.stored.draws(name, group, self._shape))

    @property
    def _shape(self) -> tuple[int, int]:
        return self.settings.replicates, self.settings.kept

    def draws_of(self, name: str) -> np.ndarray:
        """Kept draws (replicate, draw) of a prior or a quantity, in float64.

        A quantity that was not kept is computed from the kept priors. A known value is broadcast.
        """
        kept = self.kept(name)
        if kept is not None:
            return np.broadcast_to(kept, self._shape).astype(float)
        model = self.priors.model
        if name in model.inputs:
            return np.full(self._shape, self.priors.prior(name).distribution.value)
        q = model.quantity(name)
        if q.name != name:
            return self.draws_of(q.name)
        reads, found = {p: self.row_of(p) for p in model.reads([name])}, np.empty(self._shape)
        with np.errstate(all="ignore"):  # what is not finite is told of
            for i, row in enumerate(found):  # in rows, since what is in the processor's cache is computed the faster
                row[:] = model.evaluate({p: of(i) for p, of in reads.items()}, [name])[name]
        if self.stored is not None and not np.all(np.isfinite(found) | (q.never & (found == np.inf))):  # a stranger's
            raise InputError(f"{self.path}/{DATA} is damaged: {name} is not finite for the priors that it holds")
        return found

    def row_of(self, prior: str) -> Callable[[int], Any]:
        """A prior's kept draws of a replicate in float64, or its known value."""
        kept, value = self.kept(prior), self.priors.prior(prior).distribution.value
        return lambda i: value if kept is None else np.asarray(kept[i], dtype=float)

    def sample(self, name: str) -> Sample:
        """The sample of a quantity: all of its draws if it was asked for, else the kept ones."""
        if name not in self.samples:
            name = self.priors.model.quantity(name).name
        if name in self.samples:
            return self.samples[name]
        if name not in self._sampled:
            if not self.settings.kept:
                raise InputError(
                    f"this run kept no draws of {name}: make it again with --keep, or with --quantity {name}"
                )
            self._sampled[name] = self._sample_of(self.draws_of(name), name)
        return self._sampled[name]

    def _sample_of(self, draws: np.ndarray, name: str) -> Sample:
        if isinstance(self.derivation, Pooled):
            return sampled(draws)
        return ExactSample(draws) if self.priors.read_by(name) else ConstantSample(float(draws[0, 0]), *draws.shape)

    def summary(
        self,
        names: str | Sequence[str] = (),
        ci: float = 0.9,
        kind: str = "eti",
        quantiles: Sequence[float] = QUANTILES,
        exceeds: Mapping[str, Sequence[float]] | None = None,
    ) -> Summaries:
        """Median, mean, credible interval, quantiles and probabilities of the named quantities; prints as a table.

        `names` (one or several) defaults to the quantities of the run; `kind` is "eti" or "hdi"; `exceeds` maps a
        quantity to thresholds for P(quantity > x). Raises InputError for what cannot be.

        >>> from simulator import simulate
        >>> (found,) = simulate(draws=16_000).summary(["training_h100s"], exceeds={"training_h100s": [20_000]})
        >>> found.low.value < found.median.value < found.high.value
        True
        >>> found.exceeds[20_000].mcse < 0.01
        True
        """
        chosen = (names,) if isinstance(names, str) else names
        return self.summarized(Asking(ci, kind, quantiles, exceeds or {}), chosen)

    def summarized(self, asking: Asking, names: Sequence[str] = ()) -> Summaries:
        """The summaries of the named quantities, by default the run's, as `summary` gives them."""
        chosen = map(self.priors.model.quantity, names or self.quantities)
        if self.settings.draws <= ALONE:
            return Summaries(self._summary(q, asking) for q in chosen)
        with pool(self.threads) as threads:
            return Summaries(threads.map(lambda q: self._summary(q, asking), chosen))

    def _summary(self, q: Quantity, asking: Asking) -> Summary:
        asked = asking.of(q.name)
        if (q.name, asked) not in self._summarized:  # what is printed is stored as well
            size = self.settings.draws if self.whole else self.settings.kept * self.settings.replicates
            found = self.stored.summary(q, self.settings.draws, asked) if self.stored is not None else None
            self._summarized[q.name, asked] = found or remembered(
                q.name, q.unit, q.text, self.sample(q.name), size, asked
            )
        return self._summarized[q.name, asked]

    # -------------------------------------------------------------------------------- xarray

    @cached_property
    def datatree(self) -> xarray.DataTree:
        """The run as a tree of ArviZ's groups `prior`, `prior_predictive` and `constant_data`."""
        if self.stored is not None:
            return netcdf.read_tree(self.stored.folder, self.stored.meta)
        return dataset.datatree(self)

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """Priors and quantities in one xarray Dataset: dims (chain, draw), float64, with units."""
        return dataset.dataset(self)

    def _repr_html_(self) -> str:
        return dataset.html(self)

    # ------------------------------------------------------------------------------- storing

    def save(self, root: Path | str | None = None) -> Path:
        """Write the run under `root` (default: SIMULATOR_RUNS or ./runs), whole or not at all; its folder.

        Raises RunError where it cannot be written.
        """
        return self.stored_in(root).stored.folder  # type: ignore[union-attr]

    def stored_in(self, root: Path | str | None = None) -> Run:
        """Write the run as `save` does, and return it as a stored one, whose `path` is its folder."""
        groups, constants = dataset.variables(self)
        attributes, meta = dataset.attributes(self), self._meta()
        try:
            written = netcdf.write(store.root_of(root), self.name, groups, constants, attributes, meta, self.member)
        except RunError as error:
            if self.checkpoint is None or not (share := self.checkpoint.share()):
                raise
            raise RunError(f"{error}; --resume goes on from {share}") from None
        if self.checkpoint is not None:
            self.checkpoint.remove()
        made = replace(self, stored=Stored(*written), checkpoint=None)
        made._summarized.update(self._summarized)
        return made

    def _meta(self) -> dict[str, Any]:
        s = self.settings
        return {
            "version": __version__,
            "digest": self.digest,
            "priors": self.priors.to_json(),
            "seed": s.seed,
            "draws": s.draws,
            "replicates": s.replicates,
            "sampler": s.sampler,
            "exact": s.exact,
            "keep": s.keep,
            "quantities": list(s.quantities),
            "model": self.model_digest,
            "given": self.derivation.to_json() if self.derivation is not None else {},
            "numpy": np.__version__,
            "correlations": self.correlations,
            "notes": list(self.notes),
            "summary": {x.name: x.to_json() for x in self.summary()},
        }

    @classmethod
    def load(cls, name: str | Path, root: Path | str | None = None, damaged: bool = False) -> Run:
        """A stored run: a path, a name under `root` (or the start of one, or its digest), `latest`.

        Both of its files are held against their checksums, and run.nc must be built as this program builds it;
        `damaged` leaves that out of run.nc, for who says how it differs: its draws are still not given.
        """
        folder = store.find(str(name), store.root_of(root))
        meta = read_meta(folder)
        if not damaged:
            netcdf.verify(folder, meta)
        told = {n: meta[n] for n in ("seed", "draws", "replicates", "sampler", "exact", "keep")}
        settings = Settings(**told, quantities=tuple(meta["quantities"]))
        derivation = derivation_of(meta.get("given") or {}, settings.per_replicate)
        priors = _priors(folder, meta, settings, derivation)
        kept = 4 * settings.kept * settings.replicates * (len(priors.uncertain) + len(settings.quantities))
        if kept > data_size(folder):
            raise InputError(f"{folder} is not a run: {META} tells of more draws than {DATA} holds")
        notes, stored = tuple(meta["notes"]), Stored(folder, meta)
        return cls(priors, settings, {}, {}, {}, meta["correlations"], notes, derivation, stored)


def sampled(draws: np.ndarray) -> Sample:
    """The sample of draws (replicate, draw), float64: a constant where all are one value."""
    if draws.min() == draws.max():
        return ConstantSample(float(draws[0, 0]), *draws.shape)
    return ExactSample(draws)


def _priors(folder: Path, meta: Mapping[str, Any], settings: Settings, derivation: Derivation | None) -> PriorSet:
    """The prior set of a stored run, which gives all that its quantities read."""
    try:
        priors = PriorSet.from_json(meta["priors"])
        whole = list(priors.priors) == list(priors.model.inputs) or isinstance(derivation, Pooled)
    except NoModel as error:
        raise InputError(f"{folder}: {error}") from None
    except InputError as error:
        raise InputError(f"{folder} is not a run of this version: its priors are damaged: {error}") from None
    if not whole or not all(map(priors.model.has, settings.quantities)):
        raise InputError(f"{folder} is not a run of this version: its priors or quantities are others")
    return priors
