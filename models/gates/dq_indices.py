"""Expectations on the indices (grain: expectation)."""

from urban_resilience.quality.evaluate import evaluate_layer


def model(dbt, session):
    relations = {
        "fct_resilience": dbt.ref("fct_resilience"),
        "fct_index_weights": dbt.ref("fct_index_weights"),
        "fct_location_quotients": dbt.ref("fct_location_quotients"),
        "fct_virtual_agglomeration": dbt.ref("fct_virtual_agglomeration"),
        "fct_digital_coefficients": dbt.ref("fct_digital_coefficients"),
        "int_index_identities": dbt.ref("int_index_identities"),
        "int_index_weights_compared": dbt.ref("int_index_weights_compared"),
    }
    seed = dbt.ref("data_expectations").df()
    return evaluate_layer("indices", seed, relations, dbt.config.get("accept_changes"))
