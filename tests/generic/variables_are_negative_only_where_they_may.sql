{# Rows of a variable below zero whose seed row does not say that it may be. #}
{% test variables_are_negative_only_where_they_may(model) %}
with variables as (

    select * from {{ ref('panel_variables') }}

)

select
    cells.city_code,
    cells.year,
    cells.variable,
    cells.value
from {{ model }} as cells
inner join variables on cells.variable = variables.variable
where cells.value < 0 and not coalesce(variables.may_be_negative, false)
{% endtest %}
