{# How every expectation fared, in this run and in those before. #}
{% set gates = ['dq_raw', 'dq_indices', 'dq_panel', 'dq_results'] %}
with earlier as (

    select * from {{ source('history', 'expectation_results') }}

),

{{ import_each(gates) }}

evaluated as (

    {% for gate in gates %}
    select * from {{ gate }}
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
