{# What must hold between the rows of index_definitions, index_indicators and the indicators. #}

{# Stop before an index is computed unless the rows fit each other. #}
{% macro check_index_rows() %}
    {% if execute %}
        {% set faults = index_row_faults(indices(), index_indicators(), indicators() | map(attribute='indicator_id') | list) %}
        {% if faults %}{{ exceptions.raise_compiler_error(faults | join('\n')) }}{% endif %}
    {% endif %}
{% endmacro %}

{# What does not fit, a line for each, once each cell is of its kind. #}
{% macro index_row_faults(indices, members, indicator_ids) %}
    {% set faults = [] %}
    {% set sets = members | map(attribute='indicator_set') | unique | list %}
    {% set seen = [] %}
    {% for member in members %}
        {% if member.indicator_id not in indicator_ids %}
            {% do faults.append(cell_message(
                'index_indicators', member.indicator_id, 'indicator_id',
                'there is no such indicator' ~ nearest_in_words(member.indicator_id, indicator_ids)
                ~ ' Add its row to resilience_indicators, or correct the name.'
            )) %}
        {% endif %}
        {% if (member.indicator_set, member.indicator_id) in seen %}
            {% do faults.append(cell_message(
                'index_indicators', member.indicator_id, 'indicator_set',
                'the indicator stands twice in set ' ~ shown(member.indicator_set) ~ '. Remove one row.'
            )) %}
        {% endif %}
        {% do seen.append((member.indicator_set, member.indicator_id)) %}
    {% endfor %}
    {% set index_ids = [] %}
    {% for index in indices %}
        {% if index.index_id in index_ids %}
            {% do faults.append(cell_message(
                'index_definitions', index.index_id, 'index_id', 'the name stands twice. Rename one row.'
            )) %}
        {% endif %}
        {% do index_ids.append(index.index_id) %}
        {% for column, what in index_faults(index, members, sets) %}
            {% do faults.append(cell_message('index_definitions', index.index_id, column, what)) %}
        {% endfor %}
    {% endfor %}
    {{ return(faults) }}
{% endmacro %}

{# Faults of one index as pairs of column and text: a setting that its other settings do not read is one. #}
{% macro index_faults(index, members, sets) %}
    {% set faults = [] %}
    {% set own = members | selectattr('indicator_set', 'equalto', index.indicator_set) | list %}
    {% set shift, floor = index.zero_shift or 0, index.score_floor or 0 %}
    {% if not own %}
        {% do faults.append(('indicator_set',
            shown(index.indicator_set) ~ ' has no row in index_indicators' ~ nearest_in_words(index.indicator_set, sets)
            ~ ' Add its indicators there, or correct the name.')) %}
    {% endif %}
    {% if index.weighting == 'given' and own %}
        {% set without = own | selectattr('given_weight', 'none') | map(attribute='indicator_id') | list %}
        {% if without %}
            {% do faults.append(('weighting',
                'given weights are missing for ' ~ without | join(', ')
                ~ '. Fill given_weight in index_indicators, 0 included.')) %}
        {% elif own | sum(attribute='given_weight') == 0 %}
            {% do faults.append(('weighting',
                'every given weight of set ' ~ shown(index.indicator_set) ~ ' is 0. Fill given_weight in index_indicators.')) %}
        {% endif %}
    {% endif %}
    {% if index.weighting != 'entropy' and shift > 0 %}
        {% do faults.append(('zero_shift',
            'only entropy weights read it, and these are ' ~ shown(index.weighting) ~ '. Leave it empty.')) %}
    {% endif %}
    {% if index.aggregation == 'geometric' and index.normalization == 'z_score' %}
        {% do faults.append(('aggregation',
            'a geometric mean needs scores above 0, and z-scores lie around 0. Take min_max or rank.')) %}
    {% elif index.aggregation == 'geometric' and not (0 < floor and floor < 1) %}
        {% do faults.append(('score_floor',
            'a geometric mean is 0 wherever one score is: it needs a lowest score above 0 and below 1, such as 0.01.')) %}
    {% elif index.aggregation != 'geometric' and floor > 0 %}
        {% do faults.append(('score_floor',
            'only a geometric mean reads it, and this is ' ~ shown(index.aggregation) ~ '. Leave it empty.')) %}
    {% endif %}
    {{ return(faults) }}
{% endmacro %}

{# End of a sentence: the names that may have been meant, or all where none is near. #}
{% macro nearest_in_words(name, known) %}
    {% set near = nearest_names(name, known) %}
    {{ return(' (nearest: ' ~ near | join(', ') ~ ').' if near
        else ' (known: ' ~ known | join(', ') ~ ').' if known else '.') }}
{% endmacro %}
