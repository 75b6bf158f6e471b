"""Exports are read back: every cell, every odd name, and nothing that a spreadsheet evaluates."""

import csv
import datetime as dt

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
import yaml

from urban_resilience.reporting.dictionary import FIRST, read_marts
from urban_resilience.reporting.exports import stata
from urban_resilience.reporting.exports.export import (
    FORMATS,
    OF_MARTS,
    UnknownFormatError,
    export,
)
from urban_resilience.reporting.exports.folder import ForeignFolderError
from urban_resilience.reporting.exports.workbook import LONGEST_TEXT, excel_value, sheet_names
from urban_resilience.reporting.stata_names import stata_names
from urban_resilience.shared.digest import digest_file

LONG = "a_column_whose_name_is_longer_than_thirty_two_letters"
NUMBERS = [1.5, float("nan"), float("inf"), None]
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "plain", "", None]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """A small file with what breaks exports: odd names, empty columns, formulas, lists, times."""
    file = tmp_path_factory.mktemp("small") / "small.duckdb"
    with duckdb.connect(str(file)) as connection:
        for schema in ("panel", "indices", "reference", "quality", "staging"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table panel.fct_city_years as select 'simulated' as data_origin")
        connection.execute(
            f"""
            create table panel.fct_estimation_panel as
            select
                code as city_code, 2008 + year as year, 'Town ' || code as city_name_en,
                '城' || code as city_name_zh, 'P' as province, 1.5 * year as vagg, year = 1 as "in",
                null::double as nothing, null::varchar as no_text, 3::bigint as {LONG},
                4::bigint as {LONG}_too, 'simulated' as data_origin
            from unnest(['1', '2']) as codes (code), range(2) as years (year)
            """
        )
        connection.execute(
            "create table quality.fct_cells (id integer, text varchar, list varchar[],"
            ' number double, "at" timestamptz, day date, big hugeint, flag boolean,'
            " price decimal(9, 2))"
        )
        connection.executemany(
            "insert into quality.fct_cells values"
            " (?, ?, ['=a', null], ?, '2026-03-01 02:30:00+02', '2026-03-01', 7, ?, 1.25)",
            [
                (
                    i,
                    text,
                    [1.5, float("nan"), float("inf"), None][i % 4],
                    [True, False, None][i % 3],
                )
                for i, text in enumerate([*EVIL, "长" * 40_000])
            ],
        )
        connection.execute(
            "create table reference.panel_variables as select 'vagg' as variable,"
            " 'Virtual agglomeration' as name_en, '虚拟集聚' as name_zh, 'pure number' as unit"
        )
        connection.execute("create table reference.study_settings (setting varchar, value varchar)")
        connection.execute(
            "create table reference.raw_columns as select 'no_text' as column_name,"
            " null as name_en, '城市备注' as name_zh"
        )
        connection.execute("create table staging.hidden as select 1 as id")
        connection.execute("comment on table panel.fct_estimation_panel is 'What to regress on.'")
        connection.execute(
            "comment on column panel.fct_estimation_panel.nothing is '-1: nobody knows'"
        )
        connection.execute(
            "comment on column panel.fct_estimation_panel.no_text is"
            " 'Remark on the city; null for one of no seed `cities`.'"
        )
    return file


@pytest.fixture(scope="module")
def exported(warehouse, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "export"
    return export(warehouse, out, OF_MARTS)


@pytest.fixture(scope="module")
def cells(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("from quality.fct_cells order by id").fetchall()


def file_of(exported, kind, relation):
    return exported.folder / kind / f"{relation}.SIMULATED.{kind}"


def test_every_mart_is_there_the_panel_first(warehouse, exported):
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = [mart.relation for mart in read_marts(connection)]
    assert marts[0] == FIRST and len(marts) == 6
    for kind in ("parquet", "csv", "dta"):
        assert len(list((exported.folder / kind).iterdir())) == len(marts)


def test_parquet_has_every_cell_and_says_which_build(warehouse, exported, cells):
    file = file_of(exported, "parquet", "quality.fct_cells")
    with duckdb.connect() as connection:
        found = connection.execute(f"from '{file}' order by id").fetchall()
    # Of 128 bits Parquet makes a double.
    assert str([row[:6] + row[7:] for row in found]) == str([row[:6] + row[7:] for row in cells])
    notes = pq.read_metadata(file).metadata
    assert notes[b"content_hash"].decode() == digest_file(warehouse)
    assert b"SIMULATED" in notes[b"banner"]


def test_csv_opens_in_excel_and_evaluates_nothing(exported, cells):
    file = file_of(exported, "csv", "quality.fct_cells")
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        text = cell[1] or ""
        wanted = f"'{text}" if text[:1] in tuple("=+-@\t\r\n") and text else text
        assert row["text"] == wanted
        assert row["list"] == "['=a', NULL]"
    assert [row["number"] for row in rows[:4]] == ["1.5", "nan", "inf", ""]


def test_workbook_has_numbers_as_numbers_and_text_as_text(exported, cells):
    book = openpyxl.load_workbook(exported.folder / "urban_resilience.SIMULATED.xlsx")
    assert book.sheetnames[:3] == ["README", "dictionary", "fct_estimation_panel"]
    sheet = book["fct_cells"]
    assert sheet.freeze_panes == "A3" and book["fct_estimation_panel"].freeze_panes == "D3"
    names = [cell.value for cell in sheet[1]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=3)]
    assert len(rows) == len(cells)
    for row, cell in zip(rows, cells, strict=True):
        assert row["id"].value == cell[0] and row["id"].data_type == "n"
        assert row["text"].data_type != "f"
        assert not str(row["text"].value or "").startswith(tuple("=+-@\t\r\n"))
        assert row["at"].value == dt.datetime(2026, 3, 1, 0, 30)
        assert row["flag"].value is cell[7]
        assert row["price"].value == 1.25
    assert [row["number"].value for row in rows[:4]] == [1.5, None, None, None]
    assert [cell.value for cell in book["fct_estimation_panel"][2]][:2] == ["城市代码", "年份"]
    front = " ".join(str(cell.value) for row in book["README"] for cell in row)
    assert "SIMULATED" in front and exported.built.content_hash in front
    widths = book["fct_estimation_panel"].column_dimensions
    assert widths["A"].width > 5


def test_dictionary_names_every_column(exported):
    dictionary = pd.read_csv(exported.folder / "dictionary.SIMULATED.csv", dtype=str)
    own = dictionary[dictionary["relation"] == FIRST].set_index("column_name")
    assert own.loc["vagg", "label_zh"] == "虚拟集聚"
    assert own.loc["vagg", "label_en"] == "Virtual agglomeration, pure number"
    # The study has a word in one language: what the column is says it in the other.
    remark = own.loc["no_text"]
    assert (remark["label_en"], remark["label_zh"]) == ("Remark on the city", "城市备注")
    assert own.loc["nothing", "text"] == "'-1: nobody knows"
    assert own.loc["in", "stata_name"] == "in_"
    short = own.loc[[LONG, f"{LONG}_too"], "stata_name"]
    assert short.str.len().max() <= 32 and short.nunique() == 2


def test_texts_of_the_dictionary_are_of_the_studys_places(warehouse, tmp_path):
    file = tmp_path / "states.duckdb"
    file.write_bytes(warehouse.read_bytes())
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "insert into reference.study_settings values ('place_name_en', 'state'),"
            " ('place_names_en', 'states'), ('place_name_zh', '州')"
        )
        columns = {column.name: column for column in read_marts(connection)[0].columns}
    remark, code = columns["no_text"], columns["city_code"]
    assert remark.text == "Remark on the state; null for one of no seed `cities`."
    assert remark.label_en == "Remark on the state"
    # The word of the study itself stays; ours is said of its places.
    assert (remark.label_zh, code.label_zh) == ("城市备注", "州代码")


def test_stata_reads_every_value_and_label(exported, warehouse):
    frame, meta = pyreadstat.read_dta(file_of(exported, "dta", FIRST))
    assert "SIMULATED" in meta.file_label and exported.built.short_hash in meta.file_label
    assert frame["vagg"].tolist() == [0, 1.5, 0, 1.5]
    assert meta.column_names_to_labels["vagg"] == "Virtual agglomeration, pure number"
    assert meta.variable_value_labels["in_"] == {0: "no", 1: "yes"}
    assert frame["nothing"].isna().all() and (frame["no_text"] == "").all()
    short = stata_names([LONG, f"{LONG}_too"])
    assert frame[short[LONG]].tolist() == [3] * 4
    assert frame[short[f"{LONG}_too"]].tolist() == [4] * 4
    assert frame["city_name_zh"].tolist() == ["城1", "城1", "城2", "城2"]
    assert meta.variable_value_labels["city_id"] == {1: "Town 1", 2: "Town 2"}
    assert frame["city_id"].tolist() == [1, 1, 2, 2]
    odd, _ = pyreadstat.read_dta(file_of(exported, "dta", "quality.fct_cells"))
    assert odd["text"].tolist()[:7] == [text or "" for text in EVIL[:7]]
    assert odd["at"].iloc[0] == pd.Timestamp("2026-03-01 00:30")
    assert odd["big"].iloc[0] == 7 and odd["price"].iloc[0] == 1.25


def test_the_citation_names_the_build(exported):
    content = yaml.safe_load((exported.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert content["identifiers"][0]["value"] == f"sha256:{exported.built.content_hash}"
    assert content["references"][0]["doi"] and "SIMULATED" in content["message"]


def test_an_export_is_replaced_whole_and_nothing_else_is(warehouse, tmp_path):
    out = tmp_path / "export"
    export(warehouse, out, ["csv"])
    (out / "csv" / "left.txt").touch()
    export(warehouse, out, ["parquet"])
    assert not (out / "csv").exists() and (out / "parquet").is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["export"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(ForeignFolderError, match="no export"):
        export(warehouse, tmp_path / "mine", ["csv"])
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_a_failed_export_leaves_the_one_before(warehouse, tmp_path):
    out = tmp_path / "export"
    export(warehouse, out, ["csv"])
    before = sorted(path.name for path in (out / "csv").iterdir())

    def stop(step, number, total):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export(warehouse, out, ["csv"], tell=stop)
    assert sorted(path.name for path in (out / "csv").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.parametrize("formats", [["pdf"], ["csv", "doc"], []])
def test_an_unknown_format_is_refused(warehouse, tmp_path, formats):
    with pytest.raises(UnknownFormatError, match=", ".join(FORMATS)):
        export(warehouse, tmp_path / "export", formats)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "names",
    [
        ["byte", "str12", "strL", "_n", "1st", "with space", "地区", "地方", "x" * 33, "x" * 34],
        ["a" * 40, "a" * 41, "a" * 32, "in", "in_"],
    ],
)
def test_names_for_stata_are_short_told_apart_and_stable(names, tmp_path):
    found = stata_names(names)
    assert len(set(found.values())) == len(names)
    assert found == stata_names(names)
    frame = pd.DataFrame({short: [1.0] for short in found.values()})
    pyreadstat.write_dta(frame, str(tmp_path / "x.dta"))
    assert list(pyreadstat.read_dta(tmp_path / "x.dta")[0].columns) == list(found.values())
    # Of what is free, a name is shortened without regard to the others.
    assert stata_names(["x" * 33]) == {"x" * 33: stata_names(["y", "x" * 33])["x" * 33]}


def test_sheets_have_names_that_excel_takes():
    names = ["a" * 40, "a" * 35, "A" * 40, "b"]
    found = sheet_names(names)
    assert len({name.casefold() for name in found.values()}) == 4
    assert max(map(len, found.values())) <= 31


def test_text_longer_than_a_cell_is_cut_and_says_so():
    text = excel_value("x" * 40_000)
    assert len(text) < LONGEST_TEXT and text.endswith("[cut: the CSV has all of it]")
    assert excel_value("bad\x00letter") == "badletter"
    assert excel_value(np.nan) is None


def test_the_full_build_is_exported(simulated_warehouse, tmp_path):
    done = export(simulated_warehouse, tmp_path / "export", ["parquet"])
    panel = pq.read_table(done.folder / "parquet" / f"{FIRST}.SIMULATED.parquet").to_pandas()
    assert panel["is_estimation_sample"].sum() > 1000
    assert panel["city_name_zh"].notna().all()
    dictionary = pd.read_csv(done.folder / "dictionary.SIMULATED.csv", dtype=str)
    own = dictionary[dictionary["relation"].str.match("panel|indices|results")]
    has_chinese = own["label_zh"].str.contains(r"[一-鿿]|^R2$|^z$", na=False)
    unlabelled = own.loc[~has_chinese, "column_name"].unique()
    assert len(unlabelled) <= 0.05 * own["column_name"].nunique(), sorted(unlabelled)


def test_a_long_relation_gives_stata_the_headlines_index_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(stata, "MOST_ROWS", 3)
    file = tmp_path / "long.duckdb"
    with duckdb.connect(str(file)) as connection:
        for schema in ("reference", "indices", "panel", "quality"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table reference.index_definitions as select * from"
            " (values ('other'), ('own')) as t (index_id)"
        )
        connection.execute(
            "create table reference.regression_specs as select 's' as spec_id, 'own' as outcome"
        )
        connection.execute(
            "create table reference.study_settings as"
            " select 'headline_spec' as setting, 's' as value"
        )
        connection.execute(
            "create table indices.fct_scores as select * from"
            " (values ('other', 1), ('other', 2), ('own', 3), ('own', 4)) as t (index_id, score)"
        )
        connection.execute("create table quality.fct_many as from range(4) as t (id)")
        connection.execute(
            "create table panel.fct_estimation_panel as select 'Ax' as city_code, 2008 as year"
        )
        connection.execute("create table panel.fct_city_years as select 'supplied' as data_origin")
        connection.execute(
            "create table reference.panel_variables as select 'y' as variable, 'Y' as name_en,"
            " '' as name_zh, '' as unit"
        )
    done = export(file, tmp_path / "out", ["dta"])
    assert done.remarks == (
        "Stata, indices.fct_scores: 2 of 4 rows: those of index own",
        "Stata, quality.fct_many: left out: 4 rows are too many, take the CSV or Parquet file",
    )
    (scores,) = (done.folder / "dta").glob("indices.fct_scores*.dta")
    assert sorted(pd.read_stata(scores)["score"]) == [3, 4]
    assert not list((done.folder / "dta").glob("quality.fct_many*"))


def test_files_of_long_relations_name_their_cities(tmp_path):
    """The relation has codes alone, as has its Parquet file; seeds keep the columns they have."""
    file = tmp_path / "codes.duckdb"
    with duckdb.connect(str(file)) as connection:
        for schema in ("reference", "indices", "panel", "quality"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table reference.dim_cities as select * from"
            " (values ('1', 'One', '一'), ('2', '=Two', '二'))"
            " as t (city_code, city_name_en, city_name_zh)"
        )
        connection.execute(
            "create table panel.fct_long as select * from"
            " (values ('2', 2009, 1.5), ('1', 2008, 2.5), ('9', 2008, 3.5))"
            " as t (city_code, year, value)"
        )
        connection.execute("create table reference.pilots as select '1' as city_code")
        connection.execute("create table panel.fct_city_years as select 'supplied' as data_origin")
        connection.execute("create table reference.study_settings (setting varchar, value varchar)")
    done = export(file, tmp_path / "out", ["csv", "parquet", "xlsx"])
    named = ["city_code", "city_name_en", "city_name_zh", "year", "value"]
    rows = [
        ["1", "One", "一", "2008", "2.5"],
        ["2", "'=Two", "二", "2009", "1.5"],
        ["9", "", "", "2008", "3.5"],
    ]
    with (done.folder / "csv" / "panel.fct_long.csv").open(encoding="utf-8-sig") as opened:
        assert list(csv.reader(opened)) == [named, *rows]
    sheet = openpyxl.load_workbook(done.folder / "urban_resilience.xlsx")["fct_long"]
    shown = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    assert shown[0] == named and shown[-3:] == rows
    parquet = pq.read_table(done.folder / "parquet" / "panel.fct_long.parquet")
    assert parquet.column_names == ["city_code", "year", "value"]
    pilots = (done.folder / "csv" / "reference.pilots.csv").read_text(encoding="utf-8-sig")
    assert pilots.split() == ["city_code", "1"]
    with (done.folder / "dictionary.csv").open(encoding="utf-8-sig") as opened:
        told = {row["column_name"]: row["text"] for row in csv.DictReader(opened)
                if row["relation"] == "panel.fct_long"}  # fmt: skip
    assert list(told) == named and told["city_name_en"].endswith("Only in CSV and Excel files.")
