"""The reference of every command, from the commands themselves."""

from __future__ import annotations

from typing import Any

WIDTH = 100


def reference(group: Any) -> str:
    """Write the help of every command below the heading of its group, in Markdown.

    Parameters
    ----------
    group
        The command that holds the others.
    """
    lines: list[str] = []
    heading = None
    parent = group.make_context(
        "urban-resilience",
        [],
        resilient_parsing=True,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
    )
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if command.rich_help_panel != heading:
            heading = command.rich_help_panel
            lines += [f"## {heading}", ""]
        context = command.make_context(name, [], parent=parent, resilient_parsing=True)
        lines += [f"### {name}", "", "```text", *_trimmed(context.get_help()), "```", ""]
    return "\n".join(lines)


def _trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
