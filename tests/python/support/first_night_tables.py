"""More of what a folder shows by itself: codes exchanged, tables pasted, the census, members."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from support.corruption_edits import Edit
from support.first_night_scales import city, province, third

FLOWS, OUTPUT, CENSUS = "input_output_flows", "industry_output", "economic_census_employment"
NATIONAL, MEMBERS = "national_series", "platform_members"
VALUE, GROSS, PERSONS = "value_million_usd", "gross_output_million_usd", "employed_persons"
USERS, JOINED = "internet_users_million", "joined_year"


def tables() -> Iterator[tuple]:
    """Sectors under each other's code, sectors in another unit, tables pasted or lost."""
    for one, other in (("D62T63", "D64T66"), ("D26", "D01T02")):
        swap = {one: other, other: one}
        label = f"users {one} and {other} exchanged"
        yield "table", FLOWS, label, (VALUE, "using_sector"), _renamed("using_sector", swap)
        label = f"outputs of {one} and {other} exchanged"
        yield "table", OUTPUT, label, ("sector", GROSS), _renamed("sector", swap)
    label = "suppliers D26 and D01T02 exchanged"
    edit = _renamed("supplying_sector", {"D26": "D01T02", "D01T02": "D26"})
    yield "table", FLOWS, label, ("supplying_sector",), edit
    for column, table in (("sector", OUTPUT), ("supplying_sector", FLOWS)):
        label = f"{column} one on in the list"
        yield "table", table, label, (column, VALUE, GROSS), _one_on(column)
    for sector, factor in (("D61", 0.01), ("D26", 0.01), ("D61", 10), ("D26", 12)):
        label = f"sales of {sector} x {factor:g}"
        edit = _scaled(VALUE, "supplying_sector", sector, factor)
        yield "table", FLOWS, label, (VALUE, "supplying_sector"), edit
    edit = _scaled(VALUE, "using_sector", "D26", 0.1)
    yield "table", FLOWS, "inputs of D26 x 0.1", (VALUE, "using_sector"), edit
    for sector in ("D61", "D58T60"):
        edit = _scaled(GROSS, "sector", sector, 1 / 6.5)
        yield "table", OUTPUT, f"output of {sector} / 6.5", (GROSS,), edit
    for table, column in ((FLOWS, VALUE), (OUTPUT, GROSS)):
        edit = lambda frame, rng, c=column: frame.assign(  # noqa: E731
            **{c: frame[c].mask(frame["year"] >= 2010, frame[c] * 6.5)}
        )
        yield "table", table, f"{column} from 2010 on x 6.5", (column,), edit
        edit = lambda frame, rng: frame[frame["year"] != 2014]  # noqa: E731
        yield "table", table, f"{table} of 2014 gone", (), edit
    edit = lambda frame, rng: _pasted(frame, VALUE, 0.001, rng)  # noqa: E731
    yield "table", FLOWS, "2014 as 2013 with noise", (), edit
    edit = lambda frame, rng: _pasted(frame, GROSS, 0, rng)  # noqa: E731
    yield "table", OUTPUT, "2014 as 2013", (), edit
    own = lambda frame: frame["supplying_sector"] == frame["using_sector"]  # noqa: E731
    edit = lambda frame, rng: frame.assign(**{VALUE: frame[VALUE].mask(own(frame), 0)})  # noqa: E731
    yield "table", FLOWS, "own use left out", (VALUE,), edit


def counts() -> Iterator[tuple]:
    """Of the census, the nation and members."""
    for name, rows, factor in (
        ("province 32", province("32"), 1e-4), ("province 44", province("44"), 12),
        ("every third city", third(0), 1e-4), ("one city", city("440300"), 10),
    ):  # fmt: skip
        edit = lambda frame, rng, rows=rows, factor=factor: frame.assign(  # noqa: E731
            **{PERSONS: frame[PERSONS].mask(rows(frame), frame[PERSONS] * factor)}
        )
        yield "unit", CENSUS, f"census x {factor:g}, {name}", (PERSONS,), edit
    for value, share in ((0, 0.33), (1, 0.15), (9999, 0.05)):
        edit = lambda frame, rng, v=value, s=share: frame.assign(  # noqa: E731
            **{PERSONS: frame[PERSONS].mask(rng.random(len(frame)) < s, v)}
        )
        yield "heap", CENSUS, f"{value} in {share:.0%} of the census", (PERSONS,), edit
    yield "copy", CENSUS, "510700 as 510100", (), _twin
    for name, figures in (
        ("in 10,000 persons", lambda users: users * 100),
        ("percent of the population", lambda users: users / 13.8),
        ("two years on", lambda users: users.shift(2)),
        ("growth in percent", lambda users: 100 * users.pct_change()),
    ):
        edit = lambda frame, rng, figures=figures: (  # noqa: E731
            frame.sort_values("year").assign(**{USERS: lambda f: figures(f[USERS])}).dropna()
        )
        yield "nation", NATIONAL, name, (USERS,), edit
    edit = lambda frame, rng: frame[~third(0)(frame)]  # noqa: E731
    yield "members", MEMBERS, "every third city without members", ("city_code",), edit
    edit = lambda frame, rng: frame.assign(city_code="330100")  # noqa: E731
    yield "members", MEMBERS, "all members in one city", ("city_code",), edit
    edit = lambda frame, rng: frame.assign(  # noqa: E731
        industry_code=frame["industry_code"].mask(province("44")(frame), "39")
    )
    yield "members", MEMBERS, "members of province 44 of one industry", ("industry_code",), edit
    for name, rows in (
        ("a year joined seven times over", lambda frame: frame[JOINED] == 2013),
        ("members of province 37 seven times over", province("37")),
    ):
        edit = lambda frame, rng, rows=rows: _repeated(frame, rows(frame))  # noqa: E731
        yield "members", MEMBERS, name, (), edit


def _renamed(column: str, names: dict[str, str]) -> Edit:
    return lambda frame, rng: frame.assign(**{column: frame[column].replace(names)})


def _one_on(column: str) -> Edit:
    def edit(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        codes = sorted(frame[column].unique())
        return _renamed(column, dict(zip(codes, codes[1:] + codes[:1], strict=True)))(frame, rng)

    return edit


def _scaled(column: str, key: str, code: str, factor: float) -> Edit:
    return lambda frame, rng: frame.assign(
        **{column: frame[column].mask(frame[key] == code, frame[column] * factor)}
    )


def _pasted(frame: pd.DataFrame, column: str, noise: float, rng: np.random.Generator):
    copied = frame[frame["year"] == 2013].assign(year=2014)
    figures = copied[column] * (1 + noise * rng.standard_normal(len(copied)))
    copied = copied.assign(**{column: figures.round(1)}).astype(frame.dtypes)
    return pd.concat([frame[frame["year"] != 2014], copied])


def _twin(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    copied = frame[frame["city_code"] == "510100"].assign(city_code="510700")
    return pd.concat([frame[frame["city_code"] != "510700"], copied])


def _repeated(frame: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    some = frame[rows]
    copies = [some.assign(firm_id=some["firm_id"] + f"_{n}") for n in range(6)]
    return pd.concat([frame, *copies])
