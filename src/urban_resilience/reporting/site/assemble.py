"""Write the folder of pages."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from urban_resilience.reporting.built import read_built
from urban_resilience.reporting.dictionary import labels_zh
from urban_resilience.reporting.regressions import read_regressions
from urban_resilience.reporting.site.city_data import detail_data, indicator_data, panel_data
from urban_resilience.reporting.site.engines import chart_script, sql_script
from urban_resilience.reporting.site.marts_sqlite import sql_marts
from urban_resilience.reporting.site.page import Page
from urban_resilience.reporting.site.page_overview import overview_page
from urban_resilience.reporting.site.page_results import results_page
from urban_resilience.reporting.site.pages_cities import city_pages
from urban_resilience.reporting.site.pages_evidence import (
    dictionary_page,
    quality_page,
    replication_page,
)
from urban_resilience.reporting.site.payload import script
from urban_resilience.reporting.site.study import Study, read_study
from urban_resilience.reporting.words import Both, number
from urban_resilience.shared.steps import Tell, tell_nobody

STEPS = 6
ASSETS = ("site.css", "site.js")
# What most readers ask first: in the SQL page whatever else fits.
MAIN = "panel.fct_estimation_panel"
# What the SQL page starts with: a study without the relation drops the question.
QUESTIONS = (
    (
        "indices.fct_index_scores",
        Both("The most resilient cities of the last year", "最近一年韧性最强的城市"),
        "select city_name_en, score, rank_in_year\nfrom indices.fct_index_scores\n"
        "where index_id = '{index}' and year = {year}\norder by rank_in_year limit 20",
    ),
    (
        "results.fct_coefficients",
        Both("Estimates of the headline's treatment", "核心解释变量的全部估计值"),
        "select spec_id, estimate, std_error, p_value\nfrom results.fct_coefficients\n"
        "where term = '{treatment}' and outcome = '{outcome}'\norder by estimate desc",
    ),
    (
        "panel.fct_imputations",
        Both("How much of each series was filled", "各序列插补了多少"),
        "select series, imputation_code, count(*) as cells\nfrom panel.fct_imputations\n"
        "group by series, imputation_code order by cells desc",
    ),
)


@dataclass(frozen=True)
class SiteReport:
    """What was written.

    Attributes
    ----------
    folder
        Of the pages; ``index.html`` is the first.
    bytes_written
        Of all its files.
    seconds
        It took.
    remark
        What is missing, in words; empty where nothing is.
    """

    folder: Path
    bytes_written: int
    seconds: float
    remark: str


def build_site(warehouse: Path, folder: Path, tell: Tell = tell_nobody) -> SiteReport:
    """Write every page of a built warehouse.

    Parameters
    ----------
    warehouse
        The DuckDB file; it is only read.
    folder
        To write. What is there is replaced whole, once the new pages are complete.
    tell
        Called at the start of each step.
    """
    start = time.monotonic()
    incoming = folder.with_name(f".{folder.name}.incoming")
    shutil.rmtree(incoming, ignore_errors=True)
    (incoming / "data").mkdir(parents=True)
    built = read_built(warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tell("what is in the warehouse", 1, STEPS)
        study = read_study(connection)
        regressions = read_regressions(connection)
        pages = [overview_page(connection, study, regressions)]
        tell("cities", 2, STEPS)
        panel, indicators = panel_data(connection, study), indicator_data(connection, study)
        pages += city_pages(study, panel, indicators, detail_data(connection, study))
        tell("results", 3, STEPS)
        pages.append(results_page(connection, study, regressions))
        tell("evidence", 4, STEPS)
        pages += [replication_page(connection), quality_page(connection)]
        pages.append(dictionary_page(connection))
        tell("the page that runs SQL", 5, STEPS)
        sql_page, remark = _sql_page(connection, study, incoming)
    pages.append(sql_page)
    tell("files", 6, STEPS)
    _write_assets(incoming)
    for page in pages:
        _write_page(page, incoming, study, {"pages": pages, "study": study, "built": built})
    size = sum(path.stat().st_size for path in incoming.rglob("*") if path.is_file())
    _replace(incoming, folder)
    return SiteReport(folder, size, time.monotonic() - start, remark)


def _sql_page(
    connection: duckdb.DuckDBPyConnection, study: Study, folder: Path
) -> tuple[Page, str]:
    marts = sql_marts(connection, [MAIN, *(relation for relation, _, _ in QUESTIONS)])
    engine, remark = sql_script()
    if engine is not None:
        shutil.copyfile(engine, folder / engine.name)
        (folder / "data" / "marts.js").write_text(marts.script, encoding="utf-8")
    known = {name for name, n_rows in marts.relations if n_rows}
    last = study.years[-1] if study.years else 0
    fields = {"index": study.index_id, "year": last, "treatment": study.treatment}
    questions = [
        (title, query.format(**fields, outcome=study.outcome))
        for relation, title, query in QUESTIONS
        if relation in known
    ]
    context = {
        "engine": engine.name if engine else "",
        "remark": remark,
        "relations": marts.relations,
        "left_out": marts.left_out,
        "questions": questions,
    }
    return Page("sql", Both("Ask in SQL", "SQL 查询"), context), remark


def _write_assets(folder: Path) -> None:
    source = Path(__file__).parents[1] / "templates" / "site"
    for name in ASSETS:
        shutil.copyfile(source / name, folder / name)
    shutil.copyfile(chart_script(), folder / "charts.js")


def _write_page(page: Page, folder: Path, study: Study, shared: Mapping[str, object]) -> None:
    for name, value in page.data.items():
        path = folder / "data" / f"{name}.js"
        if not path.exists():
            path.write_text(script(name, value), encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("urban_resilience.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["num"] = number
    environment.filters["heading"] = _heading
    environment.filters["in_zh"] = study.words.said_zh
    said = {"of_places": study.unit.said_en, "of_places_zh": study.unit.said_zh}
    environment.filters.update(said)
    has_charts = any(name.startswith("charts_") for name in page.data)
    text = environment.get_template(f"site/{page.name}.html").render(
        {**shared, **page.context, "page": page, "has_charts": has_charts}
    )
    (folder / f"{page.name}.html").write_text(text, encoding="utf-8")


def _heading(column: str) -> Both:
    """Name of a column over a table of a page."""
    words = column.replace("_", " ")
    return Both(words, labels_zh().get(column, words))


def _replace(incoming: Path, folder: Path) -> None:
    """Put the new folder in place of the old one, whole."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    incoming.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
