"""The same data in another form give the same indices."""

import pandas as pd
import pytest

from support.comparison import OUTPUTS, assert_same
from support.raw import build_indices, save
from support.warehouse import Warehouse
from urban_resilience.formulas.location_quotients import active_member_stocks
from urban_resilience.formulas.panel import city_year_axes

pytestmark = pytest.mark.slow

MEMBER_OUTPUTS = ("indices.fct_location_quotients", "indices.fct_virtual_agglomeration")
# Counts are stocks: nobody knows from them who joined when.
ONLY_FROM_RECORDS = ("lq_joiners", "vagg_joiners", "member_source")


def with_counts_for_records(files):
    """The stocks of members by city, industry and year in place of the records behind them."""
    records = files["platform_members"]
    axes = city_year_axes(files["city_yearbook"])
    industries = tuple(sorted(records["industry_code"].unique()))
    records = records.assign(sector=records["industry_code"])
    stocks = active_member_stocks(records, axes.city_codes, industries, axes.years)
    keys = pd.MultiIndex.from_product(
        [axes.city_codes, industries, axes.years], names=["city_code", "industry_code", "year"]
    )
    counts = pd.DataFrame({"member_count": stocks.reshape(-1).astype(float)}, index=keys)
    kept = {name: rows for name, rows in files.items() if name != "platform_members"}
    return {**kept, "platform_member_counts": counts.reset_index()}


@pytest.fixture(scope="module")
def built(small_files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    as_csv = save(small_files, folder / "csv" / "raw", extension="csv")
    # What Excel calls "CSV UTF-8" begins with a byte order mark.
    yearbook = as_csv / "city_yearbook.csv"
    yearbook.write_bytes(b"\xef\xbb\xbf" + yearbook.read_bytes())
    as_counts = save(with_counts_for_records(small_files), folder / "counts" / "raw")
    runs = {
        "csv": build_indices(as_csv, folder / "csv"),
        "counts": build_indices(as_counts, folder / "counts"),
    }
    return {name: Warehouse(run.warehouse) for name, run in runs.items()}


@pytest.mark.parametrize("relation", OUTPUTS)
def test_csv_gives_what_parquet_gives(built, small_indices, relation):
    assert_same(small_indices, built["csv"], relation, except_columns=("data_origin",))


@pytest.mark.parametrize("relation", MEMBER_OUTPUTS)
def test_counts_give_what_their_records_give(built, small_indices, relation):
    except_columns = ("data_origin", *ONLY_FROM_RECORDS)
    assert_same(small_indices, built["counts"], relation, except_columns=except_columns)


def test_counts_know_no_joiners(built):
    query = "select count(vagg) as stocks, count(vagg_joiners) as joiners from {}"
    counted = built["counts"].frame(query.format("indices.fct_virtual_agglomeration")).iloc[0]
    assert counted["stocks"] > 0
    assert counted["joiners"] == 0
