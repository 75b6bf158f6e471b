"""No cell, however odd, ends in anything but a figure, a listed cell or an `IntakeError`."""

import string
import tempfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.disguise import CHINESE, spelled, write_text
from urban_resilience.intake import IntakeError, prepare
from urban_resilience.intake.cells.numbers import Unreadable, to_double, to_integer

SERIES = [name for name in CHINESE if name not in ("city_code", "city_name_zh", "year")]
CELLS = st.one_of(
    st.text(max_size=12),
    st.text(string.digits + ".,-+eE ％①０１", max_size=10),
    st.sampled_from(["1,23", "12a", "约3", "1e999", "=A1+1", '"', "a;b,c", "\t", "nan", "三", "-"]),
)
# What a text file cannot hold, or what Excel refuses to store.
UNPRINTABLE = st.characters(exclude_categories=("Cc", "Cs"), max_codepoint=0xFFFF)


@pytest.fixture(scope="module")
def rows(small_files):
    yearbook = small_files["city_yearbook"]
    codes = yearbook["city_code"].unique()[:4]
    some = yearbook[yearbook["city_code"].isin(codes) & (yearbook["year"] < 2009)]
    return some.reset_index(drop=True)


def prepared(write):
    """Table and listed cells of a folder, or None where it was refused in words."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "raw").mkdir()
        write(folder / "raw")
        try:
            report = prepare(folder / "raw", folder / "out")
        except IntakeError as error:
            assert str(error)
            return None
        table = pd.read_parquet(folder / "out" / "city_yearbook.parquet")
        listed = pd.read_parquet(folder / "out" / "unreadable_cells.parquet")
        assert len(listed) == report.n_unreadable
        return table, listed


def assert_read_or_refused(write):
    """A table with a row for each that it counts, or a refusal in words (``prepared``)."""
    result = prepared(write)
    assert result is None or {"city_code", "year"} <= set(result[0].columns)


def is_readable(cell, column):
    try:
        (to_integer if column == "year" else to_double)(cell)
    except Unreadable:
        return False
    return True


@pytest.mark.thorough
@settings(max_examples=40)
@given(data=st.data())
def test_every_broken_cell_of_a_text_file_is_listed(rows, data):
    broken = data.draw(
        st.dictionaries(
            st.tuples(st.integers(0, len(rows) - 1), st.sampled_from([*SERIES, "year"])),
            CELLS.filter(lambda text: "\0" not in text and text.isprintable()),
            max_size=6,
        )
    )
    table = spelled(rows, CHINESE)
    for (row, column), text in broken.items():
        table.loc[row, CHINESE[column][0]] = text
    found = prepared(lambda raw: write_text(table, raw / "年鉴.csv", "utf-8", ","))
    if found is None:
        return
    result, listed = found
    assert len(result) == len(rows)
    expected = {
        (row + 2, column, text)
        for (row, column), text in broken.items()
        if not is_readable(text, column)
    }
    places = zip(listed["source_row"], listed["column_name"], listed["value"], strict=True)
    assert set(places) == expected
    for row, column, _ in expected:
        assert pd.isna(result.loc[result["source_row"] == row, column]).all()


@pytest.mark.thorough
@settings(max_examples=25)
@given(data=st.data())
def test_every_broken_cell_of_a_workbook_is_listed(rows, data):
    cells = st.one_of(
        st.text(UNPRINTABLE, max_size=8).filter(lambda text: not text.startswith("=")),
        st.booleans(),
        st.dates(),
        st.floats(-1e9, 1e9),
        st.none(),
    )
    broken = data.draw(
        st.dictionaries(
            st.tuples(st.integers(0, len(rows) - 1), st.sampled_from(SERIES)), cells, max_size=5
        )
    )

    def write(raw):
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        sheet.append([CHINESE[name][0] for name in rows.columns])
        for row in spelled(rows, CHINESE).itertuples(index=False):
            sheet.append(list(row))
        for (row, column), cell in broken.items():
            sheet.cell(row + 2, rows.columns.get_loc(column) + 1).value = cell
        workbook.save(raw / "年鉴.xlsx")

    found = prepared(write)
    if found is None:
        return
    result, listed = found
    assert len(result) == len(rows)
    expected = {
        (row + 2, column) for (row, column), cell in broken.items() if not is_readable(cell, column)
    }
    assert set(zip(listed["source_row"], listed["column_name"], strict=True)) == expected


@pytest.mark.thorough
@settings(max_examples=60)
@given(st.binary(max_size=400))
def test_no_bytes_crash_the_intake(data):
    for name in ("city_yearbook.csv", "年鉴.xlsx", "a.dta", "city_yearbook.parquet"):

        def write(raw, name=name):
            (raw / name).write_bytes(data)

        assert_read_or_refused(write)


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["城市", "年份", "GDP（万元）", "指标", "数值", "北京市", "2005", ""]
                ),
                st.text(max_size=6),
            ),
            max_size=6,
        ),
        max_size=8,
    )
)
def test_no_table_crashes_the_intake(table):
    def write(raw):
        lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
        text = "\n".join(lines).encode("utf-8", errors="replace")
        (raw / "年鉴.csv").write_bytes(text)

    assert_read_or_refused(write)
