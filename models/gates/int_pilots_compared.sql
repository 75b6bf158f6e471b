{# The list of pilots beside the published one, and cities that it names twice. A treatment that moved moves every
   regression on it, and no figure of the yearbook shows it. #}
with listed as (

    select * from {{ ref('int_policy_pilots_listed') }}

),

published as (

    select * from {{ source('published', 'fct_policy_batches') }}

),

here as (

    select
        policy_id,
        city_code,
        coalesce(batch, '') as batch,
        min(year) as year,
        count(*) as n_rows,
        count(distinct concat_ws(' ', year, scope, evidence)) as n_different
    from listed
    group by policy_id, city_code, coalesce(batch, '')

),

before as (

    select
        policy_id,
        city_code,
        coalesce(batch, '') as batch,
        least(first_full_year, first_partial_year) as year
    from published

),

compared as (

    select
        coalesce(here.policy_id, before.policy_id) as policy_id,
        coalesce(here.city_code, before.city_code) as city_code,
        coalesce(here.batch, before.batch) as batch,
        here.year,
        before.year as published_year,
        coalesce(here.n_rows, 0) as n_rows,
        -- One or two are districts of a city; more were pasted twice.
        coalesce(here.n_rows > here.n_different, false)
        and count(*) filter (where here.n_rows > here.n_different) over (
            partition by coalesce(here.policy_id, before.policy_id)
        ) >= 3 as is_repeated
    from here
    full outer join before
        on here.policy_id = before.policy_id and here.city_code = before.city_code and here.batch = before.batch

),

final as (

    select
        'policy_pilots' as table_name,
        case when year <> published_year then 'year' else 'city_code' end as column_name,
        policy_id,
        city_code,
        batch,
        year,
        published_year,
        n_rows,
        is_repeated,
        case
            when (select count(*) from before) = 0 then 'not compared'
            when published_year is null then 'added'
            when year is null then 'withdrawn'
            when year <> published_year then 'changed'
            else 'same'
        end as status
    from compared

)

select * from final
