"""Every page in a browser: no error, no request, no barrier, and the warehouse's own numbers."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from support.browser import PHONE, opened
from urban_resilience.reporting.dictionary import relations_zh
from urban_resilience.reporting.site.pages_evidence import quality_page

PAGES = (
    "index",
    "cities",
    "map",
    "what_if",
    "results",
    "replication",
    "quality",
    "dictionary",
    "sql",
)
HEADINGS = {
    "index": "概览", "cities": "城市", "map": "地图", "what_if": "假如", "results": "结果",
    "replication": "复现", "quality": "数据质量", "dictionary": "数据字典", "sql": "SQL 查询",
}  # fmt: skip
# What a reader with a screen reader could not do without.
SERIOUS = {"serious", "critical"}
# What a reader of a Chinese page sees, in code and queries apart; texts of charts have both halves.
TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, box = node.parentElement;
    if (!box.closest('code, pre, textarea, script, style') && box.checkVisibility())
      found.push(node.textContent.trim());
  }
  const strings = (value) => typeof value === 'string' ? [value]
    : value && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
  for (const [key, charts] of Object.entries(window.SITE || {}))
    if (key.startsWith('charts_'))
      found.push(...strings(charts).map((text) => text.split('¦').at(-1)));
  return [...new Set(found)];
}"""
# Three English words in a row, commas between them or not; names of columns are no words.
WORDS = re.compile(r"(?<![\w.])[A-Za-z][a-z]+(?:,? [a-z]+){2,}(?!\w)")
NUMBERS = "cells => cells.map(c => c.dataset.value === undefined ? null : Number(c.dataset.value))"


def column(page, table: str, place: int) -> list[float]:
    """Full values of a column of a table that is on the page."""
    return page.eval_on_selector_all(
        f'table[data-file="{table}"] tbody td:nth-child({place})', NUMBERS
    )


def test_the_site_is_small_and_whole(site, pages):
    assert site.bytes_written < 10e6
    assert {path.stem for path in pages.glob("*.html")} == set(PAGES)
    assert not list(pages.parent.glob(".*"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(browser, pages, name):
    """Both languages, light and dark, a phone, a screen reader: one opening tries them all."""
    with opened(browser, pages / f"{name}.html") as page:
        assert page.get_attribute("html", "lang") == "en"
        assert page.locator("header .banner").inner_text().startswith("Simulated data")
        assert not barriers(page, ["wcag2a", "wcag2aa"])
        page.click("#theme")
        assert page.get_attribute("html", "data-theme") == "dark"
        assert not barriers(page, ["color-contrast"])
        page.click("#language")
        assert page.get_attribute("html", "lang") == "zh"
        assert page.locator("h1").inner_text() == HEADINGS[name]
        assert "lang=zh" in page.url
        # Language and theme go along with every link.
        carried = page.get_attribute("nav a >> nth=3", "href").split("#")[1].split("&")
        assert set(carried) == {"lang=zh", "theme=dark"}
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def barriers(page, rules: list[str]) -> list:
    """What axe calls serious, with the first elements it is about."""
    # It would fetch the style sheets again, which a page from disk may not.
    options = {"preload": False, "resultTypes": ["violations"], "runOnly": rules}
    found = Axe().run(page, options=options).response["violations"]
    serious = [violation for violation in found if violation["impact"] in SERIOUS]
    return [(v["id"], [node["target"] for node in v["nodes"]][:3]) for v in serious]


def test_the_headline_is_that_of_the_warehouse(browser, pages, published):
    estimate, error, count = published.frame(
        "select estimate, std_error, n_obs from results.fct_coefficients"
        " join results.fct_model_fits using (spec_id)"
        " where spec_id = 't3_4' and term = 'vagg'"
    ).iloc[0]
    with opened(browser, pages / "index.html") as page:
        text = page.locator("[data-test=headline]").inner_text()
        assert text.startswith(f"{estimate:.4f} (s.e. {error:.4f}") and f"N = {count:,.0f}" in text
        page.click("section.lead a.spec")
        page.wait_for_url("**/results.html#spec=t3_4")
        assert page.locator("#spec-t3_4").get_attribute("open") is not None
        assert "where spec_id = 't3_4'" in page.locator("#spec-t3_4 pre").inner_text()


def test_printed_tables_are_those_of_the_warehouse(browser, pages, published):
    cells = published.frame(
        "select row_label, printed_column, cell from results.rpt_tables"
        " where table_id = 'table_3' order by row_number, position"
    )
    with opened(browser, pages / "results.html") as page:
        shown = page.eval_on_selector_all(
            "#table_table_3 tbody tr",
            "rows => rows.map(r => [...r.cells].slice(1).map(c => c.innerText))",
        )
        assert [c.strip() for row in shown[1:] for c in row] == cells["cell"].fillna("").tolist()
        assert page.locator("[data-chart]").count() >= 15
        # Charts are drawn when they come near.
        page.locator("#forest").scroll_into_view_if_needed()
        page.locator("#forest .chart svg").wait_for()
        # Each chart has its numbers beside it.
        assert page.locator("figure:has([data-chart]):not(:has(table))").count() == 0


def test_a_chart_leaves_room_beside_its_names_on_a_phone(browser, pages):
    with opened(browser, pages / "results.html", viewport=PHONE) as page:
        page.locator("#forest").scroll_into_view_if_needed()
        page.locator("#forest .chart svg").wait_for()
        picture = page.locator("#forest .chart").bounding_box()
        drawing = page.locator("#forest .chart svg .role-frame > g > .background").bounding_box()
        assert drawing["width"] > picture["width"] / 3
        assert drawing["x"] + drawing["width"] <= picture["x"] + picture["width"]


def test_tables_are_headed_in_both_languages(browser, pages):
    heads = "heads => heads.map(h => h.innerText.trim())"
    for lang, first in (("en", ["rank", "city", "score"]), ("zh", ["排名", "城市", "得分"])):
        with opened(browser, pages / "index.html", f"lang={lang}") as page:
            shown = page.eval_on_selector_all("table[data-file] th[scope=col]", heads)
            assert set(first) <= set(shown)
            # No heading in the other language beside it.
            is_latin = [name.isascii() for name in shown if name]
            assert all(is_latin) if lang == "en" else not any(is_latin)


def test_weights_at_the_start_give_the_ranks_of_the_warehouse(browser, pages, published):
    scores = published.frame(
        "select score, rank_in_year from indices.fct_index_scores where index_id = 'resi'"
        " and year = 2015 order by score desc, city_code"
    )
    with opened(browser, pages / "what_if.html", "year=2015") as page:
        np.testing.assert_allclose(column(page, "what_if", 3), scores["score"], rtol=1e-6)
        assert column(page, "what_if", 1) == column(page, "what_if", 4)
        assert column(page, "what_if", 4) == scores["rank_in_year"].tolist()


def test_moved_weights_give_new_ranks(browser, pages, published):
    values = published.frame(
        "pivot (select city_code, indicator_id, score from indices.fct_index_contributions"
        " where index_id = 'resi' and year = 2019) on indicator_id using any_value(score)"
    ).set_index("city_code")
    weights = published.frame(
        "select indicator_id, weight from indices.fct_index_weights"
        " where index_id = 'resi' and is_used"
    ).set_index("indicator_id")["weight"]
    weights["patents_per_capita"] = 0.5
    expected = (values[weights.index] @ (weights / weights.sum())).sort_values(ascending=False)
    with opened(browser, pages / "what_if.html") as page:
        page.locator("#w_patents_per_capita").fill("0.5")
        np.testing.assert_allclose(column(page, "what_if", 3), expected, rtol=1e-6)
        assert not page.locator("#what_if_words").inner_text().startswith("0 of")
        page.click("#reset")
        assert page.locator("#what_if_words").inner_text().startswith("0 of")


def test_a_city_is_found_and_compared(browser, pages, published):
    with opened(browser, pages / "cities.html") as page:
        page.fill("#search", "深圳")
        assert page.locator("#city_name").inner_text() == "Shenzhen"
        own = published.frame(
            "select value from panel.fct_variables where variable = 'resi' and city_code = '440300'"
            " and value is not null order by year"
        )["value"]
        np.testing.assert_allclose(
            [v for v in column(page, "city_resi", 2) if v is not None], own, rtol=1e-6
        )
        parts = published.frame(
            "select sum(contribution) as total from indices.fct_index_contributions"
            " where index_id = 'resi' and city_code = '440300' and year = 2019"
        )["total"]
        np.testing.assert_allclose(sum(column(page, "indicators", 6)), parts[0], rtol=1e-6)
        page.fill("#search", "")
        page.select_option("#compare1", "110000")
        page.select_option("#compare2", "310000")
        heads = page.eval_on_selector_all(
            'table[data-file="city_resi"] th', "h => h.map(x => x.innerText)"
        )
        assert heads == ["year", "Shenzhen", "Beijing", "Shanghai"]
        page.select_option("#variable", "vagg")
        assert "variable=vagg" in page.url
        page.reload()
        assert page.locator("#city_name").inner_text() == "Shenzhen"
        assert page.locator('table[data-file="city_vagg"]').count() == 1


def test_the_map_follows_variable_and_year(browser, pages, published):
    expected = published.frame(
        "select value from panel.fct_variables where variable = 'pop' and year = 2012"
        " and city_code in (select city_code from panel.fct_estimation_panel)"
        " and value is not null order by value desc"
    )["value"]
    with opened(browser, pages / "map.html", "variable=pop&year=2012") as page:
        np.testing.assert_allclose(column(page, "map_pop_2012", 4), expected, rtol=1e-6)
        page.locator("#map_chart svg").wait_for()
        page.locator("#map_year").press("ArrowRight")
        assert page.locator("#map_year_shown").inner_text() == "2013"
        assert page.locator('table[data-file="map_pop_2013"]').count() == 1


def test_a_filled_cell_is_one_that_was_not_observed(published):
    with duckdb.connect(str(published.path), read_only=True) as connection:
        imputed = quality_page(connection).context["imputed"]
    counted = published.value("select count(value) from panel.fct_imputations")
    assert sum(row["filled"] for row in imputed) == counted > 0
    assert all(0 <= row["share"] == row["filled"] / row["cells"] < 0.5 for row in imputed)


def test_a_reader_asks_in_sql(browser, pages, site, published):
    if site.remark:
        pytest.skip(site.remark)
    count = published.value(
        "select count(*) from panel.fct_estimation_panel where is_estimation_sample"
    )
    with opened(browser, pages / "sql.html") as page:
        page.click("#run")
        page.locator("#answer table").wait_for()
        assert page.locator("#answer tbody tr").count() == 20
        page.fill(
            "#query",
            "select count(*) as n from panel.fct_estimation_panel where is_estimation_sample",
        )
        page.click("#run")
        page.locator("#status", has_text="1 row").wait_for()
        assert column(page, "answer", 1) == [count]
        page.fill("#query", "select x from nowhere")
        page.click("#run")
        page.locator("#status", has_text="no such table").wait_for()


def test_the_dictionary_finds_words(browser, pages):
    with opened(browser, pages / "dictionary.html") as page:
        page.fill("#words", "虚拟集聚")
        assert "vagg" in page.locator("#relations").inner_text()
        whole = page.locator("#found").inner_text()
        page.fill("#words", "zzz")
        assert page.locator("#found").inner_text().startswith("0 columns") and whole != ""


def test_every_relation_is_told_in_chinese(browser, pages):
    with opened(browser, pages / "dictionary.html", "lang=zh") as page:
        told = page.evaluate("SITE.dictionary.map(relation => [relation.name, relation.zh])")
        shown = page.locator("#relations summary").all_inner_texts()
    # The two that a refresh writes are not in a plain build.
    of_refresh = {"quality.fct_build_nodes", "quality.fct_build_runs"}
    assert {*relations_zh()} - {name for name, _ in told} == of_refresh
    assert all(relations_zh()[name] == in_zh for name, in_zh in told)
    assert shown == [f"{name} {in_zh}" for name, in_zh in told]


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_has_no_english_prose(browser, pages, published, name):
    names = set(published.frame("select distinct column_name from duckdb_columns()")["column_name"])
    # A type is named in SQL.
    names |= {"timestamp", "with", "time", "zone"}
    with opened(browser, pages / f"{name}.html", "lang=zh") as page:
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        # What a relation of the dictionary holds is written when it is opened.
        page.wait_for_function(
            "() => !document.querySelector('#relations details:not(:has(td))')",
        )
        texts = page.evaluate(TEXTS)
    assert sum(bool(re.search("[\u4e00-\u9fff]", text)) for text in texts) > 10
    prose = [
        text
        for text in texts
        for words in WORDS.findall(text)
        if not names.issuperset(re.findall(r"\w+", words))
    ]
    assert prose == []


def test_the_dictionary_says_what_a_relation_is_made_from(browser, pages, published):
    wanted = published.frame(
        "select made_from from quality.fct_lineage where relation = 'indices.fct_resilience'"
        " order by made_from"
    )["made_from"].tolist()
    with opened(browser, pages / "dictionary.html", "words=indices.fct_resilience") as page:
        line = page.locator("#relations p", has_text="Made from")
        assert line.inner_text() == "Made from: " + ", ".join(wanted)
        # Relations of other layers are named; those of the dictionary are found.
        line.locator("a", has_text="reference.dim_cities").click()
        assert page.locator("#words").input_value() == "reference.dim_cities"
        assert "words=reference.dim_cities" in page.url
        assert "reference.dim_cities" in page.locator("#relations").inner_text()


def test_the_search_has_room_on_a_phone(browser, pages):
    with opened(browser, pages / "dictionary.html", viewport=PHONE) as page:
        assert page.locator("#words").bounding_box()["width"] > PHONE["width"] / 3


def test_remarks_are_in_the_language_of_the_page(browser, pages):
    spec = "rob_cluster_two_way"
    for lang, says in (("en", "Remark: 12 clusters"), ("zh", "备注: 只有 12 个聚类")):
        with opened(browser, pages / "results.html", f"lang={lang}&spec={spec}") as page:
            assert page.locator(f"#spec-{spec} .warn").inner_text().startswith(says)
            cells = page.locator("#table_table_3 td").all_inner_texts()
            assert ("Yes" in cells, "是" in cells) == (lang == "en", lang == "zh")


def test_a_table_downloads_whole_and_harmless(browser, pages):
    with opened(browser, pages / "index.html") as page:
        with page.expect_download() as waited:
            page.click('button[aria-label="CSV top_cities"]')
        text = Path(waited.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert text[0] == "rank,city,score" and len(text) == 11
        assert abs(float(text[1].split(",")[2])) < 1 and len(text[1].split(",")[2]) > 6
