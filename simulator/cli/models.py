"""Commands about models of one's own: list, new, check."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.errors import InputError, quote
from .options import PLAIN, json_option


@click.group(context_settings=PLAIN)
def models() -> None:
    """List, begin and check models of your own: files of formulas for --model."""


@models.command("list")
@json_option
def models_list(as_json: bool) -> None:
    """List the shipped models and those that packages have installed, whose code is not run for it."""
    from ..compute.models import installed
    from ..compute.variants import VARIANTS, model
    from ..reports import console
    from ..reports.views import models as models_view

    shipped = [model(variant) for variant in VARIANTS]
    console.show(models_view.models(shipped, {n: p.value for n, p in installed().items()}), as_json)


@models.command("new")
@click.argument("name")
def models_new(name: str) -> None:
    """Write a commented file of formulas, NAME.py, and a prior set for it, priors/NAME.toml, which run at once."""
    from ..base.files import write_new
    from ..compute.models import check_name
    from ..compute.template import FORMULAS, PRIORS
    from ..reports import console

    check_name(name)
    files = {Path(f"{name}.py"): FORMULAS, Path("priors") / f"{name}.toml": PRIORS}
    write_new({path: text.replace("@NAME@", name) for path, text in files.items()})
    for told in (*map(str, files), "next: edit them", f"      simulate models check {name}.py"):
        console.line(told)
    console.line(f"      simulate --model {name}.py --priors {name}")


@models.command("check")
@click.argument("file", metavar="FILE.py")
@json_option
def models_check(file: str, as_json: bool) -> None:
    """Run a file of formulas and check it: every mistake in one line, then its quantities, units proved."""
    from ..compute.models import load_model
    from ..reports import console
    from ..reports.views import models as models_view

    if not file.endswith(".py"):
        raise InputError(f"{quote(file)} is no file of formulas: name one, as agents.py")
    console.show(models_view.checked(load_model(file)), as_json)
