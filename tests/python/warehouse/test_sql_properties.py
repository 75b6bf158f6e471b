"""What must and must not move in the warehouse when the raw data change in a known way."""

import numpy as np
import pandas as pd
import pytest

from support.comparison import OUTPUTS, assert_same
from support.raw import build_indices, save
from support.study import indicator_rows, seed
from support.warehouse import Warehouse
from urban_resilience.formulas.market_potential import great_circle_km

pytestmark = pytest.mark.slow

NEW_FIRMS = (
    {"firm_id": "one more", "joined_year": 2010, "expired_year": 2014},
    # Some platforms write a far year for contracts without an end.
    {"firm_id": "without end", "joined_year": 2018, "expired_year": 9999},
)


def shuffled(files):
    return {name: rows.sample(frac=1, random_state=11) for name, rows in files.items()}


# Savings in yuan and population in thousands instead of the units of the contract.
OTHER_UNITS = {"household_savings_100m_yuan": 1e8, "registered_population_10k": 10.0}


def rescaled(files):
    yearbook = files["city_yearbook"].copy()
    for series, factor in OTHER_UNITS.items():
        yearbook[series] *= factor
    return {**files, "city_yearbook": yearbook}


def new_city_code(files) -> str:
    taken = set(files["city_yearbook"]["city_code"])
    return next(code for code in seed("cities")["city_code"] if code not in taken)


def with_constant_city(files):
    """One more city, without members, in which nothing ever changes."""
    yearbook = files["city_yearbook"]
    rows = pd.DataFrame({"year": sorted(yearbook["year"].unique())})
    middle = yearbook.drop(columns=["city_code", "city_name_zh", "year"]).median()
    rows = rows.assign(city_code=new_city_code(files), city_name_zh="", **middle)
    rows[["cpi_prev_year_100", "gdp_index_prev_year_100"]] = 100.0
    return {**files, "city_yearbook": pd.concat([yearbook, rows[yearbook.columns]])}


def with_more_firms(files):
    members = files["platform_members"]
    model = members.iloc[0].to_dict()
    added = pd.DataFrame([{**model, **firm} for firm in NEW_FIRMS])
    added = added.astype(members.dtypes.to_dict())
    return {**files, "platform_members": pd.concat([members, added])}


@pytest.fixture(scope="module")
def built(small_files, small_indices, tmp_path_factory) -> dict[str, Warehouse]:
    """One warehouse per change, and `plain` without any."""
    folder = tmp_path_factory.mktemp("changed")
    changed = {
        "shuffled": shuffled(small_files),
        "rescaled": rescaled(small_files),
        "constant_city": with_constant_city(small_files),
        "more_firms": with_more_firms(small_files),
    }
    built = {"plain": small_indices}
    for name, files in changed.items():
        raw = save(files, folder / name / "raw")
        threads = "1" if name == "shuffled" else "2"
        run = build_indices(raw, folder / name, "--threads", threads)
        built[name] = Warehouse(run.warehouse)
    return built


@pytest.mark.parametrize("relation", OUTPUTS)
def test_row_order_and_threads_do_not_matter(built, relation):
    """Every file shuffled and one thread instead of two."""
    assert_same(built["plain"], built["shuffled"], relation)


@pytest.mark.parametrize(
    "relation",
    [
        "indices.fct_resilience",
        "indices.fct_index_scores",
        "indices.fct_virtual_agglomeration",
        "indices.fct_martin_resilience",
        "intermediate.int_capital_stocks",
    ],
)
def test_units_do_not_matter_to_scores(built, relation):
    """Min-max scores forget the unit; nothing else here uses the two rescaled series."""
    where = "index_id <> 'resi_shifted'" if "index_scores" in relation else "true"
    assert_same(built["plain"], built["rescaled"], relation, where)


def unit_factor(expression: str) -> float:
    """Of an indicator that is one series over another, or one alone."""
    above, _, below = expression.partition("/")
    over = [factor for name, factor in OTHER_UNITS.items() if name in above]
    under = [factor for name, factor in OTHER_UNITS.items() if name in below]
    return float(np.prod(over) / np.prod(under))


def test_units_move_bounds_by_the_same_factor(built):
    query = (
        "select indicator_id, lower_bound, upper_bound from indices.fct_index_weights "
        "where index_id = 'resi' order by indicator_id"
    )
    before = built["plain"].frame(query).set_index("indicator_id")
    after = built["rescaled"].frame(query).set_index("indicator_id")
    factor = {row.name: unit_factor(row.expression) for row in indicator_rows("resilience")}
    assert {0.1, 1.0, 1e8} <= set(factor.values())
    expected = before.mul(pd.Series(factor), axis=0)
    np.testing.assert_allclose(after.loc[expected.index], expected, rtol=1e-12, atol=1e-12)


def test_population_unit_shifts_its_logarithms_by_a_constant(built):
    query = "select pop, edu, fre from intermediate.int_variables_early order by city_code, year"
    moved = built["rescaled"].frame(query) - built["plain"].frame(query)
    np.testing.assert_allclose(moved["pop"].dropna(), np.log(10), rtol=1e-9)
    np.testing.assert_allclose(moved["edu"].dropna(), -np.log(10), rtol=1e-9)
    assert (moved["fre"].dropna() == 0).all()


@pytest.mark.parametrize(
    "relation",
    [
        "indices.fct_indicator_values",
        "indices.fct_virtual_agglomeration",
        "indices.fct_location_quotients",
        "intermediate.int_variables_early",
        "intermediate.int_capital_stocks",
    ],
)
def test_a_new_city_without_members_leaves_the_others_alone(built, small_files, relation):
    where = f"city_code <> '{new_city_code(small_files)}'"
    # Members per worker are relative to all workers of the sample, the new city's included.
    moving = ("lq_per_worker", "vagg_per_worker")
    assert_same(built["plain"], built["constant_city"], relation, where, moving)


def test_a_constant_city_has_no_volatility_no_agglomeration_and_no_growth(built, small_files):
    city = f"city_code = '{new_city_code(small_files)}' and year >= 2008"
    changed = built["constant_city"]
    volatility = changed.frame(
        f"select value from indices.fct_indicator_values where {city} "
        "and indicator_id in ('cpi_volatility', 'growth_volatility')"
    )
    assert len(volatility) == 24
    assert (volatility["value"] == 0).all()
    vagg = changed.frame(f"select vagg from indices.fct_virtual_agglomeration where {city}")
    assert vagg["vagg"].tolist() == [0.0] * 12
    growth = changed.frame(
        f"select distinct cumulative_growth from indices.fct_martin_resilience where {city}"
    )
    np.testing.assert_allclose(growth["cumulative_growth"], 0, atol=1e-12)


def test_a_new_city_adds_its_market_over_distance(built, small_files):
    """The gain of each old city in outside GDP potential is the new GDP over the distance."""
    code = new_city_code(small_files)
    query = (
        "select city_code, year, hmp_gdp from indices.fct_market_potential "
        f"where city_code <> '{code}' order by city_code, year"
    )
    before, after = (built[name].frame(query) for name in ("plain", "constant_city"))
    seats = seed("cities").set_index("city_code")[["longitude", "latitude"]].astype(float)
    gdp = small_files["city_yearbook"]["gdp_100m_yuan"].median()
    codes = before["city_code"].unique()
    distance = {old: great_circle_km(*seats.loc[[old, code]].to_numpy().T)[0, 1] for old in codes}
    expected = gdp / before["city_code"].map(distance)
    np.testing.assert_allclose(after["hmp_gdp"] - before["hmp_gdp"], expected, rtol=1e-6)


def test_a_new_firm_adds_one_member_from_joining_to_expiry(built, small_files):
    query = "select city_code, year, members from intermediate.int_city_members order by 1, 2"
    before, after = built["plain"].frame(query), built["more_firms"].frame(query)
    here = before["city_code"] == small_files["platform_members"].iloc[0]["city_code"]
    spells = [before["year"].between(f["joined_year"], f["expired_year"]) for f in NEW_FIRMS]
    expected = sum((here & spell).astype(float) for spell in spells)
    assert expected.sum() == 5 + 2
    np.testing.assert_array_equal(after["members"] - before["members"], expected)


def test_a_far_expiry_does_not_stretch_the_years(built):
    query = "select max(year) from intermediate.int_member_stocks"
    assert built["more_firms"].value(query) == built["plain"].value(query) == 2019


def test_new_firms_move_no_yearbook_variable(built):
    for relation in ("indices.fct_resilience", "intermediate.int_variables_early"):
        assert_same(built["plain"], built["more_firms"], relation)
