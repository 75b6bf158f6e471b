{# Winsorizing by percentiles of type 2 (Hyndman and Fan 1996), told from its result alone: with n
   values and h = n p / 100, at most h values lie strictly below the lower bound and at least h not
   above it, likewise at the top; values between the bounds stay as they were, the rest sit on them. #}
{% set winsorized = variable_rows('double') | selectattr('winsorize_percent') | list %}
with known as (

    select * from {{ ref('fct_city_years') }}

),

cut as (

    select * from {{ ref('fct_estimation_panel') }}

),

pairs as (

    {% for variable in winsorized %}
    select
        '{{ variable.definition }}' as variable,
        {{ percent_of(variable) }} as cut_percent,
        known.{{ variable.definition }} as original,
        cut.{{ variable.definition }} as winsorized
    from known
    inner join cut on known.city_code = cut.city_code and known.year = cut.year
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        null::varchar as variable,
        null::double as cut_percent,
        null::double as original,
        null::double as winsorized
    where false
    {% endfor %}

),

bounds as (

    select
        variable,
        min(winsorized) as lower_bound,
        max(winsorized) as upper_bound,
        count(original) * max(cut_percent) / 100 as cut_values
    from pairs
    group by variable

),

counted as (

    select
        pairs.variable,
        max(bounds.cut_values) as cut_values,
        count(*) filter (where pairs.original < bounds.lower_bound) as below,
        count(*) filter (where pairs.original <= bounds.lower_bound) as not_above_lower,
        count(*) filter (where pairs.original > bounds.upper_bound) as above,
        count(*) filter (where pairs.original >= bounds.upper_bound) as not_below_upper,
        count(*) filter (
            where pairs.winsorized is distinct from case
                when pairs.original is not null
                    then least(greatest(pairs.original, bounds.lower_bound), bounds.upper_bound)
            end
        ) as changed
    from pairs
    inner join bounds on pairs.variable = bounds.variable
    group by pairs.variable

)

select * from counted
where
    changed > 0
    or below > cut_values
    or above > cut_values
    or not_above_lower < cut_values
    or not_below_upper < cut_values
