"""The next study is rows: what every study runs through names no country, currency or paper."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

from support.dbt import ROOT

NAMES = re.compile(
    r"china|chinese|yuan|euro|dollar|prefectur|smart_city|broadband|low_carbon|yangtze|jing_jin"
    r"|beijing|tianjin|castle|table_[1-6]\b|resistance_recovery|\bresi\b|\bvagg\b",
    re.IGNORECASE,
)
# Rooms and folders that every study runs through.
PYTHON = ("estimation", "intake", "variables", "shared", "quality", "refresh", "reporting")
SQL = ("models/staging", "models/intermediate", "models/gates", "models/marts", "macros")
# What computes the paper's own measures and lays out its own tables; empty in other studies.
OF_THE_PAPER = {
    "macros/indicators.sql": "a row that stands in while no seed is loaded",
    "macros/outside_places.sql": "kinds of places in seed other_places, empty with other places",
    "models/gates/int_index_identities.sql": "holds fct_resilience against its parts",
    "models/marts/indices/fct_digital_infrastructure.sql": "a published relation of the paper",
    "models/marts/indices/fct_resilience.sql": "a published relation of the paper",
    "models/marts/indices/fct_virtual_agglomeration.sql": "the measure itself",
    "models/marts/panel/rpt_descriptive_statistics.sql": "the printed means beside the computed",
    "models/marts/quality/rpt_revision_effects.sql": "what revisions do to the paper's index",
    "models/marts/results/rpt_table_3.sql": "the paper's layout",
    "models/marts/results/rpt_table_4.sql": "the paper's layout",
    "models/marts/results/rpt_table_5.sql": "the paper's layout",
    "models/marts/results/rpt_table_6.sql": "the paper's layout",
}
# What reads the files of one country, where a study has such files or such places.
OF_ONE_COUNTRY = {
    "src/urban_resilience/reporting/exports/rerun.py": "the paper's table first, if any",
    "src/urban_resilience/intake/reading/read_frames.py": "an encoding that Stata files may have",
    "src/urban_resilience/intake/recognition/io_currencies.py": "currencies of such tables",
    "src/urban_resilience/intake/recognition/provinces.py": "places above cities in yearbooks",
    "src/urban_resilience/intake/recognition/shapes/io_countries.py": "OECD tables by country",
    "src/urban_resilience/intake/recognition/shapes/io_matrix.py": "OECD tables by country",
    "src/urban_resilience/intake/recognition/shapes/io_money.py": "currencies of such tables",
    "src/urban_resilience/intake/recognition/shapes/io_records.py": "OECD tables by country",
    "src/urban_resilience/intake/template.py": "a form with Chinese headers, where a study has any",
    "src/urban_resilience/intake/vocabulary/cities.py": "codes of six digits with their history",
    "src/urban_resilience/intake/vocabulary/places.py": "words after names of places",
}


def code_of_python(text: str) -> str:
    """Names and strings of a module, without comments and docstrings."""
    kept, before = [], tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_docstring = token.type == tokenize.STRING and before in (
            tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.ENCODING,
        )  # fmt: skip
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.OP) and not is_docstring:
            kept.append(token.string)
        if token.type != tokenize.COMMENT:
            before = token.type
    return " ".join(kept)


def code_of_sql(text: str) -> str:
    """SQL and Jinja without comments."""
    return re.sub(r"\{#.*?#\}|--[^\n]*", "", text, flags=re.DOTALL)


def names_in(paths: list[Path], read) -> dict[str, set[str]]:
    found = {}
    for path in paths:
        names = {match.lower() for match in NAMES.findall(read(path.read_text(encoding="utf-8")))}
        if names:
            found[path.relative_to(ROOT).as_posix()] = names
    return found


def test_sql_names_no_country_currency_or_paper():
    paths = [path for folder in SQL for path in sorted((ROOT / folder).rglob("*.sql"))]
    found = names_in(paths, code_of_sql)
    assert set(found) <= set(OF_THE_PAPER), {
        k: v for k, v in found.items() if k not in OF_THE_PAPER
    }
    assert set(OF_THE_PAPER) <= set(found), "an exception that is none any more"


def test_python_names_no_country_currency_or_paper():
    room = ROOT / "src" / "urban_resilience"
    paths = [path for name in PYTHON for path in sorted((room / name).rglob("*.py"))]
    paths += sorted((ROOT / "python_models").rglob("*.py"))
    found = names_in(paths, code_of_python)
    assert {path: names for path, names in found.items() if path not in OF_ONE_COUNTRY} == {}
    assert set(OF_ONE_COUNTRY) <= set(found), "an exception that is none any more"


def test_the_readers_see_what_they_should():
    assert NAMES.search(code_of_python('"""china"""\nx = "yuan"  # china')).group() == "yuan"
    assert NAMES.search(code_of_sql("select 1 -- yuan\n{# china #}")) is None
