"""Every column of the marts in both languages: from the file's comments and the study's seeds."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from urban_resilience.reporting.remarks import said_in
from urban_resilience.reporting.rows import rows, unit_of
from urban_resilience.reporting.stata_names import stata_names
from urban_resilience.reporting.study_words import StudyWords, read_study_words
from urban_resilience.reporting.words import Unit

MART_SCHEMAS = ("panel", "indices", "results", "quality", "reference")
FIRST = "panel.fct_estimation_panel"
COLUMN_TEXTS = "column_texts_zh.csv"
# What every study has: our words, said of its places.
KEYS = ("city_code", "city_name_en", "city_name_zh", "year")
ENDINGS = {
    "_missing_years": ("study years without {}", "{}缺失年数"),
    "_imputation": ("how {} came about", "{}的取值方式"),
    "_announced_year": ("year in which {} was announced", "{}公布年份"),
    "_partial_year": ("first year as a partial pilot of {}", "{}部分试点首年"),
    "_year": ("first year as a full pilot of {}", "{}全域试点首年"),
    "_quartile": ("quartile of {}", "{}四分组"),
    "_sd": ("standard deviation of {}", "{}的标准差"),
}


@dataclass(frozen=True)
class Column:
    """A column of a mart.

    Attributes
    ----------
    relation
        ``schema.name``.
    stata_name
        The name, or what stands for it where Stata does not take that.
    text, text_zh
        What it is, as the file's comment says, of the places of the study; the Chinese is empty
        where nobody has said it.
    label_en, label_zh
        A few words; the name itself where nobody has said more.
    """

    relation: str
    name: str
    stata_name: str
    data_type: str
    text: str
    text_zh: str
    label_en: str
    label_zh: str


@dataclass(frozen=True)
class Mart:
    """A relation that people read, with its columns.

    Attributes
    ----------
    names_from
        Relation that a file takes the names of cities from; empty where the mart has them, or none.
    """

    relation: str
    text: str
    text_zh: str
    n_rows: int
    columns: tuple[Column, ...]
    names_from: str = ""

    @property
    def name(self) -> str:
        """Its name without the schema."""
        return self.relation.split(".", 1)[1]


def read_marts(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """Read every mart with its columns, the estimation panel first, then by schema and name."""
    schemas = ", ".join(f"'{schema}'" for schema in MART_SCHEMAS)
    words, unit = read_study_words(connection), unit_of(connection)
    known, texts = _labels_of_the_study(connection, words), _texts_of_the_study(connection, words)
    columns: dict[str, list[tuple[str, str, str]]] = {}
    for relation, name, data_type, comment in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type, coalesce(comment, '')"
        f" from duckdb_columns() where schema_name in ({schemas})"
        " order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault(relation, []).append((name, data_type, comment))
    found = []
    for relation, comment, n_rows in connection.execute(
        "select schema_name || '.' || table_name, coalesce(comment, ''), estimated_size"
        f" from duckdb_tables() where schema_name in ({schemas})"
    ).fetchall():
        short = stata_names([name for name, _, _ in columns[relation]])
        own = tuple(
            Column(
                relation,
                name,
                short[name],
                kind,
                unit.said_en(text),
                unit.said_zh(text_zh(text, texts)),
                *_labels(name, unit.said_en(text), known, unit),
            )
            for name, kind, text in columns[relation]
        )
        in_zh = unit.said_zh(relations_zh().get(relation, ""))
        found.append(Mart(relation, unit.said_en(comment), in_zh, n_rows, own))
    return sorted(found, key=_place)


def _place(mart: Mart) -> tuple[bool, int, str]:
    return (mart.relation != FIRST, MART_SCHEMAS.index(mart.relation.split(".")[0]), mart.relation)


def text_zh(text: str, own: Mapping[str, str]) -> str:
    """Say the comment of a column in Chinese, by the study's own texts first; empty if unsaid."""
    plain = " ".join(text.split())
    exact, patterns = _column_texts()
    if plain in own or plain in exact:
        return own.get(plain) or exact[plain]
    for pattern, in_zh in patterns:
        found = pattern.fullmatch(plain)
        if found:
            return in_zh.format(*(own.get(part, part) for part in found.groups()))
    return ""


@cache
def _column_texts() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    """Texts of columns as they are, and those with places."""
    said = said_in(COLUMN_TEXTS)
    exact = {english: in_zh for english, in_zh in said if "{0}" not in english}
    with_places = tuple(
        (re.compile("(.+)".join(map(re.escape, english.split("{0}")))), in_zh)
        for english, in_zh in said
        if "{0}" in english
    )
    return exact, with_places


def _labels(name: str, text: str, known: dict[str, tuple[str, str]], unit: Unit) -> tuple[str, str]:
    """Labels of a column; words of the study are its own, ours are of its places."""
    english, in_zh = _label(name, text, known)
    return english, in_zh if name in known else unit.said_zh(in_zh)


def _label(name: str, text: str, known: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Label of a column in English and Chinese: the study's word, ours, or its ending's."""
    said = re.split(r"(?<=[.;:])\s", " ".join(text.split()), maxsplit=1)[0].rstrip(".;:")
    if name in known:
        return known[name][0] or said or name, known[name][1]
    in_zh = labels_zh().get(name)
    if in_zh:
        return said or name, in_zh
    for ending, (en_ending, zh_ending) in ENDINGS.items():
        stem = name.removesuffix(ending)
        if stem != name and stem:
            en, zh = known.get(stem, (stem, labels_zh().get(stem, stem)))
            return en_ending.format(en), zh_ending.format(zh)
    return said or name, name


def _labels_of_the_study(
    connection: duckdb.DuckDBPyConnection, words: StudyWords
) -> dict[str, tuple[str, str]]:
    """Labels of series, indicators, groups and variables, the later the stronger."""
    present = _seeds(connection)
    sources = {
        "raw_columns": "column_name, name_en, name_zh, '' as unit",
        "resilience_indicators": "indicator_id, name_en, name_zh, unit",
        "city_groups": "distinct group_id, group_name_en, '' as name_zh, '' as unit",
        "panel_variables": "variable, name_en, name_zh, unit",
    }
    found: dict[str, tuple[str, str]] = {}
    for seed, selected in sources.items():
        if seed not in present:
            continue
        rows = connection.execute(f"select {selected} from reference.{seed}").fetchall()
        for name, english, in_zh, unit in rows:
            if english or in_zh:
                label = f"{english or name}, {unit}" if unit else str(english or "")
                said = in_zh or words.texts.get(english) or labels_zh().get(name) or english
                found[name] = (label, str(said))
    return {name: label for name, label in found.items() if name not in KEYS}


def _seeds(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        name
        for (name,) in connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'reference'"
        ).fetchall()
    }


def _texts_of_the_study(connection: duckdb.DuckDBPyConnection, words: StudyWords) -> dict[str, str]:
    """Chinese of the comments that are made of a study's rows (macro `study_comments`)."""
    found = dict(words.texts)
    if "panel_variables" not in _seeds(connection):
        return found
    for row in rows(connection, "from reference.panel_variables"):
        unit, expression = row.get("unit"), row.get("expression")
        comment = f"{row['name_en'] or row['variable']}{f', {unit}' if unit else ''}: {expression}"
        if row["name_zh"]:
            in_zh = f"，{words.said_zh(unit)}" if unit else ""
            found[comment] = f"{row['name_zh']}{in_zh}：{expression}"
    return found


@cache
def relations_zh() -> dict[str, str]:
    """One sentence in Chinese on each mart, by ``schema.name``."""
    return _words_of("relations_zh.csv", "relation", "text_zh")


@cache
def labels_zh() -> dict[str, str]:
    """Chinese words for the columns of marts and pages, by column name."""
    return _words_of("columns_zh.csv", "column_name", "label_zh")


def _words_of(name: str, key: str, value: str) -> dict[str, str]:
    file = files("urban_resilience.reporting").joinpath("labels", name)
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row[key]: row[value] for row in rows}
