{# Each column of each raw table over all years: what it holds, lost and changed, how odd it is. #}
with profiles as (

    select * from {{ ref('fct_raw_profiles') }}

),

judged as (

    select * from {{ ref('int_yearbook_cells_judged') }}

),

suspicious as (

    select
        'city_yearbook' as table_name,
        series as column_name,
        count(*) as n_suspicious
    from judged
    -- Where the contract allows negative cells they are shown, and say nothing about the column's unit.
    where suspicion is not null and not (series in ({{ flagged_series('may_be_negative') }}) and supplied_value < 0)
    group by series

),

columns as (

    select
        table_name,
        column_name,
        sum(n_values) as n_values,
        sum(published_n_values) as published_n_values,
        sum(n_lost) as n_lost,
        count(*) filter (where status = 'changed') as n_years_changed,
        string_agg(year, ' ' order by year) filter (where status = 'changed') as years_changed,
        string_agg(year, ' ' order by year) filter (where status = 'withdrawn') as years_withdrawn,
        count(*) filter (where published_n_values is not null) as n_years_published,
        median(median_ratio) as median_ratio
    from profiles
    group by table_name, column_name

),

final as (

    select
        columns.table_name,
        columns.column_name,
        columns.n_values::bigint as n_values,
        columns.published_n_values::bigint as published_n_values,
        columns.n_lost::bigint as n_lost,
        columns.n_lost / nullif(columns.published_n_values, 0) as share_lost,
        columns.n_years_changed,
        columns.n_years_changed / nullif(columns.n_years_published, 0) as share_of_years_changed,
        columns.years_changed,
        columns.years_withdrawn,
        columns.median_ratio,
        coalesce(suspicious.n_suspicious, 0) as n_suspicious,
        coalesce(suspicious.n_suspicious, 0) / nullif(columns.n_values, 0) as share_suspicious,
        {{ data_origin() }} as data_origin
    from columns
    left join suspicious
        on columns.table_name = suspicious.table_name and columns.column_name = suspicious.column_name

)

select * from final
