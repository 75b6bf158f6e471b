{# The rows that do not meet an expectation of this run, so that somebody can look at them. #}
{% set gates = ['dq_raw', 'dq_indices', 'dq_panel', 'dq_results'] %}
with
{{ import_each(gates) }}

evaluated as (

    {% for gate in gates %}
    select
        expectation_id,
        suite,
        relation,
        severity,
        success,
        unnest(json_extract(offending_rows, '$[*]')) as row_values,
        generate_subscripts(json_extract(offending_rows, '$[*]'), 1) as row_number
    from {{ gate }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        expectation_id,
        row_number::integer as row_number,
        suite,
        relation,
        severity,
        success as is_tolerated,
        row_values::varchar as row_values,
        {{ data_origin() }} as data_origin
    from evaluated

)

select * from final
