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

    select * from judged
    where rule is not null

)

select * from final
