"""What differs between a stored run and the one made again."""

from __future__ import annotations

import numpy as np

from .netcdf import GROUPS, read_draws
from .run import Run


def differences(run: Run, new: Run) -> list[str]:
    """What differs between a stored run and the one made again, bit for bit, in words."""
    assert run.path is not None
    differing, s = [], run.settings
    if new.digest != run.stored["digest"]:
        made = run.stored.get("version")
        differing.append(f"the compute model is not the one it was made with (version {made})")
    for group, made_now in ((GROUPS[0], new.prior_draws), (GROUPS[1], new.quantity_draws)):
        stored = read_draws(run.path, dict.fromkeys(made_now if s.kept else (), group))
        differing += [
            f"{name} differs in {int((x != stored[name]).sum()):,} draws"
            for name, x in made_now.items()
            if s.kept and not np.array_equal(x, stored[name])
        ]
    if {x.name: x.to_json() for x in new.summary()} != run.stored["summary"]:
        differing.append("the summary differs")
    return differing
