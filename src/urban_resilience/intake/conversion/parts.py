"""Rows of a part of a city, lifted to it: what else they say is of the part too."""

from __future__ import annotations

from urban_resilience.intake.vocabulary.contract import Table

SCOPE, PARTIAL = "scope", "partial"


def scope_of_part(table: Table, values: dict[str, object]) -> str:
    """Let a row say that it holds for a part of the city only, where its table has a scope.

    A pilot in 昆山 does not make 苏州 a pilot, whatever the list says of 昆山 as a whole.

    Returns
    -------
    str
        What was changed; empty where nothing was.
    """
    if SCOPE not in table.names or values.get(SCOPE) == PARTIAL:
        return ""
    values[SCOPE] = PARTIAL
    return f"a county or district, so `{SCOPE}` is {PARTIAL}"
