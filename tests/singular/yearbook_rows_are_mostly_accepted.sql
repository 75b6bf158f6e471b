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

files as (

    select
        source_file,
        sum(n_rows) as rows_in,
        coalesce(sum(n_rows) filter (where rule <> ''), 0) as rows_rejected,
        arg_max(reason, n_rows) filter (where rule <> '') as most_frequent_reason
    from rules
    group by source_file

),

faults as (

    select
        'city_yearbook, file ' || source_file || ': ' || rows_rejected || ' of ' || rows_in
            || ' rows are rejected, most of them like this: ' || most_frequent_reason
            || ' At most {{ '%g' % (100 * var('max_rejected_share')) }}% may be (var max_rejected_share).' as message
    from files
    where {{ too_many_rejected('rows_rejected', 'rows_in') }}
    union all
    select 'city_yearbook has no row at all. Put the rows of your cities and years into it.' as message
    where not exists (select 1 from files)

)

{{ stop_with('faults') }}
