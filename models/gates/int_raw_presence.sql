{# Who is there: city-years amid others that are missing, cities of a province without members beside one that has
   them all, years in which nobody joined, one industry for all. A row that is not there shows in no figure. #}
with city_years as (

    select * from {{ ref('stg_yearbook__city_years') }}

),

cities as (

    select * from {{ ref('cities') }}

),

members as (

    select * from {{ ref('int_raw_members') }}

),

by_city as (

    select
        city_code,
        min(year) as first_year,
        max(year) as last_year,
        count(*) as n_years
    from city_years
    group by city_code

),

usual as (

    select
        mode(n_years) as n_years,
        mode(first_year) as first_year,
        mode(last_year) as last_year,
        avg(cast(n_years = last_year - first_year + 1 as integer)) as share_whole
    from by_city

),

short_cities as (

    select
        by_city.city_code,
        usual.n_years - by_city.n_years as n_missing,
        by_city.n_years < by_city.last_year - by_city.first_year + 1 as is_amid,
        usual.first_year || ' to ' || usual.last_year as years
    from by_city
    cross join usual
    where by_city.n_years < usual.n_years and usual.share_whole > 0.9

),

of_cities as (

    select
        table_name,
        city_code,
        sum(n_members) as n_members
    from members
    group by table_name, city_code

),

of_years as (

    select
        table_name,
        year,
        sum(n_members) as n_members
    from members
    group by table_name, year

),

-- Years without members, by how many the years beside them have.
gaps as (

    select
        table_name,
        max(least(n_members, n_next)) as n_beside
    from (
        select
            table_name,
            year,
            n_members,
            lead(year) over in_order as next_year,
            lead(n_members) over in_order as n_next
        from of_years
        window in_order as (partition by table_name order by year)
    ) as beside
    where next_year > year + 1
    group by table_name

),

tables as (

    select
        members.table_name,
        sum(n_members) as n_members,
        sum(n_brief) / sum(n_members) as share_brief,
        count(distinct industry_code) as n_industries,
        count(distinct city_code) as n_cities,
        min(year) as first_year,
        max(year) as last_year,
        count(distinct year) as n_years,
        any_value(gaps.n_beside) as n_beside_gaps
    from members
    left join gaps on members.table_name = gaps.table_name
    group by members.table_name

),

provinces as (

    select
        tables.table_name,
        cities.province_code,
        count(*) as n_cities,
        count(of_cities.n_members) as n_with,
        coalesce(sum(of_cities.n_members), 0) as n_members,
        max(of_cities.n_members) / nullif(sum(of_cities.n_members), 0) as share_of_first,
        arg_max(by_city.city_code, of_cities.n_members) as first_city
    from by_city
    cross join tables
    inner join cities on by_city.city_code = cities.city_code
    left join of_cities on tables.table_name = of_cities.table_name and by_city.city_code = of_cities.city_code
    where tables.n_cities >= 8
    group by tables.table_name, cities.province_code

),

-- One or two cities without any member where all others have several. Where more have none, nobody can tell but for
-- a hole: nobody at all in some cities, and dozens in nearly all others.
without_members as (

    select
        of_all.table_name,
        count(*) as n_without,
        any_value(of_all.n_cities) as n_cities,
        any_value(of_all.least) as least,
        any_value(of_all.few) as few,
        string_agg(of_all.city_code, ', ' order by of_all.city_code) as city_codes
    from (
        select
            tables.table_name,
            by_city.city_code,
            of_cities.n_members,
            count(*) over (partition by tables.table_name) as n_cities,
            min(of_cities.n_members) over (partition by tables.table_name) as least,
            quantile_cont(of_cities.n_members, 0.05) over (partition by tables.table_name) as few
        from by_city
        cross join tables
        left join of_cities on tables.table_name = of_cities.table_name and by_city.city_code = of_cities.city_code
    ) as of_all
    where of_all.n_members is null
    group by of_all.table_name

),

-- A year with several times the members of either year beside it.
bursts as (

    select
        table_name,
        arg_max(year, times_beside) as year,
        max(times_beside) as times_beside
    from (
        select
            table_name,
            year,
            case
                when lag(year) over in_order = year - 1 and lead(year) over in_order = year + 1
                    then n_members / greatest(lag(n_members) over in_order, lead(n_members) over in_order)
            end as times_beside
        from of_years
        where n_members >= 20
        window in_order as (partition by table_name order by year)
    ) as beside
    where times_beside is not null
    group by table_name

),

-- A province without anybody in years in which its share of the nation would be dozens.
empty_years as (

    select
        shares.table_name,
        shares.province_code,
        count(*) as n_years,
        min(nation.n_members * shares.share) as n_expected,
        string_agg(cast(nation.year as varchar), ', ' order by nation.year) as years
    from (
        select
            members.table_name,
            cities.province_code,
            sum(members.n_members) / any_value(tables.n_members) as share
        from members
        inner join cities on members.city_code = cities.city_code
        inner join tables on members.table_name = tables.table_name
        group by members.table_name, cities.province_code
        having count(distinct members.city_code) >= 3
    ) as shares
    inner join of_years as nation on shares.table_name = nation.table_name
    left join (
        select distinct
            members.table_name,
            cities.province_code,
            members.year
        from members
        inner join cities on members.city_code = cities.city_code
    ) as there
        on shares.table_name = there.table_name
            and shares.province_code = there.province_code
            and nation.year = there.year
    -- None of twenty: once in half a billion.
    where there.year is null and nation.n_members * shares.share >= 20
    group by shares.table_name, shares.province_code

),

-- Counts that are all multiples of one number: every record stands several times, each under another name.
repeated as (

    select
        group_column,
        count(*) as n_groups,
        min(divisor) as divisor,
        string_agg(group_key, ', ' order by group_key) as group_keys
    from (
        select
            group_column,
            group_key,
            count(*) as n_cells,
            count(distinct n_members) as n_counts,
            list_reduce( -- noqa: PRS
                list(distinct cast(n_members as bigint)), lambda one, other: gcd(one, other)
            ) as divisor
        from (
            {%- for key in ['city_code', 'industry_code', 'year'] %}
            select
                '{{ 'joined_year' if key == 'year' else key }}' as group_column,
                cast({{ key }} as varchar) as group_key,
                n_members
            from members
            -- Counts that were supplied may be rounded.
            where table_name = 'platform_members' and n_members > 0
            {% if not loop.last %}union all{% endif %}
            {%- endfor %}
        ) as cells
        group by group_column, group_key
    ) as divided
    -- One count in all cells is no multiple of anything.
    where divisor > 1 and n_cells >= 20 and n_counts >= 3
    group by group_column

),

-- A province in which all are of one industry, where others have many.
uniform as (

    select
        members.table_name,
        cities.province_code,
        sum(members.n_members) as n_members,
        count(distinct members.industry_code) as n_industries,
        median(count(distinct members.industry_code)) over (partition by members.table_name) as usual
    from members
    inner join cities on members.city_code = cities.city_code
    group by members.table_name, cities.province_code

),

found as (

    select
        'city-years that are missing' as kind,
        'city_yearbook' as table_name,
        'city_code year' as column_name,
        'cities' as subject,
        -- Rows amid a city's own years, or of one or two cities, are lost; places that begin late are as they are.
        case
            when count(*) > 0.1 * (select count(*) from by_city) then 0.6
            when count(*) filter (where is_amid) > 0 or count(*) <= 2 then 1.5
            else 0.6
        end as times_limit,
        sum(n_missing) || ' rows of ' || count(*) || ' cities that all others have, ' || any_value(years) || ': '
        || left(string_agg(city_code, ', ' order by city_code), 80) || '. Likely lost in a file that was cut or quoted'
            as finding
    from short_cities
    having count(*) > 0
    union all
    select
        'members of a province' as kind,
        table_name,
        'city_code' as column_name,
        province_code as subject,
        case
            when n_cities >= 3 and n_with = 0 then 2
            when n_cities >= 3 and n_with <= 0.5 * n_cities and share_of_first > 0.9 then share_of_first / 0.9
        end as times_limit,
        case
            when n_with = 0 then 'no city of province ' || province_code || ' has any member'
            else format('{:.0f}%', 100 * share_of_first) || ' of the members of province ' || province_code
                || ' are in ' || first_city || ', and ' || (n_cities - n_with) || ' of its ' || n_cities
                || ' cities have none'
        end || '. Likely a code of a capital for the province, or rows that are lost' as finding
    from provinces
    union all
    select
        'cities without members' as kind,
        table_name,
        'city_code' as column_name,
        city_codes as subject,
        case
            when n_cities >= 20 and n_without <= 2 then least / 5
            when n_cities >= 20 and n_without / n_cities between 0.05 and 0.9 then few / 10
        end as times_limit,
        n_without || ' of ' || n_cities || ' cities have no member, and '
        || case when n_without <= 2 then 'all' else 'nearly all' end || ' others at least '
        || format('{:,.0f}', case when n_without <= 2 then least else few end) || ': '
        || left(city_codes, 80) || '. Likely rows that are lost, or another code'
            as finding
    from without_members
    union all
    select
        'last year of members' as kind,
        tables.table_name,
        case when tables.table_name = 'platform_members' then 'joined_year' else 'year' end as column_name,
        cast(tables.last_year as varchar) as subject,
        -- Tables of other periods may be meant; a year or two beside it hardly.
        case when tables.n_members >= 200 and abs(tables.last_year - usual.last_year) between 1 and 2 then 1.2
        end as times_limit,
        'the last members are of ' || tables.last_year || ', the last figures of the yearbook of ' || usual.last_year
        || '. Likely years typed or counted wrongly, or a table that was cut' as finding
    from tables
    cross join usual
    union all
    select
        'years of members' as kind,
        table_name,
        case when table_name = 'platform_members' then 'joined_year' else 'year' end as column_name,
        first_year || ' to ' || last_year as subject,
        case
            -- Where the years beside it have twenty each, hardly any year has none by itself.
            when n_members >= 200 and n_beside_gaps >= 20 then 1.5
            when n_members >= 200 and table_name = 'platform_members' and n_years = 1 then 1.5
        end as times_limit,
        'members stand under ' || n_years || ' years of ' || (last_year - first_year + 1)
        || '. Likely years that are lost, or one date for all' as finding
    from tables
    union all
    select
        'members that leave at once' as kind,
        table_name,
        'expired_year' as column_name,
        'all' as subject,
        share_brief / 0.5 as times_limit,
        format('{:.0f}%', 100 * share_brief) || ' of the members leave in the year they join' as finding
    from tables
    union all
    select
        'a year of members' as kind,
        table_name,
        case when table_name = 'platform_members' then 'joined_year' else 'year' end as column_name,
        cast(year as varchar) as subject,
        times_beside / 3.5 as times_limit,
        format('{:.1f}', times_beside) || ' times the members of either year beside it stand under ' || year
        || '. Likely rows that were pasted several times, or one date for many' as finding
    from bursts
    union all
    select
        'years of a province' as kind,
        table_name,
        case when table_name = 'platform_members' then 'joined_year' else 'year' end as column_name,
        province_code as subject,
        n_expected / 15 as times_limit,
        'no member of province ' || province_code || ' stands under ' || left(years, 60) || ', where by its share of '
        || 'the nation there would be ' || format('{:,.0f}', n_expected) || ' and more. Likely rows that are lost'
            as finding
    from empty_years
    union all
    select
        'members that are repeated' as kind,
        'platform_members' as table_name,
        'firm_id ' || group_column as column_name,
        left(group_keys, 80) as subject,
        2 as times_limit,
        'every count of members of ' || group_column || ' ' || left(group_keys, 80) || ' is a multiple of ' || divisor
        || '. Likely records that stand several times, each under another firm_id' as finding
    from repeated
    union all
    select
        'industries of a province' as kind,
        table_name,
        'industry_code' as column_name,
        province_code as subject,
        case when n_members >= 30 and n_industries = 1 and usual >= 8 then 1.5 end as times_limit,
        'all ' || format('{:,.0f}', n_members) || ' members of province ' || province_code
        || ' are of one industry, those of others of ' || format('{:.0f}', usual)
        || '. Likely one code for all' as finding
    from uniform
    union all
    select
        'cities of members' as kind,
        tables.table_name,
        'city_code' as column_name,
        'all' as subject,
        case when tables.n_members >= 200 and tables.n_cities = 1 then 1.5 end as times_limit,
        'all members are in one city, and the yearbook has ' || (select count(*) from by_city)
        || '. Likely one code for all' as finding
    from tables
    where (select count(*) from by_city) >= 8
    union all
    select
        'industries of members' as kind,
        table_name,
        'industry_code' as column_name,
        'all' as subject,
        case when n_members >= 200 and n_industries = 1 then 1.5 end as times_limit,
        'all members are of one industry' as finding
    from tables

),

final as (

    {{ named_findings('found') }}

)

select * from final
