"""Raw folders that cannot be used, each with the words that say so."""

import zipfile

import openpyxl

from support.disguise import CHINESE, numeric, spelled, write_sheets, write_text


def save(rows, folder, name="city_yearbook.csv"):
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_csv(folder / name, index=False)


def renamed(rows, **changes):
    table = spelled(rows, CHINESE)
    return table.rename(columns={CHINESE[name][0]: new for name, new in changes.items()})


def no_yearbook(rows, folder):
    folder.mkdir()
    (folder / "readme.txt").write_text("nothing here\nat all\n")


def no_folder(rows, folder):
    pass


def no_key_column(rows, folder):
    save(rows.rename(columns={"year": "Year of data"}), folder)


def two_columns_for_one(rows, folder):
    save(renamed(rows, retail_sales_100m_yuan="GDP（万元）"), folder)


def no_unit_and_no_size_to_tell(rows, folder):
    table = spelled(rows, CHINESE)
    table = table.rename(columns={"当年实际使用外资金额（万美元）": "实际利用外资"})
    table["实际利用外资"] = 1500
    save(table, folder)


def empty_file(rows, folder):
    folder.mkdir()
    (folder / "city_yearbook.csv").write_bytes(b"")


def header_only(rows, folder):
    save(rows.iloc[:0], folder)


def truncated_parquet(rows, folder):
    folder.mkdir()
    path = folder / "city_yearbook.parquet"
    rows.to_parquet(path, index=False)
    path.write_bytes(path.read_bytes()[:-200])


def broken_utf8(rows, folder):
    folder.mkdir()
    write_text(rows, folder / "city_yearbook.csv", "utf-8", ",")
    data = bytearray((folder / "city_yearbook.csv").read_bytes())
    place = data.index("北京市".encode(), 2000)
    data[place + 1] = 0xFF
    (folder / "city_yearbook.csv").write_bytes(bytes(data))


def neither_encoding(rows, folder):
    folder.mkdir()
    (folder / "city_yearbook.csv").write_bytes(b"city,year\n\xff\xfe\x80,2005\n" * 50)


def two_forms_of_one_file(rows, folder):
    save(rows, folder)
    rows.to_parquet(folder / "city_yearbook.parquet", index=False)


def overlapping_files(rows, folder):
    save(rows[rows["year"] <= 2010], folder, "年鉴一.csv")
    later = rows[rows["year"] >= 2010]
    save(later.assign(gdp_100m_yuan=later["gdp_100m_yuan"] + 1), folder, "年鉴二.csv")


def overlapping_sheets(rows, folder):
    table = numeric(spelled(rows, CHINESE))
    again = numeric(spelled(rows.assign(loans_100m_yuan=rows["loans_100m_yuan"] * 2), CHINESE))
    write_sheets({"2005-2010": ([], table), "again": ([], again.iloc[:1])}, folder / "a.xlsx")


def whole_column_in_the_wrong_unit(rows, folder):
    table = rows.assign(gdp_100m_yuan=rows["gdp_100m_yuan"] * 10_000)
    save(table, folder)


def wrong_unit_in_a_chinese_header(rows, folder):
    save(renamed(rows, employed_persons_10k="年末从业人员数（万人）"), folder)


def wrong_unit_in_parquet(rows, folder):
    folder.mkdir()
    table = rows.assign(registered_population_10k=rows["registered_population_10k"] * 10_000)
    table.to_parquet(folder / "city_yearbook.parquet", index=False)


def index_as_ratio(rows, folder):
    save(rows.assign(cpi_prev_year_100=rows["cpi_prev_year_100"] / 100), folder)


def growth_rate_as_index(rows, folder):
    save(rows.assign(gdp_index_prev_year_100=rows["gdp_index_prev_year_100"] - 100), folder)


def password(rows, folder):
    folder.mkdir()
    (folder / "年鉴.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)


def damaged_workbook(rows, folder):
    folder.mkdir()
    with zipfile.ZipFile(folder / "年鉴.xlsx", "w") as file:
        file.writestr("hello.txt", "this is no workbook")


def cut_workbook(rows, folder):
    write_sheets({"a": ([], numeric(spelled(rows, CHINESE)))}, folder / "年鉴.xlsx")
    path = folder / "年鉴.xlsx"
    path.write_bytes(path.read_bytes()[:-3000])


def blank_workbook(rows, folder):
    folder.mkdir()
    openpyxl.Workbook().save(folder / "年鉴.xlsx")


def formulas_never_calculated(rows, folder):
    table = numeric(spelled(rows, CHINESE))
    table.loc[3, CHINESE["gdp_100m_yuan"][0]] = "=1+1"
    write_sheets({"a": ([], table)}, folder / "年鉴.xlsx")


def damaged_old_excel(rows, folder):
    folder.mkdir()
    (folder / "年鉴.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 4096)


def web_page_as_old_excel(rows, folder):
    folder.mkdir()
    (folder / "年鉴.xls").write_text("<html><body><p>请先登录</p></body></html>")


def one_cell_far_away(rows, folder):
    write_sheets({"a": ([], numeric(spelled(rows, CHINESE)))}, folder / "年鉴.xlsx")
    book = openpyxl.load_workbook(folder / "年鉴.xlsx")
    book.active["ZZZ2"], book.active["A1048576"] = 1, "注"
    book.save(folder / "年鉴.xlsx")


def damaged_stata(rows, folder):
    folder.mkdir()
    (folder / "panel.dta").write_bytes(b"<stata_dta><header><release>118</rel")


# What each fault must say, all of it on one line.
FAULTS = {
    no_yearbook: ("is a city_yearbook", "readme.txt", "make template", "make simulate"),
    no_folder: ("there is no folder", "RAW_DATA_DIR"),
    no_key_column: ("city_yearbook.csv: ", "years", "Year of data", "Put the year"),
    two_columns_for_one: ("`地区生产总值", "`GDP（万元）` both read", "`gdp_100m_yuan`", "delete"),
    no_unit_and_no_size_to_tell: ("`实际利用外资`", "no unit", "百万美元", "万美元", "header"),
    empty_file: ("city_yearbook.csv: ", "empty", "Save it again"),
    header_only: ("city_yearbook.csv: ", "no row of data", "Add the data"),
    truncated_parquet: ("city_yearbook.parquet: ", "damaged or cut off", "again"),
    broken_utf8: ("city_yearbook.csv: ", "row ", "neither UTF-8 nor GB18030", "CSV UTF-8"),
    neither_encoding: ("city_yearbook.csv: ", "row 2", "neither UTF-8 nor GB18030"),
    two_forms_of_one_file: (
        "Two files claim to be city_yearbook: city_yearbook.csv and city_yearbook.parquet",
        "Keep one",
    ),
    overlapping_files: ("年鉴二.csv: ", "年鉴一.csv", "year 2010", "Keep one"),
    overlapping_sheets: (
        "a.xlsx [again]", "1 of its rows", "contradicts a.xlsx [2005-2010]", "`loans_100m_yuan`",
    ),
    whole_column_in_the_wrong_unit: (
        "`gdp_100m_yuan`", "about 10,000 times too large", "look like 万元", "Correct the unit",
    ),
    wrong_unit_in_a_chinese_header: ("年末从业人员数（万人）", "10,000 times too large", "like 人"),
    wrong_unit_in_parquet: ("city_yearbook.parquet: ", "`registered_population_10k`", "10,000"),
    index_as_ratio: ("`cpi_prev_year_100`", "about 100 times too small", "上年=1"),
    growth_rate_as_index: ("`gdp_index_prev_year_100`", "look like a growth rate"),
    password: ("年鉴.xlsx: ", "password", "Remove the password"),
    damaged_workbook: ("年鉴.xlsx: ", "damaged", "save it again"),
    cut_workbook: ("年鉴.xlsx: ", "damaged", "save it again"),
    blank_workbook: ("年鉴.xlsx: ", "no sheet"),
    formulas_never_calculated: ("年鉴.xlsx: ", "cell E5", "formula without its result", "save it"),
    damaged_old_excel: ("年鉴.xls: ", "password", "damaged", "as .xlsx"),
    web_page_as_old_excel: ("年鉴.xls: ", "web page without a table", "Save the table as .xlsx"),
    one_cell_far_away: ("年鉴.xlsx: ", "column ZZZ in row 2", "1,048,576 rows", "Delete the rows"),
    damaged_stata: ("panel.dta: ", "cannot be read", "Save it again"),
}  # fmt: skip
