"""Event studies: two-way against dummies by hand, Sun-Abraham against known effects."""

import numpy as np
import pandas as pd
import pyfixest as pf
import pytest
from scipy import stats

from support.least_squares import dummy_regression
from support.panels import make_panel
from urban_resilience.estimation.estimators.event_study import event_term, fit_event_study
from urban_resilience.estimation.estimators.event_window import EventWindow
from urban_resilience.estimation.estimators.sun_abraham import fit_sun_abraham
from urban_resilience.estimation.estimators.treatment_timing import PolicyDesign

STUDIES = [fit_event_study, fit_sun_abraham]


def staggered(n_years: int = 12, noise: float = 1.0, cohorts=(2011, 2013, 2016)) -> pd.DataFrame:
    """Cities 100 to 129: eight of each of three cohorts, six never treated."""
    frame = make_panel(n_years=n_years)
    number = frame["city_code"].astype(int) - 100
    frame["start"] = np.select([number % 4 == k for k in range(3)], cohorts, np.nan)
    frame["y"] = frame["y"] * noise + number / 3 + (frame["year"] - 2008) ** 2 / 5
    return frame


def fit(frame, study=fit_event_study, **changes):
    return study(frame, PolicyDesign(outcome="y", first_year="start", **changes))


def estimates(result) -> dict[int, float]:
    return {p.event_time: p.coefficient.estimate for p in result.points if p.coefficient}


def hand_dummies(frame, low=-4, high=5, base=-1):
    distance = (frame["year"] - frame["start"]).clip(low, high)
    others = [k for k in range(low, high + 1) if k != base]
    return frame.assign(**{f"d{k}": (distance == k) * 1.0 for k in others}), others


@pytest.mark.parametrize("missing", [False, True])
def test_two_way_agrees_with_dummies_by_hand(missing):
    frame = staggered()
    if missing:
        frame = frame.sample(frac=0.8, random_state=4)
    result = fit(frame, controls=["x"])
    coded, others = hand_dummies(frame)
    names = [*(f"d{k}" for k in others), "x"]
    peer = dummy_regression(coded, "y", names, ("year", "city_code"))
    found = [p.coefficient for p in result.points if p.coefficient]
    assert [p.event_time for p in result.points] == list(range(-4, 6))
    assert [c.term for c in found] == [event_term(k) for k in others]
    assert [c.estimate for c in found] == pytest.approx(peer.estimate[:-1], rel=1e-8)
    assert [c.std_error for c in found] == pytest.approx(peer.std_error[:-1], rel=1e-8)
    assert result.fit.coefficients[-1].term == "x"


def test_points_say_what_is_behind_them():
    frame = staggered()
    result = fit(frame)
    distance = (frame["year"] - frame["start"]).clip(-4, 5)
    for point in result.points:
        behind = frame[distance == point.event_time]
        assert point.n_rows == len(behind)
        assert point.n_units == behind["city_code"].nunique()
        assert point.is_binned == (point.event_time in (-4, 5))
        assert point.is_base == (point.event_time == -1) == (point.coefficient is None)
    assert sum(point.n_rows for point in result.points) == frame["start"].notna().sum()


def test_pre_trend_test_and_mean_effect_by_hand():
    """The covariance of all terms from pyfixest; quadratic form and linear form written out."""
    frame, others = hand_dummies(staggered())
    names = {k: f"lead{-k}" if k < 0 else f"lag{k}" for k in others}
    frame = frame.rename(columns={f"d{k}": name for k, name in names.items()})
    peer = pf.feols(
        f"y ~ {' + '.join(names.values())} | year + city_code",
        frame,
        vcov={"CRV1": "city_code"},
        ssc=pf.ssc(k_adj=False),
        fixef_tol=1e-12,
    )
    n, k = len(frame), len(others) + 1 + 11
    terms = list(peer.coef().index)
    covariance = pd.DataFrame(peer._vcov, terms, terms) * (n - 1) / (n - k)
    leads = ["lead4", "lead3", "lead2"]
    values = peer.coef()[leads]
    statistic = values @ np.linalg.inv(covariance.loc[leads, leads]) @ values / 3
    result = fit(frame)
    assert result.pre_trend.statistic == pytest.approx(statistic, rel=1e-7)
    assert result.pre_trend.p_value == pytest.approx(stats.f.sf(statistic, 3, 29), rel=1e-6)
    assert (result.pre_trend.numerator_df, result.pre_trend.denominator_df) == (3, 29)
    lags = [f"lag{k}" for k in range(6)]
    shares = frame[lags].sum() / frame[lags].sum().sum()
    average = result.average_effect
    assert average.estimate == pytest.approx(shares @ peer.coef()[lags], rel=1e-8)
    variance = shares @ covariance.loc[lags, lags] @ shares
    assert average.std_error == pytest.approx(np.sqrt(variance), rel=1e-7)


@pytest.mark.parametrize("study", STUDIES)
def test_the_base_year_does_not_choose_which_leads_are_tested(study):
    """That years before treatment are alike is one hypothesis, whichever of them is left out."""
    frame = staggered(cohorts=(2013, 2013, 2013))
    usual, *others = (fit(frame, study, window=EventWindow(base=base)) for base in (-1, -2, -3))
    assert usual.pre_trend.numerator_df == 3
    for other in others:
        assert other.pre_trend.numerator_df == 3
        assert other.pre_trend.statistic == pytest.approx(usual.pre_trend.statistic, rel=1e-7)


@pytest.mark.parametrize("study", STUDIES)
def test_a_base_at_the_end_of_the_window_holds_the_years_beyond(study):
    result = fit(staggered(), study, window=EventWindow(base=-4))
    assert [p.event_time for p in result.points if p.coefficient is None] == [-4]
    assert result.pre_trend.numerator_df == 3


@pytest.mark.parametrize("study", STUDIES)
def test_equal_effects_without_noise_are_found_exactly(study):
    """Inside the window; the end points are means over the years that are in them."""
    frame = staggered(noise=0.0)
    distance = (frame["year"] - frame["start"]).clip(-4, 5)
    frame["y"] += np.where(distance >= 0, 2.0 + distance, 0.0)
    found = estimates(fit(frame, study))
    expected = {k: (2.0 + k if k >= 0 else 0.0) for k in range(-4, 6) if k != -1}
    assert found == pytest.approx(expected, abs=1e-9)


def unequal_effects() -> tuple[pd.DataFrame, pd.Series]:
    """The early cohort gains more and more, the others little: no noise."""
    frame = staggered(noise=0.0)
    distance = frame["year"] - frame["start"]
    slope = frame["start"].map({2011: 3.0, 2013: 1.0, 2016: 0.2})
    effect = (slope * (1 + distance)).where(distance >= 0, 0.0)
    return frame.assign(y=frame["y"] + effect), effect


def test_sun_abraham_averages_unequal_effects_exactly():
    frame, effect = unequal_effects()
    result = fit(frame, fit_sun_abraham)
    distance = (frame["year"] - frame["start"]).clip(-4, 5)
    expected = effect.groupby(distance).mean().drop(-1)
    assert estimates(result) == pytest.approx(expected.to_dict(), abs=1e-8)
    treated = frame["year"] >= frame["start"]
    assert result.average_effect.estimate == pytest.approx(effect[treated].mean(), abs=1e-8)


def test_two_way_mistakes_unequal_effects_for_leads():
    """The fault of the usual estimator, so that the difference between the two is no accident."""
    frame, _ = unequal_effects()
    leads = {k: v for k, v in estimates(fit(frame)).items() if k < -1}
    robust = {k: v for k, v in estimates(fit(frame, fit_sun_abraham)).items() if k < -1}
    assert max(abs(v) for v in leads.values()) > 0.3
    assert max(abs(v) for v in robust.values()) < 1e-8


def test_sun_abraham_is_the_saturated_regression_averaged_by_hand():
    """All cohort-by-distance dummies in pyfixest, averaged with the shares of rows."""
    frame = staggered().sample(frac=0.9, random_state=8)
    distance = frame["year"] - frame["start"]
    cells = {}
    for cohort in (2011, 2013, 2016):
        for k in sorted(distance[frame["start"] == cohort].unique()):
            if k != -1:
                mark = (frame["start"] == cohort) & (distance == k)
                cells[f"c{cohort}_{'m' if k < 0 else 'p'}{abs(int(k))}"] = (int(k), mark * 1.0)
    saturated = frame.assign(**{name: mark for name, (_, mark) in cells.items()})
    peer = pf.feols(
        f"y ~ {' + '.join(cells)} + x | year + city_code",
        saturated,
        vcov={"CRV1": "city_code"},
        ssc=pf.ssc(k_adj=False),
        fixef_tol=1e-12,
    )
    terms = list(peer.coef().index)
    n, k = len(frame), len(terms) + 1 + 11
    covariance = pd.DataFrame(peer._vcov, terms, terms) * (n - 1) / (n - k)
    result = fit(frame, fit_sun_abraham, controls=["x"])
    for point in result.points:
        if point.is_base:
            continue
        here = {
            name: mark.sum()
            for name, (k, mark) in cells.items()
            if min(max(k, -4), 5) == point.event_time
        }
        shares = pd.Series(here) / sum(here.values())
        names = list(shares.index)
        assert point.coefficient.estimate == pytest.approx(
            shares @ peer.coef()[names], rel=1e-7, abs=1e-9
        )
        variance = shares @ covariance.loc[names, names] @ shares
        assert point.coefficient.std_error == pytest.approx(np.sqrt(variance), rel=1e-6)
    assert [c.term for c in result.fit.coefficients][-1] == "x"


def test_sun_abraham_leaves_out_what_has_no_comparison():
    frame = staggered()
    early = frame["city_code"].isin(["103", "107"])
    alone = frame["city_code"] == "111"
    frame.loc[early, "start"] = 2008
    frame.loc[alone, "start"] = 2012
    result = fit(frame, fit_sun_abraham)
    assert result.left_out == ("2 units treated in every year", "cohort 2012: 1 units")
    assert result.fit.n_obs == (~early & ~alone).sum()
    without = fit(frame[~early & ~alone], fit_sun_abraham)
    assert result.points == without.points
    assert result.average_effect == without.average_effect


def test_without_never_treated_units_the_last_cohort_stands_in():
    frame = staggered()
    treated = frame[frame["start"].notna()]
    result = fit(treated, fit_sun_abraham)
    assert result.left_out == ("years from 2016 on: its cohort stands in for never treated units",)
    by_hand = treated[treated["year"] < 2016].copy()
    by_hand.loc[by_hand["start"] == 2016, "start"] = np.nan
    assert result.points == fit(by_hand, fit_sun_abraham).points


def test_units_treated_after_the_panel_are_controls():
    frame = staggered()
    later = frame["start"].isna() & (frame["city_code"].astype(int) % 8 == 3)
    dated = frame.assign(start=frame["start"].where(~later, 2030))
    assert 0 < later.sum() < frame["start"].isna().sum()
    assert fit(dated, fit_sun_abraham).points == fit(frame, fit_sun_abraham).points


@pytest.mark.parametrize("study", STUDIES)
def test_row_order_changes_no_digit(study):
    frame = staggered().sample(frac=0.9, random_state=1)
    assert fit(frame, study) == fit(frame.sample(frac=1, random_state=2), study)


def test_the_window_can_be_moved():
    design = PolicyDesign(outcome="y", first_year="start", window=EventWindow(-3, 2, -2))
    result = fit_event_study(staggered(), design)
    assert [p.event_time for p in result.points] == [-3, -2, -1, 0, 1, 2]
    assert [p.event_time for p in result.points if p.is_base] == [-2]


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "0 usable rows"),
        (lambda frame: frame.assign(start=np.nan), "no unit has a date in start"),
        (lambda frame: frame.drop(columns="start"), "no column start in the data"),
        (lambda frame: frame[frame["year"] < 2011], "both before and after"),
        (lambda frame: frame[frame["year"] != frame["start"] - 1], "base year"),
        (lambda frame: frame.assign(y=5.0), "does not vary in the sample: y"),
    ],
)
def test_what_cannot_be_estimated_is_said(study, damage, reason):
    result = fit(damage(staggered()), study)
    assert result.status == "not_estimable"
    assert reason in result.reason
