"""Files too large to hold go through DuckDB and come out as small ones do."""

import string
from fractions import Fraction

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from urban_resilience.intake import inspect, prepare
from urban_resilience.intake.cells import cells_sql
from urban_resilience.intake.cells.numbers import (
    IDENTITY,
    MISSING_MARKS,
    Conversion,
    Unreadable,
    to_double,
    to_integer,
    to_text,
)
from urban_resilience.intake.recognition import sources

DATABASE = duckdb.connect()
CELLS = st.one_of(
    st.sampled_from(sorted(MISSING_MARKS)),
    st.sampled_from(["2013", "2013年", "２０１３", "2013.0", "2013.5", "1e3", "1e3 ", "1,234.5"]),
    st.sampled_from(["1e400", "-0", "0.0", " 12 ", "1２", "12.3①", "F001", "N/a", "M 1", "1 234"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**12), 10**12).map(str),
    st.text(string.digits + ".,-+eE 年%１，", max_size=8),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), max_size=5),
    st.sampled_from(["2009-03-15", "20090315", "200903", "2009年3月15日", "2009.3", "2009.3.15"]),
    st.sampled_from(["15/03/2009", "Mar 15, 2009", "2009-03-15 00:00:00", "200913", "9999-12-31"]),
    st.sampled_from(["\t110000", "110000\t", " 110000 ", "ＮＡ", "－"]),
)

HEADERS = {
    "firm_id": "企业编号",
    "city_code": "城市代码",
    "industry_code": "行业代码",
    "joined_year": "加入年份",
    "expired_year": "到期年份",
}


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(sources, "STREAMED_BYTES", 0)
    monkeypatch.setattr(sources, "STREAMED_PARQUET_ROWS", 0)


@pytest.fixture
def members(small_files):
    return small_files["platform_members"].iloc[:3000].reset_index(drop=True)


@pytest.fixture
def raw(small_files, tmp_path):
    folder = tmp_path / "原始 raw"
    folder.mkdir()
    small_files["city_yearbook"].to_parquet(folder / "city_yearbook.parquet", index=False)
    return folder


def as_text(members):
    return members.astype(object).where(members.notna(), None).astype("string").fillna("")


def result(raw, tmp_path):
    report = prepare(raw, tmp_path / "out")
    rows = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    return report, rows.sort_values("firm_id", ignore_index=True)


def same(rows, members):
    expected = members.sort_values("firm_id", ignore_index=True)
    pd.testing.assert_frame_equal(rows[list(members)], expected, check_dtype=False)


def plain(table, path):
    table.to_csv(path / "platform_members.csv", index=False)


def other_spellings(table, path):
    table["city_code"] += "000000"
    table["joined_year"] += "年"
    table["expired_year"] = table["expired_year"].replace("", "—")
    text = table.rename(columns=HEADERS).to_csv(index=False, sep=";")
    (path / "会员.csv").write_bytes(f"平台会员\n\n{text}".encode("gb18030"))


def utf16(table, path):
    text = table.rename(columns=HEADERS).to_csv(index=False, sep="\t", lineterminator="\r\n")
    (path / "会员.txt").write_bytes(text.encode("utf-16"))


def names_for_codes(table, path):
    names = pd.read_parquet(path / "city_yearbook.parquet")[["city_code", "city_name_zh"]]
    names = names.drop_duplicates().set_index("city_code")["city_name_zh"]
    table = table.assign(city_code=table["city_code"].map(names))
    table.rename(columns={"city_code": "城市"}).to_csv(path / "members.csv", index=False)


def numbers_in_parquet(table, path):
    for column in ("city_code", "joined_year", "expired_year"):
        table[column] = pd.to_numeric(table[column]).astype(float)
    table.to_parquet(path / "platform_members.parquet", index=False)


@pytest.mark.parametrize(
    "form",
    [plain, other_spellings, utf16, names_for_codes, numbers_in_parquet],
    ids=lambda form: form.__name__,
)
def test_a_streamed_file_gives_the_contract_s_rows(form, members, raw, tmp_path):
    form(as_text(members), raw)
    report, rows = result(raw, tmp_path)
    assert report.n_unreadable == 0
    same(rows, members)
    assert list(rows) == [*members, "source_file", "source_row"]


def test_every_unreadable_cell_is_listed_with_its_row(members, raw, tmp_path):
    table = as_text(members)
    table.loc[[5, 2999], "joined_year"] = ["2005.5", "soon"]
    table.loc[7, "expired_year"] = "forever"
    text = table.to_csv(index=False).splitlines()
    text[11] += ",one more"
    (raw / "platform_members.csv").write_text("\n".join(text) + "\n")
    report, rows = result(raw, tmp_path)
    listed = pd.read_parquet(tmp_path / "out" / "unreadable_cells.parquet")
    found = set(zip(listed["source_row"], listed["column_name"], listed["value"], strict=True))
    assert found == {
        (7, "joined_year", "2005.5"),
        (9, "expired_year", "forever"),
        (12, "(row)", "one more"),
        (3001, "joined_year", "soon"),
    }
    assert report.n_unreadable == len(report.unreadable) == 4
    assert len(rows) == len(members)
    places = rows.set_index("source_row")
    assert places.loc[[7, 3001], "joined_year"].isna().all()
    assert places.loc[12, "firm_id"] == table.loc[10, "firm_id"]


def test_a_code_that_contradicts_the_name_keeps_its_text(members, raw, tmp_path):
    table = as_text(members).assign(城市="")
    table.loc[3, ["city_code", "城市"]] = ["110000", "上海市"]
    table.to_csv(raw / "platform_members.csv", index=False)
    report, _ = result(raw, tmp_path)
    cell = report.unreadable[0]
    assert (report.n_unreadable, cell.source_row, cell.column_name) == (1, 5, "city_code")
    assert "北京市" in cell.reason
    assert "上海市" in cell.reason


def test_two_large_files_of_one_table_are_refused(members, raw, tmp_path):
    as_text(members).to_csv(raw / "platform_members.csv", index=False)
    as_text(members).rename(columns=HEADERS).to_csv(raw / "会员.csv", index=False)
    problems = inspect(raw, tmp_path / "out").problems
    assert [problem.what[:39] for problem in problems] == [
        "2 files claim to be platform_members (p"
    ]


def test_a_quote_that_never_closes_is_a_fault_with_its_line(members, raw, tmp_path):
    text = as_text(members).to_csv(index=False).splitlines()
    text[40] = '"' + text[40]
    (raw / "platform_members.csv").write_text("\n".join(text) + "\n")
    problems = inspect(raw, tmp_path / "out").problems
    assert problems
    assert "platform_members.csv" in str(problems[0])


@settings(max_examples=40)
@given(st.lists(CELLS, min_size=1, max_size=30))
def test_the_rules_for_cells_are_the_same_in_sql_and_python(cells):
    conversion = Conversion(Fraction(1, 10_000))
    expected = []
    for cell in cells:
        row = []
        for read in (lambda c: to_double(c, conversion), to_double, to_integer):
            try:
                row.append((read(cell), False))
            except Unreadable:
                row.append((None, True))
        expected.append((*row, to_text(cell)))
    number, plain, whole = (
        cells_sql.number("n", conversion), cells_sql.number("n", IDENTITY), cells_sql.integer("n")
    )  # fmt: skip
    present = cells_sql.present("n")
    found = DATABASE.execute(
        f"select {number}, {plain}, {whole}, {present}, {cells_sql.text('c')} "
        f"from (select *, {cells_sql.half_width('c')} as n from (select unnest($1) as c, "
        "unnest(range(len($1))) as place)) order by place",
        [cells],
    ).fetchall()
    for cell, row, (*values, is_present, text) in zip(cells, expected, found, strict=True):
        in_sql = [(value, bool(is_present) and value is None) for value in values]
        assert in_sql == list(row[:3]), cell
        assert text == row[3], cell


def _streamed(tables, tmp_path, name):
    folder = tmp_path / "files"
    folder.mkdir()
    for file, table in tables.items():
        pd.DataFrame(table).to_csv(folder / file, index=False)
    report = inspect(folder, tmp_path / "out")
    rows = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
    return report, rows


def test_a_county_is_lifted_in_records_and_not_where_a_row_is_a_city(tmp_path):
    codes = ["320583", "320500", "110105", "222400"]
    counts = {"city_code": codes, "industry_code": "51", "year": 2010, "member_count": 3}
    records = {"firm_id": list("abcd"), "city_code": codes, "industry_code": "51"}
    records |= {"joined_year": 2010, "expired_year": 2012}
    tables = {"platform_member_counts.csv": counts, "platform_members.csv": records}
    _, rows = _streamed(tables, tmp_path, "platform_member_counts")
    assert sorted(rows["city_code"]) == sorted(codes)
    lifted = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    lifted = lifted.set_index("firm_id")["city_code"]
    assert lifted.to_dict() == {"a": "320500", "b": "320500", "c": "110000", "d": "222400"}


def test_a_column_of_provinces_settles_names_in_a_large_file(tmp_path):
    records = {
        "firm_id": list("abcde"),
        "城市": ["Suzhou", "Suzhou", "苏州", "Suzhou", "昆山市"],
        "省份": ["江苏", "安徽省", "安徽", "", "江苏省"],
        "industry_code": "51",
        "joined_year": 2010,
        "expired_year": 2012,
    }
    report, rows = _streamed({"platform_members.csv": records}, tmp_path, "platform_members")
    found = rows.set_index("firm_id")["city_code"].to_dict()
    assert found == {"a": "320500", "b": "341300", "c": "苏州", "d": "Suzhou", "e": "320500"}
    reasons = {cell.source_row: cell.reason for cell in report.unreadable}
    assert set(reasons) == {4, 5}
    assert "安徽省" in reasons[4]
    assert "苏州市 (320500) or 宿州市 (341300)" in reasons[5]


def _with_line(members, place, change):
    """The records as lines, one of them changed."""
    lines = as_text(members).rename(columns=HEADERS).to_csv(index=False).splitlines()
    lines[place] = change(lines[place])
    return "\n".join(lines) + "\n"


def test_a_short_record_of_a_streamed_file_is_rejected(members, raw, tmp_path):
    """Its cells may stand in wrong columns: a missing comma moves all behind it."""
    text = _with_line(members, 7, lambda line: line.replace(",", "", 1))
    (raw / "platform_members.csv").write_text(text, encoding="utf-8")
    report = prepare(raw, tmp_path / "out")
    (cell,) = [c for c in report.unreadable if c.table_name == "platform_members"]
    assert (cell.source_row, cell.column_name) == (8, "(row)")
    assert cell.reason.startswith("has 4 cells, the header 5")
    rows = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    assert len(rows) == len(members)
    assert rows["source_row"].tolist() == list(range(2, len(members) + 2))


def test_a_quotation_mark_that_swallows_records_of_a_streamed_file_stops(members, raw, tmp_path):
    text = _with_line(members, 7, lambda line: line.replace(",", ',"', 1))
    text = text.replace("\n" + text.splitlines()[20], '"\n' + text.splitlines()[20], 1)
    (raw / "platform_members.csv").write_text(text, encoding="utf-8")
    report = inspect(raw, tmp_path / "out")
    assert "a quotation mark swallows" in "\n".join(map(str, report.problems))


def test_empty_cells_that_a_program_drops_are_empty_in_a_streamed_file(members, raw, tmp_path):
    left_open = members.assign(expired_year=members["expired_year"].where(members.index % 3 == 0))
    lines = as_text(left_open).rename(columns=HEADERS).to_csv(index=False).splitlines()
    (raw / "platform_members.csv").write_text(
        "\n".join(line.rstrip(",") for line in lines), encoding="utf-8"
    )
    report = prepare(raw, tmp_path / "out")
    (source,) = [s for s in report.sources if s.table == "platform_members"]
    assert any("end before the last column" in doubt for doubt in source.doubts)
    assert report.n_unreadable == 0
