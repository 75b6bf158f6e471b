"""Compare two warehouses built from raw data that should mean the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from support.warehouse import Warehouse

# Relation, key columns and the columns to compare.
OUTPUTS = {
    "indices.fct_resilience": "city_code, year",
    "indices.fct_index_scores": "index_id, city_code, year",
    "indices.fct_index_weights": "index_id, scope_year, indicator_id",
    "indices.fct_indicator_values": "indicator_id, city_code, year",
    "indices.fct_virtual_agglomeration": "city_code, year",
    "indices.fct_location_quotients": "city_code, sector, year",
    "indices.fct_market_potential": "city_code, year",
    "indices.fct_martin_resilience": "city_code, year",
    "intermediate.int_variables_early": "city_code, year",
    "intermediate.int_capital_stocks": "city_code, year",
}


def assert_same(
    plain: Warehouse, changed: Warehouse, relation: str, where: str = "true", except_columns=()
) -> None:
    """All columns of the relation agree to 1e-12, row by row."""
    keys = OUTPUTS[relation]
    query = f"select * from {relation} where {where} order by {keys}"
    before, after = plain.frame(query), changed.frame(query)
    assert len(before) == len(after) > 0, relation
    for column in before.columns.difference(list(except_columns)):
        if pd.api.types.is_float_dtype(before[column]):
            np.testing.assert_allclose(
                after[column], before[column], rtol=1e-12, atol=1e-12, err_msg=column
            )
        else:
            pd.testing.assert_series_equal(after[column], before[column])
