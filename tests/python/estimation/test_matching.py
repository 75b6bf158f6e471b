"""Propensity scores, matching, weights and balance."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from linearmodels.datasets import mroz

from support.panels import make_panel
from urban_resilience.estimation.estimators.difference_in_differences import (
    fit_difference_in_differences,
)
from urban_resilience.estimation.estimators.matching.algorithms import (
    common_support,
    match_kernel,
    match_nearest,
    match_one_to_one,
    unit_weights,
)
from urban_resilience.estimation.estimators.matching.covariate_balance import measure_balance
from urban_resilience.estimation.estimators.matching.logit import fit_logit
from urban_resilience.estimation.estimators.matching.matched_did import (
    fit_matched_difference_in_differences,
)
from urban_resilience.estimation.estimators.matching.matched_sample import (
    attach_weights,
    match_units,
)
from urban_resilience.estimation.estimators.matching.rules import MATCHING_RULES
from urban_resilience.estimation.estimators.treatment_timing import PolicyDesign, code_treatment

COVARIATES = ["x", "z"]
DESIGN = PolicyDesign(outcome="y", first_year="policy_year", controls=COVARIATES)


@pytest.fixture(scope="module")
def labour() -> tuple[np.ndarray, np.ndarray]:
    """Mroz (1987): participation of 753 women; covariates of very different scale."""
    data = mroz.load()
    names = ["nwifeinc", "educ", "exper", "expersq", "age", "kidslt6", "kidsge6"]
    return data[names].to_numpy(dtype=float), data["inlf"].to_numpy(dtype=float)


def test_logit_agrees_with_statsmodels(labour):
    covariates, outcome = labour
    found = fit_logit(covariates, outcome)
    peer = sm.Logit(outcome, sm.add_constant(covariates)).fit(disp=0, tol=1e-14, maxiter=100)
    assert found.coefficients == pytest.approx(peer.params, rel=1e-8)
    assert found.std_errors == pytest.approx(peer.bse, rel=1e-8)
    assert found.probability == pytest.approx(peer.predict(), rel=1e-8)
    assert found.log_likelihood == pytest.approx(peer.llf, rel=1e-12)
    assert found.null_log_likelihood == pytest.approx(peer.llnull, rel=1e-9)
    assert found.pseudo_r2 == pytest.approx(peer.prsquared, rel=1e-8)


def test_weighted_logit_agrees_with_repeated_rows(labour):
    covariates, outcome = labour
    times = np.arange(len(outcome)) % 3 + 1
    found = fit_logit(covariates, outcome, times.astype(float))
    peer = sm.Logit(
        np.repeat(outcome, times), sm.add_constant(np.repeat(covariates, times, axis=0))
    ).fit(disp=0, tol=1e-14, maxiter=100)
    assert found.coefficients == pytest.approx(peer.params, rel=1e-8)
    assert found.log_likelihood == pytest.approx(peer.llf, rel=1e-10)


def test_logit_on_a_table_by_hand():
    """One dummy: 1 of 4 treated where it is 0, 3 of 4 where it is 1: log odds -ln 3 and ln 3."""
    covariate = np.repeat([0.0, 1.0], 4)[:, None]
    outcome = np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=float)
    assert fit_logit(covariate, outcome).coefficients == pytest.approx([-np.log(3), np.log(9)])


def noise(n, k=1):
    return np.random.default_rng(3).normal(size=(n, k))


HALF = np.repeat([0.0, 1.0], 10)


@pytest.mark.parametrize(
    ("covariates", "outcome", "reason"),
    [
        (noise(20), np.zeros(20), "0 of 20 units are treated"),
        (noise(20), np.ones(20), "20 of 20 units are treated"),
        (noise(20), np.eye(20)[0], "1 treated and 19 untreated"),
        (noise(4, 3), np.array([0.0, 1, 0, 1]), "for 4 coefficients"),
        (np.ones((20, 1)), HALF, "does not vary"),
        (np.repeat(noise(20), 2, axis=1), HALF, "collinear"),
        (np.arange(20.0)[:, None], HALF, "separate the groups perfectly"),
        (np.empty((0, 1)), np.empty(0), "0 of 0 units"),
    ],
)
def test_logit_says_what_it_cannot_estimate(covariates, outcome, reason):
    found = fit_logit(covariates, outcome)
    assert found.status == "not_estimable"
    assert reason in found.reason
    assert found.pseudo_r2 is None


def overlapping(outlier: float) -> tuple[np.ndarray, np.ndarray]:
    """Groups that overlap, and one control city far larger than all others."""
    rng = np.random.default_rng(3)
    people = np.append(rng.normal(4, 1, 79), outlier)
    treated = (rng.random(80) < 1 / (1 + np.exp(0.8 * np.minimum(people - 4, 50)))).astype(float)
    treated[-1] = 0.0
    return people[:, None], treated


@pytest.mark.parametrize("outlier", [30.0, 1e3, 1e6, 1e9])
def test_a_huge_city_is_no_separation(outlier):
    """Its own probability is zero: the others decide, and the fit is theirs to the last digit."""
    covariates, treated = overlapping(outlier)
    found = fit_logit(covariates, treated)
    assert np.abs(found.linear_predictor).max() > 18
    without = slice(None, -1)
    rest = covariates[without], treated[without]
    peer = sm.Logit(rest[1], sm.add_constant(rest[0])).fit(disp=0, tol=1e-14, maxiter=100)
    precision = 1e-7 if outlier > 100 else 1e-3
    assert found.coefficients == pytest.approx(peer.params, rel=precision)
    assert found.std_errors == pytest.approx(peer.bse, rel=precision)
    if outlier < 100:
        whole = sm.Logit(treated, sm.add_constant(covariates)).fit(disp=0, tol=1e-14, maxiter=500)
        assert found.coefficients == pytest.approx(whole.params, rel=1e-8)
        assert found.std_errors == pytest.approx(whole.bse, rel=1e-8)


def test_two_covariates_that_one_city_dominates_are_not_collinear():
    rng = np.random.default_rng(6)
    covariates = rng.normal(size=(200, 2))
    treated = (rng.random(200) < 1 / (1 + np.exp(covariates[:, 0]))).astype(float)
    covariates[0], treated[0] = [1e7, 1e7], 0.0
    found = fit_logit(covariates, treated)
    rest = covariates[1:], treated[1:]
    peer = sm.Logit(rest[1], sm.add_constant(rest[0])).fit(disp=0, tol=1e-14, maxiter=100)
    # The giant is predicted not to be treated, and is not: it has no part in the fit.
    assert covariates[0] @ peer.params[1:] < -100
    assert found.coefficients == pytest.approx(peer.params, rel=1e-6)


@pytest.mark.parametrize("outlier", [50.0, 1e6])
def test_a_giant_on_the_right_side_does_not_hide_separation(outlier):
    people = np.append(np.arange(20.0), outlier)
    outcome = np.append((np.arange(20) > 9).astype(float), 1.0)
    assert "perfectly" in fit_logit(people[:, None], outcome).reason


# Quasi-complete separation: a combination of the covariates is never on the wrong side of its
# border, and some units lie on the border with both outcomes. Heinze and Schemper (2002) call the
# likelihood monotone; Albert and Anderson (1984) prove that it has no maximum.
def dummy_without_failures():
    x = np.repeat([0.0, 1.0], [12, 8])
    return x[:, None], np.array([1.0, 0] * 6 + [1.0] * 8)


def border_at_one_value():
    x = np.arange(20.0)
    y = (x > 9).astype(float)
    return np.append(x, 9.0)[:, None], np.append(y, 1.0)


def sum_of_two():
    rng = np.random.default_rng(5)
    parts = rng.integers(0, 5, size=(60, 2)).astype(float)
    total = parts.sum(axis=1)
    y = np.where(total == 4, rng.integers(0, 2, size=60), total > 4).astype(float)
    return parts * [1e-6, 1e5], y


@pytest.mark.parametrize("case", [dummy_without_failures, border_at_one_value, sum_of_two])
def test_quasi_complete_separation_is_refused(case):
    covariates, outcome = case()
    found = fit_logit(covariates, outcome)
    assert found.status == "not_estimable"
    assert "quasi-complete separation" in found.reason
    # Further along the likelihood only rises: the largest coefficient of the peer is not a maximum.
    assert fit_logit(covariates, 1 - outcome).reason == found.reason


@pytest.mark.thorough
def test_separation_along_a_line_is_judged_exactly():
    """Of one covariate it can be read off: no value of one group beyond any of the other."""
    rng = np.random.default_rng(9)
    seen = {"perfectly": 0, "quasi": 0, "none": 0}
    for _ in range(400):
        n = int(rng.integers(6, 16))
        x = rng.integers(0, 9, size=n) * rng.choice([1e-6, 1.0, 1e5]) + rng.choice([0.0, 3e3])
        y = (x + rng.integers(-2, 3, size=n) * np.ptp(x) / 9 > np.median(x)).astype(float)
        if min(y.sum(), n - y.sum()) < 2 or np.ptp(x) == 0:
            continue
        ones, zeros = x[y == 1], x[y == 0]
        gap = max(ones.min() - zeros.max(), zeros.min() - ones.max())
        found = fit_logit(x[:, None], y)
        if gap > 0:
            assert "separate the groups perfectly" in found.reason
        elif gap == 0:
            assert "quasi-complete" in found.reason
        else:
            assert found.status == "estimated"
            # At a maximum the score is zero.
            score = (y - found.probability) @ np.column_stack([np.ones(n), x / np.abs(x).max()])
            assert np.abs(score).max() < 1e-8
        seen["perfectly" if gap > 0 else "quasi" if gap == 0 else "none"] += 1
    assert min(seen.values()) > 20


def test_one_unit_on_the_wrong_side_ends_separation():
    x = np.append(np.arange(20.0), 3.5)
    outcome = np.append((np.arange(20) > 9).astype(float), 1.0)
    found = fit_logit(x[:, None], outcome)
    peer = sm.Logit(outcome, sm.add_constant(x)).fit(disp=0, tol=1e-14, maxiter=200)
    assert found.coefficients == pytest.approx(peer.params, rel=1e-7)


def test_common_support_by_hand():
    score = np.array([0.1, 0.3, 0.6, 0.2, 0.5, 0.9])
    treated = np.array([False, False, False, True, True, True])
    assert list(common_support(score, treated)) == [False, True, True, True, True, False]


def greedy(score, treated, caliper):
    """Nearest neighbour without replacement as one would do it on paper."""
    left = [i for i in range(len(score)) if not treated[i]]
    pairs = {}
    for unit in sorted((i for i in range(len(score)) if treated[i]), key=lambda i: (-score[i], i)):
        near = sorted((abs(score[unit] - score[c]), c) for c in left)
        if near and near[0][0] <= caliper:
            pairs[unit] = near[0][1]
            left.remove(near[0][1])
    return pairs


@pytest.mark.parametrize("caliper", [0.02, 0.1, 1.0])
def test_one_to_one_agrees_with_brute_force(caliper):
    """200 small cases on a grid of scores, so that ties abound."""
    rng = np.random.default_rng(11)
    for _ in range(200):
        n = int(rng.integers(2, 14))
        score = rng.integers(0, 12, size=n) / 16
        treated = rng.random(n) < 0.5
        links = match_one_to_one(score, treated, caliper)
        assert dict(zip(links.treated, links.control, strict=True)) == greedy(
            score, treated, caliper
        )
        assert len(set(links.control)) == len(links.control)
        assert (links.weight == 1).all()
        assert links.distance == pytest.approx(np.abs(score[links.treated] - score[links.control]))


@pytest.mark.parametrize(("neighbours", "caliper"), itertools.product([1, 3], [0.05, 1.0]))
def test_nearest_neighbours_agree_with_brute_force(neighbours, caliper):
    rng = np.random.default_rng(12)
    for _ in range(100):
        n = int(rng.integers(2, 14))
        score = rng.integers(0, 12, size=n) / 16
        treated = rng.random(n) < 0.5
        links = match_nearest(score, treated, caliper, neighbours)
        expected = []
        for unit in np.flatnonzero(treated):
            near = sorted((abs(score[unit] - score[c]), c) for c in np.flatnonzero(~treated))
            near = [c for distance, c in near[:neighbours] if distance <= caliper]
            expected += [(unit, c, 1 / len(near)) for c in near]
        assert list(zip(links.treated, links.control, links.weight, strict=True)) == expected


def test_ties_go_to_the_lower_key_and_are_counted():
    """.1 and .5 are equally far from .3, whatever binary arithmetic says of .5 - .3."""
    score = np.array([0.3, 0.1, 0.5, 0.8, 0.8, 0.7, 0.9])
    treated = np.array([True, False, False, True, True, False, False])
    alone = match_nearest(score, treated, 1.0, 1)
    assert dict(zip(alone.treated, alone.control, strict=True)) == {0: 1, 3: 5, 4: 5}
    assert list(alone.tied) == [0, 3, 4]
    both = match_nearest(score, treated, 1.0, 2)
    assert list(both.tied) == []
    # Without replacement: 3 and 4 have one score, and 3 comes first; 0 finds .1 and .5 again.
    single = match_one_to_one(score, treated, 1.0)
    assert dict(zip(single.treated, single.control, strict=True)) == {3: 5, 4: 6, 0: 1}
    assert sorted(single.tied) == [0, 3]


def test_no_tie_is_counted_where_there_is_none():
    rng = np.random.default_rng(4)
    score, treated = rng.random(40), rng.random(40) < 0.4
    assert len(match_one_to_one(score, treated, 0.2).tied) == 0
    assert len(match_nearest(score, treated, 0.2, 3).tied) == 0


def test_kernel_weights_by_hand():
    """Distances .00, .03 and .06 at bandwidth .06: kernel 1, 3/4 and 0."""
    score = np.array([0.50, 0.50, 0.53, 0.56, 0.90])
    treated = np.array([True, False, False, False, True])
    links = match_kernel(score, treated, bandwidth=0.06)
    assert list(links.treated) == [0, 0]
    assert list(links.control) == [1, 2]
    assert links.weight == pytest.approx([4 / 7, 3 / 7])
    weights = unit_weights(links, 5)
    assert weights == pytest.approx([1, 4 / 7, 3 / 7, 0, 0])


def test_no_control_gives_no_link():
    score, everyone = np.array([0.2, 0.4]), np.array([True, True])
    for links in (
        match_one_to_one(score, everyone, 1.0),
        match_nearest(score, everyone, 1.0, 2),
        match_kernel(score, everyone, 1.0),
    ):
        assert len(links.treated) == 0
        assert (unit_weights(links, 2) == 0).all()


def policy_panel(n_cities: int = 60) -> pd.DataFrame:
    """Cities with a high x are more often treated, from 2010, 2012 or 2014 on."""
    frame = make_panel(n_cities=n_cities)
    mean = frame.groupby("city_code")["x"].transform("mean")
    number = frame["city_code"].astype(int)
    chance = (number * 37 % 101) / 101
    start = 2010 + 2 * (number % 3)
    frame["policy_year"] = start.where(chance < 1 / (1 + np.exp(-mean - 0.3)))
    return frame


def coded_panel(**changes) -> pd.DataFrame:
    return code_treatment(policy_panel(**changes), DESIGN)


def match(frame, rule="nearest", **changes):
    return match_units(frame, covariates=COVARIATES, rule=MATCHING_RULES[rule], **changes)


def test_rules_come_in_three_designs():
    assert len(MATCHING_RULES) == 15
    assert all(name == rule.name for name, rule in MATCHING_RULES.items())
    assert MATCHING_RULES["four_nearest_by_year"].design == "by_year"
    assert MATCHING_RULES["nearest_logit_caliper"].caliper == 0.2


def test_profiles_are_means_of_the_years_before_treatment():
    """Cohorts of 2010, 2012 and 2014: everybody is described by 2008 and 2009."""
    frame = coded_panel()
    matched = match(frame)
    assert matched.window == "2008-2009"
    units = matched.units.set_index("city_code")
    assert units["n_profile_years"].eq(2).all()
    for city in ("100", "101", "102", "103"):
        rows = frame[(frame["city_code"] == city) & (frame["year"] <= 2009)]
        assert units.loc[city, "x"] == pytest.approx(rows["x"].mean())
        assert units.loc[city, "ever_treated"] == rows["treatment_year"].notna().all()
    assert set(frame["treatment_year"].dropna()) == {2010, 2012, 2014}


def test_units_treated_from_the_start_have_no_profile():
    frame = coded_panel()
    frame.loc[frame["city_code"] == "100", "treatment_year"] = 2008
    matched = match(frame)
    assert "100" not in set(matched.units["city_code"])
    assert matched.left_out[0] == "1 units (1 treated): treated in every year it is seen: 100"
    assert matched.window == "2008-2009"


def trending_panel(first_cohort: int = 2010) -> pd.DataFrame:
    """Wages that rise by ten a year: 20 pilots of two dates among 60 cities, alike but for noise.

    Where pilots are averaged over 2008-2009 and the others over 2008-2011, the others seem richer
    by ten although they are not.
    """
    rng = np.random.default_rng(8)
    city, year = np.divmod(np.arange(60 * 12), 12)
    first = np.select([city % 6 == 0, city % 6 == 1], [first_cohort, first_cohort + 2], np.nan)
    return pd.DataFrame(
        {
            "city_code": [f"{110000 + c}" for c in city],
            "year": 2008 + year,
            "wage": 100.0 + 10 * year + 3 * rng.normal(size=60)[city],
            "y": rng.normal(size=len(city)),
            "treatment_year": first,
        }
    )


def bias_by_hand(frame, matched, treated_years, control_years):
    """100 (m1 - m0) / sqrt((s1^2 + s0^2) / 2) of the wage: s of all cities, m of matched ones."""
    ever = frame.groupby("city_code")["treatment_year"].first().notna()

    def means(years):
        return frame[frame["year"].isin(years)].groupby("city_code")["wage"].mean()

    treated, control = means(treated_years)[ever], means(control_years)[~ever]
    spread = np.sqrt((treated.var(ddof=1) + control.var(ddof=1)) / 2)
    weight = matched.units.groupby("city_code")["matching_weight"].sum()
    first = np.average(treated, weights=weight[treated.index])
    second = np.average(control, weights=weight[control.index])
    return 100 * (first - second) / spread


@pytest.mark.parametrize(
    ("window", "years"),
    [("", range(2008, 2010)), ("2009-2009", [2009]), ("2008-2009", [2008, 2009])],
)
def test_bias_is_that_of_the_same_years_for_everybody(window, years):
    frame = trending_panel()
    matched = match_units(frame, covariates=["wage"], rule=MATCHING_RULES["kernel"], window=window)
    (after,) = [row for row in matched.balance.covariates if row.stage == "after"]
    by_hand = bias_by_hand(frame, matched, years, years)
    assert after.standardized_bias == pytest.approx(by_hand, rel=1e-9)
    assert matched.max_absolute_bias == pytest.approx(abs(by_hand), rel=1e-9)
    # What was reported while years differed: the trend of wages is taken for a difference.
    assert abs(bias_by_hand(frame, matched, years, range(2008, 2012)) - by_hand) > 100


def test_each_cohort_is_compared_over_its_own_years():
    frame = trending_panel()
    matched = match_units(
        frame, covariates=["wage"], rule=MATCHING_RULES["nearest"], window="cohort"
    )
    assert matched.window == "2010: 2008-2009; 2012: 2008-2011"
    units = matched.units.set_index(["cohort", "city_code"])
    for cohort in (2010, 2012):
        before = frame[frame["year"] < cohort].groupby("city_code")["wage"].mean()
        own = units.loc[cohort]
        assert own["wage"].to_dict() == pytest.approx(before[own.index].to_dict())
        assert own["n_profile_years"].eq(cohort - 2008).all()
        assert set(frame.loc[frame["treatment_year"] == cohort, "city_code"]) == set(
            own.index[own["ever_treated"]]
        )
        peer = sm.Logit(own["ever_treated"].astype(float), sm.add_constant(own[["wage"]]))
        assert own["propensity"].to_numpy() == pytest.approx(peer.fit(disp=0).predict(), rel=1e-5)
    # Without replacement a control serves one cohort.
    assert not matched.pairs.duplicated("control_unit").any()
    before, after = matched.balance.covariates
    # A control stands in each window, for cohorts of ten cities each: the mean of its two means.
    controls = [
        units.loc[cohort].query("not ever_treated")["wage"].mean() for cohort in (2010, 2012)
    ]
    assert before.mean_control == pytest.approx(np.mean(controls))
    assert abs(after.standardized_bias) < 25
    weights = attach_weights(frame, matched).groupby("city_code")["matching_weight"].first()
    summed = matched.units.groupby("city_code")["matching_weight"].sum()
    assert (weights == summed).all()


@pytest.mark.parametrize(
    ("window", "reason"),
    [
        ("2008-2010", "reaches into treatment: the first cohort is treated from 2010 on"),
        ("2012-2013", "reaches into treatment"),
        ("2005-2009", "not within the years of the sample, 2008-2019"),
        ("2019-2020", "not within the years of the sample"),
        ("2009", "unknown matching_window '2009'"),
        ("before", "unknown matching_window 'before'"),
        ("2010-2008", "ends before it begins"),
    ],
)
def test_a_window_that_does_not_suit_is_refused(window, reason):
    matched = match_units(
        trending_panel(), covariates=["wage"], rule=MATCHING_RULES["nearest"], window=window
    )
    assert matched.status == "not_estimable"
    assert reason in matched.reason


def test_an_infinite_covariate_is_neither_matched_on_nor_passed_over():
    frame = coded_panel()
    frame.loc[frame.index[0], "x"] = np.inf
    assert match(frame).reason == "infinite values in the sample: x"


def test_any_study_window_can_be_matched():
    one = match_units(trending_panel(), covariates=["wage"], rule=MATCHING_RULES["nearest"])
    later = trending_panel().assign(
        year=lambda d: d["year"] + 8, treatment_year=lambda d: d["treatment_year"] + 8
    )
    other = match_units(later, covariates=["wage"], rule=MATCHING_RULES["nearest"])
    assert other.window == "2016-2017"
    pd.testing.assert_frame_equal(one.units, other.units)
    assert one.balance == other.balance


def test_cities_that_matching_loses_are_counted_and_named():
    frame = trending_panel()
    frame.loc[frame["city_code"].isin(["110000", "110002"]), "wage"] = np.nan
    frame.loc[(frame["city_code"] == "110001") & (frame["year"] < 2010), "wage"] = np.nan
    frame.loc[(frame["city_code"] == "110008") & (frame["year"] == 2009), "wage"] = np.nan
    frame.loc[frame["city_code"] == "110006", "wage"] += 500
    matched = match_units(frame, covariates=["wage"], rule=MATCHING_RULES["nearest"])
    lost = matched.lost.set_index("city_code")
    assert lost["left_out_reason"].to_dict() == dict.fromkeys(
        ["110000", "110001", "110002"], "no value of wage in 2008-2009"
    )
    assert lost["ever_treated"].to_dict() == {"110000": True, "110001": True, "110002": False}
    units = matched.units.set_index("city_code")
    assert len(units) + len(lost) == 60
    assert units.loc["110006", "left_out_reason"] == "outside the common support"
    assert units["left_out_reason"].isna().equals(units["matching_weight"] > 0)
    assert units.loc["110008", "n_profile_years"] == 1
    assert matched.n_unscored_units == 3
    unmatched = units.query("ever_treated and matching_weight == 0")
    assert matched.n_unmatched_units == len(unmatched) >= 1
    words = "; ".join(matched.left_out)
    assert "3 units (2 treated): no value of wage in 2008-2009: 110000, 110001, 110002" in words
    assert "treated units outside the common support: " in words and "110006" in words
    assert "1 units are known in some years of 2008-2009 only: 110008" in words


def test_cities_that_the_regression_cannot_use_are_no_match():
    """A control whose outcome is unknown would leave its partner without a comparison."""
    frame = trending_panel().rename(columns={"treatment_year": "policy_year"})
    design = PolicyDesign(outcome="y", first_year="policy_year", controls=["wage"])
    settings = {"rule": MATCHING_RULES["nearest"], "covariates": ["wage"]}
    whole = fit_matched_difference_in_differences(frame, design, **settings).matched
    taken = whole.pairs["control_unit"].iloc[0]
    holed = frame.assign(y=frame["y"].where(frame["city_code"] != taken))
    result = fit_matched_difference_in_differences(holed, design, **settings)
    assert taken not in set(result.matched.pairs["control_unit"])
    assert f"no row that the regression can use: {taken}" in result.matched.left_out[0]
    fit = result.estimate
    assert (
        fit.n_treated_units + fit.n_control_units
        == (result.matched.units.matching_weight > 0).sum()
    )


def test_units_treated_after_the_data_are_controls():
    frame = coded_panel()
    city = frame.loc[frame["treatment_year"].notna(), "city_code"].iloc[0]
    frame.loc[frame["city_code"] == city, "treatment_year"] = 2040
    units = match(frame).units.set_index("city_code")
    assert not units.loc[city, "ever_treated"]


@pytest.mark.parametrize("rule", MATCHING_RULES)
def test_every_rule_keeps_its_promises(rule):
    frame, settings = coded_panel(), MATCHING_RULES[rule]
    matched = match(frame, rule)
    units, pairs = matched.units, matched.pairs
    keys = ["city_code"] if settings.design == "city" else ["city_code", "year"]
    assert matched.status == "matched"
    assert not units.duplicated(keys).any()
    # Scores by statsmodels, block by block.
    blocks = [b for _, b in units.groupby("year")] if settings.design == "by_year" else [units]
    for block in blocks:
        treated = block["ever_treated"].astype(float)
        peer = sm.Logit(treated, sm.add_constant(block[COVARIATES])).fit(disp=0, tol=1e-14)
        assert block["propensity"].to_numpy() == pytest.approx(peer.predict(), rel=1e-8)
        supported = common_support(block["propensity"].to_numpy(), treated.to_numpy() == 1)
        assert (block["is_on_support"] == supported).all()
    assert not (units["matching_weight"].gt(0) & ~units["is_on_support"]).any()
    # A treated unit that was matched weighs one, and so do all its controls together.
    treated_weights = units.loc[units["ever_treated"], "matching_weight"]
    assert set(treated_weights) <= {0.0, 1.0}
    total = units.loc[~units["ever_treated"], "matching_weight"].sum()
    assert total == pytest.approx(treated_weights.sum()) == pytest.approx(pairs["weight"].sum())
    if settings.method == "one_to_one":
        assert pairs["weight"].eq(1).all()
        sides = ["control_unit", "control_year"] if settings.design != "city" else ["control_unit"]
        assert not pairs.duplicated(sides).any()
    limit = settings.bandwidth if settings.method == "kernel" else settings.caliper
    if settings.caliper_scale == "score":
        assert pairs["distance"].max() <= limit
    if settings.design == "by_year":
        assert (pairs["treated_year"] == pairs["control_year"]).all()


def test_the_logit_caliper_is_in_standard_deviations_of_logits():
    """Covariates that say little: logits lie close together, and so must the pairs."""
    rule = MATCHING_RULES["nearest_logit_caliper"]
    matched = match_units(coded_panel(), covariates=["z", "w"], rule=rule)
    units = matched.units
    logit = np.log(units["propensity"] / (1 - units["propensity"]))
    spread = logit.std(ddof=1)
    assert spread < 0.7
    inside = units[units["is_on_support"]].assign(logit=logit)
    expected = greedy(inside["logit"].to_numpy(), inside["ever_treated"].to_numpy(), 0.2 * spread)
    codes = inside["city_code"].to_numpy()
    found = dict(zip(matched.pairs["treated_unit"], matched.pairs["control_unit"], strict=True))
    assert found == {codes[unit]: codes[control] for unit, control in expected.items()}
    unlimited = greedy(inside["logit"].to_numpy(), inside["ever_treated"].to_numpy(), 0.2)
    assert len(unlimited) != len(expected)


@pytest.mark.parametrize("rule", ["nearest", "kernel_by_year", "four_nearest_pooled"])
def test_row_order_changes_nothing(rule):
    frame = coded_panel()
    # Twins in every covariate, so that ties must be broken.
    for name in COVARIATES:
        frame[name] = frame[name].round(1)
    one, other = match(frame, rule), match(frame.sample(frac=1, random_state=6), rule)
    pd.testing.assert_frame_equal(one.units, other.units)
    pd.testing.assert_frame_equal(one.pairs, other.pairs)
    assert one.balance == other.balance


def test_weights_are_kept_in_all_years_of_a_city():
    frame = coded_panel()
    matched = match(frame)
    weighted = attach_weights(frame, matched)
    by_city = matched.units.set_index("city_code")["matching_weight"]
    assert len(weighted) == len(frame)
    assert (weighted["matching_weight"] == weighted["city_code"].map(by_city).fillna(0)).all()


def test_weights_follow_the_city_year_when_years_are_matched_apart():
    frame = coded_panel()
    matched = match(frame, "kernel_by_year")
    weighted = attach_weights(frame, matched).set_index(["city_code", "year"])
    expected = matched.units.set_index(["city_code", "year"])["matching_weight"]
    assert (weighted["matching_weight"] == expected.reindex(weighted.index)).all()


def matched_did(frame, rule="nearest", **changes):
    settings = {"covariates": COVARIATES, "rule": MATCHING_RULES[rule]}
    return fit_matched_difference_in_differences(frame, replace(DESIGN, **changes), **settings)


def test_matched_did_is_the_did_of_the_matched_cities():
    frame = policy_panel()
    result = matched_did(frame)
    pairs = result.matched.pairs
    used = set(pairs["treated_unit"]) | set(pairs["control_unit"])
    by_rows = fit_difference_in_differences(frame[frame["city_code"].isin(used)], DESIGN)
    assert result.estimate == by_rows
    assert 0 < len(used) < frame["city_code"].nunique()


def test_kernel_weights_enter_the_did():
    frame = policy_panel()
    result = matched_did(frame, "kernel")
    weight = result.matched.units.set_index("city_code")["matching_weight"]
    coded = frame.assign(treated=(frame["year"] >= frame["policy_year"]) * 1.0)
    coded["weight"] = coded["city_code"].map(weight)
    coded = coded[coded["weight"] > 0]
    peer = smf.wls(
        "y ~ treated + x + z + C(year) + C(city_code)", coded, weights=coded["weight"]
    ).fit()
    found = result.estimate.fit.coefficients[0]
    assert found.estimate == pytest.approx(peer.params["treated"], rel=1e-8)
    assert len(set(weight.round(6))) > 3


@pytest.mark.thorough
def test_partial_pilots_are_left_out_of_the_matching():
    frame = policy_panel()
    city = frame.loc[frame["policy_year"].isna(), "city_code"].iloc[0]
    frame["part_year"] = np.where(frame["city_code"] == city, 2011.0, np.nan)
    result = matched_did(frame, partial_year="part_year")
    assert city not in set(result.matched.units["city_code"])
    kept = matched_did(frame, partial_year="part_year", partial_rule="control")
    assert city in set(kept.matched.units["city_code"])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "no unit has all covariates"),
        (lambda frame: frame.drop(columns="policy_year"), "no column policy_year"),
        (lambda frame: frame.drop(columns="x"), "no column x in the data"),
        (lambda frame: frame.assign(policy_year=np.nan), "no unit has a date"),
        (lambda frame: frame.assign(y=1.0), "does not vary in the sample: y"),
    ],
)
def test_what_a_matched_did_lacks_is_said(damage, reason):
    result = matched_did(damage(policy_panel()))
    assert result.status == "not_estimable"
    assert reason in result.reason


def test_balance_by_hand():
    units = pd.DataFrame({"x": [4.0, 6.0, 8.0, 1.0, 3.0, 5.0]})
    treated = np.array([True, True, True, False, False, False])
    weights = np.array([1.0, 1.0, 0.0, 0.0, 0.5, 1.5])
    balance = measure_balance(units, ["x"], treated, weights)
    before, after = balance.covariates
    assert (before.stage, after.stage) == ("before", "after")
    assert (before.mean_treated, before.mean_control) == (6.0, 3.0)
    # Both unmatched groups have variance 4, so that the divisor is 2.
    assert before.standardized_bias == pytest.approx(100 * 3 / 2)
    assert before.variance_ratio == pytest.approx(1.0)
    assert (after.mean_treated, after.mean_control) == (5.0, 4.5)
    assert after.standardized_bias == pytest.approx(100 * 0.5 / 2)
    # Treated 4 and 6: variance 2. Controls: .5 x 1.5^2 + 1.5 x .5^2 over 2 - 2.5 / 2.
    assert after.variance_ratio == pytest.approx(2 / ((0.5 * 2.25 + 1.5 * 0.25) / 0.75))
    joint = balance.joint[1]
    assert (joint.n_treated, joint.n_control) == (2, 2)
    assert joint.max_absolute_bias == joint.mean_absolute_bias == pytest.approx(25.0)


def test_joint_balance_agrees_with_statsmodels(labour):
    covariates, outcome = labour
    names = [f"v{j}" for j in range(covariates.shape[1])]
    units = pd.DataFrame(covariates, columns=names)
    weights = (np.arange(len(units)) % 2 == 0).astype(float)
    balance = measure_balance(units, names, outcome == 1, weights)
    for joint, used in zip(balance.joint, (weights >= 0, weights > 0), strict=True):
        peer = sm.Logit(outcome[used], sm.add_constant(covariates[used])).fit(disp=0, tol=1e-14)
        assert joint.pseudo_r2 == pytest.approx(peer.prsquared, rel=1e-8)
        assert joint.lr_statistic == pytest.approx(peer.llr, rel=1e-8)
        assert joint.lr_p_value == pytest.approx(peer.llr_pvalue, rel=1e-6)
        assert joint.lr_df == len(names)


def test_matching_on_the_score_improves_balance():
    for rule in ("nearest", "four_nearest", "kernel"):
        before, after = match(coded_panel(n_cities=200), rule).balance.joint
        assert after.mean_absolute_bias < before.mean_absolute_bias / 2
        assert after.pseudo_r2 < before.pseudo_r2


def test_a_group_that_is_empty_has_no_balance():
    units = pd.DataFrame({"x": [1.0, 2.0]})
    assert measure_balance(units, ["x"], np.array([True, True]), np.ones(2)).covariates == ()
    balance = measure_balance(units, ["x"], np.array([True, False]), np.zeros(2))
    assert [row.stage for row in balance.covariates] == ["before"]
    assert "untreated units for 2 coefficients" in balance.joint[0].reason


def without_treated(frame):
    return frame.assign(treatment_year=np.nan)


def split_by_x(frame):
    mean = frame.groupby("city_code")["x"].transform("mean")
    return frame.assign(treatment_year=np.where(mean > 0, 2012.0, np.nan), x=mean)


@pytest.mark.parametrize("rule", ["nearest", "kernel_by_year", "four_nearest_pooled"])
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "no unit has all covariates"),
        (lambda frame: frame.assign(x=np.nan), "no unit has all covariates"),
        (without_treated, "units are treated"),
        (split_by_x, "separate the groups perfectly"),
    ],
)
def test_what_cannot_be_matched_is_said(rule, damage, reason):
    frame = damage(coded_panel())
    matched = match(frame, rule)
    assert matched.status == "not_estimable"
    assert reason in matched.reason
    weighted = attach_weights(frame, matched)
    assert (weighted["matching_weight"] == 0).all()


def test_nothing_to_match_on_is_said():
    matched = match_units(coded_panel(), covariates=[], rule=MATCHING_RULES["nearest"])
    assert (matched.status, matched.reason) == ("not_estimable", "no covariate to match on")


def test_years_that_cannot_be_scored_are_named():
    frame = coded_panel()
    frame.loc[frame["year"] == 2012, "x"] = 1.0
    matched = match(frame, "nearest_by_year")
    assert matched.status == "matched"
    assert matched.left_out[0] == "2012: does not vary: x"
    assert (matched.units.loc[matched.units["year"] == 2012, "matching_weight"] == 0).all()


def test_job_training_agrees_with_statsmodels():
    """Dehejia and Wahba (1999): scores of the experimental sample of LaLonde's study."""
    data = (
        pytest.importorskip("causaldata")
        .nsw_mixtape.load_pandas()
        .data.astype({"re74": float, "re75": float})
    )
    names = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    values, treated = data[names].to_numpy(dtype=float), data["treat"].to_numpy(dtype=float)
    found = fit_logit(values, treated)
    peer = sm.Logit(treated, sm.add_constant(values)).fit(disp=0, tol=1e-14, maxiter=100)
    assert found.coefficients == pytest.approx(peer.params, rel=1e-8)
    links = match_one_to_one(found.probability, treated == 1, 0.05)
    assert dict(zip(links.treated, links.control, strict=True)) == greedy(
        found.probability, treated == 1, 0.05
    )
