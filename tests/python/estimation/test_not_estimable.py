"""What the data cannot carry is said in words: never an exception, never a made-up number."""

import numpy as np
import pytest

from support.panels import fit_spec, make_panel, make_spec, make_unbalanced_panel

# pyfixest says aloud what the fit reports in its own fields.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")

PANEL = make_panel()
BY_CITY = PANEL.groupby("city_code")["z"].transform("mean")
BY_YEAR = PANEL.groupby("year")["z"].transform("mean")

# Panel, changes of the specification, and what the reason must name.
CASES = {
    "empty panel": (PANEL.head(0), {}, "0 usable rows"),
    "filter keeps nothing": (PANEL, {"sample_filter": "year > 2100"}, "0 usable rows"),
    "too few rows": (PANEL.head(9), {"fixed_effects": ()}, "9 usable rows"),
    "constant treatment": (PANEL.assign(x=1.0), {}, "does not vary in the sample: x"),
    "constant outcome": (PANEL.assign(y=2.5), {}, "does not vary in the sample: y"),
    "treatment absorbed by cities": (
        PANEL.assign(x=BY_CITY),
        {},
        "absorbed by the effects of city_code: x",
    ),
    "treatment absorbed by years": (
        PANEL.assign(x=BY_YEAR),
        {},
        "absorbed by the effects of year: x",
    ),
    "absorbed by both together": (
        PANEL.assign(x=BY_CITY + BY_YEAR),
        {},
        "absorbed by the effects of year and city_code together: x",
    ),
    "nothing left to estimate": (
        PANEL.assign(x=BY_CITY + BY_YEAR),
        {"controls": ()},
        "absorbed by the effects of year and city_code together: x",
    ),
    "outcome absorbed": (PANEL.assign(y=BY_CITY), {}, "absorbed by the effects of city_code: y"),
    "all-null treatment": (PANEL.assign(x=np.nan), {}, "no value in the sample: x"),
    "all-null object column": (PANEL.assign(z=None), {}, "no value in the sample: z"),
    "one cluster": (PANEL.assign(g="all"), {"cluster": "g"}, "1 cluster of g"),
    "collinear controls": (
        PANEL.assign(w=1 - 2 * PANEL["z"]),
        {"controls": ("z", "w")},
        "collinear",
    ),
    "only singletons": (PANEL.drop_duplicates("city_code"), {}, "singletons"),
    "no positive variance": (
        make_unbalanced_panel(),
        {"fixed_effects": ("province", "year"), "cluster": "city_code year"},
        "no positive clustered variance",
    ),
}


@pytest.mark.parametrize(("panel", "changes", "reason"), CASES.values(), ids=CASES)
def test_reason_instead_of_exception(panel, changes, reason):
    fit = fit_spec(make_spec(**changes), panel)
    assert fit.status == "not_estimable"
    assert reason in fit.reason
    assert fit.coefficients == ()
    assert fit.r2 is None


@pytest.mark.parametrize("unit", [1e-12, 1e-3, 1e6, 1e12])
def test_the_unit_of_a_variable_does_not_decide(unit):
    plain = fit_spec(make_spec(), PANEL)
    rescaled = fit_spec(make_spec(), PANEL.assign(x=PANEL["x"] * unit))
    assert rescaled.status == "estimated"
    assert rescaled.coefficients[0].estimate * unit == pytest.approx(plain.coefficients[0].estimate)
    assert rescaled.coefficients[0].statistic == pytest.approx(plain.coefficients[0].statistic)


def test_a_small_variation_around_a_large_mean_is_still_variation():
    fit = fit_spec(make_spec(), PANEL.assign(x=1e6 + PANEL["x"]))
    expected = fit_spec(make_spec(), PANEL)
    assert fit.coefficients[0].estimate == pytest.approx(
        expected.coefficients[0].estimate, rel=1e-6
    )
