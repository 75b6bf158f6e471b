{# A file that loses more than its share of rows is not what it says it is. #}
with faults as (

    select
        table_name || ', file ' || source_file || ': ' || rows_rejected || ' of ' || rows_in
            || ' rows are rejected, most of them like this: ' || most_frequent_reason
            || ' At most {{ '%g' % (100 * var('max_rejected_share')) }}% may be (var max_rejected_share).' as message
    from {{ ref('fct_raw_files') }}
    where {{ too_many_rejected('rows_rejected', 'rows_in') }}

)

{{ stop_with('faults') }}
