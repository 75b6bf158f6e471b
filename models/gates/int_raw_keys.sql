{# Every key of the raw files that something is joined by, and whether it meets anything there. #}
with flows as (

    select * from {{ ref('stg_input_output__flows') }}

),

gross_output as (

    select * from {{ ref('stg_input_output__industry_output') }}

),

city_years as (

    select * from {{ ref('stg_yearbook__city_years') }}

),

counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

census as (

    select * from {{ ref('stg_census__employment') }}

),

sector_codes as (

    select * from {{ ref('stg_codes__sectors') }}
    where given_code is not null

),

member_industries as (

    select * from {{ ref('stg_platform__industries') }}

),

member_cities as (

    select * from {{ ref('stg_platform__cities') }}

),

pilots as (

    select * from {{ ref('stg_policy__pilots') }}

),

national_series as (

    select * from {{ ref('stg_national__series') }}

),

digital as (

    select * from {{ ref('digital_industries') }}

),

mapped as (

    select * from {{ ref('int_industries_mapped') }}

),

yearbook as (

    select distinct
        city_code,
        year
    from city_years

),

flow_years as (

    select distinct year from flows

),

users as (

    select distinct
        year,
        using_sector
    from flows

),

industries as (

    select
        'platform_members' as table_name,
        industry_code
    from member_industries
    union
    select
        'platform_member_counts' as table_name,
        industry_code
    from counts
    union
    select
        'economic_census_employment' as table_name,
        industry_code
    from census

),

cities as (

    select
        'platform_members' as table_name,
        city_code
    from member_cities
    union
    select
        'platform_member_counts' as table_name,
        city_code
    from counts
    union
    select
        'economic_census_employment' as table_name,
        city_code
    from census
    union
    select
        'policy_pilots' as table_name,
        city_code
    from pilots

),

years as (

    -- First and last year that a file is of use in.
    select
        'city_yearbook' as table_name,
        'year' as column_name,
        year,
        {{ setting('study_start_year') }} as first_year,
        {{ setting('study_end_year') }} as last_year
    from yearbook
    union
    select
        'platform_member_counts' as table_name,
        'year' as column_name,
        year,
        {{ setting('study_start_year') }} as first_year,
        {{ setting('study_end_year') }} as last_year
    from counts
    union
    -- Stocks last: who joined before the study is in it.
    select
        'platform_members' as table_name,
        'joined_year' as column_name,
        min(first_joined_year) as year,
        {{ setting('earliest_year') }} as first_year,
        {{ setting('study_end_year') }} as last_year
    from member_cities
    having min(first_joined_year) is not null
    union
    -- The instrument takes internet users of the year before.
    select
        'national_series' as table_name,
        'year' as column_name,
        year,
        {{ setting('study_start_year') }} - 1 as first_year,
        {{ setting('study_end_year') }} as last_year
    from national_series
    union
    -- A table is carried forward, never back.
    select
        'input_output_flows' as table_name,
        'year' as column_name,
        year,
        {{ setting('earliest_year') }} as first_year,
        {{ setting('study_end_year') }} as last_year
    from flow_years

),

final as (

    select
        'sectors_are_known' as join_id,
        table_name,
        column_name,
        '' as subject,
        given_code || coalesce(' (nearest: ' || nearest || ')', '') as key,
        kind is not null as is_matched
    from sector_codes
    union all
    -- Final demand buys and value added is paid for: the other way round, a table is transposed.
    select
        'final_demand_buys' as join_id,
        table_name,
        'using_sector' as column_name,
        'final demand' as subject,
        given_code as key,
        bool_or(column_name = 'using_sector') as is_matched
    from sector_codes
    -- Imports are a row in some tables and a column with a minus in others.
    where table_name = 'input_output_flows' and kind = 'final_demand' and given_code not like '%IMP%'
    group by table_name, given_code
    union all
    select
        'value_added_is_paid_for' as join_id,
        table_name,
        'supplying_sector' as column_name,
        'value added' as subject,
        given_code as key,
        bool_or(column_name = 'supplying_sector') as is_matched
    from sector_codes
    where table_name = 'input_output_flows' and kind = 'value_added'
    group by table_name, given_code
    union all
    select
        'digital_sectors_supply' as join_id,
        'input_output_flows' as table_name,
        'supplying_sector' as column_name,
        'definition ' || digital.definition || ', ' || flow_years.year as subject,
        digital.sector as key,
        digital.sector in (
            select flows.supplying_sector from flows
            where flows.year = flow_years.year
        ) as is_matched
    from digital
    cross join flow_years
    union all
    select
        'flows_have_output' as join_id,
        'input_output_flows' as table_name,
        'year' as column_name,
        '' as subject,
        cast(year as varchar) as key,
        year in (select gross_output.year from gross_output) as is_matched
    from flow_years
    where exists (select 1 from gross_output)
    union all
    select
        'users_have_output' as join_id,
        'input_output_flows' as table_name,
        'using_sector' as column_name,
        cast(users.year as varchar) as subject,
        users.using_sector as key,
        gross_output.sector is not null as is_matched
    from users
    left join gross_output on users.year = gross_output.year and users.using_sector = gross_output.sector
    where users.year in (select gross_output.year from gross_output)
    union all
    select
        'output_has_users' as join_id,
        'industry_output' as table_name,
        'sector' as column_name,
        cast(gross_output.year as varchar) as subject,
        gross_output.sector as key,
        users.using_sector is not null as is_matched
    from gross_output
    left join users on gross_output.year = users.year and gross_output.sector = users.using_sector
    where gross_output.year in (select flow_years.year from flow_years)
    union all
    select distinct
        'industries_have_coefficients' as join_id,
        industries.table_name,
        'industry_code' as column_name,
        '' as subject,
        mapped.sector as key,
        mapped.sector in (select gross_output.sector from gross_output) as is_matched
    from industries
    inner join mapped on industries.industry_code = mapped.industry_code
    where mapped.sector is not null and exists (select 1 from gross_output)
    union all
    select
        'cities_are_in_the_yearbook' as join_id,
        table_name,
        'city_code' as column_name,
        '' as subject,
        city_code as key,
        city_code in (select yearbook.city_code from yearbook) as is_matched
    from cities
    union all
    select
        'years_are_of_the_study' as join_id,
        table_name,
        column_name,
        first_year || ' to ' || last_year as subject,
        cast(year as varchar) as key,
        year between first_year and last_year as is_matched
    from years

)

select * from final
