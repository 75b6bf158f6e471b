"""The rows of the panel that a specification selects."""

from __future__ import annotations

import pandas as pd

from urban_resilience.estimation.fit import NotEstimableError
from urban_resilience.shared.conditions import ConditionError, select_rows


def select_sample(panel: pd.DataFrame, sample_filter: str) -> pd.DataFrame:
    """Rows of the panel that satisfy a SQL condition, in city and year order.

    Raises
    ------
    NotEstimableError
        The condition does not work on the rows: most are found before a build, but text read as a
        number shows only here, and leaves a regression without its sample.
    """
    try:
        return select_rows(panel, sample_filter)
    except ConditionError as error:
        raise NotEstimableError(str(error)) from error
