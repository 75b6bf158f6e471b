"""Expectations on the results (grain: expectation)."""

from urban_resilience.quality.evaluate import evaluate_layer
from urban_resilience.quality.probabilities import with_t_probability


def model(dbt, session):
    coefficients = dbt.ref("int_coefficients_compared").df()
    relations = {
        "int_coefficients_compared": with_t_probability(coefficients),
        "int_fits_compared": dbt.ref("int_fits_compared"),
        "fct_group_differences": dbt.ref("fct_group_differences"),
        "fct_resampled_inference": dbt.ref("fct_resampled_inference"),
    }
    seed = dbt.ref("data_expectations").df()
    return evaluate_layer("results", seed, relations, dbt.config.get("accept_changes"))
