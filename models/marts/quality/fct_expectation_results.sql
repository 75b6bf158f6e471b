{# How every expectation fared, in this run and in those before. #}
with earlier as (

    select * from {{ source('history', 'expectation_results') }}

),

evaluated as (

    {% for layer in ('raw', 'indices', 'panel', 'results') %}
    select * from {{ ref('dq_' ~ layer) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

current_run as (

    select
        {{ run_number() }}::bigint as run_id,
        * exclude (offending_rows),
        {{ data_origin() }} as data_origin
    from evaluated

),

final as (

    select * from earlier
    where run_id <> {{ run_number() }}
    union all
    select * from current_run

)

select * from final
