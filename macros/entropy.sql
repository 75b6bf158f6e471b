{# Entropy weighting (Shannon 1948; the entropy weight method) in wide SQL.

   For indicator j over the n city-years of a scope, with z the min-max score in [0, 1]
   (plus the index's zero_shift) and p = z / sum z:
       sum p ln p = (sum z ln z) / (sum z) - ln(sum z),   0 ln 0 = 0
       e_j = -(sum p ln p) / ln n,   d_j = 1 - e_j,   w_j = d_j / sum d.
   One pass for the bounds, one for the sums; never unpivoted, which is an order slower. #}

{% macro direction_of(index, indicator) -%}
    {{ indicator.direction_as_printed if index.direction == 'as_printed' else indicator.direction_used }}
{%- endmacro %}

{# Min-max score of one indicator given its bounds; 0 where the indicator does not vary. #}
{% macro min_max_score(value, lower, upper, direction) -%}
    case
        when {{ upper }} = {{ lower }} then 0
        {% if direction == 'negative' -%}
        else ({{ upper }} - {{ value }}) / ({{ upper }} - {{ lower }})
        {%- else -%}
        else ({{ value }} - {{ lower }}) / ({{ upper }} - {{ lower }})
        {%- endif %}
    end
{%- endmacro %}

{# One row that says of every indicator whether it is used; one that coverage does not know is not.
   `coverage` has rows of int_indicator_coverage. #}
{% macro used_indicators(coverage, indicators) %}
    select
        {%- for indicator in indicators %}
        coalesce(bool_or(is_used) filter (where indicator_id = '{{ indicator.indicator_id }}'), false)
            as {{ indicator.indicator_id }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ coverage }}
{% endmacro %}

{# Condition: a row of `values` has every indicator that is used; `used` is the row of used_indicators. #}
{% macro has_every_used(indicators, values) -%}
    {% for indicator in indicators -%}
    {{ 'and ' if not loop.first }}(not used.{{ indicator.indicator_id }} or {{ values }}.{{ indicator.indicator_id }} is not null)
    {% endfor %}
{%- endmacro %}

{# CTEs <index>_population ... <index>_weights; needs CTEs population (rows of int_index_population) and
   coverage (of int_indicator_coverage). #}
{% macro entropy_weight_ctes(index, indicators) %}
{% set id = index.index_id %}
{% set scope = 'year' if index.scope == 'by_year' else 'null::integer' %}
{{ id }}_population as (

    select * from population
    where indicator_set = '{{ index.indicator_set }}'

),

{{ id }}_bounds as (

    select
        {{ scope }} as scope_year,
        count(*) as city_years,
        {%- for indicator in indicators %}
        min({{ indicator.indicator_id }}) as {{ indicator.indicator_id }}_min,
        max({{ indicator.indicator_id }}) as {{ indicator.indicator_id }}_max{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ id }}_population
    group by 1

),

{{ id }}_normalized as (

    select
        bounds.scope_year,
        {%- for indicator in indicators %}
        {{ min_max_score(
            'population.' ~ indicator.indicator_id,
            'bounds.' ~ indicator.indicator_id ~ '_min',
            'bounds.' ~ indicator.indicator_id ~ '_max',
            direction_of(index, indicator)
        ) }} + {{ index.zero_shift }} as {{ indicator.indicator_id }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ id }}_population as population
    inner join {{ id }}_bounds as bounds
        on {{ 'population.year = bounds.scope_year' if index.scope == 'by_year' else 'true' }}

),

{{ id }}_sums as (

    select
        scope_year,
        {%- for indicator in indicators %}
        sum({{ indicator.indicator_id }}) as {{ indicator.indicator_id }}_sum,
        sum(case when {{ indicator.indicator_id }} > 0
            then {{ indicator.indicator_id }} * ln({{ indicator.indicator_id }}) else 0 end)
            as {{ indicator.indicator_id }}_sum_log{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ id }}_normalized
    group by 1

),

{{ id }}_long as (

    {% for indicator in indicators %}
    {% set column = indicator.indicator_id %}
    select
        sums.scope_year,
        '{{ column }}' as indicator_id,
        '{{ indicator.dimension }}' as dimension,
        '{{ direction_of(index, indicator) }}' as direction,
        coalesce(coverage.is_used, false) as is_used,
        bounds.city_years,
        bounds.{{ column }}_min as lower_bound,
        bounds.{{ column }}_max as upper_bound,
        -- Of a constant or unused indicator there is nothing to weigh.
        case
            when coverage.is_used and bounds.city_years > 1 and bounds.{{ column }}_max > bounds.{{ column }}_min
                then -(sums.{{ column }}_sum_log / sums.{{ column }}_sum - ln(sums.{{ column }}_sum)) / ln(bounds.city_years)
        end as entropy
    from {{ id }}_sums as sums
    inner join {{ id }}_bounds as bounds on sums.scope_year is not distinct from bounds.scope_year
    left join coverage on coverage.indicator_id = '{{ column }}'
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

{{ id }}_weights as (

    select
        '{{ id }}' as index_id,
        scope_year,
        indicator_id,
        dimension,
        direction,
        is_used,
        city_years,
        lower_bound,
        upper_bound,
        entropy,
        coalesce(1 - entropy, 0) as divergence,
        coalesce(1 - entropy, 0) / nullif(sum(coalesce(1 - entropy, 0)) over (partition by scope_year), 0) as weight,
        coalesce(1 - entropy, 0)
            / nullif(sum(coalesce(1 - entropy, 0)) over (partition by scope_year, dimension), 0) as weight_in_dimension,
        sum(coalesce(1 - entropy, 0)) over (partition by scope_year, dimension)
            / nullif(sum(coalesce(1 - entropy, 0)) over (partition by scope_year), 0) as dimension_weight
    from {{ id }}_long

),
{% endmacro %}
