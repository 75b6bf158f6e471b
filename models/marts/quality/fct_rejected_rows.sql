{# Every raw row that no table was built from, with the reason. #}
with
{{ import_each(raw_tables().values() | map(attribute='judged')) }}

{% if takes_member_changes() %}
rejected_changes as (

    select * from {{ ref('stg_platform__member_change_rejections') }}

),
{% endif %}
rejected as (

    {% for table, models in raw_tables().items() %}
    select
        '{{ table }}' as table_name,
        source_file,
        source_row,
        concat_ws(', ', {{ models.keys_of_row }}) as record_key,
        rule,
        reason,
        cast(to_json({
            {%- for column in raw_columns(table) %}
            '{{ column.name }}': {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        }) as varchar) as raw_values
    from {{ models.judged }}
    where rule is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    {%- if takes_member_changes() %}
    union all
    select
        'platform_member_changes' as table_name,
        batch || '.parquet' as source_file,
        source_row,
        firm_id as record_key,
        rule,
        reason,
        cast(to_json(rejected_changes) as varchar) as raw_values
    from rejected_changes
    {%- endif %}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from rejected

)

select * from final
