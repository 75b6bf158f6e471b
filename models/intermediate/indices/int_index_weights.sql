{# Weights of every index of seed index_definitions, in wide SQL. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
with population as (

    select * from {{ ref('int_index_population') }}

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

{{ index_weight_ctes(indices(), index_indicators()) }}

final as (

    select * from weights

)

select * from final
