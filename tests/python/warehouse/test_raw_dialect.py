"""How a CSV is written is stated, not guessed: what first shows late in a file changes nothing."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from urban_resilience.intake.checking.project_sql import ProjectError, ProjectSql
from urban_resilience.intake.prepare import inspect
from urban_resilience.shared.database import connect

# DuckDB would guess from 20,480 rows.
MANY = 21_000
HEADER = "policy_id,city_code,evidence,year\n"
PLAIN = HEADER + "p,110000,plain,2010\n" * MANY


def plain_build(folder: Path, text: str, encoding: str = "utf-8") -> pd.DataFrame:
    """Rows of a list of pilots as a build without the intake reads them."""
    (folder / "city_yearbook.csv").write_text("city_code,year\n110000,2010\n")
    (folder / "policy_pilots.csv").write_text(text, encoding=encoding, newline="")
    with connect() as connection:
        ProjectSql(connection, folder)
        return connection.sql("from raw.policy_pilots").df()


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        (PLAIN + 'q,350400,"a, ""b"" c",2011\n', 'a, "b" c'),
        (PLAIN + 'q,350400,"a\nb",2011\n', "a\nb"),
        (PLAIN + 'q,350400,5" long,2011\n', '5" long'),
        (PLAIN.replace(",", ";") + "q;350400;a,b|c,d;2011\n", "a,b|c,d"),
        (PLAIN.replace(",", "\t") + 'q\t350400\t"a\tb"\t2011\n', "a\tb"),
        (PLAIN.replace("\n", "\r\n") + 'q,350400,"a, b",2011\r\n', "a, b"),
        ("\ufeff" + PLAIN + "q,350400.0,NULL,2011.0\n", "NULL"),
        (HEADER.replace("evidence", '"evidence"') + 'q,350400,"a, b",2011', "a, b"),
    ],
)
def test_what_shows_late_is_read_as_it_stands(tmp_path, text, evidence):
    rows = plain_build(tmp_path, text)
    assert rows["unreadable"].isna().all()
    assert len(rows) in (1, MANY + 1)
    last = rows[rows["policy_id"] == "q"].iloc[0]
    assert (last["city_code"], last["evidence"], last["year"]) == ("350400", evidence, 2011)


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (PLAIN + "q,350400,x,2011,9\n", "utf-8", f"Line: {MANY + 2}"),
        (PLAIN + "q,350400,x\n", "utf-8", "Expected Number of Columns: 4 Found: 3"),
        (PLAIN + 'q,350400,"open,2011\nq,350400,x,2011\n', "utf-8", "unterminated quote"),
        (PLAIN + "q,350400,\u4e2d,2011\n", "gb18030", "not utf-8 encoded"),
        ("policy_id,city_code,year,year\nq,350400,1,2\n", "utf-8", "two columns `year`"),
        ("policy;city_code\nq;350400\n", "utf-8", "has no column `policy_id`"),
    ],
)
def test_what_does_not_fit_the_header_stops(tmp_path, text, encoding, said):
    with pytest.raises((duckdb.Error, ProjectError), match=said):
        plain_build(tmp_path, text, encoding)


MEMBERS = "firm_id,city_code,industry_code,joined_year,expired_year,note\n"
FEW = "f,110000,63,2010,2012,a note that fills the line\n"


@pytest.mark.parametrize("count", [30, 90_000])
def test_the_intake_reads_late_quotes_small_or_streamed(tmp_path, count):
    raw = tmp_path / "raw"
    raw.mkdir()
    records = MEMBERS + "".join(f"{number}{FEW}" for number in range(count))
    text = records + 'last,350400,64,2011,,"a\nb, ""c"""\n'
    (raw / "platform_members.csv").write_text(text, newline="")
    report = inspect(raw, tmp_path / "out")
    assert report.n_unreadable == 0
    rows = pd.read_parquet(tmp_path / "out" / "platform_members.parquet")
    assert len(rows) == count + 1
    assert rows.loc[rows["firm_id"] == "last", "joined_year"].tolist() == [2011]


@pytest.mark.parametrize("count", [30, 90_000])
def test_a_quotation_mark_that_nothing_closes_swallows_no_rows(tmp_path, count):
    raw = tmp_path / "raw"
    raw.mkdir()
    records = MEMBERS + "".join(f"{number}{FEW}" for number in range(count))
    (raw / "platform_members.csv").write_text(records + 'x,350400,64,2011,,"open\n' + f"g{FEW}" * 9)
    report = inspect(raw, tmp_path / "out")
    (problem,) = [p for p in report.problems if p.file == "platform_members.csv"]
    assert str(count + 2) in problem.what
