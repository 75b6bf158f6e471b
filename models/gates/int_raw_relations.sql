{# Ratios between series whose typical value is known: rows of seed series_relations. One wrong city does not
   move a median; a column in another unit, of another definition or of another year does. #}
with supplied as (

    select * from {{ ref('stg_yearbook__city_years') }}

),

relations as (

    select * from {{ ref('series_relations') }}

),

census as (

    select * from {{ ref('stg_census__employment') }}

),

counted as (

    select
        city_code,
        sum(employed_persons) as census_employed_persons
    from census
    group by city_code

),

city_years as (

    select
        supplied.*,
        counted.census_employed_persons
        {%- for series in yearbook_series() %},
        case
            when lag(supplied.year) over in_order = supplied.year - 1 then lag(supplied.{{ series }}) over in_order
        end as last_{{ series }}
        {%- endfor %}
    from supplied
    -- The census is of one year.
    left join counted
        on supplied.city_code = counted.city_code
            and supplied.year = {{ raw_tables().economic_census_employment.year }}
    window in_order as (partition by supplied.city_code order by supplied.year)

),

ratios as (

    select
        cast(null as varchar) as relation,
        cast(null as varchar) as city_code,
        cast(null as integer) as year,
        cast(null as double) as ratio
    where false
    {%- for rule in relation_rules() %}
    union all
    select
        '{{ rule.relation }}' as relation,
        city_code,
        year,
        ({{ rule.numerator }}) / nullif({{ rule.denominator }}, 0) as ratio
    from city_years
    {%- endfor %}

),

years as (

    select
        relation,
        cast(year as varchar) as years,
        false as is_pooled,
        count(ratio) as n_cells,
        count(distinct city_code) filter (where ratio is not null) as n_cities,
        median(ratio) as typical
    from ratios
    group by relation, year
    union all
    select
        relation,
        min(year) filter (where ratio is not null) || ' to ' || max(year) filter (where ratio is not null) as years,
        true as is_pooled,
        count(ratio) as n_cells,
        count(distinct city_code) filter (where ratio is not null) as n_cities,
        median(ratio) as typical
    from ratios
    group by relation

),

final as (

    select
        years.relation,
        case when contains(relations.numerator, 'census_') then 'economic_census_employment' else 'city_yearbook' end
            as table_name,
        case when contains(relations.numerator, 'census_') then 'employed_persons ' else '' end || relations.series
            as column_name,
        years.years as subject,
        years.n_cells,
        years.typical,
        case when years.is_pooled then relations.lowest_typical else relations.lowest_year end as lowest,
        case when years.is_pooled then relations.highest_typical else relations.highest_year end as highest,
        case
            when years.typical <= 0 then 1000
            when years.is_pooled
                then greatest(years.typical / relations.highest_typical, relations.lowest_typical / years.typical)
            else greatest(years.typical / relations.highest_year, relations.lowest_year / years.typical)
        end
        -- The typical one of a few cities, or of a province, may be half or twice that of all.
        / case when years.n_cities < 60 then 2 else 1 end as times_limit,
        'column ' || replace(relations.series, ' ', ', ') || ', ' || years.years || ': ' || relations.relation
        || format(' is {:,.4g} in the typical city, not ', years.typical)
        || case
            when years.is_pooled
                then format('{:,.4g} to {:,.4g}. ', relations.lowest_typical, relations.highest_typical)
            else format('{:,.4g} to {:,.4g}. ', relations.lowest_year, relations.highest_year)
        end
        || relations.reason || ' Likely a column in another unit or currency, of another definition or of other years.'
            as finding
    from years
    inner join relations on years.relation = relations.relation
    where years.n_cells >= 20

)

select * from final
