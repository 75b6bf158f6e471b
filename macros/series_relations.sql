{# Ratios between series whose typical value is known: rows of seed series_relations. #}

{# Rows of the seed, each of whose expressions names series, or `last_` and a series for its value a year
   before, or the census, and nothing else. #}
{% macro relation_rules() %}
    {% set known = yearbook_series() %}
    {% for series in yearbook_series() %}{% do known.append('last_' ~ series) %}{% endfor %}
    {% do known.append('census_employed_persons') %}
    {% for row in seed_file_rows('series_relations') %}
        {% for column in ('numerator', 'denominator') %}
            {% set fault = expression_fault(row[column] or '', known) %}
            {% if fault %}
                {{ exceptions.raise_compiler_error(
                    'Seed series_relations, ' ~ shown(row.relation) ~ ', column `' ~ column ~ '`: ' ~ shown(row[column])
                    ~ ' ' ~ fault ~ ' Correct the row.') }}
            {% endif %}
        {% endfor %}
        {% if not is_identifier(row.relation) %}
            {{ exceptions.raise_compiler_error(
                'Seed series_relations: ' ~ shown(row.relation) ~ ' is no name. Write lower-case letters, digits and '
                ~ 'underscores, a letter first.') }}
        {% endif %}
    {% endfor %}
    {{ return(seed_file_rows('series_relations')) }}
{% endmacro %}
