with sectors as (

    select * from {{ ref('sectors') }}

),

member_industries as (

    select * from {{ ref('stg_platform__industries') }}

),

member_counts as (

    select * from {{ ref('stg_platform__member_counts') }}

),

census as (

    select * from {{ ref('stg_census__employment') }}

),

divisions as (

    select * from {{ ref('industries') }}

),

codes as (

    select industry_code from member_industries
    union
    select industry_code from member_counts
    union
    select industry_code from census

),

-- Longest match first: three-digit exceptions win over their two-digit division.
final as (

    select
        codes.industry_code,
        coalesce(sectors.sector, groups.sector, divisions.sector) as sector,
        case
            when sectors.sector is not null then 'already a sector code'
            when groups.sector is not null then 'three-digit exception of seed industries'
            when divisions.sector is not null then 'division of seed industries'
            else 'not mapped: in neither seed industries nor seed sectors'
        end as mapping
    from codes
    left join sectors on codes.industry_code = sectors.sector
    left join divisions as groups
        on left(codes.industry_code, 3) = groups.industry_code and length(groups.industry_code) = 3
    left join divisions
        on left(codes.industry_code, 2) = divisions.industry_code and length(divisions.industry_code) = 2

)

select * from final
