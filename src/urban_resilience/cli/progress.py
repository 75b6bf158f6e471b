"""Step, count and time of what takes long: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from urban_resilience.shared.steps import Tell

# Of so many steps each has its line; of more, one every so many seconds has.
FEW, OFTEN = 20, 5.0


@contextmanager
def steps(title: str) -> Iterator[Tell]:
    """Give a function that shows each step on standard error while it runs."""
    if sys.stderr.isatty():
        with _bar(title) as tell:
            yield tell
        return
    start = time.monotonic()
    shown = [-OFTEN]

    def line(step: str, number: int, total: int) -> None:
        seconds = time.monotonic() - start
        # Many small steps would fill a log.
        if total > FEW and seconds - shown[-1] < OFTEN:
            return
        shown.append(seconds)
        print(
            f"{title}: {number:>3} of {total}  {seconds:>4.0f} s  {step}",
            file=sys.stderr,
            flush=True,
        )

    yield line


@contextmanager
def _bar(title: str) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("{task.fields[step]}"),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None, step="")

        def tell(step: str, number: int, total: int) -> None:
            progress.update(task, completed=number - 1, total=total, step=step)

        yield tell
