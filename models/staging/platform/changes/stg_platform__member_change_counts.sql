{{ config(
    materialized='incremental',
    incremental_strategy='append',
    schema='snapshots',
    on_schema_change='fail',
    pre_hook="{{ forget_due_batches() }}"
) }}

-- Over all files in the order of their names a record is there if its last change inserts it, and was there
-- before the first file if its first change deletes it: (last inserts) - (first deletes). What the due files
-- add is that number with them less that number without them, whatever came when.
with judged as (

    select * from {{ ref('base_platform__member_changes') }}

),

keys as (

    select * from {{ ref('stg_platform__member_change_keys') }}

),

due as (

    select * from judged
    where rule is null

),

known as (

    select
        keys.record_key,
        keys.batch,
        keys.sign,
        keys.batch not in (select batch from due) as was_there
    from keys
    where keys.record_key in (select record_key from due)

),

sums as (

    select
        record_key,
        {{ members_of_changes() }} as members_after,
        coalesce({{ members_of_changes('was_there') }}, 0) as members_before
    from known
    group by record_key

),

records as (

    select
        record_key,
        min(batch) as batch,
        any_value(city_code) as city_code,
        any_value(industry_code) as industry_code,
        any_value(joined_year) as joined_year,
        any_value(expired_year) as expired_year
    from due
    group by record_key

),

changed as (

    select
        records.*,
        sums.members_after - sums.members_before as members
    from records
    inner join sums on records.record_key = sums.record_key
    where sums.members_after <> sums.members_before

),

final as (

    select
        batch,
        city_code,
        industry_code,
        joined_year as year,
        cast(sum(members) as bigint) as joiners,
        cast(sum(members) as bigint) as net_change
    from changed
    group by batch, city_code, industry_code, joined_year
    union all
    select
        batch,
        city_code,
        industry_code,
        least(expired_year, 9999) + 1 as year,
        0 as joiners,
        cast(-sum(members) as bigint) as net_change
    from changed
    where expired_year is not null
    group by batch, city_code, industry_code, least(expired_year, 9999)

)

select * from final
