"""Help in groups as plain text: what draws boxes takes longer to import than all the rest."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

PLACES = "Where things are"


class PlainCommand(TyperCommand):
    """A command whose options stand under the headings that they name."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options by heading."""
        write_parameters(self, ctx, formatter)


def write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    """Write what a command takes, one section per heading, in the order of the first of each."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        is_argument = parameter.param_type_name == "argument"
        heading = parameter.rich_help_panel or ("Arguments" if is_argument else "Options")
        if record is not None:
            sections.setdefault(heading, []).append(record)
    # What a command does comes before where things are, which all of them can be told.
    common = sections.pop(PLACES, [])
    write_sections(sections | ({PLACES: common} if common else {}), formatter)


def write_commands(group: Any, formatter: Any) -> None:
    """Write the commands of a group by heading, each with the first paragraph of its help."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for name, command in group.commands.items():
        if command.hidden:
            continue
        first = (command.help or "").split("\n\n")[0]
        sections.setdefault(command.rich_help_panel, []).append((name, " ".join(first.split())))
    write_sections(sections, formatter)


def write_sections(sections: dict[str, list[tuple[str, str]]], formatter: Any) -> None:
    """Write lists of names and texts, each below its heading."""
    for heading, rows in sections.items():
        with formatter.section(heading):
            formatter.write_dl(rows)


def examples(*lines: str, heading: str = "Examples:") -> str:
    """Lay lines out for the end of a help, each left as it is."""
    # The mark keeps the lines of a paragraph apart.
    return "\n".join([heading, "", "\b", *(f"  {line}" for line in lines)])
