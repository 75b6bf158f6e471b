{% set variables = variable_rows('double') | selectattr('is_described') | map(attribute='definition') | list %}
{% set published = "max(value) filter (where statistic = '" %}
with panel as (

    select * from {{ ref('fct_estimation_panel') }}
    where is_estimation_sample

),

published_results as (

    select * from {{ ref('published_results') }}

),

described as (

    {% for variable in variables %}
    select
        {{ loop.index }} as position,
        '{{ variable }}' as variable,
        count({{ variable }}) as n_obs,
        avg({{ variable }}) as mean,
        stddev_samp({{ variable }}) as sd,
        min({{ variable }})::double as minimum,
        max({{ variable }})::double as maximum
    from panel
    union all
    {% endfor %}
    select
        null::integer as position,
        null::varchar as variable,
        null::bigint as n_obs,
        null::double as mean,
        null::double as sd,
        null::double as minimum,
        null::double as maximum
    where false

),

published as (

    select
        term as variable,
        {{ published }}n_obs') as published_n_obs,
        {{ published }}mean') as published_mean,
        {{ published }}sd') as published_sd,
        {{ published }}min') as published_minimum,
        {{ published }}max') as published_maximum
    from published_results
    where table_id = 'table_2'
    group by term

),

final as (

    select
        described.position,
        described.variable,
        described.n_obs,
        described.mean,
        described.sd,
        described.minimum,
        described.maximum,
        published.published_n_obs::bigint as published_n_obs,
        published.published_mean,
        published.published_sd,
        published.published_minimum,
        published.published_maximum,
        {{ data_origin() }} as data_origin
    from described
    left join published on described.variable = published.variable

)

select * from final
