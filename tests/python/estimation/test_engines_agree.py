"""pyfixest and the library's own least squares give the same numbers on every regression."""

import pytest

from support.study import seed
from support.warehouse import Warehouse
from urban_resilience.estimation.fixed_effects import fit_specification
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.specs import parse_specs

SPECS = parse_specs(seed("regression_specs").query("design == 'twfe'"))


@pytest.fixture(scope="module")
def panel(simulated_warehouse):
    return Warehouse(simulated_warehouse).frame("select * from panel.fct_estimation_panel")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.spec_id)
def test_engines_agree(spec, panel):
    sample = draw_sample(
        select_sample(panel, spec.sample_filter),
        numeric=[spec.outcome, *spec.regressors],
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    own = fit_linear(sample, spec.outcome, spec.regressors).fit
    fit = fit_specification(spec, panel)
    assert fit.status == own.status == "estimated"
    assert (fit.n_obs, fit.n_clusters, fit.n_singletons) == (
        own.n_obs,
        own.n_clusters,
        own.n_singletons,
    )
    for term, other in zip(fit.coefficients, own.coefficients, strict=True):
        assert term.term == other.term
        assert term.estimate == pytest.approx(other.estimate, rel=1e-8)
        assert term.std_error == pytest.approx(other.std_error, rel=1e-8)
        assert term.p_value == pytest.approx(other.p_value, rel=1e-6, abs=1e-12)
    assert fit.r2 == pytest.approx(own.r2, rel=1e-8)
