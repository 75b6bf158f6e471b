{# Each column of each raw table in each year, held against what is expected and what is published. #}
with expected_row_counts as (

    select * from {{ ref('expected_row_counts') }}
    where applies_to = {{ data_origin() }}

),

published as (

    -- Years without a row stand here too, expected or withdrawn: they are missed once, not every night.
    select * from {{ source('published', 'fct_raw_profiles') }}
    where n_rows > 0

),

cells as (

    select * from {{ ref('stg_platform__cells') }}

),

{{ import_each(raw_tables().values() | map(attribute='staged')) }}

-- Staging holds firm records with short ids: their codes have to be looked up again.
coded_members as (

    select
        members.* exclude (cell_id),
        cells.city_code,
        cells.industry_code
    from stg_platform__members as members
    inner join cells on members.cell_id = cells.cell_id

),

wide as (

    -- One pass over each table: firm records may be a hundred million.
    {% for table, models in raw_tables().items() %}
    select
        '{{ table }}' as table_name,
        cast({{ models.year }} as integer) as year,
        count(*) as n_rows,
        [
            {%- for column in raw_columns(table) %}
            struct_pack(
                column_name := '{{ column.name }}',
                n_values := count({{ column.name }}),
                median_value := {{ 'median(' ~ column.name ~ ')' if column.type == 'double'
                    else 'cast(null as double)' }},
                checksum := {{ checksum([column.name, models.keys_of_row]) }}
            ){{ ',' if not loop.last }}
            {%- endfor %}
        ] as columns
    from {{ 'coded_members' if table == 'platform_members' else models.staged }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

long as (

    select
        table_name,
        year,
        n_rows,
        unnest(columns) as profile
    from wide

),

profiles as (

    -- A struct unnests to its fields.
    select
        table_name,
        year,
        n_rows,
        unnest(profile)  -- noqa: AL03
    from long
    -- A series that is supplied only for others to be derived from is nowhere missed.
    where profile.n_values > 0 or profile.column_name not in ({{ flagged_series('is_auxiliary') }})

),

-- The years of every expectation, so that a year without a row is missed too.
expected as (

    select
        table_name,
        column_name,
        cast(unnest(range(first_year, last_year + 1)) as integer) as year,
        min_values,
        max_values,
        severity
    from expected_row_counts

),

supplied as (

    select distinct table_name from profiles

),

compared as (

    select
        coalesce(profiles.table_name, published.table_name) as table_name,
        coalesce(profiles.column_name, published.column_name) as column_name,
        coalesce(profiles.year, published.year) as year,
        coalesce(profiles.n_rows, 0) as n_rows,
        coalesce(profiles.n_values, 0) as n_values,
        profiles.median_value,
        profiles.checksum,
        published.n_values as published_n_values,
        published.median_value as published_median_value,
        published.checksum as published_checksum,
        published.table_name is not null as is_published,
        coalesce(profiles.table_name, published.table_name) in (select published.table_name from published)
            as is_published_table
    from profiles
    full outer join published
        on profiles.table_name = published.table_name
            and profiles.column_name = published.column_name
            and profiles.year = published.year

),

final as (

    select
        coalesce(compared.table_name, expected.table_name) as table_name,
        coalesce(compared.column_name, expected.column_name) as column_name,
        coalesce(compared.year, expected.year) as year,
        coalesce(compared.n_rows, 0) as n_rows,
        coalesce(compared.n_values, 0) as n_values,
        compared.median_value,
        compared.checksum,
        expected.min_values as expected_min_values,
        expected.max_values as expected_max_values,
        expected.severity as expected_severity,
        compared.published_n_values,
        compared.published_median_value,
        greatest(compared.published_n_values - compared.n_values, 0) as n_lost,
        greatest(compared.published_n_values - compared.n_values, 0) / nullif(compared.published_n_values, 0)
            as share_lost,
        -- Of a series that may be negative the median says nothing about its unit: it may be near zero.
        case when compared.column_name not in ({{ flagged_series('may_be_negative') }})
            then compared.median_value / nullif(compared.published_median_value, 0)
        end as median_ratio,
        case
            when not coalesce(compared.is_published_table, false) then 'not compared'
            when not compared.is_published then 'added'
            when compared.n_rows = 0 then 'withdrawn'
            when compared.checksum = compared.published_checksum then 'same'
            else 'changed'
        end as status,
        {{ data_origin() }} as data_origin
    from compared
    full outer join expected
        on compared.table_name = expected.table_name
            and compared.column_name = expected.column_name
            and compared.year = expected.year
    -- A file that was never there is the business of fct_availability.
    where compared.table_name is not null or expected.table_name in (select supplied.table_name from supplied)

)

select * from final
