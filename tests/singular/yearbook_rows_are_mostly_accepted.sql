{# Nothing is built from a yearbook that lost more than its share of rows, or has none left. It stands
   on the judged rows alone, so that it stops the build before any model meets an empty table. #}
with rules as (

    select
        source_file,
        coalesce(rule, '') as rule,
        min(reason) as reason,
        count(*) as n_rows
    from {{ ref('base_yearbook__city_years') }}
    group by source_file, coalesce(rule, '')

),

merged as (

    select
        source_file,
        sum(rows_merged) as rows_merged
    from {{ source('raw', 'raw_files') }}
    where table_name = 'city_yearbook'
    group by source_file

),

stored as (

    select
        source_file,
        sum(n_rows) as rows_stored,
        coalesce(sum(n_rows) filter (where rule not in {{ set_aside_rules() }} and rule <> ''), 0) as rows_rejected,
        coalesce(sum(n_rows) filter (where rule in {{ set_aside_rules() }}), 0) as rows_set_aside,
        coalesce(
            arg_max(reason, n_rows) filter (where rule not in {{ set_aside_rules() }} and rule <> ''),
            arg_max(reason, n_rows) filter (where rule <> '')
        ) as most_frequent_reason
    from rules
    group by source_file

),

files as (

    select
        stored.*,
        stored.rows_stored + coalesce(merged.rows_merged, 0) as rows_in
    from stored
    left join merged on stored.source_file = merged.source_file

),

faults as (

    select
        'city_yearbook, file ' || source_file || ': '
            || {{ rejected_in_words('rows_rejected', 'rows_set_aside', 'rows_in') }} as message
    from files
    where {{ too_many_rejected('rows_rejected', 'rows_set_aside', 'rows_in') }}
    {%- if not flags.EMPTY %}
    union all
    select 'city_yearbook has no row at all. Put the rows of your cities and years into it.' as message
    where not exists (select 1 from files)
    {%- endif %}

)

{{ stop_with('faults') }}
