{# What became of every raw file: rows in, accepted, rejected, set aside, merged. #}
with raw_files as (

    select * from {{ source('raw', 'raw_files') }}

),

rejected_rows as (

    select * from {{ ref('fct_rejected_rows') }}

),

members as (

    select * from {{ ref('stg_platform__members') }}

),

{{ import_each_source('raw', raw_tables()) }}

{{ import_each(raw_tables().values() | map(attribute='judged') | reject('equalto', 'base_platform__members')) }}

{% if takes_member_changes() %}
-- Months were counted when they arrived, and need not be there any more.
months as (

    select * from {{ ref('stg_platform__member_change_batches') }}

),
{% endif %}
supplied as (

    {% for table in raw_tables() %}
    select
        '{{ table }}' as table_name,
        source_file,
        count(*) as rows_stored
    from {{ table }}
    group by source_file
    union all
    {% endfor %}
    -- A file that the intake read without finding a row in it.
    select
        table_name,
        source_file,
        0 as rows_stored
    from raw_files

),

files as (

    select
        table_name,
        source_file,
        sum(rows_stored)::bigint as rows_stored
    from supplied
    group by table_name, source_file

),

rejected as (

    select
        table_name,
        source_file,
        coalesce(sum(n_rows) filter (where rule not in {{ set_aside_rules() }}), 0)::bigint as rows_rejected,
        coalesce(sum(n_rows) filter (where rule in {{ set_aside_rules() }}), 0)::bigint as rows_set_aside,
        coalesce(arg_max(rule, n_rows) filter (where rule not in {{ set_aside_rules() }}), any_value(rule))
            as most_frequent_rule,
        coalesce(arg_max(reason, n_rows) filter (where rule not in {{ set_aside_rules() }}), any_value(reason))
            as most_frequent_reason
    from (
        select
            table_name,
            source_file,
            rule,
            min(reason) as reason,
            count(*) as n_rows
        from rejected_rows
        group by table_name, source_file, rule
    ) as by_rule
    group by table_name, source_file

),

accepted as (

    {% for table, models in raw_tables().items() if table != 'platform_members' %}
    select
        '{{ table }}' as table_name,
        source_file,
        count(*) as rows_accepted
    from {{ models.judged }}
    where rule is null
    group by source_file
    union all
    {% endfor %}
    -- Staged firm records are a hundred million rows at most and carry no file: counted as a whole,
    -- shared out as what is not rejected where there are several files.
    select
        'platform_members' as table_name,
        files.source_file,
        case
            when count(*) over () = 1 then (select count(*) from members)
            else files.rows_stored - coalesce(rejected.rows_rejected + rejected.rows_set_aside, 0)
        end as rows_accepted
    from files
    left join rejected on files.table_name = rejected.table_name and files.source_file = rejected.source_file
    where files.table_name = 'platform_members'

),

times as (

    {{ raw_file_times() }}

),

final as (

    select
        files.table_name,
        files.source_file,
        files.rows_stored + coalesce(readings.rows_merged, 0) + coalesce(readings.rows_left_out, 0) as rows_in,
        coalesce(accepted.rows_accepted, 0) as rows_accepted,
        coalesce(rejected.rows_rejected, 0) as rows_rejected,
        coalesce(rejected.rows_set_aside, 0) + coalesce(readings.rows_left_out, 0) as rows_set_aside,
        coalesce(readings.rows_merged, 0) as rows_merged,
        rejected.most_frequent_rule,
        rejected.most_frequent_reason,
        coalesce(readings.format, regexp_extract(files.source_file, '[^.]+$')) as format,
        readings.encoding,
        readings.delimiter,
        readings.layout,
        readings.columns_recognized,
        readings.columns_ignored,
        readings.conversions,
        readings.doubts,
        times.modified_at,
        {{ data_origin() }} as data_origin
    from files
    left join accepted on files.table_name = accepted.table_name and files.source_file = accepted.source_file
    left join rejected on files.table_name = rejected.table_name and files.source_file = rejected.source_file
    left join raw_files as readings
        on files.table_name = readings.table_name and files.source_file = readings.source_file
    left join times on files.table_name = times.table_name and files.source_file = times.source_file
    {%- if takes_member_changes() %}
    union all
    select
        'platform_member_changes' as table_name,
        months.batch || '.parquet' as source_file,
        months.rows_in,
        months.rows_accepted,
        months.rows_rejected,
        0 as rows_set_aside,
        0 as rows_merged,
        rejected.most_frequent_rule,
        rejected.most_frequent_reason,
        'parquet' as format,
        null as encoding,
        null as delimiter,
        null as layout,
        null as columns_recognized,
        null as columns_ignored,
        null as conversions,
        null as doubts,
        months.modified_at,
        {{ data_origin() }} as data_origin
    from months
    left join rejected
        on rejected.table_name = 'platform_member_changes'
            and rejected.source_file = months.batch || '.parquet'
    {%- endif %}

)

select * from final
