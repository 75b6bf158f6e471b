{# City-years that bounds, weights and scores are computed over: of kept cities, in study years, with every
   used indicator of the set. Indices of one set share it. #}
-- depends_on: {{ ref('resilience_indicators') }}
-- depends_on: {{ ref('index_indicators') }}
-- depends_on: {{ ref('index_definitions') }}
{{ check_index_rows() }}
{% set members = index_indicators() %}
with indicator_values as (

    select * from {{ ref('int_indicators_computed') }}
    where {{ in_study_years() }}

),

decisions as (

    select * from {{ ref('int_sample_decisions') }}
    where is_kept

),

coverage as (

    select * from {{ ref('int_indicator_coverage') }}

),

used as (
    {{ used_indicators('coverage', members | unique(attribute='indicator_id')) }}
),

kept as (

    select indicator_values.*
    from indicator_values
    inner join decisions on indicator_values.city_code = decisions.city_code

),

final as (

    {% for indicator_set in members | map(attribute='indicator_set') | unique %}
    select
        '{{ indicator_set }}' as indicator_set,
        kept.*
    from kept
    cross join used
    where {{ has_every_used(members | selectattr('indicator_set', 'equalto', indicator_set), 'kept') }}
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        null::varchar as indicator_set,
        kept.*
    from kept
    where false
    {% endfor %}

)

select * from final
