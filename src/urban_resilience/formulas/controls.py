"""The six control variables of the baseline regression."""

from __future__ import annotations

import numpy as np

from urban_resilience.formulas.panel import positive_log, ratio

CONTROLS = ("pop", "open", "fre", "road", "wage", "edu")


def control_variables(raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Compute the controls from interpolated raw series.

    Parameters
    ----------
    raw : dict of ndarray, shape (n_cities, n_years)
        Raw yearbook series by column name.

    Returns
    -------
    dict of ndarray, shape (n_cities, n_years)
        Natural logarithms: ``pop`` registered persons per km2, ``open`` one plus US dollars of
        foreign direct investment used per registered person, ``fre`` road freight in 10,000 t,
        ``road`` m2 of road per head, ``wage`` yuan a year, ``edu`` college students per 10,000
        registered persons. A zero inside a plain logarithm is missing.

    Raises
    ------
    KeyError
        If a raw series is absent.
    """
    heads_10k = raw["registered_population_10k"]
    persons = heads_10k * 1e4
    return {
        "pop": positive_log(ratio(persons, raw["land_area_km2"])),
        "open": positive_log(1 + ratio(raw["fdi_used_million_usd"] * 1e6, persons)),
        "fre": positive_log(raw["road_freight_10k_tonnes"]),
        "road": positive_log(raw["road_area_per_capita_m2"]),
        "wage": positive_log(raw["average_wage_yuan"]),
        "edu": positive_log(ratio(raw["college_students_persons"], heads_10k)),
    }
