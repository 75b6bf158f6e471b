"""The study of European regions, built from its folder, against pandas and linearmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linearmodels.panel import PanelOLS

from support.dbt import ROOT
from support.study_build import build_study
from support.warehouse import Warehouse

pytestmark = pytest.mark.slow
STUDY = ROOT / "studies" / "eu_regions"
YEARS = range(2010, 2018)
KEYS = ["city_code", "year"]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    run = build_study(STUDY, STUDY / "raw", tmp_path_factory.mktemp("europe"))
    return Warehouse(run.warehouse)


@pytest.fixture(scope="module")
def cleaned():
    """Every region in every year of the file; gaps of at most three years filled in a line."""
    raw = pd.read_csv(STUDY / "raw" / "city_yearbook.csv", keep_default_na=False, na_values=[""])
    raw = raw.rename(columns={"region_code": "city_code"})
    grid = pd.MultiIndex.from_product(
        [raw["city_code"].unique(), range(raw["year"].min(), raw["year"].max() + 1)], names=KEYS
    )
    frame = raw.set_index(KEYS).reindex(grid)
    return frame.groupby("city_code", group_keys=False).apply(lambda part: part.apply(filled))


def filled(series: pd.Series) -> pd.Series:
    inside = series.interpolate(limit_area="inside")
    gap = series.isna().groupby(series.notna().cumsum()).transform("sum")
    return inside.where(series.notna() | (gap <= 3))


@pytest.fixture(scope="module")
def panel(cleaned):
    """Indicators, sample, index and variables of the seeds, written out."""
    city = cleaned.groupby("city_code")
    growth = cleaned["gdp_million_eur"] / city["gdp_million_eur"].shift() - 1
    both = growth.notna() & growth.groupby("city_code").shift().notna()
    volatility = (growth - growth.groupby("city_code").shift()).abs() / 2
    indicators = pd.DataFrame(
        {
            "unemployment": -cleaned["unemployment_rate_percent"],
            "employment_gap": -cleaned["gender_employment_gap_points"].abs(),
            "income_per_head": cleaned["disposable_income_per_head_pps"],
            "growth_volatility": -volatility.where(both),
            "life_expectancy": cleaned["life_expectancy_years"],
        }
    )
    density = cleaned["gdp_million_eur"] * 1e6 / cleaned["population_1_january_persons"]
    frame = pd.DataFrame(
        {
            "ln_gdp_per_head": np.log(density),
            "ln_population": np.log(cleaned["population_1_january_persons"]),
            "gender_gap": cleaned["gender_employment_gap_points"],
        }
    )
    frame["ln_gdp_per_head_before"] = frame.groupby("city_code")["ln_gdp_per_head"].shift()
    study = frame.index.get_level_values("year").isin(YEARS)
    complete = indicators.notna().all(axis=1)
    deciding = pd.concat([complete, frame[["ln_gdp_per_head", "ln_population"]].notna()], axis=1)
    missing = (~deciding[study]).groupby("city_code").sum()
    kept = missing.index[(missing <= 0.25 * len(YEARS) + 1e-6).all(axis=1)]
    frame = frame[study & frame.index.get_level_values("city_code").isin(kept)].copy()
    values = indicators.loc[frame.index][complete.loc[frame.index]]
    score = (values - values.min()) / (values.max() - values.min())
    share = score / score.sum()
    logs = np.log(share.where(share > 0, 1.0))
    divergence = 1 + (share * logs).sum() / np.log(len(score))
    frame["resilience"] = (score * divergence / divergence.sum()).sum(axis=1)
    frame["resilience_equal"] = score.mean(axis=1)
    return frame


def winsorized(series: pd.Series) -> pd.Series:
    """Cut at the first and the last percentile, Hyndman and Fan's type 2, as Stata does."""
    known = series.dropna()
    low, high = np.percentile(known, [1, 99], method="averaged_inverted_cdf")
    return series.clip(low, high)


@pytest.fixture(scope="module")
def sample(panel):
    frame = panel.copy()
    for name in ("resilience", "resilience_equal", "ln_gdp_per_head", "ln_gdp_per_head_before"):
        frame[name] = winsorized(frame[name])
    return frame.dropna(subset=["resilience", "ln_gdp_per_head", "ln_population"])


def test_regions_and_index_equal_pandas(warehouse, panel):
    found = warehouse.frame(
        "select city_code, year, resilience, resilience_equal, ln_gdp_per_head_before, gender_gap"
        " from panel.fct_city_years where is_sampled_city and year between 2010 and 2017"
    ).set_index(KEYS)
    assert set(found.index) == set(panel.index)
    for name in found.columns:
        expected = panel[name].reindex(found.index)
        np.testing.assert_allclose(found[name], expected, rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("spec_id", "outcome", "where"),
    [
        ("eu_two_way", "resilience", ""),
        ("eu_equal_weights", "resilience_equal", ""),
        ("eu_new_members", "resilience", "new"),
    ],
)
def test_two_way_regressions_equal_linearmodels(warehouse, sample, spec_id, outcome, where):
    """Clustered by country. Factor: ours counts years and regressors in K, not the regions.

    The regions are nested in the countries; linearmodels without debiasing has no factor at all.
    """
    frame = sample.dropna(subset=["ln_gdp_per_head_before"])
    country = pd.Series(frame.index.get_level_values("city_code").str[:2], index=frame.index)
    if where:
        groups = pd.read_csv(STUDY / "city_groups.csv", keep_default_na=False)
        codes = groups.loc[groups["group_id"] == "member_since_2004", "city_code"]
        chosen = frame.index.get_level_values("city_code").isin(codes)
        frame, country = frame[chosen], country[chosen]
    rows = frame.groupby("city_code")["resilience"].transform("size")
    frame, country = frame[rows > 1], country[rows > 1]
    x = ["ln_gdp_per_head_before", "ln_population"]
    model = PanelOLS(frame[outcome], frame[x], entity_effects=True, time_effects=True)
    clusters = pd.DataFrame({"country": country.astype("category").cat.codes})
    rule = {"debiased": False, "group_debias": False, "auto_df": False, "count_effects": False}
    result = model.fit(cov_type="clustered", clusters=clusters, **rule)
    n, g = len(frame), country.nunique()
    k = len(x) + frame.index.get_level_values("year").nunique()
    factor = np.sqrt(g / (g - 1) * (n - 1) / (n - k))
    found = warehouse.frame(
        "select term, estimate, std_error, n_obs from results.fct_coefficients"
        " inner join results.fct_model_fits using (spec_id)"
        f" where spec_id = '{spec_id}'"
    ).set_index("term")
    assert (found["n_obs"] == n).all()
    for name in x:
        assert found.loc[name, "estimate"] == pytest.approx(result.params[name], rel=1e-7)
        error = result.std_errors[name] * factor
        assert found.loc[name, "std_error"] == pytest.approx(error, rel=1e-7)


def test_codes_of_letters_and_holes_are_kept_as_they_are(warehouse):
    """No region is lost: 332 are known, the file has 3,299 rows, none is rejected."""
    files = warehouse.frame(
        "select rows_in, rows_rejected, rows_set_aside from quality.fct_raw_files"
        " where table_name = 'city_yearbook'"
    ).iloc[0]
    assert list(files) == [3299, 0, 0]
    assert warehouse.value("select count(*) from panel.fct_sample_decisions") == 332
    norway = "select count(*) from reference.dim_cities where country = 'NO'"
    assert warehouse.value(norway) == 7
