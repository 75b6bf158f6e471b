{# Fails where an expectation of severity error is not met: whatever is downstream is skipped. dbt
   prints each failed expectation with its reason. #}
{% test gate(model) %}
    {{ stop_with(
        "(select message from " ~ model ~ " where severity = 'error' and not coalesce(success, false)) as failed",
        limit=20,
    ) }}
{% endtest %}
