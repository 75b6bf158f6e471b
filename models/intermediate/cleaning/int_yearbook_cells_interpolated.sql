{{ behind_gate('raw') }}
with supplied as (

    select * from {{ ref('int_yearbook_cells') }}

),

decided as (

    select * from {{ ref('int_yearbook_cells_judged') }}
    where action in ('blank', 'replace')

),

derived as (

    select * from {{ ref('int_yearbook_cells_derived') }}

),

-- A blanked cell is a gap like any other from here on, a replaced or a derived one an observed cell.
cells as (

    select
        supplied.*,
        decided.action,
        decided.decision_reason,
        derived.imputation_code as derived_code,
        derived.derivation,
        case
            when decided.action is null then coalesce(supplied.supplied_value, derived.derived_value)
            else decided.used_value
        end as observed_value
    from supplied
    left join derived
        on supplied.city_code = derived.city_code
            and supplied.year = derived.year
            and supplied.series = derived.series
            and supplied.supplied_value is null
    left join decided
        on supplied.city_code = decided.city_code
            and supplied.year = decided.year
            and supplied.series = decided.series

),

neighbours as (

    select
        *,
        last_value(case when observed_value is not null then year end ignore nulls) over before as previous_year,
        last_value(observed_value ignore nulls) over before as previous_value,
        first_value(case when observed_value is not null then year end ignore nulls) over after as next_year,
        first_value(observed_value ignore nulls) over after as next_value,
        count(observed_value) over series_window as observed_in_city
    from cells
    window
        series_window as (partition by city_code, series),
        before as (
            partition by city_code, series order by year
            rows between unbounded preceding and current row
        ),
        after as (
            partition by city_code, series order by year
            rows between current row and unbounded following
        )

),

coded as (

    select
        *,
        next_year - previous_year - 1 as gap_years,
        case
            when derivation is not null then derived_code
            when observed_value is not null then 'observed'
            when observed_in_city = 0 then 'missing_series'
            -- What hardly changes, such as an area: the nearest known year stands in at the edges and in long gaps.
            when series in ({{ flagged_series('fills_edges') }})
                and next_year - previous_year - 1 <= {{ setting('max_interpolated_gap_years') }}
                then 'interpolated'
            when series in ({{ flagged_series('fills_edges') }}) and previous_year is not null then 'carried_forward'
            when series in ({{ flagged_series('fills_edges') }}) then 'carried_backward'
            when previous_year is null or next_year is null then 'missing_edge'
            when next_year - previous_year - 1 > {{ setting('max_interpolated_gap_years') }} then 'missing_long_gap'
            else 'interpolated'
        end as fill_code
    from neighbours

),

final as (

    select
        city_code,
        year,
        series,
        supplied_value,
        observed_value,
        case fill_code
            when 'interpolated'
                then previous_value
                    + (next_value - previous_value) * (year - previous_year) / (next_year - previous_year)
            when 'carried_forward' then previous_value
            when 'carried_backward' then next_value
            else observed_value
        end as value,
        case action when 'blank' then 'blanked' when 'replace' then 'replaced' else fill_code end as imputation_code,
        previous_year,
        previous_value,
        next_year,
        next_value,
        case when observed_value is null then gap_years end as gap_years,
        decision_reason,
        derivation
    from coded

)

select * from final
