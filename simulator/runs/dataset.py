"""A run as xarray: ArviZ's groups, the attributes of its variables, and a table for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .._version import __version__
from ..base.wording import html_table
from ..compute.years import at, parted
from .folders import META
from .netcdf import Variable

if TYPE_CHECKING:
    import xarray

    from .run import Run


def attributes(run: Run) -> dict[str, Any]:
    """What the file says of itself."""
    s = run.settings
    return {
        "prior_set": run.priors.name,
        "seed": s.seed,
        "draws": s.draws,
        "sampler": s.sampler,
        "digest": run.digest,
        **({"members": members(run)} if run.member is not None else {}),
        "inference_library": "simulate",
        "inference_library_version": __version__,
    }


def members(run: Run) -> str:
    """The names of a pool's members, as CF has the meanings of flags."""
    return " ".join(run.pooled.names)


def variables(run: Run) -> tuple[dict[str, dict[str, Variable]], dict[str, Variable]]:
    """The draws of each group, dims (chain, draw), and the known values, as the file has them."""
    drawn, known = {}, {}
    for name, p in run.priors.priors.items():
        about = {
            "units": p.unit,
            "long_name": run.priors.model.inputs[name].text,
            "prior": _short(p.distribution.text),
            "family": p.distribution.family,
            "source": p.source,
            "grade": p.grade,
            "note": p.note,
            "origin": p.origin,
        }
        if p.uncertain:
            drawn[name] = Variable(run.kept(name), about)
        else:
            known[name] = Variable(p.distribution.value, about)
    return {"prior": drawn, "prior_predictive": _quantities(run)}, known


def _quantities(run: Run) -> dict[str, Variable]:
    shape, made = (run.settings.replicates, run.settings.kept), {}
    for name in run.quantities:
        q, kept = run.priors.model.quantity(name), run.kept(name)
        values = np.full(shape, run.sample(name).quantile(0.5)[0], dtype=np.float32) if kept is None else kept
        made[name] = Variable(values, {"units": q.unit, "long_name": q.text, "formula": q.formula})
    return made


def datatree(run: Run) -> xarray.DataTree:
    """A run in memory as a tree of ArviZ's groups, dims (chain, draw), float64."""
    import xarray

    groups, constants = variables(run)
    coords: dict[str, Any] = {"chain": np.arange(run.settings.replicates), "draw": np.arange(run.settings.kept)}
    if run.member is not None:
        coords["member"] = ("draw", run.member, {"flag_meanings": members(run)})
    nodes = {
        f"/{group}": xarray.Dataset(
            {n: (("chain", "draw"), v.values.astype(float), v.attributes) for n, v in held.items()}, coords
        )
        for group, held in groups.items()
    }
    nodes["/constant_data"] = xarray.Dataset({n: ((), v.values, v.attributes) for n, v in constants.items()})
    nodes["/"] = xarray.Dataset(attrs=attributes(run))
    return xarray.DataTree.from_dict(nodes)


def dataset(run: Run) -> xarray.Dataset:
    """Priors and quantities in one Dataset: dims (chain, draw), float64, with units; known priors as scalars."""
    tree = run.datatree
    import xarray

    nodes = tree.children
    parts = [nodes[group].to_dataset(inherit=False) for group in ("prior", "prior_predictive", "constant_data")]
    merged = xarray.merge(parts, compat="no_conflicts", join="outer")
    return _by_year(merged, run.priors.years).assign_attrs(attributes(run))


def _by_year(flat: xarray.Dataset, years: Sequence[int]) -> xarray.Dataset:
    """The dataset in which a quantity of several years is one variable with a dimension `year`."""
    import xarray

    names = {n: parted(str(n)) for n in flat.data_vars}
    made = flat.drop_vars([n for n, (_, year) in names.items() if year is not None])
    for plain in dict.fromkeys(p for p, year in names.values() if year is not None):
        held = {y: flat[at(plain, y)] for y in years if at(plain, y) in flat}
        first = next(iter(held.values()))
        whole = xarray.concat(list(held.values()), "year", combine_attrs="override").assign_coords(year=list(held))
        made[plain] = whole.transpose(..., "year").assign_attrs({k: first.attrs[k] for k in ("units",)})
    return made


def html(run: Run) -> str:
    """The summary as a table for a notebook."""
    found = run.summary()
    caption = f"{run.priors.headed}: {run.settings.draws:,} draws, seed {run.settings.seed}"
    return html_table(found.heads(), found.rows(), caption)


def _short(text: str) -> str:
    """A distribution's text as an attribute of the file; long data stand in run.json alone."""
    return text if len(text) <= 4000 else f"{text[:200]} ... (the whole is in {META})"
