"""Digital coefficients in NumPy, as the warehouse should have them."""

from support.study import seed
from urban_resilience.formulas.digital_coefficients import digital_coefficients


def without_own_deliveries(flows):
    return flows[flows["supplying_sector"] != flows["using_sector"]]


def coefficients_of(study, definition, sectors, years, drop_own=False):
    flows = study.read("input_output_flows")
    digital = seed("digital_industries").query("definition == @definition")["sector"]
    return digital_coefficients(
        without_own_deliveries(flows) if drop_own else flows,
        study.read("industry_output"),
        sectors,
        years,
        tuple(digital),
    )
