{# How old each raw table was when this warehouse was built, and whether that is too old. #}
with raw_files as (

    select * from {{ source('raw', 'raw_files') }}

),

{{ import_each(raw_tables().values() | map(attribute='staged')) }}

files as (

    {{ raw_file_times() }}

),

supplied as (

    select
        table_name,
        string_agg(source_file, ', ' order by source_file) as source_files,
        max(modified_at) as supplied_at
    from files
    group by table_name

),

limits as (

    {% for table in raw_tables() %}
    select
        '{{ table }}' as table_name,
        {{ freshness_limit_days(table) }} as limit_days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

years as (

    {% for table, models in raw_tables().items() %}
    select
        '{{ table }}' as table_name,
        max(cast({{ models.year }} as integer)) as newest_year
    from {{ models.staged }}
    {% if table == 'city_yearbook' and execute -%}
    -- A year of empty cells is announced, not supplied.
    where coalesce({{ supplied_series() | join(', ') }}) is not null
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

aged as (

    select
        limits.table_name,
        supplied.source_files,
        supplied.supplied_at,
        years.newest_year,
        -- A file from the future, after a clock was put back, is new.
        case
            when supplied.supplied_at is not null
                then greatest({{ days_between('supplied.supplied_at', built_at()) }}, 0)
        end as age_days,
        limits.limit_days
    from limits
    left join supplied on limits.table_name = supplied.table_name
    left join years on limits.table_name = years.table_name

),

final as (

    select
        table_name,
        source_files,
        supplied_at,
        newest_year,
        age_days,
        limit_days,
        age_days > limit_days as is_stale,
        {{ built_at() }} as built_at,
        {{ data_origin() }} as data_origin
    from aged

)

select * from final
