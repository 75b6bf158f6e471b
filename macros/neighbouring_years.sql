{# A cell beside the city's own neighbouring years: two observed years before it and two after, or the
   three nearest for the first and last one, so that a single wrong neighbour misleads nobody.
   `relation` holds city_code, year, series and value; only positive values are compared.

   deviation        ln(value) less the median of the neighbours' logarithms; null with fewer than two,
                    and with two that are not within a factor 3 of each other
   neighbour_range  how many times the largest neighbour is the smallest
   exponent         the power of ten that the cell is away, where that is at least 3, the cell lies
                    within a factor 2 of it and the neighbours within a factor 3 of each other: a slip
                    of the unit or the decimal point; otherwise null #}
{% macro beside_neighbours(relation) -%}
    select
        *,
        case
            when neighbour_range <= 3
                and abs(round(deviation / ln(10))) >= 3
                and abs(deviation - round(deviation / ln(10)) * ln(10)) <= ln(2)
                then cast(round(deviation / ln(10)) as integer)
        end as exponent
    from (
        select
            city_code,
            year,
            series,
            value,
            exp(expected_log) as expected_value,
            log_value - expected_log as deviation,
            exp(high - low) as neighbour_range
        from (
            select
                *,
                case
                    when n_neighbours >= 3 then (total - high - low) / (n_neighbours - 2)
                    when n_neighbours = 2 and high - low <= ln(3) then total / 2
                end as expected_log
            from (
                select
                    *,
                    (a is not null)::int + (b is not null)::int + (c is not null)::int + (d is not null)::int
                        + (e is not null)::int as n_neighbours,
                    coalesce(a, 0) + coalesce(b, 0) + coalesce(c, 0) + coalesce(d, 0) + coalesce(e, 0) as total,
                    greatest(a, b, c, d, e) as high,
                    least(a, b, c, d, e) as low
                from (
                    select
                        *,
                        lag(log_value, 2) over in_order as a,
                        lag(log_value) over in_order as b,
                        lead(log_value) over in_order as c,
                        lead(log_value, 2) over in_order as d,
                        case
                            when lag(log_value) over in_order is null then lead(log_value, 3) over in_order
                            when lead(log_value) over in_order is null then lag(log_value, 3) over in_order
                        end as e
                    from (select *, ln(value) as log_value from {{ relation }} where value > 0) as logs
                    window in_order as (partition by city_code, series order by year)
                ) as neighbours
            ) as counted
        ) as expected
    ) as compared
{%- endmacro %}

{# Cells of beside_neighbours that are far from their neighbours: more than a factor, and more than so many
   robust spreads (1.4826 times the median absolute deviation) of their series over all cities. #}
{% macro far_from_neighbours(relation) -%}
    select beside.*
    from {{ relation }} as beside
    inner join (
        -- Most cells of a series say how far its cells usually lie from their neighbours.
        select
            series,
            1.4826 * median(abs(deviation)) as spread
        from {{ relation }}
        group by series
    ) as spreads
        on beside.series = spreads.series
    where abs(beside.deviation)
        > greatest(ln({{ setting('suspicious_factor') }}), {{ setting('suspicious_spreads') }} * spreads.spread)
{%- endmacro %}

{# Common table expressions of judge_rows: `slipped` has the city-years most of whose cells are the
   same power of ten away from the city's own neighbouring years. These are cells of rows that are still to be
   accepted: those of accepted rows, or of an earlier day, are int_yearbook_cells. #}
{% macro slipped_city_years(relation) -%}
sound as (

    select * from {{ relation }}
    where rule_number is null and differing = '' and copy_number = 1

),

city_year_cells as (

    {{ unpivot_columns('sound', ['city_code', 'year'], yearbook_series(), 'series', 'value') }}

),

cells_beside_neighbours as (

    {{ beside_neighbours('city_year_cells') }}

),

slipped as (

    select
        city_code,
        year,
        exponent,
        n_slipped || ' of ' || n_cells || ' cells are about ' || format('{:,}', cast(10 ** abs(exponent) as bigint))
            || case when exponent > 0 then ' times' else ' times smaller than' end
            || ' the city''s years before and after (`' || series || '` ' || value || ').' as cells
    from (
        select
            city_code,
            year,
            exponent,
            count(*) as n_slipped,
            min(series) as series,
            arg_min(value, series) as value,
            any_value(n_cells) as n_cells
        from (
            select
                *,
                count(deviation) over (partition by city_code, year) as n_cells
            from cells_beside_neighbours
        ) as counted
        where exponent is not null
        group by city_code, year, exponent
    ) as by_exponent
    where n_slipped >= 3 and n_slipped > n_cells / 2

),
{%- endmacro %}
