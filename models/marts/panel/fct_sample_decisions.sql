with decisions as (

    select * from {{ ref('int_sample_decisions') }}

),

cities as (

    select * from {{ ref('cities') }}

),

final as (

    select
        decisions.city_code,
        cities.city_name_en,
        decisions.is_kept,
        decisions.reason,
        decisions.study_years::integer as study_years,
        decisions.complete_years::integer as complete_years,
        {%- for variable in var('sample_variables') %}
        decisions.{{ variable }}_missing_years,
        {%- endfor %}
        {{ data_origin() }} as data_origin
    from decisions
    left join cities on decisions.city_code = cities.city_code

)

select * from final
