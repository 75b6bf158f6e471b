"""The command line, run within the test."""

from __future__ import annotations

from dataclasses import dataclass

from typer.testing import CliRunner

from urban_resilience.cli.app import app


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str


def run_command(*arguments: object, **environment: str | None) -> Ended:
    """Run a command with its arguments; an error that is ours, not the user's, is raised."""
    # Where things are is said by the test, whatever the machine's environment says.
    places = {"STUDY": None, "RAW_DATA_DIR": None, "WAREHOUSE_PATH": None}
    ended = CliRunner().invoke(
        app, [str(argument) for argument in arguments], env={**places, **environment},
        prog_name="urban-resilience",
    )  # fmt: skip
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)
