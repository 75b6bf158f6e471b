{# What the other series of a city say a series should be, and how far it is from that, in logarithms.

   A series is held against the three that go with it most closely over cities (the smallest robust spread of
   their ratio), one of which may be none at all: prices and indices are alike everywhere. Three, so that a
   slip in one of them does not fall back on the series beside it. `residual_outside` takes the three among
   series of another dimension: where all amounts of money of a city are in another currency, only what is no
   money shows it. #}
with levels as (

    select * from {{ ref('int_raw_city_levels') }}

),

series as (

    select
        column_name as series,
        dimension
    from {{ ref('raw_columns') }}
    where table_name = 'city_yearbook'

),

described as (

    select
        levels.table_name,
        levels.city_code,
        levels.series,
        -- Of other tables: a dimension of their own.
        coalesce(series.dimension, levels.table_name) as dimension,
        levels.level
    from levels
    left join series on levels.series = series.series

),

peers as (

    select
        city_code,
        series,
        dimension,
        level
    from described
    union all
    -- Nothing beside it: the series as such.
    select distinct
        city_code,
        '' as series,
        '' as dimension,
        0 as level
    from described

),

gaps as (

    select
        described.series,
        peers.series as peer,
        described.dimension <> peers.dimension as is_outside,
        described.level - peers.level as gap,
        count(*) over ratio as n_cities,
        row_number() over (partition by described.series, peers.series order by described.level - peers.level) as place
    from described
    inner join peers on described.city_code = peers.city_code and described.series <> peers.series
    window ratio as (partition by described.series, peers.series)

),

pairs as (

    select
        series,
        peer,
        is_outside,
        any_value(n_cities) as n_cities,
        median(gap) as middle,
        -- The shortest stretch that holds two fifths of the cities, as a standard deviation: half of the
        -- cities in another unit do not widen it.
        min(stretch) / 1.05 as spread
    from (
        select
            *,
            lead(gap, cast(ceil(0.4 * n_cities) as integer)) over (partition by series, peer order by place) - gap
                as stretch
        from gaps
    ) as stretches
    group by series, peer, is_outside

),

ranked as (

    select
        *,
        row_number() over (partition by series order by spread, peer) as place,
        row_number() over (partition by series, is_outside order by spread, peer) as place_inside
    from (
        select
            *,
            max(n_cities) over (partition by series) as n_all
        from pairs
    ) as counted
    where n_cities >= 8 and 2 * n_cities >= n_all

),

residuals as (

    select
        described.table_name,
        described.city_code,
        described.series,
        described.dimension,
        median(described.level - peers.level - ranked.middle) filter (where ranked.place <= 3) as residual,
        median(described.level - peers.level - ranked.middle)
            filter (where ranked.is_outside and ranked.place_inside <= 3) as residual_outside
    from described
    inner join ranked on described.series = ranked.series
    inner join peers on described.city_code = peers.city_code and ranked.peer = peers.series
    where ranked.place <= 3 or (ranked.is_outside and ranked.place_inside <= 3)
    group by all

),

final as (

    select
        table_name,
        city_code,
        series,
        dimension,
        residual - median(residual) over (partition by series) as residual,
        residual_outside - median(residual_outside) over (partition by series) as residual_outside
    from residuals

)

select * from final
