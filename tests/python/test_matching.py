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

from urban_resilience.estimation.covariate_balance import measure_balance
from urban_resilience.estimation.difference_in_differences import fit_difference_in_differences
from urban_resilience.estimation.matching.algorithms import (
    common_support,
    match_kernel,
    match_nearest,
    match_one_to_one,
    unit_weights,
)
from urban_resilience.estimation.matching.logit import fit_logit
from urban_resilience.estimation.matching.matched_did import fit_matched_difference_in_differences
from urban_resilience.estimation.matching.matched_sample import attach_weights, match_units
from urban_resilience.estimation.matching.rules import MATCHING_RULES
from urban_resilience.estimation.treatment_timing import PolicyDesign, code_treatment

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
    assert len(MATCHING_RULES) == 12
    assert all(name == rule.name for name, rule in MATCHING_RULES.items())
    assert MATCHING_RULES["four_nearest_by_year"].design == "by_year"
    assert MATCHING_RULES["nearest_logit_caliper"].caliper == 0.2


def test_profiles_are_means_of_the_years_before_treatment():
    frame = coded_panel()
    units = match(frame).units.set_index("city_code")
    for city in ("100", "101", "102", "103"):
        rows = frame[(frame["city_code"] == city) & (frame["year"] <= 2011)]
        rows = rows[~(rows["year"] >= rows["treatment_year"])]
        assert units.loc[city, "x"] == pytest.approx(rows["x"].mean())
        assert units.loc[city, "ever_treated"] == rows["treatment_year"].notna().all()
    assert set(frame["treatment_year"].dropna()) == {2010, 2012, 2014}


def test_units_treated_from_the_start_have_no_profile():
    frame = coded_panel()
    frame.loc[frame["city_code"] == "100", "treatment_year"] = 2008
    matched = match(frame)
    assert "100" not in set(matched.units["city_code"])
    assert matched.left_out == ("1 units without a year before treatment in 2008-2011",)


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
    assert spread < 0.5
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


def test_years_that_cannot_be_scored_are_named():
    frame = coded_panel()
    frame.loc[frame["year"] == 2012, "x"] = 1.0
    matched = match(frame, "nearest_by_year")
    assert matched.status == "matched"
    assert matched.left_out == ("2012: a covariate does not vary",)
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
