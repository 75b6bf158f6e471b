"""fit_spec against least squares with dummies and a sandwich written out in NumPy."""

import numpy as np
import pytest
from scipy import stats

from support.least_squares import dummy_regression
from support.panels import fit_spec, make_panel, make_spec, make_unbalanced_panel

# pyfixest says aloud what the fit reports in its own fields.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")

PANELS = {"balanced": make_panel(), "unbalanced": make_unbalanced_panel()}
EFFECTS = [
    (),
    ("year",),
    ("city_code",),
    ("year", "city_code"),
    ("year", "city_code", "province"),
    ("province^year", "city_code"),
]


def by_hand(panel, spec):
    joined = panel.assign(**{"province^year": panel["province"] + panel["year"].astype(str)})
    return dummy_regression(joined, "y", ("x", "z"), spec.fixed_effects, spec.cluster.split())


@pytest.mark.parametrize("panel", PANELS.values(), ids=PANELS)
@pytest.mark.parametrize("effects", EFFECTS, ids=lambda effects: "+".join(effects) or "pooled")
@pytest.mark.parametrize("cluster", ["city_code", "province", "city_code year"])
def test_against_dummies(panel, effects, cluster):
    spec = make_spec(fixed_effects=effects, cluster=cluster)
    fit, expected = fit_spec(spec, panel), by_hand(panel, spec)
    assert fit.status == "estimated"
    assert (fit.n_obs, fit.n_clusters) == (expected.n_obs, expected.n_clusters)
    terms = {coefficient.term: coefficient for coefficient in fit.coefficients}
    for position, name in enumerate(("x", "z")):
        term = terms[name]
        assert term.estimate == pytest.approx(expected.estimate[position], rel=1e-8)
        assert term.std_error == pytest.approx(expected.std_error[position], rel=1e-10)
    assert fit.r2 == pytest.approx(expected.r2, rel=1e-8)
    if effects:
        assert fit.r2_within == pytest.approx(expected.r2_within, rel=1e-8)
    else:
        assert fit.r2_within is None


def test_number_of_parameters_of_the_two_way_regression():
    """K = slopes + 1 + (years - 1): city effects are nested in the clusters and cost nothing."""
    assert by_hand(PANELS["balanced"], make_spec()).n_parameters == 2 + 1 + (8 - 1)


def test_spanned_effects_change_nothing():
    """Province effects beside city effects are the printed robustness check that checks nothing."""
    panel = PANELS["unbalanced"]
    plain = fit_spec(make_spec(), panel)
    with_provinces = make_spec(fixed_effects=("year", "city_code", "province"))
    assert fit_spec(with_provinces, panel).coefficients == plain.coefficients


def test_order_of_the_effects_does_not_matter():
    """pyfixest 0.60 loses degrees of freedom when the effect named first equals the cluster."""
    panel = PANELS["unbalanced"]
    first = fit_spec(make_spec(fixed_effects=("year", "city_code")), panel)
    second = fit_spec(make_spec(fixed_effects=("city_code", "year")), panel)
    assert first == second


def test_order_of_the_rows_does_not_matter():
    panel = PANELS["unbalanced"]
    shuffled = panel.sample(frac=1, random_state=5)
    assert fit_spec(make_spec(), shuffled) == fit_spec(make_spec(), panel)


def test_singletons_are_dropped_and_counted():
    panel = PANELS["unbalanced"]
    fit = fit_spec(make_spec(), panel)
    assert fit.n_singletons == 2
    assert fit.n_obs == len(panel) - 2
    assert fit.n_clusters == panel["city_code"].nunique() - 2
    # A pooled regression has no effect that a single row could use up.
    assert fit_spec(make_spec(fixed_effects=()), panel).n_singletons == 0


def test_inference_uses_t_with_one_degree_less_than_clusters():
    fit = fit_spec(make_spec(), PANELS["balanced"])
    for term in fit.coefficients:
        assert term.statistic == pytest.approx(term.estimate / term.std_error)
        t = stats.t(fit.n_clusters - 1)
        assert term.p_value == pytest.approx(2 * t.sf(abs(term.statistic)), rel=1e-8)
        half_width = t.ppf(0.975) * term.std_error
        assert term.conf_low == pytest.approx(term.estimate - half_width, rel=1e-8)
        assert term.conf_high == pytest.approx(term.estimate + half_width, rel=1e-8)


def test_sample_filter_and_missing_values_choose_the_rows():
    panel = PANELS["balanced"].copy()
    panel.loc[panel.index[::9], "z"] = np.nan
    panel.loc[panel.index[4], "x"] = np.nan
    spec = make_spec(sample_filter="year >= 2010 and province <> 'p3'")
    chosen = panel[(panel["year"] >= 2010) & (panel["province"] != "p3")]
    chosen = chosen.dropna()
    fit, expected = fit_spec(spec, panel), by_hand(chosen, spec)
    assert 0 < fit.n_obs == expected.n_obs < len(panel)
    assert fit.coefficients[0].estimate == pytest.approx(expected.estimate[0], rel=1e-8)
    assert fit.coefficients[0].std_error == pytest.approx(expected.std_error[0], rel=1e-10)


@pytest.mark.parametrize("dtype", ["float32", "Float64", "boolean", object])
def test_column_types_do_not_matter(dtype):
    panel = PANELS["balanced"].assign(x=lambda rows: (rows["x"] > 0).astype(float))
    typed = panel.assign(x=panel["x"].astype(dtype))
    fit, expected = fit_spec(make_spec(), typed), fit_spec(make_spec(), panel)
    assert fit == expected


def test_an_infinite_value_is_neither_a_number_nor_a_gap():
    panel = PANELS["balanced"].copy()
    panel.loc[panel.index[4], "x"] = -np.inf
    fit = fit_spec(make_spec(), panel)
    assert (fit.status, fit.reason) == ("not_estimable", "infinite values in the sample: x")
    # Outside the sample it harms nobody.
    sample = make_spec(sample_filter="abs(x) < 1e9")
    assert fit_spec(sample, panel).status == "estimated"
