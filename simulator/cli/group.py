"""The group that turns every error into one line, and loads a command when it is asked for."""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import click

from ..base.errors import InputError, SimulateError, nearest, one_line, quote
from .model_option import with_model


class Ended(BaseException):
    """A signal that ends the program as Ctrl-C does; its number is in the exit status.

    click does not know it, and says nothing of it on a terminal that may be gone.
    """

    def __init__(self, number: int):
        self.number = number


class Group(click.Group):
    """A click group whose every error is one line, with an exit status of 2 or 1 and no traceback.

    `elsewhere` maps commands to the modules that hold them under their names; each is imported when it is asked for.
    """

    elsewhere: Mapping[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*self.commands, *self.elsewhere})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.elsewhere:
            module = importlib.import_module(f".{self.elsewhere[cmd_name]}", __package__)
            command: click.Command = getattr(module, cmd_name)
            return with_model(cmd_name, command)
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known and not ctx.resilient_parsing:
            raise InputError(f"there is no command {quote(args[0])}: {nearest(args[0], known)}")
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        kwargs["standalone_mode"] = False
        _ready_streams()
        before = _end_as_interrupted()
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
        except SimulateError as error:
            fail(error.lines, error.exit_code)
        except click.exceptions.Exit as stop:
            raise SystemExit(stop.exit_code) from None
        except click.exceptions.NoArgsIsHelpError as error:
            print(error.format_message(), file=sys.stderr)
            raise SystemExit(2) from None
        except click.ClickException as error:
            fail([_told(error)], error.exit_code)
        except (click.Abort, KeyboardInterrupt, Ended) as stop:
            fail(["interrupted; nothing was left half-written"], 128 + getattr(stop, "number", signal.SIGINT))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        except MemoryError:
            fail(["there is not enough memory; take fewer --draws, or a smaller --keep"], 1)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else "standard output cannot be written: "
            fail([f"{where}{error.strerror or error}"], 1)
        except Exception as error:
            if os.environ.get("SIMULATE_DEBUG"):
                raise
            kind = type(error).__name__
            fail([f"internal error: {kind}: {error}; please report it, with what --debug prints"], 1)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
        raise SystemExit(code if isinstance(code, int) else 0)


def _told(error: click.ClickException) -> str:
    """What click found, on one line, and where the right words are listed unless it has named them itself."""
    message = error.format_message().replace("\n", " ")
    context = getattr(error, "ctx", None)
    if context is not None and (more := re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", message)):
        message = _too_many(context, more[1])
    message = message if message.endswith((".", "?", "!")) else f"{message}."
    if context is None or getattr(error, "possibilities", None):
        return message
    return f"{message} '{context.command_path} --help' lists what there is."


def _too_many(context: click.Context, more: str) -> str:
    """That a command takes fewer arguments, and what it takes; of sides, which command takes several."""
    taken = [
        (p.metavar or (p.name or "").upper()).strip("[]")
        for p in context.command.params
        if isinstance(p, click.Argument)
    ]
    told = f"{context.info_name} takes {'one ' + taken[-1] if taken else 'no argument'}, and not {quote(more)} too"
    return f"{told}: 'simulate compare A B' holds several side by side" if "RUN-or-SET" in taken else told


def _ready_streams() -> None:
    """Streams that are closed swallow what is written; characters that they do not know become ?."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        elif hasattr(getattr(sys, name), "reconfigure"):
            getattr(sys, name).reconfigure(errors="replace")


def _end_as_interrupted() -> dict[int, Any]:
    """Have SIGTERM and SIGHUP clean up as Ctrl-C does, unless ignored; the handlers that stood before."""

    def interrupt(number: int, _: Any) -> None:
        raise Ended(number)

    before: dict[int, Any] = {}
    with suppress(ValueError):  # not the main thread
        for number in (getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, interrupt)
    return before


def fail(lines: Iterable[str], code: int) -> None:
    """Print one line for each mistake on standard error, if that is still there, and exit."""
    with suppress(OSError):
        for line in lines:
            print(f"error: {one_line(' '.join(line.split()))}", file=sys.stderr)
    raise SystemExit(code)
