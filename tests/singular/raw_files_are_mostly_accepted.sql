{# A file that loses more than its share of rows is not what it says it is. #}
with faults as (

    select
        table_name || ', file ' || source_file || ': '
            || {{ rejected_in_words('rows_rejected', 'rows_set_aside', 'rows_in') }} as message
    from {{ ref('fct_raw_files') }}
    where {{ too_many_rejected('rows_rejected', 'rows_set_aside', 'rows_in') }}

)

{{ stop_with('faults') }}
