"""fit_spec against linearmodels and statsmodels, on data that come with them."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from linearmodels.datasets import wage_panel
from linearmodels.panel import PanelOLS
from statsmodels.datasets import grunfeld

from support.panels import fit_spec, make_panel, make_spec, make_unbalanced_panel


@pytest.fixture(scope="module")
def wages() -> pd.DataFrame:
    """Vella and Verbeek (1998): 545 men, 1980-1987, under the names of our keys."""
    data = wage_panel.load().rename(columns={"nr": "city_code", "lwage": "y"})
    return data.sort_values(["city_code", "year"])


@pytest.fixture(scope="module")
def investment() -> pd.DataFrame:
    """Grunfeld (1958): 11 firms, 1935-1954."""
    data = grunfeld.load_pandas().data
    return data.rename(columns={"firm": "city_code", "invest": "y", "value": "x", "capital": "z"})


def panel_ols(data, regressors):
    """Two-way effects clustered by entity; without their own count of absorbed effects."""
    indexed = data.set_index(["city_code", "year"])
    model = PanelOLS(
        indexed["y"], indexed[list(regressors)], entity_effects=True, time_effects=True
    )
    return model.fit(
        cov_type="clustered",
        cluster_entity=True,
        group_debias=True,
        debiased=True,
        auto_df=False,
        count_effects=False,
    )


def assert_matches_panel_ols(data, treatment, *controls):
    spec = make_spec(treatment=treatment, controls=controls)
    fit, peer = fit_spec(spec, data), panel_ols(data, spec.regressors)
    slopes, years = len(spec.regressors), data["year"].nunique()
    # linearmodels divides by N - slopes, we by N - K with K = slopes + 1 + (years - 1).
    factor = np.sqrt((fit.n_obs - slopes) / (fit.n_obs - slopes - years))
    for term in fit.coefficients:
        assert term.estimate == pytest.approx(peer.params[term.term], rel=1e-8, abs=1e-10)
        expected = peer.std_errors[term.term] * factor
        assert term.std_error == pytest.approx(expected, rel=1e-6)
    assert fit.n_obs == peer.nobs


def test_linearmodels_on_wages(wages):
    assert_matches_panel_ols(wages, "union", "married", "expersq")


def test_linearmodels_on_grunfeld(investment):
    assert_matches_panel_ols(investment, "x", "z")


def test_linearmodels_on_a_balanced_panel():
    assert_matches_panel_ols(make_panel(), "x", "z", "w")


def test_linearmodels_on_an_unbalanced_panel():
    panel = make_unbalanced_panel()
    assert_matches_panel_ols(panel[~panel["city_code"].isin(["103", "107"])], "x", "z", "w")


@pytest.mark.parametrize("name", ["wages", "investment"])
def test_statsmodels_pooled(name, request):
    """Without effects K is slopes plus constant, and the rule is statsmodels' own."""
    data = request.getfixturevalue(name)
    regressors = {"wages": ("union", "married", "exper"), "investment": ("x", "z")}[name]
    spec = make_spec(treatment=regressors[0], controls=regressors[1:], fixed_effects=())
    fit = fit_spec(spec, data)
    groups = pd.factorize(data["city_code"])[0]
    peer = sm.OLS(data["y"], sm.add_constant(data[list(regressors)])).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    assert fit.r2 == pytest.approx(peer.rsquared, rel=1e-8)
    for term in fit.coefficients:
        label = "const" if term.term == "Intercept" else term.term
        assert term.estimate == pytest.approx(peer.params[label], rel=1e-8)
        assert term.std_error == pytest.approx(peer.bse[label], rel=1e-6)
        assert term.p_value == pytest.approx(peer.pvalues[label], rel=1e-6, abs=1e-12)
        assert term.conf_low == pytest.approx(peer.conf_int().loc[label, 0], rel=1e-6)


def test_statsmodels_with_dummies(investment):
    """statsmodels counts all dummies: K = slopes + firms + years - 1."""
    fit = fit_spec(make_spec(), investment)
    groups = pd.factorize(investment["city_code"])[0]
    peer = smf.ols("y ~ x + z + C(city_code) + C(year)", investment).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, use_t=True
    )
    firms, years = investment["city_code"].nunique(), investment["year"].nunique()
    counted, ours = 2 + firms + years - 1, 2 + 1 + years - 1
    factor = np.sqrt((fit.n_obs - counted) / (fit.n_obs - ours))
    for term in fit.coefficients:
        assert term.estimate == pytest.approx(peer.params[term.term], rel=1e-8)
        assert term.std_error == pytest.approx(peer.bse[term.term] * factor, rel=1e-6)
    assert fit.r2 == pytest.approx(peer.rsquared, rel=1e-8)
