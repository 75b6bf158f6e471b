"""Real output, capital, the production function, misallocation and resilience after Martin."""

import numpy as np

from support.warehouse import assert_close
from urban_resilience.formulas.martin_resilience import martin_resilience
from urban_resilience.formulas.misallocation import (
    capital_elasticity,
    chained_level,
    misallocation,
    perpetual_inventory,
)

CAPITAL_RENTAL_RATE = 0.10
SMALLEST_NATIONAL_GROWTH = 0.005


def price_chain(study):
    return chained_level(study.filled["cpi_prev_year_100"], np.ones(study.axes.shape[0]))


def real_output(study):
    base = study.filled["gdp_100m_yuan"][:, 0]
    return chained_level(study.filled["gdp_index_prev_year_100"], base)


def capital(study):
    investment = study.filled["fixed_asset_investment_100m_yuan"] / price_chain(study)
    return perpetual_inventory(investment, study.axes.years)


def test_real_output_and_prices(study, warehouse):
    for column, expected in (
        ("real_output", real_output(study)),
        ("price_chain", price_chain(study)),
    ):
        actual = warehouse.grid("intermediate.int_real_output", column, study.axes)
        assert_close(actual, expected, column)
        assert np.isfinite(expected).mean() > 0.9


def test_capital(study, warehouse):
    actual = warehouse.grid("intermediate.int_capital_stocks", "capital", study.axes)
    expected = capital(study)
    assert_close(actual, expected)
    assert np.isfinite(expected).mean() > 0.7


def factors(study):
    """Output, capital and labour of kept cities in study years."""
    labour = study.filled["employed_persons_10k"]
    return [study.of_kept(grid) for grid in (real_output(study), capital(study), labour)]


def elasticity(warehouse):
    row = warehouse.frame("select * from intermediate.est_production_function").iloc[0]
    return row["capital_elasticity"]


def test_capital_elasticity(study, warehouse):
    output, stock, labour = factors(study)
    present = (output > 0) & (stock > 0) & (labour > 0)
    expected = capital_elasticity(
        *(np.where(present, grid, np.nan) for grid in (output, stock, labour))
    )
    assert_close(elasticity(warehouse), expected)
    assert 0 < expected < 1


def test_misallocation(study, warehouse):
    output, stock, labour = factors(study)
    found = misallocation(output, stock, labour)
    alpha = elasticity(warehouse)
    expected = {
        "dist_k": found.dist_k,
        "dist_l": found.dist_l,
        "dist": alpha * found.dist_k + (1 - alpha) * found.dist_l,
    }
    for column, grid in expected.items():
        relation = "indices.fct_resource_misallocation"
        assert_close(warehouse.grid(relation, column, study.kept_axes), grid, column)


def test_factor_wedges(study, warehouse):
    """The production-function variant: marginal products over the prices of the factors."""
    output, stock, labour = factors(study)
    present = (output > 0) & (stock > 0) & (labour > 0)
    wage = study.of_kept(study.filled["average_wage_yuan"] / price_chain(study))
    alpha = elasticity(warehouse)
    with np.errstate(invalid="ignore", divide="ignore"):
        of_capital = alpha * output / stock / CAPITAL_RENTAL_RATE
        # 100 million yuan over 10,000 persons is 10,000 yuan a person.
        of_labour = (1 - alpha) * output / labour * 1e4 / wage
    expected = {
        "capital_wedge": of_capital,
        "labour_wedge": of_labour,
        "factor_wedge": of_capital**alpha * of_labour ** (1 - alpha),
    }
    for column, grid in expected.items():
        actual = warehouse.grid("indices.fct_resource_misallocation", column, study.kept_axes)
        assert_close(actual, np.where(present, grid, np.nan), column)


def test_martin_resilience(study, warehouse):
    output = real_output(study)[study.kept]
    expected = martin_resilience(output, study.axes.years)[:, study.study]
    relation = "indices.fct_martin_resilience"
    assert_close(warehouse.grid(relation, "martin_resilience", study.kept_axes), expected)


def test_annual_martin_resilience(study, warehouse):
    output = real_output(study)[study.kept]
    base_2007, base_2011 = (output[:, study.axes.years.index(year)] for year in (2007, 2011))
    expected = np.full(study.kept_axes.shape, np.nan)
    for column, year in enumerate(study.kept_axes.years):
        position = study.axes.years.index(year)
        now, before = output[:, position], output[:, position - 1]
        # A city counts where it has the base of its phase, as in the cumulative measure.
        phase_base = base_2007 if year <= 2011 else base_2011
        both = np.isfinite(now) & np.isfinite(before) & np.isfinite(phase_base)
        national = now[both].sum() / before[both].sum() - 1
        if abs(national) >= SMALLEST_NATIONAL_GROWTH:
            growth = np.where(both, now / before - 1, np.nan)
            expected[:, column] = (growth - national) / abs(national)
    relation = "indices.fct_martin_resilience"
    actual = warehouse.grid(relation, "martin_resilience_annual", study.kept_axes)
    assert_close(actual, expected)
