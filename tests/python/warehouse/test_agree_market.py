"""Market potential by three definitions of market size."""

import numpy as np
import pytest

from support.study import MIN_COVERAGE, seed
from support.warehouse import assert_close
from urban_resilience.formulas.market_potential import (
    great_circle_km,
    internal_distance_km,
    market_potential,
)
from urban_resilience.formulas.panel import ratio

SUFFIX = {"retail_internet": "", "retail": "_retail", "gdp": "_gdp"}


def distances(study):
    seats = seed("cities").set_index("city_code").loc[list(study.kept_axes.city_codes)]
    return great_circle_km(
        seats["longitude"].to_numpy(dtype=float), seats["latitude"].to_numpy(dtype=float)
    )


def market_size(study, definition):
    """Market size of kept cities in study years, 100 million yuan."""
    own = {name: study.of_kept(study.filled[name]) for name in study.series}
    if definition == "gdp":
        return own["gdp_100m_yuan"]
    heads_10k = own["registered_population_10k"]
    internet = np.minimum(1, ratio(own["broadband_subscribers_10k"], heads_10k))
    weight = internet if definition == "retail_internet" else 1
    return own["retail_sales_100m_yuan"] * weight


def potential(study, definition):
    """Own, other and total potential; nothing where too few cities have a market throughout."""
    size = market_size(study, definition)
    exists = np.isfinite(size).any(axis=0)
    fixed = np.isfinite(size[:, exists]).all(axis=1) & exists.any()
    if fixed.mean() < MIN_COVERAGE:
        return {f"{name}{SUFFIX[definition]}": np.full(size.shape, np.nan) for name in PARTS}
    weight = distances(study)
    np.fill_diagonal(weight, np.inf)
    own = size / internal_distance_km(study.of_kept(study.filled["land_area_km2"]))
    other = (1 / weight[:, fixed]) @ size[fixed]
    parts = {"lmp": own, "hmp": other, "mp": own + other}
    if definition == "retail_internet":
        # The parts of the study's variable stand or fall with their sum.
        missing = ~np.isfinite(parts["mp"])
        parts = {name: np.where(missing, np.nan, grid) for name, grid in parts.items()}
    return {f"{name}{SUFFIX[definition]}": parts[name] for name in PARTS}


PARTS = ("lmp", "hmp", "mp")


@pytest.mark.parametrize("definition", sorted(SUFFIX))
def test_market_potential(study, warehouse, definition):
    for column, expected in potential(study, definition).items():
        actual = warehouse.grid("indices.fct_market_potential", column, study.kept_axes)
        assert_close(actual, expected, column)


def test_two_statements_of_the_formula_agree(study):
    """The package's own function, where its market is defined, gives the same potential."""
    expected = potential(study, "retail_internet")
    if not np.isfinite(expected["mp"]).any():
        pytest.skip("too few cities of this data set have retail sales and broadband")
    found = market_potential(
        *(
            study.of_kept(study.filled[name])
            for name in (
                "retail_sales_100m_yuan",
                "broadband_subscribers_10k",
                "registered_population_10k",
                "land_area_km2",
            )
        ),
        distances(study),
    )
    for name in PARTS:
        assert_close(expected[name], getattr(found, name), name)


def test_distances(study, warehouse):
    axes = study.kept_axes.city_codes
    rows = warehouse.frame("select * from intermediate.int_city_distances").pivot(
        index="city_code", columns="other_city_code", values="distance_km"
    )
    actual = rows.reindex(index=list(axes), columns=list(axes)).to_numpy()
    expected = distances(study)
    np.fill_diagonal(expected, np.nan)
    assert_close(actual, expected)
