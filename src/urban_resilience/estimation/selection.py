"""The rows of the panel that a specification selects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.shared.conditions import ConditionError, select_rows

# The panel of a table that is being made, and what its filters select.
_REMEMBERED: ContextVar[tuple[pd.DataFrame, dict[str, pd.DataFrame]] | None] = ContextVar(
    "remembered", default=None
)


@contextmanager
def remembered_selections(panel: pd.DataFrame) -> Iterator[None]:
    """Select each sample of this panel once: most rows of a study share a filter.

    Nobody may change the panel, or a sample of it, in place meanwhile.
    """
    token = _REMEMBERED.set((panel, {}))
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


def select_sample(panel: pd.DataFrame, sample_filter: str) -> pd.DataFrame:
    """Rows of the panel that satisfy a SQL condition, in city and year order.

    Raises
    ------
    NotEstimableError
        The condition does not work on the rows: most are found before a build, but text read as a
        number shows only here, and leaves a regression without its sample.
    """
    held = _REMEMBERED.get()
    known = held[1] if held and held[0] is panel else {}
    if sample_filter in known:
        return known[sample_filter]
    try:
        rows = known[sample_filter] = select_rows(panel, sample_filter)
        return rows
    except ConditionError as error:
        raise NotEstimableError(str(error)) from error
