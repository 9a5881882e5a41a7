"""The command line: arguments in, exit codes out. Results go to stdout, all else to stderr.

Exit codes: 0 done, whatever the verdicts; 1 a cell failed, or the scheduler was lost or
unreachable; 2 bad input; 130 interrupted. A bug is none of these: it keeps its traceback.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click

from scalinglaws.errors import ScalingLawsError, UnknownName

# Command -> where it lives: a command's module is imported only when the command is used.
COMMANDS = {
    "list": "experiments:list_command",
    "run": "experiments:run_command",
    "report": "experiments:report_command",
    "reproduce": "experiments:reproduce_command",
    "dimension": "dimension.command:command",
    "fit": "fit:command",
    "data": "data:command",
}
BAD_INPUT = 2
INTERRUPTED = 130
MAX_LINES = 3
MAX_LINE = 600


class Program(click.Group):
    """A group whose commands are imported on use and whose errors are short messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        return getattr(importlib.import_module(f"{__name__}.{module}"), name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownName("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run, turn every expected error into a message on stderr, and exit."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        with _sigterm_interrupts():
            sys.exit(self._exit_code(*args, **extra))

    def _exit_code(self, *args: Any, **extra: Any) -> int:
        try:
            return super().main(*args, standalone_mode=False, **extra) or 0
        except ScalingLawsError as error:
            return _complain(str(error), error.exit_code)
        except click.ClickException as error:
            return _complain(_usage(error), BAD_INPUT)
        except click.Abort:  # click's name for a KeyboardInterrupt
            return _complain("interrupted", INTERRUPTED)
        except MemoryError as error:
            why = f"out of memory {error}".strip()
            return _complain(f"{why}: use a smaller file or budget, or fewer workers", BAD_INPUT)
        except OSError as error:
            where = os.fsdecode(error.filename) if error.filename else "the system refused"
            return _complain(f"{where}: {error.strerror or error}", BAD_INPUT)


@contextmanager
def _sigterm_interrupts() -> Generator[None]:
    """SIGTERM raises KeyboardInterrupt, as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _usage(error: click.ClickException) -> str:
    """Click's message, then where the rule can be read."""
    context = getattr(error, "ctx", None)
    if context is None:
        return error.format_message()
    return f"{error.format_message()}\nsee {context.command_path} --help"


def _complain(message: str, exit_code: int) -> int:
    """Write `message` to stderr and return the exit code.

    This is the one way out for error texts, so it also holds the line against what a hostile
    file or argument may have put into them: control characters, floods.
    """
    lines = f"error: {message}".splitlines()
    for line in lines[: MAX_LINES if exit_code == BAD_INPUT else None]:
        cut = line if len(line) <= MAX_LINE else line[: MAX_LINE - 3] + "..."
        click.echo("".join(c if c.isprintable() else repr(c)[1:-1] for c in cut), err=True)
    return exit_code


@click.group(cls=Program, no_args_is_help=False)
@click.version_option(package_name="scalinglaws", message="scalinglaws %(version)s")
def main() -> None:
    """Measure, explain and predict neural scaling laws."""
