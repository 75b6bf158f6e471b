"""pyfixest with effects that it absorbs itself gives the study's regressions the same numbers.

The library takes the effects out first and hands pyfixest what is left (``solver``); here pyfixest
has the raw columns and the effects. Both sandwiches are compared without a small-sample factor.
"""

import numpy as np
import pyfixest as pf
import pytest
from pyfixest.demeaners import MapDemeaner

from support.study import seed
from support.warehouse import Warehouse
from urban_resilience.estimation.least_squares.linear_model import fit_linear
from urban_resilience.estimation.least_squares.regression_sample import draw_sample
from urban_resilience.estimation.selection import select_sample
from urban_resilience.estimation.specs import parse_specs

SPECS = parse_specs(seed("regression_specs").query("design == 'twfe'"))


@pytest.fixture(scope="module")
def panel(simulated_warehouse):
    return Warehouse(simulated_warehouse).frame("select * from panel.fct_estimation_panel")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.spec_id)
def test_pyfixest_absorbs_to_the_same_numbers(spec, panel):
    names = (spec.outcome, *spec.regressors)
    sample = draw_sample(
        select_sample(panel, spec.sample_filter),
        numeric=names,
        fixed_effects=spec.fixed_effects,
        clusters=spec.clusters,
    )
    model = fit_linear(sample, spec.outcome, spec.regressors)
    effects = {f"effect{i}": codes for i, codes in enumerate(sample.effects)}
    clusters = {f"cluster{i}": codes for i, codes in enumerate(sample.clusters)}
    absorbed = f" | {' + '.join(effects)}" if effects else ""
    # Its tolerance is absolute: columns on one scale.
    spread = sample.frame[list(names)].std()
    peer = pf.feols(
        f"{spec.outcome} ~ {' + '.join(spec.regressors)}{absorbed}",
        data=(sample.frame[list(names)] / spread).assign(**effects, **clusters),
        vcov={"CRV1": "+".join(clusters)},
        ssc=pf.ssc(k_adj=False, G_adj=False),
        fixef_rm="none",
        demeaner=MapDemeaner(fixef_tol=1e-12),
    )
    unit = spread[spec.outcome] / spread.reindex(peer.coef().index).fillna(1.0)
    found = {item.term: item for item in model.fit.coefficients}
    assert set(found) == set(peer.coef().index)
    for position, term in enumerate(peer.coef().index):
        assert found[term].estimate == pytest.approx(peer.coef()[term] * unit[term], rel=1e-8)
        error = np.sqrt(peer._vcov[position, position] * model.rule.factor) * unit[term]
        assert found[term].std_error == pytest.approx(error, rel=1e-8)
    assert model.fit.r2 == pytest.approx(peer._r2, rel=1e-8)
