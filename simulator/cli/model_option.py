"""`--model FILE.py`: an option of every verb that reads prior sets or runs."""

from __future__ import annotations

import sys

import click

WITHOUT = {"gpus", "reproduce", "calibrate", "models", "runs delete", "runs list", "runs path", "priors list"}


def _load(context: click.Context, parameter: click.Parameter, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Run the files that are named, and no others; where a shell completes a line, none."""
    if paths and not context.resilient_parsing:
        from ..compute.models import choose

        context.find_root().call_on_close(_done)
        choose(paths)
    return paths


def _done() -> None:
    """Say which of the models nothing was asked of, unless something else was wrong; the next command names its own."""
    from ..compute.models import idle, release
    from ..reports import console

    for model in idle() if sys.exc_info()[0] is None else ():
        rule = f"extends {model.extends}" if model.extends else f'is for sets that say model = "{model.name}"'
        console.note(f"--model {model.asked} was not used: it {rule}, and none here does")
    release()


def option() -> click.Option:
    """A new option; a command has one of its own."""
    return click.Option(
        ["--model", "models"],
        multiple=True,
        metavar="FILE.py",
        expose_value=False,
        is_eager=True,
        callback=_load,
        help="A model of your own: its formulas are run. Repeatable; see 'simulate models'.",
    )


def with_model(name: str, command: click.Command) -> click.Command:
    """The command with `--model`, and so its own commands, where they read prior sets or runs."""
    if name in WITHOUT:
        return command
    if isinstance(command, click.Group):
        for inner, each in command.commands.items():
            with_model(f"{name} {inner}", each)
    elif all(p.name != "models" for p in command.params):
        command.params.append(option())
    return command
