"""Rotemberg weights: identities, and each sector's estimate on its own."""

import numpy as np
import pandas as pd
import pytest
from support.least_squares import dummy_regression
from support.panels import make_panel

from urban_resilience.estimation.instrumental_variables import fit_instrumental_variables
from urban_resilience.estimation.shift_share_weights import decompose_shift_share

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
        frame, outcome="y", endogenous="x", instrument="exposure", controls=["z"]
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
        frame, outcome="y", endogenous="x", instrument="part", controls=["z"]
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
    assert result == expected
    assert result.n_obs == len(frame) - 8


def test_row_order_changes_no_digit(study):
    shuffled = tuple(part.sample(frac=1, random_state=3) for part in study)
    assert decompose(study) == decompose(shuffled)


def test_what_cannot_be_decomposed_is_said(study):
    frame, shares, shocks = study
    other = shocks.assign(sector="Z")
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
