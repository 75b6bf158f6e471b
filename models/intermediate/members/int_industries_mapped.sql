with codes as (

    select industry_code from {{ ref('stg_platform__industries') }}
    union
    select industry_code from {{ ref('stg_platform__member_counts') }}
    union
    select industry_code from {{ ref('stg_census__employment') }}

),

sectors as (

    select sector from {{ ref('sectors') }}

),

divisions as (

    select
        industry_code,
        sector
    from {{ ref('industries') }}

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
