"""The charts of the pages as files: SVG and PDF, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import vl_convert

from urban_resilience.reporting.built import BANNER_EN, BANNER_ZH, Built
from urban_resilience.reporting.exports.printed import LANGUAGES
from urban_resilience.reporting.regressions import read_regressions
from urban_resilience.reporting.rows import unit_of
from urban_resilience.reporting.site.page_overview import overview_page
from urban_resilience.reporting.site.page_results import results_page
from urban_resilience.reporting.site.study import read_study
from urban_resilience.reporting.words import CITIES, SEPARATOR, Unit

VERSION = "6.4"
WIDTH = 620
FONT = "Helvetica, Arial, Noto Sans CJK SC, Source Han Sans SC, SimHei, sans-serif"
CONFIG = {
    "background": "white",
    "font": FONT,
    "view": {"stroke": None},
    "axis": {"labelFontSize": 11, "titleFontSize": 12, "gridColor": "#e4e4e4"},
    "legend": {"labelFontSize": 11, "titleFontSize": 12},
    "title": {
        "anchor": "start",
        "fontSize": 13,
        "subtitleFontSize": 10,
        "subtitleColor": "#444444",
    },
}


def write_figures(
    connection: duckdb.DuckDBPyConnection, built: Built, folder: Path, suffix: str
) -> None:
    """Write every figure of the pages: those that the study's data give.

    Forest plot, event studies, placebo distributions, specification curves, marginal effects,
    balance of matching, and resilience over time.
    """
    folder.mkdir()
    unit = unit_of(connection)
    for name, spec in figures(connection).items():
        for language in LANGUAGES:
            drawn = in_one_language(spec, language, built, unit)
            # `event_event_smart_city` says its kind twice where the row's own name does.
            plain = re.sub(r"^(\w+?)_\1_", r"\1_", name)
            place = folder / f"{plain}.{language}{suffix}"
            text = vl_convert.vegalite_to_svg(drawn, vl_version=VERSION)
            place.with_name(f"{place.name}.svg").write_text(text, encoding="utf-8")
            place.with_name(f"{place.name}.pdf").write_bytes(vl_convert.svg_to_pdf(text))


def figures(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the charts of the pages by name, as they have them: in both languages."""
    study, regressions = read_study(connection), read_regressions(connection)
    pages = (
        overview_page(connection, study, regressions),
        results_page(connection, study, regressions),
    )
    return {
        name: spec
        for page in pages
        for charts in page.data.values()
        if isinstance(charts, dict)
        for name, spec in charts.items()
        if isinstance(spec, dict) and "$schema" in spec
    }


def in_one_language(
    spec: dict[str, Any], language: str, built: Built, unit: Unit = CITIES
) -> dict[str, Any]:
    """Make a chart stand alone: one language, a width, a ground, and which build it is of."""
    said = unit.said_zh if language == "zh" else unit.said_en
    drawn: dict[str, Any] = _chosen(spec, LANGUAGES.index(language), said)
    banner = BANNER_ZH if language == "zh" else BANNER_EN
    warning = [banner] if built.is_simulated else []
    title = {
        "text": drawn.get("description", ""),
        "subtitle": [*warning, f"Build {built.short_hash}"],
    }
    return {**drawn, "width": WIDTH, "title": title, "config": CONFIG, "padding": 10,
            "autosize": {"type": "pad"}}  # fmt: skip


def _chosen(value: Any, place: int, said: Callable[[str], str]) -> Any:
    """Keep one half of every text that has both languages, said of the study's places."""
    if isinstance(value, dict):
        return {key: _chosen(item, place, said) for key, item in value.items()}
    if isinstance(value, list):
        return [_chosen(item, place, said) for item in value]
    if isinstance(value, str) and SEPARATOR in value:
        return said(value.split(SEPARATOR)[place])
    return value
