"""Comparisons and attributions between the variants of the compute model."""

import json
import math
import re

import numpy as np
import pytest

from simulator import attribute, compare, load_priors
from simulator.analyses.players import VARIANT


@pytest.mark.parametrize("of", ["training_h100s", "inference_h100s"])
def test_an_attribution_between_variants_sums_up_and_turns_around(of):
    there, back = (
        attribute(*pair, of=of) for pair in (("plappert-2024", "evidence-2026"), ("evidence-2026", "plappert-2024"))
    )
    there, back = there.to_dataset(), back.to_dataset()
    assert VARIANT in there["prior"]
    assert there["contribution"].attrs["scale"] == "log"
    total = float(there["contribution"].sum())
    assert total == pytest.approx(math.log(there.attrs["b"] / there.attrs["a"]))
    back = back.sel(prior=there["prior"])
    np.testing.assert_allclose(there["contribution"], -back["contribution"], atol=1e-9)


def test_with_the_variant_alone_the_whole_change_is_its_own():
    """Two sets that share every prior that both variants read differ by the variant."""
    essay = load_priors("plappert-2024")
    evidence = load_priors("evidence-2026")
    same = {n: p.distribution.text for n, p in essay.priors.items() if n in evidence.priors}
    found = attribute("plappert-2024", evidence.edited(same), of="inference_h100s")
    assert [c.name for c in found.contributions] == [VARIANT]


def test_comparing_variants_says_so(cli):
    outcome = cli("compare", "plappert-2024", "evidence-2026", "--draws", "16000")
    assert outcome.code == 0, outcome.err
    assert "variant: dit-scaling -> token-accounting" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert re.search(r"\nvariant +x \d", outcome.out)
    data = json.loads(
        cli("compare", "plappert-2024", "evidence-2026", "--draws", "1600", "--no-attribution", "--json").out
    )
    assert data["variants"] == {"A": "dit-scaling", "B": "token-accounting"}
    made = compare("plappert-2024", "evidence-2026", draws=16_000)
    assert np.isfinite(made.to_dataset()["ratio"]).all()
