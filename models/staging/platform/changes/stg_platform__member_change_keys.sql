{{ config(
    materialized='incremental',
    incremental_strategy='append',
    schema='snapshots',
    on_schema_change='fail',
    pre_hook="{{ forget_due_batches() }}"
) }}

with judged as (

    select * from {{ ref('base_platform__member_changes') }}

),

final as (

    select
        batch,
        record_key,
        cast(case when operation = 'insert' then 1 else -1 end as smallint) as sign
    from judged
    where rule is null

)

select * from final
