"""Whatever the shipped study says in English is said in Chinese too: seeds, reasons, columns."""

import ast
import csv
import re
from collections.abc import Iterator

import duckdb
import pytest

from support.dbt import ROOT
from urban_resilience.reporting.built import Built
from urban_resilience.reporting.dictionary import COLUMN_TEXTS, read_marts, text_zh
from urban_resilience.reporting.exports.printed import read_printed
from urban_resilience.reporting.remarks import REMARKS, remark_zh, said_in
from urban_resilience.reporting.study_words import SAID, StudyWords, read_study_words
from urban_resilience.reporting.words import Both

ESTIMATION = ROOT / "src" / "urban_resilience" / "estimation"
# Where a reason that nothing could be estimated is worded: these calls, these functions.
REFUSALS = {"NotEstimableError", "_unusable", "_refused"}
WORDING = re.compile(r"_reason(_against)?$|^column_faults$|^_absorbed_by$")
CHINESE = re.compile("[\u4e00-\u9fff]")
# Three English words in a row. Names of columns have underscores or stand alone.
PROSE = re.compile(r"(?<![\w.])[A-Za-z][a-z]+(?: [a-z]+){2,}(?!\w)")


def seed(name: str) -> list[dict[str, str]]:
    (file,) = ROOT.glob(f"seeds/*/{name}.csv")
    with file.open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize(("name", "text", "in_zh"), SAID)
def test_every_text_of_a_seed_is_said_in_chinese(name, text, in_zh):
    rows = seed(name)
    assert any(row[text] for row in rows)
    missing = [
        (number, row[text])
        for number, row in enumerate(rows, 2)
        if row[text] and (not row[in_zh] or PROSE.search(row[in_zh]))
    ]
    assert not missing, f"seed {name}: fill in `{in_zh}` of rows {missing}"


@pytest.mark.parametrize(("name", "text", "in_zh"), SAID)
def test_one_text_has_one_chinese(name, text, in_zh):
    """Pages look a text up, not its row."""
    found: dict[str, set[str]] = {}
    for row in seed(name):
        found.setdefault(row[text], set()).add(row[in_zh])
    assert {english: said for english, said in found.items() if len(said) > 1} == {}


def test_a_study_without_chinese_keeps_its_english():
    with duckdb.connect() as connection:
        connection.execute("create schema reference")
        connection.execute("create table reference.regression_specs as select 'Own' as note")
        connection.execute(
            "create table reference.data_expectations as"
            " select 'A why.' as why, null::varchar as why_zh"
        )
        words = read_study_words(connection)
    assert words == StudyWords()
    assert (words.said_zh("Own"), words.said_zh("A why."), words.said_zh(None)) == (
        "Own", "A why.", "",
    )  # fmt: skip
    assert words.policy("own_policy") == Both("Own policy", "Own policy")


def test_own_texts_are_found_in_what_is_made_of_them():
    own = {"parts; in all": "各部分；合计", "the dimensions": "各维度"}
    assert remark_zh("parts; in all; 7 rows", own) == "各部分；合计；7 行"
    finding = "the largest standard error of the dimensions is 0.1, that of their average is"
    assert remark_zh(f"{finding} printed as 0.2", own).startswith("各维度的最大标准误为 0.1")


@pytest.mark.parametrize("name", [REMARKS, COLUMN_TEXTS])
def test_no_phrase_stands_in_the_way_of_another(name):
    """The first that fits is taken: with its places filled, each must fit itself."""
    for english, chinese in said_in(name):
        filled = [f"x{place}" for place in range(english.count("{"))]
        text, wanted = english.format(*filled), chinese.format(*filled)
        assert (remark_zh(text) if name == REMARKS else text_zh(text, {})) == wanted, english


def worded_reasons() -> Iterator[tuple[str, str]]:
    """Reasons in the code of the estimators, with `x` for what is filled in, and their file."""
    for path in sorted(ESTIMATION.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for text in texts_of(node):
                if PROSE.search(text):
                    yield path.name, text


def texts_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", None) in REFUSALS
        places = [*(node.args if called else []), *(k.value for k in node.keywords
                  if k.arg == "reason" or called)]  # fmt: skip
    elif isinstance(node, ast.Assign):
        named = any(getattr(target, "id", "") == "reason" for target in node.targets)
        places = [node.value] if named else []
    elif isinstance(node, ast.FunctionDef) and WORDING.search(node.name):
        places = [line.value for line in ast.walk(node)
                  if isinstance(line, ast.Return) and line.value]  # fmt: skip
    else:
        places = []
    for place in places:
        yield from filled_texts(place)


def filled_texts(place: ast.AST) -> Iterator[str]:
    if isinstance(place, ast.Constant) and isinstance(place.value, str):
        yield place.value
    elif isinstance(place, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) else "x" for part in place.values
        )
    elif isinstance(place, ast.IfExp | ast.BoolOp):
        for inner in ast.iter_child_nodes(place):
            yield from filled_texts(inner)


def test_every_reason_of_an_estimator_is_said_in_chinese():
    reasons = list(worded_reasons())
    assert len(reasons) > 30
    known = [english for english, _ in said_in(REMARKS)]
    # The end of a sentence that is put together from two is found in the phrase.
    unsaid = [
        (file, reason)
        for file, reason in reasons
        if PROSE.search(remark_zh(reason))
        and not any(reason.strip("x ") in re.sub(r"\{\d\}", "x", phrase) for phrase in known)
    ]
    assert not unsaid, f"labels/{REMARKS} lacks {unsaid}"


def test_every_column_of_a_mart_is_told_in_chinese(published):
    with duckdb.connect(str(published.path), read_only=True) as connection:
        marts = read_marts(connection)
    columns = [column for mart in marts for column in mart.columns if column.text]
    assert len(columns) > 1000
    # A text that is a formula alone is the same in both.
    untold = [
        f"{column.relation}.{column.name}: {column.text}"
        for column in columns
        if not column.text_zh or PROSE.search(column.text_zh)
    ]
    assert not untold, f"labels/{COLUMN_TEXTS} lacks {untold}"


def test_no_chinese_text_is_left_of_a_column_that_went(published):
    comments = published.frame(
        "select distinct comment from duckdb_columns() where comment is not null"
    )["comment"]
    there = {" ".join(text.split()) for text in comments}
    gone = [english for english, _ in said_in(COLUMN_TEXTS)
            if "{0}" not in english and english not in there]  # fmt: skip
    assert not gone, f"labels/{COLUMN_TEXTS}: no column says {gone}"


def test_printed_tables_in_chinese_have_no_english_prose(published):
    with duckdb.connect(str(published.path), read_only=True) as connection:
        tables = read_printed(connection, Built("ab" * 32, True, 7, ""), "zh")
    said = [text for table in tables
            for text in (table.title, *table.notes, *(row.label for row in table.rows),
                         *(cell for row in table.rows for cell in row.cells))]  # fmt: skip
    assert sum(bool(CHINESE.search(text)) for text in said) > 100
    assert [text for text in said if PROSE.search(text)] == []
