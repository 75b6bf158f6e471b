with source as (

    select * from {{ source('feed', 'platform_member_changes') }}

),

cities as (

    select * from {{ ref('cities') }}

),

industries as (

    select * from {{ ref('industries') }}

),

sectors as (

    select * from {{ ref('sectors') }}

),

cleaned as (

    select
        batch,
        source_row,
        lower(trim(operation)) as operation,
        nullif(trim(firm_id), '') as firm_id,
        nullif(trim(city_code), '') as city_code,
        nullif(trim(industry_code), '') as industry_code,
        joined_year,
        expired_year
    from source

),

ruled as (

    select
        *,
        {{ member_record_key() }} as record_key,
        case
            when coalesce(operation, '') not in ('insert', 'delete') then 'unknown_word'
            when firm_id is null or city_code is null or industry_code is null or joined_year is null then 'empty_key'
            when {{ unknown_city() }} then 'unknown_city'
            when left(industry_code, 2) not in (select industry_code from industries)
                and industry_code not in (select sector from sectors) then 'unknown_industry'
            when joined_year not between {{ setting('earliest_year') }} and {{ latest_year() }} then 'year_out_of_range'
            when expired_year < joined_year then 'expired_before_joined'
        end as row_rule
    from cleaned

),

compared as (

    select
        *,
        count(distinct operation) over (partition by batch, record_key, row_rule) as n_operations,
        row_number() over (partition by batch, record_key, row_rule order by source_row) as copy_number
    from ruled

),

judged as (

    select
        * exclude (row_rule, n_operations, copy_number),
        case
            when row_rule is not null then row_rule
            when n_operations > 1 then 'contradiction'
            when copy_number > 1 then 'copy'
        end as rule
    from compared

),

final as (

    select
        *,
        case rule
            when 'unknown_word' then 'operation is ''' || coalesce(operation, '') || '''. Write insert or delete.'
            when 'empty_key' then 'A key is empty. Fill it in, or delete the row.'
            when 'unknown_city' then {{ unknown_city_reason() }}
            when 'unknown_industry' then 'industry_code ''' || industry_code || ''' is neither in seed industries nor'
                || ' in seed sectors. Write codes as text with all their digits.'
            when 'year_out_of_range' then '`joined_year` ' || joined_year || ' is not between '
                || {{ setting('earliest_year') }} || ' and ' || {{ latest_year() }} || '. Correct the year.'
            when 'expired_before_joined' then '`expired_year` ' || expired_year || ' is before `joined_year` '
                || joined_year || '. Correct one of them.'
            when 'contradiction' then 'The file both inserts and deletes this very record. Keep the right row; none is'
                || ' taken.'
            when 'copy' then 'The file says this once before. Delete one; the first is taken.'
        end as reason
    from judged

)

select * from final
