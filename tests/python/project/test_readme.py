"""README shows what is there: its queries give the output printed below them, in both languages."""

import itertools
import re

import duckdb
import pytest

from support.dbt import ROOT
from support.study import of_the_papers_indicators

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
FENCED = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return FENCED.findall(page)


def shown() -> list[tuple[str, str]]:
    """Query or analysis, and the table printed below it."""
    pairs = itertools.pairwise(blocks(ENGLISH))
    return [(code, table) for (kind, code), (_, table) in pairs if kind in ("python", "sql")]


def query_in(code: str) -> str:
    """The SQL of a block, with the text of an analysis in place of its name."""
    quoted = re.search(r'warehouse\.sql\(\s*f?"+(.*?)"+\s*\)', code, re.DOTALL)
    query = quoted.group(1) if quoted else code
    if "{question}" not in query:
        return query.strip().rstrip(";")
    path = re.search(r'open\("target/compiled/urban_resilience/(.*?)"\)', code).group(1)
    return query.replace("{question}", (ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schemas(simulated_warehouse) -> dict[str, str]:
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        rows = connection.sql("select table_name, table_schema from information_schema.tables")
        return dict(rows.fetchall())


@of_the_papers_indicators
@pytest.mark.parametrize(("code", "table"), shown(), ids=lambda text: text[:30].split("\n")[0])
def test_output_is_what_the_query_gives(simulated_warehouse, schemas, code, table):
    query = re.sub(
        r"\{\{ ref\('(\w+)'\) \}\}", lambda found: f"{schemas[found[1]]}.{found[1]}", query_in(code)
    )
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).strip() == table.strip()


def test_the_tour_is_there():
    assert len(shown()) >= 4


def test_both_languages_show_the_same_code():
    assert blocks(CHINESE) == blocks(ENGLISH)


def test_it_is_short():
    assert len(ENGLISH.splitlines()) <= 200
