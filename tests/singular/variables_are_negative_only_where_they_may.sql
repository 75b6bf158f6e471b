{# No variable is below zero unless its row says that it may be. #}
with cells as (

    select * from {{ ref('fct_variables') }}

),

variables as (

    select * from {{ ref('panel_variables') }}

)

select
    cells.city_code,
    cells.year,
    cells.variable,
    cells.value
from cells
inner join variables on cells.variable = variables.variable
where cells.value < 0 and not coalesce(variables.may_be_negative, false)
