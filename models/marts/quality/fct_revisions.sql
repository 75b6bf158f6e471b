with snapshot_yearbook as (

    select * from {{ ref('snapshot_yearbook') }}

),

versions as (

    -- A row that never changed has one version, still open: nothing to compare.
    select * from snapshot_yearbook
    qualify count(*) over (partition by data_origin, city_code, year) > 1 or dbt_valid_to is not null

),

cells as (

    {{ unpivot_columns(
        'versions', ['data_origin', 'city_code', 'year', 'dbt_valid_from', 'dbt_valid_to'], supplied_series(), 'series', 'value') }}

),

changes as (

    {{ changes_on_record('cells', ['data_origin', 'city_code', 'year', 'series'], ['value']) }}

),

final as (

    select
        changed_at as revised_at,
        city_code,
        year,
        series,
        value_before,
        value_after,
        case
            when value_before is null then 'filled'
            when value_after is null then 'withdrawn'
            else 'revised'
        end as change_kind,
        (value_after - value_before) / nullif(abs(value_before), 0) as relative_change,
        is_whole_row as is_whole_city_year,
        changed_at = {{ snapshot_get_time() }} as is_of_this_build,
        data_origin
    from changes
    where not is_first_appearance and value_before is distinct from value_after

)

select * from final
