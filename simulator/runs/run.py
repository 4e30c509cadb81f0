"""A run: the draws and quantities of one prior set and one seed. Everything else only reads runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._version import __version__
from ..base.errors import InputError, RunError, nearest
from ..base.numbers import readable
from ..base.threads import cores
from ..compute.graph import Quantity
from ..priors.prior_set import PriorSet
from ..statistics.exact import ExactSample
from ..statistics.sample import Sample
from ..statistics.summary import QUANTILES, Summary, summarize
from . import netcdf, store
from .folders import DATA, META
from .manifest import data_size, read_meta
from .netcdf import Variable
from .settings import Settings

if TYPE_CHECKING:
    import xarray


@dataclass(repr=False, eq=False)
class Run:
    """The draws of a prior set and its quantities.

    `dataset` is an xarray Dataset of priors and quantities with dims (chain, draw), known priors as
    scalars; `datatree` has ArviZ's groups. `summary()` gives medians, means, credible intervals and
    probabilities with their Monte Carlo errors, from all draws, kept or not.
    """

    priors: PriorSet
    settings: Settings
    samples: dict[str, Sample | float] = field(default_factory=dict, repr=False)
    prior_draws: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    quantity_draws: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    correlations: dict[str, Any] = field(default_factory=dict, repr=False)
    notes: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)
    path: Path | None = None
    threads: int | None = field(default=None, repr=False)  # that summarize it; all cores by default
    checkpoint: Any = field(default=None, repr=False)  # of an unfinished run, removed when it is stored
    stored: Mapping[str, Any] = field(default_factory=dict, repr=False)
    summarized: dict[tuple[Any, ...], Summary] = field(default_factory=dict, repr=False, init=False)

    def __repr__(self) -> str:
        s = self.settings
        return f"<Run {self.name}: {s.draws:,} draws, seed {s.seed}, {s.sampler}, {len(s.quantities)} quantities>"

    # ------------------------------------------------------------------------------ identity

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that the numbers depend on: priors, settings and the model."""
        s = self.settings
        model = hashlib.sha256(self.priors.model.source().encode()).hexdigest()
        parts = [
            self.priors.canonical(),
            model,
            s.seed,
            s.draws,
            s.replicates,
            s.sampler,
            s.exact,
            s.keep,
            list(s.quantities),
        ]
        if self.given:
            parts.append(self.given["digested"])
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def name(self) -> str:
        """The name of the run's folder."""
        safe = "".join(c if c.isalnum() or c in "-_.+" else "_" for c in self.priors.name)
        short = safe.encode()[:80].decode(errors="ignore")
        return f"{'_' * (short[:1] in ('.', '-'))}{short}-{self.digest[:8]}"  # neither hidden nor an option

    # ------------------------------------------------------------------------------- reading

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that were asked for."""
        return self.settings.quantities

    def draws_of(self, name: str) -> np.ndarray:
        """Kept draws (replicate, draw) of a prior or a quantity, in float64.

        A quantity that was not kept is computed from the kept priors. A known value is broadcast.
        """
        shape = (self.settings.replicates, self.settings.kept)
        kept = self._kept(name)
        if kept is not None:
            return np.broadcast_to(kept, shape).astype(float)
        model = self.priors.model
        if name in model.inputs:
            return np.full(shape, self.priors.priors[name].distribution.value)
        values = {p: self._kept(p) for p in model.reads([name])}
        wide = {
            p: np.asarray(v, dtype=float) if v is not None else self.priors.priors[p].distribution.value
            for p, v in values.items()
        }
        with np.errstate(all="ignore"):  # what is not finite is told of
            found = np.broadcast_to(model.evaluate(wide, [name])[name], shape).astype(float)
        if self.path is not None and not np.isfinite(found).all():  # the file may be a stranger's
            raise InputError(f"{self.path / DATA} is damaged: {name} is not finite for the priors that it holds")
        return found

    def _kept(self, name: str) -> np.ndarray | None:
        for draws, group in zip((self.prior_draws, self.quantity_draws), netcdf.GROUPS, strict=True):
            if name not in draws and self.path is not None and name in self._stored_names(group):
                draws[name] = netcdf.read_draws(self.path, {name: group}, self._record(self.path))[name]
                if draws[name].shape != (self.settings.replicates, self.settings.kept):
                    raise InputError(f"{self.path / DATA} is damaged: {name} has not the draws that {META} tells of")
            if name in draws:
                return draws[name]
        return None

    def _record(self, path: Path) -> Mapping[str, Any]:
        """What run.json holds, against whose checksum run.nc is held wherever it is read."""
        return self.stored or read_meta(path)

    def _stored_names(self, group: str) -> Sequence[str]:
        return self.priors.uncertain if group == "prior" else self.quantities

    def sample(self, name: str) -> Sample | float:
        """The sample of a quantity: all of its draws if it was asked for, else the kept ones."""
        if name not in self.samples:
            self.priors.model.quantity(name)
            if not self.settings.kept:
                raise InputError(
                    f"this run kept no draws of {name}: make it again with --keep, or with --quantity {name}"
                )
            draws = self.draws_of(name)
            if self.priors.priors:
                constant = not any(self.priors.priors[p].uncertain for p in self.priors.model.reads([name]))
            else:  # a pool
                constant = bool(draws.min() == draws.max())
            self.samples[name] = float(draws[0, 0]) if constant else ExactSample(draws)
        return self.samples[name]

    def summary(
        self,
        names: Sequence[str] = (),
        ci: float = 0.9,
        kind: str = "eti",
        quantiles: Sequence[float] = QUANTILES,
        exceeds: Mapping[str, Sequence[float]] | None = None,
    ) -> list[Summary]:
        """Median, mean, credible interval, quantiles and probabilities of the named quantities.

        `names` defaults to the quantities of the run; `kind` is "eti" or "hdi"; `exceeds` maps a
        quantity to thresholds for P(quantity > x). Raises InputError for what cannot be.
        """
        if kind not in ("eti", "hdi"):
            raise InputError(f"there is no credible interval {kind!r}: {nearest(kind, ('eti', 'hdi'))}")
        if not 0.0 < ci < 1.0:
            raise InputError(f"{ci:g} is not the probability of a credible interval: between 0 and 1, as 0.9")
        model = self.priors.model
        asked = [model.quantity(name) for name in names or self.quantities]
        size = self.settings.draws if self.whole else self.settings.kept * self.settings.replicates

        def one(q: Quantity) -> Summary:
            of = (q.name, kind, ci, tuple(quantiles), tuple((exceeds or {}).get(q.name, ())))
            if of not in self.summarized:  # what is printed is stored as well
                self.summarized[of] = self._stored_summary(*of) or summarize(
                    q.name, q.unit, q.text, self.sample(q.name), size, *of[1:]
                )
            return self.summarized[of]

        with ThreadPoolExecutor(self.threads or cores()) as pool:
            return list(pool.map(one, asked))

    def plain(self, what: str) -> None:
        """Refuse `what` for a run that is not drawn from its priors as they are: its worlds are chosen ones."""
        if self.given:
            raise InputError(
                f"{what} draws a prior set anew, and {self.name} is {self.given['kind']}: its worlds "
                "are not those of its priors; ask it of the prior set"
            )

    @cached_property
    def member(self) -> np.ndarray | None:
        """For a pool, the number of the member that each draw is of, dim draw; else None."""
        if "members" not in self.given:
            return None
        members = self.given["members"]
        return np.repeat(np.arange(len(members), dtype=np.int32), [m["draws"] for m in members])

    @property
    def whole(self) -> bool:
        """Whether all draws are at hand, and not only the first of them."""
        return not self.stored or self.settings.kept == self.settings.per_replicate

    def _stored_summary(
        self, name: str, kind: str, ci: float, quantiles: Sequence[float], thresholds: Sequence[float]
    ) -> Summary | None:
        """The summary of all draws that was stored with the run, where it is of what is asked for."""
        if name not in self.stored.get("summary", {}):
            return None
        q = self.priors.model.quantity(name)
        try:
            found = Summary.from_json(name, q.text, self.settings.draws, self.stored["summary"][name])
            told = [found.median, found.low, found.high, *found.quantiles.values(), found.mean or found.median]
            if found.unit != q.unit or any(not isinstance(e.value, int | float) or e.mcse < 0 for e in told):
                raise ValueError(name)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise InputError(f"{self.path} is not a run: {META} is damaged at 'summary'") from None
        same = (found.kind, found.prob) == (kind, ci) and set(quantiles) <= set(found.quantiles) and not thresholds
        return found if same else None

    # -------------------------------------------------------------------------------- xarray

    @cached_property
    def datatree(self) -> Any:
        """The run as a tree of ArviZ's groups `prior`, `prior_predictive` and `constant_data`."""
        if self.path is not None:
            return netcdf.read_tree(self.path, self._record(self.path))
        import xarray

        groups, constants = self._variables()
        coords: dict[str, Any] = {"chain": np.arange(self.settings.replicates), "draw": np.arange(self.settings.kept)}
        if self.member is not None:
            coords["member"] = ("draw", self.member, {"flag_meanings": self._members()})
        nodes = {
            f"/{group}": xarray.Dataset(
                {n: (("chain", "draw"), v.values.astype(float), v.attributes) for n, v in variables.items()},
                coords,
            )
            for group, variables in groups.items()
        }
        nodes["/constant_data"] = xarray.Dataset({n: ((), v.values, v.attributes) for n, v in constants.items()})
        nodes["/"] = xarray.Dataset(attrs=self._attributes())
        return xarray.DataTree.from_dict(nodes)

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """Priors and quantities in one xarray Dataset: dims (chain, draw), float64, with units."""
        tree = self.datatree
        import xarray

        parts = [tree[group].to_dataset(inherit=False) for group in ("prior", "prior_predictive", "constant_data")]
        return xarray.merge(parts, compat="no_conflicts", join="outer").assign_attrs(self._attributes())

    def _members(self) -> str:
        return " ".join(m["name"] for m in self.given["members"])

    def _attributes(self) -> dict[str, Any]:
        s = self.settings
        return {
            "prior_set": self.priors.name,
            "seed": s.seed,
            "draws": s.draws,
            "sampler": s.sampler,
            "digest": self.digest,
            **({"members": self._members()} if self.member is not None else {}),
            "inference_library": "simulate",
            "inference_library_version": __version__,
        }

    def _variables(self) -> tuple[dict[str, dict[str, Variable]], dict[str, Variable]]:
        """The groups of the file and its constants."""
        model, priors = self.priors.model, self.priors.priors
        drawn, known = {}, {}
        for name, p in priors.items():
            attributes = {
                "units": p.unit,
                "long_name": model.inputs[name].text,
                "prior": _short(p.distribution.text),
                "family": p.distribution.family,
                "source": p.source,
                "grade": p.grade,
                "note": p.note,
                "origin": p.origin,
            }
            if p.uncertain:
                drawn[name] = Variable(self._kept(name), attributes)
            else:
                known[name] = Variable(p.distribution.value, attributes)
        shape = (self.settings.replicates, self.settings.kept)
        made = {}
        for name in self.quantities:
            q, kept = model.quantities[name], self._kept(name)
            values = np.full(shape, self.samples[name], dtype=np.float32) if kept is None else kept
            made[name] = Variable(values, {"units": q.unit, "long_name": q.text, "formula": q.formula})
        return {"prior": drawn, "prior_predictive": made}, known

    # ------------------------------------------------------------------------------- storing

    def save(self, root: Path | str | None = None) -> Path:
        """Write the run under `root` (default: SIMULATOR_RUNS or ./runs), whole or not at all."""
        groups, constants = self._variables()
        try:
            self.path = netcdf.write(
                store.root_of(root), self.name, groups, constants, self._attributes(), self._meta(), self.member
            )
        except RunError as error:
            if self.checkpoint is None or not (share := self.checkpoint.share()):
                raise
            raise RunError(f"{error}; --resume goes on from {share}") from None
        if self.checkpoint is not None:
            self.checkpoint.remove()
        return self.path

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
            "model": hashlib.sha256(self.priors.model.source().encode()).hexdigest(),
            "given": dict(self.given),
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
        settings = Settings(
            meta["seed"],
            meta["draws"],
            meta["replicates"],
            meta["sampler"],
            meta["exact"],
            meta["keep"],
            tuple(meta["quantities"]),
        )
        try:
            priors = PriorSet.from_json(meta["priors"])
            whole = list(priors.priors) == list(priors.model.inputs) or "members" in (meta.get("given") or {})
        except InputError as error:
            raise InputError(f"{folder} is not a run of this version: its priors are damaged: {error}") from None
        if not whole or not set(settings.quantities) <= set(priors.model.quantities):
            raise InputError(f"{folder} is not a run of this version: its priors or quantities are others")
        kept = 4 * settings.kept * settings.replicates * (len(priors.uncertain) + len(settings.quantities))
        if kept > data_size(folder):
            raise InputError(f"{folder} is not a run: {META} tells of more draws than {DATA} holds")
        return cls(
            priors,
            settings,
            path=folder,
            correlations=meta["correlations"],
            notes=tuple(meta["notes"]),
            given=meta.get("given") or {},
            stored=meta,
        )

    def _repr_html_(self) -> str:
        import html

        rows = "".join(
            f"<tr><td>{html.escape(s.name)}</td><td>{readable(*s.median)}</td><td>{readable(*s.low)}</td>"
            f"<td>{readable(*s.high)}</td><td>{html.escape(s.unit)}</td></tr>"
            for s in self.summary()
        )
        title = html.escape(f"{self.priors.title}: {self.settings.draws:,} draws, seed {self.settings.seed}")
        return (
            f"<table><caption>{title}</caption><thead><tr><th>quantity</th><th>median</th><th>5 %</th>"
            f"<th>95 %</th><th>unit</th></tr></thead><tbody>{rows}</tbody></table>"
        )


def _short(text: str) -> str:
    """A distribution's text as an attribute of the file; long data stand in run.json alone."""
    return text if len(text) <= 4000 else f"{text[:200]} ... (the whole is in {META})"
