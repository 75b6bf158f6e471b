"""The yearbook in other shapes: years across, a city a file, as printed, exports with codes."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd

from support.disguise import CHINESE, numeric, spelled, write_sheets, write_text
from urban_resilience.shared.project import seed_rows

CODE, CITY, YEAR = "行政区划代码", "城市", "年份"
PAGE = 40


def across(table: pd.DataFrame, header: str, keys: list[str]) -> pd.DataFrame:
    """One series with its years across."""
    wide = table.set_index([*keys, YEAR])[header].unstack(YEAR).astype(object)
    return wide.where(wide.notna(), None).reset_index()


def years_across_one_series_a_sheet(rows, folder):
    table = numeric(spelled(rows, CHINESE), keep_text=(CODE, CITY))
    series = [header for header in table.columns if header not in (CODE, CITY, YEAR)]
    sheets = {
        f"表{place}": ([[header]], across(table, header, [CODE, CITY]))
        for place, header in enumerate(series, 1)
    }
    write_sheets(sheets, folder / "面板.xlsx")


def years_across_one_series_a_file(rows, folder):
    table = spelled(rows, CHINESE)
    for header in table.columns[3:]:
        name = header.replace("/", "每")
        write_text(across(table, header, [CITY]), folder / f"{name}.csv", "gb18030", ",")


def stub_and_year(rows, folder):
    """A column for each series and year: `gdp_100m_yuan_2010`."""
    names = {name: (name, 0) for name in rows.columns}
    table = spelled(rows, names)
    keys = ["city_code", "city_name_zh"]
    wide = table.set_index([*keys, "year"]).unstack("year").astype(object)
    wide.columns = [f"{name}_{year}" for name, year in wide.columns]
    wide = wide.where(wide.notna(), None).reset_index()
    write_text(wide, folder / "wide panel.csv", "utf-8", ",")


def a_city_a_file(rows, folder):
    table = spelled(rows, CHINESE)
    for name, part in table.groupby(CITY):
        write_text(part.drop(columns=[CODE, CITY]), folder / f"{name}.csv", "utf-8-sig", ",")


def codes_labels_and_units_in_rows_one_to_three(rows, folder):
    table = spelled(rows, CHINESE)
    parts = [header.rsplit("（", 1) for header in table.columns]
    labels = [part[0] for part in parts]
    units = [part[1].rstrip("）") if len(part) > 1 else "没有单位" for part in parts]
    codes = ["Ctnm_id", "Ctnm", "Sgnyea", *(f"Ec{place:03d}" for place in range(3, len(parts)))]
    head = pd.DataFrame([labels, units], columns=codes)
    body = table.set_axis(codes, axis=1)
    write_text(pd.concat([head, body]), folder / "CRE_Ct.csv", "utf-8", ",")


def printed_with_headings_and_pages(rows, folder):
    """A sheet a year: provinces above their cities, the header again on every page, a remark."""
    provinces = {row["province_code"]: row["province_name_zh"] for row in seed_rows("provinces")}
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for year, part in rows.groupby("year"):
        table = numeric(spelled(part, CHINESE), keep_text=(CODE, CITY)).drop(columns=YEAR)
        table = table.sort_values(CODE)
        header = list(table.columns[1:])
        sheet = book.create_sheet(str(year))
        sheet.append([f"2-1 城市基本情况（{year}年）"])
        sheet.append(header)
        heading = ""
        for place, cells in enumerate(table.itertuples(index=False)):
            if place and place % PAGE == 0:
                sheet.append(["2-1 续表"])
                sheet.append(header)
            code, *figures = cells
            if code[:2] != heading:
                heading = code[:2]
                sheet.append([provinces[heading]])
            sheet.append(figures)
        sheet.append(["注：本表为初步核算数。"])
    folder.mkdir(parents=True)
    book.save(folder / "年鉴.xlsx")


def several_cities_a_line(rows, folder):
    """Two cities beside each other under one header, as in printed tables."""
    sheets = {}
    for year, part in rows.groupby("year"):
        table = numeric(spelled(part, CHINESE), keep_text=(CODE, CITY)).drop(columns=[CODE, YEAR])
        half = (len(table) + 1) // 2
        left = table.iloc[:half].reset_index(drop=True)
        right = table.iloc[half:].reset_index(drop=True).reindex(range(half)).astype(object)
        right = right.where(right.notna(), None)
        sheets[f"{year}年"] = ([], pd.concat([left, right], axis=1))
    write_sheets(sheets, folder / "年鉴.xlsx")


def names_in_english(rows, folder):
    english = {row["city_code"]: row["city_name_en"] for row in seed_rows("cities")}
    provinces = {row["province_code"]: row["province_name_en"] for row in seed_rows("provinces")}
    table = spelled(rows, CHINESE).drop(columns=CITY)
    table.insert(0, "Province", [provinces[code[:2]] for code in table[CODE]])
    table.insert(1, "City", [english[code] for code in table[CODE]])
    write_text(table.drop(columns=CODE), folder / "panel.csv", "utf-8", ",")


def _rows_two_files(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    years = sorted(rows["year"].unique())
    return rows[rows["year"] <= years[len(years) // 2]], rows[rows["year"] > years[len(years) // 2]]


def two_files_in_one(rows, folder):
    """Two exports one after the other, the second with its columns in another order."""
    first, second = (spelled(part, CHINESE) for part in _rows_two_files(rows))
    second = second[[YEAR, CITY, CODE, *reversed(second.columns[3:])]]
    folder.mkdir(parents=True)
    text = "".join(part.to_csv(index=False, lineterminator="\r\n") for part in (first, second))
    (folder / "合并.csv").write_bytes(text.encode("utf-8-sig"))


def series_in_three_files_and_formats(rows, folder):
    table = spelled(rows, CHINESE)
    keys, series = list(table.columns[:3]), list(table.columns[3:])
    parts = [table[[*keys, *series[start::3]]] for start in range(3)]
    write_text(parts[0], folder / "甲" / "经济.csv", "gb18030", "\t")
    write_sheets({"数据": ([], numeric(parts[1]))}, folder / "乙.xlsx")
    last = numeric(parts[2], keep_text=(CODE, CITY))
    for header in last.columns[2:]:
        last[header] = pd.to_numeric(last[header])
    last.to_parquet(Path(folder) / "丙.parquet", index=False)


SHAPES = (
    years_across_one_series_a_sheet,
    years_across_one_series_a_file,
    stub_and_year,
    a_city_a_file,
    codes_labels_and_units_in_rows_one_to_three,
    printed_with_headings_and_pages,
    several_cities_a_line,
    names_in_english,
    two_files_in_one,
    series_in_three_files_and_formats,
)
