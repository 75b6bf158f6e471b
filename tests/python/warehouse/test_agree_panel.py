"""The winsorized panel, the digital-infrastructure split, treatment timing and Table 2."""

import numpy as np
import pytest

from support.study import seed
from support.warehouse import assert_close
from urban_resilience.formulas.digital_infrastructure import is_above_year_median
from urban_resilience.formulas.winsorizing import type_two_percentile, winsorize

PANEL = "panel.fct_estimation_panel"
ROWS = seed("panel_variables").set_index("variable")
PERCENT = ROWS["winsorize_percent"].dropna().astype(float)


@pytest.mark.parametrize("variable", PERCENT.index)
def test_winsorized_variable(study, warehouse, variable):
    """Every constructed variable is compared where it is made; here, what winsorizing does."""
    where = f"year in {study.kept_axes.years} and is_sampled_city"
    before = warehouse.grid("panel.fct_city_years", variable, study.kept_axes, where)
    after = warehouse.grid(PANEL, variable, study.kept_axes)
    assert_close(after, winsorize(before, PERCENT[variable], 100 - PERCENT[variable]))


def test_panel_rows_are_the_kept_city_years(study, warehouse):
    rows = warehouse.frame(f"select city_code, year from {PANEL} order by all")
    expected = [(c, y) for c in study.kept_axes.city_codes for y in study.kept_axes.years]
    assert list(rows.itertuples(index=False, name=None)) == expected


def test_table_2(study, warehouse):
    table = warehouse.frame("select * from panel.rpt_descriptive_statistics order by position")
    assert list(table["variable"]) == list(ROWS.index[ROWS["is_described"] == "true"])
    assert set(study.decision.missing_years) == set(table["variable"])
    sample = study.decision.in_sample[study.kept]
    for row in table.itertuples():
        values = warehouse.grid(PANEL, row.variable, study.kept_axes)[sample]
        values = values[np.isfinite(values)]
        assert row.n_obs == values.size
        assert_close(
            [row.mean, row.sd, row.minimum, row.maximum],
            [values.mean(), values.std(ddof=1), values.min(), values.max()],
            row.variable,
        )


def test_quartile_of_geographic_agglomeration(study, warehouse):
    """Pooled over the estimation sample; a value on a quartile belongs below it."""
    agg = warehouse.grid(PANEL, "agg", study.kept_axes)
    sample = agg[study.decision.in_sample[study.kept]]
    if not np.isfinite(sample).any():
        pytest.skip("this data set has no geographic agglomeration")
    bounds = [type_two_percentile(sample, percent) for percent in (25, 50, 75)]
    expected = np.where(np.isfinite(agg), np.searchsorted(bounds, agg, side="left"), np.nan)
    position = "list_position(['low', 'lower', 'higher', 'high'], agg_quartile)"
    assert_close(warehouse.grid(PANEL, position, study.kept_axes), expected + 1)


def test_high_digital_infrastructure(study, warehouse):
    relation = "indices.fct_digital_infrastructure"
    if warehouse.value(f"select count(*) from {relation}") == 0:
        pytest.skip("this data set has no digital infrastructure")
    score = warehouse.grid(relation, "digital_infrastructure", study.kept_axes)
    known = np.isfinite(score)
    for column, expected in (
        ("is_high_in_year", is_above_year_median(score)),
        ("is_high_pooled", score > np.nanmedian(score)),
    ):
        actual = warehouse.grid(relation, column, study.kept_axes)
        assert_close(actual, np.where(known, expected, np.nan), column)


@pytest.mark.parametrize("policy", ["smart_city", "broadband_china", "low_carbon_city"])
def test_first_full_year_of_each_policy(study, warehouse, policy):
    """A city named in several batches takes the first; partial pilots are dated apart."""
    columns = ["policy_id", "city_code", "batch", "year", "scope"]
    pilots = seed("policy_pilots")[columns]
    supplied = study.read("policy_pilots")
    if supplied is not None and policy in set(supplied["policy_id"]):
        # A supplied policy takes the place of the whole policy of the seed.
        pilots = supplied[columns].astype(str)
    pilots = pilots.query("policy_id == @policy").astype({"year": int})
    for column, scope in ((f"{policy}_year", "full"), (f"{policy}_partial_year", "partial")):
        first = pilots[pilots["scope"] == scope].groupby("city_code")["year"].min()
        expected = first.reindex(list(study.kept_axes.city_codes)).to_numpy(dtype=float)
        actual = warehouse.grid(PANEL, column, study.kept_axes)
        assert_close(actual, np.repeat(expected[:, None], 12, axis=1), column)
