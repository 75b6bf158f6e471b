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
        expectation_id,
        layer as suite,
        kind,
        relation,
        column_name,
        expectation,
        arguments,
        nullif(row_filter, '') as row_filter,
        severity,
        success,
        observed,
        n_rows,
        n_unexpected,
        nullif(unexpected_examples, '') as unexpected_examples,
        nullif(message, '') as message,
        why,
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
