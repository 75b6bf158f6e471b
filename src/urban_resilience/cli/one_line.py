"""Errors as people want them: one line with the remedy on standard error, and an exit code."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

from urban_resilience.cli.plain_help import write_commands, write_parameters
from urban_resilience.shared.refusal import Refusal

# What a shell has for a command that was stopped from the keyboard.
STOPPED = 130


class OneLineGroup(TyperGroup):
    """Commands whose faults of the user end in a line; a fault of ours keeps its traceback.

    What a command returns is its exit code.
    """

    def main(
        self,
        args: Any = None,
        prog_name: Any = None,
        complete_var: Any = None,
        standalone_mode: Any = True,
        windows_expand_args: Any = True,
        **extra: Any,
    ) -> Any:
        """Run; a usage that cannot be meant is said as any other fault is."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            path = getattr(getattr(error, "ctx", None), "command_path", "urban-resilience")
            text = " ".join(error.format_message().split())
            print(f"{path}: {text} (`{path} --help` explains)", file=sys.stderr)
            code = error.exit_code
        except typer.Abort:
            code = STOPPED
        if standalone_mode:
            sys.exit(code)
        return code

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write options, then the commands by what they are for."""
        write_parameters(self, ctx, formatter)
        write_commands(self, formatter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Who closes a pipe has read enough; what is left is a fault of ours.
            if isinstance(error, BrokenPipeError) or not isinstance(error, _users_faults()):
                raise
            place = f"{ctx.command_path} {ctx.invoked_subcommand or ''}".rstrip()
            print(f"{place}: {in_words(error)}", file=sys.stderr)
            raise typer.Exit(getattr(error, "exit_code", 1)) from None


def in_words(error: Exception) -> str:
    """Say what is wrong and what to do about it."""
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, OSError):
        if error.strerror is None:
            return str(error)  # Raised by us, with its remedy.
        named = f"{error.filename}: " if error.filename else ""
        missing = isinstance(error, FileNotFoundError)
        remedy = "name one that is there" if missing else "name another place, or mend this one"
        return f"{named}{error.strerror}: {remedy}"
    text = " ".join(str(error).split())
    if "lock" in text.lower():
        return f"another program has the file open to write it: close that one first ({text})"
    return f"the file cannot be read, or is of another version: `make build` makes it anew ({text})"


def _users_faults() -> tuple[type[Exception], ...]:
    # Nothing that was not imported has raised anything.
    duckdb = sys.modules.get("duckdb")
    return (Refusal, OSError, *((duckdb.Error,) if duckdb else ()))
