{# Every raw row that no table was built from, with the reason. #}
{% set tables = {
    'city_yearbook': ['base_yearbook__city_years', 'city_code, year'],
    'platform_members': ['base_platform__members', 'firm_id'],
    'platform_member_counts': ['base_platform__member_counts', 'city_code, industry_code, year'],
    'input_output_flows': ['base_input_output__flows', 'year, supplying_sector, using_sector'],
    'industry_output': ['base_input_output__industry_output', 'year, sector'],
    'economic_census_employment': ['base_census__employment', 'city_code, industry_code'],
    'national_series': ['base_national__series', 'year'],
    'policy_pilots': ['base_policy__pilots', 'policy_id, city_code, batch'],
} %}
with rejected as (

    {% for table, (model, keys) in tables.items() %}
    select
        '{{ table }}' as table_name,
        source_file,
        source_row,
        concat_ws(', ', {{ keys }}) as record_key,
        rule,
        reason,
        cast(to_json({
            {%- for column in raw_columns(table) %}
            '{{ column.name }}': {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}
        }) as varchar) as raw_values
    from {{ ref(model) }}
    where rule is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        *,
        {{ data_origin() }} as data_origin
    from rejected

)

select * from final
