"""What the pages are made of, without a browser and without a build."""

from __future__ import annotations

import json

import pytest
from markupsafe import Markup

from urban_resilience.reporting.regressions import in_words, sql_of
from urban_resilience.reporting.rows import grouped
from urban_resilience.reporting.site.payload import grid, script
from urban_resilience.reporting.words import CITIES, Both, Unit, number

SPEC = {
    "spec_id": "own_1", "design": "iv", "outcome": "y", "treatment": "d", "controls": "a b",
    "fixed_effects": "year city_code", "cluster": "city_code", "sample_filter": "year > 2010",
    "instrument": "z", "policy_id": None, "moderator": None, "weights": None, "formula": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""), (0.0, "0.0000"), (0.00777, "0.0078"), (-0.5, "-0.5000"), (1.23456, "1.235"),
        (12345.678, "12,345.7"), (3177, "3,177"), (2e-9, "2.00e-09"), ("words", "words"),
        (True, "True"), (2019, "2,019"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_read_it(value, shown):
    assert number(value) == shown


STATES, AREAS = Unit("state", "states", "州"), Unit("area", "areas", "地区")


@pytest.mark.parametrize(
    ("text", "of_states", "of_areas"),
    [
        ("A city and the cities beside it", "A state and the states beside it",
         "An area and the areas beside it"),
        ("Cities left out: 281 city-years", "States left out: 281 state-years",
         "Areas left out: 281 area-years"),
        ("panel.fct_city_years by city_code", None, None),
        ("capacity, scarcities", None, None),
        ("Every city of seed `cities`", "Every state of seed `cities`",
         "Every area of seed `cities`"),
        (7, 7, 7),
    ],
)  # fmt: skip
def test_texts_are_said_of_the_places_of_the_study(text, of_states, of_areas):
    assert CITIES.said_en(text) == text
    assert STATES.said_en(text) == (text if of_states is None else of_states)
    assert AREAS.said_en(text) == (text if of_areas is None else of_areas)


def test_chinese_texts_are_too_and_what_is_safe_for_a_page_stays_so():
    assert STATES.said_zh("各城市—年份") == "各州—年份"
    assert STATES.said_zh("固定效应：year, city") == "固定效应：year, state"
    said = STATES.said_en(Markup("<b>city</b>"))
    assert said == "<b>state</b>" and isinstance(said, Markup)


def test_cells_are_laid_out_city_by_city():
    cells = [("b", 2, 1.5), ("a", 1, 2.5), ("c", 1, 9.0), ("a", 3, 9.0)]
    assert grid(cells, ["a", "b"], [1, 2]) == [2.5, None, None, 1.5]


def test_a_script_holds_its_value_and_ends_no_other():
    text = script("x", {"name": "</script>\u2028", "value": 1 / 3, "none": None})
    assert "</script>" not in text and "\u2028" not in text
    value = json.loads(text.split("SITE.x=", 1)[1].rstrip(";\n").replace("<\\/", "</"))
    assert value == {"name": "</script>\u2028", "value": 0.3333333, "none": None}


def test_a_number_that_json_has_not_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        script("x", float("inf"))


def test_a_specification_is_told_in_both_languages():
    words = in_words(SPEC)
    assert words.en == (
        "Two-stage least squares of y on d; instrument z; controls: a, b; fixed effects: year,"
        " city; errors clustered by city_code; sample: year > 2010"
    )
    assert words.zh.startswith(
        "两阶段最小二乘：被解释变量 y，核心解释变量 d；工具变量 z；控制变量：a, b"
    )
    bare = in_words({**SPEC, "design": "own design", "controls": None, "instrument": None})
    assert "own design" in bare.en.casefold() and "controls: none" in bare.en
    assert "控制变量：无" in bare.zh and "instrument" not in bare.en


@pytest.mark.parametrize(
    ("design", "relation"),
    [
        ("twfe", "fct_coefficients"),
        ("placebo", "fct_resampled_inference"),
        ("event_study", "fct_event_study"),
    ],
)  # fmt: skip
def test_the_query_of_a_specification_names_where_its_numbers_are(design, relation):
    query = sql_of({**SPEC, "design": design})
    assert query == f"select * from results.{relation} where spec_id = 'own_1'"


def test_rows_of_a_column_come_together_in_their_order():
    found = [{"spec_id": name, "n": n} for n, name in enumerate("abab")]
    assert {key: [row["n"] for row in own] for key, own in grouped(found).items()} == {
        "a": [0, 2], "b": [1, 3],
    }  # fmt: skip
    assert list(grouped(found, "n")) == ["0", "1", "2", "3"]


def test_both_halves_of_a_title_travel_in_one():
    assert Both("City", "城市").joined() == "City¦城市"
