"""Weights and scores of every index in NumPy, as the warehouse should have them."""

import numpy as np
import pandas as pd

from support.study import seed
from urban_resilience.formulas.composite_index import composite_index, proportions
from urban_resilience.formulas.entropy_index import min_max, shannon_entropy

INDICES = (
    seed("index_definitions")
    .fillna({"zero_shift": "0", "score_floor": "0"})
    .set_index("index_id")
    .to_dict("index")
)


def definition(index_id: str) -> tuple[dict, pd.DataFrame]:
    """The row of the index and the rows of its indicators."""
    row = INDICES[index_id]
    members = seed("index_indicators").query("indicator_set == @row['indicator_set']")
    return row, members.set_index("indicator_id")


def expected_tables(study, index_id):
    """Weights by scope and indicator, scores by city-year and dimension, scores by city-year."""
    row, indicators = definition(index_id)
    names = [name for name in indicators.index if name in study.used]
    sign = np.where(indicators.loc[names, f"direction_{row['direction']}"] == "positive", 1, -1)
    given = indicators.loc[names, "given_weight"].to_numpy(float)
    dimensions = tuple(indicators.loc[names, "dimension"])
    cube = np.stack([study.of_kept(study.indicators[name]) for name in names], axis=-1)
    complete = np.isfinite(cube).all(axis=-1)
    cities, years = np.nonzero(complete)
    scopes = years if row["scope"] == "by_year" else np.full(years.size, -1)
    weights, parts, scores = [], [], []
    for scope in np.unique(scopes):
        inside = scopes == scope
        values = cube[cities[inside], years[inside]]
        found = proportions(values, sign, row["weighting"], given, float(row["zero_shift"]))
        how = (row["normalization"], row["aggregation"], float(row["score_floor"]))
        index = composite_index(values, dimensions, sign, found, *how)
        shares = index.dimension_weight[[index.dimensions.index(d) for d in dimensions]]
        weights.append(
            pd.DataFrame(
                {
                    "scope_year": study.kept_axes.years[scope] if scope >= 0 else -1,
                    "indicator_id": names,
                    "city_years": inside.sum(),
                    "lower_bound": values.min(axis=0),
                    "upper_bound": values.max(axis=0),
                    "proportion": found,
                    "weight": index.weight,
                    "weight_in_dimension": index.weight / shares,
                    "dimension_weight": shares,
                }
            )
        )
        if row["weighting"] == "entropy":
            varies = values.max(axis=0) > values.min(axis=0)
            entropy = shannon_entropy(min_max(values, sign) + float(row["zero_shift"]))
            weights[-1]["entropy"] = np.where(varies, entropy, np.nan)
            weights[-1]["divergence"] = found
        if row["normalization"] == "z_score":
            weights[-1]["mean_value"] = values.mean(axis=0)
            weights[-1]["standard_deviation"] = values.std(axis=0)
        keys = {
            "city_code": np.asarray(study.kept_axes.city_codes)[cities[inside]],
            "year": np.asarray(study.kept_axes.years)[years[inside]],
        }
        scores.append(pd.DataFrame(keys | {"score": index.index}))
        parts += [
            pd.DataFrame(
                keys
                | {
                    "dimension": dimension,
                    "score": index.dimension_score[:, place],
                    "dimension_weight": index.dimension_weight[place],
                }
            )
            for place, dimension in enumerate(index.dimensions)
        ]
    return tuple(pd.concat(tables, ignore_index=True) for tables in (weights, parts, scores))
