"""Rotemberg weights: identities, and each sector's estimate on its own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from support.least_squares import dummy_regression
from support.panels import make_panel
from urban_resilience.estimation.estimators.instrumental_variables import fit_instrumental_variables
from urban_resilience.estimation.estimators.shift_share_weights import decompose_shift_share

SECTORS = ["C13", "C26", "D61", "D62", "E", "F41"]


@pytest.fixture(scope="module")
def study() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """A panel with its shares and shocks; the endogenous x follows the shift-share variable."""
    rng = np.random.default_rng(5)
    frame = make_panel()
    cities, years = frame["city_code"].unique(), frame["year"].unique()
    table = rng.dirichlet(np.full(len(SECTORS), 0.7), size=len(cities))
    shares = pd.DataFrame(table, index=cities, columns=SECTORS).rename_axis("city_code")
    walk = rng.normal(size=(len(years), len(SECTORS))).cumsum(axis=0) * [0.2, 0.5, 2, 1, 0.1, 0.3]
    shocks = pd.DataFrame(5 + walk, index=years, columns=SECTORS).rename_axis("year")
    exposure = (
        shares.loc[frame["city_code"]].to_numpy() * shocks.loc[frame["year"]].to_numpy()
    ).sum(axis=1)
    frame = frame.assign(exposure=exposure, x=frame["x"] + exposure)
    return frame, long(shares, "share"), long(shocks, "shock")


def long(table: pd.DataFrame, value: str) -> pd.DataFrame:
    return table.reset_index().melt(table.index.name, var_name="sector", value_name=value)


def decompose(study, **changes):
    return decompose_shift_share(*study, **{"outcome": "y", "controls": ["z"], **changes})


def part(study, sector):
    """One sector's share times its shock, row by row."""
    frame, shares, shocks = study
    own_share = shares[shares["sector"] == sector].set_index("city_code")["share"]
    own_shock = shocks[shocks["sector"] == sector].set_index("year")["shock"]
    return frame["city_code"].map(own_share) * frame["year"].map(own_shock)


@pytest.mark.parametrize("regressor", [None, "x"])
def test_weights_sum_to_one_and_recombine_to_the_estimate(study, regressor):
    result = decompose(study, regressor=regressor)
    alpha = np.array([s.alpha for s in result.sectors])
    beta = np.array([s.beta for s in result.sectors])
    assert sorted(s.sector for s in result.sectors) == SECTORS
    assert alpha.sum() == pytest.approx(1, abs=1e-12)
    assert alpha @ beta == pytest.approx(result.estimate, rel=1e-10)
    assert sum(s.contribution for s in result.sectors) == pytest.approx(result.estimate, rel=1e-10)
    assert result.sum_positive + result.sum_negative == pytest.approx(1, abs=1e-12)
    assert result.n_negative == (alpha < 0).sum()
    assert list(np.abs(alpha)) == sorted(np.abs(alpha), reverse=True)
    assert result.top_five_share == pytest.approx(
        np.abs(alpha[:5]).sum() / np.abs(alpha).sum(), rel=1e-12
    )


def test_estimate_is_two_stage_least_squares(study):
    frame = study[0]
    expected = fit_instrumental_variables(
        frame, outcome="y", endogenous="x", instruments=["exposure"], controls=["z"]
    )
    result = decompose(study, regressor="x")
    assert result.estimate == pytest.approx(expected.two_stage.coefficients[0].estimate, rel=1e-9)
    assert result.n_obs == expected.two_stage.n_obs


def test_without_a_regressor_it_is_least_squares_on_the_exposure(study):
    expected = dummy_regression(study[0], "y", ["exposure", "z"], ("year", "city_code"))
    assert decompose(study).estimate == pytest.approx(expected.estimate[0], rel=1e-9)


def net(frame, column):
    """A column of the balanced panel, twice demeaned and net of z."""
    x, z = (
        values
        - values.groupby(frame["city_code"]).transform("mean")
        - values.groupby(frame["year"]).transform("mean")
        + values.mean()
        for values in (column, frame["z"])
    )
    return x - z * (x @ z) / (z @ z)


def test_each_sector_is_the_estimate_with_its_part_alone(study):
    frame = study[0]
    y, x = net(frame, frame["y"]), net(frame, frame["x"])
    parts = {sector: net(frame, part(study, sector)) for sector in SECTORS}
    total = sum(z @ x for z in parts.values())
    for weight in decompose(study, regressor="x").sectors:
        z = parts[weight.sector]
        assert weight.alpha == pytest.approx(z @ x / total, rel=1e-9)
        assert weight.beta == pytest.approx(z @ y / (z @ x), rel=1e-8)


def test_a_beta_is_two_stage_least_squares_on_the_part(study):
    frame = study[0].assign(part=part(study, "D61"))
    alone = fit_instrumental_variables(
        frame, outcome="y", endogenous="x", instruments=["part"], controls=["z"]
    )
    weight = {s.sector: s for s in decompose(study, regressor="x").sectors}["D61"]
    assert weight.beta == pytest.approx(alone.two_stage.coefficients[0].estimate, rel=1e-9)


def test_a_sector_with_a_constant_shock_is_absorbed(study):
    frame, shares, shocks = study
    flat = shocks.assign(shock=shocks["shock"].where(shocks["sector"] != "D61", 2.0))
    result = decompose((frame, shares, flat))
    weight = {s.sector: s for s in result.sectors}["D61"]
    assert weight.beta is None
    assert weight.alpha == pytest.approx(0, abs=1e-12)
    assert result.n_sectors == len(SECTORS) - 1


def test_means_describe_shares_and_shocks(study):
    _, shares, shocks = study
    weight = {s.sector: s for s in decompose(study).sectors}["D62"]
    assert weight.mean_share == pytest.approx(shares.loc[shares["sector"] == "D62", "share"].mean())
    assert weight.mean_shock == pytest.approx(shocks.loc[shocks["sector"] == "D62", "shock"].mean())


def test_absent_pairs_are_zero_and_absent_cities_are_left_out(study):
    frame, shares, shocks = study
    small = shares["share"] < 0.01
    zeroed = shares.assign(share=shares["share"].where(~small, 0.0))
    assert decompose((frame, shares[~small], shocks)).estimate == pytest.approx(
        decompose((frame, zeroed, shocks)).estimate, rel=1e-12
    )
    without = shares[shares["city_code"] != "104"]
    result = decompose((frame, without, shocks))
    expected = decompose((frame[frame["city_code"] != "104"], without, shocks))
    said = {"n_unknown_rows": 8, "left_out": ("no share at all: city_code 104",)}
    assert result == replace(expected, **said)
    assert result.n_obs == len(frame) - 8


def blank(table, column, **where):
    """Make the value of some pairs unknown."""
    is_meant = np.logical_and.reduce([table[name] == label for name, label in where.items()])
    return table.assign(**{column: table[column].mask(is_meant)})


def test_a_city_whose_shares_are_unknown_leaves_the_sample(study):
    """All of them, or one: the sum has no value. Zero would be a city without sectors."""
    frame, shares, shocks = study
    expected = decompose((frame[frame["city_code"] != "104"], shares, shocks))
    for where in ({"city_code": "104"}, {"city_code": "104", "sector": "D61"}):
        result = decompose((frame, blank(shares, "share", **where), shocks))
        said = ("share unknown in some sector: city_code 104",)
        assert result == replace(expected, n_unknown_rows=8, left_out=said)
        assert result.n_obs == result.n_clusters * 8 == len(frame) - 8


def test_a_year_with_an_unknown_shock_leaves_where_the_sector_is(study):
    frame, shares, shocks = study
    unknown = blank(shocks, "shock", year=2011, sector="E")
    result = decompose((frame, shares, unknown))
    expected = decompose((frame[frame["year"] != 2011], shares, shocks))
    assert result.estimate == pytest.approx(expected.estimate, rel=1e-12)
    assert result.left_out == ("shock unknown in some sector: year 2011",)
    assert result.n_unknown_rows == 30
    # A city that is known to have none of the sector loses nothing.
    without = (shares["city_code"] == "104") & (shares["sector"] == "E")
    none_there = shares.assign(share=shares["share"].mask(without, 0.0))
    assert decompose((frame, none_there, unknown)).n_unknown_rows == 29


@pytest.mark.parametrize("position", [1, 2])
def test_a_pair_given_twice_is_refused_by_name(study, position):
    """Added up it would be a share that nobody supplied."""
    tables = list(study)
    tables[position] = pd.concat([tables[position], tables[position].tail(1)])
    result = decompose(tuple(tables))
    name, key = (("share", "city_code 129"), ("shock", "year 2015"))[position - 1]
    assert result.status == "not_estimable"
    expected = f"{name} is given more than once for {key}, sector F41 (1 rows too many)"
    assert result.reason == expected


def test_sectors_on_one_side_only_are_named(study):
    frame, shares, shocks = study
    result = decompose((frame, shares[shares["sector"] != "E"], shocks[shocks["sector"] != "D61"]))
    assert result.left_out == (
        "share without shock, not in the sum: sector D61",
        "shock without share, not in the sum: sector E",
    )
    assert {s.sector for s in result.sectors} == set(SECTORS) - {"E", "D61"}


def test_means_are_those_of_the_rows_used(study):
    frame, shares, shocks = study
    used = frame[(frame["city_code"] < "120") & (frame["year"] > 2009)]
    weight = {s.sector: s for s in decompose((used, shares, shocks)).sectors}["D62"]
    own = shares[(shares["sector"] == "D62") & (shares["city_code"] < "120")]["share"]
    later = shocks[(shocks["sector"] == "D62") & (shocks["year"] > 2009)]["shock"]
    assert weight.mean_share == pytest.approx(own.mean())
    assert weight.mean_shock == pytest.approx(later.mean())


def test_an_exposure_orthogonal_to_the_regressor_has_no_estimate(study):
    frame = study[0]
    exposure = net(frame, frame["exposure"])
    x = net(frame, frame["x"])
    orthogonal = frame.assign(x=x - exposure * (x @ exposure) / (exposure @ exposure))
    result = decompose((orthogonal, *study[1:]), regressor="x")
    assert result.status == "not_estimable"
    assert result.reason == "the shift-share variable is unrelated to x: the first stage is zero"


def test_row_order_changes_no_digit(study):
    shuffled = tuple(part.sample(frac=1, random_state=3) for part in study)
    assert decompose(study) == decompose(shuffled)


def test_what_cannot_be_decomposed_is_said(study):
    frame, shares, shocks = study
    other = shocks.assign(sector="Z" + shocks["sector"])
    flat = shocks.assign(shock=1.0)
    cases = {
        "0 usable rows": (frame.head(0), shares, shocks),
        "no sector has both": (frame, shares, other),
        "no sector": (frame, shares.head(0), shocks),
        "does not vary in the sample: shift_share": (frame, shares, flat),
    }
    for reason, case in cases.items():
        result = decompose(case)
        assert result.status == "not_estimable"
        assert reason in result.reason
