"""Sample filters: what they may say, and hostile rows that want them to do more."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from support.panels import make_panel
from urban_resilience.shared.conditions import ConditionError, select_rows

PANEL = make_panel().assign(
    name=lambda rows: "City " + rows["city_code"],
    flag=lambda rows: rows["x"] > 0,
    holed=lambda rows: rows["x"].where(rows["x"] > 0),
)

CONDITIONS = {
    "year between 2009 and 2011 and not flag": lambda p: p["year"].between(2009, 2011) & ~p["flag"],
    "province in ('p1', 'p2') or year = 2008": (
        lambda p: p["province"].isin(["p1", "p2"]) | (p["year"] == 2008)
    ),
    "name like 'City 10%' and name not like '%3'": (
        lambda p: p["name"].str.startswith("City 10") & ~p["name"].str.endswith("3")
    ),
    "holed > 0.5": lambda p: p["holed"] > 0.5,
    "holed is null": lambda p: p["holed"].isna(),
    "case when flag then year > 2010 else year <= 2010 end": (
        lambda p: np.where(p["flag"], p["year"] > 2010, p["year"] <= 2010)
    ),
    "coalesce(holed, 0) + abs(z) * 2 < 1 -- the quiet ones": (
        lambda p: p["holed"].fillna(0) + p["z"].abs() * 2 < 1
    ),
    "cast(city_code as integer) % 2 = 0": lambda p: p["city_code"].astype(int) % 2 == 0,
    "panel.year <> 2010": lambda p: p["year"] != 2010,
}

HOSTILE = {
    "exists (select 1 from read_csv('/etc/passwd'))": "subquery is not allowed",
    "year in (select year from panel)": "subquery is not allowed",
    "getenv('HOME') = 'x'": "function getenv is not allowed",
    "year > 2008) as a, (select 1": "not one expression",
    "true) from panel; drop table panel; select (true": "Only SELECT statements",
    "true) from panel union all select (true": "not one expression",
    "sum(x) over () > 0": "window is not allowed",
    "count(*) > 0": "function count_star is not allowed",
    "list_filter([1], lambda v: v > 0)[1] = 1": "is not allowed",
    "nextval('s') > 0": "function nextval is not allowed",
    "x": "gives DOUBLE, not true or false",
    "'yes'": "gives VARCHAR, not true or false",
    "year >": "syntax error",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_choose_the_rows_they_describe(condition):
    chosen = select_rows(PANEL, condition)
    expected = PANEL[np.asarray(CONDITIONS[condition](PANEL), bool)]
    pd.testing.assert_frame_equal(
        chosen, expected.sort_values(["city_code", "year"], ignore_index=True)
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_anything_else_is_refused(text):
    with pytest.raises(ConditionError, match=HOSTILE[text]):
        select_rows(PANEL, text)


def test_no_filter_keeps_every_row():
    assert len(select_rows(PANEL, "")) == len(PANEL)


@pytest.mark.thorough
def test_threads_filter_their_own_panels():
    def chosen(first):
        panel = pd.DataFrame({"value": np.arange(1_000) + first})
        return {len(select_rows(panel, f"value >= {first + 600}")) for _ in range(50)}

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert list(pool.map(chosen, range(0, 40_000, 10_000))) == [{400}] * 4
