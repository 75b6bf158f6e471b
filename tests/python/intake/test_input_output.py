"""Input-output tables in every edition: exact figures, or the reason against them."""

import pyarrow.parquet as pq
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.reading.grid import Grid
from urban_resilience.intake.recognition.shapes import reshape
from urban_resilience.intake.vocabulary.sectors import kind_of, sectors_of

SECTORS = ("01T02", "03", "05T06")
TABLE = """,D01T02,D03,D05T06,D61,HFCE
TTL_01T02,1,2,3,0,90
TTL_03,4,5,6,0,91
TTL_05T06,7,8,9,0,92
TTL_61,1,1,1,1,93
VALU,50,51,52,53,
OUTPUT,100,101,102,103,
"""


def grid_of(text, source="CHN2018ttl.csv", delimiter=","):
    rows = [line.split(delimiter) for line in text.splitlines()]
    return Grid(source, rows, "csv", title=source.rsplit(".", 1)[0])


def read(text, source="CHN2018ttl.csv"):
    """Flows by pair and output by sector, under the codes of the study, and what is said."""
    grids, why = reshape(grid_of(text, source))
    assert len(grids) == 2, why
    flows, output = grids
    pairs = {(code(a), code(b)): float(v) for _, a, b, v in flows.rows[1:]}
    return pairs, {code(a): float(v) for _, a, v in output.rows[1:]}, flows


def code(label):
    (found,) = sectors_of(label)
    return found


@pytest.mark.parametrize(
    ("label", "sectors"),
    [
        ("TTL_01T02", "D01T02"),
        ("D01T02: Agriculture, hunting, forestry", "D01T02"),
        ("D62T63 IT and other information services", "D62T63"),
        ("J62_63", "D62T63"),
        ("C10T12", "D10T12"),
        ("TTL_49T53", "D49 D50 D51 D52 D53"),
        ("Fishing and aquaculture", "D03"),
        ("农林牧渔业", "D01T02 D03"),
        ("01 农林牧渔产品和服务", "D01T02 D03"),
        ("农、林、牧、渔服务业", "D01T02"),
        ("信息传输、计算机服务和软件业", "D61 D62T63"),
        ("软件和信息技术服务业", "D62T63"),
        ("石油加工、炼焦及核燃料加工业", "D19"),
        ("通信设备、计算机及其他电子设备制造业", "D26"),
        ("其他服务", "D94T96"),
        ("医药制造业", "D21"),
    ],
)
def test_a_sector_is_known_by_code_and_by_name(label, sectors):
    assert sectors_of(label) == tuple(sectors.split())


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("总投入", "output"),
        ("总产出", "output"),
        ("中间投入合计", "total"),
        ("劳动者报酬", "value_added"),
        ("农村居民消费支出", "final_demand"),
        ("其他", "final_demand"),
        ("TXS_INT_FNL", "taxes"),
        ("D99T99", ""),
        ("01", ""),
    ],
)
def test_what_stands_beside_sectors_is_known(label, kind):
    assert kind_of(label) == kind


BUREAU = """2012年全国投入产出表,,,,,,,,
单位：万元,,,,,,,,
投入,,中间使用,,,,,最终使用,总产出
,代码,农林牧渔产品和服务,煤炭采选产品,石油和天然气开采产品,建筑,中间使用合计,最终消费支出,总产出
,,01,02,03,04,TIU,TC,GO
农林牧渔产品和服务,01,400,20,30,40,490,5,1000
煤炭采选产品,02,50,60,70,80,260,5,2000
石油和天然气开采产品,03,1,2,3,4,10,5,3000
建筑,04,9,10,11,12,42,5,4000
中间投入合计,TII,460,92,114,136,802,,
增加值合计,TVA,540,1908,2886,3864,9198,,
总投入,TI,1000,2000,3000,4000,10000,,
"""


def test_a_table_of_the_bureau_keeps_its_coefficients():
    flows, output, grid = read(BUREAU, "2012年投入产出表.csv")
    assert output == {"D01T02": 5, "D03": 5, "D05T06": 50, "D41T43": 40}
    # Own deliveries of agriculture stay within each of its parts; coal and oil are added up.
    assert flows[("D01T02", "D01T02")] == flows[("D03", "D03")] == 2.0
    assert ("D01T02", "D03") not in flows
    assert flows[("D05T06", "D05T06")] == pytest.approx((60 + 70 + 2 + 3) / 100, abs=0)
    assert flows[("D05T06", "D01T02")] == flows[("D05T06", "D03")] == 0.255
    assert flows[("D01T02", "D41T43")] == 0.2
    inputs = sum(value for (_, user), value in flows.items() if user == "D03")
    assert inputs / output["D03"] == pytest.approx(460 / 1000, rel=1e-15)
    assert grid.currency == "yuan" and any("`万元`" in note for note in grid.notes)
    assert any("农林牧渔产品和服务: D01T02, D03" in note for note in grid.notes)
    named = [name for name, _ in grid.left_out]
    beside = ["中间投入合计", "增加值合计", "中间使用合计", "最终消费支出", "总产出"]
    assert named == ["row 5 without a name", *beside]


def test_a_number_may_have_lost_its_zero():
    rows = [line.split(",") for line in TABLE.replace("TTL_", "").splitlines()]
    for row in rows[1:]:
        row[0] = float(row[0]) if row[0].isdigit() else row[0]
    grids, why = reshape(Grid("CHN2018.xlsx [2018]", rows, "xlsx", title="2018"))
    assert not why and {code(row[1]) for row in grids[0].rows[1:]} == {
        "D01T02", "D03", "D05T06", "D61",
    }  # fmt: skip


def test_output_may_stand_at_the_side_alone():
    flows, output, _ = read(BUREAU.replace("总投入", "合计投入"), "2012年投入产出表.csv")
    assert output["D41T43"] == 40 and flows[("D41T43", "D41T43")] == 0.12


COARSE = """,D01T03,D20T21,D62T63
D01T03,10,20,30
D20T21,4,8,12
D62T63,2,6,9
OUTPUT,100,200,300
"""


def test_a_coarser_edition_is_parted_with_its_coefficients():
    flows, output, _ = read(COARSE, "CHN2015ttl.csv")
    assert output == {"D01T02": 50, "D03": 50, "D20": 100, "D21": 100, "D62T63": 300}
    assert flows[("D62T63", "D03")] == 1.0 and flows[("D20", "D20")] == 4.0
    assert ("D20", "D21") not in flows
    assert flows[("D62T63", "D20")] / output["D20"] == 6 / 200
    assert sum(v for (_, user), v in flows.items() if user == "D21") == 34 / 2


@pytest.mark.parametrize(
    ("text", "source", "words"),
    [
        (TABLE.replace("D03", "D99T99"), "CHN2018.csv", ("unknown columns", "`D99T99`")),
        (TABLE.replace("TTL_03", "TTL_99"), "CHN2018.csv", ("unknown rows", "`TTL_99`")),
        (TABLE, "China.csv", ("tells no year",)),
        (TABLE.replace("OUTPUT", "GFCF"), "CHN2018.csv", ("0 rows of gross output",)),
        (TABLE.replace("01T02", "C01T05"), "CHN2011.csv", ("ISIC Rev.3", "from 2018 on")),
        (TABLE, "2018年直接消耗系数.csv", ("coefficients",)),
        (f"单位：万元\nUnit: million USD\n{TABLE}", "CHN2018.csv", ("two units",)),
        (BUREAU.replace("总投入,TI,1000", "总投入,TI,1100"), "2012年.csv", ("total output 1,000",)),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text, source, words):
    grids, why = reshape(grid_of(text, source))
    assert not grids and all(word in why for word in words), why


def test_domestic_and_imported_rows_are_added_up():
    lines = TABLE.splitlines()
    parts = [line.replace("TTL_", part) for part in ("DOM_", "IMP_") for line in lines[1:5]]
    flows, output, grid = read("\n".join([lines[0], *parts, *lines[5:]]), "CHN2018.csv")
    assert flows[("D05T06", "D03")] == 16.0 and output["D03"] == 101
    assert "domestic and imported inputs added up" in grid.notes


def test_parts_beside_the_total_are_left_out():
    lines = TABLE.splitlines()
    both = [line.replace("TTL_", part) for part in ("TTL_", "IMP_") for line in lines[1:5]]
    flows, _, grid = read("\n".join([lines[0], *both, *lines[5:]]), "CHN2018.csv")
    assert flows[("D05T06", "D03")] == 8
    assert "16 domestic or imported flows beside those of all inputs left out" in grid.notes


FLOWS = "年份,投入部门,使用部门,中间使用({})\n2012,D01T02,D03,100\n2012,农林牧渔业,D61,40\n"
OUTPUT = "年份,部门,总产出({})\n2012,D03,2000\n2012,D61,4000\n"


def folder_of(files, tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text, encoding="utf-8")
    return inspect(raw, tmp_path / "out")


DOMESTIC, IMPORTED = TABLE.replace("TTL_", "DOM_"), TABLE.replace("TTL_", "IMP_")
WITHOUT_OUTPUT = TABLE.rpartition("OUTPUT")[0]


@pytest.mark.parametrize(
    "files",
    [
        {"CHN2018dom.csv": TABLE, "CHN2018imp.csv": TABLE},
        {"CHN2018dom.csv": TABLE, "CHN2018imp.csv": WITHOUT_OUTPUT},
        {"imports_2018.csv": WITHOUT_OUTPUT, "domestic_2018.csv": TABLE},
        {"2018国内产品流量表.csv": TABLE, "2018进口产品流量表.csv": WITHOUT_OUTPUT},
        {"CHN2018_1.csv": DOMESTIC, "CHN2018_2.csv": IMPORTED},
    ],
)  # fmt: skip
def test_domestic_and_imported_tables_in_two_files_are_added_up(files, tmp_path):
    report = folder_of(files, tmp_path)
    assert not [p for p in report.problems if "inputs" in str(p)]
    flows = pq.read_table(tmp_path / "out" / "input_output_flows.parquet").to_pylist()
    found = {
        (code(row["supplying_sector"]), code(row["using_sector"])): row["value_million_usd"]
        for row in flows
    }
    assert len(found) == len(flows) == 16
    assert found["D01T02", "D05T06"] == 2 * 3
    assert found["D05T06", "D01T02"] == 2 * 7
    output = pq.read_table(tmp_path / "out" / "industry_output.parquet").to_pylist()
    assert sorted(r["gross_output_million_usd"] for r in output) == [100, 101, 102, 103]
    notes = [note for source in report.sources for note in source.notes]
    assert any("16 rows added to those of" in note for note in notes)


def test_a_table_of_all_inputs_goes_before_its_parts(tmp_path):
    files = {"CHN2018dom.csv": TABLE, "CHN2018imp.csv": TABLE, "CHN2018ttl.csv": TABLE}
    report = folder_of(files, tmp_path)
    flows = pq.read_table(tmp_path / "out" / "input_output_flows.parquet").to_pylist()
    assert sum(row["value_million_usd"] for row in flows) == 49
    said = {item.header: item.reason for item in report.unused}
    assert said["CHN2018dom.csv"] == (
        "domestic inputs only, beside all inputs of its years in CHN2018ttl.csv"
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"CHN2018dom.csv": TABLE}, "no file holds the imported ones of 2018"),
        ({"CHN2018.csv": IMPORTED}, "it holds imported inputs only"),
        ({"CHN2018dom.csv": TABLE, "CHN2017imp.csv": TABLE}, "the imported ones of 2018"),
    ],
)  # fmt: skip
def test_one_part_of_the_inputs_is_no_table(files, said, tmp_path):
    report = folder_of(files, tmp_path)
    assert said in "\n".join(map(str, report.problems))


@pytest.mark.parametrize(
    "table",
    [
        "城市,第一产业,第二产业,第三产业\n石家庄,100,100,100\n唐山,100,100,100\n秦皇岛,100,100,100\n",
        "城市,石家庄,唐山,秦皇岛\n石家庄,1,2,3\n唐山,1,2,3\n秦皇岛,1,2,3\n",
        "城市,农业,工业,建筑业\n石家庄,5,5,5\n唐山,5,5,5\n秦皇岛,5,5,5\n",
    ],
)
def test_a_small_table_of_cities_is_no_table_of_sectors(table):
    grids, why = reshape(grid_of(table, "panel_2015.csv"))
    assert "sectors" not in why
    assert not any("supplying_sector" in grid.rows[0] for grid in grids)


@pytest.mark.parametrize(
    ("flows", "output", "mixed"),
    [
        ("亿元", "万元", False),
        ("百万美元", "万美元", False),
        ("万元", "百万美元", True),
        ("百万美元", "亿元", True),
    ],
)
def test_flows_and_output_are_of_one_currency(flows, output, mixed, tmp_path):
    files = {"flows.csv": FLOWS.format(flows), "output.csv": OUTPUT.format(output)}
    report = folder_of(files, tmp_path)
    said = [p.what for p in report.problems if "their ratio is no coefficient" in p.what]
    assert len(said) == mixed
    if mixed:
        assert "of 2012" in said[0] and "flows.csv" in said[0] and "output.csv" in said[0]


def test_numbers_of_sectors_over_the_columns_are_read_by_the_names_beside():
    text = "代码,部门,01,02,03,TIU,GO\n"
    names = ("煤炭采选产品", "纺织品", "建筑")
    text += "".join(f"0{n},{name},{n},2,3,9,{n}00\n" for n, name in enumerate(names, 1))
    flows, output, grid = read(text + "TI,总投入,100,200,300,,\n", "2012年(万元).csv")
    assert output == {"D05T06": 1.0, "D13T15": 2.0, "D41T43": 3.0}
    assert flows[("D41T43", "D05T06")] == 0.03
    assert "numbers of sectors in row 1 read as their names beside the rows" in grid.notes


def test_output_with_the_years_across(tmp_path):
    text = "部门,2017,2018\nD01T02,5,6\n建筑业,7,8\n某业,1,1\n"
    report = folder_of({"部门总产出(亿元).csv": text}, tmp_path)
    assert report.tables == {"industry_output": 4}
    assert [(i.header, i.reason) for i in report.sources[0].ignored] == [
        ("某业", "no known sector")
    ]
    assert any("`亿元`" in note for note in report.sources[0].notes)


def test_a_table_of_unknown_names_says_which():
    names = ("农林牧渔业", "工业", "第三产业")
    text = "," + ",".join(names) + "\n" + "".join(f"{name},1,2,3\n" for name in names)
    grids, why = reshape(grid_of(text, "2017年投入产出表.csv"))
    assert not grids and "not known (`工业`, `第三产业`)" in why


def test_records_name_every_column_and_every_record_left_out(tmp_path):
    text = "COU,ROW,COL,Time,PowerCode,Value,Flags\n"
    pairs = [(a, b) for a in SECTORS for b in SECTORS]
    text += "".join(f"CHN,TTL_{a},D{b},2018,Millions,1,\n" for a, b in pairs)
    text += "CHN,OUTPUT,D03,2018,Millions,9,\nCHN,TTL_03,HFCE,2018,Millions,9,\n"
    report = folder_of({"IOTS.csv": text}, tmp_path)
    assert report.tables == {"input_output_flows": 9, "industry_output": 1}
    (flows, _) = report.sources
    assert [item.header for item in flows.ignored] == ["Flags"]
    assert any("final_demand HFCE (1)" in note for note in flows.notes)


def test_records_of_the_data_explorer(tmp_path):
    text = "REF_AREA,SUPPLYING,USING,TIME_PERIOD,UNIT_MULT,CURRENCY,OBS_VALUE\n"
    pairs = [(a, b) for a in ("OUTPUT", *SECTORS) for b in SECTORS]
    text += "".join(f"CHN,{a},D{b},2018,3,USD,1500\n" for a, b in pairs)
    report = folder_of({"IOTS.csv": text}, tmp_path)
    assert report.tables == {"input_output_flows": 9, "industry_output": 3}
    flows = pq.read_table(report.out_dir / "input_output_flows.parquet").to_pandas()
    assert set(flows.value_million_usd) == {1.5}


EXPORT = "COU,ROW,COL,Time,Value\n"
FLOW = "CHN,TTL_03,D03,2018,5\n"
INCOMPLETE = {
    "no output": (
        EXPORT + FLOW + "CHN,VALU,D03,2018,50\nCHN,TTL_INT_FNL,D03,2018,9\n",
        "without gross output: export ROW OUTPUT too (it has VALU, TTL_INT_FNL: output is all "
        "intermediate inputs at purchasers' prices and value added",
    ),
    "nothing but flows": (EXPORT + FLOW, "without gross output: export ROW OUTPUT too"),
    "nothing but output": (
        EXPORT + "CHN,OUTPUT,D03,2018,90\n",
        "without flows: of the rows only OUTPUT; export TTL_ rows too",
    ),
    "another country": (
        EXPORT + FLOW.replace("CHN", "JPN"),
        "of jpn and none of China (CHN): export CHN",
    ),
    "a matrix without output": (
        TABLE.rpartition("OUTPUT")[0],
        "0 rows of gross output (OUTPUT, 总投入, 总产出): one is needed (it has VALU: output is",
    ),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_table_that_lacks_rows_says_which(case):
    text, words = INCOMPLETE[case]
    grids, why = reshape(grid_of(text))
    assert grids == []
    assert words in why
