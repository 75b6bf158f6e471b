"""The yearbook in the forms people hold it in gives the very same table as the contract's."""

import pandas as pd
import pytest

from support.disguise import DISGUISES
from support.disguise_shapes import SHAPES
from urban_resilience.intake import prepare
from urban_resilience.intake.checking.project_sql import ProjectSql
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.database import connect

KEYS = ["city_code", "year"]
TWO_UNITS_IN_THE_LAST_PLACE = 2.0**-51


def same_table(prepared, expected, rtol):
    """Equal whatever the order of rows; to the last bit where rtol is 0."""
    columns = [c for c in expected.columns if c in prepared.columns]
    left = prepared[columns].sort_values(KEYS, ignore_index=True)
    right = expected[columns].sort_values(KEYS, ignore_index=True)
    pd.testing.assert_frame_equal(
        left, right, check_exact=rtol == 0, check_dtype=False, rtol=rtol, atol=0
    )


def check(disguise, yearbook, folder, rtol=0.0):
    disguise(yearbook, folder / "原始 数据")
    report = prepare(folder / "原始 数据", folder / "out")
    assert report.n_unreadable == 0, report.unreadable[:3]
    prepared = pd.read_parquet(folder / "out" / "city_yearbook.parquet")
    names = prepared["city_name_zh"]
    # Names are as the file has them: none, or in English.
    if names.isna().all() or names.str.isascii().all():
        prepared = prepared.drop(columns="city_name_zh")
    same_table(prepared, yearbook, rtol)
    return report


@pytest.mark.slow
@pytest.mark.parametrize("disguise", (*DISGUISES, *SHAPES), ids=lambda disguise: disguise.__name__)
def test_a_disguised_yearbook_is_the_same_to_the_last_bit(disguise, small_files, tmp_path):
    report = check(disguise, small_files["city_yearbook"], tmp_path)
    assert not report.problems
    kept = {column for source in report.sources for _, column in source.columns}
    series = {c.name for c in contract()["city_yearbook"].columns if c.dimension}
    assert len(kept & series) == 29


@pytest.mark.thorough
@pytest.mark.parametrize("disguise", (*DISGUISES, *SHAPES), ids=lambda disguise: disguise.__name__)
def test_real_figures_survive_the_same(disguise, real_raw, tmp_path):
    yearbook = pd.read_parquet(real_raw / "city_yearbook.parquet")
    codes = sorted(yearbook["city_code"].unique())[::8]
    rows = yearbook[yearbook["city_code"].isin(codes)].reset_index(drop=True)
    # Some real figures have 17 digits. A spreadsheet that holds 10,000 times such a figure, written
    # with 16 digits, has lost its last bits before anyone reads it.
    check(disguise, rows, tmp_path, rtol=TWO_UNITS_IN_THE_LAST_PLACE)


def cleaned(folder) -> pd.DataFrame:
    """The cleaned yearbook of a folder, by the project's own SQL."""
    prepare(folder / "raw", folder / "out")
    with connect() as connection:
        relation = ProjectSql(connection, folder / "out").relation("int_yearbook_cleaned")
        return connection.sql(f"from {relation} order by city_code, year").df()


@pytest.mark.thorough
def test_shares_and_figures_per_head_give_the_same_cleaned_panel(small_files, tmp_path):
    rows = small_files["city_yearbook"].sort_values(KEYS, ignore_index=True)
    plain, disguised = tmp_path / "plain", tmp_path / "disguised"
    for folder in (plain, disguised):
        (folder / "raw").mkdir(parents=True)
    gdp, people = rows["gdp_100m_yuan"], rows["registered_population_10k"]
    told = rows["secondary_output_100m_yuan"].notna() & gdp.notna() & people.notna()
    # What cannot be told in another way is missing in both.
    rows.loc[~told, ["secondary_output_100m_yuan", "tertiary_output_100m_yuan"]] = None
    rows.to_parquet(plain / "raw" / "city_yearbook.parquet", index=False)
    other = rows.drop(columns=["secondary_output_100m_yuan", "tertiary_output_100m_yuan"])
    other["第二产业占GDP的比重(%)"] = 100 * rows["secondary_output_100m_yuan"] / gdp
    other["第三产业占GDP比重"] = rows["tertiary_output_100m_yuan"] / gdp
    other["人均地区生产总值(元)"] = 10_000 * gdp / people
    other.loc[told & (rows.index % 3 == 0), "gdp_100m_yuan"] = None
    other.to_csv(disguised / "raw" / "年鉴.csv", index=False)

    expected, found = cleaned(plain), cleaned(disguised)
    values = [name for name in expected if not name.endswith("_imputation")]
    pd.testing.assert_frame_equal(found[values], expected[values], rtol=1e-12, atol=0)
    codes = found["gdp_100m_yuan_imputation"].value_counts()
    assert codes["derived_from_per_head_registered"] == int((told & (rows.index % 3 == 0)).sum())
    assert (found["secondary_output_100m_yuan_imputation"] == "derived_from_share").sum() == (
        expected["secondary_output_100m_yuan_imputation"] == "observed"
    ).sum()
