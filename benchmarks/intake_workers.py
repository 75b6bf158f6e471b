"""What `benchmarks.intake` runs in processes of its own."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.isolated import PROJECT, Watch
from benchmarks.synthetic_members import write_members
from urban_resilience.intake import prepare
from urban_resilience.intake.reading.read_workbook import read_workbook
from urban_resilience.intake.template import chinese_header
from urban_resilience.intake.vocabulary.contract import contract
from urban_resilience.shared.database import connect, quote

SEEDS = PROJECT / "seeds" / "reference"
N_INDUSTRIES = 90


def write_csv(watch: Watch, folder: str, n_records: int) -> dict[str, Any]:
    """Write the same member records as a contract CSV and as a messy one."""
    place = Path(folder)
    cities, industries = _codes()
    parquet = place / "members.parquet"
    write_members(watch, str(parquet), n_records, cities, industries)
    plain, messy = place / "plain" / "platform_members.csv", place / "messy" / "会员名单.csv"
    for path in (plain, messy):
        path.parent.mkdir()
        _write_yearbook(path.parent / "city_yearbook.csv", cities)
    with connect(place) as connection:
        source = f"read_parquet({quote(parquet)})"
        connection.execute(f"copy (select * from {source}) to {quote(plain)} (header)")
        utf8 = place / "messy.csv"
        connection.execute(
            "copy (select firm_id as 企业编号, city_code || '000000' as 行政区划代码, "
            "industry_code as 行业代码, joined_year || '年' as 加入年份, "
            f"coalesce(expired_year || '年', '—') as 到期年份 from {source}) "
            f"to {quote(utf8)} (header, delimiter ';')"
        )
    with (
        utf8.open(encoding="utf-8", newline="") as original,
        messy.open("w", encoding="gb18030", newline="") as written,
    ):
        shutil.copyfileobj(original, written, 1 << 22)
    utf8.unlink()
    parquet.unlink()
    return {
        "records": n_records,
        "plain": str(plain),
        "messy": str(messy),
        "bytes": plain.stat().st_size,
        "messy_bytes": messy.stat().st_size,
    }


def _codes() -> tuple[list[str], list[str]]:
    with (SEEDS / "cities.csv").open(encoding="utf-8") as file:
        cities = [row["city_code"] for row in csv.DictReader(file)]
    with (SEEDS / "industries.csv").open(encoding="utf-8") as file:
        codes = [row["industry_code"] for row in csv.DictReader(file)]
    return cities, [code for code in codes if len(code) == 2][:N_INDUSTRIES]


def _write_yearbook(path: Path, cities: list[str]) -> None:
    """Write the smallest file that the intake accepts beside the members."""
    lines = ["city_code,year,gdp_100m_yuan", *(f"{city},2019,1000" for city in cities)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def copy_floor(watch: Watch, path: str, out: str) -> dict[str, Any]:
    """Read and write without looking."""
    place = Path(out)
    place.mkdir(parents=True, exist_ok=True)
    target = place / "floor.parquet"
    with connect(place) as connection, watch:
        connection.execute(
            f"copy (select * from read_csv({quote(path)})) to {quote(target)} "
            "(format parquet, compression zstd)"
        )
    return {"records": _count(target)}


def prepare_folder(watch: Watch, raw: str, out: str) -> dict[str, Any]:
    """Run the intake on a folder."""
    contract()
    with watch:
        report = prepare(raw, out)
    members = Path(out) / "platform_members.parquet"
    if report.n_unreadable:
        raise ValueError(f"{report.n_unreadable} cells are unreadable")
    return {
        "records": _count(members) if members.exists() else 0,
        "yearbook_rows": report.tables["city_yearbook"],
    }


def _count(path: Path) -> int:
    with duckdb.connect() as connection:
        return connection.execute(f"select count(*) from read_parquet({quote(path)})").fetchall()[
            0
        ][0]


def write_workbooks(watch: Watch, folder: str, n_cities: int, n_years: int) -> dict[str, Any]:
    """Write one yearbook as a single sheet and as a sheet per year."""
    import openpyxl

    table = contract()["city_yearbook"]
    cities, _ = _codes()
    cities += [f"9{number:05d}" for number in range(n_cities - len(cities))]
    header = [chinese_header(column) for column in table.columns]
    years = range(2000, 2000 + n_years)
    one, per_year = openpyxl.Workbook(write_only=True), openpyxl.Workbook(write_only=True)
    whole = one.create_sheet("数据")
    whole.append(header)
    for year in years:
        sheet = per_year.create_sheet(f"{year}年")
        sheet.append([f"{year}年城市经济基本情况"])
        sheet.append(header[:2] + header[3:])
        for place, city in enumerate(cities[:n_cities]):
            figures = [_figure(column, place, year) for column in table.columns[3:]]
            whole.append([city, None, year, *figures])
            sheet.append([city, None, *figures])
    places = {"one": Path(folder) / "one", "years": Path(folder) / "years"}
    with watch:
        for name, workbook in (("one", one), ("years", per_year)):
            places[name].mkdir()
            workbook.save(places[name] / "年鉴.xlsx")
    return {
        **{name: str(place) for name, place in places.items()},
        "cells": n_cities * n_years * len(header),
    }


def _figure(column, place: int, year: int) -> float:
    """Return some figure of a plausible size, different in every cell."""
    low = column.lowest_median or 1.0
    return round(low * (2 + (place * 37 + year * 11) % 97 / 100), 3)


def calamine_floor(watch: Watch, raw: str, out: str) -> dict[str, Any]:
    """Read every cell and do nothing with it."""
    from python_calamine import CalamineWorkbook

    with watch, CalamineWorkbook.from_path(Path(raw) / "年鉴.xlsx") as workbook:
        cells = sum(
            len(row)
            for name in workbook.sheet_names
            for row in workbook.get_sheet_by_name(name).iter_rows()
        )
    return {"cells": cells}


def read_sheets(watch: Watch, raw: str, out: str) -> dict[str, Any]:
    """Read every cell as the intake does."""
    with watch:
        grids = read_workbook(Path(raw) / "年鉴.xlsx", "年鉴.xlsx")
        cells = sum(len(row) for grid in grids for row in grid.rows)
    return {"cells": cells}


def openpyxl_reading(watch: Watch, raw: str, out: str) -> dict[str, Any]:
    """Read every cell with the reader of before."""
    import openpyxl

    with watch:
        workbook = openpyxl.load_workbook(Path(raw) / "年鉴.xlsx", data_only=True)
        cells = sum(len(row) for sheet in workbook for row in sheet.iter_rows(values_only=True))
    return {"cells": cells}
