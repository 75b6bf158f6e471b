"""What a variable is computed from in the same year, so that one known in other words is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from urban_resilience.variables.expression import Node

# Functions whose value has the current value in it, besides those of the current value alone.
WITH_THE_CURRENT = ("lead", "diff", "growth", "rolling_mean")
# Functions of other years, of the spread, or of all cities: another quantity.
OF_OTHERS = (
    *("lag", "first_in_city", "rolling_sd"),
    *("mean_in_year", "median_in_year", "sd_in_year", "sum_in_year"),
)


@dataclass(frozen=True)
class Origin:
    """What one variable reads.

    Attributes
    ----------
    same_year
        Columns that its value of a year is computed from, of that year.
    only
        The one column it is a function of, year by year; empty where there are several, or where
        other years enter.
    """

    same_year: frozenset[str]
    only: str = ""


class Origins:
    """What variables are computed from, through whatever others."""

    def __init__(self, origins: Mapping[str, Origin]):
        self._origins = origins

    def chain(self, name: str) -> tuple[str, ...]:
        """Columns that a variable is a function of alone: itself, what it is of, and so on."""
        found = [name]
        while (origin := self._origins.get(found[-1])) and origin.only:
            if origin.only in found:
                break
            found.append(origin.only)
        return tuple(found)

    def is_made_from(self, name: str, other: str) -> bool:
        """Whether a variable is the other in other words, or has it in it in the same year."""
        if self.chain(name)[-1] == self.chain(other)[-1]:
            return True
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current == other:
                return True
            if current in seen or current not in self._origins:
                continue
            seen.add(current)
            waiting += self._origins[current].same_year
        return False


def origin_of(node: Node, resolve: Callable[[str], str]) -> Origin:
    """Find what an expression reads in the same year.

    Parameters
    ----------
    node
        The expression.
    resolve
        From a name in it to the column that is meant.
    """
    read: set[str] = set()
    pure = _collect(node, resolve, read)
    return Origin(frozenset(read), next(iter(read)) if pure and len(read) == 1 else "")


def _collect(node: Node, resolve: Callable[[str], str], read: set[str]) -> bool:
    """Add what is read in the same year; say whether nothing else is read."""
    if node.kind == "name":
        read.add(resolve(node.value))
        return True
    if node.kind == "call" and node.value in OF_OTHERS:
        return False
    pure = [_collect(part, resolve, read) for part in node.parts]
    return all(pure) and not (node.kind == "call" and node.value in WITH_THE_CURRENT)
