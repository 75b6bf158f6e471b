"""The yearbook in the forms people hold it in gives the very same table as the contract's."""

import pandas as pd
import pytest

from support.disguise import DISGUISES
from urban_resilience.intake import prepare

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
    if prepared["city_name_zh"].isna().all():
        yearbook = yearbook.assign(city_name_zh=prepared["city_name_zh"])
    same_table(prepared, yearbook, rtol)
    return report


@pytest.mark.thorough
@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_a_disguised_yearbook_is_the_same_to_the_last_bit(disguise, small_files, tmp_path):
    report = check(disguise, small_files["city_yearbook"], tmp_path)
    assert not report.problems
    kept = {column for source in report.sources for _, column in source.columns}
    assert len(kept) >= 31


@pytest.mark.thorough
@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_real_figures_survive_the_same(disguise, real_raw, tmp_path):
    yearbook = pd.read_parquet(real_raw / "city_yearbook.parquet")
    codes = sorted(yearbook["city_code"].unique())[::8]
    rows = yearbook[yearbook["city_code"].isin(codes)].reset_index(drop=True)
    # Some real figures have 17 digits. A spreadsheet that holds 10,000 times such a figure, written
    # with 16 digits, has lost its last bits before anyone reads it.
    check(disguise, rows, tmp_path, rtol=TWO_UNITS_IN_THE_LAST_PLACE)
