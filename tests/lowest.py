"""Print the lower bounds of the dependencies in pyproject.toml as pins, for `make lowest`."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
for requirement in (*project["dependencies"], *project["optional-dependencies"]["cluster"]):
    if not re.fullmatch(r"[\w-]+>=[\d.]+", requirement):
        raise SystemExit(f"{requirement}: a dependency has a lower bound and nothing else")
    print(requirement.replace(">=", "=="))
