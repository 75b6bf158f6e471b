{# Places that are no city of seed cities, and rows of theirs: set aside, not rejected, for the file is
   right about them. #}

{# Common table expression of judge_rows: `outside` has the codes in `relation` that are of such places,
   with the reason. Only codes that are no city's are looked at. Needs CTEs `cities`, `provinces`,
   `other_places` and `city_changes`, the seeds of these names. #}
{% macro codes_outside(relation) -%}
named_places as (

    select
        place_code,
        -- Of a kind that is not among ours the study's own word is said.
        string_agg(place_name_zh, ' / ') || case min(kind)
            when 'county' then ', a county or district'
            when 'prefecture' then ', a league, region or autonomous prefecture'
            else ', ' || min(kind)
        end as place
    from other_places
    group by place_code
    union all
    select
        province_code || '0000' as place_code,
        province_name_zh || ', a province' as place
    from provinces

),

former_cities as (

    select
        cast(old_code as varchar) as place_code,
        string_agg(old_name_zh || ' (' || kind || ' in ' || year || ')', ' / ') as place
    from city_changes
    where decision = 'keep'
    group by old_code

),

foreign_codes as (

    select distinct city_code
    from {{ relation }}
    where rule_number is not null and city_code not in (select city_code from cities)

),

outside as (

    select
        city_code,
        '''' || city_code || ''' ' || place || '. Set aside: a row counts for a city of seed cities only.' as reason
    from (
        select
            codes.city_code,
            case
                when former_cities.place is not null then 'was ' || former_cities.place || ' and is no city now'
                when codes.city_code = '{{ no_place() }}' then 'is a total, or a place that has no code'
                when named_places.place is not null or {{ is_within_city('codes.city_code') }}
                    then 'is ' || coalesce(named_places.place, 'a county or district')
                        || coalesce(' of ' || city_around.city_name_zh, '')
            end as place
        from foreign_codes as codes
        left join named_places on codes.city_code = named_places.place_code
        left join former_cities on codes.city_code = former_cities.place_code
        left join cities as city_around
            on codes.city_code <> city_around.city_code
                and {{ is_within_city('codes.city_code') }}
                and (
                    left(codes.city_code, 4) || '00' = city_around.city_code
                    or left(codes.city_code, 2) || '0000' = city_around.city_code
                )
    ) as described
    where place is not null

),
{%- endmacro %}

{# The code that the intake gives to totals, parts of the country and names that several counties share. #}
{% macro no_place() -%}
    000000
{%- endmacro %}

{# Six digits of a known province, the last two of which name a county, district or county-level city. #}
{% macro is_within_city(column) -%}
    (
        regexp_full_match({{ column }}, '[0-9]{6}')
        and left({{ column }}, 2) in (select province_code from provinces)
        and (right({{ column }}, 2) <> '00' or substr({{ column }}, 3, 2) = '90' or {{ column }} = '500200')
    )
{%- endmacro %}
