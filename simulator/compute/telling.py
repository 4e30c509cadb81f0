"""What is told of a compute model: what its numbers are asked first, and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NOTHING: Mapping[Any, Any] = {}


class Telling(NamedTuple):
    """The words that go with a model's formulas; each model has its own.

    `headline` are the quantities that are asked for first, and `counts` those of the chosen GPU that stand beside
    H100-equivalents; `story` the clauses of the headline sentence (quantity, text with places for median and
    interval); `caveats` what must be known whatever the priors are; `layers` priors that come from one layer and
    change together; `changes` what is said where a prior has a known value, (prior, value) to sentence. Of the
    essay's figures: `modalities` that an output is held against (text, quantity), `demand_steps` (text, priors that
    are released), `platforms` (text, quantity). `about` says what the whole is of, and `tested` names a shipped set
    whose intervals published models have tested.
    """

    headline: tuple[str, ...] = ()
    story: tuple[tuple[str, str], ...] = ()
    caveats: tuple[str, ...] = ()
    layers: Mapping[str, tuple[str, ...]] = NOTHING
    counts: Mapping[str, str] = NOTHING
    changes: Mapping[tuple[str, float], str] = NOTHING
    modalities: tuple[tuple[str, str], ...] = ()
    demand_steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    platforms: tuple[tuple[str, str], ...] = ()
    about: str = ""
    tested: str = ""
