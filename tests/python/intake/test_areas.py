"""The city proper is never taken for the whole city, wherever a file says which of them it has."""

import pytest

from support.sheets import assert_exactly, read

GDP = "gdp_100m_yuan"
WHOLE = {("130100", 2014, GDP): 5100.0, ("140100", 2014, GDP): 2500.0}
HEADS = ["城市", "地区生产总值(亿元)"]
CITIES = [["石家庄市", 5100], ["太原市", 2500]]
PROPER = [["石家庄市", 2100], ["太原市", 1900]]


def in_a_column(header, whole, proper):
    rows = [["石家庄市", 2014, whole, 5100], ["石家庄市", 2014, proper, 2100]]
    rows += [["太原市", 2014, whole, 2500], ["太原市", 2014, proper, 1900]]
    return {"a.xlsx": {"S": [["城市", "年份", header, "GDP(亿元)"], *rows]}}


BOTH = {
    "a column of other words": in_a_column("口径", "市域", "城区"),
    "blank for the whole city": in_a_column("备注", "", "市辖区"),
    "answers": in_a_column("是否市辖区", "否", "是"),
    "marks": in_a_column("市辖区dummy", 0, 1),
    "answers to the opposite": in_a_column("是否全市", "是", "否"),
    "lines between the cities": {
        "2014.xlsx": {"S": [HEADS, ["一、全市"], *CITIES, ["二、市辖区"], *PROPER]}
    },
    "the city proper first": {
        "2014.xlsx": {"S": [HEADS, ["(1)市区"], *PROPER, ["(2)全市"], *CITIES]}
    },
    "one line": {"2014.xlsx": {"S": [HEADS, *CITIES, ["市辖区"], *PROPER]}},
    "lines in a table of years": {
        "GDP(亿元).xlsx": {
            "S": [
                ["城市", 2013, 2014],
                ["全市"],
                ["石家庄市", "", 5100],
                ["太原市", "", 2500],
                ["市辖区"],
                ["石家庄市", "", 2100],
                ["太原市", "", 1900],
            ]
        }
    },
    "folders": {
        "全市/2014.xlsx": {"S": [HEADS, *CITIES]},
        "市辖区/2014.xlsx": {"S": [HEADS, *PROPER]},
    },
}
ALONE = {
    "a folder": {"市辖区数据/2014.xlsx": {"S": [HEADS, *PROPER]}},
    "a line": {"2014.xlsx": {"S": [HEADS, ["市辖区"], *PROPER]}},
    "a label that stands once": {
        "2014.xlsx": {"S": [["口径", *HEADS], ["市辖区", *PROPER[0]], ["", *PROPER[1]]]}
    },
    "answers": {"2014.xlsx": {"S": [[*HEADS, "是否市辖区"], *([*row, "是"] for row in PROPER)]}},
}


@pytest.mark.parametrize("way", BOTH)
def test_whole_cities_beside_their_districts(tmp_path, way):
    assert_exactly(read(tmp_path, BOTH[way]), WHOLE)


@pytest.mark.parametrize("way", ALONE)
def test_districts_alone_are_left_out_with_the_reason(tmp_path, way):
    found = read(tmp_path, ALONE[way])
    assert not found.figures
    assert "city proper (市辖区)" in found.left_over


def test_a_row_of_districts_below_their_city_is_set_aside(tmp_path):
    rows = [CITIES[0], ["  市辖区", 2100], CITIES[1], ["  市辖区", 1900]]
    found = read(tmp_path, {"2014.xlsx": {"S": [HEADS, *rows]}})
    assert {key: value for key, value in found.figures.items() if key[0] != "000000"} == WHOLE


def test_a_remark_on_one_city_takes_that_row_out(tmp_path):
    rows = [[*CITIES[0], ""], [*CITIES[1], "市辖区"]]
    found = read(tmp_path, {"2014.xlsx": {"S": [[*HEADS, "说明"], *rows]}})
    assert found.figures == {("130100", 2014, GDP): 5100.0}
    assert "1 row of the city proper (市辖区) left out by column `说明`" in found.notes
