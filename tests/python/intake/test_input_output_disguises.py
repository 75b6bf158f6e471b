"""The simulated input-output tables in the forms they are published in give the same figures."""

from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

from urban_resilience.intake import inspect
from urban_resilience.intake.vocabulary.sectors import sectors_of
from urban_resilience.shared.project import seed_rows
from urban_resilience.simulation.input_output import simulate_input_output
from urban_resilience.simulation.parameters import Parameters

YEARS = (2017, 2018)
FINAL = ("HFCE", "GGFC", "GFCF", "EXPO")
NAMES = {row["sector"]: row["sector_name_en"] for row in seed_rows("sectors")}
LATER = {row["sector"]: row["code"] for row in seed_rows("sector_codes") if "T" in row["sector"]}


@pytest.fixture(scope="module")
def tables():
    """Every fourth sector of two years: shapes do not depend on how many there are."""
    drawn = simulate_input_output(Parameters())
    flows, output = (frame[frame["year"].isin(YEARS)] for frame in drawn)
    kept = sorted(output["sector"].unique())[::4]
    flows = flows[flows["supplying_sector"].isin(kept) & flows["using_sector"].isin(kept)]
    return flows, output[output["sector"].isin(kept)]


def text(value, power=0):
    return format(Decimal(repr(float(value))).scaleb(power).normalize(), "f")


def wide(tables, year):
    flows, output = (frame[frame["year"] == year] for frame in tables)
    matrix = flows.pivot(
        index="supplying_sector", columns="using_sector", values="value_million_usd"
    )
    return matrix, output.set_index("sector")["gross_output_million_usd"][matrix.columns]


def matrix_rows(tables, year, row="TTL_{}", column="{}", power=0, output="OUTPUT", halves=("",)):
    """Header, a row per supplier and part, taxes, value added, output; final demand beside."""
    matrix, outputs = wide(tables, year)
    bare = {code: code[1:] for code in matrix.index} if "TTL" in row else {}
    yield ["", *(column.format(code) for code in matrix.columns), *FINAL]
    for part in halves:
        for code in matrix.index:
            figures = [text(v / len(halves), power) for v in matrix.loc[code]]
            yield [part + row.format(bare.get(code, code)), *figures, *["1"] * len(FINAL)]
    yield ["TXS_INT_FNL", *["3"] * len(outputs), *["1"] * len(FINAL)]
    yield ["VALU", *["5"] * len(outputs), *[""] * len(FINAL)]
    yield [output, *(text(v, power) for v in outputs), *[""] * len(FINAL)]


def write(rows, path, encoding="utf-8", delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame([list(row) for row in rows])
    frame.to_csv(path, index=False, header=False, encoding=encoding, sep=delimiter)


def oecd_files(tables, folder):
    for year in YEARS:
        write(matrix_rows(tables, year), folder / f"CHN{year}ttl.csv")


def letters_of_sections(tables, folder):
    for year in YEARS:
        rows = list(matrix_rows(tables, year, row="{}"))
        rows = [[LATER.get(cell, cell) for cell in row] for row in rows]
        write(rows, folder / f"CHN_{year}_TTL.csv")


def codes_with_labels(tables, folder):
    for year in YEARS:
        rows = list(matrix_rows(tables, year, row="{}"))
        rows[0] = [f"{code}: {NAMES[code]}" if code in NAMES else code for code in rows[0]]
        for row in rows[1:]:
            row[0] = f"{row[0]}: {NAMES[row[0]]}" if row[0] in NAMES else row[0]
        write(rows, folder / f"China {year}.csv", "utf-16", "\t")


def names_in_yuan(tables, folder):
    """The same figures as yuan: 万元 of the file are a hundredth of a million."""
    folder.mkdir(parents=True)
    for year in YEARS:
        rows = list(matrix_rows(tables, year, row="{}", power=2, output="总投入"))
        rows[0] = ["", "", *(NAMES.get(code, code) for code in rows[0][1:-4]),
                   "最终消费支出", "资本形成总额", "出口", "进口"]  # fmt: skip
        for number, row in enumerate(rows[1:], 1):
            row[:1] = [NAMES.get(row[0], row[0]), f"{number:02}"]
        rows[-3][0], rows[-2][0] = "生产税净额", "劳动者报酬"
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "45部门"
        sheet.append([f"{year}年全国投入产出表(按当年生产者价格计算)"])
        sheet.append(["单位：万元"])
        sheet.append(["投入", "", "中间使用", *[""] * (len(rows) // 2), "最终使用"])
        for row in rows:
            sheet.append([float(c) if c[:1].isdigit() and len(c) > 2 else c for c in row])
        sheet.append(["注：本表为模拟数据。"])
        book.save(folder / f"{year}年投入产出表.xlsx")


def sheet_per_year(tables, folder):
    folder.mkdir(parents=True)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for year in YEARS:
        sheet = book.create_sheet(f"{year}")
        sheet.append(["Input-output table, China"])
        sheet.append(["Unit: million US dollars"])
        sheet.append([])
        for row in matrix_rows(tables, year, row="{}"):
            sheet.append([float(c) if c[:1].isdigit() else c or None for c in row])
    book.save(folder / "IO tables.xlsx")


def domestic_above_imported(tables, folder):
    for year in YEARS:
        rows = matrix_rows(tables, year, row="{}", halves=("DOM_", "IMP_"))
        write(rows, folder / f"CHN{year}.csv")


def years_stacked(tables, folder):
    rows = [["year", "code"]]
    for year in YEARS:
        header, *body = matrix_rows(tables, year)
        rows[0][2:] = header[1:]
        rows += [[year, *row] for row in body]
    write(rows, folder / "iot_all_years.csv", delimiter=";")


def inter_country(tables, folder, parts=("CHN",), others=("USA",)):
    for year in YEARS:
        matrix, outputs = wide(tables, year)
        owners = [*parts, *others]
        columns = [(owner, code) for owner in owners for code in matrix.columns]
        rows = [["V1", *(f"{o}_{c[1:]}" for o, c in columns), "CHN_HFCE", "USA_GFCF"]]
        shares = {owner: 1 / len(parts) for owner in parts}
        for supplier in owners:
            for code in matrix.index:
                values = (matrix.loc[code, c] * shares.get(o, 9) / len(owners) for o, c in columns)
                figures = [repr(float(v)) for v in values]
                rows.append([f"{supplier}_{code[1:]}", *figures, "7", "8"])
        rows.append(["TAXSUB", *["2"] * len(columns), "1", "1"])
        rows.append(["VALU", *["2"] * len(columns), "", ""])
        rows.append(["OUT", *(repr(float(outputs[c] * shares.get(o, 9))) for o, c in columns)])
        write(rows, folder / f"ICIO2021_{year}.csv")


def inter_country_in_parts(tables, folder):
    # Four owners: quarters add up exactly.
    inter_country(tables, folder, ("CN1", "CN2"), ("JPN", "USA"))


def export_records(tables, power=0, word="Millions", code="6", variables=("TTL",)):
    flows, output = tables
    share = len(variables)
    yield ["VAR", "COU", "Country", "ROW", "COL", "Time", "Unit Code", "PowerCode Code",
           "PowerCode", "Value", "Flags"]  # fmt: skip
    for variable in variables:
        for year, supplier, user, value in flows.itertuples(index=False):
            row = f"{variable}_{supplier[1:]}"
            figure = text(value / share, power)
            yield [variable, "CHN", "China (People's Republic of)", row, user, year, "USD", code,
                   word, figure, ""]  # fmt: skip
    for year, sector, value in output.itertuples(index=False):
        yield [variables[0], "CHN", "China", "OUTPUT", sector, year, "USD", code, word,
               text(value, power), ""]  # fmt: skip
        yield [variables[0], "CHN", "China", "VALU", sector, year, "USD", code, word, "1", ""]
        yield [variables[0], "USA", "United States", "OUTPUT", sector, year, "USD", code, word,
               "9", ""]  # fmt: skip


def oecd_stat(tables, folder):
    write(export_records(tables), folder / "IOTS_2021_26112022.csv")


def oecd_stat_in_thousands(tables, folder):
    write(export_records(tables, 3, "Thousands", "3"), folder / "IOTS_2021.csv")


def oecd_stat_by_origin(tables, folder):
    write(export_records(tables, variables=("DOM", "IMP")), folder / "IOTS_2021.csv")


def data_explorer(tables, folder):
    rows = [[row[1], *row[3:6], row[9], row[6], row[7]] for row in export_records(tables)]
    rows[0] = ["REF_AREA", "ROW", "COL", "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "UNIT_MULT"]
    write(rows, folder / "OECD.STI,DSD_IOT.csv")


def plain_records(tables, folder, unit="万美元", power=2):
    flows, output = (frame.astype(object).copy() for frame in tables)
    flows.iloc[:, -1] = [text(value, power) for value in flows.iloc[:, -1]]
    output.iloc[:, -1] = [text(value, power) for value in output.iloc[:, -1]]
    flows.columns = ["年份", "投入部门", "使用部门", f"中间使用({unit})"]
    output.columns = ["年份", "部门", f"总产出({unit})"]
    for frame, name in ((flows, "投入产出表.csv"), (output, "部门总产出.csv")):
        write([list(frame.columns), *frame.values.tolist()], folder / name, "gb18030")


def plain_records_in_yuan(tables, folder):
    plain_records(tables, folder, "亿元", -2)


DISGUISES = (
    oecd_files,
    letters_of_sections,
    codes_with_labels,
    names_in_yuan,
    sheet_per_year,
    domestic_above_imported,
    years_stacked,
    inter_country,
    inter_country_in_parts,
    oecd_stat,
    oecd_stat_in_thousands,
    oecd_stat_by_origin,
    data_explorer,
    plain_records,
    plain_records_in_yuan,
)


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda disguise: disguise.__name__)
def test_a_disguised_table_is_the_same_to_the_last_bit(disguise, tables, tmp_path):
    disguise(tables, tmp_path / "raw")
    report = inspect(tmp_path / "raw", tmp_path / "out")
    stopping = [problem for problem in report.problems if "is a city_yearbook" not in problem.what]
    assert not stopping and not report.n_unreadable
    keys = (["year", "supplying_sector", "using_sector"], ["year", "sector"])
    names = ("input_output_flows", "industry_output")
    for name, columns, expected in zip(names, keys, tables, strict=True):
        found = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")[list(expected.columns)]
        for column in columns[1:]:
            found[column] = [sectors_of(code)[0] for code in found[column]]
        pd.testing.assert_frame_equal(
            found.sort_values(columns, ignore_index=True),
            expected.sort_values(columns, ignore_index=True),
            check_exact=True,
            check_dtype=False,
        )
