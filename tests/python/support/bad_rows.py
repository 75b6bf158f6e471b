"""Raw rows that stop a build, each with the words that say so."""

from support.raw import save


def other_cities(files, raw):
    yearbook = files["city_yearbook"].copy()
    yearbook["city_code"] = "9" + yearbook["city_code"].str[1:]
    save({"city_yearbook": yearbook}, raw)


def half_a_census(files, raw):
    census = files["economic_census_employment"].copy()
    census.loc[::2, "employed_persons"] = -1.0
    kept = {"city_yearbook": files["city_yearbook"], "economic_census_employment": census}
    save(kept, raw)


def a_column_in_yuan(files, raw):
    yearbook = files["city_yearbook"].copy()
    yearbook["gdp_100m_yuan"] *= 1e8
    save({"city_yearbook": yearbook}, raw)


def a_truncated_file(files, raw):
    save({"city_yearbook": files["city_yearbook"]}, raw)
    path = raw / "city_yearbook.parquet"
    path.write_bytes(path.read_bytes()[:20_000])


def an_empty_file(files, raw):
    raw.mkdir(parents=True)
    (raw / "city_yearbook.csv").write_bytes(b"")


def a_header_alone(files, raw):
    save({"city_yearbook": files["city_yearbook"].iloc[:0]}, raw, extension="csv")


def another_encoding(files, raw):
    raw.mkdir(parents=True)
    path = raw / "city_yearbook.csv"
    files["city_yearbook"].to_csv(path, index=False, encoding="gb18030")


STOPS = {
    other_cities: ("city_yearbook.parquet: 540 of 540 rows are rejected", "not in seed cities"),
    half_a_census: ("economic_census_employment.parquet: ", "`employed_persons` is negative"),
    a_column_in_yuan: ("city_yearbook, column `gdp_100m_yuan`: its median", "convert it"),
    a_truncated_file: ("city_yearbook.parquet",),
    an_empty_file: ("city_yearbook.csv", "is empty"),
    a_header_alone: ("city_yearbook has no row at all",),
    another_encoding: ("city_yearbook.csv", "utf-8"),
}
