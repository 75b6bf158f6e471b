"""Columns of a list that say which places are pilots: heeded, or refused with what helps."""

import pandas as pd
import pytest

from urban_resilience.intake import inspect

YEARBOOK = "城市,年份,GDP(亿元)\n北京市,2014,9\n唐山市,2014,5\n天津市,2014,7\n"
BEIJING, TANGSHAN = "110000", "130200"


def read(folder, **files):
    raw = folder / "raw"
    raw.mkdir()
    for name, text in {"yearbook": YEARBOOK, **files}.items():
        (raw / f"{name}.csv").write_text(text, encoding="utf-8")
    report = inspect(raw, folder / "out")
    path = report.out_dir / "policy_pilots.parquet"
    return report, pd.read_parquet(path) if path.exists() else pd.DataFrame()


UNDATED = {
    "one year": (
        {"panel": "城市,年份,是否宽带中国\n北京市,2014,1\n唐山市,2014,0\n"},
        "`是否宽带中国`: it names the policy broadband_china, but marks of one year say which "
        "cities and not since when: add the years before, or give start years in its place",
    ),
    "one year in a file of pilots": (
        {"试点": "城市,年份,是否宽带中国\n北京市,2014,1\n唐山市,2014,0\n"},
        "it names the policy broadband_china, but marks of one year",
    ),
    "one year of a file that names its policy": (
        {"宽带中国": "城市,年份,DID\n北京市,2014,1\n唐山市,2014,0\n"},
        "`DID`: it may mark broadband_china, but marks of one year",
    ),
    "a year in the title": (
        {"宽带中国2014": "城市,DID\n北京市,1\n唐山市,0\n"},
        "`DID`: it may mark broadband_china, but marks without years",
    ),
    "no year": (
        {"panel": "城市,是否宽带中国\n北京市,1\n唐山市,0\n"},
        "marks without years say which cities and not since when: add a column of years",
    ),
    "no year, the policy in the file name": (
        {"宽带中国": "城市,是否试点\n北京市,是\n唐山市,否\n"},
        "`是否试点`: it may mark broadband_china, but marks without years",
    ),
    "places alone": (
        {"宽带中国": "城市\n北京市\n唐山市\n"},
        "a list of pilots of broadband_china without years (its headers: 城市): add a column of",
    ),
    "nobody is a pilot": (
        {"panel": "城市,年份,宽带中国\n北京市,2013,0\n北京市,2014,0\n唐山市,2013,0\n"},
        "no city has a 1: add the years in which cities are pilots",
    ),
    "treated throughout": (
        {"panel": "城市,年份,宽带中国\n北京市,2013,1\n北京市,2014,1\n唐山市,2013,0\n"},
        "it never changes within a city: add the years before",
    ),
    "the same in every city": (
        {
            "宽带中国": "城市,年份,post\n"
            "北京市,2013,0\n北京市,2014,1\n唐山市,2013,0\n唐山市,2014,1\n"
        },
        "it is the same in every city, so it says when and not which cities",
    ),
    "two columns of a policy": (
        {
            "panel": "城市,年份,宽带中国,宽带中国DID\n"
            "北京市,2013,0,0\n北京市,2014,1,1\n唐山市,2013,0,0\n"
        },
        "it names the policy broadband_china, and so does another column: keep one of them",
    ),
    "ticks": (
        {"panel": "城市,年份,宽带中国\n北京市,2013,\n北京市,2014,√\n唐山市,2013,\n"},
        "it holds `√`: write 1 and 0 by city and year",
    ),
    "two policies in a name": (
        {"宽带中国与智慧城市试点": "城市,年份\n北京市,2014\n唐山市,2013\n"},
        "its name is of broadband_china and smart_city: add a column `policy_id`",
    ),
}


@pytest.mark.parametrize("case", UNDATED)
def test_a_column_that_dates_nobody_says_why(tmp_path, case):
    files, words = UNDATED[case]
    report, pilots = read(tmp_path, **files)
    assert pilots.empty
    [reason] = [item.reason for item in report.unused]
    assert words in reason
    # The policy is named: nothing else may be said.
    assert "nothing names" not in reason


def test_a_panel_of_figures_says_why_a_policy_beside_them_is_left_out(tmp_path):
    text = "城市,年份,人口密度,GDP(亿元),是否宽带中国\n天津市,2013,3,6,1\n唐山市,2013,4,5,0\n"
    report, _ = read(tmp_path, panel=text)
    [source] = [s for s in report.sources if s.source_file == "panel.csv"]
    [reason] = [i.reason for i in source.ignored if i.header == "是否宽带中国"]
    assert reason.startswith("it names the policy broadband_china, but marks of one year say")


def test_a_score_under_the_name_of_a_policy_is_no_mark(tmp_path):
    text = "城市,年份,GDP(亿元),智慧城市得分\n天津市,2013,6,71.5\n唐山市,2013,5,60\n"
    report, _ = read(tmp_path, panel=text)
    [source] = [s for s in report.sources if s.source_file == "panel.csv"]
    assert [i.reason for i in source.ignored] == ["unknown"]


NOT_CHOSEN = {
    "words": ("宽带中国", "城市,年份,结果\n北京市,2014,入选\n唐山市,2014,未入选\n"),
    "a flag and a batch": ("宽带中国", "城市,批次,是否试点\n北京市,第一批,1\n唐山市,第一批,0\n"),
    "a flag, the year in the name": ("宽带中国2014", "城市,是否试点\n北京市,1\n唐山市,0\n"),
    "a policy a row": ("试点2014", "政策,城市,是否试点\n宽带中国,北京市,是\n宽带中国,唐山市,否\n"),
    "several years": ("宽带中国", "城市,年份,DID\n北京市,2014,1\n天津市,2015,0\n唐山市,2016,0\n"),
}


@pytest.mark.parametrize("case", NOT_CHOSEN)
def test_places_that_a_list_says_were_not_chosen_are_no_pilots(tmp_path, case):
    name, text = NOT_CHOSEN[case]
    report, pilots = read(tmp_path, **{name: text})
    assert not report.problems
    assert pilots[["city_code", "year"]].to_numpy().tolist() == [[BEIJING, 2014]]


@pytest.mark.parametrize(
    "text",
    [
        "城市,2013年,2014年,2015年\n北京市,0,1,1\n唐山市,0,0,1\n",
        "宽带中国虚拟变量\n城市,2013,2014,2015\n北京市,0,1,1\n唐山市,0,0,1\n",
        "城市,年份\n北京市,2014年起\n唐山市,2015年\n",
    ],
)
def test_years_of_any_spelling_date_pilots(tmp_path, text):
    _, pilots = read(tmp_path, 宽带中国=text)
    assert pilots[["city_code", "year"]].to_numpy().tolist() == [[BEIJING, 2014], [TANGSHAN, 2015]]


def test_a_pilot_that_fails_its_review_was_one(tmp_path):
    _, pilots = read(
        tmp_path, 宽带中国="城市,年份,考核结果\n北京市,2014,通过\n唐山市,2014,不通过\n"
    )
    assert set(pilots["city_code"]) == {BEIJING, TANGSHAN}


def test_a_flag_of_something_else_takes_nobody_out(tmp_path):
    text = "城市,年份,是否省会\n北京市,2014,1\n唐山市,2013,0\n"
    _, pilots = read(tmp_path, 宽带中国=text)
    assert set(pilots["city_code"]) == {BEIJING, TANGSHAN}


@pytest.mark.parametrize(
    "text",
    [
        "城市,年份,备注\n北京市,2014,\n唐山市,2014,已取消\n",
        "城市,开始年份,退出年份\n北京市,2014,\n唐山市,2014,2016\n",
    ],
)
def test_a_pilot_that_ended_is_doubtful(tmp_path, text):
    report, pilots = read(tmp_path, 宽带中国=text)
    assert set(pilots["city_code"]) == {BEIJING, TANGSHAN}
    [source] = [s for s in report.sources if s.table == "policy_pilots"]
    [doubt] = source.doubts
    assert "says in row 3 that a pilot ended: it counts from its first year on" in doubt


# In seed policy_pilots the first batch of broadband_china is of 2014, the second of 2015.
BATCHES = {
    "words": "城市,宽带中国\n北京市,第一批\n唐山市,第二批\n天津市,否\n",
    "words with years": (
        "城市,宽带中国试点\n北京市,第一批（2014年）\n唐山市,第二批（2015年）\n天津市,\n"
    ),
    "numbers": "城市,宽带中国批次\n北京市,1\n唐山市,2\n天津市,0\n",
    "English": "城市,宽带中国\n北京市,first batch\n唐山市,Batch 2\n天津市,no\n",
}


@pytest.mark.parametrize("text", BATCHES.values(), ids=BATCHES)
def test_batches_under_the_name_of_a_policy_date_pilots(tmp_path, text):
    report, pilots = read(tmp_path, panel=text)
    assert not report.problems
    found = pilots.set_index("city_code")[["policy_id", "batch", "year"]].astype(str)
    assert found.loc[BEIJING].tolist() == ["broadband_china", "1", "2014"]
    assert found.loc[TANGSHAN].tolist() == ["broadband_china", "2", "2015"]
    assert len(found) == 2


@pytest.mark.parametrize("cell", ["第九批", "3014", "1014"])
def test_a_start_that_no_year_can_be_is_named(tmp_path, cell):
    report, pilots = read(
        tmp_path, panel=f"城市,宽带中国,智慧城市\n北京市,第一批,{cell}\n天津市,否,否\n"
    )
    assert pilots["policy_id"].tolist() == ["broadband_china"]
    said = " ".join(note for source in report.sources for note in source.notes)
    assert "`智慧城市` left out: not every cell of it is a year, or a batch whose year" in said


@pytest.mark.parametrize(
    "text",
    [
        "城市\n北京市(2014)\n唐山市(2015)\n",
        "城市\n北京市（2014年）\n唐山市（2015年）\n",
        "城市\n北京市(2014)、唐山市(2015)\n",
        "省份,试点城市\n北京市,北京市 (2014)\n河北省,唐山市 (2015)\n",
    ],
)
def test_years_in_brackets_behind_places_date_them(tmp_path, text):
    report, pilots = read(tmp_path, 宽带中国=text)
    assert not report.problems
    found = pilots.set_index("city_code")["year"].to_dict()
    assert found == {BEIJING: 2014, TANGSHAN: 2015}


PARTS = {
    "a column of counties": "省,市,县区,年份\n江苏省,苏州市,昆山市,2014\n河北省,唐山市,,2014\n",
    "the area of each pilot": "城市,年份,试点区域\n苏州市,2014,昆山市\n唐山市,2014,全市\n",
    "an area that nobody knows": "城市,年份,所辖区域\n苏州市,2014,科技新城\n唐山市,2014,唐山市\n",
}


@pytest.mark.parametrize("way", PARTS)
def test_a_pilot_in_a_part_of_a_city_is_partial(tmp_path, way):
    report, rows = read(tmp_path, 智慧城市试点=PARTS[way])
    assert not report.problems
    scopes = dict(zip(rows.city_code, rows.scope.fillna(""), strict=True))
    assert scopes == {"320500": "partial", TANGSHAN: ""}
    assert "1 row: a county or district, so `scope` is partial" in str(report.sources)


def test_where_pilots_lie_in_the_country_is_no_part_of_them(tmp_path):
    _, rows = read(tmp_path, 智慧城市试点="城市,年份,区域\n苏州市,2014,东部地区\n")
    assert rows.scope.isna().all()


PANEL = [  # A control has years of its own too.
    ("北京市", 1, 2013), ("唐山市", 1, 2014), ("天津市", 0, 2013),
]  # fmt: skip
DATING = {
    "did beside treat and post": ("treat,post,did", lambda t, p: (t, p, t * p)),
    "post alone": ("treat,post", lambda t, p: (t, p)),
    "another did": ("DID,DID_robust", lambda t, p: (t * p, p)),
}


def of_panel(heads, cells):
    lines = [f"城市,年份,{heads}"]
    for city, treated, start in PANEL:
        for year in (2012, 2013, 2014):
            marks = ",".join(map(str, cells(treated, int(year >= start))))
            lines.append(f"{city},{year},{marks}")
    return "\n".join(lines)


@pytest.mark.parametrize("way", DATING)
def test_controls_with_years_of_their_own_are_no_pilots(tmp_path, way):
    report, rows = read(tmp_path, 宽带中国=of_panel(*DATING[way]))
    assert not report.problems
    starts = dict(zip(rows.city_code, rows.year, strict=True))
    assert starts == {BEIJING: 2013, TANGSHAN: 2014}


def test_two_dummies_of_one_policy_are_asked_for(tmp_path):
    report, rows = read(tmp_path, 宽带中国=of_panel("D1,D2", lambda t, p: (t * p, p)))
    assert rows.empty
    assert "`D1` and `D2` each date pilots of broadband_china" in str(report.unused)


def test_a_list_that_repeats_its_cities_says_so(tmp_path):
    report, rows = read(tmp_path, 宽带中国="城市,年份\n北京市,2013\n北京市,2014\n")
    assert rows.empty
    assert "in which most cities stand under several years" in str(report.unused)


@pytest.mark.parametrize("batch", ["第一批（2013年）", "2013年第一批", "第一批 2013"])
def test_the_year_in_the_name_of_a_batch_goes_before_that_of_the_seed(tmp_path, batch):
    report, rows = read(tmp_path, 宽带中国=f"批次,城市\n{batch},北京市、唐山市\n第二批,天津市\n")
    assert "no year given" not in str(report.sources)
    dated = rows[rows.city_code != "120000"]
    assert list(dated.year) == [2013, 2013]
    assert list(dated.batch.astype(str)) == ["1", "1"]


def pilots_of(folder, text, name="智慧城市试点"):
    report, rows = read(folder, **{name: text})
    doubts = " ".join(doubt for source in report.sources for doubt in source.doubts)
    notes = " ".join(note for source in report.sources for note in source.notes)
    return set(rows.city_code) if len(rows) else set(), doubts, notes, report


@pytest.mark.parametrize(
    "text",
    [
        "城市,年份,组别\n北京市,2013,处理组\n唐山市,2013,对照组\n",
        "城市,年份,级别\n北京市,2013,国家级\n唐山市,2013,省级\n",
        "城市,年份,备注\n北京市,2013,\n唐山市,2013,候选\n",
        "城市,年份,备注\n北京市,2013,\n唐山市,2013,未通过\n",
        "城市,年份\n北京市,2013\n唐山市（备选）,2013\n",
        "城市,年份\n北京市,2013\n唐山市(退出),2013\n",
    ],
)
def test_places_that_a_list_says_are_no_pilots(tmp_path, text):
    found, _, notes, _ = pilots_of(tmp_path, text)
    assert found == {BEIJING}
    assert "no pilots, and left out: row 3" in notes


@pytest.mark.parametrize(
    "text",
    [
        "城市,年份,备注\n北京市,2013,通过验收\n唐山市,2013,未通过验收\n",
        "城市,年份,行政级别\n北京市,2013,省级\n唐山市,2013,地级\n",
    ],
)
def test_other_remarks_leave_pilots_what_they_are(tmp_path, text):
    assert pilots_of(tmp_path, text)[0] == {BEIJING, TANGSHAN}


LIST = "城市,年份\n北京市,2013\n"


@pytest.mark.parametrize("name", ["落选智慧城市试点名单", "智慧城市试点退出名单", "智慧城市对照组"])
def test_a_list_of_places_that_are_no_pilots_is_not_used(tmp_path, name):
    found, _, _, report = pilots_of(tmp_path, LIST, name)
    assert not found
    assert f"its places are no pilots, as `{name}` says" in str(report.unused)


@pytest.mark.parametrize("name", ["智慧城市处理组与对照组", "智慧城市试点（剔除退出）"])
def test_a_list_that_names_both_is(tmp_path, name):
    assert pilots_of(tmp_path, LIST, name)[0] == {BEIJING}


def test_pilots_of_a_province_are_doubtful(tmp_path):
    found, doubts, _, _ = pilots_of(tmp_path, LIST, "省级智慧城市试点")
    assert found == {BEIJING} and "may be of pilots of a province" in doubts


def test_a_batch_of_another_year_is_said(tmp_path):
    text = "城市,批次,年份\n北京市,第一批（2012年）,2013\n唐山市,第二批（2013年）,2013\n"
    found, doubts, _, _ = pilots_of(tmp_path, text)
    assert found == {BEIJING, TANGSHAN}
    assert "`批次` names another year than `年份` in row 2: that of `年份` counts" in doubts
