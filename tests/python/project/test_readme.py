"""README shows what is there: its queries give the output printed below them, in both languages."""

import itertools
import re
import shlex

import duckdb
import pytest

from support.command import run_command
from support.dbt import ROOT
from support.study import of_the_papers_indicators

ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")
COMMAND = ".venv/bin/urban-resilience "
FENCED = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of every fenced block."""
    return FENCED.findall(page)


def shown() -> list[tuple[str, str]]:
    """Query or analysis, and the table printed below it."""
    pairs = itertools.pairwise(blocks(ENGLISH))
    return [
        (code, table)
        for (kind, code), (below, table) in pairs
        if below == "text" and (kind in ("python", "sql") or code.startswith(COMMAND))
    ]


def query_in(code: str) -> str:
    """The SQL of a block."""
    quoted = re.search(r'warehouse\.sql\(\s*"+(.*?)"+\s*\)', code, re.DOTALL)
    return (quoted.group(1) if quoted else code).strip().rstrip(";")


@of_the_papers_indicators
@pytest.mark.parametrize(("code", "table"), shown(), ids=lambda text: text[:30].split("\n")[0])
def test_output_is_what_the_query_gives(simulated_warehouse, code, table, monkeypatch):
    if code.startswith(COMMAND):
        monkeypatch.chdir(ROOT)
        arguments = shlex.split(code.removeprefix(COMMAND))
        ended = run_command(*arguments, "--warehouse", simulated_warehouse)
        assert ended.code == 0, ended.err
        assert [line.rstrip() for line in ended.out.strip("\n ").splitlines()] == (
            table.strip("\n ").splitlines()
        )
        return
    with duckdb.connect(str(simulated_warehouse), read_only=True) as connection:
        assert str(connection.sql(query_in(code))).strip() == table.strip()


def test_the_tour_is_there():
    assert len(shown()) >= 4


def test_both_languages_show_the_same_code():
    assert blocks(CHINESE) == blocks(ENGLISH)


def test_it_is_short():
    assert len(ENGLISH.splitlines()) <= 200
