"""What a model reads stands at its head, one relation to a common table expression."""

import re
from pathlib import Path

import pytest

from support.dbt import ROOT

READS = re.compile(r"\b(?:ref|source)\(")
COMMENTS = re.compile(r"\{#.*?#\}|^ *--[^\n]*$", re.DOTALL | re.MULTILINE)
# What may stand before an expression: commas and tags of Jinja.
BEGIN = re.compile(
    r"(?:\s|,|with\s|\{%.*?%\}|\{\{ import_each\w*\(.*?\) \}\})*"
    r"(?:\w|\{\{[^}]*\}\})+ as (?:not materialized |\{\{[^}]*\}\})?\(",
    re.DOTALL,
)
# One relation: its columns, and a condition of its own at most.
IMPORT = re.compile(
    r"\s*select\s(?!distinct\b)(?:(?!\bselect\b|\bfrom\b)[^(])*?"
    r"\sfrom \{\{ (?:ref|source)\([^()]*\) \}\}"
    r"(?:\s+where (?:(?!\bselect\b|\bjoin\b|\bgroup by\b|\bunion\b|\bref\().)*)?\s*",
    re.DOTALL,
)
# Macros that write a whole model are held to the rule of models; of the others only these read.
WHOLE_MODELS = ("judge_rows.sql",)
READING_MACROS = {
    "import_each.sql": "import CTEs for models whose SQL is written in a loop",
    "rpt_table.sql": "one mart, as a matrix that reports and analyses select from",
    "indicators.sql": "seeds that are read before there is SQL, to write it",
    "panel_variables.sql": "what is compiled from seeds, read to write SQL",
}


def outside_imports(text: str) -> list[str]:
    """Return the lines of a model that read a relation, but for the imports at its head."""
    text = COMMENTS.sub("", text)
    start = re.search(r"^with\s", text, re.MULTILINE)
    before, rest = (text[: start.start()], text[start.start() :]) if start else (text, "")
    while (found := BEGIN.match(rest)) and (end := _closing(rest, found.end())):
        if not IMPORT.fullmatch(rest, found.end(), end):
            break
        rest = rest[end + 1 :]
    return [line.strip() for line in (before + rest).splitlines() if READS.search(line)]


def _closing(text: str, position: int) -> int | None:
    """Return where the bracket that opened before `position` is closed."""
    depth = 1
    for place in range(position, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return None


def read(*paths: Path) -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(paths)}


def test_models_read_relations_in_imports_at_their_head():
    texts = read(*ROOT.glob("models/**/*.sql"), *(ROOT / "macros" / name for name in WHOLE_MODELS))
    assert len(texts) > 100
    outside = {name: lines for name, text in texts.items() if (lines := outside_imports(text))}
    assert outside == {}


def test_macros_take_the_names_of_what_they_read():
    """A `ref` inside a macro would be one inside the logic of every model that calls it."""
    texts = read(*(ROOT / "macros").rglob("*.sql"))
    reading = {
        Path(name).name for name, text in texts.items() if READS.search(COMMENTS.sub("", text))
    }
    assert reading == {*WHOLE_MODELS, *READING_MACROS}


def test_seeds_that_write_sql_are_read_in_full():
    """With `--empty` a plain ref has no rows, and there would be no SQL to try."""
    text = COMMENTS.sub("", (ROOT / "macros" / "indicators.sql").read_text(encoding="utf-8"))
    queries = re.findall(r"from \{\{ (ref\(.*?) \}\}", text)
    assert len(queries) == 3
    assert all(query.endswith(").render()") for query in queries)
    text = COMMENTS.sub("", (ROOT / "macros" / "panel_variables.sql").read_text(encoding="utf-8"))
    queries = re.findall(r" from ' ~ (\S+)", text)
    assert len(queries) == 2
    assert all(query.endswith(".render()") for query in queries)


@pytest.mark.parametrize(
    "text",
    [
        "with a as (select x from {{ ref('a') }} where x > 1),\n"
        "\nb as (select * from {{ ref('b') }})",
        "with a as not materialized (\n    select * from {{ source('raw', 'a') }}\n)",
        "{% if x %}\nwith a as (\n    select * from {{ ref('a') }}\n),\n{% else %}\n"
        "with a as (\n    select * from {{ ref('b') }}\n),\n{% endif %}\nb as (select 1)",
    ],
)
def test_imports_are_known(text):
    assert outside_imports(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "select * from {{ ref('a') }}",
        "with b as (select 1),\n\na as (select * from {{ ref('a') }})",
        "with a as (select distinct x from {{ ref('a') }})",
        "with a as (select count(*) as n from {{ ref('a') }})",
        "with a as (select x from {{ ref('a') }} group by x)",
        "with a as (select * from {{ ref('a') }} inner join b on true)",
        "with a as (select * from {{ ref('a') }} where x in (select x from b))",
        "with a as (select * from {{ ref('a') }})\nselect * from a cross join {{ ref('b') }}",
    ],
)
def test_whatever_else_reads_a_relation_is_found(text):
    assert len(outside_imports(text)) == 1
