"""A yearbook written out the way people hold it: other headers, units, layouts and encodings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd

KEYS = ("city_code", "city_name_zh", "year")
# Header in the disguise, and the power of ten by which its figures are larger than the contract's.
CHINESE = {
    "city_code": ("行政区划代码", 0),
    "city_name_zh": ("城市", 0),
    "year": ("年份", 0),
    "cpi_prev_year_100": ("居民消费价格指数（上年=100）", 0),
    "gdp_100m_yuan": ("地区生产总值（当年价格）（万元）", 4),
    "gdp_index_prev_year_100": ("地区生产总值指数", 0),
    "registered_population_10k": ("年末户籍人口（万人）", 0),
    "household_savings_100m_yuan": ("城乡居民储蓄年末余额（万元）", 4),
    "registered_unemployed_persons": ("城镇登记失业人员数（人）", 0),
    "employed_persons_10k": ("年末从业人员数（人）", 4),
    "retail_sales_100m_yuan": ("社会消费品零售总额（万元）", 4),
    "fixed_asset_investment_100m_yuan": ("固定资产投资（不含农户）（万元）", 4),
    "loans_100m_yuan": ("年末金融机构各项贷款余额（万元）", 4),
    "deposits_100m_yuan": ("年末金融机构存款余额（万元）", 4),
    "fiscal_revenue_100m_yuan": ("地方财政一般预算内收入（万元）", 4),
    "fiscal_expenditure_100m_yuan": ("地方财政一般预算内支出（万元）", 4),
    "patents_granted": ("专利授权数（件）", 0),
    "science_expenditure_100m_yuan": ("科学技术支出（万元）", 4),
    "education_expenditure_100m_yuan": ("教育支出（万元）", 4),
    "secondary_output_100m_yuan": ("第二产业增加值（百万元）", 2),
    "tertiary_output_100m_yuan": ("第三产业增加值（元）", 8),
    "new_firms": ("新注册企业数（家）", 0),
    "land_area_km2": ("行政区域土地面积（公顷）", 2),
    "fdi_used_million_usd": ("当年实际使用外资金额（万美元）", 2),
    "road_freight_10k_tonnes": ("公路货运量（吨）", 4),
    "road_area_per_capita_m2": ("人均城市道路面积（平方米）", 0),
    "average_wage_yuan": ("在岗职工平均工资（元）", 0),
    "college_students_persons": ("普通高等学校在校学生数（万人）", -4),
    "broadband_subscribers_10k": ("互联网宽带接入用户数（户）", 4),
    "mobile_subscribers_10k": ("年末移动电话用户数（户）", 4),
    "telecom_volume_100m_yuan": ("电信业务总量（万元）", 4),
    "above_scale_industrial_firms": ("规模以上工业企业数（个）", 0),
}
ENGLISH = {
    **{name: (name, 0) for name in CHINESE},
    "city_code": ("City code", 0),
    "city_name_zh": ("City", 0),
    "year": ("Year", 0),
    "gdp_100m_yuan": ("GDP (10,000 yuan)", 4),
    "registered_population_10k": ("Registered population (persons)", 4),
    "fdi_used_million_usd": ("FDI actually used (10 000 USD)", 2),
    "land_area_km2": ("Land area, sq km", 0),
    "average_wage_yuan": ("Average wage [yuan]", 0),
}
CONTRACT = {name: (name, 0) for name in CHINESE}
Spelling = Callable[[str], str]


def spelled(rows: pd.DataFrame, headers: Mapping[str, tuple[str, int]]) -> pd.DataFrame:
    """All cells as exact decimal text under other headers; None where a figure is missing."""
    columns = {}
    for name in rows.columns:
        header, power = headers[name]
        columns[header] = [
            None
            if pd.isna(value)
            else str(value)
            if name in KEYS
            else format(Decimal(repr(float(value))).scaleb(power).normalize(), "f")
            for value in rows[name]
        ]
    return pd.DataFrame(columns, dtype=object)


def numeric(table: pd.DataFrame, keep_text: tuple[str, ...] = ()) -> pd.DataFrame:
    """Cells of a spelled table as a spreadsheet holds them: numbers where it can."""
    return table.apply(
        lambda column: column if column.name in keep_text else column.map(_as_number)
    ).astype(object)


def _as_number(cell: object) -> object:
    if cell is None:
        return None
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return cell


def thousands(text: str) -> str:
    """1234.5 as 1,234.5."""
    whole, _, fraction = text.partition(".")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "")


def full_width(text: str) -> str:
    """ASCII digits, points and signs in full width."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def write_text(table: pd.DataFrame, path: Path, encoding: str, delimiter: str, missing="") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, sep=delimiter, na_rep=missing, lineterminator="\r\n")
    path.write_bytes(text.encode(encoding))


def write_sheets(sheets: Mapping[str, tuple[list[list], pd.DataFrame]], path: Path) -> None:
    """One workbook: per sheet its title rows and its table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = openpyxl.Workbook(write_only=False)
    workbook.remove(workbook.active)
    for name, (titles, table) in sheets.items():
        sheet = workbook.create_sheet(name)
        for title in titles:
            sheet.append(title)
        sheet.append(list(table.columns))
        for cells in table.itertuples(index=False):
            sheet.append([None if cell is None else cell for cell in cells])
    workbook.save(path)


def to_long(table: pd.DataFrame, city: str, year: str) -> pd.DataFrame:
    """City, year, indicator, value."""
    long = table.melt(id_vars=[city, year], var_name="指标", value_name="数值")
    return long.rename(columns={city: "地区", year: "年度"})


def gb18030_semicolon(rows, folder):
    write_text(spelled(rows, CHINESE), folder / "城市统计年鉴.csv", "gb18030", ";")


def utf16_tab(rows, folder):
    write_text(spelled(rows, ENGLISH), folder / "yearbook.txt", "utf-16", "\t", missing="n.a.")


def one_sheet(rows, folder):
    table = numeric(spelled(rows, CHINESE))
    write_sheets({"数据": ([], table)}, folder / "yearbook.xlsx")


def sheet_per_year(rows, folder):
    sheets = {}
    for year, part in rows.groupby("year"):
        table = numeric(spelled(part, CHINESE)).drop(columns="年份")
        titles = [[f"{year}年城市经济基本情况"], [], ["", "", "说明：当年价格"]]
        sheets[f"{year}年"] = (titles, table)
    write_sheets(sheets, folder / "子文件夹" / "中国城市 统计.xlsx")


def stata(rows, folder):
    table = numeric(spelled(rows, CHINESE), keep_text=("城市",))
    labels = {f"v{place}": header for place, header in enumerate(table.columns)}
    frame = table.set_axis(list(labels), axis=1)
    for name, header in labels.items():
        if header != "城市":
            frame[name] = pd.to_numeric(frame[name])
    frame["v1"] = frame["v1"].astype(str)
    folder.mkdir(parents=True)
    frame.to_stata(folder / "panel.dta", write_index=False, variable_labels=labels, version=118)


def old_stata(rows, folder):
    """Stata 13: GBK under Latin-1, as the format knows no encoding."""

    def as_latin(text):
        return text.encode("gb18030").decode("latin-1")

    table = spelled(rows, CHINESE)
    frame = table.set_axis([f"v{place}" for place in range(table.shape[1])], axis=1)
    labels = {f"v{place}": as_latin(header) for place, header in enumerate(table.columns)}
    for name in frame.columns[2:]:
        frame[name] = pd.to_numeric(frame[name])
    frame["v0"], frame["v1"] = frame["v0"].astype(str), frame["v1"].map(as_latin).astype(str)
    folder.mkdir(parents=True)
    frame.to_stata(folder / "panel.dta", write_index=False, variable_labels=labels, version=117)


def long_layout(rows, folder):
    table = spelled(rows, CHINESE).drop(columns="城市")
    long = to_long(table, "行政区划代码", "年份")
    write_text(long, folder / "长表.csv", "utf-8-sig", ",", missing="…")


def long_with_units(rows, folder):
    long = to_long(spelled(rows, CHINESE).drop(columns="行政区划代码"), "城市", "年份")
    parts = long["指标"].str.extract(r"^(.*?)(?:（([^（）]*)）)?$")
    long["指标"], long["单位"] = parts[0], parts[1]
    # `上年=100` and an index without any unit stay as they are.
    write_text(long, folder / "长表.csv", "utf-8", ",")


def names_for_codes(rows, folder):
    table = spelled(rows, CHINESE).drop(columns="行政区划代码")
    write_text(table, folder / "yearbook.csv", "utf-8", ",", missing="—")


def thousands_and_marks(rows, folder):
    table = spelled(rows, CHINESE)
    for place, column in enumerate(table.columns[3:]):
        spell = full_width if place % 3 == 2 else thousands
        mark = ("-", "—", "…", "NA", "n.a.", "")[place % 6]
        table[column] = [mark if cell is None else spell(cell) for cell in table[column]]
    write_text(table, folder / "yearbook.csv", "utf-8-sig", ",")


def long_codes(rows, folder):
    table = spelled(rows, CONTRACT)
    table["city_code"] = [
        code + ("000000", "", ".0")[place % 3] if place % 4 else code[:4]
        for place, code in enumerate(table["city_code"])
    ]
    write_text(table, folder / "city_yearbook.csv", "utf-8", ",")


def two_header_rows(rows, folder):
    """Header, then a row of units; 全市 and 市辖区 side by side; a remark at the end."""
    table = spelled(rows, CHINESE)
    parts = [header.rsplit("（", 1) for header in table.columns]
    names = [part[0] for part in parts]
    units = [f"（{part[1]}" if len(part) > 1 else "" for part in parts]
    sheet = openpyxl.Workbook()
    cells = sheet.active
    cells.title = "全部年份"
    place = names.index("地区生产总值（当年价格）") + 1
    cells.append([*names[:place], names[place - 1], *names[place:]])
    cells.append([*units[: place - 1], "全市（万元）", "市辖区（万元）", *units[place:]])
    for row in numeric(table).itertuples(index=False):
        inside = None if row[place - 1] is None else row[place - 1] / 2
        cells.append([*row[:place], inside, *row[place:]])
    cells.append(["注：本表数据为初步核算数。"])
    folder.mkdir(parents=True)
    sheet.save(folder / "yearbook.xlsx")


def sheet_per_subject(rows, folder):
    """Finance on one sheet, everything else on another."""
    table = numeric(spelled(rows, CHINESE))
    keys = list(table.columns[:3])
    money = [header for header in table.columns if "支出" in header or "收入" in header]
    rest = [header for header in table.columns if header not in money]
    title = [["财政（单位：万元）"]]
    finance = table[[*keys, *money]].rename(columns=lambda name: name.replace("（万元）", ""))
    write_sheets({"综合": ([], table[rest]), "财政": (title, finance)}, folder / "年鉴.xlsx")


def file_per_year(rows, folder):
    for year, part in rows.groupby("year"):
        table = spelled(part, CHINESE).drop(columns="年份")
        write_text(table, folder / f"城市{year}.csv", "gb18030", ",")


def foreign_parquet(rows, folder):
    table = numeric(spelled(rows, ENGLISH), keep_text=("City",))
    folder.mkdir(parents=True)
    for name in table.columns:
        if name != "City":
            table[name] = pd.to_numeric(table[name])
    table.to_parquet(folder / "panel.parquet", index=False)


DISGUISES = (
    gb18030_semicolon,
    utf16_tab,
    one_sheet,
    sheet_per_year,
    stata,
    old_stata,
    long_layout,
    long_with_units,
    names_for_codes,
    thousands_and_marks,
    long_codes,
    two_header_rows,
    sheet_per_subject,
    file_per_year,
    foreign_parquet,
)
