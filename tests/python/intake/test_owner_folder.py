"""A folder as owners of a study have it: a file for each series, each with oddities of its own."""

import pandas as pd
import pytest

from support.study import seed
from urban_resilience.intake import inspect
from urban_resilience.intake.checking.check import check
from urban_resilience.intake.checking.mapping_draft import write_mapping

YEARS = range(2010, 2016)
N_CITIES = 40
# Every second city reports in 万美元, the others in 百万美元.
UNITS = ("百万美元", "万美元")


def panel(**series):
    cities = list(seed("cities").itertuples())[:N_CITIES]
    return pd.DataFrame(
        {"城市": c.city_name_zh, "年份": y, **{n: f(at, y) for n, f in series.items()}}
        for at, c in enumerate(cities)
        for y in YEARS
    )


@pytest.fixture
def folder(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    cities = list(seed("cities").itertuples())[:N_CITIES]
    loans = panel(年末金融机构各项贷款余额_万元=lambda at, y: 15_000_000 + 90_000 * at + y)
    loans.to_csv(raw / "贷款.csv", index=False, encoding="gb18030")
    land = panel(行政区域土地面积km2=lambda at, _: 9000 + 50 * at)
    land = land.rename(columns={"城市": "所在地级市"})
    land.insert(0, "prefcode", [int(c.city_code) for c in cities for _ in YEARS])
    land.to_stata(raw / "land area.dta", write_index=False, version=118)
    fdi = panel(
        实际使用外资=lambda at, _: 500.0 + 7 * at if not at % 2 else 50000.0 + 700 * at,
        单位=lambda at, _: UNITS[at % 2],
    )
    fdi.to_excel(raw / "FDI.xlsx", index=False)
    gdp = panel(名义GDP=lambda at, y: 1200.5 + 10 * at + y - 2010, GDP指数=lambda *_: 107.5)
    with pd.ExcelWriter(raw / "GDP.xlsx") as book:
        gdp.to_excel(book, sheet_name="面板", index=False)
        gdp[:3].assign(计算过程="B2*1.08").to_excel(
            book, sheet_name="计算过程-以北京市为例", index=False
        )
    shares = panel(
        **{
            "第二产业增加值占GDP比重(%)": lambda at, _: 45 + at / 10,
            "第三产业增加值占GDP比重(%)": lambda at, _: 42 - at / 10,
        }
    ).rename(columns={"年份": "年度标识"})
    shares.assign(数据来源="中国城市统计年鉴").to_csv(raw / "产业占比.csv", index=False)
    batches = (("第一批", 2014, cities[:6]), ("第二批", 2015, cities[6:12]))
    pilots = [(c.city_name_zh, batch, year) for batch, year, of in batches for c in of]
    pd.DataFrame(pilots, columns=["城市", "批次", "年份"]).to_csv(
        raw / "宽带中国试点城市名单.csv", index=False
    )
    return raw


def test_it_is_ready_at_the_first_attempt(folder):
    text, is_ready = check(folder)
    assert is_ready, text
    assert "3 rows say what GDP.xlsx [面板] says, which is used" in " ".join(text.split())
    assert "ignored: 2 columns" not in text


def test_every_figure_is_read_in_its_unit(folder, tmp_path):
    report = inspect(folder, tmp_path / "out")
    assert not report.problems
    rows = pd.read_parquet(tmp_path / "out" / "city_yearbook.parquet")
    assert len(rows) == N_CITIES * len(YEARS)
    first, second = (
        rows[(rows.city_code == code) & (rows.year == 2012)].iloc[0]
        for code in ("110000", "120000")
    )
    assert first.loans_100m_yuan == pytest.approx(1500.2012, rel=1e-12)
    assert (first.land_area_km2, second.land_area_km2) == (9000, 9050)
    assert (first.fdi_used_million_usd, second.fdi_used_million_usd) == (500.0, 507.0)
    assert (first.gdp_100m_yuan, first.gdp_index_prev_year_100) == (1202.5, 107.5)
    assert (first.secondary_share_percent, second.tertiary_share_percent) == (45.0, 41.9)
    pilots = pd.read_parquet(tmp_path / "out" / "policy_pilots.parquet")
    assert set(pilots.policy_id) == {"broadband_china"}
    assert len(pilots) == 12
    ignored = {item.header for source in report.sources for item in source.ignored}
    assert ignored == {"计算过程", "数据来源"}


def test_a_draft_of_it_changes_nothing(folder, tmp_path):
    before = inspect(folder, tmp_path / "out")
    first = (tmp_path / "out" / "city_yearbook.parquet").read_bytes()
    write_mapping(before)
    after = inspect(folder, tmp_path / "out")
    assert not after.problems
    assert (tmp_path / "out" / "city_yearbook.parquet").read_bytes() == first
