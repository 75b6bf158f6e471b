"""What the pages about cities load: panel, indicators, quotients and filled cells, laid flat."""

from __future__ import annotations

import re

import duckdb

from urban_resilience.reporting.rows import rows
from urban_resilience.reporting.site.payload import grid
from urban_resilience.reporting.site.study import Study

# Sectors shown for a city: those it is most specialized in.
SHOWN_SECTORS = 10


def panel_data(connection: duckdb.DuckDBPyConnection, study: Study) -> dict[str, object]:
    """Lay out every variable of the panel, before winsorizing, and the ranks of the index.

    Returns
    -------
    dict
        ``cities``, ``years``, ``variables`` (names and units), ``values`` by variable: cell (i, t)
        at ``i * len(years) + t``; ``ranks`` likewise.
    """
    found: dict[str, list[tuple[str, int, object]]] = {}
    for variable, city, year, value in connection.execute(
        "select variable, city_code, year, value from panel.fct_variables"
        " where value is not null order by all"
    ).fetchall():
        found.setdefault(variable, []).append((city, year, value))
    # A variable that no city has would be an empty choice.
    shown = [row for row in study.variables if row["variable"] in found]
    ranks = connection.execute(
        "select city_code, year, rank_in_year from indices.fct_index_scores where index_id = ?",
        [study.index_id],
    ).fetchall()
    return {
        "index": study.index_id,
        "outcome": study.outcome,
        "cities": study.cities,
        "years": study.years,
        "variables": shown,
        "values": {
            str(row["variable"]): grid(found[str(row["variable"])], study.codes, study.years)
            for row in shown
        },
        "ranks": grid(ranks, study.codes, study.years),
    }


def indicator_data(connection: duckdb.DuckDBPyConnection, study: Study) -> dict[str, object]:
    """Lay out the indicators of the ranked index: values, scores, weights, contributions.

    Returns
    -------
    dict
        ``index``, ``indicators`` (names, units, dimension, weight) and ``values``, ``scores``,
        ``contributions`` by indicator, laid out as in `panel_data`; ``is_additive`` says whether
        the contributions sum to the index. Where they are weight times score in every year, the
        page multiplies, and ``contributions`` is empty.
    """
    indicators = rows(
        connection,
        "select weights.indicator_id as id, any_value(weights.indicator_name) as en,"
        " coalesce(any_value(indicators.name_zh), any_value(weights.indicator_name)) as zh,"
        " any_value(weights.unit) as unit, any_value(weights.dimension) as dimension,"
        " any_value(weights.direction) as direction, any_value(weights.weight) as weight,"
        " any_value(indicators.expression) as expression"
        " from indices.fct_index_weights as weights"
        " left join reference.resilience_indicators as indicators using (indicator_id)"
        " where weights.index_id = ? and is_used group by 1"
        " order by any_value(indicators.position), 1",
        [study.index_id],
    )
    laid: dict[str, dict[str, list[object]]] = {"values": {}, "scores": {}, "contributions": {}}
    cells: dict[str, list[tuple[object, ...]]] = {}
    for indicator, *cell in connection.execute(
        "select indicator_id, city_code, year, value, score, contribution"
        " from indices.fct_index_contributions where index_id = ?",
        [study.index_id],
    ).fetchall():
        cells.setdefault(indicator, []).append(tuple(cell))
    for indicator, found in cells.items():
        for place, name in enumerate(laid, start=2):
            laid[name][indicator] = grid(
                ((str(c[0]), int(str(c[1])), c[place]) for c in found), study.codes, study.years
            )
    settings = connection.execute(
        "select scope, aggregation from reference.index_definitions where index_id = ?",
        [study.index_id],
    ).fetchone()
    is_additive = settings is not None and settings[1] == "weighted_sum"
    is_pooled = settings is not None and settings[0] == "pooled"
    if is_additive and is_pooled:
        laid["contributions"] = {}
    return {
        "index": study.index_id,
        "is_additive": is_additive,
        "is_pooled": is_pooled,
        "indicators": [
            {**row, "unit_zh": study.words.said_zh(row["unit"])}
            for row in indicators
            if row["id"] in cells
        ],
        **laid,
    }


def detail_data(connection: duckdb.DuckDBPyConnection, study: Study) -> dict[str, object]:
    """Quotients of the last year and filled cells, by city.

    Returns
    -------
    dict
        ``quotients`` by city: sector, quotient, members, most specialized first; ``sectors``:
        their names; ``filled`` by city: series, year, code; ``codes``: what those are in Chinese;
        ``uses``: series by indicator.
    """
    quotients: dict[str, list[list[object]]] = {}
    last = None
    sectors: dict[str, dict[str, str]] = {}
    for city, sector, name, quotient, members, year in connection.execute(
        "select city_code, sector, coalesce(any_value(sector_name_en), sector), any_value(lq),"
        " any_value(sector_members), year from indices.fct_location_quotients"
        " left join reference.sectors using (sector)"
        " where year = (select max(year) from indices.fct_location_quotients) and lq > 0"
        " group by city_code, sector, year"
        f" qualify row_number() over (partition by city_code order by any_value(lq) desc, sector)"
        f" <= {SHOWN_SECTORS} order by city_code, any_value(lq) desc, sector"
    ).fetchall():
        last = year
        quotients.setdefault(city, []).append([sector, quotient, members])
        sectors.setdefault(sector, {"en": name, "zh": study.words.said_zh(name)})
    filled: dict[str, list[list[object]]] = {}
    for city, series, at, code in connection.execute(
        "select city_code, series, year, imputation_code from panel.fct_imputations"
        " where value is not null order by all"
    ).fetchall():
        filled.setdefault(city, []).append([series, at, code])
    return {
        "quotient_year": last,
        "quotients": quotients,
        "sectors": sectors,
        "filled": filled,
        "codes": {code: study.words.said_zh(code) for own in filled.values() for *_, code in own},
        "uses": _series_of_indicators(connection),
    }


def _series_of_indicators(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Raw series that stand in the expression of each indicator."""
    series = {str(row["column_name"]) for row in rows(connection, "from reference.raw_columns")}
    return {
        str(row["indicator_id"]): sorted(
            series & set(re.findall(r"\w+", str(row["expression"] or "")))
        )
        for row in rows(connection, "from reference.resilience_indicators")
    }
