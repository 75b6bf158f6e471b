{# No raw row is lost: rows in = accepted + rejected + set aside + merged in every file, and what staging
   holds is what was accepted. A cell that the intake could not read finds its row. #}
with files as (

    select * from {{ ref('fct_raw_files') }}

),

staged as (

    {% for table, models in raw_tables().items() %}
    select
        '{{ table }}' as table_name,
        count(*) as rows_staged
    from {{ ref(models.staged) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

accepted as (

    select
        table_name,
        sum(rows_accepted) as rows_accepted
    from files
    group by table_name

)

select
    table_name,
    source_file,
    rows_in,
    rows_accepted,
    rows_rejected
from files
where rows_in <> rows_accepted + rows_rejected + rows_set_aside + rows_merged
union all
select
    staged.table_name,
    'staging' as source_file,
    null as rows_in,
    accepted.rows_accepted,
    staged.rows_staged as rows_rejected
from staged
left join accepted on staged.table_name = accepted.table_name
where staged.rows_staged <> coalesce(accepted.rows_accepted, 0)
union all
select
    cells.table_name,
    cells.source_file,
    cells.source_row as rows_in,
    null as rows_accepted,
    null as rows_rejected
from {{ source('raw', 'unreadable_cells') }} as cells
left join {{ ref('fct_rejected_rows') }} as rejected
    on cells.table_name = rejected.table_name
        and cells.source_file = rejected.source_file
        and cells.source_row = rejected.source_row
where rejected.table_name is null
