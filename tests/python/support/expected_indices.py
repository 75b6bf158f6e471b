"""Entropy weights and scores in NumPy, as the warehouse should have them."""

import numpy as np
import pandas as pd

from support.study import seed
from urban_resilience.formulas.entropy_index import min_max, shannon_entropy

INDICES = seed("index_definitions").set_index("index_id").to_dict("index")


def definition(index_id: str) -> tuple[dict, pd.DataFrame]:
    """The row of the index and the rows of its indicators."""
    row = INDICES[index_id]
    indicators = seed("index_indicators").query("indicator_set == @row['indicator_set']")
    return row, indicators.set_index("indicator_id")


def weigh(values, directions, zero_shift):
    """Entropy, divergence and min-max scores; a constant column has no weight."""
    scores = min_max(values, directions)
    entropy = shannon_entropy(scores + zero_shift)
    varies = values.max(axis=0) > values.min(axis=0)
    return np.where(varies, entropy, np.nan), np.where(varies, 1 - entropy, 0), scores


def expected_tables(study, index_id):
    """Weights by scope and indicator, scores by city-year and dimension, all by hand."""
    row, indicators = definition(index_id)
    names = [name for name in indicators.index if name in study.used]
    sign = np.where(indicators.loc[names, f"direction_{row['direction']}"] == "positive", 1, -1)
    dimensions = indicators.loc[names, "dimension"].to_numpy()
    cube = np.stack([study.of_kept(study.indicators[name]) for name in names], axis=-1)
    complete = np.isfinite(cube).all(axis=-1)
    cities, years = np.nonzero(complete)
    scopes = years if row["scope"] == "by_year" else np.full(years.size, -1)
    weights, scores = [], []
    for scope in np.unique(scopes):
        inside = scopes == scope
        values = cube[cities[inside], years[inside]]
        entropy, divergence, normalized = weigh(values, sign, float(row["zero_shift"]))
        for position, name in enumerate(names):
            peers = dimensions == dimensions[position]
            weights.append(
                {
                    "scope_year": study.kept_axes.years[scope] if scope >= 0 else -1,
                    "indicator_id": name,
                    "city_years": int(inside.sum()),
                    "lower_bound": values[:, position].min(),
                    "upper_bound": values[:, position].max(),
                    "entropy": entropy[position],
                    "divergence": divergence[position],
                    "weight": divergence[position] / divergence.sum(),
                    "weight_in_dimension": divergence[position] / divergence[peers].sum(),
                    "dimension_weight": divergence[peers].sum() / divergence.sum(),
                }
            )
        for dimension in dict.fromkeys(dimensions):
            peers = dimensions == dimension
            within = divergence[peers] / divergence[peers].sum()
            scores.append(
                pd.DataFrame(
                    {
                        "city_code": np.asarray(study.kept_axes.city_codes)[cities[inside]],
                        "year": np.asarray(study.kept_axes.years)[years[inside]],
                        "dimension": dimension,
                        "score": (normalized[:, peers] * within).sum(axis=1),
                        "dimension_weight": divergence[peers].sum() / divergence.sum(),
                    }
                )
            )
    return pd.DataFrame(weights), pd.concat(scores, ignore_index=True)
