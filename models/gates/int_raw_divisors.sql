{# Figures that share a divisor. In units of their last decimal hardly any dozen of figures does so by chance, but for
   twos and fives, which rounding leaves: three of three figures are multiples of three once in 27, twelve of twelve
   once in half a million. What was multiplied by 12 (months), 15 (mu) or 6.5 (yuan for dollars) all is. That tells
   of a slip where no level does: series that differ much between cities, one year, one industry. #}
with yearbook as (

    select * from {{ ref('int_yearbook_cells') }}

),

cities as (

    select * from {{ ref('cities') }}

),

census as (

    select * from {{ ref('stg_census__employment') }}

),

flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

cells as (

    {% for part in [
        {'table': 'city_yearbook', 'from': 'yearbook', 'series': 'series', 'value': 'supplied_value',
            'groups': ['city_code', 'year']},
        {'table': 'economic_census_employment', 'from': 'census', 'value': 'employed_persons',
            'groups': ['city_code', 'industry_code']},
        {'table': 'input_output_flows', 'from': 'flows', 'value': 'value_million_usd',
            'groups': ['year', 'supplying_sector', 'using_sector']},
        {'table': 'industry_output', 'from': 'gross_output', 'value': 'gross_output_million_usd',
            'groups': ['year', 'sector']},
    ] %}
    select
        '{{ part.table }}' as table_name,
        {{ part.series or "'" ~ part.value ~ "'" }} as column_name,
        abs({{ part.value }}) as size,
        [
            {%- for key in part.groups %}
            struct_pack(group_column := '{{ key }}', group_key := cast({{ key }} as varchar)){{ ',' if not loop.last }}
            {%- endfor %}
        ] as groups
    from {{ part.from }}
    -- Beyond that a double has no last decimal.
    where {{ part.value }} <> 0 and abs({{ part.value }}) < 1e11
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- Nine stands for figures that were computed, or divided.
counted as (

    select
        *,
        case
            {%- for decimals in range(5) %}
            when abs(size - round(size, {{ decimals }})) <= 1e-9 * greatest(size, 1) then {{ decimals }}
            {%- endfor %}
            else 9
        end as decimals
    from cells

),

grouped as (

    select
        table_name,
        column_name,
        size,
        decimals,
        of_group.group_column,
        of_group.group_key
    from (
        select
            *,
            unnest(groups) as of_group
        from counted
    ) as unnested

),

printed as (

    select
        table_name,
        column_name,
        group_column,
        group_key,
        max(decimals) as decimals,
        list(distinct size) as sizes
    from grouped
    group by table_name, column_name, group_column, group_key
    having max(decimals) < 9 and count(distinct size) >= 4

),

divided as (

    select
        * exclude (sizes),
        len(sizes) as n_figures,
        list_reduce( -- noqa: PRS
            list_transform(sizes, lambda figure: cast(round(figure * power(10, decimals)) as bigint)),
            lambda one, other: gcd(one, other)
        ) as divisor
    from printed

),

-- Twos and fives aside.
shared as (

    select
        *,
        divisor // gcd(divisor, 1048576) // gcd(divisor, 244140625) as odd
    from divided

),

telling as (

    select
        *,
        n_figures * ln(odd) as surprise
    from shared
    where odd > 1

),

found as (

    select
        'figures that share a divisor' as kind,
        telling.table_name,
        telling.column_name || case when telling.table_name = 'city_yearbook' then '' else ' ' || group_column end
            as column_name,
        telling.group_column || ', ' || telling.odd as subject,
        greatest(
            -- Once in a million by chance, in any of thousands of groups.
            max(telling.surprise) / 14,
            -- Several groups at once need not be that long.
            case when count(*) filter (where telling.surprise >= 8) >= 3 then 1.2 end
        ) as times_limit,
        'all figures of ' || count(*) || ' groups (' || telling.group_column || ') are multiples of '
        || format('{:,.6g}', mode(telling.divisor / power(10, telling.decimals)))
        || '. Likely multiplied by a factor of that: months, mu, or another currency. '
        || left(string_agg(coalesce(cities.city_name_en || ' ', '') || group_key, ', ' order by group_key), 160)
            as finding
    from telling
    left join cities on telling.group_column = 'city_code' and telling.group_key = cities.city_code
    group by telling.table_name, telling.column_name, telling.group_column, telling.odd

),

final as (

    {{ named_findings('found') }}

)

select * from final
