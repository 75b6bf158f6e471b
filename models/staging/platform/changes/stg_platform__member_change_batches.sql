{{ config(
    materialized='incremental',
    incremental_strategy='append',
    schema='snapshots',
    on_schema_change='fail',
    pre_hook="{{ forget_due_batches() }}"
) }}

-- Last of the four: a build that fails before it counts the file again, and to the same effect.
-- depends_on: {{ ref('stg_platform__member_change_counts') }}
-- depends_on: {{ ref('stg_platform__member_change_rejections') }}
with files as (

    select * from {{ source('feed', 'member_change_files') }}

),

judged as (

    select * from {{ ref('base_platform__member_changes') }}

),

final as (

    select
        files.batch,
        files.size,
        files.modified_at,
        count(judged.batch) as rows_in,
        count(judged.batch) filter (where judged.rule is null) as rows_accepted,
        count(judged.rule) as rows_rejected
    from files
    left join judged on files.batch = judged.batch
    where files.is_due
    group by files.batch, files.size, files.modified_at

)

select * from final
