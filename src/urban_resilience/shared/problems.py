"""What is wrong with a folder of files, in words that name the place and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from urban_resilience.shared.refusal import Refusal


@dataclass(frozen=True)
class Problem:
    """One thing that stops the intake.

    Attributes
    ----------
    file
        Path relative to the folder, a sheet in brackets; empty where the folder itself is meant.
    what
        The fault with column, row and value where they are known.
    remedy
        What to do about it.
    """

    file: str
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: " if self.file else ""
        return f"{place}{self.what} {self.remedy}".replace("\n", " ").rstrip()


class IntakeError(Refusal):
    """Every problem of a folder, one line each."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class FileFault(Exception):
    """A file that cannot be used; its reader knows no more than the fault and the remedy."""

    def __init__(self, what: str, remedy: str):
        self.what, self.remedy = what, remedy
        super().__init__(f"{what} {remedy}")
