{# Fails with each row whose value lies outside [lower, upper]; null values pass. #}
{% test between(model, column_name, lower=none, upper=none, tolerance=0) %}
    select *
    from {{ model }}
    where false
        {% if lower is not none %}or {{ column_name }} < {{ lower }} - {{ tolerance }}{% endif %}
        {% if upper is not none %}or {{ column_name }} > {{ upper }} + {{ tolerance }}{% endif %}
{% endtest %}
