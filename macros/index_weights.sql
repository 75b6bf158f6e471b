{# Weights of composite indices in wide SQL; formulas and sources in docs/methods.md.

   All are formed from the min-max scores z of the index's direction and scope, whatever normalization
   enters the score, so that one choice changes at a time. With z in [0, 1] over the n city-years of a
   scope (plus the index's zero_shift, in the entropy only) and p = z / sum z:
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
            as {{ indicator.indicator_id }},
        {%- endfor %}
        count(*) as indicators_covered
    from {{ coverage }}
{% endmacro %}

{# Condition: a row of `values` has every indicator that is used; `used` is the row of used_indicators. #}
{% macro has_every_used(indicators, values) -%}
    {% for indicator in indicators -%}
    {{ 'and ' if not loop.first }}(not used.{{ indicator.indicator_id }} or {{ values }}.{{ indicator.indicator_id }} is not null)
    {% else -%}
    true
    {%- endfor %}
{%- endmacro %}

{# What indices share is computed once: their set, direction and scope, and the shift of the entropy.
   `weightings` and `normalizations` say what is needed of it. #}
{% macro index_bases(indices) %}
    {% set bases = [] %}
    {% for index in indices %}
        {% set known = bases | selectattr('indicator_set', 'equalto', index.indicator_set)
            | selectattr('direction', 'equalto', index.direction) | selectattr('scope', 'equalto', index.scope)
            | selectattr('zero_shift', 'equalto', index.zero_shift) | list %}
        {% if not known %}
            {% do bases.append({
                'name': 'basis_' ~ (bases | length + 1), 'indicator_set': index.indicator_set,
                'direction': index.direction, 'scope': index.scope, 'zero_shift': index.zero_shift,
                'weightings': [], 'normalizations': [], 'indices': [],
            }) %}
        {% endif %}
        {% set basis = known | first if known else bases | last %}
        {% do basis.weightings.append(index.weighting) %}
        {% do basis.normalizations.append(index.normalization) %}
        {% do basis.indices.append(index) %}
    {% endfor %}
    {{ return(bases) }}
{% endmacro %}

{# What weights and scores are made of, per scope and indicator: bounds, moments, entropy, conflict, loading.
   CTEs <basis>_population ... <basis>_measures; needs CTEs population (rows of int_index_population) and
   coverage (of int_indicator_coverage). `members` are the rows of index_indicators of the basis's set. #}
{% macro measure_ctes(basis, members) %}
{% set name = basis.name %}
{% set scope = 'year' if basis.scope == 'by_year' else 'null::integer' %}
{% set has_entropy = 'entropy' in basis.weightings %}
{% set has_moments = 'cv' in basis.weightings or 'critic' in basis.weightings %}
{% set has_correlations = 'pca' in basis.weightings or 'critic' in basis.weightings %}
{% set has_z_scores = 'z_score' in basis.normalizations %}
{{ name }}_population as (

    select * from population
    where indicator_set = '{{ basis.indicator_set }}'

),

{{ name }}_bounds as (

    select
        {%- for member in members %}
        {%- set column = member.indicator_id %}
        min({{ column }}) as lower_of_{{ column }},
        max({{ column }}) as upper_of_{{ column }},
        {%- if has_z_scores %}
        avg({{ column }}) as mean_of_{{ column }},
        stddev_pop({{ column }}) as deviation_of_{{ column }},
        {%- endif %}
        {%- endfor %}
        {{ scope }} as scope_year,
        count(*) as city_years
    from {{ name }}_population
    {{ 'group by year' if basis.scope == 'by_year' else 'having count(*) > 0' }}

),

{{ name }}_normalized as (

    select
        {%- for member in members %}
        {%- set column = member.indicator_id %}
        {{ min_max_score(
            'population.' ~ column, 'bounds.lower_of_' ~ column, 'bounds.upper_of_' ~ column,
            direction_of(basis, member)
        ) }} + {{ basis.zero_shift }} as {{ column }},
        {%- endfor %}
        bounds.scope_year
    from {{ name }}_population as population
    inner join {{ name }}_bounds as bounds
        on {{ 'population.year = bounds.scope_year' if basis.scope == 'by_year' else 'true' }}

),

{{ name }}_sums as (

    select
        {%- for member in members %}
        {%- set column, place = member.indicator_id, loop.index %}
        {%- if has_entropy %}
        sum({{ column }}) as sum_of_{{ column }},
        sum(case when {{ column }} > 0 then {{ column }} * ln({{ column }}) else 0 end) as sum_log_of_{{ column }},
        {%- endif %}
        {%- if has_moments %}
        avg({{ column }}) as score_mean_of_{{ column }},
        stddev_pop({{ column }}) as score_deviation_of_{{ column }},
        {%- endif %}
        {%- for other in (members[place:] if has_correlations else []) %}
        corr({{ column }}, {{ other.indicator_id }}) as correlation_{{ place }}_{{ place + loop.index }},
        {%- endfor %}
        {%- endfor %}
        scope_year
    from {{ name }}_normalized
    group by scope_year

),

{{ correlation_ctes(name, members) if has_correlations else '' }}
{{ name }}_measured as (

    select
        sums.* exclude (scope_year),
        {%- if has_correlations %}
        components.conflicts,
        components.loadings,
        {%- endif %}
        bounds.*
    from {{ name }}_bounds as bounds
    inner join {{ name }}_sums as sums on bounds.scope_year is not distinct from sums.scope_year
    {%- if has_correlations %}
    inner join {{ name }}_components as components on bounds.scope_year is not distinct from components.scope_year
    {%- endif %}

),

{{ name }}_members as (

    select *
    from (
        values
        {%- for member in members %}
        (
            '{{ member.indicator_id }}', {{ loop.index }}, '{{ member.dimension }}', '{{ direction_of(basis, member) }}',
            {{ 'null' if member.given_weight is none else member.given_weight }}::double
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (indicator_id, place, dimension, direction, given_weight)

),

{{ name }}_measures as (

    {% set columns = members | map(attribute='indicator_id') | list %}
    {% set nothing = 'null::double' %}
    {% set place = 'members.place' %}
    select
        '{{ name }}' as basis,
        measured.scope_year,
        members.indicator_id,
        members.dimension,
        members.direction,
        members.given_weight,
        measured.city_years,
        {{ element_of('lower_of_', columns, place) }} as lower_bound,
        {{ element_of('upper_of_', columns, place) }} as upper_bound,
        {{ element_of('mean_of_', columns, place) if has_z_scores else nothing }} as mean_value,
        {{ element_of('deviation_of_', columns, place) if has_z_scores else nothing }} as standard_deviation,
        {{ element_of('sum_of_', columns, place) if has_entropy else nothing }} as score_sum,
        {{ element_of('sum_log_of_', columns, place) if has_entropy else nothing }} as score_sum_log,
        {{ element_of('score_mean_of_', columns, place) if has_moments else nothing }} as score_mean,
        {{ element_of('score_deviation_of_', columns, place) if has_moments else nothing }} as score_deviation,
        {{ 'measured.conflicts[members.place]' if has_correlations else nothing }} as conflict,
        {{ 'measured.loadings[members.place]' if has_correlations else nothing }} as loading
    from {{ name }}_measured as measured
    cross join {{ name }}_members as members

),
{% endmacro %}

{# CTEs <basis>_correlations and <basis>_components: with r the correlations of the scores of the usable
   indicators, conflict_j = sum over k of (1 - r_jk), and loading_j the correlation of j with their first
   principal component. Of a sole indicator the conflict is 1. A first component that is not unique has no
   loadings. #}
{% macro correlation_ctes(name, members) %}
{{ name }}_used as (
    {{ used_indicators('coverage', members) }}
),

{{ name }}_usable as (

    select
        {%- for member in members %}
        used.{{ member.indicator_id }} and bounds.upper_of_{{ member.indicator_id }} > bounds.lower_of_{{ member.indicator_id }}
            as is_usable_{{ loop.index }},
        {%- endfor %}
        sums.*
    from {{ name }}_sums as sums
    inner join {{ name }}_bounds as bounds on sums.scope_year is not distinct from bounds.scope_year
    cross join {{ name }}_used as used

),

{{ name }}_correlations as (

    select
        scope_year,
        [
            {%- for row in range(1, members | length + 1) %}
            [
                {%- for column in range(1, members | length + 1) %}
                {%- if row == column %}
                case when is_usable_{{ row }} then 1.0::double else 0 end
                {%- else %}
                case when is_usable_{{ row }} and is_usable_{{ column }}
                    then greatest(-1, least(1, correlation_{{ [row, column] | min }}_{{ [row, column] | max }})) else 0 end
                {%- endif %}{{ ',' if not loop.last }}
                {%- endfor %}
            ]{{ ',' if not loop.last }}
            {%- endfor %}
        ] as correlations
    from {{ name }}_usable

),

{{ name }}_components as (
    {{ conflicts_and_loadings(name ~ '_correlations') }}
),

{% endmacro %}

{# CTEs up to `weights`: every indicator's weight in every index and scope, with what it rests on. Needs CTEs
   population and coverage. `members` are rows of index_indicators. #}
{% macro index_weight_ctes(indices, members) %}
{% set bases = index_bases(indices) %}
{% for basis in bases %}
{{ measure_ctes(basis, members | selectattr('indicator_set', 'equalto', basis.indicator_set) | list) }}
{% endfor %}
measures as (

    {% for basis in bases %}
    select * from {{ basis.name }}_measures
    {% if not loop.last %}union all{% endif %}
    {% else %}
    select
        null::varchar as basis, null::integer as scope_year, null::varchar as indicator_id, null::varchar as dimension,
        null::varchar as direction, null::double as given_weight, null::bigint as city_years,
        null::double as lower_bound, null::double as upper_bound, null::double as mean_value,
        null::double as standard_deviation, null::double as score_sum, null::double as score_sum_log,
        null::double as score_mean, null::double as score_deviation, null::double as conflict, null::double as loading
    where false
    {% endfor %}

),

choices as (

    {% for basis in bases %}
    {% set is_last = loop.last %}
    {% for index in basis.indices %}
    select
        '{{ index.index_id }}' as index_id,
        '{{ basis.name }}' as basis,
        '{{ index.weighting }}' as weighting,
        '{{ index.normalization }}' as normalization
    {% if not (is_last and loop.last) %}union all{% endif %}
    {% endfor %}
    {% else %}
    select null::varchar as index_id, null::varchar as basis, null::varchar as weighting, null::varchar as normalization
    where false
    {% endfor %}

),

judged as (

    -- Of a constant or unused indicator there is nothing to weigh.
    select
        measures.*,
        coalesce(coverage.is_used, false) as is_used,
        coalesce(
            coverage.is_used and measures.city_years > 1 and measures.upper_bound > measures.lower_bound, false
        ) as is_usable
    from measures
    left join coverage on measures.indicator_id = coverage.indicator_id

),

with_entropy as (

    select
        *,
        case
            when is_usable then -(score_sum_log / score_sum - ln(score_sum)) / ln(city_years)
        end as entropy
    from judged

),

proportions as (

    select
        choices.index_id,
        choices.weighting,
        judged.*,
        case
            when not judged.is_usable then 0
            when choices.weighting = 'entropy' then 1 - judged.entropy
            when choices.weighting = 'equal' then 1
            when choices.weighting = 'given' then judged.given_weight
            -- Below that, an indicator is every other one again, and only rounding differs.
            when choices.weighting = 'critic' and judged.conflict < 1e-9 then 0
            when choices.weighting = 'critic' then judged.score_deviation * judged.conflict
            when choices.weighting = 'pca' then judged.loading * judged.loading
            when choices.weighting = 'cv' then judged.score_deviation / judged.score_mean
        end as proportion,
        choices.normalization = 'z_score' as has_z_scores
    from choices
    inner join with_entropy as judged on choices.basis = judged.basis

),

totals as (

    select
        *,
        nullif(sum(proportion) over (partition by index_id, scope_year), 0) as total,
        nullif(sum(proportion) over (partition by index_id, scope_year, dimension), 0) as dimension_total
    from proportions

),

weights as (

    select
        index_id,
        scope_year,
        indicator_id,
        dimension,
        direction,
        is_used,
        city_years,
        lower_bound,
        upper_bound,
        case when has_z_scores then mean_value end as mean_value,
        case when has_z_scores then standard_deviation end as standard_deviation,
        case when is_usable and weighting = 'entropy' then entropy end as entropy,
        case when weighting = 'entropy' then proportion end as divergence,
        case when is_usable and weighting = 'pca' then loading end as loading,
        proportion,
        proportion / total as weight,
        proportion / dimension_total as weight_in_dimension,
        coalesce(dimension_total, 0) / total as dimension_weight,
        case
            when not is_used then null
            when city_years = 1 then 'one city-year: no weight'
            when not is_usable then 'no variation: weight 0'
            when total is not null and proportion = 0 and weighting = 'given' then 'given weight 0'
            when total is not null then null
            when weighting = 'pca' then 'no weights: the first component is not unique'
            when weighting = 'critic' then 'no weights: all indicators move alike'
            when weighting = 'given' then 'no weights: the given ones are 0'
        end as obstacle
    from totals

),
{% endmacro %}
