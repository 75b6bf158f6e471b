"""Columns of the estimation panel, known before there is one: from the seeds of the study."""

from __future__ import annotations

from collections.abc import Iterable

from urban_resilience.variables.catalog import TEXT, TRUTH, YEAR, catalog
from urban_resilience.variables.study_variables import compile_study


def panel_columns(policies: Iterable[str] = ()) -> dict[str, str]:
    """Return the SQL type of every column of ``fct_estimation_panel``, by name.

    Parameters
    ----------
    policies
        Policies that a raw folder brings besides those of the seed.

    Returns
    -------
    dict of str to str
        Without the variables whose rows are wrong.
    """
    policies = list(policies)
    compiled, sources = compile_study(policies), catalog(policies)
    columns = {"city_code": TEXT, "year": YEAR, "city_name_en": TEXT, "city_name_zh": TEXT}
    for kind in ("place", "group"):
        columns |= {name: found.data_type for name, found in sources.of_kind(kind).items()}
    columns |= {
        item.name: compiled.types[item.name]
        for item in compiled.variables
        if item.name in compiled.types
    }
    columns |= {name: YEAR for name in sources.of_kind("policy")}
    columns["is_estimation_sample"] = TRUTH
    columns |= {item.split_name: TEXT for item in compiled.variables if item.split_into}
    return {**columns, "data_origin": TEXT}
