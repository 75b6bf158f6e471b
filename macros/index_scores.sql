{# Scores of composite indices from their weights: how values are normalized and how scores are put together.
   Formulas and sources in docs/methods.md. #}

{# Score of one indicator, the better the higher: from 0 to 1 of min_max and rank, around 0 of z_score.
   `values` has the indicators (of rank, their places from 0 to 1), `weights` bounds and moments. #}
{% macro normalized_score(index, member, values, weights) -%}
    {%- set column, direction = member.indicator_id, direction_of(index, member) -%}
    {%- set value = values ~ '.' ~ column -%}
    {%- if index.normalization == 'z_score' -%}
        {{ z_score(
            value, weights ~ '.mean_of_' ~ column, weights ~ '.deviation_of_' ~ column, direction
        ) }}
    {%- elif index.normalization == 'rank' -%}
        {{ '(1 - ' ~ value ~ ')' if direction == 'negative' else value }}
    {%- else -%}
        {{ min_max_score(value, weights ~ '.lower_of_' ~ column, weights ~ '.upper_of_' ~ column, direction) }}
    {%- endif -%}
{%- endmacro %}

{# Deviation from the mean in standard deviations; 0 where the indicator does not vary. #}
{% macro z_score(value, mean, deviation, direction) -%}
    case
        when {{ deviation }} = 0 then 0
        {% if direction == 'negative' -%}
        else ({{ mean }} - {{ value }}) / {{ deviation }}
        {%- else -%}
        else ({{ value }} - {{ mean }}) / {{ deviation }}
        {%- endif %}
    end
{%- endmacro %}

{# Select of places from 0 (lowest) to 1: (rank - 1) / (n - 1), ties at the mean of their ranks. Values that
   are equal to nine digits are ties: the last ones follow the order of computation. #}
{% macro places(population, members, scope) %}
    select
        city_code,
        year
        {%- for member in members %},
        (rank() over by_{{ member.indicator_id }} + count(*) over by_{{ member.indicator_id }} - 2)
            / nullif(2 * (count(*) over scope_rows - 1), 0) as {{ member.indicator_id }}
        {%- endfor %}
    from {{ population }}
    {%- set partition = 'partition by year ' if scope == 'by_year' else '' %}
    window
        scope_rows as ({{ partition }})
        {%- for member in members %},
        -- The frame ends with the last of equals: its count is their highest rank, rank() their lowest.
        by_{{ member.indicator_id }} as ({{ partition }}order by {{ significant(member.indicator_id, 9) }})
        {%- endfor %}
{% endmacro %}

{# Indices whose scores are put together alike: of one set, direction, scope, normalization, aggregation and
   floor. Only their weights differ. #}
{% macro score_blocks(indices) %}
    {% set traits = ['indicator_set', 'direction', 'scope', 'normalization', 'aggregation', 'score_floor'] %}
    {% set blocks = {} %}
    {% for index in indices %}
        {% set key = [] %}
        {% for trait in traits %}{% do key.append(index[trait] | string) %}{% endfor %}
        {% set key = key | join(' ') %}
        {% if key not in blocks %}
            {% do blocks.update({key: {'name': 'block_' ~ (blocks | length + 1), 'index_ids': []}}) %}
            {% for trait in traits %}{% do blocks[key].update({trait: index[trait]}) %}{% endfor %}
        {% endif %}
        {% do blocks[key].index_ids.append(index.index_id) %}
    {% endfor %}
    {{ return(blocks.values() | list) }}
{% endmacro %}

{# One row per index and scope: weights within the dimensions, bounds and moments of all indicators, shares of
   all dimensions. `weights` has rows of int_index_weights. #}
{% macro weight_rows(weights, members) %}
    select
        index_id,
        scope_year
        {%- set sources = {
            'weight_of_': 'weight_in_dimension', 'lower_of_': 'lower_bound', 'upper_of_': 'upper_bound',
            'mean_of_': 'mean_value', 'deviation_of_': 'standard_deviation',
        } %}
        {%- for indicator_id in members | map(attribute='indicator_id') | unique %}
        {%- for prefix, source in sources.items() %},
        max({{ source }}) filter (where indicator_id = '{{ indicator_id }}') as {{ prefix ~ indicator_id }}
        {%- endfor %}
        {%- endfor %}
        {%- for dimension in members | map(attribute='dimension') | unique %},
        max(dimension_weight) filter (where dimension = '{{ dimension }}') as share_of_{{ dimension }}
        {%- endfor %}
    from {{ weights }}
    group by index_id, scope_year
{% endmacro %}

{# CTEs <block>_population ... <block>_normalized: the score of each indicator, wide. Needs CTEs population (rows
   of int_index_population) and weight_rows. `members` are the rows of index_indicators of its set. #}
{% macro normalized_ctes(block, members) %}
{% set name = block.name %}
{% set on_scope = 'population.year = weights.scope_year' if block.scope == 'by_year' else 'true' %}
{{ name }}_population as (

    select * from population
    where indicator_set = '{{ block.indicator_set }}'

),

{% if block.normalization == 'rank' %}
{{ name }}_places as (
    {{ places(name ~ '_population', members, block.scope) }}
),
{% endif %}

{{ name }}_normalized as (

    -- Bounds are the same of all indices of a block.
    select
        {%- for member in members %}
        {{ normalized_score(block, member, 'population', 'weights') }} as {{ member.indicator_id }},
        {%- endfor %}
        population.city_code,
        population.year
    from {{ name }}_{{ 'places' if block.normalization == 'rank' else 'population' }} as population
    inner join weight_rows as weights
        on weights.index_id = '{{ block.index_ids | first }}' and {{ on_scope }}

),
{% endmacro %}

{# The same and <block>_scores: the score of each dimension of the indices of a block. #}
{% macro dimension_score_ctes(block, members) %}
{% set name = block.name %}
{% set dimensions = members | map(attribute='dimension') | unique | list %}
{% set is_topsis = block.aggregation == 'topsis' %}
{% set on_scope = 'population.year = weights.scope_year' if block.scope == 'by_year' else 'true' %}
{{ normalized_ctes(block, members) }}

{% if is_topsis %}
{{ name }}_ideals as (

    select
        {%- for member in members %}
        max({{ member.indicator_id }}) as best_of_{{ member.indicator_id }},
        min({{ member.indicator_id }}) as worst_of_{{ member.indicator_id }},
        {%- endfor %}
        {{ 'year' if block.scope == 'by_year' else 'null::integer' }} as scope_year
    from {{ name }}_normalized
    {{ 'group by year' if block.scope == 'by_year' else '' }}

),
{% endif %}

{{ name }}_scored as (

    select
        weights.index_id,
        population.city_code,
        population.year
        {%- for dimension in dimensions %}
        {%- set own = members | selectattr('dimension', 'equalto', dimension) | map(attribute='indicator_id') | list %},
        weights.share_of_{{ dimension }}
        {%- if is_topsis %},
        {%- for end in ('best', 'worst') %}
        sqrt(
            {%- for column in own %}
            {{ '+ ' if not loop.first }}coalesce(
                (weights.weight_of_{{ column }} * (population.{{ column }} - ideals.{{ end }}_of_{{ column }})) ** 2, 0
            )
            {%- endfor %}
        ) as to_{{ end }}_of_{{ dimension }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- elif block.aggregation == 'geometric' %},
        exp(
            {%- for column in own %}
            {{ '+ ' if not loop.first }}coalesce(weights.weight_of_{{ column }} * ln(
                {{ block.score_floor }} + (1 - {{ block.score_floor }}) * population.{{ column }}
            ), 0)
            {%- endfor %}
        ) as score_of_{{ dimension }}
        {%- else %},
        {%- for column in own %}
        {{ '+ ' if not loop.first }}coalesce(weights.weight_of_{{ column }} * population.{{ column }}, 0)
        {%- endfor %} as score_of_{{ dimension }}
        {%- endif %}
        {%- endfor %}
    from {{ name }}_normalized as population
    inner join weight_rows as weights
        on weights.index_id in ('{{ block.index_ids | join("', '") }}') and {{ on_scope }}
    {%- if is_topsis %}
    inner join {{ name }}_ideals as ideals on weights.scope_year is not distinct from ideals.scope_year
    {%- endif %}

),

{{ name }}_scores as (

    {% for dimension in dimensions %}
    {% set to_best, to_worst = 'to_best_of_' ~ dimension, 'to_worst_of_' ~ dimension %}
    select
        index_id,
        city_code,
        year,
        '{{ dimension }}' as dimension,
        -- A dimension none of whose indicators is available has no score and no weight.
        case when share_of_{{ dimension }} > 0 then {{ to_worst ~ ' / (' ~ to_worst ~ ' + ' ~ to_best ~ ')' if is_topsis
            else 'score_of_' ~ dimension }} end as score,
        share_of_{{ dimension }} as dimension_weight,
        {{ to_best if is_topsis else 'null::double' }} as distance_to_best,
        {{ to_worst if is_topsis else 'null::double' }} as distance_to_worst
    from {{ name }}_scored
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),
{% endmacro %}
