"""Seeded corruptions of raw files, and the small clean folders that they spoil.

`corruptions()` lists them all, the same on every machine: rows and cells dropped, duplicated,
swapped, scaled, retyped and blanked, files re-encoded and truncated. Each writes its file over the
clean one in a copy of the clean folder.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from support import corruption_edits as edits

SEED = 20261122
FACTORS = (0.1, 1.01, 1.5, 10, 1e4, -1)
COUNTS = "platform_member_counts"


@dataclass(frozen=True)
class Table:
    """How a clean raw table looks to somebody who wants to spoil it.

    Attributes
    ----------
    keys
        Columns that name a row, but the year.
    values
        Columns with figures.
    year
        Column with the year of a row; empty where there is none.
    extension
        Format of its clean file.
    """

    keys: tuple[str, ...]
    values: tuple[str, ...]
    year: str = "year"
    extension: str = "parquet"


YEARBOOK_VALUES = (
    "cpi_prev_year_100 gdp_100m_yuan gdp_index_prev_year_100 registered_population_10k "
    "household_savings_100m_yuan registered_unemployed_persons employed_persons_10k "
    "retail_sales_100m_yuan fixed_asset_investment_100m_yuan loans_100m_yuan deposits_100m_yuan "
    "fiscal_revenue_100m_yuan fiscal_expenditure_100m_yuan patents_granted "
    "science_expenditure_100m_yuan education_expenditure_100m_yuan secondary_output_100m_yuan "
    "tertiary_output_100m_yuan new_firms land_area_km2 fdi_used_million_usd "
    "road_freight_10k_tonnes road_area_per_capita_m2 average_wage_yuan college_students_persons "
    "broadband_subscribers_10k mobile_subscribers_10k telecom_volume_100m_yuan "
    "above_scale_industrial_firms"
)
TABLES = {
    "city_yearbook": Table(("city_code",), tuple(YEARBOOK_VALUES.split())),
    "platform_members": Table(
        ("firm_id", "city_code", "industry_code"), ("expired_year",), "joined_year"
    ),
    COUNTS: Table(("city_code", "industry_code"), ("member_count",)),
    "input_output_flows": Table(("supplying_sector", "using_sector"), ("value_million_usd",)),
    "industry_output": Table(("sector",), ("gross_output_million_usd",)),
    "economic_census_employment": Table(("city_code", "industry_code"), ("employed_persons",), ""),
    "national_series": Table((), ("internet_users_million",)),
    "policy_pilots": Table(("policy_id", "city_code"), (), "year", "csv"),
}


@dataclass(frozen=True)
class Corruption:
    """One way to spoil one raw file.

    Attributes
    ----------
    name
        Says what it does; unique, and the seed of what it draws.
    kind
        drop, duplicate, swap, scale, retype, re-encode, truncate, blank, miss or control.
    table
        Raw table whose file it spoils.
    columns
        Columns at fault; empty where rows or the whole file are.
    write
        Spoils the file in a folder.
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...]
    write: Callable[[Path], None]

    @property
    def is_control(self) -> bool:
        """Whether it changes nothing that is read."""
        return self.kind == "control"


def corruptions() -> list[Corruption]:
    """All of them, by table and kind; controls too."""
    found = [
        corruption
        for name, table in TABLES.items()
        for maker in (_frames, _bytes)
        for corruption in maker(name, table)
    ]
    assert len({c.name for c in found}) == len(found)
    return found


def sample(n: int) -> list[Corruption]:
    """Draw n corruptions and a twelfth as many controls, evenly from every table and kind."""
    every = corruptions()
    order = generator("sample").permutation(len(every))
    turns: dict[tuple, int] = {}
    ranked = []
    for position in order:
        group = (every[position].table, every[position].kind)
        turns[group] = turns.get(group, 0) + 1
        ranked.append((turns[group], position))
    chosen = [every[position] for _, position in sorted(ranked)]
    spoiled = [c for c in chosen if not c.is_control][:n]
    controls = [c for c in chosen if c.is_control][: n // 12]
    return sorted([*spoiled, *controls], key=lambda c: (c.table == COUNTS, c.table, c.name))


def clean_files(files: Mapping[str, pd.DataFrame], pilots: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Cut simulated files down to what a corruption can be judged on in a second.

    Parameters
    ----------
    files
        Raw files of some thirty cities.
    pilots
        Seed of pilots, of which a list of one's own is made.
    """
    small = dict(files)
    for name in ("input_output_flows", "industry_output"):
        small[name] = files[name][files[name]["year"].between(2009, 2010)]
    members = files["platform_members"].iloc[::15]
    # Whole numbers, as in the contract: the intake takes such a file as it is.
    small["platform_members"] = members.astype({"expired_year": "Int32"})
    cities = files["city_yearbook"]["city_code"].unique()
    listed = pilots[pilots["city_code"].isin(cities)].drop_duplicates("city_code").head(12)
    policies = ["one_policy", "another_policy"] * 6
    small["policy_pilots"] = listed.assign(policy_id=policies, evidence="made up")[
        ["policy_id", "city_code", "city_name_zh", "batch", "year", "scope", "evidence"]
    ]
    return small


def member_counts(members: pd.DataFrame) -> pd.DataFrame:
    """Members active in three years, by city and industry."""
    ends = members["expired_year"].fillna(9999)
    stocks = [
        members[(members["joined_year"] <= year) & (ends >= year)]
        .groupby(["city_code", "industry_code"], as_index=False)
        .agg(member_count=("firm_id", "size"))
        .assign(year=year)
        for year in (2012, 2013, 2014)
    ]
    counts = pd.concat(stocks, ignore_index=True).astype({"member_count": float})
    return counts[["city_code", "industry_code", "year", "member_count"]]


def save_clean(files: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    """Write clean files, each in its format."""
    folder.mkdir(parents=True)
    for name, frame in files.items():
        _save(frame, folder, name, TABLES[name].extension)
    return folder


def generator(name: str) -> np.random.Generator:
    """Random numbers of one corruption: adding another does not change them."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def raw_file(folder: Path, table: str) -> Path:
    """The file of a table in a clean folder."""
    return folder / f"{table}.{TABLES[table].extension}"


def read_clean(folder: Path, table: str) -> pd.DataFrame:
    path = raw_file(folder, table)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"city_code": str, "batch": str})


def _frames(name: str, table: Table) -> Iterator[Corruption]:
    """Corruptions of rows and cells."""
    for kind, label, columns, edit, *extension in _edits(name, table):
        full = f"{name}: {label}"
        extension = extension[0] if extension else table.extension
        yield Corruption(full, kind, name, columns, rewrite(full, name, edit, extension))


def rewrite(full: str, name: str, edit: edits.Edit, extension: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        frame = edit(read_clean(folder, name), generator(full))
        raw_file(folder, name).unlink()
        _save(frame, folder, name, extension)

    return write


def _save(frame: pd.DataFrame, folder: Path, name: str, extension: str) -> None:
    if extension == "parquet":
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    else:
        frame.to_csv(folder / f"{name}.csv", index=False)


def _edits(name: str, table: Table) -> Iterator[tuple]:
    yield from _dropped(table)
    yield from _duplicated(table)
    yield from _swapped(name, table)
    yield from _scaled(name, table)
    yield from _retyped(name, table)
    yield from _blanked(name, table)
    yield from _missed(name, table)
    for label, edit in (
        ("rows in another order", edits.reorder_rows()),
        ("columns in another order", edits.reorder_columns()),
        ("a column that nothing reads", edits.add_column("checked_by")),
    ):
        yield "control", label, (), edit
    other = "csv" if table.extension == "parquet" else "parquet"
    yield "control", f"the same as {other}", (), lambda frame, rng: frame, other


def _some(label: str, columns: tuple[str, ...], n: int) -> tuple[str, ...]:
    """Draw columns, the same for the same label."""
    drawn = generator(label).permutation(np.array(columns, dtype=object))
    return tuple(drawn[:n])


def _dropped(table: Table) -> Iterator[tuple]:
    for share in (0.0, 0.02, 0.3):
        yield "drop", f"{share:.0%} of the rows gone", (), edits.drop_rows(share)
    for key in (*table.keys, *filter(None, [table.year])):
        if key != "firm_id":
            yield "drop", f"one {key} gone", (), edits.drop_level(key)
        yield "drop", f"column {key} gone", (key,), edits.drop_column(key)
    for column in _some("drop", table.values, 2):
        yield "drop", f"column {column} gone", (column,), edits.drop_column(column)
    yield "truncate", "half of the lines", (), edits.first_rows(0.5)
    yield "truncate", "header only", (), edits.first_rows(0)


def _duplicated(table: Table) -> Iterator[tuple]:
    yield "duplicate", "one row twice", (), edits.copy_rows(1)
    yield "duplicate", "every row twice", (), edits.copy_rows(10**9)
    for column in _some("duplicate", table.values, 1):
        yield (
            "duplicate",
            f"two rows twice, {column} changed",
            (column,),
            edits.copy_rows_with(column, lambda value: value + 1),
        )
    if table.year:
        for shift in (-1, 1):
            where = "before the first" if shift < 0 else "after the last"
            edit = edits.copy_year(shift, table.year)
            yield "duplicate", f"a year copied to the one {where}", (), edit


def _swapped(name: str, table: Table) -> Iterator[tuple]:
    for column in _some("swap", table.values, 2):
        yield "swap", f"two cells of {column}", (column,), edits.swap_cells(column)
        yield "swap", f"{column} shuffled", (column,), edits.shuffle_column(column)
    for key in table.keys:
        if key != "firm_id":
            yield "swap", f"two of {key} exchanged", (), edits.swap_levels(key)
        # Keys that change places leave the set of keys as it was: the rows are at fault.
        yield "swap", f"two cells of {key}", (), edits.swap_cells(key)
    if name == "city_yearbook":
        for i in range(3):
            a, b = _some(f"swap {i}", table.values, 2)
            yield "swap", f"{a} for {b}", (a, b), edits.swap_columns(a, b)
    elif len(table.keys) > 1:
        a, b = table.keys[-2:]
        yield "swap", f"{a} for {b}", (), edits.swap_columns(a, b)


def _scaled(name: str, table: Table) -> Iterator[tuple]:
    columns = table.values if name != "platform_members" else ()
    n = 2 if name == "city_yearbook" else 1
    for factor in FACTORS:
        for i in range(n if columns else 0):
            label = f"{factor:g} {i}"
            cell, city, year, whole = (_some(f"{label} {s}", columns, 1)[0] for s in "cyew")
            yield "scale", f"a cell of {cell} x {label}", (cell,), edits.scale_cells(cell, factor)
            if table.keys:
                key = table.keys[0]
                edit = edits.scale_level(city, factor, key)
                yield "scale", f"{city} of one {key} x {label}", (city,), edit
            if table.year and name != "national_series":
                edit = edits.scale_level(year, factor, table.year)
                yield "scale", f"{year} of one year x {label}", (year,), edit
            edit = edits.scale_column(whole, factor)
            yield "scale", f"column {whole} x {label}", (whole,), edit


def _retyped(name: str, table: Table) -> Iterator[tuple]:
    for column in _some("retype", table.values, 1):
        for label, change in (
            ("with a word", lambda value: f"approx. {value}"),
            ("with a decimal comma", lambda value: f"{float(value):.1f}".replace(".", ",")),
        ):
            edit = edits.map_cells(column, change)
            yield "retype", f"cells of {column} {label}", (column,), edit, "csv"
        for label, change in (
            ("with commas of thousands", lambda value: f"{float(value):,.4f}"),
            ("rounded to whole numbers", lambda value: f"{float(value):.0f}"),
            ("as text with a unit", lambda value: f"{value}kg"),
        ):
            edit = edits.map_column(column, change)
            yield "retype", f"{column} {label}", (column,), edit, "csv"
        yield "retype", f"{column} as float32", (column,), edits.cast_column(column, "float32")
    if table.year:
        year = table.year
        for label, edit in (
            ("as text", edits.map_column(year, str)),
            ("half a year late", edits.map_cells(year, lambda value: value + 0.5)),
            ("in words", edits.map_cells(year, lambda value: "last year")),
            ("with two digits", edits.map_column(year, lambda value: f"{value % 100:02}")),
        ):
            yield "retype", f"{year} {label}", (year,), edit, "csv"
    if "city_code" in table.keys:
        for label, edit in (
            ("as whole numbers", edits.map_column("city_code", int)),
            ("as fractions", edits.map_column("city_code", lambda code: f"{code}.5")),
            ("with a letter", edits.map_cells("city_code", lambda c: c.replace("0", "O"))),
            ("of the district", edits.map_cells("city_code", lambda c: c[:4] + "02")),
        ):
            yield "retype", f"city_code {label}", ("city_code",), edit, "csv"
    if name == "city_yearbook":
        column = "gdp_100m_yuan"
        edit = edits.rename_column(column, "地区生产总值(万元)")
        yield "retype", f"{column} under a header in another unit", (column,), edit
        edit = edits.rename_column(column, "loans")
        yield "retype", f"{column} under the header of another column", (column,), edit


def _blanked(name: str, table: Table) -> Iterator[tuple]:
    for column in _some("blank", table.values, 2):
        yield "blank", f"a cell of {column} empty", (column,), edits.blank_cells(column, 0)
        yield "blank", f"a tenth of {column} empty", (column,), edits.blank_cells(column, 0.1)
        yield "blank", f"{column} constant", (column,), edits.set_column(column)
        if name != "platform_members":
            yield "blank", f"a zero in {column}", (column,), edits.overwrite_cells(column, 0)
            infinite = edits.overwrite_cells(column, float("inf"))
            yield "blank", f"an infinite {column}", (column,), infinite
    for key in table.keys:
        yield "blank", f"two empty {key}", (key,), edits.blank_cells(key, 2 / 10**6)
        yield "blank", f"a tenth of {key} empty", (key,), edits.blank_cells(key, 0.1)
    if table.year:
        year = table.year
        yield "blank", f"one {year} empty", (year,), edits.blank_cells(year, 0)
        yield "blank", f"{year} off by one", (year,), edits.shift_years(year, 1)
        if table.keys and name != "platform_members":
            key = table.keys[0]
            edit = edits.shift_years(year, -1, key)
            yield "blank", f"{year} off by one in one {key}", (year,), edit
        edit = edits.overwrite_cells(year, 1066, 1)
        yield "blank", f"a {year} of the conquest", (year,), edit
    if "city_code" in table.keys:
        for code, what in (("130300", "a typing error that is a city"), ("990000", "no city")):
            edit = edits.overwrite_cells("city_code", code, 1)
            yield "blank", f"city_code with {what}", ("city_code",), edit


def _missed(name: str, table: Table) -> Iterator[tuple]:
    """Keys that are sound in themselves and meet nothing."""
    for key in table.keys:
        if key in ("firm_id", "policy_id"):
            continue
        edit = edits.map_column(key, lambda code: f"X{code}")
        yield "miss", f"{key} of another list", (key,), edit
        edit = edits.map_cells(key, lambda code: f"{code}X")
        yield "miss", f"{key} with a letter after it", (key,), edit
        if key.endswith("sector"):
            edit = edits.map_column(key, lambda code: code.replace("D", "TTL_", 1))
            yield "control", f"{key} with a prefix", (), edit
            yield "miss", f"{key} all alike", (key,), edits.set_column(key)
    if table.year and name not in ("platform_members", "policy_pilots"):
        for years in (-20, 20):
            edit = edits.shift_years(table.year, years)
            yield "miss", f"{table.year} {years:+d}", (table.year,), edit


def _bytes(name: str, table: Table) -> Iterator[Corruption]:
    """Corruptions of the file as such."""

    def corruption(kind: str, label: str, write: Callable[[Path], None]) -> Corruption:
        return Corruption(f"{name}: {label}", kind, name, (), write)

    def drop(folder: Path) -> None:
        raw_file(folder, name).unlink()

    def twice(folder: Path) -> None:
        read_clean(folder, name).head(20).to_csv(folder / f"{name}_copy.csv", index=False)

    yield corruption("drop", "file gone", drop)
    yield corruption("duplicate", "a second file with some of the rows", twice)
    if table.extension == "parquet":
        for label, cut in (
            ("half of the bytes", lambda content: content[: len(content) // 2]),
            ("without its last bytes", lambda content: content[:-64]),
            ("without its first bytes", lambda content: content[64:]),
            ("no byte", lambda content: b""),
        ):
            yield corruption("truncate", label, _change_bytes(name, cut))
    for kind, label, change in _text_changes():
        yield corruption(kind, label, _as_text(name, change))


def _change_bytes(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = raw_file(folder, name)
        content = change(path.read_bytes())
        path.unlink()  # A link to the clean file.
        path.write_bytes(content)

    return write


def _as_text(name: str, change: Callable[[str], bytes]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        text = read_clean(folder, name).to_csv(index=False)
        raw_file(folder, name).unlink()
        (folder / f"{name}.csv").write_bytes(change(text))

    return write


def _text_changes() -> Iterator[tuple[str, str, Callable[[str], bytes]]]:
    yield "re-encode", "in GB18030", lambda text: text.encode("gb18030")
    yield "re-encode", "in UTF-16", lambda text: text.encode("utf-16")
    yield "re-encode", "UTF-8 with a mark", lambda text: text.encode("utf-8-sig")
    yield "re-encode", "read as Latin-1", lambda text: text.encode().decode("latin-1").encode()
    yield (
        "re-encode",
        "two encodings in one file",
        lambda text: _halves(text)[0].encode() + _halves(text)[1].encode("utf-16"),
    )
    yield "re-encode", "semicolons", lambda text: text.replace(",", ";").encode()
    yield (
        "re-encode",
        "semicolons from the middle on",
        lambda text: (_halves(text)[0] + _halves(text)[1].replace(",", ";")).encode(),
    )
    yield "re-encode", "line ends of Windows", lambda text: text.replace("\n", "\r\n").encode()
    yield "re-encode", "no line ends at all", lambda text: text.replace("\n", " ").encode()
    yield (
        "truncate",
        "text cut in the middle of a line",
        lambda text: text.encode()[: int(0.6 * len(text)) + 3],
    )
    yield "truncate", "without its header", lambda text: text.split("\n", 1)[1].encode()


def _halves(text: str) -> tuple[str, str]:
    middle = text.index("\n", len(text) // 2) + 1
    return text[:middle], text[middle:]
